"""Why two claims contradict each other, in words, in the language of the first quotation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.findings.clauses import Sort, terms_of
from vaultc.findings.topic import concepts_of
from vaultc.language.detect import language_of

if TYPE_CHECKING:
    from vaultc.core.source import Quote
    from vaultc.findings.claim import Claim
    from vaultc.findings.clauses import Term

_EN = {
    "unit": "one number in different units, {a} and {b}",
    "": "{a} and {b}",
}
_RU = {
    "unit": "одно число в разных единицах, {a} и {b}",
    "": "{a} и {b}",
}
_LONGEST = 90
_MAX_SUBJECT_WORDS = 7
_FEW_LETTERS = 3
_MARKS = " .!;:,*_~=`"
_JOINTS = frozenset({Sort.LIGHT, Sort.NEGATION})
_RU_ATTRIBUTES = {
    "power": "мощность",
    "voltage": "напряжение",
    "current": "ток",
    "price": "цена",
    "budget": "бюджет",
    "volume": "объём",
    "flow": "расход",
    "temperature": "температура",
    "height": "высота",
    "width": "ширина",
    "length": "длина",
    "depth": "глубина",
    "thickness": "толщина",
    "diameter": "диаметр",
    "distance": "расстояние",
    "weight": "масса",
    "area": "площадь",
    "speed": "скорость",
    "duration": "длительность",
    "interval": "интервал",
    "deadline": "срок",
    "start": "начало",
    "end": "окончание",
    "opens": "открытие",
    "expires": "срок действия",
    "born": "дата рождения",
    "version": "версия",
    "owner": "ответственный",
    "lead": "руководитель",
    "author": "автор",
    "status": "состояние",
    "colour": "цвет",
    "material": "материал",
    "location": "место",
    "language": "язык",
    "frequency": "частота",
    "memory": "память",
    "resolution": "разрешение",
    "count": "количество",
    "date": "дата",
    "time": "время",
    "weekday": "день недели",
}


def reason_for(kind: str, a: Claim, b: Claim) -> str:
    """Give the subject as a note names it, the attribute, and both values: "Насос: мощность 60 Вт и 90 W"."""
    if kind in {"policy", "negation"}:
        return _deeds(a.quote, b.quote)
    language = language_of(a.quote.text if _has_words(a.quote.text) else a.subject_text)
    name = (a.attribute if not a.attribute.endswith("?") else b.attribute).rstrip("?")
    attribute = _attribute(name, language)
    texts = _RU if language == "ru" else _EN
    values = texts.get(kind, texts[""]).format(a=_words(a.value.text), b=_words(b.value.text))
    return f"{_subject(a, b)}: {attribute} {values}".replace(":  ", ": ")


def _attribute(name: str, language: str) -> str:
    """Give the attribute in words; one that only a unit or a counted thing tells needs none."""
    if name in _RU_ATTRIBUTES:
        return _RU_ATTRIBUTES[name] if language == "ru" else name
    return ""


def _has_words(text: str) -> bool:
    return sum(char.isalpha() for char in text) > _FEW_LETTERS


def _subject(a: Claim, b: Claim) -> str:
    """Give the title of the note that is about the subject, else the words of the first quotation that name it."""
    for claim in (a, b):
        title = claim.path.rpartition("/")[2].rpartition(".")[0]
        if title and claim.subject and {*concepts_of(terms_of(title))} == {*a.subject}:
            return title
    named = {word.casefold() for word in a.subject_text.split()}
    spots = [term for term in terms_of(a.quote.text) if term.text.casefold() in named]
    if spots and len(spots) >= len(named):
        start = min((term.start for term in _qualifiers(a.quote.text, spots[0])), default=spots[0].start)
        between = a.quote.text[start : spots[-1].end]
        if len(between.split()) <= _MAX_SUBJECT_WORDS and a.value.text not in between:
            return _words(between)
    return _words(a.subject_text) or a.path


def _qualifiers(text: str, first: Term) -> list[Term]:
    """Give the words right before the subject that set it apart from its like: "night ferry"."""
    found: list[Term] = []
    for term in reversed([term for term in terms_of(text) if term.start < first.start]):
        if term.sort is not Sort.SCOPE:
            break
        found.append(term)
    return found


def _deeds(a: Quote, b: Quote) -> str:
    """Give what both statements are about once, and then what each says of it; in full where nothing is shared."""
    one, two = terms_of(a.text), terms_of(b.text)
    shared = _shared(one, two)
    if not shared:
        return f"{_short(a.text)} / {_short(b.text)}"
    subject = _words(a.text[one[_first(one)].start : one[shared - 1].end])
    return f"{subject}: {_short(a.text[one[shared - 1].end :])} / {_short(b.text[two[shared - 1].end :])}"


def _first(terms: tuple[Term, ...]) -> int:
    return next((at for at, term in enumerate(terms) if term.sort is not Sort.LIGHT), 0)


def _shared(one: tuple[Term, ...], two: tuple[Term, ...]) -> int:
    """Give how many words both begin with up to the first that only joins, binds or denies, at least one behind."""
    at = _first(one)
    if at != _first(two):
        return 0
    start = at
    while at < min(len(one), len(two)) - 1 and one[at].folded == two[at].folded and one[at].sort not in _JOINTS:
        at += 1
    return at if at > start else 0


def _short(text: str) -> str:
    plain = _words(text).strip(_MARKS)
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1].rstrip() + "…"


def _words(text: str) -> str:
    return " ".join(text.split()).strip("*_~=")

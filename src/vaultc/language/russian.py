"""Russian words by pymorphy3 and its dictionary (OpenCorpora). The only importer of pymorphy3."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from vaultc.language.form import Form, Mood, Pos, Tense
from vaultc.language.lexicon import phrases
from vaultc.language.stems import fold

_POS = {
    "NOUN": Pos.NOUN, "NPRO": Pos.PRONOUN, "VERB": Pos.VERB, "INFN": Pos.VERB, "GRND": Pos.VERB, "PRTF": Pos.ADJECTIVE,
    "PRTS": Pos.VERB, "ADJF": Pos.ADJECTIVE, "ADJS": Pos.ADJECTIVE, "COMP": Pos.ADVERB, "NUMR": Pos.NUMERAL,
    "ADVB": Pos.ADVERB, "PRED": Pos.MODAL, "PREP": Pos.PREPOSITION, "CONJ": Pos.COORDINATOR, "PRCL": Pos.PARTICLE,
}  # fmt: skip
_MOOD = {
    "INFN": Mood.INFINITIVE, "GRND": Mood.GERUND, "PRTF": Mood.PARTICIPLE, "PRTS": Mood.SHORT, "ADJS": Mood.SHORT,
}  # fmt: skip
_TENSE = {"past": Tense.PAST, "pres": Tense.PRESENT, "futr": Tense.FUTURE}
_CASES = {"nomn": "nomn", "gent": "gent", "gen2": "gent", "datv": "datv", "accs": "accs", "ablt": "ablt"} | {
    "loct": "loct",
    "loc2": "loct",
    "voct": "nomn",
}
_CLOSED = (Pos.SUBORDINATOR, Pos.COORDINATOR, Pos.PARTICLE, Pos.ADVERB, Pos.MODAL, Pos.PREPOSITION)
_MOST = 6
_CACHE_WORDS = 50_000


@cache
def _analyzer() -> Any:  # noqa: ANN401 - it has no types
    import pymorphy3  # its dictionary takes 0.1 s to open

    return pymorphy3.MorphAnalyzer()


@lru_cache(_CACHE_WORDS)
def analyse(folded: str) -> tuple[Form, ...]:
    """Give what a Russian word may be, the likeliest first; an unknown one is guessed by its ending."""
    closed = _closed().get(folded)
    if closed is not None:
        return closed
    found: list[Form] = []
    for parse in _analyzer().parse(folded)[:_MOST]:
        form = _form(parse)
        if form is not None and form not in found:
            found.append(form)
    return tuple(found) or (Form(folded, Pos.OTHER, is_known=False),)


def inflected(lemma: str) -> tuple[str, ...]:
    """Give the forms of a Russian word by its dictionary form."""
    return tuple(form.word for parse in _analyzer().parse(lemma)[:_MOST] for form in parse.lexeme)


def _form(parse: Any) -> Form | None:  # noqa: ANN401 - it has no types
    tag = parse.tag
    pos = _POS.get(str(tag.POS))
    if pos is None:
        return None
    mood = _MOOD.get(str(tag.POS), Mood.NONE)
    if tag.POS == "VERB":
        mood = Mood.IMPERATIVE if tag.mood == "impr" else Mood.FINITE
    lemma = fold(parse.normal_form)
    if pos is Pos.ADJECTIVE and "Apro" in tag:
        pos = Pos.DETERMINER
    return Form(
        lemma,
        pos,
        mood,
        Tense.NONE if mood is Mood.SHORT else _TENSE.get(str(tag.tense), Tense.NONE),
        {"1per": 1, "2per": 2, "3per": 3}.get(str(tag.person), 0),
        None if tag.number is None else tag.number == "plur",
        _CASES.get(str(tag.case), ""),
        str(tag.gender or ""),
        is_passive=tag.voice == "pssv",
        is_name=bool({"Name", "Surn", "Patr", "Geox", "Orgn", "Trad"} & tag.grammemes),
        is_animate=tag.animacy == "anim",
        is_known=bool(parse.is_known),
        weight=float(parse.score),
    )


@cache
def _closed() -> dict[str, tuple[Form, ...]]:
    """Give the words of the closed classes that the dictionary leaves between two of them."""
    table: dict[str, tuple[Form, ...]] = {}
    for pos in (
        Pos.SUBORDINATOR,
        Pos.COORDINATOR,
        Pos.PARTICLE,
        Pos.ADVERB,
        Pos.DETERMINER,
        Pos.MODAL,
        Pos.PREPOSITION,
    ):
        table |= {word: (Form(word, pos),) for word in phrases("grammar", pos.value, language="ru")}
    return table


@lru_cache(_CACHE_WORDS)
def in_case(folded: str, lemma: str, case: str, number: str = "") -> str:
    """Give a noun or adjective in another case ("nomn", "gent"), of the same number or in `number` ("sing", "plur").

    `lemma` tells which reading is meant. The word comes back as it is where the dictionary has no such form.
    """
    for parse in _analyzer().parse(folded):
        if fold(parse.normal_form) == lemma and parse.tag.POS in {"NOUN", "ADJF", "PRTF"}:
            made = parse.inflect({case, number} if number else {case})
            return made.word if made is not None else folded
    return folded

"""How binding a sentence is: the words that say must, should, may and their negations, in both languages."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vaultc.language.lexicon import listed
from vaultc.language.phrases import Hit, Phrasebook, folded_words

_RU_MUST = (
    "должен должна должно должны обязан обязана обязано обязаны нужен нужна нужны необходим необходима необходимы"
)
_DUTY = _RU_MUST.split()[:4]
_BOUND = _RU_MUST.split()[4:8]
_NEED = _RU_MUST.split()[8:11]


def _each(template: str, forms: list[str]) -> str:
    return ";".join(template.replace("_", form) for form in forms)


_BOOK = Phrasebook(
    [
        (
            "must",
            "must; shall; has ~ to; have ~ to; need ~ to; needs ~ to; needs; required; requires; mandatory; obligatory;"
            "compulsory; is to; are to; at most; at least; no more than; no less than; not more than; not less than;"
            "no fewer than; no later than; no earlier than; no longer than; not exceed; not to exceed",
        ),
        ("must", ";".join(_RU_MUST.split())),
        (
            "must",
            "надо; нужно; необходимо; требуется; требуются; обязательно; обязателен; обязательна; обязательны;"
            "не более; не менее; не больше; не меньше; не реже; не чаще; не позже; не позднее; не раньше; не выше;"
            "не ниже; не дольше; не свыше; не превышать; не превышает; не должен превышать; не должна превышать;"
            "не должно превышать; не должны превышать; must not exceed; shall not exceed; must never exceed;"
            "не может превышать; cannot exceed; may not exceed; can't exceed",
        ),
        (
            "must_not",
            "must ~ not; must ~ never; mustn't; shall ~ not; shall ~ never; shan't; may not; cannot; can not; can't;"
            "can ~ never; must under no circumstances; must by no means; is not allowed; are not allowed; not allowed;"
            "isn't allowed; aren't allowed; not permitted; forbidden; prohibited; is not to; are not to; never;"
            "under no circumstances; by no means; not acceptable; unacceptable; no longer allowed; must no longer;"
            "is never to; are never to; has never to; not be allowed; never be allowed",
        ),
        (
            "must_not",
            f"{_each('не _', _DUTY)}; {_each('никогда не _', _DUTY)}; {_each('_ никогда не', _DUTY)};"
            f"{_each('ни в коем случае не _', _DUTY)};"
            f"{_each('_ ни в коем случае не', _DUTY)}; {_each('_ не', _DUTY)};"
            "нельзя; ни в коем случае; ни в коем случае не; ни в коем случае нельзя; никогда нельзя;"
            "ни при каких условиях; ни при каких обстоятельствах; никогда не; никогда ни; никогда не может;"
            "запрещено; запрещается; запрещен; запрещена; запрещены; воспрещается; не допускается; не допускаются;"
            "не допускать; недопустимо; недопустим; недопустима; недопустимы; не разрешается; не разрешено;"
            "не разрешен; не разрешена; не разрешены; не может; не могут; не вправе; не имеет права; не имеют права",
        ),
        ("should", "should; ought ~ to; recommended; prefer; prefers; preferably; preferred; had better; better to"),
        ("should", "would be good; advisable; ideally; it is best to; is best to"),
        (
            "should",
            "следует; стоит; желательно; лучше; рекомендуется; рекомендуем; предпочтительно; предпочтительнее;"
            "хорошо бы; хотелось бы; стоило бы; следовало бы; неплохо бы; в идеале; советую",
        ),
        (
            "should_not",
            "should ~ not; should ~ never; shouldn't; ought ~ not; ought ~ never; oughtn't; not recommended;"
            "discouraged; should ~ avoid; prefer not; better not; had better not; not advisable; inadvisable",
        ),
        (
            "should_not",
            "не следует; не следовало бы; не стоит; не стоило бы; не рекомендуется; нежелательно; не желательно;"
            "лучше не; не надо; не советую; никогда не следует; никогда не стоит; следует избегать; стоит избегать",
        ),
        (
            "may",
            "may; might; can; could; optional; optionally; nice to have; allowed; allowed to; is allowed; are allowed;"
            "permitted; is permitted; are permitted; free to; if desired; not required; isn't required; not necessary;"
            "not mandatory; not obligatory; unnecessary; need not; needn't; no need to; not need to; not needed;"
            "don't need to; doesn't need to; do not need to; does not need to; not have to; do not have to;"
            "does not have to; don't have to; doesn't have to; didn't have to; not obliged to; won't have to;"
            "would be nice",
        ),
        (
            "may",
            f"{_each('не _', _BOUND)}; {_each('не _', _NEED)}; не обязательно; необязательно; необязателен;"
            "необязательна; необязательны; не обязателен; не обязательна; не обязательны; не нужно; не требуется;"
            "не требуются; не необходимо; нет необходимости; нет нужды; незачем; может; могут; можно; по желанию;"
            "при желании; опционально; опциональный; опционален; опциональна; разрешено; разрешается; разрешен;"
            "разрешена; разрешены; допускается; допускаются; допустимо; вправе; имеет право; имеют право; возможность",
        ),
    ]
)
_GOALS = listed(
    """
    aim alternative answer approach best challenge choice dream first fix goal hope idea intention job mission
    next objective option plan point problem purpose question reason rule solution step task temptation thing
    trick way work
    """
)
_INFINITIVE = re.compile(r"(?:ть|ти|чь|ться|тись|чься)$")
_DO_NOT = frozenset({"do", "don't", "dont", "avoid"})
_CAN_NOUN = frozenset({"a", "the", "watering", "trash", "garbage", "gas", "spray", "paint", "one", "another"})
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LIST_MARK = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])?\s*(?:\[.\])?\s*")
_LOOK_BACK = 8


@dataclass(frozen=True, slots=True)
class ModalMark:
    """A word or phrase of modality at `[start, end)`; `marker` is its text as written.

    `modality` is "must", "should", "may", "must_not" or "should_not".
    """

    modality: str
    start: int
    end: int
    marker: str
    language: str


def _is_infinitive_near(folded: list[str], after: int) -> bool:
    """Tell whether an infinitive stands within the three words behind `after`."""
    return any(_INFINITIVE.search(word) for word in folded[after + 1 : after + 4])


def _is_false_russian(folded: list[str], hit: Hit, phrase: str) -> bool:
    """Tell whether a word of modality means something else here: it costs, it follows, better than, perhaps."""
    before = folded[hit.first - 1] if hit.first else ""
    after = folded[hit.last + 1] if hit.last + 1 < len(folded) else ""
    if phrase in ("стоит", "не стоит", "лучше", "лучше не"):
        return not _is_infinitive_near(folded, hit.last)
    if phrase in ("следует", "не следует"):
        return before in ("как", "этого", "чего", "того", "отсюда", "далее") or after in ("из", "за", "что")
    if phrase == "может":
        return after == "быть" and (before == "" or _ends_there(folded, hit.last + 2))
    if phrase == "возможность":
        return after not in ("", "для") and not _is_infinitive_near(folded, hit.last)
    return phrase == "не более" and after == "чем" and folded[hit.last + 2 : hit.last + 3] == ["просто"]


def _ends_there(folded: list[str], at: int) -> bool:
    return at >= len(folded)


def _is_false_english(sentence_words: list[str], folded: list[str], hit: Hit, phrase: str) -> bool:
    """Tell whether a word of modality means something else here: a month, a tin, the goal of a project."""
    before = folded[hit.first - 1] if hit.first else ""
    after = folded[hit.last + 1] if hit.last + 1 < len(folded) else ""
    if phrase == "may":
        return after.isdigit() or before.isdigit() or (sentence_words[hit.first] == "May" and hit.first > 0)
    if phrase in ("can", "could", "might"):
        return phrase == "can" and before in _CAN_NOUN
    if phrase in ("is to", "are to"):
        return bool(_GOALS.intersection(folded[max(0, hit.first - _LOOK_BACK) : hit.first])) or after == "the"
    if phrase in ("needs", "allowed", "permitted"):
        return before in ("the", "my", "his", "her", "their", "our", "your", "only")
    return phrase == "never" and after in ("mind", "been", "ending")


def _start_mark(sentence: str, folded: list[str]) -> tuple[str, int] | None:
    """Give the modality of an opening "do not", "avoid", «не» + infinitive, and how many words it takes."""
    if not folded:
        return None
    if folded[0] in ("don't", "dont") or folded[:2] == ["do", "not"]:
        length = 2 if folded[0] == "do" else 1
        is_modal = folded[length : length + 2] in (["have", "to"], ["need", "to"])
        return None if is_modal else ("must_not", length)
    if folded[0] == "avoid":
        return "should_not", 1
    if folded[0] == "не" and len(folded) > 1 and _INFINITIVE.search(folded[1]) and len(folded[1]) > 3:
        return "must_not", 1
    return None


def modal_marks(sentence: str) -> list[ModalMark]:
    """Give the marks of modality of `sentence` in order, each with its negation.

    "does not have to" and «не обязан» are "may", "must not" and «нельзя» "must_not"; bounds such as "at most"
    and «не реже» count as "must". Time is linear in the length of `sentence`.
    """
    found, folded = folded_words(sentence)
    texts = [word.text for word in found]
    marks: list[ModalMark] = []
    opening = _start_mark(sentence, folded)
    if opening:
        modality, length = opening
        marks.append(_mark(sentence, modality, found[0].start, found[length - 1].end))
    for hit in _BOOK.hits(folded):
        if opening and hit.first < opening[1]:
            continue
        phrase = " ".join(folded[hit.first : hit.last + 1])
        is_russian = _CYRILLIC.search(phrase) is not None
        is_false = (
            _is_false_russian(folded, hit, phrase) if is_russian else _is_false_english(texts, folded, hit, phrase)
        )
        if not is_false:
            marks.append(_mark(sentence, hit.label, found[hit.first].start, found[hit.last].end))
    return marks


def _mark(sentence: str, modality: str, start: int, end: int) -> ModalMark:
    marker = sentence[start:end]
    return ModalMark(modality, start, end, marker, "ru" if _CYRILLIC.search(marker) else "en")

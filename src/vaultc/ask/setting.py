"""Whether a sentence and a quotation speak of different things in nearly the same words."""

from __future__ import annotations

import re

from vaultc.language.contrasts import setting_apart
from vaultc.language.quantities import quantities
from vaultc.language.reading import Force, Stance, read
from vaultc.language.stems import stem, words

# A quotation with one of these speaks of less than, or of another thing than, a sentence without it.
_NARROWING = """
spare backup reserve former previous planned fake imaginary запасной резервный бывший прежний прошлый поддельный
"""
_UNREAL = """
would could've wish планируем планирую планирует собираемся собираюсь надеюсь надеемся хотим хочу hope intend maybe
perhaps possibly probably guess наверное возможно вероятно кажется бы планировали plan plans
"""
_LEAVE = frozenset({Force.MAY, Force.WAIVED, Force.SHOULD})
_NOW = re.compile(r"\b(?:now|теперь|сейчас)\b", re.IGNORECASE)
_ONCE = re.compile(r"\b(?:was|were|used to|раньше|прежде|был|была|было|были)\b", re.IGNORECASE)
_UP, _DOWN = frozenset({">", ">="}), frozenset({"<", "<="})


def set_apart(sentence: str, quoted: str) -> str:
    """Give what sets a sentence apart from what it is held against, or an empty text.

    Opposed words ("day" and "night"), a narrowing word or a wish that only the quotation has, a duty where it
    gives leave, a limit from the other side, a value that is no longer so.
    """
    group = setting_apart(sentence, quoted)
    if group:
        return group
    ours, theirs = _forms(sentence), _forms(quoted)
    if _only_there(_NARROWING, ours, theirs):
        return "narrowing"
    if _only_there(_UNREAL, ours, theirs):
        return "unreal"
    if _binds_more(sentence, quoted):
        return "duty"
    return _limits(sentence, quoted) or _former(sentence, quoted)


def is_imagined(text: str) -> bool:
    """Tell whether a text says what would be, and not what is."""
    return Stance.SUPPOSED in read(text).stances


def _binds_more(sentence: str, quoted: str) -> bool:
    """Tell whether a sentence makes a duty of what is left open where it was taken from."""
    if Force.MUST not in {binding.force for binding in read(sentence).modal}:
        return False
    there = {binding.force for binding in read(quoted).modal}
    return Force.MUST not in there and bool(there & _LEAVE)


def _forms(text: str) -> frozenset[str]:
    return frozenset(stem(word.text) for word in words(text))


def _only_there(listed_words: str, ours: frozenset[str], theirs: frozenset[str]) -> bool:
    known = frozenset(stem(word) for word in listed_words.split())
    return bool((theirs & known) - ours) and not ours & known


def _limits(sentence: str, quoted: str) -> str:
    sides: dict[tuple[float, str], set[str]] = {}
    for found in quantities(quoted):
        sides.setdefault(found.normalised(), set()).add(found.comparator or "")
    for found in quantities(sentence):
        there = sides.get(found.normalised())
        if there and found.comparator:
            other = _DOWN if found.comparator in _UP else _UP
            if there <= other:
                return "limit"
    return ""


def _former(sentence: str, quoted: str) -> str:
    """Tell of "was 60 W, now it is 90 W" that 60 W is no longer so."""
    turn = _NOW.search(quoted)
    if turn is None or _ONCE.search(sentence) or not _ONCE.search(quoted[: turn.start()]):
        return ""
    said = {found.normalised() for found in quantities(sentence)}
    before = {found.normalised() for found in quantities(quoted[: turn.start()])}
    after = {found.normalised() for found in quantities(quoted[turn.start() :])}
    return "time" if said & (before - after) else ""

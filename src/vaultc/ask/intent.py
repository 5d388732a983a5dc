"""What a question asks for: an answer from the notes, or an analysis of the whole vault.

Conservative: whatever names a topic without asking to find or list is a question.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from vaultc.language.stems import stem, stems


class IntentKind(StrEnum):
    """What is asked for."""

    QUESTION = "question"
    CONTRADICTIONS = "contradictions"
    MISSING_LINKS = "missing_links"


@dataclass(frozen=True, slots=True)
class Intent:
    """What is asked for, and the stems of the topic an analysis is to be narrowed to (empty: everything)."""

    kind: IntentKind
    topic: tuple[str, ...] = ()


_CLASH = """
contradiction contradictions contradict contradicts contradicting inconsistency inconsistencies inconsistent conflicting
conflicts disagree противоречия противоречие противоречий противоречу противоречат противоречит нестыковки нестыковка
расхождения несоответствия
"""
_MISSING = "missing unlinked absent forgotten не нет хватает недостающие недостаёт пропущенные отсутствующие забытые"
_LINKS = "link links backlink backlinks ссылка ссылки ссылок связи связей"
_ORDERS = """
find list show report detect search check look give tell где найди найти покажи показать перечисли проверь поищи выведи
where which what any are there do does is is can какие какая каких есть ли
"""
_IMPERATIVES = (
    "find list show report detect search check look найди найти покажи показать перечисли проверь поищи выведи"
)
_VAULT = """
note notes vault my mine myself own i me self all whole entire other each every one another between across here
заметка заметки заметках заметок хранилище хранилища хранилищу база базе мой моих моём мои моя я меня мне сам сама себе
себя самому самой весь всё все всех всём другу друг друга между собой здесь у
please пожалуйста the a an in of to for with from that this have has and or may might be в во на по из и или с со бы же
"""
_ABOUT = "about on regarding concerning про о об обо насчёт относительно касающиеся"


@lru_cache(maxsize=16)
def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in text.split())


def intent_of(question: str) -> Intent:
    """Tell what `question` asks for; an analysis "about" something carries that topic."""
    found = stems(question)
    kind = _analysis(set(found))
    if kind is IntentKind.QUESTION:
        return Intent(kind)
    words = _CLASH if kind is IntentKind.CONTRADICTIONS else _MISSING + " " + _LINKS
    known = _stems(words) | _stems(_ORDERS) | _stems(_VAULT) | _stems(_ABOUT)
    topic = tuple(word for word in found if word not in known)
    if not topic:
        return Intent(kind)
    is_order = bool(found) and found[0] in _stems(_IMPERATIVES)
    return Intent(kind, topic) if is_order else Intent(IntentKind.QUESTION)


def _analysis(found: set[str]) -> IntentKind:
    if found & _stems(_CLASH):
        return IntentKind.CONTRADICTIONS
    if found & _stems(_LINKS) and found & _stems(_MISSING):
        return IntentKind.MISSING_LINKS
    return IntentKind.QUESTION

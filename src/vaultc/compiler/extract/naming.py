"""Names of things from headings, lead lines and keys: "Stations (table)" is a Station."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vaultc.compiler.extract.topics import Topic, topic_of
from vaultc.language.lexicon import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

# "Each reading has:", «У каждого датчика есть:»: the thing is in the middle.
_HAS = re.compile(
    r"^(?:(?:each|every|an?|one|the|у|в|для|кажд\w{1,4})\s){0,3}(?P<thing>[\w\s-]{2,40}?)\s(?:has|have|"
    r"holds?|contains?|keeps?|consists?|"
    r"carries|stores?|есть|имеет|содержит|хранит|состоит|храним|хранятся)\b",
    re.IGNORECASE,
)
_STARTS = re.compile(
    r"^(?:an?|the|each|every|one|fields of|data of|schema of|structure of|table of|states? of|status of|"
    r"lifecycle of|table|"
    r"type|class|поля|данные|схема|структура|таблица|состояния?|статусы?|жизненный цикл|тип|класс|"
    r"кажд\w{1,4}|один|одна|одно)\s+(?:the\s|of\s|an?\s)?",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"(?<!\s)\s+(?:fields?|data|schema|record|table|model|entity|structure|states?|lifecycle|object|keys|поля|"
    r"данные|таблица|схема)$",
    re.IGNORECASE,
)
_GENERIC = listed(
    "keys key ключи ключ file the_file файл properties свойства attributes атрибуты columns колонки "
    "worked данные запись"
)
_THING_TOPICS = frozenset({Topic.OTHER, Topic.FLOW})
_MAX_WORDS = 4


def singular(word: str) -> str:
    """Give the singular of an English plural by rule; other words as they are."""
    lower = word.lower()
    if not word.isascii() or len(word) < 4 or lower.endswith(("ss", "us", "is", "news", "series", "tides clock")):
        return word
    if lower.endswith("ies"):
        return word[:-3] + "y"
    if lower.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    return word[:-1] if lower.endswith("s") else word


def thing_name(text: str) -> str:
    """Give the thing that a heading or lead line names, or an empty text where it names none."""
    words = text.split("(")[0].strip(" :.*_`#").replace("`", "")
    if ":" in words:
        words = words.rsplit(":", 1)[-1].strip() or words.split(":")[0]
    has = _HAS.match(words)
    if has:
        words = has["thing"]
    words = words.strip()
    if not has and _is_generic(words):
        return ""
    shorter = _STARTS.sub("", words)
    shorter = _ENDS.sub("", shorter).strip(" -–—,")
    if not shorter or len(shorter.split()) > _MAX_WORDS or (not has and _is_generic(shorter)):
        return ""
    parts = shorter.split()
    parts[-1] = singular(parts[-1])
    return " ".join(parts)


def _is_generic(words: str) -> bool:
    """Tell whether every word of a short heading speaks of data, steps and the like, and none of a thing."""
    parts = words.lower().split()
    if words.lower() in _GENERIC or len(parts) > 2:
        return words.lower() in _GENERIC
    return all(part in _GENERIC or topic_of(part) not in _THING_TOPICS for part in parts)


def name_from(headings: Sequence[str], title: str) -> str:
    """Give the name for something that stands under `headings`, the last one nearest; else the note's title."""
    for number, heading in enumerate(reversed(headings)):
        name = thing_name(heading)
        if name and (number == 0 or number < len(headings) - 1):
            return name
    return title

"""Conditions from outside: platform, language, licence, budget, "offline", "standard library", «без интернета»."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vaultc.compiler.extract.topics import Topic, topic_of_path
from vaultc.compiler.unit import Constraint
from vaultc.core.digest import short_id
from vaultc.language.stems import content_stems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vaultc.compiler.extract.region import Region
    from vaultc.compiler.extract.statements import Statement
    from vaultc.core.source import Quote, Span

_KEYS = re.compile(
    r"^(?:language|platform|storage|licen[cs]e|stack|budget|python|os|device|hardware|runtime|database|"
    r"dependencies|framework|target|deadline|"
    r"язык|платформа|хранение|хранилище|лицензия|стек|бюджет|железо|устройство|база|зависимости|срок)$",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"\b(?:offline|off-line|without (?:a |the |any )?(?:network|internet|cloud|server|database|account)|no "
    r"(?:network|internet|cloud|server|database|accounts?|dependencies)|"
    r"(?:not|never) (?:use|need|touch|call|reach) the (?:network|internet)|standard library|stdlib|only "
    r"python|python\s?3|no third.party|raspberry|arduino|esp32|"
    r"(?:on|under) (?:linux|windows|macos|android|ios)|(?:mit|gpl|apache|bsd)\slicen[cs]e|licen[cs]ed? under|budget of|"
    r"без (?:интернета|сети|облак\w{0,3}|сервера|зависимостей|базы данных|приложени\w{0,2})|офлайн|оффлайн|"
    r"обращаться к сети|ходить в сеть|"
    r"стандартн\w{2,3} библиотек\w{0,2}|лицензи[яиюей]|бюджет\w{0,2}|(?:на|под) (?:linux|windows|android|"
    r"линукс\w{0,2}|питоне|python))\b",
    re.IGNORECASE,
)
_NOT_HERE = frozenset(
    {
        Topic.HISTORY,
        Topic.REFERENCES,
        Topic.QUESTIONS,
        Topic.EXAMPLES,
        Topic.DECISIONS,
        Topic.RISKS,
        Topic.TASKS,
        Topic.OPTIONAL,
    }
)
_MAX_WORDS = 45


def find_constraints(
    regions: Sequence[Region], said: Iterable[Statement], taken: frozenset[Span]
) -> tuple[Constraint, ...]:
    """Give the constraints of the idea and its embeds, each once.

    Under a heading of constraints each item is one unless it is a requirement already (`taken`: their places);
    elsewhere the words decide.
    """
    found: dict[tuple[str, ...], Constraint] = {}
    for text, quote in (*_in_fields(regions), *_in_statements(said, taken)):
        key = tuple(sorted(set(content_stems(text)))) or (text,)
        found.setdefault(key, Constraint(short_id("K", ("constraint", *key)), text, (quote,)))
    return tuple(found.values())


def _in_fields(regions: Sequence[Region]) -> Iterator[tuple[str, Quote]]:
    for region in regions:
        if region.role == "link":
            continue
        for prop in region.note.properties:
            if (
                region.role == "idea"
                and not region.is_unsaid(prop.span)
                and _KEYS.match(prop.key)
                and isinstance(prop.value, str | int | float)
                and str(prop.value).strip()
            ):
                yield f"{prop.key}: {prop.value}", region.quote(prop.span)
        for field in region.note.fields:
            if not region.holds(field.span) or region.is_unsaid(field.span):
                continue
            if _KEYS.match(field.key.strip()) and field.value.strip():
                yield f"{field.key.strip()}: {field.value.strip()}", region.quote(field.span)


def _in_statements(said: Iterable[Statement], taken: frozenset[Span]) -> Iterator[tuple[str, Quote]]:
    for statement in said:
        topic = topic_of_path(statement.headings)
        if (
            statement.role == "link"
            or statement.is_question
            or statement.is_lead
            or len(statement.text.split()) > _MAX_WORDS
        ):
            continue
        is_under = topic is Topic.CONSTRAINTS and statement.quote.span not in taken and statement.is_head
        if is_under or (topic not in _NOT_HERE and _WORDS.search(statement.masked)):
            yield statement.text, statement.quote

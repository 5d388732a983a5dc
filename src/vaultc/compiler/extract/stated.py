"""Bounds that sentences state of fields: "a label is at most 30 characters" bounds that of a record that has one."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from vaultc.compiler.extract.limits import limits_of
from vaultc.compiler.extract.topics import Topic, topic_of_path
from vaultc.language.form import Pos
from vaultc.language.morphology import analyse
from vaultc.language.quantities import quantities
from vaultc.language.stems import content_stems, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vaultc.compiler.extract.fields import RecordDraft
    from vaultc.compiler.extract.statements import Statement
    from vaultc.compiler.unit import Field, Limit

_UNSAID = frozenset({Topic.HISTORY, Topic.REFERENCES, Topic.EXCLUDED, Topic.EXAMPLES, Topic.OPTIONAL})
_NUMBERS = frozenset({"int", "float", "Decimal"})


class Stated:
    """The bounds of the sentences, by the fields whose names they speak of."""

    def __init__(self, records: Mapping[str, RecordDraft], said: Sequence[Statement]) -> None:
        self._owners = {key: _stems(draft.name) for key, draft in records.items()}
        self._names: dict[frozenset[str], list[tuple[str, str]]] = defaultdict(list)
        for key, draft in records.items():
            for part in draft.fields:
                if stems := _stems(part.name):
                    self._names[stems].append((key, part.name))
        self._found: dict[tuple[str, str], list[Limit]] = defaultdict(list)
        for statement in said:
            if not statement.is_question and topic_of_path(statement.headings) not in _UNSAID:
                self._read(statement)

    def _read(self, statement: Statement) -> None:
        if any(analyse(word.text)[0].pos is Pos.SUBORDINATOR for word in words(statement.masked)):
            return
        for limit in limits_of(statement.masked, statement.quote):
            if re.search(rf"{re.escape(limit.subject)}\s{{1,3}}\d", statement.masked):
                continue  # "channels 5 to 9 belong to …" picks some of them
            for place in self._of(limit):
                self._found[place].append(limit)

    def _of(self, limit: Limit) -> list[tuple[str, str]]:
        """Give the fields that a bound speaks of; the last word of its subject may be a verb: "fades take 0 to 9 s"."""
        measured = self._measures(limit)
        if measured:
            return measured
        said = limit.subject.split()
        for spoken in (said, said[:-1]):
            places = self._places(_stems(" ".join(spoken)), " ".join(spoken)) if spoken else []
            if places:
                return places
        return []

    def _measures(self, limit: Limit) -> list[tuple[str, str]]:
        """Give the field that is named by the unit of a bound of its record: "a level is 0 to 100 percent"."""
        subject = _stems(limit.subject)
        if not limit.unit or not subject:
            return []
        units = {place: quantities(f"1 {place[1]}") for places in self._names.values() for place in places}
        return [
            place
            for place, found in units.items()
            if self._owners[place[0]] == subject and len(found) == 1 and found[0].unit == limit.unit
        ]

    def _places(self, subject: frozenset[str], text: str) -> list[tuple[str, str]]:
        """Give the fields that a subject names: by all their words, and by no others but those of their record."""
        exact: list[tuple[str, str]] = []
        for names, places in self._names.items():
            if not names <= subject:
                continue
            owned = [place for place in places if (subject - names) & (self._owners[place[0]] - names)]
            exact += owned or (places if subject == names and len(places) == 1 else [])
        if exact or not _is_plural(text):
            return exact
        family = [place for names, places in self._names.items() if subject and subject <= names for place in places]
        return family if len(family) > 1 and len({key for key, _ in family}) == 1 else []

    def bounded(self, key: str, name: str, field: Field) -> Field:
        """Give `field` with the bounds that sentences state of it, where its own place states none of that kind."""
        limits = list(field.limits)
        for limit in self._found.get((key, name), ()):
            known = {item.comparator[0] for item in limits}
            if any(item.value == limit.value for item in limits):
                continue
            if limit.comparator[0] not in known and "=" not in known and _fits(limit, field) and limit not in limits:
                limits.append(limit)
        return replace(field, limits=tuple(limits))


def _stems(name: str) -> frozenset[str]:
    return frozenset(content_stems(name.replace("_", " ")))


def _is_plural(text: str) -> bool:
    first = next(words(text), None)
    return first is not None and any(form.pos is Pos.NOUN and form.is_plural for form in analyse(first.text))


def _fits(limit: Limit, field: Field) -> bool:
    if field.type in _NUMBERS:
        return limit.unit != "char"
    if field.type == "str":
        return limit.unit in {"", "char"}
    measured = quantities(f"1 {limit.unit}") if limit.unit else []
    is_counted = not measured or measured[0].dimension in {"count", "number"}
    return field.type.startswith("list[") and is_counted

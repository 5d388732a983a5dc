"""Which requirements belong together: by heading, by the thing they speak of, by the flow they describe."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from vaultc.compiler.extract.topics import Topic, topic_of
from vaultc.compiler.outline.shared import SharedWords
from vaultc.compiler.unit import EntityKind, InterfaceKind, Unit
from vaultc.language.stems import content_stems

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vaultc.compiler.unit import ContextPassage, Requirement
    from vaultc.core.source import Quote

MAX_GROUPS = 7
MAX_MEMBERS = 120  # a module that serves more is cut into parts that can still be read
_MIN_FLOW_STEMS = 2
# Headings that say what kind of statements follow, not what they are about.
_GENERAL = frozenset(
    {Topic.GOAL, Topic.PROBLEM, Topic.REQUIREMENTS, Topic.FEATURES, Topic.OPTIONAL, Topic.EXCLUDED, Topic.TASKS,
     Topic.QUALITY, Topic.CONSTRAINTS, Topic.QUESTIONS, Topic.DECISIONS, Topic.DATA, Topic.EXAMPLES, Topic.HISTORY,
     Topic.REFERENCES, Topic.RISKS, Topic.SETTINGS}
)  # fmt: skip
CORE = "\x00core"
COMMANDS = "\x00commands"


@dataclass(frozen=True, slots=True)
class Group:
    """Requirements (and flows) that one component serves; `name` is CORE where nothing names them.

    `part` counts from 1 where a group is too large for one module.
    """

    name: str
    requirements: tuple[Requirement, ...]
    flows: tuple[str, ...]
    origins: tuple[Quote, ...]
    part: int = 1


class Headings:
    """The headings above each place of the gathered passages: those of the smallest passage that covers it."""

    def __init__(self, passages: Iterable[ContextPassage]) -> None:
        by_path: dict[str, list[ContextPassage]] = {}
        for passage in passages:
            by_path.setdefault(passage.quote.span.path, []).append(passage)
        self._passages = {
            path: sorted(own, key=lambda passage: passage.quote.span.start) for path, own in by_path.items()
        }
        self._starts = {path: [item.quote.span.start for item in own] for path, own in self._passages.items()}
        # How far any passage reaches that starts no later: where none reaches a place, none further up covers it.
        self._reach = {
            path: list(accumulate((item.quote.span.end for item in own), max)) for path, own in self._passages.items()
        }

    def above(self, quote: Quote) -> tuple[str, ...]:
        """Give the headings above `quote`; none where no passage covers it."""
        span = quote.span
        own, reach = self._passages.get(span.path, []), self._reach.get(span.path, [])
        at = bisect_right(self._starts.get(span.path, []), span.start) - 1
        covering = []
        while at >= 0 and reach[at] >= span.end:
            if own[at].quote.span.covers(span):
                covering.append(own[at])
            at -= 1
        smallest = min(reversed(covering), key=_length, default=None)
        return smallest.headings if smallest is not None else ()


def _length(passage: ContextPassage) -> int:
    return passage.quote.span.end - passage.quote.span.start


def group_requirements(unit: Unit, requirements: Sequence[Requirement]) -> tuple[Group, ...]:
    """Give the groups in order of their first requirement; at most MAX_GROUPS, small ones join the core."""
    lookup = _lookup(unit)
    names = {requirement.id: _name(unit, requirement, lookup) for requirement in requirements}
    counts = Counter(names.values())
    frequent = {name for name, _ in counts.most_common(MAX_GROUPS)}
    members: dict[str, list[Requirement]] = {}
    for requirement in requirements:
        name = names[requirement.id]
        kept = name in (COMMANDS, CORE) or (name in frequent and counts[name] > 1)
        members.setdefault(name if kept else CORE, []).append(requirement)
    flows: dict[str, list[str]] = {}
    for flow in unit.flows:
        flows.setdefault(flow.name if flow.name in members else CORE, []).append(flow.id)
    flow_origins = {flow.id: flow.origins for flow in unit.flows}
    groups = []
    for name in dict.fromkeys((*members, *flows)):
        own = tuple(members.get(name, ()))
        of_flows = tuple(flows.get(name, ()))
        size = MAX_MEMBERS if name != COMMANDS else max(len(own), 1)
        for part, start in enumerate(range(0, max(len(own), 1), size), 1):
            shown = own[start : start + size]
            told = of_flows if part == 1 else ()
            origins = [quote for item in shown for quote in item.origins]
            origins += [quote for flow in told for quote in flow_origins[flow]]
            groups.append(Group(name, shown, told, tuple(dict.fromkeys(origins)), part))
    return tuple(groups)


@dataclass(frozen=True, slots=True)
class _Lookup:
    """What every requirement is compared with, computed once."""

    step_flows: tuple[str, ...]
    steps: SharedWords
    things: Mapping[str, Sequence[tuple[str, tuple[str, ...]]]]
    everywhere: Mapping[str, int]
    commands: tuple[str, ...]
    headings: Headings


def _lookup(unit: Unit) -> _Lookup:
    steps = [(flow.name, step) for flow in unit.flows if flow.name != unit.idea.title for step in flow.steps]
    things = [
        (entity.name, stems)
        for entity in unit.entities
        if entity.kind is not EntityKind.ENUM and (stems := tuple(content_stems(entity.name)))
    ]
    everywhere = Counter(stem for item in unit.requirements for stem in set(content_stems(item.text))) if things else {}
    # A thing is looked for by the word of its name that the fewest things have.
    named = Counter(stem for _, stems in things for stem in stems)
    by_stem: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for name, stems in things:
        by_stem.setdefault(min(stems, key=lambda stem: named[stem]), []).append((name, stems))
    return _Lookup(
        tuple(name for name, _ in steps),
        SharedWords(content_stems(step.text) for _, step in steps),
        by_stem,
        everywhere,
        tuple(item.name for item in unit.interfaces if item.kind is InterfaceKind.COMMAND and " " in item.name),
        Headings(unit.context),
    )


def _name(unit: Unit, requirement: Requirement, lookup: _Lookup) -> str:
    if _names_command(requirement, lookup):
        return COMMANDS
    for heading in reversed(_headings(requirement, lookup)):
        topic = topic_of(heading)
        if topic is Topic.USAGE:
            return COMMANDS
        if topic is Topic.FLOW:
            return heading
        if topic not in _GENERAL and heading != unit.idea.title:
            return heading
    own = content_stems(requirement.text)
    return _by_flow(own, lookup) or _by_thing(own, lookup) or CORE


def _headings(requirement: Requirement, lookup: _Lookup) -> tuple[str, ...]:
    if not requirement.origins:
        return ()
    first = requirement.origins[0]
    return lookup.headings.above(first)


def _names_command(requirement: Requirement, lookup: _Lookup) -> bool:
    text = requirement.text.replace("`", "")
    return any(name in text for name in lookup.commands)


def _by_flow(stems: Sequence[str], lookup: _Lookup) -> str | None:
    shared, at = lookup.steps.most(stems)
    return lookup.step_flows[at] if shared > _MIN_FLOW_STEMS else None


def _by_thing(own: Sequence[str], lookup: _Lookup) -> str | None:
    """Give the record or state machine that the requirement names; the one named in fewest places wins."""
    have = frozenset(own)
    named = [
        (max(lookup.everywhere.get(stem, 0) for stem in stems), own.index(stems[0]), name)
        for word in have
        for name, stems in lookup.things.get(word, ())
        if have.issuperset(stems)
    ]
    return min(named)[2] if named else None

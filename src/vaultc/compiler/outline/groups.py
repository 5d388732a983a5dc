"""Which requirements belong together: by heading, by the thing they speak of, by the flow they describe."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.compiler.extract.topics import Topic, topic_of
from vaultc.compiler.unit import EntityKind, Unit
from vaultc.language.stems import content_stems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vaultc.compiler.unit import ContextPassage, Requirement
    from vaultc.core.source import Quote

MAX_GROUPS = 7
MAX_MEMBERS = 120  # a module that serves more is cut into parts that can still be read
_MIN_FLOW_STEMS = 2
# Headings that say what kind of statements follow, not what they are about.
_GENERAL = frozenset(
    {Topic.GOAL, Topic.REQUIREMENTS, Topic.FEATURES, Topic.OPTIONAL, Topic.EXCLUDED, Topic.TASKS, Topic.QUALITY,
     Topic.CONSTRAINTS, Topic.QUESTIONS, Topic.DECISIONS, Topic.DATA, Topic.EXAMPLES, Topic.HISTORY,
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


def headings_of(passages: Sequence[ContextPassage], quote: Quote) -> tuple[str, ...]:
    """Give the headings above `quote`: those of the smallest of `passages` that covers it."""
    covering = [passage for passage in passages if passage.quote.span.covers(quote.span)]
    smallest = min(covering, key=lambda passage: passage.quote.span.end - passage.quote.span.start, default=None)
    return smallest.headings if smallest is not None else ()


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
        flows.setdefault(_flow_home(unit, flow.name, members), []).append(flow.id)
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

    flows: tuple[tuple[str, tuple[frozenset[str], ...]], ...]
    things: tuple[tuple[str, tuple[str, ...]], ...]
    everywhere: Mapping[str, int]
    commands: tuple[str, ...]
    passages: Mapping[str, tuple[ContextPassage, ...]]


def _lookup(unit: Unit) -> _Lookup:
    flows = tuple(
        (flow.name, tuple(frozenset(content_stems(step.text)) for step in flow.steps))
        for flow in unit.flows
        if flow.name != unit.idea.title
    )
    things = tuple(
        (entity.name, stems)
        for entity in unit.entities
        if entity.kind is not EntityKind.ENUM and (stems := tuple(content_stems(entity.name)))
    )
    everywhere = Counter(stem for item in unit.requirements for stem in set(content_stems(item.text))) if things else {}
    commands = tuple(item.name for item in unit.interfaces if item.name and " " in item.name)
    passages: dict[str, list[ContextPassage]] = {}
    for passage in unit.context:
        passages.setdefault(passage.quote.span.path, []).append(passage)
    return _Lookup(flows, things, everywhere, commands, {path: tuple(own) for path, own in passages.items()})


def _flow_home(unit: Unit, name: str, members: dict[str, list[Requirement]]) -> str:
    if name in members:
        return name
    return name if name and name != unit.idea.title else CORE


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
    return headings_of(lookup.passages.get(first.span.path, ()), first)


def _names_command(requirement: Requirement, lookup: _Lookup) -> bool:
    text = requirement.text.replace("`", "")
    return any(name in text for name in lookup.commands)


def _by_flow(stems: Sequence[str], lookup: _Lookup) -> str | None:
    own = frozenset(stems)
    best, score = None, _MIN_FLOW_STEMS
    for name, steps in lookup.flows:
        shared = max((len(own & step) for step in steps), default=0)
        if shared > score:
            best, score = name, shared
    return best


def _by_thing(own: Sequence[str], lookup: _Lookup) -> str | None:
    """Give the record or state machine that the requirement names; the one named in fewest places wins."""
    have = frozenset(own)
    named = [
        (max(lookup.everywhere.get(stem, 0) for stem in stems), own.index(stems[0]), name)
        for name, stems in lookup.things
        if have.issuperset(stems)
    ]
    return min(named)[2] if named else None

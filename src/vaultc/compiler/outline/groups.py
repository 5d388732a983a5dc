"""Which requirements belong together: by heading, by the thing they speak of, by the flow they describe."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.compiler.extract.topics import Topic, topic_of
from vaultc.compiler.unit import EntityKind, Unit
from vaultc.language.stems import content_stems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.compiler.unit import Requirement
    from vaultc.core.source import Quote

MAX_GROUPS = 7
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
    """Requirements (and flows) that one component serves; `name` is CORE where nothing names them."""

    name: str
    requirements: tuple[Requirement, ...]
    flows: tuple[str, ...]
    origins: tuple[Quote, ...]


def headings_of(unit: Unit, quote: Quote) -> tuple[str, ...]:
    """Give the headings above `quote`: those of the smallest gathered passage that covers it."""
    covering = [passage for passage in unit.context if passage.quote.span.covers(quote.span)]
    smallest = min(covering, key=lambda passage: passage.quote.span.end - passage.quote.span.start, default=None)
    return smallest.headings if smallest is not None else ()


def group_requirements(unit: Unit, requirements: Sequence[Requirement]) -> tuple[Group, ...]:
    """Give the groups in order of their first requirement; at most MAX_GROUPS, small ones join the core."""
    names = {requirement.id: _name(unit, requirement) for requirement in requirements}
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
        origins = [quote for item in own for quote in item.origins]
        origins += [quote for flow in of_flows for quote in flow_origins[flow]]
        groups.append(Group(name, own, of_flows, tuple(dict.fromkeys(origins))))
    return tuple(groups)


def _flow_home(unit: Unit, name: str, members: dict[str, list[Requirement]]) -> str:
    if name in members:
        return name
    return name if name and name != unit.idea.title else CORE


def _name(unit: Unit, requirement: Requirement) -> str:
    if _names_command(unit, requirement):
        return COMMANDS
    for heading in reversed(headings_of(unit, requirement.origins[0]) if requirement.origins else ()):
        topic = topic_of(heading)
        if topic is Topic.USAGE:
            return COMMANDS
        if topic is Topic.FLOW:
            return heading
        if topic not in _GENERAL and heading != unit.idea.title:
            return heading
    return _by_flow(unit, requirement) or _by_thing(unit, requirement) or CORE


def _names_command(unit: Unit, requirement: Requirement) -> bool:
    text = requirement.text.replace("`", "")
    return any(item.name and " " in item.name and item.name in text for item in unit.interfaces)


def _by_flow(unit: Unit, requirement: Requirement) -> str | None:
    own = set(content_stems(requirement.text))
    best, score = None, _MIN_FLOW_STEMS
    for flow in unit.flows:
        if flow.name == unit.idea.title:
            continue
        shared = max((len(own & set(content_stems(step.text))) for step in flow.steps), default=0)
        if shared > score:
            best, score = flow.name, shared
    return best


def _by_thing(unit: Unit, requirement: Requirement) -> str | None:
    """Give the record or state machine that the requirement names; the one named in fewest places wins."""
    own = content_stems(requirement.text)
    everywhere = Counter(stem for item in unit.requirements for stem in set(content_stems(item.text)))
    named = []
    for entity in unit.entities:
        stems = content_stems(entity.name)
        if entity.kind is not EntityKind.ENUM and stems and set(stems) <= set(own):
            named.append((max(everywhere[stem] for stem in stems), own.index(stems[0]), entity.name))
    return min(named)[2] if named else None

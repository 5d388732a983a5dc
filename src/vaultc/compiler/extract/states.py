"""Enumerations and state machines: "status: want → reading → done", «состояния: …», stateDiagram, arrows in prose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from vaultc.compiler.extract.flows import diagrams
from vaultc.compiler.extract.mermaid import DiagramKind
from vaultc.compiler.extract.naming import name_from, thing_name
from vaultc.compiler.extract.topics import Topic, topic_of, topic_of_path
from vaultc.compiler.extract.type_words import read_options
from vaultc.compiler.unit import Transition
from vaultc.language.quantities import quantities

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vaultc.compiler.extract.region import Region
    from vaultc.compiler.extract.statements import Statement
    from vaultc.core.source import Quote

_KEY = re.compile(r"^(?P<key>[^:=?!.]{2,40}?)\s{0,2}(?::|—|–|=|\bis\b|\bare\b)\s{0,2}(?P<rest>\S.{1,300})$", re.DOTALL)
_ARROW = re.compile(r"\s{0,2}(?:→|-->|->|⇒|=>)\s{0,2}")
_ENUM_KEYS = re.compile(
    r"^(?:status|state|kind|type|format|mode|level|category|priority|language|role|phase|stage|severity|colou?r|"
    r"статус|состояни|вид|тип|формат|режим|уровень|категори|приоритет|язык|роль|фаза|этап|стади)",
    re.IGNORECASE,
)
_EVENT = re.compile(r"^(?P<state>[^:(,.—]{1,40}?)\s{0,2}(?:[:(—,]\s{0,2}(?P<event>[^)]{1,80})\)?)?\s{0,2}$")


@dataclass(frozen=True, slots=True)
class ValuesDraft:
    """Values of an enumeration or states of a machine as written; `is_states` where the notes call them so."""

    name: str
    values: tuple[str, ...]
    transitions: tuple[Transition, ...]
    origins: tuple[Quote, ...]
    is_states: bool = False


def draft_values(regions: Sequence[Region], said: Iterable[Statement]) -> tuple[ValuesDraft, ...]:
    """Give the enumerations and state machines of the regions, as written."""
    found: list[ValuesDraft] = []
    for region in regions:
        found.extend(_drawn(region))
    listed: dict[tuple[str, ...], list[Statement]] = {}
    for statement in said:
        topic = topic_of_path(statement.headings)
        if statement.is_question or topic in {Topic.HISTORY, Topic.REFERENCES, Topic.EXAMPLES}:
            continue
        draft = _of_statement(statement, topic)
        if draft is not None:
            found.append(draft)
        elif topic is Topic.STATES and _ARROW.search(statement.text) and statement.role != "link":
            listed.setdefault(statement.headings, []).append(statement)
    for headings, group in listed.items():
        machine = _of_arrows(headings, group)
        if machine is not None:
            found.append(machine)
    return tuple(found)


def _of_statement(statement: Statement, topic: Topic) -> ValuesDraft | None:
    """Read "status: want → reading → done", "format: paper | ebook", "mode is one of a, b or c"."""
    match = _KEY.match(statement.text.rstrip(". "))
    if match is None:
        return None
    key, rest = match["key"].strip(), match["rest"].strip()
    if len(key.split()) > 5 or key[:1] in "`(":
        return None
    options = read_options(rest)
    is_named = bool(_ENUM_KEYS.match(key))
    if not options and is_named and not quantities(rest):
        options = read_options(rest, needs_mark=False)
    if len(options) < 2 or (not is_named and len(options) < 3 and "|" not in rest):
        return None
    if any(len(option.split()) > 3 for option in options) or ("/" in rest and "|" not in rest and not is_named):
        return None
    if (
        not is_named
        and "→" not in rest
        and "|" not in rest
        and not rest.lower().startswith(("one of", "одно из", "один из", "одна из"))
    ):
        return None
    is_states = topic is Topic.STATES or topic_of(key) is Topic.STATES
    return ValuesDraft(_value_name(key), options, (), (statement.quote,), is_states)


def _value_name(key: str) -> str:
    """Give the name for a key: "language of the book" is "language", «состояния клапана» keeps both words."""
    words = re.split(r"\s(?:of|for)\s", key)[0].split("(")[0].strip(" *_`")
    parts = words.split()
    while len(parts) > 1 and parts[0].lower() in {"the", "a", "an", "its", "each", "every"}:
        parts = parts[1:]
    return " ".join(parts)


def _of_arrows(headings: tuple[str, ...], group: Sequence[Statement]) -> ValuesDraft | None:
    """Read lines "want → reading: start" under a heading of states; chains `a → b → c` are steps in a row."""
    transitions: list[Transition] = []
    for statement in group:
        parts = _ARROW.split(statement.text.strip(" ."))
        for left, right in pairwise(parts):
            source, target = _EVENT.match(left.strip(' `*"«»')), _EVENT.match(right.strip(' `*"«»'))
            if source is None or target is None or len(source["state"].split()) > 3 or len(target["state"].split()) > 3:
                continue
            states = source["state"].strip('`"«» '), target["state"].strip('`"«» ')
            if all(states):
                transitions.append(Transition(*states, (target["event"] or "").strip(), (statement.quote,)))
    if len(transitions) < 2:
        return None
    return _machine(headings, transitions, tuple(statement.quote for statement in group))


def _machine(headings: Sequence[str], transitions: Sequence[Transition], origins: tuple[Quote, ...]) -> ValuesDraft:
    values: list[str] = []
    first = [step.target for step in transitions if step.source == "[*]"]
    for state in (*first, *(end for step in transitions for end in (step.source, step.target))):
        if state != "[*]" and state not in values:
            values.append(state)
    own = thing_name(headings[-1]) if headings else ""
    name = own or (name_from(headings[:-1], "") if len(headings) > 1 else "")
    return ValuesDraft(name, tuple(values), tuple(transitions), origins, is_states=True)


def _drawn(region: Region) -> Iterator[ValuesDraft]:
    for block, fence, diagram in diagrams(region):
        if diagram.kind is not DiagramKind.STATES or not diagram.edges:
            continue
        offset = fence.code_span.start
        transitions = tuple(
            Transition(
                edge.source, edge.target, edge.label,
                (region.quote(region.source.span(offset + edge.start, offset + edge.end)),),
            )
            for edge in diagram.edges
        )  # fmt: skip
        headings = region.headings(block)
        yield _machine(headings, transitions, (region.quote(block.text),))

"""The elements of a unit by id: what each is, says and leans on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.compiler.unit import By, Derivation, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from vaultc.core.source import Quote

_ID = re.compile(r"(?<![A-Za-z0-9-])[A-Z]{1,3}-[0-9a-f]{6}(?![0-9a-f])")


@dataclass(frozen=True, slots=True)
class Element:
    """An element of the IR as the source map keeps it."""

    id: str
    kind: str
    text: str
    origins: tuple[Quote, ...]
    by: By = By.RULE
    derived: Derivation | None = None
    serves: tuple[str, ...] = ()

    @property
    def evidence(self) -> tuple[Quote, ...]:
        """The quotations it rests on: its own, or those that its derivation leans on."""
        return self.origins or (self.derived.leans_on if self.derived is not None else ())


def elements_of(unit: Unit) -> dict[str, Element]:
    """Give every element of `unit` that has an id, in the order of lowering."""
    return {element.id: element for element in _elements(unit)}


def _elements(unit: Unit) -> Iterator[Element]:
    for need in unit.requirements:
        yield Element(need.id, "requirement", need.text, need.origins, need.by, need.derived)
    for decision in unit.decisions:
        text = f"{decision.title}: {decision.chosen}"
        yield Element(decision.id, "decision", text, decision.origins, decision.by, decision.derived)
    for constraint in unit.constraints:
        yield Element(constraint.id, "constraint", constraint.text, constraint.origins, constraint.by)
    for entity in unit.entities:
        yield Element(entity.id, "entity", entity.name, entity.origins, entity.by, entity.derived)
    for constant in unit.constants:
        yield Element(
            constant.id, "constant", f"{constant.name} = {constant.shown}", constant.origins, serves=constant.serves
        )
    yield from _told(unit)
    yield from _lowered(unit)


def _told(unit: Unit) -> Iterator[Element]:
    for flow in unit.flows:
        yield Element(flow.id, "flow", flow.name, flow.origins, flow.by)
    for question in unit.questions:
        yield Element(question.id, "question", question.text, question.origins, question.by, question.derived)
    for clash in unit.contradictions:
        yield Element(clash.id, "contradiction", clash.reason, (clash.a, clash.b))
    for example in unit.examples:
        text = f"{example.call} == {example.expected}"
        yield Element(example.id, "example", text, example.origins, serves=example.serves)


def _lowered(unit: Unit) -> Iterator[Element]:
    for part in unit.components:
        yield Element(part.id, "component", part.name, part.origins, part.by, part.derived, part.serves)
    for item in unit.interfaces:
        yield Element(item.id, "interface", item.code_name, item.origins, item.by, item.derived, item.serves)
    for procedure in unit.procedures:
        yield Element(
            procedure.id,
            "procedure",
            procedure.name,
            procedure.origins,
            procedure.by,
            procedure.derived,
            procedure.serves,
        )


def ids_in(text: str, known: Mapping[str, Element]) -> tuple[str, ...]:
    """Give the ids of known elements that stand in `text`, each once, in order."""
    return tuple(dict.fromkeys(found for found in _ID.findall(text) if found in known))


def all_ids_in(text: str) -> tuple[str, ...]:
    """Give everything in `text` that looks like an id, known or not."""
    return tuple(dict.fromkeys(_ID.findall(text)))


def evidence_of(ids: Iterable[str], known: Mapping[str, Element], limit: int = 24) -> tuple[Quote, ...]:
    """Give the quotations that the elements `ids` rest on, each once."""
    found: dict[Quote, None] = {}
    for id_ in ids:
        element = known.get(id_)
        if element is not None:
            found.update(dict.fromkeys(element.evidence))
    return tuple(found)[:limit]

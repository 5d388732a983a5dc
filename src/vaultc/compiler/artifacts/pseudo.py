"""The pseudocode of an idea as a note: one procedure for each operation, in the order of dependency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.compiler.artifacts.architecture import artifact_path, finish
from vaultc.compiler.artifacts.markdown import Links, MarkdownWriter, code, escape
from vaultc.compiler.elements import elements_of
from vaultc.compiler.outline.assemble import fallback_origins
from vaultc.compiler.outline.procedures import in_order
from vaultc.compiler.unit import InterfaceKind
from vaultc.compiler.wording import say

if TYPE_CHECKING:
    from vaultc.compiler.tools import Reader
    from vaultc.compiler.unit import Artifact, Interface, Procedure, Unit


def pseudo(unit: Unit, reader: Reader) -> Artifact:
    """Give the pseudocode note of `unit`."""
    path = artifact_path(unit, ".pseudo.md")
    links = Links(reader, path)
    writer = MarkdownWriter(elements_of(unit), unit.summary_origins or fallback_origins(unit))
    language = unit.idea.language
    writer.section(escape(say(language, "pseudo_of", title=unit.idea.title)), 1)
    intro = say(language, "generated", link="\0").replace("[[\0]]", links.to_note(unit.idea.path))
    writer.lines += [intro, ""]
    by_id = {item.id: item for item in unit.interfaces}
    for component in in_order(unit.components):
        own = [item for item in unit.procedures if _component(by_id, item) == component.id]
        if own:
            writer.section(escape(component.name))
            writer.item([escape(component.duty), ""], (component.id,))
        for item in own:
            interface = by_id[item.interface]
            title = f"{say(language, 'command')} {item.name}" if interface.kind is InterfaceKind.COMMAND else item.name
            writer.section(f"{escape(title)} ({code(interface.code_name)})", 3)
            writer.item(_lines(unit, item, links), (item.id, interface.id, *item.serves), item.name)
    return finish(unit, path, "pseudocode", writer)


def _component(by_id: dict[str, Interface], procedure: Procedure) -> str:
    interface = by_id.get(procedure.interface)
    return interface.component if interface is not None else ""


def _lines(unit: Unit, procedure: Procedure, links: Links) -> list[str]:
    lines = []
    counters: dict[int, int] = {}
    for step in procedure.steps:
        counters = {depth: count for depth, count in counters.items() if depth <= step.depth}
        counters[step.depth] = counters.get(step.depth, 0) + 1
        serves = f" ({', '.join(step.serves)})" if step.serves else ""
        lines.append(f"{'   ' * step.depth}{counters[step.depth]}. {escape(step.text)}{serves}")
    quote = next((quote for step in procedure.steps for quote in step.origins), None)
    quote = quote or next(iter(procedure.origins), None)
    if quote is not None:
        lines += [
            "",
            f"{say(unit.idea.language, 'evidence')}: {links.evidence(quote, say(unit.idea.language, 'line'))}",
        ]
    return [*lines, ""]

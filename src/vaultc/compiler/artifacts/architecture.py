"""The architecture of an idea as a note: what is wanted, how it is cut, what is open, and where all of it is said."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from vaultc.compiler.artifacts import diagrams
from vaultc.compiler.artifacts.markdown import Links, MarkdownWriter, code, escape, quotation
from vaultc.compiler.elements import elements_of
from vaultc.compiler.frontmatter import with_frontmatter
from vaultc.compiler.outline.assemble import fallback_origins
from vaultc.compiler.unit import Artifact, EntityKind, SegmentKind
from vaultc.compiler.untaken import by_reason
from vaultc.compiler.wording import say
from vaultc.core.digest import digest_json, short_id
from vaultc.core.endings import BESIDE
from vaultc.core.errors import UsageError
from vaultc.core.source import VaultPath, vault_path
from vaultc.disk.policy import check_relative

if TYPE_CHECKING:
    from vaultc.compiler.tools import Reader
    from vaultc.compiler.unit import By, Derivation, Interface, Unit
    from vaultc.core.source import Quote

MAX_QUESTIONS = 5
_USUAL = 2  # the priority of what states none
_INSTEAD = ("вместо", "а не", "instead of", "rather than", "over", "not")
_MAX_EVIDENCE = 3
_NO_DEFINITION = (SegmentKind.HEADER, SegmentKind.DATA, SegmentKind.SECTION)

# What may stand behind the name of the idea; a new version of a file that was changed lies beside it.
_LONGEST_ENDING = f".architecture.md{BESIDE}-9"
_MAX_STEM_BYTES = 200


def artifact_path(unit: Unit, suffix: str) -> VaultPath:
    """Give the path of an artifact beside the idea: `Ideas/Tide clock` + `.architecture.md`."""
    path = PurePosixPath(unit.idea.path)
    return vault_path(str(path.parent / f"{file_stem(path.stem, unit.idea.path)}{suffix}"))


def file_stem(stem: str, idea: VaultPath) -> str:
    """Give how files made from `idea` are called: as its note, or what of that name may be one, behind an id."""
    try:
        check_relative(f"{stem}{_LONGEST_ENDING}")
    except UsageError:
        words = "".join(char if char.isprintable() and char not in "\\:" else "-" for char in stem).strip(" .")
        while len(words.encode("utf-8", "replace")) > _MAX_STEM_BYTES:
            words = words[:-1]
        return f"{short_id('U', (idea,))} {words}".rstrip()
    return stem


def properties(unit: Unit, kind: str) -> dict[str, str | list[str]]:
    """Give the properties of a generated note."""
    sources = sorted({passage.quote.span.path for passage in unit.context} | {unit.idea.path})
    run = digest_json([unit.idea.digest, *(item.id for item in unit.requirements), *(file.text for file in unit.code)])
    return {
        "vaultc-kind": kind,
        "vaultc-id": short_id("U", (unit.idea.path,)),
        "vaultc-idea": unit.idea.path,
        "vaultc-status": "generated",
        "vaultc-run": run,
        "vaultc-sources": list(sources),
    }


def finish(unit: Unit, path: VaultPath, kind: str, writer: MarkdownWriter) -> Artifact:
    """Give the note with its properties; the segments move below them."""
    writer.close()
    body = "\n".join(writer.lines)
    text = with_frontmatter(properties(unit, kind), body)
    offset = text.count("\n") - body.strip("\n").count("\n") - 1
    return Artifact(path, text, writer.moved(offset))


class ArchitectureNote:
    """Writes the sections of the note one after another."""

    def __init__(self, unit: Unit, reader: Reader) -> None:
        self.unit = unit
        self.path = artifact_path(unit, ".architecture.md")
        self.links = Links(reader, self.path)
        self.known = elements_of(unit)
        self.writer = MarkdownWriter(self.known, unit.summary_origins or fallback_origins(unit))
        self._made: tuple[dict[tuple[str, bool], list[str]], dict[str, list[str]]] | None = None

    def say(self, key: str, **values: str) -> str:
        """Give the words for `key` in the language of the idea."""
        return say(self.unit.idea.language, key, **values)

    def artifact(self) -> Artifact:
        """Give the finished note."""
        self.head()
        self.requirements()
        self.components()
        self.data()
        self.flows()
        self.interfaces()
        self.decisions()
        self.questions()
        self.contradictions()
        self.untaken()
        self.traceability()
        return finish(self.unit, self.path, "architecture", self.writer)

    def evidence(self, quotes: tuple[Quote, ...], indent: str = "  ") -> list[str]:
        """Give the first quotations of an element as list items."""
        return [f"{indent}- {self.links.evidence(quote, self.say('line'))}" for quote in quotes[:_MAX_EVIDENCE]]

    def grounds(self, origins: tuple[Quote, ...], derived: Derivation | None, by: By, indent: str = "  ") -> list[str]:
        """Give what an element rests on: its quotations, or why it was derived and from what."""
        lines = []
        if derived is not None:
            model = " (model)" if by == "model" else ""
            lines.append(f"{indent}- {self.say('derived')}{model}: {escape(derived.reason)}")
        quotes = origins or (derived.leans_on if derived is not None else ())
        return lines + self.evidence(quotes, indent)

    def head(self) -> None:
        """Write title and summary."""
        unit = self.unit
        self.writer.section(escape(self.say("architecture_of", title=unit.idea.title)), 1)
        intro = self.say("generated", link="\0").replace("[[\0]]", self.links.to_note(unit.idea.path))
        self.writer.lines += [intro, ""]
        self.writer.section(self.say("summary"))
        lines = [escape(unit.summary or unit.idea.title), ""]
        lines += self.evidence(unit.summary_origins, "") if unit.summary_origins else []
        self.writer.item(lines, ())

    def requirements(self) -> None:
        """Write requirements and constraints with their evidence."""
        if self.unit.requirements:
            self.writer.section(self.say("requirements"))
        for need in self.unit.requirements:
            marks = self.say(need.modality.value)
            marks += f", {self.say('priority')} {need.priority}" if need.priority != _USUAL else ""
            marks += f", {self.say('done')}" if need.is_done else ""
            lines = [f"- **{need.id}** ({marks}) {escape(need.text)}"]
            lines += self.grounds(need.origins, need.derived, need.by)
            self.writer.item(lines, (need.id,))
        if self.unit.constraints:
            self.writer.section(self.say("constraints"))
        for item in self.unit.constraints:
            self.writer.item([f"- **{item.id}** {escape(item.text)}", *self.evidence(item.origins)], (item.id,))

    def components(self) -> None:
        """Write the components and their diagram."""
        names = {item.id: item.name for item in self.unit.components}
        self.writer.section(self.say("components"))
        for item in self.unit.components:
            lines = [f"- **{item.id}** {escape(item.name)} ({code(item.code_name)}): {escape(item.duty)}"]
            if item.serves:
                lines.append(f"  - {self.say('serves')}: {', '.join(item.serves)}")
            if item.uses:
                used = ", ".join(escape(names[id_]) for id_ in item.uses if id_ in names)
                lines.append(f"  - {self.say('uses')}: {used}")
            lines += self.grounds(item.origins, item.derived, item.by)
            self.writer.item(lines, (item.id,))
        self.writer.section(self.say("diagram"), 3)
        self.writer.item(diagrams.fenced(diagrams.component_diagram(self.unit)), tuple(names))

    def data(self) -> None:
        """Write entities and constants, with a class diagram."""
        if self.unit.entities:
            self.writer.section(self.say("data"))
            ids = tuple(item.id for item in self.unit.entities)
            self.writer.item(diagrams.fenced(diagrams.data_diagram(self.unit)), ids)
        for item in self.unit.entities:
            lines = [f"- **{item.id}** {escape(item.name)}"]
            lines += [
                f"  - {code(field.code_name)}: {code(field.type)}" + (f", {escape(field.note)}" if field.note else "")
                for field in item.fields
            ]
            if item.values:
                lines.append(f"  - {self.say('values')}: {', '.join(escape(value) for value in item.values)}")
            lines += self.grounds(item.origins, item.derived, item.by)
            self.writer.item(lines, (item.id,))
        if self.unit.constants:
            self.writer.section(self.say("constants"))
        for constant in self.unit.constants:
            unit = f" {escape(constant.unit)}" if constant.unit else ""
            value = " / ".join(code(value) for value in constant.values or (constant.value,))
            old = ", ".join(f"~~{escape(each.value)}~~" for each in constant.replaced)
            head = f"- **{constant.id}** {escape(constant.name)} = {value}{unit}" + (f" ({old})" if old else "")
            self.writer.item([head, *self.evidence(constant.origins)], (constant.id,))

    def flows(self) -> None:
        """Write the flows and state machines as diagrams."""
        if self.unit.flows:
            self.writer.section(self.say("flows"))
        for flow in self.unit.flows:
            lines = [f"**{flow.id}** {escape(flow.name)}", "", *diagrams.fenced(diagrams.flow_diagram(flow))]
            self.writer.item(lines, (flow.id,))
        machines = [item for item in self.unit.entities if item.kind is EntityKind.STATES and item.transitions]
        if machines:
            self.writer.section(self.say("states"))
        for item in machines:
            lines = [f"**{item.id}** {escape(item.name)}", "", *diagrams.fenced(diagrams.state_diagram(item))]
            self.writer.item(lines, (item.id,))

    def interfaces(self) -> None:
        """Write the operations of each component."""
        if not self.unit.interfaces:
            return
        self.writer.section(self.say("interfaces"))
        for component in self.unit.components:
            own = [item for item in self.unit.interfaces if item.component == component.id]
            if own:
                self.writer.section(escape(component.name), 3)
            for item in own:
                lines = [f"- **{item.id}** {code(_signature(item))}: {escape(item.summary or item.name)}"]
                lines += [f"  - {code(item.usage)}"] if item.usage and quotation(item.usage) else []
                lines += [f"  - {self.say('serves')}: {', '.join(item.serves)}"] if item.serves else []
                lines += self.grounds(item.origins, item.derived, item.by)
                self.writer.item(lines, (item.id,))

    def decisions(self) -> None:
        """Write what is settled."""
        if self.unit.decisions:
            self.writer.section(self.say("decisions"))
        for item in self.unit.decisions:
            lines = [f"- **{item.id}** {escape(item.title)}", f"  - {self.say('chosen')}: {escape(item.chosen)}"]
            if item.alternatives:
                rest = "; ".join(escape(_whole(text, item.origins)) for text in item.alternatives)
                lines.append(f"  - {self.say('alternatives')}: {rest}")
            lines += [f"  - {self.say('reason')}: {escape(item.reason)}"] if item.reason else []
            lines += self.grounds(item.origins, item.derived, item.by)
            self.writer.item(lines, (item.id,))

    def questions(self) -> None:
        """Write the questions that matter most."""
        every = sorted(self.unit.questions, key=lambda item: item.rank)
        ranked, rest = every[:MAX_QUESTIONS], every[MAX_QUESTIONS:]
        if ranked:
            self.writer.section(self.say("questions"))
        for number, item in enumerate(ranked, 1):
            lines = [f"{number}. **{item.id}** {escape(item.text)}"]
            self.writer.item([*lines, *self.grounds(item.origins, item.derived, item.by, "   ")], (item.id,))
        if rest:
            quotes = [quote for item in rest for quote in item.origins[:1]]
            places = dict.fromkeys(self.links.to_quote(quote) for quote in quotes[:MAX_QUESTIONS])
            more = self.say("more_questions", count=str(len(rest)))
            line = f"{more}: {', '.join(places)}" if places else more
            self.writer.item(["", line], tuple(item.id for item in rest))

    def contradictions(self) -> None:
        """Write what cannot both hold, with both quotations."""
        if self.unit.contradictions:
            self.writer.section(self.say("contradictions"))
        for item in self.unit.contradictions:
            lines = [f"> [!warning] {self.say('conflict')}: {escape(item.reason)}"]
            lines += [f"> - {self.links.evidence(quote, self.say('line'))}" for quote in (item.a, item.b)]
            self.writer.item([*lines, ""], (item.id,))

    def untaken(self) -> None:
        """Write what was read and does not bind, by reason, and the notes that were left out."""
        groups = by_reason(self.unit.untaken)
        if groups or self.unit.excluded:
            self.writer.section(self.say("not_taken"))
        for why, items in groups.items():
            lines = [f"{item.rule}: {self.links.evidence(item.quote, self.say('line'))}" for item in items]
            self.writer.item(
                [f"**{self.say(f'kept_{why.name.lower()}')}**", "", *(f"- {line}" for line in lines), ""], ()
            )
        if self.unit.excluded:
            lines = [f"- {self.links.to_note(item.path)}: {escape(item.reason)}" for item in self.unit.excluded]
            self.writer.item([f"**{self.say('left_out')}**", "", *lines, ""], ())

    def traceability(self) -> None:
        """Write the table from requirements to components, code and tests."""
        if not self.unit.requirements:
            return
        self.writer.section(self.say("traceability"))
        heads = [self.say(key) for key in ("requirement", "component", "code", "test")]
        self.writer.lines += [f"| {' | '.join(heads)} |", "|" + " --- |" * len(heads)]
        for need in self.unit.requirements:
            parts = [code(item.code_name) for item in self.unit.components if need.id in item.serves]
            made = self._places(need.id, tests=False)
            tested = self._places(need.id, tests=True)
            cells = [need.id, ", ".join(parts), ", ".join(made) or "–", ", ".join(tested) or "–"]
            self.writer.item([f"| {' | '.join(cells)} |"], (need.id,))

    def _places(self, id_: str, *, tests: bool) -> list[str]:
        defined, heads = self._made if self._made is not None else self._index()
        found = defined.get((id_, tests), [])
        if not found and not tests:
            found = heads.get(id_, [])
        return list(dict.fromkeys(found))[:4]

    def _index(self) -> tuple[dict[tuple[str, bool], list[str]], dict[str, list[str]]]:
        """Give where each element is implemented and tested, and the files whose head names it."""
        defined: dict[tuple[str, bool], list[str]] = {}
        heads: dict[str, list[str]] = {}
        for file in self.unit.code:
            last = file.path.rpartition("/")[2]
            name = last.removesuffix(".py")
            for segment in file.segments:
                is_test = segment.kind is SegmentKind.TEST
                for id_ in dict.fromkeys(segment.ids):
                    if segment.kind not in _NO_DEFINITION:
                        defined.setdefault((id_, is_test), []).append(code(f"{name}.{segment.name}"))
                    if last.endswith(".py") and not file.path.startswith("tests/"):
                        heads.setdefault(id_, []).append(code(last))
        self._made = (defined, heads)
        return self._made


def _whole(text: str, origins: tuple[Quote, ...]) -> str:
    """Give what was not chosen with the word before it («вместо двух»): alone it may stand in an odd case."""
    for quote in origins:
        at = quote.text.find(text)
        before = quote.text[:at].rstrip() if at > 0 else ""
        word = next((item for item in _INSTEAD if before.casefold().endswith(f" {item}")), None)
        if word is not None:
            return f"{before[len(before) - len(word) :]} {text}"
    return text


def _signature(item: Interface) -> str:
    params = ", ".join(
        f"{param.code_name}: {param.type}" + (f" = {param.default}" if param.default is not None else "")
        for param in item.params
    )
    return f"{item.code_name}({params}) -> {item.returns}"


def architecture(unit: Unit, reader: Reader) -> Artifact:
    """Give the architecture note of `unit`."""
    return ArchitectureNote(unit, reader).artifact()

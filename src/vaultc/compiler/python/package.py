"""The whole package as files: for each component its module and its tests, computed from the unit."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

from vaultc.compiler.elements import Element, elements_of
from vaultc.compiler.naming import class_name, is_identifier
from vaultc.compiler.outline.assemble import CLI, STORAGE, next_state_name, root_records, storage_name
from vaultc.compiler.outline.guards import guards, served_by_entity
from vaultc.compiler.outline.signatures import called_name
from vaultc.compiler.outline.verbatim import other_files, python_modules
from vaultc.compiler.python import checks, outer_checks
from vaultc.compiler.python.bounds import with_bounds, with_test_bounds
from vaultc.compiler.python.command_line import command_line_blocks, listings_of
from vaultc.compiler.python.functions import constant_blocks, guard_block, open_block
from vaultc.compiler.python.layout import CodeBlock, ModuleText, docstring
from vaultc.compiler.python.placing import placed
from vaultc.compiler.python.project import README, project_files
from vaultc.compiler.python.records import entity_blocks
from vaultc.compiler.python.scope import Scope, inner_first, scope_of
from vaultc.compiler.python.segments import Ground, segments_of
from vaultc.compiler.python.storage import storage_blocks
from vaultc.compiler.trees import parsed
from vaultc.compiler.unit import By, CodeFile, EntityKind, Refusal, Segment, SegmentKind
from vaultc.compiler.wording import say
from vaultc.core.source import Quote, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from vaultc.compiler.outline.guards import LimitGuard
    from vaultc.compiler.unit import Component, Constant, Entity, Example, Interface, Procedure, Unit, Verbatim

LAYOUT = "layout"


class Package:
    """Writes the modules and tests of a unit; keeps what all of them look up."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.scope: Scope = scope_of(unit)
        self.known: Mapping[str, Element] = elements_of(unit)
        self.guards: Mapping[str, LimitGuard] = {guard.id: guard for guard in guards(unit)}
        self.procedures: Mapping[str, Procedure] = {item.interface: item for item in unit.procedures}
        self.verbatim: Mapping[str, Verbatim] = python_modules(unit)
        self.faults: list[Refusal] = []
        self._entities = {item.id: item for item in unit.entities}
        self._constants = {item.id: item for item in unit.declared}
        self._served = served_by_entity(unit)
        self._stored = {storage_name(verb, item) for item in root_records(unit) for verb in ("load", "save")}
        self._listings = listings_of(unit)
        self._named = _named(unit)
        self._interfaces: dict[str, list[Interface]] = {}
        for item in unit.interfaces:
            self._interfaces.setdefault(item.component, []).append(item)
        self._moving = {
            item.id: {next_state_name(held) for held in self.entities(item) if held.kind is EntityKind.STATES}
            for item in unit.components
        }
        self._needs = {item.id: item for item in unit.requirements}
        done = {id_ for item in unit.interfaces for id_ in item.serves}
        self._done = done.union(*self._served.values())

    def interfaces(self, component: Component) -> tuple[Interface, ...]:
        """Give the operations of `component`."""
        return tuple(self._interfaces.get(component.id, ()))

    def entities(self, component: Component) -> tuple[Entity, ...]:
        """Give the entities whose classes stand in the module of `component`."""
        return tuple(self._entities[id_] for id_ in component.holds if id_ in self._entities)

    def constants(self, component: Component) -> tuple[Constant, ...]:
        """Give the constants that stand in the module of `component`."""
        return tuple(self._constants[id_] for id_ in component.holds if id_ in self._constants)

    def entity_ids(self, entity: Entity) -> tuple[str, ...]:
        """Give the ids that the class of `entity` implements."""
        return (*self._served[entity.id], entity.id)

    def module_path(self, component: Component) -> str:
        """Give the path of the module of `component`."""
        return f"{self.unit.idea.package}/{component.code_name}.py"

    def tests_path(self, component: Component) -> str:
        """Give the path of the tests of `component`."""
        return f"tests/test_{component.code_name}.py"

    def ground(self, component: Component | None) -> Ground:
        """Give what the segments of the files of `component` may lean on."""
        ids = (component.id,) if component is not None else tuple(item.id for item in self.unit.components[:1])
        return Ground(self.known, self._named, ids, self.unit.idea.language)

    def code_file(self, component: Component, path: str, text: str, by: By = By.RULE) -> CodeFile:
        """Give Python text as a file with its segments."""
        return CodeFile(path, "python", text, segments_of(text, self.ground(component), by), by)

    def module(self, component: Component) -> CodeFile:
        """Give the computed module of `component`."""
        given = self.verbatim.get(component.code_name)
        if given is not None and not component.serves and component.origins == (given.origin,):
            return self._verbatim_file(component, given)
        about, blocks = self._about(component), tuple(self._blocks(component))
        text = self.rendered(about, blocks, self.module_path(component), is_test=False)
        file = self.code_file(component, self.module_path(component), text)
        return replace(file, segments=with_bounds(text, file.segments, self.entities(component), self.unit))

    def _verbatim_file(self, component: Component, given: Verbatim) -> CodeFile:
        text = given.text if given.text.endswith("\n") else f"{given.text}\n"
        file = self.code_file(component, self.module_path(component), text)
        segments = tuple(_by_lines(given.origin, file.segments))
        segments = tuple(
            replace(segment, kind=SegmentKind.VERBATIM) if segment.kind is SegmentKind.HEADER else segment
            for segment in segments
        )
        return replace(file, segments=segments)

    def _about(self, component: Component) -> str:
        needs = self._needs
        done = {id_ for item in self.interfaces(component) for id_ in item.serves}
        rules = [needs[id_] for id_ in component.serves if id_ in needs and id_ not in done]
        heading = say(self.unit.idea.language, "invariants")
        paragraphs = [component.duty, *(f"{heading}: {item.id}: {item.text}" for item in rules)]
        return docstring(component.name, paragraphs, (component.id,))

    def _blocks(self, component: Component) -> list[CodeBlock]:
        module = component.code_name
        blocks = list(constant_blocks(self.constants(component), self.scope))
        classes: list[CodeBlock] = []
        for entity in _in_order(self.entities(component), self.scope):
            classes += entity_blocks(entity, self.scope, module, self.entity_ids(entity), self.unit.idea.language)
        blocks += classes
        if module == CLI:
            return [*blocks, *command_line_blocks(self.unit, component, self.scope, self.procedures, self.known)]
        own = self.interfaces(component)
        if module == STORAGE:
            blocks += storage_blocks(self.unit, self.scope, module)
        blocks += [guard_block(self.guards[item.id]) for item in own if item.id in self.guards]
        for item in own:
            if not self.is_determined(item, component):
                blocks.append(open_block(item, self.procedures.get(item.id), self.scope, module, self.known))
        return blocks

    def is_determined(self, interface: Interface, component: Component) -> bool:
        """Tell whether the notes determine the body of `interface`, so that the computed module has it."""
        if component.code_name == CLI:
            return interface.code_name == "main" or interface.id in self._listings
        return (
            interface.id in self.guards
            or (component.code_name == STORAGE and interface.code_name in self._stored)
            or interface.code_name in self._moving.get(component.id, ())
            or (component.code_name in self.verbatim and not component.serves)
        )

    def tests(self, component: Component, *, is_written: bool = False) -> CodeFile | None:
        """Give the computed tests of `component`, or None where there is nothing to test.

        With `is_written` the module was written by a model: nothing in it is expected to be undone.
        """
        blocks = self._tests(component, is_written=is_written)
        if not blocks:
            return None
        makers = self.scope.makers_in("\n".join(block.text for block in blocks))
        blocks[:0] = [checks.maker_block(item, self.scope) for item in makers]
        if any("_imports(path)" in block.text for block in blocks):
            blocks.insert(0, checks.IMPORTS_HELPER)
        about = docstring(say(self.unit.idea.language, "derived_tests", name=component.name), (), (component.id,))
        text = self.rendered(about, tuple(blocks), self.tests_path(component), is_test=True)
        file = self.code_file(component, self.tests_path(component), text)
        return replace(file, segments=with_test_bounds(file.segments, self.entities(component), self.unit))

    def rendered(self, about: str, blocks: tuple[CodeBlock, ...], path: str, *, is_test: bool) -> str:
        """Give the text of a module. A block that is no Python is left out and noted, the rest stands."""
        text = ModuleText(about, blocks).render(self.unit.idea.package)
        if parsed(text) is not None:
            return text
        kept = []
        for block in blocks:
            if parsed(block.text) is not None:
                kept.append(block)
                continue
            self.faults.append(Refusal(LAYOUT, path, f"“{block.text.strip()[:60]}” could not be written as Python"))
            kept += [] if is_test else stand_in(block)
        if parsed(about) is None:
            about = '"""…"""'
        return ModuleText(about, tuple(kept)).render(self.unit.idea.package)

    def _tests(self, component: Component, *, is_written: bool) -> list[CodeBlock]:
        module, package = component.code_name, self.unit.idea.package
        blocks: list[CodeBlock] = []
        own = self.interfaces(component)
        constants = checks.constant_test(self.constants(component), self.scope, module)
        blocks += [constants] if constants is not None else []
        for entity in self.entities(component):
            blocks += checks.entity_tests(entity, self.scope, module, self.entity_ids(entity))
        for item in own:
            if item.id in self.guards:
                blocks += checks.guard_tests(self.guards[item.id], package, module)
        if module == STORAGE and not is_written:
            blocks += outer_checks.storage_tests(self.unit, self.scope, module)
        if module == CLI and not is_written:
            blocks += outer_checks.command_line_tests(self.unit, component, self.scope)
        named = {item.code_name: item for item in own}
        examples = [item for item in self.unit.examples if called_name(item) in named]
        blocks += self._example_tests(examples, named, component, is_written=is_written)
        if is_written:
            return [*blocks, checks.surface_test(own, self.scope, module)] if own else blocks
        tested = {called_name(item) for item in examples}
        for item in own:
            if not self.is_determined(item, component) and item.code_name not in tested:
                blocks.append(checks.open_test(item, self.scope, module, self.known))
        return blocks + self._rule_tests(component)

    def _example_tests(
        self, examples: list[Example], named: Mapping[str, Interface], component: Component, *, is_written: bool
    ) -> list[CodeBlock]:
        done = {name for name, item in named.items() if is_written or self.is_determined(item, component)}
        package, module = self.unit.idea.package, component.code_name
        real = [item for item in examples if called_name(item) in done]
        rest = [item for item in examples if called_name(item) not in done]
        serves = {name: item.serves for name, item in named.items()}
        return [
            *checks.example_tests(real, serves, package, module, is_open=False),
            *checks.example_tests(rest, serves, package, module, is_open=True),
        ]

    def _rule_tests(self, component: Component) -> list[CodeBlock]:
        rules = [self._needs[id_] for id_ in component.serves if id_ in self._needs and id_ not in self._done]
        return [checks.rule_test(item, self.unit.idea.package) for item in rules]


def _by_lines(origin: Quote, segments: Iterable[Segment]) -> Iterator[Segment]:
    """Give the segments of code that stands in the notes, each with its own lines there.

    All of the code for each would be written again for every definition.
    """
    lines = origin.text.split("\n")
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    for segment in segments:
        first, text = segment.start_line - 1, "\n".join(lines[segment.start_line - 1 : segment.end_line])
        start = origin.span.start + starts[min(first, len(lines))]
        own = Quote(Span(origin.span.path, start, start + len(text)), text) if text else origin
        yield replace(segment, origins=(own,), derived=None)


def _named(unit: Unit) -> dict[str, str]:
    """Give the ids of what the names in generated code stand for."""
    named: dict[str, str] = {}
    for entity in unit.entities:
        named.setdefault(class_name(entity), entity.id)
        if entity.kind is EntityKind.RECORD:
            named.setdefault(storage_name("to_json", entity), entity.id)
            named.setdefault(storage_name("from_json", entity), entity.id)
        if entity.kind is EntityKind.STATES:
            named.setdefault(next_state_name(entity), entity.id)
    for constant in unit.declared:
        named.setdefault(constant.code_name, constant.id)
    for item in unit.interfaces:
        named.setdefault(item.code_name, item.id)
    return named


def _in_order(entities: tuple[Entity, ...], scope: Scope) -> tuple[Entity, ...]:
    """Give enumerations first, then records with those that others hold before them."""
    rank = {EntityKind.ENUM: 0, EntityKind.STATES: 1, EntityKind.RECORD: 2}
    ordered = sorted(entities, key=lambda item: rank[item.kind])
    own = {item.id for item in ordered}
    return tuple(inner_first(ordered, lambda entity: (item for item in scope.held(entity) if item.id in own)))


def stand_in(block: CodeBlock) -> list[CodeBlock]:
    """Give a definition of the same name that says it is not there, so that what imports it still can."""
    found = next((line for line in block.text.splitlines() if line.startswith(("def ", "class "))), "")
    kind, _, rest = found.partition(" ")
    name = rest.partition("(")[0].partition(":")[0].strip()
    if not is_identifier(name.lstrip("_") or name):
        return []
    if kind == "class":
        return [CodeBlock(f'class {name}:\n    """Not written: its text could not be put into Python."""')]
    head = f"def {name}(*_args: object, **_named: object) -> NoReturn:"
    body = '    raise NotImplementedError("its text could not be put into Python")'
    return [CodeBlock(f"{head}\n{body}", frozenset({"from typing import NoReturn"}))]


def with_package(unit: Unit) -> Unit:
    """Give the unit with its computed package, and a refusal for each element that could not be written."""
    package = Package(unit)
    files: list[CodeFile] = []
    for component in unit.components:
        files.append(package.module(component))
    for component in unit.components:
        tests = package.tests(component)
        if tests is not None:
            files.append(tests)
    outer, moved = around(unit, files)
    return replace(unit, code=(*files, *outer), refusals=(*unit.refusals, *package.faults, *moved))


def around(unit: Unit, written: Sequence[CodeFile]) -> tuple[tuple[CodeFile, ...], tuple[Refusal, ...]]:
    """Give the project files and the files that the notes give whole, and which of these had to be laid elsewhere.

    `written` are the modules and tests.
    """
    cli = next((item for item in unit.components if item.code_name == CLI), None)
    given = []
    for item in other_files(unit):
        text = item.text if item.text.endswith("\n") else f"{item.text}\n"
        segment = Segment(SegmentKind.VERBATIM, item.path, 1, max(text.count("\n"), 1), (), (item.origin,))
        given.append(CodeFile(item.path, item.language, text, (segment,)))
    is_open = any("raise NotImplementedError" in file.text for file in written)
    readme = next((file.path for file in given if file.path.casefold() == README.casefold()), README)
    return placed(written, project_files(unit, cli, is_open=is_open, readme=readme), given)

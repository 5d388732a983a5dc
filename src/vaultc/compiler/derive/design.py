"""The brain designs; each element of its answer enters on its own, and every requirement stays served."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from vaultc.compiler.derive import shown
from vaultc.compiler.derive.answers import FoundComponent, FoundDesign, FoundInterface
from vaultc.compiler.derive.merge import merge_design
from vaultc.compiler.extract.admit import admit_entities, admit_questions, admit_requirements
from vaultc.compiler.extract.answers import FoundEntities, FoundQuestions, FoundRequirements
from vaultc.compiler.extract.evidence import find_quote
from vaultc.compiler.naming import is_free, is_identifier
from vaultc.compiler.outline.assemble import component_id, some
from vaultc.compiler.python.scope import Scope, scope_of
from vaultc.compiler.unit import By, Component, Derivation, Field, Interface, InterfaceKind
from vaultc.core.digest import short_id
from vaultc.core.errors import ModelError
from vaultc.model.prompt import load_prompt
from vaultc.model.structured import Refused, ask_value

if TYPE_CHECKING:
    from vaultc.compiler.extract.answers import FoundQuote
    from vaultc.compiler.tools import Tools
    from vaultc.compiler.unit import Unit
    from vaultc.core.source import Quote

TASK = "design"
_MAX_TEXT = 600
_MAX_ELEMENTS = 200


def derive_design(unit: Unit, tools: Tools) -> Unit:
    """Give `unit`, whose design is computed, with the design of the brain put in its place where it holds."""
    if tools.brain is None:
        return unit
    prompt = load_prompt("design", tools.prompt_overrides).fill(
        TASK,
        unit.idea.package,
        title=unit.idea.title,
        language=unit.idea.language,
        package=unit.idea.package,
        requirements=shown.requirements(unit.requirements),
        entities=shown.entities(unit.entities),
        constants=shown.constants(unit),
        rest=shown.rest(unit),
        components=shown.components(unit),
        interfaces=shown.interfaces(unit.interfaces),
        notes=shown.notes(unit, tools.brain),
    )
    try:
        answer = ask_value(tools.brain, prompt, FoundDesign, shown.sampling(tools, tools.brain), check=_is_empty)
    except ModelError as error:
        return unit.with_refusal(TASK, unit.idea.package, error.message)
    if isinstance(answer, Refused):
        return unit.with_refusal(TASK, unit.idea.package, answer.reason)
    return admit_design(unit, answer)


def _is_empty(found: FoundDesign) -> tuple[str, ...]:
    return () if found.components else ("there is no component in it",)


def admit_design(unit: Unit, answer: FoundDesign) -> Unit:
    """Let the good elements of `answer` in; the others are refused and the computed ones stand."""
    extra = FoundEntities(answer.entities, answer.constants)
    unit = admit_entities(unit, extra, TASK)
    unit = admit_requirements(unit, FoundRequirements(decisions=answer.decisions), TASK)
    unit = admit_questions(unit, FoundQuestions(questions=answer.questions), TASK)
    gate = _Gate(unit, scope_of(unit))
    components = [item for item in map(gate.component, answer.components[:_MAX_ELEMENTS]) if item is not None]
    names = {item.code_name: item.id for item in components}
    names |= {item.code_name: item.id for item in unit.components if item.code_name not in names}
    interfaces = [gate.interface(item, names) for item in answer.interfaces[:_MAX_ELEMENTS]]
    components = [replace(item, uses=gate.uses(item, answer, names)) for item in components]
    for target, reason in gate.refused:
        unit = unit.with_refusal(TASK, target, reason)
    if not components:
        return unit
    return merge_design(unit, tuple(components), tuple(item for item in interfaces if item is not None))


@dataclass
class _Gate:
    """Checks elements one by one and remembers what was refused, and why."""

    unit: Unit
    scope: Scope
    refused: list[tuple[str, str]] = field(default_factory=list)
    _modules: set[str] = field(default_factory=set)
    _functions: set[str] = field(default_factory=set)

    def refuse(self, target: str, reason: str) -> None:
        self.refused.append((shown.one_line(target)[:80] or "?", reason))

    def component(self, found: FoundComponent) -> Component | None:
        name = found.code_name
        if not is_identifier(name) or name.lower() != name or name in self._modules or name == self.unit.idea.package:
            self.refuse(name, "its module name is not an identifier in small letters, or is taken")
            return None
        if not found.name.strip() or not found.duty.strip() or len(found.duty) > _MAX_TEXT:
            self.refuse(name, "it has no name or no duty")
            return None
        serves = self._known_ids(name, found.serves)
        grounds = self._grounds(name, found.quotes, found.derived, serves)
        if grounds is None:
            return None
        self._modules.add(name)
        origins, derived = grounds
        return Component(
            component_id(name), shown.one_line(found.name), name, shown.one_line(found.duty), serves, (), origins,
            By.MODEL, derived, self._held(found),
        )  # fmt: skip

    def interface(self, found: FoundInterface, components: dict[str, str]) -> Interface | None:
        name = found.code_name
        if found.component not in components:
            self.refuse(name, f'its component "{found.component[:40]}" is not there')
            return None
        if not is_free(name) or name in self._functions or not found.summary.strip():
            self.refuse(name, "its name is not an identifier or is taken, or it says nothing of itself")
            return None
        read = read_signature(found.signature, self.scope)
        if isinstance(read, str):
            self.refuse(name, read)
            return None
        serves = self._known_ids(name, found.serves)
        grounds = self._grounds(name, found.quotes, found.derived, serves)
        if grounds is None:
            return None
        self._functions.add(name)
        params, returns = read
        stated = self._stated(found) if found.kind == "command" else None
        return Interface(
            id=short_id("I", ("derived", found.component, name)) if stated is None else stated.id,
            component=components[found.component],
            kind=InterfaceKind(found.kind),
            name=(stated.name if stated is not None else found.command) or name.replace("_", " "),
            code_name=name,
            summary=shown.one_line(found.summary)[:_MAX_TEXT],
            params=params,
            returns=returns,
            serves=serves,
            origins=grounds[0],
            by=By.MODEL,
            derived=grounds[1],
            usage=stated.usage if stated is not None else "",
        )

    def uses(self, component: Component, answer: FoundDesign, names: dict[str, str]) -> tuple[str, ...]:
        found = next(item for item in answer.components if item.code_name == component.code_name)
        unknown = [name for name in found.uses if name not in names]
        if unknown:
            self.refuse(component.code_name, f"it uses {unknown[0][:40]!r}, which is not there")
        own = (names[name] for name in found.uses if name in names)
        return tuple(dict.fromkeys(id_ for id_ in own if id_ != component.id))

    def _stated(self, found: FoundInterface) -> Interface | None:
        commands = [item for item in self.unit.interfaces if item.kind is InterfaceKind.COMMAND]
        wanted = found.command.strip()
        return next((item for item in commands if item.name == wanted or item.code_name == found.code_name), None)

    def _held(self, found: FoundComponent) -> tuple[str, ...]:
        ids = {item.code_name: item.id for item in self.unit.constants}
        ids |= {name: entity.id for name, entity in self.scope.classes.items()}
        return tuple(dict.fromkeys(ids[name] for name in found.holds if name in ids))

    def _known_ids(self, target: str, serves: list[str]) -> tuple[str, ...]:
        known = {item.id for item in self.unit.requirements}
        unknown = [id_ for id_ in serves if id_ not in known]
        if unknown:
            self.refuse(target, f"it serves {unknown[0][:40]!r}, which is no requirement")
        return tuple(dict.fromkeys(id_ for id_ in serves if id_ in known))

    def _grounds(
        self, target: str, quotes: list[FoundQuote], reason: str, serves: tuple[str, ...]
    ) -> tuple[tuple[Quote, ...], Derivation | None] | None:
        """Give origins and derivation; None where a quotation does not stand in the notes or there is no ground."""
        found = [find_quote(quote.path, quote.text, self.unit.context) for quote in quotes]
        if None in found:
            lost = quotes[found.index(None)]
            self.refuse(target, f"the notes do not say “{shown.one_line(lost.text)[:60]}”")
            return None
        stated = [quote for quote in found if quote is not None]
        needs = {item.id: item for item in self.unit.requirements}
        leans = some((*stated, *(quote for id_ in serves for quote in needs[id_].origins)))
        if not leans:
            self.refuse(target, "it leads to no note: neither quotes nor requirements")
            return None
        if reason.strip():
            return (), Derivation(shown.one_line(reason)[:_MAX_TEXT], leans)
        return leans, None


def read_signature(text: str, scope: Scope) -> tuple[tuple[Field, ...], str] | str:
    """Give parameters and return annotation of `(a: int, b: str = "x") -> float`, or why it is none."""
    try:
        (node,) = ast.parse(f"def f{text.strip()}: pass").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "its signature is not Python"
    if not isinstance(node, ast.FunctionDef) or len(node.body) != 1 or not isinstance(node.body[0], ast.Pass):
        return "its signature is not Python"
    args = node.args
    if args.vararg or args.kwarg or args.posonlyargs or args.kwonlyargs:
        return "its signature has other than plain parameters"
    defaults = [None] * (len(args.args) - len(args.defaults)) + [ast.unparse(item) for item in args.defaults]
    params = []
    for arg, default in zip(args.args, defaults, strict=True):
        if arg.annotation is None or not is_identifier(arg.arg):
            return f"its parameter {arg.arg} has no type, or a name that cannot be used"
        written = ast.unparse(arg.annotation)
        if scope.annotation(written) != written:
            return f"the type {written} is not known"
        params.append(Field(arg.arg.replace("_", " "), arg.arg, written, default is None, default))
    returns = ast.unparse(node.returns) if node.returns is not None else "None"
    if scope.annotation(returns) != returns:
        return f"the type {returns} is not known"
    return tuple(params), returns

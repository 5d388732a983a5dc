"""Functions of modules: checks of limits, constants, and operations whose body the notes do not determine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.compiler.naming import is_identifier
from vaultc.compiler.python.layout import WIDTH, CodeBlock, call, comment, docstring, plain_text, signature
from vaultc.compiler.python.records import is_value, limit_check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vaultc.compiler.elements import Element
    from vaultc.compiler.outline.guards import LimitGuard
    from vaultc.compiler.python.scope import Scope
    from vaultc.compiler.unit import Constant, Field, Interface, Procedure

_MAX_REASON = 160
_MAX_SUBJECT = 60


def constant_blocks(constants: Sequence[Constant], scope: Scope) -> tuple[CodeBlock, ...]:
    """Give each constant with its id and the words of the notes; a value that is no plain value is left out."""
    blocks = []
    for constant in constants:
        type_ = scope.annotation(constant.type)
        if not is_value(constant.value, type_) or not is_identifier(constant.code_name):
            continue
        unit = f" ({plain_text(constant.unit)})" if constant.unit else ""
        words = f"{constant.id}: {plain_text(constant.name)}{unit}"
        line = f"{constant.code_name}: Final[{type_}] = {constant.value}"
        if len(line) > WIDTH:
            line = f"{constant.code_name}: Final[{type_}] = (\n    {constant.value}\n)"
        imports = frozenset({"from typing import Final"}) | scope.imports_of(type_)
        blocks.append(CodeBlock(f"{comment(words)}\n{line}", imports, is_tight=True))
    return tuple(blocks)


def guard_block(guard: LimitGuard) -> CodeBlock:
    """Give the function that refuses a value outside the limits."""
    lines = [
        signature(guard.code_name, ["value: float"], "None"),
        docstring(guard.subject, ("Raises ValueError outside the stated limits.",), (*guard.serves, guard.id), 4),
    ]
    for limit in guard.limits:
        lines += limit_check("", "value", guard_name(guard), limit, indent=4)
    return CodeBlock("\n".join(lines))


def guard_name(guard: LimitGuard) -> str:
    """Give what a message calls the checked value: its subject; "the value" where that is a whole statement."""
    words = plain_text(guard.subject).rstrip(" .;:")
    return words if words and len(words) <= _MAX_SUBJECT and not guard.is_statement else "the value"


def parameters(interface: Interface, scope: Scope) -> list[str]:
    """Give the parameters of `interface` as they stand in a signature, required ones first."""
    ordered = sorted(interface.params, key=lambda item: item.default is not None)
    return [parameter(item, scope) for item in ordered]


def parameter(param: Field, scope: Scope) -> str:
    """Give one parameter with its annotation and default."""
    type_ = scope.annotation(param.type)
    text = f"{param.code_name}: {type_}"
    if param.default is None:
        return text
    if param.default == "None":
        return f"{text} = None" if "None" in type_ else f"{text} | None = None"
    return f"{text} = {param.default}" if is_value(param.default, type_) else f"{text} | None = None"


def open_block(
    interface: Interface, procedure: Procedure | None, scope: Scope, module: str, known: Mapping[str, Element]
) -> CodeBlock:
    """Give an operation that the notes ask for without saying how: its steps, and what is missing."""
    returns = scope.annotation(interface.returns)
    params = parameters(interface, scope)
    ids = (*interface.serves, interface.id)
    lines = [
        signature(interface.code_name, params, returns),
        docstring(interface.summary or interface.name, (), ids, 4),
    ]
    for number, step in enumerate(procedure.steps if procedure is not None else (), 1):
        lines.append(comment(f"{number}. {step.text}", 4, 2 * min(step.depth, 4)))
    lines.append(call("raise NotImplementedError", reason_of(interface, known)))
    imports: frozenset[str] = frozenset()
    for param in (*params, f"x: {returns}"):
        imports |= scope.imports_of(param.partition(":")[2].partition("=")[0].strip(), module)
    return CodeBlock("\n".join(lines), imports)


def reason_of(interface: Interface, known: Mapping[str, Element]) -> str:
    """Give the id and text of what an open operation waits for: its requirement, else the operation itself."""
    for id_ in interface.serves:
        if id_ in known:
            return short_reason(id_, known[id_].text)
    return short_reason(interface.id, interface.summary or interface.name)


def short_reason(id_: str, text: str) -> str:
    """Give `id: text` as one line of bounded length."""
    words = plain_text(text)
    return f"{id_}: {words if len(words) <= _MAX_REASON else words[: _MAX_REASON - 1].rstrip() + '…'}"

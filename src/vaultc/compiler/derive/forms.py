"""Forms of Python by which code reaches something without naming it: calls, classes, patterns, and the text itself."""

from __future__ import annotations

import ast
import re
import string
from typing import TYPE_CHECKING

from vaultc.compiler.derive.allowed import (
    BASE_ONLY,
    BASES,
    BUILTIN_BASES,
    DECORATOR_ONLY,
    FIELD_ONLY,
    METACLASS_ONLY,
)
from vaultc.compiler.derive.reach import attribute_fault, is_stored, line_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.compiler.derive.reach import Code

# PEP 263: a comment in one of the first two lines says how the bytes of the file are to be read.
_COOKIE = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_UTF_8 = ("utf-8", "utf8")
# Marks that make text look other than it runs: embedded directions, invisible joiners, line ends of other systems.
_HIDDEN = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\x85\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_UNCHECKED = re.compile(r"#\s*(type:\s*ignore(?P<code>\[[\w, -]+\])?|mypy:|pyright:|pytype:)")
_SESSION = re.compile(r"^\s*>>> ", re.MULTILINE)
_PARSERS = ("parse_args", "parse_known_args", "parse_intermixed_args", "parse_known_intermixed_args")


def form_faults(code: Code, text: str) -> Iterator[str]:
    """Give the forms in `code` that may not be used."""
    yield from _text_faults(text, is_test=code.home.is_test)
    own = code.own_names()
    for node in code.nodes:
        fault = ""
        if isinstance(node, ast.Name):
            fault = _type_fault(node, code) if node.id == "type" else _import_fault(node, code)
        elif isinstance(node, ast.Attribute):
            fault = _method_fault(node, code, own) or _import_fault(node, code)
        elif isinstance(node, ast.ClassDef):
            yield from (line_of(node) + found for found in _class_faults(node, code))
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            fault = _match_fault(node, own)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _SESSION.search(node.value):
            fault = "a session with >>> is code in text; write it as a test"
        if fault:
            yield line_of(node) + fault


def _text_faults(text: str, *, is_test: bool) -> Iterator[str]:
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        cookie = _COOKIE.match(line) if number <= 2 else None
        if cookie is not None and cookie[1].lower().replace("_", "-") not in _UTF_8:
            yield f"line {number}: it says that it is written in {cookie[1]}; it must be UTF-8"
        hidden = _HIDDEN.search(line)
        if hidden is not None:
            yield f"line {number}: it holds the invisible character U+{ord(hidden[0]):04X}"
        unchecked = _UNCHECKED.search(line)
        if unchecked is not None and not (is_test and unchecked["code"]):
            yield f"line {number}: it turns a check of types off; correct the types"


def _type_fault(node: ast.Name, code: Code) -> str:
    """Give why `type` may not stand where it does: the class of a value makes new classes where the value is one."""
    parent = code.parent(node)
    if id(node) in code.annotated or (isinstance(parent, ast.Subscript) and parent.value is node):
        return ""
    outer = code.parent(parent) if isinstance(parent, ast.Call) and parent.func is node else None
    is_named = isinstance(outer, ast.Attribute) and outer.attr in ("__name__", "__qualname__")
    if isinstance(parent, ast.Call) and len(parent.args) == 1 and (is_named or isinstance(outer, ast.Compare)):
        return ""
    return "" if is_stored(node) else "type may only be compared, or asked for a name: type(x).__name__"


def _import_fault(node: ast.expr, code: Code) -> str:
    """Give why something imported may not stand where it does."""
    dotted, parent = code.dotted(node), code.parent(node)
    call = parent if isinstance(parent, ast.Call) and parent.func is node else None
    if dotted == DECORATOR_ONLY:
        made = code.parent(call) if call is not None else parent
        decorator = call if call is not None else node
        is_usual = isinstance(made, ast.ClassDef) and decorator in made.decorator_list
        return "" if is_usual else "dataclass may only stand above a class"
    if dotted == FIELD_ONLY:
        made = code.parent(call) if call is not None else None
        is_usual = isinstance(made, ast.AnnAssign) and isinstance(code.parent(made), ast.ClassDef)
        return "" if is_usual else "field(...) may only be the value of a field"
    if dotted == METACLASS_ONLY:
        return "" if isinstance(parent, ast.keyword) and parent.arg == "metaclass" else f"{dotted} is no value"
    if dotted in BASE_ONLY and call is not None:
        return f"{dotted} may not be called; write a class"
    is_changed = isinstance(parent, ast.Attribute) and parent.value is node and is_stored(parent)
    return f"it may not change {dotted}" if dotted is not None and is_changed else ""


def _method_fault(node: ast.Attribute, code: Code, own: frozenset[str]) -> str:
    """Give why a method that reaches attributes by text may not be used as it is."""
    parent = code.parent(node)
    call = parent if isinstance(parent, ast.Call) and parent.func is node else None
    if node.attr == "__setattr__":
        return "" if call is not None and _is_set_on_self(node, call, own) else "it may not use .__setattr__"
    if node.attr == "format" and isinstance(node.ctx, ast.Load):
        return "" if call is not None and _is_plain_format(node.value) else "it may not use .format: write an f-string"
    if node.attr in _PARSERS:
        is_plain = (
            call is not None
            and len(call.args) <= 1
            and all(item.arg not in (None, "namespace") for item in call.keywords)
        )
        return "" if is_plain else f".{node.attr} may only be called with the arguments to read"
    return ""


def _is_set_on_self(node: ast.Attribute, call: ast.Call, own: frozenset[str]) -> bool:
    """Tell whether a call is `object.__setattr__(self, "name", value)`, as a frozen record sets its own fields."""
    if not isinstance(node.value, ast.Name) or node.value.id != "object" or len(call.args) != 3 or call.keywords:
        return False
    target, name, _ = call.args
    if not isinstance(target, ast.Name) or target.id != "self":
        return False
    if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
        return False
    return name.value.isidentifier() and not attribute_fault(name.value, own, is_stored=True)


def _is_plain_format(value: ast.expr) -> bool:
    """Tell whether `value` is a text whose fields are bare names and numbers."""
    if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
        return False
    try:
        parts = list(string.Formatter().parse(value.value))
    except ValueError:
        return False
    fields = [name for _, name, _, _ in parts if name is not None]
    return all(not name or name.isalnum() for name in fields) and not any("{" in (spec or "") for *_, spec, _ in parts)


def _class_faults(node: ast.ClassDef, code: Code) -> Iterator[str]:
    for base in node.bases:
        if not _is_base(base, code):
            yield f"the class {node.name} may not build on {ast.unparse(base):.60}"
    for item in node.keywords:
        if item.arg == "metaclass":
            is_plain = code.dotted(item.value) == "abc.ABCMeta"
        else:
            is_plain = item.arg is not None and isinstance(item.value, ast.Constant)
        if not is_plain:
            yield f"the class {node.name} may not be given {ast.unparse(item.value):.60}"


def _is_base(base: ast.expr, code: Code) -> bool:
    base = base.value if isinstance(base, ast.Subscript) else base
    dotted = code.dotted(base)
    if dotted is not None:
        return dotted in BASES or dotted.startswith(f"{code.home.package}.")
    if not isinstance(base, ast.Name):
        return False
    given = [item for item in code.bindings if item.name == base.id]
    if not given:
        return base.id in BUILTIN_BASES
    return len(given) == 1 and isinstance(given[0].node, ast.ClassDef)


def _match_fault(node: ast.Assign | ast.AnnAssign, own: frozenset[str]) -> str:
    """Give why `__match_args__`, by which a pattern reads attributes, may not be what it is."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    if not any(isinstance(target, ast.Name) and target.id in ("__match_args__", "__slots__") for target in targets):
        return ""
    names = node.value.elts if isinstance(node.value, ast.Tuple | ast.List) else [node.value]
    for item in names:
        if not isinstance(item, ast.Constant) or not isinstance(item.value, str):
            return "the names of attributes must be given as plain text"
        if attribute_fault(item.value, own | {item.value} if item.value.startswith("_") else own, is_stored=True):
            return f"it may not use .{item.value}"
    return ""

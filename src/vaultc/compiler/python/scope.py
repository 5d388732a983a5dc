"""What the modules of a package see: which class stands where, which annotations are allowed, sample values."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.compiler.naming import class_name, is_identifier, member_names, unique
from vaultc.compiler.outline.guards import checked_limits, inner_value
from vaultc.compiler.unit import EntityKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vaultc.compiler.unit import Component, Constant, Entity, Field, Unit

_IMPORTS = {
    "date": "from datetime import date",
    "datetime": "from datetime import datetime",
    "time": "from datetime import time",
    "timedelta": "from datetime import timedelta",
    "Decimal": "from decimal import Decimal",
    "Path": "from pathlib import Path",
    "Mapping": "from collections.abc import Mapping",
    "Sequence": "from collections.abc import Sequence",
    "Iterable": "from collections.abc import Iterable",
    "Iterator": "from collections.abc import Iterator",
    "Callable": "from collections.abc import Callable",
    "UTC": "from datetime import UTC",
}
_BUILTIN = frozenset(
    {"int", "float", "str", "bool", "bytes", "object", "list", "dict", "tuple", "set", "frozenset", "None"}
)
_SAMPLES = {
    "int": "1",
    "float": "1.0",
    "bool": "True",
    "bytes": 'b"x"',
    "date": "date(2026, 1, 2)",
    "datetime": "datetime(2026, 1, 2, 3, 4, tzinfo=UTC)",
    "time": "time(12, 30)",
    "timedelta": "timedelta(minutes=5)",
    "Decimal": 'Decimal("1.50")',
    "Path": 'Path("sample.json")',
    "None": "None",
    "object": "None",
}
_MAX_DEPTH = 6
_WORD = re.compile("[A-Za-z_][A-Za-z_0-9]*")


@dataclass(frozen=True)
class Scope:
    """The names of a package: classes by name, their modules, constants by name."""

    package: str
    classes: Mapping[str, Entity]
    homes: Mapping[str, str]
    constants: Mapping[str, Constant]

    def annotation(self, text: str) -> str:
        """Give `text` as an annotation of known names; "str" where it is none."""
        try:
            tree = ast.parse(text.strip() or "str", mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return "str"
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        is_plain = all(
            isinstance(
                node,
                ast.Expression | ast.Name | ast.Load | ast.Subscript | ast.Tuple | ast.BinOp | ast.BitOr | ast.List,
            )
            or (isinstance(node, ast.Constant) and node.value in (None, ...))
            for node in ast.walk(tree)
        )
        known = {*_BUILTIN, *_IMPORTS, *self.classes} - {"UTC"}
        if not is_plain or not names <= known:
            return "str"
        return ast.unparse(tree)

    def imports_of(self, text: str, module: str = "") -> frozenset[str]:
        """Give the import lines that the code `text` needs inside `module`."""
        lines = set()
        for name in _names(text):
            if name in _IMPORTS:
                lines.add(_IMPORTS[name])
            home = self.homes.get(name)
            if home is not None and home != module:
                lines.add(f"from {self.package}.{home} import {name}")
        return frozenset(lines)

    def sample(self, type_: str, limits: Sequence[object] = (), depth: int = 0) -> str:
        """Give Python source of a value of the annotation `type_`."""
        first = type_.split(" | ")[0].strip()
        if first in self.classes:
            return self.sample_of(self.classes[first], depth)
        if first == "str":
            return '"x"'
        if first.startswith(("list[", "Sequence[")) or first in ("list", "Sequence"):
            return "[]"
        if first.startswith(("dict", "Mapping")):
            return "{}"
        if first.startswith(("tuple", "set", "frozenset", "Iterable", "Iterator", "Callable")):
            return {"set": "set()", "frozenset": "frozenset()", "Iterator": "iter(())"}.get(first.split("[")[0], "()")
        return _SAMPLES.get(first, "None")

    def sample_field(self, field: Field, depth: int = 0) -> str:
        """Give a value of `field` that keeps its limits."""
        type_ = self.annotation(field.type)
        limits = checked_limits(field)
        first = type_.split(" | ")[0].strip()
        if not limits:
            return self.sample(type_, (), depth)
        value = inner_value(limits, is_whole=first != "float") or 0.0
        if first in ("int", "float"):
            return str(int(value)) if first == "int" else repr(float(value))
        count = int(value)
        if first == "str":
            return '"x"' if count == 1 else f'"x" * {count}'
        if first.startswith("list["):
            item = self.sample(first[5:-1], (), depth + 1)
            return f"[{item}]" if count == 1 else f"[{item}] * {count}" if count else "[]"
        return self.sample(type_, (), depth)

    def sample_of(self, entity: Entity, depth: int = 0, **changed: str) -> str:
        """Give a call that makes a valid value of `entity`; `changed` gives source for some of its fields."""
        name = class_name(entity)
        if entity.kind is not EntityKind.RECORD:
            members = member_names(states_of(entity))
            return f"{name}.{members[0]}" if members else "None"
        if depth > _MAX_DEPTH:
            return "None"
        args = []
        for field, attribute in zip(entity.fields, attribute_names(entity), strict=True):
            if attribute in changed:
                args.append(f"{attribute}={changed[attribute]}")
            elif not is_optional(field):
                args.append(f"{attribute}={self.sample_field(field, depth + 1)}")
        return f"{name}({', '.join(args)})"


def is_optional(field: Field) -> bool:
    """Tell whether a record can be made without this field."""
    return not field.is_required or field.default is not None


def attribute_names(entity: Entity) -> tuple[str, ...]:
    """Give the names of the attributes of a record, in the order of its fields, each once.

    None hides what the types and defaults of the class name, for inside of it the attribute would be meant.
    """
    said = " ".join(f"{field.type} {field.default or ''}" for field in entity.fields)
    used = {*_WORD.findall(said), *(["field"] if any(item.default in ("[]", "{}") for item in entity.fields) else [])}
    taken: set[str] = set()
    names = []
    for field in entity.fields:
        is_plain = is_identifier(field.code_name) and field.code_name not in used
        name = field.code_name if is_plain else f"{field.code_name}_"
        names.append(unique(name if name.isidentifier() and name.isascii() else "field", taken))
    return tuple(names)


def states_of(entity: Entity) -> tuple[str, ...]:
    """Give the values of an enumeration or the states of a machine, in order, each once."""
    found = list(entity.values)
    for transition in entity.transitions:
        found += [transition.source, transition.target]
    return tuple(dict.fromkeys(value for value in found if value not in ("[*]", "")))


def scope_of(unit: Unit) -> Scope:
    """Give what the modules of the package of `unit` see."""
    homes: dict[str, str] = {}
    by_id = {id_: component for component in unit.components for id_ in component.holds}
    classes: dict[str, Entity] = {}
    for entity in unit.entities:
        name = class_name(entity)
        classes.setdefault(name, entity)
        homes.setdefault(name, _home(by_id.get(entity.id), "model"))
    for constant in unit.constants:
        homes.setdefault(constant.code_name, _home(by_id.get(constant.id), "limits"))
    return Scope(unit.idea.package, classes, homes, {item.code_name: item for item in unit.constants})


def _home(component: Component | None, default: str) -> str:
    return component.code_name if component is not None else default


def _names(text: str) -> set[str]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return set("".join(c if c.isalnum() or c == "_" else " " for c in text).split())
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}

"""What the modules of a package see: which class stands where, which annotations are allowed, sample values."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from vaultc.compiler.naming import class_name, is_identifier, member_names, unique
from vaultc.compiler.outline.guards import checked_limits, inner_value
from vaultc.compiler.trees import expression, parsed
from vaultc.compiler.unit import EntityKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

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
_MOST_SPELLED = 400
"""From this many characters on a record is made by a function of the test module instead of wherever it is needed.

Spelled out in the test of each field, tests would grow with the square of the fields, and records that hold records
with the power of their depth.
"""
_MADE = re.compile(r"\b(_valid_\w+)\(\)")
_CAPITAL = re.compile(r"(?=[A-Z])")
_NAME = re.compile(r"\w+")


@dataclass(frozen=True)
class Scope:
    """The names of a package: classes by name, their modules, constants by name."""

    package: str
    classes: Mapping[str, Entity]
    homes: Mapping[str, str]
    constants: Mapping[str, Constant]

    @cached_property
    def _ranks(self) -> Mapping[str, int]:
        """The place of each class behind those it holds."""
        return {item.id: at for at, item in enumerate(inner_first(self.classes.values(), self.held))}

    @cached_property
    def _inner(self) -> dict[tuple[str, int], str]:
        """What was spelled out already, by class and depth."""
        return {}

    def held(self, entity: Entity) -> list[Entity]:
        """Give the records and enumerations that the fields of `entity` hold."""
        names = (name for part in entity.fields for name in _NAME.findall(part.type))
        return [self.classes[name] for name in dict.fromkeys(names) if name in self.classes]

    def annotation(self, text: str) -> str:
        """Give `text` as an annotation of known names; "str" where it is none."""
        tree = expression(text.strip() or "str")
        if tree is None:
            return "str"
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        is_plain = all(
            isinstance(
                node,
                ast.Name | ast.Load | ast.Subscript | ast.Tuple | ast.BinOp | ast.BitOr | ast.List,
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

    def sample(self, type_: str, depth: int = 0, holder: Entity | None = None) -> str:
        """Give Python source of a value of the annotation `type_`, for a field of `holder` where it is one."""
        first = type_.split(" | ")[0].strip()
        if first in self.classes:
            return self.call_of(self.classes[first], depth, holder)
        if first == "str":
            return '"x"'
        if first.startswith(("list[", "Sequence[")) or first in ("list", "Sequence"):
            return "[]"
        if first.startswith(("dict", "Mapping")):
            return "{}"
        if first.startswith(("tuple", "set", "frozenset", "Iterable", "Iterator", "Callable")):
            return {"set": "set()", "frozenset": "frozenset()", "Iterator": "iter(())"}.get(first.split("[")[0], "()")
        return _SAMPLES.get(first, "None")

    def sample_field(self, field: Field, holder: Entity, depth: int = 0) -> str:
        """Give a value of `field` of `holder` that keeps its limits."""
        type_ = self.annotation(field.type)
        limits = checked_limits(field)
        first = type_.split(" | ")[0].strip()
        if not limits:
            return self.sample(type_, depth, holder)
        value = inner_value(limits, is_whole=first != "float") or 0.0
        if first in ("int", "float"):
            return str(int(value)) if first == "int" else repr(float(value))
        count = int(value)
        if first == "str":
            return '"x"' if count == 1 else f'"x" * {count}'
        if first.startswith("list["):
            item = self.sample(first[5:-1], depth + 1, holder)
            return f"[{item}]" if count == 1 else f"[{item}] * {count}" if count else "[]"
        return self.sample(type_, depth, holder)

    def call_of(self, entity: Entity, depth: int = 0, holder: Entity | None = None) -> str:
        """Give source of a valid value of `entity`: spelled out, or a call of its `maker` where that would be long."""
        key = (class_name(entity), depth)
        if key not in self._inner:
            self._inner[key] = self.sample_of(entity, depth)
        made = self._inner[key]
        if len(made) <= _MOST_SPELLED:
            return made
        # A maker calls those of what it holds: in a circle they would never end.
        is_inner = holder is None or self._ranks[entity.id] < self._ranks[holder.id]
        return f"{self.maker(entity)}()" if is_inner else "None"

    def maker(self, entity: Entity) -> str:
        """Give the name of the function of a test module that makes a valid value of `entity`."""
        return f"_valid{_CAPITAL.sub('_', class_name(entity))}".lower()

    def makers_in(self, text: str) -> list[Entity]:
        """Give the records whose makers `text` calls, each behind those that its own maker calls."""
        by_maker = {self.maker(entity): entity for entity in self.classes.values()}

        def called(source: str) -> list[Entity]:
            return [by_maker[name] for name in dict.fromkeys(_MADE.findall(source)) if name in by_maker]

        return inner_first(called(text), lambda entity: called(self.sample_of(entity)))

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
                args.append(f"{attribute}={self.sample_field(field, entity, depth + 1)}")
        return f"{name}({', '.join(args)})"


def inner_first(entities: Iterable[Entity], held: Callable[[Entity], Iterable[Entity]]) -> list[Entity]:
    """Give `entities` and what they hold, each behind what it holds; a circle is cut where it is met.

    Records may hold each other as deep as a note is long, so the way down is a list and no recursion.
    """
    done: dict[str, Entity] = {}
    above: set[str] = set()
    for entity in entities:
        above.add(entity.id)
        way = [(entity, iter(held(entity)))]
        while way:
            holder, inner = way[-1]
            following = next((item for item in inner if item.id not in done and item.id not in above), None)
            if following is not None:
                above.add(following.id)
                way.append((following, iter(held(following))))
            else:
                done.setdefault(holder.id, holder)
                way.pop()
    return list(done.values())


def is_optional(field: Field) -> bool:
    """Tell whether a record can be made without this field."""
    return not field.is_required or field.default is not None


def attribute_names(entity: Entity) -> tuple[str, ...]:
    """Give the names of the attributes of a record, in the order of its fields, each once.

    None hides what the types and defaults of the class name, for inside of it the attribute would be meant.
    """
    said = " ".join(f"{field.type} {field.default or ''}" for field in entity.fields)
    used = {*_NAME.findall(said), *(["field"] if any(item.default in ("[]", "{}") for item in entity.fields) else [])}
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
    for constant in unit.declared:
        homes.setdefault(constant.code_name, _home(by_id.get(constant.id), "limits"))
    return Scope(unit.idea.package, classes, homes, {item.code_name: item for item in unit.declared})


def _home(component: Component | None, default: str) -> str:
    return component.code_name if component is not None else default


def _names(text: str) -> set[str]:
    tree = parsed(text)
    if tree is None:
        return set("".join(c if c.isalnum() or c == "_" else " " for c in text).split())
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}

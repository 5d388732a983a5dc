"""Records, enumerations and state machines as Python classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.compiler.naming import class_name, constant, member_names, snake
from vaultc.compiler.outline.assemble import next_state_name
from vaultc.compiler.outline.guards import checked_limits
from vaultc.compiler.python.layout import WIDTH, CodeBlock, docstring, formatted, literal, number, plain_text, signature
from vaultc.compiler.python.scope import attribute_names, states_of
from vaultc.compiler.trees import expression
from vaultc.compiler.unit import EntityKind
from vaultc.compiler.wording import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.compiler.python.scope import Scope
    from vaultc.compiler.unit import Entity, Field, Limit, Transition


def entity_blocks(
    entity: Entity, scope: Scope, module: str, ids: Sequence[str], language: str = "en"
) -> tuple[CodeBlock, ...]:
    """Give the class of `entity` and what belongs to it. `ids` are the elements it implements."""
    if entity.kind is EntityKind.RECORD:
        return (_record(entity, scope, module, ids, language),)
    blocks = [_enumeration(entity, ids)]
    if entity.kind is EntityKind.STATES and entity.transitions:
        blocks += [transitions_block(entity, ids), next_state_block(entity, ids)]
    return tuple(blocks)


def _enumeration(entity: Entity, ids: Sequence[str]) -> CodeBlock:
    values = states_of(entity)
    lines = [f"class {class_name(entity)}(StrEnum):", docstring(entity.name, (), ids, 4), ""]
    lines += [f"    {name} = {literal(value)}" for name, value in zip(member_names(values), values, strict=True)]
    return CodeBlock("\n".join(lines), frozenset({"from enum import StrEnum"}))


def table_name(entity: Entity) -> str:
    """Give the name of the table of transitions of a state machine."""
    return f"{constant(snake(entity.name))}_TRANSITIONS"


def moves(entity: Entity) -> tuple[Transition, ...]:
    """Give the transitions between states, one for each state and event; start and end marks are left out."""
    found: dict[tuple[str, str], Transition] = {}
    for item in entity.transitions:
        if "[*]" not in (item.source, item.target):
            found.setdefault((item.source, event_of(item)), item)
    return tuple(found.values())


def event_of(transition: Transition) -> str:
    """Give the name of the event; an arrow without words is named by where it leads."""
    return transition.event or transition.target


def transitions_block(entity: Entity, ids: Sequence[str]) -> CodeBlock:
    """Give the table of transitions."""
    name = class_name(entity)
    members = dict(zip(states_of(entity), member_names(states_of(entity)), strict=True))
    lines = [f"# {plain_text(entity.name)}: {', '.join(ids)}"[:WIDTH]]
    lines.append(f"{table_name(entity)}: Final[Mapping[tuple[{name}, str], {name}]] = {{")
    for item in moves(entity):
        key = f"({name}.{members[item.source]}, {literal(event_of(item))})"
        lines.append(f"    {key}: {name}.{members[item.target]},")
    lines.append("}")
    imports = {"from collections.abc import Mapping", "from typing import Final"}
    return CodeBlock("\n".join(lines), frozenset(imports), is_tight=True)


def next_state_block(entity: Entity, ids: Sequence[str]) -> CodeBlock:
    """Give the function that moves the machine on and refuses an event that is not told."""
    name = class_name(entity)
    lines = [
        signature(next_state_name(entity), [f"state: {name}", "event: str"], name),
        docstring(f"{entity.name}: {name}", ("Raises ValueError for an event that the notes do not tell.",), ids, 4),
        "    try:",
        f"        return {table_name(entity)}[state, event]",
        "    except KeyError:",
        '        raise ValueError(f"no transition from {state.value!r} on {event!r}") from None',
    ]
    return CodeBlock("\n".join(lines))


def _record(entity: Entity, scope: Scope, module: str, ids: Sequence[str], language: str) -> CodeBlock:
    name = class_name(entity)
    # A record that is only known by a file's name has none in the note's language.
    title = entity.name if language == "en" or not entity.name.isascii() else f"{say(language, 'record')} {entity.name}"
    notes = [f"{attribute}: {text}" for attribute, text in _notes(entity)]
    lines = ["@dataclass(frozen=True, slots=True)", f"class {name}:", docstring(title, notes, ids, 4), ""]
    imports = {"from dataclasses import dataclass"}
    required, optional = [], []
    for field, attribute in zip(entity.fields, attribute_names(entity), strict=True):
        type_ = scope.annotation(field.type)
        imports |= scope.imports_of(type_, module)
        default = default_of(field, type_, scope)
        if default is None:
            required.append(f"    {attribute}: {type_}")
        else:
            if default.startswith("field("):
                imports.add("from dataclasses import field")
            imports |= scope.imports_of(default, module)
            is_open = default == "None" and "None" not in type_
            optional.append(f"    {attribute}: {type_}{' | None' if is_open else ''} = {default}")
    lines += required + optional
    checks = _checks(entity, scope)
    if checks:
        lines += ["", "    def __post_init__(self) -> None:", *checks]
    return CodeBlock("\n".join(lines), frozenset(imports))


def _notes(entity: Entity) -> list[tuple[str, str]]:
    return [
        (attribute, field.note)
        for field, attribute in zip(entity.fields, attribute_names(entity), strict=True)
        if field.note.strip()
    ]


def default_of(field: Field, type_: str, scope: Scope) -> str | None:
    """Give Python source of the default of a field, or None where it must be given."""
    if field.default is None:
        return None if field.is_required else "None"
    if field.default in ("None", "[]", "{}"):
        return {"[]": "field(default_factory=list)", "{}": "field(default_factory=dict)"}.get(field.default, "None")
    return field.default if is_value(field.default, type_) else "None" if not field.is_required else None


def is_value(source: str, type_: str) -> bool:
    """Tell whether `source` is a plain value of the annotation: a literal of its type, or `date.fromisoformat`."""
    import ast

    alone = expression(f"f({source}, 0)")
    try:
        value = ast.literal_eval(expression(source.lstrip(" \t")) or "")
        if not isinstance(alone, ast.Call) or len(alone.args) != 2 or "\n" in source:
            return False  # a comment or a line end would swallow what follows
    except (ValueError, SyntaxError, TypeError, MemoryError):
        first = type_.split(" | ")[0]
        return source.startswith(f'{first}.fromisoformat("') and source.endswith('")') and source.count('"') == 2
    names = {"float": (int, float), "int": (int,), "str": (str,), "bool": (bool,)}
    allowed = names.get(type_.split(" | ")[0].strip())
    return (
        allowed is not None and isinstance(value, allowed) and (type_.startswith("bool") or not isinstance(value, bool))
    )


def _checks(entity: Entity, scope: Scope) -> list[str]:
    lines: list[str] = []
    for field, attribute in zip(entity.fields, attribute_names(entity), strict=True):
        type_ = scope.annotation(field.type)
        is_number = type_.split(" | ")[0] in ("int", "float")
        subject = f"self.{attribute}" if is_number else f"len(self.{attribute})"
        may_miss = "None" in type_ or default_of(field, type_, scope) == "None"
        guard = f"self.{attribute} is not None and " if may_miss else ""
        for limit in checked_limits(field):
            lines += limit_check(guard, subject, attribute, limit)
    return lines


def limit_check(guard: str, subject: str, name: str, limit: Limit, indent: int = 8) -> list[str]:
    """Give the lines that refuse a value outside `limit`."""
    pad = " " * indent
    bound = number(limit.value)
    message = formatted(f"{name} {limit_words(limit, is_length=subject.startswith('len('))}, got ", subject)
    test = f"not {subject} {limit.comparator} {bound}"
    if guard:
        test = f"{guard}{test}"
    one = f"{pad}    raise ValueError({message})"
    if len(one) > WIDTH:
        one = f"{pad}    raise ValueError(\n{pad}        {message}\n{pad}    )"
    return [f"{pad}if {test}:", one]


_WORDS = {
    "<=": "at most",
    "<": "less than",
    ">=": "at least",
    ">": "more than",
    "==": "exactly",
    "!=": "other than",
}
_PLURALS = {"day": "days", "week": "weeks", "month": "months", "year": "years", "hour": "hours", "char": "characters",
            "minute": "minutes", "second": "seconds", "item": "items", "word": "words", "line": "lines",
            "page": "pages", "byte": "bytes", "time": "times"}  # fmt: skip
_RUSSIAN = {"l": "л", "ml": "мл", "min": "мин", "h": "ч", "s": "с", "ms": "мс", "l/min": "л/мин", "m": "м", "cm": "см",
            "mm": "мм", "km": "км", "kg": "кг", "g": "г", "W": "Вт", "kW": "кВт", "V": "В", "A": "А", "m/s": "м/с",
            "km/h": "км/ч", "Hz": "Гц", "kHz": "кГц", "MB": "МБ", "GB": "ГБ", "kB": "кБ"}  # fmt: skip


def limit_words(limit: Limit, *, is_length: bool = False) -> str:
    """Give a limit in words: "must be at most 7 days"; of a length "must have at least 1 character"."""
    unit = unit_words(limit, is_length=is_length)
    verb = "have" if is_length else "be"
    return f"must {verb} {_WORDS[limit.comparator]} {number(limit.value)} {unit}".rstrip()


def unit_words(limit: Limit, *, is_length: bool = False) -> str:
    """Give the unit of a limit as people write it, in the letters of the note."""
    unit = plain_text(limit.unit)
    if any("\u0400" <= char <= "\u04ff" for char in limit.quote.text) and unit in _RUSSIAN:
        return _RUSSIAN[unit]
    if is_length and not unit:
        unit = "item"
    is_one = abs(limit.value) == 1
    if unit == "char":
        return "character" if is_one else "characters"
    return unit if is_one else _PLURALS.get(unit, unit)

"""Records as JSON files: strict reading, whole writing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.compiler.naming import class_name
from vaultc.compiler.outline.assemble import root_records, storage_name
from vaultc.compiler.outline.keys import key_of
from vaultc.compiler.python.layout import WIDTH, CodeBlock, docstring, literal, signature
from vaultc.compiler.python.records import default_of
from vaultc.compiler.python.scope import attribute_names, inner_first
from vaultc.compiler.unit import EntityKind
from vaultc.compiler.wording import say

if TYPE_CHECKING:
    from vaultc.compiler.python.scope import Scope
    from vaultc.compiler.unit import Entity, Field, Unit

_LOAD_RAISES = "Raises ValueError where the file holds something else."
_CHECKED = {"str": "_text", "int": "_whole", "float": "_number", "bool": "_flag"}
_TEXTUAL = {"date": "date", "datetime": "datetime", "time": "time"}


def storage_blocks(unit: Unit, scope: Scope, module: str) -> tuple[CodeBlock, ...]:
    """Give the functions that read and write the records of `unit`."""
    language = unit.idea.language
    blocks = []
    for entity in _needed(unit, scope):
        blocks += [_to_json(entity, scope, module, language), _from_json(entity, scope, module, language)]
    for entity in root_records(unit):
        blocks += [_load(entity, scope, module, language), _save(entity, scope, module, language)]
    body = "\n".join(block.text for block in blocks)
    readers = [reader for name, reader in _READERS.items() if f"{name}(" in body]
    return (*readers, *blocks)


def _needed(unit: Unit, scope: Scope) -> list[Entity]:
    """Give the records that files hold, inner ones first."""

    def records_in(entity: Entity) -> list[Entity]:
        return [item for item in scope.held(entity) if item.kind is EntityKind.RECORD]

    return inner_first(root_records(unit), records_in)


def _to_json(entity: Entity, scope: Scope, module: str, language: str) -> CodeBlock:
    name = class_name(entity)
    lines = [
        signature(storage_name("to_json", entity), [f"record: {name}"], "dict[str, object]"),
        docstring(f"{say(language, 'to_json')}: {entity.name}", (), (entity.id,), 4),
    ]
    may_miss = any("None" in _full_type(field, scope) for field in entity.fields)
    lines.append("    data: dict[str, object] = {" if may_miss else "    return {")
    for field, attribute in zip(entity.fields, attribute_names(entity), strict=True):
        value = _encoded(f"record.{attribute}", _full_type(field, scope), scope)
        lines.append(f"        {literal(key_of(field, attribute))}: {value},")
    lines.append("    }")
    if may_miss:
        lines.append("    return {key: value for key, value in data.items() if value is not None}")
    return CodeBlock("\n".join(lines), scope.imports_of(name, module))


def _full_type(field: Field, scope: Scope) -> str:
    type_ = scope.annotation(field.type)
    return f"{type_} | None" if default_of(field, type_, scope) == "None" and "None" not in type_ else type_


def _encoded(value: str, type_: str, scope: Scope) -> str:
    first, _, rest = type_.partition(" | ")
    if rest:
        inner = _encoded(value, first, scope)
        return value if inner == value else f"None if {value} is None else {inner}"
    if first in scope.classes:
        entity = scope.classes[first]
        return f"{storage_name('to_json', entity)}({value})" if entity.kind is EntityKind.RECORD else f"{value}.value"
    if first in _TEXTUAL:
        return f"{value}.isoformat()"
    if first == "timedelta":
        return f"{value}.total_seconds()"
    if first in ("Decimal", "Path"):
        return f"str({value})"
    if first.startswith("Mapping["):
        return f"dict({value})"
    if first.startswith("list["):
        inner = _encoded("item", first[5:-1], scope)
        return f"list({value})" if inner == "item" else f"[{inner} for item in {value}]"
    return value


def _from_json(entity: Entity, scope: Scope, module: str, language: str) -> CodeBlock:
    name = class_name(entity)
    raises = "Raises ValueError where the value is not such a record or breaks a limit."
    lines = [
        signature(storage_name("from_json", entity), ["value: object"], name),
        docstring(f"{say(language, 'from_json')}: {entity.name}", (raises,), (entity.id,), 4),
        f"    data = _object(value, {literal(name)})",
        f"    return {name}(",
    ]
    imports = set(scope.imports_of(name, module))
    for field, attribute in zip(entity.fields, attribute_names(entity), strict=True):
        type_ = _full_type(field, scope)
        imports |= scope.imports_of(type_.split(" | ")[0], module)
        lines += _assigned(attribute, _decoded(attribute, field, type_, scope))
    lines.append("    )")
    return CodeBlock("\n".join(lines), frozenset(imports))


def _assigned(attribute: str, value: str) -> list[str]:
    one = f"        {attribute}={value},"
    head, sign, rest = value.partition(" if ")
    if len(one) <= WIDTH or not sign:
        return [one]
    test, _, other = rest.partition(" else ")
    return [f"        {attribute}={head}", f"        if {test}", f"        else {other},"]


def _decoded(attribute: str, field: Field, type_: str, scope: Scope) -> str:
    first = type_.partition(" | ")[0]
    name = key_of(field, attribute)
    key = f"data.get({literal(name)})"
    inner = _read(key, name, first, scope)
    default = default_of(field, scope.annotation(field.type), scope)
    if default is None:
        return inner
    fallback = {"field(default_factory=list)": "[]", "field(default_factory=dict)": "{}"}.get(default, default)
    return f"{fallback} if {key} is None else {inner}"


def _read(value: str, attribute: str, type_: str, scope: Scope) -> str:
    where = literal(attribute)
    if type_ in scope.classes:
        entity = scope.classes[type_]
        if entity.kind is EntityKind.RECORD:
            return f"{storage_name('from_json', entity)}({value})"
        return f"{type_}(_text({value}, {where}))"
    if type_ in _CHECKED:
        return f"{_CHECKED[type_]}({value}, {where})"
    if type_ in _TEXTUAL:
        return f"{type_}.fromisoformat(_text({value}, {where}))"
    if type_ == "timedelta":
        return f"timedelta(seconds=_number({value}, {where}))"
    if type_ in ("Decimal", "Path"):
        return f"{type_}(_text({value}, {where}))"
    if type_.startswith("list["):
        inner = _read("item", attribute, type_[5:-1], scope)
        return f"[{inner} for item in _items({value}, {where})]"
    if type_.startswith(("dict[", "Mapping[")):
        return f"_texts({value}, {where})"
    if type_ == "object":
        return value
    return f"_text({value}, {where})"


def _load(entity: Entity, scope: Scope, module: str, language: str) -> CodeBlock:
    name = class_name(entity)
    lines = [
        signature(storage_name("load", entity), ["path: Path"], f"list[{name}]"),
        docstring(f"{say(language, 'load')}: {entity.name}", (_LOAD_RAISES,), (entity.id,), 4),
        "    if not path.exists():",
        "        return []",
        '    data: object = json.loads(path.read_text(encoding="utf-8"))',
    ]
    items = f"_items(data, {literal(name)})"
    if entity.is_lone:
        lines += ["    if isinstance(data, dict):", f"        return [{storage_name('from_json', entity)}(data)]"]
    lines.append(f"    return [{storage_name('from_json', entity)}(item) for item in {items}]")
    imports = {"import json", "from pathlib import Path", *scope.imports_of(name, module)}
    return CodeBlock("\n".join(lines), frozenset(imports))


def _save(entity: Entity, scope: Scope, module: str, language: str) -> CodeBlock:
    name = class_name(entity)
    written = "data[0] if len(data) == 1 else data" if entity.is_lone else "data"
    lines = [
        signature(storage_name("save", entity), ["path: Path", f"records: list[{name}]"], "None"),
        docstring(f"{say(language, 'save')}: {entity.name}", (), (entity.id,), 4),
        f"    data = [{storage_name('to_json', entity)}(record) for record in records]",
        f"    text = json.dumps({written}, ensure_ascii=False, indent=2)",
        '    staged = path.with_name(path.name + ".new")',
        '    staged.write_text(text + "\\n", encoding="utf-8")',
        "    staged.replace(path)",
    ]
    imports = {"import json", "from pathlib import Path", *scope.imports_of(name, module)}
    return CodeBlock("\n".join(lines), frozenset(imports))


def _reader(name: str, returns: str, test: str, wanted: str, result: str = "value") -> CodeBlock:
    lines = [
        f"def {name}(value: object, where: str) -> {returns}:",
        f"    if {test}:",
        f'        raise ValueError(f"{{where}}: expected {wanted}")',
        f"    return {result}",
    ]
    return CodeBlock("\n".join(lines))


_READERS = {
    "_object": _reader("_object", "dict[str, object]", "not isinstance(value, dict)", "an object"),
    "_items": _reader("_items", "list[object]", "not isinstance(value, list)", "a list"),
    "_text": _reader("_text", "str", "not isinstance(value, str)", "a text"),
    "_whole": _reader("_whole", "int", "not isinstance(value, int) or isinstance(value, bool)", "a whole number"),
    "_number": _reader(
        "_number", "float", "not isinstance(value, int | float) or isinstance(value, bool)", "a number", "float(value)"
    ),
    "_flag": _reader("_flag", "bool", "not isinstance(value, bool)", "true or false"),
    "_texts": _reader(
        "_texts",
        "dict[str, str]",
        "not isinstance(value, dict)",
        "an object of texts",
        "{str(key): str(item) for key, item in value.items()}",
    ),
}

"""Tables: of fields (a row each), of data (a column each), of transitions; told by headers and by what cells hold."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from vaultc.compiler.extract.fields import Bound, FieldDraft, RecordDraft, default_of, is_name, is_unit, named_unit
from vaultc.compiler.extract.groups import any_form, is_determiner, nominative
from vaultc.compiler.extract.naming import name_from, thing_name
from vaultc.compiler.extract.plain import plain
from vaultc.compiler.extract.topics import Topic, topic_of, topic_of_path
from vaultc.compiler.extract.type_words import TypeWords, read_type, says, type_named, type_of_sample
from vaultc.core.note import BlockKind
from vaultc.language.form import Pos
from vaultc.language.lexicon import phrases
from vaultc.language.mentions import mention
from vaultc.language.morphology import analyse
from vaultc.language.quantities import quantities
from vaultc.language.reading import read
from vaultc.language.stems import fold, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vaultc.compiler.extract.region import Region
    from vaultc.core.note import Block, Cell, Table


class Role(StrEnum):
    """What a column of a table holds; the values are categories of the lexicon of records."""

    NAME = "name"
    TYPE = "type"
    UNIT = "unit"
    LOW = "low"
    HIGH = "high"
    RANGE = "range"
    REQUIRED = "required"
    OPTIONAL = "optional"
    DEFAULT = "default"
    NOTE = "note"
    SAMPLE = "sample"


_STRONG = frozenset({Role.TYPE, Role.UNIT, Role.LOW, Role.HIGH, Role.RANGE, Role.REQUIRED, Role.OPTIONAL, Role.DEFAULT})
_SAYING = frozenset({Role.RANGE, Role.NOTE})
_NO_DATA = frozenset(
    {
        Topic.HISTORY, Topic.REFERENCES, Topic.DECISIONS, Topic.RISKS, Topic.TASKS, Topic.QUESTIONS, Topic.USAGE,
        Topic.EXCLUDED, Topic.EXAMPLES, Topic.REQUIREMENTS, Topic.SETTINGS,
    }
)  # fmt: skip
_NO_FIELDS = frozenset({Topic.SETTINGS, Topic.EXAMPLES, Topic.DECISIONS, Topic.HISTORY})
_EMPTY = frozenset({"", "-", "–", "—", "−", "?"})
_MOST = 0.6
_MAX_CELL_WORDS = 6
_MAX_COLUMNS = 12
_FEW = 2


def is_of(text: str, category: str) -> bool:
    """Tell whether a header is of a category of columns, by its last word or its first."""
    spoken = [word.text for word in words(text)]
    return bool(spoken) and any(any_form(word, f"column.{category}") for word in (spoken[-1], spoken[0]))


def _is_other(text: str) -> bool:
    """Tell whether a header says nothing but that the column holds no data: "method", "reason"."""
    spoken = list(words(text))
    place = mention(text, phrases("records", "column.other"), begin=True)
    return place is not None and place[1] == spoken[-1].end


def columns_of(header: Sequence[Cell], rows: Sequence[Sequence[Cell]] = ()) -> dict[Role, int]:
    """Give which column of a table of fields holds what: told by its header, else by what its cells hold."""
    found: dict[Role, int] = {}
    for at, cell in enumerate(header):
        for role in Role:
            if role not in found and is_of(cell.text, role):
                found[role] = at
                break
    if Role.TYPE not in found:
        for at in range(len(header)):
            if at not in found.values() and _holds_types([row[at].text for row in rows if at < len(row)]):
                found[Role.TYPE] = at
                found.setdefault(Role.NAME, 0)
                break
    return found


def _holds_types(cells: Sequence[str]) -> bool:
    known = [bool(type_named(named_unit(cell.strip(" `*"))[0])) for cell in cells if cell]
    return len(known) >= _FEW and sum(known) >= _MOST * len(known)


def is_field_table(table: Table, headings: Sequence[str]) -> bool:
    """Tell whether a table lists fields: a column of names, and one of types, units, ranges or the like."""
    columns = columns_of(table.header, table.rows)
    if Role.NAME not in columns:
        return False
    topic = topic_of_path(headings)
    if any(_is_other(cell.text) for cell in table.header):
        return False
    strong = sum(role in columns for role in _STRONG)
    is_field = is_of(table.header[columns[Role.NAME]].text, "field")
    if topic in _NO_FIELDS or any(is_of(cell.text, "value") for cell in table.header):
        return is_field and strong >= 1
    if {Role.TYPE, Role.REQUIRED, Role.OPTIONAL} & columns.keys():
        return Role.TYPE not in columns or is_field or strong > 1 or _cells_are_types(table, columns[Role.TYPE])
    return (is_field and len(columns) >= _FEW) or (topic is Topic.DATA and strong >= 1) or strong >= _FEW


def _cells_are_types(table: Table, at: int) -> bool:
    cells = [row[at].text for row in table.rows if at < len(row) and row[at].text]
    known = [cell for cell in cells if (read := read_type(cell)).type or read.options or read.is_list or read.is_enum]
    return bool(known) and len(known) >= _MOST * len(cells)


def of_table(region: Region, block: Block, table: Table, lead: str) -> RecordDraft | None:
    """Give the record that a table draws, or None where it draws none."""
    headings = region.headings(block)
    full = (*headings, lead) if lead else headings
    if is_field_table(table, full):
        return _of_fields(region, block, table, lead)
    is_shown = any(topic_of(heading) is Topic.EXAMPLES for heading in full)
    if not is_shown and topic_of_path(full) not in _NO_DATA and _is_data(table):
        return _of_data(region, block, table, lead)
    return None


def _name(region: Region, block: Block, lead: str, key: str = "") -> str:
    headings = region.headings(block)
    own = (thing_name(lead) if lead else "") or name_from(headings, "")
    return own or (thing_name(key) if key and not any_form(key, "field.attribute") else "") or region.note.title


def _of_fields(region: Region, block: Block, table: Table, lead: str) -> RecordDraft | None:
    columns = columns_of(table.header, table.rows)
    fields = tuple(_row(region, table.header, row, columns) for row in table.rows if _has_name(row, columns))
    if not fields:
        return None
    return RecordDraft(_name(region, block, lead), fields, (region.quote(block.text),), region)


def _has_name(row: Sequence[Cell], columns: Mapping[Role, int]) -> bool:
    at = columns[Role.NAME]
    return len(row) > at and any(char.isalpha() for char in row[at].text) and len(row[at].text) <= 60


def _row(region: Region, header: Sequence[Cell], row: Sequence[Cell], columns: Mapping[Role, int]) -> FieldDraft:
    def said_in(role: Role) -> str:
        at = columns.get(role, -1)
        return plain(region, row[at].span) if 0 <= at < len(row) else ""

    role_at = {at: role for role, at in columns.items()}
    type_text, type_unit = named_unit(said_in(Role.TYPE))
    type_words = read_type(type_text)
    name, name_unit = named_unit(said_in(Role.NAME))
    # Any other column may say that a field is optional, state its bounds or its default.
    rest = [
        cell for at, cell in enumerate(row)
        if cell.text and (role_at.get(at) is None or role_at[at] in {*_SAYING, Role.LOW, Role.HIGH})
    ]  # fmt: skip
    spoken = " ".join(
        plain(region, cell.span) for at, cell in enumerate(row) if cell in rest and role_at.get(at) is not Role.LOW
        and role_at.get(at) is not Role.HIGH
    )  # fmt: skip
    signs = {columns.get(Role.LOW): ">=", columns.get(Role.HIGH): "<="}
    bounds = tuple(Bound(cell.span, signs.get(at, "")) for at, cell in enumerate(row) if cell in rest)
    if type_words.type and not type_words.options:
        bounds = (*bounds, Bound(row[columns[Role.TYPE]].span)) if Role.TYPE in columns else bounds
    unit = said_in(Role.UNIT) or type_unit or name_unit
    return FieldDraft(
        name, type_words, said_in(Role.NOTE) or spoken,
        region.quote(region.source.span(row[0].span.start, row[-1].span.end)),
        unit, bounds, _is_required(said_in(Role.REQUIRED), said_in(Role.OPTIONAL), type_words, spoken),
        said_in(Role.DEFAULT) or default_of(spoken), said_in(Role.SAMPLE),
    )  # fmt: skip


def _is_required(required: str, optional: str, type_: TypeWords, spoken: str) -> bool | None:
    flag = fold(required).strip(" *_.`")
    if flag and (says(flag, "field.free") or flag in _EMPTY):
        return False
    if flag and (says(flag, "field.yes") or not any(char.isalpha() for char in flag)):
        return True  # a word, or a tick
    flag = fold(optional).strip(" *_.`")
    if flag and flag not in _EMPTY and not says(flag, "field.free"):
        return False
    return False if type_.is_optional or says(spoken, "field.optional") else None


def _is_data(table: Table) -> bool:
    """Tell whether the rows of a table are data: short cells of a kind below headers that are names."""
    header = [cell.text.strip(" *`") for cell in table.header]
    if not _FEW <= len(header) <= _MAX_COLUMNS or len(table.rows) < _FEW or not all(header):
        return False
    if any(_is_other(text) or not _is_header(text) for text in header):
        return False
    if any(is_of(text, "value") for text in header[1:3]) and (len(header) == _FEW or is_of(header[0], "name")):
        return False  # settings
    cells = [cell.text for row in table.rows for cell in row]
    long = [text for text in cells if len(text.split()) > _MAX_CELL_WORDS or read(text).modal]
    keys = [row[0].text for row in table.rows if row]
    if len(header) == _FEW and any(len(text.split()) > 3 for text in cells) and not any(map(quantities, cells)):
        return False  # terms and what they mean
    if any(number.comparator for text in cells for number in quantities(text)):
        return False  # what holds when, and no data
    is_route = any(text.strip("` ").startswith("/") for text in cells)
    return not is_route and len(long) * 5 <= len(cells) and len(set(keys)) == len(keys) and all(keys)


def _is_header(text: str) -> bool:
    bare = named_unit(text)[0]
    is_word = len(bare.split()) == 1
    is_pointing = is_word and analyse(bare)[0].pos in {Pos.PRONOUN, Pos.DETERMINER}
    return (is_name(bare) or is_word) and not is_pointing and not is_unit(bare)


def _of_data(region: Region, block: Block, table: Table, lead: str) -> RecordDraft:
    rows = tuple(
        tuple(plain(region, row[at].span) if at < len(row) else "" for at in range(len(table.header)))
        for row in table.rows
    )
    fields = tuple(
        _column(region, cell, [row[at] for row in rows], is_key=at == 0) for at, cell in enumerate(table.header)
    )
    key = named_unit(plain(region, table.header[0].span))[0]
    own = _row_name(region, block) or (thing_name(lead) if lead else "")
    named = "" if own or not lead or any_form(key, "field.attribute") else thing_name(key)
    name = own or named or _name(region, block, lead, key)
    return RecordDraft(name, fields, (region.quote(block.text),), region, rows)


def _column(region: Region, head: Cell, cells: Sequence[str], *, is_key: bool) -> FieldDraft:
    name, unit = named_unit(plain(region, head.span))
    shown = [cell for cell in cells if cell not in _EMPTY]
    required = False if len(shown) < len(cells) else None
    distinct = tuple(dict.fromkeys(shown))
    words_of = _kind(shown)
    if not words_of.is_list and words_of.type == "str":
        measured = {_measure(cell) for cell in shown}
        if len(measured) == 1 and "" not in measured:
            unit, words_of = measured.pop(), TypeWords("float")
        elif not is_key and len(cells) >= 2 * len(distinct) >= 2 * _FEW and all(" " not in cell for cell in distinct):
            words_of = TypeWords(options=distinct, is_enum=True)
    return FieldDraft(name, words_of, "", region.quote(head.span), unit, (), required)


def _kind(cells: Sequence[str]) -> TypeWords:
    """Give the type of the cells of a column; cells of several values of one kind, "08:00, 20:00", are lists."""
    kinds = {type_of_sample(cell) for cell in cells}
    if "str" in kinds:
        inner = {type_of_sample(part.strip()) for cell in cells for part in cell.split(",")}
        return TypeWords(inner.pop(), is_list=True) if len(inner) == 1 and inner != {"str"} else TypeWords("str")
    return TypeWords("float" if kinds == {"int", "float"} else kinds.pop() if len(kinds) == 1 else "str")


def _measure(cell: str) -> str:
    """Give the unit of a cell that is one quantity; empty where it is something else."""
    found = quantities(cell)
    is_whole = len(found) == 1 and found[0].start == 0 and found[0].end == len(cell.strip())
    return found[0].unit if is_whole and found[0].dimension not in {"count", "number"} else ""


def _row_name(region: Region, block: Block) -> str:
    """Give the thing that the notes call a row of the table: "each line is a parcel", «каждая строка — посылка»."""
    for _, other in region.blocks():
        if other.section != block.section or other.kind is not BlockKind.PARAGRAPH:
            continue
        found = [word.text for word in words(plain(region, other.text))]
        for at in range(len(found) - 2):
            is_each = any_form(found[at], "owner.each") and any_form(found[at + 1], "thing.row")
            if is_each and any_form(found[at + 2], "values.be", "moves.become") and at + 3 < len(found):
                rest = found[at + 3 :]
                while rest and is_determiner(rest[0]):
                    rest = rest[1:]
                if rest:
                    return nominative(rest[:1])
    return ""


def moves_of(table: Table) -> tuple[int, int, int] | None:
    """Give the columns of a table of transitions: from, event (-1 where it has none), to; None for another table."""
    columns = [cell.text for cell in table.header]
    source = next((at for at, text in enumerate(columns) if is_of(text, "source")), -1)
    target = next((at for at, text in enumerate(columns) if at != source and is_of(text, "target")), -1)
    if source < 0 or target < 0:
        return None
    begins = {row[source].text for row in table.rows if source < len(row)}
    ends = {row[target].text for row in table.rows if target < len(row)}
    event = next((at for at, text in enumerate(columns) if at not in {source, target} and is_of(text, "event")), -1)
    is_short = all(0 < len(text.split()) <= 3 for text in begins | ends)
    return (source, event, target) if begins & ends and is_short else None


def rows_of(region: Region) -> Iterator[tuple[Block, Table]]:
    """Give the tables of a region that are no tables of transitions."""
    for block, table in region.tables():
        if moves_of(table) is None:
            yield block, table

"""Records as the notes draw them, before names and types are settled: tables of fields, lists, diagrams."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.compiler.extract.flows import diagrams
from vaultc.compiler.extract.mermaid import DiagramKind
from vaultc.compiler.extract.naming import name_from, thing_name
from vaultc.compiler.extract.plain import plain
from vaultc.compiler.extract.statements import leads
from vaultc.compiler.extract.topics import Topic, topic_of_path
from vaultc.compiler.extract.type_words import TypeWords, read_type
from vaultc.language.lexicon import listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vaultc.compiler.extract.region import Region
    from vaultc.core.note import Block, Cell, Table
    from vaultc.core.source import Quote, Span


@dataclass(frozen=True, slots=True)
class FieldDraft:
    """A field as written. `bounds` are places whose words may state limits; `unit` is that of its column."""

    name: str
    words: TypeWords
    note: str
    quote: Quote
    unit: str = ""
    bounds: tuple[Span, ...] = ()
    required: bool | None = None
    default: str = ""
    sample: str = ""


@dataclass(frozen=True, slots=True)
class RecordDraft:
    """A record as written, and from what kind of place."""

    name: str
    fields: tuple[FieldDraft, ...]
    origins: tuple[Quote, ...]
    region: Region


_COLUMNS: dict[str, frozenset[str]] = {
    "name": listed("field fields name key column attribute property parameter param member "
                      "поле поля имя название атрибут ключ параметр колонка столбец свойство"),
    "type": listed("type kind тип format формат datatype вид"),
    "unit": listed("unit units единица единицы ед ед.изм единиц"),
    "range": listed("range limits limit bounds values allowed constraints constraint min max "
    "диапазон пределы предел границы "
                       "значения допустимо ограничения ограничение мин макс от до"),
    "required": listed("required mandatory req обязательно обязательное обязательность обяз нужно"),
    "default": listed("default defaults умолчание умолчанию"),
    "note": listed("note notes description meaning what comment comments remark about описание заметка заметки "
                      "примечание примечания комментарий смысл пояснение что значение"),
    "sample": listed("example sample пример образец"),
}  # fmt: skip
_STRONG = ("type", "unit", "range", "required", "default")
_ITEM = re.compile(r"^(?P<name>[\w][\w .'-]{0,40}?)\s{0,2}(?:[:—–]|\s-\s|\()\s{0,2}(?P<rest>\S.*)$", re.DOTALL)
_YES = listed("yes да y + true required обязательно x ✓ ✔ ✅ must")
_NO = listed("no нет n - – — false optional необязательно опционально")


def draft_records(region: Region) -> Iterator[RecordDraft]:
    """Give the records that tables, lists and class or entity diagrams of a region draw, in this order."""
    lead_of = leads(region)
    for block, table in region.tables():
        lead = lead_of.get(table.block)
        draft = _of_table(region, block, table, lead)
        if draft is not None:
            yield draft
    yield from _of_lists(region, lead_of)
    yield from _of_diagrams(region)


def columns_of(header: Sequence[Cell]) -> dict[str, int]:
    """Give which column of a table of fields holds what; empty where it is none."""
    found: dict[str, int] = {}
    for index, cell in enumerate(header):
        words = [word.strip("*_`.,:()") for word in cell.text.lower().replace("/", " ").split()]
        for role, names in _COLUMNS.items():
            if role not in found and words and (words[0] in names or words[-1] in names):
                found[role] = index
                break
    return found


def is_field_table(header: Sequence[Cell], headings: Sequence[str]) -> bool:
    """Tell whether a table lists fields: a column of names, and one of types, units, ranges or the like."""
    columns = columns_of(header)
    if "name" not in columns:
        return False
    if "type" in columns or "required" in columns:
        return True
    first = header[columns["name"]].text.lower().strip("*_` ")
    is_field_word = (
        first.split()[0] in {"field", "поле", "column", "attribute", "атрибут", "колонка", "key", "ключ"}
        if first
        else False
    )
    strong = sum(role in columns for role in _STRONG)
    topic = topic_of_path(headings)
    if topic in {Topic.SETTINGS, Topic.EXAMPLES, Topic.DECISIONS, Topic.HISTORY}:
        return is_field_word and strong >= 1
    return (is_field_word and len(columns) >= 2) or (topic is Topic.DATA and strong >= 1) or strong >= 2


def _of_table(region: Region, block: Block, table: Table, lead: str | None) -> RecordDraft | None:
    headings = region.headings(block)
    full = (*headings, lead) if lead else headings
    if not is_field_table(table.header, full):
        return None
    columns = columns_of(table.header)
    fields = tuple(_row(region, table.header, row, columns) for row in table.rows if _has_name(row, columns))
    if not fields:
        return None
    name = (thing_name(lead) if lead else "") or name_from(headings, region.note.title)
    return RecordDraft(name, fields, (region.quote(block.text),), region)


def _has_name(row: Sequence[Cell], columns: dict[str, int]) -> bool:
    at = columns["name"]
    return len(row) > at and any(char.isalpha() for char in row[at].text) and len(row[at].text) <= 60


def _row(region: Region, header: Sequence[Cell], row: Sequence[Cell], columns: dict[str, int]) -> FieldDraft:
    def cell(role: str) -> Cell | None:
        at = columns.get(role, -1)
        return row[at] if 0 <= at < len(row) else None

    def words(role: str) -> str:
        found = cell(role)
        return plain(region, found.span) if found is not None else ""

    type_words = read_type(words("type"))
    # Any column may say that a field is optional or state its bounds; only those of names, types and samples do not.
    rest = [
        part
        for at, part in enumerate(row)
        if at
        not in {
            columns["name"],
            columns.get("type"),
            columns.get("sample"),
            columns.get("unit"),
            columns.get("default"),
        }
    ]
    said = " ".join(plain(region, part.span) for part in rest)
    required = words("required").lower().strip("*_ .")
    flag = True if required in _YES else False if required in _NO else None
    if flag is None and (type_words.is_optional or read_type(f"str, {said}").is_optional):
        flag = False
    note = words("note") or said
    return FieldDraft(
        words("name"), type_words, note, region.quote(region.source.span(row[0].span.start, row[-1].span.end)),
        words("unit"), tuple(part.span for part in rest if part.text), flag, words("default"), words("sample"),
    )  # fmt: skip


def _of_lists(region: Region, lead_of: dict[int, str]) -> Iterator[RecordDraft]:
    """Give the records of lists `name: type — note` that stand under a heading of data or a lead "A book has:"."""
    run: list[tuple[FieldDraft, bool]] = []
    key: tuple[int, str] | None = None
    for item in (*region.note.items, None):
        block = region.note.blocks[item.block] if item is not None else None
        here = None
        if (
            item is not None
            and block is not None
            and region.holds(block.text)
            and item.depth == 0
            and not region.is_foreign(block)
        ):
            here = (block.section, lead_of.get(item.block, ""))
        if here != key or here is None:
            yield from _closed_list(region, key, run)
            run, key = [], here
        if block is not None and here is not None and item is not None and item.task is None:
            draft = _item(region, block)
            if draft is not None:
                run.append(draft)
            else:
                run.append((FieldDraft("", TypeWords(), "", region.quote(block.text)), False))


def _closed_list(
    region: Region, key: tuple[int, str] | None, run: list[tuple[FieldDraft, bool]]
) -> Iterator[RecordDraft]:
    if key is None or not run:
        return
    section, lead = key
    headings = region.note.sections[section].headings if region.note.sections else ()
    full = (*headings, lead) if lead else headings
    typed = sum(is_typed for _, is_typed in run)
    fields = tuple(draft for draft, _ in run if draft.name)
    enough = typed * 2 > len(run) if topic_of_path(full) is not Topic.DATA else typed * 3 >= len(run)
    if (
        typed < 2
        or not enough
        or topic_of_path(full) in {Topic.SETTINGS, Topic.HISTORY, Topic.EXAMPLES, Topic.REFERENCES}
    ):
        return
    name = (thing_name(lead) if lead else "") or name_from(headings, region.note.title)
    yield RecordDraft(name, fields, tuple(draft.quote for draft, _ in run), region)


def _item(region: Region, block: Block) -> tuple[FieldDraft, bool] | None:
    """Read one item; the flag tells whether a type word stands behind the name."""
    text = plain(region, block.text)
    match = _ITEM.match(text)
    if match is None or len(match["name"].split()) > 4:
        return None
    rest = match["rest"].strip()
    head = rest
    for sign in (" — ", " – ", " - ", "; ", ". "):
        head = head.split(sign)[0]
    first = head.split(",")[0].strip(" ()")
    words = read_type(head.rstrip(")"))
    if not words.options and not words.is_list:
        words = read_type(first)
    is_typed = bool(words.options) or (bool(words.type) and len(first.split()) <= 4)
    if not is_typed and not words.is_list:
        words = TypeWords()
    optional = read_type(f"str, {rest}").is_optional
    return (
        FieldDraft(
            match["name"].strip(), words, rest, region.quote(block.text), "", (block.text,), False if optional else None
        ),
        is_typed,
    )


def _of_diagrams(region: Region) -> Iterator[RecordDraft]:
    for _, fence, diagram in diagrams(region):
        if diagram.kind not in {DiagramKind.CLASSES, DiagramKind.RELATIONS}:
            continue
        offset = fence.code_span.start
        for box in diagram.boxes:
            fields = tuple(
                FieldDraft(
                    member.name, read_type(member.type), member.note,
                    region.quote(region.source.span(offset + member.start, offset + member.end)),
                )
                for member in box.members
            )  # fmt: skip
            if fields:
                origin = region.quote(region.source.span(offset + box.start, offset + box.end))
                yield RecordDraft(box.name, fields, (origin,), region)

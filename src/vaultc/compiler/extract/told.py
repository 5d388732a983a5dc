"""Records that are told, not drawn: lists of fields, "**Parcel**: code, weight", "a yarn has a name and a weight"."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from vaultc.compiler.extract.fields import Bound, FieldDraft, RecordDraft, spoken_field
from vaultc.compiler.extract.groups import any_form, head_of, nominative
from vaultc.compiler.extract.items import list_parts
from vaultc.compiler.extract.naming import (
    name_from,
    owner_of,
    owner_place,
    possession,
    thing_name,
    without_number,
)
from vaultc.compiler.extract.plain import plain
from vaultc.compiler.extract.region import trimmed
from vaultc.compiler.extract.topics import Topic, topic_of_path
from vaultc.core.note import BlockKind
from vaultc.language.form import Mood, Pos, Tense
from vaultc.language.morphology import analyse
from vaultc.language.quantities import quantities
from vaultc.language.stems import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vaultc.compiler.extract.region import Region
    from vaultc.compiler.extract.statements import Statement
    from vaultc.core.note import Block
    from vaultc.core.source import Span
    from vaultc.language.stems import Word

_NO_FIELDS = frozenset({Topic.SETTINGS, Topic.HISTORY, Topic.EXAMPLES, Topic.REFERENCES})
_UNSAID = frozenset({Topic.HISTORY, Topic.REFERENCES, Topic.EXCLUDED, Topic.QUESTIONS})
_KEY = re.compile(r"^\s{0,9}(?P<key>(?:`[^`\n]{1,60}`|[^:.!?;,`]){2,60}?)\s{0,3}(?P<sign>:|\s[—–-]\s)\s{0,3}(?=\S)")
_FILE = re.compile(r"`(?P<stem>[\w. -]{1,60})\.(?P<kind>csv|tsv|jsonl?|ya?ml|xlsx?|ods|txt|db|sqlite)`")
_CLAUSE_END = re.compile(r"[;!?]|\.(?:\s|$)|\s[—–]\s|\s-\s")
_MAX_FIELDS = 30
_MAX_KEY_WORDS = 4
_FEW = 2


def of_lists(region: Region, lead_of: dict[int, str]) -> Iterator[RecordDraft]:
    """Give the records of lists of fields under a heading of data, a lead "A book has:" or an item that names a thing."""
    run: list[FieldDraft | None] = []
    key: tuple[int, str] | None = None
    for item in (*region.note.items, None):
        block = region.note.blocks[item.block] if item is not None else None
        here = None
        if item is not None and block is not None and region.holds(block.text) and not region.is_foreign(block):
            above = _item_above(region, block) if item.depth else lead_of.get(item.block, "")
            here = None if item.depth and not above else (block.section, above)
            if item.depth and here is None:
                continue
        if here != key:
            yield from _closed_list(region, key, run)
            run, key = [], here
        if block is not None and here is not None and item is not None and item.task is None:
            run.append(spoken_field(region, _head_span(region, block)))
    yield from _closed_list(region, key, run)


def _head_span(region: Region, block: Block) -> Span:
    """Give the first line of an item: what stands below it is its own."""
    return trimmed(region.source, block.text.start, block.text.end)


def _item_above(region: Region, block: Block) -> str:
    """Give the words of the item around `block` where they only name a thing: "**Parcel**", "A parcel has:"."""
    above = region.note.blocks[block.parent] if block.parent is not None else None
    if above is None or above.kind is not BlockKind.LIST_ITEM:
        return ""
    text = plain(region, above.text).strip()
    is_short = len(text.split()) <= _MAX_KEY_WORDS and (text.endswith(":") or thing_name(text) != "")
    return text.rstrip(":") if is_short or owner_of(text) else ""


def _closed_list(
    region: Region, key: tuple[int, str] | None, run: Sequence[FieldDraft | None]
) -> Iterator[RecordDraft]:
    fields = tuple(draft for draft in run if draft is not None)
    if key is None or len(fields) < _FEW:
        return
    section, lead = key
    headings = region.note.sections[section].headings if region.note.sections else ()
    full = (*headings, lead) if lead else headings
    topic = topic_of_path(full)
    typed = sum(bool(draft.words.type or draft.words.options or draft.words.is_list) for draft in fields)
    evident = sum(draft.is_evident for draft in fields)
    owner = owner_of(lead) or (owner_of(headings[-1]) if headings and not lead else "")
    is_owned = bool(owner) and evident * 3 >= len(run) and len(fields) * 3 >= len(run) * 2
    is_data = topic is Topic.DATA and (typed * 3 >= len(run) or (evident * 2 > len(run) and evident >= _FEW))
    if (
        topic in _NO_FIELDS
        or not (typed * 2 > len(run) or is_owned or is_data)
        or not (typed >= _FEW or evident >= _FEW)
    ):
        return
    name = (thing_name(lead) if lead else "") or name_from(headings, region.note.title)
    yield RecordDraft(name, fields, tuple(draft.quote for draft in fields), region)


def of_statements(region: Region, said: Sequence[Statement], taken: frozenset[Span]) -> Iterator[RecordDraft]:
    """Give the records that the sentences and items of a region tell of; the places `taken` are read already."""
    for statement in said:
        if statement.quote.span in taken:
            continue
        topic = topic_of_path(statement.headings)
        if statement.is_question or topic in _UNSAID or statement.quote.span.path != region.source.path:
            continue
        if not region.holds(statement.quote.span):
            continue
        draft = _of_key(region, statement, topic) or _of_possession(region, statement)
        if draft is not None:
            yield draft


def _of_key(region: Region, statement: Statement, topic: Topic) -> RecordDraft | None:
    """Read "**Parcel**: code, weight (1–30 kg)", «Карточка лифта: номер, адрес», "`stock.csv`: name, price"."""
    text = statement.shown
    match = _KEY.match(without_number(text).rjust(len(text)))
    if match is None:
        return None
    key = match["key"].strip()
    file = _FILE.search(key)
    is_bold = statement.quote.text.lstrip("-*+ ").startswith("**") or statement.quote.text.startswith("__")
    if match["sign"] != ":" and not is_bold:
        return None
    name = file["stem"] if file and key.endswith("`") else thing_name(key)
    if not name or any_form(name.split()[0], "thing.product") or len(key.split()) > (12 if file else _MAX_KEY_WORDS):
        return None
    start = _list_start(text, match.end())
    fields = _fields(region, statement, start, len(text), strict=not (is_bold or file))
    evident = sum(draft.is_evident for draft in fields)
    is_data = bool(file) or is_bold or topic is Topic.DATA
    has_enough = evident >= 1 if is_data else evident * 2 >= len(fields) and evident >= _FEW
    is_value = any_form(name.split()[-1], "values.key", "field.attribute") or any_form(key.split()[-1], "values.key")
    if len(fields) < _FEW or not has_enough or (is_value and not file):
        return None
    return RecordDraft(name, fields, (statement.quote,), region)


def _list_start(text: str, start: int) -> int:
    """Give where a list begins behind a key: behind "a purchase; attributes:" where so much is said before it."""
    colon = text.find(":", start)
    return colon + 1 if colon > 0 and len(text[start:colon].split()) > 1 and "," in text[colon:] else start


def _fields(region: Region, statement: Statement, start: int, stop: int, *, strict: bool) -> tuple[FieldDraft, ...]:
    """Read the parts of a list at `[start, stop)` of a statement; `strict` stops at the first that names nothing."""
    text = statement.shown[start:stop]
    offset = statement.quote.span.start + start
    found: list[FieldDraft] = []
    for begin, end in list_parts(text):
        span = region.source.span(offset + begin, offset + end)
        draft = spoken_field(region, span)
        if found and (draft is None or _adds(text[begin:end])):
            if not _adds(text[begin:end]):
                if strict:
                    break
                continue
            found[-1] = _with_more(region, found[-1], span)
        elif draft is not None:
            found.append(draft)
        elif strict:
            break
    return tuple(found[:_MAX_FIELDS])


def _adds(part: str) -> bool:
    """Tell whether a part only says more of the field before it: "0 to 9 m", "optional"."""
    numbers = quantities(part)
    first = words(part)
    lone = next(first, None)
    return bool(
        numbers and numbers[0].comparator and head_of([word.text for word in words(part[: numbers[0].start])]) is None
    ) or (lone is not None and any_form(lone.text, "field.optional", "field.required", "field.unique"))


def _with_more(region: Region, draft: FieldDraft, span: Span) -> FieldDraft:
    said = plain(region, span)
    optional = any(any_form(word.text, "field.optional") for word in words(said))
    quote = region.quote(region.source.span(draft.quote.span.start, span.end))
    return replace(
        draft, note=f"{draft.note}, {said}".strip(", "), quote=quote, bounds=(*draft.bounds, Bound(span)),
        required=False if optional else draft.required, is_evident=True,
    )  # fmt: skip


def _of_possession(region: Region, statement: Statement) -> RecordDraft | None:
    """Read "a yarn has a name, a weight and an optional colour", «у заявки есть номер и адрес»."""
    text = statement.shown
    found = list(words(text))
    verb = possession(found)
    if verb is None or _is_denied(found, verb):
        return None
    start, end = owner_place(found, verb)
    if start >= end:
        return None
    name = nominative([word.text for word in found[start:end]])
    is_stored = any_form(found[verb].text, "owner.store")
    if (
        not name
        or any_form(name.split()[-1], "thing.product", "thing.carrier")
        or (not is_stored and not _is_any(found, start))
    ):
        return None
    begin, stop = _list_range(text, found, verb, start)
    fields = _fields(region, statement, begin, stop, strict=True)
    evident = sum(draft.is_evident for draft in fields)
    if len(fields) == 1 and fields[0].words.is_list and not is_stored:
        return RecordDraft(name, fields, (statement.quote,), region)  # more of a record that is known
    if len(fields) < _FEW or evident * 2 < len(fields):
        return None
    return RecordDraft(name, fields, (statement.quote,), region)


def _is_any(found: Sequence[Word], start: int) -> bool:
    """Tell whether a thing is spoken of as any of its kind: "a yarn", "each yarn", "yarns", «у заявки»."""
    if start == 0:
        return any(form.is_plural for form in analyse(found[0].text)) or any_form(found[0].text, "owner.each")
    return any_form(found[start - 1].text, "owner.each", "owner.of", "owner.in")


def _is_denied(found: Sequence[Word], verb: int) -> bool:
    """Tell whether a sentence says what is not so, or what was."""
    form = next((form for form in analyse(found[verb].text) if form.pos is Pos.VERB), None)
    near = found[max(0, verb - 3) : verb + 2]
    is_past = form is not None and form.mood is Mood.FINITE and form.tense is Tense.PAST and not form.is_passive
    is_passive = any(reading.is_passive for reading in analyse(found[verb].text))
    return (is_past and not is_passive) or any(any_form(word.text, "moves.never") for word in near)


def _list_range(text: str, found: Sequence[Word], verb: int, owner: int) -> tuple[int, int]:
    """Give where the list of what a thing has stands: behind the verb and its "of", or behind "with"."""
    begin = found[verb].end
    stop = found[owner - 1].start if owner > verb else len(text)
    if owner > verb:  # "the app keeps a name and a phone of each tenant", "we keep of each tenant a name and a phone"
        while owner < len(found) and not text[found[owner].end : found[owner].end + 2].strip(" ").startswith(
            (":", ",")
        ):
            owner += 1
        if text[begin:stop].strip(" ,:") == "" or len(text[begin:stop].split()) < _FEW:
            begin, stop = (found[owner].end if owner < len(found) else len(text)), len(text)
    colon = text.find(":", begin, stop)
    if colon >= 0:
        begin = colon + 1
    else:
        for at in range(verb + 1, min(verb + 4, len(found))):
            if found[at].start >= stop or not any_form(found[at].text, "owner.with", "owner.of", "owner.in"):
                break
            begin = found[at].end
    end = _CLAUSE_END.search(text, begin, stop)
    return begin, end.start() if end else stop

"""Records that are told, not drawn: lists of fields, "**Parcel**: code, weight", "a yarn has a name and a weight"."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from vaultc.compiler.extract.fields import Bound, FieldDraft, RecordDraft, spoken_field
from vaultc.compiler.extract.groups import any_form, head_of, is_russian, nominative, plain_case
from vaultc.compiler.extract.items import list_parts
from vaultc.compiler.extract.naming import (
    name_from,
    owner_of,
    owner_place,
    possession,
    thing_name,
    without_number,
)
from vaultc.compiler.extract.plain import masked, plain
from vaultc.compiler.extract.region import trimmed
from vaultc.compiler.extract.topics import Topic, topic_of_path
from vaultc.core.note import BlockKind
from vaultc.language.form import Mood, Pos, Tense
from vaultc.language.lexicon import phrases
from vaultc.language.mentions import mention
from vaultc.language.morphology import analyse
from vaultc.language.quantities import quantities
from vaultc.language.reading import read
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
_KEY = re.compile(r"^\s{0,9}(?P<key>(?:`[^`\n]{1,60}`|[^:.!?;,`]){1,60}?)\s{0,3}(?P<sign>:|\s[—–-]\s)\s{0,3}(?=\S)")
_FILE = re.compile(r"`(?P<stem>[\w. -]{1,60})\.(?P<kind>csv|tsv|jsonl?|ya?ml|xlsx?|ods|txt|db|sqlite)`")
_CLAUSE_END = re.compile(r"[;!?]|\.(?:\s|$)|\s[—–]\s|\s-\s")
_SENTENCE_END = re.compile(r"\.\s+(?=[A-ZА-ЯЁ])")
_MAX_FIELDS = 30
_MAX_KEY_WORDS = 4
_FEW = 2


def of_lists(region: Region, lead_of: dict[int, str], taken: Sequence[Span]) -> Iterator[RecordDraft]:
    """Give the records of lists of fields below a heading of data, "A book has:" or an item that names a thing."""
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
            is_read = any(block.text.covers(span) for span in taken)
            run.append(None if is_read else spoken_field(region, _head_span(region, block)))
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
    is_owned = bool(owner) and evident * 3 >= len(run) and len(fields) * 2 > len(run)
    is_data = topic is Topic.DATA and (typed * 3 >= len(run) or (evident * 2 > len(run) and evident >= _FEW))
    if (
        topic in _NO_FIELDS
        or not (typed * 2 > len(run) or is_owned or is_data)
        or not (typed >= _FEW or evident >= _FEW)
    ):
        return
    name = (thing_name(lead) if lead else "") or name_from(headings, region.note.title)
    yield RecordDraft(name, fields, tuple(draft.quote for draft in fields), region)


def of_keys(region: Region) -> Iterator[RecordDraft]:
    """Give the records of paragraphs, lines and items that begin with a bold name: "**Parcel**: code, weight"."""
    for _, block in region.blocks():
        if block.kind not in {BlockKind.PARAGRAPH, BlockKind.LIST_ITEM} or region.is_foreign(block):
            continue
        headings = region.headings(block)
        if topic_of_path(headings) in _UNSAID or _lists_parts(headings):
            continue
        start = block.text.start
        for line in region.source.slice(block.text).split("\n"):
            span = trimmed(region.source, start, start + len(line))
            start += len(line) + 1
            if region.source.slice(span).startswith(("**", "__")):
                draft = _of_key(region, span, Topic.DATA, is_bold=True)
                if draft is not None:
                    yield draft


def of_statements(region: Region, said: Sequence[Statement], taken: Sequence[Span]) -> Iterator[RecordDraft]:
    """Give the records that the sentences and items of a region tell of; the places `taken` are read already."""
    for statement in said:
        topic = topic_of_path(statement.headings)
        place = statement.quote.span
        if statement.is_question or topic in _UNSAID or _lists_parts(statement.headings):
            continue
        if place.path != region.source.path or not region.holds(place):
            continue
        if any(span.covers(place) or place.covers(span) for span in taken):
            continue
        draft = _of_key(region, place, topic, is_bold=False) or _of_possession(region, statement)
        if draft is not None:
            yield draft


def _lists_parts(headings: Sequence[str]) -> bool:
    """Tell whether a section lists the parts of the program, which are no data."""
    return any(any_form(word.text, "thing.part") for heading in headings[-1:] for word in words(heading))


def _of_key(region: Region, span: Span, topic: Topic, *, is_bold: bool) -> RecordDraft | None:
    """Read "**Parcel**: code, weight (1–30 kg)", «Карточка лифта: номер, адрес», "`stock.csv`: name, price"."""
    text = masked(region, span, with_code=True)
    match = _KEY.match(without_number(text).rjust(len(text)))
    if match is None or (match["sign"] != ":" and not is_bold):
        return None
    if any(char.isdigit() for char in match["key"]) or (is_bold and read(text).modal):
        return None  # the number of a requirement
    key = match["key"].strip()
    file = _FILE.search(key) if key.endswith("`") else None
    name = file["stem"] if file else thing_name(key)
    if not name or any_form(name.split()[0], "thing.product") or len(key.split()) > (12 if file else _MAX_KEY_WORDS):
        return None
    begin = _list_start(text, match.end())
    ended = _SENTENCE_END.search(text, begin)
    fields = _fields(region, span, begin, ended.start() if ended else len(text), strict=not (is_bold or file))
    evident = sum(draft.is_evident for draft in fields)
    is_data = bool(file) or topic is Topic.DATA
    has_enough = evident >= 1 if is_data else evident * 2 >= len(fields) and evident >= _FEW
    is_value = any_form(name.split()[-1], "values.key", "field.attribute") or any_form(key.split()[-1], "values.key")
    if len(fields) < _FEW or not has_enough or (is_value and not file):
        return None
    return RecordDraft(name, fields, (region.quote(span),), region)


def _list_start(text: str, start: int) -> int:
    """Give where a list begins behind a key: behind "a purchase; has", "a purchase. Attributes:" too."""
    colon = text.find(":", start)
    if colon > 0 and "," in text[colon:] and len(text[start:colon].split()) > 1:
        return colon + 1
    for word in words(text[start:]):
        if any_form(word.text, "owner.have", "owner.store") and "," in text[start + word.end :]:
            return start + word.end if head_of([word.text]) is None or word.start else start
    return start


def _fields(region: Region, place: Span, start: int, stop: int, *, strict: bool) -> tuple[FieldDraft, ...]:
    """Read the parts of a list at `[start, stop)` of a place; `strict` stops at the first that names nothing."""
    text = masked(region, place, with_code=True)[start:stop]
    offset = place.start + start
    found: list[FieldDraft] = []
    is_free = False
    for begin, end in list_parts(text):
        if _is_free(text[begin:end]):
            is_free = True  # «и, по желанию, почту»
            continue
        span = region.source.span(offset + begin, offset + end)
        draft = spoken_field(region, span)
        if found and _adds(text[begin:end]) and (draft is None or not draft.words.is_list):
            found[-1] = _with_more(region, found[-1], span)
        elif draft is not None:
            found.append(replace(draft, required=False) if is_free else draft)
            is_free = False
        elif strict:
            break
    if is_free and found:
        found[-1] = replace(found[-1], required=False)
    return tuple(found[:_MAX_FIELDS])


def _is_free(part: str) -> bool:
    """Tell whether a part only says that a field may be left out."""
    place = mention(part, phrases("records", "field.optional"))
    return place is not None and not part[: place[0]].strip() and not part[place[1] :].strip()


def _adds(part: str) -> bool:
    """Tell whether a part only says more of the field before it: "0 to 9 m", "optional"."""
    numbers = quantities(part)
    before = list(words(part[: numbers[0].start] if numbers else part))
    if numbers:
        return not any(analyse(word.text)[0].pos is Pos.NOUN for word in before)
    return bool(before) and all(
        any_form(word.text, "field.optional", "field.required", "field.unique") for word in before
    )


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
    begin, stop = _list_range(text, found, verb, (start, end))
    fields = _fields(region, statement.quote.span, begin, stop, strict=True)
    evident = sum(draft.is_evident for draft in fields)
    if len(fields) == 1 and fields[0].words.is_list and not is_stored:
        return RecordDraft(name, fields, (statement.quote,), region)  # more of a record that is known
    if len(fields) < _FEW or evident * (3 if is_stored else 2) < len(fields):
        return None
    fields = tuple(replace(draft, name=plain_case(draft.name)) for draft in fields)
    return RecordDraft(name, fields, (statement.quote,), region)


def _preposition(found: Sequence[Word], owner: int) -> int:
    """Give where the words "of each" before the owner begin."""
    at = owner
    while at > 0 and any_form(found[at - 1].text, "owner.each", "owner.of"):
        at -= 1
    return found[at].start


def _is_any(found: Sequence[Word], start: int) -> bool:
    """Tell whether a thing is spoken of as any of its kind: "a yarn", "each yarn", "yarns", «у заявки»."""
    if start == 0:
        return (
            is_russian(found[0].text)
            or any(form.is_plural for form in analyse(found[0].text))
            or any_form(found[0].text, "owner.each")
        )
    return any_form(found[start - 1].text, "owner.each", "owner.of", "owner.in")


def _is_denied(found: Sequence[Word], verb: int) -> bool:
    """Tell whether a sentence says what is not so, or what was."""
    form = next((form for form in analyse(found[verb].text) if form.pos is Pos.VERB), None)
    near = found[max(0, verb - 3) : verb + 2]
    is_past = form is not None and form.mood is Mood.FINITE and form.tense is Tense.PAST and not form.is_passive
    is_passive = any(reading.is_passive for reading in analyse(found[verb].text))
    return (is_past and not is_passive) or any(any_form(word.text, "moves.never") for word in near)


def _list_range(text: str, found: Sequence[Word], verb: int, place: tuple[int, int]) -> tuple[int, int]:
    """Give where the list of what a thing has stands: behind the verb and its "of", or behind "with"."""
    begin = found[verb].end
    owner = place[0]
    stop = _preposition(found, owner) if owner > verb else len(text)
    if owner > verb and len(text[begin:stop].split()) < _FEW:  # "we keep of each tenant a name and a phone"
        begin, stop = found[place[1] - 1].end, len(text)
    colon = text.find(":", begin, stop)
    if colon >= 0:
        begin = colon + 1
    else:
        for at in range(verb + 1, min(verb + 4, len(found))):
            if begin > found[verb].end and at == verb + 1:
                break  # the list stands behind the owner
            if found[at].start >= stop or not any_form(found[at].text, "owner.with", "owner.of", "owner.in"):
                break
            begin = found[at].end
    end = _CLAUSE_END.search(text, begin, stop)
    return begin, end.start() if end else stop

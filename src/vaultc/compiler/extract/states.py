"""Enumerations and state machines: "status: want → done", «род бывает м, ж или с», diagrams, tables, sentences."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from vaultc.compiler.extract.flows import diagrams
from vaultc.compiler.extract.groups import any_form, head_of, is_determiner, nominative
from vaultc.compiler.extract.items import list_parts
from vaultc.compiler.extract.mermaid import DiagramKind
from vaultc.compiler.extract.moves import ARROW, START, Told, arrow_moves, told_moves, told_start, unified
from vaultc.compiler.extract.naming import name_from, thing_name, without_number
from vaultc.compiler.extract.plain import plain
from vaultc.compiler.extract.tables import moves_of
from vaultc.compiler.extract.topics import Topic, topic_of, topic_of_path
from vaultc.compiler.extract.type_words import clean_option, read_options
from vaultc.compiler.extract.values import ValuesDraft
from vaultc.compiler.unit import Transition
from vaultc.language.form import Pos
from vaultc.language.lexicon import phrases
from vaultc.language.mentions import mention
from vaultc.language.morphology import analyse
from vaultc.language.quantities import quantities
from vaultc.language.stems import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vaultc.compiler.extract.region import Region
    from vaultc.compiler.extract.statements import Statement

_KEY = re.compile(r"^(?P<key>[^:=?!.]{2,60}?)\s{0,2}(?::|\s[—–]|=)\s{0,2}(?P<rest>\S.{1,300})$", re.DOTALL)
_CODE = re.compile(r"`([^`\n]{1,30})`")
_REMARK = re.compile(r"\s{0,2}\([^()]{1,60}\)")
_UNSAID = frozenset({Topic.HISTORY, Topic.REFERENCES, Topic.EXAMPLES, Topic.EXCLUDED})
_MAX_KEY_WORDS = 5
_MAX_VALUE_WORDS = 3


def draft_values(regions: Sequence[Region], said: Iterable[Statement]) -> tuple[ValuesDraft, ...]:
    """Give the enumerations and state machines of the regions, as written."""
    found = [draft for region in regions for draft in (*_drawn(region), *_in_tables(region))]
    told: dict[tuple[str, tuple[str, ...]], list[Told]] = defaultdict(list)
    for statement in said:
        topic = topic_of_path(statement.headings)
        if statement.is_question or topic in _UNSAID:
            continue
        place = (str(statement.quote.span.path), statement.headings)
        key, moves = arrow_moves(statement)
        if moves and (key or len(moves) > 1 or topic is Topic.STATES):
            told[place].extend(moves) if not key else found.append(_machine(key, statement.headings, moves))
            continue
        draft = _of_key(statement, topic) or _of_copula(statement) or _of_only(statement)
        if draft is not None:
            found.append(draft)
        elif moved := told_moves(statement, is_states=topic is Topic.STATES):
            told[place].extend(moved)
        elif (start := told_start(statement)) is not None:
            told[place].append(start)
    found.extend(_told_machines(told))
    return tuple(found)


def _told_machines(told: dict[tuple[str, tuple[str, ...]], list[Told]]) -> Iterator[ValuesDraft]:
    """Give the machines of what single sentences and lines tell: those of one section and subject are one machine."""
    for (_, headings), moves in told.items():
        by_subject: dict[str, list[Told]] = defaultdict(list)
        for move in moves:
            by_subject[move.subject or next((other.subject for other in moves if other.subject), "")].append(move)
        for subject, group in by_subject.items():
            if any(move.step.source != START for move in group) and (len(group) > 1 or subject or group[0].step.event):
                yield _machine(subject, headings, group)


def _machine(name: str, headings: Sequence[str], moves: Sequence[Told]) -> ValuesDraft:
    steps = unified([move.step for move in moves])
    values: list[str] = []
    first = [step.target for step in steps if step.source == START]
    for state in (*first, *(end for step in steps for end in (step.source, step.target))):
        if state != START and state not in values:
            values.append(state)
    own = thing_name(name) or (thing_name(headings[-1]) if headings else "")
    own = own or (name_from(headings[:-1], "") if len(headings) > 1 else "")
    origins = tuple(dict.fromkeys(quote for move in moves for quote in (move.whole,)))
    return ValuesDraft(own, tuple(values), tuple(steps), origins, is_states=True)


def _of_key(statement: Statement, topic: Topic) -> ValuesDraft | None:
    """Read "status: want → reading → done", "format: paper | ebook", «приоритет: низкий, обычный, срочный»."""
    match = _KEY.match(without_number(statement.text).rstrip(". "))
    if match is None:
        return None
    key, rest = match["key"].strip(" *_"), match["rest"].strip()
    names = [word.text for word in words(key)]
    if not names or len(names) > _MAX_KEY_WORDS or key[:1] in "`(":
        return None
    rest, is_open = _closed(rest)
    first = next((option for option in list_parts(rest) if _starts(rest[option[0] : option[1]])), None)
    bare = _REMARK.sub("", rest)
    is_marked = mention(bare, phrases("records", "values.mark"), begin=True) is not None
    is_named = _names_values(names)
    options = read_options(bare)
    if not options and is_named and not quantities(bare):
        options = read_options(bare, needs_mark=False)
    if len(options) < 2 or any(len(option.split()) > _MAX_VALUE_WORDS for option in options):
        return None
    is_phrase = analyse(names[0])[0].pos is Pos.PREPOSITION
    is_barred = (not is_phrase and "|" in bare) or (
        not is_phrase and (bool(ARROW.search(bare)) or bare.startswith("`"))
    )
    if not is_named and not is_marked and not (is_barred and (len(options) > 2 or "|" in bare)):
        return None
    is_states = topic_of(key) is Topic.STATES or any(_is_state(name) for name in names)
    steps: tuple[Transition, ...] = ()
    if first is not None:
        state = clean_option(_REMARK.sub("", rest[first[0] : first[1]]))
        steps = (Transition(START, state, "", (statement.quote,)),) if state in options else ()
    return ValuesDraft(_value_name(key), options, steps, (statement.quote,), is_states, is_open)


def _starts(option: str) -> bool:
    """Tell whether a remark behind a value calls it the first: "new (initial)"."""
    remark = _REMARK.search(option)
    return remark is not None and mention(remark.group(), phrases("records", "moves.start")) is not None


def _closed(rest: str) -> tuple[str, bool]:
    """Give a list without "etc." and the like, and whether there was such a word: then there are more values."""
    place = mention(rest, phrases("records", "values.open"))
    if place is not None:
        begin = place[0] == 0
        return (rest[place[1] :] if begin else rest[: place[0]]).strip(" ,;:.("), True
    bare = rest.rstrip(" .…")
    return bare, rest.endswith(("…", "..."))


def _names_values(names: Sequence[str]) -> bool:
    """Tell whether a key names something whose values are few: its noun is "status", "priority" and the like."""
    head = head_of(names)
    return any(any_form(name, "values.key") for name in ((names[head],) if head is not None else (names[0], names[-1])))


def _is_state(name: str) -> bool:
    return any_form(name, "values.state")


def _value_name(key: str) -> str:
    """Give the name for a key: "the language of a book" is "language of book", «состояния клапана» keeps both words."""
    parts = key.split("(")[0].strip(" *_`").split()
    return " ".join(part for part in parts if not is_determiner(part)) or key


def _of_copula(statement: Statement) -> ValuesDraft | None:
    """Read "the colour is red or green", «род бывает м, ж или с»: a noun whose values are few, then a choice."""
    text = without_number(statement.text).rstrip(". ")
    found = list(words(text))
    verb = next((at for at, word in enumerate(found[:6]) if at and any_form(word.text, "values.be")), None)
    if verb is None:
        return None
    names = [word.text for word in found[:verb]]
    while names and (is_determiner(names[0]) or any_form(names[-1], "owner.helper")):
        names = names[1:] if is_determiner(names[0]) else names[:-1]
    rest = text[found[verb].end :].split(";")[0]
    while verb + 1 < len(found) and any_form(found[verb + 1].text, "values.be"):
        verb += 1
        rest = text[found[verb].end :]
    rest, is_open = _closed(rest.strip())
    options = read_options(rest) or read_options(rest, needs_mark=False)
    is_choice = len(options) >= 2 and all(len(option.split()) <= 2 for option in options)
    if not is_choice or head_of(names) is None or any(any_form(option, "moves.never") for option in options):
        return None
    is_or = any(any_form(word.text, "values.or") for word in words(rest)) or "`" in rest
    is_sure = any_form(names[-1], "values.key", "field.attribute") or any_form(
        names[0], "values.key", "field.attribute"
    )
    if not is_or or len(names) > _MAX_KEY_WORDS or quantities(rest):
        return None
    name = _value_name(nominative(names))
    return ValuesDraft(name, options, (), (statement.quote,), _is_state(name), is_open, is_sure=is_sure)


def _of_only(statement: Statement) -> ValuesDraft | None:
    """Read "only `.csv` and `.txt` are accepted": values in code, no others."""
    text = statement.text
    values = tuple(dict.fromkeys(_CODE.findall(text)))
    only = mention(text, phrases("records", "values.only"))
    if len(values) < 2 or only is None or mention(text, phrases("records", "values.allow")) is None:
        return None
    tail = text[only[1] :]
    parts = [tail[start:end] for start, end in list_parts(tail)]
    row = [part for part in parts[: len(values)] if part.startswith("`")]
    if len(row) < 2 or any(" " in value for value in values):
        return None
    behind = row[-1].partition("`")[2].partition("`")[2].split(",")[0].split()
    named = behind[0] if behind and head_of(behind[:1]) is not None else ""
    if not named and all(value.startswith(".") for value in values):
        language = "ru" if any("а" <= char.lower() <= "я" for char in text) else "en"
        named = next(iter(phrases("records", "values.extension", language=language)))
    return ValuesDraft(named, values[: len(row)], (), (statement.quote,)) if named else None


def _drawn(region: Region) -> Iterator[ValuesDraft]:
    for block, fence, diagram in diagrams(region):
        if diagram.kind is not DiagramKind.STATES or not diagram.edges:
            continue
        offset = fence.code_span.start
        whole = region.quote(block.text)
        moves = []
        for edge in diagram.edges:
            quote = region.quote(region.source.span(offset + edge.start, offset + edge.end))
            moves.append(Told("", Transition(edge.source, edge.target, edge.label, (quote,)), whole))
        yield _machine("", region.headings(block), moves)


def _in_tables(region: Region) -> Iterator[ValuesDraft]:
    for block, table in region.tables():
        columns = moves_of(table)
        if columns is None:
            continue
        source, event, target = columns
        moves = []
        for row in table.rows:
            if max(source, target) >= len(row) or not row[source].text or not row[target].text:
                continue
            begin, end = plain(region, row[source].span).strip("`"), plain(region, row[target].span).strip("`")
            by = plain(region, row[event].span).strip("`") if 0 <= event < len(row) else ""
            quote = region.quote(region.source.span(row[0].span.start, row[-1].span.end))
            moves.append(Told("", Transition(begin, end, by, (quote,)), region.quote(block.text)))
        if moves:
            yield _machine("", region.headings(block), moves)

"""Commands of the person's program: where the notes show a line of usage, and whose program it calls."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vaultc.compiler.extract.plain import is_struck
from vaultc.compiler.extract.topics import Topic, topic_of_path
from vaultc.compiler.extract.usage_line import UsageLine, commands_of_line, read_line
from vaultc.core.note import MarkKind
from vaultc.language.lexicon import listed, phrases
from vaultc.language.stems import fold, words
from vaultc.language.translit import transliterate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vaultc.compiler.extract.region import Region
    from vaultc.compiler.unit import Entity, Field, Interface, Requirement
    from vaultc.core.note import Block
    from vaultc.core.source import Quote, Span

_SHELLS = listed("sh bash shell console zsh usage cli terminal shell-session")
_PLAIN = frozenset({"", "text", "txt", "plain"})
# What follows in a line is a remark on the call: two blanks, a dash, `#`, an arrow.
_REMARK = re.compile(r"(?<=\s)\s(?=[^\W\d_])|\s{1,4}(?:#|—|–|→|->|//)\s")
_PROMPT = re.compile(r"(?:\$|>|%)\s")
_REMARK_END = re.compile(r"[.;\n`]|(?<=\S)\s?\|")
_MARKERS = "*_ |-+>#0123456789.)"
_NEAR = 200
_SILENT = frozenset({Topic.HISTORY, Topic.REFERENCES, Topic.EXCLUDED, Topic.QUESTIONS})
_SIMPLE = listed("int float date datetime time")
_MAX_COMMANDS = 40
_TITLE_WORDS = 3


@dataclass(frozen=True, slots=True)
class _Shown:
    """A line as it stands in a note. `is_short`: it may leave the program out; `is_own`: not in a linked note."""

    line: UsageLine
    quote: Quote
    summary: str
    is_short: bool
    is_own: bool


def find_usage(regions: Sequence[Region], names: Sequence[str]) -> tuple[Interface, ...]:
    """Give the commands of the idea's program, each once, with parameters. `names` are what the idea is called.

    A line belongs to the program when it calls it by the idea's name; where none does, the program is the one that most
    lines of usage call. The commands of other programs are not those of the idea.
    """
    shown = [found for region in regions for found in _shown(region)]
    own_names = _names(names)
    main = _main_program(shown, own_names)
    found: dict[str, Interface] = {}
    for item in sorted(shown, key=lambda item: not item.line.is_usage):
        line = item.line
        if line.program != main and item.is_short and not _is_foreign(line.program):
            line = UsageLine(main or _called(names), (line.program, *line.tokens), line.text, line.is_usage)
        elif line.program != main:
            continue
        for command in commands_of_line(line, item.quote, item.summary):
            known = found.get(command.name)
            if known is not None:
                found[command.name] = _joined(known, command)
            elif len(found) < _MAX_COMMANDS:
                found[command.name] = command
    commands = tuple(found.values())
    with_word = [command for command in commands if " " in command.name]
    return tuple(with_word or [command for command in commands if command.params])


def _names(names: Sequence[str]) -> frozenset[str]:
    """Give what a program of that name may be called: the title in one word, its words, both in Latin letters."""
    found: set[str] = set()
    for name in names:
        parts = [fold(word.text) for word in words(name)]
        parts = [*parts, *([] if len(parts) > _TITLE_WORDS else ["".join(parts), "-".join(parts), "_".join(parts)])]
        found.update(part for part in parts if part)
        found.update(transliterate(part).lower() for part in parts if part)
    return frozenset(found)


def _called(names: Sequence[str]) -> str:
    """Give what the program is called where no line says it: a name of one word, else the last name in one word."""
    short = next((name for name in names if len(name.split()) == 1 and name.isascii()), names[-1])
    return short.lower().replace("_", "-")


def _is_foreign(program: str) -> bool:
    return program in phrases("usage", "system") or program in phrases("usage", "launchers")


def _main_program(shown: Sequence[_Shown], names: frozenset[str]) -> str:
    """Give the program that the lines of the idea call, or an empty text."""
    own = [item for item in shown if item.is_own]
    named = [item.line.program for item in own if item.line.program in names]
    if named:
        return max(named, key=lambda name: (named.count(name), -named.index(name)))
    firsts = {item.line.program for item in own}
    full = [item.line for item in own if not item.is_short or len(firsts) == 1 or _has_word(item.line)]
    usage = [line for line in full if not _is_foreign(line.program) and line.tokens]
    told = {line.program for line in usage if line.is_usage or any(token[0] == "-" for token in line.tokens)}
    calls = {(line.program, line.tokens[0]): None for line in usage if line.program in told}
    programs = [program for program, _ in calls]
    return max(programs, key=lambda name: (programs.count(name), -programs.index(name)), default="")


def _has_word(line: UsageLine) -> bool:
    """Tell whether a command's own word stands behind the first word of a line."""
    return bool(line.tokens) and line.tokens[0].islower() and line.tokens[0].isalpha()


def _joined(known: Interface, other: Interface) -> Interface:
    names = {param.code_name for param in known.params}
    added = tuple(
        replace(param, is_required=False)
        for param in other.params
        if param.code_name not in names and param.name.startswith("-")
    )
    longer = known if len(known.usage) >= len(other.usage) else other
    return replace(
        known,
        params=(*known.params, *added),
        usage=longer.usage,
        summary=known.summary or other.summary,
        origins=tuple(dict.fromkeys((*known.origins, *other.origins))),
    )


def _shown(region: Region) -> Iterator[_Shown]:
    for text, span, summary, headings, is_lead in (*_in_fences(region), *_in_code(region), *_in_cells(region)):
        topic = topic_of_path(headings)
        line = read_line(text)
        if line is None or topic in _SILENT or is_struck(region, span):
            continue
        is_short = is_lead and topic is Topic.USAGE
        yield _Shown(line, region.quote(span), summary, is_short, region.role != "link")


_Line = tuple[str, "Span", str, tuple[str, ...], bool]


def _in_fences(region: Region) -> Iterator[_Line]:
    for block, fence in region.fences():
        if fence.language not in _SHELLS and fence.language not in _PLAIN:
            continue
        offset = fence.code_span.start
        has_prompt = any(_PROMPT.match(line.lstrip()) for line in fence.code.splitlines())
        for line in fence.code.splitlines(keepends=True):
            start, offset = offset, offset + len(line)
            if has_prompt and not _PROMPT.match(line.lstrip()):
                continue
            found = _cut(line, start)
            if found is not None:
                text, start, remark = found
                yield text, region.source.span(start, start + len(text)), remark, region.headings(block), False


def _cut(line: str, start: int) -> tuple[str, int, str] | None:
    """Give the call of a line, where it starts, and the remark behind it."""
    text = line.strip()
    start += len(line) - len(line.lstrip())
    label, colon, rest = text.partition(":")
    prompt = _PROMPT.match(text)
    cut = prompt.end() if prompt else 0
    if colon and label.lower() in phrases("usage", "headings"):
        cut = len(label) + 1 + len(rest) - len(rest.lstrip())
    text, start = text[cut:], start + cut
    remark = _REMARK.search(text)
    call = (text[: remark.start()] if remark else text).rstrip()
    if not call or call.startswith("#"):
        return None
    return call, start, text[remark.end() :].strip() if remark else ""


def _in_code(region: Region) -> Iterator[_Line]:
    """Give what stands in back-ticks: in sentences, items, headings and cells."""
    blocks = _Blocks(region)
    for mark in region.note.marks:
        if mark.kind is not MarkKind.CODE or not region.holds(mark.span):
            continue
        block = blocks.at(mark.span.start)
        if block is None or region.is_foreign(block):
            continue
        written = region.source.slice(mark.span)
        text = written.strip("`").strip()
        if not text:
            continue
        start = mark.span.start + written.index(text)
        cut = 2 if text.startswith("$ ") else 0
        before = region.source.text[max(block.text.start, mark.span.start - _NEAR) : mark.span.start]
        is_lead = not before.rpartition("\n")[2].strip(_MARKERS)
        opens = is_lead or before.rstrip("*_ ")[-1:] in set(".;:")
        remark = (
            _remark(region.source.text[mark.span.end : min(block.span.end, mark.span.end + _NEAR)]) if opens else ""
        )
        span = region.source.span(start + cut, start + len(text))
        yield text[cut:], span, remark, region.headings(block), is_lead


def _remark(rest: str) -> str:
    """Give what a line says of the call that stands before it."""
    said = _REMARK_END.split(rest, maxsplit=1)[0].strip(" *_|:—–-→")
    return said if said[:1].isalpha() and len(said.split()) > 1 else ""


class _Blocks:
    """The innermost block at places that are asked in rising order."""

    def __init__(self, region: Region) -> None:
        self._blocks = sorted((block for block in region.note.blocks), key=lambda block: block.span.start)
        self._at = 0

    def at(self, offset: int) -> Block | None:
        """Give the last block that starts no later than `offset`."""
        while self._at + 1 < len(self._blocks) and self._blocks[self._at + 1].span.start <= offset:
            self._at += 1
        return self._blocks[self._at] if self._blocks else None


def _in_cells(region: Region) -> Iterator[_Line]:
    """Give the cells of a column of commands that stand there without back-ticks."""
    heads = phrases("usage", "headings")
    for block, table in region.tables():
        columns = [at for at, cell in enumerate(table.header) if cell.text.lower().strip("*_` ") in heads]
        for row in table.rows if columns else ():
            for at in columns:
                if at < len(row) and row[at].text and "`" not in row[at].text:
                    headings = (*region.headings(block), table.header[at].text)
                    yield row[at].text, row[at].span, "", headings, True


def describe_stated(
    commands: Sequence[Interface], requirements: Sequence[Requirement], entities: Sequence[Entity]
) -> tuple[Interface, ...]:
    """Give commands and routes with the requirements that show or name them, and choices as enumerations."""
    described = []
    for command in commands:
        spans = [quote.span for quote in command.origins]
        short = command.name.split()[-1]
        heads = (f"`{command.name}` ", f"{command.name} ", f"`{short}` ", f"{short}: ", f"{short} for ")
        showing = [
            need
            for need in requirements
            if any(quote.span.path == span.path and quote.span.covers(span) for quote in need.origins for span in spans)
        ]
        naming = [need for need in requirements if f"`{command.name}`" in need.text or need.text.startswith(heads)]
        serving = tuple(dict.fromkeys((*showing, *naming)))
        first = next((need for need in naming if need.text.startswith(heads)), next(iter(showing), None))
        summary = command.summary or (first.text if first is not None else "")
        described.append(
            replace(
                command,
                summary=summary,
                params=tuple(_as_known(param, entities) for param in command.params),
                serves=tuple(need.id for need in serving),
                origins=tuple(dict.fromkeys((*command.origins, *(first.origins if first is not None else ())))),
            )
        )
    return tuple(described)


def _as_known(param: Field, entities: Sequence[Entity]) -> Field:
    """Give a parameter the type of the field of that name, or of the enumeration with the values that it lists."""
    if param.type in {"str", "float"} and " | " not in param.note:
        known = {field.type for entity in entities for field in entity.fields if field.code_name == param.code_name}
        if len(known) == 1 and known <= _SIMPLE:
            return replace(param, type=next(iter(known)))
    values = {value.strip() for value in param.note.split("|")} if param.note else set()
    for entity in entities:
        known = set(entity.values)
        is_same = len(values) > 1 and values == known
        is_sample = values and values <= known and entity.code_name.lower().endswith(param.code_name.rstrip("_"))
        if known and param.type == "str" and (is_same or is_sample):
            return replace(param, type=entity.code_name)
    return param

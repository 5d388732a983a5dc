"""Command lines as the notes write them: `tide next --station FILE [--count 4]` to a command with parameters."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from vaultc.compiler.extract.type_words import read_options, type_of_sample
from vaultc.compiler.unit import Field, Interface, InterfaceKind
from vaultc.core.digest import short_id
from vaultc.core.note import MarkKind
from vaultc.language.lexicon import listed
from vaultc.language.translit import code_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vaultc.compiler.extract.region import Region
    from vaultc.compiler.unit import Entity, Requirement
    from vaultc.core.source import Quote, Span

_SHELLS = frozenset({"sh", "bash", "shell", "console", "zsh", "usage", "cli", "terminal", "shell-session"})
# Programs of the system: a line that starts with one of these is no usage of the idea's own program.
_OTHERS = listed(
    "pip pip3 python python3 cd git curl wget export sudo make npm node cat echo ls rm cp mv mkdir source apt brew uv "
    "docker ssh scp systemctl crontab chmod chown pytest venv which man set touch grep sed awk vim nano code obsidian"
)
_TOKEN = re.compile(r'"[^"\n]{0,200}"|\'[^\'\n]{0,200}\'|\[|\]|<[^>\n]{1,80}>|[^\s\[\]"\']+')
_WORD = re.compile(r"[a-z][a-z0-9_-]{0,40}")
_TYPES = {
    "int": "n num number count int integer year limit port size minutes hours days seconds pages число год",
    "float": "float ratio amount value rate",
    "date": "date day дата",
    "datetime": "datetime when timestamp",
    "Path": "file path dir folder directory out output log config файл папка путь",
}
_BY_METAVAR = {word: type_ for type_, words in _TYPES.items() for word in words.split()}
_SUFFIX = re.compile(r"[\w./-]{1,120}\.[a-z][a-z0-9]{0,5}")
_MAX_COMMANDS = 40


def find_usage(regions: Sequence[Region]) -> tuple[Interface, ...]:
    """Give the commands of the idea and its embeds, each once, with parameters; a longer line of one command wins."""
    found: dict[str, Interface] = {}
    for region in regions:
        if region.role == "link":
            continue
        lines = [*_fence_lines(region), *_inline_lines(region)]
        for line, span in lines:
            command = read_usage(line, region.quote(span))
            if command is None or len(found) >= _MAX_COMMANDS:
                continue
            known = found.get(command.name)
            if known is None:
                found[command.name] = command
            else:
                found[command.name] = _joined(known, command)
    return _of_main_program(tuple(found.values()))


def _of_main_program(commands: tuple[Interface, ...]) -> tuple[Interface, ...]:
    """Keep the commands of the program that most lines name; a lone bare word `foo` is no command."""
    if not commands:
        return ()
    programs = [command.name.split()[0] for command in commands]
    main = max(programs, key=lambda name: (programs.count(name), -programs.index(name)))
    kept = [command for command in commands if command.name.split()[0] == main]
    return tuple(kept) if len(kept) > 1 or kept[0].params or " " in kept[0].name else ()


def _joined(known: Interface, other: Interface) -> Interface:
    names = {param.code_name for param in known.params}
    added = tuple(
        replace(param, is_required=False)
        for param in other.params
        if param.code_name not in names and param.name.startswith("-")
    )
    longer = known if len(known.usage) >= len(other.usage) else other
    return replace(known, params=(*known.params, *added), usage=longer.usage, origins=(*known.origins, *other.origins))


def _fence_lines(region: Region) -> Iterator[tuple[str, Span]]:
    for _, fence in region.fences():
        if fence.language not in _SHELLS:
            continue
        offset = fence.code_span.start
        has_prompt = any(line.lstrip().startswith("$ ") for line in fence.code.splitlines())
        for line in fence.code.splitlines(keepends=True):
            text = line.strip()
            start = offset + len(line) - len(line.lstrip())
            offset += len(line)
            if not text or text.startswith("#") or (has_prompt and not text.startswith("$ ")):
                continue
            cut = 2 if text.startswith("$ ") else 0
            words = text[cut:].split(" # ")[0].rstrip()
            yield words, region.source.span(start + cut, start + cut + len(words))


def _inline_lines(region: Region) -> Iterator[tuple[str, Span]]:
    """Give inline code that looks like a command with an option or a subcommand: `tide next --count 4`."""
    for mark in region.note.marks:
        if mark.kind is not MarkKind.CODE or not region.holds(mark.span):
            continue
        written = region.source.slice(mark.span)
        text = written.strip("`").strip()
        if " -" in text and "=" not in text.split()[0] and "(" not in text:
            start = mark.span.start + written.index(text)
            yield text, region.source.span(start, start + len(text))


def read_usage(line: str, origin: Quote) -> Interface | None:
    """Read one usage line; None where it is none."""
    words = line.split()
    if len(words) < 2 or words[0] in _OTHERS or not _WORD.fullmatch(words[0]):
        return None
    if any(sign in line for sign in ("&&", " | ", "$(", ">>", "://", " = ")):
        return None
    tokens = [match.group() for match in _TOKEN.finditer(line[:2000])][1:]
    name = words[0]
    if tokens and _WORD.fullmatch(tokens[0]) and "." not in tokens[0]:
        name = f"{name} {tokens[0]}"
        tokens = tokens[1:]
    params = _params(tokens, origin)
    if len({param.code_name for param in params}) != len(params):
        params = tuple({param.code_name: param for param in params}.values())
    return Interface(
        id=short_id("I", ("command", name)),
        component="",
        kind=InterfaceKind.COMMAND,
        name=name,
        code_name=code_name(name.replace("-", " ")),
        summary="",
        params=params,
        returns="None",
        serves=(),
        origins=(origin,),
        usage=line,
    )


def _params(pieces: Sequence[str], origin: Quote) -> tuple[Field, ...]:
    """Read options and arguments in order; what stands in `[ ]` may be left out."""
    found: list[Field] = []
    depth = at = 0
    while at < len(pieces):
        piece = pieces[at]
        at += 1
        if piece == "[":
            depth += 1
        elif piece == "]":
            depth = max(0, depth - 1)
        elif piece.startswith("-") and len(piece) > 1 and not piece.lstrip("-")[:1].isdigit():
            option, _, value = piece.partition("=")
            if not value and at < len(pieces) and not pieces[at].startswith("-") and pieces[at] not in "[]|":
                value = pieces[at]
                at += 1
            found.append(_option(option.split(",")[0], value, is_required=depth == 0 and bool(value), origin=origin))
        elif piece not in {"...", "…", "|"} and "options" not in piece.lower():
            found.append(_argument(piece, is_required=depth == 0, origin=origin))
    return tuple(found)


def _value_type(name: str, metavar: str) -> tuple[str, str]:
    """Give the type that a metavar or sample value speaks of, and a note with the choices it lists."""
    bare = metavar.strip("<>\"'").rstrip(".…")
    options = read_options(bare)
    if options:
        return "str", " | ".join(options)
    if _SUFFIX.fullmatch(bare):
        return "Path", bare
    if (bare.replace("_", "").replace("-", "").isalpha() and bare.isupper()) or metavar.startswith("<"):
        known = _BY_METAVAR.get(bare.lower()) or _BY_METAVAR.get(name)
        return known or "str", bare
    sample = type_of_sample(bare)
    if sample == "int" or sample != "str":
        return sample, bare
    return ("Path" if _BY_METAVAR.get(name) == "Path" and "/" in bare else "str"), bare


def _option(option: str, value: str, *, is_required: bool, origin: Quote) -> Field:
    name = option.lstrip("-")
    if not value:
        return Field(
            option, code_name(name.replace("-", " ")), "bool", is_required=False, default="False", origins=(origin,)
        )
    type_, note = _value_type(name, value)
    default = None if is_required else "None"
    return Field(option, code_name(name.replace("-", " ")), type_, is_required, default, note, origins=(origin,))


def _argument(token: str, *, is_required: bool, origin: Quote) -> Field:
    bare = token.strip("<>\"'").rstrip(".…")
    type_, note = _value_type(bare.lower(), token)
    name = bare.rsplit("/", 1)[-1].split(".")[0] if type_ == "Path" else bare
    is_word = bool(name) and (name[0].isalpha() or token[0] in "<\"'")
    label = name if is_word else "value"
    return Field(label, code_name(label), type_, is_required, None if is_required else "None", note, origins=(origin,))


def describe_commands(
    commands: Sequence[Interface], requirements: Sequence[Requirement], entities: Sequence[Entity]
) -> tuple[Interface, ...]:
    """Give the commands with the requirements that speak of them, and choices as the enumerations they are."""
    described = []
    for command in commands:
        short = command.name.split()[-1]
        heads = (f"`{command.name}` ", f"{command.name} ", f"`{short}` ", f"{short}: ", f"{short} for ")
        serving = [need for need in requirements if f"`{command.name}`" in need.text or need.text.startswith(heads)]
        first = next((need for need in serving if need.text.startswith(heads)), None)
        params = tuple(_as_enum(param, entities) for param in command.params)
        described.append(
            replace(
                command,
                summary=first.text if first is not None else "",
                params=params,
                serves=tuple(need.id for need in serving),
                origins=tuple(dict.fromkeys((*command.origins, *(first.origins if first is not None else ())))),
            )
        )
    return tuple(described)


def _as_enum(param: Field, entities: Sequence[Entity]) -> Field:
    """Give a parameter of choices the type of the enumeration with the same values, or with its sample among them."""
    values = {value.strip() for value in param.note.split("|")} if param.note else set()
    for entity in entities:
        known = set(entity.values)
        is_same = len(values) > 1 and values == known
        is_sample = values and values <= known and entity.code_name.lower().endswith(param.code_name.rstrip("_"))
        if known and param.type == "str" and (is_same or is_sample):
            return replace(param, type=entity.code_name)
    return param

"""One line of usage, read by its shape: `tide next --station FILE [--count 4]` to a program, a command, parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from vaultc.compiler.extract.type_words import read_options, type_of_sample
from vaultc.compiler.unit import Field, Interface, InterfaceKind
from vaultc.core.digest import short_id
from vaultc.language.lexicon import entries, phrases
from vaultc.language.translit import code_name
from vaultc.language.units import unit_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.core.source import Quote

_TOKEN = re.compile(r'"[^"\n]{0,200}"|\'[^\'\n]{0,200}\'|[\[\](){}]|<[^>\n]{1,80}>|[^\s\[\](){}"\'<]+')
_WORD = re.compile(r"[^\W\d_A-ZА-ЯЁ][\w-]{0,40}")
_CHOICES = re.compile(r"[^\W\d_A-ZА-ЯЁ][\w-]{0,40}(?:[|/][^\W\d_A-ZА-ЯЁ][\w-]{0,40}){1,8}")
_METAVAR = re.compile(r"[^\W\d_a-zа-яё](?:[^\Wa-zа-яё]|-){0,30}(?:\.{3}|…)?")
_OPTION = re.compile(r"-{1,2}[^\W\d_][\w-]{0,40}(?:[=,].*)?")
_SUFFIX = re.compile(r"[\w./-]{1,120}\.[a-z][a-z0-9]{0,5}")
# Signs of a line that does more than call one program, and of code that is no call.
_NO_CALL = ("&&", "$(", ">>", "://", " = ", "();", ";")
_ENDINGS = (".py", ".sh", ".exe", ".js")
_MANY = ("...", "…")
_MAX_CHARS = 300
_MAX_TOKENS = 40


@dataclass(frozen=True, slots=True)
class UsageLine:
    """A line that calls a program. `is_usage`: it shows a place for a value or an option that may be left out."""

    program: str
    tokens: tuple[str, ...]
    text: str
    is_usage: bool


def read_line(text: str) -> UsageLine | None:
    """Read a line by its shape alone; None where it calls no program."""
    line = _before_pipe(text.strip())
    if len(line) > _MAX_CHARS or any(sign in line for sign in _NO_CALL):
        return None
    tokens = _without_launcher(tuple(match.group() for match in _TOKEN.finditer(line))[:_MAX_TOKENS])
    if not tokens:
        return None
    program = tokens[0].removeprefix("./")
    for ending in _ENDINGS:
        program = program.removesuffix(ending)
    if not _WORD.fullmatch(program) or line.startswith(f"{tokens[0]}("):
        return None
    rest = tokens[1:]
    if any(token.endswith((",", ":", "?", "!")) for token in rest):
        return None  # a sentence
    return UsageLine(program, rest, line, _is_usage(rest))


def _before_pipe(line: str) -> str:
    """Give a line up to the first bar outside of brackets: there another program begins."""
    depth = 0
    for at, char in enumerate(line):
        depth += (char in "[({<") - (char in "])}>")
        if char == "|" and depth <= 0 and line[at - 1 : at + 2] == " | ":
            return line[:at].rstrip()
    return line


def _is_usage(tokens: Sequence[str]) -> bool:
    depth = 0
    for piece in tokens:
        depth += piece == "["
        if _METAVAR.fullmatch(piece) or piece.startswith("<") or (depth and _OPTION.fullmatch(piece)):
            return True
        if depth and _WORD.fullmatch(piece.rstrip(".…")):
            return True
    return False


def _without_launcher(tokens: tuple[str, ...]) -> tuple[str, ...]:
    launchers = phrases("usage", "launchers")
    at = 0
    while at < len(tokens) - 1:
        if tokens[at] in launchers:
            at += 1
        elif " ".join(tokens[at : at + 2]) in launchers:
            at += 2
        elif at and tokens[at] == "-m":
            at += 1
        else:
            break
    return tokens[at:]


def commands_of_line(line: UsageLine, origin: Quote, summary: str = "") -> tuple[Interface, ...]:
    """Give the command that a line shows; `lamp on|off` shows two."""
    tokens = line.tokens
    words: tuple[str, ...] = ("",)
    if tokens and _WORD.fullmatch(tokens[0]):
        words, tokens = (tokens[0],), tokens[1:]
    elif tokens and _CHOICES.fullmatch(tokens[0]):
        words, tokens = tuple(re.split(r"[|/]", tokens[0])), tokens[1:]
    params = tuple({param.code_name: param for param in reversed(_params(tokens, origin))}.values())[::-1]
    return tuple(_command(f"{line.program} {word}".strip(), params, line.text, origin, summary) for word in words)


def _command(name: str, params: tuple[Field, ...], usage: str, origin: Quote, summary: str) -> Interface:
    return Interface(
        id=short_id("I", ("command", name)),
        component="",
        kind=InterfaceKind.COMMAND,
        name=name,
        code_name=code_name(name.replace("-", " ")),
        summary=summary,
        params=params,
        returns="None",
        serves=(),
        origins=(origin,),
        usage=usage,
    )


def _params(pieces: Sequence[str], origin: Quote) -> tuple[Field, ...]:
    """Read options and arguments in order; what stands in `[ ]` may be left out, and each of `a | b`."""
    found: list[Field] = []
    depth = at = 0
    while at < len(pieces):
        piece = pieces[at]
        at += 1
        if piece == "[":
            depth += 1
        elif piece == "]":
            depth = max(0, depth - 1)
        elif _OPTION.fullmatch(piece):
            option, _, value = piece.partition("=")
            while option.endswith(",") and at < len(pieces) and _OPTION.fullmatch(pieces[at]):
                option, _, value = pieces[at].partition("=")  # "-c, --count N": the long name
                at += 1
            if not value and at < len(pieces) and pieces[at][0] not in "-[](){}|":
                value = pieces[at]
                at += 1
            is_required = depth == 0 and bool(value) and "|" not in pieces[max(0, at - 3) : at + 1]
            found.append(_option(option.split(",")[0], value, is_required=is_required, origin=origin))
        elif piece in _MANY and found:
            found[-1] = _many(found[-1])
        elif piece not in {"|", "(", ")", "{", "}", *_MANY} and "options" not in piece.lower():
            found.append(_argument(piece, is_required=depth == 0, origin=origin))
    return tuple(found)


def _many(param: Field) -> Field:
    if param.name.startswith("-") or param.type.startswith("list["):
        return param
    return Field(
        param.name, param.code_name, f"list[{param.type}]", param.is_required, param.default, param.note,
        origins=param.origins,
    )  # fmt: skip


@cache
def _by_metavar() -> dict[str, str]:
    rows = entries("usage")
    return {word: key.partition(".")[2] for key, words in rows.items() if key.startswith("types.") for word in words}


def _value_type(name: str, metavar: str) -> tuple[str, str]:
    """Give the type that a metavar or sample value speaks of, and a note with the choices it lists."""
    bare = metavar.strip("<>\"'").rstrip(".…")
    options = read_options(bare)
    if options:
        return "str", " | ".join(options)
    if _SUFFIX.fullmatch(bare):
        return "Path", bare
    if _METAVAR.fullmatch(bare) or metavar.startswith("<"):
        known = _by_metavar().get(bare.lower()) or _by_metavar().get(name)
        is_measure = len(bare) > 1 and unit_of(bare.lower()) is not None
        return known or ("float" if is_measure else "str"), bare
    sample = type_of_sample(bare)
    if sample != "str":
        return sample, bare
    return ("Path" if _by_metavar().get(name) == "Path" and "/" in bare else "str"), bare


def _option(option: str, value: str, *, is_required: bool, origin: Quote) -> Field:
    name = option.lstrip("-")
    code = code_name(name.replace("-", " "))
    if not value:
        return Field(option, code, "bool", is_required=False, default="False", origins=(origin,))
    type_, note = _value_type(name, value)
    return Field(option, code, type_, is_required, None if is_required else "None", note, origins=(origin,))


def _argument(token: str, *, is_required: bool, origin: Quote) -> Field:
    bare = token.strip("<>\"'").rstrip(".…")
    type_, note = _value_type(bare.lower(), token)
    name = bare.rsplit("/", 1)[-1].split(".")[0] if type_ == "Path" else bare
    is_word = bool(name) and (name[0].isalpha() or token[0] in "<\"'")
    label = name if is_word else "value"
    found = Field(label, code_name(label), type_, is_required, None if is_required else "None", note, origins=(origin,))
    return _many(found) if token.rstrip(">").endswith(_MANY) else found

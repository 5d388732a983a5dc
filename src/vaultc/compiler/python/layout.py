"""Python text, laid out by hand: lines of at most 100 columns, imports sorted, definitions two lines apart."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WIDTH = 100
_LOCAL_ORDER = 2


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A definition or statement at the top of a module, and the import lines it needs."""

    text: str
    imports: frozenset[str] = frozenset()
    is_tight: bool = False


@dataclass(frozen=True, slots=True)
class ModuleText:
    """A module: what it says of itself, and its blocks in order."""

    docstring: str
    blocks: tuple[CodeBlock, ...] = field(default=())

    def render(self, package: str = "") -> str:
        """Give the text of the module; imports of `package` come last."""
        imports = {line for block in self.blocks for line in block.imports}
        parts = [self.docstring]
        if self.blocks:
            parts.append("from __future__ import annotations")
        if imports:
            parts.append(import_lines(imports, package))
        text = "\n\n".join(parts) + "\n"
        previous_tight = True
        for index, block in enumerate(self.blocks):
            gap = "\n" if block.is_tight and (previous_tight or index == 0) else "\n\n"
            text += gap + block.text.rstrip("\n") + "\n"
            previous_tight = block.is_tight
        return text


def import_lines(lines: Iterable[str], package: str) -> str:
    """Give import lines merged and sorted, one group for the library and one for each of the others."""
    plain: dict[int, list[str]] = {}
    names: dict[int, dict[str, set[str]]] = {}
    for line in lines:
        words = line.split()
        module = words[1]
        group = _group(module, package)
        if words[0] == "import":
            plain.setdefault(group, []).append(line)
        else:
            names.setdefault(group, {}).setdefault(module, set()).add(line.partition(" import ")[2])
    groups = []
    for group in sorted({*plain, *names}):
        own = sorted(plain.get(group, []))
        own += [
            _from_line(module, sorted(found, key=_name_key)) for module, found in sorted(names.get(group, {}).items())
        ]
        groups.append("\n".join(own))
    return "\n\n".join(groups)


def _name_key(name: str) -> tuple[int, str]:
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


def _group(module: str, package: str) -> int:
    root = module.split(".")[0]
    if package and root == package:
        return _LOCAL_ORDER
    return 1 if root == "pytest" else 0


def _from_line(module: str, names: Sequence[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def plain_text(text: str) -> str:
    """Give `text` as one line that may stand in a docstring or a comment: no quotes that end it, no backslash."""
    words = "".join(char if char.isprintable() else " " for char in text).split()
    return " ".join(words).replace("\\", "/").replace('"""', "'''")


def docstring(summary: str, paragraphs: Sequence[str] = (), ids: Sequence[str] = (), indent: int = 0) -> str:
    """Give a docstring: a summary line (wrapped where it is long), paragraphs, the ids it implements."""
    pad = " " * indent
    summary = plain_text(summary).rstrip(" .…:") or "…"
    ending = "" if summary.endswith(("?", "!")) else "."
    texts = [plain_text(text) for text in paragraphs if text]
    head = textwrap.wrap(summary + ending, WIDTH - indent - 3, break_long_words=False, break_on_hyphens=False)
    if head[-1].endswith('"'):
        head[-1] += " "
    lines = list(head)
    for text in texts:
        lines += ["", *textwrap.wrap(text, WIDTH - indent, break_long_words=False, break_on_hyphens=False)]
    if ids:
        wrapped = textwrap.wrap(
            "Implements: " + ", ".join(ids), WIDTH - indent, subsequent_indent="    ", break_on_hyphens=False
        )
        lines += ["", *wrapped]
    if len(lines) == 1 and len(lines[0]) + indent + 6 <= WIDTH:
        return f'{pad}"""{lines[0]}"""'
    body = [f'{pad}"""{lines[0]}', *(f"{pad}{line}" if line else "" for line in lines[1:]), f'{pad}"""']
    return "\n".join(body)


def literal(text: str) -> str:
    """Give `text` as a Python string, in single quotes only where that saves escapes; Cyrillic as it is."""
    safe = "".join(char if char.isprintable() or char in "\n\t" else " " for char in text)
    if '"' in safe and "'" not in safe:
        return "'" + json.dumps(safe, ensure_ascii=False)[1:-1].replace('\\"', '"') + "'"
    return json.dumps(safe, ensure_ascii=False)


def formatted(words: str, expression: str) -> str:
    """Give Python source of an f-string: `words` as they are, whatever they hold, then the value of `expression`."""
    safe = literal(words.replace("{", "{{").replace("}", "}}"))
    return f"f{safe[:-1]}{{{expression}}}{safe[-1]}"


def long_literal(text: str, indent: int) -> str:
    """Give `text` as a literal that fits: one line, or pieces below each other at `indent`."""
    one = literal(text)
    if len(one) + indent <= WIDTH:
        return " " * indent + one
    pieces = _pieces(text, WIDTH - indent - 8)
    return "\n".join(" " * indent + literal(piece) for piece in pieces)


def _pieces(text: str, width: int) -> list[str]:
    pieces: list[str] = []
    rest = text
    while len(rest) > width:
        cut = rest.rfind(" ", 0, width) + 1 or width
        pieces.append(rest[:cut])
        rest = rest[cut:]
    return [*pieces, rest] if rest else pieces


def call(head: str, text: str, indent: int = 4, tail: str = "") -> str:
    """Give `head("text")tail`, the text on lines of its own where it is long."""
    pad = " " * indent
    one = f"{pad}{head}({literal(text)}){tail}"
    if len(one) <= WIDTH:
        return one
    return f"{pad}{head}(\n{long_literal(text, indent + 4)}\n{pad}){tail}"


def signature(name: str, params: Sequence[str], returns: str, *, indent: int = 0) -> str:
    """Give `def name(params) -> returns:`, one parameter a line where it does not fit."""
    pad = " " * indent
    one = f"{pad}def {name}({', '.join(params)}) -> {returns}:"
    if len(one) <= WIDTH:
        return one
    inner = ", ".join(params)
    if len(pad) + 4 + len(inner) <= WIDTH and "*" not in inner:
        return f"{pad}def {name}(\n{pad}    {inner}\n{pad}) -> {returns}:"
    return f"{pad}def {name}(\n" + "".join(f"{pad}    {param},\n" for param in params) + f"{pad}) -> {returns}:"


def comment(text: str, indent: int = 0, inner: int = 0) -> str:
    """Give `text` as comment lines; `inner` blanks stand behind the `#`."""
    pad = " " * indent + "# " + " " * inner
    return "\n".join(
        textwrap.wrap(
            plain_text(text), WIDTH, initial_indent=pad, subsequent_indent=pad, break_long_words=False,
            break_on_hyphens=False,
        )
    )  # fmt: skip


def number(value: float) -> str:
    """Give a number as people write it: 5 for 5.0, 0.1 for 0.1."""
    return str(int(value)) if value == int(value) and abs(value) < 10**15 else repr(value)

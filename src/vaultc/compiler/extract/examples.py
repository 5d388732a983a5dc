"""Stated cases as Python source: tables "call | expected", doctests, lines "f(2) → 4"."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from vaultc.compiler.trees import expression
from vaultc.compiler.unit import Example
from vaultc.core.digest import short_id
from vaultc.language.lexicon import listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vaultc.compiler.extract.region import Region
    from vaultc.core.note import Cell, Fence
    from vaultc.core.source import Quote, Span

_CALL_HEADS = listed("call input given in expression вызов вход ввод дано выражение")
_RESULT_HEADS = listed(
    "expected result output returns gives out want ожидаем ожидается результат выход ответ получаем возвращает итог"
)
_ARROWS = ("→", "=>", "⇒", "->", "==")
_MAX_CHARS = 400


def find_examples(regions: Sequence[Region]) -> tuple[Example, ...]:
    """Give the cases of the idea and its embeds, each once, in reading order."""
    found: dict[str, Example] = {}
    for region in regions:
        if region.role == "link":
            continue
        for call, expected, span in (*_in_tables(region), *_in_fences(region), *_in_items(region)):
            example = _example(call, expected, (region.quote(span),))
            if example is not None:
                found.setdefault(example.id, example)
    return tuple(found.values())


def _example(call: str, expected: str, origins: tuple[Quote, ...]) -> Example | None:
    """Give an example where both sides are Python: the call a call, the result a literal or a call."""
    call, expected = _bare(call), _bare(expected)
    tree = _expression(call)
    if not isinstance(tree, ast.Call) or _expression(expected) is None:
        return None
    return Example(short_id("X", ("example", call, expected)), call, expected, origins)


def _bare(text: str) -> str:
    return text.strip().strip("`").strip().replace("\\|", "|")


def _expression(text: str) -> ast.expr | None:
    if not text or len(text) > _MAX_CHARS or "\n" in text:
        return None
    body = expression(text)
    is_value = isinstance(
        body, ast.Constant | ast.Call | ast.List | ast.Tuple | ast.Dict | ast.Set | ast.UnaryOp | ast.Attribute
    )
    return body if is_value else None


def _column(header: Sequence[Cell], names: frozenset[str]) -> int:
    for index, cell in enumerate(header):
        words = cell.text.lower().strip("*_` ").split()
        if words and (words[0] in names or words[-1] in names):
            return index
    return -1


def _in_tables(region: Region) -> Iterator[tuple[str, str, Span]]:
    for _, table in region.tables():
        given, wanted = _column(table.header, _CALL_HEADS), _column(table.header, _RESULT_HEADS)
        if given < 0 or wanted < 0 or given == wanted:
            continue
        for row in table.rows:
            if len(row) > max(given, wanted):
                first, last = sorted((row[given], row[wanted]), key=lambda cell: cell.span.start)
                yield row[given].text, row[wanted].text, region.source.span(first.span.start, last.span.end)


def _in_fences(region: Region) -> Iterator[tuple[str, str, Span]]:
    for _, fence in region.fences():
        if fence.language in {"python", "pycon", "py", "doctest", ""} and ">>>" in fence.code:
            yield from _doctests(region, fence)


def _doctests(region: Region, fence: Fence) -> Iterator[tuple[str, str, Span]]:
    """Give the cases of `>>> call` over one line of result."""
    call, start, offset = "", 0, fence.code_span.start
    for line in fence.code.splitlines(keepends=True):
        text = line.strip()
        if text.startswith(">>>"):
            call, start = text[3:].strip(), offset + line.index(">>>")
        elif call and text and not text.startswith("..."):
            yield call, text, region.source.span(start, offset + len(line.rstrip()))
            call = ""
        elif not text or text.startswith("..."):
            call = ""
        offset += len(line)


def _in_items(region: Region) -> Iterator[tuple[str, str, Span]]:
    """Give the cases of list items such as "`f(2)` → `4`"."""
    for item in region.note.items:
        block = region.note.blocks[item.block]
        if not region.holds(block.text) or region.is_foreign(block):
            continue
        text = region.source.slice(block.text)
        for arrow in _ARROWS:
            left, sign, right = text.partition(arrow)
            if sign and "(" in left:
                yield left, right.rstrip(" .;"), block.text
                break

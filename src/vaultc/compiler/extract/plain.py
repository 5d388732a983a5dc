"""Words of a stretch of Markdown: as people read them, and as the rules read them (same length, marks blanked)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.core.note import NOT_SAID, MarkKind

if TYPE_CHECKING:
    from vaultc.compiler.extract.region import Region
    from vaultc.core.link import Link
    from vaultc.core.source import Span

_HIDDEN = NOT_SAID | {MarkKind.STRUCK, MarkKind.COMMENT, MarkKind.HTML_COMMENT}
_SILENT = _HIDDEN | {MarkKind.CODE, MarkKind.MATH}


def _blank(chars: list[str], start: int, end: int, offset: int) -> None:
    for at in range(max(0, start - offset), min(len(chars), end - offset)):
        chars[at] = " "


def _link_name(link: Link, text: str) -> tuple[int, int]:
    """Give the range inside the written link `text` that people read."""
    opening = text.find("[[")
    if opening >= 0:
        closing = text.rfind("]]")
        bar = text.rfind("|", 0, closing)
        return (bar + 1 if bar >= 0 else opening + 2), closing
    start = text.find("[") + 1
    end = text.find("](")
    return start, max(end, start)


def _blank_links(chars: list[str], region: Region, span: Span) -> None:
    for link in region.links.within(span):
        if link.span.start == link.span.end:
            continue
        written = region.source.slice(link.span)
        if not written.endswith(("]", ")")):
            continue
        start, end = _link_name(link, written)
        if link.is_embed:
            start = end = 0
        _blank(chars, link.span.start, link.span.start + start, span.start)
        _blank(chars, link.span.start + end, link.span.end, span.start)


def _blank_emphasis(chars: list[str]) -> None:
    """Blank runs of `*`, `==`, `**`, and `_` at the edges of words; a lone star between blanks stays."""
    text = "".join(chars)
    for at, char in enumerate(text):
        before = text[at - 1] if at else " "
        after = text[at + 1] if at + 1 < len(text) else " "
        is_inner = before.isalnum() and after.isalnum()
        is_star = char == "*" and not (before.isspace() and after.isspace())
        is_mark = char == "=" and (before == "=" or after == "=") and not is_inner
        if is_star or is_mark or (char == "_" and not is_inner):
            chars[at] = " "


def _covered(region: Region, kinds: frozenset[MarkKind], span: Span) -> list[Span]:
    return [mark.span for mark in region.marks.touching(span) if mark.kind in kinds]


def masked(region: Region, span: Span, *, with_code: bool = False) -> str:
    """Give the text at `span` for the rules: of the same length, with markup, code and struck words blanked.

    With `with_code` inline code and mathematics stay.
    """
    chars = list(region.source.slice(span))
    for hidden in _covered(region, _HIDDEN if with_code else _SILENT, span):
        _blank(chars, hidden.start, hidden.end, span.start)
    _blank_links(chars, region, span)
    _blank_fields(chars, region, span)
    _blank_emphasis(chars)
    return "".join(" " if char in "\r\n\t\u00a0\u202f" else char for char in chars)


def _blank_fields(chars: list[str], region: Region, span: Span) -> None:
    for inline in region.fields.within(span):
        if span.start < inline.span.start:
            _blank(chars, inline.span.start, inline.span.end, span.start)


def plain(region: Region, span: Span) -> str:
    """Give the words at `span` as people read them: no markup, one blank between words, code kept."""
    chars = list(region.source.slice(span))
    for hidden in _covered(region, _HIDDEN, span):
        _blank(chars, hidden.start, hidden.end, span.start)
    _blank_links(chars, region, span)
    code = _covered(region, frozenset({MarkKind.CODE}), span)
    kept = {
        at: chars[at]
        for mark in code
        for at in range(max(0, mark.start - span.start), min(len(chars), mark.end - span.start))
    }
    _blank_emphasis(chars)
    for at, char in kept.items():
        chars[at] = char
    words = " ".join("".join(chars).split())
    for mark in (".", ",", ";", ":", "!", "?", ")", "»"):
        words = words.replace(" " + mark, mark)
    return words.replace("( ", "(").replace("« ", "«")


def is_struck(region: Region, span: Span) -> bool:
    """Tell whether most of `span` is struck out or a comment."""
    hidden = sum(min(mark.end, span.end) - max(mark.start, span.start) for mark in _covered(region, _HIDDEN, span))
    return hidden * 2 > max(1, span.end - span.start)

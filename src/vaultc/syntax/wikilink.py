"""Links as written: `[[target#heading|text]]`, `![[…]]`, and the destinations of `[text](target "title")`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote_to_bytes

from vaultc.core.link import Link, LinkKind
from vaultc.syntax.positions import skip_blanks

if TYPE_CHECKING:
    from vaultc.core.source import Source

_STOP = re.compile(r"\]\]|\[\[|[\r\n]")
_BAR = re.compile(r"\\?\|")
_SIZE = re.compile(r"(\d{1,5})(?:x(\d{1,5}))?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,31}:")
# Schemes without `//`; a note may well be named `Project: plan`.
_BARE_SCHEMES = frozenset({"mailto", "tel", "sms", "data", "javascript", "vbscript", "magnet", "urn", "doi", "about"})
_BARE_DESTINATION = re.compile(r"[^\s()\\<\x00-\x1f]+|\\[!-/:-@\[-`{-~]|\\|<")
_ANGLE_STOP = re.compile(r"[<>\r\n]")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
# A title in parentheses holds no other parenthesis that is not escaped.
_TITLES = {
    '"': re.compile(r'"(?:[^"\\]|\\.)*+"'),
    "'": re.compile(r"'(?:[^'\\]|\\.)*+'"),
    "(": re.compile(r"\((?:[^()\\]|\\.)*+\)"),
}
_MAX_PARENTHESES = 32
_MAX_TITLE = 1_000


def wikilink_at(source: Source, start: int, end: int, kind: LinkKind = LinkKind.WIKILINK) -> Link | None:
    """Give the wikilink that starts at `start` (`[[` or `![[`) and ends by `end`, or None.

    A line end or another `[[` before the `]]` makes it plain text; `[[]]` is no link.
    """
    text = source.text
    is_embed = text[start] == "!"
    inner = start + (3 if is_embed else 2)
    stop = _STOP.search(text, inner, end)
    if stop is None or stop.group() != "]]":
        return None
    written = text[inner : stop.start()]
    bar = _BAR.search(written)
    path, alias = (written, None) if bar is None else (written[: bar.start()], written[bar.end() :].strip())
    if not path.strip():
        return None
    target, headings, block = split_target(path)
    if kind is LinkKind.WIKILINK and is_embed:
        kind = LinkKind.EMBED
    return Link(kind, target, headings, block, alias, source.span(start, stop.end()), is_embed)


def split_target(written: str) -> tuple[str, tuple[str, ...], str | None]:
    """Split `path#heading#heading` or `path#^id` into path, headings and block id, blanks trimmed."""
    path, *parts = written.split("#")
    names = [part.strip() for part in parts]
    block = None
    if names and names[-1].startswith("^"):
        block = names.pop()[1:]
    return path.strip(), tuple(name for name in names if name), block or None


def size_of(alias: str) -> tuple[int, int | None] | None:
    """Give width and height in pixels where the text of an embed is a size (`100`, `100x145`), else None."""
    match = _SIZE.fullmatch(alias.rsplit("|", 1)[-1].strip())
    if match is None:
        return None
    return int(match.group(1)), int(match.group(2)) if match.group(2) else None


class Destination(NamedTuple):
    """What stands in the parentheses of a Markdown link, and the offset behind them."""

    written: str
    end: int


def destination_at(text: str, pos: int, end: int) -> Destination | None:
    """Give the destination behind the `(` at `pos`, or None where it is no link (CommonMark, on one line)."""
    start = skip_blanks(text, pos + 1, end)
    if start < end and text[start] == "<":
        stop = _ANGLE_STOP.search(text, start + 1, end)
        if stop is None or stop.group() != ">":
            return None
        written, behind = text[start + 1 : stop.start()], stop.end()
    else:
        bare_end = _bare_end(text, start, end)
        if bare_end is None:
            return None
        behind = bare_end
        written = text[start:behind]
    close = skip_blanks(text, behind, end)
    if close > behind:
        close = _title_end(text, close, end)
    if close >= end or text[close] != ")":
        return None
    return Destination(_ESCAPED.sub(r"\1", written), close + 1)


def _bare_end(text: str, pos: int, end: int) -> int | None:
    depth = 0
    while pos < end:
        match = _BARE_DESTINATION.match(text, pos, end)
        if match is not None:
            pos = match.end()
        elif text[pos] == "(" and depth < _MAX_PARENTHESES:
            depth, pos = depth + 1, pos + 1
        elif text[pos] == ")" and depth > 0:
            depth, pos = depth - 1, pos + 1
        elif text[pos] == "(":
            return None
        else:
            break
    return pos if depth == 0 else None


def _title_end(text: str, pos: int, end: int) -> int:
    """Give the offset behind a title that starts at `pos` and the blanks behind it; `pos` where none is."""
    if pos >= end or text[pos] not in _TITLES:
        return pos
    title = _TITLES[text[pos]].match(text, pos, min(end, pos + _MAX_TITLE))
    return pos if title is None else skip_blanks(text, title.end(), end)


def is_external(destination: str) -> bool:
    """Tell whether `destination` leads out of the vault (a scheme, or `//host`)."""
    if destination.startswith("//"):
        return True
    match = _SCHEME.match(destination)
    return match is not None and (
        destination.startswith("//", match.end()) or match.group()[:-1].lower() in _BARE_SCHEMES
    )


def markdown_link(source: Source, start: int, text_end: int, destination: Destination) -> Link | None:
    """Give the link `[text](destination)` that starts at `start`; None for an address outside or an empty one.

    The path and the fragment are split before they are decoded, so that `%23` may stand in a name.
    """
    if not destination.written or is_external(destination.written):
        return None
    path, *fragments = destination.written.split("#")
    target, headings, block = split_target("#".join(["", *(_decoded(part) for part in fragments)]))
    is_embed = source.text[start] == "!"
    alias = source.text[start + (2 if is_embed else 1) : text_end]
    target = _decoded(path).strip()
    if not target and not headings and block is None:
        return None
    span = source.span(start, destination.end)
    return Link(LinkKind.MARKDOWN, target, headings, block, alias, span, is_embed)


def _decoded(part: str) -> str:
    """Percent-decode `part`; what is not UTF-8 afterwards stays as written."""
    if "%" not in part:
        return part
    try:
        return unquote_to_bytes(part).decode("utf-8")
    except UnicodeDecodeError:
        return part

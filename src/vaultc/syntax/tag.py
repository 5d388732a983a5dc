"""Tags: `#name`, nested by `/`, letters of any script and emoji.

A tag stands at the start of a line or behind a blank; any punctuation before `#` makes it plain text (seen in
Obsidian's metadata cache by others). It holds at least one character that is no digit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vaultc.core.note import Tag

if TYPE_CHECKING:
    from vaultc.core.source import Source

# ASCII punctuation but `-`, `_` and `/`, the general and CJK punctuation, guillemets.
_NAME = re.compile(r"[^\s!-,.:-@\[-^`{-~\u00a1\u00ab\u00bb\u00bf\u2000-\u206f\u2e00-\u2e7f\u3000-\u303f]+")
_ONLY_DIGITS = re.compile(r"[\d/]*")


def is_tag_name(name: str) -> bool:
    """Tell whether `name` (without `#`) may be a tag."""
    return _NAME.fullmatch(name) is not None and _ONLY_DIGITS.fullmatch(name) is None


def tag_at(source: Source, pos: int) -> Tag | None:
    """Give the tag whose `#` stands at `pos`, or None."""
    text = source.text
    if pos and not text[pos - 1].isspace():
        return None
    match = _NAME.match(text, pos + 1)
    if match is None:
        return None
    name = match.group().rstrip("/")
    if not is_tag_name(name):
        return None
    return Tag(name, source.span(pos, pos + 1 + len(name)))

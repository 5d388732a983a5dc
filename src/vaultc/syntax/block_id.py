"""Block ids: `^name` behind a blank at the end of a block, or alone on its line.

Names hold Latin letters, digits and dashes (documented); anything else is plain text. Right behind the brackets of a
wikilink the blank may be missing (`![[tide.png]]^chart`), as in Obsidian's own help.
"""

from __future__ import annotations

import string

_LETTERS = frozenset(string.ascii_letters + string.digits + "-")


def block_id_at(text: str, start: int, end: int) -> int | None:
    """Give the offset of the `^` of the block id that ends `text[start:end]`, or None.

    `end` is the offset behind the last character that is no blank.
    """
    caret = text.rfind("^", start, end)
    if caret < 0 or caret + 1 == end or not _LETTERS.issuperset(text[caret + 1 : end]):
        return None
    is_apart = caret == start or text[caret - 1] in " \t\r\n" or text.endswith("]]", start, caret)
    return caret if is_apart else None

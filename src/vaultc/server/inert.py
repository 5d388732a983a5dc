"""Output sanitising: text of notes in an answer that a program will show as Markdown loads, runs and opens nothing.

A note, perhaps one that came from outside, may hold `![](http://host/?q=…)`: a program that shows it asks that host.
"""

from __future__ import annotations

import re

_ALIVE = re.compile(
    r"!\[|<(?=[A-Za-z/!?%])|\]\(\s*(?=(?:javascript|vbscript|data|file|obsidian|vscode|shell|app):)|^([^\S\n]*)\[(?=[^\]\n]{1,200}\]:)",
    re.IGNORECASE | re.MULTILINE,
)


def inert(text: str) -> str:
    """Give `text` with images, HTML, templates and links to programs as plain words; all else stays as it is."""
    return _ALIVE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    found = match[0]
    if found == "![":
        return "!\\["
    if found == "<":
        return "\\<"
    return found[:-1] + "\\[" if found.endswith("[") else "]\\("

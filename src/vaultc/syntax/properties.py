"""Values of properties with their places, and a quick reading of the plain forms that nearly all of them have.

`key: words`, a quoted value, `[a, b]` and a list of `- words` are read here line by line, as YAML reads them; whatever
holds anything else is left to YAML (`vaultc.syntax.frontmatter`), which takes ten times as long.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaultc.core.note import PropertyValue

_INT = re.compile(r"[-+]?(?:0|[1-9]\d{0,15})")
_OCTAL_OR_HEX = re.compile(r"0o[0-7]{1,17}|0x[0-9a-fA-F]{1,13}")
_FLOAT = re.compile(r"[-+]?(?:0|[1-9]\d{0,17}|(?=\.\d))(?:\.\d{0,20})?(?:[eE][-+]?\d{1,2})?")
_CONSTANTS: dict[str, PropertyValue] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip

# A character that may mean something to YAML, such as one of its own line ends, or that it refuses. Letters, signs and
# pictures are none. Told once for a block: sets of characters far apart take long to compile.
_ODD = re.compile(
    r"[^\n -~\w\u00a1-\u024f\u0370-\u1fff\u2010-\u2027\u2030-\u205e\u20a0-\u2bff\u3001-\ud7ff\U0001f000-\U0001faff]"
)
# `:` and `#` stand only where they part nothing.
_PLAIN = r"[^\x00-/:-@\[-`{-\x7f](?:[^\n\ \#:\\]|:(?=[^\n\ \#\\])|(?<!\ )\#|\ (?=[^\n\#:\\]))*+"
_QUOTED = r"\"[^\"\\\n]*+\"|'[^'\n]*+'"
_FLOW = r"[^\W_][\w/-]*+(?:\ [\w/-]++)*+"
_LINE = re.compile(
    rf"""
    (?:
        (?P<key>[^\W\d_][\w-]{{0,60}}+(?:\ [\w-]{{1,60}}+){{0,4}}+):
        (?:\ ++(?:(?P<plain>{_PLAIN})|(?P<quoted>{_QUOTED})|(?P<flow>\[(?:{_FLOW}(?:,\ ?{_FLOW})*+)?\]))|(?P<empty>))
    |
        (?P<indent>\ {{0,20}}+)-(?:\ ++(?:(?P<item>{_PLAIN})|(?P<quoted_item>{_QUOTED}))|(?P<no_item>))
    )
    \ *+\n
    """,
    re.VERBOSE,
)
_ITEMS = frozenset({"item", "quoted_item", "no_item"})
_FLOW_ITEM = re.compile(_FLOW, re.VERBOSE)


@dataclass(slots=True)
class Node:
    """A value with where it stands; `start` to `end` without the line ends behind it."""

    value: PropertyValue
    start: int
    end: int
    is_string: bool = False
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Entry:
    """A top-level key: its name, where it stands, its value."""

    key: str
    start: int
    end: int
    node: Node


def plain_value(text: str) -> PropertyValue:
    """Give the value of a plain scalar: YAML 1.2 core, and what a number would damage stays a string."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    first = text[:1]
    if first not in "+-.0123456789":
        return text
    if _INT.fullmatch(text):
        return int(text)
    if _OCTAL_OR_HEX.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def plain_entries(block: str) -> list[Entry] | None:
    """Give the keys of a block that has only the plain forms, in order, as YAML would; None for any other."""
    if _ODD.search(block):
        return None
    entries: list[Entry] = []
    pos, size, match_at = 0, len(block), _LINE.match
    indent = ""
    owner: Entry | None = None  # the key that items may follow
    while pos < size:
        match = match_at(block, pos)
        if match is None:
            return None
        form, pos = match.lastgroup, match.end()
        if form in _ITEMS:
            if owner is None or not _put_item(owner, match, form, indent):
                return None
            indent = match["indent"]
            continue
        assert form is not None
        entry = _entry(match, form)
        entries.append(entry)
        owner = entry if form == "empty" else None
    return entries


def _entry(match: re.Match[str], form: str) -> Entry:
    start, colon = match.span("key")
    first, behind = match.span(form)
    if form == "empty":
        node = Node(None, colon + 1, colon + 1)
    elif form == "flow":
        found = [_scalar(item.group(), item.start()) for item in _FLOW_ITEM.finditer(match.string, first + 1, behind)]
        node = Node([item.value for item in found], first, behind, items=found)
    else:
        node = _value(match, form)
    return Entry(match["key"], start, node.end, node)


def _put_item(owner: Entry, match: re.Match[str], form: str, indent: str) -> bool:
    """Add an item to the list of `owner`; False where it is no item of that list."""
    node, item = owner.node, _value(match, form)
    if node.value is None:
        node.value, node.start = [], match.end("indent")
    elif match["indent"] != indent:
        return False
    assert isinstance(node.value, list)
    node.value.append(item.value)
    node.items.append(item)
    owner.end = node.end = item.end
    return True


def _value(match: re.Match[str], form: str) -> Node:
    first, behind = match.span(form)
    if form.startswith("quoted"):
        return Node(match.string[first + 1 : behind - 1], first, behind, is_string=True)
    return _scalar(match.string[first:behind].rstrip(" "), first)  # empty where no item stands: that is None


def _scalar(text: str, start: int) -> Node:
    value = plain_value(text)
    return Node(value, start, start + len(text), isinstance(value, str))

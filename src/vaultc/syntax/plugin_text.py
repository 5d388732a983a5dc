"""What stands in a note for a program and not for its reader: a template's commands, the settings of plugins.

Sources: Obsidian's core plugin "Templates" (`{{title}}`, `{{date:YYYY}}`), Templater (`<% … %>`, `<%* … %>`), Kanban
(`%% kanban:settings`), Spaced Repetition (`<!--SR:…-->`), Waypoint and the publishers of Dataview's results.
"""

from __future__ import annotations

import bisect
import re
from typing import NamedTuple

from vaultc.syntax.fences import Fences

_START = re.compile(r"`+|<%|\{\{|%%|<!--")
_PLACEHOLDER = re.compile(r"\{\{[ \t]*[#/^]?[\w.-]{1,60}(?: [\w.-]{1,60})?[ \t]*(?::(?!:)[^{}\r\n]{0,80})?\}\}")
# What plugins write into comments, by how it begins.
_SETTINGS = re.compile(
    r"(?:%%|<!--)[ \t]*(?:kanban:settings|SR:!|(?:Begin|End) Waypoint|DATAVIEW_PUBLISHER|QueryToSerialize|"
    r"SerializedQuery)"
)
_COMMAND = re.compile(r"<%[-_]?[*+]")
_CLOSING = {"<%": "%>", "%%": "%%", "<!--": "-->"}
_LINE_END = re.compile(r"[ \t]*(?:[\r\n]|\Z)")
_LONGEST, _LONGEST_VALUE = 65_536, 2_000
_MOST = 20_000
_NEUTRAL = str.maketrans({**dict.fromkeys("[]#`*_|:\"'{}()$~=!\\&,", "·"), "\r": " ", "\n": " "})


class PluginText(NamedTuple):
    """A range that is for a program. `is_whole`: nothing else stands on its lines."""

    start: int
    end: int
    is_whole: bool


def plugin_texts(text: str) -> list[PluginText]:
    """Give the ranges of `text` that are for a program, in order; none in code. Of very many, the first ones."""
    if not _may_hold(text):
        return []
    fences = Fences(text)
    ticks = _Ticks(text)
    closings = _Closings(text)
    found: list[PluginText] = []
    at = 0
    while len(found) < _MOST and (match := _START.search(text, at)) is not None:
        start, at = match.span()
        if fences.is_inside(start):
            continue
        if match[0][0] == "`":
            at = ticks.closing(start, at)
        else:
            end = _end_of(text, start, match[0], closings)
            if end is not None:
                found.append(PluginText(start, end, is_alone(text, start, end)))
                at = end
    return found


def _may_hold(text: str) -> bool:
    """Tell whether `text` has anything to look for; nearly all notes are told at once, by the search for a letter."""
    if "{" in text and "{{" in text:
        return True
    has_percent, has_less = "%" in text, "<" in text
    if has_percent and has_less and "<%" in text:
        return True
    return (has_percent and _has_settings(text, "%%")) or (has_less and _has_settings(text, "<!--"))


def _has_settings(text: str, sign: str) -> bool:
    at = text.find(sign)
    while at >= 0:
        if _SETTINGS.match(text, at) is not None:
            return True
        at = text.find(sign, at + len(sign))
    return False


def neutral(text: str) -> str:
    """Give `text`, of the same length, without what Markdown and YAML would read in it."""
    return text[:2] + text[2:-2].translate(_NEUTRAL) + text[-2:]


class _Ticks:
    """The runs of backticks of a text, by their length; looked for once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._runs: dict[int, list[int]] | None = None

    def closing(self, start: int, end: int) -> int:
        """Give the offset behind the code that a run at `[start, end)` opens; `end` where it opens none."""
        if self._runs is None:
            self._runs = {}
            for run in re.finditer(r"`+", self._text):
                self._runs.setdefault(len(run[0]), []).append(run.start())
        same = self._runs[end - start]
        index = bisect.bisect_left(same, end)
        if index == len(same) or _has_blank_line(self._text, end, same[index]):
            return end
        return same[index] + end - start


def _has_blank_line(text: str, start: int, end: int) -> bool:
    return any(text.find(sign, start, end) >= 0 for sign in ("\n\n", "\r\n\r\n", "\n \n"))


class _Closings:
    """The next place of each sign that closes something; looked for again only when it is passed."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next: dict[str, int] = {}

    def behind(self, sign: str, start: int) -> int | None:
        """Give the offset behind the first `sign` from `start` on; None where there is none near."""
        at = self._next.get(sign, 0)
        if 0 <= at < start or sign not in self._next:
            at = self._next[sign] = self._text.find(sign, start)
        return at + len(sign) if 0 <= at < start + _LONGEST else None


def _end_of(text: str, start: int, sign: str, closings: _Closings) -> int | None:
    """Give where what begins with `sign` ends; None where it is no text for a program, or is never closed."""
    if sign == "{{":
        placeholder = _PLACEHOLDER.match(text, start)
        return None if placeholder is None else placeholder.end()
    if sign != "<%" and _SETTINGS.match(text, start) is None:
        return None
    end = closings.behind(_CLOSING[sign], start + len(sign))
    if end is None or sign != "<%" or _COMMAND.match(text, start) is not None:
        return end
    # What only looks like a template's command must not take half a note with it.
    return end if end - start <= _LONGEST_VALUE and not _has_blank_line(text, start, end) else None


def is_alone(text: str, start: int, end: int) -> bool:
    """Tell whether nothing but blanks stands beside `[start, end)` on its lines."""
    while start and text[start - 1] in " \t":
        start -= 1
    return (not start or text[start - 1] in "\r\n") and _LINE_END.match(text, end) is not None

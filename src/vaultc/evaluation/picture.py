"""The heat map as a PNG (only importer of pillow)."""

from __future__ import annotations

import io
import itertools
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.evaluation.interval import Tally
from vaultc.evaluation.tasks import BY_DISTANCE, TASKS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PIL import ImageDraw

    from vaultc.evaluation.result import Measured

_CELL = (52, 20)
_LABELS = 44
_PANEL_GAP = 26
_MARGIN = 24
_COLUMNS = 4
_HEAD = 30
_LINE = 20
_INK, _PAPER, _FAINT, _EMPTY = (28, 30, 34), (255, 255, 255), (110, 114, 120), (232, 233, 236)
# From none to all: told apart by brightness too, for those who do not see red and green.
_SCALE = ((0.0, (122, 16, 46)), (0.5, (226, 120, 66)), (0.75, (246, 208, 120)), (1.0, (175, 235, 175)))
_LEGEND = (
    "Columns: tokens of the prompt. Rows: how deep the fact stands (for contradiction: how far the two are apart)."
    " Numbers: % exact."
)

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Panel:
    title: str
    tallies: Mapping[tuple[int, int], Tally]


def colour_of(share: float) -> Colour:
    """Give the colour of a share of exact answers."""
    for (low, dark), (high, bright) in itertools.pairwise(_SCALE):
        if share <= high:
            part = (share - low) / (high - low)
            red, green, blue = (round(a + (b - a) * part) for a, b in zip(dark, bright, strict=True))
            return red, green, blue
    return _SCALE[-1][1]


def size_text(tokens: int) -> str:
    """Give "4K" for 4096, else the number."""
    return f"{tokens // 1024}K" if tokens % 1024 == 0 else str(tokens)


def png_of(measured: Measured, lines: Sequence[str]) -> bytes:
    """Give the map as a PNG: for each language one panel of all tasks and one for each task; `lines` stand above."""
    from PIL import Image, ImageDraw, ImageFont  # slow to import

    plan = measured.plan
    panels = {language: _panels(measured, language) for language in plan.languages}
    width, height = _panel_size(plan.lengths, plan.depths)
    columns = min(_COLUMNS, max(len(found) for found in panels.values()))
    bands = [-(-len(found) // columns) for found in panels.values()]
    fonts = ImageFont.load_default(15), ImageFont.load_default(12)
    texts = [*map(_shown, lines), _LEGEND]
    longest = max(round(fonts[1].getlength(text)) + 1 for text in texts)
    total = (
        2 * _MARGIN + max(columns * (width + _PANEL_GAP) - _PANEL_GAP, longest),
        2 * _MARGIN + _LINE * (len(lines) + 1) + sum(_HEAD + rows * (height + _PANEL_GAP) for rows in bands),
    )
    image = Image.new("RGB", total, _PAPER)
    draw = ImageDraw.Draw(image)
    draw.font = fonts[1]
    top = _MARGIN
    for text in texts[:-1]:
        draw.text((_MARGIN, top), text, fill=_INK)
        top += _LINE
    for language, found in panels.items():
        draw.text((_MARGIN, top + 6), _language(language), fill=_INK, font=fonts[0])
        top += _HEAD
        for number, panel in enumerate(found):
            at = _MARGIN + number % columns * (width + _PANEL_GAP), top + number // columns * (height + _PANEL_GAP)
            _draw_panel(draw, at, panel, plan.lengths, plan.depths)
        top += -(-len(found) // columns) * (height + _PANEL_GAP)
    note = (
        "Columns: tokens of the prompt. Rows: how deep the fact stands (for contradiction: how far the two are apart)."
    )
    draw.text((_MARGIN, top), f"{note} Numbers: % exact.", fill=_FAINT)
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def _panels(measured: Measured, language: str) -> list[_Panel]:
    by_task: dict[str, dict[tuple[int, int], Tally]] = defaultdict(dict)
    for cell, tally in measured.cells.items():
        if cell.language == language:
            by_task[cell.task][cell.tokens, cell.depth] = tally
    places = [task for task in measured.plan.tasks if task not in BY_DISTANCE]
    pooled = [_Panel("all, by depth", measured.by_depth(language))] if len(places) > 1 else []
    return [*pooled, *(_Panel(task, by_task[task]) for task in TASKS if task in measured.plan.tasks)]


def _panel_size(lengths: Sequence[int], depths: Sequence[int]) -> tuple[int, int]:
    return max(_LABELS + len(lengths) * _CELL[0], 150), _LINE + (len(depths) + 1) * _CELL[1]


def _draw_panel(
    draw: ImageDraw.ImageDraw, at: tuple[int, int], panel: _Panel, lengths: Sequence[int], depths: Sequence[int]
) -> None:
    left, top = at
    wide, high = _CELL
    draw.text((left, top), panel.title, fill=_INK)
    top += _LINE
    for row, depth in enumerate(depths):
        draw.text((left + _LABELS - 6, top + row * high + high // 2), f"{depth} %", fill=_FAINT, anchor="rm")
        for column, tokens in enumerate(lengths):
            corner = left + _LABELS + column * wide, top + row * high
            _draw_cell(draw, corner, panel.tallies.get((tokens, depth), Tally(0, 0)))
    for column, tokens in enumerate(lengths):
        middle = left + _LABELS + column * wide + wide // 2, top + len(depths) * high + high // 2
        draw.text(middle, size_text(tokens), fill=_FAINT, anchor="mm")


def _draw_cell(draw: ImageDraw.ImageDraw, corner: tuple[int, int], tally: Tally) -> None:
    left, top = corner
    wide, high = _CELL
    share = tally.passed / tally.trials if tally.trials else 0.0
    colour = colour_of(share) if tally.trials else _EMPTY
    draw.rectangle((left, top, left + wide - 2, top + high - 2), fill=colour)
    if tally.trials:
        ink = _PAPER if share < 0.5 else _INK
        draw.text((left + wide // 2 - 1, top + high // 2 - 1), f"{share:.0%}"[:-1], fill=ink, anchor="mm")


def _language(language: str) -> str:
    return {"en": "English text", "ru": "Russian text"}.get(language, language)


def _shown(line: str) -> str:
    """Give a line in letters that the font has."""
    return unicodedata.normalize("NFKD", line).encode("ascii", "replace").decode()

"""A plot of several lines on two logarithmic axes, as an SVG that is legible on light and dark ground."""

from __future__ import annotations

import html
import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Middling in brightness, told apart by hue and by dash; each line carries its name, so no colour must be matched.
_COLOURS = ("#d9730d", "#3b82c4", "#2f9e6e", "#b34fb3", "#c2484d", "#8a8a2a", "#7d858d")
_DASHES = ("", "7 3", "2 3", "", "7 3", "2 3", "")
_STYLE = (
    "text{font:12px sans-serif;fill:#6e7781}.title{font-weight:600;font-size:14px}"
    ".grid{stroke:#8c959f;stroke-opacity:.3}.axis{stroke:#8c959f}"
    "@media(prefers-color-scheme:dark){text{fill:#a5aeb8}.grid{stroke-opacity:.25}}"
)
_LINE_HEIGHT = 14


@dataclass(frozen=True, slots=True)
class Line:
    """A named line through points; both coordinates are above zero."""

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """One plot: its title says the unit of the upright axis."""

    title: str
    lines: tuple[Line, ...]


class _Axis:
    """Maps values to places; whole powers of ten bound it."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        self.decades = range(low, max(high, low + 1) + 1)
        self._low, self._span = low, self.decades[-1] - low
        self._start, self._length = start, end - start

    def at(self, value: float) -> float:
        return self._start + self._length * (math.log10(value) - self._low) / self._span


def draw(panels: Sequence[Panel], x_title: str, *, width: int = 520, height: int = 380) -> str:
    """Give an SVG with the panels side by side."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width * len(panels)} {height}" role="img">',
        f"<title>{html.escape('; '.join(panel.title for panel in panels))}</title><style>{_STYLE}</style>",
    ]
    for number, panel in enumerate(panels):
        parts += [f'<g transform="translate({number * width} 0)">', *_panel(panel, x_title, width, height), "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(panel: Panel, x_title: str, width: int, height: int) -> list[str]:
    left, right, top, bottom = 56, width - 150, 40, height - 48
    x = _Axis([point[0] for line in panel.lines for point in line.points], left, right)
    y = _Axis([point[1] for line in panel.lines for point in line.points], bottom, top)
    parts = [f'<text class="title" x="{left}" y="20">{html.escape(panel.title)}</text>']
    for power in y.decades:
        at = y.at(10.0**power)
        parts.append(f'<line class="grid" x1="{left}" y1="{at:.1f}" x2="{right}" y2="{at:.1f}"/>')
        parts.append(f'<text x="{left - 6}" y="{at + 4:.1f}" text-anchor="end">{_power(power)}</text>')
    for power in x.decades:
        at = x.at(10.0**power)
        parts.append(f'<line class="grid" x1="{at:.1f}" y1="{top}" x2="{at:.1f}" y2="{bottom}"/>')
        parts.append(f'<text x="{at:.1f}" y="{bottom + 18}" text-anchor="middle">{_power(power)}</text>')
    middle = (left + right) / 2
    parts.append(f'<text x="{middle}" y="{height - 8}" text-anchor="middle">{html.escape(x_title)}</text>')
    parts.append(f'<path class="axis" fill="none" d="M{left} {top}V{bottom}H{right}"/>')
    names = _spread([y.at(line.points[-1][1]) for line in panel.lines])
    for number, line in enumerate(panel.lines):
        places = [(x.at(one), y.at(other)) for one, other in line.points]
        colour, dash = _COLOURS[number % len(_COLOURS)], _DASHES[number % len(_DASHES)]
        path = "M" + "L".join(f"{one:.1f} {other:.1f}" for one, other in places)
        parts.append(f'<path fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}" d="{path}"/>')
        parts += [f'<circle cx="{one:.1f}" cy="{other:.1f}" r="3" fill="{colour}"/>' for one, other in places]
        end = max(place[0] for place in places)
        label = html.escape(line.name)
        lead = f"M{end + 5:.1f} {places[-1][1]:.1f}L{right + 8} {names[number]:.1f}"
        parts.append(f'<path fill="none" stroke="{colour}" d="{lead}"/>')
        parts.append(f'<text x="{right + 11}" y="{names[number] + 4:.1f}" style="fill:{colour}">{label}</text>')
    return parts


def _spread(places: Sequence[float]) -> list[float]:
    """Move places apart, downwards, so that names beside them do not overlap; then up again as a whole."""
    order = sorted(range(len(places)), key=lambda at: places[at])
    moved = list(places)
    for before, after in itertools.pairwise(order):
        moved[after] = max(moved[after], moved[before] + _LINE_HEIGHT)
    shift = sum(new - old for new, old in zip(moved, places, strict=True)) / max(len(places), 1)
    return [place - shift for place in moved]


def _power(power: int) -> str:
    value = 10.0**power
    return f"{value:,.0f}" if power >= 0 else f"{value:g}"

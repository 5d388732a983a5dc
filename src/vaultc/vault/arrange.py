"""The reading order of the cards of a canvas: from top to bottom and left to right, groups with what lies in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.vault.board import Item

_MAX_GROUPS = 200  # of more only the smallest hold cards: real ones have a few dozen


class PlacedCard(NamedTuple):
    """A card, and how many groups it lies in."""

    card: Item
    depth: int


class _Box(NamedTuple):
    """Where a card lies, and whether it is a group."""

    left: float
    top: float
    width: float
    height: float
    is_group: bool

    @property
    def area(self) -> float:
        return self.width * self.height


def in_reading_order(cards: list[Item]) -> list[PlacedCard]:
    """Give all cards: those in no group first, then each group with its cards, inner groups last."""
    boxes = [_box(card) for card in cards]
    groups = sorted((at for at, box in enumerate(boxes) if box.is_group), key=lambda at: boxes[at].area)
    outlines = [(boxes[at], at) for at in groups[:_MAX_GROUPS]]
    inside: dict[int | None, list[int]] = {}
    for at in sorted(range(len(cards)), key=lambda at: (boxes[at].is_group, boxes[at].top, boxes[at].left)):
        inside.setdefault(_group_of(boxes[at], outlines), []).append(at)
    return [PlacedCard(cards[at], depth) for at, depth in _placed(inside)]


def _box(card: Item) -> _Box:
    left, top, width, height = (card.numbers.get(key, 0.0) for key in ("x", "y", "width", "height"))
    return _Box(left, top, width, height, card.said("type") == "group")


def _group_of(box: _Box, groups: list[tuple[_Box, int]]) -> int | None:
    """Give the smallest group in which the middle of `box` lies; a group lies only in a larger one."""
    x, y = box.left + box.width / 2, box.top + box.height / 2
    for (left, top, width, height, _), at in groups:
        is_inside = left <= x <= left + width and top <= y <= top + height
        if is_inside and not (box.is_group and box.area >= width * height):
            return at
    return None


def _placed(inside: dict[int | None, list[int]]) -> Iterator[tuple[int, int]]:
    """Give the numbers of all cards, each with how many groups it lies in."""
    waiting = [(iter(inside.get(None, ())), 0)]
    while waiting:
        cards, depth = waiting[-1]
        at = next(cards, None)
        if at is None:
            waiting.pop()
            continue
        yield at, depth
        if at in inside:
            waiting.append((iter(inside[at]), depth + 1))

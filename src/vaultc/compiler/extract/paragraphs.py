"""Whole paragraphs of a region, as read: for what is said in several sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.compiler.extract.plain import is_struck, plain
from vaultc.compiler.extract.region import trimmed
from vaultc.core.note import BlockKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.compiler.extract.region import Region
    from vaultc.core.source import Quote


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph or list item as a whole."""

    quote: Quote
    text: str
    headings: tuple[str, ...]


def paragraphs(region: Region) -> Iterator[Paragraph]:
    """Give the paragraphs and list items of a region that are the author's own and not struck out."""
    for _, block in region.blocks():
        if block.kind not in {BlockKind.PARAGRAPH, BlockKind.LIST_ITEM} or region.is_foreign(block):
            continue
        span = trimmed(region.source, block.text.start, block.text.end)
        if span.start < span.end and not is_struck(region, span):
            yield Paragraph(region.quote(span), plain(region, span), region.headings(block))

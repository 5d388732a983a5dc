"""Parts of a text by place."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from vaultc.core.source import Span, VaultPath
from vaultc.core.spanned import Places

PATH = VaultPath("note.md")


@dataclass(frozen=True)
class Part:
    span: Span


SPANS = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda ends: Span(PATH, min(ends), max(ends)))


@given(st.lists(SPANS.map(Part), max_size=20), SPANS)
def test_it_gives_what_a_walk_through_all_gives(parts: list[Part], span: Span) -> None:
    places = Places(parts)
    ordered = sorted(parts, key=lambda part: part.span.start)

    touching, within, around = places.touching(span), places.within(span), places.around(span)

    assert touching == [part for part in ordered if part.span.overlaps(span)]
    assert within == [part for part in touching if span.covers(part.span)]
    assert around == [part for part in touching if part.span.covers(span)]

"""Sentences of a reply as it comes."""

from __future__ import annotations

from itertools import repeat

import pytest

from vaultc.ask.reply import said_sentences


@pytest.mark.parametrize("piece", ["60 W, ", "not ", "(", "a: ", "не ", "v1.", "**", "[[a|", "| a ", "Pump. ", "\n"])
def test_a_reply_that_never_ends_is_cut_off(piece: str) -> None:
    given = [part for part in said_sentences(repeat(piece)) if isinstance(part, str)]

    assert set(given) == {piece}
    assert len("".join(given)) < 10_000

"""Long repeats of what the scanners look for: time grows with the length, not with its square."""

from __future__ import annotations

import time

import pytest
from fakes import note, source

from vaultc.ask.citation import check
from vaultc.ask.reply import said_sentences
from vaultc.findings.claims import claims_of
from vaultc.findings.links import find_missing_links
from vaultc.findings.standing import is_claimed, is_past, modality_of, negations_in

PIECES = ["60 W, ", "not ", "(", "a: ", "не ", "5-", "v1.", "**", "[[a|", "12 May ", "| a ", "Pump. ", "must not "]


@pytest.mark.parametrize("piece", PIECES)
def test_a_long_note_of_one_piece_is_read_in_time(piece: str) -> None:
    text = piece * (60_000 // len(piece))
    start = time.process_time()

    parsed = note(text)
    middle = time.process_time()
    claims_of(source(text), parsed)
    find_missing_links([(source(text), parsed), (source("x", "Red pump.md"), note("x", "Red pump.md"))])

    assert time.process_time() - middle < 10 + (middle - start)


@pytest.mark.parametrize("piece", PIECES)
def test_long_sentences_are_judged_in_time(piece: str) -> None:
    text = piece * (60_000 // len(piece))
    start = time.process_time()

    is_claimed(text)
    is_past(text, 0, len(text))
    modality_of(text)
    negations_in(text)
    check(text, [source(text).quote(source(text).span(0, len(text)))])

    assert time.process_time() - start < 10


@pytest.mark.parametrize("piece", PIECES)
def test_a_long_reply_ends(piece: str) -> None:
    start = time.process_time()

    list(said_sentences(iter([piece] * 20_000)))

    assert time.process_time() - start < 10

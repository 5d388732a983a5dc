"""No text makes reading slow: time grows with length, whatever is repeated."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from vaultc.language.dates import dates
from vaultc.language.detect import language_of
from vaultc.language.modality import (
    ears,
    is_hypothetical,
    is_question,
    is_reported,
    is_superseded,
    modal_marks,
    polarity,
)
from vaultc.language.quantities import quantities
from vaultc.language.sentences import sentences
from vaultc.language.stems import content_stems, stems, words
from vaultc.language.translit import code_name

if TYPE_CHECKING:
    from collections.abc import Callable

READERS: tuple[Callable[[str], Any], ...] = (
    *(lambda text: list(words(text)), stems, content_stems, sentences, language_of, code_name, quantities, dates),
    *(modal_marks, polarity, is_question, is_hypothetical, is_reported, is_superseded, ears),
)
REPEATS = (
    *("1", "1 ", "111 ", "1,", "1.", "5-", "5 кг ", "1/2", "12.03.", "12 мая ", "2026-", "12:30 ", "Q3 ", "twenty "),
    *(
        "a",
        "а\u0301",
        "a-",
        "a'",
        "A.",
        "т. ",
        ". ",
        "!",
        "…",
        "\n",
        "\r\n",
        " ",
        "\t",
        "\u00a0",
        "> ",
        "- ",
        "# ",
        "|",
    ),
    *(
        "[[",
        "]]",
        "[[a",
        "[",
        "](",
        "](a",
        "`",
        "`a",
        "```\n",
        "«",
        "»",
        "«a",
        "~~",
        "~~a",
        "**",
        "_",
        "http://",
        "<",
        ">",
    ),
    *(
        "must ",
        "not ",
        "не ",
        "if ",
        "when a, ",
        ", ",
        "может быть ",
        "ли ",
        "никогда ",
        "-",
        "—",
        "(",
        "[^",
        "[^1]",
        "до ",
    ),
)
_CHARACTERS = 50_000
_MOST_S = 8.0  # quadratic time would be minutes; a busy machine is not to fail this


@pytest.mark.parametrize("repeat", REPEATS)
def test_fifty_thousand_characters_of_anything_are_read_in_linear_time(repeat: str) -> None:
    text = repeat * (_CHARACTERS // len(repeat))

    begun = time.process_time()
    for read in READERS:
        read(text)
    seconds = time.process_time() - begun

    assert seconds < _MOST_S

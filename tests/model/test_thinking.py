from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vaultc.model.stops import StopFinder
from vaultc.model.thinking import ThinkingSplitter, split_thinking


def fed(text: str, cuts: list[int], *, inside: bool = False) -> tuple[str, str]:
    splitter = ThinkingSplitter(inside=inside)
    pieces, start = [], 0
    for cut in [*sorted(cut % (len(text) + 1) for cut in cuts), len(text)]:
        pieces += splitter.feed(text[start:cut])
        start = cut
    pieces += splitter.close()
    return tuple("".join(text for said, text in pieces if said == channel) for channel in ("thinking", "text"))  # type: ignore[return-value]  # two channels


def test_thinking_is_split_from_the_answer() -> None:
    assert split_thinking("<think>\nhm\n</think>\n\nYes.\n") == ("hm", "Yes.\n")


def test_an_answer_without_thinking_stays_as_it_is() -> None:
    assert split_thinking("  The tag <think> opens thinking.") == ("", "  The tag <think> opens thinking.")


def test_thinking_that_never_ends_is_no_answer() -> None:
    assert split_thinking("<think>and on and on") == ("and on and on", "")


@given(st.lists(st.integers(0, 100)), st.booleans())
def test_where_the_pieces_are_cut_makes_no_difference(cuts: list[int], inside: bool) -> None:
    text = ("" if inside else " <think>") + "a < b </thin no</think>\n\nx <think> y\n"

    assert fed(text, cuts, inside=inside) == ("a < b </thin no", "x <think> y\n")


@given(st.text("<think>/ abc\n", max_size=60), st.lists(st.integers(0, 100)))
def test_streamed_and_whole_split_agree(text: str, cuts: list[int]) -> None:
    thinking, answer = fed(text, cuts)

    whole_thinking, whole_answer = split_thinking(text)

    assert answer.strip() == whole_answer.strip()
    assert thinking.strip() == whole_thinking


@given(st.text("abS\n", max_size=40), st.lists(st.integers(0, 100)))
def test_nothing_behind_a_stop_text_comes_out(text: str, cuts: list[int]) -> None:
    finder = StopFinder(("SS", "ab"))
    out, start = "", 0

    for cut in [*sorted(cut % (len(text) + 1) for cut in cuts), len(text)]:
        if not finder.found:
            out += finder.feed(text[start:cut])
        start = cut
    out += finder.close()

    places = [at for at in (text.find("SS"), text.find("ab")) if at >= 0]
    assert out == text[: min(places, default=len(text))]

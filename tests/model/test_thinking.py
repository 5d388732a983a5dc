from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vaultc.model.process.stops import StopFinder
from vaultc.model.thinking import ChannelSplitter, ThinkingSplitter, split_thinking


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


SAID = (
    "<|channel|>analysis<|message|>Let me see.<|end|><|start|>assistant<|channel|>commentary to=x<|message|>{}<|call|>"
    "<|start|>assistant<|channel|>final<|message|>Yes, <|x|> it is.<|return|>"
)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=60))
def test_channels_are_parted_wherever_the_pieces_are_cut(sizes: list[int]) -> None:
    splitter = ChannelSplitter()
    pieces, at = [], 0
    for size in [*sizes, len(SAID)]:
        pieces += splitter.feed(SAID[at : at + size])
        at += size
    pieces += splitter.close()

    assert "".join(text for channel, text in pieces if channel == "thinking") == "Let me see.{}"
    assert "".join(text for channel, text in pieces if channel == "text") == "Yes, <|x|> it is."


def test_an_answer_whose_channel_the_prompt_has_opened_is_all_text() -> None:
    splitter = ChannelSplitter(inside=True)

    assert not splitter.is_thinking
    assert [*splitter.feed("Yes.<|ret"), *splitter.close()] == [("text", "Yes."), ("text", "<|ret")]


def test_until_the_final_channel_is_open_the_model_is_thinking() -> None:
    splitter = ChannelSplitter()
    states = []
    for piece in (
        "<|channel|>",
        "analysis",
        "<|message|>",
        "hm",
        "<|end|>",
        "<|start|>assistant<|channel|>final",
        "<|message|>",
    ):
        splitter.feed(piece)
        states.append(splitter.is_thinking)

    assert states == [True] * 6 + [False]


def test_a_text_without_channels_is_all_answer() -> None:
    splitter = ChannelSplitter()

    assert [*splitter.feed(" "), *splitter.feed("<"), *splitter.feed("b> text"), *splitter.close()] == [
        ("text", " <b> text")
    ]

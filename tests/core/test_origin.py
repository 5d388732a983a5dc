"""Texts as read that are not the file's own text: places lead into the file."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vaultc.core.origin import OriginBuilder
from vaultc.core.source import Source, VaultPath

PATH = VaultPath("a.md")


def doubled(text: str) -> Source:
    """Give a source that reads each `x` of a file where `xx` stands, and all else as it stands."""
    builder = OriginBuilder(text.replace("x", "xx"))
    at = 0
    for letter in text:
        width = 2 if letter == "x" else 1
        builder.add(letter, at, at + width, width)
        at += width
    return Source(PATH, *builder.finish())


texts = st.text(st.sampled_from("xab \n\r"), max_size=40)


@given(texts, st.data())
def test_a_span_of_the_text_as_read_stands_in_the_file_word_for_word(text: str, data: st.DataObject) -> None:
    source = doubled(text)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))

    place = source.place(source.span(start, end))

    assert place.text == source.file.text[place.start : place.end] == text[start:end].replace("x", "xx")
    assert source.file.line_col(place.start) == (place.line, place.col)
    assert source.line_col(start) == (place.line, place.col)
    if place.text:
        assert source.origin is not None
        assert source.origin.offset(place.start) == start
        assert source.origin.offset(place.end - 1) == end - 1
    assert (place.line, place.end_line) == (Source(PATH, text).line_col(start)[0], Source(PATH, text).line_col(end)[0])


@given(texts)
def test_places_come_in_the_order_of_the_text(text: str) -> None:
    source = doubled(text)

    places = [source.place(source.span(at, at)).start for at in range(len(text) + 1)]

    assert places == sorted(places)


@given(st.text(max_size=40), st.data())
def test_without_an_origin_a_place_is_the_span(text: str, data: st.DataObject) -> None:
    source = Source(PATH, text)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))

    place = source.place(source.span(start, end))

    assert source.file is source
    assert (place.start, place.end, place.text) == (start, end, text[start:end])


def test_what_was_made_up_stands_at_an_empty_place() -> None:
    builder = OriginBuilder("json: name")
    builder.add("# ", 6, 6)
    builder.copy(6, 10)
    source = Source(PATH, *builder.finish())

    assert source.text == "# name"
    assert source.place(source.span(0, 2)).text == ""
    assert source.place(source.span(0, 6)).text == "name"
    assert source.place(source.span(3, 5)).text == "am"


def test_parts_that_lie_elsewhere_in_the_file_give_what_holds_them_all() -> None:
    builder = OriginBuilder("one two three")
    builder.copy(8, 13)
    builder.copy(0, 3)
    source = Source(PATH, *builder.finish())

    assert source.text == "threeone"
    assert source.place(source.span(5, 8)).text == "one"
    assert source.place(source.span(0, 8)).text == "one two three"
    assert source.place(source.span(8, 8)).start == 3


def test_a_name_that_stands_for_another_is_one_place() -> None:
    builder = OriginBuilder('"a1b2"')
    builder.add("Clock", 1, 5)
    source = Source(PATH, *builder.finish())

    assert source.place(source.span(2, 4)).text == "a1b2"


def test_an_empty_text_has_a_place() -> None:
    source = Source(PATH, *OriginBuilder("{}").finish())

    assert source.place(source.span(0, 0)).start == 0


@given(st.text(st.sampled_from("ab\n\r"), max_size=20))
def test_lines_are_those_of_the_file(text: str) -> None:
    source = Source(PATH, text)

    for line in range(1, source.line_count + 1):
        place = source.line_place(line)
        assert place.text == source.line_text(line)
        assert (place.line, place.col) == (line, 1)
        assert not set(place.text) & set("\r\n")
    whole = source.line_place(1, source.line_count)
    assert whole.text == text.rstrip("\r\n") or whole.text == text
    assert all(source.line_at(at).start <= at for at in range(len(text)))

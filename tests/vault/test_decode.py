"""Bytes of a file as text, and what is said about them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vaultc.core.digest import digest_bytes
from vaultc.core.source import VaultPath
from vaultc.vault.decode import ReadResult, decoded

PATH = VaultPath("a.md")
RUSSIAN = "Прилив в порту начинается в шесть утра.\r\nНасос включают раньше: вода — враг подвала."


def read(data: bytes) -> ReadResult:
    return decoded(PATH, data)


def said(result: ReadResult) -> list[tuple[str, int, int]]:
    return [(found.rule.code, found.span.start, found.span.end) for found in result.diagnostics]


@pytest.mark.parametrize(
    ("data", "text", "diagnostics"),
    [
        ("привет".encode(), "привет", []),
        ("\ufeffпривет".encode(), "\ufeffпривет", []),
        (b"", "", []),
        (b"one \0 slip", "one \0 slip", []),
        (b"a\r\nb\rc\nd\r\n", "a\r\nb\rc\nd\r\n", []),
        ("привет".encode("utf-16"), "\ufeffпривет", [("V111", 0, 7)]),
        (b"\xfe\xff" + "привет".encode("utf-16-be"), "\ufeffпривет", [("V111", 0, 7)]),
        (b"\xff\xfe\0\0" + "a\nb".encode("utf-32-le"), "\ufeffa\nb", [("V111", 0, 2)]),
        ("Прилив\r\nв порту".encode("cp1251"), "Прилив\r\nв порту", [("V111", 0, 6)]),
    ],
)
def test_text_is_decoded_as_it_stands(data: bytes, text: str, diagnostics: list[tuple[str, int, int]]) -> None:
    result = read(data)

    assert result.source is not None
    assert result.source.text == text
    assert result.digest == digest_bytes(data)
    assert said(result) == diagnostics


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["plain words\n", RUSSIAN, "Größe, 5 €"])
def test_utf16_without_a_mark_is_recognised(codec: str, text: str) -> None:
    result = read(text.encode(codec))

    assert result.source is not None
    assert result.source.text == text
    assert result.diagnostics[0].message == "the file is not UTF-8 and was read as UTF-16 (it has no byte order mark)"


@pytest.mark.parametrize(
    ("codec", "name"), [("cp1251", "code page 1251"), ("koi8-r", "KOI8-R"), ("cp866", "code page 866")]
)
@pytest.mark.parametrize("text", [RUSSIAN, RUSSIAN.upper(), "- [x] купить хлеб, молоко и масло #дом"])
def test_russian_is_read_in_the_code_page_in_which_it_is_words(codec: str, name: str, text: str) -> None:
    text = text.encode(codec, "ignore").decode(codec)

    result = read(text.encode(codec))

    assert result.source is not None
    assert result.source.text == text
    assert result.diagnostics[0].message == f"the file is not UTF-8 and was read as {name} (a guess)"


@pytest.mark.parametrize("text", ["Le café est déjà fermé, à côté", "Größe über Straße", "“smart” – quotes… §5"])
def test_western_text_is_read_as_code_page_1252(text: str) -> None:
    result = read(text.encode("cp1252"))

    assert result.source is not None
    assert result.source.text == text
    assert "code page 1252 (a guess)" in result.diagnostics[0].message


@pytest.mark.parametrize(
    "data",
    [
        "日本語テキスト".encode("shift_jis"),
        "中文文本测试".encode("gb18030"),
        "Καλημέρα κόσμε".encode("cp1253"),
        "Zażółć gęślą jaźń".encode("cp1250"),
        b"plain words and \xc0\xc1 two bytes",
    ],
)
def test_what_looks_like_words_in_no_code_page_is_not_guessed(data: bytes) -> None:
    result = read(data)

    assert result.source is not None
    assert result.source.text == data.decode("utf-8", "replace")
    assert result.diagnostics[0].rule.code == "V111"
    assert "U+FFFD" in result.diagnostics[0].message


def test_one_bad_byte_does_not_spoil_the_note_around_it() -> None:
    whole = "Насос качает воду. " * 40
    data = whole[:101].encode() + b"\xe0" + whole[101:].encode()

    result = read(data)

    assert result.source is not None
    assert result.source.text == f"{whole[:101]}\ufffd{whole[101:]}"
    assert said(result) == [("V111", 101, 102)]
    assert result.diagnostics[0].message == "one place is not valid UTF-8; read as U+FFFD"


def test_several_bad_bytes_are_counted_and_marks_that_stand_there_are_not() -> None:
    result = read("да \ufffd ".encode() + b"\xff" + "нет".encode() + b"\x80\xfe")

    assert result.source is not None
    assert result.source.text == "да \ufffd \ufffdнет\ufffd\ufffd"
    assert said(result) == [("V111", 5, 6)]
    assert result.diagnostics[0].message.startswith("3 places, of which this is the first,")


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)),
        b"\0\1\2\3" * 20,
        b"\xff\xfea",
        "日本語".encode("utf-16-le") + b"\0\1" * 8,
        b"\x00\x10\x20\x00" * 10,
    ],
)
def test_binary_is_left_out(data: bytes) -> None:
    result = read(data)

    assert result.source is None
    assert [item.rule.code for item in result.diagnostics] == ["V110"]


def test_a_bad_byte_behind_mojibake_has_its_place_in_the_file() -> None:
    spoilt = "Насос качает".encode().decode("mac_roman")

    result = read(f"{spoilt} воду ".encode() + b"\xff !")

    assert result.source is not None
    assert result.source.text == "Насос качает воду \ufffd !"
    places = [(found.rule.code, result.source.place(found.span).text) for found in result.diagnostics]
    assert places == [("V111", "\ufffd"), ("V115", spoilt.split(" ")[0])]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_a_diagnostic(data: bytes) -> None:
    result = read(data)

    assert (result.source is None) == (result.digest is None) == ([d.rule.code for d in result.diagnostics] == ["V110"])
    if result.source is not None:
        assert all(0 <= found.span.start <= found.span.end <= len(result.source.text) for found in result.diagnostics)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_utf8_is_never_taken_for_anything_else(text: str) -> None:
    result = read(text.encode())

    if result.source is not None and "\0" not in text:
        assert result.source.file.text == text


@given(st.text(max_size=60), st.integers(0, 60))
def test_a_byte_that_is_no_utf8_keeps_all_around_it(text: str, at: int) -> None:
    words = "Длинная заметка о воде и насосах. "
    text = words + text.encode("utf-8", "ignore").decode() + words
    head, tail = text[:at], text[at:]

    result = read(head.encode() + b"\xff" + tail.encode())

    if result.source is not None and result.diagnostics[0].message.startswith("one place"):
        assert result.source.file.text == f"{head}\ufffd{tail}"
        assert result.source.file.place(result.diagnostics[0].span).start == at

"""UTF-8 that was read as another code page."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vaultc.core.source import Source, VaultPath
from vaultc.syntax.parse import parse_note
from vaultc.vault.decode import decoded
from vaultc.vault.mojibake import may_hold_mojibake, repaired

PAGES = ("mac_roman", "sloppy-windows-1251", "sloppy-windows-1252", "latin-1", "cp437", "cp866")
PATH = VaultPath("a.md")


def spoilt(text: str, *pages: str) -> str:
    import ftfy.bad_codecs  # noqa: F401 - makes the sloppy code pages known

    for page in pages:
        text = text.encode().decode(page)
    return text


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "text",
    ["Мне", "Мне нравится эта идея.", "Иван: «Да», — и №5", "Ёлка и ёж", "Україна має їжаків", "Цена — 5 €, 北京市场"],
)
def test_what_was_spoilt_once_or_twice_is_read_as_it_was(text: str, page: str) -> None:
    for pages in ((page,), (page, page)):
        broken = spoilt(text, *pages)

        found = repaired(broken) if may_hold_mojibake(broken) else None

        assert found is not None, broken
        if len(pages) == 1 or text[0] in "МУ":
            assert found.text == text


def test_the_report_says_what_it_was_read_as_and_how_often() -> None:
    data = f"Заметка.\r\nВот {spoilt('Мне нравится', 'mac_roman')} тут".encode()

    result = decoded(PATH, data)

    assert result.source is not None
    assert result.source.text == "Заметка.\r\nВот Мне нравится тут"
    (found,) = result.diagnostics
    assert found.rule.code == "V115"
    assert found.message == 'UTF-8 was once read as Mac Roman in 2 places: "–ú–Ω–µ" is read as "Мне"'
    place = result.source.place(found.span)
    assert (place.line, place.col, place.text) == (2, 5, "–ú–Ω–µ")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "Р. С. и С. Р.",
        "СССР» и «РСФСР»… ВКП(б) — РККА",
        "ПРИВЕТ, ЭТО ЗАГЛАВНЫЕ БУКВЫ: ПРИРОСТ РОССИИ",
        "Діє змії, лінії та ії; Ї Є Ґ — «їжак»",
        "СРЂАН РЈ СЈ Њ Љ; ђак и љубав",
        "déjà vu, Ça va à côté: « œuvre » – naïve façade",
        "Não é à mão: coração, ã©, Ângela",
        "├── src\n│   ├── a.py\n│   └── b.py\n└── ╔══╗ ║ ╨ ╤ ╬",
        "√π ≈ ∞, ¬p ∧ q, –Ω, ∑√(x²±½) ≤ Ω—µ",
        "Ελληνικά κείμενα: Ά Έ Ή Ί",
        "emoji 😀 👩‍👩‍👧 ✖ “smart” ‘quotes’ – — …",
        "Â is a letter, Ã too; Ð and Ñ in names: Ñandú, Guðrún Ðorðr",
        "price 5 € • ™ ® © °C µm ½",
        "日本語と中文。한국어",
        "a caf√© and √©",
        "one cafÃ© only",
    ],
)
def test_right_text_stays(text: str) -> None:
    assert repaired(text) is None
    result = decoded(PATH, text.encode())
    assert result.source == Source(PATH, text)
    assert result.diagnostics == ()


def test_emoji_alone_prove_nothing() -> None:
    assert repaired("tags: ðŸ“¥ and ðŸŸ¥ and âœ–") is None


def test_latin_words_are_put_right_where_two_of_them_are_bad() -> None:
    found = repaired("A cafÃ© in the citÃ©, donâ€™t you know")

    assert found is not None
    assert found.text == "A café in the cité, don’t you know"
    assert found.count == 3


@pytest.mark.parametrize("page", PAGES)
def test_quotes_around_mojibake_stay(page: str) -> None:
    broken = f"«{spoilt('Мне', page)}» is “{spoilt('нравится', page)}” and «да»"

    found = repaired(broken)

    assert found is not None
    assert found.text == "«Мне» is “нравится” and «да»"


def test_a_blank_that_was_half_a_letter_belongs_to_it() -> None:
    broken = spoilt("Россия и Рим", "sloppy-windows-1251").replace("\xa0", " ")

    found = repaired(broken)

    assert found is not None
    assert found.text == "Россия и Рим"


LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВГДЕ"
words = st.text(st.sampled_from(LETTERS), min_size=3, max_size=8)
parts = st.one_of(
    st.tuples(st.just(True), words),
    st.tuples(
        st.just(False), st.sampled_from(["\n", "\r\n", "\r", "# ", "- ", "[[", "]]", "слово", "word", "«да»", "`"])
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(parts, max_size=12), st.sampled_from(PAGES))
def test_every_span_of_the_note_leads_to_what_was_spoilt(pieces: list[tuple[bool, str]], page: str) -> None:
    text = " ".join(spoilt(piece, page) if is_spoilt else piece for is_spoilt, piece in pieces)
    right = " ".join(piece for _, piece in pieces)

    source = decoded(PATH, text.encode()).source

    assert source is not None
    if any(is_spoilt for is_spoilt, _ in pieces):
        assert source.text == right
    assert source.file.text == text
    letters = [source.place(source.span(at, at + 1)) for at in range(len(source.text))]
    for letter, place in zip(source.text, letters, strict=True):
        assert place.text in ({letter, spoilt(letter, page)} if letter in LETTERS else {letter})
    note, _ = parse_note(source)
    for span in [block.span for block in note.blocks] + [link.span for link in note.links] + [note.body]:
        place = source.place(span)
        assert place.text == text[place.start : place.end] == "".join(p.text for p in letters[span.start : span.end])
        assert place.line == Source(PATH, source.text).line_col(span.start)[0]


@given(st.text(max_size=80))
def test_any_text_is_read(text: str) -> None:
    found = repaired(text)

    if found is not None:
        assert found.text.count("\n") == text.count("\n")
        assert found.origin.text == text

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.evaluation.scoring import Expected, Fault, codes_in, folded, score
from vaultc.evaluation.wording import WORDINGS

ONE = Expected("en", ("amber-4821",), decoys=("willow-1111",))
TWO = Expected("ru", ("рябина-4821", "клен-9000"))
ROW = Expected("en", ("amber-4821", "copper-2000"), ordered=True)
NONE = Expected("ru", (), decoys=("клен-9000",))


@pytest.mark.parametrize(
    ("answer", "expected", "fault"),
    [
        ("amber-4821", ONE, Fault.PASSED),
        ("The pass code is **Amber – 4821**.", ONE, Fault.PASSED),
        ("`AMBER_4821`\nthe text says so twice: amber 4821", ONE, Fault.PASSED),
        ("amber-4822", ONE, Fault.INVENTED),
        ("amber-48210", ONE, Fault.OTHER),
        ("amber-4821 or willow-1111", ONE, Fault.TWIN),
        ("amber-4821, and raven-7777", ONE, Fault.INVENTED),
        ("willow-1111", ONE, Fault.TWIN),
        ("NOT IN THE TEXT", ONE, Fault.NOT_FOUND),
        ("amber-4821. Or is it not in the text?", ONE, Fault.NOT_FOUND),
        ("", ONE, Fault.EMPTY),
        ("Клён-9000; РЯБИНА-4821", TWO, Fault.PASSED),
        ("рябина-4821", TWO, Fault.PARTLY),
        ("The codes are in the text", TWO, Fault.LANGUAGE),
        ("amber-4821 copper-2000", ROW, Fault.PASSED),
        ("copper-2000 amber-4821", ROW, Fault.ORDER),
        ("Нет в тексте.", NONE, Fault.PASSED),
        ("В тексте нет такого хранилища", NONE, Fault.PASSED),
        ("НЕТ В ТЕКСТЕ, но есть клен-9000", NONE, Fault.TWIN),
        ("Код доступа 1234", NONE, Fault.INVENTED),
        ("not in the text", NONE, Fault.LANGUAGE),
    ],
)
def test_an_answer_is_exact_or_its_fault_is_named(answer: str, expected: Expected, fault: Fault) -> None:
    assert score(answer, expected) is fault


def test_an_answer_that_was_cut_is_unfinished_unless_it_is_exact() -> None:
    assert score("amber-4821 and then", ONE, was_cut=True) is Fault.PASSED
    assert score("the code the code the", ONE, was_cut=True) is Fault.UNFINISHED


@given(st.sampled_from(sorted(WORDINGS)), st.data(), st.integers(1000, 9999))
def test_a_code_is_found_however_it_is_wrapped(language: str, data: st.DataObject, number: int) -> None:
    word = data.draw(st.sampled_from(WORDINGS[language].words))
    before, after = data.draw(st.sampled_from(["", "«", "(", "- ", "**"])), data.draw(st.sampled_from(["", ".", "»"]))

    assert codes_in(f"{before}{word.upper()}-{number}{after}") == (f"{folded(word)}-{number}",)


@given(st.text())
def test_any_text_can_be_scored(text: str) -> None:
    assert score(text, ONE) in Fault


def test_words_and_absent_signs_of_a_language_are_told_apart() -> None:
    for wording in WORDINGS.values():
        words = [folded(word) for word in wording.words]
        assert len(set(words)) == len(words)
        assert any(sign in folded(wording.absent) for sign in wording.absent_signs)
        assert all(word == folded(word) for word in wording.words)

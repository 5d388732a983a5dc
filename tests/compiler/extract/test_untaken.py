"""What does not bind keeps the rule that took it out; a person's callout comes before every rule."""

from __future__ import annotations

import pytest
from compiler.extract.reading import extracted

from vaultc.compiler.codec import fields_as_json, fields_from_json
from vaultc.compiler.unit import Modality
from vaultc.compiler.untaken import Kept, by_reason

PUMP = "# Pond pump\n\nI want a program that runs the pump.\n\n## Use\n\n- It must stop below 20 cm.\n\n## Notes\n\n"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("Last year the pump burned out twice.", Kept.PAST),
        ("My neighbour says that pumps must be cleaned every week.", Kept.REPORTED),
        ("Maybe a second pump would help.", Kept.SUPPOSED),
        ("- [ ] Call the supplier about the hose", Kept.ERRAND),
        ("Сосед говорит, что насос надо чистить каждую неделю.", Kept.REPORTED),
    ],
)
def test_a_statement_that_does_not_bind_is_kept_with_its_reason_and_its_place(words: str, why: Kept) -> None:
    text = f"{PUMP}{words}\n"

    unit = extracted(text, "Pond pump.md")

    found = {item.quote.text: item for item in unit.untaken}[words.removeprefix("- [ ] ")]
    assert found.why is why
    assert found.rule
    assert text[found.quote.span.start : found.quote.span.end] == found.quote.text


def test_a_statement_that_binds_has_its_rule_and_is_not_among_the_untaken() -> None:
    unit = extracted(f"{PUMP}Done.\n", "Pond pump.md")

    need = next(need for need in unit.requirements if "20 cm" in need.text)
    assert need.rule == "words"
    assert not {item.quote for item in unit.untaken} & set(need.origins)


def test_what_is_untaken_goes_through_the_codec_and_comes_back() -> None:
    unit = extracted(f"{PUMP}Last year the pump burned out twice.\n", "Pond pump.md")

    back = fields_from_json(fields_as_json(unit, ["untaken"]))

    assert back["untaken"] == unit.untaken


def test_mere_context_and_questions_are_not_told_line_by_line() -> None:
    unit = extracted(f"{PUMP}Which hose fits?\nLast year the pump burned out twice.\n", "Pond pump.md")

    assert Kept.QUESTION in {item.why for item in unit.untaken}
    assert list(by_reason(unit.untaken)) == [Kept.PAST]


@pytest.mark.parametrize(
    ("callout", "modality"),
    [
        ("must", Modality.MUST),
        ("should", Modality.SHOULD),
        ("may", Modality.MAY),
        ("must-not", Modality.MUST_NOT),
        ("should-not", Modality.SHOULD_NOT),
    ],
)
def test_a_callout_of_the_person_binds_what_no_rule_would_take(callout: str, modality: Modality) -> None:
    unit = extracted(f"{PUMP}> [!{callout}]\n> Last summer the pump stopped at night.\n", "Pond pump.md")

    found = {need.text: need for need in unit.requirements}["Last summer the pump stopped at night."]
    assert found.modality is modality
    assert found.rule == "you said so"


@pytest.mark.parametrize("callout", ["ignore", "not"])
def test_a_callout_of_the_person_keeps_out_what_would_bind(callout: str) -> None:
    unit = extracted(f"{PUMP}> [!{callout}]\n> The pump must sing on Sundays.\n", "Pond pump.md")

    assert all("sing" not in need.text for need in unit.requirements)
    assert [item.quote.text for item in unit.untaken if item.why is Kept.IGNORED] == ["The pump must sing on Sundays."]

"""The smaller readers: bounds, types, diagrams, usage lines, file names, topics, decisions."""

from __future__ import annotations

import pytest
from compiler.extract.reading import all_quotes, extracted, region
from hypothesis import given
from hypothesis import strategies as st

from vaultc.compiler.extract.limits import bounds_of_cell, held_by_prohibition, limits_of
from vaultc.compiler.extract.mermaid import DiagramKind, read_diagram
from vaultc.compiler.extract.naming import thing_name
from vaultc.compiler.extract.plain import masked, plain
from vaultc.compiler.extract.topics import Topic, modality_of, topic_of
from vaultc.compiler.extract.type_words import python_value, read_options, read_type
from vaultc.compiler.extract.verbatim import find_verbatim, safe_path
from vaultc.compiler.unit import EntityKind, Modality
from vaultc.core.source import Quote, Span, vault_path

QUOTE = Quote(Span(vault_path("a.md"), 0, 1), "x")


def bounds(text: str) -> list[tuple[str, str, float, str]]:
    return [(limit.subject, limit.comparator, limit.value, limit.unit) for limit in limits_of(text, QUOTE)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "The speed of a swing must be greater than 0 m/s and at most 9 m/s.",
            [("speed of a swing", ">", 0, "m/s"), ("speed of a swing", "<=", 9, "m/s")],
        ),
        ("Полив одной зоны должен длиться не более 10 мин подряд.", [("Полив одной зоны", "<=", 10, "min")]),
        ("Датчики следует опрашивать не реже одного раза в 5 мин", [("Датчики", "<=", 5, "min")]),
        ("only one valve may be open", [("valve may be open", "<=", 1, "valve")]),
        ("заметка не больше 280 знаков", [("заметка", "<=", 280, "char")]),
        ("about 5 kg of flour", []),
        ("version 3 of the file", []),
    ],
)  # fmt: skip
def test_a_bound_has_subject_comparator_value_and_unit(text: str, wanted: list[tuple[str, str, float, str]]) -> None:
    found = bounds(text)

    assert found == wanted


def test_a_cell_may_leave_out_its_upper_end() -> None:
    found = bounds_of_cell("0 up to, not including, 360", QUOTE, "phase")

    assert [(limit.comparator, limit.value) for limit in found] == [(">=", 0), ("<", 360)]


def test_a_prohibition_below_a_bound_is_a_duty_to_keep_above_it() -> None:
    unit = extracted("# Rules\n- Нельзя поливать при температуре ниже 5 °C.\n")

    (need,) = unit.requirements

    assert need.modality is Modality.MUST_NOT
    assert [(limit.comparator, limit.value) for limit in need.limits] == [(">=", 5)]
    assert held_by_prohibition(need.limits)[0].comparator == ">="


@pytest.mark.parametrize(
    ("words", "type_", "is_list", "is_optional"),
    [
        ("float, optional", "float", False, True),
        ("list of text", "str", True, False),
        ("дата и время", "datetime", False, False),
        ("целое, необязательно", "int", False, True),
        ("список строк", "str", True, False),
        ("yes/no", "bool", False, False),
        ("decimal", "Decimal", False, False),
    ],
)
def test_type_words_name_python_types(words: str, type_: str, is_list: bool, is_optional: bool) -> None:
    read = read_type(words)

    assert (read.is_list, read.is_optional) == (is_list, is_optional)
    assert read.type == type_ or (words == "список строк" and read.record)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("paper | ebook | audio", ("paper", "ebook", "audio")),
        ("one of ru, en or other", ("ru", "en", "other")),
        ("`high` or `low`", ("high", "low")),
        ("одно из: да, нет, потом", ("да", "нет", "потом")),
        ("int | None", ()),
        ("a plain sentence, with a comma", ()),
    ],
)
def test_choices_are_told_from_prose(text: str, wanted: tuple[str, ...]) -> None:
    assert read_options(text) == wanted


def test_values_become_python_source() -> None:
    assert python_value("0,5", "float") == "0.5"
    assert python_value("да", "bool") == "True"
    assert python_value("2026-01-01T00:00:00Z", "datetime") == 'datetime.fromisoformat("2026-01-01T00:00:00+00:00")'
    assert python_value("seven", "int") is None


def test_a_flowchart_gives_its_arrows_in_order_with_labels() -> None:
    diagram = read_diagram('flowchart LR\n  A["Read file"] --> B{ok?}\n  B -->|yes| C & D\n  B -- no --> E\n')

    assert diagram is not None
    assert diagram.kind is DiagramKind.FLOWCHART
    assert [(edge.source, edge.target, edge.label) for edge in diagram.edges] == [
        ("Read file", "ok?", ""),
        ("ok?", "C", "yes"),
        ("ok?", "D", "yes"),
        ("ok?", "E", "no"),
    ]


def test_class_and_relation_diagrams_are_records() -> None:
    unit = extracted(
        "# X\n```mermaid\nclassDiagram\nclass Boat {\n  +str name\n  +float length\n  +sail()\n}\n```\n"
        '```mermaid\nerDiagram\nHARBOUR ||--o{ BERTH : has\nBERTH {\n  int number PK "from 1"\n}\n```\n'
    )

    records = {entity.name: [(field.name, field.type) for field in entity.fields] for entity in unit.entities}

    assert records == {"Boat": [("name", "str"), ("length", "float")], "BERTH": [("number", "int")]}


def test_a_sample_shows_a_record_with_optional_fields() -> None:
    unit = extracted(
        '# X\n```json title="boats.json"\n'
        '[{"name": "Tern", "built": "1998-04-01", "masts": 1}, {"name": "Gull", "masts": 2}]\n```\n'
    )

    (boat,) = unit.entities

    assert boat.kind is EntityKind.RECORD
    assert [(field.code_name, field.type, field.is_required) for field in boat.fields] == [
        ("name", "str", True),
        ("built", "date", False),
        ("masts", "int", True),
    ]


@pytest.mark.parametrize(
    "info", ['python title="a/b.py"', "python a/b.py", "python:a/b.py", "{.python file=a/b.py}", "py file=a/b.py"]
)
def test_a_fence_is_named_in_any_of_the_usual_ways(info: str) -> None:
    (found,) = find_verbatim([region(f"# X\n```{info}\nx = 1\n```\n")])

    assert (found.path, found.language, found.text) == ("a/b.py", "python", "x = 1\n")


def test_a_first_line_may_name_the_file() -> None:
    (found,) = find_verbatim([region("# X\n```python\n# file: tool.py\nx = 1\n```\n")])

    assert found.path == "tool.py"


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../up.py", "a/../b.py", ".git/config", "C:\\x.py", "a\x00.py", "con.py", "x", "a//b.py"]
)
def test_an_unsafe_file_name_is_refused(path: str) -> None:
    assert safe_path(path) == ""


@pytest.mark.parametrize(
    ("heading", "topic"),
    [
        ("Must have", Topic.REQUIREMENTS), ("## Требования", Topic.REQUIREMENTS), ("Nice to have", Topic.OPTIONAL),
        ("Чего не будет", Topic.EXCLUDED), ("What it does not do", Topic.EXCLUDED),
        ("Later tide tables of 1932", Topic.OTHER),
        ("What", Topic.FEATURES), ("What goes around it", Topic.OTHER),
        ("🚀 Возможности", Topic.FEATURES), ("3. Open questions", Topic.QUESTIONS), ("How it is found", Topic.FLOW),
    ],
)  # fmt: skip
def test_a_heading_says_what_its_section_holds(heading: str, topic: Topic) -> None:
    assert topic_of(heading) is topic


def test_features_that_must_be_there_bind_harder() -> None:
    assert modality_of(("Features",)) is Modality.SHOULD
    assert modality_of(("Features", "Must")) is Modality.MUST
    assert modality_of(("Requirements", "History")) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Stations", "Station"), ("Each reading has", "reading"), ("Data model", ""), ("States of the tide", "tide"),
        ("Запись журнала", "Запись журнала"),
    ],
)  # fmt: skip
def test_a_thing_is_named_by_its_heading(text: str, name: str) -> None:
    assert thing_name(text) == name


def test_the_mask_keeps_every_offset_and_hides_what_does_not_speak() -> None:
    text = "It **must** keep ~~two~~ [[Station|the station]] `must not` quiet."
    whole = region(text)

    mask = masked(whole, whole.note.body)

    assert len(mask) == len(text)
    assert mask.split() == ["It", "must", "keep", "the", "station", "quiet."]
    assert plain(whole, whole.note.body) == "It must keep the station `must not` quiet."


@pytest.mark.parametrize(
    "text",
    [
        "Did I say that it must be blue?", "~~The clock must ring.~~", "> The clock must ring.",
        "`The clock must ring.`", "%% The clock must ring. %%", "We had to repair it.", "Olga says it must ring.",
        "I should ask Olga about the bell.",
        "Perhaps the clock should ring.", "Надо спросить у Ольги про звонок.",
        "Раньше надо было заводить часы.", "Олег говорит, что часы должны звонить.", "<!-- The clock must ring. -->",
        "```\nThe clock must ring.\n```",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_requirement_is_none(text: str) -> None:
    assert extracted(f"# Clock\n\n{text}\n").requirements == ()


def test_duplicates_are_one_requirement_with_both_places() -> None:
    unit = extracted("# Clock\n\nThe clock should ring at noon.\n\n## Must have\n- The clock must ring at noon\n")

    (need,) = unit.requirements

    assert need.modality is Modality.MUST
    assert len(need.origins) == 2


def test_work_on_the_project_is_no_requirement_and_asking_is_a_question() -> None:
    unit = extracted(
        "# Clock\n## Tasks\n- [x] buy brass\n- [ ] write the dial 📅 2026-06-01\n- [ ] ask Ilse about the bell\n"
    )

    assert unit.requirements == ()
    assert [question.text for question in unit.questions] == ["ask Ilse about the bell"]


@given(st.text(alphabet="ab \n#-*`|>[]!:→.?12не must\r", max_size=300))
def test_any_text_is_read_with_exact_places(text: str) -> None:
    unit = extracted(text)

    for quote in all_quotes(unit):
        assert text[quote.span.start : quote.span.end] == quote.text


def test_no_side_of_a_git_conflict_is_a_requirement_and_no_command_of_a_template() -> None:
    wanted = "- The pump must stop at 5 bar.\n"
    conflict = "<<<<<<< a\n- The pump must stop at 7 bar.\n=======\n- The pump must stop at 9 bar.\n>>>>>>> b\n"
    template = "<%* // The pump must stop at 11 bar. %>\n- The pump must <% tp.x() %> stop at once.\n"

    assert len(extracted(f"# Rules\n{conflict}").requirements) == 0
    texts = [need.text for need in extracted(f"# Rules\n{wanted}\n{conflict}\n{template}").requirements]
    assert texts == ["The pump must stop at 5 bar.", "The pump must stop at once."]


def test_a_property_and_a_field_in_a_git_conflict_are_no_constraints() -> None:
    side = "platform:: {0}\n"
    conflict = f"<<<<<<< a\n{side.format('Linux')}=======\n{side.format('Windows')}>>>>>>> b\n"
    front = "---\n<<<<<<< a\nplatform: Linux\n=======\nplatform: Windows\n>>>>>>> b\n---\n"

    assert len(extracted(f"---\nplatform: Linux\n---\n{side.format('Windows')}").constraints) == 2
    assert extracted(front + conflict).constraints == ()

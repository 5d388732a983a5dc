"""Records, enumerations and state machines, wherever the notes tell them, in both languages."""

from __future__ import annotations

import pytest
from compiler.extract.reading import all_quotes, extracted
from hypothesis import given
from hypothesis import strategies as st

from vaultc.compiler.extract.groups import nominative
from vaultc.compiler.extract.items import list_parts
from vaultc.compiler.extract.naming import thing_name
from vaultc.compiler.unit import Entity, EntityKind, Field


def records(text: str) -> dict[str, dict[str, Field]]:
    """Give the fields of the records of a note, by name."""
    return {
        entity.name: {field.name: field for field in entity.fields}
        for entity in extracted(f"# Note\n\n{text}\n").entities
        if entity.kind is EntityKind.RECORD
    }


def values(text: str) -> dict[str, Entity]:
    """Give the enumerations and machines of a note, by name."""
    found = extracted(f"# Note\n\n{text}\n").entities
    return {entity.name: entity for entity in found if entity.kind is not EntityKind.RECORD}


def bounds(field: Field) -> list[tuple[str, float, str]]:
    return [(limit.comparator, limit.value, limit.unit) for limit in field.limits]


def moves(entity: Entity) -> list[tuple[str, str, str]]:
    return [(step.source, step.target, step.event) for step in entity.transitions]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("What a kettle has", "kettle"), ("What it keeps", ""), ("4.2. Анкета гостя", "Анкета гостя"),
        ("Что хранится о насосе", "насос"), ("Структура новой посылки", "новая посылка"), ("Kettle fields", "Kettle"),
        ("The kettles table", "kettle"), ("Состав данных", ""), ("Для каждой лодки храним", "лодка"),
        ("Data: the Ferry", "Ferry"),
    ],
)  # fmt: skip
def test_a_thing_is_named_in_the_singular_and_not_by_what_holds_it(line: str, name: str) -> None:
    assert thing_name(line) == name


@pytest.mark.parametrize(
    ("group", "wanted"),
    [
        ("each old boat", "old boat"), ("новой лодки", "новая лодка"), ("сроки ответа", "срок ответа"),
        ("мамины чашки", "мамина чашка"),
    ],
)  # fmt: skip
def test_a_group_is_given_as_a_dictionary_has_it(group: str, wanted: str) -> None:
    assert nominative(group.split()) == wanted


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a hull, an engine (2, or 3) and sails", ["a hull", "an engine (2, or 3)", "sails"]),
        ("мачта, а также киль или якорь", ["мачта", "киль", "якорь"]),
        ("between 2 and 9, then 1,5", ["between 2 and 9", "then 1,5"]),
    ],
)
def test_a_list_is_parted_outside_brackets_and_numbers(text: str, parts: list[str]) -> None:
    assert [text[start:end] for start, end in list_parts(text)] == parts


@pytest.mark.parametrize(
    ("text", "thing", "names"),
    [
        ("A ferry has a name, a length and an optional comment.", "ferry", ["name", "length", "comment"]),
        ("For every ferry we keep a number and a colour.", "ferry", ["number", "colour"]),
        ("Each landing is logged with the time, the pier and a reason.", "landing", ["time", "pier", "reason"]),
        ("У каждого парома есть имя, длина и осадка.", "паром", ["имя", "длина", "осадка"]),
        ("Каждый рейс записывается с датой и номером причала.", "рейс", ["дата", "номер причала"]),
        ("Программа хранит имя, длину и осадку каждого парома.", "паром", ["имя", "длина", "осадка"]),
        ("**Pier**: number, depth in metres, owner.", "Pier", ["number", "depth", "owner"]),
        ("- **Pier**: Where a ferry lands. Attributes: number, depth, owner.", "Pier", ["number", "depth", "owner"]),
        ("Причал: номер, глубина, владелец", "Причал", ["номер", "глубина", "владелец"]),
        ("A list is written to `piers.csv`: number, depth, owner", "piers", ["number", "depth", "owner"]),
        ("What we keep of a pier:\n\n- code, 1 to 90\n- depth - optional\n- site", "pier", ["code", "depth", "site"]),
    ],
)  # fmt: skip
def test_a_record_is_read_where_it_is_told(text: str, thing: str, names: list[str]) -> None:
    assert {name: list(fields) for name, fields in records(text).items()} == {thing: names}


@pytest.mark.parametrize(
    "text",
    [
        "The shed has a roof, a door and two windows.", "The app has a menu, a list and a date.",
        "A ferry had a name, a length and a colour.", "A ferry has no name, length or colour.",
        "Shopping: milk, eggs, bread", "Заказчик — контора, пять домов, номер", "Harbour: level 2 m, depth 3 m.",
        "## Parts\n\n- **Reader**: arguments, exit codes, the time", "**FR-007**: Name, date and time must be shown.",
        "| setting | value |\n| --- | --- |\n| opens | 17:00 |\n| closes | 20:00 |",
        "| option | price |\n| --- | --- |\n| paper | 0 |\n| cloud | 9 |",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_record_is_none(text: str) -> None:
    assert records(text) == {}


def test_the_words_beside_a_field_bound_it() -> None:
    fields = records(
        "A parcel has a code of 2 to 12 letters, a four-digit PIN, up to 3 labels and a price between 0 and 90 EUR."
    )["parcel"]

    assert bounds(fields["code"]) == [(">=", 2, "char"), ("<=", 12, "char")]
    assert bounds(fields["PIN"]) == [("==", 4, "char")]
    assert (fields["labels"].type, bounds(fields["labels"])) == ("list[str]", [("<=", 3, "labels")])
    assert (fields["price"].type, bounds(fields["price"])) == ("float", [(">=", 0, "EUR"), ("<=", 90, "EUR")])


def test_a_table_of_fields_is_told_by_its_headers_and_its_cells() -> None:
    text = (
        "## 2.1. Анкета гостя\n\n| Реквизит | Вид | Мин | Макс | Обязательно | Пояснение |\n|---|---|---|---|---|---|\n"
        "| паспорт | строка | 10 | 10 | да | |\n| вес, кг | целое | 3 | 150 | нет | |\n"
        "| этаж | целое | | | да | по умолчанию 2 |\n"
    )

    fields = records(text)["Анкета гостя"]

    assert [(field.type, field.is_required) for field in fields.values()] == [
        ("str", True),
        ("int", False),
        ("int", False),
    ]
    assert bounds(fields["паспорт"]) == [(">=", 10, "char"), ("<=", 10, "char")]
    assert bounds(fields["вес"]) == [(">=", 3, "kg"), ("<=", 150, "kg")]
    assert fields["этаж"].default == "2"


def test_a_table_of_data_is_a_record_with_rows() -> None:
    table = "| trip | fare, EUR | bikes |\n|--|--|--|\n| north | 4 | yes |\n| south | 6.5 | no |\n"

    (entity,) = extracted(f"# Quay\n\n## Fares\n\n{table}").entities

    assert (entity.name, [(field.name, field.type) for field in entity.fields]) == (
        "Fare",
        [("trip", "str"), ("fare", "float"), ("bikes", "bool")],
    )
    assert entity.rows == (("north", "4", "yes"), ("south", "6.5", "no"))


def test_sentences_bound_the_fields_they_name() -> None:
    fields = records("A ferry has a name, a length and a crew.\n\nIt is old. A name is at most 20 characters.")["ferry"]

    assert bounds(fields["name"]) == [("<=", 20, "char")]


def test_enumerations_of_two_records_with_equal_values_stay_two() -> None:
    table = "| field | type |\n|---|---|\n| name | text |\n| grade | one of: low, high |\n"

    found = extracted(f"# Note\n\n## Boat\n\n{table}\n## Pier\n\n{table}").entities

    assert [entity.code_name for entity in found] == ["Boat", "Pier", "BoatGrade", "PierGrade"]


def test_a_listed_choice_belongs_to_the_field_of_its_name() -> None:
    unit = extracted("# Note\n\nУ лодки есть имя, цвет и длина.\n\nЦвет бывает красный, синий или белый.\n")

    (boat, colour) = unit.entities

    assert colour.values == ("красный", "синий", "белый")
    assert next(field.type for field in boat.fields if field.name == "цвет") == colour.code_name


@pytest.mark.parametrize(
    ("text", "wanted", "is_open"),
    [
        ("Priority: low, normal, urgent", ("low", "normal", "urgent"), False),
        ("Kind of boat: ferry, tug, barge, etc.", ("ferry", "tug", "barge"), True),
        ("Вид груза: уголь | лес | соль", ("уголь", "лес", "соль"), False),
        ("The size of a boat is small, medium or large.", ("small", "medium", "large"), False),
        ("Only `.csv` and `.txt` files are accepted.", (".csv", ".txt"), False),
    ],
)
def test_a_choice_is_closed_unless_more_is_said(text: str, wanted: tuple[str, ...], is_open: bool) -> None:
    (entity,) = values(text).values()

    assert (entity.values, entity.is_open) == (wanted, is_open)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "A lamp goes from off to on when it is touched, and from on to off after a minute.",
            [("off", "on", "it is touched"), ("on", "off", "minute")],
        ),
        (
            "Из «новой» заявка переходит в «принятую» по нажатию кнопки.",
            [("новая", "принятая", "нажатие кнопки")],
        ),
        ("Moves: idle → busy (call), busy → idle (answer)", [("idle", "busy", "call"), ("busy", "idle", "answer")]),
        (
            "| Из | В | Событие |\n|---|---|---|\n| сон | бег | шум |\n| бег | сон | тишина |",
            [("сон", "бег", "шум"), ("бег", "сон", "тишина")],
        ),
        (
            "Every claim starts as `filed`. A claim moves from `filed` to `closed` once it is paid.",
            [("[*]", "filed", ""), ("filed", "closed", "it is paid")],
        ),
    ],
)
def test_transitions_are_read_from_arrows_tables_and_sentences(text: str, wanted: list[tuple[str, str, str]]) -> None:
    (entity,) = values(text).values()

    assert (entity.kind, moves(entity)) == (EntityKind.STATES, wanted)


@pytest.mark.parametrize(
    "text",
    [
        "A parcel never goes from `lost` to `sent`.", "Переход из «закрыта» в «новая» не допускается.",
        "The porter moves a box from hall to cellar.", "The pump goes from 5 to 10 bar.",
    ],
)  # fmt: skip
def test_a_ban_or_a_way_between_places_is_no_transition(text: str) -> None:
    assert values(text) == {}


@pytest.mark.parametrize(
    ("fence", "wanted"),
    [
        (
            "sql\nCREATE TABLE boats (\n  id INTEGER PRIMARY KEY,\n  name VARCHAR(20) NOT NULL,\n  built DATE\n);",
            {"boat": [("id", "int", True), ("name", "str", True), ("built", "date", False)]},
        ),
        (
            "ts\ninterface Pier {\n  code: string;\n  depth?: number;\n}",
            {"Pier": [("code", "str", True), ("depth", "float", False)]},
        ),
        (
            "rust\npub struct Crew {\n    pub size: u8,\n    pub cook: Option<String>,\n}",
            {"Crew": [("size", "int", True), ("cook", "str", False)]},
        ),
        (
            "go\ntype Trip struct {\n\tFrom string\n\tStops []int\n}",
            {"Trip": [("From", "str", True), ("Stops", "list[int]", True)]},
        ),
        (
            "kotlin\ndata class Buoy(val mark: String, val lit: Boolean?)",
            {"Buoy": [("mark", "str", True), ("lit", "bool", False)]},
        ),
        ("yaml\nlight:\n  name: east\n  seconds: 5", {"light": [("name", "str", True), ("seconds", "int", True)]}),
        (
            'json title="tides.json"\n{"2031-01-02": {"high": 3, "low": 1}, "2031-01-03": {"high": 4, "low": 1}}',
            {"tides": [("high", "int", True), ("low", "int", True)]},
        ),
    ],
)  # fmt: skip
def test_code_and_samples_show_records(fence: str, wanted: dict[str, list[tuple[str, str, bool]]]) -> None:
    found = records(f"```{fence}\n```")

    assert {
        name: [(field.name, field.type, field.is_required) for field in fields.values()]
        for name, fields in found.items()
    } == wanted


def test_a_class_that_holds_others_has_a_field_of_them() -> None:
    fields = records(
        '```mermaid\nclassDiagram\nclass Fleet {\n +str name\n}\nclass Boat {\n +str id\n}\nFleet *-- "0..9" Boat\n```'
    )

    assert (fields["Fleet"]["boats"].type, bounds(fields["Fleet"]["boats"])) == ("list[Boat]", [("<=", 9, "")])


@given(st.text(alphabet="ab есть has: ,.|→()«»`-\n*1", max_size=200))
def test_the_quotations_of_any_text_stand(text: str) -> None:
    for quote in all_quotes(extracted(text)):
        assert text[quote.span.start : quote.span.end] == quote.text

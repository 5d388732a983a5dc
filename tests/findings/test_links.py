"""Notes named in plain words."""

from __future__ import annotations

from fakes import note, source

from vaultc.findings.links import LinkFinding, find_missing_links


def found_in(files: dict[str, str]) -> list[tuple[str, str, str]]:
    return [(item.a.span.path, item.a.text, item.target) for item in findings(files)]


def findings(files: dict[str, str]) -> tuple[LinkFinding, ...]:
    return find_missing_links([(source(text, path), note(text, path)) for path, text in files.items()])


def test_a_title_in_plain_text_is_found_in_any_case() -> None:
    files = {"Wind tunnel.md": "Big.", "Day.md": "We used the wind tunnel again."}

    assert found_in(files) == [("Day.md", "wind tunnel", "Wind tunnel.md")]


def test_an_inflected_russian_title_is_found() -> None:
    files = {"Морская свинка.md": "Фрося.", "День.md": "Купил корм для морской свинки."}

    assert found_in(files) == [("День.md", "морской свинки", "Морская свинка.md")]


def test_an_inflected_alias_is_found() -> None:
    files = {"Frosya.md": "---\naliases: [морская свинка]\n---\n", "День.md": "Корм для морской свинки."}

    assert found_in(files) == [("День.md", "морской свинки", "Frosya.md")]


def test_a_note_that_links_anywhere_misses_nothing() -> None:
    files = {"Wind tunnel.md": "Big.", "Day.md": "The wind tunnel. See [[Wind tunnel]]."}

    assert found_in(files) == []


def test_links_code_headings_and_the_note_itself_are_no_mentions() -> None:
    files = {
        "Wind tunnel.md": "The wind tunnel is big.",
        "Code.md": "Run `wind tunnel` twice.\n\n```\nwind tunnel\n```\n\n# Wind tunnel\n\n%%wind tunnel%%",
    }

    assert found_in(files) == []


def test_addresses_and_the_words_of_links_outside_are_no_mentions() -> None:
    files = {
        "Зонке Аренс.md": "",
        "Wind tunnel.md": "",
        "День.md": (
            "Цитата ([Зонке Аренс, с. 50](zotero://select/x)), см. https://example.org/Wind-tunnel/x "
            "и www.x.org/wind-tunnel. "
            "А это wind tunnel."
        ),
    }

    assert [(item.target, item.a.span.start) for item in findings(files)] == [
        ("Wind tunnel.md", files["День.md"].rindex("wind tunnel"))
    ]


def test_a_verb_is_no_form_of_a_noun_made_from_it() -> None:
    files = {
        "Создание базы.md": "",
        "Событие дня.md": "",
        "День.md": "Можно создать базу. О создании баз и созданием базы. Событиями дня.",
    }

    assert sorted(quote.text for item in findings(files) for quote in item.evidence) == [
        "Событиями дня",
        "созданием базы",
        "создании баз",
    ]


def test_everyday_single_words_and_dates_are_no_names() -> None:
    files = {"Door.md": "", "2026-05-01.md": "", "Day.md": "Painted the Door on 2026-05-01."}

    assert found_in(files) == []


def test_a_rare_single_name_with_a_capital_is_found() -> None:
    files = {"Rostov.md": "", "Day.md": "The train to Rostov was late."}

    assert found_in(files) == [("Day.md", "Rostov", "Rostov.md")]


def test_a_name_of_two_notes_names_neither() -> None:
    files = {"a/Wind tunnel.md": "", "b/Wind tunnel.md": "", "Day.md": "The wind tunnel."}

    assert found_in(files) == []


def test_every_mention_is_evidence_and_stands_at_its_span() -> None:
    files = {"Wind tunnel.md": "", "Day.md": "A **wind tunnel**.\n\n- Wind tunnel, again."}

    (item,) = findings(files)

    assert [quote.text for quote in item.evidence] == ["wind tunnel", "Wind tunnel"]
    for quote in item.evidence:
        assert files["Day.md"][quote.span.start : quote.span.end] == quote.text


def test_the_longest_name_wins() -> None:
    files = {"Wind tunnel.md": "", "Wind tunnel fan.md": "", "Day.md": "The wind tunnel fan hums."}

    assert found_in(files) == [("Day.md", "wind tunnel fan", "Wind tunnel fan.md")]


def test_a_mention_stays_within_one_line_and_its_words_stand_side_by_side() -> None:
    files = {
        "Cap and tick.md": "",
        "Hidden iron.md": "",
        "Day.md": "the cap\nand tick; (hidden) iron; hidden, iron; hidden [iron]",
    }

    assert found_in(files) == []


def test_a_word_that_notes_also_write_small_is_no_name() -> None:
    files = {"Attach.md": "", "Day.md": "Press Attach twice.", "Night.md": "I attach the rope."}

    assert found_in(files) == []
    assert found_in({path: text for path, text in files.items() if path != "Night.md"}) != []


def test_a_capital_that_only_begins_a_sentence_makes_no_name() -> None:
    files = {"Rostov.md": "", "Day.md": "Rostov was far.\n\n- Rostov again\n"}

    assert found_in(files) == []


def test_english_words_in_other_forms_are_other_words() -> None:
    files = {"Drag and drop.md": "", "Glass harps.md": "", "Day.md": "Dragging and dropping a glass harp."}

    assert found_in(files) == [("Day.md", "glass harp", "Glass harps.md")]


def test_a_name_in_capitals_is_no_word_in_small_letters() -> None:
    files = {"ORBIT.md": "", "Day.md": "The firm Orbit, and ORBIT.", "Week.md": "The firm Orbit."}

    assert found_in(files) == [("Day.md", "ORBIT", "ORBIT.md")]


def test_a_name_that_very_many_notes_mention_is_an_everyday_word() -> None:
    files = {"Glass harp.md": "", **{f"{number}.md": "The glass harp." for number in range(20)}}

    assert found_in(files) == []


def test_one_note_and_one_target_make_one_finding() -> None:
    files = {"Glass harp.md": "---\naliases: [Crystal organ]\n---\n", "Day.md": "A glass harp, the crystal organ."}

    assert found_in(files) == [("Day.md", "glass harp", "Glass harp.md")]

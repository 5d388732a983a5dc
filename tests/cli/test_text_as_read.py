"""Files whose text as read is not their own: what each command prints points into the file as it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cli.test_commands import assert_places_stand
from fakes import write_vault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Done

pytestmark = pytest.mark.native

SPOILT = "Мне нравится [[Насос]] у причала".encode().decode("mac_roman")
BOARD = {
    "nodes": [
        {"id": "a", "type": "text", "text": 'Клапан "северный" [[Насос]] #кран', "x": 0, "y": 0},
        {"id": "b", "type": "file", "file": "Насос.md", "x": 0, "y": 100},
        {"id": "c", "type": "file", "file": "gone.md", "x": 0, "y": 200},
    ],
    "edges": [{"id": "e", "fromNode": "a", "toNode": "b", "label": "запирает"}],
}
WRITTEN = {
    "nodes": [
        {"id": "idea", "type": "file", "file": "Насос.md", "x": 0, "y": 0, "vaultc-kind": "canvas"},
        {"id": "C-1", "type": "text", "text": "Клапан нравится всем", "x": 0, "y": 9},
    ],
    "edges": [],
}


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    return write_vault(
        tmp_path / "odd",
        {
            "spoilt.md": f"# Старое\r\n\r\n{SPOILT}.\r\n",
            "Насос.md": "Насос качает воду.\n",
            "Boards/Harbour.canvas": json.dumps(BOARD, ensure_ascii=False, indent="\t"),
            "Boards/Written.canvas": json.dumps(WRITTEN, ensure_ascii=False),
            "Boards/Broken.canvas": '{"nodes": [ задвижка',
            "Books.base": 'filters:\n  and:\n    - file.hasTag("задвижка")\n',
            "links.md": "[[Harbour]] and [[Harbour.canvas]]\n",
        },
    )


def test_words_put_right_are_found_at_their_place_in_the_file(run: Callable[..., Done], odd: Path) -> None:
    run("index", odd)

    for query in ("Мне нравится причал", "нравится"):
        passages = run("search", query, "--vault", odd, "--json").json["passages"]
        place = passages[0]["place"]
        assert (place["path"], place["line"], place["text"]) == ("spoilt.md", 3, f"{SPOILT}.")
        assert assert_places_stand(passages, odd) == len(passages)
    assert "Мне нравится" in run("search", "нравится", "--vault", odd).out


def test_canvases_and_bases_are_found_like_notes_and_what_was_written_is_not(
    run: Callable[..., Done], odd: Path
) -> None:
    run("index", odd)

    def found(query: str) -> set[str]:
        passages = run("search", query, "--vault", odd, "--lexical", "--json").json["passages"]
        assert assert_places_stand(passages, odd) == len(passages)
        return {passage["note"] for passage in passages}

    assert found("клапан запирает") == {"Boards/Harbour.canvas"}
    assert found("задвижка") == {"Boards/Broken.canvas", "Books.base"}


def test_links_of_a_canvas_are_listed_with_their_places(run: Callable[..., Done], odd: Path) -> None:
    done = run("links", "Boards/Harbour.canvas", "--vault", odd, "--json").json

    assert [(link["kind"], link["target_text"], link["missing"]) for link in done["links"]] == [
        ("canvas", "Насос", None),
        ("embed", "/Насос.md", None),
        ("embed", "/gone.md", "note"),
    ]
    assert [link["from"]["text"] for link in done["links"]] == ["[[Насос]]", "Насос.md", "gone.md"]
    assert [link["from"]["text"] for link in done["backlinks"]] == ["[[Harbour.canvas]]"]
    assert_places_stand(done, odd)
    (link,) = run("links", "spoilt", "--vault", odd, "--json").json["links"]
    assert link["resolved"]["path"] == "Насос.md"
    assert link["from"]["text"] == SPOILT[SPOILT.index("[[") : SPOILT.index("]]") + 2]


def test_check_tells_of_mojibake_broken_canvases_and_links_in_cards(run: Callable[..., Done], odd: Path) -> None:
    found = run("check", "--vault", odd, "--json").json["diagnostics"]

    told = {(item["code"], item["place"]["path"], item["place"]["text"]) for item in found}
    assert {
        ("V115", "spoilt.md", SPOILT.split(" ")[0]),
        ("V116", "Boards/Broken.canvas", "з"),
        ("V101", "Boards/Harbour.canvas", "gone.md"),
        ("V101", "links.md", "[[Harbour]]"),
    } <= told
    assert assert_places_stand(found, odd) >= len(found)


def test_a_canvas_is_no_idea(run: Callable[..., Done], odd: Path) -> None:
    run("index", odd)

    done = run("compile", "Boards/Harbour.canvas", "--vault", odd, "--until", "extract")

    assert done.code == 2
    assert "is no note" in done.err


def test_a_changed_card_is_read_again(run: Callable[..., Done], odd: Path) -> None:
    run("index", odd)
    (odd / "Boards/Harbour.canvas").write_text(json.dumps({"nodes": [{"type": "text", "text": "шлюз"}]}), "utf-8")

    stats = run("index", odd, "--json").json["stats"]

    assert (stats["modified"], stats["added"]) == (1, 0)
    passages = run("search", "шлюз", "--vault", odd, "--lexical", "--json").json["passages"]
    assert [passage["place"]["text"] for passage in passages] == [json.dumps("шлюз")[1:-1]]

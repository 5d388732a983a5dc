"""What of the notes around an idea may bind it, on a vault that is indexed as a person's is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes import write_vault

from vaultc.compiler.around.neighbourhood import Neighbourhood, neighbourhood, topic_around
from vaultc.compiler.passes.gather import gather, make_idea
from vaultc.compiler.tools import Tools
from vaultc.compiler.unit import Unit
from vaultc.core.source import vault_path
from vaultc.disk.state import open_state
from vaultc.index.catalog import open_catalog
from vaultc.index.job import IndexJob, IndexOptions
from vaultc.retrieve.around import CatalogSurroundings
from vaultc.vault.reader import VaultReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BEES = vault_path("Garden/Hive scale.md")
DOOR = vault_path("Мастерская/Учёт инструмента.md")
NOTES = {
    "Garden/Hive scale.md": "# Hive scale\n\nA scale below the beehive sends its weight to the phone every evening. "
    "A swarm shows as a sudden loss. The sensor is described in [[Load cell]].\n",
    "Garden/Load cell.md": "# Load cell\n\nThe sensor drifts with heat.\n\n- it is read 16 times and averaged\n"
    "- wires shorter than 2 m\n",
    "Daily/2024-05-02.md": "- paid the rent\n- [[Hive scale]]: a loss of 2 kg in an hour rings the phone\n"
    "- the weight is stored in grams\n- dentist must be called\n",
    "Daily/2024-05-09.md": "Bus was late.\n\nThe hive scale should sleep between two readings.\n\nBought shoes.\n",
    "Daily/2024-06-01.md": "# Meeting\n\nAbout the [[Hive scale|scales]]:\n\n- runs 60 days on one battery\n- grey\n",
    "Garden/Colours.md": "---\nup: '[[Hive scale]]'\n---\nThe box is white.\n\nLetters are black.\n",
    "Garden/Old draft.md": "---\nstatus: archived\n---\nThe hive scale must speak aloud.\n",
    "Templates/Idea.md": "The hive scale must have {{title}}.\n",
    "Garden/Pond pump.md": "---\nproject: '[[Pond]]'\n---\nUnlike the hive scale, the pump must be cheap.\n",
    "Garden/Pond.md": "Carp.\n",
    "Recipes.md": "Weigh the flour on a scale. Honey from a hive.\n",
    "Index.md": "- [[Hive scale]]\n- [[Pond]]\n",
    "Мастерская/Учёт инструмента.md": "Кто взял инструмент и когда вернёт: записывает сторож на планшете. "
    "Просроченный инструмент виден красным.\n",
    "Дневник/3 мая.md": "Жарко.\n\nВ учёте инструментов нужна фотография каждой дрели.\n\nКупил арбуз.\n",
    "Дневник/5 мая.md": "- инструмент сторож выдаёт не больше чем на 14 дней\n- полить розы\n",
}


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tools]:
    root: Path = write_vault(tmp_path_factory.mktemp("around"), NOTES)
    state = open_state(root)
    IndexJob(root, state, options=IndexOptions(vector_store=False)).run()
    with open_catalog(state.catalog) as catalog:
        yield Tools(
            *(VaultReader(root), lambda _query, _limit: (), lambda _paths: (), lambda _files, _name: ()),
            around=CatalogSurroundings(catalog),
        )


def around(tools: Tools, idea: str) -> Neighbourhood:
    return neighbourhood(tools.reader.read(vault_path(idea)), tools, lambda path: tools.reader.read(path))


def texts(tools: Tools, idea: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in around(tools, idea).found:
        found[item.span.path] = found.get(item.span.path, "") + item.parsed.source.slice(item.span) + "\n"
    return found


def test_each_note_is_told_by_its_nearest_way(tools: Tools) -> None:
    ways = {item.span.path: item.reach.how.value for item in around(tools, BEES).found}

    assert ways == {
        "Garden/Load cell.md": "link",
        "Garden/Colours.md": "property",
        "Daily/2024-05-02.md": "backlink",
        "Daily/2024-06-01.md": "backlink",
        "Daily/2024-05-09.md": "mention",
    }


def test_of_a_day_only_what_speaks_of_the_idea_is_read(tools: Tools) -> None:
    found = texts(tools, BEES)

    assert "2 kg" in found["Daily/2024-05-02.md"]
    assert "grams" in found["Daily/2024-05-02.md"]
    assert not [word for word in ("rent", "dentist") if word in found["Daily/2024-05-02.md"]]
    assert found["Daily/2024-05-09.md"] == "The hive scale should sleep between two readings.\n"


def test_a_list_below_a_line_that_names_the_idea_is_about_it(tools: Tools) -> None:
    assert "60 days" in texts(tools, BEES)["Daily/2024-06-01.md"]
    assert "grey" in texts(tools, BEES)["Daily/2024-06-01.md"]


def test_a_note_linked_for_the_idea_alone_is_read_whole(tools: Tools) -> None:
    assert "shorter than 2 m" in texts(tools, BEES)["Garden/Load cell.md"]
    assert "Letters are black." in texts(tools, BEES)["Garden/Colours.md"]


def test_what_is_not_read_is_told_with_the_reason(tools: Tools) -> None:
    reasons = {item.path: item.reason for item in around(tools, BEES).excluded}

    assert reasons == {
        "Garden/Old draft.md": "put away as archived or superseded",
        "Templates/Idea.md": "a template",
        "Garden/Pond pump.md": "it belongs to Garden/Pond.md",
        "Index.md": "nothing in it speaks of the idea",
    }


def test_a_note_that_names_the_idea_in_other_cases_is_found(tools: Tools) -> None:
    found = texts(tools, DOOR)

    assert found["Дневник/3 мая.md"] == "В учёте инструментов нужна фотография каждой дрели.\n"


def test_a_note_that_shares_rare_words_is_found_without_a_link(tools: Tools) -> None:
    found = texts(tools, DOOR)

    assert found["Дневник/5 мая.md"] == "- инструмент сторож выдаёт не больше чем на 14 дней\n"


def test_evidence_names_the_words_that_connect(tools: Tools) -> None:
    topic = topic_around(tools.reader.read(BEES), tools)

    near, far = topic.evidence("A swarm leaves the beehive at noon."), topic.evidence("The rent is due.")

    assert set(near.words) >= {"swarm", "beehiv"}
    assert near.score > far.score == 0


def test_passages_that_bind_carry_how_they_were_reached(tools: Tools) -> None:
    unit = gather(Unit(make_idea(BEES, tools.reader.read(BEES))), tools)

    assert {item.reach for item in unit.context} == {"", "link", "property", "backlink", "mention"}
    assert [item.path for item in unit.excluded]

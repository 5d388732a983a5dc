"""Which names look most like another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vaultc.vault.nearness import Closeness, Nearness, _grams, least_likeness

NAMES = st.lists(st.text(alphabet="абвг ", min_size=1, max_size=8), max_size=30)


def likeness(one: str, two: str) -> float:
    shared = _grams(one) & _grams(two)
    return 2 * len(shared) / (len(_grams(one)) + len(_grams(two)))


@given(NAMES, st.text(alphabet="абвг ", min_size=1, max_size=8))
def test_the_index_finds_what_a_walk_over_all_names_finds(names: list[str], wanted: str) -> None:
    found = Nearness(names).near(wanted, limit=len(names))

    alike = {name for name in names if likeness(wanted, name) >= least_likeness(wanted)}
    assert set(found) == alike
    assert list(found) == sorted(found, key=lambda name: (-likeness(wanted, name), name))


def test_another_number_is_another_name() -> None:
    names = Nearness(["отчёт 7", "отчёт 8", "отчёты"])

    assert names.near("отчот 7") == ("отчёт 7",)
    assert names.near("") == ()


def test_a_short_name_has_no_near_name_by_chance() -> None:
    assert Nearness(["list", "lists"]).near("lisa") == ()
    assert Nearness(["list", "lists"]).near("listt") == ("list",)


def test_letters_that_changed_places_are_seen_among_a_few_names() -> None:
    assert Closeness(["грядки", "сад"]).to("граяки") == ("грядки",)
    assert Closeness(["а1", "а3"]).to("а2") == ()

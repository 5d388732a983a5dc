"""Frozen values made quickly are what they were."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, dataclass, replace

import pytest

from vaultc.core.quick import quick


@dataclass(frozen=True, slots=True)
class Slow:
    one: int
    two: str = "b"
    three: tuple[int, ...] = ()


@quick
@dataclass(frozen=True, slots=True)
class Quick:
    one: int
    two: str = "b"
    three: tuple[int, ...] = ()


def test_a_value_is_made_by_place_by_name_and_by_default() -> None:
    made = Quick(1, three=(2,))

    assert (made.one, made.two, made.three) == (1, "b", (2,))
    assert repr(made) == repr(Slow(1, three=(2,))).replace("Slow", "Quick")


def test_a_value_compares_hashes_and_travels_as_before() -> None:
    made = Quick(1, "c")

    assert made == Quick(one=1, two="c") != Quick(2, "c")
    assert hash(made) == hash(Slow(1, "c"))
    assert replace(made, one=3) == Quick(3, "c")
    assert pickle.loads(pickle.dumps(made)) == made


def test_a_value_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Quick(1).one = 2  # type: ignore[misc]


def test_a_field_that_is_not_given_is_missed_by_name() -> None:
    with pytest.raises(TypeError, match="'one'"):
        Quick()  # type: ignore[call-arg]

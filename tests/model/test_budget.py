from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.model.budget import share
from vaultc.model.roles import Models
from vaultc.model.scripted import ChatScript


@given(st.integers(0, 200_000), st.dictionaries(st.text(min_size=1), st.integers(1, 100), min_size=1))
def test_shares_sum_to_the_whole_and_follow_the_weights(total: int, parts: dict[str, int]) -> None:
    shares = share(total, {name: float(part) for name, part in parts.items()})

    assert sum(shares.values()) == total
    assert all(abs(shares[name] - total * part / sum(parts.values())) <= 1 for name, part in parts.items())


def test_weights_that_cannot_be_divided_by_are_an_error() -> None:
    with pytest.raises(ValueError, match="cannot divide"):
        share(10, {"a": 0.0})


def test_the_brain_is_its_own_hand_where_there_is_no_other() -> None:
    brain, hand = ChatScript({}), ChatScript({})

    assert Models(brain).hand is brain
    assert Models(brain, hand).hand is hand

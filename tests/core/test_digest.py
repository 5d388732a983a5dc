"""Lists of strings as canonical JSON."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vaultc.core.digest import canonical_json, canonical_texts


@given(st.lists(st.text(st.one_of(st.characters(), st.sampled_from('"\\/\n\x00\x1f\x7f\u2028\ud800')))))
def test_a_list_of_strings_is_written_as_any_value_is(values: list[str]) -> None:
    assert canonical_texts(values) == canonical_json(values)

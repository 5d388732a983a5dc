"""Which of many texts share most words with one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vaultc.compiler.outline.shared import SharedWords

WORDS = st.frozensets(st.sampled_from("abcdefgh"), max_size=8)


@given(st.lists(WORDS, max_size=12), WORDS, st.integers(1, 9))
def test_it_gives_what_a_look_at_each_pair_gives(texts: list[frozenset[str]], own: frozenset[str], least: int) -> None:
    shared = SharedWords(texts)
    counts = [len(own & text) for text in texts]

    most, at = shared.most(own)
    enough = list(shared.each(shared.with_at_least(least, own)))

    assert most == max(counts, default=0)
    assert at == (counts.index(most) if most else -1)
    assert enough == [at for at, count in enumerate(counts) if count >= least]

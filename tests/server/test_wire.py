"""Requests, read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.model.protocols import Sampling
from vaultc.server.guard import RefusedRequest
from vaultc.server.wire import read_chat, read_completion, read_embed

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(
    ["model", "messages", "prompt", "input", "n", "stop", "seed", "stream", "stream_options", "response_format",
     "tools",
     "temperature", "max_tokens", "reasoning_effort", "encoding_format", "dimensions", "logprobs"]
)  # fmt: skip


@given(st.dictionaries(KEYS, VALUES))
def test_whatever_is_asked_is_read_or_refused(data: dict[str, object]) -> None:
    statuses = {400}
    good = {"model": "m", "messages": [{"role": "user", "content": "x"}], "prompt": "x", "input": "x"}
    for read in (lambda: read_chat(good | data, Sampling()), lambda: read_completion(good | data, Sampling()),
                 lambda: read_embed(good | data)):  # fmt: skip
        try:
            read()
        except RefusedRequest as refused:
            statuses.add(refused.status)

    assert statuses == {400}


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("What is the pump power?", "What is the pump power?"),
        ("What is the pump power?\n\nReply in English.\n", "What is the pump power?"),
        ("find contradictions\n\nReply in English.\n", "find contradictions"),
        ("найди противоречия\n\nОтвечай на русском языке.", "найди противоречия"),
        ("Be brief.\n \nWho?\n\nWhen?", "Who?\n\nWhen?"),
        ("the pump\n\nits power", "the pump\n\nits power"),
        ("Reply in English.", "Reply in English."),
    ],
)
def test_the_question_is_what_a_person_asked(said: str, asked: str) -> None:
    messages = [{"role": "user", "content": "before?"}, {"role": "assistant", "content": "yes"}]
    found = read_chat({"model": "m", "messages": [*messages, {"role": "user", "content": said}]}, Sampling())

    assert found.question == asked


def test_a_model_may_be_told_not_to_think() -> None:
    data = {"model": "m", "prompt": "x"}

    assert read_completion(data, Sampling()).sampling.thinking
    assert not read_completion(data | {"reasoning_effort": "none"}, Sampling()).sampling.thinking


def test_keys_without_an_effect_are_named_and_those_at_rest_are_not() -> None:
    data = {"model": "m", "prompt": "x", "presence_penalty": 0, "frequency_penalty": 0.5, "unheard_of": 1, "tools": []}

    assert read_completion(data, Sampling()).ignored == ("frequency_penalty", "unheard_of")

from __future__ import annotations

import json
from typing import Any

import pytest

from vaultc.core.errors import ModelError
from vaultc.model.protocols import Message, Prompt, Sampling
from vaultc.model.record import Recorder, replay
from vaultc.model.scripted import ChatScript

PROMPT = Prompt((Message("user", "Что дальше?"),), "ask", "q1")


def recorded() -> tuple[Recorder, list[dict[str, Any]]]:
    events: list[dict[str, Any]] = []
    ticks = iter(range(100))
    script = ChatScript({"ask": "<think>hm</think>B", "code": "x"}, name="expert")
    return Recorder(script, events.append, lambda: float(next(ticks))), events


def test_a_record_is_json_and_answers_again() -> None:
    model, events = recorded()
    answer = model.generate(PROMPT, Sampling(seed=7), schema={"type": "string"})
    choice = model.choose(PROMPT, ["a", "b"])
    streamed = "".join(model.stream(PROMPT))

    again = replay(json.loads(json.dumps(events)))

    assert again.generate(PROMPT, Sampling(seed=7), schema={"type": "string"}) == answer
    assert again.choose(PROMPT, ["a", "b"]) == choice
    assert "".join(again.stream(PROMPT)) == streamed
    assert again.spec.name == "expert"
    assert again.spec.digest == model.spec.digest


def test_a_record_holds_what_was_asked_and_what_it_cost() -> None:
    model, events = recorded()

    model.generate(PROMPT, Sampling(seed=7))

    event = events[0]
    assert (event["task"], event["target"], event["kind"]) == ("ask", "q1", "generate")
    assert event["messages"] == [{"role": "user", "content": "Что дальше?"}]
    assert (event["sampling"]["seed"], event["seconds"]) == (7, 1.0)
    assert (event["answer"]["text"], event["answer"]["thinking"]) == ("B", "hm")


def test_a_call_that_was_not_recorded_is_an_error() -> None:
    model, events = recorded()
    model.generate(PROMPT)

    with pytest.raises(ModelError, match="no answer"):
        replay(events).generate(PROMPT, Sampling(seed=1))


def test_a_failed_call_is_recorded_and_fails_again() -> None:
    model, events = recorded()
    unknown = Prompt((), "nothing")
    with pytest.raises(ModelError):
        model.generate(unknown)

    with pytest.raises(ModelError, match="no answer to task"):
        replay(events).generate(unknown)


def test_a_stream_that_is_left_is_recorded_as_far_as_it_came() -> None:
    events: list[dict[str, Any]] = []
    model = Recorder(ChatScript({"ask": "one two three"}), events.append, lambda: 0.0)

    stream = model.stream(PROMPT)
    next(stream)
    del stream

    assert (events[0]["answer"]["text"], events[0]["stopped"]) == ("one", True)


def test_repeated_calls_are_answered_in_their_order() -> None:
    events: list[dict[str, Any]] = []
    rest = iter(["first", "second"])
    model = Recorder(ChatScript(lambda _: next(rest)), events.append, lambda: 0.0)
    model.generate(PROMPT)
    model.generate(PROMPT)

    again = replay(events)

    assert [again.generate(PROMPT).text for _ in range(3)] == ["first", "second", "second"]

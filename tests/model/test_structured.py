from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from vaultc.model.protocols import Generation, Message, Prompt, Sampling
from vaultc.model.scripted import ChatScript
from vaultc.model.structured import Refused, ask_text, ask_value, fenced_code, find_json, grammar_schema, is_loop

if TYPE_CHECKING:
    from collections.abc import Sequence

PROMPT = Prompt((Message("user", "A boat?"),), "extract", "boat")


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    count: Annotated[int, Field(ge=0, le=10)] = 1


@dataclass(frozen=True, slots=True)
class Boat:
    name: str
    parts: tuple[Part, ...]


def script(*answers: str | Generation) -> ChatScript:
    rest = iter(answers)
    return ChatScript(lambda _: next(rest))


def boat(*answers: str | Generation, attempts: int = 2) -> Boat | Refused:
    return ask_value(script(*answers), PROMPT, Boat, Sampling(), attempts=attempts)


GOOD = '{"name": "Чайка", "parts": [{"name": "mast", "count": 2}]}'


@pytest.mark.parametrize(
    "answer",
    [GOOD, f"Here it is:\n```json\n{GOOD}\n```\nDone.", f"{{so}} I think [1] {GOOD} and more }}", f"```json\n{GOOD}"],
)
def test_the_value_is_found_in_what_a_model_writes(answer: str) -> None:
    assert boat(answer) == Boat("Чайка", (Part("mast", 2),))


@dataclass(frozen=True, slots=True)
class Tree:
    name: str = ""
    size: float = 0.0
    kids: tuple[Tree, ...] = ()


def test_a_piece_of_an_answer_that_was_cut_off_is_not_the_answer() -> None:
    cut = Generation('{"name": "a", "kids": [{"name": "b"}, {"na', finish="length")

    refused = ask_value(script(cut, cut), PROMPT, Tree, Sampling())

    assert isinstance(refused, Refused)
    assert "cut off" in refused.reason


def test_a_number_beyond_all_numbers_is_not_taken() -> None:
    refused = ask_value(script(*['{"size": 1e999}'] * 2), PROMPT, Tree, Sampling())

    assert isinstance(refused, Refused)
    assert "too large a number" in refused.reason


def test_limits_that_no_grammar_holds_are_checked() -> None:
    refused = boat(*[GOOD.replace("2", "-88888")] * 2)

    assert isinstance(refused, Refused)
    assert "parts.0.count" in refused.reason


def test_a_refused_answer_is_asked_for_again_with_its_faults() -> None:
    model = script('{"name": "x"}', GOOD)

    value = ask_value(model, PROMPT, Boat, Sampling())

    assert value == Boat("Чайка", (Part("mast", 2),))
    again = model.calls[1].prompt
    assert [message.role for message in again.messages] == ["user", "assistant", "user"]
    assert "parts: Field required" in again.messages[-1].content
    assert (again.task, again.target) == ("extract", "boat")


def test_our_own_check_refuses_with_its_reasons() -> None:
    def check(value: Boat) -> Sequence[str]:
        return [f"no boat is named {value.name}"]

    refused = ask_value(script(GOOD, GOOD), PROMPT, Boat, Sampling(), check=check)

    assert refused == Refused("no boat is named Чайка", GOOD)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("", "empty"),
        (Generation("", thinking="hm", finish="length"), "thinking"),
        ("no idea", "not JSON"),
        (Generation(GOOD[:-4], finish="length"), "cut off"),
        ("x" * 1_000_000, "more than"),
        ("[" * 100_000, "not JSON"),
        ('{"name":' * 50_000, "not JSON"),
        ('{"name": NaN}', "not JSON"),
        ("9" * 9000, "not JSON"),
        ("[]", "Boat"),
    ],
)
def test_a_bad_model_is_refused_with_a_reason(answer: str | Generation, reason: str) -> None:
    started = time.process_time()

    refused = boat(answer, answer)

    assert isinstance(refused, Refused)
    assert reason in refused.reason
    assert time.process_time() - started < 5


def test_the_attempts_are_bounded() -> None:
    model = ChatScript(lambda _: "no")

    ask_value(model, PROMPT, Boat, Sampling(), attempts=3)

    assert len(model.calls) == 3


@given(
    st.recursive(
        st.none() | st.integers(-9, 9) | st.text(), lambda part: st.lists(part) | st.dictionaries(st.text(), part)
    )
)
def test_every_json_object_is_found_again(value: Any) -> None:
    text = json.dumps({"v": value}, ensure_ascii=False)

    assert find_json(f"Sure! \n{text}\nAnything else?") == {"v": value}


def test_a_schema_for_a_grammar_keeps_its_shape_alone() -> None:
    schema = {
        "type": "object",
        "title": "T",
        "properties": {"title": {"type": "string", "minLength": 5000, "pattern": "^(?=x)"}, "n": {"$ref": "#/$defs/N"}},
        "required": ["title"],
        "$defs": {"N": {"type": "array", "items": {"type": "integer", "maximum": 3}, "maxItems": 10_000}},
    }

    assert grammar_schema(schema) == {
        "type": "object",
        "properties": {"title": {"type": "string"}, "n": {"$ref": "#/$defs/N"}},
        "required": ["title"],
        "$defs": {"N": {"type": "array", "items": {"type": "integer"}}},
    }


def test_the_longest_fence_of_the_language_is_taken() -> None:
    text = "```python\na\n```\ntext\n~~~~py title=x\nb\n```\nc\n~~~~\n```js\nlonger than all of them\n```\n"

    assert fenced_code(text, "python") == "b\n```\nc\n"
    assert fenced_code(text, "rust") is None
    assert fenced_code("```\nx = 1\n```", "python") == "x = 1\n"
    assert fenced_code("```python\nx = 1", "python") == "x = 1\n"


def test_code_is_asked_for_in_a_fence() -> None:
    code = ask_text(script("no fence", "```python\nx = 1\n```"), PROMPT, Sampling(), language="python")

    assert code == "x = 1\n"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Generation("```python\nx = 1", finish="length"), "cut off"),
        ("I will. I will. " * 100, "repeats itself"),
        ("```js\n1\n```", "no code"),
        ("", "empty"),
        ("```python\n```", "no code"),
        ("a" * 500_000, "more than"),
    ],
)
def test_bad_text_is_refused_with_a_reason(answer: str | Generation, reason: str) -> None:
    refused = ask_text(script(answer, answer), PROMPT, Sampling(), language="python")

    assert isinstance(refused, Refused)
    assert reason in refused.reason


def test_a_long_honest_text_is_no_loop() -> None:
    lines = "\n".join(f"def step_{number}() -> int:\n    return {number}\n" for number in range(300))

    assert not is_loop(lines)
    assert not is_loop("Title\n" + "-" * 3000)
    assert is_loop(lines + "    return 0\n" * 60)


@pytest.mark.parametrize("piece", ["[", "{", '{"a":', "```", "~~~\n", '"', "\\", "[[", "<think>", "a\n"])
def test_hostile_repeats_are_read_in_linear_time(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    started = time.process_time()

    fenced_code(text, "python")
    is_loop(text)
    with pytest.raises(ValueError, match="no JSON"):
        find_json(text)

    assert time.process_time() - started < 2

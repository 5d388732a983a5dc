"""Structured output: a model's answer is cut out, checked, asked for again once, or refused with a reason."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from vaultc.model.prompt import load_prompt
from vaultc.model.protocols import ChatModel, Generation, Message, Prompt, Sampling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

T = TypeVar("T")

MAX_ANSWER_CHARS = 400_000
"""A longer answer is refused unread: about 100,000 tokens."""
_MAX_REASONS = 8
_MAX_QUOTED_CHARS = 12_000  # of a refused answer, in the repair turn
_MAX_CANDIDATES = 40  # places where JSON may begin; bounds the work on `[[[[…`
_LOOP_TAILS = (480, 2400)
_LOOP_ROUNDS = 8

# What a grammar can hold. The rest is left to the check of the whole value: number limits are ignored by
# llama.cpp's grammars, long repetitions and look-arounds break them.
_GRAMMAR_KEYS = frozenset(
    {"type", "properties", "required", "items", "prefixItems", "enum", "const", "anyOf", "oneOf", "allOf",
     "$ref", "$defs", "additionalProperties", "minItems", "maxItems"}
)  # fmt: skip
_MAX_GRAMMAR_ITEMS = 16

_FENCE_OPEN = re.compile(r" {0,3}(`{3,}|~{3,})([^`\n]*)")
_ALIASES = {
    "py": "python", "python3": "python", "js": "javascript", "ts": "typescript", "sh": "bash", "shell": "bash",
    "yml": "yaml", "md": "markdown",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refused:
    """An answer that was not taken: why, and the last raw text."""

    reason: str
    raw: str


class _Wrong(Exception):  # noqa: N818 - not an error of ours: the model's answer is not as asked
    """The reasons why an answer is not taken."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


def _no_check(_: object) -> Sequence[str]:
    return ()


def ask_value(
    model: ChatModel,
    prompt: Prompt,
    type_: type[T],
    sampling: Sampling,
    *,
    check: Callable[[T], Sequence[str]] = _no_check,
    attempts: int = 2,
) -> T | Refused:
    """Ask for a value of `type_` as JSON.

    Args:
        model: who answers.
        prompt: the question.
        type_: a dataclass or any type that pydantic can read; its annotations must be importable at run time.
        sampling: how the answer is drawn.
        check: gives reasons against a value that has the right form.
        attempts: how often to ask in all; each further turn names what was wrong.

    Returns:
        The value, or why none was taken.

    Raises:
        ModelError: the model broke off.
    """
    from pydantic import TypeAdapter  # slow to import

    adapter: TypeAdapter[T] = TypeAdapter(type_)
    schema = grammar_schema(adapter.json_schema())

    def read(generation: Generation) -> T:
        value: T = _validated(adapter, generation)
        reasons = check(value)
        if reasons:
            raise _Wrong(*reasons)
        return value

    form = "Answer with one JSON value and nothing else."
    return _ask(model, prompt, sampling, schema, read, form, attempts)


def ask_text(
    model: ChatModel,
    prompt: Prompt,
    sampling: Sampling,
    *,
    check: Callable[[str], Sequence[str]] = _no_check,
    attempts: int = 2,
    language: str | None = None,
) -> str | Refused:
    """Ask for text; with `language`, for code in one fence of that language, of which the content is given.

    Returns and raises as `ask_value`.
    """

    def read(generation: Generation) -> str:
        text = generation.text
        if generation.finish == "length":
            raise _Wrong("the answer was cut off at its greatest length")
        if is_loop(text):
            raise _Wrong("the answer repeats itself without end")
        if language is not None:
            code = fenced_code(text, language)
            if code is None or not code.strip():
                raise _Wrong(f"the answer holds no code between ```{language} and ```")
            text = code
        reasons = check(text)
        if reasons:
            raise _Wrong(*reasons)
        return text

    form = f"Answer with one ```{language} block and nothing else." if language else "Answer with the text only."
    return _ask(model, prompt, sampling, None, read, form, attempts)


def fenced_code(text: str, language: str) -> str | None:
    """Give the content of the longest fence of `language`; where none has it, of the longest without a language.

    A fence that is not closed runs to the end. An empty `language` matches every fence. None: no such fence.
    """
    wanted = _canonical(language)
    fences = _fences(text)
    named = [code for tag, code in fences if not wanted or _canonical(tag) == wanted]
    bare = [code for tag, code in fences if not tag]
    return max(named or bare, key=len, default=None)


def is_loop(text: str) -> bool:
    """Tell whether `text` ends in the same piece again and again, as an unsure model does until it is stopped."""
    stripped = text.rstrip()
    return any(
        len(stripped) >= size and _period(stripped[-size:]) * _LOOP_ROUNDS <= size and not _is_ruler(stripped[-size:])
        for size in _LOOP_TAILS
    )


def grammar_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Give `schema` as far as a grammar can safely hold it; the value must still be validated in full."""
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if key in ("properties", "$defs"):
            kept[key] = {name: grammar_schema(part) for name, part in value.items()}
        elif key in ("minItems", "maxItems"):
            if value <= _MAX_GRAMMAR_ITEMS:
                kept[key] = value
        elif key in _GRAMMAR_KEYS:
            kept[key] = _grammar_part(value) if key not in ("enum", "const", "required", "type") else value
    return kept


def find_json(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """Give the JSON value in `text`: the whole of it, a fenced block, or the first that stands complete.

    Raises ValueError where there is none.
    """
    return next(_values(text))


def _values(text: str, *, is_cut: bool = False) -> Iterator[Any]:
    """Give the JSON values in `text`, likeliest first. Raises ValueError where there is none at all.

    In a text that was cut off, what stands in a value without an end is not the answer, however whole it is.
    """
    first: ValueError | None = None
    found = False
    for candidate in (text, fenced_code(text, "json")):
        if candidate is None or not candidate.strip():
            continue
        try:
            value = _loads(candidate)
        except ValueError as error:
            first = first or error
        else:
            found = True
            yield value
    position = 0
    for _ in range(1 if is_cut else _MAX_CANDIDATES):
        nearest = [at for at in (text.find(sign, position) for sign in "{[") if at >= 0]
        if not nearest:
            break
        try:
            value, position = _DECODER.raw_decode(text, min(nearest))
        except ValueError as error:
            first = first or error
            position = min(nearest) + 1
        else:
            found = True
            yield value
    if not found:
        raise ValueError(f"no JSON: {first}" if first else "no JSON")


def _ask(
    model: ChatModel,
    prompt: Prompt,
    sampling: Sampling,
    schema: Mapping[str, Any] | None,
    read: Callable[[Generation], T],
    form: str,
    attempts: int,
) -> T | Refused:
    asked = prompt
    for attempt in range(1, max(attempts, 1) + 1):
        generation = model.generate(asked, sampling, schema=schema)
        try:
            _readable(generation)
            return read(generation)
        except _Wrong as wrong:
            if attempt >= attempts:
                return Refused("; ".join(wrong.reasons[:_MAX_REASONS]), generation.text)
            asked = _repair(prompt, generation.text, wrong.reasons, form)
    raise AssertionError("unreachable: the loop returns")


def _readable(generation: Generation) -> None:
    if not generation.text.strip():
        thought = generation.thinking.strip()
        raise _Wrong("the answer is empty" + (": all tokens went into thinking" if thought else ""))
    if len(generation.text) > MAX_ANSWER_CHARS:
        raise _Wrong(f"the answer has {len(generation.text)} characters, more than {MAX_ANSWER_CHARS}")


def _repair(prompt: Prompt, raw: str, reasons: Sequence[str], form: str) -> Prompt:
    listed = "\n".join(f"- {reason}" for reason in reasons[:_MAX_REASONS])
    turn = load_prompt("repair").fill(prompt.task, prompt.target, reasons=listed, form=form)
    said = (Message("assistant", raw[:_MAX_QUOTED_CHARS]),) if raw.strip() else ()
    return replace(prompt, messages=(*prompt.messages, *said, *turn.messages))


def _validated(adapter: Any, generation: Generation) -> Any:  # noqa: ANN401 - pydantic's adapter, the value of its type
    from pydantic import ValidationError

    reasons: list[str] = []
    try:
        for value in _values(generation.text, is_cut=generation.finish == "length"):
            try:
                return adapter.validate_python(value)
            except ValidationError as error:
                reasons = reasons or [
                    f"{'.'.join(str(part) for part in item['loc']) or 'value'}: {item['msg']}"
                    for item in error.errors()
                ]
    except ValueError as error:
        cut = " (it was cut off at its greatest length)" if generation.finish == "length" else ""
        raise _Wrong(f"the answer is not JSON{cut}: {error}") from error
    raise _Wrong(*reasons)


def _loads(text: str) -> Any:  # noqa: ANN401 - any JSON value
    stripped = text.strip()
    value, end = _DECODER.raw_decode(stripped) if stripped else (None, -1)
    if end != len(stripped):
        raise ValueError("there is text behind the JSON")
    return value


def _finite(text: str) -> float:
    """Give the number; one beyond all floats, as `1e999`, would become an infinity that JSON does not know."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is too large a number")
    return value


def _no_constant(name: str) -> Any:  # noqa: ANN401 - never returns
    raise ValueError(f"{name} is not JSON")


class _BoundedDecoder(json.JSONDecoder):
    """json's decoder, with too deep a nest as the ValueError that it is to us."""

    def raw_decode(self, s: str, idx: int = 0) -> tuple[Any, int]:
        try:
            return super().raw_decode(s, idx)
        except RecursionError:
            raise ValueError("the JSON is nested too deep") from None


_DECODER = _BoundedDecoder(parse_constant=_no_constant, parse_float=_finite)


def _grammar_part(value: Any) -> Any:  # noqa: ANN401 - any part of a schema
    if isinstance(value, dict):
        return grammar_schema(value)
    if isinstance(value, list):
        return [_grammar_part(part) for part in value]
    return value


def _canonical(tag: str) -> str:
    word = tag.strip().split(maxsplit=1)
    name = word[0].strip("{}.").casefold() if word else ""
    return _ALIASES.get(name, name)


def _fences(text: str) -> list[tuple[str, str]]:
    fences: list[tuple[str, str]] = []
    mark, tag, content = "", "", cast("list[str]", [])
    for line in text.replace("\r\n", "\n").split("\n"):
        if not mark:
            opened = _FENCE_OPEN.fullmatch(line)
            if opened:
                mark, tag, content = opened[1], opened[2].strip(), []
        elif _closes(line, mark):
            fences.append((tag, _joined(content)))
            mark = ""
        else:
            content.append(line)
    if mark:
        fences.append((tag, _joined(content)))
    return fences


def _closes(line: str, mark: str) -> bool:
    stripped = line.strip()
    return len(stripped) >= len(mark) and stripped == mark[0] * len(stripped)


def _joined(lines: list[str]) -> str:
    return "\n".join(lines) + "\n" if lines else ""


def _period(text: str) -> int:
    """Give the length of the shortest piece of which `text` is a repetition (the last may be cut): linear."""
    border = [0] * len(text)
    size = 0
    for at in range(1, len(text)):
        while size and text[at] != text[size]:
            size = border[size - 1]
        if text[at] == text[size]:
            size += 1
        border[at] = size
    return len(text) - (border[-1] if border else 0)


def _is_ruler(text: str) -> bool:
    """Tell whether `text` is one line of one repeated sign, as under a title or in a table."""
    return len(set(text)) == 1 and text[0] in "-=_*#~ "

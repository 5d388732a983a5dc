"""Renders a model's chat template, which is a program by a stranger (only importer of jinja2).

It runs in a process of its own with little memory and time, in jinja's sandbox, and never sees the messages: it
is given marks in their place, and what it gives is cut at the marks. So text of notes can neither steer the
template nor become a control token: template parts are tokenised with control tokens, contents without.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaultc.core.digest import canonical_json, digest_text
from vaultc.core.errors import ModelError
from vaultc.model.thinking import CLOSE, OPEN, START, TO_FINAL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vaultc.model.protocols import Message

TIME_LIMIT_S = 5.0
MEMORY_BYTES = 1 << 29
_MAX_OUTPUT_CHARS = 1 << 20
_MOST_REPEATS = 2
"""How often a message may stand in a chat on average: each time costs its whole length."""
_CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@dataclass(frozen=True, slots=True)
class PromptSegment:
    """A piece of a rendered chat: of the template (`is_template`) or of a message."""

    text: str
    is_template: bool


@dataclass(frozen=True, slots=True)
class Rendered:
    """A chat ready to be tokenised.

    `opens_thinking`: it ends inside `<think>`. `note`: what was done otherwise. The first `shared` segments hold the
    shared messages and nothing of others.
    """

    segments: tuple[PromptSegment, ...]
    opens_thinking: bool = False
    note: str = ""
    shared: int = 0


# The parts of a rendered shape: text of the template, or the number of a message.
_Shape = tuple[str | int, ...]


class ChatTemplate:
    """A chat template and the shapes it has given. A shape hangs on roles and flags alone, so few are rendered."""

    def __init__(self, source: str, *, bos: str = "", eos: str = "", time_limit_s: float = TIME_LIMIT_S) -> None:
        self._source = source
        self._tokens = {"bos_token": bos, "eos_token": eos}
        self._time_limit_s = time_limit_s
        self._shapes: dict[tuple[tuple[str, ...], bool], tuple[_Shape, str]] = {}

    @property
    def is_hybrid(self) -> bool:
        """Whether thinking can be turned on and off."""
        return "enable_thinking" in self._source

    def render(self, messages: Sequence[Message], *, thinking: bool = True, shared: int = 0) -> Rendered:
        """Give the chat up to where the model's turn begins. Without `thinking` an opened `<think>` is closed again.

        The first `shared` messages are those that other chats begin with too.

        Raises ModelError where the template runs too long or takes too much memory.
        """
        roles = tuple(message.role for message in messages)
        key = (roles, thinking)
        if key not in self._shapes:
            self._shapes[key] = self._shape(roles, thinking)
        shape, note = self._shapes[key]
        parts = [part for part in shape if part != ""]
        segments = [
            PromptSegment(part, is_template=True)
            if isinstance(part, str)
            else PromptSegment(messages[part].content, is_template=False)
            for part in parts
        ]
        opens = _opens_thinking(segments)
        if opens and not thinking:
            segments.append(PromptSegment(f"\n{CLOSE}\n\n", is_template=True))
        elif not thinking and _ends_in(segments, f"{START}assistant"):
            segments.append(PromptSegment(TO_FINAL, is_template=True))
        return Rendered(tuple(segments), opens and thinking, note, _shared_parts(parts, shared))

    def _shape(self, roles: tuple[str, ...], thinking: bool) -> tuple[_Shape, str]:
        plain = [(role, [number]) for number, role in enumerate(roles)]
        reasons = []
        for turns in (plain, _merged(plain)) if self._source else ():
            parts, reason = self._try(self._source, turns, thinking)
            if parts is not None:
                return parts, ""
            reasons.append(reason)
        parts, reason = self._try(_CHATML, plain, thinking)
        if parts is None:
            raise ModelError(f"a chat cannot be rendered: {reason}")
        why = reasons[-1] if reasons else "the model has no chat template"
        return parts, f"{why}; ChatML is used"

    def _try(self, source: str, turns: list[tuple[str, list[int]]], thinking: bool) -> tuple[_Shape | None, str]:
        numbers = [number for _, group in turns for number in group]
        salt = digest_text(source)[3:15]
        marks = {number: f"{salt}x{number}x" for number in numbers}
        messages = [{"role": role, "content": "\n\n".join(marks[number] for number in group)} for role, group in turns]
        request = {
            "source": source,
            "messages": messages,
            "enable_thinking": thinking,
            "add_generation_prompt": True,
            **self._tokens,
        }
        answer = _render_apart(request, self._time_limit_s)
        if "text" not in answer:
            return None, f"the chat template failed: {answer.get('error', 'no reason given')}"
        shape = _cut(str(answer["text"]), marks)
        missing = set(numbers) - {part for part in shape if isinstance(part, int)}
        if missing:
            return None, "the chat template leaves out or changes what the messages say"
        if sum(isinstance(part, int) for part in shape) > _MOST_REPEATS * len(numbers):
            return None, "the chat template repeats what the messages say"
        return shape, ""


def render_here(request: Mapping[str, Any]) -> dict[str, str]:
    """Render in this process; meant for the process that `ChatTemplate` starts. Gives `text` or `error`."""
    from jinja2 import TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.globals["raise_exception"] = _raise_exception
    environment.globals["strftime_now"] = _strftime_now
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": False}
    try:
        template = environment.from_string(str(request["source"]))
        context = {key: value for key, value in request.items() if key != "source"}
        text = template.render(**context)
    except (
        TemplateError,
        TypeError,
        ValueError,
        ArithmeticError,
        LookupError,
        AttributeError,
        RecursionError,
    ) as error:
        return {"error": f"{type(error).__name__}: {error}"[:500]}
    except MemoryError:
        return {"error": "it takes too much memory"}
    if len(text) > _MAX_OUTPUT_CHARS:
        return {"error": f"it gives {len(text)} characters"}
    return {"text": text}


def main() -> None:
    """Serve one request: JSON on standard input, JSON on standard output, within `MEMORY_BYTES`."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (int(TIME_LIMIT_S) + 2, int(TIME_LIMIT_S) + 2))
    sys.stdout.write(json.dumps(render_here(json.load(sys.stdin))))


def _render_apart(request: Mapping[str, Any], time_limit_s: float) -> dict[str, Any]:
    package_root = str(Path(__file__).resolve().parents[3])
    start = f"import sys; sys.path.insert(0, {package_root!r}); from vaultc.model.process.template import main; main()"
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and code; the template is data
            [sys.executable, "-P", "-c", start],
            input=canonical_json(request).encode("utf-8", "replace"),
            capture_output=True,
            timeout=time_limit_s,
            check=False,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        raise ModelError(f"the model's chat template ran longer than {time_limit_s:g} s and was stopped") from None
    except OSError as error:
        raise ModelError(f"the chat template's process cannot be started: {error}") from error
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return {"error": f"its process ended with code {done.returncode}"}
    return answer if isinstance(answer, dict) else {"error": "its process gave no answer"}


def _raise_exception(message: object) -> str:
    from jinja2 import TemplateError

    raise TemplateError(str(message))


def _strftime_now(form: str) -> str:
    return datetime.now(UTC).astimezone().strftime(form)


def _merged(turns: list[tuple[str, list[int]]]) -> list[tuple[str, list[int]]]:
    """Give the turns for templates that know no system turn and no two turns of one role in a row."""
    merged: list[tuple[str, list[int]]] = []
    for role, group in turns:
        known = "assistant" if role == "assistant" else "user"
        if merged and merged[-1][0] == known:
            merged[-1][1].extend(group)
        else:
            merged.append((known, list(group)))
    return merged


def _cut(text: str, marks: Mapping[int, str]) -> _Shape:
    parts: list[str | int] = []
    rest = text
    places = sorted((at, number, mark) for number, mark in marks.items() for at in _all_places(text, mark))
    done = 0
    for at, number, mark in places:
        parts += [text[done:at], number]
        done = at + len(mark)
    rest = text[done:]
    return (*parts, rest)


def _shared_parts(parts: Sequence[str | int], shared: int) -> int:
    """Give how many parts there are up to the last of the first `shared` messages, 0 where others come between."""
    ends = [at for at, part in enumerate(parts, start=1) if isinstance(part, int) and part < shared]
    if not ends:
        return 0
    before = {part for part in parts[: ends[-1]] if isinstance(part, int)}
    return ends[-1] if before == set(range(shared)) else 0


def _all_places(text: str, mark: str) -> list[int]:
    places = []
    at = text.find(mark)
    while at >= 0:
        places.append(at)
        at = text.find(mark, at + len(mark))
    return places


def _opens_thinking(segments: Sequence[PromptSegment]) -> bool:
    return _ends_in(segments, OPEN)


def _ends_in(segments: Sequence[PromptSegment], text: str) -> bool:
    last = segments[-1] if segments else PromptSegment("", is_template=False)
    return last.is_template and last.text.rstrip().endswith(text)

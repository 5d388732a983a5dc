"""Models that answer from a script: for tests, dry runs and demonstrations.

`ChatScript` answers from a mapping or a function, `FolderScript` from a folder of readable files: an expert
script, matched by task and target and not by order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vaultc.core.digest import Digest, digest_bytes, digest_json
from vaultc.core.errors import ModelError
from vaultc.disk.read import read_file
from vaultc.model.choice import MAX_OPTIONS, letters_for
from vaultc.model.protocols import Choice, Generation, ModelSpec, Prompt, Sampling
from vaultc.model.thinking import split_thinking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

Answer = str | Generation
CONTEXT_TOKENS = 131_072
PARAMETERS = 10**12
NO_TARGET = "_"
"""File name, without its ending, of the answer to a call that has no target."""

_WORD = re.compile(r"\w+|[^\w\s]")
_PIECE = re.compile(r"\s*\S+|\s+")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_DEFAULT = Sampling()


@dataclass(frozen=True, slots=True)
class Call:
    """One call that a script answered."""

    prompt: Prompt
    answer: str
    sampling: Sampling = _DEFAULT
    schema: Mapping[str, Any] | None = None
    options: tuple[str, ...] = ()


class _Script:
    """What all scripts share: counting, streaming, choosing, the list of calls."""

    def __init__(self, name: str, digest: Digest, context_tokens: int, path: str = "") -> None:
        self.calls: list[Call] = []
        # A script reads nothing, so nothing of a long prompt is lost on it.
        self._spec = ModelSpec(name, digest, PARAMETERS, context_tokens, path, "script", window_tokens=context_tokens)

    @property
    def spec(self) -> ModelSpec:
        """Which script it is."""
        return self._spec

    def count(self, text: str) -> int:
        """Give the number of words and signs of `text`: near enough for budgets."""
        return len(_WORD.findall(text))

    def generate(
        self,
        prompt: Prompt,
        sampling: Sampling = _DEFAULT,
        *,
        schema: Mapping[str, Any] | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> Generation:
        """Give the script's answer. Raises ModelError where it has none."""
        answer = self._answer(prompt)
        if isinstance(answer, str):
            thinking, text = split_thinking(answer)
            read = sum(self.count(message.content) for message in prompt.messages)
            answer = Generation(text, thinking, prompt_tokens=read, tokens=self.count(answer))
        self.calls.append(Call(prompt, answer.text, sampling, schema))
        if on_text is not None:
            for piece in _PIECE.findall(answer.text):
                on_text(piece)
        return answer

    def stream(self, prompt: Prompt, sampling: Sampling = _DEFAULT) -> Iterator[str]:
        """Give the script's answer word by word."""
        yield from _PIECE.findall(self.generate(prompt, sampling).text)

    def choose(self, prompt: Prompt, options: Sequence[str]) -> Choice:
        """Give the option whose text, letter (A, B, ...) or index (from 0) the script's answer is."""
        letters_for(options)
        answer = self._answer(prompt)
        text = answer if isinstance(answer, str) else answer.text
        index = _option_index(split_thinking(text)[1], options)
        if index is None:
            said = text.strip()[:80]
            raise ModelError(f'the answer "{said}" to {_call_name(prompt)} is none of the {len(options)} options')
        self.calls.append(Call(prompt, text, options=tuple(options)))
        return Choice(index, tuple(float(at == index) for at in range(len(options))))

    def close(self) -> None:
        """Do nothing: a script holds nothing."""

    def _answer(self, prompt: Prompt) -> Answer:
        raise NotImplementedError


class ChatScript(_Script):
    """Answers from a mapping (`task/target`, else `task`) or a function of the prompt."""

    def __init__(
        self,
        answers: Mapping[str, Answer] | Callable[[Prompt], Answer],
        *,
        name: str = "script",
        context_tokens: int = CONTEXT_TOKENS,
    ) -> None:
        said = {key: str(value) for key, value in answers.items()} if isinstance(answers, Mapping) else name
        super().__init__(name, digest_json(said), context_tokens)
        self._answers = answers
        self._used: set[str] = set()

    def unused(self) -> tuple[str, ...]:
        """Give the keys of answers that nothing asked for."""
        keys = self._answers if isinstance(self._answers, Mapping) else ()
        return tuple(sorted(set(keys) - self._used))

    def _answer(self, prompt: Prompt) -> Answer:
        if not isinstance(self._answers, Mapping):
            return self._answers(prompt)
        for key in (f"{prompt.task}/{prompt.target}", prompt.task):
            if key in self._answers:
                self._used.add(key)
                return self._answers[key]
        raise ModelError(f"the script has no answer to {_call_name(prompt)}")


class FolderScript(_Script):
    """Answers from `<folder>/<task>/<target>.md`; in names, what is not `A-Za-z0-9._-` becomes `-`.

    The file's body is the answer, verbatim; `<think>…</think>` at its start is the thinking. A call without a
    target is answered by `<folder>/<task>/_.md`.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise ModelError(f"no folder of scripted answers at {folder}")
        self._folder = folder
        self._targets: dict[Path, str] = {}
        contents = [(path.relative_to(folder).as_posix(), digest_bytes(_read(path))) for path in _files(folder)]
        super().__init__(folder.name, digest_json(contents), CONTEXT_TOKENS, str(folder))

    def unused(self) -> tuple[str, ...]:
        """Give the files, relative to the folder, that nothing asked for."""
        rest = (path for path in _files(self._folder) if path not in self._targets)
        return tuple(path.relative_to(self._folder).as_posix() for path in rest)

    def path_of(self, task: str, target: str) -> Path:
        """Give where the answer to `task` about `target` must stand."""
        return self._folder / safe_name(task) / f"{safe_name(target)}.md"

    def _answer(self, prompt: Prompt) -> Answer:
        path = self.path_of(prompt.task, prompt.target)
        if self._targets.setdefault(path, prompt.target) != prompt.target:
            raise ModelError(f'"{self._targets[path]}" and "{prompt.target}" would both be answered by {path}')
        try:
            return read_file(path).decode("utf-8")
        except FileNotFoundError:
            del self._targets[path]
            raise ModelError(f"the script has no answer to {_call_name(prompt)}; it would stand in {path}") from None
        except (OSError, UnicodeDecodeError) as error:
            raise ModelError(f"cannot read the scripted answer {path}: {error}") from error


def safe_name(text: str) -> str:
    """Give `text` as a file name of `A-Za-z0-9._-`, never hidden and never empty."""
    name = _UNSAFE.sub("-", text).lstrip(".")
    return name or NO_TARGET


def _read(path: Path) -> bytes:
    try:
        return read_file(path)
    except OSError as error:
        raise ModelError(f"cannot read the scripted answer {path}: {error.strerror or error}") from error


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*/*.md") if path.is_file())


def _call_name(prompt: Prompt) -> str:
    return f'task "{prompt.task}"' + (f', target "{prompt.target}"' if prompt.target else "")


def _option_index(answer: str, options: Sequence[str]) -> int | None:
    said = answer.strip().rstrip(".)").casefold()
    for index, option in enumerate(options):
        if answer.strip().casefold() == option.strip().casefold():
            return index
    if len(said) == 1 and "a" <= said <= "z":
        index = ord(said) - ord("a")
    elif said.isascii() and said.isdigit() and len(said) <= len(str(MAX_OPTIONS)):
        index = int(said)
    else:
        return None
    return index if index < len(options) else None

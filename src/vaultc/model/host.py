"""`LlamaHost`: a GGUF in a process of its own, as a ChatModel. The death of that process is an error message.

The process starts with the first call and not before, so that a run that asks nothing loads nothing. After its
death the next call starts it anew.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, cast

from vaultc.core.errors import ModelError
from vaultc.core.event import Progress, Report, silent
from vaultc.model.gguf import Header, read_header
from vaultc.model.process import ModelProcess
from vaultc.model.prompt import load_prompt
from vaultc.model.protocols import Choice, Generation, Message, ModelSpec, Prompt, Sampling
from vaultc.model.spec import digest_of_file
from vaultc.model.template import ChatTemplate, Rendered
from vaultc.model.thinking import OPEN
from vaultc.model.tokens import TokenCounter, counter_for

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, MutableMapping, Sequence
    from pathlib import Path

    from vaultc.model.pipe import Frame

DEFAULT_CONTEXT_TOKENS = 8192
MAX_OPTIONS = 26
_MAX_OPTION_CHARS = 2000
_DEFAULT = Sampling()


@dataclass(frozen=True, slots=True)
class LlamaSettings:
    """How a GGUF is opened.

    `gpu_layers`: -1 all, None all where this build can use a GPU and none where it cannot. `context_tokens`: None is
    the model's own, but at most 8192. `type_k`, `type_v`: type of the KV cache. `flash_attn`: None leaves it to
    llama.cpp. `silence_s`: how long nothing at all may come from the process.
    """

    gpu_layers: int | None = None
    context_tokens: int | None = None
    threads: int | None = None
    batch_tokens: int = 512
    type_k: str = "f16"
    type_v: str = "f16"
    flash_attn: bool | None = None
    silence_s: float = 900.0


class LlamaHost:
    """A model of llama.cpp in a child process."""

    def __init__(
        self,
        path: Path,
        settings: LlamaSettings | None = None,
        *,
        report: Report = silent,
        digests: MutableMapping[str, str] | None = None,
    ) -> None:
        """Read the header of the GGUF at `path`; nothing is loaded yet.

        Args:
            path: the file.
            settings: how it is opened.
            report: receives the progress of loading and of long prompts.
            digests: where digests of files are kept between runs.

        Raises:
            ModelError: the file is missing, cut off or no GGUF.
        """
        self._settings = settings or LlamaSettings()
        self._header = read_header(path)
        self._report = report
        self._template: ChatTemplate | None = None
        self._counter: TokenCounter | None = None
        self._counter_sought = False
        self._process: ModelProcess | None = None
        self._busy_in: int | None = None
        self._lock = threading.Lock()
        self.notes: list[str] = []
        self._spec = _spec_of(self._header, self._settings, digests if digests is not None else {})

    @property
    def spec(self) -> ModelSpec:
        """Which model it is; its settings are those that change what it answers."""
        return self._spec

    @property
    def process_id(self) -> int | None:
        """Id of the process that holds the model; None while none does."""
        return self._process.process_id if self._process is not None else None

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines of llama.cpp's log."""
        return self._process.log() if self._process is not None else ()

    def load(self) -> None:
        """Load the model now. Raises ModelError."""
        with self._turn():
            self._started()

    def count(self, text: str) -> int:
        """Number of tokens of `text`, control tokens off; needs the loaded model only for unknown vocabularies."""
        if not self._counter_sought:
            self._counter = counter_for(self._header)
            self._counter_sought = True
        return self._counter.count(text) if self._counter is not None else len(self.tokenize(text))

    def tokenize(self, text: str) -> tuple[int, ...]:
        """Give the tokens of `text` as llama.cpp cuts it, control tokens off. Raises ModelError."""
        with self._turn():
            return tuple(self._last({"op": "tokens", "text": text})["tokens"])

    def generate(
        self,
        prompt: Prompt,
        sampling: Sampling = _DEFAULT,
        *,
        schema: Mapping[str, Any] | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> Generation:
        """Answer `prompt`. Raises ModelError; an interrupt stops the model within half a second."""
        started = time.monotonic()
        thinking: list[str] = []
        text: list[str] = []
        done: Frame = {}
        with self._turn(), contextlib.closing(self._answer(self._request(prompt, sampling, schema))) as frames:
            for frame in frames:
                done = frame.get("done", done)
                channel, piece = frame.get("piece", ("", ""))
                (thinking if channel == "thinking" else text).append(piece)
                if channel == "text" and on_text is not None:
                    on_text(piece)
        return Generation(
            "".join(text),
            "".join(thinking).strip(),
            prompt_tokens=done["prompt_tokens"],
            tokens=done["tokens"],
            finish=done["finish"],
            seconds=time.monotonic() - started,
        )

    def stream(self, prompt: Prompt, sampling: Sampling = _DEFAULT) -> Iterator[str]:
        """Answer `prompt` piece by piece, without the thinking; closing the iterator stops the model."""
        with self._turn(), contextlib.closing(self._answer(self._request(prompt, sampling, None))) as frames:
            for frame in frames:
                channel, piece = frame.get("piece", ("", ""))
                if channel == "text":
                    yield piece

    def choose(self, prompt: Prompt, options: Sequence[str]) -> Choice:
        """Choose among 2 to 26 options, which are put behind the prompt under letters. One evaluation."""
        if not 2 <= len(options) <= MAX_OPTIONS:
            raise ModelError(f"a choice needs 2 to {MAX_OPTIONS} options, not {len(options)}")
        letters = [chr(ord("A") + number) for number in range(len(options))]
        with self._turn():
            rendered = self._render(_with_options(prompt, letters, options), thinking=False)
            request = {"op": "choose", "segments": _segments(rendered), "letters": letters}
            scores = tuple(float(score) for score in self._last(request)["scores"])
        return Choice(max(range(len(scores)), key=scores.__getitem__), scores)

    def close(self) -> None:
        """End the process; its memory is free when this returns."""
        process, self._process = self._process, None
        if process is not None:
            process.close()

    def __enter__(self) -> LlamaHost:
        """Give the host itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """Hold the model for one call: it answers one at a time."""
        if self._busy_in == threading.get_ident():
            raise ModelError("the model is answering: finish or close that stream first")
        with self._lock:
            self._busy_in = threading.get_ident()
            try:
                yield
            finally:
                self._busy_in = None

    def _started(self) -> ModelProcess:
        if self._process is not None and self._process.is_alive:
            return self._process
        if self._process is not None:
            self._process.close()
        process = self._process = ModelProcess(self._settings.silence_s)
        process.send({"op": "load", "settings": _child_settings(self._header, self._settings, self._spec)})
        try:
            loaded = self._watch(process, "load model")
        except BaseException:
            self.close()
            raise
        self._template = ChatTemplate(self._header.chat_template, bos=loaded["bos"], eos=loaded["eos"])
        return process

    def _watch(self, process: ModelProcess, task: str) -> Frame:
        for frame in process.frames():
            if "progress" in frame:
                done, total = frame["progress"]
                self._report(Progress(task, done, total, self._spec.name))
            if "done" in frame:
                return cast("Frame", frame["done"])
        raise AssertionError("unreachable: frames end with `done` or raise")

    def _last(self, request: Frame) -> Frame:
        process = self._started()
        process.send(request)
        with process.stopping():
            return self._watch(process, "read prompt")

    def _answer(self, request: Callable[[], Frame]) -> Generator[Frame, None, None]:
        process = self._started()
        process.send(request())
        with process.stopping():
            for frame in process.frames():
                if "progress" in frame:
                    done, total = frame["progress"]
                    self._report(Progress("read prompt", done, total, self._spec.name))
                else:
                    yield frame

    def _request(self, prompt: Prompt, sampling: Sampling, schema: Mapping[str, Any] | None) -> Callable[[], Frame]:
        def build() -> Frame:
            rendered = self._render(prompt, thinking=sampling.thinking)
            segments, inside = _segments(rendered), rendered.opens_thinking
            if schema is not None and sampling.thinking and not inside and self._is_hybrid():
                # The grammar would forbid the model to open its thinking by itself.
                segments.append([f"{OPEN}\n", True])
                inside = True
            return {
                "op": "generate",
                "segments": segments,
                "inside_thinking": inside,
                "sampling": {**asdict(sampling), "stop": list(sampling.stop)},
                "schema": schema,
            }

        return build

    def _render(self, prompt: Prompt, *, thinking: bool) -> Rendered:
        self._started()
        assert self._template is not None
        rendered = self._template.render(prompt.messages, thinking=thinking)
        if rendered.note and rendered.note not in self.notes:
            self.notes.append(rendered.note)
        return rendered

    def _is_hybrid(self) -> bool:
        return self._template is not None and self._template.is_hybrid


def _spec_of(header: Header, settings: LlamaSettings, digests: MutableMapping[str, str]) -> ModelSpec:
    longest = header.context_length
    asked = settings.context_tokens or min(longest or DEFAULT_CONTEXT_TOKENS, DEFAULT_CONTEXT_TOKENS)
    context = min(asked, longest) if longest else asked
    told = {
        "gpu_layers": settings.gpu_layers,
        "type_k": settings.type_k,
        "type_v": settings.type_v,
        "flash_attn": settings.flash_attn,
    }
    return ModelSpec(
        header.name,
        digest_of_file(header.path, digests),
        header.parameters,
        context,
        str(header.path),
        header.architecture,
        told,
    )


def _child_settings(header: Header, settings: LlamaSettings, spec: ModelSpec) -> Frame:
    threads = settings.threads or len(os.sched_getaffinity(0))
    return {**asdict(settings), "path": str(header.path), "threads": threads, "context_tokens": spec.context_tokens}


def _segments(rendered: Rendered) -> list[list[Any]]:
    return [[segment.text, segment.is_template] for segment in rendered.segments]


def _with_options(prompt: Prompt, letters: Sequence[str], options: Sequence[str]) -> Prompt:
    shown = "\n".join(
        f"{letter}) {' '.join(option.split())[:_MAX_OPTION_CHARS]}"
        for letter, option in zip(letters, options, strict=True)
    )
    turn = load_prompt("choose").fill(prompt.task, prompt.target, options=shown).messages[-1]
    before = prompt.messages
    if before and before[-1].role == "user":
        turn = Message("user", f"{before[-1].content}\n\n{turn.content}")
        before = before[:-1]
    return Prompt((*before, turn), prompt.task, prompt.target, prompt.digest)

"""`LlamaHost`: a GGUF in a process of its own, as a ChatModel. The death of that process is an error message.

The process starts with the first call and not before, so that a run that asks nothing loads nothing. After its
death the next call starts it anew.
"""

from __future__ import annotations

import contextlib
import copy
import time
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from vaultc.core.event import Report, silent
from vaultc.model.choice import letters_for, with_options
from vaultc.model.file.adapters import check_loras
from vaultc.model.file.gguf import Header, read_header
from vaultc.model.file.spec import digest_of_file
from vaultc.model.fit.llama_settings import LlamaSettings
from vaultc.model.process.resident import Resident
from vaultc.model.protocols import Choice, Generation, ModelSpec, Prompt, Sampling
from vaultc.model.thinking import OPEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
    from pathlib import Path

    from vaultc.model.file.adapters import CheckedLora, Lora
    from vaultc.model.fit.schedule import Schedule, Tenant
    from vaultc.model.process.pipe import Frame
    from vaultc.model.process.prefix import KeptState, PrefixStore
    from vaultc.model.process.template import Rendered

DEFAULT_CONTEXT_TOKENS = 8192
_DEFAULT = Sampling()


def _ignore(_: str) -> None:
    """Do nothing."""


class LlamaHost:
    """A model of llama.cpp in a child process, with the adapters that belong to a role."""

    def __init__(
        self,
        path: Path,
        settings: LlamaSettings | None = None,
        *,
        report: Report = silent,
        digests: MutableMapping[str, str] | None = None,
        loras: Sequence[Lora] = (),
        prefixes: PrefixStore | None = None,
        on_note: Callable[[str], None] = _ignore,
        schedule: Schedule | None = None,
        header: Header | None = None,
    ) -> None:
        """Read the header of the GGUF at `path`; nothing is loaded yet.

        Args:
            path: the file.
            settings: how it is opened.
            report: receives the progress of loading and of long prompts.
            digests: where digests of files are kept between runs.
            loras: adapters that its answers are given with.
            prefixes: where states of what prompts share are kept between runs; None keeps none.
            on_note: is told what was done otherwise than asked.
            schedule: says which other model goes when this one is loaded.
            header: that of the file, where it was read already.

        Raises:
            ModelError: the file is missing, cut off or no GGUF, an adapter is not for it, or the settings cannot be.
        """
        used = (settings or LlamaSettings()).checked()
        header = header or read_header(path)
        self._digests = digests if digests is not None else {}
        self._loras = check_loras(header, loras, self._digests)
        plain = _spec_of(header, used, self._digests)
        self._plain_spec = plain
        self._spec = _adapted(plain, self._loras)
        self._resident = Resident(header, used, plain, report, prefixes, on_note, schedule)
        self._owns = True

    @property
    def tenant(self) -> Tenant:
        """What a schedule knows of it; hosts made by `with_adapters` have the same."""
        return self._resident

    def with_adapters(self, loras: Sequence[Lora]) -> LlamaHost:
        """Give the same loaded model with these adapters instead, for another role; closing that closes nothing.

        Raises ModelError where an adapter is not for this model.
        """
        other = copy.copy(self)
        other._loras = check_loras(self._resident.header, loras, self._digests)
        other._spec = _adapted(self._plain_spec, other._loras)
        other._owns = False
        return other

    @property
    def spec(self) -> ModelSpec:
        """Which model it is; its settings are those that change what it answers."""
        return self._spec

    @property
    def process_id(self) -> int | None:
        """Id of the process that holds the model; None while none does."""
        return self._resident.process_id

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines of llama.cpp's log."""
        return self._resident.log

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done otherwise than asked."""
        return tuple(self._resident.notes)

    def load(self) -> None:
        """Load the model now. Raises ModelError."""
        with self._resident.turn():
            self._resident.started()

    def count(self, text: str) -> int:
        """Number of tokens of `text`, control tokens off; needs the loaded model only for unknown vocabularies."""
        counter = self._resident.counter
        return counter.count(text) if counter is not None else len(self.tokenize(text))

    def tokenize(self, text: str) -> tuple[int, ...]:
        """Give the tokens of `text` as llama.cpp cuts it, control tokens off. Raises ModelError."""
        with self._resident.turn():
            return tuple(self._resident.last({"op": "tokens", "text": text})["tokens"])

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
        with self._answer(prompt, sampling, schema) as frames:
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
        with self._answer(prompt, sampling, None) as frames:
            for frame in frames:
                channel, piece = frame.get("piece", ("", ""))
                if channel == "text":
                    yield piece

    def choose(self, prompt: Prompt, options: Sequence[str]) -> Choice:
        """Choose among 2 to 26 options, which are put behind the prompt under letters. One evaluation."""
        letters = letters_for(options)
        asked = with_options(prompt, letters, options)
        with self._resident.turn():
            request = self._request(asked, thinking=False)
            self._resident.prepare(request, prompt.task)
            done = self._resident.last({**request, "op": "choose", "letters": list(letters)})
        scores = tuple(float(score) for score in done["scores"])
        return Choice(max(range(len(scores)), key=scores.__getitem__), scores)

    @property
    def not_kept(self) -> tuple[str, ...]:
        """Why what `prime` evaluated is not on disk, for each prompt of which that is so."""
        return self._resident.not_kept

    def prime(self, prompt: Prompt) -> KeptState | None:
        """Evaluate what `prompt` shares with others of its task, and keep it; give what is kept. Raises ModelError."""
        with self._resident.turn():
            return self._resident.prepare(self._request(prompt, thinking=False), prompt.task)

    def close(self) -> None:
        """End the process; its memory is free when this returns. A host made by `with_adapters` ends nothing."""
        if self._owns:
            self._resident.close()

    def __enter__(self) -> LlamaHost:
        """Give the host itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    @contextlib.contextmanager
    def _answer(
        self, prompt: Prompt, sampling: Sampling, schema: Mapping[str, Any] | None
    ) -> Iterator[Iterator[Frame]]:
        with self._resident.turn():
            request = self._request(prompt, thinking=sampling.thinking)
            self._resident.prepare(request, prompt.task)
            if schema is not None and sampling.thinking and self._opens_itself(request):
                # The grammar would forbid the model to open its thinking by itself.
                request["segments"].append([f"{OPEN}\n", True])
                request["inside_thinking"] = True
            told = {"sampling": {**asdict(sampling), "stop": list(sampling.stop)}, "schema": schema}
            with contextlib.closing(self._resident.answer({**request, "op": "generate", **told})) as frames:
                yield frames

    def _opens_itself(self, request: Frame) -> bool:
        return not request["inside_thinking"] and self._resident.template.is_hybrid

    def _request(self, prompt: Prompt, *, thinking: bool) -> Frame:
        rendered = self._resident.template.render(prompt.messages, thinking=thinking, shared=prompt.shared)
        if rendered.note:
            self._resident.note(rendered.note)
        return {
            "segments": _segments(rendered),
            "shared": rendered.shared,
            "inside_thinking": rendered.opens_thinking,
            "loras": [[str(lora.path), lora.scale, lora.digest] for lora in self._loras],
        }


def _spec_of(header: Header, settings: LlamaSettings, digests: MutableMapping[str, str]) -> ModelSpec:
    longest = header.context_length
    asked = settings.context_tokens or min(longest or DEFAULT_CONTEXT_TOKENS, DEFAULT_CONTEXT_TOKENS)
    context = min(asked, longest) if longest else asked
    told: dict[str, Any] = {
        "gpu_layers": settings.gpu_layers,
        "type_k": settings.type_k,
        "type_v": settings.type_v,
        "flash_attn": settings.flash_attn,
    }
    if settings.in_ram:
        told["in_ram"] = list(settings.in_ram)
    return ModelSpec(
        header.name,
        digest_of_file(header.path, digests),
        header.parameters,
        context,
        str(header.path),
        header.architecture,
        told,
    )


def _adapted(spec: ModelSpec, loras: Sequence[CheckedLora]) -> ModelSpec:
    if not loras:
        return spec
    told = [[lora.digest, lora.scale] for lora in loras]
    return replace(spec, settings={**spec.settings, "loras": told})


def _segments(rendered: Rendered) -> list[list[Any]]:
    return [[segment.text, segment.is_template] for segment in rendered.segments]

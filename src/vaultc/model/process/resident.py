"""A GGUF in a process of its own: started with the first call, started anew after its death, one call at a time.

`LlamaHost` is what the rest of vaultc sees of it; several hosts, each with other adapters, may share one.
"""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, cast

from vaultc.core.digest import digest_json
from vaultc.core.errors import ModelError, VaultError
from vaultc.core.event import Progress, Report
from vaultc.model.file.tokens import TokenCounter, counter_for
from vaultc.model.process.parent import ModelProcess
from vaultc.model.process.template import ChatTemplate

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from vaultc.model.file.gguf import Header
    from vaultc.model.fit.llama_settings import LlamaSettings
    from vaultc.model.fit.schedule import Schedule
    from vaultc.model.process.pipe import Frame
    from vaultc.model.process.prefix import KeptState, PrefixStore
    from vaultc.model.protocols import ModelSpec

_LEAST_PREFIX_CHARS = 300
"""A shorter beginning is read again faster than a file is opened."""
# What changes how fast a model answers, but not the state of a text.
_NOT_IN_STATE = frozenset({"threads", "silence_s", "use_mmap", "context_tokens"})


class Resident:
    """The process of one model, and what is known of the model beside it."""

    def __init__(
        self,
        header: Header,
        settings: LlamaSettings,
        spec: ModelSpec,
        report: Report,
        prefixes: PrefixStore | None,
        on_note: Callable[[str], None],
        schedule: Schedule | None = None,
    ) -> None:
        self.header = header
        self.notes: list[str] = []
        self._settings = settings
        self._spec = spec
        self._report = report
        self._prefixes = prefixes
        self._on_note = on_note
        self._schedule = schedule
        self._template: ChatTemplate | None = None
        self._counter: TokenCounter | None = None
        self._counter_sought = False
        self._process: ModelProcess | None = None
        self._library = ""
        self._not_kept: dict[str, str] = {}
        self._busy_in: int | None = None
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The model's name."""
        return self._spec.name

    @property
    def is_loaded(self) -> bool:
        """Whether a living process holds the model."""
        return self._process is not None and self._process.is_alive

    @property
    def process_id(self) -> int | None:
        """Id of the process; None while none holds the model."""
        return self._process.process_id if self._process is not None else None

    @property
    def not_kept(self) -> tuple[str, ...]:
        """Why states that should be on disk are not, each of them once."""
        return tuple(self._not_kept.values())

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines of llama.cpp's log."""
        return self._process.log() if self._process is not None else ()

    @property
    def counter(self) -> TokenCounter | None:
        """Counts tokens without the model; None for a vocabulary that only the model itself can count."""
        if not self._counter_sought:
            self._counter = counter_for(self.header)
            self._counter_sought = True
        return self._counter

    @property
    def template(self) -> ChatTemplate:
        """The model's chat template; loads the model where it is not loaded."""
        self.started()
        assert self._template is not None
        return self._template

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the model for one call: it answers one at a time."""
        if self._busy_in == threading.get_ident():
            raise ModelError("the model is answering: finish or close that stream first")
        with self._lock:
            self._busy_in = threading.get_ident()
            try:
                yield
            finally:
                self._busy_in = None

    def started(self) -> ModelProcess:
        """Give the process with the model loaded. Raises ModelError; an interrupt ends a load at once."""
        if self._process is not None:
            self._process.settle()
            if self._process.is_alive:
                return self._process
            self._process.close()
        if self._schedule is not None:
            self._schedule.admit(self)
        process = self._process = ModelProcess(self._settings.silence_s)
        try:
            process.send({"op": "load", "settings": self._child_settings()})
            loaded = self._watch(process, "load model")
        except BaseException:  # an interrupt, too, must leave no half-loaded process
            self.close()
            raise
        self._library = str(loaded["library"])
        self._template = ChatTemplate(self.header.chat_template, bos=loaded["bos"], eos=loaded["eos"])
        return process

    def last(self, request: Frame) -> Frame:
        """Send `request` and give the end of its answer. Raises ModelError."""
        process = self.started()
        process.send(request)
        with process.stopping():
            return self._watch(process, "read prompt")

    def answer(self, request: Frame) -> Generator[Frame, None, None]:
        """Send `request` and give the frames of its answer; closing the generator stops the model."""
        process = self.started()
        process.send(request)
        with process.stopping():
            for frame in process.frames():
                if "progress" in frame:
                    self._show("read prompt", frame)
                else:
                    yield frame

    def prepare(self, request: Frame, task: str) -> KeptState | None:
        """See to it that the shared beginning of `request` need not be evaluated again, now or in a later process.

        Gives the state that is on disk after it, None where none is kept. It is only a matter of time: what goes
        wrong with a state is noted, and the request is answered without it.
        """
        part = {**request, "segments": request["segments"][: request["shared"]], "shared": 0}
        if self._prefixes is None or sum(len(text) for text, _ in part["segments"]) < _LEAST_PREFIX_CHARS:
            return None
        self.started()
        key = self._key(part)
        path = self._prefixes.find(key)
        if path is None:
            return None if key in self._not_kept else self._remember(self._prefixes, key, part, task)
        refused = self._restore(part, str(path))
        if refused:
            self._prefixes.discard(key)
            self.note(f"a kept prefix was thrown away: {refused}")
            return None
        return self._prefixes.read(key)

    def close(self) -> None:
        """End the process; its memory is free when this returns."""
        process, self._process = self._process, None
        if process is not None:
            process.close()

    def let_go(self) -> None:
        """Free its memory for another model; the next call loads it again."""
        with self.turn():
            self.close()

    def note(self, text: str) -> None:
        """Keep what a person may want to know of this model; once each."""
        if text not in self.notes:
            self.notes.append(text)
            self._on_note(text)

    def _restore(self, part: Frame, path: str) -> str:
        try:
            return str(self.last({**part, "op": "restore", "path": path})["refused"])
        except ModelError as error:
            return error.message

    def _remember(self, store: PrefixStore, key: str, part: Frame, task: str) -> KeptState | None:
        if not store.is_open:
            return None
        done = self.last({**part, "op": "evaluate"})
        if not store.fits(int(done["bytes"])):
            self._not_kept[key] = f"no room to keep a prefix of {int(done['bytes']) / 1e6:.0f} MB"
            self.note(self._not_kept[key])
            return None
        try:
            return store.keep(
                key,
                int(done["tokens"]),
                self._spec.name,
                task,
                self._write_state,
            )
        except (ModelError, VaultError) as error:
            self._not_kept[key] = f"a prefix could not be kept: {error.message}"
            self.note(self._not_kept[key])
            return None

    def _write_state(self, path: Path) -> None:
        written = int(self.last({"op": "save", "path": str(path)})["bytes"])
        if path.stat().st_size != written:
            raise ModelError(f"of its {written} bytes {path.stat().st_size} were written")

    def _key(self, part: Frame) -> str:
        used = {name: value for name, value in asdict(self._settings).items() if name not in _NOT_IN_STATE}
        hangs_on = {
            "model": self._spec.digest,
            "library": self._library,
            "settings": used,
            "context_tokens": self._spec.context_tokens,  # some models turn positions otherwise in long contexts
            "loras": [[digest, scale] for _, scale, digest in part["loras"]],
            "segments": part["segments"],
        }
        return digest_json(hangs_on).removeprefix("b2:")

    def _watch(self, process: ModelProcess, task: str) -> Frame:
        for frame in process.frames():
            if "progress" in frame:
                self._show(task, frame)
            if "done" in frame:
                return cast("Frame", frame["done"])
        raise AssertionError("unreachable: frames end with `done` or raise")

    def _show(self, task: str, frame: Frame) -> None:
        done, total = frame["progress"]
        self._report(Progress(task, done, total, self._spec.name))

    def _child_settings(self) -> Frame:
        threads = self._settings.threads or len(os.sched_getaffinity(0))
        told = {"path": str(self.header.path), "threads": threads, "context_tokens": self._spec.context_tokens}
        return {**asdict(self._settings), **told}

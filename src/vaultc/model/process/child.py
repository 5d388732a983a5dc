"""The process that holds a model: reads requests, writes frames, and ends with its parent.

Run as `python -m vaultc.model.process.child`. A second thread reads standard input all the time, so that a wish to stop
and the parent's end are seen while llama.cpp computes.
"""

from __future__ import annotations

import codecs
import ctypes
import math
import os
import queue
import resource
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

from vaultc.core.errors import ModelError
from vaultc.model.process.pipe import Broken, Frame, FrameReader, write_frame
from vaultc.model.process.stops import StopFinder
from vaultc.model.thinking import (
    CHANNEL,
    CHANNEL_TAGS,
    CLOSE,
    MESSAGE,
    OPEN,
    TO_FINAL,
    ChannelSplitter,
    ThinkingSplitter,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from vaultc.model.process.engine import Engine
    from vaultc.model.process.llamacpp import Log, StopFlag
    from vaultc.model.process.pooling import PooledModel
    from vaultc.model.process.sampler import Sampler

_PR_SET_PDEATHSIG = 1


class Child:
    """Serves requests one after another with one model."""

    def __init__(self, emit: Callable[[Frame], None], stop: StopFlag, log: Log) -> None:
        self._emit = emit
        self._stop = stop
        self._log = log
        self._engine: Engine | None = None
        self._pooled: PooledModel | None = None
        self._operations: dict[str, Callable[[Frame], Frame]] = {
            "load": self._load,
            "tokens": self._tokens,
            "evaluate": self._evaluate,
            "save": self._save,
            "restore": self._restore,
            "generate": self._generate,
            "choose": self._choose,
            "embed": self._embed,
            "rerank": self._rerank,
        }

    def serve(self, request: Frame) -> None:
        """Answer one request by frames, the last of which is `done` or `error`."""
        from vaultc.model.process.llamacpp import Stopped

        try:
            done = self._operations[request["op"]](request)
        except Stopped:
            done = {"stopped": True}
        except ModelError as error:
            self._emit({"error": error.message})
            return
        self._emit({"done": done})

    def close(self) -> None:
        """Free the model."""
        for model in (self._engine, self._pooled):
            if model is not None:
                model.close()

    @property
    def _model(self) -> Engine:
        if self._engine is None:
            raise ModelError("no model is loaded")
        return self._engine

    def _load(self, request: Frame) -> Frame:
        from vaultc.model.process.engine import Engine
        from vaultc.model.process.llamacpp import VERSION

        shown = -1

        def progress(done: float) -> None:
            nonlocal shown
            if int(done * 100) > shown:
                shown = int(done * 100)
                self._emit({"progress": [shown, 100]})

        if request["settings"].get("pooling"):
            return self._load_pooled(request, progress)
        engine = self._engine = Engine(request["settings"], self._stop, self._log, progress)
        return {
            "bos": engine.bos_text,
            "eos": engine.eos_text,
            "context_tokens": engine.context_tokens,
            "offloads": engine.offloads,
            "library": VERSION,
        }

    def _load_pooled(self, request: Frame, progress: Callable[[float], None]) -> Frame:
        from vaultc.model.process.llamacpp import VERSION
        from vaultc.model.process.pooling import PooledModel

        pooled = self._pooled = PooledModel(request["settings"], self._stop, self._log, progress)
        return {"bos": "", "eos": "", "context_tokens": pooled.context_tokens, "library": VERSION}

    @property
    def _pools(self) -> PooledModel:
        if self._pooled is None:
            raise ModelError("no model that pools is loaded")
        return self._pooled

    def _embed(self, request: Frame) -> Frame:
        from vaultc.model.process.pooling import to_text

        rows = self._pools.embed(request["prefix"], request["texts"])
        return {"rows": to_text(rows), "width": rows.shape[1]}

    def _rerank(self, request: Frame) -> Frame:
        return {"scores": self._pools.rerank(request["question"], request["texts"])}

    def _tokens(self, request: Frame) -> Frame:
        if self._pooled is not None:
            return {"tokens": self._pooled.tokenize(request["text"])}
        return {"tokens": self._model.tokenize(request["text"], special=False)}

    def _evaluate(self, request: Frame) -> Frame:
        """Evaluate from nothing: what is saved must not hang on what was asked before."""
        engine, tokens, _ = self._ready(request)
        engine.forget()
        engine.evaluate(tokens, self._progress)
        return {"tokens": len(tokens), "bytes": engine.state_bytes()}

    def _save(self, request: Frame) -> Frame:
        return {"bytes": self._model.save_state(request["path"])}

    def _restore(self, request: Frame) -> Frame:
        engine, tokens, _ = self._ready(request)
        return {"tokens": len(tokens), "refused": engine.restore_state(tokens, request["path"])}

    def _generate(self, request: Frame) -> Frame:
        engine, tokens, shared = self._ready(request)
        kept = engine.evaluate(tokens, self._progress, shared=shared)
        answer = _Answer(engine, request, self._emit, self._stop)
        done = answer.run(tokens)
        return {**done, "prompt_tokens": len(tokens), "kept_tokens": kept}

    def _choose(self, request: Frame) -> Frame:
        engine, tokens, shared = self._ready(request)
        engine.evaluate(tokens, self._progress, shared=shared)
        scores = engine.logits()
        letters = [engine.tokenize(letter, special=False)[0] for letter in request["letters"]]
        if len(set(letters)) != len(letters):
            raise ModelError("the model's vocabulary has no tokens of their own for the letters of the options")
        return {"scores": _softmax([float(scores[token]) for token in letters]), "prompt_tokens": len(tokens)}

    def _ready(self, request: Frame) -> tuple[Engine, list[int], int]:
        """Give the engine, adapted as asked, the prompt's tokens, and how many of them other prompts share."""
        engine = self._model
        engine.adapt([(str(path), float(scale), str(digest)) for path, scale, digest in request["loras"]])
        tokens: list[int] = []
        shared = 0
        for number, (text, is_template) in enumerate(request["segments"], start=1):
            tokens += engine.tokenize(text, special=is_template)
            shared = len(tokens) if number == request["shared"] else shared
        bos = engine.bos()
        if engine.adds_bos and bos and tokens[:1] != bos:
            tokens = bos + tokens
            shared += len(bos) if shared else 0
        if len(tokens) >= engine.context_tokens:
            raise ModelError(f"the prompt has {len(tokens)} tokens, but the context holds {engine.context_tokens}")
        if not tokens:
            raise ModelError("the prompt is empty")
        return engine, tokens, shared

    def _progress(self, done: int, total: int) -> None:
        self._emit({"progress": [done, total]})


class _Answer:
    """One answer while it is written: tokens → bytes → text → thinking and answer → up to a stop."""

    def __init__(self, engine: Engine, request: Frame, emit: Callable[[Frame], None], stop: StopFlag) -> None:
        self._engine = engine
        self._emit = emit
        self._stop = stop
        self._sampling: Mapping[str, Any] = request["sampling"]
        self._schema = request.get("schema")
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stops = StopFinder(self._sampling["stop"])
        self._tags = {
            tokens[0]: text.encode()
            for text in (OPEN, CLOSE, *CHANNEL_TAGS)
            if len(tokens := engine.tokenize(text, special=True)) == 1
        }
        self._splitter: ThinkingSplitter | ChannelSplitter
        if {CHANNEL.encode(), MESSAGE.encode()} <= set(self._tags.values()):
            self._splitter = ChannelSplitter(inside=str(request["segments"][-1][0]).endswith(TO_FINAL))
        else:
            self._splitter = ThinkingSplitter(inside=bool(request.get("inside_thinking")))

    def run(self, prompt: Sequence[int]) -> Frame:
        """Write the answer after the evaluated `prompt` and give how it ended."""
        free, bound = self._samplers()
        count, finish = 0, "length"
        try:
            while count < self._sampling["max_tokens"]:
                sampler = free if bound is None or self._splitter.is_thinking else bound
                token = sampler.draw()
                count += 1
                if self._engine.is_end(token) or self._say(self._bytes(token)):
                    finish = "stop"
                    break
                if self._stop.is_set or self._engine.is_full:
                    break
                self._engine.append(token)
        finally:
            free.close()
            if bound is not None:
                bound.close()
        self._end(finish)
        return {"tokens": count, "finish": finish, "stopped": self._stop.is_set}

    def _samplers(self) -> tuple[Sampler, Sampler | None]:
        from vaultc.model.process.sampler import Sampler

        grammar = None if self._schema is None else self._engine.grammar(self._schema)
        bound = None if grammar is None else Sampler(self._engine, self._sampling, grammar)
        return Sampler(self._engine, self._sampling), bound

    def _bytes(self, token: int) -> bytes:
        return self._tags.get(token) or self._engine.piece(token)

    def _say(self, data: bytes) -> bool:
        """Pass on what is certain by now; tell whether a stop text has come."""
        return self._pass_on(self._splitter.feed(self._decoder.decode(data)))

    def _pass_on(self, pieces: Sequence[tuple[str, str]]) -> bool:
        for channel, text in pieces:
            if channel == "text":
                self._send(channel, self._stops.feed(text))
                if self._stops.found:
                    return True
            else:
                self._send(channel, text)
        return False

    def _end(self, finish: str) -> None:
        if self._stops.found:
            return
        tail = self._decoder.decode(b"", final=finish == "stop")
        stopped = self._pass_on([*self._splitter.feed(tail), *self._splitter.close()])
        if not stopped:
            self._send("text", self._stops.close())

    def _send(self, channel: str, text: str) -> None:
        if text:
            self._emit({"piece": [channel, text]})


def main() -> None:
    """Take over the standard streams and serve until the parent closes its end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if "--die-with-parent" in sys.argv:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    source, sink = os.dup(0), os.dup(1)
    os.dup2(2, 1)  # whatever a library prints must not end up between frames
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    lock = threading.Lock()

    def emit(frame: Frame) -> None:
        with lock:
            write_frame(sink, frame)

    emit({"progress": [0, 100]})  # importing the library takes seconds; the parent sees that we live
    from vaultc.model.process.llamacpp import Log, StopFlag

    stop = StopFlag()
    requests: queue.Queue[Frame | None] = queue.Queue()
    threading.Thread(target=_listen, args=(source, requests, stop), daemon=True).start()
    child = Child(emit, stop, Log())
    try:
        while (request := requests.get()) is not None:
            child.serve(request)
        child.close()
    except Broken:
        os._exit(0)


def _listen(source: int, requests: queue.Queue[Frame | None], stop: StopFlag) -> None:
    reader = FrameReader(source)
    while True:
        try:
            request = reader.read()
        except (Broken, OSError):
            os._exit(0)  # the parent is gone: nobody waits for what is computed
        if request["op"] == "stop":
            stop.set()
        elif request["op"] == "close":
            stop.set()
            requests.put(None)
        else:
            stop.clear()
            requests.put(request)


def _softmax(scores: Sequence[float]) -> list[float]:
    top = max(scores)
    weights = [math.exp(score - top) for score in scores]
    total = sum(weights)
    return [weight / total for weight in weights]


if __name__ == "__main__":
    main()

"""Small servers on loopback that behave as llama-server, vLLM, Ollama, LM Studio and llama-cpp-python do.

Where they differ, and where that was read, stands in docs/remote.md.
"""

from __future__ import annotations

import contextlib
import json
import math
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Kind = Literal["llama-server", "vllm", "ollama", "lm-studio", "llama-cpp-python"]
KINDS: tuple[Kind, ...] = ("llama-server", "vllm", "ollama", "lm-studio", "llama-cpp-python")
_OLLAMA_CONTEXT = 4096
_PIECE_CHARS = 3


@dataclass
class Fake:
    """What a fake server says and does; tests change it while it runs."""

    kind: Kind
    answer: Callable[[dict[str, Any]], str] = lambda _: "It is done."
    thinking: str = ""
    letters: dict[str, float] = field(default_factory=dict)
    models: tuple[str, ...] = ("Qwen3-30B-A3B:latest",)
    ignores_schema: bool = False
    failures: list[tuple[int, dict[str, str], str]] = field(default_factory=list)
    cuts_after: int | None = None
    pause_s: float = 0.0
    requests: list[tuple[str, dict[str, Any], dict[str, str]]] = field(default_factory=list)
    cancelled: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def bodies(self, path: str) -> list[dict[str, Any]]:
        return [body for asked, body, _ in self.requests if asked == path]


@contextlib.contextmanager
def serving(fake: Fake) -> Iterator[Fake]:
    """Run the server while the block does."""

    class Handler(_Handler):
        told = fake

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def tokens_in(text: str) -> list[int]:
    """Cut as a vocabulary would, four characters a token; a control token would be one."""
    return [len(text[at : at + 4]) for at in range(0, len(text), 4)]


class _Handler(BaseHTTPRequestHandler):
    told: Fake
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._note({})
        if self._fails():
            return
        if self.path == "/v1/models":
            self._json({"object": "list", "data": [self._model(name) for name in self.told.models]})
        elif self.path == "/props" and self.told.kind == "llama-server":
            self._json({"default_generation_settings": {"n_ctx": 32768}, "total_slots": 1})
        else:
            self._json({"error": "no such page"}, 404)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._note(body)
        if self._fails():
            return
        if self.path == "/tokenize" and self.told.kind == "llama-server":
            self._json({"tokens": tokens_in(body["content"])})
        elif self.path == "/tokenize" and self.told.kind == "vllm":
            tokens = tokens_in(body["prompt"])
            self._json({"count": len(tokens), "max_model_len": 40960, "tokens": tokens})
        elif self.path == "/v1/embeddings":
            self._embed(body)
        elif self.path == "/v1/chat/completions":
            self._chat(body)
        else:
            self._json({"error": "no such page"}, 404)

    def _note(self, body: dict[str, Any]) -> None:
        self.told.requests.append((self.path, body, {key.lower(): value for key, value in self.headers.items()}))

    def _fails(self) -> bool:
        if not self.told.failures:
            return False
        status, headers, body = self.told.failures.pop(0)
        self._send(status, body.encode(), {"Content-Type": "application/json", **headers})
        return True

    def _model(self, name: str) -> dict[str, Any]:
        row: dict[str, Any] = {"id": name, "object": "model"}
        match self.told.kind:
            case "llama-server":
                meta = {"n_params": 30_532_122_624, "n_ctx_train": 262_144, "size": 32_483_000_000}
                return {**row, "owned_by": "llamacpp", "created": int(time.time()), "meta": meta}
            case "vllm":
                return {**row, "owned_by": "vllm", "max_model_len": 40960}
            case "ollama":
                return {**row, "owned_by": "library"}
            case "lm-studio":
                return {**row, "owned_by": "organization_owner"}
            case _:
                return {**row, "owned_by": "me"}

    def _embed(self, body: dict[str, Any]) -> None:
        rows = [
            {"object": "embedding", "index": at, "embedding": [float(len(text)), 1.0, float(text.count("a"))]}
            for at, text in enumerate(body["input"])
        ]
        self._json({"object": "list", "data": rows[::-1], "model": body["model"]})

    def _chat(self, body: dict[str, Any]) -> None:
        form = (body.get("response_format") or {}).get("type")
        if self.told.kind == "lm-studio" and form not in {None, "text", "json_schema"}:
            self._json({"error": "'response_format.type' must be 'json_schema' or 'text'"}, 400)
            return
        text = self.told.answer(body)
        if form is not None and not self._binds(form):
            text = f"Sure! {text}"
        self._stream(body, text)

    def _binds(self, form: str) -> bool:
        wanted = "json_object" if self.told.kind == "llama-cpp-python" else "json_schema"
        return form == wanted and not self.told.ignores_schema

    def _stream(self, body: dict[str, Any], text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            for at, event in enumerate(self._events(body, text)):
                if self.told.cuts_after is not None and at >= self.told.cuts_after:
                    return
                self.wfile.write(b"data: " + json.dumps(event, ensure_ascii=False).encode() + b"\n\n")
                self.wfile.flush()
                time.sleep(self.told.pause_s)
            self.wfile.write(b": ping\n\ndata: [DONE]\n\n")
        except OSError:
            self.told.cancelled.set()

    def _events(self, body: dict[str, Any], text: str) -> Iterator[dict[str, Any]]:
        most = 4 * int(body["max_tokens"])
        thinks = self.told.thinking and not self._is_quiet(body)
        if thinks and self.told.kind == "llama-cpp-python":
            text = f"<think>{self.told.thinking}</think>\n\n{text}"
        elif thinks:
            name = "reasoning_content" if self.told.kind in {"llama-server", "lm-studio"} else "reasoning"
            yield self._chunk({"role": "assistant", "content": None, name: self.told.thinking})
        shown, is_cut = text[:most], len(text) > most
        for at in range(0, len(shown), _PIECE_CHARS):
            yield self._chunk({"content": shown[at : at + _PIECE_CHARS]}, logprobs=self._logprobs(body))
        usage = self._usage(body, shown)
        last = self._chunk({}, "length" if is_cut else "stop")
        asked = (body.get("stream_options") or {}).get("include_usage")
        if self.told.kind in {"lm-studio", "llama-cpp-python"} or not asked:
            yield last
        elif self.told.kind == "llama-server":
            yield last
            yield {**self._chunk({}), "choices": [], "usage": usage}
        else:
            yield last
            yield {"object": "chat.completion.chunk", "choices": [], "usage": usage}

    def _is_quiet(self, body: dict[str, Any]) -> bool:
        switched = (body.get("chat_template_kwargs") or {}).get("enable_thinking") is False
        if self.told.kind in {"llama-server", "vllm"}:
            return switched
        return self.told.kind in {"ollama", "lm-studio"} and body.get("reasoning_effort") == "none"

    def _chunk(
        self, delta: dict[str, Any], finish: str | None = None, *, logprobs: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": logprobs}
        return {"object": "chat.completion.chunk", "model": "m", "choices": [choice]}

    def _logprobs(self, body: dict[str, Any]) -> dict[str, Any] | None:
        if not body.get("logprobs") or self.told.kind in {"lm-studio", "llama-cpp-python"} or not self.told.letters:
            return None
        rows = [{"token": letter, "logprob": math.log(share)} for letter, share in self.told.letters.items()]
        return {"content": [{**rows[0], "top_logprobs": rows[: body["top_logprobs"]]}]}

    def _usage(self, body: dict[str, Any], text: str) -> dict[str, int]:
        read = sum(len(tokens_in(message["content"])) for message in body["messages"])
        if self.told.kind == "ollama":
            read = min(read, _OLLAMA_CONTEXT)
        return {"prompt_tokens": read + 8, "completion_tokens": len(tokens_in(text))}

    def _json(self, value: object, status: int = 200) -> None:
        self._send(status, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

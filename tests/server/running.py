"""A server that runs in a thread of the test, on a vault of its own, with a scripted model."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from fakes import write_vault

from vaultc.app.indexing import index_vault
from vaultc.app.serving import ServedVault, Token, serve_token
from vaultc.model.protocols import Generation, Prompt, Sampling
from vaultc.model.scripted import ChatScript
from vaultc.server.guard import AskedRequest, Limits
from vaultc.server.lane import Lanes
from vaultc.server.place import ListenPlace, listening
from vaultc.server.run import Options, build

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from vaultc.server.lane import LaneLimits

NOTES = {
    "Pump.md": "# Pump\n\nThe greenhouse pump takes 120 W.\nIt stands beside the rain barrel.\n",
    "Насос.md": "# Насос\n\nНасос теплицы берёт 120 Вт и стоит у бочки.\n",
    "Rain barrel.md": "# Rain barrel\n\nIt holds 300 litres.\n",
}
_PIECE = re.compile(r"\s*\S+")


class Paced(ChatScript):
    """A scripted model that takes its time: `pause_s` behind each word. It notes when it was stopped."""

    def __init__(self, answers: Callable[[Prompt], str], pause_s: float = 0.0, name: str = "script") -> None:
        super().__init__(answers, name=name)
        self.pause_s = pause_s
        self.stopped = threading.Event()
        self.started = threading.Event()
        self.busy = 0
        self.most_busy = 0

    def generate(
        self,
        prompt: Prompt,
        sampling: Sampling = Sampling(),  # noqa: B008 - frozen
        *,
        schema: Mapping[str, Any] | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> Generation:
        whole = super().generate(prompt, sampling, schema=schema)
        pieces = _PIECE.findall(whole.text)[: sampling.max_tokens]
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        self.started.set()
        try:
            for piece in pieces:
                time.sleep(self.pause_s)
                if on_text is not None:
                    on_text(piece)
        except BaseException:
            self.stopped.set()
            raise
        finally:
            self.busy -= 1
        finish = "length" if len(pieces) == sampling.max_tokens else "stop"
        return replace(whole, text="".join(pieces), tokens=len(pieces), finish=finish)  # type: ignore[arg-type]


def echo(prompt: Prompt) -> str:
    """Answer with what the user said last; a question about notes, with a sentence that they support."""
    if prompt.task == "ask":
        return "The greenhouse pump takes 120 W."
    return prompt.messages[-1].content


@dataclass
class Running:
    """A server at work."""

    place: ListenPlace
    token: Token
    served: ServedVault
    lanes: Lanes
    model: Paced
    asked: list[AskedRequest] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        return f"{self.place.url}/v1"

    @property
    def host(self) -> str:
        return self.place.url.removeprefix("http://")

    def connect(self, timeout: float = 60.0) -> socket.socket:
        if self.place.socket_path is not None:
            found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            found.settimeout(timeout)
            found.connect(str(self.place.socket_path))
            return found
        assert self.place.port is not None
        return socket.create_connection(("127.0.0.1", self.place.port), timeout)

    def head(self, line: str = "POST /v1/chat/completions HTTP/1.1", **headers: str | None) -> bytes:
        """Give the head of a request that would pass, with headers changed (`_` for `-`) or, by None, left out."""
        default: dict[str, str | None] = {
            "host": self.host,
            "authorization": f"Bearer {self.token.secret}",
            "content-type": "application/json",
        }
        default |= {key.replace("_", "-"): value for key, value in headers.items()}
        lines = [line, *(f"{key}: {value}" for key, value in default.items() if value is not None)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")

    def say(self, data: bytes, timeout: float = 60.0) -> bytes:
        """Send bytes on a connection of their own and give all that comes back."""
        with self.connect(timeout) as connection:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(data)
            return receive_all(connection)

    def post(self, document: Any, path: str = "/v1/chat/completions", **headers: str | None) -> Reply:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        more = {"content_length": str(len(body)), "connection": "close"} | headers
        return Reply.of(self.say(self.head(f"POST {path} HTTP/1.1", **more) + body))

    def get(self, path: str = "/v1/models", **headers: str | None) -> Reply:
        more: dict[str, str | None] = {"content_type": None, "connection": "close"} | headers
        return Reply.of(self.say(self.head(f"GET {path} HTTP/1.1", **more)))

    def chat(self, text: str = "hello", **keys: Any) -> dict[str, Any]:
        return {"model": "script", "messages": [{"role": "user", "content": text}], **keys}

    def is_free(self, within_s: float = 5.0) -> bool:
        """Tell whether the lane of models becomes free."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            if not self.lanes.model.is_busy and not self.lanes.model.waiting:
                return True
            time.sleep(0.01)
        return False


@dataclass(frozen=True)
class Reply:
    """An answer as it stood on the wire."""

    status: int
    head: str
    body: bytes

    @classmethod
    def of(cls, data: bytes) -> Reply:
        head, _, body = data.partition(b"\r\n\r\n")
        return cls(int(head.split()[1]) if head else 0, head.decode("latin-1").lower(), body)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of an error in OpenAI's shape."""
        error = self.json["error"]
        assert set(error) == {"message", "type", "param", "code"}
        return str(error["code"])


def receive_all(connection: socket.socket) -> bytes:
    """Give all that comes until the other side ends."""
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            data += piece
    return data


def make_vault(root: Path, notes: Mapping[str, str | bytes] = NOTES) -> Path:
    """Write and index a vault."""
    write_vault(root, notes)
    index_vault(root)
    return root


@contextlib.contextmanager
def running(
    vault: Path,
    model: Paced | None = None,
    *,
    options: Options | None = None,
    lanes: LaneLimits | None = None,
    socket_path: Path | None = None,
) -> Iterator[Running]:
    """Serve `vault` while the block runs."""
    model = model or Paced(echo)
    with listening("127.0.0.1", 0, socket_path) as place, Lanes(lanes) as both:
        served = ServedVault.open(vault, {"model.path": "none"}, both.report)
        served.models = {"script": model}
        found = Running(place, serve_token(), served, both, model)
        chosen = replace(options or Options(limits=Limits(header_s=1.0, body_s=1.0, send_s=1.0)))
        server, _ = build(served, both, found.token, place, replace(chosen, on_asked=found.asked.append))
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            _wait(lambda: server.is_started)
            yield found
        finally:
            server.stop()
            thread.join(10)
            served.close()
            assert not thread.is_alive(), "the server did not end"


def _wait(is_so: Callable[[], bool], within_s: float = 10.0) -> None:
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)

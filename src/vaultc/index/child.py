"""A process of ours that does work which may take long, crash, or need another core.

Requests and answers are JSON with bytes behind it, one answer a request, in order. The child ends when its input
does, so it never outlives its parent; whatever goes wrong with it is a `ChildError` here.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import selectors
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_HEAD = struct.Struct("<II")  # lengths of the JSON and of the bytes
_TOP_PAYLOAD = 1 << 30
_PIPE_BYTES = 1 << 20
_F_SETPIPE_SZ = 1031
_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "LD_PRELOAD", "VIRTUAL_ENV")
_FIXED_VARIABLES = {"ANONYMIZED_TELEMETRY": "False", "HF_HUB_OFFLINE": "1"}
Answer = tuple[dict[str, Any], bytes]
"""What a child says: a JSON object, and bytes that belong to it."""


class ChildError(Exception):
    """The child did not start, did not answer in time, or ended; the message says which."""


class ChildProcess:
    """A process that runs a module of vaultc which calls `serve`."""

    def __init__(self, module: str, folder: Path) -> None:
        """Start `python -m module` in `folder`. Raises ChildError."""
        environment = {key: value for key, value in os.environ.items() if key in _KEPT_VARIABLES}
        environment |= {"PYTHONPATH": str(Path(__file__).resolve().parents[2]), **_FIXED_VARIABLES}
        try:
            # -P: nothing that lies in `folder` is imported.
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-P", "-m", module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=folder,
                env=environment,
            )
        except OSError as error:
            raise ChildError(f"could not be started: {error.strerror}") from error
        for pipe in (self._input, self._output):
            with contextlib.suppress(OSError):  # only speed: a whole batch fits, and neither side waits
                fcntl.fcntl(pipe.fileno(), _F_SETPIPE_SZ, _PIPE_BYTES)

    @property
    def _input(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _output(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    @property
    def process_id(self) -> int:
        """The id of the process."""
        return self._process.pid

    def fileno(self) -> int:
        """Give the descriptor that is readable when an answer comes."""
        return self._output.fileno()

    def ask(self, request: dict[str, Any], data: bytes = b"", *, timeout_s: float) -> Answer:
        """Send a request and give its answer. Raises ChildError."""
        self.send(request, data)
        return self.receive(timeout_s=timeout_s)

    def send(self, request: dict[str, Any], data: bytes = b"") -> None:
        """Send a request; its answer is to be received. Raises ChildError."""
        try:
            _write(self._input, request, data)
        except (OSError, ValueError) as error:  # ValueError: it is closed already
            raise self._death() from error

    def receive(self, *, timeout_s: float) -> Answer:
        """Give the answer to the oldest request that waits for one. Raises ChildError."""
        deadline = time.monotonic() + timeout_s
        try:
            size, more = _HEAD.unpack(self._take(_HEAD.size, deadline))
            said = json.loads(self._take(size, deadline).decode("utf-8", "surrogatepass"))
            return said, self._take(more, deadline)
        except TimeoutError as error:
            self.kill()
            raise ChildError("did not answer in time") from error
        except (OSError, EOFError, ValueError) as error:
            raise self._death() from error

    def close(self, *, timeout_s: float) -> None:
        """Let the child finish what it was told, then end it."""
        with contextlib.suppress(OSError):
            self._input.close()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._output.close()

    def kill(self) -> None:
        """End the child at once."""
        self._process.kill()
        self.close(timeout_s=10.0)

    def _death(self) -> ChildError:
        self._process.kill()
        code = self._process.wait()
        self.kill()
        return ChildError(f"ended with code {code}")

    def _take(self, size: int, deadline: float) -> bytes:
        """Read exactly `size` bytes of the child's answer before `deadline`."""
        data = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self._output, selectors.EVENT_READ)
            while len(data) < size:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise TimeoutError
                piece = os.read(self._output.fileno(), size - len(data))
                if not piece:
                    raise EOFError
                data += piece
        return bytes(data)


def _write(pipe: IO[bytes], message: dict[str, Any], data: bytes) -> None:
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    pipe.write(_HEAD.pack(len(text), len(data)) + text + data)
    pipe.flush()


# What follows runs in the child.


def serve(answer: Callable[[dict[str, Any], bytes], Answer]) -> None:
    """Answer requests on standard input until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's; we end when our input does
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the answers
    with contextlib.suppress(BrokenPipeError):
        while (received := _receive(sys.stdin.buffer)) is not None:
            _write(out, *answer(*received))


def _receive(pipe: IO[bytes]) -> Answer | None:
    head = pipe.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    text, data = _HEAD.unpack(head)
    if data > _TOP_PAYLOAD:
        return None
    return json.loads(pipe.read(text).decode("utf-8", "surrogatepass")), pipe.read(data)

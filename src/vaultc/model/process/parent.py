"""The child process that holds a model, seen from its parent: pipes, log, time limits, death."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections import deque
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from vaultc.core.errors import ModelError
from vaultc.model.process.pipe import INFORMATION, Broken, Frame, FrameReader, Silent, write_frame

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOG_LINES = 200
_STOP_S = 0.4  # with what else is done, half a second until the caller has its turn back
_SETTLE_S = 120.0  # a batch on a graphics card cannot be broken off, and a giant is not loaded anew for it
_CLOSE_S = 3.0


class ModelProcess:
    """A process of `vaultc.model.process.child`. Nothing else talks to it, and it does not outlive its owner."""

    def __init__(self, silence_s: float) -> None:
        flags = ["--die-with-parent"] if threading.current_thread() is threading.main_thread() else []
        root = str(Path(__file__).resolve().parents[3])
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {
            # Threads that wait by spinning make a busy machine eight times slower (measured: 1.5 against 12 tokens/s).
            "OMP_WAIT_POLICY": "passive",
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            "GGML_NO_BACKTRACE": "1",
        }
        try:
            self._popen = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-P", "-m", "vaultc.model.process.child", *flags],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise ModelError(f"the model's process cannot be started: {error}") from error
        self._stdin = cast("IO[bytes]", self._popen.stdin)
        self._stdout = cast("IO[bytes]", self._popen.stdout)
        self._reader = FrameReader(self._stdout.fileno())
        self._silence_s = silence_s
        self._log: deque[str] = deque(maxlen=_LOG_LINES)
        self._is_idle = True
        stderr = cast("IO[bytes]", self._popen.stderr)
        self._drain = threading.Thread(target=_drain, args=(stderr, self._log), daemon=True)
        self._drain.start()
        self._finalizer = weakref.finalize(self, _kill, self._popen)

    @property
    def process_id(self) -> int:
        """Its id."""
        return self._popen.pid

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._popen.poll() is None

    def log(self) -> tuple[str, ...]:
        """Give the last lines it wrote to standard error."""
        return tuple(self._log)

    def send(self, request: Frame) -> None:
        """Send `request`, whose frames must then be read. Raises ModelError where the process is dead."""
        self._is_idle = False
        try:
            write_frame(self._stdin.fileno(), request)
        except Broken as error:
            raise self._death() from error

    def frames(self) -> Iterator[Frame]:
        """Give the frames of one answer; the last is `done`. Raises ModelError."""
        while True:
            try:
                frame = self._reader.read(self._silence_s)
            except Broken as error:
                raise self._death() from error
            except Silent:
                self.kill()
                raise ModelError(f"the model said nothing for {self._silence_s:g} s and was stopped") from None
            if "error" in frame:
                self._is_idle = True
                raise ModelError(str(frame["error"]))
            if "done" in frame:
                self._is_idle = True
                yield frame
                return
            yield frame

    @contextlib.contextmanager
    def stopping(self) -> Iterator[None]:
        """Stop the model when the block is left before the answer's end, and wait no longer than a moment for it."""
        try:
            yield
        finally:
            if not self._is_idle and self.is_alive:
                self._stop()

    def settle(self) -> None:
        """Wait until what was stopped has ended. A process that goes on all the same is ended."""
        if not self._is_idle and self.is_alive and not self._reaches_end(_SETTLE_S):
            self.kill()

    def close(self) -> None:
        """Let it end by itself, else end it; its memory is free when this returns."""
        if self.is_alive:
            with contextlib.suppress(Broken):
                write_frame(self._stdin.fileno(), {"op": "close"})
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(_CLOSE_S if self._is_idle else _STOP_S)
        self.kill()

    def kill(self) -> None:
        """End it at once."""
        self._finalizer()
        self._drain.join(1.0)
        for stream in (self._popen.stdin, self._popen.stdout):
            if stream is not None and not stream.closed:
                stream.close()

    def _stop(self) -> None:
        try:
            write_frame(self._stdin.fileno(), {"op": "stop"})
        except Broken:
            self.kill()
        else:
            self._reaches_end(_STOP_S)

    def _reaches_end(self, within_s: float) -> bool:
        """Read what is left of an answer that nobody waits for any more."""
        deadline = time.monotonic() + within_s
        try:
            while (left := deadline - time.monotonic()) > 0:
                frame = self._reader.read(left)
                if "done" in frame or "error" in frame:
                    self._is_idle = True
                    return True
        except Broken:
            self.kill()
        except Silent:
            pass
        return False

    def _death(self) -> ModelError:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(_CLOSE_S)
        code = self._popen.poll()
        self.kill()
        marked = INFORMATION.decode("ascii")
        lines = [line for line in self._log if line.strip(" .") and not line.startswith(marked)][-3:]
        said = f": {lines[-1][:300]}" if lines else ""
        return ModelError(
            f"the model's process {_ending(code)}{said}", hint="its last words: " + " | ".join(lines) if lines else None
        )


def _drain(stream: IO[bytes], log: deque[str]) -> None:
    with stream:
        for line in stream:
            log.append(line[:1000].decode("utf-8", "replace").rstrip())


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
        process.wait()


def _ending(code: int | None) -> str:
    if code is None:
        return "closed its pipe"
    if code == -signal.SIGKILL:
        return "was killed (SIGKILL), which the system does when memory runs out"
    if code < 0:
        return f"crashed ({signal.Signals(-code).name})"
    return f"ended with code {code}"

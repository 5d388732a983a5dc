"""Frames between vaultc and the process that holds a model: four bytes of length, then JSON."""

from __future__ import annotations

import json
import os
import select
import struct
import time
from typing import Any

Frame = dict[str, Any]
MAX_FRAME_BYTES = 256 << 20
INFORMATION = b"info: "
"""Begins the lines of a child's standard error that are no cause of anything."""
_LENGTH = struct.Struct(">I")
_READ_BYTES = 1 << 16


class Broken(Exception):  # noqa: N818 - the other side is gone; its reader decides what that means
    """The other side has closed its end, or what comes is no frame."""


class Silent(Exception):  # noqa: N818 - not an error yet
    """Nothing came in the time given."""


def write_frame(descriptor: int, frame: Frame) -> None:
    """Write `frame` whole. Raises Broken where the other side is gone."""
    data = json.dumps(frame, separators=(",", ":")).encode("ascii")
    rest = memoryview(_LENGTH.pack(len(data)) + data)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except (BrokenPipeError, ConnectionResetError) as error:
        raise Broken(str(error)) from error


class FrameReader:
    """Reads frames from a descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._held = bytearray()
        self._size: int | None = None

    def read(self, timeout_s: float | None = None) -> Frame:
        """Give the next frame. Raises Silent when no byte came for `timeout_s`, Broken at the end.

        After Silent reading goes on where it was, in the middle of a frame too.
        """
        if self._size is None:
            self._size = _LENGTH.unpack(self._take(_LENGTH.size, timeout_s))[0]
        if self._size > MAX_FRAME_BYTES:
            raise Broken(f"a frame claims {self._size} bytes")
        data = self._take(self._size, timeout_s)
        self._size = None
        try:
            frame = json.loads(data)
        except ValueError as error:
            raise Broken("a frame is no JSON") from error
        if not isinstance(frame, dict):
            raise Broken("a frame is no object")
        return frame

    def _take(self, size: int, timeout_s: float | None) -> bytes:
        while len(self._held) < size:
            if timeout_s is not None:
                self._await(timeout_s)
            data = os.read(self._descriptor, _READ_BYTES)
            if not data:
                raise Broken("the other side has closed its end")
            self._held += data
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken

    def _await(self, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Silent(f"nothing came for {timeout_s:g} s")
            if poll.poll(min(left, 3600.0) * 1000):
                return

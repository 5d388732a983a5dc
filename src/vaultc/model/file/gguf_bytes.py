"""Reads the bytes of a GGUF forward. They are not trusted: no length is used before it is held against the file."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, BinaryIO

from vaultc.core.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

_BLOCK_BYTES = 1 << 20
_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")
_HINT = "the file is damaged, or its download was not finished"


class ByteReader:
    """Reads forward through a window of the file; the end of the file is a ModelError."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self._path = path
        self.size = os.fstat(file.fileno()).st_size
        self._window = b""
        self._at = 0  # in the window
        self._base = 0  # of the window, in the file

    @property
    def position(self) -> int:
        """Where the next byte lies in the file."""
        return self._base + self._at

    @property
    def left(self) -> int:
        """Bytes from here to the end of the file."""
        return self.size - self.position

    def fail(self, reason: str) -> ModelError:
        """Give the error that says why the file cannot be used."""
        return ModelError(f"the model {self._path} cannot be used: {reason}", hint=_HINT)

    def seek(self, position: int) -> None:
        """Go on at `position`."""
        if position > self.size:
            raise self.fail("it ends inside its header")
        inside = position - self._base
        if 0 <= inside <= len(self._window):
            self._at = inside
        else:
            self._goto(position)

    def take(self, size: int) -> bytes:
        """Give the next `size` bytes."""
        start = self._ensure(size)
        self._at = start + size
        return self._window[start : self._at]

    def u32(self) -> int:
        """Give the next four bytes as a number."""
        start = self._ensure(4)
        self._at = start + 4
        return int(_U32.unpack_from(self._window, start)[0])

    def u64(self) -> int:
        """Give the next eight bytes as a number."""
        start = self._ensure(8)
        self._at = start + 8
        return int(_U64.unpack_from(self._window, start)[0])

    def text(self, limit: int, what: str) -> str:
        """Give the next string, `what` being its name in an error."""
        size = self.u64()
        if size > limit or size > self.left:
            raise self.fail(f"{what} has a length of {size} bytes")
        try:
            return self.take(size).decode("utf-8")
        except UnicodeDecodeError:
            raise self.fail(f"{what} is not UTF-8") from None

    def skip_texts(self, count: int, limit: int) -> None:
        """Pass over `count` strings. A vocabulary has 300,000 of them, so this loop touches nothing but locals."""
        unpack = _U64.unpack_from
        while count:
            at = self._ensure(8)
            window, last = self._window, len(self._window) - 8
            while count and at <= last:
                size = unpack(window, at)[0]
                if size > limit or size > self.size - self._base - at - 8:
                    raise self.fail(f"a string has a length of {size} bytes")
                at += 8 + size
                count -= 1
            if at > len(window):
                self._goto(self._base + at)
            else:
                self._at = at

    def _goto(self, position: int) -> None:
        self._file.seek(position)
        self._base, self._at, self._window = position, 0, b""

    def _ensure(self, size: int) -> int:
        """Have `size` bytes in the window and give where they begin in it."""
        if len(self._window) - self._at >= size:
            return self._at
        if size > self.left:
            raise self.fail("it ends inside its header")
        kept = self._window[self._at :]
        self._base += self._at
        self._file.seek(self._base + len(kept))
        self._window = kept + self._file.read(max(size, _BLOCK_BYTES))
        self._at = 0
        if len(self._window) < size:
            raise self.fail("it became shorter while it was read")
        return 0

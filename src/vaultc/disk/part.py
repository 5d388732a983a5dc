"""A large file in the making that outlives a run: what was fetched stays, and the next run goes on behind it."""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING

from vaultc.core.errors import VaultError
from vaultc.disk.folders import failing, opened_folder, shown, stat_file, write_all

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from vaultc.disk.policy import Root


_PIECE_BYTES = 1 << 20


class Part:
    """A large file in the making that outlives a run: `relative` appears when it is whole, and not before.

    What there is of it lies beside in `<name>.<mark>.part`, which one run at a time writes. Use it in a `with` block;
    whatever ends that, what was written stays.
    """

    def __init__(self, root: Root, relative: str, mark: str) -> None:
        """Name the file; it is opened by the `with` block. Raises UsageError where it may not be written."""
        *self._folders, self._name = root.check(relative)
        self._part = f"{self._name}.{mark}.part"
        self._root, self._relative = root, relative
        self._stack = contextlib.ExitStack()
        self._folder = self._file = -1

    def __enter__(self) -> Part:
        """Open what there is. Raises VaultError where another run has it, or it cannot be opened."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with failing(self._root, self._relative), contextlib.ExitStack() as stack:
            self._folder = stack.enter_context(opened_folder(self._root, self._folders, create=True))
            stat_file(self._root, self._relative + " (its part)", self._folder, self._part)
            self._file = os.open(self._part, flags, 0o644, dir_fd=self._folder)
            stack.callback(os.close, self._file)
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise VaultError(f"another run is writing {shown(self._root, self._relative)}") from None
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return os.fstat(self._file).st_size

    def pieces(self) -> Iterator[bytes]:
        """Give what there is, from its beginning."""
        at = 0
        with failing(self._root, self._relative):
            while piece := os.pread(self._file, _PIECE_BYTES, at):
                at += len(piece)
                yield piece

    def append(self, data: bytes) -> None:
        """Write `data` behind what there is. Raises VaultError; a full disk leaves what fitted."""
        with failing(self._root, self._relative):
            os.lseek(self._file, 0, os.SEEK_END)
            write_all(self._file, data)

    def clear(self) -> None:
        """Begin anew."""
        with failing(self._root, self._relative):
            os.ftruncate(self._file, 0)

    def discard(self) -> None:
        """Remove what there is: it is not what was wanted."""
        with failing(self._root, self._relative):
            os.unlink(self._part, dir_fd=self._folder)

    def finish(self) -> None:
        """Make what there is the file. Raises VaultError where something stands at its place."""
        with failing(self._root, self._relative):
            if stat_file(self._root, self._relative, self._folder, self._name) is not None:
                raise VaultError(f"{shown(self._root, self._relative)} is there already")
            os.fsync(self._file)
            os.rename(self._part, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
            os.fsync(self._folder)

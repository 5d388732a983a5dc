"""Notes read by several processes at once, given in the order asked for.

A note that kills its reader, or takes longer than any note may, costs that note alone: it is reported (V110).
"""

from __future__ import annotations

import contextlib
import gc
import marshal
import os
import selectors
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaultc.core.chunk import ChunkOptions
from vaultc.core.source import VaultPath
from vaultc.index.child import Answer, ChildError, ChildProcess, serve
from vaultc.index.reading import Reading, failed, read_note, reading_of
from vaultc.vault.files import FoundFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_MODULE = "vaultc.index.readers"
_ALONE_BELOW = 400  # notes; starting a process takes as long as reading a few hundred
_MOST = 8
_PIECE_NOTES, _PIECE_BYTES = 50, 1_000_000
_AHEAD = 2  # pieces that wait at each reader, so that none is ever idle
_TIMEOUT_S = 120.0
_MARSHAL_WITHOUT_REFERENCES = 2


def read_notes(
    root: Path, files: Sequence[FoundFile], options: ChunkOptions, *, processes: int = 0
) -> Iterator[Reading]:
    """Read `files` below `root`, in order.

    `processes` is how many read at once; 0 takes the cores there are, where the files are many enough to gain by it.
    """
    cores = len(os.sched_getaffinity(0))
    wanted = processes or (min(cores, _MOST) if len(files) >= _ALONE_BELOW else 1)
    if wanted < 2:
        yield from (read_note(root, file, options) for file in files)
        return
    with _Readers(root, options, wanted) as readers:
        yield from readers.read(files)


def pieces(files: Iterable[FoundFile], notes: int, size_bytes: int) -> Iterator[list[FoundFile]]:
    """Cut `files` into pieces of at most so many notes and about so many bytes."""
    piece: list[FoundFile] = []
    size = 0
    for file in files:
        if piece and (len(piece) >= notes or size + file.size > size_bytes):
            yield piece
            piece, size = [], 0
        piece.append(file)
        size += file.size
    if piece:
        yield piece


class _Readers:
    """Child processes, and the pieces each of them has been given."""

    def __init__(self, root: Path, options: ChunkOptions, count: int) -> None:
        self._root = root
        self._options = options
        self._head = {"root": os.fsdecode(root), "options": [options.target_words, options.max_words]}
        self._children: list[ChildProcess | None] = []
        self._given: list[deque[int]] = [deque() for _ in range(count)]
        with contextlib.suppress(ChildError):  # with fewer, or none, all is read all the same
            for _ in range(count):
                self._children.append(ChildProcess(_MODULE, Path("/")))

    def __enter__(self) -> _Readers:
        return self

    def __exit__(self, *_: object) -> None:
        for child in self._children:
            if child is not None:
                child.kill()

    def read(self, files: Sequence[FoundFile]) -> Iterator[Reading]:
        self._pieces = list(pieces(files, _PIECE_NOTES, _PIECE_BYTES))
        self._next = 0
        self._done: dict[int, list[Reading]] = {}
        for number in range(len(self._pieces)):
            while number not in self._done:
                self._feed(number)
                if number not in self._done:
                    self._collect(number)
            yield from self._done.pop(number)

    def _feed(self, number: int) -> None:
        """Give every reader work, not so far ahead of piece `number` that results pile up."""
        horizon = number + (_AHEAD + 1) * len(self._given)
        for _ in range(_AHEAD):
            for at, child in enumerate(self._children):
                if child is None or len(self._given[at]) >= _AHEAD or self._next >= min(horizon, len(self._pieces)):
                    continue
                self._given[at].append(self._next)
                self._next += 1
                self._send(at, self._given[at][-1])

    def _send(self, at: int, number: int) -> None:
        child = self._children[at]
        assert child is not None
        try:
            child.send({**self._head, "files": [_file_json(file) for file in self._pieces[number]]})
        except ChildError:
            self._mourn(at)

    def _collect(self, number: int) -> None:
        """Wait for one reader that has work; where there is none, read piece `number` here."""
        waiting = {child: at for at, child in enumerate(self._children) if child is not None and self._given[at]}
        if not waiting:
            self._done[number] = [read_note(self._root, file, self._options) for file in self._pieces[number]]
            self._next = max(self._next, number + 1)
            return
        with selectors.DefaultSelector() as selector:
            for child, at in waiting.items():
                selector.register(child, selectors.EVENT_READ, at)
            ready = [key.data for key, _ in selector.select(_TIMEOUT_S)]
        for at in ready or list(waiting.values()):
            child = self._children[at]
            assert child is not None
            try:
                _, data = child.receive(timeout_s=_TIMEOUT_S if ready else 0.0)
                readings = _unpacked(data)
            except ChildError:
                self._mourn(at)
                continue
            self._done[self._given[at].popleft()] = readings

    def _mourn(self, at: int) -> None:
        """A reader has died: read its pieces note by note, to find the note that did it, and start another."""
        numbers = list(self._given[at])
        self._given[at].clear()
        self._children[at] = None
        for number in numbers:
            self._done[number] = list(self._one_by_one(self._pieces[number]))
        with contextlib.suppress(ChildError):
            self._children[at] = ChildProcess(_MODULE, Path("/"))

    def _one_by_one(self, files: Iterable[FoundFile]) -> Iterator[Reading]:
        """Read notes in a process that is replaced when one of them kills it."""
        child: ChildProcess | None = None
        for file in files:
            try:
                child = child or ChildProcess(_MODULE, Path("/"))
                _, data = child.ask({**self._head, "files": [_file_json(file)]}, timeout_s=_TIMEOUT_S)
                yield _unpacked(data)[0]
            except ChildError as error:
                child = None
                yield failed(file.path, f"its reader {error}")
        if child is not None:
            child.kill()


def _file_json(file: FoundFile) -> list[Any]:
    return [file.path, os.fsdecode(file.disk), file.size, file.mtime_ns, file.is_generated]


def _file_of(values: list[Any]) -> FoundFile:
    path, disk, size, mtime_ns, is_generated = values
    return FoundFile(VaultPath(path), os.fsencode(disk), size, mtime_ns, is_note=True, is_generated=is_generated)


def _packed(readings: Iterable[Reading]) -> bytes:
    """Give readings as bytes for the same interpreter: a fifth of what JSON takes, and half of a letter may stand."""
    return marshal.dumps([reading.as_values() for reading in readings], _MARSHAL_WITHOUT_REFERENCES)


def _unpacked(data: bytes) -> list[Reading]:
    try:
        return [reading_of(values) for values in marshal.loads(data)]  # noqa: S302 - written by our own process
    except (EOFError, TypeError, ValueError) as error:
        raise ChildError("said what cannot be read") from error


def _read(request: dict[str, Any], _: bytes) -> Answer:
    """Answer a request in the child."""
    options = ChunkOptions(*request["options"])
    root = Path(request["root"])
    readings = [read_note(root, _file_of(values), options) for values in request["files"]]
    gc.collect()
    gc.freeze()  # what is still held is kept for long: the next look for circles leaves it out
    return {}, _packed(readings)


if __name__ == "__main__":
    # What is made for a note is gone when its rows are: looking for circles once a request is enough.
    gc.freeze()
    gc.disable()
    serve(_read)

"""Parts a reasoning model's thinking from its answer, at once or while it streams."""

from __future__ import annotations

from typing import Literal

Channel = Literal["thinking", "text"]
Piece = tuple[Channel, str]

OPEN = "<think>"
CLOSE = "</think>"


def split_thinking(text: str) -> tuple[str, str]:
    """Give thinking and answer of a whole output; an output that does not start with `<think>` is all answer."""
    body = text.lstrip()
    if not body.startswith(OPEN):
        return "", text
    thinking, closed, answer = body[len(OPEN) :].partition(CLOSE)
    return thinking.strip(), answer.lstrip("\r\n") if closed else ""


class ThinkingSplitter:
    """Sorts streamed pieces into thinking and text; a tag may be cut anywhere between two pieces.

    `inside` says that the prompt's template has already opened the thinking. Only thinking at the very start
    counts: a later `<think>` is text that the model wrote.
    """

    def __init__(self, *, inside: bool = False) -> None:
        self._state: Literal["start", "thinking", "gap", "text"] = "thinking" if inside else "start"
        self._held = ""

    @property
    def is_thinking(self) -> bool:
        """Whether the thinking is open."""
        return self._state == "thinking"

    def feed(self, piece: str) -> list[Piece]:
        """Take the next piece and give what is now known to be thinking or text."""
        self._held += piece
        out: list[Piece] = []
        while self._step(out):
            pass
        return out

    def close(self) -> list[Piece]:
        """Give what was still held back when the output ended."""
        held, self._held = self._held, ""
        if not held or self._state == "gap":
            return []
        return [("thinking" if self._state == "thinking" else "text", held)]

    def _step(self, out: list[Piece]) -> bool:
        if self._state == "start":
            return self._at_start()
        if self._state == "thinking":
            return self._in_thinking(out)
        if self._state == "gap":
            self._held = self._held.lstrip("\r\n")
            if not self._held:
                return False
            self._state = "text"
        if self._held:
            out.append(("text", self._held))
            self._held = ""
        return False

    def _at_start(self) -> bool:
        body = self._held.lstrip()
        if body.startswith(OPEN):
            self._held = body[len(OPEN) :]
            self._state = "thinking"
            return True
        if OPEN.startswith(body):
            return False  # nothing, or the tag's first letters: wait for more
        self._state = "text"
        return True

    def _in_thinking(self, out: list[Piece]) -> bool:
        before, closed, after = self._held.partition(CLOSE)
        if closed:
            if before:
                out.append(("thinking", before))
            self._held = after
            self._state = "gap"
            return True
        keep = _overhang(self._held)
        ready = self._held[: len(self._held) - keep]
        self._held = self._held[len(ready) :]
        if ready:
            out.append(("thinking", ready))
        return False


def _overhang(text: str) -> int:
    """Give how many last characters of `text` may be the beginning of the closing tag."""
    for size in range(min(len(CLOSE) - 1, len(text)), 0, -1):
        if CLOSE.startswith(text[-size:]):
            return size
    return 0

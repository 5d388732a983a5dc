"""Reasoning models: parts the thinking from the answer, at once or while it streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Channel = Literal["thinking", "text"]
Piece = tuple[Channel, str]

OPEN = "<think>"
CLOSE = "</think>"

# The form of gpt-oss ("harmony"): messages with a channel each, of which only `final` is the answer.
START, CHANNEL, MESSAGE = "<|start|>", "<|channel|>", "<|message|>"
CHANNEL_TAGS = (START, CHANNEL, MESSAGE, "<|end|>", "<|return|>", "<|call|>")
TO_FINAL = f"{CHANNEL}final{MESSAGE}"
"""Behind the beginning of a turn it makes a model of that form answer without thinking."""


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
        keep = _overhang(self._held, (CLOSE,))
        ready = self._held[: len(self._held) - keep]
        self._held = self._held[len(ready) :]
        if ready:
            out.append(("thinking", ready))
        return False


class ChannelSplitter:
    """Sorts streamed pieces of a model that writes channels: `final` is text, what stands in others is thinking.

    `inside` says that the prompt has already opened the channel `final`. What stands between messages is dropped. An
    output that does not begin with a tag is all answer: its model knows the tags and does not use them.
    """

    def __init__(self, *, inside: bool = False) -> None:
        self._channel = "final" if inside else ""
        self._in_message = inside
        self._at_start = not inside
        self._header = ""
        self._held = ""

    @property
    def is_thinking(self) -> bool:
        """Whether what comes next is not yet the answer."""
        return not (self._in_message and self._channel == "final")

    def feed(self, piece: str) -> list[Piece]:
        """Take the next piece and give what is now known to be thinking or text."""
        self._held += piece
        out: list[Piece] = []
        if self._at_start and not self._begin():
            return out
        while True:
            found = [(at, tag) for tag in CHANNEL_TAGS if (at := self._held.find(tag)) >= 0]
            if not found:
                break
            at, tag = min(found)
            self._pass(self._held[:at], out)
            self._held = self._held[at + len(tag) :]
            self._turn(tag)
        ready = len(self._held) - _overhang(self._held, CHANNEL_TAGS)
        self._pass(self._held[:ready], out)
        self._held = self._held[ready:]
        return out

    def close(self) -> list[Piece]:
        """Give what was still held back when the output ended."""
        out: list[Piece] = []
        held, self._held = self._held, ""
        self._pass(held, out)
        return out

    def _begin(self) -> bool:
        """Tell whether it is known by now what the output begins with."""
        body = self._held.lstrip()
        if any(tag.startswith(body) for tag in CHANNEL_TAGS if tag != body):
            return False  # nothing, or a tag's first letters: wait for more
        self._at_start = False
        if not body.startswith(CHANNEL_TAGS):
            self._channel, self._in_message = "final", True
        return True

    def _pass(self, text: str, out: list[Piece]) -> None:
        if not self._in_message:
            self._header += text
        elif text:
            out.append(("thinking" if self.is_thinking else "text", text))

    def _turn(self, tag: str) -> None:
        if tag == MESSAGE:
            # The name may be followed by what the message is for: `commentary to=functions.x`.
            self._channel = (self._header.split() or [""])[0]
            self._in_message = True
        else:
            self._in_message = False
        self._header = ""


def _overhang(text: str, tags: Sequence[str]) -> int:
    """Give how many last characters of `text` may be the beginning of one of `tags`."""
    for size in range(min(max(map(len, tags)) - 1, len(text)), 0, -1):
        if any(tag.startswith(text[-size:]) for tag in tags):
            return size
    return 0

"""Streaming answers: sentences with the numbers they cite, as a model writes them, and an end to babble."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.language.sentences import sentences
from vaultc.language.stems import content_stems

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

_MARK = re.compile(r"\s?\[(\d{1,3}(?:, ?\d{1,3}){0,9})\]")
_LEADING = re.compile(r"\s{0,4}(?:\[\d{1,3}(?:, ?\d{1,3}){0,9}\][.,;]?\s?){1,9}")
_NOTHING = "NO ANSWER"
_MAX_CHARS = 8000
_MAX_SENTENCES = 40
_STEP = 24
"""Characters that come before it is looked again whether a sentence has ended."""
_ENDS = frozenset(".!?…\n]")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of a model's answer without its marks, and the numbers of the passages it cites."""

    text: str
    numbers: tuple[int, ...]


def said_sentences(pieces: Iterator[str]) -> Iterator[str | Said]:
    """Give each piece as it comes and each sentence once it is complete.

    Ends, and closes the model's stream, at "NO ANSWER", at a sentence that was said before, and where an
    answer grows beyond all use.
    """
    said: list[str] = []
    seen: set[tuple[str, ...]] = set()
    try:
        rest, has_end = "", False
        looked_at = -_STEP
        total = 0
        for piece in pieces:
            yield piece
            rest += piece
            total += len(piece)
            if total > _MAX_CHARS:
                return
            has_end = has_end or not _ENDS.isdisjoint(piece)
            if not has_end or len(rest) < looked_at + _STEP:
                continue
            ready, rest = _complete(rest)
            looked_at, has_end = len(rest), not _ENDS.isdisjoint(rest)
            for sentence in ready:
                if _is_over(sentence, said, seen):
                    return
                yield sentence
        for sentence in _complete(rest, is_last=True)[0]:
            if _is_over(sentence, said, seen):
                return
            yield sentence
    finally:
        _close(pieces)


def _is_over(sentence: Said, said: list[str], seen: set[tuple[str, ...]]) -> bool:
    """Tell whether the answer ends here; remember the sentence."""
    key = tuple(content_stems(sentence.text)) or (sentence.text.casefold(),)
    if sentence.text.upper().startswith(_NOTHING) or key in seen or len(said) >= _MAX_SENTENCES:
        return True
    if any(earlier.startswith(sentence.text) for earlier in said):
        return True  # said again, and cut off by the limit of the answer
    seen.add(key)
    said.append(sentence.text)
    return False


def _complete(text: str, *, is_last: bool = False) -> tuple[list[Said], str]:
    """Give the sentences of `text` that are complete, and the rest.

    The last one is never complete before the end: its citations may still come.
    """
    spans = _with_trailing_marks(text, sentences(text))
    keep = len(spans) if is_last else len(spans) - 1
    ready = [found for start, end in spans[:keep] if (found := _said(text[start:end])).text]
    if is_last or keep <= 0:
        return ready, "" if is_last else text
    return ready, text[spans[keep][0] :]


def _with_trailing_marks(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Give the sentences with the marks that stand behind a full stop counted to the sentence before."""
    found: list[tuple[int, int]] = []
    for start, end in spans:
        leading = _LEADING.match(text, start, end)
        if leading and found:
            found[-1] = (found[-1][0], leading.end())
            start = leading.end()
        if text[start:end].strip():
            found.append((start, end))
    return found


def _said(text: str) -> Said:
    numbers: list[int] = []
    for match in _MARK.finditer(text):
        numbers += [int(number) for number in match[1].split(",")]
    plain = " ".join(_MARK.sub("", text).split())
    return Said(plain.removeprefix("- ").removeprefix("* "), tuple(dict.fromkeys(numbers)))


def _close(pieces: Iterator[str]) -> None:
    """Stop the model where its stream can be closed."""
    stream: Generator[str, None, None] | Iterator[str] = pieces
    close = getattr(stream, "close", None)
    if close is not None:
        close()

"""Bytes of a file → its text as read, and what was odd about them.

UTF-8 is read as it stands, a byte order mark and all. What is not UTF-8 is read as what it surely is, else as UTF-8
with a mark (U+FFFD) for each part that is none; never without saying so (V111). Text that was spoilt by somebody who
read UTF-8 as another code page is put right in the text as read, and points into the file as it is (V115).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from vaultc.core.diagnostic import Diagnostic
from vaultc.core.digest import Digest, digest_bytes
from vaultc.core.endings import is_canvas_path
from vaultc.core.quick import quick
from vaultc.core.rules import ODD_ENCODING, UNREADABLE_NOTE
from vaultc.core.source import Source, Span, VaultPath
from vaultc.vault.codepage import guessed
from vaultc.vault.mojibake import may_hold_mojibake, mojibake_found, repaired

_CONTROLS = bytes(set(range(32)) - set(b"\t\n\f\r\x1b"))
# Bytes that are valid UTF-8 are hardly ever binary: a note with a pasted piece of a program is still a note.
_MAX_CONTROLS_IN_UTF8 = 0.1
_MAX_CONTROLS_IN_GUESS = 0.001
_MARKS = (
    (b"\xff\xfe\0\0", "utf-32-le", "UTF-32"),
    (b"\0\0\xfe\xff", "utf-32-be", "UTF-32"),
    (b"\xff\xfe", "utf-16-le", "UTF-16"),
    (b"\xfe\xff", "utf-16-be", "UTF-16"),
)
_SAMPLE = 4_096
_MIN_COMMON = 0.9
_MIN_UTF16 = 8
_BAD_PER_GOOD = 4
_SHOWN = 200


@quick
@dataclass(frozen=True, slots=True)
class ReadResult:
    """A file as read; `source` and `digest` are None where it could not be read as text."""

    source: Source | None
    digest: Digest | None
    diagnostics: tuple[Diagnostic, ...] = ()


def unreadable(path: VaultPath, message: str, help_text: str | None = None) -> ReadResult:
    """Give the result of a file that cannot be read as text (V110)."""
    return ReadResult(None, None, (Diagnostic(UNREADABLE_NOTE, message, Span(path, 0, 0), help=help_text),))


def decoded(path: VaultPath, data: bytes) -> ReadResult:
    """Decode `data` and put mojibake right; what is no text is refused (V110), what is odd about it told (V111, V115).

    A byte order mark stays in the text as U+FEFF, so that offsets count what the file holds.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        read = _not_utf8(path, data)
    else:
        is_binary = _is_binary(data, _MAX_CONTROLS_IN_UTF8)
        read = (_utf16(path, data) or _BINARY) if is_binary else (text, ())
    if isinstance(read, str):
        return unreadable(path, read)
    text, diagnostics = read
    source, found = _as_read(Source(path, text))
    diagnostics = (*(_moved(item, source) for item in diagnostics), *found)
    return ReadResult(source, digest_bytes(data), diagnostics)


def _as_read(source: Source) -> tuple[Source, tuple[Diagnostic, ...]]:
    """Give the file's own text as it is read: a canvas by its cards, mojibake put right."""
    found: tuple[Diagnostic, ...] = ()
    if is_canvas_path(source.path):
        from vaultc.vault.canvas import canvas_source  # brings the parser of notes along, and canvases are few

        source, found = canvas_source(source)
    if source.origin is not None or not may_hold_mojibake(source.text):
        return source, found
    repair = repaired(source.text)
    if repair is None:
        return source, found
    read = Source(source.path, repair.text, repair.origin)
    return read, (*(_moved(item, read) for item in found), mojibake_found(read, repair))


def _moved(diagnostic: Diagnostic, source: Source) -> Diagnostic:
    """Give a finding about the file's own text with its place in the text as read."""
    span, origin = diagnostic.span, source.origin
    if origin is None:
        return diagnostic
    start = origin.offset(span.start)
    end = max(start, origin.offset(span.end - 1) + 1) if span.end > span.start else start
    return replace(diagnostic, span=source.span(start, min(end, len(source.text))))


_Text = tuple[str, tuple[Diagnostic, ...]]
_BINARY = "the file is binary, not text"


def _not_utf8(path: VaultPath, data: bytes) -> _Text | str:
    """Read what is not valid UTF-8: give the text and what is odd, or why it is no text."""
    marked = next((mark for mark in _MARKS if data.startswith(mark[0])), None)
    if marked is not None:
        try:
            text = data.decode(marked[1])
        except UnicodeDecodeError:
            return f"the file starts like {marked[2]} and is not"
        return text, (_odd(path, text, marked[2]),)
    wide = _utf16(path, data)
    if wide is not None:
        return wide
    if _is_binary(data, _MAX_CONTROLS_IN_GUESS):
        return _BINARY
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd") - data.count(b"\xef\xbf\xbd")
    good = len(text.encode("ascii", "ignore"))
    good = len(text) - good - text.count("\ufffd")
    guess = None if good * _BAD_PER_GOOD >= bad else guessed(data)
    if guess is not None:
        return guess.text, (_odd(path, guess.text, f"{guess.name} (a guess)"),)
    return text, (_damaged(path, data, bad),)


def _damaged(path: VaultPath, data: bytes, bad: int) -> Diagnostic:
    """Report parts that are no UTF-8, at the first of them."""
    at = 0
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        at = len(data[: error.start].decode("utf-8"))
    places = "one place is not" if bad == 1 else f"{bad} places, of which this is the first, are not"
    message = f"{places} valid UTF-8; read as U+FFFD"
    return Diagnostic(ODD_ENCODING, message, Span(path, at, at + 1), help="save the note as UTF-8")


def _utf16(path: VaultPath, data: bytes) -> _Text | None:
    """Read UTF-16 that has no mark, if nearly all of it is letters and signs of few scripts."""
    if len(data) < _MIN_UTF16 or len(data) % 2:
        return None
    for codec in ("utf-16-le", "utf-16-be"):
        sample = data[:_SAMPLE].decode(codec, "ignore")
        common = sum(_is_common(letter) for letter in sample)
        if common < _MIN_COMMON * len(sample) or not any(map(str.isalpha, sample)):
            continue
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        return text, (_odd(path, text, "UTF-16 (it has no byte order mark)"),)
    return None


def _is_common(letter: str) -> bool:
    """Tell whether a code point is of those that a note in English, Russian or a Western language consists of."""
    code = ord(letter)
    if code < 0x80:
        return code >= 0x20 or letter in "\t\n\r"
    return 0xA0 <= code <= 0xFF or 0x400 <= code <= 0x491 or 0x2010 <= code <= 0x203A or letter in "€№\ufeff"


def _is_binary(data: bytes, most: float) -> bool:
    """Tell whether more than one byte, and more than the share `most`, are control characters."""
    controls = len(data) - len(data.translate(None, _CONTROLS))
    return controls > 1 and controls > most * len(data)


def _odd(path: VaultPath, text: str, read_as: str) -> Diagnostic:
    message = f"the file is not UTF-8 and was read as {read_as}"
    return Diagnostic(ODD_ENCODING, message, Source(path, text).head(0, _SHOWN), help="save it as UTF-8")

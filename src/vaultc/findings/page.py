"""Notes as the analyses ask for them: each is read at most once a run, and only where nothing is kept of it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from vaultc.core.errors import VaultError

if TYPE_CHECKING:
    from vaultc.core.digest import Digest
    from vaultc.core.link import Link
    from vaultc.core.note import Note
    from vaultc.core.source import Source, VaultPath


class ClaimCache(Protocol):
    """Keeps what was read of a note, by a digest of all that it depends on."""

    def get(self, digest: Digest) -> Any | None:  # noqa: ANN401 - any JSON value
        """Give the value kept under `digest`, or None."""
        ...

    def put(self, digest: Digest, value: Any) -> None:  # noqa: ANN401 - any JSON value
        """Keep a JSON value under `digest`."""
        ...


class Parsed(Protocol):
    """A note as read."""

    @property
    def source(self) -> Source:
        """Its text."""
        ...

    @property
    def note(self) -> Note:
        """Its parts."""
        ...

    @property
    def digest(self) -> Digest:
        """The digest of its bytes."""
        ...


class NoteReader(Protocol):
    """Reads the notes of a vault and follows their links. Raises VaultError where a note cannot be read."""

    def paths(self) -> tuple[VaultPath, ...]:
        """Give the paths of all notes."""
        ...

    def read(self, path: VaultPath, /) -> Parsed:
        """Give the note at `path` as it is now."""
        ...

    def source(self, path: VaultPath, /) -> Source:
        """Give the text of the note at `path` as it is now, without parsing it."""
        ...

    def resolve(self, link: Link, source: VaultPath, /) -> object:
        """Give a ResolvedLink, or something else where the link names no file."""
        ...


class Page:
    """One note, read and parsed when its text is first asked for; None stands for a note that cannot be read."""

    def __init__(self, reader: NoteReader, path: VaultPath, digest: Digest | None = None) -> None:
        """Stand for the note at `path`, whose bytes have `digest` where that is known."""
        self.path = path
        self._reader = reader
        self._digest = digest

    @cached_property
    def parsed(self) -> Parsed | None:
        """The note as it is now."""
        try:
            return self._reader.read(self.path)
        except VaultError:
            return None  # index and check report it

    @cached_property
    def text(self) -> str | None:
        """The note's text; it is not parsed for this."""
        try:
            return self._reader.source(self.path).text
        except VaultError:
            return None

    @property
    def digest(self) -> Digest | None:
        """The digest of the note's bytes."""
        if self._digest is None and self.parsed is not None:
            return self.parsed.digest
        return self._digest

    def resolve(self, link: Link) -> object:
        """Give what a link of the note names."""
        return self._reader.resolve(link, self.path)

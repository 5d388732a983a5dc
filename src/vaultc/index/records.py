"""Values of the catalog, and how spans, links and diagnostics are written into its columns and read back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vaultc.core import rules
from vaultc.core.chunk import Chunk
from vaultc.core.diagnostic import Diagnostic, Rule
from vaultc.core.digest import Digest, canonical_json, canonical_texts
from vaultc.core.errors import DamagedError
from vaultc.core.link import Link, LinkKind, Missing, ResolvedLink, Unresolved
from vaultc.core.source import Span, VaultPath
from vaultc.core.strict_json import parse_json
from vaultc.index.database import MEND_HINT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vaultc.index.database import Row
    from vaultc.vault.files import FoundFile

_RULES = {rule.code: rule for rule in vars(rules).values() if isinstance(rule, Rule)}


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file as it was when last read. `disk` is its path in bytes as the system gave it.

    `digest` is that of the bytes of a note, None for a note that could not be read and for other files.
    """

    path: VaultPath
    disk: bytes
    size: int
    mtime_ns: int
    is_note: bool
    digest: Digest | None = None

    @classmethod
    def of(cls, file: FoundFile, digest: Digest | None = None) -> FileRecord:
        """Give the record of a file that was found."""
        return cls(file.path, file.disk, file.size, file.mtime_ns, file.is_note, digest)

    def looks_like(self, file: FoundFile) -> bool:
        """Tell whether the file that was found looks as this one did."""
        return (self.size, self.mtime_ns, self.disk, self.is_note) == (
            *(file.size, file.mtime_ns, file.disk, file.is_note),
        )


@dataclass(frozen=True, slots=True)
class NoteRecord:
    """What search and analyses want to know of a note without reading it."""

    path: VaultPath
    title: str
    language: str
    is_generated: bool
    length: int
    digest: Digest
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChunkRecord:
    """A chunk with its row id, for the retrievers, which pass ids around."""

    id: int
    chunk: Chunk


def texts(value: str) -> tuple[str, ...]:
    """Read a tuple of strings from its JSON; raise DamagedError where it is none."""
    try:
        return tuple(parse_json(value))
    except (TypeError, ValueError) as error:
        raise _damaged(f"a list is none: {value!r:.80}") from error


def span_of(path: str, start: int, stop: int) -> Span:
    """Read a span from its columns; raise DamagedError where they are none."""
    try:
        return Span(VaultPath(path), start, stop)
    except (TypeError, ValueError) as error:
        raise _damaged(f"a place in {path!r} is none: {error}") from error


def _damaged(what: str) -> DamagedError:
    return DamagedError(f"the index is damaged: {what}", hint=MEND_HINT)


def texts_json(values: tuple[str, ...]) -> str:
    """Give a tuple of strings as JSON that `texts` reads."""
    return canonical_texts(values) if values else "[]"


def chunk_of(path: str, start: int, stop: int, text: str, headings: str, digest: str) -> Chunk:
    """Read a chunk from its columns."""
    return Chunk(span_of(path, start, stop), text, texts(headings), Digest(digest))


def link_columns(link: Link) -> tuple[object, ...]:
    """Give the columns kind, target, headings, block, alias, is_embed, start, stop."""
    return (
        link.kind.value,
        link.target,
        texts_json(link.headings),
        link.block,
        link.alias,
        link.is_embed,
        link.span.start,
        link.span.end,
    )


def link_of(path: VaultPath, row: Row) -> Link:
    """Read a link from the columns that `link_columns` gives; `path` is the note it stands in."""
    kind, target, headings, block, alias, is_embed, start, stop = row
    span = span_of(path, start, stop)
    try:
        return Link(LinkKind(kind), target, texts(headings), block, alias, span, bool(is_embed))
    except ValueError as error:
        raise _damaged(str(error)) from error


def resolution_columns(found: ResolvedLink | Unresolved) -> tuple[object, ...]:
    """Give the columns path, heading, found_block, missing, candidates."""
    if isinstance(found, Unresolved):
        return None, None, None, None, texts_json(found.alias_candidates)
    missing = found.missing.value if found.missing else None
    return found.path, found.heading, found.block, missing, texts_json(found.candidates)


def resolution_of(link: Link, row: Row) -> ResolvedLink | Unresolved:
    """Read what `link` names from the columns that `resolution_columns` gives."""
    path, heading, block, missing, candidates = row
    paths = tuple(VaultPath(candidate) for candidate in texts(candidates))
    if path is None:
        return Unresolved(link, paths)
    try:
        return ResolvedLink(link, VaultPath(path), heading, block, Missing(missing) if missing else None, paths)
    except ValueError as error:
        raise _damaged(str(error)) from error


def diagnostics_json(diagnostics: Iterable[Diagnostic]) -> str:
    """Give diagnostics as JSON; their spans lie in the file they are stored with, related ones anywhere."""
    values = [
        {
            "code": found.rule.code,
            "message": found.message,
            "span": [found.span.start, found.span.end],
            "related": [[span.path, span.start, span.end, message] for span, message in found.related],
            "help": found.help,
        }
        for found in diagnostics
    ]
    return canonical_json(values) if values else "[]"


def diagnostics_of(path: VaultPath, text: str) -> tuple[Diagnostic, ...]:
    """Read the diagnostics of the file `path`; one of a rule that is no longer known is left out."""
    try:
        return tuple(_diagnostic_of(path, item) for item in parse_json(text) if item["code"] in _RULES)
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(f"what was found in {path!r} cannot be read: {error!r:.80}") from error


def _diagnostic_of(path: VaultPath, item: dict[str, Any]) -> Diagnostic:
    related = tuple((Span(VaultPath(other), start, end), said) for other, start, end, said in item["related"])
    return Diagnostic(_RULES[item["code"]], item["message"], Span(path, *item["span"]), related, item["help"])

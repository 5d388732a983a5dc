"""A link as written, and what it names."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from vaultc.core.quick import quick

if TYPE_CHECKING:
    from vaultc.core.source import Span, VaultPath


class LinkKind(StrEnum):
    """How a link is written."""

    WIKILINK = "wikilink"
    EMBED = "embed"
    MARKDOWN = "markdown"
    PROPERTY = "property"
    CANVAS = "canvas"


@quick
@dataclass(frozen=True, slots=True)
class Link:
    """A link as written.

    `target` is the path part, percent-decoded for Markdown links, blanks trimmed, empty for a link into the
    same note; `headings` the chain of `A#B`; `block` the id without `^`; `alias` the text behind `|`.
    `span` covers the whole link with its brackets (and the `!` of an embed).
    """

    kind: LinkKind
    target: str
    headings: tuple[str, ...]
    block: str | None
    alias: str | None
    span: Span
    is_embed: bool = False


class Missing(StrEnum):
    """What a link asks for that is not there."""

    NOTE = "note"
    HEADING = "heading"
    BLOCK = "block"


@quick
@dataclass(frozen=True, slots=True)
class ResolvedLink:
    """What a link names. `missing` says that the note is there but its heading or block is not.

    `candidates` are the files that matched equally well, `path` the first of them.
    """

    link: Link
    path: VaultPath
    heading: str | None = None
    block: str | None = None
    missing: Missing | None = None
    candidates: tuple[VaultPath, ...] = ()


@quick
@dataclass(frozen=True, slots=True)
class Unresolved:
    """A link that names no file. `alias_candidates` carry the name as an alias: a guess, never followed."""

    link: Link
    alias_candidates: tuple[VaultPath, ...] = ()

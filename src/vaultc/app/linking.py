"""Every link and what it names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from vaultc.app.indexing import freshen
from vaultc.app.session import Session
from vaultc.core.errors import UsageError
from vaultc.core.event import Report, silent
from vaultc.core.link import LinkKind, ResolvedLink, Unresolved
from vaultc.index.catalog import open_catalog

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from vaultc.core.source import Place, VaultPath


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link with its place and what it names."""

    place: Place
    found: ResolvedLink | Unresolved

    def names(self) -> str:
        """Give what the link names, for a person."""
        if isinstance(self.found, Unresolved):
            guess = f" (an alias of {self.found.alias_candidates[0]})" if self.found.alias_candidates else ""
            return "nothing" + guess
        part = f"#{self.found.heading}" if self.found.heading else f"#^{self.found.block}" if self.found.block else ""
        missing = f" (no such {self.found.missing})" if self.found.missing else ""
        more = f" (or {len(self.found.candidates) - 1} more)" if len(self.found.candidates) > 1 else ""
        return f"{self.found.path}{part}{missing}{more}"

    def as_json(self) -> dict[str, Any]:
        """Give the link in the form of docs/json.md."""
        link, found = self.found.link, self.found
        kind = LinkKind.EMBED if link.is_embed else link.kind
        row: dict[str, Any] = {"from": self.place.as_json(), "kind": kind.value, "target_text": link.target}
        if isinstance(found, Unresolved):
            candidates = {"candidates": [], "alias_candidates": list(found.alias_candidates)}
            return row | {"resolved": None, "missing": "note", **candidates}
        resolved = {"path": found.path, "heading": found.heading, "block": found.block}
        missing = found.missing.value if found.missing else None
        return row | {
            "resolved": resolved,
            "missing": missing,
            "candidates": list(found.candidates),
            "alias_candidates": [],
        }


@dataclass(frozen=True, slots=True)
class LinksOutcome:
    """The links of a note or of the vault, and for one note the links to it."""

    links: tuple[LinkRow, ...]
    backlinks: tuple[LinkRow, ...]

    def as_json(self) -> dict[str, Any]:
        """Give the outcome in the form of docs/json.md."""
        return {
            "links": [row.as_json() for row in self.links],
            "backlinks": [row.as_json() for row in self.backlinks],
        }


def list_links(note: str | None, vault: Path | None, report: Report = silent) -> LinksOutcome:
    """List the links of `note`, or of every note that a person wrote, from the index, which is brought up to date.

    Raises:
        UsageError: there is no such note.
    """
    session = Session.open(vault, report=report)
    path = None if note is None else named_note(session, note)
    freshen(session, is_needed=False)
    with open_catalog(session.state.catalog) as catalog:
        # The links of generated notes are a matter of each of them.
        generated = frozenset(record.path for record in catalog.notes.records() if record.is_generated)
        if path is None:
            links = (link for link in catalog.links.all() if link.link.span.path not in generated)
            return LinksOutcome(_rows(session, links), ())
        into = (link for link in catalog.links.into(path) if link.link.span.path not in generated)
        return LinksOutcome(_rows(session, catalog.links.of(path)), _rows(session, into))


def named_note(session: Session, text: str) -> VaultPath:
    """Give the note that `text` means: a file as seen from here, a path in the vault, or a name.

    Raises:
        UsageError: there is no such note, or it lies outside the vault.
    """
    from pathlib import Path

    from vaultc.core.source import vault_path

    here = Path(text).expanduser()
    if here.is_file():
        path = vault_path(session.relative(here))
        if path in session.reader.paths():
            return path
    found = session.reader.note_named(text)
    if found is not None:
        _check_single(session, text, found)
        return found
    if here.is_file():
        raise UsageError(
            f'"{text}" is not a note',
            hint="give an .md, .idea, .pseudo, .canvas or .base file that is not excluded",
        )
    raise UsageError(f'there is no note "{text}" in "{session.root}"', hint="give its path or its name")


def _check_single(session: Session, text: str, found: VaultPath) -> None:
    """Raise UsageError where a bare name is that of several notes: taking one in silence may be the wrong one."""
    if "/" in text or text == found:
        return
    name = PurePosixPath(found).name
    same = [path for path in session.reader.paths() if PurePosixPath(path).name == name]
    if len(same) > 1:
        raise UsageError(f'"{text}" is the name of {len(same)} notes', hint="give one of: " + ", ".join(same))


def _rows(session: Session, links: Iterable[ResolvedLink | Unresolved]) -> tuple[LinkRow, ...]:
    return tuple(LinkRow(session.placer.place(link.link.span), link) for link in links)

"""Findings about links that need no model: broken, ambiguous, without their heading or block."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vaultc.core.diagnostic import Diagnostic
from vaultc.core.errors import VaultError
from vaultc.core.link import Missing, ResolvedLink
from vaultc.core.rules import AMBIGUOUS_LINK, BROKEN_LINK, MISSING_BLOCK, MISSING_HEADING
from vaultc.vault.files import is_note_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vaultc.core.link import Unresolved
    from vaultc.core.source import VaultPath
    from vaultc.vault.names import NamesIndex
    from vaultc.vault.reader import VaultReader

_SHOWN = 5
_FILE_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,7}\Z")


def check_links(reader: VaultReader) -> Iterator[Diagnostic]:
    """Read all notes and give what is wrong with their links (V101 to V104), in order of notes and places.

    Notes that cannot be read are passed over: reading them says so.
    """
    for path in reader.paths():
        try:
            note = reader.read(path).note
        except VaultError:
            continue
        yield from link_findings((reader.resolve(link, path) for link in note.links), reader.names)


def link_findings(links: Iterable[ResolvedLink | Unresolved], names: NamesIndex) -> Iterator[Diagnostic]:
    """Give a diagnostic (V101 to V104) for each link that does not name exactly one place that exists."""
    for link in links:
        if isinstance(link, ResolvedLink):
            yield from _check_resolved(link)
        else:
            yield _broken(link, names)


def _broken(unresolved: Unresolved, names: NamesIndex) -> Diagnostic:
    link = unresolved.link
    if _FILE_ENDING.search(link.target) is not None and not is_note_path(link.target):
        return Diagnostic(BROKEN_LINK, f'no file is named "{link.target}"', link.span, help="add the file")
    if unresolved.alias_candidates:
        advice = f'"{link.target}" is an alias of {_listed(unresolved.alias_candidates)}; write [[note|{link.target}]]'
    else:
        near = names.near(link.target)
        advice = f"did you mean {_listed(near)}?" if near else "create the note, or correct the name"
    return Diagnostic(BROKEN_LINK, f'no note is named "{link.target}"', link.span, help=advice)


def _check_resolved(link: ResolvedLink) -> Iterator[Diagnostic]:
    span = link.link.span
    if link.candidates:
        message = f'"{link.link.target}" may mean {_listed(link.candidates)}; the first one is taken'
        yield Diagnostic(AMBIGUOUS_LINK, message, span, help="write the path")
    if link.missing is Missing.HEADING:
        message = f'"{link.path}" has no heading "{"#".join(link.link.headings)}"'
        yield Diagnostic(MISSING_HEADING, message, span, help="the link opens the note at its top")
    elif link.missing is Missing.BLOCK:
        message = f'"{link.path}" has no block "^{link.link.block}"'
        yield Diagnostic(MISSING_BLOCK, message, span, help="the link opens the note at its top")


def _listed(paths: Iterable[VaultPath]) -> str:
    shown = list(paths)
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return ", ".join(f'"{path}"' for path in shown[:_SHOWN]) + more

"""Findings that need no model: links, notes that nothing leads to, copies that a sync service left behind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vaultc.core.diagnostic import Diagnostic
from vaultc.core.endings import READ_SUFFIXES, is_note_path
from vaultc.core.link import LinkKind, Missing, ResolvedLink
from vaultc.core.rules import (
    AMBIGUOUS_LINK,
    BROKEN_LINK,
    MISSING_BLOCK,
    MISSING_HEADING,
    ORPHAN_NOTE,
    SYNC_CONFLICT,
)
from vaultc.core.source import Span, VaultPath
from vaultc.vault.conflict import conflict_of
from vaultc.vault.names import link_key
from vaultc.vault.nearness import Closeness
from vaultc.vault.resolve import heading_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from vaultc.core.link import Link, Unresolved
    from vaultc.vault.graph import LinkGraph
    from vaultc.vault.names import NamesIndex
    from vaultc.vault.resolve import NoteOutline

_SHOWN = 5
_FILE_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,7}\Z")
_LOOK_LATIN = str.maketrans("авекмнорстух", "abekmhopctyx")
# What a template holds until a note is made from it.
_PLACEHOLDER = re.compile(r"\{\{.*\}\}|<%.*%>")
_ROUTE_PAGES = ("index.md", "README.md", "_index.md")
_AT_THE_TOP = "the link opens the note at its top"


def link_findings(
    links: Iterable[ResolvedLink | Unresolved],
    names: NamesIndex,
    outline: Callable[[VaultPath], NoteOutline | None] = lambda _: None,
    *,
    site_routes: bool = True,
) -> Iterator[Diagnostic]:
    """Give a diagnostic (V101 to V104) for each link that does not name exactly one place that exists.

    Args:
        links: links with what they name.
        names: all files of the vault, to say which name looks most like a missing one.
        outline: gives the headings and block ids of a note, for the same purpose.
        site_routes: whether Markdown links that only a website follows (`/js/array/`) count.
    """
    advice: dict[str, str] = {}
    parts = _Parts(outline)
    for link in links:
        if isinstance(link, ResolvedLink):
            if link.candidates or link.missing is not None:
                yield from _check_resolved(link, parts)
        elif not _PLACEHOLDER.search(link.link.target) and (site_routes or not _is_route(link.link)):
            yield _broken(link, names, advice)


def _is_route(link: Link) -> bool:
    """Tell whether a Markdown link names a page of a website by its folder, as Obsidian does not."""
    is_path = link.target.startswith("/") or link.target.endswith("/")
    return link.kind is LinkKind.MARKDOWN and is_path and _FILE_ENDING.search(link.target) is None


def orphan_findings(graph: LinkGraph, leave_out: Collection[VaultPath] = ()) -> Iterator[Diagnostic]:
    """Give a diagnostic (V106) for each note that neither links to a note nor is linked by one.

    Canvases and bases stand for themselves.
    """
    for path in graph.orphans():
        if path not in leave_out and is_note_path(path):
            message = "no note links here, and this note links to none"
            yield Diagnostic(ORPHAN_NOTE, message, Span(path, 0, 0), help="link it from where it belongs")


def conflict_findings(paths: Iterable[VaultPath]) -> Iterator[Diagnostic]:
    """Give a diagnostic (V107) for each file that a sync service laid beside another as a second version."""
    known = frozenset(paths)
    for path in sorted(known):
        original = conflict_of(path)
        if original is None:
            continue
        related: tuple[tuple[Span, str], ...] = ()
        if original in known:
            message = f'a sync service kept a second version of "{original}" here; it was not read'
            related = ((Span(VaultPath(original), 0, 0), "the other version"),)
            advice = "bring over what only this version has, then delete it"
        else:
            message = f'a sync service kept a version of "{original}" here, which is gone; it was not read'
            advice = "rename the file to keep it as a note, or delete it"
        yield Diagnostic(SYNC_CONFLICT, message, Span(path, 0, 0), related, advice)


def _broken(unresolved: Unresolved, names: NamesIndex, known: dict[str, str]) -> Diagnostic:
    """Give the finding of a link that names nothing; `known` keeps what was advised on the same target."""
    link = unresolved.link
    is_file = _FILE_ENDING.search(link.target) is not None and not is_note_path(link.target)
    kind = "file" if is_file else "note"
    if unresolved.alias_candidates:
        advice = f'"{link.target}" is an alias of {_listed(unresolved.alias_candidates)}; write [[note|{link.target}]]'
    else:
        advice = known.get(link.target) or known.setdefault(link.target, _advice(link, names, is_file=is_file))
    name = link.target.removeprefix("/") if link.kind is LinkKind.CANVAS else link.target
    return Diagnostic(BROKEN_LINK, f'no {kind} is named "{name}"', link.span, help=advice)


def _advice(link: Link, names: NamesIndex, *, is_file: bool) -> str:
    if link.target.lower().startswith("www."):
        return f"an address of the web needs its scheme: https://{link.target}"
    if _is_route(link):
        keys = (link_key(f"{link.target.strip('/')}/{page}") for page in _ROUTE_PAGES)
        for pages in map(names.ending_in, keys):
            if pages:
                return f'a website may open "{pages[0]}" here, Obsidian does not; write the path'
    for suffix in READ_SUFFIXES:
        found = names.ending_in(link_key(link.target + suffix))
        if found:
            return f'"{found[0]}" is linked with its ending: [[{link.target}{suffix}]]'
    near = names.near_files(link.target) if is_file else names.near(link.target)
    if near:
        return f"did you mean {_listed(near)}?"
    return "add the file" if is_file else "create the note, or correct the name"


def _check_resolved(link: ResolvedLink, parts: _Parts) -> Iterator[Diagnostic]:
    span = link.link.span
    if link.candidates:
        message = f'"{link.link.target}" may mean {_listed(link.candidates)}; the first one is taken'
        yield Diagnostic(AMBIGUOUS_LINK, message, span, help="write the path")
    if link.missing is Missing.HEADING:
        wanted = link.link.headings
        message = f'"{link.path}" has no heading "{"#".join(wanted)}"'
        advice = parts.headings(link.path).nearest(wanted[-1])
        yield Diagnostic(MISSING_HEADING, message, span, help=advice or _AT_THE_TOP)
    elif link.missing is Missing.BLOCK:
        wanted_id = link.link.block or ""
        message = f'"{link.path}" has no block "^{wanted_id}"'
        advice = parts.blocks(link.path).nearest(wanted_id)
        yield Diagnostic(MISSING_BLOCK, message, span, help=advice or _AT_THE_TOP)


class _Names:
    """The headings or block ids of a note, to ask which of them a link may have meant."""

    def __init__(self, names: Iterable[str], key: Callable[[str], str], mark: str = "") -> None:
        self._key, self._mark = key, mark
        self._written: dict[str, str] = {}
        self._bare: dict[str, list[str]] = {}
        for name in names:
            self._written.setdefault(key(name), name)
            self._bare.setdefault(_bare(name), []).append(name)
        self._close = Closeness(self._written)

    def nearest(self, wanted: str) -> str | None:
        """Ask whether the names that look like `wanted` were meant, in the form in which they are written."""
        near = [self._written[name] for name in self._close.to(self._key(wanted))]
        if not near and (bare := _bare(wanted)):
            near = self._bare.get(bare, [])
        return f"did you mean {_listed(self._mark + name for name in near)}?" if near else None


class _Parts:
    """What links may name inside notes, each note looked up once."""

    def __init__(self, outline: Callable[[VaultPath], NoteOutline | None]) -> None:
        self._outline = outline
        self._headings: dict[VaultPath, _Names] = {}
        self._blocks: dict[VaultPath, _Names] = {}

    def headings(self, path: VaultPath) -> _Names:
        """Give the headings of the note at `path`."""
        if path not in self._headings:
            inside = self._outline(path)
            self._headings[path] = _Names([item.text for item in inside.headings] if inside else [], heading_key)
        return self._headings[path]

    def blocks(self, path: VaultPath) -> _Names:
        """Give the block ids of the note at `path`."""
        if path not in self._blocks:
            inside = self._outline(path)
            self._blocks[path] = _Names(inside.block_ids if inside else [], str.lower, "^")
        return self._blocks[path]


def _bare(name: str) -> str:
    """Give the letters and digits of `name`, Cyrillic letters that look Latin as Latin ones: `🟦 A2` is `А2`."""
    return "".join(filter(str.isalnum, name.casefold())).translate(_LOOK_LATIN)


def _listed(names: Iterable[str]) -> str:
    shown = list(names)
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return ", ".join(f'"{name}"' for name in shown[:_SHOWN]) + more

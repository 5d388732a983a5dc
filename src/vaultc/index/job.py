"""Index a vault: read what changed, keep what did not, and leave the rest to the next run if stopped.

Each batch of notes is one transaction together with a mark that work is unfinished, so a run that is killed
anywhere is completed by the next one, and an incremental index equals a full one.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vaultc.core.diagnostic import Diagnostic
from vaultc.core.endings import note_title
from vaultc.core.errors import DamagedError, StoreError
from vaultc.core.event import Progress, silent
from vaultc.core.rules import CATALOG_REBUILT, VECTORS_UNAVAILABLE
from vaultc.core.source import Span, VaultPath
from vaultc.disk.lock import vault_lock
from vaultc.disk.write import sweep
from vaultc.index.catalog import delete_catalog, open_catalog, set_aside
from vaultc.index.current import GLANCE, UNFINISHED, WHOLE, VaultLook
from vaultc.index.current import IndexOptions as IndexOptions
from vaultc.index.readers import read_notes
from vaultc.index.reading import SLIPS, failed, read_note
from vaultc.index.records import FileRecord, texts, texts_json
from vaultc.index.renew import STORE_PLACE, forget_store, renew_embeddings, renew_store
from vaultc.index.resolution import resolve_links
from vaultc.index.verify import verify
from vaultc.vault.files import read_source
from vaultc.vault.snapshot import Seen, diff
from vaultc.vault.walk import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from vaultc.core.digest import Digest
    from vaultc.core.event import Report
    from vaultc.disk.seal import Seal
    from vaultc.disk.state import StateDir
    from vaultc.index.catalog import Catalog
    from vaultc.index.reading import Reading
    from vaultc.model.protocols import Embedder
    from vaultc.vault.files import FoundFile
    from vaultc.vault.ignore import Ignore
    from vaultc.vault.snapshot import Changes
    from vaultc.vault.walk import Walk

_MADE_BY, _GENERATED, _ID, _MARK = "made by", "generated", "id", "mark of the machine"
_STALE_S = 0.1


@dataclass(frozen=True, slots=True)
class IndexStats:
    """What a run did: notes added, modified, … in this run; notes, chunks in all; chunks embedded in this run."""

    added: int = 0
    modified: int = 0
    moved: int = 0
    removed: int = 0
    unchanged: int = 0
    failed: int = 0
    notes: int = 0
    chunks: int = 0
    embedded: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class IndexResult:
    """Statistics of a run, and what was found in the files of the vault as they are now."""

    stats: IndexStats
    diagnostics: tuple[Diagnostic, ...]


class IndexJob:
    """Brings the index of one vault up to date."""

    def __init__(
        self,
        root: Path,
        state: StateDir,
        *,
        ignore: Ignore | None = None,
        options: IndexOptions | None = None,
        embedder: Embedder | None = None,
        clock: Callable[[], float] = time.monotonic,
        look: VaultLook | None = None,
        seal: Seal | None = None,
    ) -> None:
        """Prepare a run.

        Args:
            root: the folder of the vault.
            state: its state folder.
            ignore: which files are left out; None reads the vault's own settings.
            options: how to index.
            embedder: a model that embeds; None fits an embedder on the vault.
            clock: gives seconds.
            look: what told that a run is needed, made of the same; None looks itself.
            seal: tells an index that another machine made, of which nothing is believed unseen; None believes all.
        """
        self._root = root
        self._state = state
        self._options = options or IndexOptions()
        self._embedder = embedder
        self._clock = clock
        self._look = look or VaultLook(root, state, ignore=ignore, options=self._options, embedder=embedder, seal=seal)

    def run(self, report: Report = silent, *, rebuild: bool = False, verify: bool = False) -> IndexResult:
        """Index what changed since the last run.

        Args:
            report: is told of the progress.
            rebuild: throw the index away first.
            verify: compare all that is kept with the notes first, to the byte, and mend what disagrees.

        Raises:
            VaultError: the vault cannot be listed.
            StoreError: another run goes on, or the index cannot be written. One that is damaged is set aside and
                made again from the notes (V203).
        """
        start = self._clock()
        with vault_lock(self._state.path, timeout_s=self._options.lock_timeout_s):
            if self._clock() - start > _STALE_S:
                self._look.forget()
            sweep(self._state.root)
            if rebuild:
                delete_catalog(self._state.catalog)
            is_new = not self._state.catalog.exists()
            try:
                with open_catalog(self._state.catalog) as catalog:
                    return self._run(catalog, report, start, check=verify)
            except (DamagedError, *SLIPS) as error:
                damage = error if isinstance(error, DamagedError) else self._damage()
                if is_new or damage is None:  # not the catalog's fault
                    raise
                found = self._set_aside(damage)
            with open_catalog(self._state.catalog) as catalog:
                result = self._run(catalog, report, start, check=False)
            return replace(result, diagnostics=(found, *result.diagnostics))

    def _damage(self) -> DamagedError | None:
        """Give what is wrong with a catalog over which a run stumbled; None where the mistake is ours."""
        try:
            with open_catalog(self._state.catalog) as catalog:
                catalog.check_integrity()
        except DamagedError as error:
            return error
        return None

    def _set_aside(self, error: DamagedError) -> Diagnostic:
        """Move away a catalog that is damaged; all but it is there to make it anew."""
        aside = set_aside(self._state.catalog)
        return Diagnostic(
            CATALOG_REBUILT,
            f"the index was made again from the notes: {error.message}",
            Span(VaultPath(f".vaultc/{self._state.catalog.name}"), 0, 0),
            help=f"the damaged file is kept as {aside.name}, and may be deleted",
        )

    def _run(self, catalog: Catalog, report: Report, start: float, *, check: bool) -> IndexResult:
        look, seen = self._look.take()  # before anything is read: what changes later looks different the next time
        self._forget_other_version(catalog)
        self._forget_other_marks(catalog)
        walked = walk(self._root, ignore=self._look.ignore, seen=seen)
        is_foreign = self._is_foreign(catalog)
        check = check or (is_foreign and bool(catalog.files()))
        checked = self._verify(catalog, walked, report) if check else ()
        if is_foreign:
            self._take_over(catalog)
        known = catalog.files()
        changes = self._changes(known, walked)
        self._apply(catalog, known, walked, changes, report)
        embedded, found = self._renew(catalog, walked, report, check=check)
        failed_count = len(catalog.failed_paths())
        catalog.set_setting(GLANCE, None if failed_count else look)  # what could not be read is tried again
        catalog.set_setting(WHOLE, "1")
        counts = catalog.counts()
        stats = IndexStats(
            added=self._count_read(catalog, changes.added),
            modified=self._count_read(catalog, changes.modified),
            moved=len(changes.moved),
            removed=len(changes.removed),
            unchanged=len(changes.unchanged),
            failed=failed_count,
            notes=counts.notes,
            chunks=counts.chunks,
            embedded=embedded,
            seconds=round(self._clock() - start, 3),
        )
        return IndexResult(stats, (*walked.diagnostics, *catalog.diagnostics(), *checked, *found))

    def _verify(self, catalog: Catalog, walked: Walk, report: Report) -> tuple[Diagnostic, ...]:
        catalog.set_setting(UNFINISHED, "1")
        said = str(verify(catalog, self._root, walked.files, self._derive, self._embedder, report))
        if not said:
            return ()
        place = Span(VaultPath(f".vaultc/{self._state.catalog.name}"), 0, 0)
        return (Diagnostic(CATALOG_REBUILT, f"the index was mended: {said}", place),)

    def _derive(self, catalog: Catalog, file: FoundFile) -> None:
        self._put(catalog, [read_note(self._root, file, self._options.chunks)], {file.path: file})

    # what changed

    def _forget_other_version(self, catalog: Catalog) -> None:
        """Make all notes count as changed when another version, or other options, cut them."""
        made_by = self._look.made_by()
        if catalog.needs_reading or catalog.setting(_MADE_BY) != made_by:
            with catalog.transaction():
                catalog.forget_contents(None)
                catalog.set_setting(_MADE_BY, made_by)

    def _is_foreign(self, catalog: Catalog) -> bool:
        """Tell whether another machine made the index: it came with the vault."""
        seal = self._look.seal
        return seal is not None and not seal.bears(_use(catalog), b"", catalog.setting(_MARK) or "")

    def _take_over(self, catalog: Catalog) -> None:
        """Make the index this machine's own: it has been compared with the notes. Its vector store is not opened."""
        assert self._look.seal is not None
        forget_store(catalog)
        with catalog.transaction():
            catalog.set_setting(_ID, secrets.token_hex(16))
            catalog.set_setting(_MARK, self._look.seal.mark(_use(catalog), b""))

    def _forget_other_marks(self, catalog: Catalog) -> None:
        """Make notes count as changed that are known as generated by now, or are so no more."""
        now = self._look.ignore.generated
        told = catalog.setting(_GENERATED)
        before = frozenset(texts(told)) if told is not None else frozenset()
        if now != before:
            with catalog.transaction():
                catalog.forget_contents(VaultPath(path) for path in sorted(now ^ before))
                catalog.set_setting(_GENERATED, texts_json(tuple(sorted(now))))

    def _changes(self, known: Mapping[VaultPath, FileRecord], walked: Walk) -> Changes:
        old = {
            path: Seen(file.size, file.mtime_ns, file.digest)
            for path, file in known.items()
            if file.is_note and file.digest is not None
        }
        changes = diff(old, (file for file in walked.files if file.is_note), self._digest_of)
        # A note that could not be read the last time is not new.
        again = tuple(file for file in changes.added if file.path in known and known[file.path].is_note)
        if not again:
            return changes
        return type(changes)(
            tuple(file for file in changes.added if file not in again),
            (*changes.modified, *again),
            *(changes.removed, changes.unchanged, changes.moved),
        )

    def _digest_of(self, file: FoundFile) -> Digest | None:
        return read_source(self._root, file).digest

    def _count_read(self, catalog: Catalog, files: Iterable[FoundFile]) -> int:
        failed = catalog.failed_paths()
        return sum(file.path not in failed for file in files)

    # files and notes

    def _apply(
        self,
        catalog: Catalog,
        known: Mapping[VaultPath, FileRecord],
        walked: Walk,
        changes: Changes,
        report: Report,
    ) -> None:
        self._apply_names(catalog, known, walked, changes)
        waiting = sorted((*changes.added, *changes.modified, *_renamed(changes)), key=lambda file: file.path)
        here = {file.path: file for file in waiting}
        batch: list[Reading] = []
        size = 0
        options = self._options
        for done, reading in enumerate(read_notes(self._root, waiting, options.chunks, processes=options.processes), 1):
            report(Progress("read", done, len(waiting), reading.path))
            batch.append(reading)
            size += here[reading.path].size
            if len(batch) >= options.batch or size >= options.batch_bytes:
                self._put(catalog, batch, here)
                batch, size = [], 0
        self._put(catalog, batch, here)

    def _apply_names(
        self, catalog: Catalog, known: Mapping[VaultPath, FileRecord], walked: Walk, changes: Changes
    ) -> None:
        """Record files that came, went or moved, in one transaction with the links that hang on their names."""
        here = {file.path: file for file in walked.files}
        gone = known.keys() - here.keys() - {old for old, _ in changes.moved}
        others = [file for file in walked.files if not file.is_note and _differs(file, known.get(file.path))]
        touched = [file for file in changes.unchanged if _differs(file, known.get(file.path))]
        renamed = here.keys() != known.keys()
        if not (gone or others or touched or renamed or changes.moved):
            return
        with catalog.transaction():
            for path in sorted(gone):
                catalog.remove_file(path)
            for old, file in changes.moved:
                catalog.remove_file(file.path)  # a note there that could not be read, or was no note
                catalog.move_file(old, FileRecord.of(file))
            catalog.forget_contents(file.path for file in _renamed(changes))
            for file in others:
                if file.path in known and known[file.path].is_note:
                    catalog.notes.remove(file.path)  # Obsidian excludes it now
                catalog.put_file(FileRecord.of(file))
            for file in touched:
                catalog.touch_file(file.path, size=file.size, mtime_ns=file.mtime_ns, disk=file.disk)
            if renamed:
                catalog.links.forget_all()
                catalog.set_setting(UNFINISHED, "1")
            elif gone or others:
                catalog.set_setting(UNFINISHED, "1")

    def _put(self, catalog: Catalog, readings: Sequence[Reading], files: Mapping[VaultPath, FoundFile]) -> None:
        """Store notes as one transaction; one that cannot be stored is reported and left out."""
        if not readings:
            return
        with catalog.transaction():
            try:
                with catalog.transaction():
                    put_all(catalog, readings, files)
            except SLIPS:
                self._put_each(catalog, readings, files)
            catalog.set_setting(UNFINISHED, "1")

    def _put_each(self, catalog: Catalog, readings: Sequence[Reading], files: Mapping[VaultPath, FoundFile]) -> None:
        for reading in readings:
            try:
                with catalog.transaction():
                    put_all(catalog, [reading], files)
            except SLIPS as error:
                put_all(catalog, [failed(reading.path, error)], files)

    # what is derived

    def _renew(
        self, catalog: Catalog, walked: Walk, report: Report, *, check: bool
    ) -> tuple[int, tuple[Diagnostic, ...]]:
        """Resolve links and bring vectors up to date, where anything changed or a run was cut short."""
        embedded = 0
        pending = self._look.is_pending(catalog)
        if pending:
            report(Progress("resolve links", 0))
            resolve_links(catalog, self._root, {file.path: file for file in walked.files})
            embedded = renew_embeddings(catalog, self._embedder, self._options.fit, report)
        found: tuple[Diagnostic, ...] = ()
        if self._options.vector_store:
            try:
                may_owe, server = self._options.may_owe, self._options.chroma
                vectors = self._state.vectors
                found = renew_store(catalog, vectors, report, thorough=check, may_owe=may_owe, server=server)
            except StoreError as error:
                # The catalog holds every vector and is searched exactly: nothing is lost, so the run goes on.
                message = f"the vector store could not be made: {error.message}"
                found = (Diagnostic(VECTORS_UNAVAILABLE, message, STORE_PLACE, help=error.hint),)
        catalog.set_setting(UNFINISHED, None)
        return embedded, found


def _use(catalog: Catalog) -> tuple[str, str]:
    return "catalog", catalog.setting(_ID) or ""


def _renamed(changes: Changes) -> list[FoundFile]:
    """Give the moved notes that got another title; it is searched with every chunk, so they are read again."""
    return [file for old, file in changes.moved if note_title(old) != note_title(file.path)]


def put_all(catalog: Catalog, readings: Sequence[Reading], files: Mapping[VaultPath, FoundFile]) -> None:
    """Put notes as they were read into the catalog."""
    paths = [reading.path for reading in readings]
    ids = catalog.put_files(
        (FileRecord.of(files[reading.path], reading.digest), reading.diagnostics) for reading in readings
    )
    aliases = catalog.notes.aliases(paths)
    catalog.notes.clear([ids[reading.path] for reading in readings if reading.rows is None])
    catalog.notes.put([(ids[reading.path], reading.rows) for reading in readings if reading.rows is not None])
    catalog.links.forget_into(paths)
    if aliases != catalog.notes.aliases(paths):
        catalog.links.forget_unresolved()


def _differs(file: FoundFile, known: FileRecord | None) -> bool:
    return known is None or not known.looks_like(file)

"""Keep the index of a vault current."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from vaultc.app.models.embedding import admit, embedder_of_index, owed_notes
from vaultc.app.session import Session, remember
from vaultc.core.chunk import ChunkOptions
from vaultc.core.diagnostic import Severity
from vaultc.core.errors import DamagedError, LockedError, StoreError, UsageError, VaultcError
from vaultc.core.event import Report, silent
from vaultc.index.catalog import open_catalog
from vaultc.index.current import IndexOptions, VaultLook, is_whole
from vaultc.index.embed import FitOptions
from vaultc.vault.walk import walk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vaultc.app.places import PlacedDiagnostic
    from vaultc.index.catalog import Catalog
    from vaultc.index.job import IndexJob, IndexResult, IndexStats
    from vaultc.model.protocols import Embedder
    from vaultc.vault.watch import Pace

T = TypeVar("T")
EMBEDDERS = ("vault", "none")


@dataclass(frozen=True, slots=True)
class IndexOutcome:
    """What an index run did; `notes` is what a person may want to know beside it."""

    root: Path
    stats: IndexStats
    diagnostics: tuple[PlacedDiagnostic, ...]
    notes: tuple[str, ...] = ()

    @property
    def has_changes(self) -> bool:
        """Tell whether anything in the vault had changed."""
        return bool(self.stats.added or self.stats.modified or self.stats.moved or self.stats.removed)

    @property
    def exit_code(self) -> int:
        """1 where a note could not be read, else 0."""
        return int(any(item.diagnostic.rule.severity is Severity.ERROR for item in self.diagnostics))

    def gravest(self, most: int) -> tuple[PlacedDiagnostic, ...]:
        """Give at most so many findings, errors before warnings."""
        order = list(Severity)
        return tuple(sorted(self.diagnostics, key=lambda item: order.index(item.diagnostic.rule.severity))[:most])

    def headline(self) -> str:
        """Give one line for a person."""
        stats = self.stats
        counts = (
            ("added", stats.added),
            ("modified", stats.modified),
            ("moved", stats.moved),
            ("removed", stats.removed),
            ("failed", stats.failed),
        )
        changed = ", ".join(f"{n} {word}" for word, n in counts if n) or "nothing changed"
        if not stats.notes:
            changed = "the vault has no notes (.md, .idea, .pseudo)"
        return f"{self.root.name}: {stats.notes} notes, {stats.chunks} chunks; {changed}; {stats.seconds:.1f} s"

    def as_json(self) -> dict[str, Any]:
        """Give the outcome in the form of docs/json.md."""
        return {
            "vault": str(self.root),
            "stats": asdict(self.stats),
            "diagnostics": [item.as_json() for item in self.diagnostics],
        }


def index_vault(
    vault: Path | None, report: Report = silent, *, rebuild: bool = False, verify: bool = False
) -> IndexOutcome:
    """Index the vault and remember it as the one indexed last."""
    session = Session.open(vault, report=report)
    is_searched = session.settings.config.search.vector_store == "chroma"
    result = update(session, rebuild=rebuild, verify=verify, may_owe=not is_searched)
    remember(session.root)
    placer = session.placer
    return IndexOutcome(session.root, result.stats, placer.diagnostics(result.diagnostics), tuple(session.notes))


def update(
    session: Session,
    *,
    rebuild: bool = False,
    verify: bool = False,
    stores_vectors: bool = True,
    may_owe: bool = False,
) -> IndexResult:
    """Bring the index of the session's vault up to date; an unchanged vault costs a scan.

    Without `stores_vectors` the vector store is left owing, and the next `vaultc index` pays: opening Chroma
    takes seconds, and the catalog holds the same vectors. With `may_owe` it is left owing a few vectors of many.
    """
    options = _options(session, stores_vectors=stores_vectors, may_owe=may_owe)
    result = _run(session, options, rebuild=rebuild, verify=verify)
    if admit(session):  # the model was tried on what was indexed, and another embedder than before is used now
        again = _run(session, options)
        seconds = round(result.stats.seconds + again.stats.seconds, 3)
        stats = replace(result.stats, embedded=again.stats.embedded, seconds=seconds)
        result = replace(result, stats=stats, diagnostics=again.diagnostics)
    owed_notes(session)
    return result


def _look(session: Session, options: IndexOptions, embedder: Embedder | None) -> VaultLook:
    return VaultLook(
        session.root, session.state, ignore=session.ignore, options=options, embedder=embedder, seal=session.seal
    )


def _run(session: Session, options: IndexOptions, *, rebuild: bool = False, verify: bool = False) -> IndexResult:
    with ExitStack() as stack:
        embedder = embedder_of_index(session, stack, embeds=True)
        look = _look(session, options, embedder)
        return _job(session, options, embedder, look).run(session.report, rebuild=rebuild, verify=verify)


def _job(session: Session, options: IndexOptions, embedder: Embedder | None, look: VaultLook) -> IndexJob:
    from vaultc.index.job import IndexJob  # brings the parser of notes; a vault that looks the same needs none

    return IndexJob(session.root, session.state, ignore=session.ignore, options=options, embedder=embedder, look=look)


def _options(session: Session, *, stores_vectors: bool, may_owe: bool = False) -> IndexOptions:
    config = session.settings.config.index
    if config.embedder not in EMBEDDERS:
        raise UsageError(f'setting `index.embedder` is "{config.embedder}"', hint=f"use one of {', '.join(EMBEDDERS)}")
    server = None
    if stores_vectors and session.settings.config.search.chroma_url:
        from vaultc.app.models.remote import chroma_server

        server = chroma_server(session.settings.config)
    return IndexOptions(
        chunks=ChunkOptions(target_words=config.chunk_words),
        fit=FitOptions(dimensions=config.dimensions) if config.embedder == "vault" else None,
        vector_store=stores_vectors,
        may_owe=may_owe,
        chroma=server,
    )


def freshen(
    session: Session, *, is_needed: bool = True, finds: bool = False, embeds: bool = True
) -> IndexResult | None:
    """Bring the index up to date before it is read; give what that found.

    A vault that looks as it did costs a glance. While another run holds the lock, and where the state cannot be
    written, it is read as it is. None is given where nothing was run.

    Args:
        session: the vault.
        is_needed: whether a vault that was never indexed is an error; else it is indexed.
        embeds: whether a model may be loaded for new chunks; else they are owed a vector.
        finds: whether findings are wanted, for which even a vault that looks the same is walked.

    Raises:
        StoreError: the vault was never indexed, or cannot be.
    """
    if is_needed or session.is_read_only:
        session.require_index()
    if session.is_read_only:
        return None
    options = _options(session, stores_vectors=is_needed and session.settings.config.search.vector_store == "chroma")
    with ExitStack() as stack:
        embedder = embedder_of_index(session, stack, embeds=embeds)
        look = _look(session, options, embedder)
        try:
            is_done = not finds and _is_current(session, look)
            result = None if is_done else _job(session, options, embedder, look).run(session.report)
        except LockedError:
            session.require_index()
            return None
    if embeds:
        owed_notes(session)
    return result


def whole_catalog(session: Session) -> Catalog:
    """Open the catalog of a vault whose index was brought up to date.

    Another run may have begun meanwhile to make it anew (`--rebuild`): that one is waited for, and as far as it has
    come after that time its catalog is read.

    Raises:
        StoreError: it cannot be opened.
    """
    try:
        catalog = open_catalog(session.state.catalog)
        if is_whole(catalog):
            return catalog
        catalog.close()
    except DamagedError:
        raise
    except StoreError:  # removed while it was being opened
        pass
    freshen(session)
    return open_catalog(session.state.catalog)


def _is_current(session: Session, look: VaultLook) -> bool:
    if session.settings.config.search.vector_store == "chroma":
        return False  # whether the store is sound, a run tells
    try:
        return look.is_current()
    except StoreError:
        return False  # a run mends it, or says what is wrong


def reading(session: Session, read: Callable[[], T]) -> T:
    """Give what `read` reads from the index; where it stumbles over damage, the index is mended and read again.

    Raises:
        StoreError: the index cannot be mended either.
    """
    try:
        return read()
    except DamagedError:
        if session.is_read_only:
            raise
        update(session, verify=True, stores_vectors=False)
        return read()


def keep_fresh(
    root: Path,
    show: Callable[[IndexOutcome], None],
    say: Callable[[str], None] = lambda _: None,
    stop: threading.Event | None = None,
    pace: Pace | None = None,
) -> None:
    """Index whenever files of the vault change, until `stop` is set or the person interrupts.

    While notes are being edited the catalog is kept current, which answers every search; the vector store, which takes
    seconds to open, follows when the vault has become quiet. A run that fails is told to `say`, once, and tried again.

    Raises:
        VaultError: the vault is gone.
    """
    from vaultc.vault.snapshot import look_of
    from vaultc.vault.watch import Pace, Work, watch

    said: list[str] = []

    def tell(message: str) -> None:
        if message not in said:
            said.append(message)
            say(message)

    def run(stores_vectors: bool) -> bool:
        try:
            session = Session.open(root)
            always = session.settings.config.search.vector_store == "chroma"
            result = update(session, stores_vectors=stores_vectors or always)
            outcome = IndexOutcome(root, result.stats, session.placer.diagnostics(result.diagnostics))
        except (VaultcError, OSError) as error:
            tell(f"the index is not current: {error}")
            return False
        said.clear()
        show(outcome)
        return True

    def look() -> bytes:
        return look_of(walk(root, ignore=Session.open(root).ignore).files)

    work = Work(look, lambda: run(False), lambda: run(True), tell)
    watch(root, work, stop=stop or threading.Event(), pace=pace or Pace())

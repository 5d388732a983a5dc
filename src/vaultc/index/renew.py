"""Bring what is derived from the chunks up to date: the embedder, the vectors, and the vector store."""

from __future__ import annotations

import contextlib
import shutil
import stat
from typing import TYPE_CHECKING

from vaultc.core.diagnostic import Diagnostic
from vaultc.core.digest import Digest, digest_json
from vaultc.core.errors import ModelError, StoreError
from vaultc.core.event import Progress
from vaultc.core.rules import VECTORS_REBUILT
from vaultc.core.source import Span, VaultPath
from vaultc.index.account import forget_account, is_settled, must_refit, owe_nothing, owes_at_most, settle
from vaultc.index.embed import StemEmbedder, settings_of
from vaultc.index.embeddings import EmbedderRecord
from vaultc.index.fitting import fit_vault
from vaultc.index.vectors import BATCH, VectorStore, server_collection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from vaultc.core.event import Report
    from vaultc.index.catalog import Catalog
    from vaultc.index.embed import FitOptions
    from vaultc.index.embeddings import StoredVectors
    from vaultc.model.protocols import Embedder
    from vaultc.model.remote.endpoint import Endpoint

_EMBED_BATCH = 512
_MODEL_BATCH = 64
_SAMPLE = 20
_MOST_OWED, _SHARE_OWED = 500, 100
_EMBEDDER, _FIT, _OWED = "embedder", "embedder.settings", "embedder.owed"
_GENERATION, _STORED, _MANIFEST = "vectors.generation", "vectors.embedder", "vectors.files"
STORE_PLACE = Span(VaultPath(".vaultc/vectors"), 0, 0)


def renew_embeddings(catalog: Catalog, embedder: Embedder | None, options: FitOptions | None, report: Report) -> int:
    """Give every chunk a vector; return how many were made.

    With an `embedder` (a model) only chunks without a vector are embedded; where the model fails, what is done is kept
    and the rest is owed (`vectors_owed` says why). Without one, the vault's own is
    fitted again when chunks changed and the vault has fewer than 2,000, or a tenth of them changed since the
    fit; otherwise new chunks are projected. With neither an embedder nor `options` there are no vectors.
    """
    if embedder is not None:
        _adopt(catalog, embedder)
        return _embed_by_model(catalog, embedder, report)
    catalog.set_setting(_OWED, None)
    if options is None:
        return _forget_vectors(catalog, settings_of(None))
    fitted = _current(catalog, options)
    if fitted is None:
        return _refit(catalog, options, report)
    missing = _missing(catalog, fitted.fingerprint)
    if must_refit(catalog, fitted, len(missing)):
        return _refit(catalog, options, report)
    if not missing:
        with catalog.transaction():
            settle(catalog, fitted.fingerprint)
        return 0
    return _embed_missing(catalog, StemEmbedder.from_bytes(fitted.state, fitted.fingerprint), missing, report)


def is_other_embedder(catalog: Catalog, embedder: Embedder | None, options: FitOptions | None) -> bool:
    """Tell whether the catalog's vectors are of another embedder than the one asked for."""
    if embedder is not None:
        return catalog.setting(_EMBEDDER) != embedder.fingerprint or vectors_owed(catalog) is not None
    return catalog.setting(_FIT) != settings_of(options)


def vectors_owed(catalog: Catalog) -> str | None:
    """Give why a model left chunks without vectors in the last run, None where it did not. The next run tries again."""
    return catalog.setting(_OWED)


def _current(catalog: Catalog, options: FitOptions) -> EmbedderRecord | None:
    fingerprint = catalog.setting(_EMBEDDER)
    if fingerprint is None or catalog.setting(_FIT) != settings_of(options):
        return None
    return catalog.embeddings.embedder(Digest(fingerprint))


def _missing(catalog: Catalog, fingerprint: Digest) -> tuple[Digest, ...]:
    return catalog.embeddings.missing(fingerprint, everything=not is_settled(catalog, fingerprint))


def _refit(catalog: Catalog, options: FitOptions, report: Report) -> int:
    digests = catalog.embeddings.wanted_digests()
    report(Progress("fit the embedder", 0, None, f"{len(digests)} chunks"))
    embedder = fit_vault(catalog, options)
    if embedder is None:
        return _forget_vectors(catalog, settings_of(options))
    with catalog.transaction():
        catalog.set_setting(_FIT, settings_of(options))
        catalog.embeddings.put_embedder(
            EmbedderRecord(embedder.fingerprint, embedder.dimensions, len(digests), embedder.to_bytes())
        )
        catalog.set_setting(_EMBEDDER, embedder.fingerprint)
        forget_account(catalog)
        _embed(catalog, embedder, digests, report, is_fitted=True)
        # The same state may have been fitted on more: what it was fitted on is exactly what is there now.
        settle(catalog, embedder.fingerprint, is_new=True)
    return len(digests)


def _forget_vectors(catalog: Catalog, settings: str) -> int:
    with catalog.transaction():
        catalog.set_setting(_FIT, settings)
        catalog.embeddings.forget_embedders()
        catalog.set_setting(_EMBEDDER, None)
        forget_account(catalog)
    return 0


def _adopt(catalog: Catalog, embedder: Embedder) -> None:
    if catalog.setting(_EMBEDDER) == embedder.fingerprint:
        return
    with catalog.transaction():
        catalog.embeddings.put_embedder(EmbedderRecord(embedder.fingerprint, embedder.dimensions, 0, b""))
        catalog.set_setting(_EMBEDDER, embedder.fingerprint)
        catalog.set_setting(_FIT, None)
        forget_account(catalog)


def _embed_by_model(catalog: Catalog, embedder: Embedder, report: Report) -> int:
    before = catalog.embeddings.count(embedder.fingerprint)[0]
    try:
        done = _embed_missing(catalog, embedder, _missing(catalog, embedder.fingerprint), report, _MODEL_BATCH)
    except ModelError as error:
        catalog.set_setting(_OWED, error.message)
        return catalog.embeddings.count(embedder.fingerprint)[0] - before
    catalog.set_setting(_OWED, None)
    return done


def _embed_missing(
    catalog: Catalog, embedder: Embedder, missing: Sequence[Digest], report: Report, batch: int = _EMBED_BATCH
) -> int:
    if missing:
        for start in range(0, len(missing), batch):  # a model is slow: what is done is kept
            with catalog.transaction():
                piece = missing[start : start + batch]
                _embed(catalog, embedder, piece, report, is_fitted=False, done=start, total=len(missing))
    with catalog.transaction():
        settle(catalog, embedder.fingerprint)
    return len(missing)


def _embed(
    catalog: Catalog,
    embedder: Embedder,
    digests: Sequence[Digest],
    report: Report,
    *,
    is_fitted: bool,
    done: int = 0,
    total: int | None = None,
) -> None:
    """Embed chunks and store their vectors; `done` and `total` are those of a larger whole."""
    table = catalog.embeddings
    for start in range(0, len(digests), _EMBED_BATCH):
        piece = digests[start : start + _EMBED_BATCH]
        if isinstance(embedder, StemEmbedder):
            prepared = table.prepared(piece)
            rows = embedder.embed_prepared([prepared[digest] for digest in piece])
        else:
            wanted = table.wanted(piece)
            rows = embedder.embed([wanted[digest] for digest in piece])
        table.put(embedder.fingerprint, piece, rows, is_fitted=is_fitted)
        report(Progress("embed", done + start + len(piece), total or len(digests)))


# the vector store


def open_store(catalog: Catalog, folder: Path, server: Endpoint | None = None) -> VectorStore:
    """Open the current vector store below `folder`; raise StoreError where there is none."""
    generation, fingerprint = _generation(catalog), catalog.setting(_STORED)
    if generation is None or fingerprint is None or not (folder / generation).is_dir():
        raise StoreError(f'there is no vector store in "{folder}"', hint="run `vaultc index`")
    return VectorStore(folder / generation, Digest(fingerprint), server=server)


@contextlib.contextmanager
def reading_store(catalog: Catalog, folder: Path, server: Endpoint | None = None) -> Iterator[VectorStore]:
    """Open the current vector store to search in it; raise StoreError where there is none.

    Chroma leaves other times on its files even so; they are remembered, or the next run would compare every vector.
    """
    store = open_store(catalog, folder, server)
    before = catalog.setting(_MANIFEST)
    is_known = before is not None and before == _manifest(store.folder)
    with store:
        yield store
    if is_known and not catalog.is_read_only and catalog.setting(_MANIFEST) == before:
        catalog.set_setting(_MANIFEST, _manifest(store.folder))


def distrust_store(catalog: Catalog) -> None:
    """Make the next run look at the vector store although its files are as they were left: it did not answer."""
    if not catalog.is_read_only:
        catalog.set_setting(_MANIFEST, None)


def renew_store(
    catalog: Catalog,
    folder: Path,
    report: Report,
    *,
    thorough: bool = False,
    may_owe: bool = False,
    server: Endpoint | None = None,
) -> tuple[Diagnostic, ...]:
    """Make the vector store below `folder` hold the catalog's vectors, and remove what is not current.

    A store that is missing, damaged or not what the catalog remembers is made again beside the old one and
    takes its place when it has passed its check (V201). `thorough` checks every vector. With `may_owe` a few vectors
    of many (one in a hundred, at most 500) are left owing: to open Chroma takes longer than all else that an edited
    note asks for. A store on a `server` is looked at in each run: no file tells whether it is as it was left.

    Raises:
        StoreError: a new store could not be made either.
    """
    fingerprint = catalog.setting(_EMBEDDER)
    if fingerprint is None:
        forget_store(catalog)
        _remove_others(folder, None)
        return ()
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        folder.unlink()  # a link in a vault that came from elsewhere would send our writes outside of it
    generation = _generation(catalog)
    is_remote = server is not None or (generation is not None and server_collection(folder / generation) is not None)
    if not thorough and not is_remote and generation is not None:
        total = catalog.counts().embeddings
        most = min(_MOST_OWED, total // _SHARE_OWED) if may_owe else 0
        if _is_settled(catalog, folder / generation, Digest(fingerprint), most):
            return ()
    vectors = catalog.embeddings.vectors(Digest(fingerprint))
    found: tuple[Diagnostic, ...] = ()
    if generation is None or catalog.setting(_STORED) != fingerprint:
        generation = _rebuild(catalog, folder, vectors, report, server)
    elif thorough or is_remote or not _owes_nothing(catalog, folder / generation, vectors):
        try:
            _update(catalog, folder / generation, vectors, server, thorough=thorough)
        except StoreError as error:
            generation = _rebuild(catalog, folder, vectors, report, server)
            found = (Diagnostic(VECTORS_REBUILT, f"the vectors were stored anew: {error.message}", STORE_PLACE),)
    catalog.set_setting(_MANIFEST, _manifest(folder / generation))
    owe_nothing(catalog)
    _remove_others(folder, generation)
    return found


def _is_settled(catalog: Catalog, folder: Path, fingerprint: Digest, most: int) -> bool:
    """Tell whether at most `most` is owed and the files are those that were left; then Chroma need not be opened."""
    return (
        catalog.setting(_STORED) == fingerprint
        and catalog.setting(_MANIFEST) == _manifest(folder)
        and owes_at_most(catalog, fingerprint, most)
    )


def _owes_nothing(catalog: Catalog, folder: Path, vectors: StoredVectors) -> bool:
    return catalog.embeddings.paid() == set(vectors.digests) and catalog.setting(_MANIFEST) == _manifest(folder)


def _update(catalog: Catalog, folder: Path, vectors: StoredVectors, server: Endpoint | None, *, thorough: bool) -> None:
    """Pay what is owed, after a check of what is there; raise StoreError if the store is not sound."""
    paid, wanted = catalog.embeddings.paid(), frozenset(vectors.digests)
    if folder.is_symlink() or not folder.is_dir():
        raise StoreError(f'the folder "{folder}" is gone')
    kept = sorted(paid & wanted)
    is_as_left = catalog.setting(_MANIFEST) == _manifest(folder)
    with VectorStore(folder, vectors.fingerprint, server=server) as store:
        _check(store, len(paid), kept, vectors, thorough=thorough)
        if not is_as_left and not thorough:  # a killed run, or somebody else, wrote in it
            _compare(store, len(paid), kept, vectors)
        for piece in _pieces(sorted(paid - wanted)):
            store.delete(piece)
            with catalog.transaction():
                catalog.embeddings.unpay(piece)
        for piece in _pieces(sorted(wanted - paid)):
            store.upsert(piece, vectors.rows(piece))
            with catalog.transaction():
                catalog.embeddings.pay(piece)
        store.reopen()
        _check(store, len(wanted), vectors.digests, vectors, thorough=False)
        _compare(store, len(wanted), sorted(wanted - paid), vectors)


def _rebuild(catalog: Catalog, folder: Path, vectors: StoredVectors, report: Report, server: Endpoint | None) -> str:
    """Make a new store from the catalog's vectors, check it, and make it the current one; give its name."""
    generation = _new_name(folder)
    digests = vectors.digests
    done = 0
    with VectorStore(folder / generation, vectors.fingerprint, server=server) as store:
        for piece in _pieces(digests):
            store.upsert(piece, vectors.rows(piece))
            done += len(piece)
            report(Progress("store vectors", done, len(digests)))
        store.reopen()
        _check(store, len(digests), digests, vectors, thorough=False)
        _compare(store, len(digests), digests, vectors)
        with catalog.transaction():
            catalog.embeddings.unpay(None)
            catalog.embeddings.pay(digests)
            catalog.set_setting(_GENERATION, generation)
            catalog.set_setting(_STORED, vectors.fingerprint)
        if server is not None:
            old = [
                found for name in _names(folder) if name != generation and (found := server_collection(folder / name))
            ]
            store.drop([collection for url, collection in old if url == str(server)])
    return generation


def _check(
    store: VectorStore, count: int, digests: Sequence[Digest], vectors: StoredVectors, *, thorough: bool
) -> None:
    """Check the count, and some of `digests` spread over all of them, or each."""
    some = digests if thorough else digests[:: max(1, len(digests) // _SAMPLE)][:_SAMPLE]
    for piece in _pieces(some, 500) or [()]:
        store.check(count, piece, vectors.rows(piece))


def _compare(store: VectorStore, count: int, digests: Sequence[Digest], vectors: StoredVectors) -> None:
    """Check that the store gives back each of `digests`; whether its graph finds them is another question."""
    for piece in _pieces(digests):
        store.check(count, piece, vectors.rows(piece), looks_up=False)


def forget_store(catalog: Catalog) -> None:
    """Make the next run store all vectors anew, and remove the store that is there unopened."""
    with catalog.transaction():
        catalog.embeddings.unpay(None)
        for key in (_GENERATION, _STORED, _MANIFEST):
            catalog.set_setting(key, None)


def _pieces(digests: Sequence[Digest], size: int = BATCH) -> list[Sequence[Digest]]:
    return [digests[start : start + size] for start in range(0, len(digests), size)]


def _generation(catalog: Catalog) -> str | None:
    """Give the name of the current store; a name that is not one of ours (a path, in a damaged catalog) is none."""
    name = catalog.setting(_GENERATION)
    return name if name is not None and name.isascii() and name.isdigit() else None


def _new_name(folder: Path) -> str:
    numbers = [int(name) for name in _names(folder) if name.isascii() and name.isdigit()]
    return str(max(numbers, default=0) + 1)


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()] if folder.is_dir() else []


def _remove_others(folder: Path, generation: str | None) -> None:
    """Remove what is not the current store. What cannot be removed is left for the next run."""
    for name in _names(folder):
        path = folder / name
        if name == generation:
            continue
        if stat.S_ISDIR(path.lstat().st_mode):
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                path.unlink()


def _manifest(folder: Path) -> str:
    """Give a digest of the names, sizes and times of the files of a store, and of links in it."""
    listed = [
        [str(path.relative_to(folder)), path.lstat().st_size, path.lstat().st_mtime_ns]
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    ]
    return digest_json(listed)

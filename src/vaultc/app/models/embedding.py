"""The models of the roles `embedder` and `reranker`, and whether the vault lets the embedder in.

Where neither role is set, nothing here is imported or opened.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaultc.core.digest import Digest
from vaultc.core.errors import ModelError, StoreError, UsageError
from vaultc.index.catalog import open_catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import ExitStack

    import numpy as np
    from numpy.typing import NDArray

    from vaultc.app.session import Session
    from vaultc.config import ModelEntry
    from vaultc.index.catalog import Catalog
    from vaultc.model.process.embedder import GgufEmbedder
    from vaultc.model.protocols import Embedder, Reranker
    from vaultc.model.remote.embedder import RemoteEmbedder

_ASLEEP = "its model was not to be loaded"


class _Asleep:
    """An embedder that is not to be loaded now: what it would embed is owed."""

    def __init__(self, fingerprint: Digest, dimensions: int) -> None:
        self.fingerprint = fingerprint
        self.dimensions = dimensions

    def embed(self, texts: Sequence[str], *, is_query: bool = False) -> NDArray[np.float32]:
        """Raise ModelError."""
        raise ModelError(_ASLEEP)


def embedder_of_index(session: Session, stack: ExitStack, *, embeds: bool) -> Embedder | None:
    """Give the embedder that the vault is indexed with: the role's where it is let in, None for the vault's own.

    It is closed with `stack`; nothing is loaded here. A model that cannot be opened is a note, and the vectors of a
    model stay as they are: they may have taken hours, and its disk may only be away.
    """
    if not _has_role(session, "embedder") or not session.state.catalog.is_file():
        return None
    model = _open_embedder(session)
    try:
        with open_catalog(session.state.catalog) as catalog:
            if model is None:
                return _absent(catalog)
            stack.callback(model.close)
            found = _admitted(catalog, model)
            if found is None or embeds:
                return found
            known = catalog.embeddings.embedder(found.fingerprint)
            return _Asleep(found.fingerprint, known.dimensions if known is not None else found.dimensions)
    except StoreError:  # the run mends it, and the model is tried then
        return None
    except ModelError as error:  # a server that has to be asked, and does not answer
        note_once(session)(f"the embedder cannot be used: {error.message}")
        with open_catalog(session.state.catalog) as catalog:
            return _absent(catalog)


def _absent(catalog: Catalog) -> Embedder | None:
    """Give what stands for a model that cannot be opened, where the vectors are a model's."""
    fingerprint = catalog.setting("embedder")
    record = catalog.embeddings.embedder(Digest(fingerprint)) if fingerprint else None
    return _Asleep(record.fingerprint, record.dimensions) if record is not None and not record.state else None


def admit(session: Session) -> bool:
    """Try the role's embedder on the vault where that was not done; tell whether that changed what is used.

    It is tried again when the shares of the languages have changed. A model that fails is a note.
    """
    if not _has_role(session, "embedder"):
        return False
    model = _open_embedder(session)
    if model is None:
        return False
    from vaultc.retrieve.admission import is_stale, read_admission, try_embedder

    with model, open_catalog(session.state.catalog) as catalog:
        before = read_admission(catalog, model.fingerprint)
        if not catalog.counts().chunks or (before is not None and not is_stale(catalog, before)):
            return False
        try:
            found = try_embedder(catalog, model, session.report)
        except ModelError as error:
            note_once(session)(f"the embedder could not be tried: {error.message}")
            return False
    entry = _entry(session, "embedder")
    for line in found.lines(entry.served_as if entry.url else Path(entry.path).stem):
        note_once(session)(line)
    return found.languages != (before.languages if before is not None else frozenset())


def models_of_search(session: Session, catalog: Catalog, stack: ExitStack) -> tuple[Embedder | None, Reranker | None]:
    """Give the embedder and the reranker of a search, as far as they are set and let in; closed with `stack`.

    Nothing is loaded before the first question; one that cannot be opened is a note.
    """
    embedder: Embedder | None = None
    if _has_role(session, "embedder"):
        model = _open_embedder(session)
        if model is not None:
            stack.callback(model.close)
            embedder = _admitted(catalog, model)
    return embedder, _open_reranker(session, stack) if _has_role(session, "reranker") else None


def owed_notes(session: Session) -> None:
    """Note why chunks have no vector yet, where a model failed."""
    if not _has_role(session, "embedder") or not session.state.catalog.is_file():
        return
    from vaultc.index.renew import vectors_owed

    with open_catalog(session.state.catalog) as catalog:
        reason = vectors_owed(catalog)
    if reason and reason != _ASLEEP:
        note_once(session)(f"some notes have no vectors yet and are found by words alone: {reason}")


def note_once(session: Session) -> Callable[[str], None]:
    """Give what notes a text once."""

    def note(text: str) -> None:
        if text not in session.notes:
            session.notes.append(text)

    return note


def _has_role(session: Session, role: str) -> bool:
    config = session.settings.config
    if role == "embedder" and config.index.embedder == "none":
        return False
    return role in config.roles and bool(config.roles[role].model)


def _admitted(catalog: Catalog, model: GgufEmbedder | RemoteEmbedder) -> Embedder | None:
    from vaultc.retrieve.admission import AdmittedEmbedder, read_admission

    found = read_admission(catalog, model.fingerprint)
    return AdmittedEmbedder(model, found.languages) if found is not None and found.languages else None


def _open_embedder(session: Session) -> GgufEmbedder | RemoteEmbedder | None:
    entry = _entry(session, "embedder")
    if entry.url:
        from vaultc.app.models.remote import open_remote_embedder

        config = session.settings.config
        prefix = "" if entry.query_prefix == "auto" else entry.query_prefix
        return open_remote_embedder(config, config.roles["embedder"].model, query_prefix=prefix)
    from vaultc.model.process.embedder import GgufEmbedder

    try:
        return GgufEmbedder(
            Path(entry.path).expanduser(),
            query_prefix=None if entry.query_prefix == "auto" else entry.query_prefix,
            passage_prefix=None if entry.passage_prefix == "auto" else entry.passage_prefix,
            **_opening(session, entry),
        )
    except ModelError as error:
        note_once(session)(f"the embedder cannot be used: {error.message}")
        return None


def _open_reranker(session: Session, stack: ExitStack) -> Reranker | None:
    from vaultc.model.process.embedder import GgufReranker

    entry = _entry(session, "reranker")
    try:
        model = GgufReranker(Path(entry.path).expanduser(), **_opening(session, entry))
    except ModelError as error:
        note_once(session)(f"the reranker cannot be used: {error.message}")
        return None
    stack.callback(model.close)
    return model


def _entry(session: Session, role: str) -> ModelEntry:
    config = session.settings.config
    name = config.roles[role].model
    if name not in config.models:
        raise UsageError(f'[roles.{role}] names the model "{name}", which is not in [models]')
    entry = config.models[name]
    if entry.url and role == "embedder":
        if not entry.served_as:
            hint = "its vectors are kept under that name, and a search that needs none does not ask the server"
            raise UsageError(f'the model "{name}" of [roles.embedder] has no `served_as`', hint=hint)
        return entry
    if not entry.path:
        raise UsageError(f'the model "{name}" of [roles.{role}] has no `path`', hint="give it the path of a GGUF")
    return entry


def _opening(session: Session, entry: ModelEntry) -> dict[str, Any]:
    """Give what both kinds are opened with: all layers on the graphics card if there is one, for they are small.

    Raises ModelError where the file is not there, or not the one that the settings name by its digest.
    """
    from vaultc.app.models.opening import pinned_digests
    from vaultc.model.file.spec import require_digest
    from vaultc.model.fit.llama_settings import LlamaSettings

    path = Path(entry.path).expanduser()
    digests = pinned_digests(session.notes.append)
    if entry.digest:
        require_digest(path, entry.digest, digests)
    settings = LlamaSettings(
        gpu_layers=entry.gpu_layers if entry.placement == "given" else None,
        context_tokens=entry.context_tokens or None,
        threads=entry.threads or None,
        flash_attn=None if entry.flash_attn else False,
        pooling="" if entry.pooling == "auto" else entry.pooling,
        batch_tokens=entry.batch_tokens or LlamaSettings().batch_tokens,
    )
    return {"settings": settings, "report": session.report, "digests": digests}

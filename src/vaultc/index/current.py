"""Whether an index still is what a run would make it, told at a glance; and how a run is to index.

A search asks this before anything else: nothing here brings the parser of notes along.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import vaultc
from vaultc.core.chunk import ChunkOptions
from vaultc.core.digest import Digest, digest_json
from vaultc.index.catalog import open_catalog
from vaultc.index.embed import FitOptions
from vaultc.index.renew import is_other_embedder
from vaultc.vault.ignore import read_ignore
from vaultc.vault.walk import glance

if TYPE_CHECKING:
    from pathlib import Path

    from vaultc.disk.seal import Seal
    from vaultc.disk.state import StateDir
    from vaultc.index.catalog import Catalog
    from vaultc.model.protocols import Embedder
    from vaultc.model.remote.endpoint import Endpoint
    from vaultc.vault.ignore import Ignore
    from vaultc.vault.walk import Glance

GLANCE, UNFINISHED, WHOLE = "vault at a glance", "unfinished", "whole"
"""Settings of a catalog: how the vault looked when all of it was read, that work was begun, that a run has ended."""
_FORMAT = 4  # raised when notes must be read again although no table changed


@dataclass(frozen=True, slots=True)
class IndexOptions:
    """How a vault is indexed.

    Attributes:
        chunks: how notes are cut.
        fit: how the vault's own embedder is fitted; None makes no vectors, and search is by words alone.
        vector_store: whether Chroma is kept beside the catalog; `chroma`: the server that keeps it, None for ourselves.
        may_owe: whether Chroma may be left owing a few vectors of many, to be paid by a later run.
        lock_timeout_s: how long to wait for another run.
        batch, batch_bytes: at most so many notes, and about so many bytes of them, in one transaction.
        processes: how many read notes at once; 0 takes the cores there are where it pays.
    """

    chunks: ChunkOptions = field(default_factory=ChunkOptions)
    fit: FitOptions | None = field(default_factory=FitOptions)
    vector_store: bool = True
    may_owe: bool = False
    chroma: Endpoint | None = None
    lock_timeout_s: float = 10.0
    batch: int = 2_000
    batch_bytes: int = 8_000_000
    processes: int = 0


class VaultLook:
    """How a vault looks now, and whether its index is what a run would make it."""

    def __init__(
        self,
        root: Path,
        state: StateDir,
        *,
        ignore: Ignore | None,
        options: IndexOptions,
        embedder: Embedder | None = None,
        seal: Seal | None = None,
    ) -> None:
        """Prepare to look; what is given is as for an `IndexJob`."""
        self.seal = seal
        self._root = root
        self._state = state
        self._ignore = ignore
        self._options = options
        self._embedder = embedder
        self._seen: Glance | None = None

    @property
    def ignore(self) -> Ignore:
        """What is left out of the vault."""
        return self._ignore if self._ignore is not None else read_ignore(self._root)

    def is_current(self) -> bool:
        """Tell that the vault looks as it did when a run last read all of it, and by the same settings.

        False is no more than a reason to run. Raises StoreError where the catalog cannot be read.
        """
        look, self._seen = self.take()
        if look is None or not self._state.catalog.exists():
            return False
        with open_catalog(self._state.catalog) as catalog:
            is_read = catalog.setting(GLANCE) == look and is_whole(catalog)
            return is_read and not catalog.needs_reading and not self.is_pending(catalog)

    def take(self) -> tuple[Digest | None, Glance | None]:
        """Give what tells a vault that looks the same, and what was seen; what was seen just now is not seen again."""
        ignore = self.ignore
        seen = None if ignore.follows_links else self._seen or glance(self._root)
        self._seen = None
        if seen is None:
            return None, None
        said = repr(replace(ignore, generated=frozenset()))  # a set has no order, and its text would differ
        look = digest_json([seen.digest, said, sorted(ignore.generated), self.made_by()])
        # Only an index that this machine made is known at a glance.
        return look if self.seal is None else Digest(self.seal.mark(("glance",), look.encode())), seen

    def forget(self) -> None:
        """Look anew the next time: another run went on meanwhile, and saw more."""
        self._seen = None

    def made_by(self) -> Digest:
        """Give what notes were read and cut by: another value asks for reading all of them again."""
        return digest_json([_FORMAT, vaultc.__version__, repr(self._options.chunks)])

    def is_pending(self, catalog: Catalog) -> bool:
        """Tell whether a run was cut short, or the vectors are of another embedder than the one asked for."""
        if catalog.setting(UNFINISHED) is not None:
            return True
        return is_other_embedder(catalog, self._embedder, self._options.fit)


def is_whole(catalog: Catalog) -> bool:
    """Tell whether a run has ended since the catalog was made: before that it holds a part of the vault."""
    return catalog.setting(WHOLE) is not None

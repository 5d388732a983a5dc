"""What passes have already computed, by fingerprint: in memory, or in files of the vault's state."""

from __future__ import annotations

import errno
import json
from typing import TYPE_CHECKING, Any, Protocol

from vaultc.core.errors import VaultError
from vaultc.disk.write import read_bytes, write_atomic

if TYPE_CHECKING:
    from vaultc.core.digest import Digest
    from vaultc.disk.policy import Root
    from vaultc.disk.seal import Seal

_IN_THE_WAY = frozenset({errno.ENOTDIR, errno.ELOOP, errno.EISDIR})


class PassCache(Protocol):
    """Keeps the result of a pass under the fingerprint of all that went into it."""

    def get(self, fingerprint: Digest) -> dict[str, Any] | None:
        """Give what was kept under `fingerprint`, or None."""
        ...

    def put(self, fingerprint: Digest, result: dict[str, Any]) -> None:
        """Keep `result` under `fingerprint`."""
        ...


class MemoryCache:
    """Keeps results as long as it lives: for tests and dry runs."""

    def __init__(self) -> None:
        self._kept: dict[Digest, str] = {}

    def get(self, fingerprint: Digest) -> dict[str, Any] | None:
        """Give what was kept under `fingerprint`, or None."""
        text = self._kept.get(fingerprint)
        if text is None:
            return None
        value: dict[str, Any] = json.loads(text)
        return value

    def put(self, fingerprint: Digest, result: dict[str, Any]) -> None:
        """Keep `result` under `fingerprint`."""
        self._kept[fingerprint] = json.dumps(result, ensure_ascii=False)


class FileCache:
    """Keeps each result in a file of its own below `folder`.

    A result becomes notes and code, so one is believed only where this machine kept it, for this very fingerprint.
    Anything else that stands there counts as absent, and the pass is run again.
    """

    def __init__(self, root: Root, folder: str, seal: Seal) -> None:
        self._root, self._folder, self._seal = root, folder, seal

    def get(self, fingerprint: Digest) -> dict[str, Any] | None:
        """Give what was kept under `fingerprint`, or None."""
        try:
            data = read_bytes(self._root, self._path(fingerprint))
        except VaultError:
            return None
        value = self._seal.opened(("pass", fingerprint), data)
        return value if isinstance(value, dict) else None

    def put(self, fingerprint: Digest, result: dict[str, Any]) -> None:
        """Keep `result` under `fingerprint`. Raises VaultError where the disk is full or cannot be written."""
        data = self._seal.closed(("pass", fingerprint), result)
        try:
            write_atomic(self._root, self._path(fingerprint), data, mode=0o600)
        except VaultError as error:
            if isinstance(error.__cause__, OSError) and error.__cause__.errno not in _IN_THE_WAY:
                raise
            # A link, a folder or a device stands there: what is not kept is computed again.

    def _path(self, fingerprint: Digest) -> str:
        return f"{self._folder}/{fingerprint.partition(':')[2]}.json"

"""What passes have already computed, by fingerprint: in memory, or in files of the vault's state."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from vaultc.core.digest import Digest


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
        return None if text is None else _object(text)

    def put(self, fingerprint: Digest, result: dict[str, Any]) -> None:
        """Keep `result` under `fingerprint`."""
        self._kept[fingerprint] = json.dumps(result, ensure_ascii=False)


class FileCache:
    """Keeps each result in a file of its own.

    `read` and `write` take a file name; `read` gives None where there is no such file. A file that cannot be
    understood counts as absent: the pass is run again.
    """

    def __init__(self, read: Callable[[str], bytes | None], write: Callable[[str, bytes], None]) -> None:
        self._read = read
        self._write = write

    def get(self, fingerprint: Digest) -> dict[str, Any] | None:
        """Give what was kept under `fingerprint`, or None."""
        data = self._read(_file_name(fingerprint))
        if data is None:
            return None
        try:
            return _object(data.decode("utf-8"))
        except ValueError:
            return None

    def put(self, fingerprint: Digest, result: dict[str, Any]) -> None:
        """Keep `result` under `fingerprint`."""
        text = json.dumps(result, ensure_ascii=False, sort_keys=True)
        self._write(_file_name(fingerprint), text.encode("utf-8", "surrogatepass"))


def _file_name(fingerprint: Digest) -> str:
    return fingerprint.partition(":")[2] + ".json"


def _object(text: str) -> dict[str, Any]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value

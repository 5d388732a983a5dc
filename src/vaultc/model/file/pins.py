"""Pinned digests (trust on first use): those of model files of this machine, kept when a file is first used.

A file of 100 GB is not read for every question: as long as path, size, time and inode are the same, the digest is
taken as it was. What is found to have changed since is said once, and pinned as it is now.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Any

from vaultc.core.errors import VaultError
from vaultc.core.strict_json import parse_object
from vaultc.disk.policy import Root
from vaultc.disk.write import read_bytes, write_atomic

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILE = "models.json"
_VERSION = 1


class PinnedDigests(MutableMapping[str, str]):
    """The digests, by keys of `digest_of_file`: path, size, time, inode. Kept in `models.json` of a folder."""

    def __init__(self, folder: Path, today: str, on_change: Callable[[str], None]) -> None:
        """Keep them in `folder`; `on_change` is told of a file that is another than it was."""
        self._root = Root(folder, allow_hidden=True)
        self._today = today
        self._on_change = on_change

    def __getitem__(self, key: str) -> str:
        path, stat = _parts(key)
        pin = self._pins().get(path)
        if pin is None or pin["stat"] != stat:
            raise KeyError(key)
        return pin["digest"]

    def __setitem__(self, key: str, value: str) -> None:
        path, stat = _parts(key)
        pins = self._pins()
        pin = pins.get(path)
        if pin is not None and pin["digest"] != value:
            self._on_change(f"{path} is not the file it was on {pin['since']}: its digest was {pin['digest']}")
            pin = None
        since = pin["since"] if pin is not None else self._today
        pins[path] = {"stat": stat, "digest": value, "since": since}
        self._write(pins)

    def __delitem__(self, key: str) -> None:
        pins = self._pins()
        del pins[_parts(key)[0]]
        self._write(pins)

    def __iter__(self) -> Iterator[str]:
        return iter([f"{path}|{pin['stat']}" for path, pin in self._pins().items()])

    def __len__(self) -> int:
        return len(self._pins())

    def _pins(self) -> dict[str, dict[str, str]]:
        try:
            data = read_bytes(self._root, FILE)
            document = parse_object(data or b"{}")
            pins: dict[str, Any] = document["files"] if document["version"] == _VERSION else {}
            return {str(path): _pin(value) for path, value in pins.items()}
        except (VaultError, ValueError, KeyError, TypeError, AttributeError):
            return {}  # unreadable: each file is read again

    def _write(self, pins: dict[str, dict[str, str]]) -> None:
        data = json.dumps({"version": _VERSION, "files": pins}, indent=1).encode("utf-8", "surrogatepass")
        with contextlib.suppress(VaultError):  # a home that cannot be written costs time alone
            write_atomic(self._root, FILE, data, mode=0o600)


def _parts(key: str) -> tuple[str, str]:
    path, size, time, inode = key.rsplit("|", 3)
    return path, f"{size}|{time}|{inode}"


def _pin(value: Any) -> dict[str, str]:  # noqa: ANN401 - any JSON value
    return {name: str(value[name]) for name in ("stat", "digest", "since")}

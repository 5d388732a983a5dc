"""What this machine wrote itself: a secret key, made once, and a mark that nobody makes without it.

A vault is cloned, synchronised and unpacked from archives, and what lies in its state folder comes along. What we do
by the word of such a file (overwrite, remove, run) is done only where it bears the mark. The mark is keyed BLAKE2b
(RFC 7693) over what the file is for and its bytes, and is looked at before anything of it is parsed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import stat
from typing import TYPE_CHECKING, Any

from vaultc.core.digest import canonical_texts
from vaultc.core.errors import StoreError, VaultError
from vaultc.disk.lock import vault_lock
from vaultc.disk.policy import Root
from vaultc.disk.write import read_bytes, remove, write_atomic

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

KEY_NAME = "record-key"
"""The file of the key in the person's state home."""
_KEY_FORM = re.compile(rb"[0-9a-f]{64}\n")
_MARK_BYTES = 32
_LOCK_S = 10.0


class Seal:
    """Marks data as written by this machine for one purpose, and tells whether data bears that mark."""

    def __init__(self, key: bytes, *, is_kept: bool = True) -> None:
        """Take the key, at most 64 bytes; one that is not kept marks nothing for a later process."""
        self._key = key
        self.is_kept = is_kept

    def mark(self, use: Sequence[str], data: bytes) -> str:
        """Give the mark of `data`; `use` says what it is for, so that it cannot stand for anything else."""
        # A line break within a name is escaped, so no two pairs give the same message.
        message = canonical_texts(use).encode("utf-8", "surrogatepass") + b"\n" + data
        return hashlib.blake2b(message, key=self._key, digest_size=_MARK_BYTES).hexdigest()

    def bears(self, use: Sequence[str], data: bytes, mark: str) -> bool:
        """Tell whether `mark` is that of `data`, without telling by its time how much of it fits."""
        return hmac.compare_digest(self.mark(use, data).encode(), mark.encode("utf-8", "surrogatepass"))

    def closed(self, use: Sequence[str], value: Any) -> bytes:  # noqa: ANN401 - any JSON value
        """Give a JSON value as a file that `opened` reads: a line with the mark, then the value."""
        body = (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "surrogatepass")
        return self._head(use, body) + body

    def opened(self, use: Sequence[str], data: bytes | None) -> Any:  # noqa: ANN401 - any JSON value
        """Give the value of a file that `closed` made here for this use; None for anything else, and for no file."""
        head, line_end, body = (data or b"").partition(b"\n")
        if not hmac.compare_digest(self._head(use, body), head + line_end):
            return None
        return json.loads(body)

    def _head(self, use: Sequence[str], body: bytes) -> bytes:
        return b'{"seal": "' + self.mark(use, body).encode() + b'"}\n'


def machine_seal(home: Path) -> Seal:
    """Give the seal of this machine, whose key lies in `home`, the person's state home; it is made on first use.

    Processes that make it at the same time get the same. A key that others could read, that somebody else owns or
    that is damaged is replaced; what it marked is foreign then. Where none can be kept, the key lives as long as the
    process: nothing kept is believed, and all is done anew.
    """
    root = Root(home)
    try:
        found = _kept_key(root)
        if found is None:
            home.mkdir(parents=True, exist_ok=True)
            with vault_lock(home, timeout_s=_LOCK_S):
                found = _kept_key(root)
                if found is None:
                    found = secrets.token_bytes(32)
                    _clear(root)
                    write_atomic(root, KEY_NAME, found.hex().encode() + b"\n", mode=0o600)
    except (OSError, VaultError, StoreError):
        return Seal(secrets.token_bytes(32), is_kept=False)
    return Seal(found)


def is_private(path: Path) -> bool:
    """Tell whether `path` is a file of this person's that nobody else can read or write."""
    try:
        status = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o077


def _kept_key(root: Root) -> bytes | None:
    data = read_bytes(root, KEY_NAME) if is_private(root.path / KEY_NAME) else None
    return bytes.fromhex(data.decode("ascii")) if data is not None and _KEY_FORM.fullmatch(data) else None


def _clear(root: Root) -> None:
    """Remove what stands at the place of the key: an existing file would keep its permission bits."""
    path = root.path / KEY_NAME
    if path.is_symlink():
        path.unlink()
    remove(root, KEY_NAME)

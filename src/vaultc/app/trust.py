"""What came with a vault and could steer vaultc, and the person's word that it may.

A vault that was cloned, synchronised or unpacked brings its state folder along. What its settings say of paths,
addresses and models, and its prompts, count only where the person said so of this folder and these very values; that
is written down in the person's own home, where no vault can write.
"""

from __future__ import annotations

import json
import stat
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vaultc.config import VaultSettings, parse_settings
from vaultc.core.digest import Digest, digest_bytes, digest_json
from vaultc.core.errors import VaultcError, VaultError
from vaultc.core.strict_json import NotJsonError, parse_object
from vaultc.core.strict_toml import MOST_TOML_BYTES
from vaultc.disk.policy import Root
from vaultc.disk.state import STATE_NAME
from vaultc.disk.write import read_bytes, write_atomic

if TYPE_CHECKING:
    from pathlib import Path

PROMPTS = "prompts"
"""The folder of the state folder whose files take the place of our prompts."""
_FILE = "trusted.json"
_CONFIG = f"{STATE_NAME}/config.toml"
_MOST_PROMPTS, _MOST_PROMPT_BYTES = 100, 1 << 20
_UNREADABLE = ""  # no digest


@dataclass(frozen=True, slots=True)
class TrustStore:
    """The vaults that the person trusts, each with the digest of what it said then; kept below `home`."""

    home: Path

    def entries(self) -> dict[str, Digest]:
        """Give what is written down; a file that cannot be believed trusts nobody."""
        try:
            document = parse_object(read_bytes(Root(self.home), _FILE) or b"{}")
        except (VaultcError, NotJsonError):
            return {}
        vaults = document.get("vaults")
        if not isinstance(vaults, dict):
            return {}
        return {path: Digest(digest) for path, digest in vaults.items() if isinstance(digest, str)}

    def put(self, root: Path, digest: Digest | None) -> None:
        """Write down that what has this digest is trusted of the vault at `root`; None takes the word back.

        Raises VaultError where it cannot be written.
        """
        vaults = {path: known for path, known in self.entries().items() if path != str(root)}
        if digest is not None:
            vaults[str(root)] = digest
        self.home.mkdir(parents=True, exist_ok=True)
        data = json.dumps({"version": 1, "vaults": vaults}, indent=1).encode("ascii")
        write_atomic(Root(self.home), _FILE, data, mode=0o600)


def settings_of_vault(root: Path, store: TrustStore) -> VaultSettings:
    """Read what came with the vault at `root`, no link followed, and whether the person trusts it.

    Raises:
        UsageError: its settings are not TOML, or say what is no setting.
        VaultError: they stand in no plain file of a usual size.
    """
    path = root / _CONFIG
    if not _is_folder(root / STATE_NAME):
        return VaultSettings(path)
    data = _small(root, _CONFIG, MOST_TOML_BYTES)
    found = VaultSettings(path, {} if data is None else parse_settings(data, path), _prompts(root))
    if not found.claims():
        return found
    digest = digest_of(found)
    return replace(found, is_trusted=digest is not None and store.entries().get(str(root)) == digest)


def digest_of(vault: VaultSettings) -> Digest | None:
    """Give the digest of what counts only in a trusted vault; None where a part of it cannot be read."""
    return None if _UNREADABLE in vault.prompts.values() else digest_json(vault.claims())


def _prompts(root: Path) -> dict[str, str]:
    """Give all files beside prompts, too: which of them is opened by the name of a prompt, the file system says."""
    try:
        names = sorted(path.name for path in (root / STATE_NAME / PROMPTS).iterdir())
    except OSError:
        return {}
    if len(names) > _MOST_PROMPTS:
        return {f"{PROMPTS}/": _UNREADABLE}
    return {f"{PROMPTS}/{name}": _digest(root, f"{STATE_NAME}/{PROMPTS}/{name}") for name in names}


def _digest(root: Path, relative: str) -> str:
    try:
        data = _small(root, relative, _MOST_PROMPT_BYTES)
    except VaultcError:
        return _UNREADABLE
    return _UNREADABLE if data is None else digest_bytes(data)


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def _small(root: Path, relative: str, most: int) -> bytes | None:
    """Give what a file below the vault holds, None where there is none. Raises VaultError for one that is no such."""
    hint = "it came with the vault: put a plain file there, or remove it"
    path = root / relative
    try:
        is_large = path.lstat().st_size > most
    except OSError:
        is_large = False  # reading says what is wrong
    if is_large:
        raise VaultError(f'"{path}" is larger than {most} bytes', hint=hint)
    try:
        return read_bytes(Root(root, allow_hidden=True), relative)
    except VaultcError as error:
        raise VaultError(error.message, hint=hint) from error

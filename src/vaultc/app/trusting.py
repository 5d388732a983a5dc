"""`vaultc trust`: let what came with a vault count, take that back, and say of which vaults it is so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaultc.app.session import find_vault, trust_store
from vaultc.app.trust import digest_of, settings_of_vault
from vaultc.core.errors import VaultcError, VaultError
from vaultc.core.typed import shown
from vaultc.disk.policy import expanded

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class TrustedVault:
    """A vault, what of it counts only where it is trusted, and how that stands.

    `state` is "trusted", "changed" (since it was trusted: it does not count until it is trusted anew), "not trusted",
    "nothing to trust" or "not there".
    """

    root: Path
    state: str
    claims: Mapping[str, object]

    def as_json(self) -> dict[str, Any]:
        """Give the vault in the form of docs/json.md."""
        claims = [{"key": key, "value": value} for key, value in self.claims.items()]
        return {"vault": str(self.root), "state": self.state, "settings": claims}


def trust_vault(vault: Path | None) -> TrustedVault:
    """Let what came with a vault count, as it is now.

    Raises:
        UsageError: there is no such vault, or its settings are wrong.
        VaultError: a part of it cannot be read, or it cannot be written down.
    """
    root = find_vault(vault)
    store = trust_store()
    found = settings_of_vault(root, store)
    if found.claims():
        digest = digest_of(found)
        if digest is None:
            unread = ", ".join(shown(name) for name, known in found.prompts.items() if not known)
            raise VaultError(
                f'cannot trust what cannot be read: {unread} in "{found.path.parent}"',
                hint="put plain files there, or remove them",
            )
        store.put(root, digest)
    return vault_trust(root)


def revoke_trust(vault: Path | None) -> TrustedVault:
    """Take the word back, also of a vault that is not there any more. Raises as `trust_vault`."""
    store = trust_store()
    root = expanded(vault).absolute() if vault is not None else find_vault(None)
    for path in {str(root), str(root.resolve())} & store.entries().keys():
        store.put(Path(path), None)
    return vault_trust(root.resolve())


def trusted_vaults() -> list[TrustedVault]:
    """Give the vaults that the person trusted once, in order of their paths."""
    return [vault_trust(Path(path)) for path in sorted(trust_store().entries())]


def vault_trust(root: Path) -> TrustedVault:
    """Say how a vault stands; one whose settings cannot be read has changed."""
    store = trust_store()
    is_known = str(root) in store.entries()
    if not root.is_dir():
        return TrustedVault(root, "not there", {})
    try:
        found = settings_of_vault(root, store)
    except VaultcError:
        return TrustedVault(root, "changed" if is_known else "not trusted", {})
    if not found.claims():
        return TrustedVault(root, "nothing to trust", {})
    state = "trusted" if found.is_trusted else "changed" if is_known else "not trusted"
    return TrustedVault(root, state, found.claims())

"""What is to become of each file of a compile: decided by what stands there now and what this machine wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.compiler.manifest import OUT, VAULT
from vaultc.compiler.source_map import MAP_NAME
from vaultc.core.diagnostic import Diagnostic
from vaultc.core.digest import digest_bytes
from vaultc.core.endings import BESIDE
from vaultc.core.errors import UsageError
from vaultc.core.rules import FOREIGN_FILE, KEPT_EDITED
from vaultc.core.source import Span
from vaultc.disk.write import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vaultc.compiler.manifest import Manifest
    from vaultc.core.source import VaultPath
    from vaultc.disk.policy import Root

CREATED, UPDATED, KEPT, UNCHANGED, REMOVED = "created", "updated", "kept", "unchanged", "removed"
_MOST_BESIDE = 9


def slots(path: str) -> Iterator[str]:
    """Give where new versions of `path` may be laid, in order: what a person wrote into one is theirs from then on."""
    yield path + BESIDE
    for number in range(2, _MOST_BESIDE + 1):
        yield f"{path}{BESIDE}-{number}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done with one file: put `data` at its place, or beside it at `slot`, or nothing.

    `present` is what is replaced by that: None where nothing stands there.
    """

    key: str
    data: bytes
    action: str
    present: bytes | None = None
    slot: str | None = None
    diagnostic: Diagnostic | None = None
    is_gone: bool = False


class Planner:
    """Decides for the files of one idea, by its manifest and what stands on disk at this moment."""

    def __init__(self, idea: VaultPath, manifest: Manifest, vault: Root, out: Root | None) -> None:
        self._idea, self._manifest = idea, manifest
        self._vault, self._out = vault, out

    def root(self, key: str) -> tuple[Root, str]:
        """Give the folder and the path in it that `key` means. Raises UsageError where there is no output folder."""
        kind, _, path = key.partition(":")
        if kind == VAULT:
            return self._vault, path
        if self._out is None:
            raise UsageError("there is no output folder")
        return self._out, path

    def present(self, key: str) -> bytes | None:
        """Give what stands at `key` now; None where nothing does."""
        return read_bytes(*self.root(key))

    def gone(self, staged: Mapping[str, bytes]) -> frozenset[str]:
        """Give the files that a person deleted: of those once put in place, what is missing while others are there.

        Where nothing of a folder is left, all of it is wanted again.
        """
        now = self._manifest.now
        found: set[str] = set()
        for kind in (VAULT, OUT):
            known = [key for key in staged if key.startswith(f"{kind}:") and key in now.files]
            known = [key for key in known if key != f"{OUT}:{MAP_NAME}" and key not in now.pending]
            missing = [key for key in known if self.present(key) is None]
            if len(missing) < len(known):
                found.update(missing)
        return frozenset(found)

    def stale(self, staged: Mapping[str, bytes]) -> list[Plan]:
        """Give files of earlier runs that are no longer generated and that nobody changed."""
        kinds = {key.partition(":")[0] for key in staged}  # of others, the run stopped before they were made
        now = self._manifest.now
        found = []
        for key in sorted({**now.files, **now.pending}):
            if key.removesuffix(BESIDE) in staged or key.partition(":")[0] not in kinds:
                continue
            present = self.present(key)
            if present is not None and self._manifest.is_ours(key, present):
                found.append(Plan(key, b"", REMOVED, present))
        return found

    def plan(self, key: str, data: bytes) -> Plan:
        """Decide what becomes of one file."""
        manifest = self._manifest
        present = self.present(key)
        if present is None:
            return Plan(key, data, CREATED)
        if present == data:
            return Plan(key, data, UNCHANGED)
        if manifest.is_ours(key, present):
            return Plan(key, data, UPDATED, present)
        laid = self.laid(key)
        if laid is None and digest_bytes(data) in (manifest.now.files.get(key), manifest.now.laid.get(key)):
            return Plan(key, data, KEPT)  # only the person changed it, or took or let go of the new version
        return self._beside(key, data, laid)

    def deleted(self, key: str, data: bytes) -> Plan:
        """Leave a file away that a person deleted; it is told of once."""
        path = key.partition(":")[2]
        if key in self._manifest.now.gone:
            return Plan(key, data, KEPT, is_gone=True)
        help_ = "to have it again, name another output folder, or delete all that was generated there"
        told = self.told(f"{path} was deleted by you; it stays deleted", help_)
        return Plan(key, data, KEPT, diagnostic=told, is_gone=True)

    def again(self, key: str, data: bytes) -> Plan:
        """Decide once more: somebody wrote or deleted the file since the first look."""
        if key in self._manifest.now.files and self.present(key) is None:
            return self.deleted(key, data)
        return self.plan(key, data)

    def laid(self, key: str) -> tuple[str, bytes] | None:
        """Give where a new version lies beside `key`, and its bytes; None where none lies there as we laid it."""
        now = self._manifest.now
        root, path = self.root(key)
        ours = (now.laid.get(key), now.pending.get(key + BESIDE))
        for slot in slots(path) if any(ours) else ():
            data = read_bytes(root, slot)
            if data is not None and digest_bytes(data) in ours:
                return slot, data
        return None

    def told(self, message: str, help_: str, *, is_foreign: bool = False) -> Diagnostic:
        """Give a finding about a file that was kept."""
        rule = FOREIGN_FILE if is_foreign else KEPT_EDITED
        return Diagnostic(rule, message, Span(self._idea, 0, 0), help=help_)

    def _beside(self, key: str, data: bytes, laid: tuple[str, bytes] | None) -> Plan:
        root, path = self.root(key)
        is_foreign = key not in self._manifest.now.files
        what = "has no record on this machine that vaultc wrote it" if is_foreign else "was changed by you"
        slot, present = laid or self._free(root, path, data)
        if slot is None:
            message = f"{path} {what}; it is kept, and so are {_MOST_BESIDE} files beside it that you wrote in"
            last = f"{path}{BESIDE}-{_MOST_BESIDE}"
            help_ = f"delete those of {path}{BESIDE} to {last} that you do not need, and compile again"
            return Plan(key, data, KEPT, diagnostic=self.told(message, help_, is_foreign=is_foreign))
        message = f"{path} {what}; it is kept, and the new version is {slot}"
        help_ = f"compare the two, then delete {slot} or put it in place"
        if is_foreign:
            help_ += "; where vaultc wrote it on another machine, delete it and compile again"
        return Plan(key, data, KEPT, present, slot, self.told(message, help_, is_foreign=is_foreign))

    @staticmethod
    def _free(root: Root, path: str, data: bytes) -> tuple[str | None, bytes | None]:
        """Give where a new version can be laid, and what stands there: nothing, or this very version."""
        for slot in slots(path):
            present = read_bytes(root, slot)
            if present is None or present == data:
                return slot, present
        return None, None

"""Emit: compares what was generated with what is on disk, and writes only what changed and is ours to change.

Everything is staged in memory first. Written in this order: the manifest of what is about to happen, code, notes,
the map, the manifest. A run that is broken off is finished by the next one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vaultc.compiler.artifacts.architecture import artifact_path
from vaultc.compiler.manifest import (
    OUT,
    VAULT,
    Manifest,
    drop_bases,
    keep_base,
    load_manifest,
    save_manifest,
    unit_folder,
)
from vaultc.compiler.source_map import MAP_NAME, map_bytes
from vaultc.core.diagnostic import Diagnostic
from vaultc.core.digest import digest_bytes
from vaultc.core.errors import UsageError
from vaultc.core.rules import FOREIGN_FILE, KEPT_EDITED
from vaultc.core.source import Span
from vaultc.disk.policy import Root
from vaultc.disk.write import read_bytes, remove, sweep, write_atomic

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vaultc.compiler.tools import Reader
    from vaultc.compiler.unit import Unit
    from vaultc.core.digest import Digest

BESIDE = ".vaultc-new"
CREATED, UPDATED, KEPT, UNCHANGED, REMOVED = "created", "updated", "kept", "unchanged", "removed"


@dataclass(frozen=True, slots=True)
class Write:
    """What became of one file. `path` is relative to the vault or to the output folder, as `root` says."""

    root: str
    path: str
    action: str


@dataclass(frozen=True, slots=True)
class Emitted:
    """What a compile did to files, or would do in a dry run."""

    writes: tuple[Write, ...]
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def changed(self) -> int:
        """How many files were written or removed."""
        return sum(item.action in (CREATED, UPDATED, REMOVED) for item in self.writes)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be done with one file: put `data` at its place, or beside it, or nothing."""

    key: str
    data: bytes
    action: str
    beside: bool = False
    diagnostic: Diagnostic | None = None


@dataclass
class Emitter:
    """Writes the files of one unit. `vault` and `state` are folders; `out` may be None: then no code is written."""

    vault: Root
    state: Root
    out: Root | None
    reader: Reader

    def emit(self, unit: Unit, *, is_dry_run: bool = False) -> Emitted:
        """Write the artifacts and the code of `unit`.

        Raises:
            UsageError: the output folder is not one that this unit may write to.
            VaultError: something cannot be written.
        """
        old = load_manifest(self.state, unit.idea.path)
        where = "" if self.out is None else str(self.out.path)
        if self.out is not None:
            check_out(self.out.path, self.vault.path, unit)
        if old is None or (self.out is not None and old.out != where):
            # Another output folder is a fresh start there; what lies in the vault stays ours.
            kept = {} if old is None else {key: item for key, item in old.files.items() if key.startswith(VAULT)}
            laid = {} if old is None else {key: item for key, item in old.laid.items() if key.startswith(VAULT)}
            pending = {} if old is None else old.pending
            gone = frozenset() if old is None else frozenset(key for key in old.gone if key.startswith(VAULT))
            old = Manifest(unit.idea.path, where, kept, pending, laid, gone)
        staged = self._staged(unit)
        gone = self._gone(old, staged)
        plans = [
            _deleted(unit, old, key, data) if key in gone else self._plan(unit, old, key, data)
            for key, data in staged.items()
        ]
        stale = self._stale(old, staged)
        writes = [_write(plan.key, plan.action) for plan in plans]
        writes += [_write(key, REMOVED) for key in stale]
        found = tuple(plan.diagnostic for plan in plans if plan.diagnostic is not None)
        if not is_dry_run:
            self._apply(unit, old, plans, stale, gone)
        return Emitted(tuple(writes), found)

    def _staged(self, unit: Unit) -> dict[str, bytes]:
        """Give all files with their bytes, in the order in which they are written."""
        staged: dict[str, bytes] = {}
        if self.out is not None:
            for file in unit.code:
                self.out.check(file.path)
                staged[f"{OUT}:{file.path}"] = file.text.encode("utf-8", "surrogatepass")
        for artifact in unit.artifacts:
            self.vault.check(artifact.path)
            staged[f"{VAULT}:{artifact.path}"] = artifact.text.encode("utf-8", "surrogatepass")
        if self.out is not None and unit.code:
            staged[f"{OUT}:{MAP_NAME}"] = map_bytes(unit, self.reader)
        return staged

    def _root(self, key: str) -> tuple[Root, str]:
        kind, _, path = key.partition(":")
        if kind == VAULT:
            return self.vault, path
        if self.out is None:
            raise UsageError("there is no output folder")
        return self.out, path

    def _gone(self, old: Manifest, staged: Mapping[str, bytes]) -> frozenset[str]:
        """Give the files that a person deleted: of those once put in place, what is missing while others are there.

        Where nothing of a folder is left, all of it is wanted again.
        """
        found: set[str] = set()
        for kind in (VAULT, OUT):
            known = [key for key in staged if key.startswith(f"{kind}:") and key in old.files]
            known = [key for key in known if key != f"{OUT}:{MAP_NAME}" and key not in old.pending]
            missing = [key for key in known if read_bytes(*self._root(key)) is None]
            if len(missing) < len(known):
                found.update(missing)
        return frozenset(found)

    def _plan(self, unit: Unit, old: Manifest, key: str, data: bytes) -> _Plan:
        root, path = self._root(key)
        present = read_bytes(root, path)
        if present is None:
            return _Plan(key, data, CREATED)
        if present == data:
            return _Plan(key, data, UNCHANGED)
        if old.is_ours(key, present):
            return _Plan(key, data, UPDATED)
        is_laid = read_bytes(root, path + BESIDE) is not None
        if not is_laid and digest_bytes(data) in (old.files.get(key), old.laid.get(key)):
            return _Plan(key, data, KEPT)  # only the person changed it, or looked at the new version and let it go
        if is_laid and key in old.files and key not in old.laid and old.files[key] == digest_bytes(data):
            return _Plan(key, data, KEPT)  # what lies beside it is not ours
        is_known = key in old.files
        rule = KEPT_EDITED if is_known else FOREIGN_FILE
        what = "was changed by you" if is_known else "was not written by vaultc"
        message = f"{path} {what}; it is kept, and the new version is {path}{BESIDE}"
        span = Span(unit.idea.path, 0, 0)
        help_ = f"compare the two, then delete {path}{BESIDE} or put it in place"
        return _Plan(key, data, KEPT, beside=True, diagnostic=Diagnostic(rule, message, span, help=help_))

    def _stale(self, old: Manifest, staged: Mapping[str, bytes]) -> list[str]:
        """Give files of earlier runs that are no longer generated and that nobody changed."""
        found = []
        for key in {**old.files, **old.pending}:
            if key in staged or (key.startswith(OUT) and self.out is None):
                continue
            if not staged or (key.startswith(OUT) and not any(item.startswith(OUT) for item in staged)):
                continue  # the run stopped before this kind of file
            if key.startswith(VAULT) and not any(item.startswith(VAULT) for item in staged):
                continue
            root, path = self._root(key)
            present = read_bytes(root, path)
            if present is not None and old.is_ours(key, present):
                found.append(key)
        return sorted(found)

    def _apply(self, unit: Unit, old: Manifest, plans: list[_Plan], stale: list[str], gone: frozenset[str]) -> None:
        idea = unit.idea.path
        busy = [plan for plan in plans if plan.action in (CREATED, UPDATED)]
        beside = {plan.key: digest_bytes(plan.data) for plan in plans if plan.beside}
        files = {plan.key: digest_bytes(plan.data) for plan in plans if not self._is_foreign(old, plan)}
        beside |= {plan.key: old.laid[plan.key] for plan in plans if plan.action == KEPT and plan.key in old.laid}
        kept = {key: item for key, item in old.files.items() if key not in files and key not in stale}
        new = Manifest(idea, old.out, {**kept, **files}, {}, {**_unclaimed(old, plans), **beside}, gone)
        if old.pending:
            self._sweep()
        if busy:
            pending = {plan.key: digest_bytes(plan.data) for plan in busy}
            save_manifest(self.state, idea, replace(old, pending={**old.pending, **pending}))
        for plan in plans:
            root, path = self._root(plan.key)
            if not self._is_foreign(old, plan):
                keep_base(self.state, idea, plan.data)
            if plan.action in (CREATED, UPDATED):
                write_atomic(root, path, plan.data)
            elif plan.beside and read_bytes(root, path + BESIDE) != plan.data:
                write_atomic(root, path + BESIDE, plan.data)
            self._tidy(old, plan)
        for key in stale:
            remove(*self._root(key))
        self._keep_map(unit)
        save_manifest(self.state, idea, new)
        drop_bases(self.state, idea, old, new)

    def _sweep(self) -> None:
        """Remove what a run that was killed had not put into place yet."""
        for root in (self.vault, self.out):
            if root is not None and root.path.is_dir():
                sweep(root)

    @staticmethod
    def _is_foreign(old: Manifest, plan: _Plan) -> bool:
        """Tell whether the file at the place is not ours and never was."""
        return plan.action == KEPT and plan.key not in old.files

    def _tidy(self, old: Manifest, plan: _Plan) -> None:
        """Remove a version that was laid beside a file and is not needed any more, if nobody changed it."""
        if plan.action == KEPT or plan.key not in old.laid:
            return
        root, path = self._root(plan.key)
        present = read_bytes(root, path + BESIDE)
        if present is not None and digest_bytes(present) == old.laid[plan.key]:
            remove(root, path + BESIDE)

    def _keep_map(self, unit: Unit) -> None:
        path = f"{unit_folder(unit.idea.path)}/map.json"
        data = map_bytes(unit, self.reader)
        if read_bytes(self.state, path) != data:
            write_atomic(self.state, path, data, mode=0o600)


def _deleted(unit: Unit, old: Manifest, key: str, data: bytes) -> _Plan:
    """Leave a file away that a person deleted; it is told of once."""
    path = key.partition(":")[2]
    if key in old.gone:
        return _Plan(key, data, KEPT)
    help_ = "to have it again, name another output folder, or delete all that was generated there"
    message = f"{path} was deleted by you; it stays deleted"
    return _Plan(key, data, KEPT, diagnostic=Diagnostic(KEPT_EDITED, message, Span(unit.idea.path, 0, 0), help=help_))


def _unclaimed(old: Manifest, plans: list[_Plan]) -> dict[str, Digest]:
    known = {plan.key for plan in plans}
    return {key: item for key, item in old.laid.items() if key not in known}


def _write(key: str, action: str) -> Write:
    kind, _, path = key.partition(":")
    return Write(kind, path, action)


def check_beside(vault: Root, unit: Unit) -> str | None:
    """Raise UsageError where nothing may be written beside the idea; give a name that is not that of the idea."""
    path = artifact_path(unit, ".architecture.md")
    vault.check(path)
    name = path.rpartition("/")[2].removesuffix(".architecture.md")
    return name if name != unit.idea.title else None


def check_out(out: Path, vault: Path, unit: Unit) -> None:
    """Raise UsageError unless `out` is a folder that the code of `unit` may be written to."""
    hint = "choose an empty folder, or the one of an earlier compile of this idea"
    if out.exists() and not out.is_dir():
        raise UsageError(f'"{out}" is a file, not a folder', hint=hint)
    resolved = out.resolve()
    if resolved in (vault.resolve(), *vault.resolve().parents):
        raise UsageError(f'"{out}" holds the vault itself', hint=hint)
    try:
        inside = resolved.relative_to(vault.resolve()).parts
    except ValueError:
        inside = resolved.parts[-1:]
    hidden = next((part for part in (*inside, *resolved.parts) if part in (".git", ".obsidian", ".vaultc")), None)
    hidden = hidden or next((part for part in inside if part.startswith(".")), None)
    if hidden is not None:
        raise UsageError(f'"{out}" lies inside "{hidden}", where no code is written', hint=hint)
    owner = _owner(out)
    if owner is not None and owner != unit.idea.path:
        raise UsageError(f'"{out}" holds the code of "{owner}"', hint=hint)


def _owner(out: Path) -> str | None:
    """Give the idea whose code lies in `out`, as the map there says."""
    data = read_bytes(Root(out), MAP_NAME) if out.is_dir() else None
    if data is None:
        return None
    try:
        value: Any = json.loads(data)
        return str(value["unit"])
    except (ValueError, KeyError, TypeError):
        return None

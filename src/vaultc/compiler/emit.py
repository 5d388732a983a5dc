"""Emit: compares what was generated with what is on disk, and writes only what changed and is ours to change.

Everything is staged in memory first. Written in this order: the manifest of what is about to happen, code, notes,
the map, the manifest. A run that is broken off is finished by the next one. What a person saves between the look and
the write is seen at the write, and kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vaultc.compiler.manifest import (
    OUT,
    VAULT,
    Manifest,
    Written,
    drop_bases,
    keep_base,
    load_manifest,
    save_manifest,
    save_map,
)
from vaultc.compiler.output import check_out, name_of_out
from vaultc.compiler.plan import CREATED, KEPT, REMOVED, UPDATED, Plan, Planner
from vaultc.compiler.source_map import MAP_NAME, as_bytes, map_of
from vaultc.core.digest import digest_bytes
from vaultc.core.endings import BESIDE
from vaultc.disk.swap import put_expected, remove_expected, settle
from vaultc.disk.write import sweep

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from typing import Any

    from vaultc.compiler.tools import Reader
    from vaultc.compiler.unit import Unit
    from vaultc.core.diagnostic import Diagnostic
    from vaultc.core.digest import Digest
    from vaultc.disk.policy import Root
    from vaultc.disk.seal import Seal

_ATTEMPTS = 4


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


@dataclass
class Emitter:
    """Writes the files of one unit. `vault` and `state` are folders; `out` may be None: then no code is written.

    What `seal` does not know as written by this machine is neither replaced nor removed.
    """

    vault: Root
    state: Root
    out: Root | None
    reader: Reader
    seal: Seal

    def emit(self, unit: Unit, *, is_dry_run: bool = False) -> Emitted:
        """Write the artifacts and the code of `unit`.

        Raises:
            UsageError: the output folder is not one that this unit may write to.
            VaultError: something cannot be written.
        """
        if self.out is not None:
            check_out(self.out.path, self.vault.path, unit)
        old = self._known(unit)
        map_ = map_of(unit, self.reader)
        staged = self._staged(unit, map_)
        planner = Planner(unit.idea.path, old, self.vault, self.out)
        found = [] if is_dry_run else self._settled(planner, old)
        gone = planner.gone(staged)
        plans = [planner.deleted(key, data) if key in gone else planner.plan(key, data) for key, data in staged.items()]
        stale = planner.stale(staged)
        if not is_dry_run:
            self._announce(unit, old, plans)
            plans = [self._carried_out(planner, plan, found) for plan in plans]
            stale = [plan for plan in stale if self._is_removed(planner, plan, found)]
            self._remember(unit, old, plans, stale, map_)
        found += [plan.diagnostic for plan in plans if plan.diagnostic is not None]
        return Emitted(tuple(_write(plan.key, plan.action) for plan in (*plans, *stale)), tuple(found))

    def _known(self, unit: Unit) -> Manifest:
        """Give what this machine wrote of the unit so far; nothing where it has no record."""
        where = "" if self.out is None else name_of_out(self.out.path, self.vault.path)
        old = load_manifest(self.state, self.seal, unit.idea.path) or Manifest(unit.idea.path, where)
        return old if self.out is None else old.for_out(where)

    def _staged(self, unit: Unit, map_: Mapping[str, Any]) -> dict[str, bytes]:
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
            staged[f"{OUT}:{MAP_NAME}"] = as_bytes(map_)
        return staged

    def _settled(self, planner: Planner, old: Manifest) -> list[Diagnostic]:
        """Clear what a run that was killed had not put into place; tell of what a person saved there meanwhile."""
        if old.now.pending:
            for root in (self.vault, self.out):
                if root is not None and root.path.is_dir():
                    sweep(root)
        known = frozenset((*old.now.files.values(), *old.now.pending.values(), *old.now.laid.values()))
        keys = [key for key in {**old.now.files, **old.now.pending} if self.out or key.startswith(f"{VAULT}:")]
        found: list[Diagnostic] = []
        for key in keys:
            self._settle(planner, key, known, found)
        return found

    def _settle(self, planner: Planner, key: str, known: Collection[Digest], found: list[Diagnostic]) -> None:
        root, path = planner.root(key)
        kept = settle(root, path, lambda data: digest_bytes(data) in known)
        if kept is not None:
            message = f"{path} was saved by you while it was being replaced; one of the versions is kept as {kept}"
            found.append(planner.told(message, f"compare {path} with {kept}, and delete what you do not need"))

    def _announce(self, unit: Unit, old: Manifest, plans: Iterable[Plan]) -> None:
        """Keep what is about to be written: whatever becomes of the run, it is known as ours."""
        busy = {plan.key: digest_bytes(plan.data) for plan in plans if plan.action in (CREATED, UPDATED)}
        busy |= {plan.key + BESIDE: digest_bytes(plan.data) for plan in plans if plan.slot is not None}
        if busy:
            now = replace(old.now, pending={**old.now.pending, **busy})
            save_manifest(self.state, self.seal, unit.idea.path, replace(old, now=now))

    def _carried_out(self, planner: Planner, plan: Plan, found: list[Diagnostic]) -> Plan:
        """Do what is planned, or what is right by now where somebody wrote meanwhile; give what was done."""
        for _ in range(_ATTEMPTS):
            if self._is_done(planner, plan):
                self._tidy(planner, plan)
                return plan
            self._settle(planner, plan.key, (digest_bytes(plan.data),), found)
            plan = planner.again(plan.key, plan.data)
        path = plan.key.partition(":")[2]
        message = f"{path} was written at each of {_ATTEMPTS} attempts to replace it; it is kept"
        told = planner.told(message, "compile again when nobody writes there")
        return Plan(plan.key, plan.data, KEPT, diagnostic=told)

    def _is_done(self, planner: Planner, plan: Plan) -> bool:
        root, path = planner.root(plan.key)
        if plan.action in (CREATED, UPDATED):
            return put_expected(root, path, plan.data, plan.present)
        if plan.slot is None or plan.present == plan.data:
            return True
        return put_expected(root, plan.slot, plan.data, plan.present)

    def _is_removed(self, planner: Planner, plan: Plan, found: list[Diagnostic]) -> bool:
        root, path = planner.root(plan.key)
        if plan.present is not None and remove_expected(root, path, plan.present):
            return True
        self._settle(planner, plan.key, (), found)
        return False

    def _tidy(self, planner: Planner, plan: Plan) -> None:
        """Remove a version that was laid beside a file and is not needed any more, if nobody changed it."""
        laid = planner.laid(plan.key) if plan.action != KEPT else None
        if laid is not None:
            remove_expected(planner.root(plan.key)[0], *laid)

    def _remember(
        self, unit: Unit, old: Manifest, plans: list[Plan], stale: list[Plan], map_: Mapping[str, Any]
    ) -> None:
        """Keep what was written, the bytes of it, and the map."""
        idea, now = unit.idea.path, old.now
        done, removed = {plan.key: plan for plan in plans}, {plan.key for plan in stale}
        ours = [plan for plan in plans if plan.action != KEPT or plan.key in now.files]
        for plan in ours:
            keep_base(self.state, idea, plan.data)
        files = {key: item for key, item in now.files.items() if key not in removed}
        files |= {plan.key: digest_bytes(plan.data) for plan in ours}
        laid = {key: item for key, item in now.laid.items() if key not in done or done[key].action == KEPT}
        laid |= {plan.key: digest_bytes(plan.data) for plan in plans if plan.slot is not None}
        gone = {key for key in now.gone if key not in done} | {plan.key for plan in plans if plan.is_gone}
        new = replace(old, now=Written(files, {}, laid, frozenset(gone)))
        save_map(self.state, self.seal, idea, map_)
        save_manifest(self.state, self.seal, idea, new)
        drop_bases(self.state, idea, new)


def _write(key: str, action: str) -> Write:
    kind, _, path = key.partition(":")
    return Write(kind, path, action)

"""Compile one idea note: opens index and models, runs the passes, writes what they gave."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from vaultc.app.finding import analyse_vault
from vaultc.app.indexing import freshen, whole_catalog
from vaultc.app.ir import ir_json
from vaultc.app.linking import named_note
from vaultc.app.models.opening import BRAIN, HAND, RunModels
from vaultc.app.runs import Run
from vaultc.app.searching import searching
from vaultc.app.session import Session, cache_home
from vaultc.compiler.cache import FileCache
from vaultc.compiler.check_package import check_package
from vaultc.compiler.emit import Emitted, Emitter
from vaultc.compiler.output import check_beside, check_out
from vaultc.compiler.passes.gather import make_idea
from vaultc.compiler.passes.order import PIPELINE
from vaultc.compiler.pipeline import Compiled, compile_idea
from vaultc.compiler.report import diagnostics_of
from vaultc.compiler.tools import Level, Tools
from vaultc.compiler.unit import Check, Contradiction, Unit
from vaultc.core.diagnostic import Severity
from vaultc.core.endings import is_note_path
from vaultc.core.errors import UsageError
from vaultc.core.rules import GIT_CONFLICT
from vaultc.disk.lock import vault_lock
from vaultc.disk.policy import Root
from vaultc.disk.write import sweep
from vaultc.retrieve.around import CatalogSurroundings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from vaultc.app.places import PlacedDiagnostic
    from vaultc.compiler.unit import CodeFile
    from vaultc.core.diagnostic import Diagnostic
    from vaultc.core.event import Report
    from vaultc.core.source import VaultPath
    from vaultc.index.catalog import Catalog
    from vaultc.model.protocols import ChatModel

FULL_FROM_PARAMETERS = 7_000_000_000
"""From this size on a model may derive and write whole files, unless the level is given."""
_CACHE = "cache/passes"
_LOCK_S = 10.0


@dataclass(frozen=True, slots=True)
class CompileOptions:
    """How far a compile goes and where it writes."""

    out: Path | None = None
    until: str | None = None
    from_pass: str | None = None
    is_dry_run: bool = False
    show_ir: bool = False


@dataclass(frozen=True, slots=True)
class FileWrite:
    """What became of a file: `path` as the person would open it from here."""

    root: str
    path: str
    action: str

    def as_json(self) -> dict[str, str]:
        """Give the write in the form of docs/json.md."""
        return {"root": self.root, "path": self.path, "action": self.action}


@dataclass(frozen=True, slots=True)
class CompileOutcome:
    """A compiled idea, what was written, and what there is to say about it."""

    unit: Unit
    level: Level
    model: str | None
    model_calls: int
    passes: tuple[tuple[str, bool], ...]
    writes: tuple[FileWrite, ...]
    diagnostics: tuple[PlacedDiagnostic, ...]
    run: str | None
    seconds: float
    is_dry_run: bool
    ir: dict[str, Any] = field(default_factory=dict)
    shows_ir: bool = False
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """1 where there is a finding of severity error, else 0."""
        return int(any(item.diagnostic.rule.severity is Severity.ERROR for item in self.diagnostics))

    def as_json(self) -> dict[str, Any]:
        """Give the outcome in the form of docs/json.md."""
        document: dict[str, Any] = {
            "unit": self.unit.idea.path,
            "level": self.level.value,
            "model": self.model,
            "model_calls": self.model_calls,
            "passes": [{"name": name, "ran": ran} for name, ran in self.passes],
            "writes": [write.as_json() for write in self.writes],
            "requirements": self.ir["requirements"],
            "checks": self.ir["checks"],
            "refusals": self.ir["refusals"],
            "diagnostics": [item.as_json() for item in self.diagnostics],
            "run": self.run,
            "seconds": round(self.seconds, 3),
        }
        return document | ({"ir": self.ir} if self.shows_ir else {})


def compile_note(
    idea: str, vault: Path | None, options: CompileOptions, flags: Mapping[str, object], report: Report
) -> CompileOutcome:
    """Compile the idea note that `idea` names.

    Raises:
        UsageError: no such note, an impossible level, pass or output folder.
        ModelError: the model that was named cannot be loaded.
        VaultError: something cannot be read or written.
    """
    session = Session.open(vault, flags, report)
    path = named_note(session, idea)
    if not is_note_path(path):
        raise UsageError(f'"{path}" is no note', hint="an idea is a note: a .md, .idea or .pseudo file")
    if session.reader.read(path).note.is_generated:
        raise UsageError(f'"{path}" was written by vaultc', hint="compile the idea note that it was made from")
    needs_out = options.until is None and not options.is_dry_run
    if needs_out and options.out is None:
        raise UsageError("where should the code go?", hint="give `--out FOLDER`, or `--until PASS` to stop before it")
    freshen(session)
    with whole_catalog(session) as catalog:
        compilation = _Compilation(session, catalog, path, options)
        try:
            return compilation.run()
        finally:
            compilation.close()


@dataclass
class _Compilation:
    """One compile of one idea."""

    session: Session
    catalog: Catalog
    path: VaultPath
    options: CompileOptions

    def __post_init__(self) -> None:
        self.started = time.monotonic()
        self.record = Run.start(self.session.state, "compile", {"idea": self.path})
        self.models = RunModels(self.session, self.record)
        self.placer = self.session.placer
        self.notes: list[str] = []
        self.idea = make_idea(self.path, self.session.reader.read(self.path))

    @cached_property
    def brain(self) -> ChatModel | None:
        """The model that plans and writes prose; None at level outline."""
        if self.session.settings.config.compile.level == Level.OUTLINE:
            return None
        return self.models.of(BRAIN)

    @cached_property
    def hand(self) -> ChatModel | None:
        """The model that writes files: the brain where no other is set."""
        if self.brain is None:
            return None
        return self.models.of(HAND) or self.brain

    @cached_property
    def level(self) -> Level:
        """The level asked for, or by the size of the model. Raises UsageError for one that does not exist."""
        asked = self.session.settings.config.compile.level
        if asked != "auto" and asked not in list(Level):
            raise UsageError(f'there is no level "{asked}"', hint=f"use auto, {', '.join(Level)}")
        if self.brain is None:
            if asked in (Level.GUIDED, Level.FULL):
                raise UsageError(f"level {asked} needs a model", hint="give --model PATH, or use --level outline")
            return Level.OUTLINE
        if asked != "auto":
            return Level(asked)
        return Level.FULL if self.brain.spec.parameters >= FULL_FROM_PARAMETERS else Level.GUIDED

    def close(self) -> None:
        """Let the models go, if any was opened."""
        self.models.close()

    def run(self) -> CompileOutcome:
        """Run the passes and write."""
        # Before an hour of a large model, not after it.
        other = check_beside(Root(self.session.root), Unit(self.idea))
        if other is not None:
            self.notes.append(
                f"{self.path!r} has a name that no file may have on every system; what is made from it "
                f'beside it is called "{other}"'
            )
        if self.options.out is not None:
            check_out(self.options.out, self.session.root, Unit(self.idea))
        with searching(self.session, self.catalog) as searcher:
            tools = Tools(
                reader=self.session.reader,
                search=lambda query, limit: searcher.search(query, limit=limit),
                contradictions=self._contradictions,
                check_package=_checked if self.session.settings.config.compile.run_tests else _unchecked,
                level=self.level,
                brain=self.brain,
                hand=self.hand,
                prompt_overrides=self.session.prompts,
                report=self.session.report,
                settings={"max_repairs": self.session.settings.config.compile.max_repairs},
                around=CatalogSurroundings(self.catalog),
            )
            compiled = compile_idea(
                self.idea, tools, PIPELINE, cache=self._cache(), until=self.options.until, from_=self.options.from_pass
            )
        return self._outcome(compiled, self._emit(compiled.unit))

    def _cache(self) -> FileCache:
        return FileCache(self.session.state.root, _CACHE, self.session.seal)

    def _contradictions(self, paths: Iterable[VaultPath]) -> tuple[Contradiction, ...]:
        wanted = set(paths)
        # What is said of the idea stands in these notes and those they are linked with; the whole vault is `check`'s.
        around = {other for others in self.catalog.links.neighbours(wanted).values() for other in others}
        found = analyse_vault(self.session, self.catalog, only=wanted | around).contradictions
        return tuple(
            Contradiction(item.id, item.reason, item.a, item.b)
            for item in found
            if item.a.span.path in wanted or item.b.span.path in wanted
        )

    def _emit(self, unit: Unit) -> Emitted:
        if not unit.artifacts:
            return Emitted(())
        state = self.session.state
        out = None if self.options.out is None else Root(self.options.out.expanduser().absolute())
        emitter = Emitter(Root(self.session.root), state.root, out, self.session.reader, self.session.seal)
        if self.options.is_dry_run:
            return emitter.emit(unit, is_dry_run=True)
        with vault_lock(state.path, timeout_s=_LOCK_S):
            sweep(state.root)  # what a compile that was killed had not put into place
            return emitter.emit(unit)

    def _outcome(self, compiled: Compiled, emitted: Emitted) -> CompileOutcome:
        unit = compiled.unit
        calls = self.record.counts["model-call"]
        found = [*diagnostics_of(unit), *self._git_conflicts(unit), *emitted.diagnostics]
        return CompileOutcome(
            unit=unit,
            level=self.level,
            model=self.brain.spec.name if self.brain is not None else None,
            model_calls=calls,
            passes=tuple((item.name, not item.was_known) for item in compiled.ran),
            writes=tuple(
                FileWrite(item.root, self._shown(item.root, item.path), item.action) for item in emitted.writes
            ),
            diagnostics=self.placer.diagnostics(found),
            run=str(self.session.state.path / self.record.folder) if calls else None,
            seconds=time.monotonic() - self.started,
            is_dry_run=self.options.is_dry_run,
            ir=ir_json(unit, self.placer),
            shows_ir=self.options.show_ir,
            notes=(*self.session.notes, *self.notes),
        )

    def _git_conflicts(self, unit: Unit) -> Iterator[Diagnostic]:
        """Give the git conflicts in the notes that were read: what stands there was left out."""
        for path in dict.fromkeys((unit.idea.path, *(passage.quote.span.path for passage in unit.context))):
            yield from (found for found in self.session.reader.read(path).diagnostics if found.rule is GIT_CONFLICT)

    def _shown(self, root: str, path: str) -> str:
        return path if root == "vault" or self.options.out is None else str(self.options.out / path)


def _checked(files: tuple[CodeFile, ...], package: str) -> tuple[Check, ...]:
    return check_package(files, package, cache_home(os.environ))


def _unchecked(files: tuple[CodeFile, ...], package: str) -> tuple[Check, ...]:
    del files, package
    return tuple(Check(name, "skipped", "not asked for") for name in ("import", "types", "tests"))

"""The pipeline as data: passes in order, each run only when something it reads has changed.

A pass is handed only the fields it reads, so its result cannot hang on others. Its fingerprint covers its name,
version, the program's sources, prompts, models and what it reads; a known fingerprint is not run again. That is the
cache, the resume after a power cut, and the answer to "why was this rebuilt".
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaultc.compiler.codec import fields_as_json, fields_from_json
from vaultc.compiler.tools import Level
from vaultc.compiler.unit import Idea, Unit
from vaultc.core.digest import Digest, digest_json, digest_text
from vaultc.core.errors import UsageError, VaultcError
from vaultc.core.event import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from vaultc.compiler.cache import PassCache
    from vaultc.compiler.tools import Tools


# What a pass may stand on, below this package.
_SOURCES = ("compiler", "language", "core", "vault", "syntax")


def _nothing(_unit: Unit, _tools: Tools) -> Iterable[str]:
    return ()


def _always(_: Unit) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Pass:
    """A named step. `reads` and `writes` are fields of `Unit`, `prompts` names of prompt files.

    `check` gives what does not hold in the unit after the pass. A pass with `reads_notes` also depends on
    every character of the gathered notes (for line numbers and links), not only on what was extracted.
    `is_cached` is false for a pass whose input lies outside the unit; `keep` tells whether a result may be kept.
    """

    name: str
    version: int
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    run: Callable[[Unit, Tools], Unit]
    check: Callable[[Unit, Tools], Iterable[str]] = _nothing
    prompts: tuple[str, ...] = ()
    reads_notes: bool = False
    is_cached: bool = True
    keep: Callable[[Unit], bool] = _always


@dataclass(frozen=True, slots=True)
class Ran:
    """Whether a pass was run or its result was known, under which fingerprint."""

    name: str
    fingerprint: Digest
    was_known: bool


@dataclass(frozen=True, slots=True)
class Compiled:
    """A unit, and how each pass came to its result."""

    unit: Unit
    ran: tuple[Ran, ...] = field(default=())


def compile_idea(
    idea: Idea,
    tools: Tools,
    passes: Sequence[Pass],
    *,
    cache: PassCache,
    until: str | None = None,
    from_: str | None = None,
) -> Compiled:
    """Lower `idea` through `passes` up to `until`; passes from `from_` on are run even if known.

    Raises UsageError for a pass that does not exist and VaultcError where a law does not hold after a pass.
    """
    names = [step.name for step in passes]
    for name in (until, from_):
        if name is not None and name not in names:
            raise UsageError(f'there is no pass "{name}"', hint=f"the passes are {', '.join(names)}")
    last = names.index(until) if until is not None else len(names) - 1
    first_forced = names.index(from_) if from_ is not None else len(names)
    unit = Unit(idea)
    ran: list[Ran] = []
    for index, step in enumerate(passes[: last + 1]):
        tools.report(Progress("compile", index, last + 1, step.name))
        unit, record = _advance(unit, step, tools, cache, is_forced=index >= first_forced)
        ran.append(record)
    tools.report(Progress("compile", last + 1, last + 1))
    return Compiled(unit, tuple(ran))


def _advance(unit: Unit, step: Pass, tools: Tools, cache: PassCache, *, is_forced: bool) -> tuple[Unit, Ran]:
    fingerprint = fingerprint_of(unit, step, tools)
    known = cache.get(fingerprint) if step.is_cached and not is_forced else None
    values = _restore(known, step)
    was_known = values is not None
    if values is None:
        seen = replace(Unit(unit.idea), **{name: getattr(unit, name) for name in step.reads if name != "idea"})
        result = step.run(seen, tools)
        values = {name: getattr(result, name) for name in (*step.writes, "refusals")}
        if step.is_cached and step.keep(result):
            cache.put(fingerprint, fields_as_json(result, (*step.writes, "refusals")))
    refusals = (*unit.refusals, *values.pop("refusals"))
    unit = replace(unit, **values, refusals=refusals)
    broken = tuple(step.check(unit, tools))
    if broken:
        raise VaultcError(
            f'after the pass "{step.name}" of {unit.idea.path}: {broken[0]}'
            + (f" (and {len(broken) - 1} more)" if len(broken) > 1 else ""),
            hint="this is a fault of vaultc: run with --show-ir and report it",
        )
    return unit, Ran(step.name, fingerprint, was_known)


def _restore(known: dict[str, Any] | None, step: Pass) -> dict[str, Any] | None:
    """Give the values kept for `step`; None where nothing, or nothing that fits, was kept."""
    if known is None or set(known) != {*step.writes, "refusals"}:
        return None
    try:
        return fields_from_json(known)
    except ValueError:
        return None  # written by another version: run the pass again


def fingerprint_of(unit: Unit, step: Pass, tools: Tools) -> Digest:
    """Give the digest of all that the result of `step` depends on."""
    return digest_json(
        {
            "name": step.name,
            "version": step.version,
            "sources": sources_digest(),
            "prompts": [_prompt_digest(name, tools) for name in step.prompts] if uses_models(tools) else [],
            "models": _models(tools) if step.prompts else [],
            "level": tools.level.value if step.prompts else "",
            "settings": dict(sorted(tools.settings.items())) if step.prompts else {},
            "seen": fields_as_json(unit, ("idea", *step.reads)),
            "notes": _note_digests(unit, tools) if step.reads_notes else [],
        }
    )


@cache
def sources_digest() -> Digest:
    """Give the digest of the program's own sources, words included: other code may give another result."""
    package = files("vaultc")
    found = {}
    for folder in _SOURCES:
        for place in sorted(Path(str(package / folder)).rglob("*")):
            if place.suffix in {".py", ".toml"}:
                found[place.relative_to(str(package)).as_posix()] = digest_text(place.read_text("utf-8"))
    return digest_json(found)


def uses_models(tools: Tools) -> bool:
    """Tell whether a model may be asked at all."""
    return tools.level is not Level.OUTLINE and (tools.brain is not None or tools.hand is not None)


def _prompt_digest(name: str, tools: Tools) -> str:
    from vaultc.model.prompt import load_prompt

    return load_prompt(name, tools.prompt_overrides).digest


def _models(tools: Tools) -> list[list[str]]:
    if tools.level is Level.OUTLINE:
        return []
    models = [model for model in (tools.brain, tools.hand) if model is not None]
    return [[m.spec.digest, str(m.spec.working_tokens), digest_json(dict(m.spec.settings))] for m in models]


def _note_digests(unit: Unit, tools: Tools) -> list[list[str]]:
    paths = sorted({passage.quote.span.path for passage in unit.context} | {unit.idea.path})
    return [[path, digest_text(tools.reader.read(path).source.text)] for path in paths]


def unit_fields() -> tuple[str, ...]:
    """Give the names of the fields of a unit, in the order of lowering."""
    return tuple(item.name for item in fields(Unit))

"""How a compile looks in a terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.text import Text

from vaultc.cli.render import err, json_text, note, out, plain, plural, print_diagnostics, say
from vaultc.compiler.untaken import by_reason
from vaultc.core.diagnostic import Severity

if TYPE_CHECKING:
    from vaultc.app.compiling import CompileOutcome
    from vaultc.compiler.unit import Unit

_CHECK_COLOURS = {"passed": "green", "failed": "bold red", "skipped": "yellow"}


def print_compile(outcome: CompileOutcome) -> None:
    """Print what was found, written and checked; the IR alone if it was asked for."""
    if outcome.shows_ir:
        say(json_text(outcome.ir, indent=2))
    else:
        _print_unit(outcome)
        _print_writes(outcome)
        _print_checks(outcome)
    serious = [item for item in outcome.diagnostics if item.diagnostic.rule.severity is not Severity.INFO]
    if serious:
        err.print()
        print_diagnostics(serious)
    _print_footer(outcome)


def _print_unit(outcome: CompileOutcome) -> None:
    unit = outcome.unit
    out.print(Text.assemble((plain(unit.idea.title), "bold"), f"  ({plain(unit.idea.path)})"))
    kinds = Counter(item.modality.value.replace("_", " ") for item in unit.requirements)
    split = ", ".join(f"{count} {name}" for name, count in kinds.most_common())
    out.print(f"  requirements  {len(unit.requirements)}" + (f"  ({split})" if split else ""))
    counts = {
        "decision": len(unit.decisions),
        "data type": len(unit.entities),
        "flow": len(unit.flows),
        "open question": len(unit.questions),
        "contradiction": len(unit.contradictions),
        "component": len(unit.components),
        "operation": len(unit.interfaces),
    }
    out.print("  " + ", ".join(plural(count, name) for name, count in counts.items() if count))
    _print_untaken(unit)


def _print_untaken(unit: Unit) -> None:
    """Print how many statements and notes were not taken, by reason."""
    groups = by_reason(unit.untaken)
    if groups:
        split = ", ".join(f"{len(items)} {why.value}" for why, items in groups.items())
        total = plural(sum(map(len, groups.values())), "statement")
        out.print(f"  not taken: {total}: {split} (the architecture note lists them)")
    if unit.excluded:
        out.print(f"  left out: {plural(len(unit.excluded), 'note')}")


def _print_writes(outcome: CompileOutcome) -> None:
    if not outcome.writes:
        return
    if not any(write.action != "unchanged" for write in outcome.writes):
        out.print(f"  nothing to write: {len(outcome.writes)} files are as they should be")
        return
    out.print()
    if outcome.is_dry_run:
        note("dry run: nothing is written")
    for write in outcome.writes:
        if write.action != "unchanged":
            out.print(
                Text.assemble(
                    (f"  {write.action:<10}", "green" if write.action != "kept" else "yellow"), plain(write.path)
                )
            )
    unchanged = sum(write.action == "unchanged" for write in outcome.writes)
    if unchanged:
        out.print(f"  unchanged  {unchanged} more")


def _print_checks(outcome: CompileOutcome) -> None:
    if not outcome.unit.checks:
        return
    out.print()
    for check in outcome.unit.checks:
        detail = ""
        if check.name == "tests" and check.status != "skipped":
            detail = f"{check.passed} passed, {check.failed} failed, {check.xfailed} expected to fail"
        elif check.status == "skipped":
            detail = check.detail
        out.print(Text.assemble(f"  {check.name:<8}", (check.status, _CHECK_COLOURS[check.status]), f"  {detail}"))


def _print_footer(outcome: CompileOutcome) -> None:
    infos = Counter(
        item.diagnostic.rule.name for item in outcome.diagnostics if item.diagnostic.rule.severity is Severity.INFO
    )
    if infos:
        note("also: " + ", ".join(f"{name} x{count}" for name, count in sorted(infos.items())) + " (--json lists them)")
    model = f"{outcome.model}, {outcome.model_calls} calls" if outcome.model else "no model"
    ran = [name for name, has_run in outcome.passes if has_run]
    known = len(outcome.passes) - len(ran)
    what = f"passes run: {', '.join(ran)}" + (f" ({known} known)" if known else "")
    note(f"level {outcome.level.value}; {model}; {what}; {outcome.seconds:.1f} s")

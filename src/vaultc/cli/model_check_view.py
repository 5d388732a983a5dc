"""How the map of a model's context looks in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from vaultc.cli.render import note, out, plain, table
from vaultc.evaluation.interval import Tally
from vaultc.evaluation.picture import colour_of, size_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vaultc.app.models.context_outcome import ContextCheckOutcome
    from vaultc.evaluation.result import Measured

_CELL = 6
_LABEL = 7
_GAP = 4
_NARROW = 80


def print_check(outcome: ContextCheckOutcome) -> None:
    """Print the map by depth, the table by task, and what follows."""
    measured = outcome.measured
    head, *rest = outcome.lines()
    out.print(Text(plain(head), style="bold"))
    for line in rest:
        out.print(plain(line), markup=False)
    if measured.results:
        out.print()
        _print_maps(measured)
        _print_tasks(measured)
        _print_faults(measured)
    out.print()
    for line in outcome.verdict()[:-1]:
        out.print(plain(line), markup=False)
    out.print(Text(plain(outcome.verdict()[-1]), style="bold"))
    _print_footer(outcome)


def _print_maps(measured: Measured) -> None:
    """Print one map a language: beside each other where the terminal is wide enough, else one below the other."""
    maps = [_map(measured, language) for language in measured.plan.languages if measured.by_depth(language)]
    if not maps:
        return
    out.print(Text("exact answers in %, by how deep the fact stands (contradiction left out)", style="bold"))
    width = sum(lines[0].cell_len + _GAP for lines in maps) - _GAP
    rows = [list(row) for row in zip(*maps, strict=True)] if width <= max(out.width, _NARROW) else []
    for row in rows:
        out.print(Text(" " * _GAP).join(row), no_wrap=True)
    for lines in [] if rows else maps:
        for line in lines:
            out.print(line, no_wrap=True)
        out.print()
    if rows:
        out.print()


def _map(measured: Measured, language: str) -> list[Text]:
    plan, tallies = measured.plan, measured.by_depth(language)
    head = Text(f"{language:<{_LABEL}}" + "".join(f"{size_text(tokens):^{_CELL}}" for tokens in plan.lengths))
    head.stylize("bold")
    return [head, *(_map_row(depth, plan.lengths, tallies) for depth in plan.depths)]


def _map_row(depth: int, lengths: tuple[int, ...], tallies: Mapping[tuple[int, int], Tally]) -> Text:
    row = Text(f"{depth:>4} % ")
    for tokens in lengths:
        tally = tallies.get((tokens, depth), Tally(0, 0))
        if not tally.trials:
            row.append("·".center(_CELL), style="dim")
            continue
        share = tally.passed / tally.trials
        ink = "white" if share < 0.5 else "black"
        row.append(f"{share:.0%}"[:-1].center(_CELL), style=f"{ink} on rgb({','.join(map(str, colour_of(share)))})")
    return row


def _print_tasks(measured: Measured) -> None:
    """Print passed/asked of each task and language at each length."""
    tallies = measured.by_task()
    sizes = [size_text(tokens) for tokens in measured.plan.lengths]
    rows = []
    for task in measured.plan.tasks:
        for language in measured.plan.languages:
            found = [tallies.get((tokens, task, language)) for tokens in measured.plan.lengths]
            rows.append((f"{task} {language}", *(_share(tally) for tally in found)))
    seconds = (f"{measured.seconds_of(tokens):.1f}" for tokens in measured.plan.lengths)
    rows.append(("seconds each", *seconds))
    passed = {row.tokens: row.is_passed for row in measured.rows()}
    rows.append(("passed", *("yes" if passed[tokens] else "no" for tokens in measured.plan.lengths)))
    table(("task", *sizes), rows, right=sizes)


def _share(tally: Tally | None) -> str:
    return "·" if tally is None else f"{tally.passed}/{tally.trials}"


def _print_faults(measured: Measured) -> None:
    faults = measured.faults().most_common()
    if faults:
        said = ", ".join(f"{fault.value} {count}" for fault, count in faults)
        out.print()
        out.print(f"what was wrong: {said}", markup=False)


def _print_footer(outcome: ContextCheckOutcome) -> None:
    asked = len(outcome.measured.results) - outcome.known
    known = f", {outcome.known} known from before" if outcome.known else ""
    note(f"{asked} questions in {outcome.time_taken}{known}")
    for language, rounds in sorted(outcome.measured.repeats.items()):
        if rounds > 1:
            note(f"the {language} notes are short of text: it was used up to {rounds} times in one prompt")
    for path in outcome.files:
        note(f"written: {path}")

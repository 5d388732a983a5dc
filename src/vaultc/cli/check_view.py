"""How the findings of a check look in a terminal: blocks with the line, or one line a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from vaultc.cli.render import COLOURS, err, location, out, plain, plural, print_diagnostic, stream, summary_line
from vaultc.core.rules import ORPHAN_NOTE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vaultc.app.checking import CheckOutcome
    from vaultc.app.places import PlacedDiagnostic
    from vaultc.core.diagnostic import Rule

# What is said of a whole file needs no block of its own.
_LISTED = {ORPHAN_NOTE: ("note stands alone", "notes stand alone")}


def print_full(outcome: CheckOutcome, limit: int) -> None:
    """Print findings with their lines on stdout, at most `limit` blocks of each rule (0: all).

    The same finding in several places is one block, and notes that stand alone are one list.
    """
    groups = _grouped(item for item in outcome.diagnostics if item.diagnostic.rule not in _LISTED)
    shown: dict[Rule, int] = {}
    left: dict[Rule, int] = {}
    for group in groups:
        rule = group[0].diagnostic.rule
        if limit and shown.get(rule, 0) >= limit:
            left[rule] = left.get(rule, 0) + len(group)
        else:
            shown[rule] = shown.get(rule, 0) + 1
            print_diagnostic(group[0], out, group[1:])
    for rule in _LISTED:
        _print_list(rule, [item for item in outcome.diagnostics if item.diagnostic.rule is rule], limit)
    for rule in sorted(left, key=lambda rule: rule.code):
        _print_more(rule, left[rule])


def _grouped(found: Iterable[PlacedDiagnostic]) -> list[list[PlacedDiagnostic]]:
    """Put findings together that say the same about the same words, in order of the first one's place."""
    groups: dict[tuple[str, str, str], list[PlacedDiagnostic]] = {}
    for item in found:
        key = (item.diagnostic.rule.code, item.diagnostic.message, item.place.text)
        groups.setdefault(key, []).append(item)
    return list(groups.values())


def _print_list(rule: Rule, found: Sequence[PlacedDiagnostic], limit: int) -> None:
    if not found:
        return
    one, many = _LISTED[rule]
    what = f"1 {one}" if len(found) == 1 else f"{len(found)} {many}"
    out.print(Text.assemble((rule.code, COLOURS[rule.severity]), f" {what}: {found[0].diagnostic.message}"))
    for item in found[: limit or None]:
        out.print(Text.assemble((" --> ", "blue"), plain(item.place.path)))
    if found[0].diagnostic.help:
        out.print(Text.assemble(("  help", "bold cyan"), ": ", plain(found[0].diagnostic.help)))
    out.print()
    if limit and len(found) > limit:
        _print_more(rule, len(found) - limit)


def _print_more(rule: Rule, count: int) -> None:
    text = f" and {count:,} more {rule.name}: vaultc check --only {rule.code} --format concise"
    out.print(Text.assemble((rule.code, COLOURS[rule.severity]), text))


def print_concise(outcome: CheckOutcome) -> None:
    """Print one line a finding on stdout: `path:line:col: CODE message`."""
    # Not by rich: a vault may have 30,000 of them.
    stream(["".join(f"{_line(placed)}\n" for placed in outcome.diagnostics)])


def _line(placed: PlacedDiagnostic) -> str:
    found = placed.diagnostic
    return f"{location(placed.place)}: {found.rule.code} {plain(found.message, keeps_lines=True)}"


def print_summary(outcome: CheckOutcome) -> None:
    """Print the number of findings of each rule, and what was hidden, on stderr."""
    counts = outcome.by_rule()
    width = max((len(rule.name) for rule in counts), default=0)
    for rule, count in counts.items():
        err.print(Text.assemble((rule.code, COLOURS[rule.severity]), f" {rule.name:<{width}}  {count:>6,}"))
    if outcome.written is not None:
        err.print(Text(f'{plural(outcome.hidden, "finding")} written to the baseline "{plain(str(outcome.written))}"'))
        if outcome.gone:
            err.print(Text(f"{plural(outcome.gone, 'entry')} that no longer occurred dropped"))
        return
    err.print(Text(f"{summary_line(outcome.diagnostics) or 'nothing found'} in {plural(outcome.notes, 'note')}"))
    if outcome.hidden:
        err.print(Text(f"{plural(outcome.hidden, 'known finding')} hidden (baseline); see all with --no-baseline"))
    if outcome.gone:
        words = "no longer occurs" if outcome.gone == 1 else "no longer occur"
        err.print(Text(f"{plural(outcome.gone, 'known finding')} {words}; drop with --write-baseline"))

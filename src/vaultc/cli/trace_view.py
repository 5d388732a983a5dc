"""How a trace looks in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from vaultc.cli.render import location, note, out, plain

if TYPE_CHECKING:
    from vaultc.app.tracing import TraceOutcome
    from vaultc.compiler.source_map import TraceLink

_WIDTH = 110


def print_trace(outcome: TraceOutcome) -> None:
    """Print the chain, one line a link, with the words that stand at each place."""
    trace = outcome.trace
    out.print(Text.assemble((location(trace.start), "cyan"), f"  {_words(trace.start.text)}"))
    for item in trace.verdicts:
        is_taken = not item.verdict.startswith("not taken")
        said = f"binds as {item.verdict.replace('_', ' ')}" if is_taken else item.verdict
        out.print(Text.assemble((f"  {'verdict':<13} ", "bold"), f'{plain(said)}, by the rule "{plain(item.rule)}"'))
    shown = set()
    for link in trace.chain:
        if link.kind == "note" and link.place in shown:
            continue  # the requirement above stands there
        shown.add(link.place)
        out.print(_line(link, names_code=link.kind in {"code", "test"}))
    if not trace.chain:
        note("nothing leans on this line" if outcome.from_note else "this line leans on no note")


def _line(link: TraceLink, *, names_code: bool) -> Text:
    status = f"  [{link.status}]" if link.status else ""
    what = "" if link.kind == "note" else f"{link.id}  "
    words = "" if names_code else f"«{_words(link.place.text)}»"
    return Text.assemble(
        (f"  {link.kind:<13} ", "bold"), what, (location(link.place), "cyan"), f"  {words}", (status, "yellow")
    )


def _words(text: str) -> str:
    folded = plain(" ".join(text.split()))
    return folded if len(folded) <= _WIDTH else folded[:_WIDTH].rsplit(" ", 1)[0] + " …"

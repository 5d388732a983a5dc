"""How answers and analyses look in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from vaultc.cli.render import excerpt, location, note, out, plain, plural
from vaultc.core.rules import GIT_CONFLICT, MODEL_FAILED

if TYPE_CHECKING:
    from vaultc.app.asking import AskOutcome, PlacedSentence
    from vaultc.app.finding import FindingsOutcome

_MARKS = "-*+> "  # of list items and quotes


def print_sentence(sentence: PlacedSentence) -> None:
    """Print a sentence of an answer with its citations under it, or with the mark that nothing supports it."""
    if sentence.supported:
        out.print(Text(plain(sentence.text)))
    else:
        out.print(Text.assemble((plain(sentence.text), "dim"), ("  [not supported by the notes]", "yellow")))
    for place in sentence.citations:
        quoted = plain(" ".join(place.text.split()).lstrip(_MARKS))
        if quoted == " ".join(sentence.text.split()):
            out.print(Text.assemble("   ", (location(place), "cyan")))
        else:
            out.print(Text.assemble("   ", (location(place), "cyan"), (f"  «{quoted}»", "dim")))


def print_footer(outcome: AskOutcome, *, left_out: int = 0) -> None:
    """Print that the notes do not answer, where they do not; on stderr, who answered and how much was read.

    `left_out` is how many sentences of the model were not shown, because nothing supports them.
    """
    if outcome.findings is not None:
        return
    if outcome.exit_code:
        out.print(Text(outcome.text))
    who = "from the notes alone, no model asked"
    if outcome.asked_model is not None:
        who = f"answered by {outcome.asked_model}"
        if outcome.model is None:
            who = f"extract from the notes; {outcome.asked_model} said nothing that they support"
    for item in outcome.diagnostics:
        if item.diagnostic.rule is MODEL_FAILED:
            note(item.diagnostic.message)
        elif item.diagnostic.rule is GIT_CONFLICT:
            note(f"{location(item.place)}: {item.diagnostic.message}")
    dropped = f"; {plural(left_out, 'sentence')} of the model left out as not supported" if left_out else ""
    read, candidates = outcome.coverage
    note(f"\n{who}{dropped}; {read} of {candidates} passages read; {outcome.seconds:.1f} s")


def print_findings(outcome: FindingsOutcome) -> None:
    """Print what an analysis found: contradictions with both quotations, or names without a link."""
    for number, pair in enumerate(outcome.contradictions, start=1):
        finding = pair.finding
        out.print(Text.assemble((f"{number}. ", "bold"), plain(finding.reason), (f"  [{finding.kind}]", "dim")))
        for place in (pair.a, pair.b):
            out.print(Text.assemble("   ", (location(place), "cyan")))
            out.print(Text(excerpt(place.text)))
        out.print()
    for number, mention in enumerate(outcome.mentions, start=1):
        head = Text.assemble(
            (f"{number}. ", "bold"), (location(mention.place), "cyan"), f'  "{plain(mention.place.text)}"'
        )
        out.print(head.append(f" names [[{mention.target_name}]] without a link"))
    note(outcome.headline())

"""`vaultc ask`: questions, answered with checked citations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from vaultc.cli import options
from vaultc.cli.words import WordsCommand

if TYPE_CHECKING:
    from vaultc.app.asking import AskOutcome, AskSession, PlacedSentence


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("ask", cls=WordsCommand)(ask)


def ask(
    question: Annotated[str, typer.Argument(help="A question, or an analysis: `find contradictions`.")],
    vault: options.Vault = None,
    model: options.Model = None,
    n_gpu_layers: options.GpuLayers = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Answer from the notes. Each sentence carries a citation that was checked; what is not supported is marked.

    `find contradictions`, «найди противоречия» and `missing links` are answered by an analysis of the whole vault.

    Example: vaultc ask "сколько ватт берёт насос?"
    """
    from vaultc.app.asking import AskSession
    from vaultc.cli.render import note, print_json, progress

    flags = {"model.path": model, "model.n_gpu_layers": n_gpu_layers}
    with progress(quiet=quiet or as_json) as report:
        session = AskSession.open(question, vault, flags, report)
    with session:
        outcome = session.finish() if as_json else _stream(session, quiet=quiet)
    for text in session.session.notes:
        note(text)
    if as_json:
        print_json(outcome.as_json())
    raise typer.Exit(outcome.exit_code)


def _stream(session: AskSession, *, quiet: bool) -> AskOutcome:
    from vaultc.cli.ask_view import print_findings, print_footer, print_sentence
    from vaultc.cli.render import progress

    with progress(quiet=quiet) as report:
        session.start(report)
    held: list[PlacedSentence] = []
    for sentence in session.sentences():
        # What nothing supports is shown beside what something does; alone it is noise, and only counted.
        if not sentence.supported:
            held.append(sentence)
            continue
        for earlier in [] if sentence.is_extract else held:
            print_sentence(earlier)
        held = held if sentence.is_extract else []
        print_sentence(sentence)
    outcome = session.finish()
    if outcome.findings is not None:
        print_findings(outcome.findings)
    print_footer(outcome, left_out=len(held))
    return outcome

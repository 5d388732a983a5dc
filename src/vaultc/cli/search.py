"""`vaultc search`: passages without a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from vaultc.cli import options
from vaultc.cli.words import WordsCommand

if TYPE_CHECKING:
    from vaultc.app.searching import SearchOutcome


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("search", cls=WordsCommand)(search)


def search(
    query: Annotated[str, typer.Argument(help="Words to look for, in Russian or English, in any form.")],
    limit: Annotated[int | None, typer.Option("--limit", "-n", min=1, max=1000, help="How many passages.")] = None,
    lexical: Annotated[bool, typer.Option("--lexical", help="By words alone, without vectors.")] = False,
    generated: Annotated[
        bool, typer.Option("--generated", help="Among the notes that vaultc wrote, which no other search finds.")
    ] = False,
    vault: options.Vault = None,
    as_json: options.Json = False,
) -> None:
    """Print the passages that fit best, with their scores and why each was found. No model is used.

    Example: vaultc search "насос не включается" -n 5
    """
    from vaultc.app.searching import search_vault
    from vaultc.cli.render import print_json

    outcome = search_vault(query, vault, limit=limit, lexical_only=lexical, generated=generated)
    if as_json:
        print_json(outcome.as_json())
    else:
        _print(outcome)


def _print(outcome: SearchOutcome) -> None:
    from rich.text import Text

    from vaultc.cli.render import excerpt_lines, location, note, out, plain

    for text in outcome.notes:
        note(text)
    if not outcome.passages:
        note("nothing found")
    for placed in outcome.passages:
        passage = placed.passage
        heading = plain(" › ".join(passage.chunk.headings))
        out.print(
            Text.assemble(
                (f"{passage.rank:>2} ", "bold"),
                (location(placed.place), "cyan"),
                (f"  {heading}" if heading else "", "dim"),
                (f"  {passage.score:.2f}", "green"),
            )
        )
        out.print(Text(excerpt_lines(passage.chunk.text)))
        if passage.reasons:
            out.print(Text(plain("   " + "; ".join(passage.reasons)), style="dim"))
        out.print()

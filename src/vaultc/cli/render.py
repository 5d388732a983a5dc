"""What people see: the only importer of rich. Data goes to stdout, everything else to stderr."""

from __future__ import annotations

import io
import json
import platform
import re
import sys
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.segment import Segment
from rich.text import Text

from vaultc import __version__
from vaultc.core.diagnostic import Severity
from vaultc.core.event import Progress, Report, silent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import ConsoleOptions, RenderableType

    from vaultc.app.places import PlacedDiagnostic
    from vaultc.core.errors import VaultcError
    from vaultc.core.source import Place


class SafeConsole(Console):
    """A console that shows control characters and never obeys them: text of notes, paths and models comes here."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """Give the pieces of what is printed; those of rich itself that move the cursor are left as they are."""
        for segment in super().render(renderable, options):
            if segment.control is None and not segment.text.isprintable():
                segment = Segment(plain(segment.text, keeps_lines=True), segment.style)
            yield segment


out = SafeConsole(highlight=False, soft_wrap=True)
err = SafeConsole(stderr=True, highlight=False, soft_wrap=True)

COLOURS = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}


# JSON itself escapes those below U+0020 alone; a terminal obeys these too, or turns the direction of what follows.
_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def json_text(document: dict[str, Any], *, indent: int | None = None) -> str:
    """Give a document as JSON that a terminal may show: lone surrogates and control characters are escaped."""
    text = json.dumps(document, ensure_ascii=False, indent=indent)
    text = _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document."""
    sys.stdout.write(json_text({"version": 1, **document}, indent=2) + "\n")


def print_json_line(document: dict[str, Any]) -> None:
    """Print one document on one line, for commands that go on."""
    sys.stdout.write(json_text({"version": 1, **document}) + "\n")
    sys.stdout.flush()


def print_error(error: VaultcError) -> None:
    """Print a failure: what and where, then what to do."""
    err.print(Text.assemble(("error", "bold red"), ": ", plain(str(error.message), keeps_lines=True)))
    if error.hint:
        err.print(Text.assemble(("help", "bold cyan"), ": ", plain(error.hint, keeps_lines=True)))


def print_warning(message: str) -> None:
    """Print what a person should know whatever the command does."""
    err.print(Text.assemble(("warning", "bold yellow"), ": ", plain(message)))


def print_crash(error: BaseException) -> None:
    """Print that vaultc itself failed, with what a report needs."""
    err.print("".join(traceback.format_exception(error)), markup=False)
    err.print(
        Text.assemble(
            ("error", "bold red"),
            f": this is a bug in vaultc {__version__} (Python {platform.python_version()}, {platform.system()})",
        )
    )
    err.print(Text.assemble(("help", "bold cyan"), ": nothing of yours was changed; please report the lines above"))


def plain(text: str, *, keeps_lines: bool = False) -> str:
    """Show control characters of odd file names and notes instead of obeying them."""
    if (text.replace("\n", "") if keeps_lines else text).isprintable():
        return text
    return "".join(ch if ch.isprintable() or (keeps_lines and ch == "\n") else _shown(ch) for ch in text)


def _shown(char: str) -> str:
    if char == "\t":
        return "    "
    return f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}"


def say(text: str = "") -> None:
    """Print a result for the person on stdout."""
    stream([plain(text, keeps_lines=True) + "\n"])


def note(message: str) -> None:
    """Print a line for the person that is not data."""
    err.print(Text(plain(message, keeps_lines=True), style="dim"))


def plural(count: int, word: str) -> str:
    """Give "1 note", "2 notes", "2 entries"."""
    if count != 1:
        word = word[:-1] + "ies" if word.endswith("y") else word + "s"
    return f"{count} {word}"


_EXCERPT = 320
_EXCERPT_LINES = 5
_PIPE_WIDTH = 2000


def excerpt(text: str) -> str:
    """Give the start of `text` as an indented paragraph, cut at a word."""
    folded = " ".join(plain(text).split())
    if len(folded) > _EXCERPT:
        folded = folded[:_EXCERPT].rsplit(" ", 1)[0] + " …"
    return "   " + folded


def excerpt_lines(text: str) -> str:
    """Give the first lines of `text`, indented, each cut at the width of a line."""
    lines = [plain(line.rstrip()) for line in text.splitlines() if line.strip()]
    shown = [line if len(line) <= _LINE_WIDTH else line[: _LINE_WIDTH - 2] + " …" for line in lines[:_EXCERPT_LINES]]
    more = ["…"] if len(lines) > _EXCERPT_LINES else []
    return "\n".join("   " + line for line in [*shown, *more])


def location(place: Place) -> str:
    """Give `path:line:col`."""
    return plain(f"{place.path}:{place.line}:{place.col}")


def print_diagnostics(diagnostics: Iterable[PlacedDiagnostic], *, console: Console = err) -> None:
    """Print findings with the line they stand in and a mark under it."""
    for placed in diagnostics:
        print_diagnostic(placed, console)


def print_diagnostic(placed: PlacedDiagnostic, console: Console, same: Sequence[PlacedDiagnostic] = ()) -> None:
    """Print one finding as a block; `same` are findings that say the same of other places."""
    rule = placed.diagnostic.rule
    console.print(
        Text.assemble((rule.code, COLOURS[rule.severity]), " ", plain(placed.diagnostic.message, keeps_lines=True))
    )
    console.print(Text.assemble((" --> ", "blue"), location(placed.place)))
    if placed.line_text.strip():
        _print_line(placed, console)
    for place, message in placed.related[:_RELATED]:
        _print_related(place, message, console)
    if len(placed.related) > _RELATED:
        console.print(Text.assemble(("  note", "bold"), f": and in {len(placed.related) - _RELATED} more places"))
    if same:
        shown = ", ".join(location(other.place) for other in same[:_RELATED])
        more = f" and {len(same) - _RELATED} more" if len(same) > _RELATED else ""
        console.print(Text.assemble(("  note", "bold"), f": the same at {shown}{more}"))
    if placed.diagnostic.help:
        console.print(Text.assemble(("  help", "bold cyan"), ": ", plain(placed.diagnostic.help)))
    console.print()


def _print_related(place: Place, message: str, console: Console) -> None:
    # An empty place at the beginning is the file as a whole.
    where = location(place) if place.end else plain(place.path)
    quoted = plain(" ".join(place.text.split()))
    quoted = f"  «{quoted[:_LINE_WIDTH]}»" if quoted else ""
    console.print(Text.assemble(("  note", "bold"), f": {message}: ", (where, "blue"), quoted))


_LINE_WIDTH = 100
_RELATED = 5


def _print_line(placed: PlacedDiagnostic, console: Console) -> None:
    gutter = " " * len(str(placed.place.line))
    start = placed.place.col - 1
    last = placed.place.end_col - 1 if placed.place.end_line == placed.place.line else len(placed.line_text)
    # A line may hold 64 KB: show a window around the place.
    shift = max(0, start - 30) if len(placed.line_text) > _LINE_WIDTH else 0
    shown = plain(placed.line_text[shift : shift + _LINE_WIDTH])
    width = max(1, min(last, shift + _LINE_WIDTH) - start)
    lead, mark = Text(placed.line_text[shift:start]).cell_len, Text(placed.line_text[start : start + width]).cell_len
    console.print(Text(f"{gutter} |", style="blue"))
    console.print(Text.assemble((f"{placed.place.line} | ", "blue"), shown))
    console.print(Text.assemble((f"{gutter} | ", "blue"), " " * lead, ("^" * max(1, mark), "yellow")))


def summary_line(diagnostics: Sequence[PlacedDiagnostic]) -> str:
    """Give "2 errors, 1 warning" or an empty text."""
    counts = [(sum(1 for d in diagnostics if d.diagnostic.rule.severity == s), s.value) for s in Severity]
    return ", ".join(f"{n} {word}{'s' if n != 1 and word != 'info' else ''}" for n, word in counts if n)


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Report]:
    """Show progress on stderr while the block runs; silent where there is no terminal or `quiet`."""
    if quiet or not err.is_terminal:
        yield silent
        return
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar  # as long to import as a search takes

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("[dim]{task.fields[detail]}"),
    )
    with Bar(*columns, console=err, transient=True) as bar:
        tasks: dict[str, Any] = {}

        def report(event: Progress) -> None:
            detail = escape(plain(event.detail))[:60]
            if event.task not in tasks:
                tasks[event.task] = bar.add_task(escape(event.task), total=event.total, detail=detail)
            bar.update(tasks[event.task], completed=event.done, total=event.total, detail=detail)

        yield report


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()) -> None:
    """Print rows under column heads on stdout; the columns named in `right` stand at the right."""
    from rich.table import Table

    grid = Table(box=None, pad_edge=False, header_style="bold", show_header=any(columns))
    for column in columns:
        grid.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(Text(plain(cell)) for cell in row))
    if out.is_terminal:
        out.print(grid)
        return
    # One line a row for a pipe, without blanks at its end.
    wide = Console(highlight=False, width=_PIPE_WIDTH, no_color=True, file=io.StringIO())
    wide.print(grid)
    text = wide.file.getvalue() if isinstance(wide.file, io.StringIO) else ""
    out.print("\n".join(line.rstrip() for line in text.splitlines()), markup=False)


def stream(pieces: Iterable[str]) -> None:
    """Print pieces of text on stdout as they come."""
    for piece in pieces:
        sys.stdout.write(piece.encode("utf-8", "backslashreplace").decode("utf-8"))
        sys.stdout.flush()

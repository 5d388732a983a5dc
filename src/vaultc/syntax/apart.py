"""A note's text as it is parsed: what is not the person's own words is set apart, and every offset stays.

Marks of a git conflict would make headings and quotes, commands of a template links and tags; here they are blanked
before the block structure is read, by as many blanks as they have letters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.core.diagnostic import Diagnostic
from vaultc.core.note import Mark, MarkKind
from vaultc.core.rules import GIT_CONFLICT
from vaultc.syntax.git_conflict import blanked, conflicts, side_texts
from vaultc.syntax.plugin_text import neutral, plugin_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.core.source import Source
    from vaultc.syntax.git_conflict import Conflict
    from vaultc.syntax.plugin_text import PluginText


@dataclass(frozen=True, slots=True)
class Apart:
    """What is set apart in a text; `text` is what is parsed of it, of the same length."""

    text: str
    conflicts: tuple[Conflict, ...] = ()
    plugins: tuple[PluginText, ...] = ()

    def marks(self, source: Source) -> Iterator[Mark]:
        """Give the ranges that are set apart as marks of the note."""
        for conflict in self.conflicts:
            yield Mark(MarkKind.CONFLICT, source.span(conflict.start, conflict.end))
        for found in self.plugins:
            yield Mark(MarkKind.PLUGIN, source.span(found.start, found.end))

    def diagnostics(self, source: Source) -> Iterator[Diagnostic]:
        """Give a diagnostic (V118) for each conflict."""
        for conflict in self.conflicts:
            (start, end), (last, behind) = conflict.marks[0], conflict.marks[-1]
            names = [source.text[at:to].lstrip("<>").strip() for at, to in (conflict.marks[0], conflict.marks[-1])]
            between = f' between "{names[0]}" and "{names[1]}"' if all(names) else ""
            yield Diagnostic(
                GIT_CONFLICT,
                f"an unresolved git conflict{between}: neither side is taken as what the note says",
                source.span(start, end),
                ((source.span(last, behind), "it ends here"),),
                "keep what is right, and delete the lines of marks",
            )

    def sides(self) -> Iterator[str]:
        """Give the text as each side of the conflicts has it, of the same length; without a conflict, once."""
        if self.conflicts:
            yield from side_texts(self.text, self.conflicts)
        else:
            yield self.text

    @property
    def is_nothing(self) -> bool:
        """Whether the text is parsed as it is."""
        return not self.conflicts and not self.plugins

    def body_text(self, body: int, last_body: int) -> str:
        """Give the text whose body is parsed: all sides of the conflicts, without their marks.

        Where a conflict holds the end of the frontmatter, the body of one side starts at `body` and that of another
        at `last_body`; what that one has as properties is left out.
        """
        hidden = [place for conflict in self.conflicts for place in (*conflict.marks, *conflict.bases)]
        if body < last_body:
            sides = (side for conflict in self.conflicts for side in conflict.sides)
            hidden.append((next((end for start, end in sides if start < body <= end), body), last_body))
        return blanked(self.text, hidden)

    def is_one_conflict(self, first: int, second: int) -> bool:
        """Tell whether two offsets lie in the same conflict."""
        return any(found.start <= first < found.end and found.start <= second < found.end for found in self.conflicts)


def set_apart(text: str) -> Apart:
    """Find what is not the person's own words in `text`; in nearly all notes that is nothing."""
    plugins = plugin_texts(text)
    if not plugins:
        return Apart(text, conflicts(text))
    shown = blanked(
        text, [(found.start, found.end) for found in plugins if found.is_whole and text[found.start] != "{"]
    )
    pieces: list[str] = []
    at = 0
    for found in plugins:
        if not found.is_whole and shown.startswith("<", found.start):
            pieces += [shown[at : found.start], neutral(shown[found.start : found.end])]
            at = found.end
    shown = "".join([*pieces, shown[at:]])
    return Apart(shown, conflicts(shown), tuple(plugins))

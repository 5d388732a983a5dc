"""Spans and diagnostics as places: lines and columns of the files as they are now."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vaultc.core.errors import VaultError
from vaultc.core.source import Place, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from vaultc.core.diagnostic import Diagnostic
    from vaultc.core.source import Span, VaultPath

_KEPT_SOURCES = 512


@dataclass(frozen=True, slots=True)
class PlacedDiagnostic:
    """A finding with its place, the text of its first line, and the places that belong to it."""

    diagnostic: Diagnostic
    place: Place
    line_text: str
    related: tuple[tuple[Place, str], ...]

    def as_json(self) -> dict[str, Any]:
        """Give the finding in the form of docs/json.md."""
        rule = self.diagnostic.rule
        return {
            "code": rule.code,
            "name": rule.name,
            "severity": rule.severity.value,
            "message": self.diagnostic.message,
            "place": self.place.as_json(),
            "related": [{"place": place.as_json(), "message": text} for place, text in self.related],
            "help": self.diagnostic.help,
            "url": f"docs/diagnostics/{rule.code}.md",
        }


class Placer:
    """Turns spans into places; a file that was read lately is not read again."""

    def __init__(self, read: Callable[[VaultPath], Source]) -> None:
        self._read = read
        self._sources: OrderedDict[VaultPath, Source | None] = OrderedDict()

    def source(self, path: VaultPath) -> Source | None:
        """Give the file's source, or None where it cannot be read."""
        if path in self._sources:
            self._sources.move_to_end(path)
            return self._sources[path]
        try:
            source = self._read(path)
        except VaultError:
            source = None
        self._sources[path] = source
        if len(self._sources) > _KEPT_SOURCES:
            self._sources.popitem(last=False)
        return source

    def place(self, span: Span) -> Place:
        """Give the place of `span`; a file that cannot be read, or is shorter now, gives its first character.

        An empty span at the beginning means the file as a whole: it is not read.
        """
        if span.end == 0:
            return Place(span.path, 1, 1, 1, 1, 0, 0, "")
        source = self.source(span.path)
        if source is None or span.end > len(source.text):
            return Place(span.path, 1, 1, 1, 1, 0, 0, "")
        return source.place(span)

    def diagnostic(self, found: Diagnostic) -> PlacedDiagnostic:
        """Give `found` with its places."""
        place = self.place(found.span)
        source = self.source(found.span.path) if found.span.end else None
        line = source.line_text(place.line) if source is not None else ""
        related = tuple((self.place(span), text) for span, text in found.related)
        return PlacedDiagnostic(found, place, line, related)

    def diagnostics(self, found: Iterable[Diagnostic]) -> tuple[PlacedDiagnostic, ...]:
        """Give findings with their places, in the order of files and lines."""
        ordered = sorted(found, key=lambda item: (item.span.path, item.span.start, item.rule.code))
        return tuple(self.diagnostic(item) for item in ordered)

"""The model `vault`: an answer from the notes as text, with its citations as text and as an extra field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from vaultc.server.inert import inert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from vaultc.app.asking import AskOutcome, PlacedSentence
    from vaultc.app.finding import FindingsOutcome
    from vaultc.core.source import Place

_MAX_QUOTED = 240
_MAX_FINDINGS = 50


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where an answer ends at the latest: at so many tokens, as `count` counts them, or before one of the `stops`."""

    most: int | None = None
    stops: tuple[str, ...] = ()
    count: Callable[[str], int] = len


class Grounded:
    """Writes an answer piece by piece: each supported sentence with marks `[1]`, behind them the sources.

    Within `bounds` it says whole sentences only, for half of one says something else, and keeps room for their sources;
    the first is said without its source rather than nothing. `finish` says why it ended.
    """

    def __init__(self, bounds: Bounds | None = None) -> None:
        self._bounds = bounds or Bounds()
        self._numbers: dict[Place, int] = {}
        self._said = ""
        self._is_ended = False
        self.finish: Literal["stop", "length"] = "stop"

    def sentence(self, sentence: PlacedSentence) -> str:
        """Give a sentence with its marks; empty where the notes do not support it, and behind the bounds."""
        if not sentence.supported:
            return ""
        numbers = dict(self._numbers)
        marks = "".join(f" [{numbers.setdefault(place, len(numbers) + 1)}]" for place in sentence.citations)
        between = "" if not self._said else "\n" if sentence.is_extract else " "
        piece, sources = f"{between}{inert(sentence.text.strip())}{marks}", _sources(numbers)
        is_alone = not self._said and not self._fits(piece + sources)
        said = self._say(piece, "" if is_alone else sources)
        if said and is_alone:
            self._is_ended, self.finish = True, "length"
        elif said:
            self._numbers = numbers
        return said

    def end(self, outcome: AskOutcome) -> str:
        """Give what follows the sentences: the sources, or what was said instead of an answer."""
        if outcome.findings is not None:
            lines = enumerate(_listed(outcome.findings))
            return "".join([self._say(f"\n{line}" if at else line) for at, line in lines])
        if not self._said:
            return self._say(inert(outcome.text))
        sources = _sources(self._numbers)
        return "" if self._ends(sources) else sources

    def _say(self, piece: str, behind: str = "") -> str:
        """Give a piece where it lies within the bounds with what must come behind; else nothing more is said."""
        if self._is_ended or self._ends(piece):
            self._is_ended = True
            return ""
        if not self._fits(piece + behind):
            self._is_ended, self.finish = True, "length"
            return ""
        self._said += piece
        return piece

    def _fits(self, piece: str) -> bool:
        return self._bounds.most is None or self._bounds.count(self._said + piece) <= self._bounds.most

    def _ends(self, piece: str) -> bool:
        return any(stop in self._said + piece for stop in self._bounds.stops)


def extra(outcome: AskOutcome) -> dict[str, Any]:
    """Give the extra field of an answer: the document of `vaultc ask --json`, without the passages' own texts."""
    document = outcome.as_json()
    document.pop("passages")
    document["supported"] = outcome.exit_code == 0
    return {"version": 1, **document}


def _sources(numbers: Mapping[Place, int]) -> str:
    return "\n\nSources:\n" * bool(numbers) + "\n".join(
        f"[{number}] {_cited(place)}" for place, number in numbers.items()
    )


def _cited(place: Place) -> str:
    quoted = " ".join(place.text.split())
    shown = quoted if len(quoted) <= _MAX_QUOTED else quoted[:_MAX_QUOTED].rsplit(" ", 1)[0] + " …"
    return f"{inert(place.path)}:{place.line} «{inert(shown)}»"


def _listed(found: FindingsOutcome) -> Iterator[str]:
    yield found.headline()
    pairs = [(pair.finding.reason, (pair.a, pair.b)) for pair in found.contradictions]
    pairs += [(f"names {mention.target_name}", (mention.place,)) for mention in found.mentions]  # type: ignore[misc]
    for reason, places in pairs[:_MAX_FINDINGS]:
        yield f"- {inert(reason)}: {_both(places)}"
    if len(pairs) > _MAX_FINDINGS:
        yield f"- and {len(pairs) - _MAX_FINDINGS} more: `vaultc ask` and `vaultc check` list all"


def _both(places: Iterable[Place]) -> str:
    return " / ".join(_cited(place) for place in places)

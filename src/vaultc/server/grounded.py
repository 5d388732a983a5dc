"""The model `vault`: an answer from the notes as text, with its citations as text and as an extra field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vaultc.server.inert import inert

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vaultc.app.asking import AskOutcome, PlacedSentence
    from vaultc.app.finding import FindingsOutcome
    from vaultc.core.source import Place

_MAX_QUOTED = 240
_MAX_FINDINGS = 50


class Grounded:
    """Writes an answer piece by piece: each supported sentence with marks `[1]`, behind them the sources."""

    def __init__(self) -> None:
        self._numbers: dict[Place, int] = {}
        self._has_text = False

    def sentence(self, sentence: PlacedSentence) -> str:
        """Give a sentence with its marks; empty where the notes do not support it."""
        if not sentence.supported:
            return ""
        marks = "".join(f" [{self._numbers.setdefault(place, len(self._numbers) + 1)}]" for place in sentence.citations)
        between = "" if not self._has_text else "\n" if sentence.is_extract else " "
        self._has_text = True
        return f"{between}{inert(sentence.text.strip())}{marks}"

    def end(self, outcome: AskOutcome) -> str:
        """Give what follows the sentences: the sources, or what was said instead of an answer."""
        if outcome.findings is not None:
            return "\n".join(_listed(outcome.findings))
        if not self._has_text:
            return inert(outcome.text)
        lines = [f"[{number}] {_cited(place)}" for place, number in self._numbers.items()]
        return "\n\nSources:\n" + "\n".join(lines)


def extra(outcome: AskOutcome) -> dict[str, Any]:
    """Give the extra field of an answer: the document of `vaultc ask --json`, without the passages' own texts."""
    document = outcome.as_json()
    document.pop("passages")
    document["supported"] = outcome.exit_code == 0
    return {"version": 1, **document}


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

"""The analyses of the whole vault, with places."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from vaultc.app.places import Placer
from vaultc.core.diagnostic import Diagnostic
from vaultc.core.rules import CONTRADICTION, MISSING_LINK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.app.session import Session
    from vaultc.core.source import Place
    from vaultc.findings.contradictions import ContradictionFinding
    from vaultc.findings.links import LinkFinding
    from vaultc.findings.run import Findings
    from vaultc.index.catalog import Catalog

ANALYSIS = "claims"


@dataclass(frozen=True, slots=True)
class PlacedContradiction:
    """A contradiction with the places of both statements."""

    finding: ContradictionFinding
    a: Place
    b: Place

    def as_json(self) -> dict[str, Any]:
        """Give the finding in the form of docs/json.md."""
        finding = self.finding
        return {
            "id": finding.id,
            "class": finding.kind,
            "score": round(finding.score, 3),
            "a": self.a.as_json(),
            "b": self.b.as_json(),
            "claim_a": finding.claim_a.describe(),
            "claim_b": finding.claim_b.describe(),
            "reason": finding.reason,
            "judge": finding.judge,
            "status": "open",
        }


@dataclass(frozen=True, slots=True)
class PlacedMention:
    """A name of a note that stands without a link, with its place."""

    finding: LinkFinding
    place: Place

    @property
    def target_name(self) -> str:
        """The target as one would write it in a link."""
        return PurePosixPath(self.finding.target).stem

    def as_json(self) -> dict[str, Any]:
        """Give the finding in the form of docs/json.md."""
        return {
            "id": self.finding.id,
            "kind": "mention",
            "score": round(self.finding.score, 3),
            "a": self.place.as_json(),
            "b": None,
            "target": self.finding.target,
            "evidence": [self.place.as_json()],
            "status": "open",
        }


@dataclass(frozen=True, slots=True)
class FindingsOutcome:
    """What the analyses found; `notes` is how many notes were read."""

    notes: int
    contradictions: tuple[PlacedContradiction, ...] = ()
    mentions: tuple[PlacedMention, ...] = ()
    what: str = "contradictions"

    def headline(self) -> str:
        """Give one line for a person."""
        count = len(self.contradictions) + len(self.mentions)
        word = self.what[:-1] if count == 1 else self.what
        return f"{count} {word} in {self.notes} notes" if count else f"no {self.what} found in {self.notes} notes"

    def as_json(self) -> dict[str, Any]:
        """Give the outcome in the form of docs/json.md."""
        return {"findings": [item.as_json() for item in (*self.contradictions, *self.mentions)]}

    def diagnostics(self) -> Iterator[Diagnostic]:
        """Give the findings as diagnostics, for `vaultc check`."""
        for pair in self.contradictions:
            finding = pair.finding
            yield Diagnostic(CONTRADICTION, finding.reason, finding.a.span, ((finding.b.span, "against"),))
        for mention in self.mentions:
            message = f'"{mention.place.text}" names the note "{mention.target_name}" without a link'
            help_text = f"write [[{mention.target_name}]]"
            if mention.place.text != mention.target_name:
                help_text = f"write [[{mention.target_name}|{mention.place.text}]]"
            yield Diagnostic(MISSING_LINK, message, mention.finding.quote.span, help=help_text)


class ClaimStore:
    """The analyses' results for each note, kept in the catalog by content."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def get(self, key: str) -> Any:  # noqa: ANN401 - any JSON value
        """Give what was kept under `key`, or None."""
        return self._catalog.derived(CLAIMS, key)

    def put(self, key: str, value: Any) -> None:  # noqa: ANN401 - any JSON value
        """Keep `value` under `key`."""
        self._catalog.put_derived(CLAIMS, key, value)


def analyse_vault(session: Session, catalog: Catalog) -> Findings:
    """Run the analyses over every note of the vault; unchanged notes are not analysed again."""
    from vaultc.findings.run import analyse

    return analyse(session.reader, ClaimStore(catalog), session.report)


def placed_findings(session: Session, found: Findings, kind: str) -> FindingsOutcome:
    """Give the findings of `kind` ("contradictions" or "links") with their places."""
    placer = Placer(lambda path: session.reader.read(path).source)
    if kind == "contradictions":
        pairs = [PlacedContradiction(f, placer.place(f.a.span), placer.place(f.b.span)) for f in found.contradictions]
        return FindingsOutcome(found.notes, contradictions=tuple(pairs))
    mentions = [PlacedMention(finding, placer.place(finding.quote.span)) for finding in found.links]
    return FindingsOutcome(found.notes, mentions=tuple(mentions), what="missing links")

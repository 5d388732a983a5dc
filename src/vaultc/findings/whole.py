"""The findings of a whole vault as one value: of a vault that has not changed nothing is read or compared again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vaultc.core.source import Quote, Span, VaultPath
from vaultc.findings.claim import Claim, claim_from_json
from vaultc.findings.contradictions import ContradictionFinding
from vaultc.findings.links import LinkFinding, link_finding_from_json, link_finding_json


@dataclass(frozen=True, slots=True)
class Findings:
    """What the vault says about itself: how many notes were looked at, and of how many nothing was read again."""

    contradictions: tuple[ContradictionFinding, ...]
    links: tuple[LinkFinding, ...]
    notes: int
    reused: int
    claims: int


def findings_json(found: Findings) -> dict[str, Any]:
    """Give `found` as a JSON value; `findings_from_json` is the way back, as of a run that read nothing again."""
    return {
        "contradictions": [_contradiction_json(item) for item in found.contradictions],
        "links": [[item.a.span.path, link_finding_json(item)] for item in found.links],
        "notes": found.notes,
        "claims": found.claims,
    }


def findings_from_json(value: dict[str, Any]) -> Findings:
    """Give back what `findings_json` wrote."""
    return Findings(
        tuple(_contradiction(item) for item in value["contradictions"]),
        tuple(link_finding_from_json(item, VaultPath(path)) for path, item in value["links"]),
        value["notes"],
        value["notes"],
        value["claims"],
    )


def _contradiction_json(item: ContradictionFinding) -> dict[str, Any]:
    sides = [_quote_json(item.a), _claim_json(item.claim_a), _quote_json(item.b), _claim_json(item.claim_b)]
    told = {"id": item.id, "kind": item.kind, "score": item.score, "reason": item.reason, "judge": item.judge}
    return {"sides": sides, **told}


def _contradiction(value: dict[str, Any]) -> ContradictionFinding:
    a, claim_a, b, claim_b = value["sides"]
    return ContradictionFinding(
        *(value["id"], value["kind"], value["score"], _quote(a), _quote(b), _claim(claim_a), _claim(claim_b)),
        reason=value["reason"],
        judge=value["judge"],
    )


def _quote_json(quote: Quote) -> list[Any]:
    return [quote.span.path, quote.span.start, quote.span.end, quote.text]


def _quote(value: list[Any]) -> Quote:
    path, start, end, text = value
    return Quote(Span(VaultPath(path), start, end), text)


def _claim_json(claim: Claim) -> list[Any]:
    return [claim.path, claim.as_json()]


def _claim(value: list[Any]) -> Claim:
    path, told = value
    return claim_from_json(told, VaultPath(path))

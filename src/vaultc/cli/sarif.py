"""Findings as SARIF 2.1.0, the form that code-scanning sites and editors read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from vaultc import __version__
from vaultc.app.baseline import known_by
from vaultc.core.diagnostic import Severity
from vaultc.core.digest import short_id

if TYPE_CHECKING:
    from vaultc.app.checking import CheckOutcome
    from vaultc.app.places import PlacedDiagnostic
    from vaultc.core.diagnostic import Rule
    from vaultc.core.source import Place

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_BASE = "VAULT"
# The pages are not part of an installed package; from a checkout they can be opened.
_PAGES = Path(__file__).resolve().parents[3] / "docs" / "diagnostics"


def sarif(outcome: CheckOutcome) -> dict[str, Any]:
    """Give the findings as one SARIF log. Offsets and columns count code points; paths count from the vault."""
    rules = tuple(outcome.by_rule())
    numbers = {rule: number for number, rule in enumerate(rules)}
    seen: dict[str, int] = {}
    run = {
        "tool": {
            "driver": {
                "name": "vaultc",
                "version": __version__,
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_BASE: {"uri": f"{outcome.root.as_uri()}/"}},
        "invocations": [{"executionSuccessful": True, "exitCode": outcome.exit_code}],
        "results": [_result(item, numbers[item.diagnostic.rule], seen) for item in outcome.diagnostics],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Any]:
    page = _PAGES / f"{rule.code}.md"
    found: dict[str, Any] = {
        "id": rule.code,
        "name": "".join(part.capitalize() for part in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "help": {"text": rule.summary},
    }
    if page.is_file():
        text = page.read_text("utf-8")
        found |= {"helpUri": page.as_uri(), "help": {"text": text, "markdown": text}}
    return found


def _result(item: PlacedDiagnostic, number: int, seen: dict[str, int]) -> dict[str, Any]:
    rule = item.diagnostic.rule
    advice = f"\n{item.diagnostic.help}" if item.diagnostic.help else ""
    known = "\0".join(known_by(item))
    seen[known] = seen.get(known, 0) + 1
    result: dict[str, Any] = {
        "ruleId": rule.code,
        "ruleIndex": number,
        "level": _LEVELS[rule.severity],
        "message": {"text": item.diagnostic.message + advice},
        "locations": [_location(item.place)],
        # Stays the same when lines move, as a baseline does.
        "partialFingerprints": {"vaultc/v1": short_id("F", (known, str(seen[known])), 16)},
    }
    if item.related:
        result["relatedLocations"] = [
            {"id": count, **_location(place), "message": {"text": text}}
            for count, (place, text) in enumerate(item.related)
        ]
    return result


def _location(place: Place) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(place.path), "uriBaseId": _BASE}}
    if place.end:  # else it is the file as a whole
        physical["region"] = {
            "startLine": place.line,
            "startColumn": place.col,
            "endLine": place.end_line,
            "endColumn": place.end_col,
            "charOffset": place.start,
            "charLength": place.end - place.start,
            "snippet": {"text": place.text},
        }
    return {"physicalLocation": physical}


def _uri(path: str) -> str:
    """Give a path as a relative URI reference; a colon in its first part would read as a scheme."""
    return quote(path.encode("utf-8", "surrogatepass"), safe="/!$&'()*+,;=@~")

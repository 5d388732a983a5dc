"""What is wrong in the vault, as diagnostics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vaultc.app.finding import FindingsOutcome, analyse_vault, placed_findings
from vaultc.app.indexing import freshen
from vaultc.app.session import Session
from vaultc.core.diagnostic import Severity
from vaultc.core.errors import UsageError
from vaultc.core.source import vault_path
from vaultc.index.catalog import open_catalog
from vaultc.vault.check import check_links

if TYPE_CHECKING:
    from pathlib import Path

    from vaultc.app.places import PlacedDiagnostic
    from vaultc.core.event import Report


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """The findings, in the order of files and lines."""

    diagnostics: tuple[PlacedDiagnostic, ...]

    @property
    def exit_code(self) -> int:
        """1 where there is a finding of severity error, else 0."""
        return int(any(item.diagnostic.rule.severity is Severity.ERROR for item in self.diagnostics))

    def as_json(self) -> dict[str, Any]:
        """Give the outcome in the form of docs/json.md."""
        counts = {s.value: sum(1 for d in self.diagnostics if d.diagnostic.rule.severity is s) for s in Severity}
        return {"diagnostics": [item.as_json() for item in self.diagnostics], "counts": counts}


def check_vault(path: str | None, vault: Path | None, report: Report) -> CheckOutcome:
    """Check the vault, or the note or folder `path` of it; its index is brought up to date first."""
    session = Session.open(vault, report=report)
    freshen(session, is_needed=False)
    with open_catalog(session.state.catalog) as catalog:
        found = [*catalog.diagnostics(), *check_links(session.reader)]
        analyses = analyse_vault(session, catalog)
        for kind in ("contradictions", "links"):
            found.extend(placed_findings(session, analyses, kind).diagnostics())
    ignored = set(session.settings.config.check.ignore)
    wanted = [item for item in found if item.rule.code not in ignored and item.rule.name not in ignored]
    if path is not None:
        prefix = _prefix(session, path)
        wanted = [item for item in wanted if item.span.path == prefix or item.span.path.startswith(prefix + "/")]
    return CheckOutcome(session.placer.diagnostics(wanted))


def _prefix(session: Session, path: str) -> str:
    prefix = vault_path(path)
    if (session.root / prefix).exists():
        return prefix
    found = session.reader.note_named(path)
    if found is None:
        raise UsageError(f'there is no note or folder "{path}" in "{session.root}"', hint="give a path in the vault")
    return found


def find(kind: str, vault: Path | None, report: Report) -> FindingsOutcome:
    """Run one analysis, "contradictions" or "links", over the whole vault."""
    session = Session.open(vault, report=report)
    freshen(session, is_needed=False)
    with open_catalog(session.state.catalog) as catalog:
        return placed_findings(session, analyse_vault(session, catalog), kind)

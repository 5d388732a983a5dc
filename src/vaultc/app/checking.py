"""What is wrong in the vault, as diagnostics."""

from __future__ import annotations

import difflib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaultc.app.baseline import (
    BASELINE_NAME,
    Baseline,
    Known,
    known_by,
    read_baseline,
    split,
    within,
    write_baseline,
)
from vaultc.app.commented import is_commented_out
from vaultc.app.finding import (
    FindingsOutcome,
    analyse_vault,
    contradiction_diagnostics,
    mention_diagnostics,
    placed_findings,
)
from vaultc.app.indexing import freshen
from vaultc.app.session import Session
from vaultc.core import rules
from vaultc.core.diagnostic import Rule, Severity
from vaultc.core.errors import UsageError
from vaultc.core.source import vault_path
from vaultc.index.catalog import open_catalog
from vaultc.vault.check import conflict_findings, link_findings, orphan_findings
from vaultc.vault.graph import link_graph
from vaultc.vault.names import names_index
from vaultc.vault.resolve import NoteOutline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vaultc.app.places import PlacedDiagnostic
    from vaultc.core.diagnostic import Diagnostic
    from vaultc.core.event import Report
    from vaultc.core.source import VaultPath
    from vaultc.index.catalog import Catalog

_LINKS = frozenset({rules.BROKEN_LINK, rules.AMBIGUOUS_LINK, rules.MISSING_HEADING, rules.MISSING_BLOCK})
_ANALYSES = {rules.CONTRADICTION: "contradictions", rules.MISSING_LINK: "links"}
_RULES = tuple(value for value in vars(rules).values() if isinstance(value, Rule))


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """What is looked for and what is set aside.

    Attributes:
        path: a note or folder of the vault; None checks all of it.
        only: codes or names of rules; with any, no other rule is looked at.
        ignore: codes or names of rules to leave out, besides those of the setting `check.ignore`.
        baseline: the file of known findings; None takes the one in the state folder where it is there.
        uses_baseline: whether known findings are hidden.
        writes_baseline: whether all findings of this run become known ones.
    """

    path: str | None = None
    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    baseline: Path | None = None
    uses_baseline: bool = True
    writes_baseline: bool = False


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """The findings, in the order of files and lines.

    `hidden` counts the known ones that are not among them, `gone` the known ones that no longer occur;
    `written` is the baseline that was written.
    """

    root: Path
    diagnostics: tuple[PlacedDiagnostic, ...]
    hidden: int = 0
    gone: int = 0
    written: Path | None = None
    notes: int = 0

    @property
    def exit_code(self) -> int:
        """1 where there is a finding of severity error, else 0."""
        return int(any(item.diagnostic.rule.severity is Severity.ERROR for item in self.diagnostics))

    def by_rule(self) -> dict[Rule, int]:
        """Give the number of findings of each rule that has any, by code."""
        counts = Counter(item.diagnostic.rule for item in self.diagnostics)
        return {rule: counts[rule] for rule in sorted(counts, key=lambda rule: rule.code)}

    def as_json(self) -> dict[str, Any]:
        """Give the outcome in the form of docs/json.md."""
        counts = {s.value: sum(1 for d in self.diagnostics if d.diagnostic.rule.severity is s) for s in Severity}
        return {
            "diagnostics": [item.as_json() for item in self.diagnostics],
            "counts": counts,
            "by_rule": {rule.code: count for rule, count in self.by_rule().items()},
            "baseline": {"hidden": self.hidden, "gone": self.gone, "written": str(self.written or "") or None},
        }


def check_vault(options: CheckOptions, vault: Path | None, report: Report) -> CheckOutcome:
    """Check the vault, or the note or folder of it that `options` name; its index is brought up to date first.

    Raises:
        UsageError: there is no such path, rule or baseline.
    """
    session = Session.open(vault, report=report)
    wanted = _wanted(options, session.settings.config.check.ignore)
    file = options.baseline or session.state.path / BASELINE_NAME
    baseline = _baseline(options, file)
    result = freshen(session, is_needed=False, finds=True)
    with open_catalog(session.state.catalog) as catalog:
        found = list(catalog.diagnostics() if result is None else result.diagnostics)
        found += _findings(session, catalog, frozenset(wanted))
        notes = catalog.counts().notes
    prefix = None if options.path is None else _prefix(session, options.path)
    looked_at = _Scope(frozenset(rule.code for rule in wanted), prefix)
    found = [item for item in found if looked_at.has(item.rule.code, item.span.path)]
    placed = session.placer.diagnostics(found)
    known, others = within(baseline, lambda key: looked_at.has(key.rule, key.path))
    parted = split(placed, known)
    if options.writes_baseline:
        write_baseline(file, Counter(map(known_by, placed)) + others)
        return CheckOutcome(session.root, (), len(placed), parted.gone, file, notes)
    if not options.uses_baseline:
        return CheckOutcome(session.root, placed, notes=notes)
    return CheckOutcome(session.root, parted.new, parted.hidden, parted.gone, notes=notes)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a run looked at: the codes of rules, and a note or a folder."""

    codes: frozenset[str]
    prefix: str | None

    def has(self, code: str, path: str) -> bool:
        """Tell whether findings of this rule in this file were looked for."""
        if code not in self.codes:
            return False
        return self.prefix is None or path == self.prefix or path.startswith(self.prefix + "/")


def _baseline(options: CheckOptions, file: Path) -> Baseline:
    """Give what is known. A file that is named must be there, and what is written over must be a baseline."""
    if not options.uses_baseline and not options.writes_baseline:
        return Counter()
    found = read_baseline(file)
    if found is None and options.baseline is not None and not options.writes_baseline:
        raise UsageError(f'there is no baseline "{file}"', hint="write it with --write-baseline")
    return found or Counter[Known]()


def _wanted(options: CheckOptions, ignored: Sequence[str]) -> tuple[Rule, ...]:
    """Give the rules to look at. Raises UsageError for one that does not exist."""
    only = {_rule(text) for text in options.only}
    # A setting may name a rule of a newer vaultc; on the command line a slip must not go unseen.
    left_out = {_rule(text) for text in options.ignore} | {
        rule for rule in _RULES if rule.code in ignored or rule.name in ignored
    }
    return tuple(rule for rule in _RULES if rule in only or (not only and rule not in left_out))


def _rule(text: str) -> Rule:
    names = {name.casefold(): rule for rule in _RULES for name in (rule.code, rule.name)}
    found = names.get(text.strip().casefold())
    if found is None:
        close = difflib.get_close_matches(text.casefold(), names, n=1)
        hint = f"did you mean `{close[0]}`?" if close else "the codes stand in docs/diagnostics"
        raise UsageError(f"there is no rule `{text}`", hint=hint)
    return found


def _findings(session: Session, catalog: Catalog, wanted: frozenset[Rule]) -> Iterator[Diagnostic]:
    """Give what is found by looking at all notes together; what nobody wants is not computed."""
    if wanted & {*_LINKS, rules.ORPHAN_NOTE}:
        links = catalog.links.all()
        if wanted & _LINKS:
            names = names_index(catalog.files())
            routes = session.settings.config.check.site_routes
            found = link_findings(links, names, lambda path: _outline(catalog, path), site_routes=routes)
            yield from (item for item in found if not is_commented_out(item.span, session))
        if rules.ORPHAN_NOTE in wanted:
            records = catalog.notes.records()
            generated = frozenset(record.path for record in records if record.is_generated)
            yield from orphan_findings(link_graph([record.path for record in records], links), generated)
    if rules.SYNC_CONFLICT in wanted:
        yield from conflict_findings(catalog.files())
    kinds = frozenset(kind for rule, kind in _ANALYSES.items() if rule in wanted)
    if kinds:
        analyses = analyse_vault(session, catalog, kinds=kinds)
        if "contradictions" in kinds:
            yield from contradiction_diagnostics(analyses)
        if "links" in kinds:
            yield from mention_diagnostics(analyses, names_index(catalog.files()))


def _outline(catalog: Catalog, path: VaultPath) -> NoteOutline:
    return NoteOutline(catalog.notes.headings(path), tuple(catalog.notes.block_ids(path)))


def _prefix(session: Session, path: str) -> str | None:
    """Give the note or folder that `path` means, as a path of the vault; None for all of it."""
    prefix = vault_path(path)
    if prefix not in ("", ".", "..") and not prefix.startswith(("./", "../")) and (session.root / prefix).exists():
        return prefix
    here = Path(path).expanduser()
    if here.exists():
        relative = session.relative(here)
        return None if relative == "." else vault_path(relative)
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

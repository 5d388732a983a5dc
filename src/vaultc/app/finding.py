"""The analyses of the whole vault, with places."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from vaultc.core.diagnostic import Diagnostic
from vaultc.core.endings import note_title
from vaultc.core.rules import CONTRADICTION, MISSING_LINK
from vaultc.findings.run import KINDS, VERSION, Standing, analyse
from vaultc.language.stems import stems
from vaultc.vault.names import link_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from vaultc.app.session import Session
    from vaultc.core.digest import Digest
    from vaultc.core.source import Place, VaultPath
    from vaultc.findings.contradictions import ContradictionFinding
    from vaultc.findings.links import LinkFinding
    from vaultc.findings.whole import Findings
    from vaultc.index.catalog import Catalog
    from vaultc.vault.names import NamesIndex
    from vaultc.vault.reader import VaultReader

ANALYSIS = "claims"
_BATCH = 500


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
    """A name of a note that stands without a link, with its place; `evidence` are all such places of the note."""

    finding: LinkFinding
    place: Place
    evidence: tuple[Place, ...] = ()

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
            "evidence": [place.as_json() for place in (self.evidence or (self.place,))],
            "status": "open",
        }


@dataclass(frozen=True, slots=True)
class FindingsOutcome:
    """What the analyses found; `notes` is how many notes were read."""

    notes: int
    contradictions: tuple[PlacedContradiction, ...] = ()
    mentions: tuple[PlacedMention, ...] = ()
    what: str = "contradictions"

    def about(self, topic: Iterable[str]) -> FindingsOutcome:
        """Give the findings whose words have all stems of `topic`; every finding where it is empty."""
        wanted = set(topic)
        pairs = (pair for pair in self.contradictions if wanted <= _stems(pair.a, pair.b))
        mentions = (
            mention for mention in self.mentions if wanted <= _stems(mention.place) | set(stems(mention.target_name))
        )
        return replace(self, contradictions=tuple(pairs), mentions=tuple(mentions))

    def headline(self) -> str:
        """Give one line for a person."""
        count = len(self.contradictions) + len(self.mentions)
        word = self.what[:-1] if count == 1 else self.what
        return f"{count} {word} in {self.notes} notes" if count else f"no {self.what} found in {self.notes} notes"

    def as_json(self) -> dict[str, Any]:
        """Give the outcome in the form of docs/json.md."""
        items: list[PlacedContradiction | PlacedMention] = [*self.contradictions, *self.mentions]
        return {"findings": [item.as_json() for item in items]}


def contradiction_diagnostics(found: Findings) -> Iterator[Diagnostic]:
    """Give the contradictions as diagnostics (V502), for `vaultc check`."""
    for finding in found.contradictions:
        yield Diagnostic(CONTRADICTION, finding.reason, finding.a.span, ((finding.b.span, "against"),))


def mention_diagnostics(found: Findings, names: NamesIndex) -> Iterator[Diagnostic]:
    """Give the unlinked mentions as diagnostics (V503), each at its first place, the others of the note beside it.

    `names` are all files of the vault: a link is advised in the shortest form that names one of them alone.
    """
    for finding in found.links:
        text, title = finding.a.text, note_title(finding.target)
        written = title if len(names.ending_in(link_key(PurePosixPath(finding.target).name))) == 1 else finding.target
        related = tuple((quote.span, "here too") for quote in finding.evidence if quote != finding.a)
        # A link finds its note in any case, so the words themselves may do.
        advised = text if link_key(text) == link_key(written) else f"{written}|{text}"
        message = f'"{text}" names the note "{title}" without a link'
        yield Diagnostic(MISSING_LINK, message, finding.a.span, related, f"write [[{advised}]]")


def _stems(*places: Place) -> set[str]:
    """Stems of what stands at the places, and of the notes' names."""
    return {word for place in places for word in stems(f"{place.text} {place.path}")}


class ClaimStore:
    """The analyses' results for each note, kept in the catalog by content; new ones are written by `flush`."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._new: dict[Digest, Any] = {}

    def get(self, digest: Digest) -> Any:  # noqa: ANN401 - any JSON value
        """Give what was kept under `digest`, or None."""
        return self._new.get(digest) or self._catalog.derived(ANALYSIS, VERSION, digest)

    def put(self, digest: Digest, value: Any) -> None:  # noqa: ANN401 - any JSON value
        """Keep `value` under `digest`."""
        self._new[digest] = value
        if len(self._new) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what is new, in one transaction."""
        self._catalog.put_all_derived(ANALYSIS, VERSION, self._new)
        self._new = {}


class _Part:
    """Some of the notes of a vault, as if there were no others."""

    def __init__(self, reader: VaultReader, paths: Collection[VaultPath]) -> None:
        self._paths = tuple(path for path in reader.paths() if path in paths)
        self.read = reader.read
        self.source = reader.source
        self.resolve = reader.resolve

    def paths(self) -> tuple[VaultPath, ...]:
        return self._paths


def analyse_vault(
    session: Session,
    catalog: Catalog,
    *,
    only: Collection[VaultPath] | None = None,
    kinds: frozenset[str] = KINDS,
) -> Findings:
    """Run the analyses over every note of the vault; unchanged notes are not analysed again.

    With `only`, contradictions among those notes alone, and no missing links.
    """
    store = ClaimStore(catalog)
    records = catalog.notes.records()
    standing = Standing(
        {record.path: record.digest for record in records},
        {record.path: (record.title, *record.aliases) for record in records if not record.is_generated},
    )
    try:
        if only is not None:
            part, known = _Part(session.reader, only), Standing(standing.digests)
            return analyse(part, store, session.report, known, kinds=frozenset({"contradictions"}))
        return analyse(session.reader, store, session.report, standing, kinds=kinds)
    finally:
        store.flush()


def placed_findings(session: Session, found: Findings, kind: str) -> FindingsOutcome:
    """Give the findings of `kind` ("contradictions" or "links") with their places."""
    placer = session.placer
    if kind == "contradictions":
        pairs = [PlacedContradiction(f, placer.place(f.a.span), placer.place(f.b.span)) for f in found.contradictions]
        return FindingsOutcome(found.notes, contradictions=tuple(pairs))
    mentions = [
        PlacedMention(f, placer.place(f.a.span), tuple(placer.place(quote.span) for quote in f.evidence))
        for f in found.links
    ]
    return FindingsOutcome(found.notes, mentions=tuple(mentions), what="missing links")

"""Pairs of claims, of different notes, that cannot both hold.

Claims meet only where they share an attribute and a telling word (an index, never all pairs with all
pairs); strict rules decide. What the rules cannot tell is left out: a short list that is right.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from vaultc.core.digest import short_id
from vaultc.findings.claim import Claim, ValueKind
from vaultc.findings.reasons import reason_for
from vaultc.findings.standing import is_claimed
from vaultc.findings.subjects import Subjects, is_whole
from vaultc.findings.values import differ, facts_differ

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from vaultc.core.source import Quote, VaultPath

_MAX_POSTINGS = 400
"""A word of more claims than this narrows nothing down."""
_MAX_FACTS = 150
_RARE_WORDS = 3
_THRESHOLD = 0.66
_GENERIC = {
    "length?": frozenset({"height", "width", "length", "depth", "thickness", "diameter", "distance"}),
    "duration?": frozenset({"duration", "interval"}),
    "date?": frozenset({"deadline", "start", "end", "opens", "expires", "born"}),
    "time?": frozenset({"start", "end", "opens", "deadline"}),
    "price": frozenset({"budget"}),
}
_WEIGHTS = {
    ValueKind.NUMBER: 1.0,
    ValueKind.COUNT: 0.9,
    ValueKind.DATE: 0.95,
    ValueKind.TIME: 0.95,
    ValueKind.WEEKDAY: 0.9,
    ValueKind.STATUS: 0.85,
    ValueKind.COLOUR: 0.85,
    ValueKind.NAME: 0.9,
    ValueKind.FACT: 0.9,
}


@dataclass(frozen=True, slots=True)
class ContradictionFinding:
    """Two statements that cannot both hold: what class, how surely (0..1), both verbatim, and why.

    `judge` says who decided: the rules, or a model that looked at a pair after them.
    """

    id: str
    kind: str
    score: float
    a: Quote
    b: Quote
    claim_a: Claim
    claim_b: Claim
    reason: str
    judge: Literal["rule", "model"] = "rule"


def find_contradictions(
    claims: Iterable[Claim], titles: Mapping[VaultPath, tuple[frozenset[str], ...]] | None = None
) -> tuple[ContradictionFinding, ...]:
    """Give the contradictions among `claims`, the surest first.

    Args:
        claims: those of the whole vault.
        titles: for each note, the concepts of its title and of its aliases (`claims.names_of`).
    """
    known = sorted(claims, key=lambda claim: claim.quote.span)
    subjects = Subjects(known, titles or {})
    stated = [claim for claim in known if not claim.is_withdrawn]
    beside = _Beside(known)
    found: list[ContradictionFinding] = []
    for first, second in _pairs(stated, subjects):
        finding = _compare(first, second, subjects)
        if finding is not None and _are_meant(first, second) and not beside.explains(first, second):
            found.append(finding)
    return _merged(found)


def _pairs(claims: list[Claim], subjects: Subjects) -> Iterator[tuple[Claim, Claim]]:
    """Give each pair of claims of two notes that may be about one thing, once."""
    postings: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    words = [subjects.joined((*claim.subject, *claim.context)) for claim in claims]
    own = [subjects.joined(claim.subject) for claim in claims]
    for index, claim in enumerate(claims):
        for word in words[index]:
            postings[claim.value.kind, claim.value.dimension, word].append(index)
    for index, claim in enumerate(claims):
        if claim.value.kind is ValueKind.FACT and not _is_against(claim):
            continue
        met: set[int] = set()
        rare = sorted(own[index], key=lambda word: (subjects.uses(word), word))
        for word in rare[:_RARE_WORDS] if claim.value.kind is ValueKind.FACT else rare:
            posting = postings[claim.value.kind, claim.value.dimension, word]
            limit = _MAX_FACTS if claim.value.kind is ValueKind.FACT else _MAX_POSTINGS
            if len(posting) <= limit:
                met.update(posting)
        for other in sorted(met):
            both_query = own[other] & words[index] and other < index and not _asks_only_against(claims[other])
            if claims[other].path != claim.path and not both_query:
                yield claim, claims[other]


def _are_meant(first: Claim, second: Claim) -> bool:
    """Tell whether two facts are stated in the person's own name; values were looked at when they were read."""
    if first.value.kind is not ValueKind.FACT:
        return True
    return is_claimed(first.quote.text) and is_claimed(second.quote.text)


def _is_firm(claim: Claim) -> bool:
    """Tell whether a date that no word explains stands in a whole sentence: elsewhere it dates the entry."""
    if claim.quote.text.rstrip().endswith(":"):
        return False  # it announces a list, and the list says more
    return claim.attribute != "date?" or is_whole(claim)


def _is_against(claim: Claim) -> bool:
    return not claim.is_affirmed or claim.modality in {"must_not", "should_not", "waived"}


def _asks_only_against(claim: Claim) -> bool:
    return claim.value.kind is ValueKind.FACT and not _is_against(claim)


def _attributes_meet(first: Claim, second: Claim) -> float:
    one, two = first.attribute, second.attribute
    if one == two:
        return 0.85 if one.endswith("?") else 1.0
    for generic, special in ((one, two), (two, one)):
        if special in _GENERIC.get(generic, ()):
            return 0.75
    return 0.0


def _compare(first: Claim, second: Claim, subjects: Subjects) -> ContradictionFinding | None:
    if first.value.kind is ValueKind.FACT:
        kind = facts_differ(first.modality, first.is_affirmed, second.modality, second.is_affirmed)
        meets = 1.0
    else:
        kind = differ(first.value, second.value)
        meets = _attributes_meet(first, second)
    if not kind or not meets or first.quote.text == second.quote.text:
        return None
    if not (_is_firm(first) and _is_firm(second)):
        return None
    is_fact = first.value.kind is ValueKind.FACT
    tie = subjects.same_fact(first, second) if is_fact else subjects.tie(first, second)
    if first.value.kind is ValueKind.COUNT and not subjects.is_telling(first, second):
        return None
    score = round(tie * meets * _WEIGHTS[first.value.kind], 4)
    if score < _THRESHOLD:
        return None
    a, b = sorted((first, second), key=lambda claim: claim.quote.span)
    name = short_id("C", (a.path, a.quote.text, b.path, b.quote.text, kind))
    return ContradictionFinding(name, kind, score, a.quote, b.quote, a, b, reason_for(kind, a, b))


class _Beside:
    """What else a note says: a note that itself gives both values, or withdraws one, explains the difference."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self._claims: dict[tuple[str, ValueKind, str], list[Claim]] = defaultdict(list)
        for claim in claims:
            self._claims[claim.path, claim.value.kind, claim.value.dimension].append(claim)

    def explains(self, first: Claim, second: Claim) -> bool:
        """Tell whether the note of one claim also states, or withdraws, what the other one says."""
        return self._states(first, second) or self._states(second, first)

    def _states(self, here: Claim, there: Claim) -> bool:
        if here.value.kind is ValueKind.FACT:
            return False
        beside = self._claims[here.path, here.value.kind, here.value.dimension]
        return any(
            claim is not here
            and (claim.attribute == here.attribute or claim.attribute == there.attribute)
            and not differ(claim.value, there.value)
            and {*claim.subject} & {*here.subject}
            for claim in beside
        )


def _merged(found: Iterable[ContradictionFinding]) -> tuple[ContradictionFinding, ...]:
    """Give the findings without those that say the same of the same words, the surest first."""
    ordered = sorted(found, key=lambda item: (-item.score, item.a.span, item.b.span))
    seen: set[tuple[str, ...]] = set()
    kept: list[ContradictionFinding] = []
    for item in ordered:
        texts = sorted((item.a.text.casefold(), item.b.text.casefold()))
        places = [f"{quote.span.path}:{quote.span.start}" for quote in (item.a, item.b)]
        keys = {tuple(texts), tuple(places)}
        if not keys & seen:
            kept.append(item)
        seen |= keys
    return tuple(kept)

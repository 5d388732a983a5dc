"""Whether a statement binds the product: an ordered list of named rules, of which the first that decides is kept.

In by default: in the body of the note that the person named, what is ordered, asserted of the present, or bound by a
word of duty binds, unless a rule before says why not. What does not bind keeps the rule that took it out, so that
nothing is dropped without a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from vaultc.compiler.extract.binding import (
    asserted,
    chosen,
    defined,
    excluded,
    fact,
    fragment,
    led,
    order,
    usage_without_words,
    wished_for,
    words,
)
from vaultc.compiler.extract.case import STRONG
from vaultc.compiler.extract.left_out import (
    asks,
    callout,
    done,
    errand,
    labelled,
    only_answers,
    opinion,
    own,
    past,
    points,
    proposed,
    quoted,
    reason,
    reported,
    said,
    says_nothing,
    section,
    supposed,
    waived,
)
from vaultc.compiler.extract.topics import Topic
from vaultc.compiler.unit import Modality
from vaultc.compiler.untaken import Kept
from vaultc.language.form import Pos
from vaultc.language.lexicon import phrases
from vaultc.language.quantities import quantities

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vaultc.compiler.extract.case import Case


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a statement: `rule` decided it.

    `modality` is None where it does not bind, and then `kept` says why not. `by_words` tells that its own words bind it
    and not its place. `condition` is a range of its mask; bounds before `selects_until` say of which things it speaks
    ("readings older than 400 days must go").
    """

    rule: str
    modality: Modality | None = None
    kept: Kept = Kept.CONTEXT
    by_words: bool = False
    condition: tuple[int, int] | None = None
    selects_until: int = 0

    @property
    def binds(self) -> bool:
        """Tell whether the statement is a duty of the product."""
        return self.modality is not None


SAID = "you said so"
"""The rule of the callouts by which a person overrules all other rules."""


def judge(case: Case) -> Verdict:
    """Give the verdict of the first rule that decides; without any the statement is context."""
    for name, rule in RULES:
        found = rule(case)
        if found is None:
            continue
        if isinstance(found, Kept):
            return Verdict(name, kept=found)
        return _bound(case, name, found)
    return Verdict("default")


def _bound(case: Case, rule: str, modality: Modality) -> Verdict:
    if rule == SAID:
        return Verdict(rule, modality, by_words=True, condition=case.reading.condition)
    binding = case.reading.binding
    by_words = binding is not None and binding.basis in STRONG
    if case.topic is Topic.OPTIONAL and modality in {Modality.MUST, Modality.SHOULD}:
        modality = Modality.MAY
    if modality is Modality.MAY and by_words and _bounds(case):
        modality = Modality.MUST
    until = binding.start if binding is not None and by_words and not modality.endswith("_not") else 0
    return Verdict(rule, modality, by_words=by_words, condition=case.reading.condition, selects_until=until)


def _bounds(case: Case) -> bool:
    """Tell whether a permission is a bound: "there may be no more than four", "0 to 10 are allowed"."""
    binding = case.reading.binding
    if binding is None or case.reading.passed:
        return True
    mark = next((token for token in case.reading.tokens if token.end == binding.end), None)
    if _is_only_so_many(case):
        return True
    is_passive = mark is not None and mark.form.pos is Pos.VERB and mark.form.lemma not in phrases("modality", "can")
    return is_passive and any(found.comparator or found.is_range for found in quantities(case.statement.masked))


def _is_only_so_many(case: Case) -> bool:
    """Tell whether a number is all that there may be: "only one", «только один»."""
    pairs = pairwise(case.reading.tokens)
    only, one = phrases("modality", "only"), phrases("modality", "one")
    return any(
        before.folded in only and (after.form.lemma in one or after.form.pos is Pos.NUMERAL) for before, after in pairs
    )


RULES: Sequence[tuple[str, Callable[[Case], Kept | Modality | None]]] = (
    ("nothing said", says_nothing),
    (SAID, said),
    ("proposal", proposed),
    ("answer", only_answers),
    ("callout", callout),
    ("label", labelled),
    ("asks", asks),
    ("section", section),
    ("points elsewhere", points),
    ("done", done),
    ("quoted", quoted),
    ("reported", reported),
    ("supposed", supposed),
    ("opinion", opinion),
    ("reason", reason),
    ("past", past),
    ("wish for the thing", wished_for),
    ("own", own),
    ("errand", errand),
    ("not needed", waived),
    ("excluded", excluded),
    ("led by its lead line", led),
    ("choice", chosen),
    ("fact", fact),
    ("usage", usage_without_words),
    ("words", words),
    ("order", order),
    ("assertion", asserted),
    ("defined", defined),
    ("fragment", fragment),
)
"""The rules in the order in which they are asked, by name. A rule gives how a statement binds, why not, or None."""

"""Which attribute a value is the value of: by the words beside it, or by its unit where no word is there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vaultc.findings.claim import ValueKind
from vaultc.findings.clauses import Sort, Term
from vaultc.findings.lexicon import attributes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.findings.measures import Measured

_LENGTHS = frozenset({"height", "width", "length", "depth", "thickness", "diameter", "distance"})
_SPANS = frozenset({"duration", "interval"})
_DATES = frozenset({"deadline", "start", "end", "opens", "expires", "born"})
# What a family of quantities may be the value of, and what it is where nothing is said; `?` marks a guess.
_FAMILIES: dict[str, tuple[frozenset[str], str]] = {
    "power": (frozenset({"power"}), "power"),
    "mass": (frozenset({"weight"}), "weight"),
    "length": (_LENGTHS, "length?"),
    "time": (_SPANS, "duration?"),
    "calendar": (_SPANS, "duration?"),
    "temperature": (frozenset({"temperature"}), "temperature"),
    "volume": (frozenset({"volume"}), "volume"),
    "volume/time": (frozenset({"flow"}), "flow"),
    "currency": (frozenset({"price", "budget"}), "price"),
    "data": (frozenset({"memory", "volume"}), "data"),
    "frequency": (frozenset({"frequency", "interval"}), "frequency"),
    "date": (_DATES, "date?"),
    "weekday": (_DATES, "weekday"),
    "clock": (frozenset({"start", "end", "opens", "deadline"}), "time?"),
    "count": (frozenset(), "count"),
    "number": (frozenset(), "number"),
}
_UNTIL = frozenset({"до", "by", "until", "к"})


def attribute_for(item: Measured, terms: Sequence[Term]) -> tuple[str, Term | None]:
    """Give the attribute of a value and the word that names it, if one does.

    Args:
        item: the value, with its place in the sentence.
        terms: the words of its clause, or of the label it stands behind.
    """
    family = item.family.partition("/")[0] if item.family not in _FAMILIES else item.family
    allowed, default = _FAMILIES.get(family, (frozenset({family}), family))
    known = attributes()
    candidates = [
        (abs(term.start - item.start), known[term.stem], term)
        for term in terms
        if term.sort is Sort.ATTRIBUTE and known[term.stem] in allowed
    ]
    if not candidates:
        return default, None
    _, name, used = min(candidates, key=lambda candidate: candidate[0])
    return (default if family == "weekday" else name), used


def counted(item: Measured, terms: Sequence[Term]) -> tuple[Measured, str, Term | None]:
    """Read a bare number behind a label: "Sensors: 3" counts sensors, "Version: 3" is a version."""
    named = [term for term in terms if term.sort is Sort.ATTRIBUTE]
    if named:
        attribute = attributes()[named[-1].stem]
        return replace(item, value=replace(item.value, dimension=f"number:{attribute}")), attribute, named[-1]
    things = [term for term in terms if term.sort is Sort.SUBJECT]
    if not things:
        return item, "", None
    value = replace(item.value, kind=ValueKind.COUNT, dimension=f"count:{things[-1].concept}")
    return replace(item, value=value), "count", things[-1]

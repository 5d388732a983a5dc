"""A claim: what a note states about a thing, in a form that can be compared across notes and languages."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from vaultc.core.source import Quote, Span, VaultPath


class ValueKind(StrEnum):
    """What a claim's value is, and so how two of them are compared."""

    NUMBER = "number"
    COUNT = "count"
    DATE = "date"
    TIME = "time"
    WEEKDAY = "weekday"
    STATUS = "status"
    COLOUR = "colour"
    NAME = "name"
    FACT = "fact"


@dataclass(frozen=True, slots=True)
class Value:
    """A value as written and as compared.

    Numbers lie in `[low, high]` (None: no bound) in the base unit of `dimension`; `is_about` widens them.
    `parts` holds what is compared as words: year, month, day (empty where not told), weekdays, the state,
    the colour, the names.
    """

    kind: ValueKind
    text: str
    low: float | None = None
    high: float | None = None
    dimension: str = ""
    unit: str = ""
    is_about: bool = False
    is_limit: bool = False
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of a note.

    `subject` are the concepts that the statement itself names, or those of its heading or title where it
    names none (`is_inherited`); `context` those of the title and headings above. `names` are the proper
    names in it, `links` the notes it links to, `scope` its qualifiers as `group=value`, `times` the years or
    days it holds for. `is_bound` marks what stands in the form of a list, a table or a field rather than in a
    sentence: it speaks of its own note. `is_affirmed` and `modality` matter for facts. A withdrawn claim says what no
    longer holds: it contradicts nothing, and explains older statements.
    """

    subject: tuple[str, ...]
    subject_text: str
    attribute: str
    value: Value
    quote: Quote
    context: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    is_affirmed: bool = True
    modality: str = ""
    is_inherited: bool = False
    is_bound: bool = False
    is_withdrawn: bool = False
    language: str = ""

    @property
    def path(self) -> VaultPath:
        """The note that states it."""
        return self.quote.span.path

    def describe(self) -> str:
        """Give the claim in a few words: subject, attribute and value."""
        subject = self.subject_text.strip() or self.path
        return f"{subject}: {self.attribute} = {self.value.text.strip()}"

    def as_json(self) -> dict[str, Any]:
        """Give the claim as a JSON value; `claim_from_json` is the way back."""
        quote, value = self.quote, self.value
        found: dict[str, Any] = {
            "quote": [quote.span.start, quote.span.end, quote.text],
            "value": {name: item for name in _VALUE_FIELDS if _is_told(item := getattr(value, name))},
        }
        # What is empty is left out: most parts of most claims are.
        found.update({name: item for name in _CLAIM_FIELDS if _is_told(item := getattr(self, name))})
        if not self.is_affirmed:
            found["is_affirmed"] = False
        return found


def _is_told(item: object) -> bool:
    return item is not None and item is not False and item not in ("", ())  # 0.0 is a value


_VALUE_FIELDS = tuple(field.name for field in fields(Value))
_CLAIM_FIELDS = tuple(field.name for field in fields(Claim) if field.name not in {"quote", "value", "is_affirmed"})


def claim_from_json(value: dict[str, Any], path: VaultPath) -> Claim:
    """Give back the claim that `as_json` wrote, as one of the note at `path` (a note may have moved)."""
    start, end, text = value["quote"]
    inner = value["value"]
    told: dict[str, Any] = {"subject": (), "subject_text": "", "attribute": ""}
    told.update((key, tuple(item) if isinstance(item, list) else item) for key, item in value.items())
    told["quote"] = Quote(Span(path, start, end), text)
    told["value"] = Value(
        **{"text": "", **inner, "kind": ValueKind(inner["kind"]), "parts": tuple(inner.get("parts", ()))}
    )
    return Claim(**told)

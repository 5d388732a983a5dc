"""What a note claims: subject, attribute, value, scope and time of each statement, with its own words.

Questions, conditions, what others are reported to have said, tasks, quotations, code and struck-out words
claim nothing. What a statement says was so before is kept as withdrawn: it explains older notes.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from vaultc.core.source import Quote, Span
from vaultc.findings.attributes import attribute_for, counted
from vaultc.findings.claim import Claim, Value, ValueKind
from vaultc.findings.clauses import Clause, Sort, Term, clauses, scopes_of, terms_of
from vaultc.findings.facts import fact_of, may_state
from vaultc.findings.lexicon import attribute_verbs, attributes
from vaultc.findings.measures import Measured, measures
from vaultc.findings.named import labelled_value, named_values
from vaultc.findings.standing import is_claimed, is_past, is_replaced, is_stated
from vaultc.findings.statements import Statement, key_of, statements
from vaultc.findings.subjects import NOTE_DAY
from vaultc.findings.topic import Topic, concepts_of, subject_of
from vaultc.language.detect import language_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.core.note import Note
    from vaultc.core.source import Source

_MAX_CLAUSE_WORDS = 14
_EMPHASIS = "*_=~`"
_LASTING_SCOPES = frozenset({"season", "daytime", "side", "compass", "place", "mode", "days", "who", "weather"})
"""Qualifiers that a heading hands down to what stands under it."""
_TITLE_DATE = re.compile(r"^\d{4}$|(?<!\d)\d{4}-(?:\d\d(?:-\d\d)?|[Ww]\d\d)(?!\d)")

_PAGES = re.compile(r"[\s\d]{1,8}[сc]\.?\s*$")
"""«– 163 с.» at the end of the entry for a book: pages, not seconds."""


def claims_of(source: Source, note: Note) -> tuple[Claim, ...]:
    """Give what `note` claims, in reading order; `source` is its text."""
    reader = _Reading(source, note)
    found: list[Claim] = []
    for statement in statements(source, note):
        found += reader.claims(statement)
    return tuple(found)


def names_of(note: Note) -> tuple[frozenset[str], ...]:
    """Give the concepts of the note's title and of each of its aliases: what the note is spoken of as."""
    return tuple(frozenset(term.concept for term in terms_of(name) if not is_empty(term)) for name in _names(note))


def is_empty(term: Term) -> bool:
    """Tell whether a word of a title names nothing."""
    return term.sort in {Sort.LIGHT, Sort.NEGATION}


def _names(note: Note) -> tuple[str, ...]:
    return (note.title, *note.aliases)


class _Reading:
    """One note being read: its topic, and what the sentence before was about."""

    def __init__(self, source: Source, note: Note) -> None:
        self.source = source
        self.note = note
        self.language = language_of(source.text)
        self.topic = Topic(note)
        self._links = sorted(note.links, key=lambda link: link.span.start)
        day = _TITLE_DATE.search(note.title)
        self._day = (NOTE_DAY + day.group(),) if day else ()
        self._before: tuple[Term, ...] = ()

    def claims(self, statement: Statement) -> list[Claim]:
        """Give the claims of one statement."""
        if statement.is_prose and not (may_state(statement.text) and is_stated(statement.text)):
            self._before = ()
            return []
        found = self._read(statement)
        # Looking for a question or a supposition is dear: of plain facts, only those that clash are looked at.
        has_value = any(claim.value.kind is not ValueKind.FACT for claim in found)
        if has_value and statement.is_prose and not is_claimed(statement.text):
            self._before = ()
            return []
        return found

    def _read(self, statement: Statement) -> list[Claim]:
        key, value_at = key_of(statement.text) if statement.is_prose else ("", 0)
        if statement.label or key:
            found = [replace(claim, is_bound=True) for claim in self._labelled(statement, key, value_at)]
            if found or statement.label:
                return found
        return list(self._prose(statement, value_at))

    def _labelled(self, statement: Statement, key: str, value_at: int) -> Iterator[Claim]:
        """Read "key: value" in one of its forms: the key names the attribute, perhaps with a subject."""
        label = statement.label or key
        text = statement.text
        terms = terms_of(label)
        row = terms_of(statement.row)
        inner = text[value_at:]
        scope = tuple(sorted({*scopes_of(terms), *scopes_of(row), *scopes_of(terms_of(inner))}))
        if is_past(text, value_at, len(text)):
            return
        subject = (*row, *(term for term in terms if term.sort is Sort.SUBJECT))
        values = [item for item in measures(inner) if not is_replaced(inner, item.start)]
        values = [item for item in values if item.family != "number" or len(inner.split()) == 1]
        if len(values) > 1 and len({item.family for item in values}) < len(values):
            return
        if values:
            for item in values:
                if item.family == "version":
                    continue  # it grows, and each note tells that of its day
                if item.family in {"number", "count"} and statement.is_property:
                    continue  # pages, words, ratings: what a program keeps about the note
                if item.family == "number" and statement.row and not any(term.sort is Sort.ATTRIBUTE for term in terms):
                    continue  # a table of results: its numbers are measured again and again
                if item.family == "number":
                    item, attribute, used = counted(item, terms)
                else:
                    attribute, used = attribute_for(item, terms)
                left = tuple(term for term in subject if term is not used)
                unused = tuple(term for term in terms if term.sort is Sort.ATTRIBUTE and term is not used)
                yield self._claim(statement, (*left, *unused), attribute, item.value, scope, value_at, item)
            return
        found = labelled_value(label, inner)
        if found is not None:
            attribute, value, rest = found
            left = tuple(term for term in subject if term.concept in rest)
            yield self._claim(statement, (*row, *left), attribute, value, scope, value_at, None)

    def _prose(self, statement: Statement, value_at: int) -> Iterator[Claim]:
        text = statement.text
        values = measures(text)
        parts = clauses(text, tuple((item.start, item.end) for item in values))
        moments = tuple(item for item in values if item.family in {"date", "version"})
        for at, part in enumerate(parts):
            inside = [item for item in values if part.start <= item.start < part.end]
            subject = self._subject_terms(parts, at, values)
            for item in _single(inside):
                if item.family == "version" or is_replaced(text, item.start):
                    continue  # "version 2 of the app" says which app is meant
                attribute, used = attribute_for(item, part.terms)
                if attribute == "duration?" and _PAGES.match(text, item.start):
                    continue
                terms = _without(subject, item, used)
                left = _unmatched(part, inside, used)
                is_moment = item.family in {"date", "weekday", "clock", "version"}
                times = () if is_moment else tuple(one.value.text for one in moments)
                yield self._claim(
                    statement, (*terms, *left), attribute, item.value, _scope(part, values), 0, item, times,
                    is_past=is_past(text, part.start, part.end),
                )  # fmt: skip
            if not inside and len(part.terms) <= _MAX_CLAUSE_WORDS:
                times = tuple(one.value.text for one in moments)
                for attribute, value, rest in named_values(part):
                    yield self._claim(statement, rest, attribute, value, scopes_of(part.terms), 0, None, times)
        yield from self._fact(statement, values, value_at)
        self._remember(parts, values)

    def _fact(self, statement: Statement, values: tuple[Measured, ...], value_at: int) -> Iterator[Claim]:
        """Read what the sentence affirms, denies, asks for or forbids; a value in it is a condition.

        A key before it ("None: ...", "**Offline**: ...") says of what it holds and denies nothing.
        """
        times = tuple(" ".join(item.value.text.casefold().split()) for item in values)
        label = tuple(term for term in terms_of(statement.text[:value_at]) if term.sort is Sort.SUBJECT)
        for fact in fact_of(" " * value_at + statement.text[value_at:]):
            if values and not fact.modality:
                continue
            terms = (*_outside(fact.terms, values), *label)
            claim = self._claim(
                statement, terms, "fact", fact.value, fact.scope, 0, None, times,
                is_past=is_past(statement.text, fact.start, fact.end),
            )  # fmt: skip
            if len(terms) >= 2 and not claim.is_inherited:
                yield replace(claim, is_bound=bool(value_at), is_affirmed=fact.is_affirmed, modality=fact.modality)

    def _subject_terms(self, parts: tuple[Clause, ...], at: int, values: tuple[Measured, ...]) -> tuple[Term, ...]:
        """Give the subject words of a clause, or those of the clauses or the sentence before it."""
        part = parts[at]
        own = _outside(part.subject, values)
        if own:
            return own
        for before in reversed(parts[:at]):
            found = _outside(before.subject, values)
            if found:
                return found
        if parts[0].starts_with_pronoun:
            return self._before
        return ()

    def _remember(self, parts: tuple[Clause, ...], values: tuple[Measured, ...]) -> None:
        for part in parts:
            found = _outside(part.subject, values)
            if found and not part.starts_with_pronoun:
                self._before = found
                return

    def _claim(
        self,
        statement: Statement,
        terms: tuple[Term, ...],
        attribute: str,
        value: Value,
        scope: tuple[str, ...],
        value_at: int,
        item: Measured | None,
        times: tuple[str, ...] = (),
        *,
        is_past: bool = False,
    ) -> Claim:
        subject, context, is_inherited = subject_of(terms, self.topic, statement.headings)
        span = self._whole(statement)
        offset = value_at + item.start if item is not None else -1
        is_struck = any(start <= offset < end for start, end in statement.struck)
        is_whole_struck = any(end - start >= 0.8 * len(statement.text) for start, end in statement.struck)
        heading_scope = _lasting_scopes(statement.headings)
        return Claim(
            subject=subject,
            subject_text=self._named(terms, statement),
            attribute=attribute,
            value=value,
            quote=Quote(span, self.source.slice(span)),
            context=context,
            names=self._names(statement, value, item, value_at),
            links=tuple(link.target for link in self._links if span.covers(link.span) and link.target),
            scope=tuple(sorted({*scope, *heading_scope})),
            times=(*self._day, *times),
            is_inherited=is_inherited,
            is_withdrawn=is_struck or is_whole_struck or is_past,
            language=self.language,
        )

    def _names(self, statement: Statement, value: Value, item: Measured | None, value_at: int) -> tuple[str, ...]:
        """Give the proper names of the whole statement, without those that are or stand in its value."""
        start, end = (value_at + item.start, value_at + item.end) if item is not None else (-1, -1)
        found = (
            term.concept
            for term in terms_of(statement.text)
            if term.name and term.sort is Sort.SUBJECT and not start <= term.start < end
        )
        own = {*value.parts, *(concepts_of(terms_of(value.text)) if value.kind is ValueKind.NAME else ())}
        return tuple(name for name in dict.fromkeys(found) if name not in own)

    def _whole(self, statement: Statement) -> Span:
        """Give the statement's place with the links and emphasis it cuts through: a quotation reads as written."""
        text, start, end = self.source.text, statement.start, statement.end
        for link in self._links:
            if link.span.start < end and start < link.span.end:
                start, end = min(start, link.span.start), max(end, link.span.end)
        while start > 0 and text[start - 1] in _EMPHASIS:
            start -= 1
        while end < len(text) and text[end] in _EMPHASIS:
            end += 1
        return Span(self.note.path, start, end)

    def _named(self, terms: tuple[Term, ...], statement: Statement) -> str:
        if terms:
            return " ".join(term.text for term in terms)
        return statement.headings[-1] if statement.headings else self.note.title


@lru_cache(maxsize=1024)
def _lasting_scopes(headings: tuple[str, ...]) -> tuple[str, ...]:
    above = scopes_of(term for heading in headings for term in terms_of(heading))
    return tuple(part for part in above if part.partition("=")[0] in _LASTING_SCOPES)


def _outside(terms: tuple[Term, ...], values: tuple[Measured, ...]) -> tuple[Term, ...]:
    return tuple(term for term in terms if not any(item.start <= term.start < item.end for item in values))


def _single(inside: list[Measured]) -> list[Measured]:
    """Give the values of a clause that stand alone in their kind: of two powers neither is the thing's power."""
    return [
        item
        for item in inside
        if item.family != "number"
        and sum(other.value.dimension == item.value.dimension and other.family == item.family for other in inside) == 1
    ]


def _without(terms: tuple[Term, ...], item: Measured, used: Term | None) -> tuple[Term, ...]:
    return tuple(term for term in terms if term is not used and not item.start <= term.start < item.end)


def _unmatched(part: Clause, inside: list[Measured], used: Term | None) -> tuple[Term, ...]:
    """Give the attribute words that name no value of the clause: they belong to the subject."""
    if len(inside) > 1:
        return ()
    known = attributes()
    named = known[used.stem] if used is not None else ""
    spans = [(item.start, item.end) for item in inside]
    return tuple(
        term
        for term in part.terms
        if term.sort is Sort.ATTRIBUTE
        and known[term.stem] != named
        and term.stem not in attribute_verbs()
        and not any(a <= term.start < b for a, b in spans)
    )


def _scope(part: Clause, values: tuple[Measured, ...]) -> tuple[str, ...]:
    return scopes_of(term for term in part.terms if not any(item.start <= term.start < item.end for item in values))

"""Invariants of a unit: every quotation stands in its note, word for word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.core.errors import VaultcError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vaultc.compiler.tools import Reader, Tools
    from vaultc.compiler.unit import Derivation, Segment, Unit
    from vaultc.core.source import Quote, Source, VaultPath


def all_quotes(unit: Unit) -> Iterator[Quote]:
    """Give every quotation of the unit, those of steps, limits, segments and derivations too."""
    yield from unit.quotes()
    yield from unit.summary_origins
    for passage in unit.context:
        yield passage.quote
    yield from (limit.quote for need in unit.requirements for limit in need.limits)
    yield from (limit.quote for item in unit.constraints for limit in item.limits)
    for entity in unit.entities:
        for field in entity.fields:
            yield from field.origins
            yield from (limit.quote for limit in field.limits)
        for transition in entity.transitions:
            yield from transition.origins
    for clash in unit.contradictions:
        yield from (clash.a, clash.b)
    yield from (item.origin for item in unit.verbatim)
    for example in unit.examples:
        yield from example.origins
    for flow in unit.flows:
        yield from (quote for step in flow.steps for quote in step.origins)
    for procedure in unit.procedures:
        yield from (quote for step in procedure.steps for quote in step.origins)
    yield from _derived(unit)
    yield from _of_segments(segment for file in unit.code for segment in file.segments)
    yield from _of_segments(segment for artifact in unit.artifacts for segment in artifact.segments)


def _of_segments(segments: Iterable[Segment]) -> Iterator[Quote]:
    for segment in segments:
        yield from segment.origins
        yield from _leans(segment.derived)


def _derived(unit: Unit) -> Iterator[Quote]:
    groups = (
        unit.requirements, unit.decisions, unit.entities, unit.questions, unit.components, unit.interfaces,
        unit.procedures,
    )  # fmt: skip
    for group in groups:
        for item in group:
            yield from _leans(item.derived)


def _leans(derived: Derivation | None) -> tuple[Quote, ...]:
    return derived.leans_on if derived is not None else ()


def is_verbatim(quote: Quote, source: Source) -> bool:
    """Tell whether exactly the words of `quote` stand at its span."""
    return quote.span.end <= len(source.text) and source.slice(quote.span) == quote.text


def quotes_hold(unit: Unit, tools: Tools) -> Iterator[str]:
    """Give the quotations that do not stand in their notes."""
    sources: dict[VaultPath, Source | None] = {}
    for quote in dict.fromkeys(all_quotes(unit)):
        path = quote.span.path
        if path not in sources:
            sources[path] = _source(tools.reader, path)
        source = sources[path]
        if source is None or not is_verbatim(quote, source):
            yield f"{path} does not say “{quote.text[:60]}” at {quote.span.start}"


def _source(reader: Reader, path: VaultPath) -> Source | None:
    try:
        return reader.read(path).source
    except VaultcError:
        return None

"""The passes in order: what each reads and writes, and what must hold behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vaultc.compiler.laws import quotes_hold
from vaultc.compiler.passes.check import check, is_complete
from vaultc.compiler.passes.code import check_code, code
from vaultc.compiler.passes.design import design
from vaultc.compiler.passes.extract import extract
from vaultc.compiler.passes.gather import binds, gather
from vaultc.compiler.passes.laws import check_design
from vaultc.compiler.passes.pseudocode import check_pseudocode, pseudocode
from vaultc.compiler.passes.trace import check_trace, trace
from vaultc.compiler.pipeline import Pass

if TYPE_CHECKING:
    from vaultc.compiler.tools import Tools
    from vaultc.compiler.unit import Unit

_EXTRACTED = (
    "requirements",
    "decisions",
    "constraints",
    "entities",
    "constants",
    "flows",
    "questions",
    "verbatim",
    "examples",
    "interfaces",
    "summary",
    "summary_origins",
)
_DESIGNED = (
    "components",
    "interfaces",
    "entities",
    "constants",
    "decisions",
    "questions",
    "summary",
    "summary_origins",
)
_ALL = ("context", "contradictions", *_EXTRACTED, "components")


def _gather(unit: Unit, tools: Tools) -> Unit:
    unit = gather(unit, tools)
    spans = [passage.quote.span for passage in unit.context if binds(passage)]
    found = tools.contradictions(sorted({span.path for span in spans}))
    # A linked note speaks of much else: only what meets a passage that binds the idea is told of.
    kept = tuple(
        item
        for item in found
        if any(side.span.path == unit.idea.path for side in (item.a, item.b))
        or any(span.overlaps(side.span) for span in spans for side in (item.a, item.b))
    )
    return replace(unit, contradictions=kept)


PIPELINE: tuple[Pass, ...] = (
    # What other notes say against the idea lies outside the unit, so it is looked up here, at every run.
    Pass("gather", 1, (), ("context", "excluded", "contradictions"), _gather, is_cached=False),
    Pass(
        "extract",
        3,
        ("context", "contradictions"),
        (*_EXTRACTED, "untaken"),
        extract,
        quotes_hold,
        prompts=("extract", "extract_goal"),
        reads_notes=True,
    ),
    Pass(
        "design",
        3,
        ("context", "contradictions", *_EXTRACTED),
        _DESIGNED,
        design,
        lambda unit, tools: (*check_design(unit), *quotes_hold(unit, tools)),
        prompts=("design", "summary"),
    ),
    Pass(
        "pseudocode",
        2,
        _ALL,
        ("procedures",),
        pseudocode,
        lambda unit, tools: (*check_pseudocode(unit), *quotes_hold(unit, tools)),
        prompts=("pseudocode",),
    ),
    Pass(
        "code",
        3,
        (*_ALL, "procedures"),
        ("code",),
        code,
        lambda unit, tools: check_code(unit),
        prompts=("code", "tests", "code_mend"),
    ),
    Pass("check", 1, ("code",), ("checks",), check, keep=is_complete),
    Pass(
        "trace",
        3,
        (*_ALL, "excluded", "untaken", "procedures", "code", "checks"),
        ("artifacts",),
        trace,
        lambda unit, tools: check_trace(unit),
        reads_notes=True,
    ),
)

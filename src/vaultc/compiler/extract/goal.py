"""The least that a small model may do here: pick, among computed candidates, the sentence that sums the idea up.

Each candidate could stand by itself, so no choice makes the result worse than the computed one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vaultc.compiler.extract.summary import summary_candidates, summary_text
from vaultc.model.prompt import fence_data, load_prompt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.compiler.extract.statements import Statement
    from vaultc.compiler.tools import Tools
    from vaultc.compiler.unit import Unit

_SURE = 0.5
_MAX_NOTE_CHARS = 2000


def choose_goal(unit: Unit, tools: Tools, said: Sequence[Statement]) -> Unit:
    """Let the brain choose the summary in one evaluation; an unsure choice is refused and the computed one stands."""
    candidates = [group for group in summary_candidates(said) if all(s.item is None or len(group) > 1 for s in group)]
    options = [summary_text(group) for group in candidates]
    if tools.brain is None or len(set(options)) < 2 or len(set(options)) != len(options):
        return unit
    note = "\n".join(statement.text for statement in said if statement.role == "idea")[:_MAX_NOTE_CHARS]
    prompt = load_prompt("extract_goal", tools.prompt_overrides).fill(
        "extract", "goal", title=unit.idea.title, notes=fence_data(note, unit.idea.path)
    )
    choice = tools.brain.choose(prompt, options)
    if choice.scores[choice.index] < _SURE:
        if options[choice.index] != unit.summary:
            return unit.with_refusal(
                "extract", "goal", f"unsure: {choice.scores[choice.index]:.2f} for the best option"
            )
        return unit
    group = candidates[choice.index]
    return replace(unit, summary=options[choice.index], summary_origins=tuple(statement.quote for statement in group))

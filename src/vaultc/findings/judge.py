"""A model's second look at pairs that the rules were less sure of: it may lower a score, never raise one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.core.errors import ModelError
from vaultc.findings.contradictions import ContradictionFinding, judged
from vaultc.model.prompt import fence_data, load_prompt

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from vaultc.model.protocols import ChatModel, Prompt

_SURE = 0.8
_OPTIONS = ("They contradict each other.", "Both can be true.")
_DOUBT = 0.6


def second_look(
    found: Iterable[ContradictionFinding], model: ChatModel, *, sure: float = _SURE, prompts: Path | None = None
) -> tuple[ContradictionFinding, ...]:
    """Ask `model` about each finding below `sure`; one it holds to be none keeps a part of its score.

    Strict rules decide above `sure`. A model that breaks off changes nothing.
    """
    prompt = load_prompt("judge", prompts)
    items = []
    for item in found:
        items.append(item if item.score >= sure else _looked_at(item, model, prompt.fill(
            "judge",
            item.id,
            first=fence_data(item.a.text, item.a.span.path),
            second=fence_data(item.b.text, item.b.span.path),
            reason=item.reason,
        )))  # fmt: skip
    return tuple(sorted(items, key=lambda item: (-item.score, item.a.span, item.b.span)))


def _looked_at(item: ContradictionFinding, model: ChatModel, prompt: Prompt) -> ContradictionFinding:
    try:
        choice = model.choose(prompt, _OPTIONS)
    except ModelError:
        return item
    both_true = choice.scores[1]
    return judged(item, item.score * (1.0 - both_true)) if both_true > _DOUBT else item

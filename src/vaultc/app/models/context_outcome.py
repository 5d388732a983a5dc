"""What a check of a model's context has shown: for a person, and as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vaultc.evaluation.check import time_text
from vaultc.evaluation.interval import PASS_SHARE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vaultc.evaluation.result import Measured
    from vaultc.model.window import Window


@dataclass(frozen=True, slots=True)
class ServedContext:
    """How the model was opened: the context asked for and served, KV type, adapters, and how positions are scaled."""

    asked_tokens: int
    served_tokens: int
    kv_type: str
    loras: tuple[str, ...] = ()
    rope: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Give it in the form of docs/json.md."""
        return {
            "asked_tokens": self.asked_tokens,
            "served_tokens": self.served_tokens,
            "kv_type": self.kv_type,
            "loras": list(self.loras),
            "rope": dict(self.rope),
        }


@dataclass(frozen=True, slots=True)
class ContextCheckOutcome:
    """What was measured. `window` is what is kept of it; None where nothing can be, for the reason in `not_kept`."""

    model: str
    served: ServedContext
    measured: Measured
    window: Window | None
    not_kept: str
    files: tuple[str, ...]
    known: int
    seconds: float

    @property
    def time_taken(self) -> str:
        """How long it took: "40 s", "12 min"."""
        return time_text(self.seconds)

    def lines(self) -> list[str]:
        """Give lines that say what was measured, and under which settings."""
        served, plan = self.served, self.measured.plan
        rope = ", ".join(f"{name.removeprefix('rope.')} {value}" for name, value in served.rope.items())
        loras = f", {len(served.loras)} adapters" if served.loras else ""
        return [
            f"{self.model}: context {served.served_tokens:,} tokens served, {served.asked_tokens:,} asked for; "
            f"KV {served.kv_type or 'unknown'}{loras}; RoPE {rope or 'not known'}",
            f"{_many(plan.samples, 'sample')} at {_many(len(plan.depths), 'depth')}, seed {plan.seed}; {plan.says()}",
        ]

    def verdict(self) -> list[str]:
        """Give what follows, for a person."""
        said = [*self._failures()]
        truncated = self.measured.truncated()
        if truncated:
            said.append(f"{truncated} prompts were cut by the model: it read fewer tokens than it was given")
        if self.measured.is_estimated:
            said.append("the model's tokens can only be estimated here: its prompts may have been shorter than said")
        if self.window is None:
            return [*said, f"no working window is kept: {self.not_kept}"]
        if self.window.tokens != self.measured.window_tokens:
            return [*said, f"working window: {self.window.tokens:,} tokens, as a check of longer prompts had shown"]
        if not self.window.tokens:
            return [*said, "working window: none, the shortest length failed; prompts are kept as short as can be"]
        return [*said, f"working window: {self.window.tokens:,} tokens, kept for this model"]

    def _failures(self) -> list[str]:
        said = []
        for row in self.measured.rows():
            reason = self.measured.skipped.get(row.tokens)
            if reason:
                said.append(f"{row.tokens:,} tokens: not measured: {reason}")
            elif row.failed:
                said.append(f"{row.tokens:,} tokens: not shown to reach {PASS_SHARE:.0%}: {self._groups(row.failed)}")
        return said

    def _groups(self, failed: tuple[str, ...]) -> str:
        """Give groups in few words: a task once where it failed in every language, depths in one list."""
        plan = self.measured.plan
        tasks = [
            task if all(f"{task} {language}" in failed for language in plan.languages) else f"{task} {languages[0]}"
            for task in plan.tasks
            if (languages := [language for language in plan.languages if f"{task} {language}" in failed])
        ]
        depths = [str(depth) for depth in plan.depths if f"depth {depth} %" in failed]
        every = "every task" if len(tasks) == len(plan.tasks) and tasks == list(plan.tasks) else ", ".join(tasks)
        deep = "every depth" if len(depths) == len(plan.depths) else f"depth {', '.join(depths)} %" if depths else ""
        return "; ".join(part for part in (every, deep) if part)

    def as_json(self) -> dict[str, Any]:
        """Give the outcome in the form of docs/json.md."""
        measured, plan = self.measured, self.measured.plan
        rows = measured.rows()
        return {
            "model": self.model,
            "context": self.served.as_json(),
            "tasks": list(plan.tasks),
            "langs": list(plan.languages),
            "depths": list(plan.depths),
            "samples": plan.samples,
            "seed": plan.seed,
            "cells": [
                {
                    "tokens": cell.tokens,
                    "depth": cell.depth,
                    "task": cell.task,
                    "lang": cell.language,
                    "passed": tally.passed,
                    "trials": tally.trials,
                    "interval": [round(bound, 4) for bound in tally.interval],
                }
                for cell, tally in measured.cells.items()
            ],
            "lengths": [
                {
                    "tokens": row.tokens,
                    "passed": row.is_passed,
                    "failed": list(row.failed),
                    "not_measured": measured.skipped.get(row.tokens),
                    "truncated": measured.truncated(row.tokens),
                    "faults": {fault.value: count for fault, count in sorted(measured.faults(row.tokens).items())},
                    "seconds_each": round(measured.seconds_of(row.tokens), 3),
                }
                for row in rows
            ],
            "pass_share": PASS_SHARE,
            "tokens_estimated": measured.is_estimated,
            "text_repeats": dict(measured.repeats),
            "window_tokens": self.window.tokens if self.window is not None else None,
            "not_kept": self.not_kept or None,
            "files": list(self.files),
            "seconds": round(self.seconds, 3),
        }


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"

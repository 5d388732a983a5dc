"""Prepares the model for a vault: the brief is made, what prompts begin with is evaluated and kept on disk."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vaultc.app.compiling import FULL_FROM_PARAMETERS
from vaultc.app.indexing import freshen
from vaultc.app.models.opening import BRAIN, HAND, open_bare, prefix_store, windowed
from vaultc.app.session import Session
from vaultc.ask.answer import TINY_PARAMETERS
from vaultc.ask.brief import keep_brief, vault_brief
from vaultc.core.errors import UsageError, VaultError
from vaultc.index.catalog import open_catalog
from vaultc.model.prompt import load_prompt, put_under

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from vaultc.core.event import Report
    from vaultc.model.process.host import LlamaHost
    from vaultc.model.process.prefix import KeptState
    from vaultc.model.protocols import Prompt

_BRIEF_SHARE = 16
"""The brief takes at most one of so many parts of the model's context."""
_QUESTIONS = ("ask",)
_PLANNING = ("extract", "extract_goal", "design", "pseudocode")
_WRITING = ("code", "tests", "code_mend")


@dataclass(frozen=True, slots=True)
class PrimeOutcome:
    """What is kept: a state for each kind of prompt that begins with enough to be worth it."""

    model: str
    brief_tokens: int
    states: tuple[KeptState, ...]
    total_bytes: int
    folder: str
    seconds: float
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Give the outcome in the form of docs/json.md."""
        return {
            "model": self.model,
            "brief_tokens": self.brief_tokens,
            "prefixes": [
                {"task": state.task, "model": state.model, "tokens": state.tokens, "bytes": state.bytes}
                for state in self.states
            ],
            "total_bytes": self.total_bytes,
            "folder": self.folder,
            "seconds": round(self.seconds, 3),
            "notes": list(self.notes),
        }

    def headline(self) -> str:
        """Give the outcome in one line."""
        tokens = sum(state.tokens for state in self.states)
        brief = f", the brief of the vault with {self.brief_tokens} among them" if self.brief_tokens else ""
        prompts = f"{len(self.states)} prompt{'' if len(self.states) == 1 else 's'}"
        return (
            f"{self.model}: {prompts} prepared, {tokens} tokens{brief}; {self.seconds:.1f} s,"
            f" {self.total_bytes / 1e6:.0f} MB in {self.folder}"
        )


def prime_vault(vault: Path | None, flags: Mapping[str, object], report: Report) -> PrimeOutcome:
    """Load the model, evaluate what its prompts begin with, and keep it for the commands that follow.

    Raises:
        UsageError: there is no model, or nothing may be kept.
        ModelError: it cannot be loaded.
        StoreError: the vault cannot be indexed.
        VaultError: not all of it could be kept, as on a full disk; what could be, is.
    """
    started = time.monotonic()
    session = Session.open(vault, flags, report)
    freshen(session, is_needed=False)
    store = prefix_store(session)
    if not store.is_open:
        raise UsageError(
            "nothing may be kept", hint="set `model.prefix_gb` above 0 and let the state folder be written"
        )
    brain = _opened(session, BRAIN)
    if brain is None:
        raise UsageError("there is no model to prepare", hint="name a GGUF with --model or VAULTC_MODEL")
    with brain:
        brief = _renew_brief(session, brain)
        is_full = brain.spec.parameters >= FULL_FROM_PARAMETERS
        hand = _opened(session, HAND) if is_full else None
        tasks = [*_QUESTIONS, *(_PLANNING if is_full else ()), *(_WRITING if is_full and hand is None else ())]
        states = _primed(session, brain, tasks, brief)
        tokens = brain.count(brief) if brief else 0
    if hand is not None:
        with hand:
            states += _primed(session, hand, _WRITING, "")
    lost = (*brain.not_kept, *(hand.not_kept if hand is not None else ()))
    if lost:
        raise VaultError(
            f'{len(states)} of {len(states) + len(lost)} prompts are prepared in "{store.folder}": {lost[0]}',
            hint="free some space there, or choose another folder by the setting `state_dir`, and run again",
        )
    total = sum(entry.bytes for entry in store.entries())
    seconds = time.monotonic() - started
    return PrimeOutcome(brain.spec.name, tokens, tuple(states), total, str(store.folder), seconds, tuple(session.notes))


def _opened(session: Session, role: str) -> LlamaHost | None:
    from vaultc.model.process.host import LlamaHost

    model = open_bare(session, role)
    if model is None or isinstance(model, LlamaHost):
        return model
    raise UsageError(f"{model.spec.name} is a folder of scripted answers: there is nothing to prepare")


def _renew_brief(session: Session, model: LlamaHost) -> str:
    """Make the brief anew and keep it; a tiny model, which loses its way in long prompts, leaves it as it is."""
    if model.spec.parameters < TINY_PARAMETERS:
        return ""
    with open_catalog(session.state.catalog) as catalog:
        links = catalog.links.all()
        room = windowed(session, model).spec.working_tokens // _BRIEF_SHARE
        brief = vault_brief(catalog.notes.records(), links, model.count, room)
    keep_brief(session.state.root, brief)
    return brief


def _primed(session: Session, model: LlamaHost, tasks: Sequence[str], brief: str) -> list[KeptState]:
    prompts = [_empty_prompt(session, task, brief if task == "ask" else "") for task in tasks]
    return [state for prompt in prompts if (state := model.prime(prompt)) is not None]


def _empty_prompt(session: Session, task: str, brief: str) -> Prompt:
    file = load_prompt(task, None if task in _QUESTIONS else session.prompts)
    return put_under(file.fill(task, **dict.fromkeys(file.inputs, "")), brief)

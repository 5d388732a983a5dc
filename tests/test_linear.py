"""One law for every command and every kind of text: work and what is written grow with the text, not its square."""

from __future__ import annotations

import gc
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from fakes import write_vault
from linearity import BOARDS, FAMILIES, IDEA, MOST_GROWTH, files, seconds_of

from vaultc.app.asking import AskSession
from vaultc.app.checking import CheckOptions, check_vault
from vaultc.app.compiling import CompileOptions, compile_note
from vaultc.app.indexing import index_vault
from vaultc.app.linking import list_links
from vaultc.app.searching import search_vault
from vaultc.app.standing import vault_status
from vaultc.app.tracing import trace_place
from vaultc.core.event import silent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SMALL = 1_000
_BENCH = 25_000
_TRIES = 3
_LEAST_S = 0.08  # what takes less is not told from noise and from what a command costs by itself
# A requirement of eighty characters becomes a function, a test, lines of three documents and the places of each.
_MOST_WRITTEN, _MOST_BESIDE = 400, 200_000


def _ask(vault: Path) -> Any:
    with AskSession.open("What does the red pump need?", vault, {}, silent) as asked:
        asked.start(silent)
        return asked.finish()


def _out(vault: Path) -> Path:
    return vault.parent / f"{vault.name} out"


COMMANDS: dict[str, Callable[[Path], Any]] = {
    "index": lambda vault: index_vault(vault, silent),
    "links": lambda vault: list_links(None, vault),
    "check": lambda vault: check_vault(CheckOptions(), vault, silent),
    "search": lambda vault: search_vault("red pump ring", vault),
    "ask": _ask,
    "compile": lambda vault: compile_note(IDEA, vault, CompileOptions(out=_out(vault)), {}, silent),
    "trace": lambda vault: trace_place(f"{IDEA}:1", vault),
    "status": vault_status,
}


@dataclass(frozen=True)
class Cost:
    """What a command took, and how many bytes it said and wrote."""

    seconds: float
    written: int


@pytest.fixture(autouse=True)
def outline_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"MODEL": "none", "LEVEL": "outline", "COMPILE_RUN_TESTS": "false", "INDEX_EMBEDDER": "none"}
    for name, value in settings.items():
        monkeypatch.setenv(f"VAULTC_{name}", value)


def costs(folder: Path, family: str, size: int) -> dict[str, Cost]:
    """Run every command, one after another, on a new vault whose idea is `family`."""
    vault = write_vault(folder, files(family, size))
    gc.collect()
    found = {}
    for name, command in COMMANDS.items():
        said: list[Any] = []
        before = _bytes_of(vault)
        seconds = seconds_of(lambda command=command, said=said: said.append(command(vault)))  # type: ignore[misc]
        told = len(json.dumps(said[0].as_json(), ensure_ascii=False, default=str))
        found[name] = Cost(seconds, told + _bytes_of(vault) - before)
    return found


def _bytes_of(vault: Path) -> int:
    folders = (vault, _out(vault))
    return sum(
        file.stat().st_size
        for folder in folders
        for file in folder.rglob("*")
        if file.is_file() and ".vaultc" not in file.parts
    )


def too_much(tmp_path: Path, family: str, size: int) -> list[str]:
    """Give the commands that take or write out of proportion to the text, whenever it is measured."""
    large: dict[str, Cost] = {}
    small: dict[str, Cost] = {}
    for number in range(_TRIES):
        large = _least(large, costs(tmp_path / f"large {number}", family, 4 * size))
        slow = {name for name, cost in large.items() if cost.seconds > _LEAST_S}
        wide = [
            f"{name} writes {cost.written} bytes of {4 * size}"
            for name, cost in large.items()
            if cost.written > _MOST_WRITTEN * 4 * size + _MOST_BESIDE
        ]
        if not slow or wide:
            return wide
        small = _least(small, costs(tmp_path / f"small {number}", family, size))
        grown = {name for name in slow if large[name].seconds > MOST_GROWTH * small[name].seconds}
        if not grown:
            return []
    return [f"{name}: {small[name].seconds:.3f} s, four times the text {large[name].seconds:.3f} s" for name in grown]


def _least(first: dict[str, Cost], second: dict[str, Cost]) -> dict[str, Cost]:
    return {name: Cost(min(cost.seconds, first.get(name, cost).seconds), cost.written) for name, cost in second.items()}


@pytest.mark.parametrize("family", [*FAMILIES, *BOARDS])
def test_every_command_works_and_writes_in_proportion_to_the_text(family: str, tmp_path: Path) -> None:
    assert too_much(tmp_path, family, _SMALL) == []


@pytest.mark.bench
@pytest.mark.parametrize("family", [*FAMILIES, *BOARDS])
def test_so_it_does_with_a_hundred_thousand_characters(family: str, tmp_path: Path) -> None:
    assert too_much(tmp_path, family, _BENCH) == []

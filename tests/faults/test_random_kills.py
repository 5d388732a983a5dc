"""Kills at any moment of runs over a vault that changes between them."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from faults.conftest import DENSITY
from faults.driver import SOURCE, dump, files_of

if TYPE_CHECKING:
    from pathlib import Path

NOTES, KILLS = (2_000, 24) if DENSITY > 1 else (80, 5)
WORDS = (
    *("насос", "вода", "сад", "бак", "полив", "прилив", "часы", "гавань", "tide", "harbour", "clock", "garden"),
    *("water", "pump", "tank", "evening", "measure"),
)


def text_of(number: int, luck: random.Random) -> str:
    parts = [f"# Note {number}\n"]
    for part in range(luck.randint(1, 3)):
        words = " ".join(luck.choices([*WORDS, f"word{luck.randint(0, 400)}"], k=luck.randint(10, 60)))
        parts.append(f"## Part {part}\n\n{words} [[n{luck.randint(0, NOTES)}]] [[n{luck.randint(0, NOTES)}#Part 1]]\n")
    return "\n".join(parts)


def change(vault: Path, luck: random.Random) -> None:
    """Edit, remove, rename and add a few notes in a hundred."""
    paths = sorted(vault.glob("*.md"))
    for path in luck.sample(paths, max(4, len(paths) // 40)):
        match luck.choice(["edit", "edit", "remove", "rename", "add"]):
            case "edit":
                path.write_text(text_of(luck.randint(0, NOTES), luck))
            case "remove":
                path.unlink()
            case "rename":
                path.rename(path.with_name(f"n{luck.randint(0, 10 * NOTES)}.md"))
            case _:
                path.with_name(f"n{luck.randint(0, 2 * NOTES)}.md").write_text(text_of(1, luck))


def start(vault: Path, *more: str, state: Path | None = None) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": str(SOURCE)} | ({"VAULTC_STATE_DIR": str(state)} if state else {})
    return subprocess.Popen(
        [sys.executable, "-m", "vaultc", "index", str(vault), *more],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )


def finish(vault: Path, *more: str, state: Path | None = None) -> str:
    with start(vault, *more, state=state) as run:
        said, _ = run.communicate(timeout=600)
    assert run.returncode == 0, said
    return said


def compared(catalog: Path) -> dict[str, Any]:
    """Leave out what hangs on when a large vault's embedder was fitted; `--verify` checks each vector against it."""
    found = dump(catalog)
    if NOTES >= 2_000:
        for table in ("embedders", "embeddings", "meta"):
            del found[table]
    return found


def test_kills_at_random_leave_what_the_next_run_ends(tmp_path: Path) -> None:
    luck = random.Random(20)
    vault = tmp_path / "vault"
    vault.mkdir()
    for number in range(NOTES):
        (vault / f"n{number}.md").write_text(text_of(number, luck))
    began = time.monotonic()
    finish(vault, state=tmp_path / "timing")
    longest = time.monotonic() - began

    killed = 0
    for turn in range(KILLS):
        if turn % 5:  # each fifth one kills a run over what the last one left, unchanged
            change(vault, luck)
        before = files_of(vault)
        with start(vault) as run:
            time.sleep(luck.uniform(0.3, longest if turn % 4 == 0 else longest / 2))
            killed += run.poll() is None
            run.kill()
        assert files_of(vault) == before
        if turn % 6 == 5:
            finish(vault)
            assert "V20" not in finish(vault, "--verify")

    said = finish(vault)
    assert "V203" not in said
    assert "V20" not in finish(vault, "--verify")
    finish(vault, state=tmp_path / "fresh")
    assert compared(vault / ".vaultc/catalog.db") == compared(tmp_path / "fresh/catalog.db")
    assert not list((vault / ".vaultc").rglob("*.tmp"))
    assert killed >= KILLS // 2

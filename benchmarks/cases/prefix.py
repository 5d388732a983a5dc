"""Time to first token with and without a kept prefix: `python -m benchmarks.run prefix [MODEL] [--runs 3]`.

Each answer is given by a process of its own, which loads the model (the starter model by default) and answers one
question. What its prompt shares with others is a brief of some length and the role. Without a state the whole prompt
is read; with one, which another process has kept, only the question. The answers must be the same to the letter.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.record import record
from benchmarks.show import print_table, short
from vaultc.disk.policy import Root
from vaultc.model.file.spec import starter_model
from vaultc.model.fit.llama_settings import LlamaSettings
from vaultc.model.process.host import LlamaHost
from vaultc.model.process.prefix import PrefixStore
from vaultc.model.prompt import load_prompt, put_under
from vaultc.model.protocols import Prompt, Sampling

NOTES = (12, 60, 200)
CONTEXT_TOKENS = 8192


def run(arguments: list[str]) -> None:
    """Measure and record; with --answer, be one of the measured processes."""
    parser = argparse.ArgumentParser(prog="prefix", description=__doc__)
    parser.add_argument("model", type=Path, nargs="?", default=starter_model())
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--answer", type=int, metavar="NOTES", help="answer once under a brief of so many notes")
    parser.add_argument("--states", type=Path, metavar="FOLDER", help="where states are kept")
    options = parser.parse_args(arguments)
    if options.model is None:
        parser.error("the starter model is not installed: name a GGUF")
    if options.answer is not None:
        print(json.dumps(answer(options.model, options.answer, options.states)))
        return
    rows = [measure(options.model, notes, options.runs) for notes in NOTES]
    columns = ("shared tokens", "all tokens", "MB", "first token s", "with state s", "times", "with loading", "same")
    print_table("prefix", columns, [tuple(short(row[name]) for name in KEYS) for row in rows])
    record("prefix", {"model": rows[0]["model"], "base": "the same prompt without a state", "lengths": rows})


KEYS = (
    "shared_tokens", "prompt_tokens", "state_mb", "first_token_s", "first_token_with_state_s", "times_faster",
    "times_faster_with_loading", "is_same",
)  # fmt: skip


def measure(model: Path, notes: int, runs: int) -> dict[str, Any]:
    """Give the medians for a brief of so many notes, runs with and without a state by turns."""
    with tempfile.TemporaryDirectory() as folder:
        kept = _process(model, notes, folder)
        pairs = [(_process(model, notes, None), _process(model, notes, folder)) for _ in range(runs)]
        entry = PrefixStore(Root(Path(folder))).entries()[0]
    without, with_state = (
        {key: statistics.median(pair[side][key] for pair in pairs) for key in ("first_token_s", "since_load_began_s")}
        for side in (0, 1)
    )
    return {
        "model": entry.model,
        "shared_tokens": entry.tokens,
        "prompt_tokens": kept["prompt_tokens"],
        "state_mb": round(entry.bytes / 1e6, 1),
        "first_token_s": round(without["first_token_s"], 3),
        "first_token_with_state_s": round(with_state["first_token_s"], 3),
        "times_faster": round(without["first_token_s"] / with_state["first_token_s"], 1),
        "times_faster_with_loading": round(without["since_load_began_s"] / with_state["since_load_began_s"], 1),
        "is_same": len({kept["text"], *(item["text"] for pair in pairs for item in pair)}) == 1,
    }


def answer(model: Path, notes: int, states: Path | None) -> dict[str, Any]:
    """Answer once and give the text and when its first piece came."""
    store = PrefixStore(Root(states)) if states is not None else None
    began = time.monotonic()
    pieces: list[float] = []
    with LlamaHost(model, LlamaSettings(context_tokens=CONTEXT_TOKENS), prefixes=store) as host:
        host.load()
        loaded = time.monotonic()
        generation = host.generate(
            _prompt(notes), Sampling(max_tokens=24, thinking=False), on_text=lambda _: pieces.append(time.monotonic())
        )
    return {
        "text": generation.text,
        "prompt_tokens": generation.prompt_tokens,
        "first_token_s": pieces[0] - loaded,
        "since_load_began_s": pieces[0] - began,
    }


def _prompt(notes: int) -> Prompt:
    lines = [f"- Note {number}: pump {number} draws {7 * number % 90} W" for number in range(notes)]
    passages = "[1]\nThe harbour pump draws 60 W at 24 V."
    filled = load_prompt("ask").fill("ask", language="English", passages=passages, question="What does it draw?")
    return put_under(filled, "What the vault holds:\n" + "\n".join(lines))


def _process(model: Path, notes: int, states: str | None) -> dict[str, Any]:
    kept = ["--states", states] if states else []
    arguments = [sys.executable, "-m", "benchmarks.run", "prefix", str(model), "--answer", str(notes), *kept]
    done = subprocess.run(arguments, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result

"""Many clients at once on `vaultc serve`: nothing lost, nothing mixed up, turns fair, some leaving in the middle."""

from __future__ import annotations

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openai

from benchmarks.record import ROOT, record

_ANSWER = "The harbour gauge reads every ten minutes. Датчик читает каждые десять минут. " * 4
_LEAVES_EVERY = 10


@dataclass
class Tally:
    """What one client saw."""

    asked: int = 0
    wrong: list[str] = field(default_factory=list)
    left: int = 0
    seconds: list[float] = field(default_factory=list)


def run(arguments: list[str]) -> None:
    """Measure and record: `serve [CLIENTS] [SECONDS] [script|starter]`."""
    clients = int(arguments[0]) if arguments else 32
    seconds = float(arguments[1]) if len(arguments) > 1 else 60.0
    kind = arguments[2] if len(arguments) > 2 else "script"
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        shutil.copytree(ROOT / "examples" / "vault", home / "vault")
        environment = _environment(home, kind)
        vaultc = [sys.executable, "-m", "vaultc"]
        subprocess.run([*vaultc, "index", str(home / "vault")], env=environment, check=True, capture_output=True)
        with (home / "log").open("w+") as log:
            server = subprocess.Popen(
                [*vaultc, "serve", str(home / "vault"), "--port", "0", "--json"],
                env=environment,
                stdout=log,
                stderr=log,
            )
            serving = _started(home / "log")
            tallies = _ask(serving, clients, seconds, _ANSWER if kind == "script" else "")
            started = time.monotonic()
            server.send_signal(signal.SIGINT)
            code = server.wait(20)
            ended = time.monotonic() - started
            log.seek(0)
            served = [json.loads(line) for line in log.read().splitlines()[1:]]
    record("serve", {"model": kind, "clients": clients, "for_s": seconds, **_summed(tallies, served),
                     "ended_s": round(ended, 2), "exit": code})  # fmt: skip


def _environment(home: Path, kind: str) -> dict[str, str]:
    found = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1"}
    if kind == "script":
        answer = home / "script" / "serve" / "script.md"
        answer.parent.mkdir(parents=True)
        answer.write_text(_ANSWER, encoding="utf-8")
        found["VAULTC_MODEL"] = str(home / "script")
    return found


def _started(log: Path) -> dict[str, Any]:
    for _ in range(600):
        lines = log.read_text().splitlines()
        if lines:
            found: dict[str, Any] = json.loads(lines[0])
            return found
        time.sleep(0.1)
    raise RuntimeError("the server did not start")


def _ask(serving: dict[str, Any], clients: int, seconds: float, wanted: str) -> list[Tally]:
    until = time.monotonic() + seconds
    tallies = [Tally() for _ in range(clients)]
    token = Path(serving["token_file"]).read_text().strip()

    def work(number: int) -> None:
        with openai.OpenAI(base_url=serving["base_url"], api_key=token, max_retries=0, timeout=300) as client:
            while time.monotonic() < until:
                _one(client, serving["models"][0], number, tallies[number], wanted)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tallies


def _one(client: openai.OpenAI, model: str, number: int, tally: Tally, wanted: str) -> None:
    tally.asked += 1
    started = time.monotonic()
    more: dict[str, Any] = {} if wanted else {"max_tokens": 8}
    messages: Any = [{"role": "user", "content": f"client {number}, request {tally.asked}"}]
    asked = {"model": model, "messages": messages, "user": str(number), **more}
    try:
        if tally.asked % _LEAVES_EVERY == 0:
            with client.chat.completions.create(stream=True, **asked) as stream:
                next(iter(stream))
            tally.left += 1
            return
        if tally.asked % 2:
            text = client.chat.completions.create(**asked).choices[0].message.content or ""
        else:
            chunks = list(client.chat.completions.create(stream=True, **asked))
            text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
            if chunks[-1].choices[0].finish_reason is None:
                tally.wrong.append("a stream without an end")
    except openai.OpenAIError as error:
        tally.wrong.append(repr(error))
        return
    tally.seconds.append(time.monotonic() - started)
    if (wanted and text != wanted) or not (text or not wanted):
        tally.wrong.append(f"another text: {text[:80]}")


def _summed(tallies: list[Tally], served: list[dict[str, Any]]) -> dict[str, Any]:
    seconds = sorted(value for tally in tallies for value in tally.seconds)
    asked = [tally.asked for tally in tallies]
    return {
        "asked": sum(asked),
        "answered": len(seconds),
        "left": sum(tally.left for tally in tallies),
        "wrong": [wrong for tally in tallies for wrong in tally.wrong],
        "logged": len(served),
        "of_a_client": [min(asked), max(asked)],
        "median_s": round(statistics.median(seconds), 3),
        "longest_s": round(seconds[-1], 3),
    }

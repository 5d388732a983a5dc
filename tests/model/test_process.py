"""The process that holds a model: stopped, interrupted, killed, closed, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from vaultc.core.errors import ModelError
from vaultc.model.fit.llama_settings import LlamaSettings
from vaultc.model.process import parent
from vaultc.model.process.host import LlamaHost
from vaultc.model.protocols import Message, Prompt, Sampling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.core.event import Progress

pytestmark = pytest.mark.model
SHORT = Sampling(max_tokens=12)


def prompt(text: str) -> Prompt:
    return Prompt((Message("user", text),), "test")


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


@pytest.fixture(scope="module")
def model(starter: Path, digests: dict[str, str]) -> Iterator[LlamaHost]:
    with LlamaHost(starter, LlamaSettings(context_tokens=2048), digests=digests) as host:
        host.load()
        yield host


def test_an_interrupted_load_ends_at_once_and_leaves_no_process(starter: Path, digests: dict[str, str]) -> None:
    pids: list[int | None] = []

    def interrupt(step: Progress) -> None:
        if step.done >= 10:
            pids.append(host.process_id)
            raise KeyboardInterrupt

    host = LlamaHost(starter, LlamaSettings(context_tokens=256), report=interrupt, digests=digests)
    started = time.monotonic()
    try:
        host.load()
    except KeyboardInterrupt:
        seconds = time.monotonic() - started

    assert seconds < 8.0  # most of it is the start of Python
    assert host.process_id is None
    assert pids
    assert pids[0] is not None
    assert not is_running(pids[0])


def test_a_stream_that_is_closed_stops_the_model(model: LlamaHost) -> None:
    stream = model.stream(prompt("Count from one to one thousand."), Sampling(max_tokens=1500))
    next(stream)
    started = time.monotonic()

    stream.close()  # type: ignore[attr-defined]  # a generator

    assert time.monotonic() - started < 1.5
    assert model.generate(prompt("Hi"), Sampling(max_tokens=1)).tokens == 1


def test_a_long_prompt_is_broken_off_by_an_interrupt(model: LlamaHost) -> None:
    pid = model.process_id
    pressed: list[float] = []

    def press() -> None:
        pressed.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(0.3, press)
    timer.start()

    with pytest.raises(KeyboardInterrupt):
        model.generate(prompt("sea " * 1900), Sampling(max_tokens=1500))

    assert time.monotonic() - pressed[0] < 1.5
    assert model.generate(prompt("Hi"), Sampling(max_tokens=1)).tokens == 1
    assert model.process_id == pid


def test_a_stop_that_takes_long_gives_the_turn_back_and_costs_no_reload(
    model: LlamaHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As with a batch on a graphics card, which cannot be broken off.
    monkeypatch.setattr(parent, "_STOP_S", 0.0)
    pid = model.process_id
    stream = model.stream(prompt("Count from one to one thousand."), Sampling(max_tokens=300))
    next(stream)
    started = time.monotonic()

    stream.close()  # type: ignore[attr-defined]  # a generator

    assert time.monotonic() - started < 0.2
    assert "Paris" in model.generate(prompt("What is the capital of France? One sentence."), SHORT).text
    assert model.process_id == pid


def test_the_death_of_the_process_is_an_error_and_the_next_question_is_answered(
    starter: Path, digests: dict[str, str]
) -> None:
    with LlamaHost(starter, LlamaSettings(context_tokens=256), digests=digests) as host:
        host.load()
        pid = host.process_id
        assert pid is not None
        stream = host.stream(prompt("Count."), Sampling(max_tokens=200))
        next(stream)
        os.kill(pid, signal.SIGKILL)

        with pytest.raises(ModelError, match="was killed"):
            list(stream)

        assert host.generate(prompt("Hi"), Sampling(max_tokens=1)).tokens == 1


def test_a_crash_is_named(starter: Path, digests: dict[str, str]) -> None:
    with LlamaHost(starter, LlamaSettings(context_tokens=256), digests=digests) as host:
        stream = host.stream(prompt("Count."), Sampling(max_tokens=200))
        next(stream)
        assert host.process_id is not None
        os.kill(host.process_id, signal.SIGSEGV)

        with pytest.raises(ModelError, match=r"crashed \(SIGSEGV\)"):
            list(stream)


def test_closing_ends_the_process(starter: Path, digests: dict[str, str]) -> None:
    host = LlamaHost(starter, LlamaSettings(context_tokens=256), digests=digests)
    host.load()
    pid = host.process_id
    assert pid is not None

    host.close()

    assert not is_running(pid)


def test_the_process_does_not_outlive_its_parent(starter: Path) -> None:
    code = (
        "import os, sys, time; from pathlib import Path; from vaultc.model.process.host import LlamaHost\n"
        "from vaultc.model.fit.llama_settings import LlamaSettings\n"
        f"host = LlamaHost(Path({str(starter)!r}), LlamaSettings(context_tokens=256)); host.load()\n"
        "print(host.process_id, flush=True); time.sleep(60)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()

    deadline = time.monotonic() + 5
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert not is_running(pid)

"""The server with real llama.cpp and the starter model."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import openai
import pytest
from conftest import ROOT
from fakes import write_vault
from server.running import NOTES

from vaultc.model.file.spec import starter_model

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.model
TALE: Any = [{"role": "user", "content": "Tell me a very long story about a lighthouse."}]


def children_of(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False).stdout
    return [int(word) for word in found.split()]


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def process(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], openai.OpenAI, str]]:
    """Give a server as a person starts it, a client that is attached, and the name of the model."""
    if starter_model() is None:
        pytest.skip("the starter package is not installed")
    root = write_vault(tmp_path / "vault", NOTES)
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "vaultc"]
    subprocess.run([*command, "index", str(root)], env=environment, check=True, capture_output=True)
    with subprocess.Popen(
        [*command, "serve", str(root), "--port", "0", "--json"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as found:
        assert found.stdout is not None
        serving = json.loads(found.stdout.readline())
        token = (tmp_path / ".local/state/vaultc/serve-token").read_text().strip()
        with openai.OpenAI(base_url=serving["base_url"], api_key=token, max_retries=0, timeout=120) as client:
            yield found, client, serving["models"][0]
        found.kill()
        found.communicate()


def test_a_real_model_answers_stops_and_ends_with_the_server(
    process: tuple[subprocess.Popen[str], openai.OpenAI, str],
) -> None:
    server, client, model = process
    schema: dict[str, object] = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}

    short = client.chat.completions.create(model=model, messages=TALE, max_tokens=5)
    again = [
        client.chat.completions.create(model=model, messages=TALE, max_tokens=8, seed=3, temperature=1) for _ in "ab"
    ]
    bound = client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": "Give n = 7."}],
        max_tokens=40,
        response_format={"type": "json_schema", "json_schema": {"name": "n", "schema": schema}},
    )
    with client.chat.completions.create(model=model, messages=TALE, stream=True, max_tokens=2000) as stream:
        next(iter(stream))
    started = time.monotonic()
    after = client.chat.completions.create(model=model, messages=TALE, max_tokens=1)
    waited = time.monotonic() - started
    with pytest.raises(openai.BadRequestError, match="more tokens than the context"):
        client.chat.completions.create(model=model, messages=[{"role": "user", "content": "word " * 20_000}])

    assert short.choices[0].finish_reason == "length"
    assert short.usage is not None
    assert short.usage.completion_tokens == 5
    assert again[0].choices[0].message.content == again[1].choices[0].message.content
    assert isinstance(json.loads(bound.choices[0].message.content or "")["n"], int)
    assert after.choices
    assert waited < 10, "the story was stopped when its reader left"

    with client.chat.completions.create(model=model, messages=TALE, stream=True, max_tokens=2000) as stream:
        next(iter(stream))
        children = children_of(server.pid)
        started = time.monotonic()
        server.send_signal(signal.SIGINT)
        code = server.wait(10)
        ended = time.monotonic() - started
    assert children
    assert code == 0
    assert ended < 1
    assert server.stderr is not None
    assert server.stderr.read() == ""
    deadline = time.monotonic() + 3
    while any(map(is_running, children)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_running, children)), "the model's process outlived the server"

"""`vaultc serve` and `vaultc mcp` as a person runs them."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from conftest import ROOT, indexed_once
from fakes import write_vault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOTES = {"Pump.md": "# Pump\n\nThe greenhouse pump takes 120 W.\n", "Насос.md": "# Насос\n\nНасос берёт 120 Вт.\n"}


@dataclass
class Person:
    """Somebody with a home, a vault and a terminal."""

    home: Path
    vault: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "PYTHONPATH": str(ROOT / "src"),
            "PYTHONUNBUFFERED": "1",
            "VAULTC_MODEL": "none",
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "vaultc", *arguments],
            env=self.environment(),
            cwd=self.home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def run(self, *arguments: str) -> tuple[int, str, str]:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def serve(self, *arguments: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
        """Start a server; give it and what it says of itself."""
        process = self.start("serve", str(self.vault), "--port", "0", "--json", *arguments)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        document = json.loads(line)
        assert isinstance(document, dict)
        return process, document


@pytest.fixture(scope="session")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return indexed_once(tmp_path_factory, "person", lambda folder: write_vault(folder, NOTES))


@pytest.fixture
def person(tmp_path: Path, indexed: Path) -> Iterator[Person]:
    home = tmp_path / "home"
    home.mkdir()
    found = Person(home, shutil.copytree(indexed, tmp_path / "vault"))
    yield found
    for process in found.started:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.communicate()


def get(serving: dict[str, Any], path: str, document: Any = None) -> Any:
    """Ask as a program that was told the token's file."""
    with open(serving["token_file"], encoding="utf-8") as file:  # noqa: PTH123 - a text that was printed
        token = file.read().strip()
    data = None if document is None else json.dumps(document).encode()
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    request = urllib.request.Request(serving["base_url"] + path, data, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def ask(serving: dict[str, Any]) -> str:
    message = {"role": "user", "content": "How many watts does the greenhouse pump take?"}
    return str(get(serving, "/chat/completions", {"model": "vault", "messages": [message]})["choices"][0]["message"])


def test_it_says_where_it_serves_and_each_request_and_never_the_token(person: Person) -> None:
    process, serving = person.serve()
    answer = ask(serving)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)

    lines = [json.loads(line) for line in out.splitlines()]
    secret = (person.home / ".local/state/vaultc/serve-token").read_text().strip()
    assert "takes 120 W. [1]" in answer
    assert serving["version"] == 1
    assert serving["models"] == ["vault", "vault-embeddings"]
    assert serving["token_file"] == str(person.home / ".local/state/vaultc/serve-token")
    assert [(line["path"], line["status"], line["about"]) for line in lines] == [("/v1/chat/completions", 200, "vault")]
    assert secret not in json.dumps(serving) + out + err
    assert "greenhouse" not in out + err


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_within_a_second_and_without_a_traceback(person: Person, sent: signal.Signals) -> None:
    process, _ = person.serve()
    started = time.monotonic()
    process.send_signal(sent)
    _, err = process.communicate(timeout=10)

    assert time.monotonic() - started < 1
    assert process.returncode == 0
    assert err == ""


def test_a_person_reads_how_to_attach_programs(person: Person) -> None:
    process = person.start("serve", str(person.vault), "--port", "0")
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or "Ctrl-C" not in lines[-1]:
        lines.append(process.stdout.readline())
        assert lines[-1]
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)

    text = "".join(lines)
    assert "http://127.0.0.1:" in text
    assert "vault, vault-embeddings" in text
    assert "aider" in text
    assert "/mcp" in text


def test_two_servers_on_a_port_is_a_clear_error(person: Person) -> None:
    _, serving = person.serve()
    port = serving["url"].rpartition(":")[2]

    code, out, err = person.run("serve", str(person.vault), "--port", port)

    assert code == 2
    assert out == ""
    assert f"port {port} of 127.0.0.1 is taken" in err
    assert "--port 0" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.1"])
def test_it_serves_this_machine_alone(person: Person, host: str) -> None:
    code, _, err = person.run("serve", str(person.vault), "--host", host)

    assert code == 2
    assert "not this machine alone" in err


def test_it_answers_while_the_vault_is_indexed_again_and_again(person: Person) -> None:
    _, serving = person.serve()
    stop = threading.Event()
    codes: list[int] = []

    def index() -> None:
        while not stop.is_set():
            number = len(codes)
            (person.vault / f"New {number}.md").write_text(f"# New {number}\n\nThe lamp {number} takes {number} W.\n")
            codes.append(person.run("index", str(person.vault), "--quiet", *(["--rebuild"] if number == 1 else []))[0])

    thread = threading.Thread(target=index)
    thread.start()
    try:
        until = time.monotonic() + 3
        answers = [ask(serving)]
        while time.monotonic() < until or len(codes) < 2:
            answers.append(ask(serving))
            get(serving, "/embeddings", {"model": "vault-embeddings", "input": "pump"})
    finally:
        stop.set()
        thread.join()

    assert set(codes) == {0}
    assert all("takes 120 W. [1]" in answer for answer in answers)


def test_a_vault_that_was_never_indexed_is_said(person: Person, tmp_path: Path) -> None:
    code, _, err = person.run("serve", str(write_vault(tmp_path / "new", NOTES)), "--port", "0")

    assert code == 3
    assert "is not indexed yet" in err


def test_a_port_and_a_socket_together_are_refused(person: Person) -> None:
    assert person.run("serve", str(person.vault), "--port", "1", "--socket", "s")[0] == 2
    assert person.run("mcp", str(person.vault), "--port", "1")[0] == 2


def test_mcp_over_standard_input_ends_with_its_input_and_with_ctrl_c(person: Person) -> None:
    ended = person.run("mcp", str(person.vault))
    process = person.start("mcp", str(person.vault))
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    started = time.monotonic()
    code = process.wait(timeout=10)
    assert process.stderr is not None

    assert ended == (0, "", "")
    assert code == 130
    assert time.monotonic() - started < 1.5
    assert "Traceback" not in process.stderr.read()

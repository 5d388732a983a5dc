"""Nothing leaves the machine: the whole path runs without a network, and no process of it asks for one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from acceptance.conftest import new_workspace
from acceptance.tool import ROOT, files_of

if TYPE_CHECKING:
    from pathlib import Path

    from acceptance.conftest import Workspace
    from acceptance.tool import Tool

IDEA = "Ideas/Reading ledger.idea"
ALONE = ("unshare", "-rn")

# Python imports this in every process of ours: each network socket, connection or look-up is written down.
_WITNESS = """
import json, os, sys
def _hear(event, args):
    if event == "socket.__new__" and int(args[1]) not in (2, 10):
        return
    if event == "socket.connect" and not isinstance(args[1], tuple):
        return
    if event in ("socket.__new__", "socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname"):
        with open(os.environ["WITNESS"], "a") as file:
            words = [sys.argv[1] if len(sys.argv) > 1 else "", event, str(args[1])]
            file.write(json.dumps(words) + "\\n")
sys.addaudithook(_hear)
with open(os.environ["WITNESS"] + ".seen", "a") as file:
    file.write("here\\n")
"""


@pytest.fixture(scope="module")
def alone() -> tuple[str, ...]:
    """The start of a command line that runs without any network, not even loopback."""
    if shutil.which("unshare") is None or subprocess.run([*ALONE, "true"], capture_output=True).returncode != 0:
        pytest.skip("needs a network namespace")
    return ALONE


def whole_path(tool: Tool, vault: Path) -> dict[str, object]:
    """Index, search, ask and compile; give all that came out."""
    folder = tool.cwd
    documents = {}
    for name, arguments in {
        "index": ("index", vault),
        "search": ("search", "насос", "--vault", vault),
        "ask": ("ask", "сколько ватт берёт насос?", "--vault", vault),
        "contradictions": ("ask", "find contradictions", "--vault", vault),
        "compile": ("compile", IDEA, "--out", folder / "code", "--vault", vault),
    }.items():
        done = tool(*arguments, "--json")
        assert done.code in {0, 1}, (name, done.err)
        documents[name] = calmed(done.json, str(folder))
    return {"documents": documents, "files": files_of(folder)}


def calmed(value: object, folder: str) -> object:
    """Give a document without what differs from run to run: the time it took, the folder it ran in."""
    if isinstance(value, dict):
        return {key: calmed(item, folder) for key, item in value.items() if key != "seconds"}
    if isinstance(value, list):
        return [calmed(item, folder) for item in value]
    return value.replace(folder, "") if isinstance(value, str) else value


def asked(log: Path) -> list[list[str]]:
    """Give what was written down: the command, the event, the family or the address."""
    return [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []


def is_proof(command: str, event: str, what: str) -> bool:
    """Tell whether a box listens on this machine for a moment, to prove that what runs in it cannot get there."""
    families = {"1", "2", "10"}
    if event == "socket.bind":
        return command == "compile" and bool(re.match(r"\('(127\.0\.0\.1|::1)', 0[,)]|.*vaultc-probe-", what))
    return command == "compile" and event == "socket.__new__" and what in families


@pytest.fixture
def beside(tmp_path: Path) -> Workspace:
    """A second copy of the vault, never indexed."""
    (tmp_path / "beside").mkdir()
    return new_workspace(tmp_path / "beside")


def test_the_whole_path_without_a_network_gives_the_same_and_no_process_asks_for_one(
    alone: tuple[str, ...], fresh: Workspace, beside: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> None:
    witness = tmp_path_factory.mktemp("witness")
    (witness / "sitecustomize.py").write_text(_WITNESS, "utf-8")
    log = witness / "log"
    watched = beside.tool.using(WITNESS=str(log), PYTHONPATH=f"{witness}:{ROOT / 'src'}")

    without = whole_path(fresh.tool.within(*alone), fresh.vault)
    with_network = whole_path(watched, beside.vault)

    assert without["documents"] == with_network["documents"]
    found, expected = without["files"], with_network["files"]
    assert isinstance(found, dict)
    assert isinstance(expected, dict)
    assert {key: data for key, data in found.items() if not key.startswith(("home/", "beside/"))} == {
        key: data for key, data in expected.items() if not key.startswith("home/")
    }
    assert (witness / "log.seen").read_text("utf-8").count("here") >= 5
    assert [words for words in asked(log) if not is_proof(*words)] == []


def test_the_witness_writes_down_a_socket(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(_WITNESS, "utf-8")
    log = tmp_path / "log"
    code = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('127.0.0.1', 9))"

    subprocess.run(
        [sys.executable, "-c", code], env={"WITNESS": str(log), "PYTHONPATH": str(tmp_path)}, check=True, timeout=60
    )

    assert [event for _, event, _ in asked(log)] == ["socket.__new__", "socket.connect"]

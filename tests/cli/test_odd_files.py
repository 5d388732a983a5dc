"""Something else at the place of a file that is read: a clear message or a new index, and never a wait without end."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
from typing import TYPE_CHECKING

import pytest

from vaultc.app.models.remote import read_key
from vaultc.cli.app import main
from vaultc.core.digest import digest_text
from vaultc.core.errors import ModelError, StoreError, UsageError
from vaultc.index.vectors import VectorStore
from vaultc.model.file.gguf import read_header
from vaultc.model.file.spec import digest_of_file
from vaultc.model.prompt import load_prompt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cli.conftest import Done

AT_MOST_S = 60


def to_fifo(path: Path) -> None:
    os.mkfifo(path)


def to_socket(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as listener:
            listener.bind(f"/proc/self/fd/{folder}/{path.name}")
    finally:
        os.close(folder)


def to_sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


KINDS: dict[str, Callable[[Path], object]] = {
    "fifo": to_fifo,
    "socket": to_socket,
    "zero": lambda path: path.symlink_to("/dev/zero"),
    "full": lambda path: path.symlink_to("/dev/full"),
    "memory": lambda path: path.symlink_to("/proc/self/mem"),
    "folder": lambda path: path.mkdir(),
    "empty": lambda path: path.touch(),
    "sparse": to_sparse,
    "deep": lambda path: path.write_text("[" * 100_000),
    "not JSON's": lambda path: path.write_text('{"version": 1, "files": NaN}'),
    "another": lambda path: path.write_text('[{"version": 1}]'),
    "no text": lambda path: path.write_bytes(b"\xff\xfe\x00\x80"),
}
PIECES = {
    "a.md": "# Clock\n\nThe clock must show the tide within 2 minutes. It must ring once.\n",
    "b.md": "# Tide\n\nThe tide is high. See [[a]].\n",
}
IN_STATE = ("catalog.db", "catalog.db-wal", "catalog.db-shm", "catalog.db-journal", "lock", ".gitignore")
OF_UNIT = ("manifest.json", "map.json")
IN_VAULT = (".vaultcignore", ".obsidian/app.json", "c.md", "d.canvas")
IN_HOME = ("recent.json", "models.json")
SPECIAL = ("fifo", "socket", "zero", "memory", "folder", "sparse")
"""What no bytes are: what bytes may be in place of an index, other tests try."""
NAMED = (
    ("model plan", "{}"),
    ("model show", "{}"),
    ("ask tide --model", "{}"),
    ("ask tide --model", "{}/ask"),
    ("check --baseline", "{}"),
    ("trace", "{}"),
)


@pytest.fixture(autouse=True)
def bounded() -> Iterator[None]:
    """Break a test off that waits: none of these takes more than seconds."""

    def stop(*_: object) -> None:
        raise AssertionError(f"it still ran after {AT_MOST_S} seconds")

    old = signal.signal(signal.SIGALRM, stop)
    signal.alarm(AT_MOST_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, old)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault that was indexed and of which a note was compiled, and a home beside it."""
    folder = tmp_path_factory.mktemp("compiled")
    root = folder / "vault"
    root.mkdir()
    for name, text in PIECES.items():
        (root / name).write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VAULTC_MODEL", "none")
        patch.setenv("XDG_STATE_HOME", str(folder / "home"))
        patch.setenv("VAULTC_INDEX_EMBEDDER", "none")
        for line in (f"index {root}", f"compile a.md --vault {root} --no-run-tests --out {folder / 'out'}"):
            patch.setattr("sys.argv", ["vaultc", *line.split()])
            with contextlib.suppress(SystemExit):
                main()
    assert list(root.glob(".vaultc/units/*/map.json"))
    return folder


@pytest.fixture
def vault(compiled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it."""
    shutil.copytree(compiled, tmp_path / "copy")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "copy" / "home"))
    monkeypatch.setenv("VAULTC_INDEX_EMBEDDER", "none")
    return tmp_path / "copy" / "vault"


def spoil(path: Path, kind: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    KINDS[kind](path)


def is_told(done: Done) -> None:
    assert done.code in (0, 1, 2, 3)
    assert "Traceback" not in done.err
    assert "bug in vaultc" not in done.err
    assert done.code < 2 or "error: " in done.err


@pytest.mark.parametrize("kind", SPECIAL)
@pytest.mark.parametrize("name", IN_STATE)
def test_what_stands_for_a_file_of_the_index_is_told_or_made_again(
    name: str, kind: str, run: Callable[..., Done], vault: Path
) -> None:
    spoil(vault / ".vaultc" / name, kind)

    for command in (f"status --vault {vault}", f"index {vault}"):
        is_told(run(*command.split()))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", OF_UNIT)
def test_what_stands_for_a_file_of_a_compile_is_told(
    name: str, kind: str, run: Callable[..., Done], vault: Path
) -> None:
    (unit,) = (vault / ".vaultc/units").iterdir()
    spoil(unit / name, kind)

    for command in ("status", "trace a.md:3"):
        done = run(*command.split(), "--vault", vault)

        is_told(done)
        assert done.code == 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", IN_VAULT)
def test_what_stands_for_a_file_of_the_vault_does_not_stop_the_index(
    name: str, kind: str, run: Callable[..., Done], vault: Path
) -> None:
    spoil(vault / name, kind)

    done = run("index", vault)

    is_told(done)
    assert done.code in (0, 1)  # a note that cannot be read is reported
    assert run("search", "tide", "--vault", vault).code == 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", IN_HOME)
def test_what_stands_for_a_file_of_this_machine_is_passed_over(
    name: str, kind: str, run: Callable[..., Done], vault: Path
) -> None:
    spoil(vault.parent / "home/vaultc" / name, kind)

    is_told(run("status", "--vault", vault))
    is_told(run("index", vault))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("command", "place"), NAMED)
def test_what_a_person_names_is_told(
    command: str, place: str, kind: str, run: Callable[..., Done], vault: Path, tmp_path: Path
) -> None:
    name = tmp_path / "named"
    spoil(name / "ask/_.md" if place.endswith("/ask") else name, kind)

    where = () if command.startswith("model ") else ("--vault", vault)

    done = run(*command.split(), name, *where)

    is_told(done)
    assert "No such option" not in done.err


@pytest.mark.parametrize("kind", SPECIAL)
def test_what_the_settings_name_is_told(kind: str, tmp_path: Path) -> None:
    name = tmp_path / "ask.md"
    KINDS[kind](name)

    with pytest.raises(ModelError):
        read_header(name)
    with pytest.raises(UsageError):
        read_key(name, "models.big.key_file")
    if kind not in ("memory", "sparse"):  # no file to begin with: the prompt of the package counts
        assert load_prompt("ask", tmp_path) == load_prompt("ask")
    else:
        with pytest.raises(UsageError):
            load_prompt("ask", tmp_path)
    if kind != "sparse":
        with pytest.raises(ModelError):
            digest_of_file(name, {})


@pytest.mark.parametrize("kind", ["fifo", "socket", "zero", "memory"])
@pytest.mark.parametrize("name", ["chroma.sqlite3", "server.json", "0/data_level0.bin"])
def test_what_stands_in_the_vector_store_is_told_before_it_is_opened(name: str, kind: str, tmp_path: Path) -> None:
    (tmp_path / "0").mkdir()
    KINDS[kind](tmp_path / name)

    with pytest.raises(StoreError, match="neither a file nor a folder"):
        VectorStore(tmp_path, digest_text("embedder"))

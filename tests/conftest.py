"""Nothing leaves the machine, nothing of the person's is touched: held for every test."""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from natives import is_native, refused
from xdist.scheduler import LoadFileScheduling

from vaultc.disk.seal import KEY_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# No example has a time limit: tests run side by side. On a laptop each run looks at new examples; in continuous
# integration a red run must mean a change, not luck.
settings.register_profile("laptop", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "laptop")

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE_VAULT = ROOT / "examples" / "vault"
_LOOPBACK = ("127.", "localhost", "::1")


def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # AF_UNIX and netlink stay on this machine
    host = str(address[0])
    return host == "" or host.startswith(_LOOPBACK)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make any connection or look-up outside loopback a failure, even where the caller swallows errors."""
    breaches: list[str] = []
    real_connect, real_connect_ex = socket.socket.connect, socket.socket.connect_ex
    real_lookup = socket.getaddrinfo

    def guard(address: Any) -> None:
        if not _is_local(address):
            breaches.append(repr(address))
            raise PermissionError(f"a test tried to reach {address!r}")

    def connect(self: socket.socket, address: Any) -> None:
        guard(address)
        real_connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        guard(address)
        return real_connect_ex(self, address)

    def lookup(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host is not None:
            guard((host.decode() if isinstance(host, bytes) else host, 0))
        return real_lookup(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "connect_ex", connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    yield
    assert not breaches, f"network use outside loopback: {breaches}"


def one_machine(state_home: Path) -> None:
    """Give a state home the key that all tests share: what fixtures of many tests wrote is believed in each of them."""
    key = state_home / "vaultc" / KEY_NAME
    key.parent.mkdir(parents=True, exist_ok=True)
    key.write_bytes(b"5" * 64 + b"\n")
    key.chmod(0o600)


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """Give the folder of this run that all its workers share."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Give a folder that the first worker to ask fills; the others wait for it. No test may change what is in it."""
    folder, made = shared_folder(factory) / name, shared_folder(factory) / f"{name}.made"
    with folder.with_name(f"{name}.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            folder.mkdir()
            make(folder)
            made.touch()
    return folder


def indexed_once(factory: pytest.TempPathFactory, name: str, write: Callable[[Path], object]) -> Path:
    """Give a vault that `write` writes and that is indexed once for all workers: to be copied."""

    def make(folder: Path) -> None:
        from vaultc.app.indexing import index_vault

        with pytest.MonkeyPatch.context() as patch:  # made before the home of a test is
            patch.setenv("HOME", str(folder / "home"))
            for kind in ("CONFIG", "STATE", "DATA"):
                patch.setenv(f"XDG_{kind}_HOME", str(folder / "home" / kind.lower()))
            for state in ("state", ".local/state"):  # that of this process, and of vaultc run with this home
                one_machine(folder / "home" / state)
            write(folder / "vault")
            index_vault(folder / "vault")

    return once(factory, name, make) / "vault"


@pytest.fixture(scope="session")
def example_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the example vault, indexed: to be copied."""
    return indexed_once(tmp_path_factory, "example", lambda folder: shutil.copytree(EXAMPLE_VAULT, folder))


@pytest.fixture(scope="session", autouse=True)
def caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give all tests one home for caches: it holds what is the same for all, and is made once."""
    folder = shared_folder(tmp_path_factory) / "caches"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder / "vaultc"


@pytest.fixture(scope="session")
def types_seen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder for what mypy knows, kept from one package to the next; each worker has its own."""
    return tmp_path_factory.mktemp("mypy")


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the names of homes. Counted here: `mktemp` looks through all that there are for the next number."""
    base = tmp_path_factory.mktemp("homes")
    return (base / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def own_home(homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test its own home, so that no setting or state of the person is read or written."""
    home = next(homes)
    home.mkdir()
    one_machine(home / "state")
    monkeypatch.setenv("HOME", str(home))
    for name in ("CONFIG", "STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    for name in [key for key in os.environ if key.startswith("VAULTC_")]:
        monkeypatch.delenv(name)
    return home


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `make check` leaves out."""
    for item in items:
        if is_native(item):
            item.add_marker("native")


class FileByFile(LoadFileScheduling):  # type: ignore[misc]  # xdist ships no types
    """Gives a file to one worker, the large ones first, so that what its tests share is made once.

    The files of `acceptance` share the compiled ideas, so they go together.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        folder = path.rpartition("/")[0]
        return folder if folder.endswith("acceptance") else path


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    """Give the scheduler of a run in workers."""
    return FileByFile(config, log)


@pytest.fixture(autouse=True)
def no_natives(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that starts llama.cpp, Chroma or a box and does not say so."""
    if request.node.get_closest_marker("native"):
        yield
    else:
        with refused():
            yield


@pytest.fixture(autouse=True)
def same_signals() -> Iterator[None]:
    """Fail a test that leaves Ctrl-C to somebody else: the next one that presses it would end the whole run."""
    before = signal.getsignal(signal.SIGINT)
    yield
    assert signal.getsignal(signal.SIGINT) == before

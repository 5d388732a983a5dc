"""Nothing leaves the machine, nothing of the person's is touched: held for every test."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from vaultc.disk.seal import KEY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

# On a laptop each run looks at new examples; in continuous integration a red run must mean a change, not luck.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")

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


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test its own home, so that no setting or state of the person is read or written."""
    home = tmp_path_factory.mktemp("home")
    one_machine(home / "state")
    monkeypatch.setenv("HOME", str(home))
    for name in ("CONFIG", "STATE", "CACHE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    for name in [key for key in os.environ if key.startswith("VAULTC_")]:
        monkeypatch.delenv(name)
    return home

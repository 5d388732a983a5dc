"""Where a server listens."""

from __future__ import annotations

import os
import socket
import stat
from typing import TYPE_CHECKING

import pytest
from server.running import running

from vaultc.core.errors import UsageError
from vaultc.server.place import listening

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.2", "example.org", "127.0.0.2", "", "localhost.evil", "*"]
)
def test_any_host_but_this_machine_is_refused_without_a_look_up(host: str) -> None:
    with pytest.raises(UsageError, match="not this machine alone"), listening(host, 0, None):
        pass


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_number_that_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(UsageError, match="no port"), listening("127.0.0.1", port, None):
        pass


def test_two_servers_on_a_port_is_a_clear_error() -> None:
    with (
        listening("localhost", 0, None) as place,
        pytest.raises(UsageError, match="is taken") as failure,
        listening("127.0.0.1", place.port or 0, None),
    ):
        pass

    assert "--port 0" in (failure.value.hint or "")


def test_a_socket_file_is_its_owners_alone_and_goes_with_the_server(vault: Path, tmp_path: Path) -> None:
    path = tmp_path / "s"
    with running(vault, socket_path=path) as server:
        mode = stat.S_IMODE(path.stat().st_mode)
        found = server.get(host="localhost")
        other = server.get(host="evil.example")
        without = server.get(host="localhost", authorization=None)

    assert mode == 0o600
    assert (found.status, other.status, without.status) == (200, 403, 401)
    assert not path.exists()


def test_a_socket_that_a_killed_server_left_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "s"
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()

    with listening("127.0.0.1", 0, path) as place:
        assert place.socket_path == path


def test_a_socket_in_use_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with listening("127.0.0.1", 0, path):
        with pytest.raises(UsageError, match="another server listens"), listening("127.0.0.1", 0, path):
            pass
        assert path.exists()


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_is_no_socket_is_never_removed(tmp_path: Path, kind: str) -> None:
    path, target = tmp_path / "s", tmp_path / "target"
    target.write_text("mine")
    if kind == "file":
        path.write_text("mine")
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(target)

    with pytest.raises(UsageError, match="no socket"), listening("127.0.0.1", 0, path):
        pass

    assert path.exists()
    assert target.read_text() == "mine"


def test_a_path_too_long_for_a_socket_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="too long"), listening("127.0.0.1", 0, tmp_path / ("s" * 120)):
        pass


def test_the_umask_is_as_it_was(tmp_path: Path) -> None:
    before = os.umask(0o022)
    os.umask(before)
    with listening("127.0.0.1", 0, tmp_path / "s"):
        after = os.umask(before)

    assert after == before

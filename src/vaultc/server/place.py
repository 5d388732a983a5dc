"""Where a server listens: a port of this machine alone, or a socket file that only its owner may open."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import socket
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.core.errors import UsageError, VaultError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEFAULT_PORT = 8407
_BACKLOG = 128
_MAX_SOCKET_PATH = 107


@dataclass(frozen=True, slots=True)
class ListenPlace:
    """An open listening socket, and how programs name it."""

    listener: socket.socket
    url: str
    port: int | None = None
    socket_path: Path | None = None


@contextlib.contextmanager
def listening(host: str, port: int, socket_path: Path | None) -> Iterator[ListenPlace]:
    """Listen while the block runs: on `socket_path` where it is given, else on `host` and `port` (0: a free one).

    Raises:
        UsageError: the host is not this machine alone, the port is taken, or something else stands at the path.
        VaultError: the system refuses.
    """
    place = _on_port(_loopback(host), port) if socket_path is None else _on_file(socket_path.expanduser().absolute())
    try:
        yield place
    finally:
        place.listener.close()
        if place.socket_path is not None:
            with contextlib.suppress(OSError):
                place.socket_path.unlink()


def _loopback(host: str) -> str:
    """Give the address that `host` is, where that is this machine alone. No name is looked up."""
    name = "127.0.0.1" if host == "localhost" else host.strip("[]")
    with contextlib.suppress(ValueError):
        if str(ipaddress.ip_address(name)) in {"127.0.0.1", "::1"}:
            return name
    raise UsageError(
        f'"{host}" is not this machine alone: vaultc serves on 127.0.0.1, ::1 or a socket file only',
        hint="to reach it from another machine, forward the port there with `ssh -L`",
    )


def _on_port(address: str, port: int) -> ListenPlace:
    listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        # Without it a port cannot be taken again for a minute after a server ended; two listeners it does not allow.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"port {port} of {address} is taken, perhaps by another `vaultc serve`",
                hint="give another one: `--port 0` takes any that is free",
            ) from error
        raise VaultError(f"cannot listen on port {port} of {address}: {os.strerror(error.errno or 0)}") from error
    except OverflowError as error:
        listener.close()
        raise UsageError(f"{port} is no port: give a number from 0 to 65535") from error
    taken = int(listener.getsockname()[1])
    shown = f"[{address}]" if ":" in address else address
    return ListenPlace(listener, f"http://{shown}:{taken}", taken)


def _on_file(path: Path) -> ListenPlace:
    if len(os.fsencode(path)) > _MAX_SOCKET_PATH:
        raise UsageError(f'the path "{path}" is too long for a socket: {_MAX_SOCKET_PATH} bytes is the most')
    _clear(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)  # the file is made private: made private later, it would be open for a moment
    try:
        listener.bind(str(path))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise VaultError(f'cannot listen on "{path}": {os.strerror(error.errno or 0).lower()}') from error
    finally:
        os.umask(before)
    return ListenPlace(listener, "http://localhost", socket_path=path)


def _clear(path: Path) -> None:
    """Take away the socket of a server that is no more. Anything else that stands there stays."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(status.st_mode):
        raise UsageError(f'"{path}" is there and is no socket', hint="choose another path")
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
        except OSError as error:
            raise UsageError(f'the socket "{path}" is not ours to use: {error}') from error
    raise UsageError(f'another server listens on "{path}"', hint="end it, or choose another path")

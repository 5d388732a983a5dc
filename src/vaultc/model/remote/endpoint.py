"""Which server may be connected to: the one place that decides it.

A unix socket, this machine itself (loopback), or a host that the person named in `network.allow_hosts`. A name is
looked up only where it can be loopback (`localhost`), and what is dialled is the address that was judged, so that a
second look-up cannot lead elsewhere. Everything else is refused without a look-up: even that would tell somebody.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_PORTS = {"http": 80, "https": 443}
_TOP_PORT = 65_535
_UNIX = "unix:"
# Narrower than the standard on purpose: no user part, no query, no escapes, so that no two readers see two hosts.
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?(?P<path>/[\w./~:+-]*)?",
    re.ASCII,
)
_AUTHORITY = re.compile(r"[a-z]+://[^/?#]*", re.ASCII)
_HOST = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?", re.ASCII)
_LOCAL_NAMES = ("localhost", ".localhost")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server that may be connected to.

    Attributes:
        scheme: "http" or "https".
        host: its name, for the `Host` line and the certificate.
        port: its port.
        path: what stands before the path of each request, without a slash at its end.
        addresses: what is dialled, in this order.
        socket: path of a unix socket, which is dialled instead.
    """

    scheme: str
    host: str
    port: int
    path: str = ""
    addresses: tuple[str, ...] = ()
    socket: str = ""

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine."""
        return bool(self.socket) or (bool(self.addresses) and all(_is_loopback(at) for at in self.addresses))

    def __str__(self) -> str:
        if self.socket:
            return f"{_UNIX}{self.socket}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"


def addresses_of(name: str) -> tuple[str, ...]:
    """Give the addresses of a name of this machine, IPv4 first: most servers listen there. Raises OSError."""
    found = {str(row[4][0]) for row in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)}
    return tuple(sorted(found, key=lambda address: (":" in address, address)))


def allowed_endpoint(
    url: str,
    allow_hosts: Sequence[str],
    *,
    setting: str,
    look_up: Callable[[str], Sequence[str]] = addresses_of,
) -> Endpoint:
    """Give the server that `url` names, if it may be connected to.

    Args:
        url: `http://host:port/path`, `https://…` or `unix:/path/of/socket`.
        allow_hosts: `host` or `host:port`, as in `network.allow_hosts`; a host without a port stands for all of them.
        setting: where `url` was given, for the message.
        look_up: gives the addresses of a local name.

    Raises:
        UsageError: it is no such URL, or the host is neither this machine nor allowed.
    """
    if url.startswith(_UNIX):
        return _unix(url, setting)
    found = _URL.fullmatch(url.strip())
    port = int(found["port"] or _PORTS[found["scheme"]]) if found else 0
    if found is None or not 0 < port <= _TOP_PORT:
        raise UsageError(
            f'"{_plain(url)}" in {setting} is not the address of a server',
            hint="give http://host:port, https://host:port/v1 or unix:/path, without a user name or a query",
        )
    host = _normal(found["host"])
    path = (found["path"] or "").rstrip("/")
    if any(part in {".", ".."} for part in path.split("/")):
        raise UsageError(f'"{_plain(url)}" in {setting} holds a dotted path')
    addresses = _local_addresses(host, look_up)
    if not addresses:
        if not _is_named(host, port, allow_hosts):
            raise UsageError(
                f'"{host}" is not this machine, and nothing may be connected to it ({setting})',
                hint=f'to allow it: `[network] allow_hosts = ["{_bracketed(host)}:{port}"]`; notes would be sent there',
            )
        addresses = (host,)
    return Endpoint(found["scheme"], host, port, path, addresses)


def hub_endpoint(url: str, *, among: Endpoint | None = None) -> Endpoint:
    """Give the server of a download that the person has just agreed to; its content is checked by digest.

    Args:
        url: `https://host/path`; what stands behind a `?` is not part of the endpoint.
        among: the server that redirects there. Only one on this machine may lead to this machine, or to `http`.

    Raises:
        UsageError: it is not `https`, or leads back into this machine or the private network.
    """
    authority = _AUTHORITY.match(url)  # what follows it is the storage's own affair
    found = _URL.fullmatch(authority[0]) if authority else None
    host = _normal(found["host"]) if found else ""
    own = _local_addresses(host, lambda _: ("127.0.0.1",))
    may_stay = among is not None and among.is_local
    if found is None or (found["scheme"] != "https" and not (own and may_stay)):
        raise UsageError(f'refused to download from "{_plain(url)[:200]}": only https is followed')
    if own and not may_stay:
        raise UsageError(f'refused to download from "{host}": that is this machine')
    if _is_address(host) and not own:
        raise UsageError(f'refused to download from "{host}": a download leads to a named host')
    port = int(found["port"] or _PORTS[found["scheme"]])
    return Endpoint(found["scheme"], host, port, "", own or (host,))


def _unix(url: str, setting: str) -> Endpoint:
    path = url.removeprefix(_UNIX).removeprefix("//")
    if not path.startswith("/") or "\0" in path:
        raise UsageError(f'"{_plain(url)}" in {setting} is not a socket', hint="give unix:/path/of/socket")
    return Endpoint("http", "localhost", _PORTS["http"], "", (), path)


def _local_addresses(host: str, look_up: Callable[[str], Sequence[str]]) -> tuple[str, ...]:
    """Give the addresses of `host` where it is this machine, else none."""
    if _is_address(host):
        return (host,) if _is_loopback(host) else ()
    if host != _LOCAL_NAMES[0] and not host.endswith(_LOCAL_NAMES[1]):
        return ()
    try:
        found = tuple(look_up(host))
    except OSError:
        return ()
    # A resolver that was tampered with can give any address to this name.
    return found if found and all(_is_loopback(address) for address in found) else ()


def _is_named(host: str, port: int, allow_hosts: Sequence[str]) -> bool:
    for entry in allow_hosts:
        found = _HOST.fullmatch(entry.strip())
        if found is None:
            raise UsageError(
                f'"{_plain(entry)}" in `network.allow_hosts` is not a host', hint='give "host" or "host:port", no URL'
            )
        if _normal(found["host"]) == host and found["port"] in {None, str(port)}:
            return True
    return False


def _normal(host: str) -> str:
    host = host.strip("[]").rstrip(".").lower()
    return str(ipaddress.ip_address(host)) if _is_address(host) else host


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    inner = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return (inner or parsed).is_loopback


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _plain(text: str) -> str:
    """Show what is no URL without the password that may stand in it."""
    shown = re.sub(r"//[^/@]*@", "//…@", text)
    return "".join(sign if sign.isprintable() else "?" for sign in shown)

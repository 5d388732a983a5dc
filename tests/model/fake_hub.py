"""A server on loopback that speaks the part of the hub's API that a download needs, with faults on demand.

As the hub does, it names a commit, lists files with their digests, and leads to a storage by an address that is made
anew each time; the storage is the same server under another port.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

REPO = "maker/Model-GGUF"
COMMIT = "c0ffee" + "0" * 34
_RANGE = re.compile(r"bytes=(\d+)-")


def gguf(size: int, seed: int = 0) -> bytes:
    """Give bytes that begin as a GGUF does."""
    block = b"".join(hashlib.sha256(b"%d/%d" % (seed, at)).digest() for at in range(size // 32 + 1))
    return b"GGUF" + block[: size - 4]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass
class Hub:
    """What the hub holds and how it fails; tests change it between requests."""

    files: dict[str, bytes]
    digests: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    token: str = ""
    failures: list[tuple[int, dict[str, str], str]] = field(default_factory=list)
    storage_failures: list[tuple[int, dict[str, str], str]] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    gives_ranges: bool = True
    location: str = ""
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    port: int = 0
    storage_port: int = 0
    storage_scheme: str = "http"
    page_size: int = 1000

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def digest(self, path: str) -> str:
        return self.digests.get(path) or sha256(self.files[path])

    def size(self, path: str) -> int:
        return self.sizes.get(path) or len(self.files[path])

    def ranges(self) -> list[str]:
        """Give the ranges that the storage was asked for, in order."""
        return [headers.get("range", "") for where, _, headers in self.asked if where == "storage"]


@contextlib.contextmanager
def serving(hub: Hub, *, tls: ssl.SSLContext | None = None) -> Iterator[Hub]:
    """Run hub and storage while the block does; with `tls` the storage speaks https."""

    class Front(_Front):
        told = hub

    class Storage(_Storage):
        told = hub

    servers = [ThreadingHTTPServer(("127.0.0.1", 0), handler) for handler in (Front, Storage)]
    hub.port, hub.storage_port = (server.server_address[1] for server in servers)
    if tls is not None:
        servers[1].socket = tls.wrap_socket(servers[1].socket, server_side=True, do_handshake_on_connect=False)
        hub.storage_scheme = "https"
    threads = [
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True) for server in servers
    ]
    for thread in threads:
        thread.start()
    try:
        yield hub
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join()


class _Answering(BaseHTTPRequestHandler):
    told: Hub
    where = ""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def handle(self) -> None:
        with contextlib.suppress(OSError):  # the other side went away, or would not believe the certificate
            super().handle()

    def note(self) -> None:
        headers = {key.lower(): value for key, value in self.headers.items()}
        self.told.asked.append((self.where, self.path, headers))

    def send(self, status: int, data: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def fail(self, failures: list[tuple[int, dict[str, str], str]]) -> bool:
        if not failures:
            return False
        status, headers, body = failures.pop(0)
        self.send(status, body.encode(), headers)
        return True


class _Front(_Answering):
    where = "hub"

    def do_GET(self) -> None:
        self.note()
        if self.told.token and self.headers.get("authorization") != f"Bearer {self.told.token}":
            self.json({"error": "Access to model is restricted."}, 401, {"X-Error-Code": "GatedRepo"})
            return
        if self.fail(self.told.failures):
            return
        parts = urlsplit(self.path)
        if parts.path == f"/api/models/{REPO}/revision/main":
            self.json({"id": REPO, "sha": COMMIT, "gated": False})
        elif parts.path == f"/api/models/{REPO}/tree/{COMMIT}":
            self.list(parts.query)
        elif parts.path.startswith(f"/{REPO}/resolve/{COMMIT}/"):
            self.lead(unquote(parts.path.removeprefix(f"/{REPO}/resolve/{COMMIT}/")))
        else:
            self.json({"error": "Repository not found"}, 404, {"X-Error-Code": "RepoNotFound"})

    def list(self, query: str) -> None:
        rows: list[dict[str, Any]] = [{"type": "file", "path": "README.md", "size": 9, "oid": "1" * 40}]
        rows += [{"type": "directory", "path": "Q8_0", "size": 0, "oid": "2" * 40}]
        for path in self.told.files:
            size = self.told.size(path)
            lfs = {"oid": self.told.digest(path), "size": size, "pointerSize": 135}
            rows.append({"type": "file", "path": path, "size": size, "oid": "3" * 40, "lfs": lfs})
        start = int(query.partition("cursor=")[2] or 0)
        end = start + self.told.page_size
        more = f'<{self.told.url}/api/models/{REPO}/tree/{COMMIT}?recursive=true&cursor={end}>; rel="next"'
        self.json(rows[start:end], headers={"Link": more} if end < len(rows) else {})

    def lead(self, path: str) -> None:
        if path not in self.told.files:
            self.json({"error": "Entry not found"}, 404, {"X-Error-Code": "EntryNotFound"})
            return
        host = "localhost" if self.told.storage_scheme == "https" else "127.0.0.1"
        place = f"{self.told.storage_scheme}://{host}:{self.told.storage_port}/blob/{path}?sign={len(self.told.asked)}"
        headers = {
            "Location": self.told.location or place,
            "X-Linked-ETag": f'"{self.told.digest(path)}"',
            "X-Linked-Size": str(self.told.size(path)),
            "X-Repo-Commit": COMMIT,
        }
        self.send(302, b"Found. Redirecting", headers)

    def json(self, value: object, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.send(status, json.dumps(value).encode(), {"Content-Type": "application/json", **(headers or {})})


class _Storage(_Answering):
    where = "storage"

    def do_GET(self) -> None:
        self.note()
        if self.fail(self.told.storage_failures):
            return
        data = self.told.files[unquote(urlsplit(self.path).path.removeprefix("/blob/"))]
        told = _RANGE.fullmatch(self.headers.get("range", ""))
        start = int(told[1]) if told and self.told.gives_ranges else 0
        rest = data[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(rest)))
        self.send_header("Content-Type", "application/octet-stream")
        self.end_headers()
        most = self.told.cuts.pop(0) if self.told.cuts else len(rest)
        self.wfile.write(rest[:most])
        if most < len(rest):
            self.wfile.flush()
            self.connection.close()
            self.close_connection = True

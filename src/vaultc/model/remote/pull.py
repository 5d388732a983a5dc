"""Downloads a file of the hub: resumed where it broke off, and taken only when size and digest are right.

The hub leads to a storage that it names anew each time. It is followed there by `https` alone and without the token;
what comes from it is the file only if its SHA-256 is the one that the hub had named before.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import time
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from vaultc.core.errors import ModelError
from vaultc.core.event import Progress, Report, silent
from vaultc.disk.part import Part
from vaultc.model.remote.endpoint import hub_endpoint
from vaultc.model.remote.hub import explain, file_path
from vaultc.model.remote.wire import Patience, Wire, WireError

if TYPE_CHECKING:
    import ssl

    from vaultc.disk.policy import Root
    from vaultc.model.remote.hub import Found, HubFile
    from vaultc.model.remote.server import Clock
    from vaultc.model.remote.wire import Reply

PATIENCE = Patience(connect_s=20.0, silence_s=60.0)
_MIB = 1 << 20
_MAGIC = b"GGUF"
_MOST_HOPS = 5
_MOST_FAILURES = 5
_MOST_WAIT_S = 60.0
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


def part_mark(file: HubFile) -> str:
    """Give what marks the part of a file: another content has another part."""
    return file.sha256[:16]


class Puller:
    """Fetches files of one model."""

    def __init__(
        self,
        wire: Wire,
        found: Found,
        *,
        report: Report = silent,
        clock: Clock = time,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Prepare.

        Args:
            wire: the hub.
            found: what it said of the model.
            report: told how far it is, in MiB.
            clock: waits between attempts.
            tls: whose certificates are believed; by default those of the system.
        """
        self._wire = wire
        self._found = found
        self._report = report
        self._clock = clock
        self._tls = tls

    def fetch(self, file: HubFile, root: Root, relative: str) -> None:
        """Download `file` to `relative` below `root`; what an earlier run fetched of it is not fetched again.

        Raises:
            ModelError: the hub or its storage refuse, give something else, or break off again and again.
            VaultError: it cannot be written.
            UsageError: the hub leads where it is not followed.
        """
        with Part(root, relative, part_mark(file)) as part:
            state = self._checked_so_far(part, file)
            failures = 0
            while part.size < file.size:
                before = part.size
                try:
                    state = self._continue(part, file, state)
                except WireError as error:
                    failures = 1 if part.size > before else failures + 1
                    if failures >= _MOST_FAILURES or not _may_pass(error):
                        raise explain(error, f"file {file.path}", has_token=self._wire.has_key) from error
                    self._clock.sleep(min(_MOST_WAIT_S, error.wait_s or 2.0**failures))
            if state.hexdigest() != file.sha256:
                part.discard()
                raise ModelError(
                    f"{file.path} came with another content than the hub names (SHA-256 {state.hexdigest()[:16]}…)",
                    hint="it was removed; run the same again, and if it is so again, do not use that source",
                )
            part.finish()

    def _checked_so_far(self, part: Part, file: HubFile) -> hashlib._Hash:
        state = hashlib.sha256()
        if part.size > file.size:
            part.clear()
        done = 0
        for piece in part.pieces():
            state.update(piece)
            done += len(piece)
            self._report(Progress("check what is there", done // _MIB, file.size // _MIB, file.path))
        return state

    def _continue(self, part: Part, file: HubFile, state: hashlib._Hash) -> hashlib._Hash:
        """Fetch on from the end of the part; give the state of the digest. Raises WireError where it breaks off."""
        start = part.size
        with contextlib.ExitStack() as stack:
            reply = self._reply(stack, file, start)
            if start and reply.status != 206:
                part.clear()  # the storage gives the whole file only
                state, start = hashlib.sha256(), 0
            _require_rest(reply, file, start)
            for piece in reply.pieces():
                if part.size == 0 and not _MAGIC.startswith(piece[: len(_MAGIC)]) and piece[: len(_MAGIC)] != _MAGIC:
                    raise ModelError(f"{file.path} is not a GGUF file: it begins with {piece[:16]!r}")
                if part.size + len(piece) > file.size:
                    raise ModelError(f"{file.path} is longer than the {file.size} bytes that the hub names")
                part.append(piece)
                state.update(piece)
                self._report(Progress("pull", part.size // _MIB, file.size // _MIB, file.path))
        if part.size < file.size:
            raise WireError("broken", f"it broke off at {part.size} of {file.size} bytes")
        return state

    def _reply(self, stack: contextlib.ExitStack, file: HubFile, start: int) -> Reply:
        """Ask the hub, and follow it to where the file lies."""
        path, wire = file_path(self._found, file), self._wire
        headers = {"range": f"bytes={start}-"} if start else {}
        for _ in range(_MOST_HOPS):
            reply = stack.enter_context(wire.open("GET", path, headers=headers))
            if not 300 <= reply.status < 400:
                if wire is self._wire:
                    _require_same(reply, file, is_hub=True)
                elif reply.status in {401, 403}:
                    raise WireError("broken", f"the storage answers {reply.status}: its address was for a while only")
                reply.require()
                return reply
            _require_same(reply, file, is_hub=wire is self._wire)
            here = f"{wire.endpoint.scheme}://{wire.endpoint.host}:{wire.endpoint.port}{path}"
            to = urljoin(here, reply.header("location"))
            stack.pop_all().close()
            endpoint = hub_endpoint(to, among=self._wire.endpoint)
            ours = self._wire.endpoint
            if (endpoint.scheme, endpoint.host, endpoint.port) == (ours.scheme, ours.host, ours.port):
                wire = self._wire
            else:
                wire = Wire(endpoint, patience=PATIENCE, tls=self._tls)  # without the token
                stack.callback(wire.close)
            parts = urlsplit(to)
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        raise ModelError(f"{file.path}: the hub leads from one place to the next")


def _require_same(reply: Reply, file: HubFile, *, is_hub: bool) -> None:
    """Raise ModelError where the hub names another content than before: the file was exchanged meanwhile."""
    etag = (reply.header("x-linked-etag") or (reply.header("etag") if is_hub else "")).removeprefix("W/").strip('"')
    size = reply.header("x-linked-size")
    is_other = len(etag) == len(file.sha256) and etag != file.sha256
    if is_hub and (is_other or (size.isascii() and size.isdigit() and int(size) != file.size)):
        raise ModelError(
            f"{file.path} was exchanged on the hub since it was listed",
            hint="run the same again to fetch what is there now",
        )


def _require_rest(reply: Reply, file: HubFile, start: int) -> None:
    """Raise ModelError unless the answer is the rest of the file, as far as its head tells."""
    if "html" in reply.header("content-type").lower():
        raise ModelError(
            f"a web page came instead of {file.path}",
            hint="a login page of this network, or of the hub: open it in a browser",
        )
    if reply.status == 206:
        told = _RANGE.fullmatch(reply.header("content-range"))
        if told is None or (int(told[1]), int(told[3])) != (start, file.size):
            raise ModelError(f'{file.path}: asked for what follows {start}, got "{reply.header("content-range")[:80]}"')
    length = reply.header("content-length")
    if length.isascii() and length.isdigit() and int(length) != file.size - start:
        raise ModelError(
            f"{file.path} comes with {int(length) + start} bytes instead of the {file.size} that the hub names"
        )


def _may_pass(error: WireError) -> bool:
    return error.trouble in {"unreachable", "timeout", "broken"} or error.status in {408, 429, 500, 502, 503, 504}

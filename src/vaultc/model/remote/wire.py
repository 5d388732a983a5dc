"""HTTP to one server that `endpoint` allowed (only importer of httpx).

Nothing of the environment is obeyed (proxies, certificates), no redirect is followed, and what is dialled is the
address that was judged. An answer is read in pieces, up to a limit.
"""

from __future__ import annotations

import contextlib
import json
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from vaultc import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import httpx

    from vaultc.model.remote.endpoint import Endpoint

Trouble = Literal["unreachable", "timeout", "broken", "status", "large"]
_TOP_BYTES = 64 << 20
_TOP_ERROR_BYTES = 64 << 10
_SHOWN_CHARS = 300
_OK, _REDIRECT = 200, 300


class WireError(Exception):
    """No answer, or not the one that was asked for.

    `trouble` says which: not reached, silent for too long, cut off, an answer that is none (`status`), one too large.
    """

    def __init__(self, trouble: Trouble, message: str, *, status: int = 0, body: str = "", wait_s: float = 0.0) -> None:
        super().__init__(message)
        self.trouble: Trouble = trouble
        self.status = status
        self.body = body
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait: for a connection, and for the next bytes of an answer."""

    connect_s: float = 10.0
    silence_s: float = 900.0


class Reply:
    """An answer whose head has come."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self.status = response.status_code

    def header(self, name: str) -> str:
        """Give a line of the head, empty where it is missing."""
        return str(self._response.headers.get(name, ""))

    def pieces(self) -> Iterator[bytes]:
        """Give the body as it comes. Raises WireError."""
        with _troubles():
            yield from self._response.iter_raw()

    def read(self, most: int = _TOP_BYTES) -> bytes:
        """Give the whole body. Raises WireError where it is larger than `most`."""
        data = bytearray()
        for piece in self.pieces():
            data += piece
            if len(data) > most:
                raise WireError("large", f"the answer is larger than {most} bytes")
        return bytes(data)

    def require(self) -> None:
        """Raise WireError unless the answer is a success."""
        if _OK <= self.status < _REDIRECT:
            return
        body = ""
        with contextlib.suppress(WireError):
            body = self.read(_TOP_ERROR_BYTES).decode("utf-8", "replace")
        told = _told(body) or self._response.reason_phrase
        raise WireError("status", f"{self.status}: {told}", status=self.status, body=body, wait_s=self._wait_s())

    def _wait_s(self) -> float:
        text = self.header("retry-after")
        return float(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0.0


class Wire:
    """A client of one server. It is safe to use it from several threads."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        key: str = "",
        patience: Patience | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            endpoint: the server.
            key: sent as a bearer token, to this server only.
            patience: how long to wait.
            tls: whose certificates are believed; by default those of the system.
        """
        import httpx  # slow to import

        self.endpoint = endpoint
        self.has_key = bool(key)
        patience = patience or Patience()
        headers = {"user-agent": f"vaultc/{__version__}", "accept-encoding": "identity"}
        if key:
            headers["authorization"] = f"Bearer {key}"
        self._client = httpx.Client(
            headers=headers,
            timeout=httpx.Timeout(patience.silence_s, connect=patience.connect_s, pool=None),
            follow_redirects=False,
            trust_env=False,
            transport=_pinned(endpoint, tls),
        )

    @contextlib.contextmanager
    def open(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[Reply]:
        """Send a request and give its answer; leaving the block before its end closes the connection.

        Raises WireError where the head of an answer does not come.
        """
        import httpx

        url = httpx.URL(
            scheme=self.endpoint.scheme, host=self.endpoint.host, port=self.endpoint.port, raw_path=_raw(path)
        )
        content, told = None, dict(headers or {})
        if body is not None:
            content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
            told["content-type"] = "application/json"
        request = self._client.build_request(method, url, content=content, headers=told)
        with _troubles():
            response = self._client.send(request, stream=True)
        try:
            yield Reply(response)
        finally:
            response.close()

    def json(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - any JSON value
        """Give the JSON that a request is answered with. Raises WireError."""
        with self.open(method, path, body) as reply:
            reply.require()
            data = reply.read()
        try:
            return json.loads(data)
        except (ValueError, RecursionError) as error:
            raise WireError("broken", "the answer is not JSON") from error

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _pinned(endpoint: Endpoint, tls: ssl.SSLContext | None) -> httpx.BaseTransport:
    """Give a transport that dials this endpoint's addresses, whatever a request says."""
    import httpx

    verify = tls or ssl.create_default_context() if endpoint.scheme == "https" else False
    inner = httpx.HTTPTransport(verify=verify, trust_env=False, uds=endpoint.socket or None)

    class Pinned(httpx.BaseTransport):
        """Dials what was judged; the name stays in the `Host` line and in the check of the certificate."""

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.host != endpoint.host:
                raise httpx.ConnectError(f"a request for {request.url.host} at {endpoint.host}")
            if endpoint.socket:
                return inner.handle_request(request)
            request.extensions = {**request.extensions, "sni_hostname": endpoint.host}
            named = request.url
            for last, address in _marked_last(endpoint.addresses):
                request.url = named.copy_with(host=address)
                try:
                    return inner.handle_request(request)
                except httpx.ConnectError:
                    if last:
                        raise
            raise AssertionError("unreachable: an endpoint has an address")

        def close(self) -> None:
            inner.close()

    return Pinned()


def _marked_last(addresses: tuple[str, ...]) -> Iterator[tuple[bool, str]]:
    for at, address in enumerate(addresses, 1):
        yield at == len(addresses), address


@contextlib.contextmanager
def _troubles() -> Iterator[None]:
    import httpx

    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
        raise WireError("unreachable", _reason(error, "cannot be reached")) from error
    except httpx.TimeoutException as error:
        raise WireError("timeout", "gives no answer") from error
    except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
        raise WireError("broken", _reason(error, "broke off")) from error


def _reason(error: Exception, otherwise: str) -> str:
    return " ".join(str(error).split())[:_SHOWN_CHARS] or otherwise


def _raw(path: str) -> bytes:
    """Give a path as it is sent; what may not stand there as it is (a blank, a letter of no ASCII) is escaped."""
    return quote(path, safe="/?#[]@!$&'()*+,;=%:~-._").encode("ascii")


def _told(body: str) -> str:
    """Give what the body of an error says: `error.message`, `error`, `detail` or the text itself."""
    told: Any = body
    with contextlib.suppress(ValueError, RecursionError):
        told = json.loads(body)
        while isinstance(told, dict):
            told = next((told[key] for key in ("error", "message", "detail") if key in told), "")
    text = told if isinstance(told, str) else json.dumps(told)
    if text.lstrip()[:1] == "<":
        text = "a web page"
    text = " ".join(text.split())[:_SHOWN_CHARS]
    return "".join(sign if sign.isprintable() else "?" for sign in text)

"""Asks a server that holds a model: attempts, patience while it loads, and its failures in words."""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from vaultc.core.errors import ModelError
from vaultc.core.event import Progress, Report, silent
from vaultc.model.remote.wire import Patience, Wire, WireError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.model.remote.endpoint import Endpoint
    from vaultc.model.remote.wire import Reply

_BUSY = frozenset({429, 502, 503, 504})
_CANNOT = frozenset({400, 404, 415, 422, 500, 501})
_MOST_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class RemoteSettings:
    """How a server is asked.

    `served_as` is the model's name there (empty: the only one), `context_tokens` 0 what the server says, `digest`
    what tells this model from others where the person knows it.
    `attempts`: how often a request that got no answer is made in all. `load_s`: how long a server may load its model.
    """

    served_as: str = ""
    context_tokens: int = 0
    key: str = field(default="", repr=False)
    digest: str = ""
    attempts: int = 4
    load_s: float = 1800.0
    patience: Patience = field(default_factory=Patience)


class Clock(Protocol):
    """Time as it is needed here."""

    def monotonic(self) -> float:
        """Give seconds."""
        ...

    def sleep(self, seconds: float, /) -> None:
        """Wait."""
        ...


class ServerError(ModelError):
    """A server gave no answer; its status tells whether it does not know what was asked."""

    status = 0


class Server:
    """A server under OpenAI's paths; without a path of its own, `/v1` is meant."""

    def __init__(
        self, endpoint: Endpoint, settings: RemoteSettings, *, report: Report = silent, clock: Clock = time
    ) -> None:
        self._endpoint = endpoint
        self._settings = settings
        self._base = endpoint.path or "/v1"
        self._wire = Wire(endpoint, key=settings.key, patience=settings.patience)
        self._report = report
        self._clock = clock

    def json(self, method: str, path: str, body: object = None, *, is_own: bool = False) -> Any:  # noqa: ANN401 - JSON
        """Give the JSON that a request is answered with. Raises ModelError; `is_own` as in `opened`."""
        with self.opened(method, path, body, is_own=is_own) as reply:
            data = reply.read()
        try:
            return json.loads(data)
        except (ValueError, RecursionError) as error:
            raise ModelError(f"{self._endpoint} gave no JSON for {path}") from error

    @contextlib.contextmanager
    def opened(self, method: str, path: str, body: object = None, *, is_own: bool = False) -> Iterator[Reply]:
        """Send a request and give its successful answer; leaving the block closes the connection.

        It is sent again where the server was not there, busy or loading: nothing of an answer has been read then.
        `is_own`: the path is the server's own and stands beside `/v1`.

        Raises:
            ServerError: there is no such answer, or it breaks off while it is read in the block.
        """
        whole = (self._base.removesuffix("/v1") if is_own else self._base) + path
        try:
            with contextlib.ExitStack() as stack:
                yield self._reply(stack, method, whole, body)
        except WireError as error:
            failed = ServerError(f"{self._endpoint} {_words(error)}", hint=_hint(error))
            failed.status = error.status
            raise failed from error

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def _reply(self, stack: contextlib.ExitStack, method: str, path: str, body: object) -> Reply:
        began, attempt = self._clock.monotonic(), 0
        while True:
            attempt += 1
            try:
                reply = stack.enter_context(self._wire.open(method, path, body))
                reply.require()
            except WireError as error:
                stack.close()
                waited = self._clock.monotonic() - began
                if _is_loading(error) and waited < self._settings.load_s:
                    self._report(Progress("load model", int(waited), None, str(self._endpoint)))
                    attempt = 0
                    self._clock.sleep(1.0)
                elif attempt < self._settings.attempts and _may_pass(error):
                    self._clock.sleep(min(_MOST_WAIT_S, error.wait_s or 0.5 * 2**attempt))
                else:
                    raise
            else:
                return reply


def cannot(error: ModelError) -> bool:
    """Tell whether a server answered that it does not know, or cannot do, what was asked."""
    return isinstance(error, ServerError) and error.status in _CANNOT


def _is_loading(error: WireError) -> bool:
    return error.status == 503 and "loading model" in error.body.casefold()


def _may_pass(error: WireError) -> bool:
    return error.trouble == "unreachable" or error.status in _BUSY


def _words(error: WireError) -> str:
    match error.trouble:
        case "unreachable":
            return f"cannot be reached: {error}"
        case "status":
            return f"answers {error}"
        case "timeout":
            return "gives no answer in the time it has"
        case _:
            return f"broke off: {error}"


def _hint(error: WireError) -> str | None:
    if error.trouble == "unreachable":
        return "start the server, and check its address in the settings"
    if error.status in {401, 403}:
        return "put its key into a file of mode 600 and name that by `key_file`"
    if error.status == 400 and "context" in error.body.casefold():
        return "let the server open the model with a longer context, and set `context_tokens` to that"
    if 300 <= error.status < 400:
        return "redirects are not followed: give the address that it leads to"
    return None

"""`vaultc serve`: guard, API and lanes put together at a place, until the person ends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vaultc.server.api import EMBEDDINGS, VAULT, Api
from vaultc.server.guard import Asked, Guard, Limits, Refused
from vaultc.server.http import HttpServer
from vaultc.server.lane import Lane, LaneLimits

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from vaultc.app.serving import Served, Token
    from vaultc.core.event import Progress
    from vaultc.server.guard import App, Message, Receive, Scope, Send
    from vaultc.server.place import Place

MCP_PATH = "/mcp"
_END_S = 0.3


class Lanes:
    """The worker for models and the one for what needs none; `report` is given to what is opened for them."""

    def __init__(self, limits: LaneLimits | None = None) -> None:
        self.model = Lane("model", limits)
        self.reading = Lane("reading", limits)

    def report(self, _: Progress) -> None:
        """Stop what is at work in this thread where nobody waits for it."""
        self.model.check()
        self.reading.check()

    def close(self) -> None:
        """Tell everybody who waits, and stop."""
        self.model.close(0)
        self.reading.close(0)

    def __enter__(self) -> Lanes:
        """Give the lanes."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop, and wait a moment for the work to come to its end."""
        self.model.close(_END_S)
        self.reading.close(_END_S)


@dataclass(frozen=True, slots=True)
class Serving:
    """What is served, where, and how a program asks for it."""

    url: str
    socket_path: str | None
    token_file: str
    vault: str
    models: tuple[str, ...]
    has_api: bool = True
    has_mcp: bool = True

    def as_json(self) -> dict[str, Any]:
        """Give it in the form of docs/json.md."""
        return {
            "url": self.url,
            "base_url": f"{self.url}/v1" if self.has_api else None,
            "mcp_url": f"{self.url}{MCP_PATH}" if self.has_mcp else None,
            "socket": self.socket_path,
            "token_file": self.token_file,
            "vault": self.vault,
            "models": list(self.models),
        }


@dataclass(frozen=True, slots=True)
class Options:
    """What a person may set: pages that may ask, limits, and what hears of each request."""

    origins: frozenset[str] = frozenset()
    limits: Limits = field(default_factory=Limits)
    on_asked: Callable[[Asked], None] = lambda _: None
    has_api: bool = True
    has_mcp: bool = True


def build(served: Served, lanes: Lanes, token: Token, place: Place, options: Options) -> tuple[HttpServer, Serving]:
    """Give the server, yet to be run, and what it serves."""
    api = Api(served, lanes.model, lanes.reading) if options.has_api else None
    mcp = None
    if options.has_mcp:
        from vaultc.server.mcp import http_app  # slow to import

        mcp = http_app(served, lanes, MCP_PATH)
    routes = (api.paths if api else frozenset()) | ({MCP_PATH} if mcp else frozenset())
    both = _Both(api, mcp)
    guard = Guard(both, token.secret, place.port, options.origins, options.limits, routes, options.on_asked)
    listed = (*served.models, VAULT, EMBEDDINGS) if api else ()
    path = str(place.socket_path) if place.socket_path is not None else None
    serving = Serving(
        place.url, path, str(token.path), str(served.root), tuple(listed), options.has_api, options.has_mcp
    )
    return HttpServer(guard, place, options.limits, lanes.close), serving


@dataclass(frozen=True, slots=True)
class _Both:
    """The API and MCP beside each other; a server has one of them or both."""

    api: Api | None
    mcp: App | None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" and self.mcp is None:
            await _lifespan(receive, send)
        elif self.mcp is not None and (scope["type"] == "lifespan" or scope["path"] == MCP_PATH):
            await self.mcp(scope, receive, send)
        elif self.api is not None:
            await self.api(scope, receive, send)
        else:
            raise Refused(404, "nothing is served at this path", "not_found")


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message: Message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return

"""`vaultc serve`: guard, API and lanes put together at a place, until the person ends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vaultc.server.api import EMBEDDINGS, VAULT, Api
from vaultc.server.guard import AskedRequest, Guard, Limits, RefusedRequest
from vaultc.server.http import HttpServer

if TYPE_CHECKING:
    from collections.abc import Callable

    from vaultc.app.serving import ServedVault, Token
    from vaultc.server.guard import App, Message, Receive, Scope, Send
    from vaultc.server.lane import Lanes
    from vaultc.server.place import ListenPlace

MCP_PATH = "/mcp"


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
    on_asked: Callable[[AskedRequest], None] = lambda _: None
    has_api: bool = True
    has_mcp: bool = True


def build(
    served: ServedVault, lanes: Lanes, token: Token, place: ListenPlace, options: Options
) -> tuple[HttpServer, Serving]:
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
            raise RefusedRequest(404, "nothing is served at this path", "not_found")


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message: Message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return

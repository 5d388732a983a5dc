"""The tools as an MCP server, over standard input and output or HTTP: the only importer of mcp."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any, Literal

import anyio
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import Field

from vaultc import __version__
from vaultc.core.errors import VaultcError
from vaultc.server.lane import Full, Gone, Stopping
from vaultc.server.mcp_http import HttpGate
from vaultc.server.mcp_stdio import StdioWire
from vaultc.server.tools import MAX_FINDINGS, MAX_PASSAGES, NOTICE, VaultTools

if TYPE_CHECKING:
    from collections.abc import Callable

    from vaultc.app.serving import ServedVault
    from vaultc.server.guard import App
    from vaultc.server.lane import Job, Lane, Lanes
    from vaultc.server.tools import Told

_CLIENT = "mcp"
_INSTRUCTIONS = (
    "Reads the notes of one person, an Obsidian vault; nothing can be written. `search` finds passages, `ask` answers "
    "with checked citations, `read_note` gives a note's text, `findings` lists contradictions and missing links, "
    f"`trace` leads from generated code to notes and back. {NOTICE}"
)


def mcp_server(served: ServedVault, lanes: Lanes) -> MCPServer[Any]:
    """Give the MCP server of a vault."""
    server: MCPServer[Any] = MCPServer(
        "vaultc", instructions=_INSTRUCTIONS, version=__version__, log_level="CRITICAL", subscriptions=False
    )
    tools = VaultTools(served)

    async def search(
        query: Annotated[str, Field(description="Words, in any language of the notes.")],
        limit: Annotated[int, Field(description=f"How many passages, at most {MAX_PASSAGES}.")] = 8,
    ) -> CallToolResult:
        return await _run(lanes.reading, lambda job: tools.search(job, query, limit))

    async def read_note(
        path: Annotated[str, Field(description="The note's path from the vault's root, or its name.")],
        first_line: Annotated[int, Field(description="The line to begin with, from 1.")] = 1,
    ) -> CallToolResult:
        return await _run(lanes.reading, lambda job: tools.read_note(job, path, first_line))

    async def ask(question: Annotated[str, Field(description="A question, in any language.")]) -> CallToolResult:
        return await _run(lanes.model, lambda job: tools.ask(job, question))

    async def trace(
        place: Annotated[str, Field(description="`path:line` of a note, or of a file that a compile wrote.")],
    ) -> CallToolResult:
        return await _run(lanes.reading, lambda job: tools.trace(job, place))

    async def findings(
        kind: Literal["contradictions", "links"],
        topic: Annotated[str, Field(description="Only findings whose words have all of these.")] = "",
        limit: Annotated[int, Field(description=f"How many, at most {MAX_FINDINGS}.")] = 20,
    ) -> CallToolResult:
        return await _run(lanes.reading, lambda job: tools.findings(job, kind, topic, limit))

    described: dict[Callable[..., Any], str] = {
        search: "Find passages of the notes, the best first, each with its place.",
        read_note: "Read a note as it is on disk; a long one in parts.",
        ask: "Answer a question from the notes. Each sentence carries a citation that was checked.",
        trace: "Say which words of notes a line of generated code leans on, or what leans on a line of a note.",
        findings: "List where notes contradict each other, or where a name of a note stands without a link.",
    }
    for tool, description in described.items():
        hints = ToolAnnotations(
            read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
        )
        server.add_tool(tool, description=description, annotations=hints, structured_output=False)
    return server


def http_app(served: ServedVault, lanes: Lanes, path: str) -> App:
    """Give MCP over HTTP at `path`, to stand behind the guard, which has looked at Host, Origin and token."""
    settings = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    app: Any = mcp_server(served, lanes).streamable_http_app(
        streamable_http_path=path, json_response=True, stateless_http=True, transport_security=settings
    )
    return HttpGate(app)


def run_stdio(served: ServedVault, lanes: Lanes) -> None:
    """Serve over standard input and output until one of them ends. What else is printed goes to standard error."""
    server = mcp_server(served, lanes)._lowlevel_server  # the outer one takes no streams
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)

    async def serve() -> None:
        wire: Any = StdioWire(source, sink)
        async with stdio_server(wire, wire) as (reading, writing):
            await server.run(reading, writing, server.create_initialization_options())

    anyio.run(serve)


async def _run(lane: Lane, work: Callable[[Job], Told]) -> CallToolResult:
    try:
        job = lane.submit(_CLIENT, work)
    except Full as full:
        raise ToolError(f"too many requests wait: ask again in {full.retry_after} s") from None
    except Stopping:
        raise ToolError("the server is ending") from None
    try:
        told = await job.result()
    except VaultcError as error:
        raise ToolError(f"{error.message} ({error.hint})" if error.hint else error.message) from None
    except (Gone, Stopping):
        raise ToolError("the answer was broken off") from None
    finally:
        lane.leave(job)
    text = TextContent(type="text", text=told.text)
    return CallToolResult(content=[text], structured_content={"version": 1, **told.document})

"""What `vaultc serve` and `vaultc mcp --http` say: what is served, where, how to attach, and each request."""

from __future__ import annotations

import shlex
import time
from typing import TYPE_CHECKING

from vaultc.cli.render import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.server.guard import AskedRequest
    from vaultc.server.run import Serving


def start_lines(serving: Serving) -> Iterator[str]:
    """Give what a person reads first. The token itself is never shown."""
    where = serving.url if serving.socket_path is None else f"{serving.socket_path} (a socket file)"
    file = shlex.quote(plain(serving.token_file))
    yield f"vault    {plain(serving.vault)}"
    yield f"serving  {plain(where)}"
    if serving.has_api:
        yield f"models   {plain(', '.join(serving.models))}"
    yield f"token    {plain(serving.token_file)} (readable by you only)"
    yield ""
    yield "attach a program:"
    if serving.socket_path is None:
        yield from _attach(serving, file)
    else:
        path = "v1/models" if serving.has_api else "mcp"
        socket = shlex.quote(plain(serving.socket_path))
        yield f'  curl     curl --unix-socket {socket} -H "Authorization: Bearer $(cat {file})" {serving.url}/{path}'
    yield ""
    yield "Ctrl-C ends it"


def _attach(serving: Serving, file: str) -> Iterator[str]:
    if serving.has_api:
        yield f'  any      base URL {serving.url}/v1, API key: the text of the token file, model "vault"'
        base = f"OPENAI_API_BASE={serving.url}/v1 OPENAI_API_KEY=$(cat {file})"
        yield f"  aider    {base} aider --model openai/{_model(serving)}"
        yield f'  curl     curl -H "Authorization: Bearer $(cat {file})" {serving.url}/v1/models'
    if serving.has_mcp:
        yield f'  MCP      {serving.url}/mcp, header "Authorization: Bearer <token>"; or the command `vaultc mcp`'


def _model(serving: Serving) -> str:
    return plain(shlex.quote(serving.models[0]))


def request_line(asked: AskedRequest) -> str:
    """Give one line for a request: time, what was asked for, how it ended. Nothing of what was said."""
    about = f"  {plain(asked.about)}" if asked.about else ""
    error = f"  {plain(asked.error)}" if asked.error else ""
    status = "left" if asked.status == 499 else str(asked.status)
    what = f"{asked.method} {plain(asked.path)}"
    return f"{time.strftime('%H:%M:%S')}  {what}  {status}  {asked.seconds:.2f} s{about}{error}"

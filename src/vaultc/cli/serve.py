"""`vaultc serve`: the models and the vault for other programs of this machine."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vaultc.cli import options

if TYPE_CHECKING:
    from collections.abc import Callable

    from vaultc.server.guard import AskedRequest
    from vaultc.server.run import Options, Serving

Host = Annotated[str, typer.Option("--host", help="The address: 127.0.0.1, ::1 or localhost. No other is served.")]
Port = Annotated[int | None, typer.Option("--port", help="The port; 0 takes a free one. Default: 8407.")]
Socket = Annotated[
    Path | None, typer.Option("--socket", metavar="PATH", help="A socket file (mode 0600) in place of a port.")
]
Origins = Annotated[
    list[str] | None,
    typer.Option("--allow-origin", metavar="ORIGIN", help="A page that may ask, such as app://obsidian.md."),
]
NewToken = Annotated[
    bool, typer.Option("--new-token", help="Make a new token; programs that have the old one lose it.")
]

_CLOSE_S = 0.3


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("serve")(serve)


def serve(
    folder: options.VaultArgument = None,
    vault: options.Vault = None,
    host: Host = "127.0.0.1",
    port: Port = None,
    socket: Socket = None,
    allow_origin: Origins = None,
    new_token: NewToken = False,
    model: options.Model = None,
    n_gpu_layers: options.GpuLayers = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Serve an OpenAI-compatible API and MCP on this machine alone, until Ctrl-C.

    The model `vault` answers from the notes, with citations; the other ones are the models that the settings name.
    Each program needs the token of the file that is named on the terminal.

    Example: vaultc serve ~/notes
    """
    from vaultc.server.run import Options

    vault = options.one_vault(folder, vault)
    flags: dict[str, object] = {"model.path": model, "model.n_gpu_layers": n_gpu_layers}
    chosen = Options(origins=frozenset(allow_origin or ()), on_asked=shower(as_json=as_json, quiet=quiet))
    run_server(vault, flags, (host, port, socket), chosen, new_token=new_token, as_json=as_json)


def run_server(
    vault: Path | None,
    flags: dict[str, object],
    where: tuple[str, int | None, Path | None],
    chosen: Options,
    *,
    new_token: bool,
    as_json: bool,
) -> None:
    """Open the vault, listen, say what is served, and serve until the person ends it."""
    from vaultc.app.serving import ServedVault, serve_token
    from vaultc.cli.render import say
    from vaultc.server.lane import Lanes
    from vaultc.server.place import DEFAULT_PORT, listening
    from vaultc.server.run import build

    host, port, socket = where
    if socket is not None and port is not None:
        raise typer.BadParameter("give --port or --socket, not both")
    with listening(host, DEFAULT_PORT if port is None else port, socket) as place:
        token = serve_token(renew=new_token)
        lanes = Lanes()
        served = ServedVault.open(vault, flags, lanes.report)
        try:
            with lanes:
                server, serving = build(served, lanes, token, place, chosen)
                server.run(lambda: _show_start(serving, as_json=as_json))
        finally:
            served.close(_CLOSE_S)
    if not as_json:
        say("ended")
    gc.freeze()  # else the interpreter looks for cycles among all modules before it ends: most of a second


def _show_start(serving: Serving, *, as_json: bool) -> None:
    from vaultc.cli.render import print_json_line, say
    from vaultc.cli.serve_view import start_lines

    if as_json:
        print_json_line(serving.as_json())
    else:
        say("\n".join(start_lines(serving)))


def shower(*, as_json: bool, quiet: bool) -> Callable[[AskedRequest], None]:
    """Give what shows each request."""
    from vaultc.cli.render import print_json_line, say
    from vaultc.cli.serve_view import request_line

    def show(asked: AskedRequest) -> None:
        if as_json:
            print_json_line(asked.as_json())
        elif not quiet or asked.error:
            say(request_line(asked))

    return show

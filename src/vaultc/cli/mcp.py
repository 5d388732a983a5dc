"""`vaultc mcp`: the vault as tools for an assistant."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from vaultc.cli import options
from vaultc.cli.serve import Host, NewToken, Origins, Port, Socket

_INTERRUPTED = 130


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("mcp")(mcp)


def mcp(
    folder: options.VaultArgument = None,
    vault: options.Vault = None,
    http: Annotated[
        bool, typer.Option("--http", help="Serve over HTTP in place of standard input and output.")
    ] = False,
    host: Host = "127.0.0.1",
    port: Port = None,
    socket: Socket = None,
    allow_origin: Origins = None,
    new_token: NewToken = False,
    model: options.Model = None,
    n_gpu_layers: options.GpuLayers = None,
    quiet: options.Quiet = False,
) -> None:
    """Give an assistant tools that read the vault: search, read_note, ask, trace, findings. Nothing can be written.

    An assistant starts it itself; standard output carries the protocol and nothing else.

    Example: vaultc mcp ~/notes
    """
    from vaultc.cli.serve import run_server, shower
    from vaultc.server.run import Options

    flags: dict[str, object] = {"model.path": model, "model.n_gpu_layers": n_gpu_layers}
    vault = options.one_vault(folder, vault)
    if not http:
        if port is not None or socket is not None:
            raise typer.BadParameter("--port and --socket need --http")
        _stdio(vault, flags)
        return
    chosen = Options(frozenset(allow_origin or ()), on_asked=shower(as_json=False, quiet=quiet), has_api=False)
    run_server(vault, flags, (host, port, socket), chosen, new_token=new_token, as_json=False)


def _stdio(vault: Path | None, flags: dict[str, object]) -> None:
    from vaultc.app.serving import ServedVault
    from vaultc.server.lane import Lanes
    from vaultc.server.mcp import run_stdio

    lanes = Lanes()

    def end(*_: object) -> None:
        """End at once: a thread waits for standard input, and nothing else would end it."""
        lanes.close()
        sys.stderr.write("interrupted\n")
        os._exit(_INTERRUPTED)

    before = {sent: signal.signal(sent, end) for sent in (signal.SIGINT, signal.SIGTERM)}
    try:
        served = ServedVault.open(vault, flags, lanes.report)
        try:
            with lanes:
                run_stdio(served, lanes)
        finally:
            served.close()
    finally:
        for sent, handler in before.items():
            signal.signal(sent, handler)

"""Models and stores that a server holds: which server the settings mean, and its key."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from vaultc.core.errors import UsageError
from vaultc.core.event import Report, silent
from vaultc.disk.policy import expanded
from vaultc.disk.read import opened
from vaultc.model.remote.endpoint import allowed_endpoint

if TYPE_CHECKING:
    from vaultc.config import Config, ModelEntry
    from vaultc.model.protocols import ChatModel
    from vaultc.model.remote.embedder import RemoteEmbedder
    from vaultc.model.remote.endpoint import Endpoint
    from vaultc.model.remote.server import RemoteSettings

_TOP_KEY_BYTES = 4096


def open_remote(config: Config, name: str, report: Report = silent) -> ChatModel:
    """Open the model of an entry of `[models]` that a server holds; nothing is connected yet.

    Raises:
        UsageError: the server may not be connected to, or its key cannot be read.
    """
    from vaultc.model.remote.chat import RemoteModel

    entry = config.models[name]
    endpoint = allowed_endpoint(entry.url, config.network.allow_hosts, setting=f"models.{name}.url")
    return RemoteModel(endpoint, remote_settings(name, entry), report=report)


def open_remote_embedder(config: Config, name: str, *, query_prefix: str = "") -> RemoteEmbedder:
    """Open the embedder of an entry of `[models]` that a server holds; nothing is connected yet. Raises UsageError."""
    from vaultc.model.remote.embedder import RemoteEmbedder

    entry = config.models[name]
    endpoint = allowed_endpoint(entry.url, config.network.allow_hosts, setting=f"models.{name}.url")
    return RemoteEmbedder(endpoint, remote_settings(name, entry), query_prefix=query_prefix)


def chroma_server(config: Config) -> Endpoint | None:
    """Give the Chroma server of the settings, None where vectors are kept here. Raises UsageError."""
    if not config.search.chroma_url:
        return None
    setting = "search.chroma_url"
    server = allowed_endpoint(config.search.chroma_url, config.network.allow_hosts, setting=setting)
    if server.socket or server.path:
        raise UsageError(f'"{server}" in {setting}: a Chroma server is reached by http://host:port')
    return server


def remote_settings(name: str, entry: ModelEntry) -> RemoteSettings:
    """Give how the server of an entry is asked. Raises UsageError where the file of its key cannot be used."""
    from vaultc.model.remote.server import RemoteSettings

    key = read_key(Path(entry.key_file), f"models.{name}.key_file") if entry.key_file else ""
    return RemoteSettings(entry.served_as, entry.context_tokens, key, entry.digest)


def read_key(path: Path, setting: str) -> str:
    """Give the key in a file that nobody else can read. Raises UsageError, which never shows the key."""
    path = expanded(path)
    try:
        with opened(path) as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(_TOP_KEY_BYTES + 1)
    except OSError as error:
        raise UsageError(f'cannot read the key in "{path}" ({setting}): {error.strerror}') from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError(f'the key in "{path}" ({setting}) can be read by others', hint=f'run `chmod 600 "{path}"`')
    if len(data) > _TOP_KEY_BYTES:
        raise UsageError(f'"{path}" ({setting}) is too long for a key', hint="the file holds the key and nothing else")
    key = data.strip()
    if not key or any(not 32 < sign < 127 for sign in key):
        raise UsageError(f'"{path}" ({setting}) does not hold a key', hint="the file holds the key and nothing else")
    return key.decode("ascii")

"""Which model a command uses, and what a GGUF says of itself."""

from __future__ import annotations

import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaultc.app.session import settings_for
from vaultc.core.errors import UsageError
from vaultc.model.spec import find_model, starter_model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.app.runs import Run
    from vaultc.app.session import Session
    from vaultc.index.catalog import Catalog
    from vaultc.model.protocols import ChatModel

_DIGEST = "model-digest:"


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model that could run."""

    name: str
    path: str
    architecture: str
    parameters: int
    file_bytes: int
    context_tokens: int
    source: str

    def as_json(self) -> dict[str, Any]:
        """Give the model in the form of docs/json.md."""
        return {
            "name": self.name,
            "path": self.path,
            "architecture": self.architecture,
            "parameters": self.parameters,
            "file_bytes": self.file_bytes,
            "context_tokens": self.context_tokens,
            "source": self.source,
        }

    def row(self) -> tuple[str, ...]:
        """Give the cells of a table."""
        size = f"{self.parameters / 1e9:.2f} B" if self.parameters >= 10**9 else f"{self.parameters / 1e6:.0f} M"
        return (self.name, self.architecture, size, f"{self.context_tokens:,}", self.path, self.source)


def open_model(session: Session, catalog: Catalog, run: Run, *, hand: bool = False) -> ChatModel | None:
    """Open the model that the settings name, its calls recorded in `run`; None where there is none.

    Nothing is loaded before the first call. With `hand`, the model for code, or None where none is set.

    Raises:
        UsageError: the path named is not there.
        ModelError: it is not a model.
    """
    from vaultc.model.record import Recorder

    config = session.settings.config.model
    if hand and not config.hand:
        return None
    choice = find_model(None, {}, config.hand if hand else config.path)
    if choice is None:
        return None
    model: ChatModel
    if choice.kind == "script":
        from vaultc.model.scripted import FolderScript

        model = FolderScript(choice.path)
    else:
        from vaultc.model.host import LlamaHost
        from vaultc.model.llama_settings import LlamaSettings

        settings = LlamaSettings(
            gpu_layers=config.n_gpu_layers,
            context_tokens=config.context_tokens or None,
            threads=config.threads or None,
        )
        model = LlamaHost(choice.path, settings, report=session.report, digests=_Digests(catalog))
    return Recorder(model, run.write, time.time)


class _Digests(MutableMapping[str, str]):
    """Digests of model files, kept in the catalog: a file of 100 GB is not read for every question."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def __getitem__(self, key: str) -> str:
        value = self._catalog.setting(_DIGEST + key)
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key: str, value: str) -> None:
        self._catalog.set_setting(_DIGEST + key, value)

    def __delitem__(self, key: str) -> None:
        self._catalog.set_setting(_DIGEST + key, None)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def known_models(vault: Path | None) -> list[KnownModel]:
    """Give the models that are configured or installed, the one that would run first."""
    config = settings_for(vault).config.model
    found: list[KnownModel] = []
    for text in (config.path, config.hand):
        choice = find_model(None, {}, text) if text else None
        if choice is not None and choice.kind == "gguf":
            found.append(read_model(choice.path, "setting"))
    starter = starter_model()
    if starter is not None and all(Path(model.path) != starter for model in found):
        found.append(read_model(starter, "starter"))
    return found


def read_model(path: str | Path, source: str = "file") -> KnownModel:
    """Give what the header of the GGUF at `path` says. Raises UsageError or ModelError."""
    from vaultc.model.gguf import read_header

    choice = find_model(str(path), {}, None)
    if choice is None or choice.kind != "gguf":
        raise UsageError(f'"{path}" is not a GGUF file')
    header = read_header(choice.path)
    return KnownModel(
        header.name or choice.path.stem,
        str(choice.path),
        header.architecture,
        header.parameters,
        choice.path.stat().st_size,
        header.context_length,
        source,
    )

"""Which models there are, and what a GGUF says of itself."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vaultc.app.models.pulling import models_folder
from vaultc.app.session import settings_for
from vaultc.core.errors import ModelError, UsageError
from vaultc.model.file.spec import find_model, is_later_part, starter_model


@dataclass(frozen=True, slots=True)
class ListedModel:
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
        if not self.parameters:
            return (self.name, self.architecture, "", f"{self.context_tokens:,}", self.path, self.source)
        size = f"{self.parameters / 1e9:.2f} B" if self.parameters >= 10**9 else f"{self.parameters / 1e6:.0f} M"
        return (self.name, self.architecture, size, f"{self.context_tokens:,}", self.path, self.source)


def known_models(vault: Path | None) -> list[ListedModel]:
    """Give the models that are configured, installed or pulled, the one that would run first.

    One that a server holds is named as the settings do; nothing is connected to.
    """
    config = settings_for(vault).config
    found: dict[str, ListedModel] = {}
    for text in (config.model.path, config.model.hand):
        choice = find_model(None, {}, text) if text and text not in config.models else None
        if choice is not None and choice.kind == "gguf":
            found.setdefault(str(choice.path), read_model(choice.path, "setting"))
    starter = starter_model()
    if starter is not None:
        found.setdefault(str(starter), read_model(starter, "starter"))
    for name, entry in config.models.items():
        if entry.url:
            found[name] = ListedModel(
                entry.served_as or name, entry.url, "", 0, 0, entry.context_tokens, f"models.{name}"
            )
        elif entry.path and Path(entry.path).expanduser().is_file():
            found.setdefault(str(Path(entry.path).expanduser()), read_model(entry.path, f"models.{name}"))
    for path in pulled_models(models_folder(config, os.environ)):
        found.setdefault(str(path), _pulled(path))
    return list(found.values())


def _pulled(path: Path) -> ListedModel:
    try:
        return read_model(path, "pulled")
    except ModelError:  # one bad file among many
        return ListedModel(path.stem, str(path), "unreadable", 0, path.stat().st_size, 0, "pulled")


def pulled_models(folder: Path) -> list[Path]:
    """Give the GGUFs below `folder`; of a split model the first part."""
    found = (path for path in sorted(folder.glob("*/*/**/*.gguf")) if path.is_file())
    return [path for path in found if not is_later_part(path)]


def read_model(path: str | Path, source: str = "file") -> ListedModel:
    """Give what the header of the GGUF at `path` says. Raises UsageError or ModelError."""
    from vaultc.model.file.gguf import read_header

    choice = find_model(str(path), {}, None)
    if choice is None or choice.kind != "gguf":
        raise UsageError(f'"{path}" is not a GGUF file')
    header = read_header(choice.path)
    return ListedModel(
        header.name or choice.path.stem,
        str(choice.path),
        header.architecture,
        header.parameters,
        choice.path.stat().st_size,
        header.context_length,
        source,
    )

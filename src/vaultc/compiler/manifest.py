"""What a compile wrote, from what: digests and the bytes last generated, in the state of the vault.

A manifest decides what may be replaced and removed, so it is believed only where this machine made it.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from vaultc.compiler.naming import snake
from vaultc.core.digest import Digest, digest_bytes, digest_text
from vaultc.core.endings import is_canvas_path
from vaultc.core.errors import VaultError
from vaultc.core.source import vault_path
from vaultc.disk.write import read_bytes, remove, write_atomic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vaultc.core.source import VaultPath
    from vaultc.disk.policy import Root
    from vaultc.disk.seal import Seal

_VERSION = 2
_UNITS = "units"
VAULT, OUT = "vault", "out"
MOST_OUTS = 16
"""How many output folders of an idea are remembered beside the one used last."""


def unit_folder(idea: VaultPath) -> str:
    """Give the folder of a unit below the state: readable, and one for each path."""
    return f"{_UNITS}/{snake(PurePosixPath(idea).stem)}-{digest_text(idea).partition(':')[2][:8]}"


@dataclass(frozen=True, slots=True)
class Written:
    """What was last written, by key: `vault:<path>` and `out:<path>`.

    `files` are digests of what vaultc generated last and put in place; `pending` of what it was about to put in
    place when it was last started (a file that carries one of these is ours, whatever became of the run); `laid`
    of new versions laid beside a file that a person had changed; `gone` are keys of files that a person deleted.
    """

    files: Mapping[str, Digest] = field(default_factory=dict)
    pending: Mapping[str, Digest] = field(default_factory=dict)
    laid: Mapping[str, Digest] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()

    def part(self, kind: str) -> Written:
        """Give what of it lies in the vault, or in the output folder."""
        files, pending, laid = (
            {key: item for key, item in kept.items() if key.startswith(f"{kind}:")}
            for kept in (self.files, self.pending, self.laid)
        )
        return Written(files, pending, laid, frozenset(key for key in self.gone if key.startswith(f"{kind}:")))

    def with_part(self, other: Written) -> Written:
        """Give both together."""
        return Written(
            {**self.files, **other.files},
            {**self.pending, **other.pending},
            {**self.laid, **other.laid},
            self.gone | other.gone,
        )

    def as_json(self) -> dict[str, Any]:
        """Give it as it is kept."""
        found = {name: dict(sorted(getattr(self, name).items())) for name in ("files", "pending", "laid")}
        return {**found, "gone": sorted(self.gone)}


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was written of an idea: into the vault and into the folder `out`, and earlier into `others`, oldest first.

    Folders inside the vault are named from its root, so that a vault can be moved.
    """

    idea: VaultPath
    out: str
    now: Written = field(default_factory=Written)
    others: Mapping[str, Written] = field(default_factory=dict)

    def is_ours(self, key: str, data: bytes) -> bool:
        """Tell whether `data` is exactly what vaultc put, or was about to put, at `key`, and says so itself."""
        digest = digest_bytes(data)
        return digest in (self.now.files.get(key), self.now.pending.get(key)) and bears_mark(key, data)

    def for_out(self, out: str) -> Manifest:
        """Give the manifest for a compile into `out`: with what was put there before, if anything was."""
        if out == self.out:
            return self
        others = {name: kept for name, kept in self.others.items() if name != out}
        left = self.now.part(OUT)
        if self.out and (left.files or left.pending):
            others[self.out] = left
        kept = dict(list(others.items())[-MOST_OUTS:])
        return Manifest(self.idea, out, self.now.part(VAULT).with_part(self.others.get(out, Written())), kept)

    def digests(self) -> set[Digest]:
        """Give the digests of all files that were generated last, wherever they were put."""
        return {digest for kept in (self.now, *self.others.values()) for digest in kept.files.values()}

    def vault_paths(self) -> Iterator[VaultPath]:
        """Give the paths of the vault where something that vaultc generated lies, or was about to be put."""
        for out, kept in ((self.out, self.now), *self.others.items()):
            for key in {**kept.files, **kept.pending}:
                kind, _, path = key.partition(":")
                if kind == VAULT:
                    yield vault_path(path)
                elif out and not Path(out).is_absolute():
                    yield vault_path(f"{out}/{path}")


def bears_mark(key: str, data: bytes) -> bool:
    """Tell whether the bytes of a file say that vaultc wrote them: notes by their properties, canvases by a key.

    Files of the output folder bear no mark: of them the manifest alone tells.
    """
    if not key.startswith(f"{VAULT}:"):
        return True
    if is_canvas_path(key):
        return b'"vaultc-kind"' in data
    return data.startswith(b"---\n") and b"\nvaultc-kind:" in b"\n" + data.partition(b"\n---\n")[0]


def load_manifest(state: Root, seal: Seal, idea: VaultPath) -> Manifest | None:
    """Give the manifest of a unit; None where there is none that this machine made."""
    return _manifest_in(state, seal, unit_folder(idea))


def has_units(state: Root) -> bool:
    """Tell whether any idea was compiled: if not, nobody need ask for the key of this machine."""
    return (state.path / _UNITS).is_dir()


def load_manifests(state: Root, seal: Seal) -> Iterator[Manifest]:
    """Give the manifests of all ideas that this machine compiled."""
    folder = state.path / _UNITS
    for name in sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []:
        manifest = _manifest_in(state, seal, f"{_UNITS}/{name}")
        if manifest is not None:
            yield manifest


def load_map(state: Root, seal: Seal, idea: VaultPath) -> Any:  # noqa: ANN401 - any JSON value
    """Give the map of a unit; None where there is none that this machine made."""
    return _opened(state, seal, ("map", unit_folder(idea)), f"{unit_folder(idea)}/map.json")


def save_manifest(state: Root, seal: Seal, idea: VaultPath, manifest: Manifest) -> None:
    """Keep the manifest; a manifest that is there already as it should be is not written."""
    value = {
        "version": _VERSION,
        "idea": manifest.idea,
        "out": manifest.out,
        **manifest.now.as_json(),
        "others": [[name, kept.as_json()] for name, kept in manifest.others.items()],
    }
    _save(state, seal, ("manifest", unit_folder(idea)), f"{unit_folder(idea)}/manifest.json", value)


def save_map(state: Root, seal: Seal, idea: VaultPath, value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Keep the map of a unit, from which its lines are traced."""
    _save(state, seal, ("map", unit_folder(idea)), f"{unit_folder(idea)}/map.json", value)


def keep_base(state: Root, idea: VaultPath, data: bytes) -> None:
    """Keep generated bytes: the base of a later comparison with what a person made of them."""
    path = f"{unit_folder(idea)}/base/{_base_name(digest_bytes(data))}"
    if read_bytes(state, path) != data:
        write_atomic(state, path, data, mode=0o600)


def drop_bases(state: Root, idea: VaultPath, manifest: Manifest) -> None:
    """Let go of all bytes that no file is based on, those that a killed run left among them.

    Call it with the lock of the vault held.
    """
    folder = f"{unit_folder(idea)}/base"
    wanted = {_base_name(digest) for digest in manifest.digests()}
    here = state.path / folder
    for name in sorted(path.name for path in here.iterdir()) if here.is_dir() else []:
        if name not in wanted:
            with contextlib.suppress(VaultError):  # what is no file is none of ours
                remove(state, f"{folder}/{name}")


def _base_name(digest: Digest) -> str:
    return digest.partition(":")[2]


def _manifest_in(state: Root, seal: Seal, folder: str) -> Manifest | None:
    value = _opened(state, seal, ("manifest", folder), f"{folder}/manifest.json")
    if value is None or value["version"] != _VERSION:
        return None
    others = {name: _written(kept) for name, kept in value["others"]}
    return Manifest(value["idea"], value["out"], _written(value), others)


def _written(value: dict[str, Any]) -> Written:
    return Written(value["files"], value["pending"], value["laid"], frozenset(value["gone"]))


def _opened(state: Root, seal: Seal, use: tuple[str, str], path: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return seal.opened(use, read_bytes(state, path))
    except VaultError:
        return None  # a link or a device stands there: nothing that we wrote


def _save(state: Root, seal: Seal, use: tuple[str, str], path: str, value: Any) -> None:  # noqa: ANN401
    data = seal.closed(use, value)
    if read_bytes(state, path) != data:
        write_atomic(state, path, data, mode=0o600)

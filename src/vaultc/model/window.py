"""The effective context window of a model: how long a prompt may be so that it is still read reliably.

`vaultc model check` measures it. It is kept by the model's file, the type of its KV cache and its adapters, in the
state of the vault whose text it was measured with.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from vaultc.core.digest import Digest, canonical_json, digest_json
from vaultc.core.errors import VaultError
from vaultc.core.strict_json import NotJsonError, parse_object
from vaultc.disk.write import read_bytes, write_atomic
from vaultc.model.wrapped import Wrapped

if TYPE_CHECKING:
    from vaultc.disk.policy import Root
    from vaultc.disk.seal import Seal
    from vaultc.model.protocols import ChatModel, ModelSpec

FOLDER = "context"
"""The folder in the state where checks of models are kept."""
_FILE = f"{FOLDER}/windows.json"
_SETTINGS = ("type_k", "type_v", "loras")


@dataclass(frozen=True, slots=True)
class Window:
    """What a check has shown: the longest prompt that passed (0: none), and the longest that was tried."""

    tokens: int
    tried_tokens: int
    model: str


def window_key(spec: ModelSpec) -> Digest:
    """Give the digest of all that the window of a model depends on: its file, KV type and adapters."""
    return digest_json([spec.digest, *(spec.settings.get(name) for name in _SETTINGS)])


class WindowStore:
    """The windows that checks have shown, in a vault's state."""

    def __init__(self, root: Root, seal: Seal) -> None:
        self._root, self._seal = root, seal

    def window_of(self, spec: ModelSpec) -> Window | None:
        """Give the window of a model; None where no check on this machine has shown one."""
        found: Any = self._read().get(window_key(spec))
        try:
            window = Window(int(found["tokens"]), int(found["tried_tokens"]), str(found["model"]))
            is_ours = self._seal.bears(*_sealed(spec, window), str(found["seal"]))
        except (KeyError, TypeError, ValueError):
            return None
        return window if is_ours and 0 <= window.tokens <= window.tried_tokens else None

    def put(self, spec: ModelSpec, window: Window) -> Window:
        """Keep `window`, and give what is kept now.

        A check of shorter prompts that all passed takes nothing from what a check of longer ones has shown.
        """
        old = self.window_of(spec)
        if old is not None and window.tokens == window.tried_tokens < old.tokens:
            return old
        kept = {**asdict(window), "seal": self._seal.mark(*_sealed(spec, window))}
        document = {**self._read(), window_key(spec): kept}
        data = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
        write_atomic(self._root, _FILE, data.encode("utf-8", "surrogatepass"), mode=0o600)
        return window

    def _read(self) -> dict[str, Any]:
        try:
            return parse_object(read_bytes(self._root, _FILE) or b"{}")
        except (VaultError, NotJsonError):
            return {}  # what was measured is measured again


def _sealed(spec: ModelSpec, window: Window) -> tuple[tuple[str, str], bytes]:
    """Give what the seal of a window is made of: what it is for, and what it says."""
    return ("window", window_key(spec)), canonical_json(asdict(window)).encode("utf-8", "surrogatepass")


def unchecked_note(spec: ModelSpec) -> str:
    """Give what a person should know of a model whose context is not filled; empty where there is nothing to know."""
    if spec.working_tokens >= spec.context_tokens:
        return ""
    filled = f"{spec.working_tokens:,} of the {spec.context_tokens:,} tokens of {spec.name} are filled"
    if spec.window_tokens is None:
        return f"{filled}: it was never checked how many it reads reliably; `vaultc model check` measures it"
    return f"{filled}: `vaultc model check` has shown that it reads no more reliably"


class Windowed(Wrapped):
    """A model, with the window that was measured for it in its `spec`."""

    def __init__(self, model: ChatModel, window: Window | None) -> None:
        super().__init__(model)
        self._window = window

    @property
    def spec(self) -> ModelSpec:
        """Which model it is, and how much it reads reliably."""
        spec = self._model.spec
        return spec if self._window is None else replace(spec, window_tokens=self._window.tokens)

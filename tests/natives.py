"""Tests that start llama.cpp, Chroma or a box, and the guard that finds one that does so unmarked.

`make check` leaves out what is marked `native`: it runs where llama.cpp was never built.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.machinery import ModuleSpec

PACKAGES = {"chromadb", "llama_cpp"}
MODULES = {"vaultc", "vaultc.index.vectors", "vaultc.model.process.child", "vaultc.disk.box"}
"""What starts them as a process: vaultc itself too, for all that it may start."""
FOLDERS = {"acceptance", "faults"}
"""Whole folders whose tests run vaultc as a process of its own, with all that it starts."""
FIXTURES = {"starter", "pretend_gpu", "indexed", "example_index", "server"}
"""What none can have without starting one."""


def is_native(item: pytest.Item) -> bool:
    """Tell whether the test says that it starts one of them."""
    marked = any(item.get_closest_marker(name) for name in ("native", "model"))
    return marked or item.path.parent.name in FOLDERS or bool(FIXTURES & set(getattr(item, "fixturenames", ())))


class _Refusing:
    """A finder that gives the packages to nobody."""

    def __init__(self, breaches: list[str]) -> None:
        self._breaches = breaches

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Refuse the packages; leave every other to the next finder."""
        if name.partition(".")[0] in PACKAGES:
            self._breaches.append(f"import {name}")
            raise ImportError(f"{name} is not for a test that is not marked native")
        return None


def _started(arguments: Any) -> str | None:
    """Give what of ours a command line starts."""
    words = [arguments] if isinstance(arguments, str | bytes | os.PathLike) else list(arguments)
    for word in map(os.fsdecode, words):
        name = word.removesuffix(".py").replace(os.sep, ".")
        if name in MODULES or name.endswith(".vaultc.disk.box"):  # the box is started as a script
            return name
        if "import llama_cpp" in word or "import chromadb" in word:
            return word
    return None


@contextlib.contextmanager
def refused() -> Iterator[None]:
    """Refuse llama.cpp, Chroma and boxes while the block runs; fail at its end even where the refusal was swallowed."""
    breaches: list[str] = []
    real = subprocess.Popen.__init__

    def start(self: subprocess.Popen[Any], args: Any, *rest: Any, **named: Any) -> None:
        found = _started(args)
        if found is not None:
            breaches.append(f"python … {found}")
            raise PermissionError(f"{found} is not for a test that is not marked native")
        real(self, args, *rest, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess.Popen, "__init__", start)
        patch.setattr(sys, "meta_path", [_Refusing(breaches), *sys.meta_path])
        yield
    assert not breaches, f"mark this test native (tests/natives.py): {sorted(set(breaches))}"

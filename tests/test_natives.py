"""A test that starts llama.cpp, Chroma or a box and does not say so is found, whoever swallows the refusal."""

from __future__ import annotations

import contextlib
import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from natives import refused

from vaultc.disk import box


@pytest.mark.parametrize(
    "arguments",
    [
        ["-m", "vaultc.index.vectors"],
        ["-P", "-m", "vaultc.model.process.child", "--die-with-parent"],
        ["-I", "-S", str(Path(box.__file__)), "{}"],
        ["-m", "vaultc", "--version"],
        ["-c", "import llama_cpp"],
    ],
    ids=["Chroma", "llama.cpp", "a box", "vaultc", "a library"],
)
def test_a_process_is_refused(arguments: list[str]) -> None:
    with pytest.raises(AssertionError, match="mark this test native"), refused(), contextlib.suppress(OSError):
        subprocess.run([sys.executable, *arguments], check=False)


@pytest.mark.parametrize("package", ["llama_cpp", "chromadb"])
def test_an_import_is_refused(package: str) -> None:
    with pytest.raises(AssertionError, match="mark this test native"), refused(), contextlib.suppress(ImportError):
        importlib.import_module(f"{package}.nothing")


def test_other_processes_and_imports_are_left_alone() -> None:
    with refused():
        done = subprocess.run([sys.executable, "-c", "print('да')"], capture_output=True, encoding="utf-8", check=True)
        importlib.import_module("wave")

    assert done.stdout == "да\n"

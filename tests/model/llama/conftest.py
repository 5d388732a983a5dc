"""llama.cpp itself as the judge, with a GPU that only pretends to be one. Skipped where it cannot be compiled."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HERE = Path(__file__).parent
# pretend_gpu.cpp declares the tables of functions as this version lays them out.
VERSION = "0.3.36"

Ask = "Callable[..., list[dict[str, Any]]]"


@pytest.fixture(scope="session")
def pretend_gpu(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled backend."""
    compiler = shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")
    found = importlib.util.find_spec("llama_cpp")
    if compiler is None or found is None or found.origin is None or not sys.platform.startswith("linux"):
        pytest.skip("no compiler or no llama.cpp")
    if importlib.metadata.version("llama_cpp_python") != VERSION:
        pytest.skip(f"the pretend GPU is written for llama-cpp-python {VERSION}")
    package = Path(found.origin).parent
    headers = package.parent / "include"
    if not (headers / "ggml-backend.h").is_file():
        pytest.skip("ggml's headers are not installed")
    built = tmp_path_factory.mktemp("pretend") / "libpretend.so"
    command: list[str | Path] = [
        compiler,
        "-std=c++17",
        "-O1",
        "-shared",
        "-fPIC",
        f"-I{headers}",
        HERE / "pretend_gpu.cpp",
        "-o",
        built,
    ]
    subprocess.run([*command, f"-L{package / 'lib'}", "-lllama", "-lggml", "-lggml-base"], check=True)
    return built


@pytest.fixture
def ask(pretend_gpu: Path) -> Callable[..., list[dict[str, Any]]]:
    """Give the answers of measure.py to jobs, on a machine with these GPUs (MiB each)."""

    def asked(jobs: Sequence[dict[str, Any]], devices: str = "96500") -> list[dict[str, Any]]:
        question = json.dumps({"pretend": str(pretend_gpu), "devices": devices, "jobs": jobs})
        done = subprocess.run(
            [sys.executable, HERE / "measure.py"], input=question, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr[-3000:]
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(answers) == len(jobs)
        return answers

    return asked

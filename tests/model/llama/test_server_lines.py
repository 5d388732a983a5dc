"""What we print for llama.cpp's programs is what the pinned llama.cpp takes."""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from conftest import ROOT
from model.llama import server_parser
from model.llama.server_options import NUMBER, SWITCH, TABLE, TEXTS

from vaultc.core.errors import UsageError
from vaultc.model.fit.launch import Launch, launch_script, server_command
from vaultc.model.fit.llama_settings import KV_TYPES
from vaultc.model.fit.offload import expert_pattern, last_expert_layers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HELD = json.loads(TABLE.read_text("utf-8"))
OPTIONS: dict[str, dict[str, Any]] = HELD["options"]
_SHOWN = re.compile(r"^(?:\$ )?(llama-server -.*)$|`(llama-server -[^`]*)`", re.MULTILINE)
PLAIN = Launch("/m/Гигант Q4-00001-of-00003.gguf", "giant", context_tokens=8192)
FULL = Launch(
    "/m/a,b:c.gguf",
    'a, "b"\n\x1b[2J',
    context_tokens=32768,
    gpu_layers=63,
    in_ram=(expert_pattern([3, 4]), expert_pattern([5], ["down"])),
    threads=16,
    batch_tokens=4096,
    kv_type="q8_0",
    loras=(("/m/a.gguf", 1.0), ('/m/b, "c".gguf', 1.0), ("/m/d,e.gguf", 0.5), ("/m/f.gguf", -0.25)),
    tensor_split=(20, 43),
    op_offload=False,
    repack=False,
)


def launches() -> Iterator[Launch]:
    """Give each kind of launch: all that can be set together, and each alone."""
    yield from (PLAIN, FULL)
    yield from (replace(PLAIN, kv_type=kv_type) for kv_type in KV_TYPES)
    yield from (replace(PLAIN, gpu_layers=layers) for layers in (-1, 0, 40))
    yield replace(PLAIN, flash_attn=False)
    yield replace(PLAIN, op_offload=False)
    yield replace(PLAIN, repack=False)
    yield replace(PLAIN, in_ram=last_expert_layers(94, 12))
    yield from (replace(PLAIN, loras=(lora,)) for lora in FULL.loras)


def options_of(command: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Give the options of a line of llama-server with their values, as its parser divides it."""
    words = iter(command[1:])
    for name in words:
        taken = {SWITCH: 0, TEXTS: 2}.get(OPTIONS[name]["takes"], 1)
        yield name, [next(words) for _ in range(taken)]


def documented() -> Iterator[list[str]]:
    """Give the lines of llama-server that the documents show."""
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        for found in _SHOWN.findall(path.read_text("utf-8")):
            yield shlex.split(found[0] or found[1])


def test_the_table_of_options_is_of_the_version_that_is_pinned() -> None:
    lock = (ROOT / "requirements" / "llama.lock").read_text("utf-8")

    assert f"llama-cpp-python=={HELD['llama_cpp_python']} " in lock, "write the table anew: see server_options.py"


@pytest.mark.parametrize("launch", [*launches()])
def test_each_printed_line_holds_options_that_llama_server_has_with_values_that_it_takes(launch: Launch) -> None:
    options = list(options_of(server_command(launch)))

    assert len({name for name, _ in options}) == len(options), "of an option that stands twice the last counts"
    for name, values in options:
        if OPTIONS[name]["takes"] == NUMBER:
            assert re.fullmatch(r"-?\d+", values[0])
        assert set(values) <= set(OPTIONS[name].get("values", values)), name


def test_each_line_of_the_documents_holds_options_that_llama_server_has() -> None:
    found = list(documented())

    assert found
    for command in found:
        assert list(options_of(command))


def test_what_ends_a_field_of_a_list_is_quoted_as_llama_cpp_reads_it() -> None:
    options = dict(options_of(server_command(FULL)))

    assert options["--lora"] == ['/m/a.gguf,"/m/b, ""c"".gguf"']
    assert options["--lora-scaled"] == ['"/m/d,e.gguf:0.5",/m/f.gguf:-0.25']
    assert options["--alias"] == ['a_ "b"??[2J'], "each comma would begin another name"
    assert not any("," in pattern or "=" in pattern for pattern in FULL.in_ram), "there is no quoting for these"


def test_an_adapter_that_the_command_cannot_name_is_an_error() -> None:
    with pytest.raises(UsageError, match=r"/m/a:b\.gguf.*colon"):
        server_command(replace(PLAIN, loras=(("/m/a:b.gguf", 0.5),)))

    assert server_command(replace(PLAIN, loras=(("/m/a:b.gguf", 1.0),)))[-2:] == ["--lora", "/m/a:b.gguf"]


def parsed(commands: Sequence[Sequence[str]]) -> subprocess.CompletedProcess[str]:
    """Give the lines to the parser of the installed llama.cpp."""
    if server_parser.library() is None:
        pytest.skip("llama-cpp-python was built without libllama-common")
    return subprocess.run(
        [sys.executable, server_parser.__file__],
        input="\n".join(map(json.dumps, commands)),
        env=os.environ | {"GGML_NO_BACKTRACE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.native
def test_the_parser_of_llama_cpp_itself_takes_each_line_and_each_option_of_the_table() -> None:
    commands = [server_command(launch) for launch in launches()] + list(documented())
    known = [(name, option["takes"]) for name, option in OPTIONS.items() if option["takes"] != TEXTS]
    commands += [["llama-server", name] + ([] if takes == SWITCH else ["1"]) for name, takes in known]

    done = parsed(commands)

    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(commands)


@pytest.mark.native
@pytest.mark.parametrize("option", ["--no-mmap", "--n-cpu-moe", "--slot"])
def test_the_parser_of_llama_cpp_itself_refuses_what_is_no_option_or_lacks_its_value(option: str) -> None:
    done = parsed([["llama-server", "--model", "/m/a.gguf", option]])

    assert done.returncode != 0
    assert "invalid argument" in done.stderr or "expected value" in done.stderr


@pytest.mark.native
def test_launch_py_gives_llama_cpp_python_what_it_names() -> None:
    """Its `Llama` passes over a keyword that it does not know, so nobody would hear of it."""
    llama_cpp = pytest.importorskip("llama_cpp")
    tree = ast.parse(launch_script(FULL))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = {ast.unparse(call.func): {keyword.arg for keyword in call.keywords} for call in calls}
    low = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in {"low", "llama_cpp"}
    }

    for name, function in {
        "Llama": llama_cpp.Llama.__init__,
        "model.create_chat_completion": llama_cpp.Llama.create_chat_completion,
    }.items():
        assert named[name]
        assert named[name] <= set(inspect.signature(function).parameters)
    assert low - {"_lib"}
    assert [name for name in low if not hasattr(llama_cpp.llama_cpp, name)] == []


def test_the_comment_of_launch_py_is_the_same_command() -> None:
    lines = launch_script(FULL).splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("#   llama-server"))
    end = next(at for at, _ in enumerate(lines) if at >= start and not lines[at].endswith("\\"))

    shown = shlex.split(" ".join(line.removeprefix("#").removesuffix("\\") for line in lines[start : end + 1]))

    assert shown == server_command(FULL)

from __future__ import annotations

import ast
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model.made_gguf import gguf_bytes

from vaultc.model.file.spec import starter_model
from vaultc.model.fit.launch import Launch, launch_script, server_command
from vaultc.model.fit.llama_settings import KV_TYPES

if TYPE_CHECKING:
    from pathlib import Path

GIANT = Launch(
    "/m/Гигант Q4_K_M-00001-of-00003.gguf",
    "giant",
    context_tokens=32768,
    gpu_layers=63,
    in_ram=(r"blk\.(61|62)\.ffn_(up|down)_(ch|)exps",),
    threads=16,
    batch_tokens=2048,
    kv_type="q8_0",
    loras=(("/m/style.gguf", 1.0), ("/m/law.gguf", 0.5)),
)


def values(script: str) -> dict[str, object]:
    """Give the constants that a script sets."""
    found: dict[str, object] = {}
    for node in ast.parse(script).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = ast.literal_eval(node.value)
    return found


def test_the_script_holds_what_the_settings_say() -> None:
    assert values(launch_script(GIANT)) == {
        "MODEL": GIANT.path,
        "CONTEXT_TOKENS": 32768,
        "GPU_LAYERS": 63,
        "IN_RAM": list(GIANT.in_ram),
        "TENSOR_SPLIT": None,
        "KV_TYPE": 8,
        "FLASH_ATTENTION": True,
        "THREADS": 16,
        "BATCH_TOKENS": 2048,
        "LORAS": [["/m/style.gguf", 1.0], ["/m/law.gguf", 0.5]],
        "TEMPERATURE": 0.0,
        "MOST_TOKENS": 1024,
    }


def test_every_setting_of_the_script_has_its_comment() -> None:
    lines = launch_script(GIANT).splitlines()

    for name in ("MODEL", "CONTEXT_TOKENS", "GPU_LAYERS", "IN_RAM", "KV_TYPE", "THREADS", "LORAS"):
        at = next(number for number, line in enumerate(lines) if line.startswith(f"{name} = "))
        assert lines[at - 1].startswith("# ")


def test_the_command_of_llama_server_is_equal_to_it() -> None:
    assert " ".join(server_command(GIANT)[3:]) == (
        "--alias giant --host 127.0.0.1 --port 8080 --cors-origins localhost"
        " --parallel 1 --ctx-size 32768 --n-gpu-layers 63"
        r" --override-tensor blk\.(61|62)\.ffn_(up|down)_(ch|)exps=CPU --load-mode none"
        " --cache-type-k q8_0 --cache-type-v q8_0 --flash-attn on --threads 16 --batch-size 2048 --ubatch-size 2048"
        " --lora /m/style.gguf --lora-scaled /m/law.gguf:0.5"
    )
    plain = server_command(Launch("/m/a.gguf", "a", flash_attn=False, op_offload=False, repack=False))
    assert " ".join(plain[9:]) == (
        "--cors-origins localhost --parallel 1 --ctx-size 0 --n-gpu-layers all --no-op-offload --no-repack"
        " --cache-type-k f16 --cache-type-v f16 --flash-attn off"
    )


@given(path=st.text(st.characters(exclude_characters="\0:")), name=st.text(), kv_type=st.sampled_from(KV_TYPES))
def test_no_name_of_a_model_becomes_a_part_of_the_program(path: str, name: str, kv_type: str) -> None:
    script = launch_script(Launch(path, name, kv_type=kv_type, loras=((path, 0.25),)))

    found = values(script)
    assert (found["MODEL"], found["LORAS"]) == (path, [[path, 0.25]])
    plain = launch_script(Launch("m", "n", kv_type=kv_type, loras=(("m", 0.25),)))
    assert len(ast.parse(script).body) == len(ast.parse(plain).body)


@pytest.mark.model
@pytest.mark.parametrize("in_ram", [(), (r"blk\.(0|1)\.ffn_down",)])
def test_the_script_runs_and_answers(tmp_path: Path, in_ram: tuple[str, ...]) -> None:
    path = starter_model()
    if path is None:
        pytest.skip("the starter package is not installed")
    script = tmp_path / "launch.py"
    keys = {
        "general.type": "adapter",
        "general.architecture": "llama",
        "adapter.type": "lora",
        "adapter.lora.alpha": 4.0,
    }
    tensors = [("blk.0.attn_q.weight.lora_a", (576, 4)), ("blk.0.attn_q.weight.lora_b", (4, 576))]
    adapter = tmp_path / "адаптер.gguf"
    adapter.write_bytes(gguf_bytes(keys, tensors))
    loras = ((str(adapter), 0.5),) if in_ram else ()
    launch = Launch(str(path), "starter", 512, 0, in_ram=in_ram, kv_type="q8_0", loras=loras)
    script.write_text(launch_script(launch).replace("MOST_TOKENS = 1024", "MOST_TOKENS = 8"), "utf-8")

    done = subprocess.run(
        [sys.executable, str(script), "Name", "a", "colour."], capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) > 2

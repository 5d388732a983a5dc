"""`vaultc model plan` as a person uses it, for files that are good, bad and missing."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from model.made_gguf import gguf_bytes, hollow_gguf

from vaultc.cli import render
from vaultc.model.file.known import KNOWN, known_model
from vaultc.model.file.recipes import header_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Done

HERE = ("--vram", "96500MiB", "--ram", "132GB")
HAND = "Qwen3-235B-A22B:Q4_K_M"


def test_a_plan_says_where_all_lies(run: Callable[..., Done]) -> None:
    done = run("model", "plan", HAND, *HERE)

    assert done.code == 0
    assert "fits: the experts of 34 of 94 layers in RAM, the rest in VRAM" in done.out
    assert re.search(r"GPU 0 +█+▓+▒ +92\.9 of +94\.2 GiB", done.out)
    assert done.out.count("▄") == 35
    assert "layers 61 to 93, of layer 60 only down" in done.out
    assert "of which 60% are reached" in done.out


def test_the_json_has_the_documented_shape(run: Callable[..., Done]) -> None:
    document = run("model", "plan", HAND, *HERE, "--json").json

    assert document["model"]["arch"] == "qwen3moe"
    assert document["model"]["params"] == 235_093_634_560
    assert document["plan"]["n_gpu_layers"] == 95
    assert document["plan"]["expert_layers_in_ram"] == list(range(60, 94))
    assert document["plan"].keys() >= {"fits", "kv_type", "n_ctx", "n_ubatch", "tensor_overrides"}
    assert [device["name"] for device in document["devices"]] == ["GPU 0", "RAM"]
    for device in document["devices"]:
        used = device["weights_bytes"] + device["kv_bytes"] + device["compute_bytes"]
        assert 0 < used <= device["capacity_bytes"]
    assert 10 < document["tokens_per_s"]["at_full"] <= document["tokens_per_s"]["at_2k"] < 30
    assert document["assumptions"]
    assert {each["kind"] for each in document["alternatives"]} == {"quant"}


def test_a_plan_that_cannot_fit_is_refused_with_what_would(run: Callable[..., Done]) -> None:
    done = run("model", "plan", "Qwen3-235B-A22B:Q8_0", *HERE)

    assert done.code == 1
    assert "does not fit: it needs 146.5 GiB of RAM, and 110.6 GiB may be used" in done.out
    assert "192 GB of RAM" in done.out
    assert "Q6_K (180 GiB)" in done.out


def test_without_a_model_all_known_ones_are_told(run: Callable[..., Done]) -> None:
    done = run("model", "plan", *HERE)

    assert done.code == 0
    for model in KNOWN:
        assert model.name in done.out
    assert re.search(r"Qwen3-Coder-480B-A35B +Q2_K", done.out)
    assert re.search(r"Qwen3-235B-A22B +Q6_K", done.out)
    document = run("model", "plan", *HERE, "--json").json
    assert len(document["models"]) == len(KNOWN)
    assert all(entry["model"]["source"] for entry in document["models"])


def test_more_ram_changes_what_can_be_run(run: Callable[..., Done]) -> None:
    done = run("model", "plan", "--vram", "96500MiB", "--ram", "192GB")

    assert re.search(r"Qwen3-235B-A22B +Q8_0", done.out)


def test_models_that_work_together_are_planned_together(run: Callable[..., Done]) -> None:
    words = ("model", "plan", "Qwen3-30B-A3B:Q8_0", "--with", "Qwen3-Embedding-0.6B", "--with", HAND, *HERE)

    done, document = run(*words), run(*words, "--json").json

    assert done.code == 0
    assert "resident: they fit together" in done.out
    assert "stays" in done.out
    assert document["together"]["advice"] == "resident"
    assert [entry["stays"] for entry in document["together"]["models"]] == [False, True, False]


@pytest.mark.parametrize("width", [80, 100])
def test_no_line_is_wider_than_the_terminal(
    run: Callable[..., Done], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setattr(render.out, "_force_terminal", True)
    monkeypatch.setattr(render.out, "_width", width)
    monkeypatch.setattr(render.out, "no_color", True)

    outs = [run("model", "plan", *HERE).out, run("model", "plan", HAND, *HERE).out]

    for line in "\n".join(outs).splitlines():
        assert len(re.sub(r"\x1b\[[0-9;]*m", "", line)) <= width, line


def test_a_file_is_planned_by_its_header(run: Callable[..., Done], tmp_path: Path) -> None:
    found = known_model("Qwen3-30B-A3B:Q8_0")
    assert found is not None
    path = tmp_path / "brain.gguf"
    hollow_gguf(path, header_of(*found))

    document = run("model", "plan", path, "--vram", "16GiB", "--ram", "64GiB", "--context", "16k", "--json").json

    assert document["plan"]["fits"]
    assert document["plan"]["n_ctx"] == 16384
    assert 0 < len(document["plan"]["expert_layers_in_ram"]) < 48
    assert document["model"]["file_bytes"] == path.stat().st_size
    assert any(each["kind"] == "quant" for each in document["alternatives"])


def test_hardware_that_is_not_named_is_looked_up(run: Callable[..., Done]) -> None:
    document = run("model", "plan", "Qwen3-Embedding-0.6B:Q8_0", "--json").json

    assert document["machine"]["ram_bytes"] > 0
    assert any(line.startswith("RAM: ") for line in document["machine"]["said"])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nothing.gguf", *HERE), 3, "cannot read the model"),
        (("Qwen3-30B-A3", *HERE), 2, "did you mean Qwen3-30B-A3B?"),
        (("Qwen3-30B-A3B:Q9", *HERE), 2, "its quants: BF16, Q8_0"),
        ((HAND, "--vram", "-4GB", "--ram", "1GB"), 2, '"-4GB" is no size'),
        ((HAND, "--vram", "4GB", "--ram", "lots"), 2, '"lots" is no size'),
        ((HAND, "--vram", "9999999TB", "--ram", "1GB"), 2, "more than any machine has"),
        ((HAND, "--context", "0", *HERE), 2, "no length of a context"),
        ((HAND, "--context", "-5", *HERE), 2, "no length of a context"),
        ((HAND, "--context", "999999999", *HERE), 2, "no length of a context"),
        ((HAND, "--kv", "q8", *HERE), 2, "did you mean q8_0?"),
        (("--with", HAND, *HERE), 2, "--with needs a model before it"),
    ],
)
def test_wrong_words_are_answered_in_a_line(
    run: Callable[..., Done], words: tuple[str, ...], code: int, said: str
) -> None:
    done = run("model", "plan", *words)

    assert done.code == code
    assert said in done.err
    assert "Traceback" not in done.err


def strange(**changes: Any) -> bytes:
    keys = {"general.architecture": "llama", "llama.block_count": 1, "llama.embedding_length": 8, **changes}
    return gguf_bytes(keys, [("token_embd.weight", (8, 4)), ("blk.0.a.weight", (8, 4))])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GGUF",
        b"not a model at all, but long enough to be one",
        strange()[:60],
        strange()[:-100],
        strange(**{"llama.block_count": 4_000_000_000}),
        strange(**{"llama.block_count": 0}),
        gguf_bytes({"general.architecture": "llama", "llama.block_count": 2}),
    ],
)
def test_a_file_that_is_no_model_is_refused(run: Callable[..., Done], tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(content)

    done = run("model", "plan", path, *HERE)

    assert done.code == 3
    assert str(path) in done.err.replace("\n", "")
    assert "bug in vaultc" not in done.err


@pytest.mark.parametrize(
    "changes",
    [
        {"llama.embedding_length": 0},
        {"llama.attention.head_count": 0},
        {"llama.attention.head_count": 4_000_000_000},
        {"llama.attention.head_count_kv": 4_000_000_000, "llama.attention.key_length": 4_000_000_000},
        {"llama.attention.head_count_kv": [-3]},
        {"llama.attention.head_count": [-3, -4]},
        {"llama.context_length": 4_000_000_000},
        {"llama.expert_count": 4, "llama.expert_used_count": 4_000_000_000},
        {"llama.nextn_predict_layers": 1},
        {"llama.ssm.state_size": 16, "llama.ssm.inner_size": 4_000_000_000},
    ],
)
def test_absurd_numbers_in_a_header_end_no_plan_in_a_crash(
    run: Callable[..., Done], tmp_path: Path, changes: dict[str, Any]
) -> None:
    path = tmp_path / "odd.gguf"
    path.write_bytes(strange(**changes))

    done = run("model", "plan", path, *HERE)

    assert done.code in (0, 1, 3), done.err
    assert "bug in vaultc" not in done.err


def test_a_missing_part_is_named(run: Callable[..., Done], tmp_path: Path) -> None:
    path = tmp_path / "big-00001-of-00002.gguf"
    path.write_bytes(gguf_bytes({"general.architecture": "llama", "split.no": 0, "split.count": 2}))

    done = run("model", "plan", path, *HERE)

    assert done.code == 3
    assert "a part of the model is missing" in done.err


@pytest.mark.parametrize("vram", ["0", "1MiB", "900MiB", "2GiB"])
def test_hardly_any_vram_is_planned_without_a_crash(run: Callable[..., Done], vram: str) -> None:
    done = run("model", "plan", "Qwen3-30B-A3B:Q4_K_M", "--vram", vram, "--ram", "64GiB")

    assert done.code == 0
    assert "fits" in done.out


def test_a_name_that_would_steer_the_terminal_is_shown_harmlessly(run: Callable[..., Done], tmp_path: Path) -> None:
    found = known_model("Qwen3-Embedding-0.6B:Q8_0")
    assert found is not None
    header = header_of(*found)
    path = tmp_path / "x.gguf"
    hollow_gguf(path, replace(header, values={**header.values, "general.name": "\x1b[2J[bold]x"}))

    done = run("model", "plan", path, *HERE)

    assert "\x1b[2J" not in done.out
    assert "[bold]x" in done.out

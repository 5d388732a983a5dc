"""How a GGUF is opened: what cannot be is said before anything is loaded."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from vaultc.core.errors import ModelError
from vaultc.model.host import LlamaHost
from vaultc.model.llama_settings import KV_TYPES, LlamaSettings, experts_in_ram

WHOLE = ("f32", "f16", "bf16")


@pytest.mark.parametrize("kind", [kind for kind in KV_TYPES if kind not in WHOLE])
def test_a_quantised_v_needs_flash_attention(kind: str) -> None:
    with pytest.raises(ModelError, match=f"{kind} needs flash attention") as caught:
        LlamaSettings(type_v=kind, flash_attn=False).checked()

    assert "\n" not in caught.value.message
    assert LlamaSettings(type_v=kind).checked().flash_attn is True
    assert LlamaSettings(type_k=kind, flash_attn=False).checked().flash_attn is False


@pytest.mark.parametrize("kind", WHOLE)
def test_a_whole_v_leaves_flash_attention_as_it_is_set(kind: str) -> None:
    assert [LlamaSettings(type_v=kind, flash_attn=set_).checked().flash_attn for set_ in (None, True, False)] == [
        None,
        True,
        False,
    ]


def test_settings_that_cannot_be_are_refused_before_the_file_is_read() -> None:
    for wrong in (LlamaSettings(type_k="q9"), LlamaSettings(batch_tokens=0), LlamaSettings(threads=-1)):
        with pytest.raises(ModelError, match=r"q9|at least 1"):
            LlamaHost(Path("missing.gguf"), wrong)


def test_the_pattern_of_experts_takes_the_first_layers_and_no_other_tensor() -> None:
    (pattern,) = experts_in_ram(12)

    taken = [
        name
        for layer in (0, 1, 2, 11, 12, 21)
        for part in ("ffn_up_exps", "ffn_gate_up_exps", "ffn_down_chexps", "ffn_up", "ffn_up_shexp", "attn_q")
        if re.search(pattern, name := f"blk.{layer}.{part}.weight")
    ]

    assert {name.split(".")[1] for name in taken} == {"0", "1", "2", "11"}
    assert {name.split(".")[2] for name in taken} == {"ffn_up_exps", "ffn_gate_up_exps", "ffn_down_chexps"}
    assert experts_in_ram(0) == ()

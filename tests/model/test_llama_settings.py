"""How a GGUF is opened: what cannot be is said before anything is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from vaultc.core.errors import ModelError
from vaultc.model.fit.llama_settings import KV_TYPES, LlamaSettings
from vaultc.model.process.host import LlamaHost

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

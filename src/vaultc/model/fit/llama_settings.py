"""How a GGUF is opened, as far as it can be said before anything is loaded."""

from __future__ import annotations

from dataclasses import dataclass, replace

from vaultc.core.errors import ModelError

GGML_TYPES = {"f32": 0, "f16": 1, "bf16": 30, "q8_0": 8, "q5_1": 7, "q5_0": 6, "q4_1": 3, "q4_0": 2}
"""Types that the KV cache may have, the most exact first, with their numbers in ggml."""
KV_TYPES = tuple(GGML_TYPES)
POOLINGS = ("auto", "mean", "cls", "last", "rank")
"""How a model makes one vector, or one score, of a text's tokens; "auto" is what the file says."""
_WHOLE_KV_TYPES = ("f32", "f16", "bf16")


@dataclass(frozen=True, slots=True)
class LlamaSettings:
    """How a GGUF is opened.

    `gpu_layers`: -1 all, None all where this build can use a GPU and none where it cannot. `in_ram`: patterns
    (regular expressions) of the names of tensors that lie in RAM all the same, as the experts of a mixture.
    `context_tokens`: None is the model's own, but at most 8192. `type_k`, `type_v`: type of the KV cache.
    `flash_attn`: None leaves it to llama.cpp. `batch_tokens`, `ubatch_tokens`: how many tokens of a prompt are handed
    over, and computed, at once. `use_mmap`: map the file instead of reading it. `tensor_split`: how many layers each of
    several GPUs takes. `op_offload`: whether weights in RAM are copied to a GPU for large batches. `silence_s`: how
    long nothing at all may come from the process. `pooling`: "" for a model that writes; "auto", "mean", "cls", "last"
    or "rank" for one that gives whole texts a vector or a score.
    """

    gpu_layers: int | None = None
    in_ram: tuple[str, ...] = ()
    context_tokens: int | None = None
    threads: int | None = None
    batch_tokens: int = 512
    ubatch_tokens: int = 512
    type_k: str = "f16"
    type_v: str = "f16"
    flash_attn: bool | None = None
    use_mmap: bool = True
    tensor_split: tuple[int, ...] = ()
    op_offload: bool = True
    silence_s: float = 900.0
    pooling: str = ""

    def checked(self) -> LlamaSettings:
        """Give the settings as they are used, flash attention turned on where the KV type needs it.

        Raises ModelError where llama.cpp would refuse them only after the model is loaded.
        """
        for name, value in (("type_k", self.type_k), ("type_v", self.type_v)):
            if value not in KV_TYPES:
                raise ModelError(f'no KV cache is of type "{value}"', hint=f"{name}: one of {', '.join(KV_TYPES)}")
        if self.pooling and self.pooling not in POOLINGS:
            raise ModelError(f'there is no pooling "{self.pooling}"', hint=f"one of {', '.join(POOLINGS)}")
        for name in ("batch_tokens", "ubatch_tokens", "context_tokens", "threads"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ModelError(f"{name} must be at least 1, not {value}")
        if self.type_v in _WHOLE_KV_TYPES or self.flash_attn:
            return self
        if self.flash_attn is False:
            raise ModelError(
                f"a KV cache of type {self.type_v} needs flash attention, which is turned off",
                hint='turn flash attention on, or take the KV type "f16"',
            )
        return replace(self, flash_attn=True)

"""Models that people ask about, as facts: their shapes, so that a plan needs no file, and where each fact is from.

`source` says where the shape was seen. Each is held by a test against the number of parameters that its maker
publishes, and llama.cpp loads a header made from it (tests/model/llama).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KnownModel:
    """The shape of one model. `parameters` is what its maker publishes, in billions; `use` is what it is good for.

    `experts` 0 is a dense model. `window` is the sliding window of every second layer. `linear` is a hybrid whose every
    fourth layer attends: (width of its state, heads, groups).
    """

    name: str
    architecture: str
    parameters: float
    layers: int
    width: int
    heads: int
    kv_heads: int
    head_width: int
    feed_forward: int
    vocabulary: int
    context: int
    source: str
    use: str
    quants: tuple[str, ...]
    experts: int = 0
    experts_used: int = 0
    shared_feed_forward: int = 0
    window: int = 0
    linear: tuple[int, int, int] | None = None
    tied: bool = False


_COUNTED = "its number of parameters alone"
_QUANTS = ("Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q3_K_M", "Q2_K")
_BRAIN, _HAND, _CODER, _EMBEDDER = "brain", "hand", "hand, code", "embedder"

KNOWN = (
    KnownModel(
        "Qwen3-30B-A3B", "qwen3moe", 30.5, 48, 2048, 32, 4, 128, 768, 151936, 262144,
        "settings for training it: zyzshishui/slime, scripts/models", _BRAIN, ("BF16", *_QUANTS),
        experts=128, experts_used=8,
    ),
    KnownModel(
        "Qwen3.5-35B-A3B", "qwen35moe", 34.7, 40, 2048, 16, 2, 256, 512, 248320, 262144,
        "header of a GGUF: ggml-org/llama.cpp#22673", _BRAIN, ("BF16", *_QUANTS), experts=256, experts_used=8,
        shared_feed_forward=512, linear=(4096, 32, 16),
    ),
    KnownModel(
        "Qwen3-Next-80B-A3B", "qwen3next", 79.7, 48, 2048, 16, 2, 256, 512, 151936, 262144,
        "its config.json: ai-dynamo/aiconfigurator, model_configs", _BRAIN, _QUANTS, experts=512, experts_used=10,
        shared_feed_forward=512, linear=(4096, 32, 16),
    ),
    KnownModel(
        "gpt-oss-120b", "gpt-oss", 116.8, 36, 2880, 64, 8, 64, 2880, 201088, 131072,
        "header of a GGUF: ggml-org/llama.cpp#15253", _HAND, ("MXFP4",), experts=128, experts_used=4, window=128,
    ),
    KnownModel(
        "Qwen3-32B", "qwen3", 32.8, 64, 5120, 64, 8, 128, 25600, 151936, 40960,
        _COUNTED, _BRAIN, ("BF16", *_QUANTS),
    ),
    KnownModel(
        "Qwen3.8-27B", "qwen35", 26.9, 64, 5120, 24, 4, 256, 17408, 248320, 262144,
        f"{_COUNTED}, size of Q8_0: ggml-org/Llama-macOS#63", _BRAIN, ("BF16", *_QUANTS), linear=(6144, 48, 16),
    ),
    KnownModel(
        "Llama-3.3-70B", "llama", 70.6, 80, 8192, 64, 8, 128, 28672, 128256, 131072,
        "its config.json: ai-dynamo/aiconfigurator, model_configs", _HAND, _QUANTS,
    ),
    KnownModel(
        "Qwen3.5-122B-A10B", "qwen35moe", 122.1, 48, 3072, 32, 2, 256, 1024, 248320, 262144,
        f"{_COUNTED}, size of Q8_0: ggml-org/Llama-macOS#63", _HAND, _QUANTS, experts=256, experts_used=8,
        shared_feed_forward=1024, linear=(8192, 64, 16),
    ),
    KnownModel(
        "Qwen3-235B-A22B", "qwen3moe", 235.1, 94, 4096, 64, 4, 128, 1536, 151936, 262144,
        "header of a GGUF: ikawrakow/ik_llama.cpp#370", _HAND, _QUANTS, experts=128, experts_used=8,
    ),
    KnownModel(
        "Qwen3.5-397B-A17B", "qwen35moe", 396.3, 60, 4096, 32, 2, 256, 1024, 248320, 262144,
        "its config.json: ai-dynamo/aiconfigurator, model_configs; ikawrakow/ik_llama.cpp#1695", _HAND, _QUANTS,
        experts=512, experts_used=10,
        shared_feed_forward=1024, linear=(8192, 64, 16),
    ),
    KnownModel(
        "Qwen3-Coder-480B-A35B", "qwen3moe", 480.2, 62, 6144, 96, 8, 128, 2560, 151936, 262144,
        "settings for training it: zyzshishui/slime, scripts/models", _CODER, _QUANTS, experts=160, experts_used=8,
    ),
    KnownModel(
        "Qwen3-Embedding-8B", "qwen3", 7.6, 36, 4096, 32, 8, 128, 12288, 151665, 32768,
        _COUNTED, _EMBEDDER, ("BF16", "Q8_0"), tied=True,
    ),
    KnownModel(
        "Qwen3-Embedding-0.6B", "qwen3", 0.6, 28, 1024, 16, 8, 128, 3072, 151669, 32768,
        _COUNTED, _EMBEDDER, ("BF16", "Q8_0"), tied=True,
    ),
)  # fmt: skip


def known_model(text: str) -> tuple[KnownModel, str] | None:
    """Give the known model that `text` names as `NAME` or `NAME:QUANT`, and the quant; None where it names none."""
    name, _, quant = text.partition(":")
    for model in KNOWN:
        if model.name.casefold() == name.casefold():
            found = {each.casefold(): each for each in model.quants}
            if not quant:
                return model, model.quants[0]
            if quant.casefold() in found:
                return model, found[quant.casefold()]
    return None

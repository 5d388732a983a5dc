"""Compute buffers: the bytes that llama.cpp works in, besides weights and KV cache.

What llama.cpp's allocator reserves for the largest graph, found by asking it for many shapes and placements, and held
against it by tests/model/llama: within 5 % or 64 MiB on one GPU for batches of 512 and contexts of up to 32k with flash
attention. In 210 drawn plans with batches of 2048, contexts of 128k and two GPUs it was short by 316 MiB at most; for
hybrids it is then an upper bound. CUDA's own context and pools are not in it: the margin left free on every card is for
all of that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaultc.model.file.shape import ModelShape

_FLOAT = 4
_MASK_CELL = 2  # F16


@dataclass(frozen=True, slots=True)
class Load:
    """What of a model a device computes: the largest tensors that come to it from RAM, in bytes, and its outputs.

    `ram_kv` is the largest cache of a layer in RAM, which is copied for its attention. `splits_experts`: of some layer
    only a part of the experts lies in RAM, and what they compute crosses between the devices.
    `early_experts`: experts of linear layers before the first that attends lie in RAM. llama.cpp's allocator then
    cannot use the place of one copied tensor for the next, and takes two. `crosses_gpus`: there are several GPUs, and
    the first computes what lies in RAM for the layers of all.
    """

    has_output: bool
    has_layers: bool = True
    ram_tensor: int = 0
    ram_expert: int = 0
    ram_output: int = 0
    ram_kv: int = 0
    splits_experts: bool = False
    early_experts: bool = False
    crosses_gpus: bool = False


def gpu_compute_bytes(shape: ModelShape, load: Load, context: int, batch: int, *, flash_attn: bool = True) -> int:
    """Give the bytes of a GPU's compute buffer for `context` tokens evaluated in pieces of `batch`."""
    hidden, queries = batch * shape.width * _FLOAT, batch * shape.query_width * _FLOAT
    mask = context * batch * _MASK_CELL if any(layer.k for layer in shape.layers) else 0
    peaks = [0]
    if load.has_output or load.ram_output:
        peaks.append(_output_peak(shape, hidden, mask, batch) + load.ram_output)
    if load.has_layers:
        peaks.append(mask + _layer_peak(shape, hidden, batch))
    if load.ram_tensor:
        peaks.append(mask + _layer_peak(shape, hidden, batch) + load.ram_tensor)
        # The copy of the keys is not freed in time for that of the values: three halves of the cache.
        peaks.append(mask * (2 if shape.is_hybrid else 1) + load.ram_kv * 3 // 2 + 2 * hidden + queries)
    if load.ram_expert:
        inner = batch * _FLOAT * shape.experts_used * shape.expert_feed_forward
        used = inner * (3 if load.splits_experts and not shape.is_hybrid else 1) + shape.experts_used * hidden
        if load.crosses_gpus:
            used += 4 * shape.experts_used * hidden + 4 * hidden
        copies = 2 if load.early_experts or (load.crosses_gpus and shape.is_hybrid) else 1
        peaks.append(copies * load.ram_expert + mask + used + 4 * hidden)
    if not flash_attn and load.has_layers:
        peaks.append(batch * shape.heads * context * _FLOAT + 2 * mask + 2 * queries + hidden)
    return max(peaks)


def ram_compute_bytes(shape: ModelShape, context: int, batch: int) -> int:
    """Give the bytes of the compute buffer in RAM: the inputs, their mask, and what passes between the devices."""
    hidden = batch * shape.width * _FLOAT
    windows = {layer.window for layer in shape.layers if layer.window}
    masks = sum((window + batch) * batch * _MASK_CELL for window in windows)
    return 2 * hidden + context * batch * _MASK_CELL + masks


def ram_only_compute_bytes(shape: ModelShape, context: int, batch: int) -> int:
    """Give the bytes of the compute buffer of a machine without a GPU."""
    hidden = batch * shape.width * _FLOAT
    mask = context * batch * _MASK_CELL
    return max(_output_peak(shape, hidden, mask, batch), mask + _layer_peak(shape, hidden, batch))


def _output_peak(shape: ModelShape, hidden: int, mask: int, batch: int) -> int:
    logits = batch * shape.vocabulary * _FLOAT
    return logits + 2 * hidden + (mask if shape.is_hybrid else 0)


def _layer_peak(shape: ModelShape, hidden: int, batch: int) -> int:
    if shape.is_mixture:
        return 2 * shape.experts_used * hidden + 6 * hidden
    return batch * _FLOAT * (3 * shape.feed_forward + shape.query_width) + 2 * hidden

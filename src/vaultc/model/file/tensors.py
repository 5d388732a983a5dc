"""Tensors as a GGUF names them: shape, type of ggml, bytes. What they are made of is in ggml's type table."""

from __future__ import annotations

import math
from dataclasses import dataclass

# ggml type: (name, weights in a block, bytes of a block).
TYPES = {
    0: ("F32", 1, 4), 1: ("F16", 1, 2), 2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20), 6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24), 8: ("Q8_0", 32, 34), 9: ("Q8_1", 32, 36), 10: ("Q2_K", 256, 84), 11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144), 13: ("Q5_K", 256, 176), 14: ("Q6_K", 256, 210), 15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66), 17: ("IQ2_XS", 256, 74), 18: ("IQ3_XXS", 256, 98), 19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18), 21: ("IQ3_S", 256, 110), 22: ("IQ2_S", 256, 82), 23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1), 25: ("I16", 1, 2), 26: ("I32", 1, 4), 27: ("I64", 1, 8), 28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56), 30: ("BF16", 1, 2), 34: ("TQ1_0", 256, 54), 35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17),
}  # fmt: skip
CODES = {name: code for code, (name, _, _) in TYPES.items()}


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """One tensor of a GGUF; `kind` is the number of its ggml type, `offset` where it begins in the data."""

    name: str
    shape: tuple[int, ...]
    kind: int
    offset: int = 0

    @property
    def weights(self) -> int:
        """Number of weights."""
        return math.prod(self.shape)

    @property
    def size_bytes(self) -> int:
        """Bytes of its data; 0 where the type is not known."""
        return type_bytes(self.kind, self.weights)

    @property
    def is_known(self) -> bool:
        """Whether its type is in the table, so that its size is known."""
        return self.kind in TYPES

    @property
    def type_name(self) -> str:
        """Name of its ggml type."""
        return TYPES[self.kind][0] if self.kind in TYPES else f"type {self.kind}"

    @property
    def layer(self) -> int | None:
        """Number of the layer it belongs to, from `blk.N.`; None where it belongs to none."""
        head, _, rest = self.name.partition(".")
        number = rest.partition(".")[0]
        return int(number) if head == "blk" and number.isascii() and number.isdigit() else None


def type_bytes(kind: int, weights: int) -> int:
    """Give the bytes of `weights` weights of a ggml type; 0 where the type is not known."""
    _, per_block, block_bytes = TYPES.get(kind, ("", 1, 0))
    return -(-weights // per_block) * block_bytes

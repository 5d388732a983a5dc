"""Gives lines of llama-server to llama.cpp's own parser: JSON lists on standard input, one a line.

It is the function that llama-server's presets are read by, in the library that llama-cpp-python brings with it. It
looks names up and sees that each has its value, and runs nothing. What it does not take ends this process with the
reason on standard error: C++ throws, and nobody here can catch.
"""

from __future__ import annotations

import ctypes
import importlib.util
import json
import sys
from pathlib import Path

FUNCTION = (
    "_Z20common_params_to_mapiPPc13llama_exampleRSt3mapI10common_argNSt7__cxx1112basic_stringIcSt11char_traitsIcE"
    "SaIcEEESt4lessIS3_ESaISt4pairIKS3_S9_EEE"
)
SERVER = 12
"""LLAMA_EXAMPLE_SERVER in llama.cpp's common.h."""


class EmptyMap(ctypes.Structure):
    """A `std::map` of libstdc++ that holds nothing: the sentinel of its tree points at itself on both sides."""

    _fields_ = (
        ("less", ctypes.c_void_p),
        ("color", ctypes.c_void_p),
        ("parent", ctypes.c_void_p),
        ("left", ctypes.c_void_p),
        ("right", ctypes.c_void_p),
        ("count", ctypes.c_size_t),
    )

    def __init__(self) -> None:
        super().__init__()
        self.left = self.right = ctypes.addressof(self) + EmptyMap.color.offset


def library() -> Path | None:
    """Give the library that holds the parser, None where it was not built."""
    found = importlib.util.find_spec("llama_cpp")
    folder = Path(found.origin).parent.parent / "lib" if found and found.origin else Path("/nonexistent")
    return next(iter(folder.glob("libllama-common.so")), None)


def main() -> None:
    """Parse what comes in."""
    at = library()
    assert at is not None
    for name in ("libggml-base", "libggml-cpu", "libggml", "libllama"):
        ctypes.CDLL(str(at.with_name(f"{name}.so")), ctypes.RTLD_GLOBAL)
    parse = getattr(ctypes.CDLL(str(at)), FUNCTION)
    for line in sys.stdin:
        words = [word.encode() for word in json.loads(line)]
        found = EmptyMap()
        parse(len(words), (ctypes.c_char_p * (len(words) + 1))(*words, None), SERVER, ctypes.byref(found))
        sys.stdout.write(f"{found.count}\n")


if __name__ == "__main__":
    main()

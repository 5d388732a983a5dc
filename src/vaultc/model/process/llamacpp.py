"""llama.cpp through its C interface (only importer of llama_cpp): its log, how it is stopped, how a file is opened.

Runs in the child process alone. A bad file can end the process; nothing here tries to survive that.
"""

from __future__ import annotations

import ctypes
import json
import os
from typing import TYPE_CHECKING, Any

import llama_cpp
from llama_cpp import llama_cpp as _lib
from llama_cpp import llama_grammar

from vaultc.core.errors import ModelError
from vaultc.model.fit.llama_settings import GGML_TYPES
from vaultc.model.process.grammar import check_grammar, with_root
from vaultc.model.process.pipe import INFORMATION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

lib = _lib
"""The functions and structures of llama.h, for the other modules of the child process."""
VERSION = str(llama_cpp.__version__)
POOLINGS = {"auto": -1, "mean": 1, "cls": 2, "last": 3, "rank": 4}
SEQUENCES = 32
"""How many texts are pooled at once, at most."""
_LOG_DEBUG, _LOG_INFO, _LOG_ERROR, _LOG_CONTINUES = 1, 2, 4, 5
_ALL_LAYERS = 0x7FFFFFFF


class Stopped(Exception):  # noqa: N818 - asked for, no error
    """The work was broken off on request."""


class StopFlag:
    """Tells llama.cpp to break off, in the middle of a layer if need be.

    llama.cpp asks a C function whether to stop, thousands of times a second. `strlen` of a buffer that is empty or
    holds one character is that function: no Python code runs and no lock is taken for it.
    """

    def __init__(self) -> None:
        self._buffer = ctypes.create_string_buffer(2)
        strlen = ctypes.CDLL(None).strlen
        self.callback = ctypes.cast(strlen, lib.ggml_abort_callback)
        self.address = ctypes.addressof(self._buffer)

    def set(self) -> None:
        """Ask for a stop."""
        self._buffer[0] = b"x"

    def clear(self) -> None:
        """Take the wish back."""
        self._buffer[0] = b"\0"

    @property
    def is_set(self) -> bool:
        """Whether a stop was asked for."""
        return bool(self._buffer[0] != b"\0")


class Log:
    """Takes llama.cpp's log to standard error, what is only information marked so; keeps errors for a message."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self._level = 0
        self._callback = lib.llama_log_callback(self._write)
        lib.llama_log_set(self._callback, ctypes.c_void_p(0))

    def reason(self) -> str:
        """Give the first error since the last call, without llama.cpp's function names; empty where there was none."""
        said, self.errors[:] = list(self.errors), []
        return said[0].partition(": ")[2] or said[0] if said else ""

    def _write(self, level: int, text: bytes | None, _: object) -> None:
        begins = level != _LOG_CONTINUES
        self._level = level = level if begins else self._level
        if level == _LOG_DEBUG or not text:
            return
        os.write(2, INFORMATION + text if begins and level == _LOG_INFO else text)
        if level == _LOG_ERROR and len(self.errors) < 100 and text.strip():
            self.errors.append(text.decode("utf-8", "replace").strip()[:500])


class _Override(ctypes.Structure):
    """`llama_model_tensor_buft_override`: tensors whose name matches the pattern lie in that kind of memory."""

    _fields_ = [("pattern", ctypes.c_char_p), ("kind", ctypes.c_void_p)]


def load_model(settings: Mapping[str, Any], stop: StopFlag, log: Log, on_progress: Callable[[float], None]) -> Any:  # noqa: ANN401 - C pointer
    """Load the GGUF that `settings` name, as they say. Raises Stopped when broken off, ModelError with the reason."""
    params = lib.llama_model_default_params()
    layers = settings["gpu_layers"]
    if layers is None:
        layers = -1 if lib.llama_supports_gpu_offload() else 0
    params.n_gpu_layers = layers if layers >= 0 else _ALL_LAYERS
    params.load_mode = lib.LLAMA_LOAD_MODE_AUTO if settings["use_mmap"] else lib.LLAMA_LOAD_MODE_NONE
    overrides = _in_ram(settings["in_ram"])
    if overrides is not None:
        params.tensor_buft_overrides = ctypes.addressof(overrides)
    split = _split(settings["tensor_split"])
    if split is not None:
        params.tensor_split = split
    params.use_extra_bufts = not _has_amx()

    def progress(done: float, _: object) -> bool:
        on_progress(done)
        return not stop.is_set

    callback = lib.llama_progress_callback(progress)
    params.progress_callback = callback
    model = lib.llama_model_load_from_file(os.fsencode(settings["path"]), params)
    del overrides, split  # until here llama.cpp reads them
    if not model:
        if stop.is_set:
            raise Stopped
        raise ModelError(f"llama.cpp cannot load {settings['path']}: {log.reason() or 'no reason given'}")
    return model


def _has_amx() -> bool:
    """Tell whether llama.cpp would lay weights out for AMX. Compiled by GCC 12 or older, that ends the process.

    Of the argument of `_tile_loadconfig` such a build stores the first bytes alone, and the processor traps
    (github.com/ggml-org/llama.cpp/issues/20824). Beside a GPU llama.cpp does not lay them out so by itself.
    """
    return b"AMX_INT8 = 1" in lib.llama_print_system_info()


def open_context(model: Any, settings: Mapping[str, Any], stop: StopFlag, log: Log) -> Any:  # noqa: ANN401 - C pointer
    """Open a context of `model`: for one sequence, or with a pooling for several. Raises ModelError with the reason."""
    params = lib.llama_context_default_params()
    params.n_ctx = int(settings["context_tokens"])
    params.n_batch = int(settings["batch_tokens"])
    params.n_ubatch = min(params.n_batch, int(settings["ubatch_tokens"]))
    params.n_threads = params.n_threads_batch = int(settings["threads"])
    params.type_k = GGML_TYPES[settings["type_k"]]
    params.type_v = GGML_TYPES[settings["type_v"]]
    params.op_offload = bool(settings["op_offload"])
    params.swa_full = False  # a sliding window needs no more than itself; `Engine` knows what it has lost
    if settings["flash_attn"] is not None:
        params.flash_attn_type = int(settings["flash_attn"])
    if settings.get("pooling"):
        params.embeddings = True
        params.pooling_type = POOLINGS[settings["pooling"]]
        params.n_seq_max = SEQUENCES
        params.kv_unified = True
        params.n_ctx = params.n_ubatch = params.n_batch  # a pooled sequence must lie in one batch
    params.abort_callback = stop.callback
    params.abort_callback_data = stop.address
    context = lib.llama_init_from_model(model, params)
    if not context:
        raise ModelError(
            f"llama.cpp cannot open a context of {params.n_ctx} tokens: {log.reason() or 'no reason given'}"
        )
    return context


def tokens_of(vocabulary: Any, text: str, *, special: bool = False, framed: bool = False) -> list[int]:  # noqa: ANN401 - C pointer
    """Give the tokens of `text`.

    With `special`, the texts of control tokens become control tokens; `framed` puts what begins and ends a text around.
    """
    data = text.encode("utf-8", "replace")
    size = len(data) + 8
    for _ in range(2):
        tokens = (lib.llama_token * size)()
        count = lib.llama_tokenize(vocabulary, data, len(data), tokens, size, framed, special)
        if count >= 0:
            return list(tokens[:count])
        size = -count
    raise ModelError("llama.cpp cannot tokenise a text")


def init_grammar(vocabulary: Any, schema: Mapping[str, Any], log: Log) -> Any:  # noqa: ANN401 - C pointers
    """Give a grammar sampler for a JSON schema. Raises ModelError where no grammar can be made of it.

    llama.cpp is asked for the grammar alone first: given to a sampler chain unseen, a bad one ends the process.
    """
    try:
        text = llama_grammar.json_schema_to_gbnf(json.dumps(with_root(schema)))
    except (ValueError, KeyError, AssertionError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise ModelError(f"no grammar can be made of the schema: {type(error).__name__} {error}") from error
    check_grammar(text)
    log.reason()
    made = lib.llama_sampler_init_grammar(vocabulary, text.encode("utf-8", "replace"), b"root")
    if not made:
        raise ModelError(f"llama.cpp refuses the grammar of the schema: {log.reason() or 'no reason given'}")
    return made


def _split(layers: Sequence[int]) -> Any:  # noqa: ANN401 - C array
    """Give the list of how many layers each device takes; None where llama.cpp divides them."""
    if not layers:
        return None
    most = int(lib.llama_max_devices())
    if len(layers) > most:
        raise ModelError(f"layers for {len(layers)} devices, but llama.cpp takes {most}")
    return (ctypes.c_float * most)(*layers)


def _in_ram(patterns: Sequence[str]) -> Any:  # noqa: ANN401 - C array
    """Give the list, ended by an empty entry, that puts the tensors matching `patterns` into RAM; None for none."""
    if not patterns:
        return None
    most = int(lib.llama_max_tensor_buft_overrides())
    if len(patterns) >= most:
        raise ModelError(f"{len(patterns)} patterns of tensors for RAM, but llama.cpp takes fewer than {most}")
    # Through libllama: the package's own libggml is a second copy with devices of its own.
    kind_of_cpu = lib._lib.ggml_backend_cpu_buffer_type
    kind_of_cpu.restype = ctypes.c_void_p
    kind = kind_of_cpu()
    array = (_Override * (len(patterns) + 1))()
    for entry, pattern in zip(array, patterns, strict=False):
        entry.pattern, entry.kind = pattern.encode(), kind
    return array

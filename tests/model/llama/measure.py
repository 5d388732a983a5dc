"""Asks llama.cpp where it would put a model and how much it takes; runs in a process of its own.

Standard input holds the path of the pretend GPU (or an empty text) and the jobs, as JSON; standard output gets the
answers as JSON lines. Nothing is allocated (`no_alloc`), so a model of 500 GB takes 50 ms.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from pathlib import Path
from typing import Any

from llama_cpp import llama_cpp as lib

KV_TYPES = {"f16": 1, "q8_0": 8, "q4_0": 2}
_FIT = (
    "_Z17common_fit_paramsPKcP18llama_model_paramsP20llama_context_paramsPfP32llama_model_tensor_buft_override"
    "PmjPK22common_fit_extra_model14ggml_log_level"
)


class Override(ctypes.Structure):
    _fields_ = (("pattern", ctypes.c_char_p), ("buffers", ctypes.c_void_p))


def main() -> None:
    asked = json.load(sys.stdin)
    quiet = lib.llama_log_callback(lambda level, text, _: os.write(2, text) and None if level == 4 else None)
    lib.llama_log_set(quiet, ctypes.c_void_p(0))
    lib._lib.ggml_backend_load.restype = lib._lib.ggml_backend_cpu_buffer_type.restype = ctypes.c_void_p
    pretend = ctypes.CDLL(asked["pretend"])
    pretend.pretend_memory.restype = ctypes.c_char_p
    pretend.pretend_memory.argtypes = (ctypes.c_void_p,)
    if asked["devices"]:
        os.environ["VAULTC_PRETEND_MIB"] = asked["devices"]
        if not lib._lib.ggml_backend_load(asked["pretend"].encode()):
            raise SystemExit("the pretend GPU was not taken")
    lib.llama_backend_init()
    for job in asked["jobs"]:
        print(json.dumps(_answer(job, pretend)), flush=True)  # noqa: T201 - this is its answer


def _answer(job: dict[str, Any], pretend: ctypes.CDLL) -> dict[str, Any]:
    model_params, context_params = _params(job)
    answer: dict[str, Any] = {}
    if job.get("fit"):
        answer |= _fit(job, model_params, context_params)
    overrides = (Override * 4096)()
    patterns = answer.get("patterns", job.get("patterns", []))
    for at, pattern in enumerate(patterns):
        overrides[at] = Override(pattern.encode(), lib._lib.ggml_backend_cpu_buffer_type())
    if patterns:
        model_params.tensor_buft_overrides = ctypes.addressof(overrides)
    answer["buffers"] = _measured(job, model_params, context_params, pretend)
    return answer


def _params(job: dict[str, Any]) -> tuple[Any, Any]:
    model_params = lib.llama_model_default_params()
    model_params.no_alloc, model_params.load_mode, model_params.use_extra_bufts = True, 0, False
    model_params.n_gpu_layers = job.get("gpu_layers", -1)
    split = job.get("tensor_split")
    if split:
        model_params.tensor_split = (ctypes.c_float * 128)(*split)
    context_params = lib.llama_context_default_params()
    context_params.n_ctx, context_params.n_seq_max = job["n_ctx"], 1
    context_params.n_batch, context_params.n_ubatch = job.get("n_batch", 2048), job["n_ubatch"]
    context_params.type_k = context_params.type_v = KV_TYPES[job["kv_type"]]
    context_params.flash_attn_type = int(job.get("flash_attn", True))
    context_params.swa_full = False
    return model_params, context_params


def _measured(job: dict[str, Any], model_params: Any, context_params: Any, pretend: ctypes.CDLL) -> list[Any]:
    model = lib.llama_model_load_from_file(job["path"].encode(), model_params)
    if not model:
        return []
    context = lib.llama_init_from_model(model, context_params)
    lines = pretend.pretend_memory(context).decode().splitlines() if context else []
    if context:
        lib.llama_free(context)
    lib.llama_model_free(model)
    found = [line.rsplit(" ", 4) for line in lines]
    return [[name, host == "1", int(weights), int(kv), int(compute)] for name, host, weights, kv, compute in found]


def _fit(job: dict[str, Any], model_params: Any, context_params: Any) -> dict[str, Any]:
    """Let llama.cpp choose; its function is no public interface, so it may be missing."""
    common = Path(lib.__file__).parents[1] / "lib" / "libllama-common.so"
    try:
        fit = getattr(ctypes.CDLL(str(common)), _FIT)
    except (OSError, AttributeError):
        return {"fit": None}
    model_params.n_gpu_layers = -1
    overrides, split = (Override * 4096)(), (ctypes.c_float * 128)()
    model_params.tensor_buft_overrides = ctypes.addressof(overrides)
    margins = (ctypes.c_size_t * 128)(*([job["margin"]] * 128))
    code = fit(
        job["path"].encode(), ctypes.byref(model_params), ctypes.byref(context_params), split, overrides, margins,
        ctypes.c_uint32(4096), None, 5,
    )  # fmt: skip
    patterns = []
    for entry in overrides:
        if not entry.pattern:
            break
        patterns.append(entry.pattern.decode())
    model_params.tensor_buft_overrides = None
    return {"fit": code, "gpu_layers": model_params.n_gpu_layers, "patterns": patterns, "split": list(split)[:8]}


if __name__ == "__main__":
    main()

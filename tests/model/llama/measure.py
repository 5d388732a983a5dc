"""Asks llama.cpp where it puts a model, how much that takes and what the model then says; a process of its own.

Standard input holds the path of the compiled pretend GPU, its devices (an empty text for none) and the jobs, as JSON;
standard output gets an answer for each as a JSON line. A job without `generate` allocates nothing (`no_alloc`), so a
model of 500 GB takes 50 ms.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from llama_cpp import llama_cpp as lib

KV_TYPES = {"f16": 1, "q8_0": 8, "q4_0": 2}
_FIT = (
    "_Z17common_fit_paramsPKcP18llama_model_paramsP20llama_context_paramsPfP32llama_model_tensor_buft_override"
    "PmjPK22common_fit_extra_model14ggml_log_level"
)
_ASSIGNED = re.compile(r"layer +([0-9]+) assigned to device (\w+)")
_log: list[str] = []


class Override(ctypes.Structure):
    _fields_ = (("pattern", ctypes.c_char_p), ("buffers", ctypes.c_void_p))


def main() -> None:
    asked = json.load(sys.stdin)
    callback = lib.llama_log_callback(lambda _level, text, _: _log.append((text or b"").decode("utf-8", "replace")))
    lib.llama_log_set(callback, ctypes.c_void_p(0))
    # ggml as libllama sees it; llama_cpp._ggml may be a second copy with devices of its own.
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
        sys.stdout.write(json.dumps(_answer(job, pretend)) + "\n")
        sys.stdout.flush()


def _answer(job: dict[str, Any], pretend: ctypes.CDLL) -> dict[str, Any]:
    model_params, context_params = _params(job)
    answer: dict[str, Any] = {}
    if job.get("fit"):
        answer |= _fit(job, model_params, context_params)
        if answer["fit"] is None:
            return answer
    overrides = (Override * 4096)()
    patterns = answer.get("patterns", job.get("patterns", []))
    for at, pattern in enumerate(patterns):
        overrides[at] = Override(pattern.encode(), lib._lib.ggml_backend_cpu_buffer_type())
    if patterns:
        model_params.tensor_buft_overrides = ctypes.addressof(overrides)
    _log.clear()
    model = lib.llama_model_load_from_file(job["path"].encode(), model_params)
    context = lib.llama_init_from_model(model, context_params) if model else None
    if not context:
        return {"error": "".join(_log)[-2000:]}
    answer["layers"] = {int(number): device for number, device in _ASSIGNED.findall("".join(_log))}
    lines = pretend.pretend_memory(context).decode().splitlines()
    answer["buffers"] = [
        [name, host == "1", int(weights), int(kv), int(compute)]
        for name, host, weights, kv, compute in (line.rsplit(" ", 4) for line in lines)
    ]
    if "generate" in job:
        answer["tokens"] = _generated(model, context, job)
    lib.llama_free(context)
    lib.llama_model_free(model)
    return answer


def _params(job: dict[str, Any]) -> tuple[Any, Any]:
    model_params = lib.llama_model_default_params()
    model_params.no_alloc, model_params.load_mode, model_params.use_extra_bufts = "generate" not in job, 0, False
    model_params.n_gpu_layers = job.get("gpu_layers", -1)
    if job.get("tensor_split"):
        model_params.tensor_split = (ctypes.c_float * 128)(*job["tensor_split"])
    context_params = lib.llama_context_default_params()
    context_params.n_ctx, context_params.n_seq_max = job["n_ctx"], 1
    context_params.n_batch, context_params.n_ubatch = job.get("n_batch", 2048), job["n_ubatch"]
    context_params.n_threads = context_params.n_threads_batch = 1
    context_params.type_k = context_params.type_v = KV_TYPES[job["kv_type"]]
    context_params.flash_attn_type = int(job.get("flash_attn", True))
    context_params.swa_full = False
    context_params.op_offload = job.get("op_offload", True)
    return model_params, context_params


def _generated(model: Any, context: Any, job: dict[str, Any]) -> list[int]:
    """Evaluate the prompt (a text, or ids where there is no vocabulary) and take the likeliest token each time."""
    vocabulary = lib.llama_model_get_vocab(model)
    size = lib.llama_vocab_n_tokens(vocabulary)
    tokens = job["prompt"]
    if isinstance(tokens, str):
        room = (lib.llama_token * 1024)()
        data = tokens.encode()
        tokens = list(room[: lib.llama_tokenize(vocabulary, data, len(data), room, 1024, True, False)])
    said: list[int] = []
    for _ in range(job["generate"]):
        batch = (lib.llama_token * len(tokens))(*tokens)
        if lib.llama_decode(context, lib.llama_batch_get_one(batch, len(tokens))):
            raise SystemExit("llama_decode failed")
        logits = lib.llama_get_logits_ith(context, -1)
        said.append(max(range(size), key=lambda token: logits[token]))
        tokens = said[-1:]
    return said


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
    for entry in overrides:  # what stands after the first empty one is stale
        if not entry.pattern:
            break
        patterns.append(entry.pattern.decode())
    model_params.tensor_buft_overrides = None
    return {"fit": code, "gpu_layers": model_params.n_gpu_layers, "patterns": patterns}


if __name__ == "__main__":
    main()

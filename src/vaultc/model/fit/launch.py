"""How a model is started without vaultc: a commented `launch.py`, and the equal command of llama-server."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.core.errors import UsageError
from vaultc.model.fit.llama_settings import GGML_TYPES

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Launch:
    """How a model is started. 0 stands for what the model or the machine says; `gpu_layers` -1 for all.

    `in_ram` are patterns of tensors that stay in RAM, `tensor_split` how many layers each of several GPUs takes.
    Without `op_offload` no weights are copied to a GPU for large batches, without `repack` none are laid out anew for
    this processor.
    """

    path: str
    name: str
    context_tokens: int = 0
    gpu_layers: int = -1
    in_ram: tuple[str, ...] = ()
    threads: int = 0
    batch_tokens: int = 0
    kv_type: str = "f16"
    flash_attn: bool = True
    loras: tuple[tuple[str, float], ...] = ()
    tensor_split: tuple[int, ...] = ()
    op_offload: bool = True
    repack: bool = True


def server_command(launch: Launch, *, port: int = 8080) -> list[str]:
    """Give the command of llama-server that starts the model the same way, on this machine alone.

    Options as llama.cpp's `common/arg.cpp` takes them in the version that vaultc is pinned to.

    Raises:
        UsageError: the command cannot name the file of an adapter.
    """
    name = "_".join(_printable(launch.name).split(","))
    command = ["llama-server", "--model", launch.path, "--alias", name, "--host", "127.0.0.1", "--port", str(port)]
    command += ["--cors-origins", "localhost"]  # by itself it lets every page of a browser read what it answers
    command += ["--parallel", "1", "--ctx-size", str(launch.context_tokens)]
    command += ["--n-gpu-layers", "all" if launch.gpu_layers < 0 else str(launch.gpu_layers)]
    if launch.in_ram:
        patterns = ",".join(f"{pattern}=CPU" for pattern in launch.in_ram)
        command += ["--override-tensor", patterns, "--load-mode", "none"]
    if not launch.op_offload:
        command += ["--no-op-offload"]
    if not launch.repack:
        command += ["--no-repack"]
    if launch.tensor_split:
        command += ["--tensor-split", ",".join(map(str, launch.tensor_split))]
    command += ["--cache-type-k", launch.kv_type, "--cache-type-v", launch.kv_type]
    command += ["--flash-attn", "on" if launch.flash_attn else "off"]
    if launch.threads:
        command += ["--threads", str(launch.threads)]
    if launch.batch_tokens:  # llama.cpp computes no more at once than it is handed over at once
        command += ["--batch-size", str(launch.batch_tokens), "--ubatch-size", str(launch.batch_tokens)]
    return command + _adapters(launch.loras)


def _adapters(loras: Sequence[tuple[str, float]]) -> list[str]:
    """Give the options for adapters, all of a kind in one: of an option that stands twice the last may count."""
    whole = [_field(path) for path, scale in loras if scale == 1]
    scaled = [_field(_scaled(path, scale)) for path, scale in loras if scale != 1]
    options = ["--lora", ",".join(whole)] if whole else []
    return options + (["--lora-scaled", ",".join(scaled)] if scaled else [])


def _scaled(path: str, scale: float) -> str:
    if ":" in path:
        raise UsageError(
            f'llama-server cannot be given the adapter "{path}" at a scale: to it the scale begins at the colon',
            hint="give the file a path without a colon",
        )
    return f"{path}:{scale:g}"


def _field(text: str) -> str:
    """Give a field of a list as llama.cpp reads it: in quotes where it holds what would end it."""
    quoted = text.replace('"', '""')
    return f'"{quoted}"' if "," in text or '"' in text else text


def launch_script(launch: Launch) -> str:
    """Give the text of a `launch.py` that loads the model as vaultc does and answers on the terminal."""
    return _SCRIPT.format(
        name=_printable(launch.name),
        command=" \\\n#   ".join(_printable(line) for line in _lines(server_command(launch))),
        path=repr(launch.path),
        context=launch.context_tokens,
        gpu_layers=launch.gpu_layers,
        in_ram=repr(list(launch.in_ram)),
        split=repr(list(launch.tensor_split) or None),
        use_mmap=not launch.in_ram,
        op_offload=launch.op_offload,
        kv_type=GGML_TYPES[launch.kv_type],
        kv_name=launch.kv_type,
        flash_attn=launch.flash_attn,
        threads=launch.threads or None,
        batch=launch.batch_tokens or 512,
        loras=repr([[path, scale] for path, scale in launch.loras]),
    )


def _lines(command: Sequence[str]) -> list[str]:
    """Give the command as lines, an option with its value on each."""
    lines = [command[0]]
    for word in command[1:]:
        if word.startswith("--"):
            lines.append(word)
        else:
            lines[-1] += " " + shlex.quote(word)
    return lines


def _printable(text: str) -> str:
    """Give text that ends no comment and moves no cursor: a name inside a model file is a text from outside."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


_SCRIPT = '''\
#!/usr/bin/env python3
# Starts {name} through llama-cpp-python, as vaultc does, and answers on the terminal:
#
#   python launch.py "What is a tide gauge?"     one question
#   python launch.py                             a talk; Ctrl-D ends it
#
# The same with llama.cpp's own server, to which vaultc connects by `url = "http://127.0.0.1:8080/v1"`:
#
#   {command}
#
# Nothing is connected to. Change what you like: vaultc does not read this file.

import ctypes
import sys

import llama_cpp
from llama_cpp import Llama
from llama_cpp import llama_cpp as low

# The GGUF; of a split model the first part.
MODEL = {path}

# Tokens of prompt and answer together; the KV cache grows with it. 0: as long as the model was trained for.
CONTEXT_TOKENS = {context}

# Layers in VRAM, the output layer first; -1 for all. A build without a GPU keeps every layer in RAM.
GPU_LAYERS = {gpu_layers}

# Patterns of tensors that stay in RAM though their layer goes to VRAM: the experts of some layers.
IN_RAM = {in_ram}

# How many layers each of several GPUs takes; None: llama.cpp divides them.
TENSOR_SPLIT = {split}

# Type of the KV cache ({kv_name}). A quantised one (8 is q8_0) takes half the room and needs flash attention.
KV_TYPE = {kv_type}
FLASH_ATTENTION = {flash_attn}

# Threads; None: half of the cores. More than there are real cores makes it slower.
THREADS = {threads}

# Tokens of a prompt that are evaluated at once; more is faster and takes more VRAM.
BATCH_TOKENS = {batch}

# Adapters and their scales: [["/models/style.gguf", 0.5]]
LORAS = {loras}

# How answers are drawn: 0 gives the likeliest word each time, so the same answer again.
TEMPERATURE = 0.0
MOST_TOKENS = 1024


def prepare(patterns):
    """Set for the next model what llama-cpp-python has no settings for.

    Tensors of these names lie in RAM. Weights are not laid out for AMX: llama.cpp compiled by GCC 12 crashes so.
    """
    low._lib.ggml_backend_cpu_buffer_type.restype = ctypes.c_void_p
    ram = low._lib.ggml_backend_cpu_buffer_type()
    has_amx = b"AMX_INT8 = 1" in low.llama_print_system_info()

    class Override(ctypes.Structure):
        _fields_ = [("pattern", ctypes.c_char_p), ("buffer_type", ctypes.c_void_p)]

    entries = [Override(pattern.encode(), ram) for pattern in patterns]
    overrides = (Override * (len(patterns) + 1))(*entries, Override(None, None))
    defaults = low.llama_model_default_params

    def with_ours():
        params = defaults()
        if patterns:
            params.tensor_buft_overrides = ctypes.cast(overrides, ctypes.c_void_p)
        if has_amx:
            params.use_extra_bufts = False
        return params

    low.llama_model_default_params = with_ours
    return overrides  # llama.cpp reads them while it loads


def put_adapters(model):
    """Lay the adapters over the model."""
    context = model._ctx.ctx
    adapters = [low.llama_adapter_lora_init(model._model.model, path.encode()) for path, _ in LORAS]
    missing = [path for (path, _), adapter in zip(LORAS, adapters) if not adapter]
    if missing:
        sys.exit(f"not an adapter of this model: {{', '.join(missing)}}")
    scales = (ctypes.c_float * len(LORAS))(*[scale for _, scale in LORAS])
    kept = (low.llama_adapter_lora_p_ctypes * len(LORAS))(*adapters)
    low.llama_set_adapters_lora(context, kept, len(LORAS), scales)


def main():
    if GPU_LAYERS and not llama_cpp.llama_supports_gpu_offload():
        print("this build of llama-cpp-python uses no GPU: all layers are in RAM", file=sys.stderr)
    held = prepare(IN_RAM)
    model = Llama(
        MODEL,
        n_ctx=CONTEXT_TOKENS,
        n_gpu_layers=GPU_LAYERS,
        type_k=KV_TYPE,
        type_v=KV_TYPE,
        flash_attn=FLASH_ATTENTION,
        n_threads=THREADS,
        n_batch=BATCH_TOKENS,
        n_ubatch=BATCH_TOKENS,
        tensor_split=TENSOR_SPLIT,
        use_mmap={use_mmap},
        op_offload={op_offload},
        verbose=False,
    )
    del held
    if LORAS:
        put_adapters(model)
    said = []

    def ask(question):
        said.append({{"role": "user", "content": question}})
        answer = ""
        for event in model.create_chat_completion(
            said, stream=True, temperature=TEMPERATURE, max_tokens=MOST_TOKENS
        ):
            piece = event["choices"][0]["delta"].get("content") or ""
            answer += piece
            print(piece, end="", flush=True)
        print()
        said.append({{"role": "assistant", "content": answer}})

    if len(sys.argv) > 1:
        ask(" ".join(sys.argv[1:]))
        return
    while True:
        try:
            ask(input("> "))
        except (EOFError, KeyboardInterrupt):
            return


if __name__ == "__main__":
    main()
'''

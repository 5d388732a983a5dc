"""What servers that speak OpenAI's API do differently, and how that is found out (docs/remote.md has the sources)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from vaultc.core.digest import canonical_json
from vaultc.core.errors import ModelError
from vaultc.model.prompt import load_prompt
from vaultc.model.remote.disarm import disarm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vaultc.model.protocols import Prompt, Sampling

Kind = Literal["llama-server", "vllm", "ollama", "lm-studio", "llama-cpp-python", "other"]
Form = Literal["json_schema", "json_object", "prompt"]
"""How an answer is bound to a schema: by OpenAI's field, by that of llama-cpp-python, or by asking for it."""

ASSUMED_CONTEXT_TOKENS = 4096
"""Where neither the server nor the person says: what Ollama takes where it is told nothing."""
TOP_LOGPROBS = 20
"""The most that vLLM, Ollama and OpenAI give."""

_OWNERS: Mapping[str, Kind] = {
    "llamacpp": "llama-server",
    "vllm": "vllm",
    "library": "ollama",
    "organization_owner": "lm-studio",
    "me": "llama-cpp-python",
}
_SIZE = re.compile(r"(?<![\w.])(?:(\d{1,3})x)?(\d{1,4}(?:\.\d{1,3})?)([bm])(?![a-z0-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model as its server describes it; 0 where it does not say."""

    name: str
    kind: Kind
    context_tokens: int = 0
    parameters: int = 0
    size: int = 0


def served_model(answer: object, wanted: str, server: str) -> ServedModel:
    """Give the model that is meant, out of the answer to `/v1/models`.

    Without a `wanted` name the server must have just one. Raises ModelError.
    """
    rows = answer.get("data") if isinstance(answer, dict) else None
    models = [row for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)] if rows else []
    names = [str(row["id"]) for row in models]
    if not models:
        raise ModelError(f"{server} has no model", hint="load one there")
    if not wanted and len(models) > 1:
        raise ModelError(f"{server} has several models", hint=f"name one by `served_as`: {_listed(names)}")
    for row in models:
        if not wanted or wanted in _names_of(row):
            return _served(row)
    raise ModelError(f'{server} has no model "{wanted}"', hint=f"it has: {_listed(names)}")


def served_context(answer: object) -> int:
    """Give the context out of llama-server's answer to `/props`, 0 where it does not say."""
    settings = answer.get("default_generation_settings") if isinstance(answer, dict) else None
    found = settings.get("n_ctx") if isinstance(settings, dict) else None
    return found if isinstance(found, int) and found > 0 else 0


def forms_of(kind: Kind) -> tuple[Form, ...]:
    """Give the ways to bind an answer to a schema, best first.

    llama-cpp-python passes over `json_schema` in silence; LM Studio refuses `json_object`.
    """
    return ("json_object", "prompt") if kind == "llama-cpp-python" else ("json_schema", "json_object", "prompt")


def chat_request(
    served: ServedModel,
    prompt: Prompt,
    sampling: Sampling,
    *,
    schema: Mapping[str, Any] | None = None,
    form: Form = "prompt",
) -> dict[str, Any]:
    """Give the body of a request for a streamed answer."""
    messages = [{"role": message.role, "content": disarm(message.content)} for message in prompt.messages]
    body: dict[str, Any] = {
        "model": served.name,
        "messages": messages,
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "seed": sampling.seed,
        **_own_sampling(served.kind, sampling),
    }
    if sampling.stop:
        body["stop"] = list(sampling.stop)
    if not sampling.thinking:
        body.update(_no_thinking(served.kind))
    if schema is not None:
        _bind(body, schema, form, prompt)
    return body


def _bind(body: dict[str, Any], schema: Mapping[str, Any], form: Form, prompt: Prompt) -> None:
    if form == "json_schema":
        told = {"name": "answer", "schema": dict(schema), "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": told}
    elif form == "json_object":
        body["response_format"] = {"type": "json_object", "schema": dict(schema)}
    else:
        turn = load_prompt("schema").fill(prompt.task, prompt.target, schema=canonical_json(schema)).messages[-1]
        if body["messages"] and body["messages"][-1]["role"] == "user":
            body["messages"][-1]["content"] += f"\n\n{turn.content}"
        else:
            body["messages"].append({"role": "user", "content": turn.content})


def _own_sampling(kind: Kind, sampling: Sampling) -> dict[str, Any]:
    """Give what OpenAI's API has no field for, in the server's own words; Ollama's route has none."""
    repeat = "repetition_penalty" if kind == "vllm" else "repeat_penalty"
    if kind in {"ollama", "other"}:
        return {}
    return {"top_k": sampling.top_k, "min_p": sampling.min_p, repeat: sampling.repeat_penalty}


def _no_thinking(kind: Kind) -> dict[str, Any]:
    if kind in {"llama-server", "vllm"}:
        return {"chat_template_kwargs": {"enable_thinking": False}}
    if kind in {"ollama", "lm-studio"}:
        return {"reasoning_effort": "none"}
    return {}


def _served(row: Mapping[str, Any]) -> ServedModel:
    raw = row.get("meta")
    meta: Mapping[str, Any] = raw if isinstance(raw, dict) else {}
    name = str(row["id"])
    kind = _OWNERS.get(str(row.get("owned_by")), "other")
    if kind == "other" and ":" in name:
        kind = "ollama"  # models of other people are owned by them there, and all carry a tag
    return ServedModel(
        name,
        kind,
        _whole(row.get("max_model_len")),
        _whole(meta.get("n_params")) or parameters_in(name),
        _whole(meta.get("size")),
    )


def parameters_in(name: str) -> int:
    """Give the number of parameters that a name tells ("Qwen3-30B-A3B", "mixtral-8x7b", "135M"), else 0."""
    units = {"b": 10**9, "m": 10**6}
    found = (
        float(match[2]) * int(match[1] or 1) * units[match[3].lower()]
        for match in _SIZE.finditer(name.replace("-", " "))
    )
    return int(max(found, default=0))


def _names_of(row: Mapping[str, Any]) -> set[str]:
    name = str(row["id"])
    aliases = row.get("aliases")
    more = {str(alias) for alias in aliases} if isinstance(aliases, list) else set()
    return {name, name.removesuffix(":latest"), *more}


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _listed(names: Sequence[str], most: int = 12) -> str:
    shown = ", ".join("".join(sign if sign.isprintable() else "?" for sign in name[:80]) for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")

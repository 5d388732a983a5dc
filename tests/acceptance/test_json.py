"""The documents of every command, held to the shapes of docs/json.md."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from acceptance.tool import ROOT, misplaced, places_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from acceptance.conftest import Workspace
    from acceptance.tool import Compiled
    from cli.conftest import Done

NUMBER = (int, float)
PLACE: dict[str, Any] = {
    "path": str,
    "line": int,
    "col": int,
    "end_line": int,
    "end_col": int,
    "start": int,
    "end": int,
    "text": str,
}
DIAGNOSTIC: dict[str, Any] = {
    "code": str,
    "name": str,
    "severity": {"error", "warning", "info"},
    "message": str,
    "place": PLACE,
    "related": [{"place": PLACE, "message": str}],
    "help": (str, None),
    "url": str,
}
PASSAGE: dict[str, Any] = {
    "rank": int,
    "score": NUMBER,
    "legs": {
        "lexical": (int, float, None),
        "vector": (int, float, None),
        "graph": (int, float, None),
        "rerank": (int, float, None),
    },
    "note": str,
    "heading": [str],
    "place": PLACE,
    "reasons": [str],
}
RESOLVED: dict[str, Any] = {"path": str, "heading": (str, None), "block": (str, None)}
LINK: dict[str, Any] = {
    "from": PLACE,
    "kind": {"wikilink", "embed", "markdown", "property", "canvas"},
    "target_text": str,
    "resolved": (RESOLVED, None),
    "missing": {"note", "heading", "block", None},
    "candidates": [str],
    "alias_candidates": [str],
}
CONTRADICTION: dict[str, Any] = {
    "id": str,
    "class": str,
    "score": NUMBER,
    "a": PLACE,
    "b": PLACE,
    "claim_a": str,
    "claim_b": str,
    "reason": str,
    "judge": {"rule", "model"},
    "status": str,
}
MENTION: dict[str, Any] = {
    "id": str,
    "kind": {"mention", "similar", "duplicate", "hub"},
    "score": NUMBER,
    "a": PLACE,
    "b": (PLACE, None),
    "target": str,
    "evidence": [PLACE],
    "status": str,
}
REQUIREMENT: dict[str, Any] = {
    "id": str,
    "kind": str,
    "modality": {"must", "should", "may", "must_not", "should_not"},
    "text": str,
    "origins": [PLACE],
    "by": {"rule", "model"},
}
ASK: dict[str, Any] = {
    "version": int,
    "question": str,
    "intent": str,
    "answer": str,
    "sentences": [{"text": str, "citations": [PLACE], "supported": bool}],
    "passages": [PASSAGE],
    "coverage": {"read": int, "candidates": int},
    "model": (str, None),
    "seconds": NUMBER,
    "diagnostics": [DIAGNOSTIC],
}
COMPILE: dict[str, Any] = {
    "version": int,
    "unit": str,
    "level": {"outline", "guided", "full"},
    "model": (str, None),
    "model_calls": int,
    "writes": [{"path": str, "action": {"created", "updated", "kept", "merged", "conflict", "unchanged", "removed"}}],
    "requirements": [REQUIREMENT],
    "checks": [{"name": str, "status": {"passed", "failed", "skipped"}, "detail": str}],
    "refusals": [{"task": str, "target": str, "reason": str}],
    "diagnostics": [DIAGNOSTIC],
    "run": (str, None),
    "seconds": NUMBER,
}
LISTS = (
    "requirements",
    "decisions",
    "constraints",
    "entities",
    "constants",
    "components",
    "interfaces",
    "flows",
    "questions",
    "contradictions",
    "procedures",
)
DEVICE = ("weights", "kv", "compute", "capacity")
SETTING = {"key": str, "value": object, "origin": str}
TRUSTED = {
    "vault": str,
    "state": {"trusted", "changed", "not trusted", "nothing to trust", "not there"},
    "settings": [{"key": str, "value": object}],
}
SHAPES: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "index": (
        ("index", "{vault}"),
        {
            "version": int,
            "vault": str,
            "stats": {
                **dict.fromkeys(("added", "modified", "moved", "removed", "unchanged", "failed"), int),
                **dict.fromkeys(("notes", "chunks", "embedded"), int),
                "seconds": NUMBER,
            },
            "diagnostics": [DIAGNOSTIC],
        },
    ),
    "search Q": (("search", "насос"), {"version": int, "query": str, "passages": [PASSAGE]}),
    "links [NOTE]": (("links", "Tide clock"), {"version": int, "links": [LINK], "backlinks": [LINK]}),
    "check": (
        ("check",),
        {
            "version": int,
            "diagnostics": [DIAGNOSTIC],
            "counts": {"error": int, "warning": int, "info": int},
            "by_rule": dict,
            "baseline": {"hidden": int, "gone": int, "written": (str, None)},
        },
    ),
    "ask Q": (("ask", "how much power does the pump draw?"), ASK),
    "findings contradictions": (("findings", "contradictions"), {"version": int, "findings": [CONTRADICTION]}),
    "findings links": (("findings", "links"), {"version": int, "findings": [MENTION]}),
    "compile": (("compile", "Tide clock", "--out", "{out}", "--dry-run", "--no-run-tests"), COMPILE),
    "compile --show-ir": (
        ("compile", "Tide clock", "--until", "extract", "--show-ir"),
        {**COMPILE, "ir": {**{name: [dict] for name in LISTS}, "requirements": [REQUIREMENT]}},
    ),
    "status": (
        ("status",),
        {
            "version": int,
            "vault": str,
            "state": str,
            **dict.fromkeys(("notes", "chunks", "links", "failed"), int),
            "generated": {"notes": int, "unrecorded": [str]},
            "stale": dict.fromkeys(("added", "modified", "removed"), int),
            "units": [{"unit": str, "out": str, "files": int, "beside": [str]}],
        },
    ),
    "doctor": (("doctor",), {"version": int, "checks": [{"name": str, "ok": bool, "detail": str}]}),
    "config show": (("config", "show"), {"version": int, "settings": [SETTING], "ignored": [SETTING]}),
    "trust": (("trust",), {"version": int, **TRUSTED}),
    "trust --list": (("trust", "--list"), {"version": int, "vaults": [TRUSTED]}),
    "model plan [MODEL]": (
        ("model", "plan", "Qwen3-235B-A22B:Q6_K", "--vram", "96GB", "--ram", "132GB"),
        {
            "version": int,
            "machine": {"gpus": [{"name": str, "free_bytes": int}], "ram_bytes": int, "cores": int, "said": [str]},
            "model": {
                "name": str,
                "arch": str,
                "params": int,
                "file_bytes": int,
                "kv_bytes_per_token": int,
                **dict.fromkeys(("quant", "use", "source"), str),
            },
            "plan": {
                **dict.fromkeys(("fits", "op_offload", "flash_attn"), bool),
                **dict.fromkeys(("n_gpu_layers", "layers", "n_ctx", "n_batch", "n_ubatch"), int),
                "reason": str,
                "kv_type": str,
                "tensor_split": [int],
                "tensor_overrides": [str],
                "expert_layers_in_ram": [int],
            },
            "devices": [{"name": str, **dict.fromkeys((f"{kind}_bytes" for kind in DEVICE), int)}],
            "tokens_per_s": {"at_2k": NUMBER, "at_full": NUMBER},
            "assumptions": [str],
            "alternatives": [
                {
                    "kind": {"kv", "context", "quant", "ram"},
                    "what": str,
                    "fits": bool,
                    "kv_type": str,
                    "n_ctx": int,
                    "vram_bytes": int,
                    "ram_bytes": int,
                    "tokens_per_s": {"at_2k": NUMBER, "at_full": NUMBER},
                }
            ],
        },
    ),
    "model list": (
        ("model", "list"),
        {
            "version": int,
            "models": [
                {
                    **dict.fromkeys(("name", "path", "architecture", "source"), str),
                    **dict.fromkeys(("parameters", "file_bytes", "context_tokens"), int),
                }
            ],
        },
    ),
}
TRACE: dict[str, Any] = {
    "version": int,
    "from": PLACE,
    "chain": [{"kind": str, "id": str, "place": PLACE}],
    "to": [PLACE],
}
_MAY_BE_EMPTY = {"diagnostics", "related", "reasons", "heading", "refusals", "checks", "writes", "units", "models"}


def faults(value: Any, shape: Any, at: str = "") -> list[str]:
    """Give where `value` is not of the shape; keys may be added to it."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{at}: {value!r} is no object"]
        missing = [f"{at}.{key} is missing" for key in shape.keys() - value.keys()]
        return missing + [
            fault for key in shape.keys() & value.keys() for fault in faults(value[key], shape[key], f"{at}.{key}")
        ]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{at}: {value!r} is no list"]
        return [fault for number, item in enumerate(value) for fault in faults(item, shape[0], f"{at}[{number}]")]
    if isinstance(shape, set):
        return [] if value in shape else [f"{at}: {value!r} is none of {shape}"]
    if isinstance(shape, tuple):
        return [] if any(not faults(value, item, at) for item in shape) else [f"{at}: {value!r}"]
    if shape is None:
        return [] if value is None else [f"{at}: {value!r} is not null"]
    if shape is not bool and isinstance(value, bool) and shape is not object:
        return [f"{at}: {value!r} is a truth value"]
    return [] if isinstance(value, shape) else [f"{at}: {value!r} is no {shape.__name__}"]


@pytest.fixture(scope="module")
def documented() -> dict[str, str]:
    """The rows of docs/json.md by command."""
    text = (ROOT / "docs" / "json.md").read_text("utf-8")
    rows = [re.split(r"(?<!\\)\|", line) for line in text.splitlines() if line.startswith("| `")]
    return {name: row[2] for row in rows for name in re.findall(r"`([^`]+)`", row[1])}


@pytest.mark.parametrize("command", SHAPES)
def test_a_command_gives_the_document_of_its_shape(run: Callable[..., Done], indexed: Workspace, command: str) -> None:
    words, shape = SHAPES[command]
    filled = [word.format(vault=indexed.vault, out=indexed.tool.cwd / "dry") for word in words]
    options = [] if command in {"index", "model plan [MODEL]", "trust --list"} else ["--vault", str(indexed.vault)]

    done = run(*filled, *options, "--json")

    assert done.code in {0, 1}, done.err
    assert faults(done.json, shape) == []
    assert misplaced(done.json, indexed.vault) == []


@pytest.mark.parametrize("command", SHAPES)
def test_every_key_that_is_documented_is_one_that_is_tested(documented: dict[str, str], command: str) -> None:
    _, shape = SHAPES[command]
    row = documented[command]

    told = set(re.findall(r"`(\w+)(?::|`)", row)) - {"message"}

    assert told - {"findings", "ir", "models"} <= shape.keys(), told - shape.keys()
    assert told or "same" in row


def test_the_lists_that_matter_are_not_empty(run: Callable[..., Done], indexed: Workspace) -> None:
    for command, keys in {
        ("search", "насос"): ("passages",),
        ("links", "Tide clock"): ("links", "backlinks"),
        ("check",): ("diagnostics",),
        ("findings", "contradictions"): ("findings",),
        ("findings", "links"): ("findings",),
        ("ask", "how much power does the pump draw?"): ("sentences", "passages"),
    }.items():
        document = run(*command, "--vault", indexed.vault, "--json").json
        assert all(document[key] for key in keys), command


@pytest.mark.parametrize("question", ["find contradictions", "missing links"])
def test_an_analysis_that_was_asked_for_has_its_findings_in_the_answer(
    run: Callable[..., Done], indexed: Workspace, question: str
) -> None:
    document = run("ask", question, "--vault", indexed.vault, "--json").json

    shape = CONTRADICTION if "contradictions" in question else MENTION
    assert faults(document, ASK | {"findings": [shape]}) == []
    assert document["findings"]


def test_a_trace_goes_both_ways_in_one_shape(
    run: Callable[..., Done], indexed: Workspace, compiled_all: dict[str, Compiled]
) -> None:
    unit = compiled_all["ledger"]
    code = unit.out / unit.package / "model.py"

    forth = run("trace", f"{code}:20", "--vault", indexed.vault, "--json").json
    back = run("trace", f"{unit.idea}:19", "--vault", indexed.vault, "--json").json

    for document in (forth, back):
        assert faults(document, TRACE) == []
        assert document["chain"]
        assert document["to"]
        assert misplaced(document, indexed.vault, unit.out.parent) == []
    assert back["from"]["path"] == unit.idea
    assert forth["chain"][-1]["kind"] == "note"


def test_a_whole_compile_has_the_documented_shape(compiled: Compiled) -> None:
    assert faults(compiled.report, COMPILE) == []
    assert compiled.report["checks"]
    assert compiled.report["writes"]


def test_an_error_leaves_standard_output_empty(run: Callable[..., Done], indexed: Workspace) -> None:
    for command in (("compile", "No such note", "--until", "extract"), ("trace", "nowhere.py:1"), ("links", "nobody")):
        done = run(*command, "--vault", indexed.vault, "--json")

        assert done.code == 2, command
        assert done.out == ""
        assert "error:" in done.err


def test_a_fault_is_seen() -> None:
    place = {**dict.fromkeys(("line", "col", "end_line", "end_col", "start", "end"), 1), "path": "a.md", "text": "x"}

    assert faults({"from": place, "chain": [], "to": [place]}, {k: v for k, v in TRACE.items() if k != "version"}) == []
    assert faults({"from": place | {"line": "1"}, "chain": [], "to": []}, TRACE)
    assert faults({"from": place, "chain": {}, "to": []}, TRACE)
    assert list(places_in({"a": [{"b": place}]})) == [place]

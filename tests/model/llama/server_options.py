"""Reads out of llama.cpp's `common/arg.cpp` which options llama-server takes, for `server_options.json`.

When llama-cpp-python is raised to another version, take the source package of that version and write the table anew:

    python tests/model/llama/server_options.py llama_cpp_python-VERSION/ > tests/model/llama/server_options.json
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("server_options.json")
SWITCH, NUMBER, TEXT, TEXTS = "nothing", "a whole number", "a text", "two texts"
_ADDED = re.compile(r"\badd_opt\(common_arg\(")
_NAMES = re.compile(r'\s*\{((?:\s*"-[^"]*",?)+)\s*\}\s*,')
_QUOTED = re.compile(r'"([^"]*)"')
_HANDLER = re.compile(r"\[\]\(common_params &\s*\w*\s*((?:,[^)]*)?)\)")
_SET = r"\.set_%s\((\{[^}]*\}|\w+)\)"
_VALUE = re.compile(r'\bvalue == "([^"]+)"')
_WORDS = re.compile(r"bool \w+::(is_\w+)\(const std::string & value\) \{(.*?)\n\}", re.DOTALL)
_COMMENT = re.compile(r"/\*.*?\*/|^\s*//.*$", re.MULTILINE)
_CACHE_TYPES = re.compile(r"kv_cache_types = \{(.*?)\};", re.DOTALL)


def read_options(source: str) -> dict[str, dict[str, Any]]:
    """Give each option of llama-server in the text of arg.cpp: what it `takes`, and the `values`, where they are named.

    Only where all values are named is there a list of them; "N, 'auto' or 'all'" has none. One that llama-server knows
    only to say that it was removed is left out.
    """
    source = _COMMENT.sub("", source)
    words = {name: _VALUE.findall(body) for name, body in _WORDS.findall(source)}
    found: dict[str, dict[str, Any]] = {}
    starts = [match.end() for match in _ADDED.finditer(source)]
    for start, end in zip(starts, [*starts[1:], len(source)], strict=True):
        block = source[start:end]
        names, at = [], 0
        while match := _NAMES.match(block, at):
            names += _QUOTED.findall(match[1])
            at = match.end()
        if "arg_removed(" in block or not _is_of_server(source, block):
            continue
        option: dict[str, Any] = {"takes": _taken(block)}
        if values := _values(source, block, words):
            option["values"] = values
        found |= dict.fromkeys(names, option)
    return dict(sorted(found.items()))


def _is_of_server(source: str, block: str) -> bool:
    held = {}
    for kind in ("examples", "excludes"):
        match = re.search(_SET % kind, block)
        text = match[1] if match else ""
        if text.isidentifier():
            text = source.partition(f"{text} = {{")[2].partition("}")[0]
        held[kind] = set(re.findall(r"LLAMA_EXAMPLE_(\w+)", text))
    examples = held["examples"] or {"COMMON"}
    return bool(examples & {"COMMON", "SERVER"}) and "SERVER" not in held["excludes"]


def _taken(block: str) -> str:
    handler = _HANDLER.search(block)
    given = handler[1] if handler else ""
    if "int" in given:
        return NUMBER
    return SWITCH if not given or "bool" in given else TEXTS if given.count(",") > 1 else TEXT


def _values(source: str, block: str, words: dict[str, list[str]]) -> list[str]:
    if "kv_cache_type_from_str(value)" in block:
        types = _CACHE_TYPES.search(source)
        return [name.lower() for name in re.findall(r"GGML_TYPE_(\w+)", types[1])] if types else []
    found = _VALUE.findall(block)
    for name, spelt in words.items():
        found += spelt if f"{name}(value)" in block else []
    return found if "throw" in block and "std::sto" not in block and "parse_device" not in block else []


def main() -> None:
    """Print the table of the source package in the folder that is named."""
    folder = Path(sys.argv[1])
    version = re.search(r"^Version: (\S+)$", (folder / "PKG-INFO").read_text("utf-8"), re.MULTILINE)
    assert version is not None
    source = (folder / "vendor" / "llama.cpp" / "common" / "arg.cpp").read_text("utf-8")
    lines = [f"{json.dumps(name)}: {json.dumps(option)}" for name, option in read_options(source).items()]
    sys.stdout.write(f'{{"llama_cpp_python": "{version[1]}", "options": {{\n' + ",\n".join(lines) + "\n}}\n")


if __name__ == "__main__":
    main()

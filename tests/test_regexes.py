"""No regular expression of the product is quadratic on what a note may repeat."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import re
import time
from typing import TYPE_CHECKING, Any

import pytest

import vaultc

if TYPE_CHECKING:
    from collections.abc import Iterator

_LARGE, _SMALL = 3_200, 800
_UNMEASURABLE_S = 0.02
_MOST_GROWTH = 9.0  # of four times the text; quadratic is sixteen
UNITS = [
    *(
        "a",
        "я",
        "1",
        "1.",
        "1,",
        "1 ",
        "111 ",
        "a ",
        "слово ",
        "A.",
        "т. ",
        ". ",
        "-",
        "- ",
        "—",
        "_",
        "*",
        "**",
        "#",
        "# ",
    ),
    *(
        " ",
        "\t",
        "\n",
        "\r\n",
        "\u00a0",
        "\n ",
        " \n",
        ">",
        "> ",
        "|",
        "a|",
        ":",
        "::",
        "a::",
        "a:",
        ",",
        ", ",
        ";",
        "!",
        "?",
    ),
    *(
        "(",
        ")",
        "((",
        "[",
        "]",
        "[[",
        "[[a",
        "[](",
        "](a",
        "<",
        "<a",
        "{",
        "}",
        "`",
        "`a",
        "~",
        "=",
        "$",
        "%",
        "%%",
        "^",
    ),
    *(
        '"',
        "'",
        "«",
        "«a",
        "/",
        "a/",
        "\\",
        "\\a",
        ".",
        "..",
        "a.",
        "http://",
        "a@",
        "a-",
        "a'",
        "a\u0301",
        "0x",
        "12:",
        "2024-",
    ),
]
# Patterns that are only ever matched at one place, or on a text whose length is bounded there.
BOUNDED = {
    "vaultc.language.sentences._LINE_MARK": "matched at the start of a line; every repeat in it has a limit",
    "vaultc.language.sentences._HEADING": "matched at the start of a line; every repeat in it has a limit",
    "vaultc.compiler.extract.verbatim._FILE_NAME": "matched against one whole word",
    "vaultc.vault.conflict._WORDS": "matched against what stands in one pair of brackets, 120 characters at most",
    "vaultc.vault.mojibake._QUOTED": "matched against the whole of one run, which gives each repeat one way to match",
    "vaultc.app.tracing._PLACE": "matched against one whole argument",
}


def _patterns_in(value: Any, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, functools._lru_cache_wrapper) and not inspect.signature(value).parameters:
        yield from _patterns_in(value(), depth)  # compiled when first needed
    elif depth < 3 and isinstance(value, list | tuple | set | frozenset) and len(value) < 400:
        for item in value:
            yield from _patterns_in(item, depth + 1)
    elif depth < 3 and isinstance(value, dict) and len(value) < 400:
        for item in (*value, *value.values()):
            yield from _patterns_in(item, depth + 1)


def product_patterns() -> dict[str, list[re.Pattern[Any]]]:
    """Give the compiled patterns that stand in the modules of the product, by the name that holds them."""
    found: dict[str, list[re.Pattern[Any]]] = {}
    seen: set[tuple[Any, int]] = set()
    for module in pkgutil.walk_packages(vaultc.__path__, "vaultc."):
        if module.name.endswith("__main__"):
            continue
        try:
            held = vars(importlib.import_module(module.name))
        except ModuleNotFoundError as error:
            if error.name != "llama_cpp":
                raise
            continue  # `make check` runs where it was not built
        for name, value in held.items():
            for pattern in _patterns_in(value):
                if (pattern.pattern, pattern.flags) not in seen:
                    seen.add((pattern.pattern, pattern.flags))
                    found.setdefault(f"{module.name}.{name}", []).append(pattern)
    return found


PATTERNS = product_patterns()


def _own_units(pattern: str) -> list[str]:
    """Give the literals that stand in a pattern: what it waits for."""
    words = sorted(set(re.findall(r"[^\W\d_]{2,12}|[^\w\s\\()\[\]{}?*+|^$.]", pattern)))[:20]
    return [word + tail for word in words for tail in ("", " ")]


def _seconds(pattern: re.Pattern[Any], unit: str, size: int) -> float:
    text = unit * (size // len(unit))
    subject = text.encode() if isinstance(pattern.pattern, bytes) else text
    begun = time.thread_time()
    for _ in pattern.finditer(subject):
        pass
    return time.thread_time() - begun


def _is_quadratic(pattern: re.Pattern[Any], unit: str) -> bool:
    for _ in range(3):
        large = _seconds(pattern, unit, _LARGE)
        if large < _UNMEASURABLE_S or large < _MOST_GROWTH * _seconds(pattern, unit, _SMALL):
            return False
    return True


def test_there_are_patterns() -> None:
    assert len(PATTERNS) > 100
    assert PATTERNS.keys() >= BOUNDED.keys()


@pytest.mark.parametrize("name", sorted(PATTERNS.keys() - BOUNDED.keys()))
def test_a_pattern_reads_repeats_in_linear_time(name: str) -> None:
    for pattern in PATTERNS[name]:
        units = UNITS if isinstance(pattern.pattern, bytes) else [*UNITS, *_own_units(pattern.pattern)]
        assert [unit for unit in units if _is_quadratic(pattern, unit)] == []


def test_a_quadratic_pattern_would_be_found() -> None:
    assert _is_quadratic(re.compile(r"\[\[(.+?)\]\]"), "[[")

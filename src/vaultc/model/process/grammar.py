"""Looks at a schema and at the grammar made of it before llama.cpp does, whose parser ends the process on some.

llama.cpp refuses undefined rules, left recursion and a repetition of more than 2,000 by itself. What it does not
survive is depth: its parser calls itself for each bracket.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from vaultc.core.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_CHARS = 1 << 20
_MOST_DEPTH = 500
_MOST_REPETITIONS = 2000
_MOST_HOPS = 32
_ROOT_REF = re.compile(r"#/(\$defs|definitions)/([^/]+)")
# A text in quotes, a set of letters, a comment, a bracket, or numbers of a repetition.
_SIGN = re.compile(
    r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|\[(?:[^\]\\]|\\.)*+(?:\]|\\?\Z)|#[^\n]*|[()]|\{[0-9, ]*+\}?', re.DOTALL
)


def with_root(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Give `schema` with the definition that its root refers to in the root's place: the converter expects that.

    Raises ModelError where the root refers to nothing, or round in a circle.
    """
    found = dict(schema)
    for _ in range(_MOST_HOPS):
        ref = found.get("$ref")
        if ref is None:
            return found
        named = _ROOT_REF.fullmatch(ref) if isinstance(ref, str) else None
        target = schema.get(named[1], {}).get(named[2]) if named is not None else None
        if not isinstance(target, dict):
            raise ModelError(f"no grammar can be made of the schema: it refers to {str(ref)[:80]}, which is not in it")
        kept = {key: schema[key] for key in ("$defs", "definitions") if key in schema}
        found = {**target, **kept}
    raise ModelError("no grammar can be made of the schema: its root refers to itself")


def check_grammar(text: str) -> None:
    """Raise ModelError for a grammar that llama.cpp's parser might not survive."""
    if len(text) > _MOST_CHARS:
        raise ModelError(f"the grammar of the schema is too large: {len(text)} characters")
    depth = 0
    for sign in _SIGN.finditer(text):
        first = sign[0][0]
        if first == "(":
            depth += 1
            if depth > _MOST_DEPTH:
                raise ModelError("the grammar of the schema is too deep: it asks for too long a text or list")
        elif first == ")":
            depth -= 1
        elif first == "{" and any(int(number) > _MOST_REPETITIONS for number in re.findall("[0-9]{1,9}", sign[0])):
            raise ModelError(f"the grammar of the schema repeats more than {_MOST_REPETITIONS} times")

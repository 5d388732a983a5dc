"""Building blocks of generated tests: a test function, its marks, calls broken over lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.compiler.python.layout import WIDTH, CodeBlock, docstring, literal, long_literal, signature

if TYPE_CHECKING:
    from collections.abc import Sequence

PYTEST = "import pytest"


def case(
    name: str, doc: str, body: Sequence[str], params: Sequence[str] = (), imports: frozenset[str] = frozenset()
) -> CodeBlock:
    """Give a test function: its name behind `test_`, what it checks, its body."""
    lines = [signature(f"test_{name}", params, "None"), docstring(doc, (), (), 4), *body]
    return CodeBlock("\n".join(lines), imports)


def parametrized(names: str, values: Sequence[str]) -> str:
    """Give the mark that runs a test once for each of `values`."""
    one = f'@pytest.mark.parametrize("{names}", [{", ".join(values)}])'
    if len(one) <= WIDTH:
        return one
    if "," in names:
        return (
            '@pytest.mark.parametrize(\n    "'
            + names
            + '",\n    [\n'
            + "".join(f"        {v},\n" for v in values)
            + "    ],\n)"
        )
    return f'@pytest.mark.parametrize(\n    "{names}",\n    [{", ".join(values)}],\n)'


def with_mark(mark: str, block: CodeBlock) -> CodeBlock:
    """Give a test with a mark above it."""
    return CodeBlock(f"{mark}\n{block.text}", block.imports | {PYTEST})


def broken_call(head: str, call: str) -> list[str]:
    """Give `Name(a=…, b=…)` with one argument a line."""
    name, _, rest = call.partition("(")
    indent = len(head) - len(head.lstrip())
    args = _split_args(rest[:-1])
    return [f"{head}{name}(", *(f"{' ' * (indent + 4)}{arg}," for arg in args), f"{' ' * indent})"]


def _split_args(text: str) -> list[str]:
    args, depth, start, quoted = [], 0, 0, False
    for at, char in enumerate(text):
        if char == '"':
            quoted = not quoted
        elif not quoted and char in "([{":
            depth += 1
        elif not quoted and char in ")]}":
            depth -= 1
        elif not quoted and char == "," and depth == 0:
            args.append(text[start:at].strip())
            start = at + 1
    last = text[start:].strip()
    return [*args, last] if last else args


def xfail(reason: str) -> str:
    """Give the mark of a test that must fail until the requirement is done."""
    one = f"@pytest.mark.xfail(raises=NotImplementedError, strict=True, reason={literal(reason)})"
    if len(one) <= WIDTH:
        return one
    two = f"    raises=NotImplementedError, strict=True, reason={literal(reason)}"
    if len(two) <= WIDTH:
        return f"@pytest.mark.xfail(\n{two}\n)"
    text = long_literal(reason, 4).lstrip()
    if "\n" not in text and len(text) + 11 <= WIDTH:
        inner = f"    reason={text},"
    else:
        inner = f"    reason=(\n{long_literal(reason, 8)}\n    ),"
    return f"@pytest.mark.xfail(\n    raises=NotImplementedError,\n    strict=True,\n{inner}\n)"

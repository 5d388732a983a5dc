"""Python text as a syntax tree, where it is Python and no deeper than what reads it can follow."""

from __future__ import annotations

import ast

MOST_LEVELS = 500
"""How deep a module may nest. A person nests twenty levels; a sum of a thousand terms is a thousand levels deep."""
_MOST_OF_EXPRESSION = 50


def parsed(code: str) -> ast.Module | None:
    """Give the syntax tree of `code`, or None where it is no Python or nests too deep to be followed."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tree if _is_within(tree, MOST_LEVELS) else None


def expression(text: str) -> ast.expr | None:
    """Give the syntax tree of one expression, or None where it is none or nests too deep to be followed."""
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tree if _is_within(tree, _MOST_OF_EXPRESSION) else None


def shown(node: ast.expr, otherwise: str) -> str:
    """Give `node` as Python, or `otherwise` where it nests too deep to be written by recursion."""
    return ast.unparse(node) if _is_within(node, _MOST_OF_EXPRESSION) else otherwise


def _is_within(tree: ast.AST, most: int) -> bool:
    """Tell whether no node lies deeper than `most` levels."""
    level: list[ast.AST] = [tree]
    for _ in range(most):
        level = [inner for node in level for inner in ast.iter_child_nodes(node)]
        if not level:
            return True
    return False

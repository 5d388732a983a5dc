"""Which lines of a Python file lean on which elements, read from the file itself.

The ids stand in docstrings and comments, whoever wrote the code. A definition without ids is a helper and
leans on what uses it, or on what it uses.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.compiler.elements import evidence_of, ids_in
from vaultc.compiler.trees import shown
from vaultc.compiler.unit import By, Derivation, Segment, SegmentKind
from vaultc.compiler.wording import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vaultc.compiler.elements import Element


@dataclass(frozen=True, slots=True)
class Ground:
    """What segments may lean on: elements by id, ids by the names in code, and what holds for the whole file."""

    known: Mapping[str, Element]
    named: Mapping[str, str]
    file_ids: tuple[str, ...]
    language: str = "en"


@dataclass(frozen=True, slots=True)
class _Piece:
    kind: SegmentKind
    name: str
    start: int
    end: int
    text: str
    uses: frozenset[str]


def segments_of(text: str, ground: Ground, by: By = By.RULE) -> tuple[Segment, ...]:
    """Give the segments of a Python file that parses; every definition has one, and the head of the file."""
    lines = text.split("\n")
    tree = ast.parse(text)
    pieces = [piece for node in tree.body for piece in _pieces(node, lines)]
    head_end = pieces[0].start - 1 if pieces else len(lines)
    head = "\n".join(lines[:head_end])
    found = []
    if head.strip():
        ids = ids_in(head, ground.known) or ground.file_ids
        last = max((at for at, line in enumerate(lines[:head_end], 1) if line.strip()), default=1)
        name = (ast.get_docstring(tree) or "").split("\n")[0]
        found.append(_segment(SegmentKind.HEADER, name, 1, last, ids, ground, by))
    users: dict[str, list[_Piece]] = {}
    for piece in pieces:
        for name in piece.uses:
            users.setdefault(name, []).append(piece)
    for piece in pieces:
        found.append(_of_piece(piece, users, ground, by))
    return tuple(found)


def _pieces(node: ast.stmt, lines: Sequence[str]) -> list[_Piece]:
    kind = _kind(node)
    if kind is None:
        return []
    start = node.lineno
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.decorator_list:
        start = min(start, *(item.lineno for item in node.decorator_list))
    while start > 1 and lines[start - 2].startswith("#"):
        start -= 1
    end = node.end_lineno or node.lineno
    return [_Piece(kind, _name(node), start, end, "\n".join(lines[start - 1 : end]), _uses(node))]


def _kind(node: ast.stmt) -> SegmentKind | None:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return SegmentKind.TEST if node.name.startswith("test_") else SegmentKind.FUNCTION
    if isinstance(node, ast.ClassDef):
        return SegmentKind.TEST if node.name.startswith("Test") else SegmentKind.TYPE
    if isinstance(node, ast.Import | ast.ImportFrom) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ):
        return None
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return SegmentKind.CONSTANT
    return SegmentKind.SECTION


def _name(node: ast.stmt) -> str:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name
    if isinstance(node, ast.AnnAssign):
        return shown(node.target, "")
    if isinstance(node, ast.Assign):
        return shown(node.targets[0], "")
    return ""


def _uses(node: ast.stmt) -> frozenset[str]:
    return frozenset(item.id for item in ast.walk(node) if isinstance(item, ast.Name))


def _of_piece(piece: _Piece, users_of: Mapping[str, Sequence[_Piece]], ground: Ground, by: By) -> Segment:
    ids = ids_in(piece.text, ground.known)
    if piece.name in ground.named and piece.kind is not SegmentKind.TEST:
        ids = tuple(dict.fromkeys((*ids, ground.named[piece.name])))
    if ids:
        return _segment(piece.kind, piece.name, piece.start, piece.end, ids, ground, by)
    users = [other for other in users_of.get(piece.name, ()) if other is not piece]
    leans = _ids_of_users(users, users_of, ground) or _named_in(piece, ground) or ground.file_ids
    key = "derived_tests" if piece.kind is SegmentKind.TEST else "derived_helper"
    if piece.kind is SegmentKind.TEST:
        names = [name for name in piece.uses if name in ground.named]
    else:
        names = [user.name for user in users]
    label = ", ".join(sorted(names)[:3]) or piece.name
    quotes = evidence_of(leans, ground.known)
    derived = Derivation(say(ground.language, key, name=label), quotes)
    return Segment(piece.kind, piece.name, piece.start, piece.end, leans, (), by, derived)


def _ids_of_users(users: Sequence[_Piece], users_of: Mapping[str, Sequence[_Piece]], ground: Ground) -> tuple[str, ...]:
    """Give the ids of the definitions that use a helper, or of what uses those, and so on."""
    seen: set[str] = set()
    waiting = list(users)
    while waiting:
        level: list[str] = []
        following: list[_Piece] = []
        for user in waiting:
            if user.name in seen:
                continue
            seen.add(user.name)
            own = ids_in(user.text, ground.known)
            named = (ground.named[user.name],) if user.name in ground.named else ()
            level += [*own, *named]
            following += [other for other in users_of.get(user.name, ()) if other.name not in seen]
        if level:
            return tuple(dict.fromkeys(level))
        waiting = following
    return ()


def _named_in(piece: _Piece, ground: Ground) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ground.named[name] for name in sorted(piece.uses) if name in ground.named))


def _segment(
    kind: SegmentKind, name: str, start: int, end: int, ids: tuple[str, ...], ground: Ground, by: By
) -> Segment:
    elements = [ground.known[id_] for id_ in ids if id_ in ground.known]
    own = tuple(dict.fromkeys(quote for element in elements for quote in element.origins))
    derived = None
    if not own:
        leans = evidence_of(ids, ground.known)
        reason = next((element.derived.reason for element in elements if element.derived is not None), name)
        derived = Derivation(reason, leans)
    return Segment(kind, name, start, end, ids, own, by, derived)

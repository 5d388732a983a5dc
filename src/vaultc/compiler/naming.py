"""Identifiers of generated code: ASCII, never a keyword, each once where it must be."""

from __future__ import annotations

import builtins
import keyword
from collections import Counter
from typing import TYPE_CHECKING

from vaultc.disk.policy import RESERVED_NAMES
from vaultc.language.translit import code_name, transliterate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vaultc.compiler.unit import Entity

# The last are names that no file may have, and so no module.
_TAKEN = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "self", "cls", *RESERVED_NAMES})
# What generated modules import: nothing at the top of one has such a name, whatever the notes call it.
IMPORTED = frozenset(
    {"date", "datetime", "time", "timedelta", "UTC", "Decimal", "Path", "Mapping", "Sequence", "Iterable", "Iterator",
     "Callable", "dataclass", "field", "StrEnum", "Final", "NoReturn", "argparse", "ast", "inspect", "json", "pytest",
     "sys"}
)  # fmt: skip
_MAX_CHARS = 48


def is_identifier(name: str) -> bool:
    """Tell whether `name` may name something of ours in generated code."""
    return name.isascii() and name.isidentifier() and name not in _TAKEN and not name.startswith("__")


def is_free(name: str) -> bool:
    """Tell whether `name` may stand at the top of a generated module."""
    return is_identifier(name) and name not in IMPORTED


def snake(text: str) -> str:
    """Give `text` as the name of a function, module or variable."""
    return _cut(code_name(text), "_")


def pascal(text: str) -> str:
    """Give `text` as the name of a class."""
    return _cut(code_name(text, "pascal"), "_")


def constant(text: str) -> str:
    """Give `text` as the name of a constant or of a member of an enumeration."""
    return _cut(code_name(text, "constant"), "_")


def _cut(name: str, sign: str) -> str:
    if len(name) > _MAX_CHARS:
        name = name[:_MAX_CHARS].rsplit(sign, 1)[0] if sign in name[:_MAX_CHARS] else name[:_MAX_CHARS]
    return name if is_free(name) else f"{name}_"


def unique(name: str, taken: set[str], sign: str = "_") -> str:
    """Give `name`, or `name_2`, `name_3`, ... with the number behind those that are taken, and take it.

    The number is looked for by halves: as many things may have one name as a note has lines.
    """
    found = name
    if name in taken:
        last, free = 1, 2
        while f"{name}{sign}{free}" in taken:
            last, free = free, 2 * free
        while free - last > 1:
            middle = (last + free) // 2
            last, free = (middle, free) if f"{name}{sign}{middle}" in taken else (last, middle)
        found = f"{name}{sign}{free}"
    taken.add(found)
    return found


def class_name(entity: Entity) -> str:
    """Give the name of the class of `entity`."""
    name = entity.code_name
    return name if is_free(name) and name[0].isupper() else pascal(name.replace("_", " ") or entity.name)


def member_names(values: Iterable[str]) -> tuple[str, ...]:
    """Give the names of the members of an enumeration, in order, each once.

    Words that the glossary turns into one («Открыт», «Открывается») are written in Latin letters instead.
    """
    every = list(values)
    names = [constant(value) for value in every]
    counts = Counter(names)
    plain = [constant(" ".join(map(transliterate, value.split()))) for value in every]
    taken: set[str] = set()
    return tuple(
        unique(other if counts[name] > 1 and other not in counts else name, taken)
        for name, other in zip(names, plain, strict=True)
    )


def first_free(names: Iterable[str], taken: set[str]) -> str:
    """Give the first of `names` that is not taken, else the first of all with a number; take it."""
    every = list(dict.fromkeys(names))
    free = next((name for name in every if name not in taken), None)
    return unique(free if free is not None else every[0], taken)

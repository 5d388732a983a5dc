"""Which file of a package stands at which path: never two at one, also where only the case of letters differs.

A file that the notes give is taken over at its own path. It stands in place of a project file (README.md,
pyproject.toml), for it is the person's own; where a module, a test or the map must stand, it is laid aside as text,
and so is Python that is no module of the package (tests, conftest.py, `__init__.py`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vaultc.compiler.source_map import MAP_NAME
from vaultc.compiler.unit import Refusal
from vaultc.core.endings import BESIDE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.compiler.unit import CodeFile

PLACE = "place"
ASIDE = "from_notes"


def placed(
    written: Sequence[CodeFile], project: Sequence[CodeFile], given: Sequence[CodeFile]
) -> tuple[tuple[CodeFile, ...], tuple[Refusal, ...]]:
    """Give the files around `written`, and what became of those that could not stand where the notes name them.

    `written` are modules and tests, `project` what vaultc puts around them, `given` the files of the notes.
    """
    own = {_key(file.path): file for file in project}
    fixed = {_key(file.path) for file in (*written, *project) if file.path.endswith(".py")} | {_key(MAP_NAME)}
    kept: dict[str, CodeFile] = {}
    moved = []
    for file in given:
        path, number = file.path, 1
        while _is_taken(_key(path), fixed | kept.keys()) or _is_laid_aside(path):
            number += 1
            path = f"{ASIDE}/{file.path}{'' if number == 2 else f'.{number - 1}'}.txt"
        if path != file.path:
            moved.append(Refusal(PLACE, file.path, path))
        kept[_key(path)] = file if path == file.path else replace(file, path=path, language="text")
        for key in [key for key in own if _is_taken(key, {_key(path)})]:
            del own[key]
    return (*own.values(), *kept.values()), tuple(moved)


def _key(path: str) -> str:
    return path.casefold()


def _is_taken(path: str, taken: set[str] | frozenset[str]) -> bool:
    """Tell whether a file stands at `path`, or a folder must, or a file where one of its folders must."""
    parts = path.split("/")
    above = {"/".join(parts[:end]) for end in range(1, len(parts) + 1)}
    return bool(above & taken) or any(other.startswith(f"{path}/") for other in taken)


def _is_laid_aside(path: str) -> bool:
    """Tell whether `path` is of Python, which is not run where it is no module, or of what emit lays beside files."""
    return path.endswith(".py") or (BESIDE in path and not path.startswith(f"{ASIDE}/"))

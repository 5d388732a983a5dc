"""Fenced code that the notes give a file name: taken over as it is, at a safe path only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vaultc.compiler.unit import Verbatim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.compiler.extract.region import Region
    from vaultc.core.note import Fence

_NAMED = re.compile(
    r"\b(?:title|file|filename|name|path|src)\s{0,3}[=:]\s{0,3}(?:\"([^\"\n]{1,200})\"|'([^'\n]{1,200})'|([^\s}\"']{1,200}))"
)
_FILE_NAME = re.compile(r"[\w.-]+(?:/[\w.-]+)*\.\w{1,8}")
_COMMENT = re.compile(
    r"\s{0,8}(?:#|//|--|;|/\*|<!--)\s{0,3}(?:file|файл|filename|path)\s{0,3}:\s{0,3}([^\s*>-]\S{0,199})", re.IGNORECASE
)
_LANGUAGES = {"py": "python", "sh": "bash", "yml": "yaml", "md": "markdown", "js": "javascript", "ts": "typescript"}
_RESERVED = frozenset({"con", "prn", "aux", "nul"})


def file_name_of(fence: Fence) -> str:
    """Give the file name that a fence carries in its info string or first line, or an empty text.

    Read are `python title="x.py"`, `python x.py`, `python:x.py`, `{.python file=x.py}` and a first line
    `# file: x.py`.
    """
    info = fence.info.strip()
    named = _NAMED.search(info)
    if named:
        return next(part for part in named.groups() if part)
    for word in info.strip("{}").replace(":", " ").split()[1:]:
        if _FILE_NAME.fullmatch(word):
            return word
    first = fence.code.split("\n", 1)[0][:400]
    commented = _COMMENT.match(first)
    return commented[1] if commented else ""


def safe_path(name: str) -> str:
    """Give `name` as a path below the output folder, or an empty text where it is not safe to write there."""
    path = name.strip().replace("\\", "/").removeprefix("./")
    parts = path.split("/")
    if not path or len(path) > 200 or path.startswith("/") or ":" in path:
        return ""
    for part in parts:
        if not part or part.startswith(".") or part.rstrip(". ") != part or part.split(".")[0].lower() in _RESERVED:
            return ""
        if any(ord(char) < 32 or char in '<>"|?*' for char in part):
            return ""
    return path if "." in parts[-1] else ""


def find_verbatim(regions: Sequence[Region]) -> tuple[Verbatim, ...]:
    """Give the named fences of the idea and its embeds; the first of two with one path stands."""
    found: dict[str, Verbatim] = {}
    for region in regions:
        if region.role == "link":
            continue
        for _, fence in region.fences():
            path = safe_path(file_name_of(fence))
            key = path.casefold()
            if not path or key in found or not fence.code.strip():
                continue
            suffix = path.rsplit(".", 1)[-1].lower()
            language = fence.language.strip("{.}") or suffix
            text = fence.code if fence.code.endswith("\n") else fence.code + "\n"
            found[key] = Verbatim(
                path, _LANGUAGES.get(language, language), text.replace("\r\n", "\n"), region.quote(fence.code_span)
            )
    return tuple(found.values())

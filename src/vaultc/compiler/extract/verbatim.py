"""Fenced code that the notes give a file name: taken over as it is, at a safe path only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vaultc.compiler.unit import Verbatim
from vaultc.core.errors import UsageError
from vaultc.disk.policy import check_relative

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
_MAX_CHARS = 200


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
    if len(path) > _MAX_CHARS:
        return ""
    try:
        check_relative(path)
    except UsageError:
        return ""
    if any(char in '<>"|?*' for char in path):
        return ""
    return path if "." in parts[-1] else ""


def find_verbatim(regions: Sequence[Region]) -> tuple[Verbatim, ...]:
    """Give the named fences of the idea and its embeds, in their order; what is said twice in the same words, once."""
    found: dict[tuple[str, str], Verbatim] = {}
    for region in regions:
        if region.role == "link":
            continue
        for _, fence in region.fences():
            path = safe_path(file_name_of(fence))
            if not path or not fence.code.strip():
                continue
            suffix = path.rsplit(".", 1)[-1].lower()
            language = fence.language.strip("{.}") or suffix
            text = f"{fence.code.removesuffix(chr(10))}\n".replace("\r\n", "\n")
            given = Verbatim(path, _LANGUAGES.get(language, language), text, region.quote(fence.code_span))
            found.setdefault((path.casefold(), text), given)
    return tuple(found.values())

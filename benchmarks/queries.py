"""Queries drawn from the notes of a vault: titles, and a few words in a row from what they say."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

from benchmarks.measure import note_files

if TYPE_CHECKING:
    from pathlib import Path

_WORDS = re.compile(r"[^\W\d_]{2,}(?:[-’'][^\W\d_]+)*")
_SENTENCE = re.compile(r"[^.!?\n|#>`\[\]{}<=$]{25,200}[.!?]")
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)


def draw_queries(root: Path, count: int, seed: int = 1) -> list[str]:
    """Give `count` queries, half of them titles; half Russian where the vault has as many Russian notes."""
    rng = random.Random(seed)
    files = note_files(root)
    rng.shuffle(files)
    quota = {(kind, language): count // 4 for kind in ("title", "text") for language in ("ru", "en")}
    found: dict[str, None] = {}
    spare: list[str] = []
    for path in files:
        text = path.read_text("utf-8", "replace")[:20_000]
        for kind, query in (("title", _title(path)), ("text", _words_of(text, rng))):
            key = kind, "ru" if _CYRILLIC.search(query) else "en"
            if not query or query in found:
                continue
            if quota[key]:
                quota[key] -= 1
                found[query] = None
            elif len(spare) < 2 * count:
                spare.append(query)
        if not any(quota.values()):
            break
    for query in spare:
        if len(found) >= count:
            break
        found[query] = None
    queries = list(found)
    rng.shuffle(queries)
    return queries


def _title(path: Path) -> str:
    words = _WORDS.findall(path.stem)
    return " ".join(words[:8]) if len(words) > 1 else ""


def _words_of(text: str, rng: random.Random) -> str:
    sentences = _SENTENCE.findall(text)
    words = _WORDS.findall(rng.choice(sentences)) if sentences else []
    if len(words) < 3:
        return ""
    length = rng.randint(3, min(7, len(words)))
    start = rng.randrange(len(words) - length + 1)
    return " ".join(words[start : start + length])

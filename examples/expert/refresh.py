"""Put the ids of today's compile into an expert script: `python examples/expert/refresh.py`.

The answers of a script name requirements and other elements by their ids, which are made from the words of the
notes. When the notes or the rules that read them change, some ids change with them. `ids.json` beside the answers
says what each id that they name stands for; with it this program finds each element again, by kind and words, and
writes its present id. An element that is gone is reported: then the answers need a person's thought.
"""

from __future__ import annotations

import json
import re
import sys
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from vaultc.compiler.cache import MemoryCache
from vaultc.compiler.elements import elements_of
from vaultc.compiler.passes.gather import make_idea
from vaultc.compiler.passes.order import PIPELINE
from vaultc.compiler.pipeline import compile_idea
from vaultc.compiler.tools import Level, Tools
from vaultc.core.source import vault_path
from vaultc.model.scripted import FolderScript
from vaultc.vault.reader import VaultReader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vaultc.compiler.unit import Unit

EXAMPLES = Path(__file__).resolve().parents[1]
SCRIPTS = {"tide-clock": "Ideas/Tide clock.md"}
ROUNDS: tuple[tuple[str, frozenset[str]], ...] = (
    ("extract", frozenset({"component", "interface", "procedure"})),
    ("design", frozenset({"procedure"})),
    ("pseudocode", frozenset()),
)
"""Passes after which ids are put in, each with the kinds that are not there yet."""
_ID = re.compile(r"(?<![A-Za-z0-9-])[A-Z]-[0-9a-f]{6}(?![0-9a-f])")
_CLOSE = 0.85


def compiled(script: Path, idea: str, until: str) -> Unit:
    """Compile `idea` of the example vault with the answers in `script` up to the pass `until`."""
    reader = VaultReader(EXAMPLES / "vault")
    model = FolderScript(script)
    tools = Tools(
        reader, lambda _query, _limit: (), lambda _paths: (), lambda _files, _name: (), Level.FULL, model, model
    )
    path = vault_path(idea)
    return compile_idea(make_idea(path, reader.read(path)), tools, PIPELINE, cache=MemoryCache(), until=until).unit


def meanings(unit: Unit, without: frozenset[str] = frozenset()) -> dict[str, str]:
    """Give what each id of `unit` stands for, kind and words; kinds in `without` are left out."""
    found = elements_of(unit).items()
    return {id_: f"{element.kind}: {element.text}" for id_, element in found if element.kind not in without}


def renamed(known: Mapping[str, str], present: Mapping[str, str], without: frozenset[str]) -> dict[str, str]:
    """Give the present id for each id in `known` that is gone but whose words, or nearly those, are still there."""
    by_words = {words: id_ for id_, words in present.items() if id_ not in known}
    found: dict[str, str] = {}
    for id_, words in known.items():
        kind = words.partition(":")[0]
        if id_ in present or kind in without:
            continue
        same_kind = [other for other in by_words if other.partition(":")[0] == kind]
        near = [words] if words in by_words else get_close_matches(words, same_kind, 1, _CLOSE)
        if near:
            found[id_] = by_words[near[0]]
    return found


def refresh(script: Path, idea: str) -> list[str]:
    """Write present ids into the answers of `script`; give what is named there and stands for nothing now."""
    listed = script / "ids.json"
    known: dict[str, str] = json.loads(listed.read_text("utf-8")) if listed.is_file() else {}
    present: dict[str, str] = {}
    for until, later in ROUNDS:
        present = meanings(compiled(script, idea, until), later)
        changes = renamed(known, present, later)
        for path in sorted(script.glob("*/*.md")):
            text = path.read_text("utf-8")
            new = _ID.sub(lambda match: changes.get(match[0], match[0]), text)  # noqa: B023 - used at once
            if new != text:
                path.write_text(new, "utf-8")
        known = {changes.get(id_, id_): words for id_, words in known.items()}
    used = sorted({id_ for path in script.glob("*/*.md") for id_ in _ID.findall(path.read_text("utf-8"))})
    named = {id_: present[id_] for id_ in used if id_ in present}
    listed.write_text(json.dumps(named, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return [f"{id_} ({known.get(id_, 'unknown')})" for id_ in used if id_ not in present]


def main() -> int:
    """Refresh every script; 1 where something named is gone."""
    lost = [f"{name}: {item}" for name, idea in SCRIPTS.items() for item in refresh(Path(__file__).parent / name, idea)]
    for line in lost:
        sys.stderr.write(f"{line} is not in the compile any more\n")
    return int(bool(lost))


if __name__ == "__main__":
    raise SystemExit(main())

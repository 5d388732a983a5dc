"""Indexing a vault: `python -m benchmarks.run index VAULT [--runs N]`.

On a copy of the vault, each in a process of its own: markdown-it-py parsing the same text once (the base), an index
without vectors, one with the vault's own embedder and Chroma, a run with nothing to do, one changed note, one
renamed note, one moved folder.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path
from typing import Any

from benchmarks.measure import Cost, copy_vault, median_cost, work_folder
from benchmarks.record import record
from benchmarks.show import print_table, short, verdict
from benchmarks.steps import Person, link_is_right
from benchmarks.tool import Ran, Tool

TOP_WORDS, TOP_VECTORS, TOP_IDLE_S, TOP_CHANGE_S, TOP_MB = 1.5, 4.0, 2.0, 1.0, 600.0
_EDITS = 3


def run(arguments: list[str]) -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(prog="index", description=__doc__)
    parser.add_argument("vault", type=Path)
    parser.add_argument("--runs", type=int, default=1, help="of the base and of each fresh index; medians are given")
    options = parser.parse_args(arguments)
    with work_folder() as place:
        vault = copy_vault(options.vault.resolve(), place / "vault")
        tool = Tool(vault, place / "home")
        result = {"vault": options.vault.resolve().name, "base": "markdown-it-py parses the text once"}
        result |= fresh(tool, options.runs)
        result |= again(tool)
        result |= moved(tool)
    show(result)
    record("index", result)


def fresh(tool: Tool, runs: int = 1) -> dict[str, Any]:
    """Measure the base and both kinds of a first run, in turn; the index with vectors is left there."""
    bases: list[dict[str, Any]] = []
    words: list[Ran] = []
    vectors: list[Ran] = []
    for _ in range(runs):
        bases.append(tool.script("parse_once", str(tool.vault)).answer)
        tool.forget_index()
        words.append(tool.index(vectors=False))
        idle_words = median_cost([tool.index(vectors=False).cost for _ in range(3)])
        tool.forget_index()
        vectors.append(tool.index())
    # Once more at the end: what else the machine does changes, and the base is what all is divided by.
    bases.append(tool.script("parse_once", str(tool.vault)).answer)
    base = statistics.median(one["cpu"] for one in bases)
    result: dict[str, Any] = {
        "notes": words[0].stats["notes"],
        "mb": bases[0]["mb"],
        "chunks": vectors[0].stats["chunks"],
        "failed": words[0].stats["failed"],
        "offline": bool(tool.prefix),
        "base_cpu": round(base, 3),
        "base_wall": round(statistics.median(one["wall"] for one in bases), 3),
        "words": median_cost([ran.cost for ran in words]).as_json(),
        "idle_words": idle_words.as_json(),
        "vectors": median_cost([ran.cost for ran in vectors]).as_json(),
    }
    result["ratios"] = {kind: round(result[kind]["cpu"] / base, 2) for kind in ("words", "vectors")}
    return result


def again(tool: Tool, *, with_links: bool = True) -> dict[str, Any]:
    """Measure a run with nothing to do, and the runs after one note was changed, on the index with vectors."""
    idle = [_expect(tool.index(), modified=0, embedded=0) for _ in range(3)]
    person, changed, change = Person(tool.vault), [], None
    for _ in range(_EDITS):
        change = person.change()
        changed.append(_expect(tool.index(), modified=1))
    assert change is not None
    found = {"change_link": link_is_right(tool, change)} if with_links else {}
    return {
        "idle": median_cost(idle).as_json(),
        "change": median_cost(changed).as_json(),
        "change_worst_wall": round(max(cost.wall for cost in changed), 3),
        **found,
    }


def moved(tool: Tool) -> dict[str, Any]:
    """Rename one note and move one folder; tell how the runs saw it."""
    person = Person(tool.vault, seed=2)
    person.rename()
    renamed = tool.index()
    _, _, count = person.move_folder()
    folder = tool.index()
    kept = ("added", "removed", "modified", "moved", "embedded")
    return {
        "rename": {**renamed.cost.as_json(), **{key: renamed.stats[key] for key in kept}},
        "move": {"notes": count, **folder.cost.as_json(), **{key: folder.stats[key] for key in kept}},
    }


def _expect(ran: Ran, **wanted: int) -> Cost:
    """Give the cost of a run that did what was expected of it; another one is no measurement."""
    got = {key: ran.stats[key] for key in wanted}
    if got != wanted:
        raise RuntimeError(f"the run did something else: {got} instead of {wanted}")
    return ran.cost


def show(result: dict[str, Any]) -> None:
    """Print a table."""
    words, vectors, ratios = result["words"], result["vectors"], result["ratios"]
    peak = max(words["tree_mb"], vectors["tree_mb"], words["rss_mb"], vectors["rss_mb"])
    rows = [
        ("base: markdown-it-py, once", result["base_wall"], result["base_cpu"], "", "", "", ""),
        _row("index, words and links", words, f"{ratios['words']:.2f}×", "1.5×", ratios["words"] <= TOP_WORDS),
        _row("index, vectors and Chroma", vectors, f"{ratios['vectors']:.2f}×", "4×", ratios["vectors"] <= TOP_VECTORS),
        _row("nothing to do, no vectors", result["idle_words"], "", "2 s", result["idle_words"]["wall"] <= TOP_IDLE_S),
        _row("nothing to do", result["idle"], "", "2 s", result["idle"]["wall"] <= TOP_IDLE_S),
        _row("one changed note", result["change"], "", "1 s", result["change"]["wall"] <= TOP_CHANGE_S),
        _row("one renamed note", result["rename"], "", "", None),
        _row("one moved folder", result["move"], "", "", None),
    ]
    title = f"{result['vault']}: {result['notes']} notes, {result['mb']} MB, {result['chunks']} chunks"
    print_table(title, ("", "wall s", "CPU s", "MB", "of base", "at most", "held"), rows)
    print(f"  most memory of all processes together {short(peak)} MB (at most 600: {verdict(peak, TOP_MB)})")
    print(f"  changed note: {result['change_link']}")
    for kind in ("rename", "move"):
        seen = {key: value for key, value in result[kind].items() if isinstance(value, int)}
        held = seen["moved"] and not (seen["added"] or seen["removed"] or seen["embedded"])
        print(f"  {kind}: {'seen as one, vectors kept' if held else 'NOT seen as one with its vectors'}: {seen}")


def _row(name: str, cost: dict[str, float], ratio: str, top: str, held: bool | None) -> tuple[object, ...]:
    seen = "" if held is None else "yes" if held else "NO"
    memory = short(max(cost["rss_mb"], cost["tree_mb"]))
    return name, short(cost["wall"]), short(cost["cpu"]), memory, ratio, top, seen

"""Searching an indexed vault: `python -m benchmarks.run search VAULT [--queries 200]`.

A copy is indexed with vectors; 200 queries are drawn from its titles and sentences. Whole processes: cold (the
kernel was asked to drop the files of the index, of the notes and of Python's packages from its cache) and warm.
Then the parts of one search, and all queries in one process. The base is a bare interpreter.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measure import copy_vault, forget_pages, median_cost, work_folder
from benchmarks.queries import draw_queries
from benchmarks.record import ROOT, record
from benchmarks.show import print_table, short, verdict
from benchmarks.tool import Tool

if TYPE_CHECKING:
    from benchmarks.measure import Cost

TOP_COLD_S, TOP_WARM_MS, TOP_WORDS_S = 2.5, 200.0, 0.35
_COLD, _FRESH = 3, 9


def run(arguments: list[str]) -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(prog="search", description=__doc__)
    parser.add_argument("vault", type=Path)
    parser.add_argument("--queries", type=int, default=200)
    options = parser.parse_args(arguments)
    with work_folder() as place:
        vault = copy_vault(options.vault.resolve(), place / "vault")
        tool = Tool(vault, place / "home")
        stats = tool.index().stats
        result: dict[str, Any] = {
            "vault": options.vault.resolve().name,
            "base": "bare interpreter",
            "notes": stats["notes"],
            "chunks": stats["chunks"],
        }
        result |= processes(tool, draw_queries(vault, options.queries))
    show(result)
    record("search", result)


def processes(tool: Tool, queries: list[str]) -> dict[str, Any]:
    """Measure searches in processes of their own, then the parts of one and all queries in one process."""
    bare = median_cost([tool.python("pass") for _ in range(5)])
    asked = queries[: _COLD + _FRESH]
    result: dict[str, Any] = {"queries": len(queries), "bare": bare.as_json()}
    for name, lexical in (("words", True), ("both", False)):
        cold = [_cold(tool, query, lexical=lexical) for query in asked[:_COLD]]
        fresh = [tool.search(query, lexical=lexical).cost for query in asked[_COLD:]]
        result[f"{name}_cold"] = median_cost(cold).as_json()
        result[f"{name}_fresh"] = median_cost(fresh).as_json()
    file = tool.vault.parent / "queries.json"
    file.write_text(json.dumps(queries, ensure_ascii=False), "utf-8")
    tool.script("search_parts", str(tool.vault), str(file))  # once for nothing: caches of the kernel
    parts = tool.script("search_parts", str(tool.vault), str(file))
    start = {"interpreter": (round(1000 * bare.wall, 2), round(1000 * bare.cpu, 2))}
    measured = start | parts.answer["parts"]
    result["parts_ms"] = {name: wall for name, (wall, _) in measured.items()}
    result["parts_cpu_ms"] = {name: cpu for name, (_, cpu) in measured.items()}
    result["warm_mb"] = round(parts.cost.rss_mb, 1)
    result["answered"] = round(parts.answer["answered"], 3)
    for kind, times in parts.answer["warm_ms"].items():
        times.sort()
        result[f"{kind}_warm_ms"] = {
            "p50": round(statistics.median(times), 1),
            "p95": round(times[int(0.95 * (len(times) - 1))], 1),
        }
    names = ("words_cold", "both_cold", "words_fresh", "both_fresh")
    result["ratios"] = {name: round(result[name]["cpu"] / bare.cpu, 1) for name in names}
    return result


def _cold(tool: Tool, query: str, *, lexical: bool) -> Cost:
    forget_pages(tool.vault, Path(sysconfig.get_path("purelib")), ROOT / "src")
    return tool.search(query, lexical=lexical).cost


def show(result: dict[str, Any]) -> None:
    """Print a table."""
    rows: list[tuple[object, ...]] = []
    labels = (
        ("words_cold", "search --lexical, cold", None),
        ("words_fresh", "search --lexical", TOP_WORDS_S),
        ("both_cold", "search, cold", TOP_COLD_S),
        ("both_fresh", "search", TOP_COLD_S),
    )
    for name, label, top in labels:
        cost = result[name]
        held = ("", "") if top is None else (f"{top} s", verdict(cost["wall"], top))
        row = (label, short(cost["wall"]), short(cost["cpu"]), short(cost["rss_mb"]))
        rows.append((*row, f"{result['ratios'][name]:.0f}×", *held))
    title = f"{result['vault']}: {result['notes']} notes, {result['chunks']} chunks; a process for each search"
    print_table(title, ("", "wall s", "CPU s", "MB", "of bare Python", "at most", "held"), rows)
    parts = [(name, wall, result["parts_cpu_ms"][name]) for name, wall in result["parts_ms"].items()]
    print_table("parts of the first search, warm caches, ms", ("", "clock", "CPU"), parts)
    warm = [
        (kind, result[f"{key}_warm_ms"]["p50"], result[f"{key}_warm_ms"]["p95"])
        for kind, key in (("words", "words"), ("words and vectors", "both"))
    ]
    print_table(f"{result['queries']} queries in one process, ms", ("", "p50", "p95"), warm)
    p95 = result["both_warm_ms"]["p95"]
    print(
        f"  p95 at most 200 ms: {verdict(p95, TOP_WARM_MS)}; answered {result['answered']:.0%}; {result['warm_mb']} MB"
    )

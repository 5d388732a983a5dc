"""Time and memory against size: `python -m benchmarks.run growth [--sizes 1000,5000,25000] [--large]`.

Made vaults of each size (`--large` adds 100,000 notes): what the cases `index` and `search` measure. Each size is
recorded as soon as it is done; growth.md and growth.svg are written from the last result of each size.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path
from typing import Any

from benchmarks.cases.index import again, fresh
from benchmarks.make_vault import make_vault
from benchmarks.measure import median_cost, work_folder
from benchmarks.plot import Line, Panel, draw
from benchmarks.queries import draw_queries
from benchmarks.record import last_results, record
from benchmarks.show import markdown_table, print_table, short
from benchmarks.tool import Tool

HERE = Path(__file__).resolve().parents[1]
_LARGE = 100_000
# What is measured, and its name in table and plot.
_WORK = {
    "words": "index, words",
    "vectors": "index, vectors",
    "idle": "nothing to do",
    "change": "one change",
    "search_words": "search, words",
    "search": "search",
}


def run(arguments: list[str]) -> None:
    """Measure each size, record it, and write the table and the plot."""
    parser = argparse.ArgumentParser(prog="growth", description=__doc__)
    parser.add_argument("--sizes", default="1000,5000,25000")
    parser.add_argument("--large", action="store_true", help="100,000 notes too")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write-only", action="store_true", help="measure nothing; write growth.md and growth.svg")
    options = parser.parse_args(arguments)
    sizes = [int(size) for size in options.sizes.split(",")] + ([_LARGE] if options.large else [])
    for size in () if options.write_only else sizes:
        record("growth", {"base": "markdown-it-py parses the text once", **measure(size, options.seed)})
    results = sorted(last_results("growth", "notes"), key=lambda one: one["notes"])
    (HERE / "growth.md").write_text(page(results), "utf-8")
    (HERE / "growth.svg").write_text(plot(results), "utf-8")
    print_table("growth", head(), rows(results))


def measure(size: int, seed: int) -> dict[str, Any]:
    """Measure one size."""
    with work_folder() as place:
        vault = place / "vault"
        make_vault(vault, size, seed)
        tool = Tool(vault, place / "home")
        result = {"seed": seed, **fresh(tool), **again(tool, with_links=False)}
        queries = draw_queries(vault, 5, seed)
        result["search_words"] = median_cost([tool.search(query, lexical=True).cost for query in queries]).as_json()
        result["search"] = median_cost([tool.search(query).cost for query in queries]).as_json()
        result["state_mb"] = round(sum(one.stat().st_size for one in _files(vault / ".vaultc")) / 1e6, 1)
        result["ratios"] |= {"idle": round(result["idle"]["cpu"] / result["base_cpu"], 3)}
    return result


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def head() -> tuple[str, ...]:
    return ("notes", "MB", "chunks", "base CPU s", *(f"{name} s" for name in _WORK.values()), "most MB", "index MB")


def rows(results: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    """Give a row for each size: wall seconds, with CPU as a multiple of the base where the work is reading."""
    table: list[tuple[object, ...]] = []
    for one in results:
        times = [
            f"{short(one[key]['wall'])} ({one['ratios'][key]:.1f}×)"
            if key in {"words", "vectors"}
            else short(one[key]["wall"])
            for key in _WORK
        ]
        most = short(max(_most(one, key) for key in _WORK))
        table.append(
            (
                f"{one['notes']:,}",
                one["mb"],
                f"{one['chunks']:,}",
                short(one["base_cpu"]),
                *times,
                most,
                one["state_mb"],
            )
        )
    return table


def _most(one: dict[str, Any], key: str) -> float:
    return max(one[key]["rss_mb"], one[key]["tree_mb"])


def plot(results: list[dict[str, Any]]) -> str:
    """Draw time and memory against size."""
    time_lines = [Line(name, tuple((one["notes"], one[key]["wall"]) for one in results)) for key, name in _WORK.items()]
    time_lines.append(Line("markdown-it-py", tuple((one["notes"], one["base_wall"]) for one in results)))
    memory = [Line(name, tuple((one["notes"], _most(one, key)) for one in results)) for key, name in _WORK.items()]
    return draw([Panel("seconds by the clock", tuple(time_lines)), Panel("most memory, MB", tuple(memory))], "notes")


def page(results: list[dict[str, Any]]) -> str:
    """Give the page with the table."""
    last = results[-1]
    slopes = _slopes(results)
    loads = statistics.median(one["load"] for one in results)
    return (
        "# Growth\n\n"
        "Written by `python -m benchmarks.run growth`: made vaults (`benchmarks/make_vault.py`, Russian and English),\n"
        "each command a process of its own, wall seconds. In brackets CPU time as a multiple of the base, which is\n"
        f"markdown-it-py parsing the same text once. {last['machine']}, {last['cores']} cores, mean load {loads};"
        f" commit {last['commit']}.\n\n"
        f"{markdown_table(head(), rows(results))}\n"
        "“Most MB” is the largest figure of any of these runs, for all of its processes together; “index MB” is the\n"
        "state folder on disk.\n\n"
        "![Time and memory against the number of notes](growth.svg)\n" + (f"\n{slopes}\n" if slopes else "")
    )


def _slopes(results: list[dict[str, Any]]) -> str:
    if len(results) < 2:
        return ""
    first, last = results[0], results[-1]
    times = last["notes"] / first["notes"]
    grown = ", ".join(f"{name} {last[key]['cpu'] / first[key]['cpu']:.0f}×" for key, name in _WORK.items())
    return f"From {first['notes']:,} to {last['notes']:,} notes ({times:.0f}×) CPU time grows so: {grown}."

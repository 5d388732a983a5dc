"""Write the tables of README.md from results/*.jsonl: `python -m benchmarks.table [--check]`.

Of each vault, pair or collection the last result stands there. With --check nothing is written, and the exit code is
1 where the page is not what it would be.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from benchmarks.record import last_results
from benchmarks.show import markdown_table, short

PAGE = Path(__file__).parent / "README.md"
BEGIN, END = "<!-- tables: python -m benchmarks.table -->\n", "<!-- end of tables -->\n"


def tables() -> str:
    """Give all tables in Markdown."""
    parts = [_startup(), _index(), _search(), _peers(), _retrieval(), _retrieval_with_model(), _prefix()]
    return "\n".join(part for part in parts if part)


def page(old: str) -> str:
    """Give the page with fresh tables. Raises ValueError where its marks are missing."""
    before, _, rest = old.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError("the marks of the tables are missing")
    return f"{before}{BEGIN}\n{tables()}\n{END}{after}"


def _prefix() -> str:
    names = {
        "shared_tokens": "shared tokens",
        "prompt_tokens": "all tokens",
        "state_mb": "state MB",
        "first_token_s": "first token s",
        "first_token_with_state_s": "with the state s",
        "times_faster": "times faster",
        "times_faster_with_loading": "loading counted",
    }
    rows = [
        (result["model"], *(length[name] for name in names), result["commit"], result["load"])
        for result in last_results("prefix", "model")
        for length in result["lengths"]
    ]
    return _titled("prefix", ("model", *names.values(), "commit", "load"), rows) if rows else ""


def _startup() -> str:
    results = last_results("startup", "case")
    if not results:
        return ""
    last = results[-1]
    head = ("CPU, in bare interpreters", *(name.replace("_", " ") for name in last["ratios"]), "commit")
    row = ("", *last["ratios"].values(), last["commit"])
    return _titled("startup", head, [row])


def _index() -> str:
    head = (
        "vault",
        "notes",
        "MB",
        "base CPU s",
        "words",
        "vectors",
        "nothing to do s",
        "change s",
        "most MB",
        "commit",
        "load",
    )
    rows = [
        (
            *(one["vault"], one["notes"], one["mb"], short(one["base_cpu"])),
            *(f"{one['ratios']['words']:.2f}×", f"{one['ratios']['vectors']:.2f}×"),
            *(short(one["idle"]["wall"]), short(one["change"]["wall"])),
            short(max(one[kind][what] for kind in ("words", "vectors") for what in ("rss_mb", "tree_mb"))),
            *(one["commit"], one["load"]),
        )
        for one in last_results("index", "vault")
    ]
    return _titled("index", head, rows)


def _search() -> str:
    head = (
        "vault",
        "chunks",
        "words, fresh s",
        "both, fresh s",
        "both, cold s",
        "warm p50 ms",
        "warm p95 ms",
        "commit",
        "load",
    )
    rows = [
        (
            *(one["vault"], one["chunks"], short(one["words_fresh"]["wall"])),
            *(short(one["both_fresh"]["wall"]), short(one["both_cold"]["wall"])),
            *(one["both_warm_ms"]["p50"], one["both_warm_ms"]["p95"], one["commit"], one["load"]),
        )
        for one in last_results("search", "vault")
    ]
    parts = [_parts(one) for one in last_results("search", "vault")]
    return "\n".join(part for part in (_titled("search", head, rows), *parts) if part)


def _parts(one: dict[str, Any]) -> str:
    clock, cpu = one["parts_ms"], one.get("parts_cpu_ms", {})  # the first results lack the latter
    listed = ", ".join(f"{name} {clock[name]:.0f}" + (f" ({cpu[name]:.0f})" if cpu else "") for name in clock)
    return f"A first search in {one['vault']}, milliseconds (and of CPU): {listed}.\n"


def _peers() -> str:
    head = (
        "the same work by",
        "work",
        "vault",
        "CPU s",
        "here",
        "times less CPU",
        "times faster",
        "MB",
        "here",
        "commit",
        "load",
    )
    rows = [
        (
            *(one["peer"], one["work"], one["vault"]),
            *(short(one["peer_cost"]["cpu"]), short(one["cost"]["cpu"])),
            *(one["ratios"].get("times_less_cpu", "it failed"), one["ratios"].get("times_faster_wall", "it failed")),
            *(short(one["peer_cost"]["tree_mb"]), short(one["cost"]["tree_mb"]), one["commit"], one["load"]),
        )
        for one in last_results("peers", "pair")
    ]
    return _titled("peers", head, rows)


def _retrieval() -> str:
    head = ("nDCG@10", "words", "vectors", "both", "commit")
    rows = [
        (one["collection"], *(one["legs"][leg]["ndcg@10"] for leg in ("lexical", "vector", "hybrid")), one["commit"])
        for one in last_results("retrieval", "collection")
    ]
    return _titled("retrieval", head, rows)


def _retrieval_with_model() -> str:
    head = ("nDCG@10", "model", "words", "both, the vault's own", "both, the model", "as let in", "why", "commit")
    legs = ("lexical", "hybrid", "model hybrid", "admitted hybrid")
    rows = [
        (
            one["collection"],
            one["model"],
            *(one["legs"][leg]["ndcg@10"] for leg in legs),
            "; ".join(line.partition(": ")[2] for line in one["admission"]),
            one["commit"],
        )
        for one in last_results("retrieval-model", "collection")
    ]
    return _titled("retrieval with a model", head, rows)


def _titled(title: str, head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    return f"### {title}\n\n{markdown_table(head, rows)}" if rows else ""


def main() -> int:
    old = PAGE.read_text("utf-8")
    new = page(old)
    if "--check" in sys.argv[1:]:
        if new != old:
            print("benchmarks/README.md is not fresh: run `python -m benchmarks.table`", file=sys.stderr)
        return int(new != old)
    PAGE.write_text(new, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

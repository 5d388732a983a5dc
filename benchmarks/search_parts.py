"""The parts of a search: `python -m benchmarks.search_parts VAULT QUERIES.json` prints milliseconds as JSON.

Runs in a process of its own, and does what `vaultc search` does, with a clock between the parts. Then the other
queries are asked in the same process: what a server, or a session of questions, would feel.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any


class _Clock:
    """Gives the milliseconds since the last look: by the clock, and of CPU time (all threads)."""

    def __init__(self) -> None:
        self._last = time.perf_counter(), time.process_time()

    def lap(self) -> tuple[float, float]:
        now = time.perf_counter(), time.process_time()
        passed = tuple(round(1000 * (new - old), 2) for new, old in zip(now, self._last, strict=True))
        self._last = now
        return passed[0], passed[1]


def measure(vault: Path, queries: list[str]) -> dict[str, Any]:
    """Give the milliseconds of each part of the first search, and of every query once all is loaded."""
    clock = _Clock()
    import vaultc.cli.app  # noqa: F401 - what the command line loads
    from vaultc.app.indexing import freshen
    from vaultc.app.searching import placed_passages, searching
    from vaultc.app.session import Session
    from vaultc.index.catalog import open_catalog

    parts = {"imports": clock.lap()}
    session = Session.open(vault)
    parts["settings"] = clock.lap()
    freshen(session)
    parts["look for changes"] = clock.lap()
    with ExitStack() as stack:
        catalog = stack.enter_context(open_catalog(session.state.catalog))
        searcher = stack.enter_context(searching(session, catalog))
        parts["open"] = clock.lap()
        searcher.search(queries[0], limit=10, lexical_only=True)
        parts["first query, words"] = clock.lap()
        passages = searcher.search(queries[0], limit=10)
        parts["first query, words and vectors"] = clock.lap()
        placed = placed_passages(session, passages)
        json.dumps([one.as_json() for one in placed], ensure_ascii=False)
        parts["places and text"] = clock.lap()
        warm: dict[str, list[float]] = {"words": [], "both": []}
        found = 0
        for kind, lexical in (("words", True), ("both", False)):
            for query in queries:
                clock.lap()
                passages = searcher.search(query, limit=10, lexical_only=lexical)
                json.dumps([one.as_json() for one in placed_passages(session, passages)], ensure_ascii=False)
                warm[kind].append(clock.lap()[0])
                found += bool(passages)
    return {"parts": parts, "warm_ms": warm, "answered": found / (2 * len(queries))}


if __name__ == "__main__":
    asked = json.loads(Path(sys.argv[2]).read_text("utf-8"))
    json.dump(measure(Path(sys.argv[1]), asked), sys.stdout)

"""The base of `index`: markdown-it-py reads and parses every note of a folder once, in one process.

`python -m benchmarks.parse_once FOLDER` prints CPU and wall seconds, without those of starting and importing.
The rules are those of CommonMark with tables, as vaultc uses them.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from markdown_it import MarkdownIt

from vaultc.vault.ignore import read_ignore
from vaultc.vault.walk import walk


def parse_all(root: Path) -> dict[str, float]:
    """Give what reading and parsing cost, and how much was read."""
    parser = MarkdownIt("commonmark").enable("table")
    started = time.process_time()
    # The notes that vaultc reads: not those that Obsidian's settings exclude.
    paths = [root / os.fsdecode(file.disk) for file in walk(root, ignore=read_ignore(root)).files if file.is_note]
    cpu, wall = time.process_time(), time.perf_counter()
    files = size = 0
    for path in paths:
        data = path.read_bytes()
        parser.parse(data.decode("utf-8", "replace"))
        files, size = files + 1, size + len(data)
    return {
        "cpu": round(time.process_time() - cpu, 3),
        "wall": round(time.perf_counter() - wall, 3),
        "start_cpu": round(started, 3),
        "notes": files,
        "mb": round(size / 1e6, 1),
    }


if __name__ == "__main__":
    json.dump(parse_all(Path(sys.argv[1])), sys.stdout)

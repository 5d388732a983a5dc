"""`make bench CASE=startup`, or `python -m benchmarks.run CASE [ARGUMENT ...]`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def main() -> int:
    """Run the case named first; without one, list them."""
    cases = sorted(path.stem for path in (Path(__file__).parent / "cases").glob("[a-z]*.py"))
    if len(sys.argv) < 2 or sys.argv[1] not in cases:
        print("cases:", ", ".join(cases))
        return 2
    importlib.import_module(f"benchmarks.cases.{sys.argv[1]}").run(sys.argv[2:])
    return 0


if __name__ == "__main__":
    sys.exit(main())

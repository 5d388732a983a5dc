"""Findings that a person knows and has set aside, so that an old vault can start at none.

A finding is known by its rule, its file and the words that stand there, not by its line: it does not come back when
lines move, and of two findings with the same words one more is one new.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from vaultc.core.errors import UsageError
from vaultc.core.strict_json import parse_object
from vaultc.disk.policy import Root
from vaultc.disk.write import read_bytes, write_atomic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from vaultc.app.places import PlacedDiagnostic

BASELINE_NAME = "baseline.json"
_VERSION = 1
_HINT = "write it anew with `vaultc check --write-baseline`"


class Known(NamedTuple):
    """What a finding is known by."""

    rule: str
    path: str
    text: str


Baseline = Counter[Known]
"""How many findings of each kind are known."""


@dataclass(frozen=True, slots=True)
class Split:
    """Findings parted into new and known ones; `gone` counts the known ones that no longer occur."""

    new: tuple[PlacedDiagnostic, ...]
    hidden: int
    gone: int


def known_by(found: PlacedDiagnostic) -> Known:
    """Give what `found` is known by."""
    return Known(found.diagnostic.rule.code, found.place.path, " ".join(found.place.text.split()))


def split(found: Iterable[PlacedDiagnostic], baseline: Mapping[Known, int]) -> Split:
    """Part `found`, which is in order, into what `baseline` knows and what it does not."""
    left = Counter(baseline)
    new: list[PlacedDiagnostic] = []
    hidden = 0
    for item in found:
        key = known_by(item)
        if left[key] > 0:
            left[key] -= 1
            hidden += 1
        else:
            new.append(item)
    return Split(tuple(new), hidden, left.total())


def within(baseline: Mapping[Known, int], looked_at: Callable[[Known], bool]) -> tuple[Baseline, Baseline]:
    """Part `baseline` into what was looked at in this run and what was not."""
    inside = Counter({key: count for key, count in baseline.items() if looked_at(key)})
    outside = Counter({key: count for key, count in baseline.items() if not looked_at(key)})
    return inside, outside


def read_baseline(file: Path) -> Baseline | None:
    """Read the baseline in `file`; None where there is no such file.

    Raises:
        UsageError: the file is no baseline.
    """
    data = read_bytes(_folder(file), file.name)
    if data is None:
        return None
    try:
        document = parse_object(data)
        if document["version"] != _VERSION:
            raise UsageError(f'the baseline "{file}" was written by a newer vaultc', hint=_HINT)
        rows = [(Known(row["rule"], row["path"], row["text"]), int(row["count"])) for row in document["findings"]]
    except (ValueError, TypeError, KeyError) as error:
        raise UsageError(f'"{file}" is no baseline of vaultc', hint=_HINT) from error
    found: Baseline = Counter()
    for key, count in rows:
        if not all(isinstance(part, str) for part in key):
            raise UsageError(f'"{file}" is no baseline of vaultc', hint=_HINT)
        found[key] += max(0, count)
    return found


def write_baseline(file: Path, baseline: Mapping[Known, int]) -> None:
    """Write `baseline` to `file`, in order, one finding a line, so that two of them can be compared.

    Raises:
        VaultError: the file cannot be written.
    """
    rows = [
        json.dumps({**key._asdict(), "count": count}, ensure_ascii=False)
        for key, count in sorted(baseline.items(), key=lambda row: (row[0].path, row[0].rule, row[0].text))
        if count
    ]
    text = f'{{"version": {_VERSION}, "findings": [\n' + ",\n".join(rows) + "\n]}\n"
    write_atomic(_folder(file), file.name, text.encode("utf-8", "backslashreplace"))


def _folder(file: Path) -> Root:
    return Root(file.absolute().parent, allow_hidden=True)

"""Plain modules and tests, as a careful programmer writes them: the gate lets them through."""

from __future__ import annotations

_HEAD = "from __future__ import annotations\n\n"
_MODULES = [
    # Records with checks of their own.
    '''
from dataclasses import dataclass, field
from datetime import date

@dataclass(frozen=True, slots=True)
class Book:
    """A book on the shelf."""

    id: int
    title: str
    type: str = "paper"
    started: date | None = None
    tags: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.title.strip():
            raise ValueError("title must not be empty")
        object.__setattr__(self, "title", self.title.strip())

    def __str__(self) -> str:
        return f"{self.title} ({self.type})"

    def __lt__(self, other: Book) -> bool:
        return self.title < other.title
''',
    # Enumerations and states.
    """
from collections.abc import Mapping
from enum import Enum, IntEnum, StrEnum, auto, unique
from typing import Final

@unique
class State(StrEnum):
    OPEN = "open"
    CLOSED = "closed"

    @classmethod
    def _missing_(cls, value: object) -> State | None:
        return next((item for item in cls if str(value).lower() == item.value), None)

class Rank(IntEnum):
    LOW = auto()
    HIGH = auto()

class Planet(Enum):
    EARTH = (5.97, 6.37)

    def __init__(self, mass: float, radius: float) -> None:
        self.mass = mass
        self.radius = radius

NEXT: Final[Mapping[State, State]] = {State.OPEN: State.CLOSED}
NAMES = tuple(State.__members__)
""",
    # JSON storage that puts a file in place.
    """
import json
from pathlib import Path

def load(path: Path) -> list[dict[str, object]]:
    if not path.exists():
        return []
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}: {error.msg}") from error
    return list(data)

def save(path: Path, records: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_suffix(".new")
    staged.write_text(json.dumps(records, ensure_ascii=False, indent=2), encoding="utf-8")
    staged.replace(path)
""",
    # A command line.
    """
import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="shelf", description="Keeps books.")
    commands = parser.add_subparsers(dest="command", required=True)
    adding = commands.add_parser("add", help="add a book")
    adding.add_argument("title")
    adding.add_argument("--file", type=Path, default=Path("books.json"))
    adding.set_defaults(run=run_add)
    return parser

def run_add(args: argparse.Namespace) -> int:
    print(args.title, file=sys.stderr)
    return 0

def main(argv: Sequence[str] | None = None) -> int:
    args = build_parser().parse_args(argv)
    try:
        return int(args.run(args))
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2

if __name__ == "__main__":
    sys.exit(main())
""",
    # Dates and time zones.
    """
import calendar
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

MOSCOW = ZoneInfo("Europe/Moscow")

def week_of(day: date) -> tuple[date, date]:
    first = day - timedelta(days=day.weekday())
    return first, first + timedelta(days=6)

def days_in(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]

def now_in(zone: ZoneInfo = MOSCOW) -> datetime:
    return datetime.now(UTC).astimezone(zone)

def shifted(moment: datetime, hours: int) -> str:
    return moment.astimezone(timezone(timedelta(hours=hours))).strftime("%Y-%m-%d %H:%M")
""",
    # Regular expressions.
    """
import re

_LINE = re.compile(r"(?P<name>[^:]+):\\s*(?P<value>\\d+)", re.IGNORECASE)

def pairs(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for match in _LINE.finditer(text):
        found[match["name"].strip()] = int(match.group("value"))
    return found

def plain(text: str) -> str:
    return re.sub(r"\\s+", " ", text).strip()
""",
    # SQLite.
    """
import sqlite3
from contextlib import closing
from pathlib import Path

def create(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE IF NOT EXISTS entry (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")

def entries(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        rows = connection.execute("SELECT text FROM entry ORDER BY id").fetchall()
    return [str(row["text"]) for row in rows]
""",
    # Tables as CSV.
    """
import csv
import io
from collections.abc import Iterable
from pathlib import Path

def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))

def written(rows: Iterable[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=["a", "b"])
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
""",
    # Money.
    """
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation, localcontext
from fractions import Fraction

def money(text: str) -> Decimal:
    try:
        return Decimal(text.replace(",", ".")).quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)
    except InvalidOperation:
        raise ValueError(f"{text!r} is no amount") from None

def shares(amount: Decimal, count: int) -> list[Fraction]:
    with localcontext() as context:
        context.prec = 40
        return [Fraction(amount) / count] * count
""",
    # A parser with a table of functions.
    """
import operator
from collections.abc import Callable, Iterator

_SIGNS: dict[str, Callable[[float, float], float]] = {"+": operator.add, "*": operator.mul}

class Tokens:
    def __init__(self, text: str) -> None:
        self._words = text.split()
        self._at = 0

    def __iter__(self) -> Iterator[str]:
        return iter(self._words[self._at :])

    def take(self) -> str:
        word = self._words[self._at]
        self._at += 1
        return word

def value(text: str) -> float:
    tokens = Tokens(text)
    left = float(tokens.take())
    for sign in ("+", "*"):
        if sign in list(tokens):
            left = _SIGNS[tokens.take()](left, float(tokens.take()))
    return left
""",
    # Matching by structure.
    """
from dataclasses import dataclass

@dataclass(frozen=True)
class Point:
    x: int
    y: int

def words(value: object) -> str:
    match value:
        case Point(x=0, y=0):
            return "origin"
        case Point(x, y) if x == y:
            return "diagonal"
        case [first, *rest]:
            return f"{first} and {len(rest)} more"
        case {"name": str(name), **others}:
            return name + str(len(others))
        case str() | bytes() as text:
            return repr(text)
        case _:
            return "?"
""",
    # Errors of its own, raised from others.
    '''
class ShelfError(Exception):
    """Something is wrong with the shelf."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason

class FullError(ShelfError):
    """There is no room."""

def put(count: int) -> int:
    try:
        return 10 // count
    except ZeroDivisionError as error:
        raise FullError("shelf", str(error)) from error
    finally:
        print("done")
''',
    # Protocols, generics, overloads.
    '''
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypedDict, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

class Reader(Protocol):
    def read(self) -> str: ...

class Row(TypedDict, total=False):
    name: str

class Pair(NamedTuple):
    left: int
    right: int = 0

class Box(Generic[T]):
    def __init__(self, value: T) -> None:
        self.value = value

class Shape(ABC):
    @property
    @abstractmethod
    def area(self) -> float:
        """Give the area."""

@overload
def first(items: Sequence[T]) -> T | None: ...
@overload
def first(items: Sequence[T], default: T) -> T: ...
def first(items: Sequence[T], default: T | None = None) -> T | None:
    return items[0] if items else default

MOVED = Pair(1)._replace(right=2)
''',
]
MODULES = [_HEAD + text for text in _MODULES]
TESTS = [
    _HEAD + text
    for text in (
        """
import pytest
from kettle.limits import check_pause

@pytest.mark.parametrize(("value", "expected"), [(1.0, 2), pytest.param(2.0, 3, id="two")], ids=str)
def test_a_pause_is_checked(value: float, expected: int) -> None:
    assert check_pause(value) == pytest.approx(expected)

@pytest.mark.parametrize("text, count", [("a", 1)])
class TestWords:
    def test_count(self, text: str, count: int) -> None:
        assert len(text) == count
""",
        """
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from kettle import cli, limits

Run = Callable[..., int]

@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: str) -> int:
        return cli.main([*words, str(tmp_path)])
    return call

@pytest.fixture(scope="module", name="limit")
def _limit() -> float:
    return limits.MAX

def test_the_program_runs(run: Run, limit: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("yes"))
    monkeypatch.setattr("sys.argv", ["kettle"])
    monkeypatch.setenv("TZ", "UTC")
    assert run("start") == limit
""",
        """
import ast
import inspect
import sys
import time
from pathlib import Path

import kettle
import pytest
from kettle.cli import main

def test_nothing_else_is_imported() -> None:
    for path in Path(kettle.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert {alias.name for alias in node.names} <= sys.stdlib_module_names

def test_the_signature() -> None:
    assert list(inspect.signature(main).parameters) == ["argv"]

def test_a_wrong_type_is_told() -> None:
    begun = time.process_time()
    with pytest.raises(SystemExit, match="2") as stop:
        main(1)  # type: ignore[arg-type]
    assert stop.value.code == 2
    assert time.process_time() - begun < 1
""",
    )
]

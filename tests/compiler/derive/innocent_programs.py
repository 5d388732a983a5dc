"""More plain modules that the gate lets through."""

from __future__ import annotations

_HEAD = "from __future__ import annotations\n\n"
_MODULES = [
    # Context managers.
    """
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import TracebackType
from typing import Self

class Ledger:
    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closed = True

@contextmanager
def counted(name: str) -> Iterator[list[str]]:
    found: list[str] = []
    try:
        yield found
    finally:
        print(name, len(found))

def both() -> None:
    with ExitStack() as stack, suppress(KeyError):
        stack.enter_context(Ledger())
""",
    # Numbers.
    """
import math
import random
import statistics
from itertools import accumulate, pairwise

def summary(values: list[float]) -> dict[str, float]:
    return {"mean": statistics.fmean(values), "spread": statistics.pstdev(values), "top": max(values, default=0.0)}

def rising(values: list[float]) -> bool:
    return all(a <= b for a, b in pairwise(values))

def walk(seed: int, count: int) -> list[float]:
    source = random.Random(seed)
    return list(accumulate(source.gauss(0, 1) for _ in range(count)))

def is_close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-9) and not math.isnan(a)
""",
    # Words, letters and layout.
    """
import difflib
import textwrap
import unicodedata
from string import Template, ascii_lowercase

def folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))

def letter(name: str, sum_: str) -> str:
    return Template("Dear $name, you owe $sum_.").substitute(name=name, sum_=sum_)

def nearest(word: str, words: list[str]) -> list[str]:
    return difflib.get_close_matches(word, words, n=3)

def block(text: str) -> str:
    return textwrap.indent(textwrap.fill(text, 72), "  ") + ascii_lowercase[:1]

def table(rows: list[tuple[str, int]]) -> str:
    return "\\n".join("{:<10} {:>5}".format(name, count) for name, count in rows)
""",
    # Functions that keep what they have computed.
    """
from functools import cached_property, lru_cache, partial, reduce, total_ordering

@lru_cache(maxsize=128)
def fibonacci(n: int) -> int:
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

@total_ordering
class Version:
    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def parts(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.text.split("."))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self.parts == other.parts

    def __lt__(self, other: Version) -> bool:
        return self.parts < other.parts

    def __hash__(self) -> int:
        return hash(self.parts)

product = partial(reduce, lambda a, b: a * b)
""",
    # Collections.
    """
import heapq
from bisect import bisect_left
from collections import Counter, OrderedDict, defaultdict, deque

def most(words: list[str]) -> list[tuple[str, int]]:
    return Counter(words).most_common(3)

def grouped(words: list[str]) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for word in words:
        found[word[:1]].append(word)
    return dict(found)

def smallest(values: list[int]) -> list[int]:
    heapq.heapify(values)
    return [heapq.heappop(values) for _ in range(min(3, len(values)))]

def place(values: list[int], value: int) -> int:
    return bisect_left(values, value)

RECENT: deque[str] = deque(maxlen=5)
ORDER: OrderedDict[str, int] = OrderedDict()
""",
    # A graph of tasks.
    """
import graphlib
from collections.abc import Mapping

def order(needs: Mapping[str, set[str]]) -> list[str]:
    try:
        return list(graphlib.TopologicalSorter(needs).static_order())
    except graphlib.CycleError as error:
        raise ValueError(f"a circle: {error.args[1]}") from None
""",
    # Hashes and identities.
    """
import base64
import hashlib
import hmac
import secrets
import uuid

def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

def token() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(16)).decode("ascii")

def same(a: str, b: str) -> bool:
    return hmac.compare_digest(a, b)

def key(name: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, name)
""",
    # Settings.
    """
import configparser
import tomllib
from pathlib import Path

def settings(path: Path) -> dict[str, object]:
    with open(path, "rb") as file:
        return tomllib.load(file)

def old(path: Path) -> str:
    parser = configparser.ConfigParser()
    parser.read(path, encoding="utf-8")
    return parser.get("main", "name", fallback="")
""",
    # Addresses, pages, feeds: read, not fetched.
    """
import html
import ipaddress
import urllib.parse
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]

def host(url: str) -> str:
    return urllib.parse.urlsplit(url).netloc

def titles(text: str) -> list[str]:
    return [html.unescape(item.text or "") for item in ET.fromstring(text).iter("title")]

def is_local(text: str) -> bool:
    return ipaddress.ip_address(text).is_loopback
""",
    # Messages and warnings.
    """
import logging
import warnings

_LOG = logging.getLogger(__name__)

def told(text: str) -> None:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    _LOG.info("told %s", text)
    warnings.warn("this is old", DeprecationWarning, stacklevel=2)
""",
    # Bytes.
    """
import array
import binascii
import struct
import zlib

def packed(values: list[int]) -> bytes:
    return struct.pack(f"<{len(values)}H", *values)

def checked(data: bytes) -> str:
    return binascii.hexlify(zlib.compress(data)).decode()

def numbers(data: bytes) -> list[int]:
    return list(array.array("B", data)) + list(memoryview(data))
""",
    # A clock.
    """
import time
from collections.abc import Callable

def timed(run: Callable[[], object], sleep: Callable[[float], None] = time.sleep) -> float:
    begun = time.monotonic()
    run()
    sleep(0.0)
    return time.monotonic() - begun
""",
    # Questions to the person.
    """
def asked(question: str) -> bool:
    answer = input(f"{question} [y/n] ").strip().lower()
    while answer not in ("y", "n"):
        answer = input("y or n: ")
    return answer == "y"
""",
    # Names in Russian letters and a neighbour of the package.
    '''
from kettle import limits
from kettle.model import Brew

Чай = dict[str, int]

def заварка(чай: Чай, brew: Brew) -> int:
    """Сколько минут."""
    return чай.get("минуты", limits.DEFAULT_MINUTES) + len(brew.name)
''',
    # Scopes: lambdas, comprehensions, assignment expressions, nested functions.
    """
import json

__all__ = ["counter", "keyed"]
__version__ = "1.0"

def counter() -> tuple[list[int], int]:
    count = 0

    def add(step: int = 1) -> int:
        nonlocal count
        count += step
        return count

    found = [add(n) for n in range(3) if (half := n // 2) >= 0]
    return found, half

def keyed(text: str) -> list[tuple[str, str]]:
    items: dict[str, str] = json.loads(text)
    return sorted(items.items(), key=lambda pair: (len(pair[0]), pair[1]))

_last: str | None = None

def remember(text: str) -> None:
    global _last
    _last = text
""",
    # An encoder of its own, a parser's type, and a format of one's own.
    """
import argparse
import json
from datetime import date

class Encoder(json.JSONEncoder):
    def default(self, o: object) -> object:
        return o.isoformat() if isinstance(o, date) else super().default(o)

class Money(int):
    def __new__(cls, value: int) -> Money:
        return super().__new__(cls, abs(value))

    def __format__(self, spec: str) -> str:
        return f"{int(self) / 100:{spec}}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({int(self)})"

def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no day") from None
""",
    # A file with a cookie that says what is so anyway, and annotations as text.
    """# -*- coding: utf-8 -*-
from typing import Literal, Optional

class Node:
    def __init__(self, left: "Optional[Node]" = None, side: "Literal['a b']" = "a b") -> None:
        self.left = left
        self.side = side

    def depth(self) -> "int":
        return 1 + (self.left.depth() if self.left else 0)
""",
]
MODULES = [text if text.startswith("#") else _HEAD + text for text in _MODULES]

"""Texts of every kind that a note may hold, as long as one likes, and the law that holds for what reads them.

Work grows with the length of a text, not with its square. That is told by a ratio: four times the text may take up
to `MOST_GROWTH` times as long, in seconds of this thread alone, so that neither a slow nor a busy machine fails it.
"""

from __future__ import annotations

import gc
import json
import time
from itertools import count, cycle
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_GROWTH = 9.0
"""What four times the text may take at most; sixteen times is what it takes where each part looks at each other."""
_TRIES = 4
IDEA = "Idea.md"
"""The note that holds the text; the others stand beside it."""
BESIDE = {
    "Red pump.md": "# Red pump\n\nThe red pump needs 60 W. See [[Idea]].\n",
    "Насос.md": "# Насос\n\nНасос потребляет 60 Вт. См. [[Idea]].\n",
}
NEED = "## Requirements\n\n- The clock must ring at noon.\n"


def seconds_of(work: Callable[[], object]) -> float:
    """Do `work` and give the CPU seconds of this thread."""
    gc.disable()  # what looking for circles takes grows with all that lives here, not with the text
    begun = time.thread_time()
    try:
        work()
        return time.thread_time() - begun
    finally:
        gc.enable()


def growth(work: Callable[[int], Callable[[], object]], size: int, least_s: float) -> float:
    """Give how many times as long four times the `size` takes: the least that several tries show.

    `work` makes what is measured ready and gives it. What takes less than `least_s` seconds is not told from noise,
    and counts as no growth.
    """
    least = float("inf")
    large = small = float("inf")
    for _ in range(_TRIES):
        large = min(large, seconds_of(work(4 * size)))
        if large < least_s:
            return 0.0
        small = min(small, seconds_of(work(size)))
        least = min(least, large / small)
        if least < MOST_GROWTH:
            break
    return least


def repeated(unit: str) -> Callable[[int], str]:
    """Give `unit` again and again."""
    return lambda size: (unit * (size // len(unit) + 1))[:size]


def around(before: str, unit: str, after: str = "") -> Callable[[int], str]:
    """Give `unit` again and again between two texts that stand once."""
    return lambda size: before + unit * (size // len(unit)) + after


def numbered(line: str, before: str = "", after: str = "") -> Callable[[int], str]:
    """Give lines that differ by the number that stands for `{n}`, or the word that stands for `{w}`."""

    def made(size: int) -> str:
        parts: list[str] = []
        length = 0
        for n in count():
            if length >= size:
                return before + "".join(parts) + after
            parts.append(line.replace("{n}", str(n)).replace("{w}", word(n)))
            length += len(parts[-1])
        raise AssertionError

    return made


def word(number: int) -> str:
    """Give a word of letters alone that is another for each number."""
    letters = ""
    while True:
        letters = "bcdfghklmnprstvz"[number % 16] + "aeiou"[number // 16 % 5] + letters
        number //= 80
        if not number:
            return "po" + letters


def nested(opening: str, inner: str, closing: str, before: str = "", after: str = "") -> Callable[[int], str]:
    """Give as many brackets inside each other as fit."""

    def made(size: int) -> str:
        depth = size // (len(opening) + len(closing))
        return before + opening * depth + inner + closing * depth + after

    return made


def half(first: str, then: str) -> Callable[[int], str]:
    """Give half the text of each: what the first leaves open, the second may read again and again."""
    return lambda size: first * (size // 2 // len(first)) + "\n" + then * (size // 2 // len(then))


def stairs(mark: str, most: int, tail: str) -> Callable[[int], str]:
    """Give lines that nest deeper and deeper, and fall back."""

    def made(size: int) -> str:
        lines: list[str] = []
        length = 0
        for depth in cycle(range(1, most + 1)):
            lines.append(mark * depth + tail)
            length += len(lines[-1])
            if length >= size:
                break
        return "".join(lines)

    return made


def growing(mark: str) -> Callable[[int], str]:
    """Give runs of `mark`, each longer than the one before."""

    def made(size: int) -> str:
        runs: list[str] = []
        length = 0
        while length < size:
            runs.append(mark * (len(runs) + 1) + "a")
            length += len(runs[-1])
        return "".join(runs)

    return made


def wide_table(size: int) -> str:
    """Give a table of few rows and as many columns as fit."""
    columns = size // 15
    return "\n".join("|" + cell * columns for cell in (" ab |", " - |", " cde |")) + "\n"


def canvas(size: int) -> str:
    """Give a canvas of many cards and arrows between them."""
    cards: list[dict[str, object]] = []
    length = 0
    while length < size:
        n = len(cards)
        text = f"Card {n} must ring [[Red pump]]."
        cards.append({"id": f"c{n}", "type": "text", "text": text, "x": n * 9, "y": n, "width": 8, "height": 8})
        length += 110
    arrows = [{"id": f"e{n}", "fromNode": f"c{n}", "toNode": f"c{n + 1}", "label": "to"} for n in range(len(cards) - 1)]
    return json.dumps({"nodes": cards, "edges": arrows})


_TITLE = "# Clock\n\n"
FAMILIES: dict[str, Callable[[int], str]] = {
    # words and sentences
    "words": numbered("{w} ", _TITLE),
    "one word": repeated("слово "),
    "one long word": repeated("ab"),
    "no blanks": repeated("прилив,"),
    "sentences": numbered("The {w} is {w}. "),
    "questions": numbered("what {w}? "),
    "one question": repeated("what? "),
    "вопросы": numbered("Что делать, если {w}?\n"),
    "list of questions": numbered("- who keeps the {w}?\n", "# Clock\n\n## Questions\n\n"),
    "X is Y": numbered("The {w} is a kind of {w}.\n\n"),
    "X — это Y": numbered("{w} — это вид {w}.\n\n"),
    "X is not Y": numbered("The pump is {n} W.\nThe pump is not {n} W.\n"),
    "must": numbered("- The clock must ring the {w} within {n} ms.\n", "# Clock\n\n## Requirements\n\n"),
    "должна": numbered("- Система должна открыть клапан {w} за {n} мс.\n", "# Часы\n\n## Требования\n\n"),
    "must in one line": numbered("The clock must ring the {w}. ", _TITLE),
    "the same must": around("# Clock\n\n## Requirements\n\n", "- The clock must ring at noon.\n"),
    "limits in one line": around("# Clock\n\n## Requirements\n\n- the clock ", "not more than 5 min and "),
    "пределы в строке": around("# Часы\n\n## Требования\n\n- часы ", "не более 5 мин и "),
    "a list of names in one line": around("# Clock\n\n## Requirements\n\n- the clock ", "опросит at most 3 by "),
    "reasons in one line": around("# Clock\n\n", "chosen: x because "),
    "signs of a setting": around("# Clock\n\n## Requirements\n\n", "="),
    "conditions": numbered("- When the {w} is open, the clock must ring.\n", _TITLE),
    "если": numbered("- Если {w} открыт, система должна закрыть {w}.\n", _TITLE),
    "if in if": around(_TITLE, "if a, "),
    "not": around(_TITLE + "It must ", "not "),
    "enumeration": numbered("{w}, ", "# Clock\n\nThe clock must store "),
    "перечисление": numbered("{w}, ", "# Часы\n\nСистема должна хранить "),
    "decisions": numbered("Chosen: {w}, instead of {w} because of cost.\n\n", _TITLE),
    "examples": numbered("`ring_{w}({n})` gives `{n}`.\n", _TITLE),
    "commands": numbered("- `clock {w} --to {n}` prints the {w}.\n", "# Clock\n\n## Command line\n\n"),
    "steps": numbered("{n}. Ring the {w}.\n", "# Clock\n\n## Steps\n\n"),
    "constants": numbered("MAX_{w} is {n} min.\n\n", _TITLE),
    "arrows": numbered("{w} -> {w}: start\n", "# Clock\n\n## States\n\n"),
    "arrows of many events": numbered("{w} -> {w}b: event {n}\n", "# Clock\n\n## States\n\n"),
    "arrows in one line": numbered("{w} -> ", "# Clock\n\n## States\n\n"),
    # numbers
    "numbers": numbered("{n} "),
    "one long number": repeated("9"),
    "dates": numbered("On 2026-05-{n} the tide was high.\n"),
    "units": numbered("The pump needs {n} W.\n\n"),
    "единицы": numbered("Насос потребляет {n} Вт.\n\n"),
    # blocks
    "headings": numbered("# {w}\n"),
    "one heading": repeated("# a\n"),
    "headings that nest": stairs("#", 6, " Ring\n\ntext\n\n"),
    "headings with text": numbered("## The {w}\n\nRing.\n\n", _TITLE),
    "lines of a list": numbered("- the {w}\n", _TITLE),
    "lists that nest": stairs("  ", 90, "- must ring\n"),
    "lists in one line": around("", "- "),
    "tasks": numbered("- [ ] wind the {w} 📅 2026-06-01\n- [x] oil the {w}\n", _TITLE),
    "tall table": numbered("| {w} | {n} |\n", "# Clock\n\n| part | weight |\n|---|---|\n"),
    "wide table": wide_table,
    "table of fields": numbered("| {w} | int |\n", "# Clock\n\n## Brew\n\n| name | type |\n|---|---|\n"),
    "table of bounded fields": numbered(
        "| {w} | int | 1 to 9 |\n", "# Clock\n\n## Brew\n\n| name | type | limits |\n|---|---|---|\n"
    ),
    "таблица полей": numbered("| {w} | число |\n", "# Часы\n\n## Заварка\n\n| поле | тип |\n|---|---|\n"),
    "many tables of fields": numbered(
        "## {w}\n\n| name | type |\n|---|---|\n| size | int |\n| {w} | text |\n\n", _TITLE
    ),
    "callouts": numbered("> [!note] {w}\n> Ring the {w}.\n\n"),
    "quotes": numbered("> the {w} rings\n"),
    "quotes that nest": stairs("> ", 150, "a\n"),
    "fences": numbered("```\n{w} = {n}\n```\n\n", _TITLE),
    "named fences": numbered("```python title=p_{w}.py\ndef {w}():\n    return {n}\n```\n\n", _TITLE),
    "a name before a fence": numbered("`{w}.py`:\n\n```python\ndef {w}():\n    return {n}\n```\n\n", _TITLE),
    "a fence never closed": around("```\n", "a `` b\n"),
    "a long fence": numbered("{w} = {n}\n", "# Clock\n\n```python title=clock.py\n", "```\n"),
    "footnotes": numbered("a[^{n}]\n\n[^{n}]: the {w}\n\n"),
    "block ids": numbered("the {w} ^b{n}\n\n"),
    "html": numbered("<div>{w}</div>\n"),
    "comments": numbered("%% {w} %%\n"),
    "math": numbered("$a_{n}$ and $$ {w} $$\n"),
    "rules": repeated("---\n\n"),
    "blank lines": repeated("\n"),
    # links and marks
    "wiki links": numbered("[[{w}]] "),
    "links to notes": repeated("[[Red pump]] "),
    "lines that are links": numbered("- [[{w}]]\n"),
    "lines that are the same link": repeated("- [[Red pump]]\n"),
    "links to parts": numbered("[[Idea#{w}]] [[Idea#^{w}]]\n"),
    "links to headings that are there": numbered("# {w}\n\n[[#{w}]]\n\n"),
    "markdown links": numbered("[{w}](Red%20pump.md) "),
    "embeds": numbered("![[{w}.png]]\n"),
    "URLs": numbered("https://example.org/{w} "),
    "mentions": repeated("The red pump hums. "),
    "упоминания": repeated("Там гудит красный насос. "),
    "tags": numbered("#{w} "),
    "links never closed": repeated("[[a|"),
    "brackets": nested("[", "a", "]"),
    "parentheses": repeated("("),
    "quotation marks": repeated("«a"),
    "stars": growing("*"),
    "ticks": growing("`"),
    "struck": repeated("~~a "),
    # properties
    "properties": numbered("{w}: {n}\n", "---\n", "---\n# Clock\n"),
    "a list in properties": numbered("  - {w}\n", "---\naliases:\n", "---\n# Clock\n"),
    "brackets in properties": nested("[", "a", "]", "---\na: ", "\n---\n"),
    "deep properties": lambda size: (
        "---\n" + "".join(" " * at + "a:\n" for at in range(int((2 * size) ** 0.5))) + "---\n"
    ),
    "fields of Dataview": numbered("{w}:: {n}\n", _TITLE),
    "fields in brackets": numbered("[{w}:: {n}] ", _TITLE),
    "fields in a list": numbered("- {w}:: int\n", "# Clock\n\n## Brew\n\n"),
    "fields by colons": numbered("- {w}: int, {n} to {n}0\n", "# Clock\n\n## Brew\n\nFields:\n\n"),
    # letters
    "emoji": repeated("👩‍👩‍👧 "),
    "combining marks": repeated("и\u0306е\u0301"),
    "one letter and its marks": around("a", "\u0301"),
    # code of notes
    "a long sum": around("# Clock\n\n```python title=clock.py\nTOTAL = 1", " + 1", "\n```\n"),
    "deep brackets of Python": nested("(", "1", ")", "# Clock\n\n```python title=clock.py\nX = ", "\n```\n"),
    "deep lists of Python": nested("[", "1", "]", "# Clock\n\n```python title=clock.py\nX = ", "\n```\n"),
    "deep blocks of Python": lambda size: (
        "# Clock\n\n```python title=clock.py\n"
        + "".join(" " * at + "if a:\n" for at in range(int((2 * size) ** 0.5)))
        + "```\n"
    ),
    "minus in Python": around("# Clock\n\n```python title=clock.py\nX = ", "-", "1\n```\n"),
    "a chain of calls": around("# Clock\n\n```python title=clock.py\nX = a", ".b()", "\n```\n"),
    "a long string of Python": around('# Clock\n\n```python title=clock.py\nX = "', "ab ", '"\n```\n'),
    "a sum in an example": around("# Clock\n\n`ring(1", " + 1", ")` gives `3`.\n"),
    "brackets in an example": nested("(", "1", ")", "# Clock\n\n`ring(", ")` gives `3`.\n"),
    "a default that is deep": nested("[", "1", "]", "# Clock\n\nMAX_RINGS is `", "`.\n"),
    "mermaid": numbered("    {w} --> {w}b: ring\n", "# Clock\n\n```mermaid\nstateDiagram-v2\n", "```\n"),
    "mermaid flow": numbered("    {w}[the {w}] --> {w}b\n", "# Clock\n\n```mermaid\nflowchart TD\n", "```\n"),
    "mermaid classes": numbered(
        "    class {w} {\n      +int size\n    }\n", "# Clock\n\n```mermaid\nclassDiagram\n", "```\n"
    ),
    "JSON": nested("[", "1", "]", "# Clock\n\n```json\n", "\n```\n"),
    "a JSON record": numbered('  "{w}": {n},\n', "# Clock\n\n## Brew\n\n```json\n{\n", '  "a": 1\n}\n```\n'),
}
BOARDS: dict[str, Callable[[int], str]] = {
    "canvas": canvas,
    "deep canvas": nested("[", "1", "]"),
    "deep objects in a canvas": nested('{"a":', "1", "}"),
}


def files(family: str, size: int) -> dict[str, str]:
    """Give the notes of a vault whose idea holds about `size` characters of `family`."""
    if family in BOARDS:
        return {**BESIDE, IDEA: f"{NEED}\n![[Board.canvas]]\n", "Board.canvas": BOARDS[family](size)}
    text = FAMILIES[family](size)
    # Something to compile, where whatever the text leaves open cannot swallow it.
    return {**BESIDE, IDEA: f"{text}\n\n{NEED}" if text.startswith("---\n") else f"{NEED}\n# Clock\n\n{text}"}

"""Make a vault: `python -m benchmarks.make_vault FOLDER --notes 25000 [--seed 1]`.

Notes in Russian and English, in folders, with links (few notes are named by many), aliases, headings, tags,
properties, lists, tables, code, tasks, callouts, block ids, comments and daily notes. The same arguments give the
same bytes. Sizes are log-normal around 1.2 KB, a few notes are empty, a few are long.
"""

from __future__ import annotations

import argparse
import datetime
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import words

MEDIAN_BYTES, SPREAD, TOP_BYTES = 1_050, 0.9, 60_000
_DAY = datetime.date(2019, 1, 1)
_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c6360000000020001e221bc330000000049454e44ae426082"
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A note to be written: where, its title, its language, whether it is a daily note."""

    folder: str
    title: str
    language: str
    is_daily: bool = False


class Maker:
    """Makes the notes of one vault."""

    def __init__(self, count: int, seed: int) -> None:
        self._rng = rng = random.Random(f"vault {count} {seed}")
        grown = 60 + int(25 * count**0.5)  # the vocabulary grows with the vault, more slowly than it
        self._terms = {
            "ru": [*words.RU_TERMS, *words.more_terms(rng, grown, "ru")],
            "en": [*words.EN_TERMS, *words.more_terms(rng, grown, "en")],
        }
        self._folders = self._make_folders(count)
        self._plans = self._make_plans(count)
        # Which notes are named often has nothing to do with where they stand.
        self._by_fame = rng.sample(self._plans, len(self._plans))

    def notes(self) -> list[tuple[str, str]]:
        """Give the path and the text of each note."""
        return [(f"{plan.folder}/{plan.title}.md".lstrip("/"), self._text(plan)) for plan in self._plans]

    # names

    def _make_folders(self, count: int) -> list[str]:
        rng, folders = self._rng, [*words.RU_FOLDERS, *words.EN_FOLDERS]
        while len(folders) < 16 + count // 60:
            above = folders[self._skewed(len(folders))]
            name = rng.choice(self._terms["en" if above.isascii() else "ru"]).capitalize()
            if above.count("/") < 4 and f"{above}/{name}" not in folders[-200:]:
                folders.append(f"{above}/{name}")
        return ["", *dict.fromkeys(folders)]

    def _make_plans(self, count: int) -> list[Plan]:
        rng, plans, seen = self._rng, [], set()
        dailies = min(count // 10, 2_500)
        for number in range(dailies):
            day = _DAY + datetime.timedelta(days=number)
            plans.append(Plan(f"Дневник/{day:%Y/%m}", day.isoformat(), "ru" if number % 3 else "en", is_daily=True))
        while len(plans) < count:
            folder = self._folders[self._skewed(len(self._folders))]
            language = "en" if (folder or rng.choice("aя")).isascii() else "ru"
            title = "README" if rng.random() < 0.003 else self._title(language)
            if (folder, title.casefold()) not in seen and (title == "README" or title.casefold() not in seen):
                seen |= {(folder, title.casefold()), title.casefold()}
                plans.append(Plan(folder, title, language))
        return plans

    def _title(self, language: str) -> str:
        rng, terms = self._rng, self._terms[language]
        first, second = terms[self._skewed(len(terms))], rng.choice(terms)
        quality = rng.choice(words.RU_QUALITIES if language == "ru" else words.EN_QUALITIES)
        joint = ("и", "для", "без") if language == "ru" else ("and", "for", "without")
        form = rng.random()
        if form < 0.35:
            title = f"{quality} {first} {second}"
        elif form < 0.7:
            title = f"{first} {rng.choice(joint)} {second}"
        else:
            title = f"{first} {second} {rng.randint(2, 999)}"
        return title[0].upper() + title[1:]

    def _skewed(self, count: int) -> int:
        """Give a place below `count`; the n-th is about n times rarer than the first (Zipf)."""
        return int(count ** self._rng.random()) - 1

    # text

    def _text(self, plan: Plan) -> str:
        rng = self._rng
        if rng.random() < 0.02:
            return "" if rng.random() < 0.5 else self._sentence(plan.language) + "\n"
        size = min(int(rng.lognormvariate(0, SPREAD) * MEDIAN_BYTES), TOP_BYTES)
        parts = [self._properties(plan)] if rng.random() < 0.6 else []
        if rng.random() < 0.5:
            parts.append(f"# {plan.title}")
        written = sum(len(part.encode()) for part in parts)
        headings = words.RU_HEADINGS if plan.language == "ru" else words.EN_HEADINGS
        while written < size:
            if rng.random() < 0.12:
                parts.append(f"{'#' * rng.choice((2, 2, 2, 3, 3, 4))} {rng.choice(headings)}")
            block = self._block(plan)
            parts.append(block)
            written += len(block.encode()) + 2
        return "\n\n".join(parts) + "\n"

    def _properties(self, plan: Plan) -> str:
        rng = self._rng
        day = _DAY + datetime.timedelta(days=rng.randrange(2_500))
        lines = ["---", f"created: {day}"]
        if rng.random() < 0.5:
            lines.append(f"tags: [{', '.join(sorted(set(rng.choices(words.TAGS, k=2))))}]")
        if not plan.is_daily and rng.random() < 0.25:
            lines += ["aliases:", f'  - "{rng.choice(self._terms[plan.language])} {rng.randint(1, 9_999)}"']
        if rng.random() < 0.3:
            lines.append(f"status: {rng.choice(('open', 'done', 'later'))}")
        if rng.random() < 0.2:
            lines.append(f'up: "[[{self._by_fame[self._skewed(len(self._by_fame))].title}]]"')
        return "\n".join([*lines, "---"])

    def _block(self, plan: Plan) -> str:
        rng, language = self._rng, plan.language
        kind = rng.random()
        if kind < 0.62:
            text = " ".join(self._sentence(language) for _ in range(rng.choice((1, 2, 2, 3, 4))))
            return f"{text} ^b{rng.randrange(10**6)}" if rng.random() < 0.02 else text
        if kind < 0.80:
            mark, nested = ("- ", "  - ") if kind < 0.75 else ("1. ", "   - ")
            rows = [(nested if n and rng.random() < 0.2 else mark) + self._sentence(language) for n in range(4)]
            return "\n".join(rows[: rng.randint(2, 4)])
        if kind < 0.87:
            rows = [f"- [{rng.choice(' x ')}] {self._sentence(language)}" for _ in range(3)]
            return "\n".join(rows[: rng.randint(1, 3)])
        if kind < 0.92:
            title = rng.choice(self._terms[language])
            return f"> [!{rng.choice(('note', 'tip', 'warning'))}] {title}\n> {self._sentence(language)}"
        if kind < 0.95:
            terms = self._terms[language]
            head = " | ".join(rng.choices(terms, k=3))
            rows = [f"| {term} | {rng.randrange(99)} | {rng.random():.2f} |" for term in rng.choices(terms, k=3)]
            return "\n".join([f"| {head} |", "| --- | --- | --- |", *rows])
        if kind < 0.985:
            word = rng.choice(self._terms["en"])
            return rng.choice(words.CODE).format(n=rng.randint(1, 99), m=rng.randint(1, 999), word=word)
        return f"%% {self._sentence(language)} %%" if kind < 0.995 else f"![[снимок-{rng.randrange(100)}.png|300]]"

    def _sentence(self, language: str) -> str:
        rng, terms = self._rng, self._terms[language]
        phrase = rng.choice(words.RU_PHRASES if language == "ru" else words.EN_PHRASES)
        used = (terms[self._skewed(len(terms))], terms[self._skewed(len(terms))], rng.choice(terms))
        text = phrase.format(*used, n=rng.randint(2, 60), m=rng.randint(2, 900))
        if rng.random() < 0.4:
            opening = rng.choice(words.RU_OPENINGS if language == "ru" else words.EN_OPENINGS)
            text = f"{opening} {text[0].lower()}{text[1:]}"
        chance = rng.random()
        if chance < 0.14:
            return f"{text[:-1]} ({self._link()})."
        if chance < 0.17:
            return f"{text} #{rng.choice(words.TAGS)}"
        if chance < 0.19:
            return f"**{text[:-1]}.** `{rng.choice(self._terms['en'])}`"
        return text

    def _link(self) -> str:
        rng = self._rng
        target = self._by_fame[self._skewed(len(self._by_fame))]
        kind = rng.random()
        if kind < 0.05:
            return f"[[{self._title(target.language)}]]"  # mostly names no note
        if kind < 0.20:
            return f"[[{target.title}|{rng.choice(self._terms[target.language])}]]"
        if kind < 0.30:
            heads = words.RU_HEADINGS if target.language == "ru" else words.EN_HEADINGS
            return f"[[{target.title}#{rng.choice(heads)}]]"
        if kind < 0.34:
            return f"![[{target.title}]]"
        if kind < 0.38:
            path = f"{target.folder}/{target.title}.md".lstrip("/").replace(" ", "%20")
            return f"[{rng.choice(self._terms[target.language])}]({path})"
        return f"[[{target.title}]]"


def make_vault(root: Path, count: int, seed: int = 1) -> int:
    """Write a vault of `count` notes into the empty folder `root`; give the bytes of its notes."""
    root.mkdir(parents=True, exist_ok=True)
    if any(root.iterdir()):
        raise SystemExit(f"{root} is not empty")
    folders: set[Path] = set()
    total = 0
    for path, text in Maker(count, seed).notes():
        place = root / path
        if place.parent not in folders:
            place.parent.mkdir(parents=True, exist_ok=True)
            folders.add(place.parent)
        data = text.encode()
        place.write_bytes(data)
        total += len(data)
    (root / "Вложения").mkdir()
    for number in range(100):
        (root / "Вложения" / f"снимок-{number}.png").write_bytes(_PIXEL)
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a vault.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--notes", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    start = time.perf_counter()
    total = make_vault(options.folder, options.notes, options.seed)
    print(f"{options.notes} notes, {total / 1e6:.1f} MB in {time.perf_counter() - start:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main()

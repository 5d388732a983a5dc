"""Missing links: notes that name another note in plain words and never link to it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from vaultc.core.digest import short_id
from vaultc.core.note import NOT_SAID, BlockKind, MarkKind
from vaultc.core.source import Quote, Span
from vaultc.findings.glossary import is_unknown
from vaultc.findings.statements import without_markup
from vaultc.language.lexicon import listed
from vaultc.language.stems import Word, fold, stem, stems_of, words
from vaultc.language.stopwords import is_stopword

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from vaultc.core.link import Link
    from vaultc.core.note import Note
    from vaultc.core.source import Source, VaultPath

_DATED = re.compile(r"^\W*\d{4}\W\d\d|^\W*\d+\W*$|^\d{4}-[Ww]\d\d")
_TEXT_KINDS = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.TABLE})
_HIDDEN = NOT_SAID | {MarkKind.CODE, MarkKind.MATH, MarkKind.COMMENT, MarkKind.HTML_COMMENT}
_GENERIC = listed(
    "index readme home inbox todo log untitled notes note journal menu main about template license licence changelog "
    "contributing authors copying agents claude"
)
_MIN_SINGLE = 5
_FEW = 12
_GAP = re.compile(r"[ \t\u00a0\u202f]{1,3}|[-\u2010\u2011]")
# A link out of the vault with its words, and an address: no link can be put inside.
_ADDRESS = re.compile(
    r"\[[^\[\]\r\n]{0,300}\]\([^\r\n]{0,1000}?\)|(?<![a-z])[a-z][a-z0-9+.-]{1,20}://[^\s<>]+|(?<![\w.])www\.[^\s<>]+",
    re.IGNORECASE,
)
# «создание» is no form of «создать», though the two share a stem.
_VERBAL_NOUN = re.compile(r"(?:[аяе]ни|[иеыу]ти)(?:е|я|ю|и|ем|ей|й|ям|ями|ях)$")
_OPENERS = " \t\"'«“„([*_=~`"
_PLURALS = ("s", "es", "'s", "\u2019s", "s'")


@dataclass(frozen=True, slots=True)
class LinkFinding:
    """A place that names the note `target` without linking to it; `evidence` are all such places of the note."""

    id: str
    kind: Literal["mention"]
    score: float
    a: Quote
    b: Quote | None
    target: VaultPath
    evidence: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Mentions:
    """What a note mentions, and the notes whose names of one word it also writes small, as an everyday word."""

    found: tuple[LinkFinding, ...] = ()
    small: frozenset[VaultPath] = frozenset()


@dataclass(slots=True)
class MentionNames:
    """Names by which the notes of a vault can be spoken of, by their first stem.

    A name of two notes is left out, and so are dates and names of one word that are everyday words.
    """

    by_first: dict[str, list[tuple[tuple[str, ...], VaultPath, str]]] = field(default_factory=dict)

    def as_json(self) -> list[list[str]]:
        """Give all names, for a digest."""
        rows = [[path, name] for entries in self.by_first.values() for _, path, name in entries]
        return sorted(rows)


def mention_names(notes: Iterable[tuple[VaultPath, tuple[str, ...]]]) -> MentionNames:
    """Collect the names of notes.

    Args:
        notes: each note's path with its title and aliases.
    """
    found: dict[tuple[str, ...], list[tuple[VaultPath, str]]] = {}
    for path, names in notes:
        for name in dict.fromkeys(names):
            key = tuple(stem(word.text) for word in words(name))
            if _is_telling(name, key):
                found.setdefault(key, []).append((path, name))
    result = MentionNames()
    for key, owners in found.items():
        if len({path for path, _ in owners}) == 1:
            path, name = owners[0]
            result.by_first.setdefault(key[0], []).append((key, path, name))
    for entries in result.by_first.values():
        entries.sort(key=lambda entry: (-len(entry[0]), entry[1]))
    return result


def _is_telling(name: str, key: tuple[str, ...]) -> bool:
    if not key or _DATED.match(name) or name.casefold() in _GENERIC:
        return False
    content = [word for word in words(name) if not is_stopword(word.text) and not word.text.isdigit()]
    if len(content) >= 2:
        return True
    if len(key) != 1 or len(key[0]) < _MIN_SINGLE - 1 or len(name) < _MIN_SINGLE or not name[0].isupper():
        return False
    # One word names a note only where it is no everyday word: a name of a person, a place, a make.
    return is_unknown(name)


def find_missing_links(
    notes: Iterable[tuple[Source, Note]], resolve: Callable[[Link], VaultPath | None] | None = None
) -> tuple[LinkFinding, ...]:
    """Give the mentions without a link, the surest first.

    Args:
        notes: all notes of the vault, each with its text.
        resolve: tells which note a link names; without it links are compared by their text.
    """
    pages = [(source, note) for source, note in notes if not note.is_generated]
    names = mention_names((note.path, (note.title, *note.aliases)) for _, note in pages)
    return ranked(mentions_in(source, note, names, linked_by(note, resolve)) for source, note in pages)


def linked_by(note: Note, resolve: Callable[[Link], VaultPath | None] | None) -> frozenset[str]:
    """Give what the note links to: paths where links resolve, and targets as written in small letters."""
    found: set[str] = set()
    for link in note.links:
        found.add(link.target.rpartition("/")[2].casefold())
        path = resolve(link) if resolve is not None else None
        if path is not None:
            found.add(path)
    return frozenset(found)


def ranked(mentions: Iterable[Mentions]) -> tuple[LinkFinding, ...]:
    """Order the findings of all notes; a name that very many of them mention is an everyday word and left out.

    So is a name of one word that any note writes small: "View" names nothing where people view things.
    """
    notes = list(mentions)
    items = [item for note in notes for item in note.found]
    small = frozenset(target for note in notes for target in note.small)
    uses = Counter(item.target for item in items)
    limit = max(_FEW, len(notes) // 50)
    kept = [item for item in items if uses[item.target] <= limit and not (_is_one_word(item) and item.target in small)]
    return tuple(sorted(kept, key=lambda item: (-item.score, item.a.span)))


def _is_one_word(item: LinkFinding) -> bool:
    return all(len(list(words(quote.text))) == 1 for quote in item.evidence)


def mentions_in(source: Source, note: Note, names: MentionNames, linked: frozenset[str]) -> Mentions:
    """Give the notes that `note` names in plain text and links to nowhere, one finding each."""
    if note.is_generated:
        return Mentions()
    mentions: dict[VaultPath, list[tuple[float, Quote]]] = {}
    small: set[VaultPath] = set()
    certain: set[VaultPath] = set()
    for start, end, target, name in _mentions(source, note, names):
        if len(name.split()) == 1 and not source.text[start].isupper():
            small.add(target)
            continue
        is_linked = target in linked or name.casefold() in linked or _stem_of(target).casefold() in linked
        if target == note.path or is_linked or _is_about(note, name):
            continue
        quote = Quote(Span(note.path, start, end), source.text[start:end])
        if len(name.split()) > 1 or not _begins(source.text, start):
            certain.add(target)
        mentions.setdefault(target, []).append((_score(name, quote.text), quote))
    result: list[LinkFinding] = []
    for target, found in mentions.items():
        if target not in certain:
            continue  # at the beginning of a sentence every word has a capital
        score, quote = max(found, key=lambda item: (item[0], -item[1].span.start))
        evidence = tuple(item[1] for item in found)
        name = short_id("L", (note.path, target, quote.text))
        result.append(LinkFinding(name, "mention", score, quote, None, target, evidence))
    return Mentions(tuple(result), frozenset(small))


def _begins(text: str, start: int) -> bool:
    """Tell whether a sentence, an entry of a list or a cell of a table begins at `start`."""
    before = text[max(0, start - 20) : start].rstrip(_OPENERS)
    return not before or before[-1] in ".!?…:\n\r-–—•|#>+)"


def _is_about(note: Note, name: str) -> bool:
    """Tell whether the note carries the name itself."""
    return name.casefold() in {own.casefold() for own in (note.title, *note.aliases)}


def _stem_of(path: VaultPath) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]


def _score(name: str, text: str) -> float:
    is_exact = fold(name) == fold(text)
    is_single = len(name.split()) == 1
    return round((0.7 if is_single else 1.0) - (0.0 if is_exact else 0.1), 2)


def _mentions(source: Source, note: Note, names: MentionNames) -> Iterator[tuple[int, int, VaultPath, str]]:
    text = without_markup(source, note)
    if not names.by_first:
        return
    hidden = [mark.span for mark in note.marks if mark.kind in _HIDDEN] + [link.span for link in note.links]
    hidden += [source.span(*match.span()) for match in _ADDRESS.finditer(source.text)]
    closed = _apart(hidden)
    for block in note.blocks:
        if block.kind in _TEXT_KINDS:
            yield from _in_text(text, block.text, names, closed)


def _apart(spans: Iterable[Span]) -> list[tuple[int, int]]:
    """Give the stretches that the spans cover, in order and apart."""
    found: list[tuple[int, int]] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if found and span.start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], span.end))
        else:
            found.append((span.start, span.end))
    return found


def _in_text(
    text: str, span: Span, names: MentionNames, closed: list[tuple[int, int]]
) -> Iterator[tuple[int, int, VaultPath, str]]:
    base = span.start
    found = list(words(text[span.start : span.end]))
    cut = stems_of([word.text for word in found])
    begins = [entry in names.by_first for entry in cut]
    at = -1
    while True:
        try:
            at = begins.index(True, at + 1)
        except ValueError:
            return
        match = _match(found, cut, at, names, text, base)
        if match is None:
            continue
        key, path, name = match
        start, end = base + found[at].start, base + found[at + len(key) - 1].end
        before = bisect_left(closed, (end, -1)) - 1
        if before < 0 or closed[before][1] <= start:
            yield start, end, path, name
        at += len(key) - 1


def _match(
    found: list[Word], cut: list[str], at: int, names: MentionNames, text: str, base: int
) -> tuple[tuple[str, ...], VaultPath, str] | None:
    """Give the longest name whose words stand at `at`, side by side in one line, in any case and number.

    `cut` are the stems of the words `found`.
    """
    left = len(found) - at
    for key, path, name in names.by_first.get(cut[at], ()):
        size = len(key)
        if size > left or (size > 1 and not all(map(_same_stem, cut[at + 1 : at + size], key[1:]))):
            continue
        part = found[at : at + size]
        if _is_written_as(text[base + part[0].start : base + part[-1].end], name, part):
            return key, path, name
    return None


def _is_written_as(text: str, name: str, part: list[Word]) -> bool:
    """Tell whether `text` is `name`, or its words in other forms side by side; English has no forms but plurals."""
    own = list(words(name))
    if len(own) == 1 and name.isupper() and not text.isupper():
        return False
    if text.casefold() == name.casefold():
        return True
    start = part[0].start
    sides = all(_GAP.fullmatch(text, one.end - start, two.start - start) for one, two in pairwise(part))
    return sides and all(_is_form(word.text, wanted.text) for word, wanted in zip(part, own, strict=True))


def _is_form(word: str, wanted: str) -> bool:
    if not word.isascii() or not wanted.isascii():
        return (_VERBAL_NOUN.search(fold(wanted)) is None) == (_VERBAL_NOUN.search(fold(word)) is None)
    short, long = sorted((word.casefold(), wanted.casefold()), key=len)
    return short == long or any(long == short + plural for plural in _PLURALS)


def _same_stem(one: str, two: str) -> bool:
    """Tell whether two stems are one, give or take the last letter: «журнал» and «журнале» are cut differently."""
    if one == two:
        return True
    short, long = (one, two) if len(one) < len(two) else (two, one)
    return len(short) > _MIN_SINGLE - 1 and len(long) - len(short) == 1 and long.startswith(short)


def link_finding_json(item: LinkFinding) -> dict[str, Any]:
    """Give a finding as a JSON value, without its path, which may change: `link_finding_from_json` is the way back."""
    return {
        "score": item.score,
        "target": item.target,
        "evidence": [[quote.span.start, quote.span.end, quote.text] for quote in item.evidence],
        "at": item.evidence.index(item.a),
    }


def link_finding_from_json(value: dict[str, Any], path: VaultPath) -> LinkFinding:
    """Give back what `link_finding_json` wrote, as a finding in the note at `path`."""
    evidence = tuple(Quote(Span(path, start, end), text) for start, end, text in value["evidence"])
    quote = evidence[value["at"]]
    name = short_id("L", (path, value["target"], quote.text))
    return LinkFinding(name, "mention", value["score"], quote, None, value["target"], evidence)

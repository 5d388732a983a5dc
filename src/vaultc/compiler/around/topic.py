"""What an idea speaks of: its names and its words, each by how rare it is; and how much of that a text shares."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vaultc.core.note import MarkKind
from vaultc.language.form import Pos
from vaultc.language.morphology import analyse
from vaultc.language.stems import content_stems, stem, words
from vaultc.language.stopwords import is_stopword

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from vaultc.vault.reader import ParsedNote

STRONG = 1.4
"""What a text must share with the idea, beyond one word, to be about it by itself."""
WEAK = 0.45
"""What it must share where what stands beside it is about the idea."""

_IN_NAME, _MARKED, _ONCE = 1.5, 1.0, 0.6
_GROWN = 0.7
_LONG = 40
_RARE_ANCHOR = 0.5
_RARE_NAME = 0.3  # a name of commoner words would be found everywhere
_LESS_TELLING = 0.5  # a verb or an adjective
_UNTOLD = 1.2  # what a text must share besides a name that is an everyday word
_MIN_LETTERS = 3
_MAX_TERMS = 400
_TELLING = {Pos.NOUN: 1.0, Pos.OTHER: 1.0, Pos.VERB: _LESS_TELLING, Pos.ADJECTIVE: _LESS_TELLING}


@dataclass(frozen=True, slots=True)
class Evidence:
    """How much a text shares with an idea: a sum over shared words, those words, whether it names the idea.

    `size` is how many telling words the text has: a long one shares some with anything.
    """

    score: float
    words: tuple[str, ...]
    is_named: bool
    size: int = 0

    @property
    def is_strong(self) -> bool:
        """Tell whether the text is about the idea, whatever stands around it."""
        return self.is_named or (self.score >= STRONG * max(1.0, self.size / _LONG) and len(self.words) > 1)

    @property
    def is_weak(self) -> bool:
        """Tell whether the text goes on about the idea where its neighbours are about it."""
        return self.is_named or self.score >= WEAK


@dataclass(frozen=True)
class Topic:
    """The names of an idea as runs of stems, and the weight of each of its words by stem.

    `everyday` are names of one word that a dictionary knows: a text that has only that word need not mean the idea.
    `anchors` are the rarer words of its own names: a note that nothing links to the idea is about it by one of them.
    """

    names: tuple[tuple[str, ...], ...]
    everyday: frozenset[tuple[str, ...]]
    weights: Mapping[str, float]
    anchors: frozenset[str] = frozenset()

    def evidence(self, text: str) -> Evidence:
        """Give what `text` shares with the idea."""
        found = content_stems(text)
        shared = sorted(set(found) & self.weights.keys(), key=lambda word: (-self.weights[word], word))
        score = sum(self.weights[word] for word in shared)
        named = next((name for name in self.names if _holds(found, name)), ())
        if named in self.everyday:
            rest = sum(self.weights[word] for word in shared if word not in named)
            named = named if rest >= _UNTOLD else ()
        return Evidence(score, (*named, *(word for word in shared if word not in named)), bool(named), len(found))

    def grown(self, texts: Iterable[str], rarity: Callable[[Sequence[str]], Mapping[str, float]]) -> Topic:
        """Give the topic with the words of texts that are about the idea, at less weight than its own."""
        more = _weighted("\n".join(texts), frozenset(), frozenset(), rarity)
        return replace(self, weights={word: weight * _GROWN for word, weight in more.items()} | dict(self.weights))

    @property
    def terms(self) -> tuple[str, ...]:
        """The words, weightiest first."""
        return tuple(sorted(self.weights, key=lambda word: (-self.weights[word], word)))


def topic_of(
    parsed: ParsedNote, called: Iterable[str], rarity: Callable[[Sequence[str]], Mapping[str, float]]
) -> Topic:
    """Give what the idea in `parsed` speaks of.

    `called` are its other names: what links to it are labelled with. `rarity(stems)` gives for each stem how rare it
    is in the vault, from 0 (everywhere) to 1.
    """
    note = parsed.note
    title = note.path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    first = [note.headings[0].text] if note.headings and note.headings[0].level == 1 else []
    own = [title, note.title, *note.aliases, *first]
    text = _without_links(parsed)
    marked = [parsed.source.slice(mark.span) for mark in note.marks if mark.kind is MarkKind.CODE]
    marked += [heading.text for heading in note.headings]
    weights = _weighted(
        f"{text}\n{title}\n{note.title}",
        frozenset(stem for name in own for stem in content_stems(name)),
        frozenset(stem for part in marked for stem in content_stems(part)),
        rarity,
    )
    names = {tuple(content_stems(name)): name for name in (*called, *own)}
    long = [name for name in names if name and any(len(word) >= _MIN_LETTERS for word in name)]
    rare = rarity([word for name in long for word in name])
    own_words = {word for name in own for word in content_stems(name) if word.isalpha() and len(word) >= _MIN_LETTERS}
    known = rarity(sorted(own_words))
    anchors = frozenset(word for word in own_words if known.get(word, 1.0) >= _RARE_ANCHOR)
    kept = [name for name in long if sum(rare.get(word, 1.0) for word in name) >= _RARE_NAME]
    everyday = frozenset(name for name in kept if len(name) == 1 and _is_everyday(names[name]))
    return Topic(tuple(sorted(kept, key=lambda name: (-len(name), name))), everyday, weights, anchors)


def _without_links(parsed: ParsedNote) -> str:
    """Give the body without what its links say: they name other things."""
    at, kept = parsed.note.body.start, []
    for link in sorted(parsed.note.links, key=lambda link: link.span.start):
        if link.span.start >= at:
            kept.append(parsed.source.text[at : link.span.start])
            at = link.span.end
    return " ".join([*kept, parsed.source.text[at : parsed.note.body.end]])


def _is_everyday(name: str) -> bool:
    return any(form.is_known for word in words(name) if not is_stopword(word.text) for form in analyse(word.text)[:1])


def _holds(found: Sequence[str], name: tuple[str, ...]) -> bool:
    """Tell whether the stems of a name stand in a row in `found`."""
    size = len(name)
    return any(found[at] == name[0] and tuple(found[at : at + size]) == name for at in range(len(found) - size + 1))


def _weighted(
    text: str,
    in_name: frozenset[str],
    marked: frozenset[str],
    rarity: Callable[[Sequence[str]], Mapping[str, float]],
) -> dict[str, float]:
    """Give the weight of each telling word of `text` by stem: by rarity, place, and what kind of word it is."""
    counts: Counter[str] = Counter()
    telling: dict[str, float] = {}
    for word in words(text):
        for part in word.text.split("-"):
            base = stem(part)
            if len(part) < _MIN_LETTERS or is_stopword(part) or not part.isalpha():
                continue
            counts[base] += 1
            if base not in telling:
                telling[base] = _TELLING.get(analyse(part)[0].pos, 0.0)
    kept = [word for word, _ in counts.most_common(_MAX_TERMS) if telling[word]]
    rare = rarity(kept)
    return {
        word: rare.get(word, 1.0)
        * telling[word]
        * (_IN_NAME if word in in_name else _MARKED if word in marked or counts[word] > 1 else _ONCE)
        for word in kept
    }

"""Whether two claims speak of the same thing.

Each word that one statement names must be explained by the other, by its own words or by the title and
headings above it; a word that both share counts the more, the fewer notes use it. A title or an alias
named in full is the strongest tie.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING

from vaultc.findings.claim import ValueKind
from vaultc.findings.lexicon import weak_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vaultc.core.source import VaultPath
    from vaultc.findings.claim import Claim

_WEAK_WEIGHT = 0.2
_NAMED_BONUS = 0.7
_MIN_COVER = 0.62
_MIN_NOTES = 50
"""In a small vault a word of two notes is not yet a common one."""
_MIN_STRENGTH = 0.8
_CONTEXT_SHARE = 0.5
_MIN_ALIKE = 0.8
_POINTING = re.compile(
    r"(?<!\w)(?:this|these|those|such|it|its|they|их|его|её|это|этот|эта|эти|этого|этой|этих|этому|этом|этим|такой|такая|такие"
    r"|таких|он|она|они)(?!\w)",
    re.IGNORECASE,
)
"""Words that point to something said before: the sentence alone does not name its subject."""
NOTE_DAY = "note:"
"""Marks the day of a note, told by its title, among the times of a claim."""
_PASSING_KINDS = frozenset({ValueKind.COUNT, ValueKind.STATUS, ValueKind.WEEKDAY})
_PASSING = frozenset({"temperature", "duration", "share", "ratio", "weight", "distance", "speed", "frequency"})


class Subjects:
    """What the claims of a vault say about how telling each word is, and which words name a note.

    Args:
        claims: all claims, for the number of notes that use each word.
        titles: for each note, the concepts of its title and of each alias.
    """

    def __init__(self, claims: Sequence[Claim], titles: Mapping[VaultPath, tuple[frozenset[str], ...]]) -> None:
        notes: dict[str, set[str]] = {}
        for claim in claims:
            notes.setdefault(claim.path, set()).update(claim.subject, claim.context)
        self._uses = Counter(word for words in notes.values() for word in words)
        self._notes = max(len(notes), _MIN_NOTES)
        self._aliases = _canonical(titles)
        self._titles = frozenset(name for names in titles.values() for name in names if name)
        self._by_word: dict[str, list[frozenset[str]]] = {}
        for name in self._titles:
            for word in name:
                self._by_word.setdefault(word, []).append(name)
        self._weak = weak_words()
        self._names = titles
        self._joined: dict[frozenset[str], frozenset[str]] = {}

    def telling(self, word: str) -> float:
        """Give 0..1: how much a word narrows down what is spoken of."""
        if word in self._weak:
            return _WEAK_WEIGHT
        return math.log((self._notes + 1) / max(self._uses[word], 1)) / math.log(self._notes + 1)

    def uses(self, word: str) -> int:
        """Number of notes whose claims use `word`."""
        return self._uses[word]

    def joined(self, words: Iterable[str]) -> frozenset[str]:
        """Give `words` with each alias that stands there in full replaced by its note's title."""
        given = frozenset(words)
        known = self._joined.get(given)
        if known is not None:
            return known
        found = given
        for word in given:
            for names, title in self._aliases.get(word, ()):
                if names <= found:
                    found = (found - names) | title
        self._joined[given] = found
        return found

    def tie(self, first: Claim, second: Claim) -> float:
        """Give 0 where two claims speak of different things, else up to 1: how surely of the same one."""
        own_1, own_2 = self.joined(first.subject), self.joined(second.subject)
        if not own_1 or not own_2 or _apart(first, second):
            return 0.0
        around_1, around_2 = own_1 | self.joined(first.context), own_2 | self.joined(second.context)
        left_1, left_2 = own_1 - around_2, own_2 - around_1
        if not self._of_one_thing(first, second):
            return 0.0
        if self._contrasting(left_1, left_2) or self._other_names(first, second, left_1, left_2):
            return 0.0
        cover = min(self._cover(own_1, left_1), self._cover(own_2, left_2))
        if cover < _MIN_COVER:
            return 0.0
        shared = (own_1 & around_2) | (own_2 & around_1)
        if not own_1 & own_2 and not (first.is_inherited and second.is_inherited) and len(shared) < 2:
            return 0.0
        strength = self._strength(shared, around_1 & around_2)
        if strength < _MIN_STRENGTH:
            return 0.0
        return cover * min(1.0, 0.6 + strength / 5)

    def _of_one_thing(self, first: Claim, second: Claim) -> bool:
        """Tell whether claims that speak of their own notes, or stand in a list, name the same thing.

        "Price: 80 €" is the price of what its note is about: another note must name that in full. Two notes
        of one title in different folders are two things.
        """
        own_1, own_2 = self._core(first), self._core(second)
        if first.is_inherited and second.is_inherited:
            if _stem_of(first.path) == _stem_of(second.path):
                return False
            return own_1 in self._names_of(second.path) or own_2 in self._names_of(first.path)
        if first.is_inherited or second.is_inherited:
            return own_1 <= own_2 if first.is_inherited else own_2 <= own_1
        if not (is_listed(first) and is_listed(second)):
            return True
        shared = own_1 & own_2
        if any(name <= shared for word in shared for name in self._by_word.get(word, ())):
            return True
        if not (first.is_bound or second.is_bound) and self.is_telling(first, second):
            return True
        around_1, around_2 = own_1 | self.joined(first.context), own_2 | self.joined(second.context)
        return any(name and name <= around_2 for name in self._names_of(first.path)) or any(
            name and name <= around_1 for name in self._names_of(second.path)
        )

    def _core(self, claim: Claim) -> frozenset[str]:
        """Give the words that name the claim's subject, without those that name an attribute or say little."""
        found = self.joined(claim.subject)
        told = frozenset(word for word in found if word not in self._weak and not word.startswith("attr:"))
        return told or found

    def _names_of(self, path: VaultPath) -> tuple[frozenset[str], ...]:
        return tuple(self.joined(name) for name in self._names.get(path, ()))

    def same_fact(self, first: Claim, second: Claim) -> float:
        """Give 0 where two facts are not of one thing and deed in nearly the same words, else up to 1."""
        is_bound = bool(first.modality or second.modality)
        if not is_bound and first.subject[:1] != second.subject[:1]:
            return 0.0  # "set up sync" asks, "settings do not sync" tells: what denies begins with the same thing
        own_1, own_2 = self.joined(first.subject), self.joined(second.subject)
        shared = own_1 & own_2
        both = own_1 | own_2
        if not both or _apart(first, second):
            return 0.0
        alike = sum(max(self.telling(word), 0.1) for word in shared) / sum(
            max(self.telling(word), 0.1) for word in both
        )
        strong = [word for word in shared if word not in self._weak]
        if alike < _MIN_ALIKE or not strong or (len(shared) < 3 and not (is_bound and own_1 == own_2)):
            return 0.0
        around_1, around_2 = self.joined(first.context), self.joined(second.context)
        if not (is_whole(first) and is_whole(second)) and around_1 - around_2 and around_2 - around_1:
            return 0.0
        if self._other_names(first, second, own_1 - own_2, own_2 - own_1):
            return 0.0
        return alike if self._strength(shared, around_1 & around_2) >= _MIN_STRENGTH else 0.0

    def is_telling(self, first: Claim, second: Claim) -> bool:
        """Tell whether two words, or a note's name, tie the claims: one word is too little to count things by."""
        shared = self.joined(first.subject) & self.joined(second.subject)
        strong = [word for word in shared if word not in self._weak and not word.startswith("attr:")]
        return len(strong) >= 2 or any(name <= shared for word in shared for name in self._by_word.get(word, ()))

    def _strength(self, shared: frozenset[str], around: frozenset[str]) -> float:
        strength = sum(self.telling(word) for word in shared)
        strength += _CONTEXT_SHARE * sum(self.telling(word) for word in around - shared)
        if any(name <= shared for word in shared for name in self._by_word.get(word, ())):
            strength += _NAMED_BONUS
        return strength

    def _cover(self, own: frozenset[str], left: frozenset[str]) -> float:
        total = sum(max(self.telling(word), 0.05) for word in own)
        return 1.0 - sum(max(self.telling(word), 0.05) for word in left) / total if total else 0.0

    def _contrasting(self, left_1: frozenset[str], left_2: frozenset[str]) -> bool:
        """Tell whether each side names something strong that the other does not: two things of one kind."""
        strong = [sum(self.telling(word) for word in left if word not in self._weak) for left in (left_1, left_2)]
        return min(strong) > 0.75

    def _other_names(self, first: Claim, second: Claim, left_1: frozenset[str], left_2: frozenset[str]) -> bool:
        """Tell whether each side has a proper name that the other lacks, or one where both name something."""
        words_1 = {*first.names, *first.subject, *first.context}
        words_2 = {*second.names, *second.subject, *second.context}
        only_1, only_2 = {*first.names} - words_2, {*second.names} - words_1
        if only_1 and only_2:
            return True
        return bool(first.names and second.names) and bool(only_1 & left_1 or only_2 & left_2)


def _canonical(
    titles: Mapping[VaultPath, tuple[frozenset[str], ...]],
) -> dict[str, list[tuple[frozenset[str], frozenset[str]]]]:
    """Map each word of an alias to (alias, title); an alias of two notes names neither."""
    owners: Counter[frozenset[str]] = Counter(name for names in titles.values() for name in set(names))
    found: dict[str, list[tuple[frozenset[str], frozenset[str]]]] = {}
    for names in titles.values():
        for alias in names[1:]:
            if alias and names[0] and alias != names[0] and owners[alias] == 1:
                for word in alias:
                    found.setdefault(word, []).append((alias, names[0]))
    return found


def _apart(first: Claim, second: Claim) -> bool:
    """Tell whether the claims hold for different seasons, sides, versions, times and the like."""
    scopes = [dict(part.split("=", 1) for part in claim.scope) for claim in (first, second)]
    if any(scopes[1].get(group, value) != value for group, value in scopes[0].items()):
        return True
    # A qualifier that only one side has narrows it: "at night it is 12" leaves the day open.
    if {*scopes[0]} ^ {*scopes[1]}:
        return True
    if first.times or second.times:
        return {*_told(first)} != {*_told(second)} or _on_other_days(first, second)
    return False


def is_listed(claim: Claim) -> bool:
    """Tell whether a claim stands in a table, a field or an entry of a list, which speak of their own note."""
    return claim.is_bound or not claim.quote.text.rstrip(' *_)"»`').endswith((".", "!"))


def _stem_of(path: VaultPath) -> str:
    return path.rpartition("/")[2].rpartition(".")[0].casefold()


def is_whole(claim: Claim) -> bool:
    """Tell whether the words are a whole sentence, which names its subject, and not an entry of a list."""
    text = claim.quote.text
    return text.rstrip(' *_)"»').endswith((".", "!")) and not _POINTING.search(text)


def _told(claim: Claim) -> tuple[str, ...]:
    return tuple(time for time in claim.times if not time.startswith(NOTE_DAY))


def _on_other_days(first: Claim, second: Claim) -> bool:
    """Tell whether two diary entries of different days tell what may change from day to day."""
    days = [{time for time in claim.times if time.startswith(NOTE_DAY)} for claim in (first, second)]
    if not days[0] or not days[1] or days[0] == days[1]:
        return False
    if first.value.kind is ValueKind.FACT:
        return not first.modality and not second.modality
    if first.attribute == "date?":
        return True
    return first.value.kind in _PASSING_KINDS or first.attribute.rstrip("?") in _PASSING

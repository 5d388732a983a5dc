"""What a number of a sentence measures, named as a person would: "watering pause", «пауза между поливами»."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from vaultc.compiler.extract.spoken import Spoken, as_pos, is_listed, is_noun, is_person, is_verb
from vaultc.language.comparators import bound_before
from vaultc.language.form import Pos
from vaultc.language.lexicon import entries
from vaultc.language.russian import in_case
from vaultc.language.stems import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vaultc.language.quantities import Quantity
    from vaultc.language.tagging import Token

_BREAK = re.compile(r"[;:!?()«»\"]|[.,](?!\d)|\s[-–—=]\s")
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_TIMES = frozenset({"time", "calendar"})
_MAX_WORDS = 4
_MAX_LABEL = 5
_SKIPPED = frozenset({Pos.DETERMINER, Pos.ADVERB, Pos.PARTICLE, Pos.MODAL, Pos.NUMERAL, Pos.PRONOUN, Pos.SUBORDINATOR})


def name_of(said: Spoken, start: int, end: int, number: Quantity | None, twin: Quantity | None = None) -> str:
    """Give a name of at most four words for the number at `[start, end)`, or an empty text.

    Args:
        said: the statement.
        start: where the number begins.
        end: where it ends with its unit.
        number: the quantity; None for a time of day.
        twin: the later bound to which it is joined and that has its noun: "shorter than 3 or longer than 40 letters".
    """
    return _Naming(said, start, end, number, twin).name()


def is_titled(said: Spoken, number: Quantity) -> bool:
    """Tell whether the line gives the name itself: "warning lead: 30 min"."""
    return bool(_Naming(said, number.start, number.end, number).label())


def picks_out(said: Spoken, number: Quantity) -> bool:
    """Tell whether a bound tells which things are meant: "readings older than 400 days are deleted"."""
    return _Naming(said, number.start, number.end, number).is_at_noun()


def fold_plain(label: str) -> str:
    """Give a label as a name: small letters at its beginning where it is no acronym, single blanks."""
    words = label.split()
    words[0] = words[0] if words[0].isupper() else words[0][:1].lower() + words[0][1:]
    return " ".join(words)


@cache
def _aspects(kind: str) -> dict[str, str]:
    """Map the words of one kind of aspect to what they tell is measured: "old" → "age"."""
    table = entries("values")
    return {
        word: name.partition(".")[2] for name, words in table.items() if name.startswith(f"{kind}.") for word in words
    }


class _Naming:
    """One number in its clause: the words before it and behind it, and those that bound it."""

    def __init__(
        self, said: Spoken, start: int, end: int, number: Quantity | None, twin: Quantity | None = None
    ) -> None:
        self.counted = (twin.start, twin.end) if twin is not None else (start, end)
        self.said, self.start, self.end, self.number = said, start, end, number
        breaks = list(_BREAK.finditer(said.text))
        self.low = max((match.end() for match in breaks if match.end() <= start), default=0)
        self.high = min((match.start() for match in breaks if match.start() >= end), default=len(said.text))
        self.low = self._clause_start()
        self.is_russian = _CYRILLIC.search(said.text, self.low, self.high) is not None
        bound = bound_before(said.text, start, self.low)
        begin = bound.start if bound.comparator or bound.is_rough else start
        self.left = [word for word in said.words if self.low <= word.start and word.end <= begin]
        self.bounding = [word for word in said.words if begin <= word.start and word.end <= start]
        self.right = [word for word in said.words if end <= word.start and word.end <= self.high]
        self.is_count = number is not None and number.dimension.startswith("count")

    def _clause_start(self) -> int:
        """Give where the clause of the number begins: behind an "after" or «что» that has a verb on both sides."""
        words = [word for word in self.said.words if self.low <= word.start and word.end <= self.start]
        has_verb = False
        for at in range(len(words) - 1, -1, -1):
            is_link = any(form.pos is Pos.SUBORDINATOR for form in words[at].forms) and words[at].folded != "than"
            is_next = at == len(words) - 1 and is_listed(words[at], "that")
            if is_link and (has_verb or is_next) and any(is_verb(word) for word in words[:at]):
                return words[at].end
            has_verb = has_verb or is_verb(words[at])
        return self.low

    def is_at_noun(self) -> bool:
        """Tell whether the number picks things out: "readings older than 400 days", "silence of more than 20 s"."""
        left = [word for word in self.left if not is_listed(word, "of")]
        return bool(left) and is_noun(left[-1])

    def name(self) -> str:
        """Give the name: by the noun the number stands at, else by the subject of its clause."""
        number = self.number
        if number is not None and number.unit == "times":
            return self._of_times()
        if number is not None and self.is_count and number.unit and "times" not in number.unit:
            return self._of_count()
        near = self.label() or self._of_neighbour()
        is_bare = number is not None and number.dimension == "number" and not number.comparator
        return near if near or is_bare else self._of_clause()

    def _of_neighbour(self) -> str:
        before = self._before()
        if before:
            return self._joined(before, self._aspect(None) or self._default(before))
        behind = self._behind()
        return self._joined(behind, self._default(behind)) if behind else ""

    def _of_clause(self) -> str:
        verb = self._verb()
        subject = self._subject(verb)
        aspect = self._aspect(verb)
        if self.is_russian and verb is not None:
            if aspect == self._word("time_default") and self._acts(verb):
                thing = self._object()
                return self._joined(thing, "") if thing else f"{aspect} {verb.form.lemma}"
            subject = subject if self.number is not None else []
        if not subject:
            return self._of_verb(verb, aspect)
        aspect = aspect or self._default(subject)
        if verb is not None and len(subject) == 1 and not self.is_russian and (not aspect or self.number is None):
            is_state = verb.form.lemma in _aspects("aspect_verb") or is_listed(verb, "copula")
            subject = subject if is_state and self.number is not None else [*subject, verb]
        return self._joined(subject, aspect)

    def _acts(self, verb: Token) -> bool:
        """Tell whether the time is that of a deed, not of a thing: «механик не ответил за 10 минут»."""
        return (
            verb.form.lemma not in _aspects("aspect_verb")
            and not verb.form.is_passive
            and not verb.form.lemma.endswith("ся")
        )

    def _object(self) -> list[Token]:
        """Give the thing of that time where it stands right before it: «просит историю приемов за 30 дней»."""
        words = [word for word in self.left if word.form.pos is not Pos.PREPOSITION or word is not self.left[-1]]
        last = words[-1] if words else None
        if last is None or not is_noun(last) or not any(is_verb(word) for word in words):
            return []
        phrase = self._phrase(words)
        return phrase if phrase and phrase[0].form.case != "nomn" else []

    def _of_times(self) -> str:
        verb = self._verb()
        if verb is None:
            return ""
        return f"{self._word('times_to')} {verb.form.lemma}"

    def _of_count(self) -> str:
        """Give what is counted, with the thing that has it: "show cues", «приемы лекарства»."""
        low, high = self.counted
        inside = [word for word in self.said.words if low <= word.start and word.end <= high]
        for at, word in enumerate(inside):
            if at and word.form.pos in {Pos.PREPOSITION, Pos.DETERMINER}:
                inside = inside[:at]  # "3 chores a week"
                break
        if not inside:
            return ""
        noun = as_pos(inside[-1], Pos.NOUN)
        is_plural = any(form.is_plural for form in noun.forms) or noun.folded.endswith("s")
        if self.number is not None and noun.folded.isascii() and self.number.value != 1 and not is_plural:
            return ""  # "2 bad station file" counts nothing
        unit = _aspects("aspect_unit").get(noun.form.lemma)
        if unit:
            owner = self._before() or self._subject(self._verb())
            return self._joined(owner, unit) if owner else ""
        kinds = [word for word in inside[:-1] if word.form.pos is not Pos.NUMERAL and not is_listed(word, "light")]
        owner = kinds or [word for word in self._before() or self._subject(self._verb()) if word.start != noun.start]
        complement = self._complement(self.right)
        if self.is_russian:
            head = in_case(fold(noun.text), noun.form.lemma, "nomn", "plur")
            if kinds:
                return " ".join([*(in_case(fold(word.text), word.form.lemma, "nomn", "plur") for word in kinds), head])
            tail = [fold(word.text) for word in complement] or [self._genitive(word, owner) for word in owner]
            return " ".join([head, *tail][:_MAX_WORDS])
        words = [fold(word.text) for word in owner] + [fold(noun.text)]
        return " ".join(words if owner else [*words, *(fold(word.text) for word in complement)])

    def label(self) -> str:
        """Give what stands before a colon or dash right at the number: "warning lead: 30 min" names it already."""
        above = self.said.text[: self.low].rstrip()
        if self.left or above[-1:] not in set(":—–-="):
            return ""
        start = max((match.end() for match in _BREAK.finditer(above[:-1])), default=0)
        label = above[start:-1].strip(" *_`-•\t")
        return fold_plain(label) if 0 < len(label.split()) <= _MAX_LABEL else ""

    def _before(self) -> list[Token]:
        """Give the noun phrase right before the number: "session of 8 minutes", «порог тишины −50 дБ»."""
        left = list(self.left)
        while left and (
            left[-1].form.pos in _SKIPPED
            or is_listed(left[-1], "of")
            or (is_verb(left[-1]) and is_listed(left[-1], "copula"))
        ):
            left.pop()
        if left and self.number is not None and self.number.dimension == "number":
            left[-1] = self._label(left[-1])  # "port 8080" orders nothing
        if not left or not is_noun(left[-1]):
            return []
        is_when = any(word.form.lemma in _aspects("aspect_before") for word in self.bounding)
        if is_when and any(is_verb(word) or word.form.pos is Pos.MODAL for word in left):
            return []  # "on the board within 20 s": the time is not the board's
        return self._phrase(left)

    def _label(self, word: Token) -> Token:
        has_noun = any(form.pos is Pos.NOUN for form in word.forms)
        return as_pos(word, Pos.NOUN) if has_noun and not word.form.is_passive and word.form.pos is Pos.VERB else word

    def _phrase(self, left: Sequence[Token], *, is_lone: bool = True) -> list[Token]:
        """Give the noun phrase that ends at the last of `left`, in the order in which a name has its words."""
        run: list[Token] = []
        begin = left[-1].end
        for word in reversed(left):
            gap = self.said.text[word.end : begin]
            begin = word.start
            if word.form.pos is Pos.DETERMINER and run and run[0].form.case == "gent":
                continue  # «осмотр каждого лифта» is one phrase
            if gap.strip() or not (is_noun(word) or word.form.pos is Pos.ADJECTIVE) or len(run) == 3:
                break
            run.insert(0, word)
        rest = [word for word in left if word.end <= run[0].start]
        links = [at for at, word in enumerate(rest) if word.form.pos is not Pos.DETERMINER]
        link = rest[links[-1]] if links else None
        if link is not None and link.form.pos is Pos.PREPOSITION:
            above = rest[: links[-1]]
            is_near = bool(above) and is_noun(above[-1]) and not self.said.text[above[-1].end : link.start].strip()
            head = self._phrase(above, is_lone=False) if is_near else []
            if head:
                return [*run, *head][-_MAX_WORDS:] if link.text.lower() == "of" else [*head, link, *run][:_MAX_WORDS]
        run = [word for word in run if not is_listed(word, "light")]
        if len(run) > 1 and run[-1].form.case == "ablt" and is_listed(run[-1], "measure"):
            run = [run[-1], *run[:-1]]  # «пароль длиной» is the length of the password
        return [] if is_lone and all(is_listed(word, "generic") for word in run) else run

    def _behind(self) -> list[Token]:
        """Give the noun that a measure describes: "a 30 s pause between waterings", «15 минут простоя»."""
        if self.number is None or self.number.dimension in {"number", "currency"} or not self.right:
            return []
        first, *rest = self.right
        if self.said.text[self.end : first.start].strip(" -"):
            return []
        if first.text.lower() == "of" and rest and is_noun(rest[0]):
            return rest[:1]
        if not is_noun(first) or (self.is_russian and first.form.case != "gent"):
            return []
        return [first, *self._complement(rest)]

    def _complement(self, words: Sequence[Token]) -> list[Token]:
        """Give "between waterings", "per user", «в день»: a preposition right here and its noun."""
        if len(words) < 2 or words[0].form.pos is not Pos.PREPOSITION:
            return []
        noun = next((word for word in words[1:3] if is_noun(word)), None)
        return [words[0], noun] if noun is not None and not is_listed(noun, "generic") else []

    def _verb(self) -> Token | None:
        verbs = [word for word in self.left if is_verb(word) and not is_listed(word, "copula")]
        later = [word for word in self.right if is_verb(word) and not is_listed(word, "copula")]
        return verbs[-1] if verbs else later[0] if later else None

    def _subject(self, verb: Token | None) -> list[Token]:
        """Give the thing that the clause speaks of; the product itself is none."""
        for words in (self.left, self.right):
            for phrase in self._phrases(words):
                return phrase
        for needs_verb in (True, False):
            for above in self._clauses_above():
                found = next(self._phrases(above), None) if not needs_verb or any(map(is_verb, above)) else None
                if found:
                    return found
        return next(self._phrases(self.right, hung=True), [])

    def _clauses_above(self) -> Iterator[list[Token]]:
        """Give the words of the clauses before, the nearest first."""
        high = self.low
        for match in reversed([match for match in _BREAK.finditer(self.said.text) if match.end() <= self.low]):
            yield [word for word in self.said.words if match.end() <= word.start and word.end <= high]
            high = match.end()
        yield [word for word in self.said.words if word.end <= high]

    def _phrases(self, words: Sequence[Token], *, hung: bool = False) -> Iterator[list[Token]]:
        """Give the noun phrases that hang on no preposition, or those too: in Russian those in the nominative first."""
        found: list[list[Token]] = []
        for at, word in enumerate(words):
            following = words[at + 1] if at + 1 < len(words) else None
            if not is_noun(word) or (following is not None and is_noun(following) and not self.is_russian):
                continue
            phrase = self._phrase(words[: at + 1])
            if phrase and not is_person(phrase[-1]) and (hung or not self._hangs(words, at)):
                found.append(phrase)
        if self.is_russian:
            found.sort(key=lambda phrase: _RANK.get(phrase[0].form.case, 2))
        yield from found

    def _hangs(self, words: Sequence[Token], at: int) -> bool:
        """Tell whether the noun at `at` stands behind a preposition, with its adjectives between."""
        while at > 0 and (is_noun(words[at - 1]) or words[at - 1].form.pos in {Pos.ADJECTIVE, Pos.DETERMINER}):
            at -= 1
        return at > 0 and words[at - 1].form.pos is Pos.PREPOSITION

    def _aspect(self, verb: Token | None) -> str:
        """Give what of the thing is measured: its age, how long it is kept, how often it comes."""
        if self.number is None:
            return self._word("time_default")
        compared = _aspects("aspect_compared")
        near = [*self.bounding, *self.right[:1]]
        found = next((compared[word.form.lemma] for word in near if word.form.lemma in compared), "")
        if self.number.dimension.partition("/")[0] not in _TIMES:
            return found
        before = _aspects("aspect_before")
        close = [word.form.lemma for word in [*self.left[-2:], *self.bounding]]
        if "1/" in self.number.unit or any(before.get(lemma) == self._word("interval") for lemma in close):
            return self._word("interval")
        by_verb = _aspects("aspect_verb")
        told = [*reversed(self.left), *([verb] if verb is not None else [])]
        told = [word for word in told if word.form.pos is not Pos.ADJECTIVE and not is_listed(word, "time")]
        for word in told:
            if word.form.lemma in by_verb:
                return by_verb[word.form.lemma]
        if found:
            return found
        return next((before[lemma] for lemma in reversed(close) if lemma in before), "")

    def _default(self, words: Sequence[Token]) -> str:
        """Give the aspect of a time of which nothing else is told; none where the noun is a time itself: a pause."""
        is_time = self.number is not None and self.number.dimension in _TIMES
        if not is_time or any(is_listed(word, "time") for word in words):
            return ""
        return self._word("time_default")

    def _word(self, category: str) -> str:
        """Give the first word of a category in the language of the clause."""
        return entries("values", "ru" if self.is_russian else "en")[category][0]

    def _of_verb(self, verb: Token | None, aspect: str) -> str:
        if verb is None:
            return ""
        if not self.is_russian:
            return f"{verb.form.lemma} {aspect or self._word('time_default')}"
        return f"{aspect or self._default([verb]) or self._word('limit')}: {verb.form.lemma}"

    def _joined(self, words: Sequence[Token], aspect: str) -> str:
        if self.is_russian:
            case = "gent" if aspect else "nomn"
            parts = [aspect] if aspect else []
            if aspect and any(word.form.lemma == aspect for word in words):
                parts, case = [], "nomn"
            head = next((at for at, word in enumerate(words) if is_noun(word)), 0)
            parts += [
                self._cased(word, case) if at <= head else self._genitive(word, words) for at, word in enumerate(words)
            ]
            return " ".join(parts[:_MAX_WORDS])
        parts = [self._shown(word, is_single=bool(aspect)) for word in words]
        if aspect and parts[-1] != aspect:
            parts.append(aspect)
        return " ".join(parts[-_MAX_WORDS:])

    def _shown(self, word: Token, *, is_single: bool) -> str:
        """Give a word of an English name: an acronym as it stands, a noun before another in the singular."""
        if word.text.isupper() and len(word.text) > 1:
            return word.text
        plain = fold(word.text).removesuffix("'s")
        return word.form.lemma.removesuffix("'s") if (is_single and is_noun(word)) or is_verb(word) else plain

    def _cased(self, word: Token, case: str) -> str:
        return in_case(fold(word.text), word.form.lemma, case)

    def _genitive(self, word: Token, words: Sequence[Token]) -> str:
        """Give a word that hangs on a noun: in the genitive, or as it stands behind a preposition."""
        at = list(words).index(word)
        is_governed = any(other.form.pos is Pos.PREPOSITION for other in words[:at])
        return (
            fold(word.text)
            if is_governed or not (is_noun(word) or word.form.pos is Pos.ADJECTIVE)
            else self._cased(word, "gent")
        )


_RANK = {"nomn": 0, "accs": 1}

"""The words of a sentence, each with the reading that fits its neighbours.

English words are often noun or verb by their form alone: of all sequences of readings the one is taken whose steps from
word to word weigh most (Viterbi's algorithm, with few and hand-set weights in place of counts). A Russian word says
most by its ending: there the dictionary's likeliest reading is taken, unless the word before rules it out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from vaultc.language.form import Form, Mood, Pos, Tense
from vaultc.language.morphology import analyse
from vaultc.language.stems import fold, is_russian, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BREAK = re.compile(r"[.,;:!?()\[\]«»\"“”…—–|→]|\s-\s|->|=>|\n")
_OPAQUE = Form("", Pos.NOUN, is_known=False)


@dataclass(frozen=True, slots=True)
class Token:
    """A word at `[start, end)` with the reading that was chosen, and all its readings.

    `gap` is what stands between it and the word before, as far as it parts words: marks such as `,` or `—`. Code is one
    token whatever it holds, with an empty lemma.
    """

    text: str
    start: int
    end: int
    folded: str
    form: Form
    forms: tuple[Form, ...]
    gap: str = ""

    @property
    def is_code(self) -> bool:
        """Tell whether the token is a stretch of code."""
        return self.form is _OPAQUE

    @property
    def lemmas(self) -> frozenset[str]:
        """The lemmas of all its readings, and the word itself."""
        return frozenset((self.folded, *(form.lemma for form in self.forms)))


def tokens(text: str, shown: str | None = None) -> tuple[Token, ...]:
    """Give the words of a sentence with their readings.

    `shown` is the same text with code left in, where `text` has blanks: a stretch that only it has becomes a token.
    """
    found = list(_words(text, shown if shown is not None else text))
    return tuple(_chosen(found))


def _words(text: str, shown: str) -> Iterator[Token]:
    spots = sorted([*((word.start, word.end, False) for word in words(text)), *_code(text, shown)])
    last = 0
    for start, end, is_code in spots:
        gap = "".join(match.group().strip() or "-" for match in _BREAK.finditer(text, last, start))
        folded = "" if is_code else fold(text[start:end])
        forms = (_OPAQUE,) if is_code else analyse(folded)
        yield Token(shown[start:end], start, end, folded, forms[0], forms, gap)
        last = end


def _code(text: str, shown: str) -> Iterator[tuple[int, int, bool]]:
    """Give the stretches where `shown` has something and `text` only blanks."""
    if text == shown:
        return
    start = -1
    last = -1
    for at, (plain, full) in enumerate(zip(text, shown, strict=True)):
        if plain == " " and full not in " `":
            start = at if start < 0 else start
            last = at + 1
        elif plain != " " and start >= 0:
            yield start, last, True
            start = -1
    if start >= 0:
        yield start, last, True


def _chosen(found: Sequence[Token]) -> Iterator[Token]:
    """Give the tokens with their readings settled: runs of English words together, Russian ones in turn."""
    run: list[Token] = []
    before: Token | None = None
    for at, token in enumerate(found):
        if is_russian(token.folded):
            yield from _english(run)
            run = []
            token = _russian(token, before, found[at + 1] if at + 1 < len(found) else None)
            yield token
        else:
            run.append(token)
        before = token
    yield from _english(run)


def _russian(token: Token, before: Token | None, after: Token | None) -> Token:
    if len(token.forms) == 1:
        return token
    stands_before_verb = after is not None and not after.gap and after.forms[0].mood is Mood.FINITE

    def weight(form: Form) -> float:
        score = form.weight
        if before is not None and not token.gap and before.form.pos is Pos.PREPOSITION:
            score -= 0 if form.is_nominal or form.pos in _BEFORE_NOUN else 1
        if stands_before_verb and form.mood is Mood.FINITE:
            score -= 1
        if form.mood is Mood.IMPERATIVE and form.weight < _SURE and (before is not None and not token.gap):
            score -= 1
        return score

    return replace(token, form=max(token.forms, key=weight))


_BEFORE_NOUN = frozenset({Pos.ADJECTIVE, Pos.DETERMINER, Pos.NUMERAL})
_SURE = 0.5

# The steps of English from one kind of word to the next that say something; what is not here weighs nothing. Written
# once for the language: agreement, what follows an article, a modal verb, "to", a preposition, and what opens a clause.
_STEPS = """
^ vb 1.4, det 1, pron 1, sub 1, ns .5, np .5, vz -.2, vp -1, vd -1, ing .3, prep .4, adv .4, adj .3, num .4, md -.5
det ns 2, np 2, adj 1.5, num 1, vn .2, ing .4, adv 0, vb -6, vz -6, vp -6, vd -6, md -6, prep -3, pron -3, be -5, hv -5
adj ns 2, np 2, adj .2, vb -4, vz -2, vp -3, vd -2, pron -2, det -1.5
num ns 2, np 2, adj 1, vb -4, vz -1, vp -1.5, vd -1
ns vz 1.6, vp -2, vd .8, md 1.6, be 1.6, hv 1.2, do 1, prep 1, ns .5, np .3, vn .2, vb -2, adj -1, pron -1, det -1
np vz -1.5, vp 1, vd .8, md 1.6, be 1.6, hv 1.2, do 1, prep 1, ns -.8, np -1, vn .2, vb -1.5, adj -1, pron -1, det -1
pron vz 1.4, vp 1.2, vd 1.2, md 2, be 2, hv 1.5, do 1.5, ns -2, np -2, vb -2, vn -1
md vb 3, not 1.5, adv .8, vz -6, vp -6, vd -6, vn -2, ns -2, np -2, adj -2, be 1.5, hv 1.5
to vb 2.5, det 1, ns .5, np .5, pron .8, num .6, vz -6, vp -5, vd -6, md -6, vn -2, be 1, hv 1
prep ns 1.2, np 1.2, det 1.5, pron 1, ing 1, num 1, adj 1, vz -6, vb -5, vp -5, vd -5, md -6, vn -.6, be -5, hv -5
vb/vz/vp det 1.5, ns .5, np .6, pron 1, prep .6, adv .6, adj .5, num .6, to .6, md -4, be -3.5, vn -.7
vb vb -2.5, vz -3, vp -3, vd -3
vz/vp vb -4, vz -4, vp -4, vd -4
vd det 1.2, ns .5, np .6, pron 1, prep .8, adv .6, adj .3, num .5, to .6, md -4, be -3, vn -.5
vd vb -4, vz -4, vp -4, vd -4
vn prep 1, adv .6, ns .5, np .5, to .4, vb -4, md 0, vd -3, pron -1, det -.5
ing det 1, ns .6, np .6, pron .8, prep .6, adv .5, vb -4, vp -3, vd -3
be vn 2, ing 1, adj 1.6, det 1.2, not 1.5, ns .4, adv .8, prep .8, to .8, vb -5, vz -5, vd -4, vp -5, md -5, num .6
hv vn 1.8, det 1.4, to 1.2, ns .6, np .6, not 1, num 1, adj .6, vb -4, vz -5, vd -2, vp -5
do not 1.5, vb 1.5, det .8, pron .8
not vb 1.6, vn 1, adj .8, to .6, det .5, ing .6, ns 0, be 1
adv vb .4, vz .4, vd .4, vp .3, vn .5, adj .6, adv 0, prep .2, num .4
co vb .3, vz .2, vn .1
sub det 1, pron 1, ns .6, np .6, ing .3, vn .3, vz -1, md -3, vb -1.5
rel vz 1.4, md 1.4, be 1.4, vd 1, vp .8, hv 1, do 1, det .6, pron .8, ns -.4, np -.4, vb -2
, vb .3, vz .2, ns .2, np .2, det .4, pron .4, ing .3, vp -.6
"""
_PRIORS = {"vb": -0.1, "vz": -0.2, "vp": -0.7, "vd": -0.3, "vn": -0.1, "ing": 0.0, "adv": -0.1, "adj": 0.0, "ns": 0.0}
_UNKNOWN_VERB = 1.5
_UNKNOWN_NOUN = 0.4
_RATHER_ADJECTIVE = 1.2
_CLOSED_BONUS = 1.0
_KIND_OF_POS = {
    Pos.DETERMINER: "det", Pos.PRONOUN: "pron", Pos.ADJECTIVE: "adj", Pos.NUMERAL: "num", Pos.ADVERB: "adv",
    Pos.PREPOSITION: "prep", Pos.COORDINATOR: "co", Pos.SUBORDINATOR: "sub", Pos.MODAL: "md", Pos.OTHER: "num",
}  # fmt: skip
_OF_LEMMA = {"be": "be", "have": "hv", "do": "do"}


@cache
def _steps() -> dict[str, dict[str, float]]:
    table: dict[str, dict[str, float]] = {}
    for line in _STEPS.strip().splitlines():
        names, _, rest = line.partition(" ")
        for name in names.split("/"):
            table.setdefault(name, {}).update((pair.split()[0], float(pair.split()[1])) for pair in rest.split(", "))
    return table


def _kind(form: Form, folded: str) -> str:
    """Give the kind of a reading as the steps name it."""
    if form.pos is Pos.VERB:
        if form.mood is Mood.FINITE and form.lemma in _OF_LEMMA:
            return _OF_LEMMA[form.lemma]
        if form.mood is Mood.FINITE:
            if form.tense is Tense.PAST:
                return "vd"
            return "vz" if form.person else "vp"
        return {Mood.INFINITIVE: "vb", Mood.PARTICIPLE: "vn", Mood.GERUND: "ing"}.get(form.mood, "vb")
    if form.pos is Pos.NOUN:
        return "np" if form.is_plural else "ns"
    if form.pos is Pos.PARTICLE:
        return "to" if folded == "to" else "not"
    if form.pos is Pos.SUBORDINATOR and folded in _RELATIVES:
        return "rel"
    return _KIND_OF_POS[form.pos]


_RELATIVES = frozenset({"that", "which", "who", "whose"})


def _own_weight(form: Form, kind: str, forms: Sequence[Form]) -> float:
    weight = _PRIORS.get(kind, _CLOSED_BONUS if form.pos not in _OPEN else 0.0)
    if kind == "vb" and any(other.pos is Pos.ADJECTIVE for other in forms):
        weight -= _RATHER_ADJECTIVE
    if form.is_known:
        return weight
    return weight - (_UNKNOWN_VERB if form.pos is Pos.VERB else _UNKNOWN_NOUN)


_OPEN = frozenset({Pos.NOUN, Pos.VERB, Pos.ADJECTIVE, Pos.ADVERB, Pos.OTHER})


def _english(run: Sequence[Token]) -> Iterator[Token]:
    """Settle a run of words by the heaviest path; linear in its length, for a word has few readings."""
    kinds = [[_kind(form, token.folded) for form in token.forms] for token in run]
    chosen = _heaviest(run, kinds, frozenset())
    false = frozenset(_false_verbs(run, kinds, chosen))
    if false:
        chosen = _heaviest(run, kinds, false)
    for token, index in zip(run, chosen, strict=True):
        yield replace(token, form=token.forms[index])


def _heaviest(run: Sequence[Token], kinds: list[list[str]], false: frozenset[tuple[int, str]]) -> list[int]:
    """Give the index of the reading of each word on the heaviest path that takes no step of `false`."""
    steps = _steps()
    paths: list[list[tuple[float, int]]] = []  # for each word and reading: weight of the best path, and where from
    for at, token in enumerate(run):
        row: list[tuple[float, int]] = []
        for form, kind in zip(token.forms, kinds[at], strict=True):
            weight = _own_weight(form, kind, token.forms) - (_FALSE if (at, kind) in false else 0.0)
            row.append(_step_to(kind, weight, token.gap, steps, kinds[at - 1] if at else [], paths[-1] if at else []))
        paths.append(row)
    chosen: list[int] = []
    best = max(range(len(paths[-1])), key=lambda index: paths[-1][index][0]) if paths else 0
    for row in reversed(paths):
        chosen.append(best)
        best = row[best][1]
    return chosen[::-1]


def _step_to(
    kind: str,
    weight: float,
    gap: str,
    steps: dict[str, dict[str, float]],
    kinds: list[str],
    row: list[tuple[float, int]],
) -> tuple[float, int]:
    """Give the weight of the best path to a reading, and the reading of the word before on it."""
    if not row:
        return steps["^"].get(kind, 0.0) + weight, 0
    if _opens(gap):
        value, back = max((value, index) for index, (value, _) in enumerate(row))
        return value + steps["^"].get(kind, 0.0) + weight, back
    return max(
        (value + steps.get("," if gap else kinds[index], {}).get(kind, 0.0) + weight, index)
        for index, (value, _) in enumerate(row)
    )


def _false_verbs(run: Sequence[Token], kinds: list[list[str]], chosen: list[int]) -> Iterator[tuple[int, str]]:
    """Give the words that were taken for an order or a past although a finite verb follows in the same clause.

    "Export format is CSV" orders nothing, nor does "rain, wound three balls"; in "a PIN typed wrong locks the phone"
    nobody typed.
    """
    open_verb: tuple[int, str] | None = None
    for at, (token, index) in enumerate(zip(run, chosen, strict=True)):
        kind = kinds[at][index]
        is_first = at == 0 or bool(token.gap)
        is_order = kind == "vb" and is_first and len(token.forms) > 1
        if is_order and at + 1 < len(run) and run[at + 1].gap and any(form.pos is not Pos.VERB for form in token.forms):
            yield at, kind
        if is_first or kind in {"sub", "rel", "co", "pron", "to"}:
            open_verb = None
        if open_verb is not None and kind in _FINITE:
            yield open_verb
            open_verb = None
        elif (is_order and (at == 0 or _opens(token.gap))) or (kind == "vd" and "vn" in kinds[at]):
            open_verb = (at, kind)


_FINITE = frozenset({"vz", "vp", "vd", "md", "be", "hv", "do"})
_FALSE = 4.0


def _opens(gap: str) -> bool:
    """Tell whether what stands before a word opens a clause anew."""
    return any(mark in gap for mark in ".;:!?—–-→(|")

"""English words by lemminflect and its dictionary (the NIH SPECIALIST lexicon). The only importer of lemminflect."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from vaultc.language.form import Form, Mood, Pos, Tense
from vaultc.language.lexicon import entries, phrases

if TYPE_CHECKING:
    from types import ModuleType

_POS = {"NOUN": Pos.NOUN, "PROPN": Pos.NOUN, "VERB": Pos.VERB, "ADJ": Pos.ADJECTIVE, "ADV": Pos.ADVERB}
_CLOSED = (
    Pos.MODAL, Pos.DETERMINER, Pos.PRONOUN, Pos.PREPOSITION, Pos.COORDINATOR, Pos.SUBORDINATOR, Pos.PARTICLE,
    Pos.NUMERAL, Pos.ADVERB,
)  # fmt: skip
_TAGS: dict[str, dict[str, Any]] = {
    "NN": {"is_plural": False},
    "NNS": {"is_plural": True},
    "VBD": {"mood": Mood.FINITE, "tense": Tense.PAST},
    "VBN": {"mood": Mood.PARTICIPLE, "tense": Tense.PAST, "is_passive": True},
    "VBG": {"mood": Mood.GERUND},
    "VBZ": {"mood": Mood.FINITE, "tense": Tense.PRESENT, "person": 3, "is_plural": False},
    "VB": {"mood": Mood.INFINITIVE},
    "VBP": {"mood": Mood.FINITE, "tense": Tense.PRESENT},
}
_OF_POS = {"NOUN": ("NN", "NNS"), "VERB": ("VBZ", "VB", "VBP", "VBD", "VBN", "VBG")}
_CACHE_WORDS = 50_000


@cache
def _dictionary() -> ModuleType:
    import lemminflect  # reads its tables when it is imported

    library: ModuleType = lemminflect
    return library


@lru_cache(_CACHE_WORDS)
def analyse(folded: str) -> tuple[Form, ...]:
    """Give what an English word may be; a word of a closed class may be of an open one too ("can", "like")."""
    found = list(_closed().get(folded, ()))
    if found and folded not in _both():
        return tuple(found)
    if "'" in folded:
        return tuple(found) or _clitic(folded)
    for upos, lemmas in _dictionary().getAllLemmas(folded).items():
        for lemma in lemmas:
            found += [form for form in _forms(folded, upos, lemma) if form not in found]
    if found and not any(form.pos is Pos.NOUN for form in found):
        found += [_named(form) for form in found if form.mood is Mood.INFINITIVE or form.person == 3]
    return tuple(_without_odd_singular(found)) or _guess(folded)


def inflected(lemma: str) -> tuple[str, ...]:
    """Give the forms of an English word by its dictionary form."""
    return tuple(form for forms in _dictionary().getAllInflections(lemma).values() for form in forms)


def _without_odd_singular(found: list[Form]) -> list[Form]:
    """Leave out "minutes" as one thing where it is the plural of another."""
    is_plural = any(form.is_plural for form in found)
    return [form for form in found if not (is_plural and form.is_plural is False and form.lemma.endswith("s"))]


def _named(form: Form) -> Form:
    """Give a verb as the noun that English makes of any: "a log", "two fades"; the dictionary lacks many."""
    return Form(form.lemma, Pos.NOUN, is_plural=form.person == 3, is_known=False)


def _forms(word: str, upos: str, lemma: str) -> list[Form]:
    pos = _POS.get(upos)
    if pos is None:
        return []
    if upos not in _OF_POS:
        return [Form(lemma, pos)]
    library = _dictionary()
    table = dict(library.getAllInflections(lemma, upos=upos) or library.getAllInflectionsOOV(lemma, upos))
    table.setdefault("VBN", table.get("VBD", ()))  # left out where both are one
    tags = [tag for tag in _OF_POS[upos] if word in table.get(tag, ())]
    if tags == ["NN", "NNS"]:  # one sheep, two sheep: told apart where there is another plural
        tags = ["NN"] if len(table["NNS"]) > 1 or not word.endswith("s") else ["NNS"]
    if not tags:
        tags = ["NN" if word == lemma else "NNS"] if upos == "NOUN" else ["VB", "VBP"] if word == lemma else []
    return [Form(lemma, pos, **_TAGS[tag]) for tag in tags]


def _clitic(folded: str) -> tuple[Form, ...]:
    """Give a word with an apostrophe: a possessive, which stands before its noun as an article does."""
    return (Form(folded.split("'")[0], Pos.DETERMINER, is_known=False),)


def _guess(folded: str) -> tuple[Form, ...]:
    """Give a word that the dictionary does not know: a noun, and by its ending what else it may be."""
    if not any(char.isalpha() for char in folded):
        return (Form(folded, Pos.NUMERAL if folded.isdigit() else Pos.OTHER, is_known=False),)
    parts = folded.rsplit("-", 1)
    if len(parts) == 2 and all(parts):
        known = [form for form in analyse(parts[1]) if form.is_known]
        if known:
            adjective = Form(folded, Pos.ADJECTIVE)
            return (*(_compound(form, parts[0]) for form in known), adjective)
    found: list[Form] = []
    library = _dictionary()
    for upos in ("NOUN", "VERB"):
        for lemma in library.getAllLemmasOOV(folded, upos).get(upos, ()):
            found += [_unknown(form) for form in _forms(folded, upos, lemma)]
    nouns = [form for form in found if form.pos is Pos.NOUN] or [Form(folded, Pos.NOUN, is_known=False)]
    is_verbal = folded.endswith(("ing", "ed", "s", "ize", "ise", "ify"))
    return (*nouns, *(form for form in found if is_verbal and form.pos is Pos.VERB))


def _compound(form: Form, head: str) -> Form:
    return Form(f"{head}-{form.lemma}", form.pos, form.mood, form.tense, form.person, form.is_plural)


def _unknown(form: Form) -> Form:
    return Form(form.lemma, form.pos, form.mood, form.tense, form.person, form.is_plural, is_known=False)


@cache
def _closed() -> dict[str, tuple[Form, ...]]:
    table: dict[str, tuple[Form, ...]] = {}
    for pos in _CLOSED:
        for word in phrases("grammar", pos.value, language="en"):
            table[word] = (*table.get(word, ()), Form(word, pos, Mood.FINITE if pos is Pos.MODAL else Mood.NONE))
    for name, words in entries("grammar", "en").items():
        if name.startswith("verbs."):
            lemma, _, tag = name.removeprefix("verbs.").partition("_")
            for word in words:
                table[word] = (*table.get(word, ()), Form(lemma, Pos.VERB, **_TAGS[tag.upper()]))
    return table


@cache
def _both() -> frozenset[str]:
    return phrases("grammar", "open_too", language="en")

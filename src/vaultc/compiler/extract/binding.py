"""The rules by which a statement binds the product, and those by which it only seems to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.compiler.extract.case import MODALITIES, PLACES, SUBJECT_WORDS, Case
from vaultc.compiler.extract.errands import has_subject, is_often, names_person
from vaultc.compiler.extract.topics import Topic, modality_of, topic_of
from vaultc.compiler.extract.type_words import read_type
from vaultc.compiler.unit import Modality
from vaultc.compiler.untaken import Kept
from vaultc.language.clauses import Role
from vaultc.language.form import Mood, Pos
from vaultc.language.lexicon import phrases
from vaultc.language.matching import phrase_set
from vaultc.language.morphology import lemmas_of
from vaultc.language.quantities import quantities
from vaultc.language.reading import Basis, Force, Stance, read

if TYPE_CHECKING:
    from vaultc.language.clauses import Clause

_WEAKENED = {Force.MUST_NOT: Modality.MUST_NOT}
_CAN = phrases("modality", "ability")
_BETWEEN = frozenset({Pos.ADVERB, Pos.PARTICLE})
_THIRD = 3
_MIN_ITEM_WORDS = 2
_FACTS = frozenset({Topic.PARTS, Topic.DATA, Topic.SETTINGS, Topic.STATES, Topic.FLOW})


def excluded(case: Case) -> Modality | None:
    """Bind what a section excludes, as what must not be."""
    binding = case.reading.binding
    if case.topic is not Topic.EXCLUDED or not case.is_idea or (binding is not None and binding.basis is Basis.WORD):
        return None
    return Modality.MUST_NOT if case.is_item or case.reading.binding is not None else None


def wished_for(case: Case) -> Kept | None:
    """Keep the wish for the thing itself with which a note opens: "I want a box for recipes"."""
    binding = case.reading.binding
    if binding is None or not case.is_opening or not binding.end or case.reading.condition is not None:
        return None
    mark = next((mark for mark in case.reading.marks if mark.category in {"wish", "need"}), None)
    rest = case.reading.tokens[mark.last + 1 :] if mark is not None else ()
    if mark is not None and mark.category == "wish":
        return Kept.CONTEXT
    is_thing = bool(rest) and not any(token.form.mood is not Mood.NONE for token in rest if token.form.pos is Pos.VERB)
    is_named = mark is not None and (mark.category == "wish" or case.product.is_named(case.statement.text))
    return Kept.CONTEXT if is_thing and is_named else None


def led(case: Case) -> Modality | None:
    """Bind an item by its lead line: "The clock must:", «Нельзя:»."""
    if not case.is_item or not case.statement.headings:
        return None
    lead = read(case.statement.headings[-1])
    binding = lead.binding
    if binding is None or binding.basis is not Basis.WORD or topic_of(case.statement.headings[-1]) is not Topic.OTHER:
        return None
    tail = [token for token in lead.tokens if token.start >= binding.end]
    own = case.reading.binding
    if len(tail) > SUBJECT_WORDS or (own is not None and own.basis is Basis.WORD):
        return None
    return MODALITIES.get(binding.force)


def _is_wish_of_another(case: Case) -> bool:
    """Tell whether somebody or something else wants: only what the writer wants binds."""
    binding = case.reading.binding
    if binding is None or Stance.OWN in case.reading.stances or not has_subject(case.reading, binding.clause):
        return False
    mark = next((token for token in case.reading.tokens if token.end == binding.end), None)
    return mark is not None and mark.form.pos is Pos.VERB


def chosen(case: Case) -> Kept | None:
    """Keep a choice between two things as the decision that it is: "we chose SQLite over CSV files"."""
    binding = case.reading.binding
    return between(case) if binding is not None and binding.basis is Basis.DECISION else None


def between(case: Case) -> Kept | None:
    """Keep what names another thing that was not taken."""
    between = next(phrase_set("stance", "alternative").find(case.reading.tokens), None)
    return Kept.CHOICE if between is not None else None


def fact(case: Case) -> Kept | None:
    """Keep as a fact what a section of fields, values, states or steps lists: it is read as such, not as a duty."""
    binding = case.reading.binding
    if binding is None:
        return None
    if _has_shape(case.statement.text) and not any(mark.category != "optional" for mark in case.reading.marks):
        return Kept.FACT
    if case.topic not in _FACTS or not case.is_item:
        return None
    is_step = binding.basis is Basis.ORDER and case.topic is Topic.FLOW and case.statement.item is not None
    is_part = case.topic is Topic.PARTS and ":" in case.statement.text
    return Kept.FACT if binding.basis is Basis.FRAGMENT or is_step or is_part else None


def _has_shape(text: str) -> bool:
    """Tell whether an item is a field or a list of values: a short name, a colon, a type, a number or choices."""
    name, colon, rest = text.partition(":")
    is_named = bool(colon) and 0 < len(name.split()) <= SUBJECT_WORDS and bool(rest.strip())
    if not is_named or "." in rest.strip(" .")[1:].replace("..", ""):
        return False
    first = rest.split(",")[0].strip()
    is_type = len(first.split()) <= SUBJECT_WORDS - 1 and bool(read_type(first).type)
    is_value = bool(quantities(rest)) and len(rest.split()) <= SUBJECT_WORDS - 1
    return any(mark in rest for mark in "|→") or is_type or is_value


def usage_without_words(case: Case) -> Modality | None:
    """Bind what is told of a command: "`tide next` prints the next high water"."""
    if any(mark.category not in {"wish", "decided"} for mark in case.reading.marks):
        return None
    is_told = case.product.starts_with_command(case.statement.text, is_item=case.statement.item is not None)
    return Modality.MUST if is_told and len(case.statement.text.split()) > SUBJECT_WORDS else None


def words(case: Case) -> Kept | Modality | None:
    """Bind by a word of duty, permission, advice or ban, by a decision or a wish."""
    binding = case.reading.binding
    if binding is None or binding.basis not in {Basis.WORD, Basis.DECISION, Basis.WISH}:
        return None
    if binding.basis is Basis.WISH and _is_wish_of_another(case):
        return Kept.CONTEXT
    is_purpose = binding.basis is Basis.WISH and binding.clause.role is Role.PURPOSE
    if is_purpose and (case.is_opening or case.topic is Topic.GOAL):
        return Kept.REASON
    subject = " ".join(token.text for token in binding.clause.subject(case.reading.tokens))
    is_ability = binding.force is Force.MAY and case.reading.text[binding.start : binding.end].lower() in _CAN
    if is_ability and not case.is_idea and not case.product.is_subject(subject):
        return Kept.CONTEXT
    if _is_party(case, subject):
        return Kept.OTHER
    return MODALITIES.get(binding.force)


def order(case: Case) -> Kept | Modality | None:
    """Bind an order: an imperative, or an infinitive that stands for one."""
    binding = case.reading.binding
    if binding is None or binding.basis is not Basis.ORDER:
        return None
    if case.statement.item is None and case.topic is Topic.GOAL:
        return Kept.CONTEXT
    return as_headed(case, binding.force)


def as_headed(case: Case, force: Force) -> Modality | None:
    """Give the modality of an item: its own, as weak as its heading ("Wishes")."""
    modality = modality_of(case.statement.headings) if case.is_item else None
    if modality in {Modality.SHOULD, Modality.MAY}:
        return _WEAKENED.get(force, modality) if modality is Modality.SHOULD else modality
    return MODALITIES.get(force)


def asserted(case: Case) -> Kept | Modality | None:
    """Bind what is asserted of the present; where a note opens or tells why, only what is said of the product."""
    binding = case.reading.binding
    if binding is None or binding.basis is not Basis.ASSERTION:
        return None
    subject = " ".join(token.text for token in binding.clause.subject(case.reading.tokens)[-SUBJECT_WORDS:])
    is_about = (case.product.is_subject if case.is_idea else case.product.is_named)(subject)
    aside = phrases("clauses", "priced")
    is_priced = any(
        token.form.pos is Pos.VERB and token.form.lemma in aside for token in binding.clause.words(case.reading.tokens)
    )
    if is_priced or (not case.is_idea and not is_about and _describes(case, binding.clause)):
        return Kept.CONTEXT
    is_goal = case.topic is Topic.GOAL and not case.is_item
    is_told = case.is_opening or is_goal or case.topic in {Topic.METRICS, Topic.PROBLEM}
    if (is_told and not is_about) or _is_of_today(case):
        return Kept.CONTEXT
    if names_person(case.reading, binding.clause, case.product) or _is_party(case, subject):
        return Kept.OTHER
    return MODALITIES.get(binding.force)


def _describes(case: Case, clause: Clause) -> bool:
    """Tell whether a clause says what a thing is like, and not what it does: it is, it weighs, it holds so much.

    Nor does a Russian verb in the plural without a subject bind: «датчики калибруют» tells what people do.
    """
    verb = case.reading.tokens[clause.predicate]
    if verb.form.lemma in phrases("clauses", "describes"):
        after = case.reading.tokens[clause.predicate + 1 : clause.last + 1]
        next_word = next((token for token in after if token.form.pos not in _BETWEEN), None)
        is_done = next_word is not None and next_word.form.pos is Pos.VERB and next_word.form.mood is Mood.PARTICIPLE
        return not is_done
    is_people = verb.form.mood is Mood.FINITE and verb.form.person == _THIRD and verb.form.is_plural
    return bool(is_people) and not verb.folded.isascii() and not has_subject(case.reading, clause)


def _is_of_today(case: Case) -> bool:
    """Tell whether a statement says how things stand for now: "at the moment it is done by hand"."""
    return next(phrase_set("stance", "present").find(case.reading.tokens), None) is not None


def _is_party(case: Case, subject: str) -> bool:
    """Tell whether who acts is a party of a contract, and no user of the product."""
    return any(phrases("product", "party") & lemmas_of(word) for word in subject.split())


def defined(case: Case) -> Modality | None:
    """Bind a thing that a note opens with and says what it does: "A box that records the programme"."""
    binding = case.reading.binding
    if binding is None or binding.basis is not Basis.FRAGMENT or not case.is_opening:
        return None
    named = any(token.form.pos is Pos.NOUN for token in binding.clause.words(case.reading.tokens))
    is_told = any(clause.role is Role.RELATIVE and clause.predicate >= 0 for clause in case.reading.clauses)
    return Modality.MUST if named and is_told else None


def fragment(case: Case) -> Kept | Modality | None:
    """Bind a fragment by what it says: "no X", a bound, or the section in which it is an item."""
    binding = case.reading.binding
    if binding is None or binding.basis is not Basis.FRAGMENT:
        return None
    if binding.force is Force.MUST_NOT:
        return Modality.MUST_NOT
    if case.reading.condition is not None or any(found.comparator for found in quantities(case.statement.masked)):
        return Modality.MUST
    if case.is_idea and is_often(case.reading):
        return Modality.MUST  # "runs at 04:20 every morning"
    modality = modality_of(case.statement.headings)
    if case.is_item and modality is not None and len(case.reading.tokens) >= _MIN_ITEM_WORDS:
        return modality
    is_measured = any(found.unit for found in quantities(case.statement.masked))
    if (case.is_item and case.topic in PLACES) or (is_measured and case.is_idea and not case.is_opening):
        return Modality.MUST
    return Kept.CONTEXT

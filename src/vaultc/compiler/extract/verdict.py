"""Whether a statement binds the product: an ordered list of named rules, of which the first that decides is kept.

In by default: in the body of the note that the person named, what is ordered, asserted of the present, or bound by a
word of duty binds, unless a rule before says why not. What does not bind keeps the rule that took it out, so that
nothing is dropped without a word.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from vaultc.compiler.extract.chats import Answer, Speaker, answers
from vaultc.compiler.extract.errands import asks_person, has_subject, is_errand, is_often, names_person
from vaultc.compiler.extract.topics import Topic, modality_of, topic_of, topic_of_path
from vaultc.compiler.extract.type_words import read_type
from vaultc.compiler.unit import Modality
from vaultc.compiler.untaken import Kept
from vaultc.language.clauses import Predicate, Role
from vaultc.language.dates import dates
from vaultc.language.form import Mood, Pos
from vaultc.language.lexicon import phrases
from vaultc.language.matching import phrase_set
from vaultc.language.morphology import lemmas_of
from vaultc.language.quantities import quantities
from vaultc.language.reading import Basis, Force, Reading, Stance, read
from vaultc.language.stems import content_stems

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vaultc.compiler.extract.product import Product
    from vaultc.compiler.extract.statements import Statement
    from vaultc.language.clauses import Clause


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a statement: `rule` decided it.

    `modality` is None where it does not bind, and then `kept` says why not. `by_words` tells that its own words bind it
    and not its place. `condition` is a range of its mask; bounds before `selects_until` say of which things it speaks
    ("readings older than 400 days must go").
    """

    rule: str
    modality: Modality | None = None
    kept: Kept = Kept.CONTEXT
    by_words: bool = False
    condition: tuple[int, int] | None = None
    selects_until: int = 0

    @property
    def binds(self) -> bool:
        """Tell whether the statement is a duty of the product."""
        return self.modality is not None


@dataclass(frozen=True)
class Case:
    """A statement with what a rule may ask of it. `repeated`: the stems that its note speaks of again and again."""

    statement: Statement
    product: Product
    topic: Topic
    reading: Reading
    is_idea: bool = True
    is_opening: bool = False
    repeated: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_item(self) -> bool:
        """Tell whether it is the head of a list item."""
        return self.statement.item is not None and self.statement.is_head

    @property
    def is_task(self) -> bool:
        """Tell whether it is a task with a box."""
        return self.statement.item is not None and self.statement.item.task is not None and self.statement.is_head


_SILENT = {
    Topic.HISTORY: Kept.PAST,
    Topic.REFERENCES: Kept.POINTER,
    Topic.RISKS: Kept.RISK,
    Topic.EXAMPLES: Kept.EXAMPLE,
    Topic.QUESTIONS: Kept.QUESTION,
}
_LABELS = {
    Topic.GOAL: Kept.REASON, Topic.PROBLEM: Kept.REASON, Topic.HISTORY: Kept.PAST, Topic.RISKS: Kept.RISK,
    Topic.QUESTIONS: Kept.QUESTION, Topic.REFERENCES: Kept.POINTER,
}  # fmt: skip
_CALLOUTS = {
    "question": Kept.QUESTION, "help": Kept.QUESTION, "faq": Kept.QUESTION, "bug": Kept.PAST, "failure": Kept.PAST,
    "done": Kept.DONE, "success": Kept.DONE,
}  # fmt: skip
_PLACES = frozenset({Topic.REQUIREMENTS, Topic.FEATURES, Topic.QUALITY, Topic.CONSTRAINTS, Topic.OPTIONAL, Topic.USAGE})
_MODALITIES = {
    Force.MUST: Modality.MUST, Force.SHOULD: Modality.SHOULD, Force.MAY: Modality.MAY,
    Force.MUST_NOT: Modality.MUST_NOT, Force.SHOULD_NOT: Modality.SHOULD_NOT,
}  # fmt: skip
_SAID: dict[str, Kept | Modality] = {
    "must": Modality.MUST, "should": Modality.SHOULD, "may": Modality.MAY, "must-not": Modality.MUST_NOT,
    "should-not": Modality.SHOULD_NOT, "ignore": Kept.IGNORED, "not": Kept.IGNORED,
}  # fmt: skip
SAID = "you said so"
"""The rule of the callouts by which a person overrules all other rules."""
_ERRAND_CALLOUTS = frozenset({"todo"})
_WEAKENED = {Force.MUST_NOT: Modality.MUST_NOT}
_CAN = phrases("modality", "ability")
_BETWEEN = frozenset({Pos.ADVERB, Pos.PARTICLE})
_THIRD = 3
_MIN_WORDS = 2
_MIN_ITEM_WORDS = 2
_SUBJECT_WORDS = 4
_FACTS = frozenset({Topic.PARTS, Topic.DATA, Topic.SETTINGS, Topic.STATES, Topic.FLOW})
_STRONG = frozenset({Basis.WORD, Basis.DECISION})


def judge(case: Case) -> Verdict:
    """Give the verdict of the first rule that decides; without any the statement is context."""
    for name, rule in RULES:
        found = rule(case)
        if found is None:
            continue
        if isinstance(found, Kept):
            return Verdict(name, kept=found)
        return _bound(case, name, found)
    return Verdict("default")


def _bound(case: Case, rule: str, modality: Modality) -> Verdict:
    if rule == SAID:
        return Verdict(rule, modality, by_words=True, condition=case.reading.condition)
    binding = case.reading.binding
    by_words = binding is not None and binding.basis in _STRONG
    if case.topic is Topic.OPTIONAL and modality in {Modality.MUST, Modality.SHOULD}:
        modality = Modality.MAY
    if modality is Modality.MAY and by_words and _bounds(case):
        modality = Modality.MUST
    until = binding.start if binding is not None and by_words and not modality.endswith("_not") else 0
    return Verdict(rule, modality, by_words=by_words, condition=case.reading.condition, selects_until=until)


def _bounds(case: Case) -> bool:
    """Tell whether a permission is a bound: "there may be no more than four", "0 to 10 are allowed"."""
    binding = case.reading.binding
    if binding is None or case.reading.passed:
        return True
    mark = next((token for token in case.reading.tokens if token.end == binding.end), None)
    if _is_only_so_many(case):
        return True
    is_passive = mark is not None and mark.form.pos is Pos.VERB and mark.form.lemma not in phrases("modality", "can")
    return is_passive and any(found.comparator or found.is_range for found in quantities(case.statement.masked))


def _is_only_so_many(case: Case) -> bool:
    """Tell whether a number is all that there may be: "only one", «только один»."""
    pairs = pairwise(case.reading.tokens)
    only, one = phrases("modality", "only"), phrases("modality", "one")
    return any(
        before.folded in only and (after.form.lemma in one or after.form.pos is Pos.NUMERAL) for before, after in pairs
    )


# --- what is no duty, whatever its words say


def _says_nothing(case: Case) -> Kept | None:
    statement = case.statement
    letters = [word for word in statement.text.split() if any(char.isalpha() for char in word)]
    if statement.is_lead or not letters or statement.text.endswith(":"):
        return Kept.CONTEXT
    return Kept.CONTEXT if "{{" in statement.text or _is_template(statement.masked) else None


def _is_template(text: str) -> bool:
    """Tell whether a text holds a place to be filled in: "System MUST [capability]"."""
    start = text.find("[")
    end = text.find("]", start)
    return 0 <= start < end and text[end + 1 : end + 2] != "(" and text[start + 1 : end].strip(" xX-").islower()


def _points(case: Case) -> Kept | None:
    """Keep what only leads to another note: little beside the link, or a verb that points."""
    text = case.statement.quote.text
    if "[[" not in text and "](" not in text:
        return None
    rest = text[: text.find("[")] + text[text.rfind("]") + 1 :]
    is_short = len(content_stems(rest)) <= _MIN_WORDS
    points = any(token.lemmas & phrases("stance", "pointer") for token in case.reading.tokens)
    binding = case.reading.binding
    weak = binding is None or binding.basis not in _STRONG
    return Kept.POINTER if weak and (is_short or points) else None


def _proposed(case: Case) -> Kept | None:
    """Keep what an assistant proposes and the person did not take, and what another says in a conversation."""
    if case.statement.speaker is Speaker.OTHER:
        return Kept.REPORTED
    return Kept.PROPOSAL if case.statement.is_proposal else None


def _requests(reading: Reading) -> bool:
    """Tell whether the person asks the other one for something: "show me how", «покажи, как»."""
    return bool(reading.tokens) and phrase_set("chats", "requests").match(reading.tokens, 0) is not None


def _answers(case: Case) -> Kept | None:
    """Keep the words that only take or refuse what was proposed: "the first, not the second"."""
    if case.statement.speaker is Speaker.USER and _requests(case.reading):
        return Kept.ANSWER
    if not case.statement.asked:
        return None
    made = set(answers(case.statement.asked, case.statement.text)) - {Answer.UNANSWERED}
    return Kept.ANSWER if made and Answer.CHANGED not in made else None


def _labelled(case: Case) -> Kept | Modality | None:
    """Judge by the label before a colon, which is a heading of its own: "Why: …", "Not a goal: …"."""
    quoted = case.statement.quote.text.strip()
    if case.topic is Topic.DECISIONS and quoted.startswith("**") and quoted.endswith("**"):
        return Kept.CHOICE  # the title of a decision
    label, colon, _ = case.statement.masked.partition(":")
    if not colon or len(label.split()) > _SUBJECT_WORDS:
        return None
    topic = topic_of(label)
    if topic is Topic.EXCLUDED:
        return Modality.MUST_NOT
    if topic is Topic.DECISIONS and case.topic is Topic.DECISIONS:
        return Kept.CHOICE  # a part of a decision, which is read as one
    if topic is Topic.DECISIONS:
        return _between(case) or Modality.MUST
    return _LABELS.get(topic)


def _said(case: Case) -> Kept | Modality | None:
    return _SAID.get(case.statement.callout)


def _callout(case: Case) -> Kept | None:
    return _CALLOUTS.get(case.statement.callout)


def _asks(case: Case) -> Kept | None:
    if case.statement.is_question or Stance.ASKED in case.reading.stances:
        return Kept.QUESTION
    return None


def _section(case: Case) -> Kept | None:
    return _SILENT.get(case.topic)


def _reported(case: Case) -> Kept | None:
    place = case.reading.stances.get(Stance.REPORTED)
    if place is None or case.topic in _PLACES:
        return None
    binding = case.reading.binding
    if binding is None:
        return Kept.REPORTED
    tokens = case.reading.tokens
    start = binding.start if binding.end else tokens[max(binding.clause.predicate, binding.clause.first)].start
    return Kept.REPORTED if place[0] <= start else None


def _quoted(case: Case) -> Kept | None:
    """Keep what is all a quotation: "Bogdan: "all radio should be live"."""
    text = case.statement.text.strip()
    head, _, tail = text.partition(":")
    said = (tail if len(head.split()) <= _MIN_WORDS and tail else text).strip()
    return Kept.REPORTED if said[:1] in _OPENING and said.rstrip(".!–— ")[-1:] in _CLOSING else None


_OPENING, _CLOSING = frozenset('"«“„'), frozenset('"»”“')


def _done(case: Case) -> Kept | None:
    item = case.statement.item
    return Kept.DONE if case.is_task and item is not None and item.is_done else None


def _supposed(case: Case) -> Kept | None:
    if Stance.SUPPOSED not in case.reading.stances or case.topic is Topic.OPTIONAL:
        return None
    binding = case.reading.binding
    is_may = binding is not None and binding.force is Force.MAY
    return None if is_may and case.topic in _PLACES else Kept.SUPPOSED


def _past(case: Case) -> Kept | None:
    binding = case.reading.binding
    if binding is None:
        return None
    is_event = binding.clause.kind is Predicate.STATE and any(found.day for found in dates(case.statement.masked))
    told = is_event or (binding.basis is Basis.FRAGMENT and Stance.PAST in case.reading.stances)
    return Kept.PAST if binding.basis is Basis.PAST or told else None


def _opinion(case: Case) -> Kept | None:
    return Kept.OPINION if Stance.OPINION in case.reading.stances else None


def _reason(case: Case) -> Kept | None:
    place = case.reading.stances.get(Stance.REASON)
    opens = place is not None and bool(case.reading.tokens) and place[0] == case.reading.tokens[0].start
    return Kept.REASON if opens else None


def _waived(case: Case) -> Kept | None:
    binding = case.reading.binding
    return Kept.WAIVED if binding is not None and binding.force is Force.WAIVED else None


def _errand(case: Case) -> Kept | None:
    binding = case.reading.binding
    if binding is None:
        return None
    is_decided = any(mark.category == "decided" for mark in case.reading.marks)
    if names_person(case.reading, binding.clause, case.product) and binding.basis is Basis.WORD and not is_decided:
        return Kept.ERRAND
    if case.statement.callout in _ERRAND_CALLOUTS and not case.product.is_named(case.statement.text):
        return Kept.ERRAND
    if asks_person(case.reading):
        return Kept.ERRAND
    if case.is_task and not case.is_idea:
        return Kept.ERRAND
    if case.topic in _PLACES:
        return None
    if case.is_task and len(case.statement.text.split()) == 1:
        return Kept.ERRAND  # a file to be written
    if not case.is_idea and _is_of_writer(case):
        return Kept.ERRAND
    return Kept.ERRAND if is_errand(case.reading, case.product, of_task=case.is_task or not case.is_idea) else None


def _is_of_writer(case: Case) -> bool:
    """Tell whether a duty without a subject is the writer's: in a diary "must call" is said of oneself."""
    binding = case.reading.binding
    if binding is None or binding.basis is not Basis.WORD or binding.force in {Force.MUST_NOT, Force.MAY}:
        return False
    if has_subject(case.reading, binding.clause) or quantities(case.statement.masked):
        return False
    first = case.reading.tokens[binding.clause.first]
    return binding.start <= first.end


def _own(case: Case) -> Kept | Modality | None:
    """Keep what the writer tells of themselves; what they wish or chose binds."""
    if Stance.OWN not in case.reading.stances:
        return None
    binding = case.reading.binding
    if binding is None or binding.basis is Basis.WISH:
        return None if binding is None else _as_headed(case, binding.force)
    if binding.basis is Basis.DECISION or case.topic in _PLACES:
        return None
    place = case.reading.stances[Stance.OWN]
    token = next(token for token in case.reading.tokens if token.start == place[0])
    is_many = token.folded in phrases("stance", "first_plural") or token.form.is_plural is True
    if is_many and binding.basis is Basis.ASSERTION and not case.is_opening:
        return None
    return Kept.ERRAND if binding.basis is Basis.WORD else Kept.CONTEXT


# --- what binds


def _excluded(case: Case) -> Modality | None:
    binding = case.reading.binding
    if case.topic is not Topic.EXCLUDED or not case.is_idea or (binding is not None and binding.basis is Basis.WORD):
        return None
    return Modality.MUST_NOT if case.is_item or case.reading.binding is not None else None


def _wished_for(case: Case) -> Kept | None:
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


def _led(case: Case) -> Modality | None:
    """Bind an item by its lead line: "The clock must:", «Нельзя:»."""
    if not case.is_item or not case.statement.headings:
        return None
    lead = read(case.statement.headings[-1])
    binding = lead.binding
    if binding is None or binding.basis is not Basis.WORD or topic_of(case.statement.headings[-1]) is not Topic.OTHER:
        return None
    tail = [token for token in lead.tokens if token.start >= binding.end]
    own = case.reading.binding
    if len(tail) > _SUBJECT_WORDS or (own is not None and own.basis is Basis.WORD):
        return None
    return _MODALITIES.get(binding.force)


def _is_wish_of_another(case: Case) -> bool:
    """Tell whether somebody or something else wants: only what the writer wants binds."""
    binding = case.reading.binding
    if binding is None or Stance.OWN in case.reading.stances or not has_subject(case.reading, binding.clause):
        return False
    mark = next((token for token in case.reading.tokens if token.end == binding.end), None)
    return mark is not None and mark.form.pos is Pos.VERB


def _chosen(case: Case) -> Kept | None:
    """Keep a choice between two things as the decision that it is: "we chose SQLite over CSV files"."""
    binding = case.reading.binding
    return _between(case) if binding is not None and binding.basis is Basis.DECISION else None


def _between(case: Case) -> Kept | None:
    """Keep what names another thing that was not taken."""
    between = next(phrase_set("stance", "alternative").find(case.reading.tokens), None)
    return Kept.CHOICE if between is not None else None


def _fact(case: Case) -> Kept | None:
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
    is_named = bool(colon) and 0 < len(name.split()) <= _SUBJECT_WORDS and bool(rest.strip())
    if not is_named or "." in rest.strip(" .")[1:].replace("..", ""):
        return False
    first = rest.split(",")[0].strip()
    is_type = len(first.split()) <= _SUBJECT_WORDS - 1 and bool(read_type(first).type)
    is_value = bool(quantities(rest)) and len(rest.split()) <= _SUBJECT_WORDS - 1
    return any(mark in rest for mark in "|→") or is_type or is_value


def _usage_without_words(case: Case) -> Modality | None:
    """Bind what is told of a command: "`tide next` prints the next high water"."""
    if any(mark.category not in {"wish", "decided"} for mark in case.reading.marks):
        return None
    is_told = case.product.starts_with_command(case.statement.text, is_item=case.statement.item is not None)
    return Modality.MUST if is_told and len(case.statement.text.split()) > _SUBJECT_WORDS else None


def _words(case: Case) -> Kept | Modality | None:
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
    return _MODALITIES.get(binding.force)


def _order(case: Case) -> Kept | Modality | None:
    binding = case.reading.binding
    if binding is None or binding.basis is not Basis.ORDER:
        return None
    if case.statement.item is None and case.topic is Topic.GOAL:
        return Kept.CONTEXT
    return _as_headed(case, binding.force)


def _as_headed(case: Case, force: Force) -> Modality | None:
    """Give the modality of an item: its own, as weak as its heading ("Wishes")."""
    modality = modality_of(case.statement.headings) if case.is_item else None
    if modality in {Modality.SHOULD, Modality.MAY}:
        return _WEAKENED.get(force, modality) if modality is Modality.SHOULD else modality
    return _MODALITIES.get(force)


def _asserted(case: Case) -> Kept | Modality | None:
    """Bind what is asserted of the present; where a note opens or tells why, only what is said of the product."""
    binding = case.reading.binding
    if binding is None or binding.basis is not Basis.ASSERTION:
        return None
    subject = " ".join(token.text for token in binding.clause.subject(case.reading.tokens)[-_SUBJECT_WORDS:])
    is_about = (case.product.is_subject if case.is_idea else case.product.is_named)(subject)
    is_priced = case.reading.tokens[binding.clause.predicate].form.lemma in phrases("clauses", "priced")
    if is_priced or (not case.is_idea and not is_about and _describes(case, binding.clause)):
        return Kept.CONTEXT
    is_goal = case.topic is Topic.GOAL and not case.is_item
    is_told = case.is_opening or is_goal or case.topic in {Topic.METRICS, Topic.PROBLEM}
    if (is_told and not is_about) or _is_of_today(case):
        return Kept.CONTEXT
    if names_person(case.reading, binding.clause, case.product) or _is_party(case, subject):
        return Kept.OTHER
    return _MODALITIES.get(binding.force)


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


def _defined(case: Case) -> Modality | None:
    """Bind a thing that a note opens with and says what it does: "A box that records the programme"."""
    binding = case.reading.binding
    if binding is None or binding.basis is not Basis.FRAGMENT or not case.is_opening:
        return None
    named = any(token.form.pos is Pos.NOUN for token in binding.clause.words(case.reading.tokens))
    is_told = any(clause.role is Role.RELATIVE and clause.predicate >= 0 for clause in case.reading.clauses)
    return Modality.MUST if named and is_told else None


def _fragment(case: Case) -> Kept | Modality | None:
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
    if (case.is_item and case.topic in _PLACES) or (is_measured and case.is_idea and not case.is_opening):
        return Modality.MUST
    return Kept.CONTEXT


RULES: Sequence[tuple[str, Callable[[Case], Kept | Modality | None]]] = (
    ("nothing said", _says_nothing),
    (SAID, _said),
    ("proposal", _proposed),
    ("answer", _answers),
    ("callout", _callout),
    ("label", _labelled),
    ("asks", _asks),
    ("section", _section),
    ("points elsewhere", _points),
    ("done", _done),
    ("quoted", _quoted),
    ("reported", _reported),
    ("supposed", _supposed),
    ("opinion", _opinion),
    ("reason", _reason),
    ("past", _past),
    ("wish for the thing", _wished_for),
    ("own", _own),
    ("errand", _errand),
    ("not needed", _waived),
    ("excluded", _excluded),
    ("led by its lead line", _led),
    ("choice", _chosen),
    ("fact", _fact),
    ("usage", _usage_without_words),
    ("words", _words),
    ("order", _order),
    ("assertion", _asserted),
    ("defined", _defined),
    ("fragment", _fragment),
)
"""The rules in the order in which they are asked, by name. A rule gives how a statement binds, why not, or None."""


def case_of(
    statement: Statement, product: Product, *, is_idea: bool = True, is_opening: bool = False, repeated: frozenset[str]
) -> Case:
    """Give a statement as the rules ask it."""
    return Case(
        statement,
        product,
        topic_of_path(statement.headings),
        read(statement.masked, statement.shown),
        is_idea,
        is_opening,
        repeated,
    )

"""The rules by which a statement is no duty of the product, whatever its words say."""

from __future__ import annotations

from vaultc.compiler.extract.binding import as_headed, between
from vaultc.compiler.extract.case import MIN_WORDS, PLACES, STRONG, SUBJECT_WORDS, Case
from vaultc.compiler.extract.chats import Answer, Speaker, answers
from vaultc.compiler.extract.errands import asks_person, has_subject, is_errand, names_person
from vaultc.compiler.extract.topics import Topic, topic_of
from vaultc.compiler.unit import Modality
from vaultc.compiler.untaken import Kept
from vaultc.language.clauses import Predicate
from vaultc.language.dates import dates
from vaultc.language.lexicon import phrases
from vaultc.language.matching import phrase_set
from vaultc.language.quantities import quantities
from vaultc.language.reading import Basis, Force, Reading, Stance
from vaultc.language.stems import content_stems

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
_SAID: dict[str, Kept | Modality] = {
    "must": Modality.MUST, "should": Modality.SHOULD, "may": Modality.MAY, "must-not": Modality.MUST_NOT,
    "should-not": Modality.SHOULD_NOT, "ignore": Kept.IGNORED, "not": Kept.IGNORED,
}  # fmt: skip
_ERRAND_CALLOUTS = frozenset({"todo"})


def says_nothing(case: Case) -> Kept | None:
    """Keep lead lines, places to be filled in, and what holds no word."""
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


def points(case: Case) -> Kept | None:
    """Keep what only leads to another note: little beside the link, or a verb that points."""
    text = case.statement.quote.text
    if "[[" not in text and "](" not in text:
        return None
    rest = text[: text.find("[")] + text[text.rfind("]") + 1 :]
    is_short = len(content_stems(rest)) <= MIN_WORDS
    points = any(token.lemmas & phrases("stance", "pointer") for token in case.reading.tokens)
    binding = case.reading.binding
    weak = binding is None or binding.basis not in STRONG
    return Kept.POINTER if weak and (is_short or points) else None


def proposed(case: Case) -> Kept | None:
    """Keep what an assistant proposes and the person did not take, and what another says in a conversation."""
    if case.statement.speaker is Speaker.OTHER:
        return Kept.REPORTED
    return Kept.PROPOSAL if case.statement.is_proposal else None


def _requests(reading: Reading) -> bool:
    """Tell whether the person asks the other one for something: "show me how", «покажи, как»."""
    return bool(reading.tokens) and phrase_set("chats", "requests").match(reading.tokens, 0) is not None


def only_answers(case: Case) -> Kept | None:
    """Keep the words that only take or refuse what was proposed: "the first, not the second"."""
    if case.statement.speaker is Speaker.USER and _requests(case.reading):
        return Kept.ANSWER
    if not case.statement.asked:
        return None
    made = set(answers(case.statement.asked, case.statement.text)) - {Answer.UNANSWERED}
    return Kept.ANSWER if made and Answer.CHANGED not in made else None


def labelled(case: Case) -> Kept | Modality | None:
    """Judge by the label before a colon, which is a heading of its own: "Why: …", "Not a goal: …"."""
    quoted = case.statement.quote.text.strip()
    if case.topic is Topic.DECISIONS and quoted.startswith("**") and quoted.endswith("**"):
        return Kept.CHOICE  # the title of a decision
    label, colon, _ = case.statement.masked.partition(":")
    if not colon or len(label.split()) > SUBJECT_WORDS:
        return None
    topic = topic_of(label)
    if topic is Topic.EXCLUDED:
        return Modality.MUST_NOT
    if topic is Topic.DECISIONS and case.topic is Topic.DECISIONS:
        return Kept.CHOICE  # a part of a decision, which is read as one
    if topic is Topic.DECISIONS:
        return between(case) or Modality.MUST
    return _LABELS.get(topic)


def said(case: Case) -> Kept | Modality | None:
    """Judge as the callout says in which the person put it."""
    return _SAID.get(case.statement.callout)


def callout(case: Case) -> Kept | None:
    """Keep what stands in a callout of questions, faults or done work."""
    return _CALLOUTS.get(case.statement.callout)


def asks(case: Case) -> Kept | None:
    """Keep what asks."""
    if case.statement.is_question or Stance.ASKED in case.reading.stances:
        return Kept.QUESTION
    return None


def section(case: Case) -> Kept | None:
    """Keep what stands in a section of the past, of risks, references, examples or questions."""
    return _SILENT.get(case.topic)


def reported(case: Case) -> Kept | None:
    """Keep what somebody else says."""
    place = case.reading.stances.get(Stance.REPORTED)
    if place is None or case.topic in PLACES:
        return None
    binding = case.reading.binding
    if binding is None:
        return Kept.REPORTED
    tokens = case.reading.tokens
    start = binding.start if binding.end else tokens[max(binding.clause.predicate, binding.clause.first)].start
    return Kept.REPORTED if place[0] <= start else None


def quoted(case: Case) -> Kept | None:
    """Keep what is all a quotation: "Bogdan: "all radio should be live"."""
    text = case.statement.text.strip()
    head, _, tail = text.partition(":")
    said = (tail if len(head.split()) <= MIN_WORDS and tail else text).strip()
    return Kept.REPORTED if said[:1] in _OPENING and said.rstrip(".!–— ")[-1:] in _CLOSING else None


_OPENING, _CLOSING = frozenset('"«“„'), frozenset('"»”“')


def done(case: Case) -> Kept | None:
    """Keep done work."""
    item = case.statement.item
    return Kept.DONE if case.is_task and item is not None and item.is_done else None


def supposed(case: Case) -> Kept | None:
    """Keep what is only imagined."""
    if Stance.SUPPOSED not in case.reading.stances or case.topic is Topic.OPTIONAL:
        return None
    binding = case.reading.binding
    is_may = binding is not None and binding.force is Force.MAY
    return None if is_may and case.topic in PLACES else Kept.SUPPOSED


def past(case: Case) -> Kept | None:
    """Keep what was."""
    binding = case.reading.binding
    if binding is None:
        return None
    is_event = binding.clause.kind is Predicate.STATE and any(found.day for found in dates(case.statement.masked))
    told = is_event or (binding.basis is Basis.FRAGMENT and Stance.PAST in case.reading.stances)
    return Kept.PAST if binding.basis is Basis.PAST or told else None


def opinion(case: Case) -> Kept | None:
    """Keep what the writer only thinks."""
    return Kept.OPINION if Stance.OPINION in case.reading.stances else None


def reason(case: Case) -> Kept | None:
    """Keep what gives a reason."""
    place = case.reading.stances.get(Stance.REASON)
    opens = place is not None and bool(case.reading.tokens) and place[0] == case.reading.tokens[0].start
    return Kept.REASON if opens else None


def waived(case: Case) -> Kept | None:
    """Keep what need not be."""
    binding = case.reading.binding
    return Kept.WAIVED if binding is not None and binding.force is Force.WAIVED else None


def errand(case: Case) -> Kept | None:
    """Keep what a person is to do, and not the product."""
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
    if case.topic in PLACES:
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


def own(case: Case) -> Kept | Modality | None:
    """Keep what the writer tells of themselves; what they wish or chose binds."""
    if Stance.OWN not in case.reading.stances:
        return None
    binding = case.reading.binding
    if binding is None or binding.basis is Basis.WISH:
        return None if binding is None else as_headed(case, binding.force)
    if binding.basis is Basis.DECISION or case.topic in PLACES:
        return None
    place = case.reading.stances[Stance.OWN]
    token = next(token for token in case.reading.tokens if token.start == place[0])
    is_many = token.folded in phrases("stance", "first_plural") or token.form.is_plural is True
    if is_many and binding.basis is Basis.ASSERTION and not case.is_opening:
        return None
    return Kept.ERRAND if binding.basis is Basis.WORD else Kept.CONTEXT

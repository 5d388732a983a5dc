"""Whether a statement binds the product, and how: modality from its own words, from its lead line, from its heading."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vaultc.compiler.extract.chores import heads_lessons
from vaultc.compiler.extract.topics import Topic, modality_of, topic_of_path
from vaultc.compiler.unit import Modality
from vaultc.language.modality import Ears, ModalMark, ears, is_hypothetical, is_question, is_reported, modal_marks
from vaultc.language.quantities import quantities
from vaultc.language.stems import content_stems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.compiler.extract.statements import Statement

# In these sections modal words give reasons, tell what was, or belong to others.
_SILENT = frozenset({Topic.HISTORY, Topic.REFERENCES, Topic.DECISIONS, Topic.RISKS, Topic.EXAMPLES, Topic.QUESTIONS})
_BOUND_WORDS = re.compile(
    r"^(?:at most|at least|no more than|no less than|not more than|not less than|no fewer than|no later "
    r"than|no earlier than|"
    r"no longer than|not exceed|not to exceed|не (?:бол|мен|реже|чаще|позже|позднее|раньше|выше|ниже|"
    r"дольше|свыше|превыш))",
    re.IGNORECASE,
)
_ONLY = re.compile(
    r"\b(?:only|just|nothing else|no other|только|лишь|ровно|exactly|ничего больше|больше ничего)\b", re.IGNORECASE
)
_ALLOWED = re.compile(r"(?:is |are )?(?:allowed|permitted)$|допус|разреш", re.IGNORECASE)
_IF = re.compile(r"\s(?:if|when|whenever|если|когда)\s", re.IGNORECASE)
_NONE = re.compile(r"\W{0,3}(?:no|never|никак\w{2,3}|никогда)\s[^\W\d]", re.IGNORECASE)
_REASON = re.compile(r"\W{0,6}(?:because|since then|otherwise|потому что|так как|ведь|иначе|зато)\b", re.IGNORECASE)
_FORMER = re.compile(
    r"\b(?:used to|formerly|previously|originally|no longer|in the past|obsolete|deprecated|"
    r"раньше|ранее|прежде|изначально|больше не|в прошлом|устарел\w{0,2}|отмен[её]н\w{0,2})\b",
    re.IGNORECASE,
)
_OPTION = re.compile(r"(?<![\w-])--?[a-z][\w-]{0,30}")
_THEN = re.compile(r",\s{0,2}(?:then|то|тогда)\s", re.IGNORECASE)
_PAST = re.compile(r"^\s{1,2}(?:был|была|было|были)\b", re.IGNORECASE)
_HAD = re.compile(
    r"\b(?:had to|did not have to|needed to|should have|could have|must have been|would have)\b", re.IGNORECASE
)
_PERSON = re.compile(r"(?:^|[\s,(])(?:i|we|me|я|мы|мне|нам)\s", re.IGNORECASE)
_PERSONAL = re.compile(
    r"\b(?:ask|buy|call|think|talk|remember|go|learn|visit|look (?:at|into|for|up)|try|decide|discuss|"
    r"phone|email|find out|"
    r"figure out|get|order|visit|sleep|read (?:up|about|the)|write to|admit|say|"
    r"спросить|купить|позвонить|почитать|подумать|обсудить|узнать|съездить|сходить|не забыть|забыть|"
    r"поговорить|посмотреть|"
    r"попробовать|решить|выяснить|уточнить|написать (?:ей|ему|им|[А-ЯЁ])|дочитать|разобраться|понять|"
    r"заказать|признать|сказать)\b",
    re.IGNORECASE,
)
# "at most 3 users may …": the bound before the verb is the bound.
_PERMITS = re.compile(
    r"(?:at most|no more than|up to|at least|не более|не больше|не менее|не меньше|только|only)", re.IGNORECASE
)
# The modal word stands in what somebody says: "my neighbour says it must …".
_SAYS = re.compile(
    r"\b(?:says|said|thinks|claims|insists|wrote|говорит|сказал|сказала|считает|пишет),?\s(?:that\s|что\s)?"
    r"(?:\S{1,20}\s){0,3}$"
)
_TRUST = re.compile(r"\b(?:trust|believe|blame|argue|верить|доверять|винить|спорить)\b", re.IGNORECASE)
_YOU = re.compile(r"^\W{0,3}(?:you|one|nobody|everybody|ты|вы|каждый|никто)\s{0,2}$", re.IGNORECASE)
_ABLE = re.compile(
    r"\b(?:be able to|see|have|get|export|list|add|view|choose|возможность|видеть|получать|выбирать)\b", re.IGNORECASE
)
_PRODUCT = re.compile(
    r"\b(?:programs?|systems?|apps?|applications?|tools?|scripts?|commands?|outputs?|users?|it|they|files?|"
    r"services?|library|modules?|packages?|reports?|"
    r"программ\w{0,4}|систем\w{0,4}|приложени\w{0,4}|утилит\w{0,4}|скрипт\w{0,4}|команд\w{0,4}|"
    r"вывод\w{0,3}|пользовател\w{0,4}|она|он|оно|"
    r"файл\w{0,3}|отч[её]т\w{0,3}|сервис\w{0,4}|модул\w{0,4})\b",
    re.IGNORECASE,
)
_ELLIPSIS = re.compile(r"^\W{0,3}(?:be|do|have|so|быть)?\W{0,3}$", re.IGNORECASE)
_NOT_A_GOAL = re.compile(
    r"^(?:not (?:a )?goals?|non-?goals?|out of scope|not in scope|won't do|не цел[ьи]|не делаем|не входит|"
    r"вне рамок|чего не будет|не будет)\s{0,2}[:—–-]",
    re.IGNORECASE,
)
# "одно и то же второй раз не добавлять": the infinitive at the end is the predicate.
_NOT_TO = re.compile(r"^[^,:;]{0,120}(?<!\w)не\s[а-яё]{2,30}(?:ть|ться|чь|сти|йти)\W{0,3}$", re.IGNORECASE)
_MODALITY_WORDS = {
    "must": Modality.MUST, "should": Modality.SHOULD, "may": Modality.MAY,
    "must_not": Modality.MUST_NOT, "should_not": Modality.SHOULD_NOT,
}  # fmt: skip
_MIN_WORDS = 2


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a statement binds. `by_words` is False where only its heading binds it; `condition` is a range of its mask.

    Bounds before `selects_until` say of which things it speaks ("readings older than 400 days must go").
    """

    modality: Modality
    by_words: bool
    condition: tuple[int, int] | None = None
    selects_until: int = 0


@dataclass(frozen=True, slots=True)
class Product:
    """What the product is called: the stems of its title and the names of its commands."""

    stems: frozenset[str]
    commands: tuple[str, ...] = ()

    def is_subject(self, words: str) -> bool:
        """Tell whether `words`, those before a verb, speak of the product."""
        return bool(_PRODUCT.search(words)) or bool(self.stems.intersection(content_stems(words)))

    def is_named(self, words: str) -> bool:
        """Tell whether `words` name the product or its user, not by a pronoun."""
        found = _PRODUCT.search(words)
        is_noun = found is not None and len(found.group()) > 4
        return is_noun or bool(self.stems.intersection(content_stems(words)))

    def starts_with_command(self, text: str, *, is_item: bool) -> bool:
        """Tell whether `text` begins with the name of a command: "`tide next` prints …", or out of lists "stats: …"."""
        if any(text.startswith((f"{name} ", f"`{name}` ", f"`{name}`:", f"{name}:")) for name in self.commands):
            return True
        names = [] if is_item else [name.split()[-1] for name in self.commands]
        return any(text.startswith((f"{name} ", f"`{name}` ", f"{name}:", f"`{name}`:")) for name in names)


def judge(statement: Statement, product: Product) -> Judgement | None:
    """Tell how `statement` binds the product, or None where it does not.

    Its own modal words come first; without any, an item is bound by its lead line or heading.
    """
    topic = topic_of_path(statement.headings)
    if topic in _SILENT or statement.is_lead or _asks(statement) or _REASON.match(statement.masked):
        return None
    if statement.callout in {"question", "help", "faq", "bug", "failure", "done", "success"}:
        return None
    if _NOT_A_GOAL.match(statement.masked.lstrip()):
        return Judgement(Modality.MUST_NOT, by_words=True)
    form = conditional(statement.masked)
    mark = _mark(statement, form)
    if mark is not None:
        return _by_mark(statement, product, topic, form, mark)
    if statement.role == "link":
        return None
    modality = _by_place(statement, product, topic)
    if modality is None:
        return None
    return Judgement(
        modality, by_words=False, condition=form.condition if form is not None else _behind(statement.masked)
    )


def is_told(statement: Statement) -> bool:
    """Tell whether a statement gives a reason, asks, or stands where others speak or where it is told what was."""
    topic = topic_of_path(statement.headings)
    return topic in _SILENT or _asks(statement) or _REASON.match(statement.masked) is not None


def is_plain(statement: Statement, judged: Judgement | None, product: Product) -> bool:
    """Tell whether a statement binds by a modal word whose subject names the product, whatever the note is."""
    marks = modal_marks(statement.masked)
    if judged is None or not judged.by_words or not marks:
        return False
    start = judged.condition[1] if judged.condition is not None and judged.condition[1] <= marks[0].start else 0
    return product.is_named(" ".join(statement.masked[start : marks[0].start].split()[:5]))


def _behind(text: str) -> tuple[int, int] | None:
    """Give the condition behind an item without a modal word: "tell me by mail if the pump draws less than 10 W"."""
    match = _IF.search(text)
    return (match.start() + 1, len(text.rstrip(" .;"))) if match is not None and match.start() > 0 else None


def conditional(text: str) -> Ears | None:
    """Give condition and response of a statement: only of the clause that its first modal word stands in.

    "…, then" ends a condition even where commas stand in it.
    """
    cut = text.find("; ")
    marks = modal_marks(text)
    if cut > 0 and marks and marks[0].start < cut:
        text = text[:cut]
    form = ears(text)
    if form is None or (form.trigger == "once" and text[: form.condition[0]].rstrip().endswith(" at")):
        return None
    colon = text.find(": ", form.condition[0], form.condition[1])
    if colon > 0 and form.condition[0] > form.response[0]:
        form = replace(form, condition=(form.condition[0], colon))
    form = _resplit(text, form)
    then = _THEN.search(text, form.condition[0])
    if form.condition[0] < form.response[0] and then is not None and then.end() > form.response[0]:
        end = len(text.rstrip(" .;"))
        return replace(form, condition=(form.condition[0], then.start()), response=(then.end(), end))
    return form


def _resplit(text: str, form: Ears) -> Ears:
    """Move the border where the modal word fell into a leading condition: to the last comma before it."""
    start = form.condition[0]
    mark = next((mark for mark in modal_marks(text) if mark.start >= form.condition[0]), None)
    if form.condition[0] > form.response[0] or mark is None or mark.start >= form.response[0]:
        return form
    comma = text.rfind(", ", start, mark.start)
    if comma < 0:
        return form
    return replace(form, condition=(start, comma), response=(comma + 2, len(text.rstrip(" .;"))))


def _asks(statement: Statement) -> bool:
    return statement.is_question or is_question(statement.masked)


def _mark(statement: Statement, form: Ears | None) -> ModalMark | None:
    """Give the mark that decides: the first in the response, a real one before a mere bound ("at most")."""
    marks = modal_marks(statement.masked)
    if form is not None:
        start, end = form.response
        marks = [mark for mark in marks if start <= mark.start < end]
    real = [mark for mark in marks if not _BOUND_WORDS.match(mark.marker)]
    return next(iter(real or marks), None)


def _by_mark(
    statement: Statement, product: Product, topic: Topic, form: Ears | None, mark: ModalMark
) -> Judgement | None:
    text = statement.masked
    start = form.response[0] if form is not None and form.response[0] <= mark.start else 0
    before, after = text[start : mark.start], text[mark.end :]
    head = before + mark.marker + " " + " ".join(after.split()[:2])
    if _PAST.match(after) or _HAD.search(text[start:]) or (_ELLIPSIS.match(after.split(",")[0]) and not before.strip()):
        return None
    if _is_idle(after, mark) or _FORMER.search(before):
        return None
    if is_hypothetical(head) and topic is not Topic.OPTIONAL and mark.modality != "may":
        return None
    if (is_reported(before) or _SAYS.search(before)) and not product.is_named(" ".join(before.split()[:3])):
        return None
    if _is_personal(before, after):
        return None
    modality = _MODALITY_WORDS[mark.modality]
    if modality is Modality.MAY:
        modality = _permission(text, mark, modality)
        if modality is Modality.MAY and not _may_counts(statement, product, topic, before):
            return None
    if modality is Modality.MUST and _BOUND_WORDS.match(mark.marker) and not _bound_counts(statement, product, topic):
        return None
    if topic is Topic.OPTIONAL and modality in {Modality.MUST, Modality.SHOULD}:
        modality = Modality.MAY
    is_verb = not _BOUND_WORDS.match(mark.marker) and not _ALLOWED.search(mark.marker)
    until = mark.start if is_verb and not modality.endswith("_not") and not _PERMITS.search(before) else 0
    return Judgement(modality, True, form.condition if form is not None else None, until)


def _is_idle(after: str, mark: ModalMark) -> bool:
    """Tell whether nothing follows the modal word: "the paper is wet, the clock should not be"."""
    if not mark.marker.isascii() or _ALLOWED.search(mark.marker) or _BOUND_WORDS.match(mark.marker):
        return False
    return _ELLIPSIS.match(after) is not None


def _permission(text: str, mark: ModalMark, modality: Modality) -> Modality:
    """Turn a permission with a bound into a duty: «может быть открыт только один», "0 to 10 are allowed"."""
    bounded = any(_BOUND_WORDS.match(other.marker) for other in modal_marks(text))
    if _ALLOWED.search(mark.marker) and any(number.comparator for number in quantities(text)):
        return Modality.MUST
    return Modality.MUST if bounded or _ONLY.search(text) else modality


def _may_counts(statement: Statement, product: Product, topic: Topic, before: str) -> bool:
    """Tell whether "may", "can", «можно» speaks of the product: in an item, in such a section, or of the product."""
    if topic in {Topic.REQUIREMENTS, Topic.FEATURES, Topic.OPTIONAL, Topic.QUALITY, Topic.CONSTRAINTS}:
        return True
    if statement.role == "link" or topic is Topic.GOAL:
        return False
    if statement.item is None:
        return product.is_named(before)
    return product.is_subject(before) or not before.strip()


def _bound_counts(statement: Statement, product: Product, topic: Topic) -> bool:
    """Tell whether a bare bound («не более 40 л») is a requirement: in an item of an own section, or of the product."""
    if topic in {Topic.REQUIREMENTS, Topic.FEATURES, Topic.CONSTRAINTS, Topic.QUALITY, Topic.OPTIONAL}:
        return True
    if topic in {Topic.SETTINGS, Topic.GOAL, Topic.TASKS, Topic.FLOW}:
        return False
    return statement.item is not None or product.is_subject(statement.masked)


def _is_personal(before: str, after: str) -> bool:
    """Tell whether the author speaks of own chores: "I should ask Olga", «надо спросить у Пети»."""
    verb = " ".join(after.split()[:3])
    if _TRUST.search(f"{before[-30:]} {verb}") or _YOU.match(before):
        return True
    is_own = not before.strip(" *-") or _PERSON.search(before + " ")
    if not is_own:
        return False
    if _PERSONAL.match(verb.strip()) or _PERSONAL.match(verb.removeprefix("to ").removeprefix("будет ").strip()):
        return True
    return bool(_PERSON.search(before + " ")) and not _ABLE.search(after[:40])


def _by_place(statement: Statement, product: Product, topic: Topic) -> Modality | None:
    """Give the modality that lead line, heading or a command's name lends to a statement without modal words."""
    if len(statement.text.split()) < _MIN_WORDS and statement.item is None:
        return None
    if _FORMER.search(" ".join(statement.masked.split()[:2])) or _HAD.search(statement.text):
        return None
    is_item = statement.item is not None and statement.is_head
    led = _led(statement) if is_item else None
    if led is not None:
        return led
    if _tells_usage(statement, product, topic, is_item=is_item):
        return Modality.MUST
    return _by_heading(statement, product, topic, is_item=is_item)


def _tells_usage(statement: Statement, product: Product, topic: Topic, *, is_item: bool) -> bool:
    """Tell whether a statement says what a command or an option does: what the product does is what it must do."""
    if topic is Topic.USAGE:
        if statement.item is not None:
            return is_item and statement.item.depth == 0
        return _OPTION.search(statement.shown) is not None and not statement.text.endswith(":")
    silent = {Topic.TASKS, Topic.GOAL, Topic.OPTIONAL}
    return topic not in silent and product.starts_with_command(statement.text, is_item=is_item)


def _by_heading(statement: Statement, product: Product, topic: Topic, *, is_item: bool) -> Modality | None:
    """Give the modality of the heading: for items, and for sentences that speak of the product or stand alone."""
    headings = statement.headings[:-1] if topic is Topic.CONSTRAINTS else statement.headings
    modality = modality_of(headings)
    if modality is None and is_item and topic is Topic.OTHER:
        return _by_form(statement)
    if modality is None or is_item:
        forbids = modality in {Modality.MUST, Modality.SHOULD} and _NOT_TO.search(statement.masked)
        return (Modality.MUST_NOT if forbids else modality) if len(statement.text) > 2 else None
    if statement.item is not None:
        return None
    if modality in {Modality.MUST_NOT, Modality.MAY}:
        return modality if statement.is_head else None
    return modality if product.is_subject(" ".join(statement.text.split()[:4])) else None


def _by_form(statement: Statement) -> Modality | None:
    """Give the modality of an item whose form binds by itself: "no fines, ever", "if nothing comes back, remind"."""
    if _NONE.match(statement.masked):
        return Modality.MUST_NOT
    form = conditional(statement.masked)
    return Modality.MUST if form is not None and form.condition[0] < form.response[0] else None


def _led(statement: Statement) -> Modality | None:
    """Give the modality of the lead line over an item: "The clock must:", «Нельзя:»."""
    if not statement.headings or heads_lessons(statement.headings[-1]):
        return None
    marks = modal_marks(statement.headings[-1])
    if not marks or topic_of_path(statement.headings[-1:]) in _SILENT or modality_of(statement.headings[-1:]):
        return None
    last = marks[-1]
    tail = statement.headings[-1][last.end :].split()
    return _MODALITY_WORDS[last.modality] if len(tail) <= 4 else None


def product_of(title: str, aliases: Sequence[str], commands: Sequence[str] = ()) -> Product:
    """Give the product that an idea note describes: named by the note's title and aliases."""
    stems = {stem for name in (title, *aliases) for stem in content_stems(name)}
    return Product(frozenset(stems), tuple(commands))

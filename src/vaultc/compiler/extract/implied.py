"""What an idea says the product does without a modal word: "search works by tag", «детали списываются со склада»."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from vaultc.compiler.extract.chores import heads_lessons
from vaultc.compiler.extract.topics import Topic, topic_of
from vaultc.compiler.unit import Modality
from vaultc.language.dates import dates
from vaultc.language.lexicon import listed
from vaultc.language.modality import modal_marks
from vaultc.language.quantities import quantities
from vaultc.language.stems import content_stems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.compiler.extract.judge import Product
    from vaultc.compiler.extract.statements import Statement

_OPEN_TOPICS = frozenset({Topic.OTHER, Topic.FEATURES, Topic.REQUIREMENTS, Topic.OPTIONAL})
# Headings over what was, over parts, people, things at hand.
_APART = re.compile(
    r"\b(?:tried|background|around|parts?|components?|modules?|people|team|who|why|tonight|today|tomorrow|budget|costs?|"
    r"hardware|materials?|names?|contacts?|context|situation|market|audience|status|progress|about|"
    r"было|пробовал\w{0,2}|предыстория|вокруг|части|состав|модули|люди|команда|кто|почему|сегодня|завтра|смета|"
    r"железо|материалы|название|контакты|контекст|ситуация|рынок|прогресс|откуда)\b",
    re.IGNORECASE,
)
_PRESENT_RU = re.compile(
    r"(?<!\w)(?!(?:привет|совет|ответ|свет|цвет|бюджет|билет|кабинет|предмет|пакет|отчет|отчёт|счет|счёт|учет|учёт|"
    r"расчет|расчёт|интернет|буфет|проект|объект|эффект|аспект|комплект|конфликт|текст|лет|нет|бит|кредит|лимит|"
    r"аудит|летит|вид|гид|магнит|элемент|момент|документ|клиент|процент|инструмент|результат|формат|адрес|"
    r"чат|сертификат|аппарат|красот|работ|этом|потом|затем|всем|совсем|чем|тем|своем|своём|одном|объем|объём|"
    r"прием|приём|режим|алгоритм|один|им|ним|таким|каким|самим|другим|всеми|причем|причём|зачем|никаким|"
    r"экспорт|маршрут|институт|минут|салют|уют|приют|кто|что|назад|вперед|рядом|подряд|ряд|взгляд|наряд)(?!\w))"
    r"[а-яё]{1,30}(?:(?:ает|яет|ует|юет|еет|оет|иет|ыет|ёт|дет|жет|чет|нет|мет|рет|тет|лет|сет|вет|зет|бет|кет|пет|щет|шет)|"
    r"[бвгджзклмнпрстфхцчшщ]ит|[аеиоуыюя]ит|[аеиоуыюя]ют|[бвгджзклмнпрстхцчшщуеиоыя]ут|[бвгджзклмнпрстчшщ]ат|"
    r"[бвдзлмнпрстеоя]ят|[аеияуюо]ем|[бвгджзклмнпрстхчшщ]им|[бвджклмнпрстшщ]ем|"
    r"[аеияуюёо]тся|[уюая]тся|[ая]ются|емся|имся)(?!\w)",
    re.IGNORECASE,
)
_SHORT_RU = re.compile(r"(?<!\w)[а-яё]{2,20}(?:ан|ана|ано|аны|ена|ено|ены|ён|ята|ято|яты)(?!\w)", re.IGNORECASE)
_PAST_RU = re.compile(
    r"(?<!\w)(?!(?:если|или|ли|были|стол|файл|журнал|сигнал|канал|материал|портал|сила|школа|стрела|дела|села|начала|"
    r"числа|масла|дело|число|зеркало|мало|начало|правила|весла|неделя|угол|узел|отдел|раздел|пол|жили|цели|модели|"
    r"детали|недели|роли|поли|пыли|соли|земли|мысли|доли|только|сколько|столько|дали|тел|тела|стул|бал|вал|идеал|"
    r"интервал|терминал|потенциал|персонал|оригинал|финал|скандал|зал|металл|балл|балла|баллы)(?!\w))"
    r"[а-яё]{2,30}(?:[аеияыу]л|[аеияыу]ла|[аеияыу]ло|[аеияыу]ли|лся|лась|лось|лись|нес|умер|сгрыз|шёл|шла|шли|рос)(?!\w)",
    re.IGNORECASE,
)
_INFINITIVE_RU = re.compile(r"(?<!\w)[а-яё]{2,30}(?:[аеиояуы]ть|[аеиояуы]ться|зти|сти|йти|чь)(?!\w)", re.IGNORECASE)
_NO_VERB_RU = re.compile(
    r"(?:^|\s)(?:по|без|только|всегда|хотя бы|не больше|не меньше|мышки нет|все|всё)\s", re.IGNORECASE
)
_PRESENT_EN = re.compile(
    r"\b(?:is|are|has|have|will|won't|does|do|don't|doesn't|isn't|aren't|goes|go|come|comes|stay|stays|get|gets|can't|works?|"
    r"shows?|keeps?|counts?|opens?|moves?|drops?|needs?|becomes?|appears?|vanish|vanishes|disappears?|remains?|means?)\b",
    re.IGNORECASE,
)
_THIRD_PERSON = re.compile(r"(?P<before>[A-Za-z'-]{2,30})\s(?P<verb>[a-z]{2,20}(?<![su])s)\b(?=\s|$|[,.;:])")
_NO_NOUN_BEFORE = listed(
    "the a an of in to for with by from and or all some any no on at as per each every my your his her its our their "
    "two three four five six seven eight nine ten several many few most other same these those this that more less "
    "between into over under than both own new old last next"
)  # fmt: skip
_OTHER_S = listed("this its his us is as was has does always perhaps across besides plus less unless yes bus lens")
_ORDERS = re.compile(
    r"(?:^|[:;,]\s)(?:show|hide|keep|drop|add|store|save|warn|list|sort|print|send|mark|group|filter|search|find|open|"
    r"read|write|count|remember|import|export|sync|notify|remind|type|tap|scan|skip|round|merge|highlight|play|"
    r"record|log|track|suggest|detect|parse|convert|compute|calculate|check|allow|let|support|draw|display|"
    r"undo|cancel|delete|remove|rename|move|copy|backup|back up|lock|encrypt)\s",
    re.IGNORECASE,
)
_BARE_RULE = re.compile(
    r"\b(?:first|last|only|always|at least|without|offline|by hand|at once)\b|"
    r"^(?:no|without|one|every|each|all|nothing)\s",
    re.IGNORECASE,
)
_PAST_EN = re.compile(
    r"\b(?:was|were|had|did|didn't|tried|took|went|gave|got|began|lost|ate|died|broke|learned|learnt|told|said|bought|"
    r"wrote|wanted|failed|started|would have|kept a)\b",
    re.IGNORECASE,
)
_SELF = re.compile(
    r"^\W{0,4}(?:\S{1,20}\s){0,1}(?:i|i'm|i've|i'd|we|my|our|me|я|мы|мне|меня|нам|нас|мой|моя|мои|наш\w?)(?!\w)",
    re.IGNORECASE,
)
_OPINION = re.compile(
    r"\b(?:thinks|says|likes|loves|hates|wants|hopes|believes|would|wonder|fine|annoys?|sucks|hurts|costs?|hangs?|lives|"
    r"думает|говорит|считает,|любит|хочет|надеется|стоит|стоил\w?|висит|жив[её]т|раздражает|бесит|надоело)\b|[€₽£]",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"\b(?:is|are|stands?|see|described|told|лежит|описан\w{0,2}|см\.|смотри|в)\s{1,3}(?:in\s)?$", re.IGNORECASE
)
_ALL = re.compile(
    r"^\W{0,4}(?:each|every|everything|everyone|whoever|whatever|nobody|nothing|all|when|if|whenever|unless|"
    r"кажд\w{2,3}|вс[её]|кто|если|когда|пока|при|любой|любая|любое|никто|ничего)(?!\w)",
    re.IGNORECASE,
)
_NOT_RU = re.compile(r"(?<!\w)не\s(?:будет\s)?[а-яё]{2,30}(?:[еиёаяую]т|[еи]м|тся)(?!\w)|\sне\sбудет\b", re.IGNORECASE)
_NOT_EN = re.compile(r"\b(?:does not|doesn't|do not|don't|is not|isn't|are not|aren't|stays? out)\b", re.IGNORECASE)
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
# "expires after three days": what ends in -s before such a word is a verb.
_BEGINS_VERB = re.compile(
    r"[a-z]{2,20}(?<![su])s\s(?:after|before|by|in|on|at|with|without|the|an?|from|to|into|when|only|if|until|its?|up|"
    r"all|each|every|what|how|who|nothing|me|them|us|out|for)\s"
)
_OPTIONAL = re.compile(r"\b(?:optional|optionally|необязательно|по желанию)\b", re.IGNORECASE)
_ONLY = re.compile(r"\b(?:only|только|не больше|не меньше|at most|at least)\b", re.IGNORECASE)
_OPEN = re.compile(r"\b(?:TODO|TBD|FIXME|not sure|непонятно|не решил)\b")
_SUBJECT = re.compile(r"^\W{0,4}(?:the|it|this|that|each|every|a|an|its|[а-яё]{2,30})\b", re.IGNORECASE)
_MIN_ITEM_WORDS = 3
_MIN_WORDS = 4
_MAX_WORDS = 60
_REPEATED = 2
_LEAD_WORDS = 3


class Speaking:
    """What a note speaks of: the stems that come again and again, and where its first paragraph ends."""

    def __init__(self, said: Sequence[Statement], text: str) -> None:
        own = [statement for statement in said if statement.role == "idea"]
        counts = Counter(stem for statement in own for stem in set(content_stems(statement.text)))
        self.repeated = frozenset(stem for stem, count in counts.items() if count >= _REPEATED)
        self._lead_end = -1
        for statement in own:
            span = statement.quote.span
            if self._lead_end >= 0 and text.count("\n", self._lead_end, span.start) > 1:
                break
            self._lead_end = span.end

    def is_lead(self, statement: Statement) -> bool:
        """Tell whether `statement` stands in the first paragraph, where a note tells how things are today."""
        return statement.quote.span.start < self._lead_end

    def is_subject(self, text: str) -> bool:
        """Tell whether the first words of `text` name something that the note speaks of again."""
        return bool(self.repeated.intersection(content_stems(" ".join(text.split()[:_LEAD_WORDS]))))


def implied(statement: Statement, product: Product, speaking: Speaking) -> Modality | None:
    """Give the modality of a statement of what the product does, or None where it tells something else."""
    text = statement.masked.strip()
    if statement.role != "idea" or statement.callout or not _is_place(statement) or _tells(statement, text):
        return None
    is_russian = _CYRILLIC.search(text) is not None
    binds = _item_binds if statement.item is not None else _sentence_binds
    if not binds(statement, text, product, speaking):
        return None
    negated = (_NOT_RU if is_russian else _NOT_EN).search(text)
    topics = [topic_of(heading) for heading in statement.headings]
    if negated is not None and not _ALL.match(text) and "," not in text[: negated.start()]:
        return Modality.MUST_NOT
    return Modality.MAY if Topic.OPTIONAL in topics or _OPTIONAL.search(text) else Modality.MUST


def _is_place(statement: Statement) -> bool:
    topics = [topic_of(heading) for heading in statement.headings]
    if not all(topic in _OPEN_TOPICS for topic in topics[1:]) or (topics and topics[-1] not in _OPEN_TOPICS):
        return False
    below = statement.headings[1:] if statement.item is None else statement.headings[-1:]
    return not any(_APART.search(heading) or heads_lessons(heading) for heading in below)


def _tells(statement: Statement, text: str) -> bool:
    """Tell whether a statement is history, an opinion, the author's own life, or a pointer to where things are told."""
    words = text.split()
    if not 0 < len(words) <= _MAX_WORDS or text.endswith((":", "?", "…")) or not any(char.isalpha() for char in text):
        return True
    if not _is_unweighed(statement, text) or _OPEN.search(text):
        return True
    if _SELF.match(text) or _OPINION.search(text) or _PAST_EN.search(text):
        return True
    if "[[" in statement.quote.text and (_TOLD.search(statement.quote.text.split("[[")[0]) or len(words) <= 2):
        return True
    if _PAST_RU.search(text) and not _PRESENT_RU.search(text) and not _INFINITIVE_RU.search(text):
        return True
    return any(found.day is not None or found.year is not None for found in dates(text))


def _is_unweighed(statement: Statement, text: str) -> bool:
    """Tell whether no modal word was weighed already and did not bind; a permission beside a plain verb is none."""
    marks = modal_marks(text)
    return not marks or (len(statement.headings) > 1 and {mark.modality for mark in marks} == {"may"} and "," in text)


def _has_verb(text: str) -> bool:
    if _CYRILLIC.search(text):
        return bool(_PRESENT_RU.search(text) or _SHORT_RU.search(text))
    if _PRESENT_EN.search(text):
        return True
    return any(
        found.group("before").lower() not in _NO_NOUN_BEFORE and found.group("verb") not in _OTHER_S
        for found in _THIRD_PERSON.finditer(text)
    )


def _is_often(text: str) -> bool:
    return any(found.dimension == "frequency" for found in quantities(text))


def _item_binds(statement: Statement, text: str, product: Product, speaking: Speaking) -> bool:
    if not statement.is_head or statement.item is None or statement.item.task is not None:
        return False
    if len(statement.headings) < 1 or len(text.split()) < _MIN_ITEM_WORDS or text[0].isdigit():
        return False
    if statement.headings and topic_of(statement.headings[-1]) in {Topic.REQUIREMENTS, Topic.FEATURES}:
        return True
    first = text.split()[0]
    if _has_verb(text) or _is_often(text) or _ORDERS.search(text):
        return True
    if _CYRILLIC.search(text):
        return bool(_NO_VERB_RU.search(text) or _INFINITIVE_RU.match(first))
    return bool(_BARE_RULE.search(text) or _BEGINS_VERB.match(text))


def _sentence_binds(statement: Statement, text: str, product: Product, speaking: Speaking) -> bool:
    if len(text.split()) < _MIN_WORDS and not _has_verb(text):
        return False
    subject = " ".join(text.split()[:_LEAD_WORDS])
    is_product = product.is_subject(subject)
    if speaking.is_lead(statement):
        return is_product and _SUBJECT.match(text) is not None and _has_verb(text)
    is_headed = len(statement.headings) > 1
    is_named = is_product or speaking.is_subject(text) or bool(_ALL.match(text))
    if _has_verb(text):
        return is_named or is_headed
    if is_headed and (_ONLY.search(text) or _ORDERS.match(text)):
        return True
    return is_named and (" — " in text or _is_often(text))

"""What a section is about, told from its headings: the weakest modality of its items hangs on it."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from vaultc.compiler.unit import Modality

if TYPE_CHECKING:
    from collections.abc import Sequence


class Topic(StrEnum):
    """What a section holds."""

    GOAL = "goal"
    PROBLEM = "problem"
    REQUIREMENTS = "requirements"
    FEATURES = "features"
    OPTIONAL = "optional"
    EXCLUDED = "excluded"
    TASKS = "tasks"
    QUALITY = "quality"
    CONSTRAINTS = "constraints"
    QUESTIONS = "questions"
    DECISIONS = "decisions"
    DATA = "data"
    STATES = "states"
    FLOW = "flow"
    USAGE = "usage"
    SETTINGS = "settings"
    EXAMPLES = "examples"
    HISTORY = "history"
    REFERENCES = "references"
    RISKS = "risks"
    METRICS = "metrics"
    PARTS = "parts"
    OTHER = "other"


# Phrases as they stand in headings, lower case, е for ё. A phrase counts where its words stand in a row;
# a word that ends in `*` stands for all words that begin so (Russian endings). Longest phrase wins.
_PHRASES: dict[Topic, str] = {
    Topic.PROBLEM: "why|problem|problems|problem statement|motivation|pain points|"
    "зачем|проблема|проблемы|мотивация|почему",
    Topic.GOAL: "goal*|purpose|summary|overview|about|idea|the idea|vision|pitch|intro*|"
    "abstract|"
    "tl;dr|tldr|in short|what it is|what is it|"
    "цел*|назначение|суть|идея|замысел|кратко|коротко|обзор|о чем|введение|что это|задумка",
    Topic.REQUIREMENTS: "requirement*|must have*|must-have*|must|musts|mvp|acceptance criteria|acceptance|"
    "definition of done|what it must do|what it has to do|what it needs to do|has to do|must do|rules|invariants|needs|"
    "first version|version 1|v1|user stories|edge case*|corner case*|"
    "требовани*|обязательно|обязательн*|должно быть|что должно|правила|критерии приемки|критерии готовности|"
    "первая версия|необходимо|минимум|инварианты|пользовательские истории|граничные случаи|"
    "особые случаи|крайние случаи",
    Topic.FEATURES: "feature*|functions|functionality|capabilit*|scope|in scope|what it does|"
    "what it should do|behaviour|behavior|"
    "should have*|should|wishes|what|the what|"
    "возможност*|функци*|функционал*|что умеет|что делает|что должна уметь|поведение|желательно|объем работ|пожелания",
    Topic.OPTIONAL: "nice to have*|nice-to-have*|could have*|could|later|maybe|maybe later|someday|"
    "stretch|stretch goals|"
    "optional|future|ideas for later|wishlist|wish list|backlog|extras|bonus|v2|version 2|if there is time|"
    "потом|позже|на потом|когда-нибудь|возможно|может быть|было бы неплохо|хорошо бы|по желанию|необязательн*|"
    "идеи на потом|на будущее|будущее|хотелки|дополнительно|вторая версия|если останется время",
    Topic.EXCLUDED: "non-goal*|non goal*|nongoals|not goal*|not a goal|not the goal|not our goal|not my goal|"
    "out of scope|not in scope|won't have|won't do|wont have|not doing|"
    "what it is not|anti-goal*|excluded|not now|won't|will not do|must not|"
    "не делаем|не цел*|не входит|вне рамок|чего не делаем|что не делаем|чего не будет|не будет|не нужно|"
    "за рамками|исключено|не планируется|нельзя|запрещено|не-цел*|антицел*|что не входит",
    Topic.TASKS: "task*|todo|todos|to do|to-do|next steps|next|plan|roadmap|checklist|milestones|work|"
    "задач*|сделать|что сделать|следующие шаги|дальше|план|план работ|дела|чек-лист|чеклист|дорожная карта|этапы",
    Topic.QUALITY: "quality|non-functional*|nonfunctional*|performance|reliability|accessibility|"
    "security|privacy|qualities|"
    "качеств*|нефункциональн*|производительность|надежность|безопасность|скорость|доступность|приватность",
    Topic.CONSTRAINTS: "constraint*|limit*|restriction*|boundaries|platform|technology|tech stack|"
    "stack|budget|licen?e|environment|"
    "assumptions|hardware|"
    "ограничени*|лимит*|пределы|платформа|технологи*|стек|бюджет|лицензия|окружение|железо|оборудование|"
    "допущения|условия",
    Topic.QUESTIONS: "question*|open question*|open|unknowns|unclear|to decide|undecided|not sure|"
    "not sure yet|open points|open issues|doubts|"
    "вопрос*|открытые вопросы|неясно|непонятно|что непонятно|решить|не решено|сомнения|под вопросом",
    Topic.DECISIONS: "decision*|decided|chosen|choices|design decisions|what i chose|trade-offs|tradeoffs|"
    "решени*|решено|выбор|выбрано|что решили|принятые решения|договорились",
    Topic.DATA: "data|data model|model|field*|schema|entities|entity|record*|table*|storage format|"
    "file format|format|formats|"
    "structure|types|dictionary|glossary|terms|what is stored|what is kept|"
    "данн*|модель данных|модель|поля|схема|сущност*|запис*|таблиц*|формат*|структура|структуры|типы|словарь|"
    "термины|что храним|что хранится|глоссарий",
    Topic.STATES: "state*|status*|lifecycle|life cycle|state machine|transitions|"
    "состояни*|статус*|жизненный цикл|переходы|автомат",
    Topic.FLOW: "flow*|step*|how it works|workflow|process|algorithm*|scenario*|procedure*|sequence|"
    "use case*|calculation|method|"
    "edge case*|corner case*|граничные случаи|особые случаи|крайние случаи|"
    "a day with it|how to compute|computation|pipeline|main loop|loop|"
    "шаг*|как работает|как это работает|процесс|алгоритм*|сценари*|порядок|порядок работы|последовательность|расчет*|"
    "ход работы|цикл|как считать|метод|работа по шагам",
    Topic.USAGE: "usage|command*|command line|cli|interface|api|how to use|"
    "использование|команд*|командная строка|интерфейс|как пользоваться|как запускать",
    Topic.SETTINGS: "setting*|configuration|config|constants|parameters|values|numbers|defaults|options|"
    "настройк*|конфигурация|константы|параметры|значения|числа|опции|по умолчанию|величины",
    Topic.EXAMPLES: "example*|sample*|demo|cases|test cases|tests|worked example*|"
    "пример*|образец|образцы|случаи|тесты|проверки|контрольный пример",
    Topic.HISTORY: "history|log|changelog|journal|diary|old|old ideas|archive|rejected|"
    "rejected ideas|dropped|obsolete|superseded|"
    "previous version|earlier|things i tried|things i already tried|already tried|background|"
    "notes from*|chat|conversation|transcript|"
    "история|журнал изменений|дневник|старое|старые идеи|архив|отвергнуто|отброшено|отклонено|устарело|"
    "раньше|что было|что было раньше|как было|что пробовал*|предыстория|прошлая версия|хроника|переписка|чат|разговор",
    Topic.REFERENCES: "reference*|link*|see also|source*|related|further reading|bibliography|"
    "inspiration|prior art|credits|reading list|to read|to learn|what to learn|packing list|to buy|"
    "alternatives|competitors|what others do|"
    "ссылк*|источник*|см. также|смотри также|литература|связанное|похожее|аналоги|вдохновение|что есть у других|"
    "что почитать|список литературы|что изучить|что нужно изучить|что повторить|что купить|список покупок|купить",
    Topic.PARTS: "part*|component*|module*|architecture|building blocks|"
    "част*|компонент*|модул*|архитектура|из чего состоит|составные части",
    Topic.METRICS: "success metrics|success criteria|metrics|kpi|kpis|measures of success|how we know it works|"
    "критерии успеха|метрики|метрики успеха|показатели успеха|показатели",
    Topic.RISKS: "risk*|concern*|worries|pitfalls|риск*|опасения|подводные камни",
}
_NAMES = frozenset(
    {"log", "journal", "diary", "archive", "history", "task", "todo", "plan", "work", "checklist",
     "дневник", "журнал", "архив", "история", "хроника", "план", "чеклист"}
)  # fmt: skip
_OF_CHANGES = ("change", "version", "release", "old", "past", "изменени", "верси", "релиз", "стар", "прошл")
_STORY = frozenset({"story", "история", "сценарий", "scenario"})
_NEGATIONS = frozenset({"not", "doesn't", "won't", "never", "не"})
_MODALITY = {
    Topic.REQUIREMENTS: Modality.MUST,
    Topic.FEATURES: Modality.SHOULD,
    Topic.QUALITY: Modality.SHOULD,
    Topic.OPTIONAL: Modality.MAY,
    Topic.EXCLUDED: Modality.MUST_NOT,
}
# Words of a must-have heading: "Features (must)" binds harder than "Features".
_HARD = ("must", "required", "обязательн", "mvp")
_PRIORITY_FIRST = (
    "mvp",
    "p0",
    "p1",
    "must have",
    "must-have",
    "first version",
    "критично",
    "первая версия",
    "critical",
)


def _words(text: str) -> list[str]:
    """Give the words of `text` in lower case, е for ё, without emphasis, emoji and numbering."""
    folded = text.lower().replace("ё", "е").replace("’", "'")
    words = "".join(char if char.isalnum() or char in "-'.;" else " " for char in folded).split()
    words = [word.strip(".;-'") for word in words]
    while words and words[0].replace(".", "").isdigit():
        words = words[1:]
    return [word for word in words if word]


def _table() -> tuple[tuple[tuple[str, ...], Topic], ...]:
    rows = [
        (tuple(part.strip(".;-'") for part in phrase.split()), topic)
        for topic, phrases in _PHRASES.items()
        for phrase in phrases.split("|")
    ]
    return tuple(sorted(rows, key=lambda row: (-len(row[0]), row[1])))


_TABLE = _table()


def _is_at(words: Sequence[str], at: int, phrase: Sequence[str]) -> bool:
    return all(
        word.startswith(part[:-1]) if part.endswith("*") else word == part
        for word, part in zip(words[at : at + len(phrase)], phrase, strict=True)
    )


@lru_cache(maxsize=4096)
def topic_of(heading: str) -> Topic:
    """Tell what a section with this heading holds.

    A phrase of one word counts only in a short heading (up to three words) or at its start, so that
    "Later tide tables" or "Status of the old pier" do not turn into a wish list or a state machine.
    """
    words = _words(heading)
    if len(words) > 1 and words[0] in _STORY and words[1].isdigit():
        return Topic.REQUIREMENTS  # "Story 3", «История 3»: of a user
    if words and words[0] in {"what", "чего", "что"} and _NEGATIONS.intersection(words[1:]):
        return Topic.EXCLUDED
    for phrase, topic in _TABLE:
        for at in range(len(words) - len(phrase) + 1):
            if not _is_at(words, at, phrase):
                continue
            if len(phrase) > 1 or len(words) <= 2 or (at == 0 and len(words) <= 3 and topic in _MODALITY):
                return topic
    return _by_first_word(words)


def _by_first_word(words: Sequence[str]) -> Topic:
    """Give the topic of a longer heading such as "Requirements for the first season"."""
    strong = {
        Topic.REQUIREMENTS, Topic.QUESTIONS, Topic.DECISIONS, Topic.CONSTRAINTS, Topic.EXAMPLES, Topic.TASKS,
        Topic.HISTORY, Topic.STATES, Topic.FEATURES, Topic.FLOW, Topic.USAGE, Topic.DATA,
    }  # fmt: skip
    for phrase, topic in _TABLE:
        # "What goes around it" says nothing of what the product does: "what" counts alone only.
        if len(phrase) == 1 and phrase != ("what",) and topic in strong and words and _is_at(words, 0, phrase):
            return topic
    if words and words[0] in {"how", "как"}:
        return Topic.FLOW
    if (
        words
        and words[0] in {"what", "чего", "что"}
        and {"not", "doesn't", "won't", "never", "не"}.intersection(words[1:])
    ):
        return Topic.EXCLUDED
    for phrase, topic in _TABLE:
        if (
            len(phrase) == 1
            and topic in {Topic.REQUIREMENTS, Topic.QUESTIONS}
            and words
            and _is_at(words, len(words) - 1, phrase)
        ):
            return topic
    return Topic.OTHER


def _is_title(heading: str) -> bool:
    """Tell whether a first heading names a thing, not its past: "Boat log", «Дневник давления», "Task wheel"."""
    words = _words(heading)
    named = _NAMES.intersection(words)
    return len(words) > 1 and bool(named) and not any(word.startswith(_OF_CHANGES) for word in words)


def topic_of_path(headings: Sequence[str]) -> Topic:
    """Give the topic of a section: of its own heading, else of the nearest heading above that has one.

    What stands under history, exclusions or examples stays so, whatever a deeper heading says.
    """
    topics = [topic_of(heading) for heading in headings]
    if headings and topics[0] in {Topic.HISTORY, Topic.TASKS} and _is_title(headings[0]):
        topics[0] = Topic.OTHER
    for topic in topics:
        if topic in {Topic.HISTORY, Topic.REFERENCES, Topic.EXCLUDED}:
            return topic
    return next((topic for topic in reversed(topics) if topic is not Topic.OTHER), Topic.OTHER)


def modality_of(headings: Sequence[str]) -> Modality | None:
    """Give the modality that a heading lends to the plain items under it, or None."""
    topic = topic_of_path(headings)
    modality = _MODALITY.get(topic)
    if modality is Modality.SHOULD and any(word in heading.lower() for heading in headings for word in _HARD):
        return Modality.MUST
    return modality


def is_first_priority(headings: Sequence[str]) -> bool:
    """Tell whether a heading says that what stands under it comes first."""
    return any(mark in heading.lower() for heading in headings for mark in _PRIORITY_FIRST)

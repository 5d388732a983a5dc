"""The words and phrases of made vaults, in Russian and English, all written for this purpose.

`{}` in a phrase is a term: from the list, or one made of syllables, so that a larger vault has more words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


RU_TERMS = _words(
    "насос клапан теплица бойлер датчик реле счётчик колодец мостик чертёж журнал маршрут бюджет договор отчёт "
    "рассада пасека улей подкормка компост дренаж фундамент утеплитель проводка щиток кабель термостат генератор "
    "мастерская станок верстак резец заготовка лак шпон фанера петля задвижка лодка парус якорь причал прилив "
    "течение лоцман карта компас палатка горелка рюкзак перевал ледник родник тропа приют дневник привычка сон "
    "тренировка бег растяжка рецепт закваска тесто бульон приправа погреб варенье урожай сорт семена прививка "
    "язык словарь грамматика перевод падеж глагол рассказ роман герой сюжет рукопись редактор корректура обложка "
    "сервер очередь протокол запрос ответ кэш индекс таблица ключ строка поток процесс сборка тест ошибка "
    "выпуск ветка правка модуль интерфейс хранилище резервная_копия узел граф вершина ребро матрица вектор "
    "доказательство лемма предел ряд интеграл гипотеза опыт наблюдение выборка погрешность "
    "измерение прибор спектр частота сигнал"
)
EN_TERMS = _words(
    "pump valve greenhouse boiler sensor relay meter well footbridge drawing ledger itinerary budget contract report "
    "seedling apiary hive fertiliser compost drainage foundation insulation wiring fusebox cable thermostat generator "
    "workshop lathe workbench chisel blank varnish veneer plywood hinge latch dinghy sail anchor jetty tide current "
    "pilot chart compass tent stove rucksack pass glacier spring footpath shelter diary habit sleep workout running "
    "stretching recipe sourdough dough broth seasoning cellar preserve harvest cultivar seeds grafting language "
    "dictionary grammar translation case verb story novel hero plot manuscript editor proofreading cover server queue "
    "protocol request response cache index table key row stream process build test failure log release branch patch "
    "module interface storage backup node graph vertex edge matrix vector proof lemma limit series integral hypothesis "
    "experiment observation sample error measurement instrument spectrum frequency signal"
)
RU_QUALITIES = _words(
    "старый новый зимний летний северный южный тихий быстрый общий личный рабочий учебный черновой второй третий "
    "запасной главный малый большой дальний ближний ручной вечерний утренний годовой домашний полевой"
)
EN_QUALITIES = _words(
    "old new winter summer northern southern quiet fast shared private working draft second third spare main small "
    "large distant nearby manual evening morning yearly domestic field"
)
RU_PHRASES = (
    "Если {} не отвечает, сначала проверь {} и только потом {}.",
    "Сегодня {} опять вёл себя странно: {} показал {n} вместо {m}.",
    "Надо выяснить, как {} связан с тем, что описано в заметке про {}.",
    "По опыту {n} недель {} выдерживает нагрузку, но {} лучше заменить.",
    "Главный вопрос остаётся открытым: нужен ли здесь {} вообще?",
    "Мы решили, что {} должен включаться не позже чем через {n} минут.",
    "Вчера говорили о том, почему {} дороже, чем {}, и не сошлись.",
    "Для начала хватит и простого: {}, {} и немного терпения.",
    "Запомнить: {} нельзя оставлять без присмотра дольше {n} часов.",
    "Похоже, {} зависит от {m} условий, и {} среди них не последнее.",
    "Тут важна не скорость, а то, чтобы {} не потерялся по дороге.",
    "Первый набросок: {} слева, {} справа, между ними ничего лишнего.",
    "Ср. прошлый год: {} стоил {n} рублей, а {} достался даром.",
    "Когда всё уляжется, перепишу кусок про {} заново и короче.",
    "Интересно, что {} и {} почти никогда не упоминаются вместе.",
    "Проверено на {n} примерах, исключений пока не нашлось, кроме {}.",
    "Это противоречит тому, что я писал раньше: {} был признан лишним.",
    "Осталось понять, кто отвечает за {} и где хранится {}.",
)
EN_PHRASES = (
    "If the {} does not answer, look at the {} first and at the {} later.",
    "Today the {} behaved oddly again: the {} read {n} instead of {m}.",
    "I should find out how the {} is tied to what the note on the {} says.",
    "After {n} weeks of use the {} still holds, but the {} wants replacing.",
    "The main question stays open: is a {} needed here at all?",
    "We agreed that the {} must start within {n} minutes.",
    "Yesterday we argued about why a {} costs more than a {}, without an end.",
    "For a start something plain will do: a {}, a {} and some patience.",
    "To remember: the {} must not be left alone for more than {n} hours.",
    "It seems that the {} depends on {m} things, and the {} is one of them.",
    "What counts here is not speed but that the {} does not get lost.",
    "A first sketch: the {} on the left, the {} on the right, nothing else.",
    "Compare last year: the {} took {n} days, and the {} came for free.",
    "Once things settle I will write the part about the {} again, shorter.",
    "Oddly, the {} and the {} are hardly ever named together.",
    "Checked on {n} examples; no exception so far apart from the {}.",
    "This contradicts what I wrote before: the {} was found to be of no use.",
    "It remains to be seen who looks after the {} and where the {} is kept.",
)
RU_OPENINGS = (
    "Честно говоря,", "Как обычно,", "По привычке думал иначе, но", "На второй день стало ясно:", "К слову,",
    "Из разговора с соседом:", "После ужина понял:", "Осторожно предполагаю:", "Для полноты картины:",
    "Вопреки ожиданиям,",
    "Перечитал старые записи;", "Ещё одна мысль на полях:", "Пока не забыл:", "Со слов мастера,", "Насколько я помню,",
)  # fmt: skip
EN_OPENINGS = (
    "To be honest,", "As usual,", "Out of habit I thought otherwise, but", "On the second day it became clear:",
    "By the way,", "From a chat with a neighbour:", "Understood after supper:", "A careful guess:", "For completeness:",
    "Against all expectations,", "Read my old entries again;", "Another thought in the margin:", "Before I forget:",
    "According to the fitter,", "As far as I recall,",
)  # fmt: skip
RU_HEADINGS = ("Задача", "Что известно", "Ход работы", "Решение", "Вопросы", "Ссылки", "Итоги", "Замеры", "План")
EN_HEADINGS = ("Problem", "What is known", "Progress", "Decision", "Questions", "Links", "Outcome", "Readings", "Plan")
RU_FOLDERS = ("Проекты", "Области", "Справочник", "Архив", "Люди", "Книги", "Идеи", "Учёба")
EN_FOLDERS = ("Projects", "Areas", "Reference", "Archive", "People", "Books", "Ideas", "Learning")
TAGS = _words(
    "идея проект/дом проект/сад вопрос книга черновик важно здоровье учёба/язык работа idea project/boat project/tools "
    "question book draft later health learning/maths work reading status/done status/open"
)
CODE = (
    "```python\ndef reading(values: list[float]) -> float:\n    return sum(values) / max(len(values), {n})\n```",
    "```sh\ntar -cf {word}.tar notes/ && ls -l {word}.tar\n```",
    "```json\n{{\"name\": \"{word}\", \"limit\": {n}, \"enabled\": true}}\n```",
    "```dataview\nTABLE created, status FROM #idea WHERE limit > {n}\n```",
    "$$\n\\sum_{{i=1}}^{{{n}}} x_i \\le {m}\n$$",
)  # fmt: skip

_RU_PARTS = (
    _words("ка бо ли ру то ме ни са во ду ге зи па ло мо та ра ске пру"),
    _words("лон тор мит рак вель дин сор ган"),
)
_EN_PARTS = (
    _words("ka bo li ru to me ni sa vo du ge zi pa lo mo ta ra ske pru"),
    _words("lon tor mit rack vel din sor gan"),
)


def more_terms(rng: random.Random, count: int, language: str) -> list[str]:
    """Give words that no dictionary has, as names and jargon are: two to four syllables and an ending."""
    syllables, endings = _RU_PARTS if language == "ru" else _EN_PARTS
    made: dict[str, None] = {}
    while len(made) < count:
        made["".join(rng.choices(syllables, k=rng.randint(1, 3))) + rng.choice(endings)] = None
    return list(made)

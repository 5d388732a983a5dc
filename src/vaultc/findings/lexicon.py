"""Words that name an attribute, a state, a scope or a change, in both languages.

The lists say what a word means for comparing statements; what is not listed is subject matter. Each line
is `name: words`; words are compared by stem; a line that starts with a blank goes on with the one before.
"""

from __future__ import annotations

from functools import lru_cache

from vaultc.language.stems import fold, stem

_ATTRIBUTES = """
power: power wattage consumes consumption draws consume draw мощность потребляет потребление мощностью
voltage: voltage напряжение
current: current ток
price: price cost costs priced paid pay pays charges charge цена стоимость стоит стоил стоила обошёлся обошлась
  обошлось платим плачу заплатил заплатили оплачиваем
budget: budget бюджет
volume: volume capacity holds hold объём вместимость ёмкость вмещает литраж
flow: flow rate delivers deliver throughput расход подача производительность качает подаёт перекачивает прокачивает
temperature: temperature температура
height: height tall high высота высотой
width: width wide ширина шириной
length: length long длина длиной
depth: depth deep глубина глубиной
thickness: thickness thick толщина толщиной
diameter: diameter диаметр диаметром
distance: distance расстояние
weight: weight weighs weigh mass вес веса весом весит масса
area: area площадь площадью
speed: speed скорость
duration: duration lasts last takes take длится длительность занимает продолжительность
interval: interval every each период интервал каждые каждый каждую раз
deadline: deadline due срок дедлайн сдать сдача сдаём крайний
start: starts start begins begin launch launches kickoff начинается начало старт стартует запуск начать начинаем
  начнётся
end: ends end finishes finish заканчивается окончание завершается закончится
opens: opens opening открытие откроется
expires: expires expiry expiration истекает действует годен
born: born birthday родился родилась
version: version версия
owner: owner responsible owns maintains maintainer maintained ответственный ответственная отвечает владелец
lead: lead leads leader ведёт руководитель руководит возглавляет
author: author автор
status: status state статус состояние
colour: colour color цвет цвета
material: material материал
location: location located place lies lives stored kept stands лежит находится расположен место хранится стоят лежат
memory: ram памяти
resolution: resolution разрешение
frequency: frequency частота
port: port порт
pin: pin пин
language: language язык
format: format формат
model: model модель
address: address адрес
"""

# Verbs that name an attribute only beside a value of it; elsewhere they say nothing of the subject.
_ATTRIBUTE_VERBS = """
consumes draws costs cost pays charges holds delivers lasts takes take weighs stands lies lives kept begins starts ends
finishes потребляет стоит стоил качает подаёт вмещает выдаёт весит длится занимает начинается заканчивается лежит
находится хранится стоят лежат действует ведёт
"""

_STATUSES = """
blocked: blocked stuck заблокирован заблокировано заблокирована
done: done finished completed complete shipped ready closed installed fixed paid delivered готово готов готова
  готовы закончен закончено завершён завершено завершена выполнено сделано сделан сдан установлен установлена
  установлено починен исправлен оплачен оплачено доставлен закрыт закрыта
cancelled: cancelled canceled dropped abandoned scrapped отменён отменена отменено отменили закрыли брошен заброшен
postponed: postponed delayed deferred paused frozen отложен отложена отложено отложили перенесён приостановлен
  заморожен
active: active ongoing running wip progress активен активный активна работе делается идёт
planned: planned todo backlog planning idea запланирован запланировано план идея
broken: broken dead faulty сломан сломана сломался сломалась неисправен
working: working works работает исправен исправна
"""

# Pairs of states that cannot both hold of one thing now; a plan that became active or done is mere time.
_EXCLUDING = {
    frozenset(pair)
    for pair in (
        ("done", "cancelled"),
        ("done", "postponed"),
        ("done", "active"),
        ("cancelled", "active"),
        ("cancelled", "postponed"),
        ("cancelled", "planned"),
        ("postponed", "active"),
        ("broken", "working"),
        ("done", "blocked"),
        ("cancelled", "blocked"),
    )
}

_COLOURS = """
red: red красный красная красное красного
green: green зелёный зелёная зелёное
blue: blue синий синяя синее голубой
yellow: yellow жёлтый жёлтая
white: white белый белая белое
black: black чёрный чёрная чёрное
grey: grey gray серый серая
brown: brown коричневый
orange: orange оранжевый
purple: purple violet фиолетовый
"""

# Words that carry no subject: they are neither needed for a match nor do they spoil one.
_LIGHT = """
be is are was were been am being has have had do does did it its this that these those there here we our us i my me
you your he his she her they their them the a an of in on at to for from by with as and or but so then than too also
just only even still already now currently today always usually generally normally get gets got give gives make makes
made go goes come comes keep very quite rather about around roughly approximately exactly total
overall per any some all both one thing things value number amount level kind type maximum
no not never none without cannot only should must shall may might can could would will need needs
это этот эта эти тот та те там тут здесь он она оно они его её их мы наш наша наше наши нас я мой моя моё мне вы ваш
свой своя своего и а но или что чтобы как так же бы ли не ни нет в во на по к ко у с со из за от до для при о об про
над под между через делает делают делать выдаёт выдает даёт
быть есть был была было были будет будут стал стала является сейчас теперь сегодня всегда обычно
уже ещё тоже также только даже очень мес руб шт
примерно около приблизительно ровно точно всего итого общий общая около штука шт
нужно надо должен должна должно должны нельзя можно следует необходимо нужен нужна нужны может могут
разрешен разрешена разрешено разрешены разрешается запрещен запрещена запрещено запрещены запрещается обязательно
обязателен обязательна необходим необходима допускается недопустимо требуется общего общей сумма
allowed forbidden permitted prohibited required mandatory obligatory optional necessary
значение число числа количество количества количеством уровень
"""

# Words that tell what people do rather than what a thing is; as subject they weigh little.
_WEAK = """
take took taken buy bought choose chose pick picked install mount order ordered plan want expect measure measured
check checked decide decided agree agreed say said write wrote think thought know see saw look find found seem show
turn turned change changed switch move moved put place use used using work works run runs start stop help try start
set sets let lets
like good bad better best nice simple enough little much many more less least most other another same different
брать берём взять взял взяли выбрать выбрал выбрали купить купил купили поставить поставил поставили ставим заказать
заказал заказали планировать хотеть хочу измерить измерил проверить проверил решить решил решили договорились сказать
написать думать знать видеть смотреть найти нашёл казаться показать показал менять поменял работать работает
использовать хороший плохой лучше достаточно много мало больше меньше другой другая такой такая понадобится
возьмём берём хватает хватит рассчитан рассчитана рассчитано имеет составляет равен равна равно
specification specifications specs spec parameters details notes general summary info overview data facts
характеристики параметры данные описание детали заметки общее сводка итог сведения
"""


PERSONS = frozenset({"owner", "lead", "author"})
"""Attributes whose value is a person."""


def _joined(text: str) -> list[str]:
    """Give the lines of a list; a line that starts with a blank goes on with the one before."""
    return text.strip().replace("\n ", " ").splitlines()


def _lines(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in _joined(text):
        name, _, words = line.partition(": ")
        for word in words.split():
            found.setdefault(stem(word), name)
    return found


@lru_cache(maxsize=1)
def attributes() -> dict[str, str]:
    """Map the stem of a word to the attribute it names."""
    return _lines(_ATTRIBUTES)


@lru_cache(maxsize=1)
def statuses() -> dict[str, str]:
    """Map the stem of a word to the state it tells."""
    return _lines(_STATUSES)


@lru_cache(maxsize=1)
def colours() -> dict[str, str]:
    """Map the stem of a word to the colour it names."""
    return _lines(_COLOURS)


@lru_cache(maxsize=1)
def light_words() -> frozenset[str]:
    """Folded words that carry no subject."""
    return frozenset(fold(word) for word in _LIGHT.split())


@lru_cache(maxsize=1)
def attribute_verbs() -> frozenset[str]:
    """Stems of verbs that name an attribute."""
    return frozenset(stem(word) for word in _ATTRIBUTE_VERBS.split())


@lru_cache(maxsize=1)
def weak_words() -> frozenset[str]:
    """Stems of words that say little about a subject."""
    return frozenset(stem(word) for word in _WEAK.split())


def states_exclude(first: str, second: str) -> bool:
    """Tell whether two states cannot both hold of one thing."""
    return frozenset((first, second)) in _EXCLUDING

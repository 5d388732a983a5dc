"""A labelled set of idea notes of our own writing, three Russian and three English: what a reader would take from each.

`needs` pairs the beginning of a statement with its modality; everything that is not listed must not be found.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Labelled:
    """A note and what stands in it. Limits are (subject holds, comparator, value, unit)."""

    name: str
    language: str
    text: str
    needs: dict[str, str]
    limits: tuple[tuple[str, str, float, str], ...] = ()
    entities: dict[str, tuple[str, ...]] = field(default_factory=dict)
    questions: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    flows: tuple[int, ...] = ()
    constants: dict[str, str] = field(default_factory=dict)


BREAD = Labelled(
    "Sourdough timer",
    "en",
    """---
tags: [idea]
---
# Sourdough timer

A timer that tells me when to feed the starter and when to bake, from the temperature of the kitchen.
I should buy a better thermometer one day. My neighbour says it must also order flour.

> The app must have a dark theme, everybody knows that.
> — somebody on a forum

## Must have
- Show the time of the next feeding
- [ ] Warn 30 minutes before a feeding
- The timer must keep working without a network.
- Feeding intervals between 4 h and 24 h
- ~~Sync with the phone~~
- When the temperature drops below 18 °C, the timer shall double the interval.

## Nice to have
- a graph of the last week
- Maybe sound?

## Non-goals
- Recipes
- Any kind of social feature

## Data

### Feeding
| field | type | notes |
| --- | --- | --- |
| time | datetime | |
| flour | float | grams, 1 to 2000 |
| hydration | int | percent, 50 to 125, optional |
| kind | wheat / rye / spelt | |

Stage: fed -> rising -> peak -> hungry

## Settings
- warm temperature: 26 °C
- warning lead: 30 min

## Open questions
- Does rye count double?
- what about the fridge

## Steps of a feeding
1. Weigh the starter.
2. Add flour and water.
3. Write the feeding down.

## Log
- 3 May: decided that it must run on the old tablet
- must not forget the salt
""",
    {
        "Show the time of the next feeding": "must",
        "Warn 30 minutes before": "must",
        "The timer must keep working": "must",
        "Feeding intervals between": "must",
        "When the temperature drops": "must",
        "a graph of the last week": "may",
        "Recipes": "must_not",
        "Any kind of social": "must_not",
    },
    (("Feeding intervals", ">=", 4, "h"), ("Feeding intervals", "<=", 24, "h")),
    {
        "Feeding": ("time", "flour", "hydration", "kind"),
        "FeedingKind": ("wheat", "rye", "spelt"),
        "Stage": ("fed", "rising", "peak", "hungry"),
    },
    ("Does rye count double?", "what about the fridge", "Maybe sound?"),
    flows=(3,),
    constants={
        "intervals minimum": "4",
        "intervals maximum": "24",
        "warm temperature": "26",
        "warning lead": "30",
    },
)

BEES = Labelled(
    "Hive scale",
    "en",
    """# Hive scale

The scale under the hive should be read every 10 minutes. It was 15 minutes last year.
If the battery voltage falls below 3.4 V, the logger shall send one warning and then stay silent.
The logger must never lose a reading: a reading is written to the card before it is sent.
You can not trust the weather, and neither can I.
Users can export all readings as CSV. Could we have colours? That would be nice.
We had to replace the card twice. The weights must have been wrong in June.

Each reading has:
- time: datetime
- weight: float, 0 to 200 kg
- battery: float, volts
- note: text, optional

### What the logger does not do
It does not count bees.

## Decisions
- We chose SQLite over CSV files because two programs write at the same time.
- Decided on LoRa instead of GSM since there is no coverage.

## Rules
* At most 3 warnings a day
* No warning at night
* readings older than 400 days may be thrown away
* (P1) every reading carries the id of its hive

```sh
hive log --port /dev/ttyUSB0 [--every 10]
hive export --out readings.csv [--since 2026-01-01]
```

TODO: find out who owns the land
""",
    {
        "The scale under the hive should be read": "should",
        "If the battery voltage falls": "must",
        "The logger must never lose": "must_not",
        "Users can export all readings": "may",
        "It does not count bees": "must_not",
        "At most 3 warnings": "must",
        "No warning at night": "must_not",
        "readings older than 400 days": "may",
        "(P1) every reading carries": "must",
    },
    (("warnings", "<=", 3, "warnings/day"),),
    {"Reading": ("time", "weight", "battery", "note")},
    ("Could we have colours?", "TODO: find out"),
    ("SQLite", "LoRa"),
    constants={
        "scale interval": "10",
        "battery voltage": "3.4",
        "weight minimum": "0",
        "weight maximum": "200",
        "warnings": "3",
        "reading age": "400",
    },
)

CHORES = Labelled(
    "Chore wheel",
    "en",
    """# Chore wheel

## Goal
Nobody argues about the dishes any more.

## Requirements
1. Every person gets at least 1 and at most 3 chores a week.
2. A chore is never given to the same person two weeks in a row.
3. The wheel has to be printed on one page.
4. People on holiday are skipped, unless they ask for a chore.

The wheel must:
- know who is on holiday
- remember the last 4 weeks
- be fair over a month

It does not have to know about money.

| requirement | priority |
| --- | --- |
| print in black and white | must |
| send a reminder | could |

## State of a chore
```mermaid
stateDiagram-v2
    [*] --> Open
    Open --> Done: tick
    Open --> Late: week ends
    Late --> Done: tick
```

## Examples
- `next_person(["a", "b"], "a")` -> `"b"`
- the wheel must turn on Sunday, say

## Later
- swap two chores
- it must talk to the calendar
""",
    {
        "Every person gets at least": "must",
        "A chore is never given": "must_not",
        "The wheel has to be printed": "must",
        "People on holiday are skipped": "must",
        "know who is on holiday": "must",
        "remember the last 4 weeks": "must",
        "be fair over a month": "must",
        "print in black and white": "must",
        "send a reminder": "may",
        "swap two chores": "may",
        "it must talk to the calendar": "may",
    },
    (("person gets", ">=", 1, "chores/week"), ("person gets", "<=", 3, "chores/week")),
    {"ChoreState": ("Open", "Done", "Late")},
    constants={
        "person chores minimum": "1",
        "person chores maximum": "3",
        "person time": "2",
        "remember duration": "4",
    },
)

TRAIN = Labelled(
    "Расписание электричек",
    "ru",
    """---
tags: [идея]
---
# Расписание электричек

Программа, которая вечером говорит, на какой электричке завтра ехать, чтобы не бежать.
Надо спросить у Пети про зимнее расписание. Сосед говорит, что она должна ещё и билеты покупать.

> Приложение обязано иметь тёмную тему.
> — кто-то с форума

## Обязательно
- Показывать три ближайших поезда
- [ ] Предупреждать за 20 минут до выхода
- Программа должна работать без сети.
- Интервал опроса от 5 до 60 минут
- ~~Синхронизация с телефоном~~
- Если поезд отменён, программа должна показать следующий и причину.

## Было бы неплохо
- график опозданий за месяц
- Может, звук?

## Не делаем
- Покупку билетов
- Никаких учётных записей

## Данные

### Поезд
| поле | тип | заметки |
| --- | --- | --- |
| номер | целое | от 1 до 9999 |
| отправление | время | |
| платформа | целое | необязательно |
| вид | обычный / экспресс | |

Статус: ждём → едет → приехал → отменён

## Настройки
- дорога до станции: 12 мин
- запас: 5 мин

## Вопросы
- Считать ли экспрессы отдельно?
- что делать в праздники

## Порядок работы
1. Прочитать расписание.
2. Выбрать подходящие поезда.
3. Напечатать три строки.

## Дневник
- 3 мая: решили, что должно работать на старом планшете
- нельзя забыть проездной
""",
    {
        "Показывать три ближайших": "must",
        "Предупреждать за 20 минут": "must",
        "Программа должна работать без сети": "must",
        "Интервал опроса": "must",
        "Если поезд отменён": "must",
        "график опозданий": "may",
        "Покупку билетов": "must_not",
        "Никаких учётных": "must_not",
    },
    (("Интервал опроса", ">=", 5, "min"), ("Интервал опроса", "<=", 60, "min")),
    {
        "Train": ("номер", "отправление", "платформа", "вид"),
        "TrainKind": ("обычный", "экспресс"),
        "Status": ("ждём", "едет", "приехал", "отменён"),
    },
    ("Считать ли экспрессы", "что делать в праздники", "Может, звук?"),
    flows=(3,),
    constants={
        "ближайшие поезда": "3",
        "интервал опроса, минимум": "5",
        "интервал опроса, максимум": "60",
        "дорога до станции": "12",
        "запас": "5",
        "строки": "3",
    },
)

CELLAR = Labelled(
    "Погреб",
    "ru",
    """# Погреб

Температуру в погребе следует измерять каждые 10 минут. В прошлом году было 15.
Если влажность выше 90 %, программа должна включить вентилятор и сделать запись.
Программа никогда не должна терять показания: показание пишется на карту до отправки.
Погоде верить нельзя, и мне тоже.
Пользователь может выгрузить все показания в CSV. Может, добавить цвета? Было бы красиво.
Раньше надо было менять карту два раза в месяц. Банки должны были стоять ниже.

Каждая запись содержит:
- время: дата и время
- температура: число, от -10 до 40 °C
- влажность: число, проценты
- заметка: текст, необязательно

### Чего не будет
Программа не считает банки.

## Решения
- Выбрали SQLite вместо файлов CSV, потому что пишут две программы сразу.
- Решили брать LoRa вместо GSM, так как там нет связи.

## Правила
* Не более 3 тревог в сутки
* Ночью не звонить
* показания старше 400 дней можно удалять
* (P1) каждое показание несёт номер датчика

```sh
pogreb log --port /dev/ttyUSB0 [--every 10]
pogreb export --out readings.csv [--since 2026-01-01]
```

TODO: узнать, чья это земля
""",
    {
        "Температуру в погребе следует": "should",
        "Если влажность выше": "must",
        "Программа никогда не должна": "must_not",
        "Пользователь может выгрузить": "may",
        "Программа не считает банки": "must_not",
        "Не более 3 тревог": "must",
        "Ночью не звонить": "must_not",
        "показания старше 400": "may",
        "(P1) каждое показание": "must",
    },
    (("тревог", "<=", 3, "тревог/day"),),
    {"Record": ("время", "температура", "влажность", "заметка")},
    ("Может, добавить цвета?", "TODO: узнать"),
    ("SQLite", "LoRa"),
    constants={
        "интервал температуры": "10",
        "влажность": "90",
        "температура, минимум": "-10",
        "температура, максимум": "40",
        "тревоги": "3",
        "возраст показаний": "400",
    },
)

DUTY = Labelled(
    "Дежурства",
    "ru",
    """# Дежурства

## Цель
Чтобы никто больше не спорил о посуде.

## Требования
1. Каждому достаётся не менее 1 и не более 3 дел в неделю.
2. Нельзя давать одно дело одному человеку две недели подряд.
3. Список надо печатать на одной странице.
4. Тех, кто в отпуске, пропускаем, если они сами не попросили.

Программа обязана:
- знать, кто в отпуске
- помнить последние 4 недели
- делить поровну за месяц

Про деньги ей знать не обязательно.

| требование | приоритет |
| --- | --- |
| чёрно-белая печать | обязательно |
| напоминание | потом |

## Состояния дела
```mermaid
stateDiagram-v2
    [*] --> Открыто
    Открыто --> Сделано: отметка
    Открыто --> Просрочено: конец недели
    Просрочено --> Сделано: отметка
```

## Примеры
- `next_person(["а", "б"], "а")` → `"б"`
- список должен меняться, скажем, в воскресенье

## Потом
- обмен двумя делами
- должен уметь смотреть в календарь
""",
    {
        "Каждому достаётся": "must",
        "Нельзя давать одно дело": "must_not",
        "Список надо печатать": "must",
        "Тех, кто в отпуске": "must",
        "знать, кто в отпуске": "must",
        "помнить последние 4": "must",
        "делить поровну": "must",
        "чёрно-белая печать": "must",
        "напоминание": "may",
        "обмен двумя делами": "may",
        "должен уметь смотреть": "may",
    },
    (("Каждому достаётся", ">=", 1, "дел/week"), ("Каждому достаётся", "<=", 3, "дел/week")),
    {"DutyState": ("Открыто", "Сделано", "Просрочено")},
    constants={
        "дела, минимум": "1",
        "дела, максимум": "3",
        "время человека": "2",
        "время: помнить": "4",
    },
)

POND = Labelled(
    "Pond pump",
    "en",
    """# Pond pump

Keeps the pond from going green while I am away.

The pump shall run for 20 minutes every two hours between April and October. At night it may stay off.
According to the seller it needs no care at all, which I doubt.
Ilse told me the filter must be washed in rain water.

## What it has to do
- switch the pump by a relay
- measure the water level; below 30 cm the pump has to stop
- tell me by mail if the pump draws less than 10 W
  - once a day at most
- Do not run the pump when the water is frozen.

## Would be nice
- a picture of the pond each morning

## Out of scope
- feeding the fish

Why not a timer from the shop? Because it cannot measure.
Last year the pump was supposed to run all day. It would have cost 40 euros.

> [!question]
> Who empties the filter in August?

> [!warning] The relay must be rated for 10 A.

## Records
* **reading**: level (cm), power (W), time
* pump state: off | running | blocked
""",
    {
        "The pump shall run": "must",
        "At night it may stay off": "may",
        "switch the pump by a relay": "must",
        "measure the water level": "must",
        "tell me by mail": "must",
        "once a day at most": "must",
        "Do not run the pump": "must_not",
        "a picture of the pond": "may",
        "feeding the fish": "must_not",
        "The relay must be rated": "must",
    },
)

LETTERS = Labelled(
    "Письма бабушке",
    "ru",
    """# Письма бабушке

Собирать мои заметки за месяц в одно бумажное письмо.

Письмо обязательно помещается на двух страницах. Фотографий может быть не больше четырёх.
По словам Ольги, нужно ещё и открытки вкладывать.
Шрифт должен быть крупный: не мельче 14 пунктов. Раньше он был 11, и бабушка ругалась.

## Что умеет
- выбирать заметки с тегом #бабушке
- печатать адрес на конверте
- не пропускать дни рождения
- Если заметок меньше трёх, письмо не печатается.

## Хорошо бы
- рисунок внука в конце

## Чего не делаем
- электронную почту

А если бабушка переедет? Надо подумать.
В марте письмо должно было уйти первого, а ушло десятого. Купить бы марок.

> [!question]
> Кто носит письма на почту зимой?

> [!warning] Личные заметки печатать нельзя.

## Состояния
* письмо: черновик | собрано | напечатано | отправлено
""",
    {
        "Письмо обязательно помещается": "must",
        "Фотографий может быть": "must",
        "Шрифт должен быть крупный": "must",
        "выбирать заметки": "should",
        "печатать адрес": "should",
        "не пропускать дни": "must_not",
        "Если заметок меньше трёх": "should",
        "рисунок внука": "may",
        "электронную почту": "must_not",
        "Личные заметки печатать нельзя": "must_not",
    },
)

HELD_OUT = (POND, LETTERS)
ALL = (BREAD, BEES, CHORES, TRAIN, CELLAR, DUTY)

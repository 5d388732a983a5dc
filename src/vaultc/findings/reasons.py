"""Why two claims contradict each other, in words, in the language of the notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaultc.findings.claim import Claim

_EN = {
    "numeric": "{attribute}: {a} against {b}",
    "unit": "{attribute}: the same number in different units, {a} against {b}",
    "date": "{attribute}: different dates, {a} against {b}",
    "time": "{attribute}: different times, {a} against {b}",
    "status": "status: {a} against {b}",
    "entity": "{attribute}: {a} against {b}",
    "role": "{attribute}: {a} against {b}",
    "negation": "one note affirms what the other denies",
    "policy": "one note asks for what the other forbids",
}
_RU = {
    "numeric": "{attribute}: {a} и {b}",
    "unit": "{attribute}: одно число в разных единицах, {a} и {b}",
    "date": "{attribute}: разные даты, {a} и {b}",
    "time": "{attribute}: разное время, {a} и {b}",
    "status": "состояние: {a} и {b}",
    "entity": "{attribute}: {a} и {b}",
    "role": "{attribute}: {a} и {b}",
    "negation": "одна заметка утверждает то, что отрицает другая",
    "policy": "одна заметка требует того, что запрещает другая",
}
_RU_ATTRIBUTES = {
    "power": "мощность",
    "voltage": "напряжение",
    "current": "ток",
    "price": "цена",
    "budget": "бюджет",
    "volume": "объём",
    "flow": "расход",
    "temperature": "температура",
    "height": "высота",
    "width": "ширина",
    "length": "длина",
    "depth": "глубина",
    "thickness": "толщина",
    "diameter": "диаметр",
    "distance": "расстояние",
    "weight": "масса",
    "area": "площадь",
    "speed": "скорость",
    "duration": "длительность",
    "interval": "интервал",
    "deadline": "срок",
    "start": "начало",
    "end": "окончание",
    "opens": "открытие",
    "expires": "срок действия",
    "born": "дата рождения",
    "version": "версия",
    "owner": "ответственный",
    "lead": "руководитель",
    "author": "автор",
    "status": "состояние",
    "colour": "цвет",
    "material": "материал",
    "location": "место",
    "count": "количество",
    "date": "дата",
    "time": "время",
    "weekday": "день недели",
}


def reason_for(kind: str, a: Claim, b: Claim) -> str:
    """Give the reason in Russian where both notes, or the first of them, are Russian, else in English."""
    is_russian = a.language == "ru"
    attribute = (a.attribute if not a.attribute.endswith("?") else b.attribute).rstrip("?")
    if is_russian:
        attribute = _RU_ATTRIBUTES.get(attribute, attribute)
    texts = _RU if is_russian else _EN
    return texts[kind].format(attribute=attribute, a=_words(a.value.text), b=_words(b.value.text))


def _words(text: str) -> str:
    return " ".join(text.split())

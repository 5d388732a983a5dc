"""The sentences in which facts are hidden and asked for, and what names and codes are made of, for each language.

A name is three syllables and an ending, a code a word and four digits: both are copied or not, never rephrased.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """What is said in one language. `{name}`, `{other}`, `{names}` and `{code}` stand for what is invented."""

    language: str
    states: str
    is_one_of: str
    equals: str
    asks: str
    asks_all: str
    asks_several: str
    asks_clashing: str
    absent: str
    absent_signs: tuple[str, ...]
    starts: tuple[str, ...]
    middles: tuple[str, ...]
    ends: tuple[str, ...]
    words: tuple[str, ...]


_EN = Wording(
    language="en",
    states="The pass code of depot {name} is {code}.",
    is_one_of="One of the pass codes of depot {name} is {code}.",
    equals="Depot {name} has the same pass code as depot {other}.",
    asks="What is the pass code of depot {name}?",
    asks_all="Depot {name} has several pass codes. Write all of them.",
    asks_several="What are the pass codes of the depots {names}? Write them in this order.",
    asks_clashing="What is the pass code of depot {name}? If the text gives different ones, write all of them.",
    absent="NOT IN THE TEXT",
    absent_signs=("not in the text",),
    starts=("Tav", "Kor", "Mel", "Bran", "Sul", "Dor", "Vark", "Nim", "Pel", "Gaust", "Hel", "Zor"),
    middles=("e", "a", "i", "o", "u", "au", "ei"),
    ends=("lin", "dren", "mont", "vik", "sten", "ral", "bur", "zin", "mar", "tov", "gat", "nor"),
    words=("amber", "willow", "copper", "falcon", "harbor", "juniper", "lantern", "maple", "orchid", "pepper", "quartz",
           "raven", "saddle", "thistle", "velvet", "walnut", "anchor", "basalt", "cinder", "garnet"),
)  # fmt: skip

_RU = Wording(
    language="ru",
    states="Код доступа к хранилищу {name}: {code}.",
    is_one_of="Один из кодов доступа к хранилищу {name}: {code}.",
    equals="У хранилища {name} тот же код доступа, что и у хранилища {other}.",
    asks="Какой код доступа у хранилища {name}?",
    asks_all="У хранилища {name} несколько кодов доступа. Напиши их все.",
    asks_several="Какие коды доступа у хранилищ {names}? Напиши их в этом порядке.",
    asks_clashing="Какой код доступа у хранилища {name}? Если в тексте даны разные, напиши все.",
    absent="НЕТ В ТЕКСТЕ",
    absent_signs=("нет в тексте", "в тексте нет"),
    starts=("Тав", "Кор", "Мел", "Бран", "Сул", "Дор", "Варк", "Ним", "Пел", "Гауст", "Хел", "Зор"),
    middles=("е", "а", "и", "о", "у", "ау", "ей"),
    ends=("лин", "дрен", "монт", "вик", "стен", "рал", "бур", "зин", "мар", "тов", "гат", "нор"),
    words=("янтарь", "рябина", "сокол", "гавань", "фонарь", "клен", "перец", "кварц", "ворон", "седло", "бархат",
           "орех", "якорь", "базальт", "зола", "гранат", "ольха", "щегол", "колос", "парус"),
)  # fmt: skip

WORDINGS = {wording.language: wording for wording in (_EN, _RU)}
"""Language → what is said in it."""

"""Words that ask and answer the same thing: "How heavy?" and "weighs", «кто отвечает» and «ответственный»."""

from __future__ import annotations

from functools import lru_cache

from vaultc.language.stems import fold, stem

# One group a line, its name first. Only words that may stand for each other in a statement of fact.
_GROUPS = """
weight weigh weighs heavy mass вес весит весить весят масса тяжёлый
height high tall height высота высотой высокий высок
length long length длина длинный длинна
own owner owns own belongs владелец владеет хозяин принадлежит
responsible responsible отвечает отвечать отвечают ответственный ответственная ответственны
author author write writes written написал написала написали автор пишет developed developer develop разработал
consume draw draws consume consumes use uses берёт потребляет потребляют расходует потребление consumption
hold hold holds contain contains capacity вмещает вместимость ёмкость держит
picture picture photo photograph snapshot image снимок фото фотография картинка
cost cost price costs цена стоимость
expire expires expire ends end заканчивается закончится кончается истекает действует
start start begin starts begins начинается начался начать началось
repair repair repairs mend mends fix fixes чинит ремонтирует
buy buy purchase купить покупка куплен
watering watering water irrigation поливать полив
"""
_PAST = """
wrote=write held=hold sold=sell bought=buy built=build kept=keep said=say took=take taken=take made=make went=go
began=begin begun=begin drew=draw drawn=draw gave=give given=give found=find lost=lose paid=pay ran=run
broke=break broken=break chose=choose chosen=choose grew=grow grown=grow read=read sent=send spent=spend
stood=stand taught=teach told=tell thought=think won=win worn=wear lent=lend owed=owe
"""


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, str], dict[str, str]]:
    groups: dict[str, str] = {}
    for line in _GROUPS.strip().splitlines():
        name, *members = line.split()
        for member in members:
            groups.setdefault(stem(member), stem(name))
    return groups, dict(pair.split("=") for pair in _PAST.split())


def base_form(word: str) -> str:
    """Give the base form of an irregular English verb in the past, else the word."""
    return _table()[1].get(fold(word), word) if word.isascii() else word


def group_of(stemmed: str) -> str | None:
    """Give the name of the group that a stem is of, or None."""
    return _table()[0].get(stemmed)


LIGHT = frozenset(stem(name) for name in ("consume", "hold"))
"""Groups of verbs that a question about an amount needs and an answer may lack: "the pump draws" and "60 W"."""

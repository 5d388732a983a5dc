"""Words that set things apart: a word of a group on one side and another of it on the other mean different things."""

from __future__ import annotations

from functools import lru_cache

from vaultc.language.stems import stem, stems

# A word of one group on one side and another of the same group on the other side: different things.
_CONTRASTS = """
season: summer=лето,летом,летний winter=зима,зимой,зимний spring=весна,весной
  autumn=fall,осень,осенью,осенний
daytime: morning=утро,утром,утренний evening=вечер,вечером,вечерний night=ночь,ночью,ночной,overnight
  day=днём,дневной,daytime
side: left=левый,левая,левого right=правый,правая,правого
compass: north=северный,северная,север south=южный,южная,юг east=восточный,восточная,восток
  west=западный,западная,запад
height: upper=верхний,верхняя,top lower=нижний,нижняя,bottom middle=средний,средняя
place: inside=indoor,indoors,внутри,внутренний outside=outdoor,outdoors,снаружи,наружный,уличный
age: old=старый,старая,старое,старого,former,прежний new=новый,новая,новое,нового
rank: first=первый,первая,первого second=второй,вторая,второго third=третий,третья,третьего
size: small=маленький,малый,малая large=big,большой,большая
extent: minimum=min,минимум,минимальный,minimal maximum=max,максимум,максимальный,maximal average=средняя,mean,среднем
mode: idle=standby,холостой,ожидании,ожидания peak=пик,пиковый,пиковая nominal=номинальный,rated
load: full=полный,полная,полной empty=пустой,пустая,порожний
weather: dry=сухой,сухая wet=мокрый,влажный
days: weekday=weekdays,будни,будний,будням weekend=weekends,выходные,выходным
who: adult=adults,взрослый,взрослые,взрослых child=children,детский,детей,ребёнок
money: gross=брутто net=нетто
stage: draft=черновик,beta,бета final=финальный,окончательный production=prod,прод,staging
frequency: daily=ежедневно,ежедневный weekly=еженедельно,еженедельный monthly=ежемесячно,month,monthly,месяц
  yearly=annual,annually,год,ежегодно
plan: planned=plan,план,плану,плановый,estimate,estimated,оценка actual=fact,факт,факту,фактический,real
"""

_ANTONYMS = """
allowed:forbidden разрешено:запрещено разрешён:запрещён
enabled:disabled включён:выключен включена:выключена включено:выключено
possible:impossible возможно:невозможно
locked:unlocked
safe:unsafe безопасно:опасно
available:unavailable доступен:недоступен
encrypted:unencrypted
waterproof:leaky
vegetarian:carnivorous
online:offline
paid:free платный:бесплатный платная:бесплатная
"""


def _joined(text: str) -> list[str]:
    """Give the lines of a list; a line that starts with a blank goes on with the one before."""
    return text.strip().replace("\n ", " ").splitlines()


@lru_cache(maxsize=1)
def contrasts() -> dict[str, tuple[str, str]]:
    """Map the stem of a word to the group of contrasting words it is of, and its place in that group."""
    found: dict[str, tuple[str, str]] = {}
    for line in _joined(_CONTRASTS):
        group, _, members = line.partition(": ")
        for member in members.split():
            name, _, others = member.partition("=")
            for word in (name, *others.split(",")):
                found.setdefault(stem(word), (group, name))
    return found


@lru_cache(maxsize=1)
def antonyms() -> dict[str, tuple[str, bool]]:
    """Map the stem of a word to its pair and to whether it is the affirming one of the pair."""
    found: dict[str, tuple[str, bool]] = {}
    for pair in _ANTONYMS.split():
        yes, no = pair.split(":")
        found.setdefault(stem(yes), (yes, True))
        found.setdefault(stem(no), (yes, False))
    return found


def setting_apart(first: str, second: str) -> str:
    """Give the group in which two texts say different things ("day" and "night"), or an empty text."""
    one, two = _groups(first), _groups(second)
    return next((group for group in one if group in two and not one[group] & two[group]), "")


def _groups(text: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    known, opposed = contrasts(), antonyms()
    for word in stems(text):
        if word in known:
            group, value = known[word]
            found.setdefault(group, set()).add(value)
        if word in opposed:
            pair, is_yes = opposed[word]
            found.setdefault(pair, set()).add(str(is_yes))
    return found

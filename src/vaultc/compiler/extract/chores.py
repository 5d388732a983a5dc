"""Which tasks are work of the person on the project, and not something that the product does."""

from __future__ import annotations

import re

# Acts of a person: whatever follows, the product does not do it.
_ACTS = re.compile(
    r"^\W{0,6}(?:(?:please|then|first|надо|нужно|потом|ещё|еще)\s)?(?:"
    r"(?:ask|buy|call|phone|e-?mail|measure|weigh|test|try|get|order|learn|look|visit|talk|decide|discuss|clean|"
    r"type|photograph|sketch|calibrate|refactor|finish|publish|release|deploy|install|research|review|borrow|"
    r"prepare|think|clarify|interview|tidy|rewrite|document|prototype|brainstorm|meet|watch|do|write|draft|"
    r"pick up|set up|look up|find out|figure out|check with|check whether|check if|talk to|screw|mount|"
    r"hang up|glue|drill|solder|plug|charge|wash|paint|sew|carry|sign up|clean up)\b|"
    r"(?:за|из)?мер(?:ить|ять)|(?:с|по|рас|до)?спросить|(?:за|до|пере|о)?купить|заказать|(?:на|пере|до|об|под|за)писать|"
    r"(?:с|до|пере)делать|(?:про|пере|до)верить|про?тестировать|(?:по|ис|о)пробовать|повторить|"
    r"(?:съ|за|по|до)ездить|сходить|(?:по|до|об|со)?звонить(?:ся)?|(?:по|до|об)говорить(?:ся)?|договориться|узнать|"
    r"выяснить|уточнить|решить|обсудить|(?:по|при|об)думать|(?:по|про|до|пере)читать|прочесть|изучить|выучить|"
    r"(?:по|до|пере)?учить|(?:по|до|пере)смотреть|разобрать(?:ся)?|найти|(?:по)?искать|(?:на)?рисовать|набросать|"
    r"(?:по)?чинить|поправить|исправить|подготовить|(?:от|до|пере)сканировать|сфотографировать|распечатать|"
    r"перенести|перебрать|почистить|поставить|настроить|развернуть|опубликовать|выложить|отдать|вернуть|"
    r"(?:за|о)платить|закончить|завершить|начать|(?:от|пере)калибровать|прикрутить|повесить|приклеить|просверлить|припаять|зарядить|помыть|покрасить|сшить|принести|"
    r"убрать|выбросить|отвезти|привезти|забрать|составить|"
    r"оформить|согласовать)(?!\w)",
    re.IGNORECASE,
)
# Acts of a person or of a product: what they are done to tells.
_SHARED = re.compile(
    r"^\W{0,6}(?:import|move|migrate|copy|transfer|convert|scan|sort|print|send|read|rename|update|fix|check|compare|"
    r"collect|gather|find|draw|make|export|импортировать|скопировать|переименовать|обновить|собрать|отсортировать|"
    r"напечатать|отправить|сравнить|загрузить)\b",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"\b(?:old|my|our|mine|last year'?s|existing|by hand|on paper|with paper|"
    r"from [A-Z][a-z]\w{0,20}|with [A-Z][a-z]\w{0,20}|"
    r"to [A-Z][a-z]\w{0,20}|стар(?:ый|ую|ое|ые|ых)|мо[йяюеи]\w{0,2}|наш\w{0,3}|прошлогодн\w{2,3}|вручную|"
    r"(?:у|с|от|для)\s[А-ЯЁ]\w{1,20})\b|\b[A-Za-z]{3,20}'s\b",
)
_FILE = re.compile(r"^[`*\s]{0,4}[\w./-]{1,80}\.[A-Za-z]{1,5}[`*\s]{0,4}$")
_LESSONS = re.compile(
    r"\b(?:learn|study|read|revise|buy|pack|bring|watch|memorise|memorize|practise|practice|"
    r"изучить|изучать|выучить|учить|повторить|повторять|(?:по|про)?читать|прочесть|купить|взять|посмотреть|"
    r"запомнить|решить|прорешать|подготовить|собрать|узнать)\b",
    re.IGNORECASE,
)


def is_chore(text: str) -> bool:
    """Tell whether a task is the person's own work: "measure the flow", «спросить у Марты», a file that is written."""
    words = text.strip()
    if _FILE.match(words) or _ACTS.match(words):
        return True
    return _SHARED.match(words) is not None and _OWN.search(words) is not None


def heads_lessons(heading: str) -> bool:
    """Tell whether a heading stands over what a person learns, reads, buys or packs: «Что нужно изучить»."""
    return _LESSONS.search(heading) is not None

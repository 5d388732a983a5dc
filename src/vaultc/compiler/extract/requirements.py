"""Requirements: statements that bind the product, with modality, condition, limits, priority and kind."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from vaultc.compiler.extract.case import case_of
from vaultc.compiler.extract.limits import binding_limits, limits_of
from vaultc.compiler.extract.plain import plain
from vaultc.compiler.extract.questions import without_task_marks
from vaultc.compiler.extract.superseded import Dated, superseded
from vaultc.compiler.extract.topics import Topic, is_first_priority, modality_of, topic_of_path
from vaultc.compiler.extract.verdict import SAID, Verdict, judge
from vaultc.compiler.unit import Limit, Modality, Requirement, RequirementKind
from vaultc.compiler.untaken import Kept, Untaken
from vaultc.core.digest import short_id
from vaultc.language.lexicon import listed
from vaultc.language.reading import read
from vaultc.language.stems import content_stems, fold, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from vaultc.compiler.extract.product import Product
    from vaultc.compiler.extract.region import Region
    from vaultc.compiler.extract.statements import Statement
    from vaultc.core.source import Quote, VaultPath

_NOT = frozenset({Modality.MUST_NOT, Modality.SHOULD_NOT})
_STRENGTH = [Modality.MUST_NOT, Modality.MUST, Modality.SHOULD_NOT, Modality.SHOULD, Modality.MAY]
_FIRST = re.compile(
    r"\b(?:p0|p1|mvp|critical|crucial|essential|urgent|критично|критически|первым делом|в первую очередь|"
    r"обязательно)\b|[🔺⏫]|!!",
    re.IGNORECASE,
)
_LAST = re.compile(
    r"\b(?:p3|p4|later|someday|low priority|nice to have|потом|позже|когда-нибудь|не срочно|низкий приоритет)\b|[🔽⏬]",
    re.IGNORECASE,
)
_KINDS: tuple[tuple[RequirementKind, re.Pattern[str]], ...] = (
    (RequirementKind.QUALITY, re.compile(
        r"\b(?:fast|quick|reliab|offline|network|secur|privacy|private|internet|readable|accessib|robust|"
        r"crash|responsive|simple to|"
        r"easy to|within\s\d|latency|performance|быстр|над[её]жн|офлайн|оффлайн|сет[иью]|интернет|безопасн|приватн|"
        r"понятн|удобн|падать|устойчив|производительн|доступност)", re.IGNORECASE)),
    (RequirementKind.INTERFACE, re.compile(
        r"--\w|\b(?:exit code|command|option|flag|argument|print|prints|printed|terminal|stdout|json "
        r"object|api|endpoint|output|screen|button|menu|"
        r"код возврата|код выхода|команд|аргумент|ключ\s`|печата|вывод|экран|кнопк|меню|терминал)", re.IGNORECASE)),
    (RequirementKind.DATA, re.compile(
        r"\b(?:store|stored|stores|save|saved|keep|kept|record|field|unique|format|file|csv|json|sqlite|"
        r"database|schema|column|key|log|journal|"
        r"хран|сохран|запис|поле|поля|уникальн|формат|файл|баз[аеуы]|журнал|столбц|столбец|сортир)", re.IGNORECASE)),
)  # fmt: skip
_LIMIT_WORDS = 16
_FEW_WORDS = 3
_MAX_ORIGINS = 24
_LATENCY_UNITS = frozenset({"ms", "us", "ns"})
_REQUIREMENT_HEADS = listed(
    "requirement requirements feature features story capability function требование требования функция возможность"
)
_PRIORITY_HEADS = listed("priority prio moscow importance приоритет важность")
_FIRST_WORDS = listed("must high p0 p1 1 высокий обязательно критично")
_SECOND_WORDS = listed("should medium p2 2 средний желательно")
_THIRD_WORDS = listed("could may low p3 3 низкий потом later")
_PRIORITY_WORDS: dict[str, tuple[Modality, int]] = {
    **dict.fromkeys(_FIRST_WORDS, (Modality.MUST, 1)),
    **dict.fromkeys(_SECOND_WORDS, (Modality.SHOULD, 2)),
    **dict.fromkeys(_THIRD_WORDS, (Modality.MAY, 3)),
    **dict.fromkeys(("won't", "wont", "нет", "no"), (Modality.MUST_NOT, 3)),
}


def find_requirements(
    regions: Sequence[Region], verdicts: Iterable[tuple[Statement, Verdict]], product: Product, *, is_doubtful: bool
) -> tuple[Requirement, ...]:
    """Give the requirements of statements and of tables of requirements, duplicates merged, in reading order.

    Of a note that is doubtful as an idea only the plainest statements are taken.
    """
    found: list[Requirement] = []
    for statement, verdict in verdicts:
        if is_doubtful and statement.role == "idea" and not _is_plain(statement, verdict, product):
            continue
        requirement = _of_statement(statement, verdict, product)
        if requirement is not None:
            found.append(requirement)
    if not is_doubtful:
        found.extend(_in_tables(regions))
    return merged(found)


def find_untaken(
    verdicts: Iterable[tuple[Statement, Verdict]], product: Product, *, is_doubtful: bool
) -> Iterator[Untaken]:
    """Give the statements that do not bind, each with the rule that decided and why not."""
    for statement, verdict in verdicts:
        if not verdict.binds:
            yield Untaken(statement.quote, verdict.rule, verdict.kept)
        elif is_doubtful and statement.role == "idea" and not _is_plain(statement, verdict, product):
            yield Untaken(statement.quote, verdict.rule, Kept.DOUBTFUL)


def judged(
    said: Sequence[Statement], product: Product, days: Mapping[VaultPath, str] | None = None
) -> Iterator[tuple[Statement, Verdict]]:
    """Give each statement with its verdict; `days` are those of the notes, by which a later one replaces an earlier."""
    verdicts = list(_each_judged(said, product))
    dated = [
        Dated(statement.quote, statement.text, (days or {}).get(statement.quote.span.path, ""))
        for statement, verdict in verdicts
        if verdict.binds
    ]
    replaced = {found.old.quote.span: found for found in superseded(dated)}
    for statement, verdict in verdicts:
        is_replaced = statement.quote.span in replaced
        yield statement, Verdict("replaced", kept=Kept.REPLACED) if is_replaced else verdict


def _each_judged(said: Sequence[Statement], product: Product) -> Iterator[tuple[Statement, Verdict]]:
    own = [statement for statement in said if statement.role == "idea"]
    opening = _opening(own)
    for statement in said:
        is_opening = statement.role == "idea" and statement.quote.span.start < opening
        is_idea = statement.role in {"idea", "embed"}
        yield statement, judge(case_of(statement, product, is_idea=is_idea, is_opening=is_opening))


def _opening(own: Sequence[Statement]) -> int:
    """Give where the first paragraph of the idea ends: there a note tells how things are today.

    Of a note that is all one paragraph only the first sentence opens it.
    """
    if own and all(statement.block == own[0].block for statement in own):
        return own[0].quote.span.end
    end = -1
    block = own[0].block if own else -1
    for statement in own:
        if statement.block != block or statement.item is not None:
            break
        end = statement.quote.span.end
    return end


def _is_plain(statement: Statement, verdict: Verdict, product: Product) -> bool:
    """Tell whether a statement binds by a modal word whose subject names the product, whatever the note is."""
    if verdict.rule == SAID:
        return True
    binding = read(statement.masked, statement.shown).binding
    if not verdict.binds or not verdict.by_words or binding is None:
        return False
    return product.is_named(statement.masked[: binding.start])


def _of_statement(statement: Statement, verdict: Verdict, product: Product) -> Requirement | None:
    item = statement.item
    is_task = item is not None and item.task is not None and statement.is_head
    if verdict.modality is None:
        return None
    text = without_task_marks(statement.text)
    if not verdict.by_words and statement.parent_text and len(text.split()) < _FEW_WORDS:
        text = f"{statement.parent_text.rstrip(':.')}: {text}"
    if not any(char.isalpha() for char in text):
        return None
    limits = _limits(statement, verdict, product)
    return _requirement(
        text, verdict.modality, (statement.quote,), limits,
        kind=_kind(statement, text, limits),
        priority=_priority(statement, verdict.modality),
        condition=_condition(statement, verdict),
        is_done=is_task and item is not None and item.is_done,
        rule=verdict.rule,
    )  # fmt: skip


def _condition(statement: Statement, verdict: Verdict) -> str:
    """Give the words of the condition."""
    if verdict.condition is None:
        return ""
    start, end = verdict.condition
    return " ".join(statement.shown[start:end].split())


def requirement_id(text: str, modality: Modality) -> str:
    """Give the id of a requirement: of the words of its text, in order and folded, and whether it forbids."""
    said = [fold(word.text) for word in words(text)] or [text]
    return short_id("R", ("requirement", "not" if modality in _NOT else "", *said))


def _sameness(requirement: Requirement) -> tuple[str, ...]:
    stems = sorted(set(content_stems(requirement.text))) or [requirement.text]
    return ("not" if requirement.modality in _NOT else "", *stems)


def _requirement(
    text: str,
    modality: Modality,
    origins: tuple[Quote, ...],
    limits: tuple[Limit, ...],
    *,
    kind: RequirementKind,
    priority: int,
    condition: str = "",
    is_done: bool = False,
    rule: str = "",
) -> Requirement:
    return Requirement(
        requirement_id(text, modality), kind, modality, text, origins, priority=priority, condition=condition,
        limits=limits, is_done=is_done, rule=rule,
    )  # fmt: skip


def _limits(statement: Statement, verdict: Verdict, product: Product) -> tuple[Limit, ...]:
    """Give what must hold: bounds of a duty outside its condition, bounds of a prohibition turned round."""
    text = statement.masked
    start, end = verdict.condition or (0, 0)
    main = text[:start] + " " * (end - start) + text[end:]
    shown = main if verdict.condition is not None else statement.shown
    found = limits_of(main, statement.quote, start=verdict.selects_until, product=product, shown=shown)
    is_ban = verdict.modality in _NOT
    if is_ban:
        found = (*found, *limits_of(text[start:end], statement.quote))
    return binding_limits(text, found, is_ban=is_ban)


def _kind(statement: Statement, text: str, limits: Sequence[Limit]) -> RequirementKind:
    is_short = len(text.split()) <= _LIMIT_WORDS and ";" not in text
    topic = topic_of_path(statement.headings)
    if any(limit.unit in _LATENCY_UNITS for limit in limits):
        return RequirementKind.QUALITY
    if limits and is_short and not statement.text.startswith("`"):
        return RequirementKind.LIMIT
    if topic is Topic.QUALITY:
        return RequirementKind.QUALITY
    if topic is Topic.USAGE:
        return RequirementKind.INTERFACE
    fallback = RequirementKind.DATA if topic in {Topic.DATA, Topic.STATES} else RequirementKind.FUNCTION
    return next((kind for kind, pattern in _KINDS if pattern.search(text)), fallback)


def _priority(statement: Statement, modality: Modality) -> int:
    text = statement.quote.text
    if _FIRST.search(text):
        return 1
    if _LAST.search(text) or topic_of_path(statement.headings) is Topic.OPTIONAL or modality is Modality.MAY:
        return 3
    return 1 if is_first_priority(statement.headings) else 2


def merged(requirements: Iterable[Requirement]) -> tuple[Requirement, ...]:
    """Give the requirements with duplicates joined: same stems, same sign; the stronger modality stands."""
    found: dict[tuple[str, ...], Requirement] = {}
    for requirement in requirements:
        key = _sameness(requirement)
        known = found.get(key)
        if known is None:
            found[key] = requirement
            continue
        modality = min(known.modality, requirement.modality, key=_STRENGTH.index)
        found[key] = replace(
            known,
            modality=modality,
            origins=tuple(dict.fromkeys((*known.origins, *requirement.origins)))[:_MAX_ORIGINS],
            priority=min(known.priority, requirement.priority),
            limits=known.limits or requirement.limits,
            condition=known.condition or requirement.condition,
            is_done=known.is_done or requirement.is_done,
        )
    return tuple(found.values())


def _in_tables(regions: Sequence[Region]) -> Iterator[Requirement]:
    """Give the rows of tables with a column of requirements, with the modality of their priority column."""
    for region in regions:
        for block, table in region.tables():
            heads = [cell.text.lower().strip("*_` ") for cell in table.header]
            at = next((number for number, head in enumerate(heads) if head in _REQUIREMENT_HEADS), -1)
            headings = region.headings(block)
            if at < 0 or region.role == "link" or topic_of_path(headings) is Topic.HISTORY:
                continue
            rank = next((number for number, head in enumerate(heads) if head in _PRIORITY_HEADS), -1)
            default = modality_of(headings) or Modality.MUST
            for row in table.rows:
                if len(row) <= at or not any(char.isalpha() for char in row[at].text):
                    continue
                word = row[rank].text.lower().strip("*_` .") if 0 <= rank < len(row) else ""
                modality, priority = _PRIORITY_WORDS.get(word, (default, 2))
                text = plain(region, row[at].span)
                quote = region.quote(row[at].span)
                limits = limits_of(text, quote)
                kind = (
                    RequirementKind.LIMIT
                    if limits
                    else next((kind for kind, pattern in _KINDS if pattern.search(text)), RequirementKind.FUNCTION)
                )
                yield _requirement(text, modality, (quote,), limits, kind=kind, priority=priority, rule="table")

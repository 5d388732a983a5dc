"""Decisions: "we chose X over Y because Z", «выбрали X вместо Y, потому что Z», labelled parts, tables of options."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vaultc.compiler.extract.paragraphs import paragraphs
from vaultc.compiler.extract.topics import Topic, topic_of_path
from vaultc.compiler.unit import Decision
from vaultc.core.digest import short_id
from vaultc.language.lexicon import listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vaultc.compiler.extract.region import Region
    from vaultc.compiler.extract.statements import Statement
    from vaultc.core.source import Quote

# What follows is the choice. Bounded and anchored at words.
_CHOSE = re.compile(
    r"\b(?:(?:we|i|i've|we've)\s(?:have\s)?(?:decided\s(?:to|on|for|that|in favou?r of)|"
    r"chose(?:n)?(?:\sto)?|picked|settled\son|"
    r"went\swith|use(?!\s(?:it|them|this|that)\b)|took|will\sgo\swith|go\swith|agreed\s(?:on|to)|opted\sfor)|decided\s(?:to|on|for)|chosen|chose|decision|"
    r"it was decided to|picked|"
    r"решили|решил|решила|решено|выбрали|выбрал|выбрала|выбран[ао]?|остановились на|остановился на|"
    r"договорились|выбор пал на|"
    r"взяли|берем|берём)\s{0,2}[:,—–-]?\s{0,2}",
    re.IGNORECASE,
)
_OVER = re.compile(
    r"\s(?:over|instead of|rather than|and not|but not|(?<!or )not(?! at)|вместо|а не|против|не стали)\s|"
    r",\s{0,2}(?:not|а не|не)\s",
    re.IGNORECASE,
)
_BECAUSE = re.compile(
    r"[,;.:—–-]?\s{0,2}\b(?:because|since|as it|so that|the reason is|due to|reason:|why:|"
    r"потому что|так как|поскольку|чтобы|ибо|из-за|причина:|потому)\b\s{0,2}",
    re.IGNORECASE,
)
_TAKE = re.compile(r"^(?:to\s)?(?:use|take|брать|взять|использовать|делать)\s", re.IGNORECASE)
_LABEL = re.compile(
    r"(?P<chosen>\b(?:chosen|choice|decision|decided|выбрано|выбор|решение|решено)\s{0,2}:)|"
    r"(?P<others>\b(?:alternatives?|options?|rejected|considered|instead of|альтернативы?|варианты?|"
    r"отвергли|отвергнуто|вместо)\s{0,2}:)|"
    r"(?P<why>\b(?:why|because|reason|rationale|почему|причина|потому что|обоснование)\s{0,2}:)",
    re.IGNORECASE,
)
_OPTION_HEADS = listed("option alternative variant choice вариант альтернатива выбор решение")
_CHOSEN_HEADS = listed("chosen decision verdict status picked result выбрано решение итог статус вердикт")
_REASON_HEADS = listed("why reason rationale because notes почему причина обоснование заметки комментарий")
_YES = listed("yes да chosen выбрано x ✓ ✔ ✅ + taken accepted принято берем")


def find_decisions(regions: Sequence[Region], said: Sequence[Statement]) -> tuple[Decision, ...]:
    """Give the decisions of the statements and of tables of options, in reading order, each once."""
    found: dict[str, Decision] = {}
    for decision in (*_labelled(regions), *_stated(said), *_in_tables(regions)):
        found.setdefault(decision.id, decision)
    return _without_parts(tuple(found.values()))


def _without_parts(decisions: tuple[Decision, ...]) -> tuple[Decision, ...]:
    """Drop a decision whose every quotation lies in one of another: a sentence of a labelled paragraph."""
    kept = []
    for decision in decisions:
        others = [quote.span for other in decisions if other is not decision for quote in other.origins]
        is_part = all(
            any(span.covers(quote.span) and span != quote.span for span in others) for quote in decision.origins
        )
        if not is_part:
            kept.append(decision)
    return tuple(kept)


def _make(title: str, chosen: str, others: Sequence[str], reason: str, origins: tuple[Quote, ...]) -> Decision:
    title, chosen, reason = (part.strip(" .;,:—–-") for part in (title, chosen, reason))
    alternatives = tuple(part for part in (other.strip(" .;,:—–-") for other in others) if part)
    return Decision(short_id("D", ("decision", title, chosen)), title or chosen, chosen, alternatives, reason, origins)


def _stated(said: Sequence[Statement]) -> Iterator[Decision]:
    for statement in said:
        topic = topic_of_path(statement.headings)
        is_under = topic is Topic.DECISIONS
        if statement.is_question or statement.is_lead or statement.role == "link":
            continue
        if topic in {Topic.HISTORY, Topic.QUESTIONS, Topic.REFERENCES, Topic.EXAMPLES}:
            continue
        if statement.item is not None and not statement.is_head:
            continue
        match = _CHOSE.search(statement.text)
        if (
            match is not None
            and match.start() <= 40
            and (is_under or _OVER.search(statement.text) or _BECAUSE.search(statement.text))
        ):
            yield _of_sentence(statement, statement.text[match.end() :])
        elif is_under and statement.item is not None:
            yield _of_sentence(statement, statement.text)


def _of_sentence(statement: Statement, rest: str) -> Decision:
    main, reason = rest, ""
    because = _BECAUSE.search(rest)
    if because is not None and because.start() > 0:
        main, reason = rest[: because.start()], rest[because.end() :]
    chosen, others = main, ""
    over = _OVER.search(main)
    if over is not None:
        chosen, others = main[: over.start()], main[over.end() :]
    chosen = _TAKE.sub("", chosen)
    title = statement.text if len(statement.text) <= 80 else chosen
    return _make(
        title.split(", потому")[0].split(" because")[0].split(", так как")[0],
        chosen,
        [others],
        reason,
        (statement.quote,),
    )


def _labelled(regions: Sequence[Region]) -> Iterator[Decision]:
    """Give the decisions of paragraphs "**Title.** Chosen: … Alternatives: …; … Why: …"."""
    for region in regions:
        if region.role == "link":
            continue
        for paragraph in paragraphs(region):
            if topic_of_path(paragraph.headings) not in {Topic.DECISIONS, Topic.OTHER}:
                continue
            labels = list(_LABEL.finditer(paragraph.text))
            kinds = [label.lastgroup for label in labels]
            if "chosen" not in kinds or len(set(kinds)) < 2:
                continue
            parts: dict[str, str] = {}
            for number, label in enumerate(labels):
                end = labels[number + 1].start() if number + 1 < len(labels) else len(paragraph.text)
                parts.setdefault(str(label.lastgroup), paragraph.text[label.end() : end])
            others = parts.get("others", "").replace(" or ", ";").replace(" или ", ";").split(";")
            title = paragraph.text[: labels[0].start()].strip(" .:—-") or paragraph.headings[-1]
            yield _make(title, parts["chosen"], others, parts.get("why", ""), (paragraph.quote,))


def _head(header: Sequence[str], names: frozenset[str]) -> int:
    return next((at for at, cell in enumerate(header) if cell.split() and cell.split()[0] in names), -1)


def _in_tables(regions: Sequence[Region]) -> Iterator[Decision]:
    for region in regions:
        for block, table in region.tables():
            header = [cell.text.lower().strip("*_ ") for cell in table.header]
            option, verdict, reason = (_head(header, names) for names in (_OPTION_HEADS, _CHOSEN_HEADS, _REASON_HEADS))
            if option < 0 or verdict < 0 or option == verdict or region.role == "link":
                continue
            rows = [row for row in table.rows if len(row) > max(option, verdict, reason)]
            taken = [row for row in rows if row[verdict].text.lower().strip("*_ ").split(" ")[0] in _YES]
            if len(taken) != 1:
                continue
            headings = region.headings(block)
            title = headings[-1] if headings else taken[0][option].text
            others = [row[option].text for row in rows if row is not taken[0]]
            why = taken[0][reason].text if reason >= 0 else ""
            span = region.source.span(taken[0][0].span.start, taken[0][-1].span.end)
            yield _make(title, taken[0][option].text, others, why, (region.quote(span),))

"""Extract: what the gathered notes state, as elements with their exact places; a model may add, through a gate."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vaultc.compiler.around.reach import How, Reach
from vaultc.compiler.extract.constraints import find_constraints
from vaultc.compiler.extract.decisions import find_decisions
from vaultc.compiler.extract.entities import find_entities
from vaultc.compiler.extract.examples import find_examples
from vaultc.compiler.extract.flows import find_flows
from vaultc.compiler.extract.named_values import find_constants
from vaultc.compiler.extract.product import product_of
from vaultc.compiler.extract.questions import find_questions
from vaultc.compiler.extract.region import Region
from vaultc.compiler.extract.requirements import find_requirements, find_untaken, judged
from vaultc.compiler.extract.routes import find_routes
from vaultc.compiler.extract.signs import doubt, signs_of
from vaultc.compiler.extract.statements import statements
from vaultc.compiler.extract.summary import summary_candidates, summary_text
from vaultc.compiler.extract.superseded import day_of
from vaultc.compiler.extract.usage import describe_stated, find_usage
from vaultc.compiler.extract.verbatim import find_verbatim
from vaultc.compiler.passes.gather import binds
from vaultc.compiler.tools import Level
from vaultc.compiler.untaken import Kept
from vaultc.core.errors import VaultError

if TYPE_CHECKING:
    from vaultc.compiler.extract.statements import Statement
    from vaultc.compiler.tools import Tools
    from vaultc.compiler.unit import Unit


def extract(unit: Unit, tools: Tools) -> Unit:
    """Fill the unit with what the notes state; with a model, with what it finds besides."""
    regions = regions_of(unit, tools)
    said = [statement for region in regions for statement in statements(region)]
    unit = by_rules(unit, regions, said)
    said = [statement for statement in said if not statement.is_proposal]
    if tools.brain is None or tools.level is Level.OUTLINE:
        return unit
    if tools.level is Level.GUIDED:
        from vaultc.compiler.extract.goal import choose_goal

        return choose_goal(unit, tools, said)
    from vaultc.compiler.extract.brain import add_found

    return add_found(unit, tools)


def regions_of(unit: Unit, tools: Tools) -> tuple[Region, ...]:
    """Give the stretches of notes that may bind the idea: its whole body, embeds, linked parts, what is said around."""
    found: list[Region] = []
    idea = tools.reader.read(unit.idea.path)
    found.append(Region(idea.source, idea.note, idea.note.body, "idea"))
    for passage in unit.context:
        if passage.role == "idea" or not binds(passage):
            continue
        span = passage.quote.span
        try:
            parsed = tools.reader.read(span.path)
        except VaultError:
            continue  # gone since it was gathered; a run sees it on its next gather
        if parsed.source.slice(span) == passage.quote.text:
            reach = Reach(How(passage.reach), tuple(passage.reason.split("; "))) if passage.reach else None
            found.append(Region(parsed.source, parsed.note, span, passage.role, reach))
    return tuple(found)


def by_rules(unit: Unit, regions: tuple[Region, ...], said: list[Statement]) -> Unit:
    """Fill the unit with what the rules find."""
    idea = regions[0].note
    usage = find_usage(regions, (unit.idea.title, *idea.aliases, unit.idea.package))
    product = product_of(unit.idea.title, idea.aliases, [command.name for command in usage])
    is_doubtful = signs_of(regions, said, product).is_doubtful
    days = {region.source.path: day_of(region.note) for region in regions}
    verdicts = list(judged(said, product, days))
    requirements = find_requirements(regions, verdicts, product, is_doubtful=is_doubtful)
    untaken = tuple(find_untaken(verdicts, product, is_doubtful=is_doubtful))
    hidden = {Kept.IGNORED, Kept.PROPOSAL}
    said = [statement for statement, verdict in verdicts if verdict.kept not in hidden or verdict.binds]
    taken = frozenset(quote.span for requirement in requirements for quote in requirement.origins)
    candidates = summary_candidates(said)
    goal = candidates[0] if candidates else ()
    entities = find_entities(regions, said, unit.idea.title)
    questions = find_questions(regions, said)
    asked = doubt(regions, said, unit.idea.language) if is_doubtful else None
    return replace(
        unit,
        requirements=requirements,
        decisions=find_decisions(regions, said),
        constraints=find_constraints(regions, said, taken),
        entities=entities,
        constants=find_constants(regions, said, entities),
        flows=find_flows(regions),
        questions=(asked, *questions) if asked is not None else questions,
        untaken=untaken,
        verbatim=find_verbatim(regions),
        examples=find_examples(regions),
        interfaces=describe_stated((*usage, *find_routes(regions)), requirements, entities),
        summary=summary_text(goal) if goal else unit.idea.title,
        summary_origins=tuple(statement.quote for statement in goal),
    )

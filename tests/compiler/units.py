"""Two ideas as notes and as the IR that is read from them, written by hand: one English, one Russian."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vaultc.compiler.tools import Level, Tools
from vaultc.compiler.unit import (
    Constant,
    ContextPassage,
    Decision,
    Entity,
    EntityKind,
    Example,
    Field,
    Flow,
    Idea,
    Interface,
    InterfaceKind,
    Limit,
    Modality,
    Question,
    Requirement,
    RequirementKind,
    Step,
    Transition,
    Unit,
)
from vaultc.core.digest import digest_text, short_id
from vaultc.core.link import Missing, ResolvedLink, Unresolved
from vaultc.core.source import Quote, Source, Span, VaultPath
from vaultc.syntax.parse import parse_note
from vaultc.vault.reader import ParsedNote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from vaultc.compiler.unit import Check, CodeFile, Contradiction
    from vaultc.core.chunk import Passage
    from vaultc.core.link import Link
    from vaultc.model.protocols import ChatModel

KETTLE = """# Kettle timer

Says when the tea is ready. See [[Tea kinds]].

## Brewing

- The timer must compute the ready time of a brew from its start and its kind.
- When the lid is open, the timer must wait.
- The temperature of a brew must be between 60 °C and 100 °C. ^req-temp
- A pause must last at most 15 min.
- The timer must not use the network.
- The timer should show the minutes left, with *two* digits, `mm`.

## Brew

| name | type |
|---|---|
| name | text |
| temperature | float |
| steeped | datetime |
| kind | enum |

## Steps

1. Read the kind.
2. Wait for the water.
3. Ring the bell.

## Command line

`kettle start --kind green [--minutes 3]`

The command `kettle start` must print the ready time.

DEFAULT_MINUTES is 3 min.

`format_minutes(3)` gives `"03"`.

Chosen: one file, instead of a database.

Is there a second kettle?

idle -> heating: start; heating -> idle: stop
"""

POLIV = """# Полив

Поливает сам. См. [[Насос]].

## Что должно быть

- Система должна считать среднюю влажность зоны.
- Когда зона суха, система должна открыть клапан.
- Полив должен длиться не более 10 мин.
- Влажность зоны — от 0 до 100 %.
- Программа не должна обращаться к сети.

## Зона

код, название «Юг», влажность

## Цикл

1. Прочитать «показания» датчиков.
2. Закрыть клапан [сразу].

Закрыт → Открыт: сухо; Открыт → Закрыт: влажно
"""


class Notes:
    """A vault in memory, read by the real parser."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts
        self.reads = 0

    def read(self, path: VaultPath) -> ParsedNote:
        """Give the parsed note."""
        from vaultc.core.errors import VaultError

        self.reads += 1
        if path not in self.texts:
            raise VaultError(f"no note {path}")
        source = Source(path, self.texts[path])
        note, diagnostics = parse_note(source)
        return ParsedNote(source, note, digest_text(source.text), diagnostics)

    def resolve(self, link: Link, source: VaultPath) -> ResolvedLink | Unresolved:
        """Resolve by full path or by name."""
        for path in self.texts:
            if path.removesuffix(".md") == link.target or path.rpartition("/")[2].removesuffix(".md") == link.target:
                note = self.read(VaultPath(path)).note
                missing = None
                if link.headings and not any(item.text == link.headings[-1] for item in note.headings):
                    missing = Missing.HEADING
                if link.block and not any(item.id == link.block for item in note.blocks):
                    missing = Missing.BLOCK
                return ResolvedLink(link, VaultPath(path), missing=missing)
        return Unresolved(link)


@dataclass(frozen=True)
class Told:
    """A note, quoted by its words."""

    source: Source

    def quote(self, words: str) -> Quote:
        """Give the place of `words` in the note."""
        start = self.source.text.index(words)
        return Quote(Span(self.source.path, start, start + len(words)), words)

    def need(
        self,
        words: str,
        kind: RequirementKind = RequirementKind.FUNCTION,
        modality: Modality = Modality.MUST,
        condition: str = "",
        limits: Iterable[tuple[str, str, float, str]] = (),
    ) -> Requirement:
        """Give the requirement that stands in `words`."""
        quote = self.quote(words)
        bounds = tuple(Limit(subject, sign, value, unit, quote) for subject, sign, value, unit in limits)
        id_ = short_id("R", (words,))
        return Requirement(id_, kind, modality, words, (quote,), condition=condition, limits=bounds)


def _context(told: Told) -> tuple[ContextPassage, ...]:
    note = parse_note(told.source)[0]
    return tuple(
        ContextPassage(told.source.quote(section.span), section.headings, "idea", "the idea itself")
        for section in note.sections
        if section.span.start < section.span.end
    )


def kettle() -> tuple[Unit, Notes]:
    """Give the English idea."""
    path = VaultPath("Ideas/Kettle timer.md")
    notes = Notes({path: KETTLE, "Tea kinds.md": "# Tea kinds\n\nGreen.\n"})
    told = Told(Source(path, KETTLE))
    quote = told.quote
    idea = Idea(path, "Kettle timer", "en", "kettle_timer", digest_text(KETTLE))
    brew = quote("| name | type |")
    unit = Unit(
        idea,
        context=_context(told),
        requirements=(
            told.need("The timer must compute the ready time of a brew from its start and its kind."),
            told.need("When the lid is open, the timer must wait.", condition="When the lid is open"),
            told.need(
                "The temperature of a brew must be between 60 °C and 100 °C.",
                RequirementKind.LIMIT,
                limits=(("temperature of a brew", ">=", 60.0, "°C"), ("temperature of a brew", "<=", 100.0, "°C")),
            ),
            told.need(
                "A pause must last at most 15 min.", RequirementKind.LIMIT, limits=(("pause", "<=", 15.0, "min"),)
            ),
            told.need("The timer must not use the network.", RequirementKind.QUALITY, Modality.MUST_NOT),
            told.need("The timer should show the minutes left, with *two* digits, `mm`.", modality=Modality.SHOULD),
            told.need("The command `kettle start` must print the ready time.", RequirementKind.INTERFACE),
        ),
        decisions=(
            Decision(
                "D-0a0001",
                "one file",
                "one file",
                ("a database",),
                "",
                (quote("Chosen: one file, instead of a database."),),
            ),
        ),
        entities=(
            Entity(
                "E-0a0001",
                EntityKind.RECORD,
                "Brew",
                "Brew",
                (brew,),
                fields=(
                    Field("name", "name", "str", origins=(quote("| name | text |"),)),
                    Field("temperature", "temperature", "float", origins=(quote("| temperature | float |"),)),
                    Field(
                        "steeped", "steeped", "datetime", is_required=False, origins=(quote("| steeped | datetime |"),)
                    ),
                    Field(
                        "kind",
                        "kind",
                        "TeaKind",
                        is_required=False,
                        default="None",
                        origins=(quote("| kind | enum |"),),
                    ),
                ),
            ),
            Entity(
                "E-0a0002",
                EntityKind.ENUM,
                "Tea kind",
                "TeaKind",
                (quote("| kind | enum |"),),
                values=("green", "black tea"),
            ),
            Entity(
                "E-0a0003",
                EntityKind.STATES,
                "Kettle state",
                "KettleState",
                (quote("idle -> heating: start; heating -> idle: stop"),),
                values=("idle", "heating"),
                transitions=(
                    Transition("idle", "heating", "start", (quote("idle -> heating: start"),)),
                    Transition("heating", "idle", "stop", (quote("heating -> idle: stop"),)),
                ),
            ),
        ),
        constants=(
            Constant(
                "K-0a0001",
                "DEFAULT_MINUTES",
                "DEFAULT_MINUTES",
                "int",
                "3",
                "min",
                (quote("DEFAULT_MINUTES is 3 min."),),
            ),
        ),
        flows=(
            Flow(
                "F-0a0001",
                "Steps",
                tuple(
                    Step(words, (quote(words),))
                    for words in ("Read the kind.", "Wait for the water.", "Ring the bell.")
                ),
                (quote("Read the kind."),),
            ),
        ),
        questions=(Question("Q-0a0001", "Is there a second kettle?", 1, (quote("Is there a second kettle?"),)),),
        examples=(Example("X-0a0001", "format_minutes(3)", '"03"', (quote('`format_minutes(3)` gives `"03"`.'),)),),
        interfaces=(
            Interface(
                "I-0a0001",
                "",
                InterfaceKind.COMMAND,
                "kettle start",
                "kettle_start",
                "",
                (
                    Field("--kind", "kind", "str", True, None, "green"),
                    Field("--minutes", "minutes", "int", False, "None", "3"),
                ),
                "None",
                (),
                (quote("kettle start --kind green [--minutes 3]"),),
                usage="kettle start --kind green [--minutes 3]",
            ),
        ),
        summary="Says when the tea is ready.",
        summary_origins=(quote("Says when the tea is ready."),),
    )
    return unit, notes


def poliv() -> tuple[Unit, Notes]:
    """Give the Russian idea."""
    path = VaultPath("Идеи/Полив.md")
    notes = Notes({path: POLIV, "Насос.md": "# Насос\n"})
    told = Told(Source(path, POLIV))
    quote = told.quote
    idea = Idea(path, "Полив", "ru", "poliv", digest_text(POLIV))
    unit = Unit(
        idea,
        context=_context(told),
        requirements=(
            told.need("Система должна считать среднюю влажность зоны."),
            told.need("Когда зона суха, система должна открыть клапан.", condition="Когда зона суха"),
            told.need(
                "Полив должен длиться не более 10 мин.", RequirementKind.LIMIT, limits=(("полив", "<=", 10.0, "мин"),)
            ),
            told.need(
                "Влажность зоны — от 0 до 100 %.",
                RequirementKind.LIMIT,
                limits=(("влажность зоны", ">=", 0.0, "%"), ("влажность зоны", "<=", 100.0, "%")),
            ),
            told.need("Программа не должна обращаться к сети.", RequirementKind.QUALITY, Modality.MUST_NOT),
        ),
        entities=(
            Entity(
                "E-0b0001",
                EntityKind.RECORD,
                "Зона",
                "Zone",
                (quote("код, название «Юг», влажность"),),
                fields=(
                    Field("код", "code", "str"),
                    Field("название", "title", "str", is_required=False, default='""', note="«Юг»"),
                    Field("влажность", "humidity", "float | None", is_required=False, default="None"),
                ),
            ),
            Entity(
                "E-0b0002",
                EntityKind.STATES,
                "Клапан",
                "Valve",
                (quote("Закрыт → Открыт: сухо"),),
                transitions=(
                    Transition("[*]", "Закрыт", "", (quote("Закрыт → Открыт: сухо"),)),
                    Transition("Закрыт", "Открыт", "сухо", (quote("Закрыт → Открыт: сухо"),)),
                    Transition("Открыт", "Закрыт", "", (quote("Открыт → Закрыт: влажно"),)),
                ),
            ),
        ),
        flows=(
            Flow(
                "F-0b0001",
                "Цикл",
                (
                    Step("Прочитать «показания» датчиков.", (quote("Прочитать «показания» датчиков."),)),
                    Step("Закрыть клапан [сразу].", (quote("Закрыть клапан [сразу]."),), 1),
                ),
                (quote("Прочитать «показания» датчиков."),),
            ),
        ),
        summary="Поливает сам.",
        summary_origins=(quote("Поливает сам."),),
    )
    return unit, notes


def tools(
    notes: Notes,
    level: Level = Level.OUTLINE,
    brain: ChatModel | None = None,
    hand: ChatModel | None = None,
    check_package: Callable[[tuple[CodeFile, ...], str], tuple[Check, ...]] | None = None,
) -> Tools:
    """Give tools over notes in memory."""

    def search(query: str, limit: int) -> tuple[Passage, ...]:
        return ()

    def contradictions(paths: Iterable[VaultPath]) -> tuple[Contradiction, ...]:
        return ()

    def no_check(files: tuple[CodeFile, ...], package: str) -> tuple[Check, ...]:
        from vaultc.compiler.unit import Check

        return (Check("parse", "passed"),)

    return Tools(notes, search, contradictions, check_package or no_check, level, brain, hand)


def without_design(unit: Unit) -> Unit:
    """Give a copy that can be changed by a test."""
    return replace(unit)

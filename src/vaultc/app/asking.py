"""Question answering: an answer with checked citations, or an analysis of the whole vault."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

from vaultc.app.finding import FindingsOutcome, analyse_vault, placed_findings
from vaultc.app.indexing import freshen, whole_catalog
from vaultc.app.models.opening import open_model
from vaultc.app.runs import Run
from vaultc.app.searching import PlacedPassage, placed_passages, searching
from vaultc.app.session import Session
from vaultc.ask.answer import TINY_PARAMETERS, Answer, AnswerOptions, AnswerSentence, answer
from vaultc.ask.brief import kept_brief
from vaultc.ask.intent import Intent, IntentKind, intent_of
from vaultc.core.errors import UsageError
from vaultc.model.record import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from vaultc.app.places import PlacedDiagnostic, Placer
    from vaultc.core.event import Report
    from vaultc.core.source import Place
    from vaultc.index.catalog import Catalog
    from vaultc.model.protocols import ChatModel


@dataclass(frozen=True, slots=True)
class PlacedSentence:
    """A sentence of an answer with the places that support it."""

    text: str
    citations: tuple[Place, ...]
    supported: bool
    is_extract: bool = False

    def as_json(self) -> dict[str, Any]:
        """Give the sentence in the form of docs/json.md."""
        return {
            "text": self.text,
            "citations": [place.as_json() for place in self.citations],
            "supported": self.supported,
        }


@dataclass(frozen=True, slots=True)
class AskOutcome:
    """An answer, or what an analysis found.

    `model` wrote the answer; `asked_model` was asked for one, and where nothing of what it said was supported
    the answer is an extract from the notes.
    """

    question: str
    intent: Intent
    text: str
    sentences: tuple[PlacedSentence, ...]
    passages: tuple[PlacedPassage, ...]
    coverage: tuple[int, int]
    model: str | None
    seconds: float
    diagnostics: tuple[PlacedDiagnostic, ...] = ()
    asked_model: str | None = None
    findings: FindingsOutcome | None = None

    @property
    def exit_code(self) -> int:
        """1 where the notes do not support an answer, else 0; an analysis that finds something is no failure."""
        return int(self.findings is None and not any(sentence.supported for sentence in self.sentences))

    def as_json(self) -> dict[str, Any]:
        """Give the outcome in the form of docs/json.md."""
        document: dict[str, Any] = {
            "question": self.question,
            "intent": self.intent.kind.value,
            "answer": self.text,
            "sentences": [sentence.as_json() for sentence in self.sentences],
            "passages": [passage.as_json() for passage in self.passages],
            "coverage": {"read": self.coverage[0], "candidates": self.coverage[1]},
            "model": self.model,
            "seconds": round(self.seconds, 3),
            "diagnostics": [item.as_json() for item in self.diagnostics],
        }
        if self.findings is not None:
            document |= self.findings.as_json()
        return document


@dataclass
class AskSession:
    """One question on its way: `start`, then `sentences` as they are checked, then `finish`."""

    question: str
    session: Session
    catalog: Catalog
    intent: Intent
    placer: Placer
    run: Run
    model: ChatModel | None = None
    lent: ChatModel | None = None
    _started: float = field(default_factory=time.monotonic)
    _steps: Iterator[PlacedSentence] | None = None
    _answer: Answer | None = None
    _findings: FindingsOutcome | None = None

    @classmethod
    def open(
        cls,
        question: str,
        vault: Path | None,
        flags: Mapping[str, object],
        report: Report,
        lent: ChatModel | None = None,
    ) -> AskSession:
        """Bring the index up to date and understand the question. Raises UsageError for an empty one.

        A model that is `lent` answers in place of the one that the settings name, and is left open.
        """
        if not question.strip():
            raise UsageError("the question is empty", hint='ask something: `vaultc ask "find contradictions"`')
        session = Session.open(vault, flags, report)
        freshen(session)
        placer = session.placer
        catalog = whole_catalog(session)
        run = Run.start(session.state, "ask", {"question": question})
        return cls(question, session, catalog, intent_of(question), placer, run, lent=lent)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.model is not None and self.lent is None:
            self.model.close()
        self.catalog.close()

    def start(self, report: Report) -> None:
        """Load the model, or run the analysis that was asked for."""
        self.session.report = report
        if self.intent.kind is IntentKind.QUESTION:
            self.model = self._lent() or open_model(self.session, self.run)
            self._steps = self._asked()
            return
        kind = "contradictions" if self.intent.kind is IntentKind.CONTRADICTIONS else "links"
        found = placed_findings(self.session, analyse_vault(self.session, self.catalog), kind)
        self._findings = found.about(self.intent.topic)
        self._steps = iter(())

    def _lent(self) -> ChatModel | None:
        return Recorder(self.lent, self.run.write, time.time) if self.lent is not None else None

    def sentences(self) -> Iterator[PlacedSentence]:
        """Give the sentences of the answer as they are checked."""
        if self._steps is None:
            self.start(self.session.report)
        assert self._steps is not None
        yield from self._steps

    def _asked(self) -> Iterator[PlacedSentence]:
        with searching(self.session, self.catalog) as searcher:
            options = self._options(self.model) if self.model is not None else None
            for event in answer(self.question, searcher, self.session.reader, self.model, options):
                if isinstance(event, AnswerSentence):
                    yield self._placed(event)
                elif isinstance(event, Answer):
                    self._answer = event

    def _options(self, model: ChatModel) -> AnswerOptions:
        parameters = model.spec.parameters
        options = AnswerOptions.for_model(parameters)
        # A tiny model loses its way in long prompts.
        return options if parameters < TINY_PARAMETERS else replace(options, brief=kept_brief(self.session.state.root))

    def _placed(self, sentence: AnswerSentence) -> PlacedSentence:
        places = tuple(self.placer.place(quote.span) for quote in sentence.citations)
        return PlacedSentence(sentence.text, places, sentence.supported, sentence.is_extract)

    def finish(self) -> AskOutcome:
        """Give the whole; sentences not yet taken are worked out first."""
        for _ in self.sentences():
            pass
        seconds = time.monotonic() - self._started
        if self._answer is None:
            assert self._findings is not None
            headline = self._findings.headline()
            count = self._findings.notes
            return AskOutcome(
                self.question, self.intent, headline, (), (), (count, count), None, seconds, findings=self._findings
            )
        found = self._answer
        coverage = (found.coverage.read, found.coverage.candidates)
        self.run.write({"event": "answer", "text": found.text, "seconds": seconds})
        return AskOutcome(
            self.question,
            self.intent,
            found.text,
            tuple(self._placed(sentence) for sentence in found.sentences),
            placed_passages(self.session, found.passages),
            coverage,
            found.model,
            seconds,
            self.placer.diagnostics(found.diagnostics),
            asked_model=self.model.spec.name if self.model is not None and self.run.counts["model-call"] else None,
        )

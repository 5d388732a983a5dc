"""Answer a question from the notes: retrieve, answer, check each sentence against words that stand there.

What a model says counts only where a note says it; otherwise, and without a model, the answer is the best
sentences of the notes themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from vaultc.ask.citation import Support, check, sentence_quotes, stands
from vaultc.ask.extract import context_of, extract, lacks_a_name, lead, opposites
from vaultc.ask.question import read_question
from vaultc.ask.relevance import is_about
from vaultc.ask.reply import Said, said_sentences
from vaultc.core.diagnostic import Diagnostic
from vaultc.core.errors import ModelError, VaultError
from vaultc.core.rules import GIT_CONFLICT, MODEL_FAILED, UNSUPPORTED_STATEMENT
from vaultc.core.source import Span, vault_path
from vaultc.language.detect import language_of
from vaultc.model.prompt import fence_data, load_prompt, put_under
from vaultc.model.protocols import Sampling
from vaultc.retrieve.other_language import translated
from vaultc.syntax.git_conflict import conflicts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from vaultc.core.chunk import Passage
    from vaultc.core.source import Quote, Source, VaultPath
    from vaultc.model.protocols import ChatModel, Prompt

_NO_ANSWER = {"en": "The notes do not answer this.", "ru": "В заметках нет ответа на этот вопрос."}
_LANGUAGE_NAMES = {"en": "English", "ru": "Russian"}
TINY_PARAMETERS = 1_000_000_000
_LOOKED_AT = 3
_PROMPT_TOKENS = 300
"""What the prompt takes beside the passages and the question."""


class Search(Protocol):
    """Finds passages."""

    def search(self, query: str, *, limit: int = ...) -> Sequence[Passage]:
        """Give up to `limit` passages, the best first."""
        ...


@runtime_checkable
class NamesNotes(Protocol):
    """Finds notes by their names; what searches a catalog does."""

    def named(self, name: str, *, limit: int = ...) -> Sequence[Passage]:
        """Give the first passages of each note that `name` names by its title or an alias."""
        ...

    def aliases_of(self, path: VaultPath) -> tuple[str, ...]:
        """Give the other names of a note."""
        ...


class HasSource(Protocol):
    """A note as read, with its text."""

    @property
    def source(self) -> Source:
        """The note's text."""
        ...


class Reader(Protocol):
    """Reads notes as they are now. Raises VaultError where a note cannot be read."""

    def read(self, path: VaultPath, /) -> HasSource:
        """Give the note at `path`."""
        ...


@dataclass(frozen=True, slots=True)
class AnswerOptions:
    """How much is read and said: passages found, tokens of passages given to a model, tokens of its answer.

    With `adds_extract` the sentence of the notes that fits best follows a model's answer that did not cite it.
    `brief` tells the model what the vault holds.
    """

    passages: int = 12
    passage_tokens: int = 6000
    answer_tokens: int = 500
    extract_sentences: int = 3
    adds_extract: bool = False
    prompts: Path | None = None
    brief: str = ""

    @classmethod
    def for_model(cls, parameters: int) -> AnswerOptions:
        """Give what suits a model of so many parameters: a tiny one loses its way in long prompts."""
        if parameters < TINY_PARAMETERS:
            return cls(passage_tokens=500, answer_tokens=80, adds_extract=True)
        return cls()


@dataclass(frozen=True, slots=True)
class AnswerText:
    """A piece of a model's answer as it comes, not yet checked."""

    text: str


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """A sentence of an answer with the quotations that support it; unsupported ones carry none.

    `is_extract` tells that it is a sentence of a note, not of a model.
    """

    text: str
    citations: tuple[Quote, ...]
    supported: bool
    is_extract: bool = False


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many passages were read, of how many that were found."""

    read: int
    candidates: int


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: `text` holds what the notes support; `model` names who said it, None for an extract."""

    question: str
    text: str
    sentences: tuple[AnswerSentence, ...]
    passages: tuple[Passage, ...]
    coverage: Coverage
    model: str | None
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def is_supported(self) -> bool:
        """Tell whether the notes answer the question."""
        return any(sentence.supported for sentence in self.sentences)


AnswerEvent = AnswerText | AnswerSentence | Answer


def answer(
    question: str, search: Search, reader: Reader, model: ChatModel | None = None, options: AnswerOptions | None = None
) -> Iterator[AnswerEvent]:
    """Answer `question`: pieces of text as they come, each sentence once it is checked, the `Answer` last.

    Args:
        question: in any language; the answer is in the same one.
        search: finds passages.
        reader: reads notes as they are now, for the check of every quotation.
        model: answers from the passages; None for an extract.
        options: how much is read and said.
    """
    settings = options or AnswerOptions()
    return _Asking(question, search, reader, model, settings).run()


def whole_answer(
    question: str, search: Search, reader: Reader, model: ChatModel | None = None, options: AnswerOptions | None = None
) -> Answer:
    """Give the `Answer` of `answer`, without its steps."""
    last = None
    for event in answer(question, search, reader, model, options):
        last = event
    assert isinstance(last, Answer)
    return last


class _Asking:
    """One question on its way to an answer."""

    def __init__(
        self, question: str, search: Search, reader: Reader, model: ChatModel | None, options: AnswerOptions
    ) -> None:
        self.question = question
        self.model = model
        self.options = options
        self.language = language_of(question)
        self._reader = reader
        self._texts: dict[VaultPath, str | None] = {}
        self._diagnostics: list[Diagnostic] = []
        self._search = search
        self._aliases: dict[VaultPath, tuple[str, ...]] = {}
        self._names = search if isinstance(search, NamesNotes) else None
        self.asked = read_question(question)
        self.named = self._fresh(self._names.named(self.asked.topic)) if self._names and self.asked.topic else ()
        self.found = self._find()
        self.passages = self._fresh(self.found)
        self.is_elsewhere = not self.named and lacks_a_name(self.asked, self.passages, self._around)

    def _find(self) -> tuple[Passage, ...]:
        """Give the notes the question names, what is found by its words, and by them in the other language."""
        found = [*self.named, *self._search.search(self.question, limit=self.options.passages)]
        other = translated(self.question)
        if other:
            found += self._search.search(other, limit=self.options.passages // 2)
        once = {passage.chunk.span: passage for passage in reversed(found)}
        return tuple(passage for passage in dict.fromkeys(found) if once[passage.chunk.span] is passage)

    def _fresh(self, passages: Iterable[Passage]) -> tuple[Passage, ...]:
        return tuple(passage for passage in passages if self._is_fresh(passage))

    def _around(self, passage: Passage) -> str:
        """Give what a passage is about: the title and other names of its note, its headings."""
        path = passage.chunk.span.path
        if path not in self._aliases:
            self._aliases[path] = self._names.aliases_of(path) if self._names is not None else ()
        return " / ".join((context_of(passage), *self._aliases[path]))

    def run(self) -> Iterator[AnswerEvent]:
        """Give the steps of the answer and, last, the answer."""
        sentences: list[AnswerSentence] = []
        given = self.passages
        name = None
        if self.model is not None and given and not self.is_elsewhere:
            name = self.model.spec.name
            given = self._fitting(self.model)
            try:
                for event in self._from_model(self.model, given):
                    if isinstance(event, AnswerSentence):
                        sentences.append(event)
                    yield event
            except ModelError as error:
                self._report_model(f"the model broke off: {error.message}", given)
        if not any(sentence.supported for sentence in sentences):
            name = None
            more = self._extracted()
        else:
            more = self._missed(sentences) if self.options.adds_extract else []
        sentences += more
        yield from more
        against = self._against(sentences)
        sentences += against
        yield from against
        yield self._finish(sentences, given, name)

    def _missed(self, sentences: Sequence[AnswerSentence]) -> list[AnswerSentence]:
        """Give the sentence of the notes that fits best, where the model did not cite it."""
        cited = {quote.span for sentence in sentences for quote in sentence.citations}
        best = self._extracted()[:1]
        return [one for one in best if not any(span.overlaps(one.citations[0].span) for span in cited)]

    def _against(self, sentences: Sequence[AnswerSentence]) -> list[AnswerSentence]:
        """Give sentences of the notes that say the opposite of what the answer rests on."""
        cited = [quote for sentence in sentences for quote in sentence.citations]
        if not cited or self.named:
            return []
        near = self._fresh(self._search.search(cited[0].text, limit=self.options.passages))
        found = opposites(cited[:_LOOKED_AT], (*self.passages, *near), cited)
        return [_quoted(quote) for quote in found if stands(quote, self._text_of)]

    def _finish(self, sentences: list[AnswerSentence], given: tuple[Passage, ...], name: str | None) -> Answer:
        supported = [sentence.text for sentence in sentences if sentence.supported]
        text = (" " if name else "\n").join(supported) or _NO_ANSWER[self.language]
        read = len(self.passages) if name is None else len(given)
        coverage = Coverage(read, len(self.found))
        return Answer(self.question, text, tuple(sentences), self.passages, coverage, name, tuple(self._diagnostics))

    def _text_of(self, path: VaultPath) -> str | None:
        if path not in self._texts:
            try:
                self._texts[path] = self._reader.read(path).source.text
            except VaultError:
                self._texts[path] = None
        return self._texts[path]

    def _is_fresh(self, passage: Passage) -> bool:
        """Tell whether the passage still stands in its note, which may have changed since, and in no git conflict."""
        span = passage.chunk.span
        text = self._text_of(span.path)
        if text is None or text[span.start : span.end] != passage.chunk.text:
            return False
        between = [found for found in conflicts(text) if found.start < span.end and span.start < found.end]
        for found in between:
            place = Span(span.path, *found.marks[0])
            if all(told.span != place for told in self._diagnostics):
                message = "what the note says here was not used: it is an unresolved git conflict"
                self._diagnostics.append(Diagnostic(GIT_CONFLICT, message, place, help="keep one side, and ask again"))
        return not between

    def _fitting(self, model: ChatModel) -> tuple[Passage, ...]:
        """Give the first passages that fit into the model's context beside question and answer."""
        window = (
            model.spec.working_tokens
            - self.options.answer_tokens
            - _PROMPT_TOKENS
            - model.count(self.options.brief + self.question)
        )
        room = min(self.options.passage_tokens, window)
        kept: list[Passage] = []
        for passage in self.passages:
            room -= model.count(_shown(len(kept) + 1, passage)) + 2
            if room < 0 and kept:
                break
            kept.append(passage)
        return tuple(kept)

    def _prompt(self, given: tuple[Passage, ...]) -> Prompt:
        shown = "\n\n".join(_shown(number, passage) for number, passage in enumerate(given, start=1))
        prompt = load_prompt("ask", self.options.prompts)
        language = _LANGUAGE_NAMES[self.language]
        filled = prompt.fill("ask", language=language, passages=shown, question=self.question)
        return put_under(filled, self.options.brief)

    def _from_model(self, model: ChatModel, given: tuple[Passage, ...]) -> Iterator[AnswerEvent]:
        sampling = Sampling(max_tokens=self.options.answer_tokens, thinking=False)
        pieces = model.stream(self._prompt(given), sampling)
        checked = 0
        for said in said_sentences(pieces):
            if isinstance(said, str):
                yield AnswerText(said)
                continue
            checked += 1
            yield self._checked(said, given)
        if not checked:
            self._report_model("the model gave no answer", given)

    def _checked(self, said: Said, given: tuple[Passage, ...]) -> AnswerSentence:
        cited = [given[number - 1] for number in said.numbers if 1 <= number <= len(given)]
        support = self._support(said.text, cited) if cited else Support(False, missing="citation")
        if not support.is_supported:
            support = self._support(said.text, given)
        quotes = tuple(quote for quote in support.quotes if stands(quote, self._text_of))
        if support.is_supported and quotes == support.quotes:
            return AnswerSentence(said.text, quotes, supported=True)
        message = f"the notes do not support this sentence: {said.text}"
        place = quotes[0].span if quotes else given[0].chunk.span
        self._diagnostics.append(Diagnostic(UNSUPPORTED_STATEMENT, message, place))
        return AnswerSentence(said.text, (), supported=False)

    def _support(self, text: str, passages: Sequence[Passage]) -> Support:
        quotes: list[Quote] = []
        context: list[str] = []
        for passage in passages:
            for quote in sentence_quotes(passage):
                quotes.append(quote)
                context.append(self._around(passage))
        found = check(text, quotes, context=context, question=self.asked)
        if found.is_supported and not self._is_about(text, found.quotes, passages):
            return replace(found, is_supported=False, missing="the question")
        return found

    def _is_about(self, text: str, quotes: Sequence[Quote], passages: Sequence[Passage]) -> bool:
        if any(passage.chunk.span.overlaps(quote.span) for passage in self.named for quote in quotes):
            return True
        above = {
            self._around(passage)
            for passage in passages
            if any(passage.chunk.span.overlaps(quote.span) for quote in quotes)
        }
        return is_about(self.asked, " ".join((text, *(quote.text for quote in quotes), *above)))

    def _extracted(self) -> list[AnswerSentence]:
        """Give the sentences of the notes that answer; of a note that the question names, how it begins."""
        if self.is_elsewhere:
            return []
        begins: dict[VaultPath, tuple[Quote, ...]] = {}
        for passage in self.named:
            if not begins.get(passage.chunk.span.path):
                begins[passage.chunk.span.path] = lead(passage)
        quotes = [quote for found in begins.values() for quote in found]
        if not quotes:
            limit = self.options.extract_sentences
            quotes = [item.quote for item in extract(self.asked, self.passages, limit=limit, around=self._around)]
        return [_quoted(quote) for quote in quotes if stands(quote, self._text_of)]

    def _report_model(self, message: str, given: tuple[Passage, ...]) -> None:
        span = given[0].chunk.span if given else Span(vault_path(""), 0, 0)
        self._diagnostics.append(Diagnostic(MODEL_FAILED, message, span))


def _shown(number: int, passage: Passage) -> str:
    return f"[{number}]\n{fence_data(passage.chunk.text, context_of(passage))}"


def _quoted(quote: Quote) -> AnswerSentence:
    return AnswerSentence(_plain(quote.text), (quote,), supported=True, is_extract=True)


def _plain(text: str) -> str:
    """Give a quotation on one line, without the mark of its list item."""
    line = " ".join(text.split())
    for mark in ("- ", "* ", "+ ", "> "):
        line = line.removeprefix(mark)
    return line

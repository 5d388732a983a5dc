"""Models that really read the prompt of a check, each with one fault; and the vault text they read."""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING

from vaultc.core.errors import ModelError
from vaultc.evaluation.check import ContextCheck
from vaultc.evaluation.haystack import Pool
from vaultc.evaluation.wording import WORDINGS, Wording
from vaultc.model.protocols import Generation, Message, Prompt
from vaultc.model.scripted import ChatScript

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vaultc.evaluation.plan import Plan, Trial
    from vaultc.evaluation.result import Measured, Result

_WORDS = {
    "en": ("the", "pump", "tide", "clock", "roof", "winter", "garden", "1987", "water", "filter", "of", "and", "Vera"),
    "ru": ("насос", "часы", "прилив", "крыша", "зима", "сад", "дуб", "1987", "вода", "фильтр", "на", "и", "Вера"),
}


def pool(language: str, notes: int = 40, seed: int = 1) -> Pool:
    """Notes of eight paragraphs of drawn words."""
    rng = Random(seed)
    texts = {
        f"{number}.md": [
            " ".join(rng.choice(_WORDS[language]) for _ in range(rng.randint(4, 60))) + "." for _ in range(8)
        ]
        for number in range(notes)
    }
    return Pool(language, tuple(texts), texts.__getitem__)


POOLS = {language: pool(language) for language in WORDINGS}


class Reader:
    """Reads facts and question out of a prompt. `sees` changes the text before it is read, `says` the answer."""

    def __init__(
        self,
        sees: Callable[[str], str] = lambda text: text,
        says: Callable[[str, Wording], str] = lambda answer, said: answer,
        key: Callable[[str], str] = lambda name: name,
    ) -> None:
        self._sees = sees
        self._says = says
        self._key = key

    def __call__(self, prompt: Prompt) -> str:
        """Answer the question of `prompt`."""
        text, _, question = prompt.messages[-1].content.rpartition("\n\n")
        said = next(wording for wording in WORDINGS.values() if _looks_like(wording, question))
        return self._says(self._answer(said, self._sees(text), question), said)

    def _answer(self, said: Wording, text: str, question: str) -> str:
        codes: dict[str, list[str]] = {}
        for template in (said.states, said.is_one_of):
            for name, code in re.findall(_pattern(template), text):
                codes.setdefault(self._key(name), []).append(code)
        same = {self._key(name): self._key(other) for name, other in re.findall(_pattern(said.equals), text)}
        several = re.search(_pattern(said.asks_several), question)
        asked = several[1].split(", ") if several else [_name_in(said, question)]
        found: list[str] = []
        for name in map(self._key, asked):
            seen: set[str] = set()
            while name in same and name not in seen:
                seen.add(name)
                name = same[name]
            found += codes.get(name, [])[:1] if several else codes.get(name, [])
        return ", ".join(found) or said.absent


def _looks_like(said: Wording, question: str) -> bool:
    return any(re.search(_pattern(form), question) for form in (said.asks, said.asks_all, said.asks_several))


def _name_in(said: Wording, question: str) -> str:
    for form in (said.asks_clashing, said.asks_all, said.asks):
        found = re.search(_pattern(form), question)
        if found:
            return found[1]
    raise AssertionError(question)


def _pattern(template: str) -> str:
    pattern = re.escape(template)
    for name, part in (("name", r"(\w+)"), ("other", r"(\w+)"), ("code", r"(\w+-\d{4})"), ("names", r"([\w, ]+)")):
        pattern = pattern.replace(re.escape("{" + name + "}"), part)
    return pattern


def model(reader: Callable[[Prompt], str | Generation], context_tokens: int = 131_072) -> ChatScript:
    """A chat model that answers by `reader`."""
    return ChatScript(reader, context_tokens=context_tokens)


def keeps_last(tokens: int) -> ChatScript:
    """A model whose context silently loses its beginning; the number of tokens it read tells."""
    return _truncating(lambda words: words[-tokens:], tokens)


def keeps_first(tokens: int) -> ChatScript:
    """A model that drops what does not fit behind the first `tokens`, but for the question."""
    return _truncating(lambda words: words[:tokens], tokens)


def _truncating(cut: Callable[[list[str]], list[str]], tokens: int) -> ChatScript:
    def answer(prompt: Prompt) -> Generation:
        whole = prompt.messages[-1].content
        text, _, question = whole.rpartition("\n\n")
        words = re.findall(r"\s*(?:\w+|[^\w\s])", text)
        seen = Prompt((Message("user", "".join(cut(words)) + "\n\n" + question),), prompt.task, prompt.target)
        given = sum(len(re.findall(r"\w+|[^\w\s]", message.content)) for message in prompt.messages)
        return Generation(Reader()(seen), prompt_tokens=given - max(0, len(words) - tokens))

    return model(answer)


def is_long(prompt: Prompt) -> bool:
    """Tell a question of the check from the short ones that come first."""
    return not prompt.target.startswith("count-")


FIRST_CALLS = 2
"""How many short prompts come first for each language."""


def loses_the_middle(text: str) -> str:
    """Give a text without its middle three quarters."""
    return text[: len(text) // 8] + text[-(len(text) // 8) :]


def breaks_after(count: int) -> ChatScript:
    """A model that answers `count` prompts and then breaks off at each."""
    reader, calls = Reader(), [0]

    def answer(prompt: Prompt) -> str:
        calls[0] += 1
        if calls[0] > count:
            raise ModelError("the model's process was ended by signal 9")
        return reader(prompt)

    return model(answer)


class Clock:
    """A clock that a slow model moves on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Give the time."""
        return self.now


def checked(
    chat: ChatScript,
    plan: Plan,
    *,
    known: Mapping[Trial, Result] | None = None,
    keep: Callable[[Result], None] = lambda result: None,
    clock: Callable[[], float] | None = None,
) -> Measured:
    """Run a check of `chat` over the drawn notes."""
    return ContextCheck(chat, POOLS, plan, known or {}, keep, clock or Clock()).run()


def shares(measured: Measured, tokens: int, task: str, language: str = "en") -> dict[int, float]:
    """Give the share of exact answers at each depth."""
    return {
        cell.depth: tally.passed / tally.trials
        for cell, tally in measured.cells.items()
        if (cell.tokens, cell.task, cell.language) == (tokens, task, language)
    }

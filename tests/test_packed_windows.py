"""Whoever packs a prompt keeps to the window that a check of the model has shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from compiler.units import kettle, tools
from conftest import ROOT

from vaultc.ask.answer import AnswerOptions, whole_answer
from vaultc.compiler.derive import shown
from vaultc.compiler.extract.brain import add_found
from vaultc.compiler.pipeline import _models
from vaultc.compiler.tools import Level
from vaultc.core.chunk import Chunk, Legs, Passage
from vaultc.core.digest import digest_text
from vaultc.core.source import Source, VaultPath
from vaultc.model.scripted import ChatScript
from vaultc.model.window import Window, Windowed

if TYPE_CHECKING:
    from vaultc.compiler.unit import Unit

PACKERS = ("ask", "compiler", "findings", "retrieve", "app/models/priming.py", "app/asking.py", "app/compiling.py")


@pytest.mark.parametrize("layer", PACKERS)
def test_no_packer_asks_for_the_whole_context(layer: str) -> None:
    place = ROOT / "src" / "vaultc" / layer
    sources = [place] if place.suffix else list(place.rglob("*.py"))

    assert sources
    assert [path.name for path in sources if "context_tokens" in path.read_text("utf-8")] == []


def windowed(script: ChatScript, tokens: int) -> Windowed:
    return Windowed(script, Window(tokens, 131_072, "script"))


class _Read:
    def __init__(self, source: Source) -> None:
        self.source = source


class _Vault:
    """A hundred passages of fifty words."""

    def __init__(self) -> None:
        self.notes = {
            VaultPath(f"n{at}.md"): Source(VaultPath(f"n{at}.md"), f"The pump {at} draws 60 watts. " + "tide " * 44)
            for at in range(100)
        }

    def read(self, path: VaultPath, /) -> _Read:
        return _Read(self.notes[path])

    def search(self, query: str, *, limit: int = 10) -> tuple[Passage, ...]:
        del query
        return tuple(
            Passage(rank, 1 / rank, Legs(), Chunk(note.span(0, len(note.text)), note.text, (), digest_text(note.text)))
            for rank, note in enumerate(list(self.notes.values())[:limit], start=1)
        )


@pytest.mark.parametrize("window", [2048, 4096, 8192])
def test_a_question_is_put_with_no_more_passages_than_the_window_takes(window: int) -> None:
    script, vault = ChatScript({"ask": "The pump 1 draws 60 watts [1]."}), _Vault()
    options = replace(AnswerOptions(), passages=200, passage_tokens=100_000)

    whole_answer("How much does the pump draw?", vault, vault, windowed(script, window), options)

    (call,) = script.calls
    read = sum(script.count(message.content) for message in call.prompt.messages)
    assert window // 4 < read <= min(window, 8000) - options.answer_tokens


def _long(unit: Unit) -> Unit:
    """Give a unit with sixty passages of a hundred words."""
    (first, *_) = unit.context
    long = replace(first, quote=replace(first.quote, text="tide " * 100))
    return replace(unit, context=(long,) * 60)


@pytest.mark.parametrize("window", [2048, 4096])
def test_what_the_brain_reads_at_once_is_a_share_of_the_window(window: int) -> None:
    unit, notes = kettle()
    script = ChatScript({"extract": "{}", "repair": "{}"})
    model = windowed(script, window)

    add_found(_long(unit), tools(notes, Level.FULL, model))

    reads = [sum(script.count(part.content) for part in call.prompt.messages) for call in script.calls]
    assert len(reads) > 3
    assert max(reads) <= window
    assert max(call.sampling.max_tokens for call in script.calls) <= 0.4 * window


@pytest.mark.parametrize("window", [2048, 16_384])
def test_what_a_hand_is_shown_and_may_write_is_a_share_of_the_window(window: int) -> None:
    unit, notes = kettle()
    script = ChatScript({})
    model = windowed(script, window)

    assert script.count(shown.notes(_long(unit), model)) <= 0.4 * window
    assert shown.sampling(tools(notes), model).max_tokens <= 0.4 * window
    assert script.count(shown.notes(_long(unit), script)) > 0.4 * 16_384


def test_another_window_is_another_compile() -> None:
    unit, notes = kettle()
    del unit
    script = ChatScript({})

    found = [_models(tools(notes, Level.FULL, windowed(script, size))) for size in (2048, 4096, 131_072)]

    assert found[0] != found[1]
    assert found[2] == _models(tools(notes, Level.FULL, script))

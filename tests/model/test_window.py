"""Models whose state cannot be taken back at will: layers that see only a window, and recurrent ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from model.made_gguf import recurrent_model_bytes, window_model_bytes

from vaultc.disk.policy import Root
from vaultc.disk.seal import Seal
from vaultc.model.file.gguf import read_header, read_vocabulary
from vaultc.model.fit.llama_settings import LlamaSettings
from vaultc.model.process.host import LlamaHost
from vaultc.model.process.prefix import PrefixStore
from vaultc.model.protocols import Message, Prompt, Sampling

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.model
SETTINGS = LlamaSettings(context_tokens=1024, batch_tokens=32, ubatch_tokens=32)
RULES = " ".join(f"word{number}" for number in range(60))
DRAWN = Sampling(max_tokens=24, temperature=1.0, seed=3)

SEAL = Seal(b"of this machine")


def prompt(text: str) -> Prompt:
    return Prompt((Message("system", RULES), Message("user", text)), "test", shared=1)


@pytest.fixture(scope="module", params=["window", "recurrent"])
def path(request: pytest.FixtureRequest, starter: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    vocabulary = read_vocabulary(read_header(starter))
    words = (vocabulary.tokens, vocabulary.types, vocabulary.merges)
    file = tmp_path_factory.mktemp("made") / f"{request.param}.gguf"
    made = window_model_bytes(*words, window=16) if request.param == "window" else recurrent_model_bytes(*words)
    file.write_bytes(made)
    return file


def answer(path: Path, *texts: str, store: PrefixStore | None = None) -> str:
    """Give the last answer of a process that is asked all these."""
    with LlamaHost(path, SETTINGS, prefixes=store) as host:
        return [host.generate(prompt(text), DRAWN).text for text in texts][-1]


def test_what_was_asked_before_changes_no_answer(path: Path) -> None:
    long = "Tell me more. " + "and more " * 250

    assert answer(path, long, "What is it?") == answer(path, "What is it?") != answer(path, "What was it?")


def test_a_state_restored_changes_no_answer(path: Path, tmp_path: Path) -> None:
    plain = answer(path, "What is it?")
    answer(path, "Something else", store=PrefixStore(Root(tmp_path), SEAL))
    assert len(PrefixStore(Root(tmp_path), SEAL).entries()) == 1

    assert answer(path, "What is it?", store=PrefixStore(Root(tmp_path), SEAL)) == plain
    assert answer(path, "Tell " * 500, "What is it?", store=PrefixStore(Root(tmp_path), SEAL)) == plain

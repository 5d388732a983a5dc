"""States of shared prefixes: kept, bounded, checked, and never believed when they are not as they were written."""

from __future__ import annotations

import json
import os
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model.made_gguf import lora_bytes

from vaultc.core.errors import ModelError
from vaultc.disk.policy import Root
from vaultc.disk.seal import Seal
from vaultc.model.file.adapters import Lora
from vaultc.model.fit.llama_settings import LlamaSettings
from vaultc.model.process import prefix
from vaultc.model.process.host import LlamaHost
from vaultc.model.process.prefix import PrefixStore
from vaultc.model.protocols import Message, Prompt, Sampling

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SEAL = Seal(b"of this machine")


def store_at(folder: Path, limit: int = 1 << 30) -> PrefixStore:
    return PrefixStore(Root(folder, allow_hidden=True), SEAL, limit)


def writes(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


def keep(store: PrefixStore, key: str, data: bytes = b"state") -> None:
    store.keep(key, 7, "M", "ask", writes(data))


def test_a_kept_state_is_found_by_its_key_in_a_later_process(tmp_path: Path) -> None:
    keep(store_at(tmp_path), "k1", b"abc")

    store = store_at(tmp_path)
    path = store.find("k1")

    assert path is not None
    assert path.read_bytes() == b"abc"
    assert [(entry.key, entry.bytes, entry.tokens, entry.task) for entry in store.entries()] == [("k1", 3, 7, "ask")]
    assert store.find("k2") is None


def test_a_state_that_came_with_a_vault_is_thrown_away_unread(tmp_path: Path) -> None:
    theirs = PrefixStore(Root(tmp_path, allow_hidden=True), Seal(b"of another machine"), 1 << 30)
    keep(theirs, "k1", b"what llama.cpp would believe")
    assert theirs.find("k1") is not None

    store = store_at(tmp_path)

    assert store.entries() == []
    assert store.find("k1") is None
    assert not list((tmp_path / prefix.FOLDER).iterdir())


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    keep(store_at(tmp_path), "k1")

    assert [file.stat().st_mode & 0o777 for file in (tmp_path / prefix.FOLDER).iterdir()] == [0o600, 0o600]


@given(data=st.binary(min_size=1, max_size=300), seed=st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_a_state_that_was_changed_is_thrown_away(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("states")
    keep(store_at(folder), "k1", data)
    draw = random.Random(seed)
    state = folder / prefix.FOLDER / "k1.state"
    changed = bytearray(data)
    changed[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    state.write_bytes(draw.choice([bytes(changed), data[:-1], data + b"x", b""]))

    store = store_at(folder)

    assert store.find("k1") is None
    assert not list((folder / prefix.FOLDER).iterdir())


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"version": 1}', '{"version": 2, "key": "k1"}', "[" * 100_000, '{"version": 1, "key": 5}'],
)
def test_a_damaged_description_is_thrown_away(tmp_path: Path, text: str) -> None:
    keep(store_at(tmp_path), "k1")
    (tmp_path / prefix.FOLDER / "k1.json").write_text(text)

    store = store_at(tmp_path)

    assert store.entries() == []
    assert store.find("k1") is None
    assert not list((tmp_path / prefix.FOLDER).iterdir())


def test_a_state_of_another_key_is_not_taken(tmp_path: Path) -> None:
    keep(store_at(tmp_path), "k1")
    folder = tmp_path / prefix.FOLDER
    for suffix in ("json", "state"):
        (folder / f"k1.{suffix}").rename(folder / f"k2.{suffix}")

    assert store_at(tmp_path).find("k2") is None


def test_the_state_used_longest_ago_makes_room(tmp_path: Path) -> None:
    store = store_at(tmp_path, limit=30)
    for number, key in enumerate(("a", "b", "c")):
        assert store.fits(10)
        keep(store, key, b"x" * 10)
        os.utime(tmp_path / prefix.FOLDER / f"{key}.json", (number, number))
    store.find("a")

    assert store.fits(15)

    assert [entry.key for entry in store.entries()] == ["a"]


def test_a_state_larger_than_all_the_room_removes_nothing(tmp_path: Path) -> None:
    store = store_at(tmp_path, limit=30)
    keep(store, "a", b"x" * 20)

    assert not store.fits(31)
    assert [entry.key for entry in store.entries()] == ["a"]


def test_states_take_no_more_than_a_share_of_the_free_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefix, "_free_bytes", lambda _: 100)
    store = store_at(tmp_path)

    assert store.fits(25)
    assert not store.fits(26)


def test_a_limit_of_nothing_keeps_nothing(tmp_path: Path) -> None:
    assert not store_at(tmp_path, limit=0).fits(0)


def test_nothing_is_left_of_a_state_that_could_not_be_written(tmp_path: Path) -> None:
    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise ModelError("cannot")

    with pytest.raises(ModelError, match="cannot"):
        store_at(tmp_path).keep("k1", 7, "M", "ask", fail)

    assert not list((tmp_path / prefix.FOLDER).iterdir())


def test_a_link_in_the_place_of_a_state_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"mine")
    (tmp_path / prefix.FOLDER).mkdir()
    (tmp_path / prefix.FOLDER / "k1.state").symlink_to(outside)

    with pytest.raises(Exception, match="is a link"):
        keep(store_at(tmp_path), "k1")

    assert outside.read_bytes() == b"mine"


# With the starter model.

RULES = "You answer from the notes of a boat builder. " + " ".join(
    f"Pump {number} takes {number * 7} W." for number in range(14)
)
QUESTION = Prompt(
    (Message("system", RULES), Message("user", "How many watts does pump 3 take? One sentence.")), "ask", shared=1
)
SHORT = Sampling(max_tokens=8)
SETTINGS = LlamaSettings(context_tokens=512)


class Runs:
    """Answers the question in processes of their own."""

    def __init__(self, path: Path, digests: dict[str, str], folder: Path) -> None:
        self.path, self.digests, self.folder = path, digests, folder
        self.notes: tuple[str, ...] = ()

    def answer(self, used: LlamaSettings = SETTINGS, *, with_store: bool = True, loras: tuple[Lora, ...] = ()) -> str:
        store = store_at(self.folder) if with_store else None
        with LlamaHost(self.path, used, digests=self.digests, prefixes=store, loras=loras) as host:
            text = host.generate(QUESTION, SHORT).text
            self.notes = host.notes
        return text

    def kept(self) -> list[str]:
        return [entry.key for entry in store_at(self.folder).entries()]

    def state(self, key: str) -> Path:
        return self.folder / prefix.FOLDER / f"{key}.state"

    def put(self, key: str, data: bytes) -> None:
        """Put `data` in the place of a state, with a description that says it is right."""
        store_at(self.folder).keep(key, 7, "M", "ask", writes(data))


@pytest.fixture
def runs(starter: Path, digests: dict[str, str], tmp_path: Path) -> Runs:
    return Runs(starter, digests, tmp_path)


@pytest.fixture(scope="module")
def first(starter: Path, digests: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str, bytes]:
    """Give what a first process says without a store, and the state that one with a store keeps."""
    runs = Runs(starter, digests, tmp_path_factory.mktemp("first"))
    plain = runs.answer(with_store=False)
    assert runs.answer() == plain
    (key,) = runs.kept()
    return plain, key, runs.state(key).read_bytes()


@pytest.mark.model
def test_the_answer_is_the_same_computed_kept_and_restored(runs: Runs, first: tuple[str, str, bytes]) -> None:
    plain, key, data = first
    runs.put(key, data)

    assert runs.answer() == plain
    assert runs.kept() == [key]
    assert runs.state(key).read_bytes() == data
    assert runs.notes == ()


@pytest.mark.model
def test_a_state_is_that_of_its_settings_and_adapters(
    runs: Runs, first: tuple[str, str, bytes], tmp_path: Path
) -> None:
    adapter = tmp_path / "lora.gguf"
    adapter.write_bytes(lora_bytes(1, layers=2))

    runs.answer(LlamaSettings(context_tokens=512, flash_attn=True))
    runs.answer(loras=(Lora(adapter),))
    runs.answer(loras=(Lora(adapter, 0.5),))

    assert len({first[1], *runs.kept()}) == 4


@pytest.mark.model
@pytest.mark.parametrize("fault", ["another KV type", "another text", "noise", "cut", "a wrong length"])
def test_a_state_that_llama_cpp_must_not_believe_changes_no_answer(
    runs: Runs, first: tuple[str, str, bytes], fault: str
) -> None:
    plain, key, data = first
    if fault == "another KV type":
        runs.answer(LlamaSettings(context_tokens=512, type_k="q8_0"))
        data = runs.state(runs.kept()[0]).read_bytes()
    elif fault == "another text":
        data = data[:12] + int.to_bytes(1234, 4, "little") + data[16:]
    elif fault == "noise":
        data = random.Random(1).randbytes(len(data))
    elif fault == "cut":
        data = data[: len(data) // 2]
    else:
        data = data[:8] + b"\xff\xff\xff\x7f" + data[12:]
    runs.put(key, data)

    assert runs.answer() == plain
    assert "thrown away" in runs.notes[0]
    assert "\n" not in runs.notes[0]


@pytest.mark.model
def test_a_folder_that_cannot_be_written_costs_time_and_no_answer(runs: Runs, first: tuple[str, str, bytes]) -> None:
    (runs.folder / prefix.FOLDER).write_text("a file where the folder should be")

    assert runs.answer() == first[0]
    assert "could not be kept" in runs.notes[0]


def test_entries_are_json_that_a_person_can_read(tmp_path: Path) -> None:
    keep(store_at(tmp_path), "k1")

    document = json.loads((tmp_path / prefix.FOLDER / "k1.json").read_text())

    assert (document["model"], document["task"], document["tokens"]) == ("M", "ask", 7)

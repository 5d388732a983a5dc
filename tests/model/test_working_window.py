from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.core.digest import Digest
from vaultc.disk.policy import Root
from vaultc.disk.seal import Seal
from vaultc.model.protocols import LEAST_WINDOW_TOKENS, UNCHECKED_WINDOW_TOKENS, ModelSpec
from vaultc.model.scripted import ChatScript
from vaultc.model.window import Window, Windowed, WindowStore, unchecked_note, window_key

if TYPE_CHECKING:
    from pathlib import Path

SPEC = ModelSpec("big", Digest("b2:1"), 30_000_000_000, 131_072, settings={"type_k": "f16", "type_v": "f16"})

SEAL = Seal(b"of this machine")


@pytest.fixture
def store(tmp_path: Path) -> WindowStore:
    return WindowStore(Root(tmp_path, allow_hidden=True), SEAL)


@given(st.integers(0, 10**6), st.none() | st.integers(0, 10**6))
def test_no_more_is_filled_than_the_context_holds_and_the_check_has_shown(context: int, window: int | None) -> None:
    spec = replace(SPEC, context_tokens=context, window_tokens=window)

    limit = UNCHECKED_WINDOW_TOKENS if window is None else max(window, LEAST_WINDOW_TOKENS)
    assert spec.working_tokens == min(context, limit)


def test_a_model_never_checked_fills_64k_and_says_so() -> None:
    assert SPEC.working_tokens == 65_536
    assert "never checked" in unchecked_note(SPEC)
    assert unchecked_note(replace(SPEC, context_tokens=65_536)) == ""


def test_a_window_belongs_to_the_file_the_kv_type_and_the_adapters(store: WindowStore) -> None:
    store.put(SPEC, Window(32_768, 131_072, "big"))

    assert store.window_of(SPEC) == Window(32_768, 131_072, "big")
    assert store.window_of(replace(SPEC, name="other", context_tokens=8192)) is not None
    assert store.window_of(replace(SPEC, digest=Digest("b2:2"))) is None
    assert store.window_of(replace(SPEC, settings={"type_k": "q8_0", "type_v": "q8_0"})) is None
    assert store.window_of(replace(SPEC, settings={**SPEC.settings, "loras": [["b2:3", 1.0]]})) is None
    assert window_key(SPEC) == window_key(replace(SPEC, settings={**SPEC.settings, "gpu_layers": 20}))


def test_a_check_of_short_prompts_takes_nothing_from_a_longer_one(store: WindowStore) -> None:
    store.put(SPEC, Window(65_536, 131_072, "big"))

    assert store.put(SPEC, Window(8192, 8192, "big")).tokens == 65_536
    assert store.put(SPEC, Window(16_384, 32_768, "big")).tokens == 16_384  # it failed at 32K: that counts


def test_a_window_that_another_machine_measured_is_no_window_here(tmp_path: Path) -> None:
    root = Root(tmp_path, allow_hidden=True)
    WindowStore(root, Seal(b"of another machine")).put(SPEC, Window(4096, 4096, "big"))

    store = WindowStore(root, SEAL)

    assert store.window_of(SPEC) is None
    assert store.put(SPEC, Window(1024, 4096, "big")).tokens == 1024
    assert store.window_of(SPEC) == Window(1024, 4096, "big")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"x": 1}', b'{"KEY": {"tokens": 9, "tried_tokens": 1}}'])
def test_windows_that_cannot_be_read_are_as_if_never_measured(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "context").mkdir()
    (tmp_path / "context" / "windows.json").write_bytes(content.replace(b"KEY", window_key(SPEC).encode()))

    store = WindowStore(Root(tmp_path, allow_hidden=True), SEAL)

    assert store.window_of(SPEC) is None
    assert store.put(SPEC, Window(4096, 4096, "big")).tokens == 4096


def test_a_windowed_model_answers_as_itself_and_tells_its_window() -> None:
    script = ChatScript({"ask": "yes"}, context_tokens=131_072)

    assert script.spec.working_tokens == 131_072
    assert Windowed(script, None).spec == script.spec
    assert Windowed(script, Window(8192, 16_384, "script")).spec.working_tokens == 8192

from __future__ import annotations

import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from vaultc.disk.seal import KEY_NAME, Seal, machine_seal

if TYPE_CHECKING:
    from pathlib import Path

USE = ("manifest", "units/kettle")


def test_the_key_is_made_once_and_is_the_persons_alone(tmp_path: Path) -> None:
    home = tmp_path / "state" / "vaultc"

    first, second = machine_seal(home), machine_seal(home)

    assert first.mark(USE, b"x") == second.mark(USE, b"x")
    assert stat.S_IMODE((home / KEY_NAME).stat().st_mode) == 0o600


def test_two_machines_mark_differently(tmp_path: Path) -> None:
    here, there = machine_seal(tmp_path / "here"), machine_seal(tmp_path / "there")

    assert there.opened(USE, here.closed(USE, {"a": 1})) is None


@pytest.mark.parametrize("spoil", ["open", "short", "link", "empty"])
def test_a_key_that_may_be_known_or_is_damaged_is_replaced(tmp_path: Path, spoil: str) -> None:
    sealed = machine_seal(tmp_path).closed(USE, 1)
    key = tmp_path / KEY_NAME
    if spoil == "open":
        key.chmod(0o644)
    elif spoil == "link":
        key.rename(tmp_path / "elsewhere")
        key.symlink_to("elsewhere")
    else:
        key.write_bytes(b"" if spoil == "empty" else b"abc\n")

    fresh = machine_seal(tmp_path)

    assert fresh.opened(USE, sealed) is None
    assert machine_seal(tmp_path).opened(USE, fresh.closed(USE, 1)) == 1
    assert stat.S_IMODE(key.lstat().st_mode) == 0o600
    assert not key.is_symlink()


def test_where_no_key_can_be_kept_nothing_is_believed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    home = tmp_path / "file" / "vaultc"

    seal = machine_seal(home)

    assert not seal.is_kept
    assert machine_seal(home).opened(USE, seal.closed(USE, 1)) is None


def test_processes_that_make_the_key_at_once_get_the_same(tmp_path: Path) -> None:
    code = "import sys, pathlib; from vaultc.disk.seal import machine_seal as m; sys.stdin.read(1); print(m(pathlib.Path(sys.argv[1])).mark(['u'], b''))"  # noqa: E501
    command = [sys.executable, "-c", code, str(tmp_path / "home")]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(4)
    ]

    said = {process.communicate("x")[0] for process in running}

    assert len(said) == 1
    assert said != {""}


@given(
    value=st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_what_was_closed_is_opened_for_the_same_use_alone(value: object) -> None:
    seal = Seal(b"k" * 32)

    data = seal.closed(USE, value)

    assert seal.opened(USE, data) == value
    assert value is None or seal.opened(("map", USE[1]), data) is None
    assert value is None or seal.opened((*USE, ""), data) is None


@settings(max_examples=200)
@given(at=st.integers(0, 10_000), bit=st.integers(0, 7), junk=st.binary(max_size=200))
def test_one_bit_more_or_less_and_nothing_is_believed(at: int, bit: int, junk: bytes) -> None:
    seal = Seal(b"k" * 32)
    data = bytearray(seal.closed(USE, {"files": {"vault:a.md": "b2:00"}}))
    data[at % len(data)] ^= 1 << bit

    assert seal.opened(USE, bytes(data)) is None
    assert seal.opened(USE, junk) is None
    assert seal.opened(USE, b"[" * 100_000) is None

"""Digests of model files: pinned on first use, told of when they change, held against what the settings name."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

import pytest

from vaultc.core.errors import ModelError, UsageError
from vaultc.model.file import spec
from vaultc.model.file.pins import FILE, PinnedDigests
from vaultc.model.file.spec import digest_of_file, require_digest

if TYPE_CHECKING:
    from pathlib import Path


class Machine:
    """A home, and a model file that may change."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "state"
        self.file = folder / "m.gguf"
        self.file.write_bytes(b"GGUF" + bytes(1000))
        self.changes: list[str] = []

    def pins(self, today: str = "2026-01-02") -> PinnedDigests:
        return PinnedDigests(self.home, today, self.changes.append)

    def change(self) -> None:
        self.file.write_bytes(b"GGUF" + bytes(999) + b"x")
        os.utime(self.file, ns=(1, 1))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_file_is_read_once_on_a_machine(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    first = digest_of_file(machine.file, machine.pins())

    monkeypatch.setattr(spec, "_digest", lambda *_: pytest.fail("it was read again"))

    assert digest_of_file(machine.file, machine.pins()) == first
    assert machine.changes == []
    assert (machine.home / FILE).stat().st_mode & 0o777 == 0o600


def test_a_file_that_changed_is_told_of_once(machine: Machine) -> None:
    first = digest_of_file(machine.file, machine.pins("2026-01-02"))
    machine.change()

    second = digest_of_file(machine.file, machine.pins("2026-03-04"))
    digest_of_file(machine.file, machine.pins("2026-03-05"))

    assert second != first
    assert machine.changes == [f"{machine.file} is not the file it was on 2026-01-02: its digest was {first}"]


def test_a_file_that_was_only_touched_is_not_told_of(machine: Machine) -> None:
    first = digest_of_file(machine.file, machine.pins("2026-01-02"))
    os.utime(machine.file, ns=(5, 5))

    assert digest_of_file(machine.file, machine.pins("2026-03-04")) == first
    assert machine.changes == []
    assert json.loads((machine.home / FILE).read_text())["files"][str(machine.file)]["since"] == "2026-01-02"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 9, "files": {}}', '{"version": 1, "files": {"a": 5}}'])
def test_a_list_that_cannot_be_read_is_made_anew(machine: Machine, text: str) -> None:
    machine.home.mkdir()
    (machine.home / FILE).write_text(text)

    first = digest_of_file(machine.file, machine.pins())

    assert list(machine.pins().values()) == [first]


def test_a_home_that_cannot_be_written_is_no_error(machine: Machine) -> None:
    machine.home.write_text("a file")

    assert digest_of_file(machine.file, machine.pins()).startswith("b2:")


def test_a_pin_can_be_taken_away(machine: Machine) -> None:
    pins = machine.pins()
    digest_of_file(machine.file, pins)

    pins.clear()

    assert len(machine.pins()) == 0


def test_a_digest_of_the_settings_must_match(machine: Machine) -> None:
    ours = digest_of_file(machine.file, {})
    sha = hashlib.sha256(machine.file.read_bytes()).hexdigest()
    pins = machine.pins()
    for wanted in (ours, sha, f"sha256:{sha.upper()}"):
        require_digest(machine.file, wanted, pins)
    machine.change()

    for wanted in (ours, sha):
        with pytest.raises(ModelError, match="is not the file that the settings name"):
            require_digest(machine.file, wanted, machine.pins())


@pytest.mark.parametrize("wanted", ["", "md5:1", "sha256:12", "x" * 64])
def test_what_is_no_digest_is_refused(machine: Machine, wanted: str) -> None:
    with pytest.raises(UsageError, match="is no digest"):
        require_digest(machine.file, wanted, {})

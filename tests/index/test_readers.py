from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fakes import write_vault

from vaultc.core.chunk import ChunkOptions
from vaultc.index import readers as readers_module
from vaultc.index.child import ChildError, ChildProcess
from vaultc.index.readers import pieces, read_notes
from vaultc.index.reading import read_note
from vaultc.vault.ignore import Ignore
from vaultc.vault.walk import walk

if TYPE_CHECKING:
    from pathlib import Path

    from vaultc.vault.files import FoundFile

OPTIONS = ChunkOptions()
TEXT = "---\naliases: [n{0}]\n---\n# Заметка {0}\n\nWords and [[Note 1{0}#A|слова]]. #тег ^b{0}\n"
NOTES: dict[str, str | bytes] = {
    **{f"Папка {n % 7}/Note {n}.md": TEXT.format(n) for n in range(230)},
    "Binary.md": bytes(range(256)) * 4,
    "Папка 1/broken.md": "---\na: [\n---\ntext",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_vault(tmp_path / "vault", NOTES)


def files_of(root: Path) -> tuple[FoundFile, ...]:
    return walk(root, ignore=Ignore()).files


def test_several_processes_read_what_one_reads_in_the_same_order(root: Path) -> None:
    files = files_of(root)

    one = [reading.as_values() for reading in read_notes(root, files, OPTIONS, processes=1)]
    two = [reading.as_values() for reading in read_notes(root, files, OPTIONS, processes=2)]

    assert [item[0] for item in one] == [file.path for file in files]
    assert two == one


def test_a_reading_survives_being_written_as_values(root: Path) -> None:
    for file in files_of(root)[:20]:
        reading = read_note(root, file, OPTIONS)

        (again,) = readers_module._unpacked(readers_module._packed([reading]))

        assert again == reading


def test_an_answer_that_is_cut_short_is_the_fault_of_its_reader(root: Path) -> None:
    data = readers_module._packed([read_note(root, file, OPTIONS) for file in files_of(root)[:2]])

    with pytest.raises(ChildError):
        readers_module._unpacked(data[:-3])


def test_a_note_that_kills_its_reader_costs_that_note_alone(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = files_of(root)
    send = ChildProcess.send

    def deadly(self: ChildProcess, request: dict[str, Any], data: bytes = b"") -> None:
        if any(path.endswith("Note 77.md") for path, *_ in request["files"]):
            self.kill()
        send(self, request, data)

    monkeypatch.setattr(ChildProcess, "send", deadly)

    found = list(read_notes(root, files, OPTIONS, processes=2))

    assert [reading.path for reading in found] == [file.path for file in files]
    left_out = [reading for reading in found if reading.rows is None and reading.path != "Binary.md"]
    assert [reading.path for reading in left_out] == ["Папка 0/Note 77.md"]
    assert "its reader ended with code -9" in left_out[0].diagnostics


def test_readers_that_die_now_and_then_lose_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = files_of(root)
    receive = ChildProcess.receive
    calls: list[int] = []

    def dying(self: ChildProcess, *, timeout_s: float) -> Any:
        calls.append(1)
        if len(calls) in (2, 5):
            self.kill()
            raise ChildError("ended with code -11")
        return receive(self, timeout_s=timeout_s)

    monkeypatch.setattr(ChildProcess, "receive", dying)

    found = list(read_notes(root, files, OPTIONS, processes=2))

    assert [reading.path for reading in found] == [file.path for file in files]
    assert sum(reading.rows is None for reading in found) <= 2  # the binary one, and a note read alone as it died


def test_where_no_process_starts_the_notes_are_read_here(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> ChildProcess:
        raise ChildError("could not be started: no memory")

    monkeypatch.setattr(readers_module, "ChildProcess", refuse)
    files = files_of(root)

    found = list(read_notes(root, files, OPTIONS, processes=2))

    assert [reading.path for reading in found] == [file.path for file in files]
    assert sum(reading.rows is None for reading in found) == 1


def test_pieces_are_bounded_by_notes_and_by_bytes(root: Path) -> None:
    files = files_of(root)

    cut = list(pieces(files, 10, 2_000))

    assert [file for piece in cut for file in piece] == list(files)
    assert all(len(piece) <= 10 and (len(piece) == 1 or sum(f.size for f in piece) <= 2_000) for piece in cut)

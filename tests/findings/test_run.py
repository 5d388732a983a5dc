"""The analyses over a vault, again and again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fakes import KeptInMemory, write_vault
from hypothesis import given, settings
from hypothesis import strategies as st

from vaultc.core.digest import digest_text
from vaultc.core.source import Source, VaultPath
from vaultc.findings import run
from vaultc.findings.claims import claims_of
from vaultc.findings.links import Mentions, mentions_in
from vaultc.findings.run import Standing, analyse
from vaultc.syntax.parse import parse_note
from vaultc.vault.reader import ParsedNote, VaultReader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from vaultc.core.link import Link
    from vaultc.core.note import Note
    from vaultc.findings.whole import Findings

FILES: dict[str, str | bytes] = {
    "Kettle.md": "It draws 2 kW.\n",
    "Kitchen.md": "The kettle draws 1 kW. Beside the wind tunnel.\n",
    "Wind tunnel.md": "Big.\n",
}


class JsonCache(KeptInMemory):
    """Keeps values as JSON text, as a database does."""

    def put(self, digest: Any, value: Any) -> None:
        super().put(digest, json.loads(json.dumps(value)))


def test_a_vault_is_analysed_whole(tmp_path: Path) -> None:
    reader = VaultReader(write_vault(tmp_path, FILES))

    found = analyse(reader, JsonCache())

    assert [(item.kind, item.a.text) for item in found.contradictions] == [("numeric", "It draws 2 kW.")]
    assert [(item.a.text, item.target) for item in found.links] == [("wind tunnel", "Wind tunnel.md")]
    assert (found.notes, found.reused) == (3, 0)


def test_a_second_run_reads_no_unchanged_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, cache = write_vault(tmp_path, FILES), JsonCache()
    first = analyse(VaultReader(root), cache)
    (root / "Kitchen.md").write_text("The kettle draws 3 kW.\n", encoding="utf-8")
    read: list[str] = []

    def counting(source: Source, note: Note) -> Any:
        read.append(note.path)
        return claims_of(source, note)

    monkeypatch.setattr(run, "claims_of", counting)

    second = analyse(VaultReader(root), cache)

    assert read == ["Kitchen.md"]
    assert second.reused == 2
    assert first.contradictions[0].id != second.contradictions[0].id
    assert analyse(VaultReader(root), JsonCache()).contradictions == second.contradictions


def test_known_digests_spare_reading_the_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, cache = VaultReader(write_vault(tmp_path, FILES)), JsonCache()
    first = analyse(reader, cache)
    digests = {path: reader.read(path).digest for path in reader.paths()}
    names = {path: (reader.read(path).note.title,) for path in reader.paths()}
    monkeypatch.setattr(reader, "read", None)

    second = analyse(reader, cache, standing=Standing(digests, names))

    assert (second.contradictions, second.links) == (first.contradictions, first.links)


def test_a_new_note_makes_mentions_of_it_in_unchanged_notes(tmp_path: Path) -> None:
    root, cache = write_vault(tmp_path, {"Day.md": "The glass harp."}), JsonCache()
    before = analyse(VaultReader(root), cache)
    write_vault(root, {"Glass harp.md": "Fine."})

    after = analyse(VaultReader(root), cache)

    assert before.links == ()
    assert [item.target for item in after.links] == ["Glass harp.md"]


def test_nothing_is_compared_again_in_a_vault_that_has_not_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, cache = VaultReader(write_vault(tmp_path, FILES)), JsonCache()
    digests = {path: reader.read(path).digest for path in reader.paths()}
    names = {path: (reader.read(path).note.title,) for path in reader.paths()}
    first = analyse(reader, cache, standing=Standing(digests, names))
    monkeypatch.setattr(run, "find_contradictions", None)

    second = analyse(reader, cache, standing=Standing(digests, names))

    assert second == replace(first, reused=first.notes)
    assert first.contradictions
    assert first.links


def test_of_a_vault_that_changed_the_old_findings_are_not_given(tmp_path: Path) -> None:
    root, cache = write_vault(tmp_path, FILES), JsonCache()

    def again() -> Findings:
        reader = VaultReader(root)
        digests = {path: reader.read(path).digest for path in reader.paths()}
        return analyse(reader, cache, standing=Standing(digests, {path: (path[:-3],) for path in reader.paths()}))

    assert again().contradictions
    write_vault(root, {"Kettle.md": "It draws 1 kW.\n"})
    assert again().contradictions == ()
    (root / "Wind tunnel.md").unlink()
    assert again().links == ()


def test_a_name_that_comes_or_goes_reads_only_the_notes_that_may_hold_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"День.md": "О стеклянной арфе.", "Пень.md": "О другом.", "Старый список.md": "x", "Сад.md": "Нет списка."}
    root, cache = write_vault(tmp_path, files), JsonCache()
    analyse(VaultReader(root), cache)
    write_vault(root, {"Стеклянная арфа.md": "Звук."})
    (root / "Старый список.md").unlink()
    reader = VaultReader(root)
    names = {path: (reader.read(path).note.title,) for path in reader.paths()}
    digests = {path: reader.read(path).digest for path in reader.paths()}
    reader.refresh()
    parsed: list[str] = []
    monkeypatch.setattr("vaultc.findings.mentioned.mentions_in", _counting(parsed))

    again = analyse(reader, cache, standing=Standing(digests, names))

    assert [(item.a.text, item.target) for item in again.links] == [("стеклянной арфе", "Стеклянная арфа.md")]
    assert sorted(parsed) == ["День.md", "Сад.md", "Стеклянная арфа.md"]
    assert again.links == analyse(VaultReader(root), JsonCache()).links


def _counting(parsed: list[str]) -> Callable[..., Mentions]:
    def counted(source: Source, note: Note, *rest: Any) -> Mentions:
        parsed.append(note.path)
        return mentions_in(source, note, *rest)

    return counted


NAMES = ["Стеклянная арфа", "Арфа", "Старый список", "Список дел", "Wind tunnel", "Tunnel", "Длинный день рождения"]
TEXTS = ["у стеклянной арфы", "списка дел нет", "the Wind tunnels", "Длинного дня рождения", "Старые списки", "х"]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sets(st.sampled_from(NAMES)), min_size=2, max_size=4), st.lists(st.sampled_from(TEXTS), max_size=3))
def test_mentions_from_run_to_run_are_those_of_a_first_run(steps: list[set[str]], said: list[str]) -> None:
    cache = JsonCache()
    page = {"День.md": " и ".join(said) + "."}
    for names in steps:
        reader = _MemoryReader(page | {f"{name}.md": "x" for name in names})

        assert analyse(reader, cache).links == analyse(reader, JsonCache()).links


class _MemoryReader:
    """Notes in memory, without links."""

    def __init__(self, files: dict[str, str]) -> None:
        self._files = files

    def paths(self) -> tuple[VaultPath, ...]:
        return tuple(map(VaultPath, sorted(self._files)))

    def source(self, path: VaultPath) -> Source:
        return Source(path, self._files[path])

    def read(self, path: VaultPath) -> ParsedNote:
        return ParsedNote(self.source(path), parse_note(self.source(path))[0], digest_text(self._files[path]), ())

    def resolve(self, link: Link, source: VaultPath) -> None:
        return None


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []

    analyse(VaultReader(write_vault(tmp_path, FILES)), KeptInMemory(), lambda step: told.append((step.task, step.done)))

    assert told[0] == ("claims", 0)
    assert told[-1] == ("claims", 3)

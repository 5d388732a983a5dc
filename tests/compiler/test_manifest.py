"""A manifest that came with a vault: whatever it says, nothing of the person changes or goes."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from compiler.places import MODULE, NOTE, SEAL, Place, changed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vaultc.compiler.manifest import MOST_OUTS, Manifest, Written, bears_mark, load_manifest, save_manifest, unit_folder
from vaultc.core.digest import digest_bytes
from vaultc.core.endings import BESIDE
from vaultc.disk.policy import Root
from vaultc.disk.seal import Seal

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

NAMES = (NOTE, "Notes/Ferry.md", "Ideas/Kettle timer.pseudo.md", "Ideas/Kettle timer.canvas", NOTE + BESIDE)
CODE = (MODULE, "README.md", "vaultc.map.json", "notes.md")
THEIRS = Seal(b"of another machine")


def person(place: Place, texts: list[bytes]) -> dict[Path, bytes]:
    """Write notes and files of a person at the places where vaultc writes, and where it does not."""
    paths = [*(place.vault / name for name in NAMES), *(place.out / name for name in CODE)]
    found = {path: text for path, text in zip(paths, texts, strict=False) if text}
    for path, text in found.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
    return found


def forged(found: dict[Path, bytes], place: Place, seal: Seal, fields: list[str]) -> bytes:
    """Give a manifest that says of all files of the person that vaultc wrote them."""
    keys = {}
    for path, text in found.items():
        kind, root = ("vault", place.vault) if path.is_relative_to(place.vault) else ("out", place.out)
        keys[f"{kind}:{path.relative_to(root).as_posix()}"] = digest_bytes(text)
    value: dict[str, Any] = {"version": 2, "idea": place.unit.idea.path, "out": str(place.out), "others": []}
    value |= {name: keys if name in fields else {} for name in ("files", "pending", "laid")} | {"gone": []}
    return seal.closed(("manifest", unit_folder(place.unit.idea.path)), value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
WORDS = st.sampled_from([b"", b"mine\n", "Паром идёт в 9.\n".encode(), b"---\nvaultc-kind: architecture\n---\nmine\n"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(WORDS, min_size=9, max_size=9),
    fields=st.lists(st.sampled_from(["files", "pending", "laid"]), unique=True),
    how=st.sampled_from(["theirs", "bare", "junk", "value"]),
    junk=st.binary(max_size=60),
    value=JSON,
)
def test_whatever_a_manifest_says_that_came_with_a_vault_no_file_of_the_person_changes(
    texts: list[bytes], fields: list[str], how: str, junk: bytes, value: Any, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path)
    place = Place(tmp_path)
    found = person(place, texts)
    data = {
        "theirs": lambda: forged(found, place, THEIRS, fields),
        "bare": lambda: forged(found, place, THEIRS, fields).partition(b"\n")[2],
        "junk": lambda: junk,
        "value": lambda: json.dumps(value).encode(),
    }[how]()
    unit = place.vault / ".vaultc" / unit_folder(place.unit.idea.path)
    unit.mkdir(parents=True)
    for name in ("manifest.json", "map.json"):
        (unit / name).write_bytes(data)

    for wanted in (place.unit, place.without(MODULE), changed(place.unit)):
        place.emitter().emit(wanted)

    now = {path: path.read_bytes() if path.is_file() else None for path in found}
    assert now == found


def test_even_of_a_true_record_a_note_without_vaultcs_mark_is_not_removed(tmp_path: Path) -> None:
    place = Place(tmp_path)
    found = person(place, [b"", b"The ferry leaves at nine.\n"])
    unit = place.vault / ".vaultc" / unit_folder(place.unit.idea.path)
    unit.mkdir(parents=True)
    (unit / "manifest.json").write_bytes(forged(found, place, SEAL, ["files"]))

    place.actions()

    assert {path: path.read_bytes() for path in found} == found


def test_all_that_is_generated_into_the_vault_bears_the_mark() -> None:
    place_unit = Place.unit_of()

    marks = {item.path: bears_mark(f"vault:{item.path}", item.text.encode()) for item in place_unit.artifacts}

    assert len(marks) >= 3
    assert set(marks.values()) == {True}
    assert not bears_mark("vault:a.md", b"# mine\n\nvaultc-kind: x\n")
    assert not bears_mark("vault:a.canvas", b"{}")


def test_a_vault_that_was_copied_to_another_machine_is_foreign_there_and_no_word_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path)
    place.actions()
    before = place.tree()
    monkeypatch.setattr("compiler.places.SEAL", THEIRS)

    same = place.emitter().emit(place.unit)
    later = place.emitter().emit(changed(place.unit))

    assert {item.action for item in same.writes} == {"unchanged"}
    assert {item.action for item in later.writes} <= {"updated", "unchanged"}  # byte for byte what is generated here
    assert {path for path in place.tree() if ".vaultc" not in path} == {
        path for path in before if ".vaultc" not in path
    }


def test_files_of_another_machine_that_differ_are_kept_and_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path)
    place.actions()
    before = (place.vault / NOTE).read_bytes()
    monkeypatch.setattr("compiler.places.SEAL", THEIRS)

    result = place.emitter().emit(changed(place.unit))

    assert (place.vault / NOTE).read_bytes() == before
    told = (
        f"{NOTE} has no record on this machine that vaultc wrote it; it is kept, and the new version is {NOTE}{BESIDE}"
    )
    assert told in [item.message for item in result.diagnostics]
    assert {item.rule.code for item in result.diagnostics} == {"V408"}


def test_so_many_output_folders_are_remembered_and_no_more(tmp_path: Path) -> None:
    state, idea = Root(tmp_path, allow_hidden=True), Place.unit_of().idea.path
    manifest = Manifest(idea, "")

    for number in range(MOST_OUTS + 5):
        manifest = manifest.for_out(f"/out{number}")
        written = Written({"out:a.py": digest_bytes(bytes([number])), "vault:a.md": digest_bytes(b"a")})
        manifest = Manifest(idea, manifest.out, written, manifest.others)
    save_manifest(state, SEAL, idea, manifest)

    assert load_manifest(state, SEAL, idea) == manifest
    assert list(manifest.others) == [f"/out{number}" for number in range(4, MOST_OUTS + 4)]
    back = manifest.for_out("/out7")
    assert back.is_ours("out:a.py", bytes([7]))
    assert not manifest.for_out("/out0").is_ours("out:a.py", bytes([0]))
    assert set(manifest.for_out("/out0").now.files) == {"vault:a.md"}

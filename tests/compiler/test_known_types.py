"""What mypy knows is kept between checks, changes no verdict, and cannot be changed by generated code."""

from __future__ import annotations

import io
import shutil
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from vaultc.compiler import known_types
from vaultc.compiler.check_package import check_package
from vaultc.compiler.known_types import lay_out
from vaultc.compiler.unit import CodeFile
from vaultc.disk.sandbox import available

if TYPE_CHECKING:
    from pathlib import Path

    from vaultc.compiler.unit import Check

pytestmark = [
    pytest.mark.native,
    pytest.mark.skipif(available() is None, reason="this system offers no sandbox"),
]

OPTIONS = ("--strict", "--no-error-summary", "--sqlite-cache")
GOOD = "def twice(number: int) -> int:\n    return number * 2\n"
BAD = 'def twice(number: int) -> int:\n    return "two"\n'


SMALL = "import sys\n"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less is read in less time."""
    monkeypatch.setattr(known_types, "_SEED", SMALL)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with what mypy knows in it."""
    home = tmp_path_factory.mktemp("known")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(known_types, "_SEED", SMALL)
        assert lay_out(home / "home", home / "copy", OPTIONS)
    return home / "home"


def typed(text: str, caches: Path | None) -> Check:
    """Give what mypy says of a package with one module."""
    files = (CodeFile("pack/__init__.py", "python", "", ()), CodeFile("pack/core.py", "python", text, ()))
    return next(item for item in check_package(files, "pack", caches) if item.name == "types")


def kept(caches: Path) -> Path:
    (found,) = caches.glob("mypy-*.zip")
    return found


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """A home for one test."""
    return shutil.copytree(made, tmp_path / "home")


def zipped(**files: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return data.getvalue()


def test_the_seed_is_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()

    exec(known_types._SEED, {})


def test_it_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"

    first = lay_out(home, tmp_path / "first", OPTIONS)
    monkeypatch.setattr(known_types, "run_boxed", lambda *_, **__: pytest.fail("made again"))
    second = lay_out(home, tmp_path / "second", OPTIONS)

    assert first
    assert second
    names = [{path.name for path in (tmp_path / folder).rglob("*.db")} for folder in ("first", "second")]
    assert names[0] == names[1] != set()
    assert kept(home).stat().st_mode & 0o777 == 0o600


def test_other_options_or_versions_know_other_things(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_types, "run_boxed", lambda *_, **__: pytest.fail("made"))

    with pytest.raises(pytest.fail.Exception):
        lay_out(home, home / "x", ("--python-version=3.12",))
    monkeypatch.setattr(sys, "version", "another")
    with pytest.raises(pytest.fail.Exception):
        lay_out(home, home / "y", OPTIONS)


def test_the_verdict_is_the_same_with_it_and_without(home: Path) -> None:
    text = "import nowhere\nfrom json import nothing\n" + BAD

    found = typed(text, home)

    assert found == typed(text, None)
    assert found.failed == 3


def test_generated_code_does_not_reach_it(home: Path) -> None:
    before = kept(home).read_bytes()
    attack = (
        "import pathlib\n"
        "for place in (pathlib.Path('.'), pathlib.Path('..'), pathlib.Path({home!r})):\n"
        "    for path in [*place.rglob('*.db'), *place.rglob('*.zip'), place / 'x.zip']:\n"
        "        try:\n"
        "            path.write_bytes(b'poison')\n"
        "        except OSError:\n"
        "            pass\n"
    )

    typed(attack.format(home=str(home)), home)

    assert [path.name for path in home.iterdir()] == [kept(home).name]
    assert kept(home).read_bytes() == before
    assert typed(BAD, home).status == "failed"


def test_what_mypy_cannot_read_changes_no_verdict(home: Path) -> None:
    kept(home).write_bytes(zipped(**{f"{sys.version_info[0]}.{sys.version_info[1]}__cache.0.db": b"no database"}))

    assert typed(GOOD, home).status == "passed"


@pytest.mark.parametrize(
    "damaged", [b"", b"no archive", zipped(**{"..__out.db": b""})], ids=["empty", "not an archive", "leads out"]
)
def test_what_is_damaged_is_made_anew(damaged: bytes, home: Path, tmp_path: Path) -> None:
    whole = kept(home).read_bytes()
    kept(home).write_bytes(damaged)

    assert lay_out(home, tmp_path / "copy", OPTIONS)

    assert len(kept(home).read_bytes()) > len(whole) // 2
    assert list((tmp_path / "copy").rglob("*.db"))
    assert not (tmp_path / "out.db").exists()


def test_a_home_that_cannot_be_written_costs_time_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("a file", encoding="ascii")

    assert typed(BAD, home).status == "failed"
    assert home.read_text(encoding="ascii") == "a file"


def test_a_few_are_kept(tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / f"mypy-{number}.zip").touch()
    (tmp_path / "other.zip").touch()

    lay_out(tmp_path, tmp_path / "made", OPTIONS)

    assert len(list(tmp_path.glob("mypy-*.zip"))) == 4
    assert max(path.stat().st_size for path in tmp_path.glob("mypy-*.zip")) > 0
    assert (tmp_path / "other.zip").exists()

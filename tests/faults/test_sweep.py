"""A run that breaks off at any call that changes a file: the next one ends as if nothing had been.

One process loads everything and forks for each place; `FAULT_DENSITY=1000` tries every place instead of some.
"""

from __future__ import annotations

import shutil
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from faults.conftest import some
from faults.driver import Ended, Fault, Server, copy_of, dump, files_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KILLS = (Fault.KILL, Fault.KILL_HALF, Fault.KILL_ONE)
WRITES_ONLY = (Fault.KILL_HALF, Fault.SHORT)


@dataclass(frozen=True)
class Scene:
    """A vault before a run, and what the run leaves when nothing goes wrong."""

    server: Server
    area: Path
    before: Path
    whole: Ended
    good: dict[str, Any]

    def index(self, fault: Fault = Fault.NONE, at: int = 0, *more: str) -> Ended:
        environment = {"HOME": str(self.area / "home"), "XDG_STATE_HOME": str(self.area / "home/state")}
        return self.server("index", self.vault, *more, counted=self.area, fault=fault, at=at, environment=environment)

    @property
    def vault(self) -> Path:
        return self.area / "vault"

    @property
    def catalog(self) -> Path:
        return self.vault / ".vaultc/catalog.db"

    def places(self, fault: Fault, step: int) -> list[int]:
        """Give the calls at which a fault is tried; half a write is only half of a write."""
        is_wanted = {"w"} if fault in WRITES_ONLY else set(self.whole.kinds)
        calls = [at for at, kind in enumerate(self.whole.kinds, 1) if kind in is_wanted]
        return [calls[n] for n in some(len(calls), step)]

    def breaks_off(self, fault: Fault, at: int) -> str:
        """Run with a fault, run again, and tell what is wrong; empty where all is well."""
        copy_of(self.before, self.vault)
        broken = self.index(fault, at)
        if not broken.is_calm and not (fault in KILLS and broken.code == -signal.SIGKILL):
            return f"the run ended with {broken.code}: {broken.said}"
        again = self.index()
        if again.code != 0:
            return f"the next run ended with {again.code}: {again.said}"
        if "V203" in again.said:
            return f"the next run made the index anew: {again.said}"
        if files_of(self.vault) != files_of(self.before):
            return "a file of the person changed"
        if left := list((self.vault / ".vaultc").rglob("*.tmp")):
            return f"temporary files stay: {left}"
        return "" if dump(self.catalog) == self.good else "the index is another"


def changed(vault: Path) -> None:
    """Do to an indexed vault what a person does: edit, remove, rename, add."""
    (vault / "Garden.md").write_text("# Garden\n\nNothing grows. [[Часы]]\n", "utf-8")
    (vault / "Сад/Бак.md").unlink()
    (vault / "Tide.md").rename(vault / "Tides.md")
    (vault / "new.md").write_text("# New\n\nА new pump, новый насос. [[Tides]]\n", "utf-8")


def scene(server: Server, notes: Path, area: Path, *, is_second: bool) -> Scene:
    """Prepare a first run, or a second one over changes."""
    before = copy_of(notes, area.parent / f"{area.name}-before")
    made = Scene(server, area, before, Ended(0, "", 0, ""), {})
    if is_second:
        copy_of(before, made.vault)
        assert made.index().code == 0
        changed(made.vault)
        shutil.rmtree(before)
        copy_of(made.vault, before)
    copy_of(before, made.vault)
    made.index()  # the home is there now, as it is for every run of the sweep
    copy_of(before, made.vault)
    whole = made.index()
    assert whole.code == 0, whole.said
    return Scene(server, area, before, whole, dump(made.catalog))


@pytest.fixture(scope="module", params=["first", "second"])
def plain(
    request: pytest.FixtureRequest, shim: Path, notes: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    """A run without the vector store."""
    scratch = tmp_path_factory.mktemp("plain")
    with Server(shim, scratch) as server:
        yield scene(server, notes, scratch / "area", is_second=request.param == "second")


@pytest.fixture(scope="module", params=["first", "second"])
def with_chroma(
    request: pytest.FixtureRequest, shim: Path, notes: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    """A run with the vector store, which writes its graph to the disk after a few vectors."""
    scratch = tmp_path_factory.mktemp("chroma")
    with Server(shim, scratch, chroma=True) as server:
        yield scene(server, notes, scratch / "area", is_second=request.param == "second")


def test_an_undisturbed_run_equals_a_first_one(plain: Scene) -> None:
    copy_of(plain.before, plain.vault)
    shutil.rmtree(plain.vault / ".vaultc", ignore_errors=True)

    assert plain.index().code == 0
    assert dump(plain.catalog) == plain.good
    assert plain.whole.count > 100


@pytest.mark.parametrize(
    ("fault", "step"),
    [
        (Fault.KILL, 20),
        (Fault.KILL_HALF, 30),
        (Fault.ENOSPC_ONCE, 44),
        (Fault.ENOSPC_ON, 48),
        (Fault.EIO_ONCE, 58),
        (Fault.SHORT, 90),
    ],
    ids=lambda value: value.name.lower() if isinstance(value, Fault) else "",
)
def test_a_run_that_breaks_off_is_ended_by_the_next(plain: Scene, fault: Fault, step: int) -> None:
    wrong = {at: said for at in plain.places(fault, step) if (said := plain.breaks_off(fault, at))}

    assert wrong == {}


@pytest.mark.parametrize(
    ("fault", "step"),
    [
        (Fault.KILL, 120),
        (Fault.KILL_ONE, 150),
        (Fault.KILL_HALF, 170),
        (Fault.ENOSPC_ONCE, 220),
        (Fault.ENOSPC_ON, 240),
        (Fault.EIO_ONCE, 240),
    ],
    ids=lambda value: value.name.lower() if isinstance(value, Fault) else "",
)
def test_a_vector_store_that_breaks_off_is_ended_by_the_next_run(with_chroma: Scene, fault: Fault, step: int) -> None:
    wrong = {}
    for at in with_chroma.places(fault, step):
        said = with_chroma.breaks_off(fault, at)
        if not said:
            checked = with_chroma.index(Fault.NONE, 0, "--verify")  # compares every vector and looks each one up
            said = checked.said if checked.code or "V20" in checked.said else ""
        if said:
            wrong[at] = said

    assert wrong == {}

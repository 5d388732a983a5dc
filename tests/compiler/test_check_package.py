"""What is made of how a boxed check ended; the box itself is played."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from vaultc.compiler import check_package as module
from vaultc.compiler.check_package import check_package
from vaultc.compiler.unit import CodeFile
from vaultc.disk.confine import Box, BoxResult
from vaultc.disk.sandbox import Found

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vaultc.compiler.unit import Check

FILES = tuple(CodeFile(path, "python", "", ()) for path in ("kettle/__init__.py", "tests/test_kettle.py"))
REFUSED = "network and new sessions"


def ended(returncode: int = 0, *, stopped: str | None = None, stderr: str = "") -> BoxResult:
    return BoxResult(returncode, "", stderr, stopped, REFUSED)


@pytest.fixture
def tests_with(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Path], BoxResult]], Check]:
    """Give the check of tests when pytest in the box does this in its folder."""

    def check(play: Callable[[Path], BoxResult]) -> Check:
        def run(argv: list[str], *, folder: Path, **_: Any) -> BoxResult:
            return play(folder) if "pytest" in argv else ended()

        monkeypatch.setattr(module, "available", lambda: Box("landlock", 7))
        monkeypatch.setattr(module, "run_boxed", run)
        return next(item for item in check_package(FILES, "kettle") if item.name == "tests")

    return check


def test_a_limit_that_ended_a_check_is_named(tests_with: Callable[[Callable[[Path], BoxResult]], Check]) -> None:
    tests = tests_with(lambda _: ended(-9, stopped="its processes used more than 4 GiB of memory"))

    assert tests.status == "failed"
    assert tests.detail == "ended by the sandbox: its processes used more than 4 GiB of memory"


def test_a_refusal_of_the_box_is_told_from_a_fault_of_the_code(
    tests_with: Callable[[Callable[[Path], BoxResult]], Check],
) -> None:
    refused = tests_with(lambda _: ended(1, stderr="PermissionError: [Errno 1] Operation not permitted: 'copy'"))
    faulty = tests_with(lambda _: ended(1, stderr="AssertionError"))

    assert f"the sandbox refuses {REFUSED}; what needs that cannot be checked here" in refused.detail
    assert faulty.detail == "AssertionError"


@pytest.mark.parametrize("kind", ["pipe", "link", "folder"])
def test_what_a_test_put_in_the_place_of_the_report_is_not_followed(
    tests_with: Callable[[Callable[[Path], BoxResult]], Check], kind: str, tmp_path: Path
) -> None:
    (tmp_path / "of-the-person.xml").write_text("<a><testcase/></a>", encoding="ascii")

    def play(folder: Path) -> BoxResult:
        report = folder / "junit-report.xml"
        if kind == "pipe":
            os.mkfifo(report)
        elif kind == "link":
            report.symlink_to(tmp_path / "of-the-person.xml")
        else:
            report.mkdir()
        return ended()

    tests = tests_with(play)

    assert (tests.passed, tests.failed) == (0, 0)


def test_where_no_sandbox_holds_each_check_says_why_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "available", lambda: None)
    monkeypatch.setattr(module, "examine_sandbox", lambda: Found(None, ("landlock: the kernel has no Landlock",)))

    checks = check_package(FILES, "kettle")

    assert [item.status for item in checks] == ["passed", "skipped", "skipped", "skipped"]
    assert "landlock: the kernel has no Landlock; install bubblewrap" in checks[1].detail

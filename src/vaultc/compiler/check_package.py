"""Checks of a generated package: it parses, imports, type-checks, and its tests run; the last three only in a box."""

from __future__ import annotations

import ast
import importlib.util
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from vaultc.compiler.known_types import lay_out
from vaultc.compiler.unit import Check, CodeFile
from vaultc.core.errors import VaultError
from vaultc.disk.policy import Root
from vaultc.disk.read import read_file
from vaultc.disk.sandbox import HINT, available, examine_sandbox, python_paths, run_boxed
from vaultc.disk.scratch import scratch_folder
from vaultc.disk.write import write_atomic

if TYPE_CHECKING:
    from vaultc.disk.confine import BoxResult

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
_TIMEOUT_S = 180.0
_MEMORY_BYTES = 4 << 30
_OUTPUT_BYTES = 200_000
_MAX_DETAIL = 6_000
_MAX_REPORT_BYTES = 16 << 20
_REPORT = "junit-report.xml"
_MYPY = ("--strict", "--no-error-summary", "--sqlite-cache")


def check_package(files: tuple[CodeFile, ...], package: str, caches: Path | None = None) -> tuple[Check, ...]:
    """Give what the checks of the package find; nothing generated is run outside a box.

    `caches` is a folder where what mypy knows of the standard library is kept from one check to the next.
    """
    parsed = _parse(files)
    if parsed.status == FAILED:
        return (parsed,)
    if available() is None:
        why = f"{examine_sandbox()}; {HINT}"
        return (parsed, *(Check(name, SKIPPED, why) for name in ("import", "types", "tests")))
    with scratch_folder("vaultc-check-") as outer:
        folder = outer / "package"
        root = Root(folder)
        for file in files:
            write_atomic(root, file.path, file.text.encode("utf-8", "surrogatepass"))
        # Types first: nothing generated has run yet, so the copy of what mypy knows is as we laid it out.
        types = _types(folder, package, caches)
        return (parsed, _imports(folder, files, package), types, _tests(folder))


def _parse(files: tuple[CodeFile, ...]) -> Check:
    broken = []
    for file in files:
        if file.path.endswith(".py"):
            try:
                ast.parse(file.text, file.path)
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                broken.append(f"{file.path}: {error}")
    return Check("parse", FAILED if broken else PASSED, "\n".join(broken), len(files) - len(broken), len(broken))


def _boxed(folder: Path, *args: str) -> BoxResult | str:
    """Run the interpreter in the box; give why it could not be run."""
    try:
        return run_boxed(
            [sys.executable, *args],
            folder=folder,
            readable=python_paths(),
            timeout_s=_TIMEOUT_S,
            memory_bytes=_MEMORY_BYTES,
            output_bytes=_OUTPUT_BYTES,
        )
    except VaultError as error:
        return error.message


def _imports(folder: Path, files: tuple[CodeFile, ...], package: str) -> Check:
    modules = sorted(
        file.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        for file in files
        if file.path.startswith(f"{package}/") and file.path.endswith(".py") and not file.path.endswith("__main__.py")
    )
    code = f"import sys; sys.path.insert(0, '.'); import importlib; [importlib.import_module(m) for m in {modules!r}]"
    result = _boxed(folder, "-c", code)
    if isinstance(result, str):
        return Check("import", SKIPPED, result)
    failed = result.returncode != 0
    return Check("import", FAILED if failed else PASSED, _shown(result) if failed else "", len(modules))


def _types(folder: Path, package: str, caches: Path | None) -> Check:
    if importlib.util.find_spec("mypy") is None:
        return Check("types", SKIPPED, "mypy is not installed")
    result = _typed(folder, package, caches)
    if isinstance(result, str):
        return Check("types", SKIPPED, result)
    if result.returncode == 0 and result.stopped is None:
        return Check("types", PASSED)
    failed = sum(": error:" in line for line in result.stdout.splitlines())
    return Check("types", FAILED, _shown(result), 0, max(failed, 1))


def _typed(folder: Path, package: str, caches: Path | None) -> BoxResult | str:
    names = [name for name in (package, "tests") if (folder / name).is_dir()]
    if caches is not None:
        with tempfile.TemporaryDirectory(prefix=".known-", dir=folder) as known:
            if lay_out(caches, Path(known), _MYPY):
                result = _boxed(folder, "-P", "-m", "mypy", *_MYPY, f"--cache-dir={Path(known).name}", *names)
                if isinstance(result, str) or result.stopped is not None or result.returncode in (0, 1):
                    return result
    # There is nothing kept, or mypy could make nothing of it; what it says without is what counts.
    return _boxed(folder, "-P", "-m", "mypy", *_MYPY, "--cache-dir=/dev/null", *names)


def _tests(folder: Path) -> Check:
    if importlib.util.find_spec("pytest") is None:
        return Check("tests", SKIPPED, "pytest is not installed")
    # Plugins that happen to be installed beside us are no part of the package: they change what its tests do, and cost
    # more time than the tests.
    args = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--disable-plugin-autoload", "--no-header",
            f"--junitxml={_REPORT}", "--rootdir=.")  # fmt: skip
    # A traceback for each test that is expected to fail takes ten times as long as the tests: made only when needed.
    result = _boxed(folder, *args, "--tb=line")
    if not isinstance(result, str) and result.returncode == 1 and result.stopped is None:
        result = _boxed(folder, *args, "--tb=short")
    if isinstance(result, str):
        return Check("tests", SKIPPED, result)
    passed, failed, xfailed = _counts(folder / _REPORT)
    good = result.returncode == 0 and failed == 0 and result.stopped is None
    if result.returncode == 5:
        return Check("tests", PASSED, "no tests")
    return Check("tests", PASSED if good else FAILED, "" if good else _shown(result), passed, failed, xfailed)


def _counts(report: Path) -> tuple[int, int, int]:
    """Give the numbers of tests passed, failed and expected to fail."""
    try:  # a test may have put a link, a pipe or anything large in its place
        data = read_file(report, most=_MAX_REPORT_BYTES, follows=False)
        tree = ElementTree.fromstring(data)  # noqa: S314 - expat expands no entities
    except (OSError, ElementTree.ParseError):
        return 0, 0, 0
    passed = failed = xfailed = 0
    for case in tree.iter("testcase"):
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif skipped is not None:
            xfailed += skipped.get("type") == "pytest.xfail"
        else:
            passed += 1
    return passed, failed, xfailed


def _shown(result: BoxResult) -> str:
    text = "\n".join(part for part in (result.stdout.strip(), result.stderr.strip()) if part)
    if len(text) > _MAX_DETAIL:
        text = f"{text[: _MAX_DETAIL // 2]}\n…\n{text[-_MAX_DETAIL // 2 :]}"
    if result.stopped is not None:
        return f"ended by the sandbox: {result.stopped}\n{text}".rstrip()
    if any(word in text for word in ("PermissionError", "not permitted", "Read-only file system")):
        text += f"\nthe sandbox refuses {result.refused}; what needs that cannot be checked here"
    return text or f"ended with {result.returncode}"

"""`vaultc model check` on the example vault, with models that read."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING

import pytest
from cli.conftest import tree_digest
from evaluation.readers import FIRST_CALLS, Reader, is_long, keeps_last, loses_the_middle, model
from PIL import Image
from rich.console import Console

from vaultc.app.models import context_check
from vaultc.app.models.opening import windowed
from vaultc.app.session import Session
from vaultc.cli import model_check_view, render
from vaultc.model.protocols import ModelSpec

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Done

    from vaultc.model.protocols import Prompt
    from vaultc.model.scripted import ChatScript

QUICK = ("--quick", "--min", "1024", "--max", "2048")
SMALL = (*QUICK, "--tasks", "single", "--depths", "3", "--samples", "1")


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[ChatScript], ChatScript]:
    """Make a scripted model the one that the settings name."""

    def put(script: ChatScript) -> ChatScript:
        monkeypatch.setattr(context_check, "open_bare", lambda session, context_tokens: script)
        return script

    return put


def test_what_passed_is_the_window_that_ask_and_compile_keep_to(
    run: Callable[..., Done], vault: Path, use: Callable[[ChatScript], ChatScript]
) -> None:
    before = tree_digest(vault)
    script = use(keeps_last(900))

    done = run("model", "check", "--vault", vault, *QUICK, "--json")

    document = done.json
    assert done.code == 0
    assert document["window_tokens"] == 1024
    assert {"tokens", "depth", "task", "lang", "passed", "trials"} <= document["cells"][0].keys()
    assert sum(cell["trials"] for cell in document["cells"]) == 2 * 5 * 7 * 2 * 4
    assert document["context"] == {
        "asked_tokens": 2048, "served_tokens": 131_072, "kv_type": "", "loras": [], "rope": {}
    }  # fmt: skip
    assert [length["passed"] for length in document["lengths"]] == [True, False]
    assert document["lengths"][1]["truncated"] == 2 * 5 * 7 * 4
    assert windowed(Session.open(vault), script).spec.window_tokens == 1024
    assert tree_digest(vault) == before


def test_the_haystack_is_text_of_the_vault_in_both_languages(
    run: Callable[..., Done], vault: Path, use: Callable[[ChatScript], ChatScript]
) -> None:
    script = use(model(Reader()))

    run("model", "check", "--vault", vault, *SMALL)

    notes = "\n".join(path.read_text("utf-8") for path in vault.rglob("*.md"))
    known = set(re.findall(r"\w+", notes))
    long = [call.prompt.messages[-1].content for call in script.calls if is_long(call.prompt)]
    assert len(long) == 2 * 3 * 2
    for text in long:
        body = text[text.index("\n") : text.rindex("</data>")]
        words = re.findall(r"\w+", body)
        assert sum(word not in known for word in words) <= 12  # the words of one hidden sentence


def test_what_was_measured_is_kept_and_not_asked_again(
    run: Callable[..., Done], vault: Path, use: Callable[[ChatScript], ChatScript]
) -> None:
    first, second, third = (model(Reader(sees=loses_the_middle)) for _ in range(3))

    use(first)
    one = run("model", "check", "--vault", vault, *SMALL, "--json").json
    use(second)
    two = run("model", "check", "--vault", vault, *SMALL, "--json").json
    use(third)
    run("model", "check", "--vault", vault, *SMALL, "--again")

    assert len(first.calls) == len(third.calls) == 12 + 2 * FIRST_CALLS
    assert second.calls == []
    assert one["cells"] == two["cells"]


def test_what_another_machine_measured_is_asked_again(
    run: Callable[..., Done], vault: Path, use: Callable[[ChatScript], ChatScript], own_home: Path
) -> None:
    script = use(model(Reader()))
    run("model", "check", "--vault", vault, *SMALL)
    first = len(script.calls)
    (own_home / "state/vaultc/record-key").write_bytes(b"0" * 64 + b"\n")

    run("model", "check", "--vault", vault, *SMALL)
    second = len(script.calls)
    run("model", "check", "--vault", vault, *SMALL)

    assert second == 2 * first
    assert len(script.calls) == second


def test_an_interrupt_shows_what_there_is_and_the_next_run_goes_on(
    run: Callable[..., Done], vault: Path, use: Callable[[ChatScript], ChatScript]
) -> None:
    reader, count = Reader(), [0]

    def interrupted(prompt: Prompt) -> str:
        count[0] += is_long(prompt)
        if count[0] == 8:
            raise KeyboardInterrupt
        return reader(prompt)

    use(model(interrupted))
    stopped = run("model", "check", "--vault", vault, *SMALL)
    rest = use(model(reader))
    done = run("model", "check", "--vault", vault, *SMALL)

    assert stopped.code == 130
    assert "the check was not finished; run it again to go on" in stopped.out
    assert "interrupted; what was finished is kept" in stopped.err
    assert sum(is_long(call.prompt) for call in rest.calls) == 12 - 7
    assert done.code == 0
    assert "7 known from before" in done.err


def test_map_and_cells_are_written_where_asked(
    run: Callable[..., Done], vault: Path, tmp_path: Path, use: Callable[[ChatScript], ChatScript]
) -> None:
    use(model(Reader()))

    printed = run("model", "check", "--vault", vault, *SMALL, "--out", tmp_path / "map", "--json").json
    run("model", "check", "--vault", vault, *SMALL)

    written = json.loads((tmp_path / "map" / "context.json").read_text("utf-8"))
    assert written["cells"] == printed["cells"]
    assert written["files"] == [str(tmp_path / "map" / f"context.{ending}") for ending in ("png", "json")]
    assert Image.open(io.BytesIO((tmp_path / "map" / "context.png").read_bytes())).format == "PNG"
    assert {path.suffix for path in (vault / ".vaultc" / "context").iterdir()} == {".png", ".json", ".jsonl"}


@pytest.mark.parametrize("name", ["context.png", "context.json"])
def test_a_file_of_the_person_is_not_written_over_and_said_before_anything_is_asked(
    run: Callable[..., Done], vault: Path, tmp_path: Path, use: Callable[[ChatScript], ChatScript], name: str
) -> None:
    script = use(model(Reader()))
    (tmp_path / name).write_text("mine")

    done = run("model", "check", "--vault", vault, *SMALL, "--out", tmp_path)

    assert done.code == 2
    assert f'"{tmp_path / name}" is there' in done.err
    assert (tmp_path / name).read_text() == "mine"
    assert script.calls == []


def test_our_own_map_is_written_anew_and_one_that_was_changed_is_kept(
    run: Callable[..., Done], vault: Path, tmp_path: Path, use: Callable[[ChatScript], ChatScript]
) -> None:
    use(model(Reader()))
    check = ("model", "check", "--vault", vault, *SMALL, "--out", tmp_path)
    first = run(*check)
    before = (tmp_path / "context.json").read_text("utf-8")

    again = run(*check)
    (tmp_path / "context.json").write_text(before.replace('"seconds"', '"my_seconds"'), "utf-8")
    refused = run(*check)

    assert [done.code for done in (first, again, refused)] == [0, 0, 2]
    assert "my_seconds" in (tmp_path / "context.json").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--tasks", "needle"), 'no task "needle"'),
        (("--lang", "de"), 'no language "de"'),
        (("--max", "100"), "cannot be checked"),
        (("--samples", "9999"), "samples cannot be taken"),
        (("--depths", "500"), "depths cannot be checked"),
    ],
)
def test_what_cannot_be_checked_is_wrong_use(
    run: Callable[..., Done], vault: Path, use: Callable[[ChatScript], ChatScript], arguments: tuple[str], said: str
) -> None:
    script = use(model(Reader()))

    done = run("model", "check", "--vault", vault, *arguments)

    assert done.code == 2
    assert said in done.err
    assert script.calls == []


def test_without_a_model_there_is_nothing_to_check(run: Callable[..., Done], vault: Path) -> None:

    done = run("model", "check", "--vault", vault)

    assert done.code == 2
    assert "there is no model to check" in done.err


def test_a_check_of_a_few_tasks_keeps_no_window(
    run: Callable[..., Done], vault: Path, use: Callable[[ChatScript], ChatScript]
) -> None:
    script = use(model(Reader()))

    done = run("model", "check", "--vault", vault, *SMALL)

    assert "no working window is kept: without twins" in done.out
    assert windowed(Session.open(vault), script).spec == script.spec


@pytest.mark.parametrize("width", [80, 100])
def test_the_map_fits_a_terminal(
    run: Callable[..., Done],
    vault: Path,
    use: Callable[[ChatScript], ChatScript],
    monkeypatch: pytest.MonkeyPatch,
    width: int,
) -> None:
    use(model(Reader(sees=loses_the_middle)))
    screen = Console(highlight=False, soft_wrap=True, width=width, file=io.StringIO(), force_terminal=True)
    for module in (render, model_check_view):
        monkeypatch.setattr(module, "out", screen)

    run("model", "check", "--vault", vault, "--min", "512", "--max", "16384", "--tasks", "single,absent",
        "--samples", "1", "--depths", "5", "--lang", "en")  # fmt: skip

    assert isinstance(screen.file, io.StringIO)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", screen.file.getvalue()).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("en "))
    table = next(number for number, line in enumerate(lines) if line.startswith("task "))
    assert lines[start].split() == ["en", "512", "1K", "2K", "4K", "8K", "16K"]
    assert lines[start + 3].split() == ["50", "%", *["50"] * 6]
    assert max(map(len, lines[start : table + 5])) <= width


def test_a_note_says_that_a_model_was_never_checked(vault: Path, run: Callable[..., Done]) -> None:
    session, script = Session.open(vault), model(Reader())
    script._spec = ModelSpec("big", script.spec.digest, 1, 131_072)

    assert windowed(session, script).spec.working_tokens == 65_536
    windowed(session, script)

    assert session.notes == [
        "65,536 of the 131,072 tokens of big are filled: it was never checked how many it reads reliably; "
        "`vaultc model check` measures it"
    ]


@pytest.mark.model
def test_the_starter_model_is_measured_and_reads_what_is_counted(run: Callable[..., Done], vault: Path) -> None:
    from vaultc.model.file.spec import starter_model

    done = run("model", "check", "--vault", vault, "--model", starter_model(), "--max", "600", "--lang", "en",
               "--tasks", "single", "--samples", "1", "--depths", "1", "--json").json  # fmt: skip

    assert done["lengths"][0]["truncated"] == 0
    assert [cell["trials"] for cell in done["cells"]] == [1]
    assert done["context"]["served_tokens"] == done["context"]["asked_tokens"] == 600
    assert done["context"]["kv_type"] == "f16"
    assert done["context"]["rope"]["rope.freq_base"] == 100_000.0
    assert done["window_tokens"] is None

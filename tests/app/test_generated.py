"""What vaultc wrote into the vault is no evidence: it feeds no search, answer, finding or compile."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from acceptance.tool import Tool
from cli.conftest import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Done

__all__ = ["run"]
QUICK = ("--no-run-tests",)
IDEA = "# Kettle\n\nThe kettle holds 3 litres.\n\n- The kettle must weigh at most 2 kg.\n"
LATER = IDEA.replace("3 litres", "5 litres")


class Vault:
    """A vault, and commands on it."""

    def __init__(self, root: Path, run: Callable[..., Done]) -> None:
        self.root, self._run = root, run

    @property
    def idea(self) -> Path:
        """The idea note."""
        return self.root / "Kettle.md"

    def __call__(self, *arguments: object) -> Any:
        """Run a command on it and give its document."""
        done = self._run(*arguments, "--vault", self.root, "--json")
        assert done.code in (0, 1), done.err
        return done.json

    def look(self) -> None:
        """Bring the index up to date, as each search does."""
        self("search", "kettle", "--lexical")

    def compile(self) -> Any:
        """Compile the idea."""
        return self("compile", "Kettle.md", "--out", self.root / "code", *QUICK)

    def notes(self) -> dict[str, Any]:
        """Give how many notes are generated, and which are known by their mark alone."""
        found: dict[str, Any] = self("status")["generated"]
        return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault with generated notes, a generated canvas and generated code in it, and the state of its machine."""
    folder = tmp_path_factory.mktemp("made")
    root = folder / "vault"
    root.mkdir()
    (root / "Kettle.md").write_text(IDEA, encoding="utf-8")
    (root / "Kitchen.md").write_text("# Kitchen\n\nSee [[code/README]] of the [[Kettle]].\n", encoding="utf-8")
    tool = Tool(folder, folder).using(XDG_STATE_HOME=str(folder / "state"))
    for arguments in (("index", root), ("compile", "Kettle.md", "--vault", root, "--out", root / "code", *QUICK)):
        done = tool(*arguments)
        assert done.code == 0, done.err
    return folder


@pytest.fixture
def vault(made: Path, tmp_path: Path, run: Callable[..., Done], monkeypatch: pytest.MonkeyPatch) -> Vault:
    """A copy of it for one test, on the same machine."""
    for name in ("vault", "state"):
        shutil.copytree(made / name, tmp_path / name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return Vault(tmp_path / "vault", run)


def test_a_stale_readme_contradicts_nothing_and_is_cited_nowhere(vault: Vault) -> None:
    assert "3 litres" in (vault.root / "code/README.md").read_text(encoding="utf-8")
    vault.idea.write_text(LATER, encoding="utf-8")

    found = vault("findings", "contradictions")["findings"]
    answer = vault("ask", "How many litres does the kettle hold?")
    checked = vault("check")["diagnostics"]

    assert found == []
    assert {place["path"] for said in answer["sentences"] for place in said["citations"]} == {"Kettle.md"}
    assert not [item for item in checked if item["code"] in ("V502", "V503")]
    assert {item["note"] for item in vault("search", "litres kettle")["passages"]} == {"Kettle.md", "Kitchen.md"}


def test_a_second_compile_into_the_vault_writes_nothing_and_requires_the_same(vault: Vault) -> None:
    vault.look()

    second = vault.compile()

    assert {item["action"] for item in second["writes"]} == {"unchanged"}
    assert [item["text"] for item in second["requirements"]] == [
        "The kettle holds 3 litres.",
        "The kettle must weigh at most 2 kg.",
    ]
    assert not any(item["ran"] for item in second["passes"] if item["name"] not in ("gather", "check"))


def test_links_to_a_generated_file_resolve_and_its_lines_are_traced(vault: Vault) -> None:
    links = vault("links", "Kitchen.md")["links"]
    trace = vault("trace", f"{vault.root}/code/README.md:3")

    assert [link["resolved"]["path"] for link in links] == ["code/README.md", "Kettle.md"]
    assert trace["to"][0]["text"] == "The kettle holds 3 litres."


def test_how_many_notes_are_left_out_is_said(vault: Vault) -> None:
    vault.look()

    assert vault.notes() == {"notes": 4, "unrecorded": []}


def test_a_mark_that_came_with_a_note_is_told_of(vault: Vault) -> None:
    (vault.root / "Theirs.md").write_text("---\nvaultc-kind: architecture\n---\n# Theirs\n", encoding="utf-8")
    vault.look()

    assert vault.notes() == {"notes": 5, "unrecorded": ["Theirs.md"]}


def test_an_index_that_took_a_generated_file_for_a_note_is_put_right(vault: Vault, tmp_path: Path) -> None:
    key = tmp_path / "state/vaultc/record-key"
    kept = key.read_bytes()
    key.write_bytes(b"0" * 64 + b"\n")
    vault.look()
    without = vault.notes()["notes"]
    key.write_bytes(kept)

    vault.look()

    assert without == 3  # the notes and the canvas say themselves what they are
    assert vault.notes()["notes"] == 4


def test_what_vaultc_wrote_is_found_where_a_person_asks_for_it(vault: Vault) -> None:
    found = vault("search", "kettle litres", "--generated")["passages"]
    none = vault("search", "no such words at all", "--generated")["passages"]

    assert {"code/README.md", "Kettle.architecture.md"} <= {item["note"] for item in found}
    assert not {"Kettle.md", "Kitchen.md"} & {item["note"] for item in found}
    assert any("The kettle holds 3 litres." in item["place"]["text"] for item in found)
    assert none == []


def test_a_generated_file_is_no_idea(vault: Vault, run: Callable[..., Done]) -> None:
    done = run("compile", "code/README.md", "--out", vault.root / "other", "--vault", vault.root)

    assert done.code == 2
    assert "was written by vaultc" in done.err


def test_a_file_of_the_person_in_the_output_folder_stays_evidence(vault: Vault) -> None:
    (vault.root / "code/Mine.md").write_text("# Mine\n\nThe lid of the samovar is copper.\n", encoding="utf-8")

    found = vault("search", "samovar lid copper")["passages"]

    assert [item["note"] for item in found][:1] == ["code/Mine.md"]

"""The token, and what programs may name."""

from __future__ import annotations

import stat
import time
from typing import TYPE_CHECKING

import pytest
from conftest import one_machine
from fakes import write_vault

from vaultc.app.indexing import index_vault
from vaultc.app.serving import ServedVault, serve_token
from vaultc.core.errors import StoreError, UsageError
from vaultc.index.catalog import delete_catalog, open_catalog
from vaultc.model.scripted import ChatScript

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vaultc.app.session import Session
    from vaultc.core.event import Report


def test_the_token_is_made_once_and_only_its_owner_can_read_it() -> None:
    first, second = serve_token(), serve_token()

    assert first == second
    assert len(first.secret) == 43
    assert stat.S_IMODE(first.path.stat().st_mode) == 0o600


def test_a_new_token_replaces_the_old_one() -> None:
    first, second = serve_token(), serve_token(renew=True)

    assert first.secret != second.secret
    assert serve_token() == second


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o606])
def test_a_token_that_others_could_read_is_replaced(mode: int) -> None:
    first = serve_token()
    first.path.chmod(mode)

    second = serve_token()

    assert first.secret != second.secret
    assert stat.S_IMODE(second.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"short\n", b"a" * 43, b"\xff" * 43 + b"\n"])
def test_a_file_that_holds_no_token_is_replaced(content: bytes) -> None:
    path = serve_token().path
    path.write_bytes(content)

    assert len(serve_token().secret) == 43


def test_a_link_in_place_of_the_token_is_not_followed(tmp_path: Path) -> None:
    path, target = serve_token().path, tmp_path / "target"
    target.write_text("mine")
    path.unlink()
    path.symlink_to(target)

    with pytest.raises(Exception, match="is a link"):
        serve_token()

    assert target.read_text() == "mine"


NOTES: dict[str, str | bytes] = {
    "Pump.md": "# Pump\n\nThe pump takes 120 W.\n",
    "deep/Barrel.md": "# Barrel\n\nThe barrel holds 300 litres.\n",
    "long.md": "# Long\n\n" + "line of words\n" * 1500,
    "wide.md": "# Wide\n\n" + "w" * 3_000 + "\n",
    "a.png": b"\x89PNG",
    ".hidden/secret.md": "# Secret\n\nhidden\n",
    ".obsidian/app.json": "{}",
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedVault]:
    folder = tmp_path_factory.mktemp("served")
    root = write_vault(folder / "vault", NOTES)
    (folder / "outside.md").write_text("# Outside\n\nnot yours\n")
    (folder / "vault-evil").mkdir()
    (folder / "vault-evil" / "x.md").write_text("# X\n")
    (root / "link.md").symlink_to(folder / "outside.md")
    (root / "folder").symlink_to(folder / "vault-evil")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "home"))
        one_machine(folder / "home")
        index_vault(root)
    found = ServedVault.open(root, {"model.path": "none"})
    yield found
    found.close()


def test_a_vault_that_was_never_indexed_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        ServedVault.open(write_vault(tmp_path / "new", {"a.md": "a"}), {"model.path": "none"})


@pytest.mark.parametrize("name", ["Pump.md", "Pump", "deep/Barrel.md", "Barrel"])
def test_a_note_is_read_by_its_path_or_name(served: ServedVault, name: str) -> None:
    assert served.note(name).text.startswith("# ")


OUTSIDE = [
    "../outside.md", "/etc/passwd", "{root}/Pump.md", "deep/../../outside.md", "../vault-evil/x.md", "link.md", "link",
    "folder/x.md", ".hidden/secret.md", ".obsidian/app.json", ".vaultc/catalog.db", "a.png", "Pump.md\x00", "C:\\x",
    "~/x", "", ".", "..", "Pump.md/", "x" * 5000, "\udcff.md", "//Pump.md", "CON", "[[../outside]]", "[[link]]",
]  # fmt: skip


@pytest.mark.parametrize("name", OUTSIDE)
def test_nothing_but_notes_of_the_vault_is_read(served: ServedVault, name: str) -> None:
    shown = name.format(root=served.root) if "{root}" in name else name

    with pytest.raises(UsageError):
        served.note(shown)


@pytest.mark.parametrize("name", OUTSIDE)
def test_nothing_but_notes_and_generated_files_is_traced(served: ServedVault, name: str) -> None:
    shown = name.format(root=served.root) if "{root}" in name else name

    with pytest.raises(UsageError) as failure:
        served.trace(f"{shown}:1")

    assert "not yours" not in str(failure.value)


def test_a_long_note_is_given_in_parts_that_join(served: ServedVault) -> None:
    parts, first = [], 1
    while True:
        part = served.note("long.md", first=first, most_chars=4_000)
        assert len(part.text) <= 4_000
        parts.append(part.text)
        if part.last == part.lines:
            break
        first = part.last + 1

    assert "\n".join(parts) == NOTES["long.md"]


def test_a_line_longer_than_all_is_cut(served: ServedVault) -> None:
    assert len(served.note("wide.md", first=3, most_chars=1000).text) == 1000


@pytest.mark.parametrize("line", [0, -1, 10**9])
def test_a_line_that_is_not_there_is_an_error(served: ServedVault, line: int) -> None:
    with pytest.raises(UsageError):
        served.note("Pump.md", first=line)


def test_a_note_is_traced(served: ServedVault) -> None:
    assert served.trace("Pump.md:3").as_json()["from"]["path"] == "Pump.md"


def test_findings_of_an_unknown_kind_are_refused(served: ServedVault) -> None:
    with pytest.raises(UsageError, match="no findings"):
        served.findings("passwords")


def test_reading_changes_no_note(served: ServedVault) -> None:
    def seen() -> dict[str, tuple[int, bytes]]:
        return {
            str(path): (path.stat().st_mtime_ns, path.read_bytes())
            for path in served.root.rglob("*.md")
            if not path.is_symlink() and ".vaultc" not in path.parts
        }

    before = seen()
    served.search("pump", limit=3)
    served.note("Pump.md")
    served.findings("contradictions")
    served.findings("links", topic="pump")
    list(served.ask("What does the pump take?", None, lambda _: None))
    served.embedder()

    assert seen() == before


@pytest.mark.native
@pytest.mark.parametrize("is_known", [True, False])
def test_an_index_that_is_being_made_anew_keeps_the_embedder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_known: bool
) -> None:
    root = write_vault(tmp_path / "vault", {"a.md": "# A\n\nThe pump takes water.\n"})
    index_vault(root)
    served = ServedVault.open(root, {"model.path": "none"})
    before = served.embedder() if is_known else None
    opened = served._opened

    def while_rebuilt(report: Report) -> Session:
        session = opened(report)
        delete_catalog(session.state.catalog)  # as a run of another process does, after the look and before the reading
        open_catalog(session.state.catalog).close()
        return session

    monkeypatch.setattr(served, "_opened", while_rebuilt)
    try:
        found = served.embedder()
    finally:
        served.close()

    assert found is not None
    assert before is None or found is before


@pytest.mark.native
def test_a_model_that_does_not_end_is_not_waited_for(tmp_path: Path) -> None:
    class Deaf(ChatScript):
        def close(self) -> None:
            time.sleep(3)

    root = write_vault(tmp_path / "vault", {"a.md": "# A\n\nwords\n"})
    index_vault(root)
    found = ServedVault.open(root, {"model.path": "none"})
    found.models = {"deaf": Deaf({})}
    started = time.monotonic()
    found.close(0.1)

    assert time.monotonic() - started < 1


@pytest.mark.native
def test_what_programs_say_to_models_is_not_kept(tmp_path: Path) -> None:
    script = write_vault(tmp_path / "script", {"serve/x.md": "an answer"})
    root = write_vault(tmp_path / "vault", {"a.md": "# A\n\nwords\n"})
    index_vault(root)
    from vaultc.model.protocols import Message, Prompt

    served = ServedVault.open(root, {"model.path": str(script)})
    assert served.brain is not None
    served.brain.generate(Prompt((Message("user", "a secret word"),), "serve", "x"))
    served.close()

    kept = [path for path in (root / ".vaultc").rglob("*") if path.is_file() and b"secret word" in path.read_bytes()]
    assert kept == []

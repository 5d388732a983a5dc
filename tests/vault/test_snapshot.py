"""What has changed since the last look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes import write_vault
from hypothesis import given
from hypothesis import strategies as st

from vaultc.core.digest import Digest
from vaultc.core.source import VaultPath
from vaultc.vault.files import FoundFile
from vaultc.vault.ignore import Ignore
from vaultc.vault.snapshot import Changes, Seen, Snapshot, diff, digests
from vaultc.vault.walk import walk

if TYPE_CHECKING:
    from pathlib import Path


def look(root: Path, old: Snapshot) -> tuple[Changes, dict[VaultPath, Seen]]:
    files = walk(root, ignore=Ignore()).files
    digest_of = digests(root)
    seen = {file.path: Seen(file.size, file.mtime_ns, digest_of(file) or Digest("")) for file in files}
    return diff(old, files, digest_of), seen


def test_each_change_is_told_apart(tmp_path: Path) -> None:
    write_vault(
        tmp_path, {"same.md": "s", "edit.md": "one", "gone.md": "g", "old name.md": "moved words", "touch.md": "t"}
    )
    _, before = look(tmp_path, {})
    (tmp_path / "gone.md").unlink()
    (tmp_path / "sub").mkdir()
    (tmp_path / "old name.md").rename(tmp_path / "sub" / "new name.md")
    write_vault(tmp_path, {"edit.md": "two", "new.md": "n", "touch.md": "t"})

    changes, after = look(tmp_path, before)
    nothing, _ = look(tmp_path, after)

    assert [file.path for file in changes.added] == ["new.md"]
    assert [file.path for file in changes.modified] == ["edit.md"]
    assert list(changes.removed) == ["gone.md"]
    assert [(old, file.path) for old, file in changes.moved] == [("old name.md", "sub/new name.md")]
    assert [file.path for file in changes.unchanged] == ["same.md", "touch.md"]
    assert nothing.is_empty


def test_an_untouched_file_is_not_read() -> None:
    file = FoundFile(VaultPath("a.md"), b"a.md", 3, 7, is_note=True)

    def never(_: FoundFile) -> Digest:
        raise AssertionError("read")

    changes = diff({file.path: Seen(3, 7, Digest("d"))}, [file], never)

    assert changes.unchanged == (file,)


def test_a_file_that_cannot_be_read_counts_as_changed() -> None:
    file = FoundFile(VaultPath("a.md"), b"a.md", 3, 8, is_note=True)

    changes = diff({file.path: Seen(3, 7, Digest("d"))}, [file], lambda _: None)

    assert changes.modified == (file,)


states = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("123456"), max_size=8)


@given(states, states)
def test_every_file_is_in_exactly_one_list(before: dict[str, str], after: dict[str, str]) -> None:
    old = {VaultPath(name): Seen(1, 1, Digest(content)) for name, content in before.items()}
    files = [FoundFile(VaultPath(name), name.encode(), 1, 2, is_note=True) for name in sorted(after)]

    changes = diff(old, files, lambda file: Digest(after[file.path]))

    now = [*changes.added, *changes.modified, *changes.unchanged, *(file for _, file in changes.moved)]
    gone = [*changes.removed, *(path for path, _ in changes.moved)]
    assert sorted(file.path for file in now) == sorted(after)
    assert sorted(gone) == sorted(set(before) - set(after))
    assert all(before[path] == after[file.path] for path, file in changes.moved)
    assert all(before[file.path] != after[file.path] for file in changes.modified)

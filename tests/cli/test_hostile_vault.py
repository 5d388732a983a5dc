"""A vault of everything that is odd at once: the commands end, say what they left out, and read the rest."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from fakes import deep_note, write_vault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.native

_DEPTH = 1_000
BOMBS = {
    "alias.md": "---\na: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\n---\nalias words\n",
    "merge.md": "---\na: &a {x: 1}\nb: {<<: [*a, *a]}\n---\nmerge words\n",
    "brackets.md": "---\na: " + "[" * 5_000 + "\n---\nbracket words\n",
    "number.md": "---\na: " + "9" * 5_000 + "\n---\nnumber words\n",
    "key.md": "---\n" + "k" * 50_000 + ": 1\n---\nkey words\n",
    "long.md": "---\na: " + "v" * 80_000 + "\n---\nlong words\n",
    "date.md": "---\nd: 2024-13-45\n---\ndate words\n",
    "tabs.md": "---\n\ta: b\n---\ntab words\n",
}
NAMES = [
    "a\nb.md",
    "tab\t.md",
    "\u202eright.md",
    "quote'\".md",
    "--rebuild.md",
    "note#h^b|c.md",
    "A.md",
    "a.md",
    "\x1b[31m.md",
]


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Path]:
    root = write_vault(
        tmp_path / "odd\n'vault'", {"Good.md": "# Good\n\nThe tide is high. [[deepest]] [[Also good]]\n"}
    )
    write_vault(root, {"Also good.md": "[[Good]]\n", **{f"bombs/{name}": text for name, text in BOMBS.items()}})
    write_vault(root, {f"names/{name}": f"{name!r} words [[Good]]\n" for name in NAMES})
    write_vault(root, {"twins/й.md": "composed", "twins/и\u0306.md": "decomposed"})
    (root / os.fsdecode(b"caf\xe9.md")).write_text("latin words")
    write_vault(root, {"huge.md": "word " * 20_000 + "\n\n" + "[[a]] " * 15_000, "deep.md": "> " * 5_000 + "bottom"})
    os.mkfifo(root / "pipe.md")
    (root / "loop").symlink_to(root)
    (root / "zero.md").symlink_to("/dev/zero")
    with deep_note(root, _DEPTH, "deepest.md", b"# Deepest\n\nThe bottom of the sea. [[Good]]\n"):
        yield root
    shutil.rmtree(root)


def codes(diagnostics: list[dict[str, Any]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for item in diagnostics:
        found.setdefault(item["code"], set()).add(item["place"]["path"])
    return found


def test_everything_odd_at_once(hostile: Path, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    deepest = "inner/" * _DEPTH + "deepest.md"

    first = run("index", hostile, "--json")
    second = run("index", hostile, "--json")
    links = run("links", "Good.md", "--vault", hostile, "--json")
    check = run("check", "--vault", hostile, "--json")
    found = run("search", "bottom of the sea", "--vault", hostile, "--json")

    stats = first.json["stats"]
    assert (first.code, stats["failed"]) == (0, 0)
    assert stats["notes"] == 2 + len(BOMBS) + len(NAMES) + 2 + 1 + 2 + 1
    assert second.json["stats"]["unchanged"] == stats["notes"]
    said = codes(first.json["diagnostics"])
    assert said["V113"] == {"huge.md", "deep.md"}
    assert said["V114"] == {"pipe.md", "loop", "zero.md"}
    assert said["V117"] == {"twins/и\u0306.md", "caf\ufffd.md"}
    assert said["V112"] == {f"bombs/{name}" for name in ("alias.md", "merge.md", "brackets.md", "long.md", "tabs.md")}
    assert [link["resolved"] and link["resolved"]["path"] for link in links.json["links"]] == [deepest, "Also good.md"]
    assert {link["from"]["path"] for link in links.json["backlinks"]} == {
        *("Also good.md", deepest),
        *(f"names/{name}" for name in NAMES),
    }
    assert check.code == 0
    assert deepest in {passage["note"] for passage in found.json["passages"]}

    # In a terminal, what is odd is shown and not obeyed.
    shown = [run("check", "--vault", hostile), run("links", "--vault", hostile)]
    for text in (done.out + done.err for done in shown):
        assert "\x1b[31m" not in text
        assert "\u202e" not in text

    # A loop that is followed ends, and leads to nothing new.
    monkeypatch.setenv("VAULTC_VAULT_FOLLOW_LINKS", "true")
    followed = run("index", hostile, "--json")
    assert followed.json["stats"] == {**second.json["stats"], "seconds": followed.json["stats"]["seconds"]}
    assert codes(followed.json["diagnostics"])["V114"] == {"pipe.md", "loop", "zero.md"}

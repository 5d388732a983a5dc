"""The notes around a note, as the catalog knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes import write_vault

from vaultc.app.indexing import index_vault
from vaultc.core.source import VaultPath
from vaultc.index.catalog import open_catalog
from vaultc.retrieve.around import CatalogSurroundings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.native
def test_notes_that_vaultc_wrote_are_not_around_a_note(tmp_path: Path) -> None:
    notes = {
        "Lamp.md": "# Lamp\n\nIt glows.\n",
        "Hall.md": "# Hall\n\nSee the [[Lamp]].\n",
        "Lamp.architecture.md": "---\nvaultc-kind: architecture\n---\n# Lamp\n\nFrom [[Lamp]].\n",
    }
    root = write_vault(tmp_path / "vault", notes)
    index_vault(root)

    with open_catalog(root / ".vaultc/catalog.db") as catalog:
        around = CatalogSurroundings(catalog)
        linking = [found.link.span.path for found in around.links_into(VaultPath("Lamp.md"))]
        neighbours = around.neighbours(VaultPath("Lamp.md"))

    assert linking == ["Hall.md"]
    assert neighbours == {"Hall.md"}

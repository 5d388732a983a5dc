"""The starter model, for the tests that are marked `model`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vaultc.model.file.spec import starter_model

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def starter() -> Path:
    found = starter_model()
    if found is None:
        pytest.skip("the starter package is not installed")
    return found


@pytest.fixture(scope="session")
def digests() -> dict[str, str]:
    """Digests of files, so that each is read once."""
    return {}

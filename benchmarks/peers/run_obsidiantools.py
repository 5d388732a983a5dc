"""Runs in obsidiantools' own environment: the links of a vault, as its documentation does it. Prints JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import obsidiantools.api as otools

vault = otools.Vault(Path(sys.argv[1])).connect().gather()
index = vault.wikilinks_index
print(json.dumps({"notes": len(index), "links": sum(len(links) for links in index.values())}))

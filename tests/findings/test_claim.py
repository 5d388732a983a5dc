"""Claims as they are kept between runs."""

from __future__ import annotations

import json

from fakes import note, source

from vaultc.core.source import VaultPath
from vaultc.findings.claim import claim_from_json
from vaultc.findings.claims import claims_of

TEXT = """---
owner: Vera
---
# Kettle

It draws 2 kW. The kettle must not be opened. The kettle was blue. In winter the shed is at 0 °C. ~~It costs 5 €.~~

- Price: from 20 to 30 €
- Kettle weight: about 2 kg

| Part | Weight |
|---|---|
| Lid | 200 g |
"""


def test_a_claim_comes_back_from_json_as_it_was() -> None:
    path = VaultPath("Kettle.md")
    claims = claims_of(source(TEXT, path), note(TEXT, path))

    back = tuple(claim_from_json(json.loads(json.dumps(claim.as_json())), path) for claim in claims)

    assert back == claims
    assert any(claim.value.low == 0 for claim in back)
    assert any(not claim.is_affirmed or claim.modality for claim in back)

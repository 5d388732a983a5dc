"""Shares of a context window."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def share(total_tokens: int, parts: Mapping[str, float]) -> dict[str, int]:
    """Divide `total_tokens` by weight: whole numbers that sum to the total, largest remainders first."""
    weight = sum(parts.values())
    if total_tokens < 0 or weight <= 0 or min(parts.values()) < 0:
        raise ValueError(f"cannot divide {total_tokens} tokens by the weights {dict(parts)}")
    exact = {name: total_tokens * part / weight for name, part in parts.items()}
    shares = {name: int(tokens) for name, tokens in exact.items()}
    rest = total_tokens - sum(shares.values())
    for name in sorted(parts, key=lambda name: shares[name] - exact[name])[:rest]:
        shares[name] += 1
    return shares

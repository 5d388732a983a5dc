"""Questions to the vault, answered with checked citations."""

"""The notes and the canvas that a compile writes into the vault, as text with segments."""

"""A Note to Chunks."""

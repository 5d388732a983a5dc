"""Where a model lies: what of it goes into VRAM and what into RAM, and which models at a time."""

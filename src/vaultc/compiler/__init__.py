"""An idea note to design, pseudocode and code."""

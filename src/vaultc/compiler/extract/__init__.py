"""What the notes state, read by rules: one module for each kind of element."""

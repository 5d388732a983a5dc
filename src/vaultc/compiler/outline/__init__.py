"""The design that can be computed from what the notes state, without any model."""

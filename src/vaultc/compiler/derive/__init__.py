"""What a model adds to the computed design, pseudocode and code, and the gates that let it in."""

"""What lies around an idea in the vault: which notes speak of it, how they are reached, and what of them counts."""

"""What the vault says about itself."""

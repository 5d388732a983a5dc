"""What is kept on disk about the vault."""

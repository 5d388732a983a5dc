"""What a model is: its file, read without loading it."""

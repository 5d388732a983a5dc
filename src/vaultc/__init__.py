"""vaultc: a compiler whose source language is a person's notes."""

__version__ = "0.1.0"

"""Arguments in, text out; no logic."""

"""Measures models: what they really read of a long prompt."""

"""A Query to ranked Passages."""

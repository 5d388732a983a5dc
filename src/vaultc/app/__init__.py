"""What each command does: builds the parts, in one place; one module a use case."""

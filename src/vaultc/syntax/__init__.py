"""Text of a note to a Note."""

"""Language models as services."""

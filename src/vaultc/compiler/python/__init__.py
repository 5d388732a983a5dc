"""The language pack for Python: from the design to modules, tests and a project, as text."""

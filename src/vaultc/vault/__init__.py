"""The files of a vault and how notes refer to each other."""

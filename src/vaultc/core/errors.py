"""What stops a run.

* VaultcError
  + UsageError   exit 2   the command or the configuration is wrong
  + VaultError   exit 3   the vault cannot be read, or an output cannot be written
  + StoreError   exit 3   the index cannot be read or written
    + LockedError         another run is writing it
    + DamagedError        what it holds cannot be read; an index run makes it again
  + ModelError   exit 3   the model cannot be loaded, or broke off
"""

from __future__ import annotations


class VaultcError(Exception):
    """A failure that a person can read: what, where, and in `hint` what to do."""

    exit_code = 3

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(VaultcError):
    """The command or the configuration is wrong."""

    exit_code = 2


class VaultError(VaultcError):
    """The vault cannot be read, or a file cannot be written."""


class StoreError(VaultcError):
    """The index cannot be read or written."""


class LockedError(StoreError):
    """Another run is writing the index."""


class DamagedError(StoreError):
    """What the index holds cannot be what was written; it is made again from the notes."""


class ModelError(VaultcError):
    """The model cannot be loaded, or broke off."""

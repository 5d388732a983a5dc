"""TOML of a settings file: whatever is wrong with it is one kind of error.

The standard library answers deep nesting by a RecursionError, and a number of thousands of digits by a ValueError of
its own, which no reader of a file expects.
"""

from __future__ import annotations

import tomllib
from typing import Any

MOST_TOML_BYTES = 64 * 1024
"""More than anybody writes by hand; the parser takes long over long files of a hostile form."""


class NotTomlError(ValueError):
    """The text is not TOML as we take it; the message says why."""


def parse_toml(data: bytes) -> dict[str, Any]:
    """Give the tables that `data` holds.

    Raises:
        NotTomlError: it is too long, no UTF-8, no TOML, nests too deep, or holds a number that is too long.
    """
    if len(data) > MOST_TOML_BYTES:
        raise NotTomlError(f"it is larger than {MOST_TOML_BYTES} bytes")
    try:
        return tomllib.loads(data.decode("utf-8"))
    except RecursionError:
        raise NotTomlError("it nests too deep") from None
    except UnicodeDecodeError as error:
        raise NotTomlError(f"it is no UTF-8 at byte {error.start}") from None
    except ValueError as error:
        raise NotTomlError(str(error)) from None

"""Names and codes that stand nowhere in the text they are hidden in: invented from a seed, and looked for first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.core.errors import VaultcError
from vaultc.evaluation.scoring import folded

if TYPE_CHECKING:
    from random import Random

    from vaultc.evaluation.wording import Wording

_TRIES = 10_000


class Inventor:
    """Invents what neither stands in a text nor was invented before."""

    def __init__(self, wording: Wording, rng: Random, text: str) -> None:
        self._wording = wording
        self._rng = rng
        self._text = folded(text)
        self._taken: set[str] = set()

    def name(self) -> str:
        """Give a name."""
        said = self._wording
        for _ in range(_TRIES):
            found = self._pick(said.starts) + self._pick(said.middles) + self._pick(said.ends)
            if self._is_new(found):
                return found
        raise _exhausted("names")

    def twin(self, name: str) -> str:
        """Give a name that differs from `name` in one letter."""
        letters = sorted({letter for part in (*self._wording.middles, *self._wording.ends) for letter in part})
        for _ in range(_TRIES):
            at = self._rng.randrange(2, len(name))
            found = name[:at] + self._pick(letters) + name[at + 1 :]
            if found != name and self._is_new(found):
                return found
        raise _exhausted("names")

    def code(self) -> str:
        """Give a code; neither it nor its number stands in the text."""
        for _ in range(_TRIES):
            word, number = self._pick(self._wording.words), str(self._rng.randrange(1000, 10_000))
            if number not in self._text and number not in self._taken:
                self._taken.add(number)
                return f"{word}-{number}"
        raise _exhausted("numbers")

    def _is_new(self, found: str) -> bool:
        key = folded(found)
        if key in self._text or key in self._taken:
            return False
        self._taken.add(key)
        return True

    def _pick(self, parts: tuple[str, ...] | list[str]) -> str:
        return self._rng.choice(parts)


def _exhausted(what: str) -> VaultcError:
    return VaultcError(f"the notes hold nearly all {what} that could be invented", hint="check with another vault")

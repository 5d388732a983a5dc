"""What the product is called, and whether words speak of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.language.lexicon import phrases
from vaultc.language.morphology import lemmas_of
from vaultc.language.stems import content_stems, words

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Product:
    """What the product is called: the stems of its title and the names of its commands."""

    stems: frozenset[str]
    commands: tuple[str, ...] = ()

    def is_subject(self, text: str) -> bool:
        """Tell whether `text`, the words before a verb, speaks of the product: by name, or as "it", "the program"."""
        return self._is_one_of(text, "program", "pronoun")

    def is_named(self, text: str) -> bool:
        """Tell whether `text` names the product or its user, not by a pronoun."""
        return self._is_one_of(text, "program")

    def _is_one_of(self, text: str, *categories: str) -> bool:
        if self.stems.intersection(content_stems(text)):
            return True
        known = phrases("product", *categories)
        return any(known.intersection(lemmas_of(word.text)) for word in words(text))

    def starts_with_command(self, text: str, *, is_item: bool) -> bool:
        """Tell whether `text` begins with the name of a command: "`tide next` prints …", or out of lists "stats: …"."""
        names = [*self.commands, *([] if is_item else [name.split()[-1] for name in self.commands])]
        ends = (f"{name}{end}" for name in names for end in (" ", ":"))
        return text.lstrip("`").replace("`", "").startswith(tuple(ends))


def product_of(title: str, aliases: Sequence[str], commands: Sequence[str] = ()) -> Product:
    """Give the product that an idea note describes: named by the note's title and aliases."""
    stems = {stem for name in (title, *aliases) for stem in content_stems(name)}
    return Product(frozenset(stems), tuple(commands))

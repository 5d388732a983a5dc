"""Notes by their names: titles and aliases, in any case and in either alphabet."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

from vaultc.language.stems import fold, stem, words
from vaultc.language.stopwords import is_stopword
from vaultc.language.translit import transliterate

if TYPE_CHECKING:
    from vaultc.core.source import VaultPath
    from vaultc.index.catalog import Catalog

_ENDING = "aeiouyj"
_LONGEST = 8  # words of a name that is looked up


@lru_cache(maxsize=100_000)
def name_keys_of(word: str) -> frozenset[str]:
    """Give the keys by which a word of a name is compared: «Марте», "Marta" → mart. Two words match by any key."""
    return frozenset(_key(base) for base in (stem(word), fold(word)))


def _key(base: str) -> str:
    key = transliterate(base)
    trimmed = key.rstrip(_ENDING)
    return trimmed if len(trimmed) >= 2 else key


def name_words(text: str) -> tuple[str, ...]:
    """Give the words of a name that are no stopwords; all of them where nothing else is left."""
    found = [word.text for word in words(text)]
    return tuple(word for word in found if not is_stopword(word)) or tuple(found)


class NoteNames:
    """The titles and aliases of the notes of a catalog, read once."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._by_key: dict[str, set[tuple[VaultPath, tuple[str, ...]]]] | None = None

    def find(self, name: str) -> tuple[VaultPath, ...]:
        """Give the notes that `name` names: each word of a title or alias is in `name`, and the other way round."""
        asked = name_words(name)
        if not asked or len(asked) > _LONGEST:
            return ()
        table = self._table()
        near = {entry for key in name_keys_of(asked[0]) for entry in table.get(key, ())}
        return tuple(sorted({path for path, called in near if _same(asked, called)}))

    def _table(self) -> dict[str, set[tuple[VaultPath, tuple[str, ...]]]]:
        if self._by_key is None:
            table: dict[str, set[tuple[VaultPath, tuple[str, ...]]]] = defaultdict(set)
            for record in self._catalog.notes.records():
                if record.is_generated:
                    continue
                file = record.path.rpartition("/")[2].rpartition(".")[0]
                for name in {record.title, file, *record.aliases}:
                    called = name_words(name)
                    if called and len(called) <= _LONGEST:
                        for word in called:
                            for key in name_keys_of(word):
                                table[key].add((record.path, called))
            self._by_key = dict(table)
        return self._by_key


def _same(asked: tuple[str, ...], called: tuple[str, ...]) -> bool:
    if len(asked) != len(called):
        return False
    rest = [name_keys_of(word) for word in called]
    for word in asked:
        keys = name_keys_of(word)
        match = next((at for at, other in enumerate(rest) if keys & other), None)
        if match is None:
            return False
        del rest[match]
    return True

"""Words and phrases by what they mean, as data: a folder a language, a TOML file a subject, a key a category.

In a file each key is a category (or a table of categories), and its value a text of phrases parted by `;`. A phrase is
written folded (lower case, «ё» as «е»). A third language is one more folder.
"""

from __future__ import annotations

from functools import cache

LANGUAGES = ("en", "ru")
"""The languages whose words are kept, in the order in which they are asked."""


def listed(text: str) -> frozenset[str]:
    """Give the set of words of `text`."""
    return frozenset(text.split())


@cache
def entries(subject: str, language: str = "") -> dict[str, tuple[str, ...]]:
    """Give the phrases of `subject` by category; without a `language` those of all, in the order of LANGUAGES.

    A category of a table is named "table.category". A language that has no file of that subject has no phrases of it.
    """
    found: dict[str, tuple[str, ...]] = {}
    for name in (language,) if language else LANGUAGES:
        for category, phrases in _read(subject, name).items():
            found[category] = found.get(category, ()) + phrases
    return found


@cache
def phrases(subject: str, *categories: str, language: str = "") -> frozenset[str]:
    """Give the phrases of `subject` in any of the categories. Raises KeyError for one that no language has."""
    known = entries(subject)
    by_category = known if not language else entries(subject, language)
    for category in categories:
        known[category]  # a category misspelt is a mistake of ours
    return frozenset(phrase for category in categories for phrase in by_category.get(category, ()))


def _read(subject: str, language: str) -> dict[str, tuple[str, ...]]:
    import tomllib  # every command imports this module, and few ask it for words
    from importlib.resources import files

    place = files(__package__) / "lexicons" / language / f"{subject}.toml"
    if not place.is_file():
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for key, value in tomllib.loads(place.read_text(encoding="utf-8")).items():
        if isinstance(value, dict):
            found |= {f"{key}.{category}": _split(text) for category, text in value.items()}
        else:
            found[key] = _split(value)
    return found


def _split(text: str) -> tuple[str, ...]:
    return tuple(phrase for part in text.split(";") if (phrase := " ".join(part.split())))

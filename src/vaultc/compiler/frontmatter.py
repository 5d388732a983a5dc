"""Frontmatter of generated notes: flat keys, in order. The only importer of python-frontmatter."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def with_frontmatter(properties: Mapping[str, str | Sequence[str]], body: str) -> str:
    """Give `body` behind the properties as YAML; ends with a line end."""
    import frontmatter  # slow to import, needed only when a note is written

    plain = {key: value if isinstance(value, str) else list(value) for key, value in properties.items()}
    post = frontmatter.Post(body.strip("\n"))
    post.metadata.update(plain)
    text: str = frontmatter.dumps(post, allow_unicode=True, sort_keys=False, width=10_000)
    return text.rstrip("\n") + "\n"

"""Pack the atoms of a note into chunks of about a hundred words, never across sections.

About 100 words packed from whole sentences found the most of the wanted text at a given budget of words
among 17 ways of cutting that were compared (docs/design/).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.chunk.split import pieces_of
from vaultc.core.chunk import Chunk, ChunkOptions
from vaultc.core.digest import canonical_json, canonical_texts, digest_text

if TYPE_CHECKING:
    from vaultc.chunk.split import Atom
    from vaultc.core.note import Note
    from vaultc.core.source import Source

_SMALL_SHARE = 4


DEFAULT_OPTIONS = ChunkOptions()


def _packed(atoms: tuple[Atom, ...], options: ChunkOptions) -> list[list[Atom]]:
    """Join neighbouring atoms up to the target; a small rest joins the group before it where it fits."""
    groups: list[list[Atom]] = []
    size = 0
    for atom in atoms:
        limit = options.max_words if groups and groups[-1][-1].is_glued else options.target_words
        if groups and not atom.is_apart and size + atom.size <= limit:
            groups[-1].append(atom)
            size += atom.size
        else:
            groups.append([atom])
            size = atom.size
    if len(groups) > 1 and not groups[-1][0].is_apart:
        rest, before = (sum(atom.size for atom in group) for group in (groups[-1], groups[-2]))
        if rest * _SMALL_SHARE <= options.target_words and rest + before <= options.max_words:
            groups[-2:] = [groups[-2] + groups[-1]]
    return groups


def chunks_of(source: Source, note: Note, options: ChunkOptions = DEFAULT_OPTIONS) -> tuple[Chunk, ...]:
    """Give the chunks of `note` in order; each chunk's text is exactly what stands at its span in `source`.

    All text below the frontmatter lies in exactly one chunk, except headings (they are in the path of what
    stands below them), queries and settings of plugins, commands of templates and what a drawing is made of. A git
    conflict shares no chunk with what stands around it. A note that vaultc wrote has no chunks:
    it is never evidence.
    """
    if note.is_generated:
        return ()
    chunks: list[Chunk] = []
    for piece in pieces_of(source, note, options.target_words, options.max_words):
        above = canonical_texts(piece.headings)
        for group in _packed(piece.atoms, options):
            span = source.span(group[0].start, group[-1].end)
            text = source.slice(span)
            chunks.append(Chunk(span, text, piece.headings, digest_text(f"[{above},{canonical_json(text)}]")))
    return tuple(chunks)

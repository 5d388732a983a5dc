"""Why a note near an idea does not speak for it: put away, a template, or another idea's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.core.endings import is_canvas_path
from vaultc.core.link import LinkKind, ResolvedLink
from vaultc.language.lexicon import phrases
from vaultc.language.stems import fold, stems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from vaultc.core.link import Link
    from vaultc.core.note import Note
    from vaultc.core.source import VaultPath

    Resolve = Callable[[Link], object]

_SUBJECT = "surroundings"


def why_not(note: Note, idea: VaultPath, resolve: Resolve) -> str:
    """Give why nothing in `note` may bind the idea at `idea`, or an empty text."""
    if note.is_generated:
        return "written by vaultc"
    if note.is_drawing or is_canvas_path(note.path):
        return "a drawing"  # what it shows is written elsewhere; its edges are no sentences
    title = frozenset(stems(note.path.rsplit("/", 1)[-1].rsplit(".", 1)[0]))
    # A tag that repeats a word of the title says what the note is about, not how it stands: "Grandmother's archive".
    labels = [label for label in _labels(note) if not title.intersection(stems(label)) or len(title) == 1]
    labels += note.path.split("/")[:-1]
    if _is_any(labels, "archived"):
        return "put away as archived or superseded"
    if _is_any(labels, "template") or _is_any([note.path.rsplit("/", 1)[-1].rsplit(".", 1)[0]], "template"):
        return "a template"
    if _is_any(labels, "person"):
        return "about a person"
    owners = set(owners_of(note, resolve))
    if owners and idea not in owners:
        return f"it belongs to {min(owners)}"
    if is_idea(note) and note.path != idea and idea not in owners:
        return "another idea"
    return ""


def is_archived(headings: Iterable[str]) -> bool:
    """Tell whether one of the headings says that what is below is put away."""
    return _is_any(list(headings), "archived")


def owners_of(note: Note, resolve: Resolve) -> Iterator[VaultPath]:
    """Give the notes that `note` says it belongs to: `up: "[[Garden]]"`, `project: ...`."""
    belongs = phrases(_SUBJECT, "belongs")
    for prop in note.properties:
        if " ".join(fold(prop.key).replace("_", " ").replace("-", " ").split()) not in belongs:
            continue
        for link in note.links:
            if link.kind is LinkKind.PROPERTY and prop.span.covers(link.span):
                found = resolve(link)
                if isinstance(found, ResolvedLink):
                    yield found.path


def is_idea(note: Note) -> bool:
    """Tell whether the note is marked as an idea or project of its own: by a tag, its type, or the folder of ideas."""
    folder = note.path.split("/")[-2:-1]
    return _is_any([tag.name for tag in note.tags] + [*_kinds(note), *folder], "idea")


def _labels(note: Note) -> Iterator[str]:
    yield from (tag.name.rsplit("/", 1)[-1] for tag in note.tags)
    yield from _kinds(note)
    if note.headings and note.headings[0].level == 1:
        yield note.headings[0].text


def _kinds(note: Note) -> Iterator[str]:
    kinds = phrases(_SUBJECT, "kind")
    for prop in note.properties:
        if fold(prop.key) in kinds:
            values = prop.value if isinstance(prop.value, list) else [prop.value]
            yield from (value for value in values if isinstance(value, str))


def _is_any(labels: Iterable[str], category: str) -> bool:
    """Tell whether a label is, word for word in any form, one of the phrases of `category`."""
    wanted = {tuple(stems(phrase)) for phrase in phrases(_SUBJECT, category)}
    return any(tuple(word for word in stems(label) if word.isalpha()) in wanted for label in labels)

"""The source map: from lines of artifacts to places in notes, and back.

`vaultc.map.json` (version 1): `unit`, `package`, `files` (path → `root`, `digest`, `segments`), `elements`
(id → what it is and where it stands), `notes` (path → digest of the text that the places count in).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from vaultc.compiler.elements import elements_of
from vaultc.core.digest import digest_text
from vaultc.core.errors import UsageError, VaultcError
from vaultc.core.source import Place, Source, VaultPath
from vaultc.core.strict_json import NotJsonError, OrNull, Row, fits, parse_object
from vaultc.disk.policy import check_relative

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from vaultc.compiler.tools import Reader
    from vaultc.compiler.unit import Derivation, Segment, Unit
    from vaultc.core.source import Quote

MAP_NAME = "vaultc.map.json"
_VERSION = 1
_PLACE = {
    **dict.fromkeys(("path", "text"), str),
    **dict.fromkeys(("line", "col", "end_line", "end_col", "start", "end"), int),
}
_LEANING = {"origins": [_PLACE], "derived": OrNull({"leans_on": [_PLACE]})}
_SEGMENT = {"kind": str, "name": str, "lines": Row(int, int), "ids": [str], **_LEANING}
_VERDICTS = [{"rule": str, "verdict": str, "origins": [_PLACE], "derived": OrNull({"leans_on": [_PLACE]})}]
_MAP = {
    "unit": str,
    "files": {str: {"root": str, "segments": [_SEGMENT]}},
    "elements": {str: {"kind": str, "serves": [str], **_LEANING}},
}
"""What is read of a map, as `fits` takes it."""
MOVED, GONE = "moved", "gone"


class _Places:
    """Turns quotations into places; each note is read once."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.sources: dict[VaultPath, Source] = {}

    def of(self, quote: Quote) -> dict[str, str | int]:
        path = quote.span.path
        if path not in self.sources:
            self.sources[path] = self._reader.read(path).source
        return self.sources[path].place(quote.span).as_json()


def map_bytes(unit: Unit, reader: Reader) -> bytes:
    """Give the map of `unit` as it is written."""
    return as_bytes(map_of(unit, reader))


def as_bytes(value: Mapping[str, Any]) -> bytes:
    """Give a map as it is written."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "surrogatepass")


def map_of(unit: Unit, reader: Reader) -> dict[str, Any]:
    """Give the map of `unit` as a JSON value."""
    places = _Places(reader)
    files: dict[str, Any] = {}
    for root, path, text, segments in (
        *(("out", file.path, file.text, file.segments) for file in unit.code),
        *(("vault", item.path, item.text, item.segments) for item in unit.artifacts),
    ):
        rows = [_segment(segment, places) for segment in segments]
        files[path] = {"root": root, "digest": digest_text(text), "segments": rows}
    elements = {
        id_: {
            "kind": item.kind,
            "text": item.text,
            "origins": [places.of(quote) for quote in item.origins],
            "by": item.by.value,
            "derived": _derived(item.derived, places),
            "serves": list(item.serves),
        }
        for id_, item in elements_of(unit).items()
    }
    return {
        "version": _VERSION,
        "unit": unit.idea.path,
        "package": unit.idea.package,
        "files": files,
        "elements": elements,
        "verdicts": list(_verdicts(unit, places)),
        "notes": {path: digest_text(source.file.text) for path, source in sorted(places.sources.items())},
    }


def _verdicts(unit: Unit, places: _Places) -> Iterator[dict[str, Any]]:
    """Give what became of each statement that was read: how it binds or why not, and the rule that decided."""
    rows = [(need.rule, need.modality.value, need.origins) for need in unit.requirements if need.rule]
    rows += [(item.rule, f"not taken: {item.why.value}", (item.quote,)) for item in unit.untaken]
    for rule, verdict, origins in rows:
        yield {"rule": rule, "verdict": verdict, "origins": [places.of(quote) for quote in origins], "derived": None}


def _segment(segment: Segment, places: _Places) -> dict[str, Any]:
    return {
        "kind": segment.kind.value,
        "name": segment.name,
        "lines": [segment.start_line, segment.end_line],
        "ids": list(segment.ids),
        "origins": [places.of(quote) for quote in segment.origins],
        "by": segment.by.value,
        "derived": _derived(segment.derived, places),
    }


def _derived(derived: Derivation | None, places: _Places) -> dict[str, Any] | None:
    if derived is None:
        return None
    return {"reason": derived.reason, "leans_on": [places.of(quote) for quote in derived.leans_on]}


@dataclass(frozen=True, slots=True)
class UnitMap:
    """A map as read; `out` is the folder of the code, or None where it is not known."""

    unit: str
    data: Mapping[str, Any]
    out: str | None = None

    @property
    def files(self) -> Mapping[str, Any]:
        """The files by path."""
        files: Mapping[str, Any] = self.data["files"]
        return files

    @property
    def verdicts(self) -> Sequence[Mapping[str, Any]]:
        """What became of each statement that was read."""
        verdicts: Sequence[Mapping[str, Any]] = self.data.get("verdicts", ())
        return verdicts

    @property
    def elements(self) -> Mapping[str, Any]:
        """The elements by id."""
        elements: Mapping[str, Any] = self.data["elements"]
        return elements


def read_map(data: bytes, out: str | None = None) -> UnitMap | None:
    """Give the map that `data` holds; None where it is none."""
    try:
        value = parse_object(data)
    except NotJsonError:
        return None
    return unit_map(value, out)


def unit_map(value: Any, out: str | None = None) -> UnitMap | None:  # noqa: ANN401 - any JSON value
    """Give the map that a JSON value is; None where it is none, to the last place in it."""
    if not isinstance(value, dict) or value.get("version") != _VERSION or not fits(value, _MAP):
        return None
    if not fits(value.get("verdicts", []), _VERDICTS):
        return None
    try:
        for path in value["files"]:
            check_relative(path, allow_hidden=True)
    except UsageError:
        return None
    segments = [segment for file in value["files"].values() for segment in file["segments"]]
    is_sound = all(file["root"] in ("vault", "out") for file in value["files"].values())
    is_sound &= all(0 <= first <= last for first, last in (segment["lines"] for segment in segments))
    is_sound &= all(map(_is_placed, (*segments, *value["elements"].values(), *value.get("verdicts", []))))
    return UnitMap(value["unit"], value, out) if is_sound else None


def _is_placed(item: Mapping[str, Any]) -> bool:
    """Tell whether the quotations of a segment or an element stand at places that can be."""
    quotes = (*item["origins"], *(item["derived"] or {"leans_on": ()})["leans_on"])
    return all(number >= 0 for quote in quotes for number in quote.values() if isinstance(number, int))


@dataclass(frozen=True, slots=True)
class TraceLink:
    """One link of a chain: a segment of an artifact, an element, or a place in a note."""

    kind: str
    id: str
    place: Place
    status: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give the link in the form of docs/json.md; `status` is "moved" or "gone" where the note has changed."""
        found: dict[str, Any] = {"kind": self.kind, "id": self.id, "place": self.place.as_json()}
        return found | ({"status": self.status} if self.status else {})


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """What the compile of the idea `unit` made of a line: a modality or "not taken: …", by the rule that decided."""

    unit: str
    verdict: str
    rule: str


@dataclass(frozen=True, slots=True)
class Trace:
    """From a place through the elements to the places it leads to."""

    start: Place
    chain: tuple[TraceLink, ...]
    ends: tuple[TraceLink, ...]
    verdicts: tuple[LineVerdict, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Give the trace in the form of docs/json.md."""
        return {
            "version": 1,
            "from": self.start.as_json(),
            "chain": [item.as_json() for item in self.chain],
            "to": [item.place.as_json() for item in self.ends],
            "verdicts": [asdict(item) for item in self.verdicts],
        }


def reading(reader: Reader) -> Callable[[VaultPath], Source | None]:
    """Give a function that reads a note's text, or None where it cannot be read."""

    def read(path: VaultPath) -> Source | None:
        try:
            return reader.read(path).source
        except VaultcError:
            return None

    return read


def as_found(place: Mapping[str, Any], source: Source | None) -> tuple[Place, str]:
    """Give a place of the map as it is now: unchanged, moved to where its words stand now, or gone."""
    kept = Place(
        VaultPath(place["path"]), place["line"], place["col"], place["end_line"], place["end_col"],
        place["start"], place["end"], place["text"],
    )  # fmt: skip
    if source is None:
        return kept, GONE
    file = source.file  # places count in the file, whatever it was read as
    if file.text[kept.start : kept.end] == kept.text:
        return file.place(file.span(kept.start, kept.end)), ""
    start = _nearest(file.text, kept.text, kept.start)
    if start is None:
        return kept, GONE
    return file.place(file.span(start, start + len(kept.text))), MOVED


def _nearest(text: str, words: str, start: int) -> int | None:
    """Give where `words` stand nearest to `start`."""
    if not words:
        return None
    after = text.find(words, min(start, len(text)))
    before = text.rfind(words, 0, min(start + len(words), len(text)))
    found = [at for at in (before, after) if at >= 0]
    return min(found, key=lambda at: abs(at - start)) if found else None


def segment_at(segments: Sequence[Mapping[str, Any]], line: int) -> Mapping[str, Any] | None:
    """Give the smallest segment that holds `line`, else the nearest one above it, else the first."""
    holding = [item for item in segments if item["lines"][0] <= line <= item["lines"][1]]
    if holding:
        return min(holding, key=lambda item: item["lines"][1] - item["lines"][0])
    above = [item for item in segments if item["lines"][1] < line]
    if above:
        return max(above, key=lambda item: item["lines"][1])
    return segments[0] if segments else None


def trace_line(
    unit: UnitMap, path: str, source: Source, line: int, read: Callable[[VaultPath], Source | None]
) -> Trace:
    """Lead from `line` of the generated file `path`, whose text is `source`, to the notes.

    Raises KeyError where the map has no such file.
    """
    segments = unit.files[path]["segments"]
    segment = segment_at(segments, line)
    line = max(1, min(line, source.line_count))
    start = source.line_place(line)
    if segment is None:
        return Trace(start, (), ())
    first, last = (max(1, min(number, source.line_count)) for number in segment["lines"])
    place = source.line_place(first, last)
    chain = [TraceLink(_kind(segment, unit.files[path]), segment["name"], place)]
    chain += _elements(unit, segment["ids"], read)
    quotes = segment["origins"] or (segment["derived"] or {}).get("leans_on", [])
    quotes = [*quotes, *(item for id_ in _reached(unit, segment["ids"]) for item in unit.elements[id_]["origins"])]
    ends = _ends(quotes, read)
    return Trace(start, tuple(dict.fromkeys((*chain, *ends))), ends)


def _reached(unit: UnitMap, ids: Iterable[str]) -> list[str]:
    """Give the requirements that elements serve: what a line is for in the end."""
    found: dict[str, None] = {}
    for id_ in ids:
        element = unit.elements.get(id_)
        if element is None:
            continue
        if element["kind"] in ("requirement", "constraint"):
            found[id_] = None
        elif element["kind"] in ("interface", "procedure"):
            found.update(dict.fromkeys(item for item in element["serves"] if item in unit.elements))
    return list(found)


def _elements(unit: UnitMap, ids: Sequence[str], read: Callable[[VaultPath], Source | None]) -> list[TraceLink]:
    order = {"interface": 0, "procedure": 1, "component": 2}
    every = dict.fromkeys((*ids, *_reached(unit, ids)))
    known = [id_ for id_ in every if id_ in unit.elements]
    known.sort(key=lambda id_: order.get(unit.elements[id_]["kind"], 3))
    chain = []
    for id_ in known:
        element = unit.elements[id_]
        quotes = element["origins"] or (element["derived"] or {}).get("leans_on", [])
        if quotes:
            place, status = as_found(quotes[0], read(VaultPath(quotes[0]["path"])))
            chain.append(TraceLink(element["kind"], id_, place, status))
    return chain


def _ends(quotes: Iterable[Mapping[str, Any]], read: Callable[[VaultPath], Source | None]) -> tuple[TraceLink, ...]:
    found: dict[Place, TraceLink] = {}
    for quote in quotes:
        place, status = as_found(quote, read(VaultPath(quote["path"])))
        found.setdefault(place, TraceLink("note", place.path, place, status))
    return tuple(found.values())


def trace_note(
    units: Iterable[UnitMap],
    source: Source,
    line: int,
    read: Callable[[VaultPath], Source | None],
    read_artifact: Callable[[UnitMap, str], Source | None],
) -> Trace:
    """Lead from `line` of a note to everything that leans on it, in all `units`."""
    line = max(1, min(line, source.line_count))
    start = source.line_place(line)
    chain: list[TraceLink] = []
    ends: list[TraceLink] = []
    verdicts: list[LineVerdict] = []
    for unit in units:
        ids = [id_ for id_, item in unit.elements.items() if _leans(item, source, start)]
        chain += _elements(unit, ids, read)
        verdicts += [
            LineVerdict(unit.unit, item["verdict"], item["rule"])
            for item in unit.verdicts
            if _leans(item, source, start)
        ]
        for path, file in unit.files.items():
            text = read_artifact(unit, path)
            for segment in file["segments"]:
                if text is not None and _leans(segment, source, start):
                    ends.append(_segment_link(segment, file, text))
    ends = list(dict.fromkeys(ends))
    return Trace(start, tuple(dict.fromkeys((*chain, *ends))), tuple(ends), tuple(dict.fromkeys(verdicts)))


def _leans(item: Mapping[str, Any], source: Source, line: Place) -> bool:
    quotes = item["origins"] or (item["derived"] or {}).get("leans_on", [])
    for quote in quotes:
        if quote["path"] != source.path:
            continue
        place, status = as_found(quote, source)
        if status != GONE and place.start < max(line.end, line.start + 1) and line.start < place.end:
            return True
    return False


def _segment_link(segment: Mapping[str, Any], file: Mapping[str, Any], source: Source) -> TraceLink:
    first, last = (max(1, min(number, source.line_count)) for number in segment["lines"])
    place = source.line_place(first, last)
    return TraceLink(_kind(segment, file), segment["name"], place)


def _kind(segment: Mapping[str, Any], file: Mapping[str, Any]) -> str:
    """Give what a segment is: part of a note that was written, a test, or code."""
    if file["root"] == "vault":
        return "artifact"
    return "test" if segment["kind"] == "test" else "code"

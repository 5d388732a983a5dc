"""Mermaid diagrams as values: edges in order, classes with members, each with its place in the code.

Line by line and by hand: only what the elements of the IR need is read, the rest is passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum


class DiagramKind(StrEnum):
    """What a diagram draws."""

    STATES = "states"
    FLOWCHART = "flowchart"
    SEQUENCE = "sequence"
    CLASSES = "classes"
    RELATIONS = "relations"


@dataclass(frozen=True, slots=True)
class MermaidEdge:
    """An arrow: ends and label in the diagram's words; `start`, `end` are offsets into the code."""

    source: str
    target: str
    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Member:
    """A field of a class or entity: name and type as written, comment, place."""

    name: str
    type: str
    note: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Box:
    """A class of a class diagram or an entity of a relation diagram."""

    name: str
    members: tuple[Member, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Diagram:
    """A diagram: kind, arrows in order, boxes with members. `[*]` stands for start and end of states.

    In a class diagram an arrow is a box that holds others, its label how many of them: "0..200", "*".
    """

    kind: DiagramKind
    edges: tuple[MermaidEdge, ...]
    boxes: tuple[Box, ...] = ()


_KINDS = {
    "statediagram": DiagramKind.STATES,
    "statediagram-v2": DiagramKind.STATES,
    "flowchart": DiagramKind.FLOWCHART,
    "graph": DiagramKind.FLOWCHART,
    "sequencediagram": DiagramKind.SEQUENCE,
    "classdiagram": DiagramKind.CLASSES,
    "classdiagram-v2": DiagramKind.CLASSES,
    "erdiagram": DiagramKind.RELATIONS,
}
_FLOW_ARROWS = ("-.->", "==>", "-->", "---", "--o", "--x")
_SEQUENCE_ARROWS = ("-->>", "->>", "-->", "--x", "-x", "--)", "-)", "->")
_HOLDS = re.compile(
    r"^(?P<left>[\w~]{1,60})\s{0,3}(?:\"(?P<lefts>[^\"]{1,20})\")?\s{0,3}(?P<arrow>[*o](?:--|\.\.)|(?:--|\.\.)[*o])\s{0,3}"
    r"(?:\"(?P<rights>[^\"]{1,20})\")?\s{0,3}(?P<right>[\w~]{1,60})(?:\s{0,3}:.{0,200})?$"
)
_OPENERS = {"[": "]", "(": ")", "{": "}", ">": "]"}
_SHAPES = "[](){}<>/\\|"


@dataclass
class _Reading:
    """What has been read so far."""

    labels: dict[str, str] = field(default_factory=dict)
    edges: list[MermaidEdge] = field(default_factory=list)
    boxes: dict[str, list[Member]] = field(default_factory=dict)
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    open_box: str = ""

    def add_box(self, name: str, start: int, end: int) -> None:
        """Remember a box; its place grows to its last line."""
        self.boxes.setdefault(name, [])
        self.places[name] = (self.places.get(name, (start, end))[0], end)


def read_diagram(code: str) -> Diagram | None:
    """Read the code of a Mermaid fence; None for a kind that states nothing we lower (pie, gantt, mindmap…)."""
    lines = _lines(code)
    kind = None
    reading = _Reading()
    for text, start in lines:
        if kind is None:
            kind = _KINDS.get(text.split()[0].lower().rstrip(";"))
            if kind is None:
                return None
            continue
        _READERS[kind](text.rstrip(";"), start, reading)
    if kind is None:
        return None
    labels = reading.labels
    edges = tuple(
        MermaidEdge(
            labels.get(edge.source, edge.source), labels.get(edge.target, edge.target), edge.label, edge.start, edge.end
        )
        for edge in reading.edges
    )
    boxes = tuple(Box(name, tuple(members), *reading.places[name]) for name, members in reading.boxes.items())
    return Diagram(kind, edges, boxes)


def _lines(code: str) -> list[tuple[str, int]]:
    """Give the lines that say something, stripped, each with its offset; front matter and `%%` are left out."""
    found: list[tuple[str, int]] = []
    offset = 0
    in_front = False
    for line in code.splitlines(keepends=True):
        text = line.strip()
        if text == "---" and (in_front or not found):
            in_front = not in_front
        elif text and not in_front and not text.startswith("%%"):
            found.append((text, offset + len(line) - len(line.lstrip())))
        offset += len(line)
    return found


def _read_state(text: str, start: int, reading: _Reading) -> None:
    if text.startswith("state ") and " as " in text:
        label, _, name = text[6:].partition(" as ")
        reading.labels[name.strip(" {")] = label.strip().strip('"')
        return
    left, arrow, right = text.partition("-->")
    if not arrow:
        return
    target, _, event = right.partition(":")
    reading.edges.append(MermaidEdge(left.strip(), target.strip(), event.strip(), start, start + len(text)))


def _read_flow(text: str, start: int, reading: _Reading) -> None:
    nodes: list[str] = []
    labels: list[str] = []
    rest = text
    while rest:
        at, arrow = _next_arrow(rest)
        piece = rest if at < 0 else rest[:at]
        node, label = _flow_node(piece, reading)
        if not node:
            break
        nodes.append(node)
        if at < 0:
            break
        rest = rest[at + len(arrow) :].lstrip()
        if rest.startswith("|") and "|" in rest[1:]:
            label, _, rest = rest[1:].partition("|")
        labels.append(label.strip().strip('"'))
    for number in range(len(nodes) - 1):
        for one in nodes[number].split(" & "):
            for two in nodes[number + 1].split(" & "):
                reading.edges.append(MermaidEdge(one.strip(), two.strip(), labels[number], start, start + len(text)))


def _next_arrow(text: str) -> tuple[int, str]:
    """Give the place and form of the first arrow outside brackets and quotes, or (-1, "")."""
    depth = 0
    is_quoted = False
    for at, char in enumerate(text):
        if char == '"':
            is_quoted = not is_quoted
        elif is_quoted:
            continue
        elif char in "[({":
            depth += 1
        elif char in "])}":
            depth -= 1
        elif depth <= 0 and char in "-=":
            for arrow in _FLOW_ARROWS:
                if text.startswith(arrow, at):
                    return at, arrow
    return -1, ""


def _flow_node(text: str, reading: _Reading) -> tuple[str, str]:
    """Give the node's name and the label that stands before the arrow (`A -- yes --> B`)."""
    label = ""
    words = text.strip()
    if " -- " in words:
        words, _, label = words.partition(" -- ")
    elif " == " in words:
        words, _, label = words.partition(" == ")
    names = []
    for part in words.split(" & "):
        name = part.strip()
        cut = next((at for at, char in enumerate(name) if char in _OPENERS), -1)
        if cut > 0:
            shown = name[cut:].strip().split(":::")[0].strip(_SHAPES + " ").strip('"').strip()
            name = name[:cut].strip()
            if shown:
                reading.labels[name] = shown.replace("<br>", " ").replace("<br/>", " ")
        names.append(name.split(":::")[0].strip())
    joined = " & ".join(name for name in names if name)
    if joined.split(" ")[0] in {"subgraph", "end", "style", "classDef", "class", "click", "linkStyle", "direction"}:
        return "", ""
    return joined, label


def _read_sequence(text: str, start: int, reading: _Reading) -> None:
    for word in ("participant ", "actor "):
        if text.startswith(word):
            name, _, label = text[len(word) :].partition(" as ")
            if label:
                reading.labels[name.strip()] = label.strip()
            return
    ends, colon, message = text.partition(":")
    if not colon:
        return
    for arrow in _SEQUENCE_ARROWS:
        left, found, right = ends.partition(arrow)
        if found:
            edge = MermaidEdge(left.strip(" +-"), right.strip(" +-"), message.strip(), start, start + len(text))
            reading.edges.append(edge)
            return


def _read_class(text: str, start: int, reading: _Reading) -> None:
    end = start + len(text)
    if reading.open_box:
        if text == "}":
            reading.add_box(reading.open_box, start, end)
            reading.open_box = ""
        elif not text.startswith("<<"):
            _class_member(text, start, reading.open_box, reading)
    elif text.startswith("class "):
        name = text[6:].split("{")[0].split("[")[0].split(":::")[0].strip().strip("`")
        reading.add_box(name, start, end)
        reading.open_box = name if text.endswith("{") else ""
    elif (holding := _HOLDS.match(text)) is not None:
        whole, part, count = holding["left"], holding["right"], holding["rights"] or ""
        if holding["arrow"].endswith(("*", "o")):
            whole, part, count = part, whole, holding["lefts"] or ""
        reading.edges.append(MermaidEdge(whole, part, count, start, end))
    elif " : " in text and not any(arrow in text for arrow in ("--", "..")):
        name, _, member = text.partition(" : ")
        reading.add_box(name.strip(), start, end)
        _class_member(member.strip(), start + text.index(member.strip()), name.strip(), reading)


def _class_member(text: str, start: int, box: str, reading: _Reading) -> None:
    if "(" in text:
        return  # a method
    words = text.lstrip("+-#~").strip()
    if ":" in words:
        name, _, kind = words.partition(":")
    elif " " in words:
        kind, _, name = words.partition(" ")
    else:
        name, kind = words, ""
    reading.boxes[box].append(Member(name.strip(), kind.strip(), "", start, start + len(text)))


def _read_relation(text: str, start: int, reading: _Reading) -> None:
    end = start + len(text)
    if reading.open_box:
        if text == "}":
            reading.add_box(reading.open_box, start, end)
            reading.open_box = ""
            return
        comment = text.partition('"')[2].strip('"')
        words = text.partition('"')[0].split()
        if len(words) >= 2:
            reading.boxes[reading.open_box].append(Member(words[1], words[0], comment, start, end))
    elif text.endswith("{"):
        name = text[:-1].split("[")[0].strip().strip('"')
        reading.add_box(name, start, end)
        reading.open_box = name


_READERS = {
    DiagramKind.STATES: _read_state,
    DiagramKind.FLOWCHART: _read_flow,
    DiagramKind.SEQUENCE: _read_sequence,
    DiagramKind.CLASSES: _read_class,
    DiagramKind.RELATIONS: _read_relation,
}

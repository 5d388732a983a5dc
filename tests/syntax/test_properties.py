"""The quick reading of plain properties gives what YAML gives, or leaves them to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from vaultc.syntax import frontmatter
from vaultc.syntax.properties import plain_entries

if TYPE_CHECKING:
    from vaultc.syntax.properties import Entry, Node

_PARTS = [
    *(
        "a",
        "я",
        "7",
        "07",
        "1.5",
        "null",
        "true",
        "~",
        "_",
        "word",
        "two words",
        "2024-05-01",
        "12:30",
        "https://a.b/c",
    ),
    *(":", "::", ": ", " :", "#", " #", "# ", "-", "- ", "--", " - ", "?", "? ", "!", "!x", "&", "*", "%", "@", "`"),
    *("[", "]", "{", "}", ",", ", ", "|", ">", "<<", "=", "'", '"', "\\", "\\n", "''", '""', " ", "  ", "\t", "\u00a0"),
    *("\u2028", "\u0085", "\ufeff", "\u3000", "\u200b", "🧬", "✍\ufe0f", "—", "«", "[[a]]", "[a, b]", "[a,b]", "[]"),
    *("\n", "\n", "\n  ", "\n- ", "\n  - ", "\n-", "\na: ", "\nb:", "\nc d: ", "\n---", "\n...", "\r\n", "\n\n"),
]


def _events(block: str) -> list[Entry] | str:
    try:
        return frontmatter._Builder(block).build(yaml.parse(block, Loader=yaml.CSafeLoader))
    except (yaml.YAMLError, frontmatter._Refused, frontmatter._NoMapping) as error:
        return repr(error)


def _shown(node: Node) -> Any:
    place = (node.start, node.end) if node.is_string else ()
    return repr(node.value), place, [_shown(item) for item in node.items]


def _same(block: str) -> bool:
    """Tell whether the quick reading took the block; what it took is what YAML says."""
    quick = plain_entries(block)
    if not quick:
        return False
    slow = _events(block)
    assert not isinstance(slow, str), slow
    assert [(e.key, e.start, e.end, _shown(e.node)) for e in quick] == [
        (e.key, e.start, e.end, _shown(e.node)) for e in slow
    ]
    return True


@given(st.lists(st.sampled_from(_PARTS), max_size=12), st.sampled_from(["a: ", "a:", "a:\n- ", "", "a:\n  - "]))
@example(["a", " #", "b"], "a: ")
@example(["a", "\n  - ", "b"], "a: ")
@example(["a", "\n  - ", "b"], "a:\n- ")
@example(["\n  - ", "b"], "a:\n- ")
def test_what_is_read_quickly_is_what_yaml_reads(parts: list[str], head: str) -> None:
    """Whatever the quick reading takes has the keys, values and places that YAML gives."""
    _same(head + "".join(parts) + "\n")


@pytest.mark.parametrize(
    "block",
    [
        "a: b\n",
        "a: two words  \nb:\nc: 12:30\n",
        'title: "a: b # c"\n',
        "title: 'a \\ b'\n",
        "tags: [a, b/c, 2024]\nempty: []\n",
        "tags:\n- a\n- \n- 7\n",
        "tags:\n  - a\n  - 'b'\nурл: https://example.org/#top\n",
        "icon: 🧬\ndeck: a::b\n",
    ],
)
def test_plain_properties_are_read_without_yaml(block: str) -> None:
    """The forms that notes mostly have are read quickly."""
    assert _same(block)


@pytest.mark.parametrize(
    "block",
    [
        "",
        "a: b: c\n",
        "a: b #c\n",
        "a: b:\n",
        "a: &b c\n",
        "a: |\n  b\n",
        "a: b\n  c\n",
        "a: b\n- c\n",
        "a:\n  b: c\n",
        "a:\n  - b: c\n",
        "a:\n  - b\n - c\n",
        'a: "b\\n"\n',
        "a: 'b''c'\n",
        "a: [b, [c]]\n",
        "- a\n",
        "a: b\r\n",
        "a: b\u2028c\n",
        "<<: a\n",
    ],
)
def test_other_forms_are_left_to_yaml(block: str) -> None:
    """What may mean more than its words is not read quickly."""
    assert plain_entries(block) in (None, [])

"""Python text as a tree, where it can be followed."""

from __future__ import annotations

import pytest

from vaultc.compiler.trees import expression, parsed, shown


@pytest.mark.parametrize(
    "code",
    ["x = (", "x = " + "1 + " * 3_200 + "1", "x = " + "(" * 3_000 + ")" * 3_000, "x = " + "-" * 9_000 + "1", "a\0b",
     "x = a" + ".b()" * 3_000],
)  # fmt: skip
def test_what_cannot_be_followed_is_no_tree(code: str) -> None:
    assert parsed(code) is None


def test_code_that_a_person_writes_is_followed() -> None:
    chain = "if a == 0:\n    b()\n" + "".join(f"elif a == {n}:\n    b()\n" for n in range(1, 150))

    assert parsed(chain) is not None
    assert expression("f([1, (2, {3: 4})])") is not None
    assert expression("[" * 60 + "]" * 60) is None


def test_a_type_that_nests_too_deep_is_shown_as_another() -> None:
    deep = parsed("x: " + "a[" * 100 + "b" + "]" * 100)

    assert deep is not None
    assert shown(deep.body[0].annotation, "object") == "object"  # type: ignore[attr-defined]

"""Links, tags, fields and marks inside the words of a block."""

from __future__ import annotations

import pytest
from fakes import note, source, written

from vaultc.core.link import LinkKind
from vaultc.core.note import MarkKind
from vaultc.syntax.tag import is_tag_name
from vaultc.syntax.wikilink import is_external, size_of, split_target


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("[[a]] [[b|c]] ![[d]]", ["a", "b", "d"]),
        ("[[a\\|b]]", ["a"]),
        ("[[[a]]]", ["a"]),
        ("[[a]]]", ["a"]),
        ("[[a", []),
        ("[[ ]]", []),
        ("[[#h]]", [""]),
        ("[[a]](b)", ["a"]),
        ("[a][[b]]", ["b"]),
        ("[x](a(b)c.md)", ["a(b)c.md"]),
        ("[x](a(b.md)", []),
        ("[x](100%.md)", ["100%.md"]),
        ("[x](%FF.md)", ["%FF.md"]),
        ("[x](a%20#1.md)", ["a"]),
        ("[x](a%23b.md)", ["a#b.md"]),
        ("[![i](a.png)](b.md)", ["b.md", "a.png"]),
        ("[x](<a b.md>)", ["a b.md"]),
        ("[x](a.md 'one \"two\"')", ["a.md"]),
        ("[x](a.md (t))", ["a.md"]),
        ("[x]()", []),
        ("[x](//host/a)", []),
        ("[x](Project:%20plan.md)", ["Project: plan.md"]),
        ("[x](obsidian://open?vault=v)", []),
        ("`[[a` b]]", []),
        ("``[[a]]` [[b]]``", []),
        ("`` [[a]] [[b]]", ["a", "b"]),
        ("$[[a]] costs", ["a"]),
        ("[a] (b.md)", []),
    ],
)
def test_links_of_a_line(text: str, targets: list[str]) -> None:
    assert [link.target for link in note(text).links] == targets


def test_a_link_knows_its_parts() -> None:
    parsed = note("![[img.png#x|100x145]] [[n#A#B|t]] [[n#^id]] [words](n.md#A)")

    embed, chain, block, markdown = parsed.links
    assert (embed.kind, embed.is_embed, embed.headings, embed.alias) == (LinkKind.EMBED, True, ("x",), "100x145")
    assert (chain.headings, chain.alias) == (("A", "B"), "t")
    assert (block.block, block.headings) == ("id", ())
    assert (markdown.kind, markdown.headings, markdown.alias) == (LinkKind.MARKDOWN, ("A",), "words")


def test_sizes_are_told_from_words() -> None:
    assert size_of("100x145") == (100, 145)
    assert size_of("300") == (300, None)
    assert size_of("a caption|300") == (300, None)
    assert size_of("2024 год") is None


def test_targets_are_split_at_hashes() -> None:
    assert split_target(" a # b #c ") == ("a", ("b", "c"), None)
    assert split_target("a#h#^id") == ("a", ("h",), "id")
    assert split_target("^id") == ("^id", (), None)


def test_addresses_outside_are_told_from_names() -> None:
    assert is_external("https://a.b")
    assert is_external("mailto:a@b.c")
    assert is_external("//a.b")
    assert not is_external("Note: one.md")
    assert not is_external("a/b.md")


@pytest.mark.parametrize("name", ["a", "физика/оптика", "1a", "a-b_c", "😀", "日本"])
def test_names_of_tags(name: str) -> None:
    assert is_tag_name(name)


@pytest.mark.parametrize("name", ["1984", "19/84", "a b", "a.b", "a,", "«a", "a»", "", "a:b"])
def test_no_names_of_tags(name: str) -> None:
    assert not is_tag_name(name)


def test_code_spans_need_ticks_of_one_length() -> None:
    text = "``a ` b`` and `c` and ```d"

    marks = [written(text, mark.span) for mark in note(text).marks]

    assert marks == ["``a ` b``", "`c`"]


def test_prices_are_no_formulas() -> None:
    assert note("from $5 to $10 and to US$20").marks == ()


def test_marks_stand_inside_one_block() -> None:
    assert note("~~a\n\nb~~ ==c\n\n- d==").marks == ()


def test_an_inline_comment_closes_in_its_block() -> None:
    text = "a %%b\n\nc%% d %%e%%"

    marks = [written(text, mark.span) for mark in note(text).marks if mark.kind is MarkKind.COMMENT]

    assert marks == ["%% d %%"]


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("due:: 2024", [("due", "2024")]),
        ("**Due date**:: x", [("Due date", "x")]),
        ("> a:: b", [("a", "b")]),
        ("- [x] a:: b", [("a", "b")]),
        ("a::", [("a", "")]),
        ("one (a:: b (c) d) two [e:: [[f]]]", [("a", "b (c) d"), ("e", "[[f]]")]),
        ("std::vector<int>", []),
        ("`a:: b`", []),
        ("http:// a:: b", []),
        ("[a:: b", []),
        ("(a:: b\nc)", []),
        ("12:: x", []),
    ],
)
def test_inline_fields(text: str, fields: list[tuple[str, str]]) -> None:
    assert [(found.key, found.value) for found in note(text).fields] == fields


def test_links_inside_a_field_are_found() -> None:
    assert [link.target for link in note("up:: [[a]], [b:: [[c]]]").links] == ["a", "c"]


def test_references_wait_for_their_definition() -> None:
    text = "[one][n], [n][], [gone][x]\n\n[n]: My%20note.md 'title'\n[m]: https://a.b\n"

    links = note(text).links

    assert [(link.target, written(text, link.span)) for link in links] == [
        ("My note.md", "[one][n]"),
        ("My note.md", "[n][]"),
    ]


def test_spans_count_code_points() -> None:
    text = "😀 «ё» [[я]]"

    link = note(text).links[0]

    assert (link.span.start, link.span.end) == (6, 11)
    assert source(text).slice(link.span) == "[[я]]"

"""Routes of a server: in tables, headings, lists, sentences and code, with bodies and status codes."""

from __future__ import annotations

import pytest
from compiler.extract.reading import region

from vaultc.compiler.extract.routes import find_routes

TABLE = """| Method | Path | Body | Response | Errors |
|---|---|---|---|---|
| POST | /loans | title, days? | 201 loan | 404 no_title, 409 lent |
"""
HEADING = """## `POST /loans`

Body: `{title, days?}`

- 201 loan
- 404 no_title
- 409 lent
"""


@pytest.mark.parametrize("text", [TABLE, HEADING])
def test_a_route_has_what_it_takes_and_what_it_answers(text: str) -> None:
    (route,) = find_routes([region(f"# Library\n\n{text}")])

    assert (route.name, route.code_name) == ("POST /loans", "post_loans")
    assert [(param.name, param.is_required) for param in route.params] == [("title", True), ("days", False)]
    assert (route.answers, route.errors) == (("201 loan",), ("404 no_title", "409 lent"))


@pytest.mark.parametrize(
    "text",
    [
        "`DELETE /loans/{id}` ends a loan: 204, or 404 if there is none, within 300 ms.",
        "- DELETE /loans/{id}: 204, 404",
        "Чтобы вернуть книгу, шлём `DELETE /loans/{id}`, ответ 204 или 404.",
        "```http\nDELETE /loans/{id}  → 204, 404\n```",
    ],
)
def test_a_route_is_read_from_a_sentence_an_item_or_code(text: str) -> None:
    (route,) = find_routes([region(f"# Library\n\n{text}\n")])

    assert (route.name, route.code_name) == ("DELETE /loans/{id}", "delete_loan")
    assert [param.name for param in route.params] == ["id"]
    assert [answer[:3] for answer in (*route.answers, *route.errors)] == ["204", "404"]


def test_a_route_is_told_of_once_whatever_the_number_of_places() -> None:
    (route,) = find_routes([region(f"{TABLE}\n`POST /loans` lends a book.\n")])

    assert len(route.origins) == 2
    assert route.summary == "lends a book"


@pytest.mark.parametrize(
    "text", ["GET https://example.org/loans", "See /loans.", "get /loans", "Files in `/loans/old`"]
)
def test_an_address_elsewhere_and_a_path_are_no_routes(text: str) -> None:
    assert find_routes([region(f"{text}\n")]) == ()

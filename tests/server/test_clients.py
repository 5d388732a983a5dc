"""What programs send in their own way: names of models, limits, base URLs, and the headers of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai
import pytest
from server.running import Reply, Running, running

from vaultc.server.run import Options

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

QUESTION: Any = [{"role": "user", "content": "How many watts does the greenhouse pump take?"}]
SENTENCE = "The greenhouse pump takes 120 W. [1]"


@pytest.fixture
def client(server: Running) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=server.base_url, api_key=server.token.secret, max_retries=0, timeout=20) as found:
        yield found


# One model by its name


@pytest.mark.parametrize("name", ["script", "vault", "vault-embeddings"])
def test_a_model_is_found_by_its_name_as_the_list_has_it(client: openai.OpenAI, name: str) -> None:
    assert client.models.retrieve(name) in list(client.models.list())


def test_a_name_with_a_slash_is_found_however_it_is_spelt(server: Running) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server.served, "models", {"maker/Big model": server.model})
        found = [server.get(f"/v1/models/{name}").json["id"] for name in ("maker/Big%20model", "maker%2FBig%20model")]

    assert found == ["maker/Big model"] * 2


@pytest.mark.parametrize("name", ["gpt-4o", "maker/none", "%2e%2e%2fetc%2fpasswd", "%00", "%FF", "script%20", "%zz"])
def test_a_model_that_is_not_there_is_not_found_by_its_name(server: Running, name: str) -> None:
    found = server.get(f"/v1/models/{name}")

    assert (found.status, found.code, found.json["error"]["param"]) == (404, "model_not_found", "model")
    assert server.asked[-1].path == "(unknown path)", "a log holds no text of strangers"


def test_a_model_is_named_to_nobody_without_the_token(server: Running) -> None:
    for name in ("script", "nothing"):
        assert server.get(f"/v1/models/{name}", authorization=None).code == "token"


def test_only_the_name_of_a_model_may_have_escapes(server: Running) -> None:
    assert server.get("/v1/%6dodels/script").code == "target"
    assert server.get("/v1/models/a//b").code == "target"
    assert server.get("/v1/models/../models").code == "target"


# Paths


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("/models", "/v1/models"),
        ("/chat/completions", "/v1/chat/completions"),
        ("/v1/v1/embeddings", "/v1/embeddings"),
        ("/v1/models/", "/v1/models"),
        ("/v1/health", "/health"),
    ],
)
def test_who_has_the_base_url_wrong_is_told_what_is_served(server: Running, asked: str, meant: str) -> None:
    found = server.get(asked)

    assert (found.status, found.code) == (404, "not_found")
    assert found.json["error"]["message"].endswith(f": {meant} is")


@pytest.mark.parametrize(
    ("line", "allow"),
    [
        ("GET /v1/chat/completions", "POST"),
        ("DELETE /v1/models", "GET, HEAD"),
        ("POST /v1/models/script", "GET, HEAD"),
        ("PUT /health", "GET, HEAD"),
    ],
)
def test_another_method_is_told_which_is_taken(server: Running, line: str, allow: str) -> None:
    found = Reply.of(server.say(server.head(f"{line} HTTP/1.1", content_length="0", connection="close")))

    assert (found.status, found.code) == (405, "method")
    assert f"allow: {allow.lower()}\r\n" in found.head


def test_a_line_of_the_log_ends_where_it_should_whatever_the_model_is_called(server: Running) -> None:
    assert server.post(server.chat() | {"model": "\n script\x1c\n"}).status == 200
    assert server.asked[-1].about == "script"


# Limits


def test_a_question_that_is_no_question_is_refused_unread(server: Running) -> None:
    found = server.post({"model": "vault", "messages": [{"role": "user", "content": "pump " * 10_000}]})

    assert (found.status, found.code) == (400, "context_length_exceeded")


@pytest.mark.parametrize("key", ["max_tokens", "max_completion_tokens"])
@pytest.mark.parametrize("value", [0, -2, "5", 1.5, 1e3, True, [], {}])
@pytest.mark.parametrize("model", ["script", "vault"])
def test_what_is_no_limit_is_refused(server: Running, key: str, value: Any, model: str) -> None:
    found = server.post({"model": model, "messages": QUESTION, key: value})

    assert (found.status, found.code, found.json["error"]["param"]) == (400, "invalid_value", key)


@pytest.mark.parametrize(
    ("given", "limit"), [({}, 8192), ({"max_tokens": None}, 8192), ({"max_tokens": 7}, 7),
                         ({"max_tokens": 7, "max_completion_tokens": 3}, 3)]
)  # fmt: skip
def test_a_limit_reaches_the_model(server: Running, given: dict[str, Any], limit: int) -> None:
    server.post(server.chat("hello", **given))

    assert server.model.calls[-1].sampling.max_tokens == limit


@pytest.mark.parametrize("most", [-1, 10**9, 10**30])
def test_no_limit_and_one_past_the_context_are_what_the_context_has_left(server: Running, most: int) -> None:
    context = server.model.spec.context_tokens

    found = server.post(server.chat("one two", max_tokens=most))

    assert found.json["choices"][0]["finish_reason"] == "stop"
    assert context - 50 < server.model.calls[-1].sampling.max_tokens <= context - 2


def ask_vault(client: openai.OpenAI, *, stream: bool, **keys: Any) -> tuple[str, str | None, dict[str, Any]]:
    """Give the answer of `vault`, why it ended, and our own field."""
    if not stream:
        found = client.chat.completions.create(model="vault", messages=QUESTION, **keys)
        more = (found.model_extra or {})["vaultc"]
        return found.choices[0].message.content or "", found.choices[0].finish_reason, more
    chunks = list(client.chat.completions.create(model="vault", messages=QUESTION, stream=True, **keys))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    return text, chunks[-1].choices[0].finish_reason, (chunks[-1].model_extra or {})["vaultc"]


@pytest.mark.parametrize("stream", [False, True])
def test_the_vault_ends_with_whole_sentences_where_a_client_sets_it_bounds(client: openai.OpenAI, stream: bool) -> None:
    whole, finish, _ = ask_vault(client, stream=stream, max_tokens=-1)
    assert (whole.partition("\n\nSources:\n")[0], finish) == (SENTENCE, "stop")

    assert ask_vault(client, stream=stream, max_tokens=12)[:2] == (SENTENCE, "length")
    assert ask_vault(client, stream=stream, max_completion_tokens=1)[:2] == ("", "length")
    assert ask_vault(client, stream=stream, stop="\n")[:2] == (SENTENCE, "stop")
    cut = ask_vault(client, stream=stream, stop=["120"])
    assert cut[:2] == ("", "stop")
    assert cut[2]["sentences"][0]["supported"], "the field holds all that was found"


def test_the_vault_names_what_only_a_model_by_itself_obeys(client: openai.OpenAI) -> None:
    keys: dict[str, Any] = {"temperature": 0.7, "seed": 1, "top_p": 1, "presence_penalty": 1, "max_tokens": 500}

    _, _, more = ask_vault(client, stream=False, **keys, extra_body={"min_p": 0.1})

    assert more["ignored"] == ["min_p", "presence_penalty", "seed", "temperature", "top_p"]
    assert "ignored" not in ask_vault(client, stream=False, stop="x", max_tokens=500)[2]


# A page that may ask

PAGE = "app://obsidian.md"
OPENAI_JS = (
    "authorization,content-type,idempotency-key,openai-beta,openai-organization,openai-project,x-stainless-arch,"
    "x-stainless-custom-poll-interval,x-stainless-helper-method,x-stainless-lang,x-stainless-os,"
    "x-stainless-package-version,x-stainless-poll-helper,x-stainless-retry-count,x-stainless-runtime,"
    "x-stainless-runtime-version,x-stainless-timeout"
)
"""What OpenAI's client for JavaScript (6.49) sends from a page, as a browser asks for it."""


def preflight(server: Running, path: str, origin: str) -> Reply:
    asked = server.head(
        f"OPTIONS {path} HTTP/1.1",
        authorization=None,
        content_type=None,
        connection="close",
        origin=origin,
        access_control_request_method="POST",
        access_control_request_headers=OPENAI_JS,
        access_control_request_private_network="true",
    )
    return Reply.of(server.say(asked))


def test_a_page_that_may_ask_may_send_what_its_client_sends_and_no_other_page_may(vault: Path) -> None:
    with running(vault, options=Options(origins=frozenset({PAGE}))) as server:
        allowed = [preflight(server, path, PAGE) for path in ("/v1/chat/completions", "/v1/models/a%2Fb", "/mcp")]
        refused = preflight(server, "/v1/chat/completions", "https://evil.example")
        plain = Reply.of(
            server.say(server.head("OPTIONS /v1/models HTTP/1.1", origin=PAGE, authorization=None, connection="close"))
        )
        answered, unknown = server.get(origin=PAGE), server.get("/v1/models/none", origin=PAGE)

    for found in allowed:
        assert found.status == 204
        assert f"access-control-allow-headers: {OPENAI_JS}\r\n" in found.head
        assert "access-control-allow-methods: get, head, post, delete\r\n" in found.head
        assert "access-control-allow-private-network: true\r\n" in found.head
    assert "private-network" not in plain.head
    for found in (*allowed, answered, unknown):
        assert f"access-control-allow-origin: {PAGE}\r\n" in found.head
        assert "vary: origin\r\n" in found.head
    assert "access-control-expose-headers: retry-after, www-authenticate\r\n" in answered.head
    assert refused.status == 403
    assert "access-control" not in refused.head
    assert "vary: origin\r\n" in refused.head

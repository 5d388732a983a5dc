"""Attacks on a server of this machine, over real sockets."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from server.running import Paced, Reply, Running, echo, receive_all, running

from vaultc.server.guard import Limits
from vaultc.server.run import Options

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_a_request_that_is_in_order_passes(server: Running) -> None:
    found = server.post(server.chat("hello"))

    assert found.status == 200
    assert found.json["choices"][0]["message"]["content"] == "hello"


# A page in the browser


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{port}", "127.0.0.1.evil.example:{port}", "127.0.0.1", "localhost:1",
     "0.0.0.0:{port}", "[::]:{port}", "127.0.0.1:{port}@evil.example", "127.1:{port}", "2130706433:{port}",
     "localhost.:{port}", ""],
)  # fmt: skip
def test_a_host_that_is_not_ours_is_refused_before_the_token(server: Running, host: str) -> None:
    shown = host.format(port=server.place.port)

    for token in (f"Bearer {server.token.secret}", None):
        found = server.get("/v1/models", host=shown, authorization=token)

        assert (found.status, found.code) == (403, "host")


@pytest.mark.parametrize("host", ["localhost:{port}", "127.0.0.1:{port}", "[::1]:{port}", "LOCALHOST:{port}"])
def test_the_names_of_this_machine_pass(server: Running, host: str) -> None:
    assert server.get(host=host.format(port=server.place.port)).status == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost", "http://127.0.0.1:{port}", "file://", "app://obsidian.md"]
)  # fmt: skip
def test_a_page_is_refused_before_the_token_and_gets_no_permission(server: Running, origin: str) -> None:
    shown = origin.format(port=server.place.port)

    for found in (
        server.get(origin=shown),
        server.get(origin=shown, authorization=None),
        server.post(server.chat(), origin=shown),
        Reply.of(server.say(server.head("OPTIONS /v1/models HTTP/1.1", origin=shown, connection="close"))),
    ):
        assert (found.status, found.code) == (403, "origin")
        assert "access-control" not in found.head


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_picture_of_another_page_is_refused(server: Running, site: str) -> None:
    assert server.get("/health", sec_fetch_site=site, authorization=None).code == "origin"


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", None, "application/jsonp",
     "text/plain; application/json", "application/json; charset=utf-16", "application/json, text/plain"],
)  # fmt: skip
def test_a_body_that_a_form_could_send_is_refused(server: Running, kind: str | None) -> None:
    assert server.post(server.chat(), content_type=kind).status == 415


def test_a_compressed_body_is_refused(server: Running) -> None:
    assert server.post(b"\x1f\x8b", content_encoding="gzip").code == "content_encoding"


def test_no_answer_lets_a_page_read_it(server: Running) -> None:
    for found in (server.get(), server.get("/health"), server.get("/nothing"), server.get(authorization=None)):
        assert "access-control" not in found.head
        assert "x-content-type-options: nosniff" in found.head
        assert "cache-control: no-store" in found.head


def test_a_page_that_the_person_named_may_ask_with_the_token(vault: Path) -> None:
    page = "app://obsidian.md"
    with running(vault, options=Options(origins=frozenset({page}))) as server:
        asked = server.say(
            server.head("OPTIONS /v1/models HTTP/1.1", origin=page, authorization=None, connection="close")
        )
        found, without, other = (
            server.get(origin=page),
            server.get(origin=page, authorization=None),
            server.get(origin="https://evil.example"),
        )

    assert Reply.of(asked).status == 204
    assert f"access-control-allow-origin: {page}" in Reply.of(asked).head
    assert found.status == 200
    assert f"access-control-allow-origin: {page}" in found.head
    assert without.status == 401
    assert other.status == 403
    assert "access-control" not in other.head


# The token


@pytest.mark.parametrize("path", ["/v1/models", "/v1/embeddings", "/mcp", "/nothing", "/"])
@pytest.mark.parametrize(
    "given", [None, "Bearer", "Bearer ", "Bearer wrong", "Basic {token}", "{token}", "Bearer {token}x"]
)
def test_nothing_is_said_without_the_token(server: Running, path: str, given: str | None) -> None:
    shown = given.format(token=server.token.secret) if given is not None else None

    found = server.get(path, authorization=shown)

    assert (found.status, found.code) == (401, "token")


def test_a_token_twice_is_refused(server: Running) -> None:
    twice = server.head("GET /v1/models HTTP/1.1", content_type=None, x="1").replace(
        b"x: 1", b"Authorization: Bearer " + server.token.secret.encode()
    )

    assert Reply.of(server.say(twice.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"))).code == "header_twice"


def test_health_says_without_the_token_only_that_it_is_well(server: Running) -> None:
    assert server.get("/health", authorization=None).json == {"status": "ok"}
    assert server.get("/health").json["models"] == ["script"]
    assert server.get("/health", authorization="Bearer wrong").status == 401


def test_the_log_holds_no_token_no_query_and_no_content(server: Running) -> None:
    server.asked.clear()
    server.get(f"/v1/models?key={server.token.secret}")
    server.get(f"/{server.token.secret}")
    server.post(server.chat("a secret word"))

    shown = repr(server.asked)

    assert len(server.asked) == 3
    assert server.token.secret not in shown
    assert "secret word" not in shown
    assert server.asked[1].path == "(unknown path)"


# Where it listens


def test_it_listens_on_this_machine_alone(server: Running) -> None:
    assert server.place.port is not None
    port = f"{server.place.port:04X}"

    addresses = {line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines() if f":{port} " in line}
    listening = {address for address in addresses if address.endswith(port)}

    assert listening == {"0100007F:" + port}
    assert not [line for line in Path("/proc/net/tcp6").read_text().splitlines() if f":{port} 0000" in line]


# Requests that are none


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /v1/models HTTP/9.9\r\nhost: x\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\na b: c\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\x00y\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
    ids=["no host", "two hosts", "TLS", "version", "bytes in the path", "negative length", "two lengths", "a blank",
         "NUL", "HTTP/2"],
)  # fmt: skip
def test_what_is_no_request_is_answered_as_an_error_and_ended(server: Running, data: bytes) -> None:
    found = Reply.of(server.say(data))

    assert found.status in {400, 403}
    assert found.code in {"malformed", "host", "target"}
    assert server.get().status == 200


def test_old_http_without_a_host_is_refused(server: Running) -> None:
    found = Reply.of(server.say(b"GET /v1/models HTTP/1.0\r\n\r\n"))

    assert (found.status, found.code) == (403, "host")


def test_old_http_with_a_host_passes(server: Running) -> None:
    assert Reply.of(server.say(server.head("GET /v1/models HTTP/1.0", content_type=None))).status == 200


@pytest.mark.parametrize(
    "target",
    ["http://evil.example/v1/models", "//evil.example/v1/models", "/v1/../v1/models", "/v1//models", "/%76%31/models",
     "/v1/models%00", "/.", "/v1/models/..%2f..", "/v1\\models", "*", "/" + "a" * 5000, "/health/../v1/models"],
)  # fmt: skip
def test_no_path_leads_past_the_rules(server: Running, target: str) -> None:
    found = server.get(target, authorization=None)

    assert found.status in {400, 401}
    assert server.get(target).status in {400, 404}


def test_a_huge_header_is_refused(server: Running) -> None:
    found = Reply.of(server.say(server.head(x="a" * 200_000)))

    assert (found.status, found.code) == (400, "malformed")


def test_many_headers_are_refused(server: Running) -> None:
    lines = "".join(f"x{number}: {number}\r\n" for number in range(20_000)).encode()

    assert Reply.of(server.say(b"GET / HTTP/1.1\r\n" + lines + b"\r\n")).status == 400


def test_pipelined_requests_are_answered_in_order(server: Running) -> None:
    first = json.dumps(server.chat("first")).encode()
    second = json.dumps(server.chat("second")).encode()
    data = server.head(content_length=str(len(first))) + first
    data += server.head(content_length=str(len(second)), connection="close") + second

    found = server.say(data)

    assert found.count(b"HTTP/1.1 200") == 2
    assert found.index(b'"first"') < found.index(b'"second"')


def test_behind_a_refusal_nothing_of_the_connection_is_read(server: Running) -> None:
    """What a refused request calls its body must not be taken for a request."""
    smuggled = server.head("GET /v1/models HTTP/1.1", content_type=None)

    found = server.say(server.head("POST /v1/models HTTP/1.1", origin="null") + smuggled)

    assert found.count(b"HTTP/1.1") == 1
    assert Reply.of(found).status == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"zz\r\nno chunk\r\n", 400),
        (b"-1\r\n\r\n", 400),
        (b"5\r\nab\r\n0\r\n\r\n", 400),
        (b"ffffffffffffffffffffff\r\n", 400),
        (b"2\r\n{}\r\n0\r\n\r\n", 400),
    ],
)
def test_bad_chunks_are_an_error_and_no_more(server: Running, body: bytes, status: int) -> None:
    found = server.say(server.head(transfer_encoding="chunked", connection="close") + body)

    assert Reply.of(found).status == status
    assert server.get().status == 200


def test_a_length_and_chunks_together_are_not_read_in_two_ways(server: Running) -> None:
    found = server.say(
        server.head(transfer_encoding="chunked", content_length="4") + b"0\r\n\r\nGET /v1/models HTTP/1.1\r\n\r\n"
    )

    assert found.count(b"HTTP/1.1 200") == 0


@pytest.mark.parametrize("path", ["/v1/models", "/v1/chat/completions", "/mcp"])
def test_there_is_no_websocket(server: Running, path: str) -> None:
    found = server.get(
        path, connection="Upgrade", upgrade="websocket", sec_websocket_key="eA==", sec_websocket_version="13"
    )

    assert (found.status, found.code) == (400, "no_websocket")


@pytest.mark.parametrize("method", ["TRACE", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "GET"])
def test_other_methods_do_nothing(server: Running, method: str) -> None:
    found = Reply.of(server.say(server.head(f"{method} /v1/embeddings HTTP/1.1", connection="close")))

    assert found.status in {400, 405}


def test_a_head_request_has_no_body(server: Running) -> None:
    found = Reply.of(server.say(server.head("HEAD /v1/models HTTP/1.1", content_type=None, connection="close")))

    assert (found.status, found.body) == (200, b"")


@pytest.mark.parametrize(
    "body",
    [b'{"a":' + b"[" * 1_000_000, b'{"model":"a","model":"b"}', b'{"a":' + b"9" * 100_000 + b"}", b'{"a":"\xff"}',
     b'{"a":NaN}', b'{"a":"\\ud800"}', b"[]", b""],
    ids=["deep", "a key twice", "a long number", "no UTF-8", "NaN", "half a character", "a list", "empty"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/completions", "/v1/embeddings"])
def test_json_that_is_a_trap_is_refused(server: Running, path: str, body: bytes) -> None:
    found = server.post(body, path)

    assert (found.status, found.code) == (400, "json")


# Time and size


def test_a_body_past_the_cap_is_refused_by_its_length_alone(server: Running) -> None:
    found = Reply.of(server.say(server.head(content_length=str(10**12), connection="close")))

    assert (found.status, found.code) == (413, "too_large")


def test_a_body_past_the_cap_is_refused_in_chunks_too(vault: Path) -> None:
    with running(vault, options=Options(limits=Limits(body_bytes=10_000))) as server:
        chunks = b"".join(b"%x\r\n" % size + b"a" * size + b"\r\n" for size in (4096, 8192))
        found = server.say(server.head(transfer_encoding="chunked", connection="close") + chunks)

    assert Reply.of(found).code == "too_large"


def test_a_get_with_a_body_is_refused(server: Running) -> None:
    assert Reply.of(server.say(server.head("GET /v1/models HTTP/1.1", content_length="5") + b"hello")).status == 413


@pytest.mark.parametrize("start", [b"", b"GET /v1/models HT", b"GET /v1/models HTTP/1.1\r\nhost: x\r\n"])
def test_headers_that_do_not_come_end_the_connection(server: Running, start: bytes) -> None:
    started = time.monotonic()

    found = server.say(start)

    assert Reply.of(found).code == "too_slow"
    assert 0.5 < time.monotonic() - started < 4


def test_headers_that_drip_end_the_connection(server: Running) -> None:
    """Slow loris: each byte in time, the whole never."""
    started = time.monotonic()
    with server.connect() as connection:
        with contextlib.suppress(OSError):
            for byte in server.head(x="a" * 500):
                connection.sendall(bytes([byte]))
                time.sleep(0.05)
        assert time.monotonic() - started < 5


def test_headers_that_drip_behind_a_first_request_end_the_connection(server: Running) -> None:
    with server.connect() as connection:
        connection.sendall(server.head("GET /v1/models HTTP/1.1", content_type=None))
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        connection.sendall(b"GET /v1/mod")

        assert b"too_slow" in receive_all(connection)


def test_a_body_that_drips_is_refused(server: Running) -> None:
    started = time.monotonic()

    found = Reply.of(server.say(server.head(content_length="100") + b"{"))

    assert (found.status, found.code) == (408, "too_slow")
    assert time.monotonic() - started < 4


def test_too_many_connections_are_refused_and_those_there_live_on(vault: Path) -> None:
    limits = Limits(connections=4, header_s=5)
    with running(vault, options=Options(limits=limits)) as server, contextlib.ExitStack() as stack:
        held = [stack.enter_context(server.connect()) for _ in range(4)]
        time.sleep(0.2)
        refused = Reply.of(server.say(b""))
        held[0].sendall(server.head("GET /v1/models HTTP/1.1", content_type=None))
        answered = held[0].recv(65536)

    assert (refused.status, refused.code) == (503, "too_many_connections")
    assert answered.startswith(b"HTTP/1.1 200")


@pytest.fixture
def wordy(vault: Path) -> Iterator[Running]:
    """Give a server whose model says more than any buffer holds."""
    model = Paced(lambda _: "word " * 400_000)
    with running(vault, model) as found:
        yield found


def test_a_client_that_takes_nothing_holds_neither_model_nor_connection(wordy: Running) -> None:
    document = json.dumps(wordy.chat(stream=True, max_tokens=60_000)).encode()
    with wordy.connect() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        connection.sendall(wordy.head(content_length=str(len(document))) + document)

        assert wordy.is_free(10)
        other = wordy.post(wordy.chat("another", max_tokens=3))
        deadline = time.monotonic() + 10
        while len(wordy.asked) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)

    assert other.status == 200
    assert sorted(asked.status for asked in wordy.asked) == [200, 499]


def test_a_connection_that_is_torn_off_leaves_nothing_behind(vault: Path) -> None:
    model = Paced(echo, pause_s=0.02)
    with running(vault, model) as server:
        document = json.dumps(server.chat("word " * 500, stream=True, max_tokens=500)).encode()
        with server.connect() as connection:
            connection.sendall(server.head(content_length=str(len(document))) + document)
            assert connection.recv(100)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        assert model.stopped.wait(2)
        assert server.is_free()
        assert server.post(server.chat("again")).status == 200
        assert server.asked[0].status == 499

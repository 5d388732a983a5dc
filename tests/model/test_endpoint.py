from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.core.errors import UsageError
from vaultc.model.remote.endpoint import Endpoint, addresses_of, allowed_endpoint, hub_endpoint


def allowed(url: str, *hosts: str, look_up: object = ("127.0.0.1",)) -> Endpoint:
    asked: list[str] = []

    def found(name: str) -> tuple[str, ...]:
        asked.append(name)
        assert isinstance(look_up, tuple)
        return look_up

    endpoint = allowed_endpoint(url, hosts, setting="models.brain.url", look_up=found)
    assert all(name == "localhost" or name.endswith(".localhost") for name in asked)
    return endpoint


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080",
        "http://127.8.9.1:8080/v1",
        "http://[::1]:8080/v1/",
        "http://[::ffff:127.0.0.1]:8080",
        "http://localhost:11434/v1",
        "http://LOCALHOST.:11434/v1",
        "https://brain.localhost/v1",
        "unix:/run/llama.sock",
    ],
)
def test_this_machine_may_be_connected_to(url: str) -> None:
    assert allowed(url).is_local


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.5:8080",
        "http://0.0.0.0:8080",
        "http://192.168.1.2",
        "https://example.org/v1",
        "http://127.0.0.1.example.org/",
        "http://localhost.example.org",
        "http://notlocalhost:1",
        "http://2130706433/",
        "http://127.1/",
        "http://0x7f.0.0.1/",
        "http://[fe80::1]:8080",
        "http://[::ffff:10.0.0.1]:8080",
        "https://169.254.169.254/latest",
    ],
)
def test_another_host_is_refused_without_a_look_up(url: str) -> None:
    with pytest.raises(UsageError, match="is not this machine"):
        allowed(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1@example.org/v1",
        "http://me:secret@127.0.0.1/",
        "http://127.0.0.1\\@example.org",
        "http://127.0.0.1:8080#@example.org",
        "http://127.0.0.1?x=http://example.org",
        "http://127.0.0.1:0",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:80 80",
        "http://127.0.0.1\n.example.org",
        "http://127。0。0。1/",
        "ftp://127.0.0.1",
        "127.0.0.1:8080",
        "http://127.0.0.1/a/../b",
        "unix:llama.sock",
        "",
    ],
)
def test_what_two_readers_could_read_differently_is_refused(url: str) -> None:
    with pytest.raises(UsageError) as error:
        allowed(url, "127.0.0.1")

    assert "secret" not in error.value.message


def test_localhost_is_this_machine_only_where_it_leads_there() -> None:
    with pytest.raises(UsageError, match="not this machine"):
        allowed("http://localhost:8080", look_up=("93.184.216.34",))
    with pytest.raises(UsageError, match="not this machine"):
        allowed("http://localhost:8080", look_up=("127.0.0.1", "93.184.216.34"))
    with pytest.raises(UsageError, match="not this machine"):
        allowed("http://localhost:8080", look_up=())

    assert allowed("http://localhost:8080", look_up=("127.0.0.1", "::1")).addresses == ("127.0.0.1", "::1")
    assert set(addresses_of("localhost")) <= {"127.0.0.1", "::1"}


def test_a_named_host_may_be_connected_to_with_its_port_where_one_is_named() -> None:
    endpoint = allowed("https://Hands.LAN:8443/v1", "hands.lan:8443")

    assert (endpoint.host, endpoint.port, endpoint.addresses) == ("hands.lan", 8443, ("hands.lan",))
    assert not endpoint.is_local
    assert allowed("http://hands.lan:9000", "hands.lan").port == 9000
    assert allowed("http://[fd00::5]:9000", "[FD00:0::5]:9000").host == "fd00::5"
    for url in ("http://hands.lan:8444", "http://hands.lan", "http://x.hands.lan:8443", "http://hands.lan.org:8443"):
        with pytest.raises(UsageError, match="nothing may be connected"):
            allowed(url, "hands.lan:8443")


def test_a_port_that_is_the_usual_one_is_a_port_all_the_same() -> None:
    assert allowed("https://hands.lan", "hands.lan:443").port == 443
    with pytest.raises(UsageError, match="is not this machine"):
        allowed("http://hands.lan", "hands.lan:443")


@pytest.mark.parametrize("entry", ["http://hands.lan", "*", "*.lan", "hands.lan/24", "a@hands.lan", ""])
def test_an_entry_that_is_no_host_is_an_error(entry: str) -> None:
    with pytest.raises(UsageError, match="is not a host"):
        allowed("http://hands.lan", entry)


@given(st.from_regex(r"https?://[\x21-\x7e]{1,40}", fullmatch=True))
def test_whatever_is_allowed_without_a_list_is_dialled_on_this_machine(url: str) -> None:
    try:
        endpoint = allowed(url)
    except UsageError:
        return

    assert endpoint.is_local
    assert all(address.startswith("127.") or ":" in address for address in endpoint.addresses)


def test_a_download_is_followed_to_a_named_host_by_https_alone() -> None:
    hub = Endpoint("https", "huggingface.co", 443, "", ("huggingface.co",))
    own = Endpoint("http", "127.0.0.1", 8000, "", ("127.0.0.1",))

    assert hub_endpoint("https://cdn.example.org/a/b?sign=%2F", among=hub).host == "cdn.example.org"
    assert hub_endpoint("https://cdn.example.org/a%2Fb,c=d/ё", among=hub).host == "cdn.example.org"
    for url in (
        "https://cdn.example.org\\@evil.example.org/a",
        "https://cdn.example.org@evil.example.org/a",
        "http://cdn.example.org/a",
        "https://127.0.0.1/a",
        "https://localhost/a",
        "https://10.0.0.1/a",
        "https://169.254.169.254/a",
        "https://[::1]/a",
        "file:///etc/passwd",
    ):
        with pytest.raises(UsageError, match="refused to download"):
            hub_endpoint(url, among=hub)
    assert hub_endpoint("http://127.0.0.1:9/a", among=own).port == 9
    with pytest.raises(UsageError, match="only https"):
        hub_endpoint("http://cdn.example.org/a", among=own)
    with pytest.raises(UsageError, match="a named host"):
        hub_endpoint("https://10.0.0.1/a", among=own)


def test_an_endpoint_is_shown_as_it_would_be_written() -> None:
    assert str(allowed("http://127.0.0.1:8080/v1/")) == "http://127.0.0.1:8080/v1"
    assert str(allowed("https://hands.lan:443", "hands.lan")) == "https://hands.lan"
    assert str(allowed("http://[::1]:80")) == "http://[::1]"
    assert str(allowed("unix:///run/a.sock")) == "unix:/run/a.sock"

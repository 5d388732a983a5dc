from __future__ import annotations

import errno
import os
import shutil
import ssl
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model.fake_hub import REPO, Hub, gguf, serving, sha256

from vaultc.core.errors import ModelError, UsageError, VaultError
from vaultc.core.event import Progress, silent
from vaultc.disk.part import Part
from vaultc.disk.policy import Root
from vaultc.model.remote.endpoint import allowed_endpoint
from vaultc.model.remote.hub import Wanted, find_model_files
from vaultc.model.remote.pull import Puller, part_mark
from vaultc.model.remote.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.core.event import Report

NAME = "m-Q8_0.gguf"
DATA = gguf(300_000)


@dataclass
class Still:
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float, /) -> None:
        self.slept.append(seconds)


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serving(Hub({NAME: DATA})) as server:
        yield server


def fetch(
    hub: Hub,
    folder: Path,
    *,
    token: str = "",
    report: Report = silent,
    clock: Still | None = None,
    tls: ssl.SSLContext | None = None,
) -> Path:
    """List, and fetch the first file."""
    wire = Wire(allowed_endpoint(hub.url, (), setting="--hub"), key=token)
    try:
        found = find_model_files(wire, Wanted(REPO))
        puller = Puller(wire, found, report=report, clock=clock or Still(), tls=tls)
        puller.fetch(found.files[0], Root(folder, suffixes=frozenset({".gguf"})), f"{REPO}/{NAME}")
    finally:
        wire.close()
    return folder / REPO / NAME


def part_of(folder: Path, data: bytes = DATA) -> Path:
    return folder / REPO / f"{NAME}.{sha256(data)[:16]}.part"


def test_a_file_comes_whole_and_readable_for_all(hub: Hub, tmp_path: Path) -> None:
    seen: list[Progress] = []
    mask = os.umask(0o022)
    try:
        path = fetch(hub, tmp_path, report=seen.append)
    finally:
        os.umask(mask)

    assert path.read_bytes() == DATA
    assert path.stat().st_mode & 0o777 == 0o644
    assert [entry.name for entry in path.parent.iterdir()] == [NAME]
    assert seen[-1].task == "pull"
    assert hub.ranges() == [""]


def test_a_download_that_breaks_off_goes_on_where_it_was(hub: Hub, tmp_path: Path) -> None:
    hub.cuts = [100_000, 50_000]
    clock = Still()

    path = fetch(hub, tmp_path, clock=clock)

    assert path.read_bytes() == DATA
    starts = [int(asked.removeprefix("bytes=").rstrip("-") or 0) for asked in hub.ranges()]
    assert starts[0] == 0
    assert starts == sorted(starts)
    assert starts[-1] > 0
    assert len(clock.slept) == 2


def test_what_an_earlier_run_fetched_is_not_fetched_again(hub: Hub, tmp_path: Path) -> None:
    part_of(tmp_path).parent.mkdir(parents=True)
    part_of(tmp_path).write_bytes(DATA[:123_456])

    path = fetch(hub, tmp_path)

    assert path.read_bytes() == DATA
    assert hub.ranges() == ["bytes=123456-"]


def test_a_part_that_is_whole_already_is_checked_and_taken(hub: Hub, tmp_path: Path) -> None:
    part_of(tmp_path).parent.mkdir(parents=True)
    part_of(tmp_path).write_bytes(DATA)

    assert fetch(hub, tmp_path).read_bytes() == DATA
    assert hub.ranges() == []


def test_a_part_that_is_too_long_is_begun_anew(hub: Hub, tmp_path: Path) -> None:
    part_of(tmp_path).parent.mkdir(parents=True)
    part_of(tmp_path).write_bytes(DATA + b"x")

    assert fetch(hub, tmp_path).read_bytes() == DATA


def test_a_storage_that_gives_no_ranges_is_read_from_the_beginning(hub: Hub, tmp_path: Path) -> None:
    hub.gives_ranges = False
    part_of(tmp_path).parent.mkdir(parents=True)
    part_of(tmp_path).write_bytes(DATA[:5000])

    assert fetch(hub, tmp_path).read_bytes() == DATA


def test_a_part_that_was_spoilt_is_found_out_and_removed(hub: Hub, tmp_path: Path) -> None:
    part_of(tmp_path).parent.mkdir(parents=True)
    part_of(tmp_path).write_bytes(b"GGUF" + b"\0" * 996)

    with pytest.raises(ModelError, match="another content"):
        fetch(hub, tmp_path)

    assert not part_of(tmp_path).exists()
    assert fetch(hub, tmp_path).read_bytes() == DATA


def test_another_content_of_the_same_size_is_refused(hub: Hub, tmp_path: Path) -> None:
    hub.digests = {NAME: "ab" * 32}

    with pytest.raises(ModelError, match="another content"):
        fetch(hub, tmp_path)

    assert list((tmp_path / REPO).iterdir()) == []


def test_a_file_that_is_exchanged_while_it_is_fetched_is_noticed(hub: Hub, tmp_path: Path) -> None:
    hub.cuts = [100_000]

    class Exchanging(Still):
        def sleep(self, seconds: float, /) -> None:
            hub.files[NAME] = gguf(300_000, 7)

    with pytest.raises(ModelError, match="was exchanged on the hub"):
        fetch(hub, tmp_path, clock=Exchanging())

    assert 0 < part_of(tmp_path).stat().st_size <= 100_000
    assert fetch(hub, tmp_path).read_bytes() == hub.files[NAME]  # the new content has a part of its own


@pytest.mark.parametrize("size", [299_999, 300_001])
def test_a_wrong_size_is_refused(hub: Hub, tmp_path: Path, size: int) -> None:
    hub.sizes = {NAME: size}
    hub.digests = {NAME: sha256(DATA)}

    with pytest.raises(ModelError, match="comes with 300000 bytes instead of"):
        fetch(hub, tmp_path)

    assert part_of(tmp_path).stat().st_size == 0


def test_a_login_page_is_refused(hub: Hub, tmp_path: Path) -> None:
    page = "<!DOCTYPE html>" + " " * 100
    hub.storage_failures = [(200, {"Content-Type": "text/html; charset=utf-8"}, page)]
    with pytest.raises(ModelError, match="a web page came"):
        fetch(hub, tmp_path)

    hub.storage_failures = [(200, {"Content-Type": "application/octet-stream"}, page.ljust(len(DATA)))]
    with pytest.raises(ModelError, match="is not a GGUF file"):
        fetch(hub, tmp_path)

    assert part_of(tmp_path).stat().st_size == 0


@pytest.mark.parametrize("told", ["bytes 0-299999/300000", "bytes 1000-299999/300001", "bytes */300000", ""])
def test_a_range_that_was_not_asked_for_is_refused(hub: Hub, tmp_path: Path, told: str) -> None:
    part_of(tmp_path).parent.mkdir(parents=True)
    part_of(tmp_path).write_bytes(DATA[:1000])
    hub.storage_failures = [(206, {"Content-Range": told}, "x" * 299_000)]

    with pytest.raises(ModelError, match="asked for what follows 1000"):
        fetch(hub, tmp_path)

    assert part_of(tmp_path).read_bytes() == DATA[:1000]


def test_an_address_of_the_storage_that_ran_out_is_asked_for_anew(hub: Hub, tmp_path: Path) -> None:
    hub.storage_failures = [(403, {}, "Request has expired")]

    assert fetch(hub, tmp_path).read_bytes() == DATA
    addresses = [path for where, path, _ in hub.asked if where == "storage"]
    assert len(set(addresses)) == 2


def test_being_asked_to_wait_is_obeyed_up_to_a_minute(hub: Hub, tmp_path: Path) -> None:
    clock = Still()
    hub.storage_failures = [(429, {"Retry-After": "9"}, ""), (429, {"Retry-After": "86399"}, "")]

    fetch(hub, tmp_path, clock=clock)

    assert clock.slept == [9.0, 60.0]


def test_a_storage_that_fails_again_and_again_is_given_up_and_the_part_kept(hub: Hub, tmp_path: Path) -> None:
    hub.cuts = [100_000]
    hub.storage_failures = []
    clock = Still()

    class Failing(Still):
        def sleep(self, seconds: float, /) -> None:
            hub.storage_failures = hub.storage_failures or [(500, {}, "")] * 9
            clock.slept.append(seconds)

    with pytest.raises(ModelError, match="could not be fetched") as error:
        fetch(hub, tmp_path, clock=Failing())

    assert "is kept" in str(error.value.hint)
    assert len(clock.slept) == 4
    assert part_of(tmp_path).stat().st_size > 0


@pytest.mark.parametrize(
    ("status", "says"), [(401, "does not give"), (403, "does not give"), (404, "has no file"), (429, "asks to wait")]
)
def test_a_refusal_while_fetching_is_told(hub: Hub, tmp_path: Path, status: int, says: str) -> None:
    with serving(hub):
        wire = Wire(allowed_endpoint(hub.url, (), setting="--hub"))
        found = find_model_files(wire, Wanted(REPO))
        hub.failures = [(status, {}, "{}")] * 9

        with pytest.raises(ModelError, match=says):
            Puller(wire, found, clock=Still()).fetch(found.files[0], Root(tmp_path), NAME)
        wire.close()


@pytest.mark.parametrize(
    "location",
    ["http://cdn.example.org/x", "https://10.0.0.1/x", "https://192.168.0.1/x", "ftp://a/b", "http://169.254.169.254/"],
)
def test_a_place_that_a_download_is_not_followed_to_is_refused(hub: Hub, tmp_path: Path, location: str) -> None:
    hub.location = location

    with pytest.raises(UsageError, match="refused to download"):
        fetch(hub, tmp_path)


def test_the_token_is_shown_to_the_hub_alone(hub: Hub, tmp_path: Path) -> None:
    hub.token = "hf_secret"

    fetch(hub, tmp_path, token="hf_secret")

    shown = {(where, headers.get("authorization")) for where, _, headers in hub.asked}
    assert shown == {("hub", "Bearer hf_secret"), ("storage", None)}


def test_an_address_of_any_letters_is_asked_for(hub: Hub, tmp_path: Path) -> None:
    hub.location = f"http://127.0.0.1:{hub.storage_port}/blob/{NAME}?name=modèle b&sign=a%2Fb+c=="

    assert fetch(hub, tmp_path).read_bytes() == DATA


def test_leading_in_circles_ends(hub: Hub, tmp_path: Path) -> None:
    hub.location = f"{hub.url}/{REPO}/resolve/c0ffee{'0' * 34}/{NAME}"

    with pytest.raises(ModelError, match="from one place to the next"):
        fetch(hub, tmp_path)


def test_an_interrupt_keeps_the_part(hub: Hub, tmp_path: Path) -> None:
    def interrupt(step: Progress) -> None:
        if step.task == "pull":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(hub, tmp_path, report=interrupt)

    there = part_of(tmp_path).stat().st_size
    assert there > 0
    assert fetch(hub, tmp_path).read_bytes() == DATA
    assert hub.ranges()[-1] == f"bytes={there}-"


def test_a_full_disk_keeps_what_fitted(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, room = os.write, [70_000]

    def write(file: int, data: bytes) -> int:
        if Path(f"/proc/self/fd/{file}").readlink().suffix != ".part":
            return real(file, data)
        if room[0] == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        done = real(file, bytes(data)[: room[0]])
        room[0] -= done
        return done

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", write)
        with pytest.raises(VaultError, match="no space left") as error:
            fetch(hub, tmp_path)

    assert "free some space" in str(error.value.hint)
    assert part_of(tmp_path).read_bytes() == DATA[:70_000]
    assert fetch(hub, tmp_path).read_bytes() == DATA
    assert hub.ranges()[-1] == "bytes=70000-"


def test_a_file_at_the_place_is_never_written_over(hub: Hub, tmp_path: Path) -> None:
    path = tmp_path / REPO / NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(b"mine")

    with pytest.raises(VaultError, match="is there already"):
        fetch(hub, tmp_path)

    assert path.read_bytes() == b"mine"


def test_a_link_at_the_place_of_the_part_is_not_followed(hub: Hub, tmp_path: Path) -> None:
    other = tmp_path / "mine.txt"
    other.write_bytes(b"mine")
    part_of(tmp_path).parent.mkdir(parents=True)
    part_of(tmp_path).symlink_to(other)

    with pytest.raises(VaultError, match="is a link"):
        fetch(hub, tmp_path)

    assert other.read_bytes() == b"mine"


def test_one_run_at_a_time_writes_a_part(hub: Hub, tmp_path: Path) -> None:
    with Part(Root(tmp_path), f"{REPO}/{NAME}", sha256(DATA)[:16]), pytest.raises(VaultError, match="another run"):
        fetch(hub, tmp_path)

    assert fetch(hub, tmp_path).read_bytes() == DATA


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    key, own = folder / "key.pem", folder / "own.pem"
    arguments = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(own)]
    subprocess.run([program, *arguments, *names], check=True, capture_output=True)
    return key, own


def test_a_storage_must_show_a_certificate_that_is_believed(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    key, own = certificate
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(own, key)

    with serving(Hub({NAME: DATA}), tls=server) as hub:
        with pytest.raises(ModelError, match=r"(?i)certificate"):
            fetch(hub, tmp_path)
        assert hub.ranges() == []

        believing = ssl.create_default_context(cafile=str(own))
        # The name is checked although its address is dialled.
        assert fetch(hub, tmp_path, tls=believing).read_bytes() == DATA


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 120_000), max_size=5), there=st.integers(0, 40_000))
def test_however_often_it_breaks_off_the_file_is_the_same(
    hub: Hub, tmp_path_factory: pytest.TempPathFactory, cuts: list[int], there: int
) -> None:
    folder = tmp_path_factory.mktemp("m")
    hub.cuts, hub.storage_failures = list(cuts), []
    part_of(folder).parent.mkdir(parents=True)
    part_of(folder).write_bytes(DATA[:there])

    try:
        path = fetch(hub, folder)
    except ModelError:
        assert len([cut for cut in cuts if cut == 0]) >= 4  # nothing came, five times in a row
        assert DATA.startswith(part_of(folder).read_bytes())
    else:
        assert path.read_bytes() == DATA


def test_another_content_has_another_part(hub: Hub, tmp_path: Path) -> None:
    wire = Wire(allowed_endpoint(hub.url, (), setting="--hub"))
    marks = []
    for seed in (1, 2):
        hub.files[NAME] = gguf(1000, seed)
        marks.append(part_mark(find_model_files(wire, Wanted(REPO)).files[0]))
    wire.close()

    assert marks[0] != marks[1]

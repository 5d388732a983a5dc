from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.core.errors import UsageError
from vaultc.model.fit.hardware import detect, gpus_of, has_amx, machine_of, parse_gpus, parse_size

if TYPE_CHECKING:
    from pathlib import Path

MEMINFO = "MemTotal:       131072000 kB\nMemFree: 1000 kB\nMemAvailable:   120000000 kB\n"
GIB = 1 << 30


def files(root: Path, **content: str) -> None:
    for name, text in content.items():
        path = root / name.replace("__", "/").replace("_DOT_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("96GB", 96 * 10**9),
        ("96 GiB", 96 * GIB),
        ("96g", 96 * 10**9),
        ("96", 96 * 10**9),
        ("96500MiB", 96500 << 20),
        ("1.5TiB", 3 << 39),
        ("1,5 TB", 15 * 10**11),
        ("0", 0),
    ],
)
def test_a_size_is_read_as_people_write_it(text: str, size: int) -> None:
    assert parse_size(text, "--ram") == size


@pytest.mark.parametrize("text", ["", "-5GB", "lots", "96XB", "1e9GB", "nan", "99999999TB", "٩GB", "96GB 5", "inf"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_size(text, "--ram")


@given(st.text(max_size=12))
def test_any_text_gives_a_size_or_a_usage_error(text: str) -> None:
    try:
        size = parse_size(text, "--vram")
    except UsageError:
        return
    assert 0 <= size <= 1 << 50


def test_several_gpus_are_a_list_and_zero_is_none() -> None:
    assert [gpu.free_bytes for gpu in parse_gpus("48GiB,24GiB")] == [48 * GIB, 24 * GIB]
    assert [gpu.name for gpu in parse_gpus("48GiB, 24GiB")] == ["GPU 0", "GPU 1"]
    assert parse_gpus("0") == ()


def test_what_nvidia_smi_says_is_read_with_the_bandwidth_of_the_card() -> None:
    gpus = gpus_of("NVIDIA RTX PRO 6000 Blackwell, 96500\nNVIDIA GeForce RTX 3090, 24000\n[Not Supported], [N/A]\n\n")

    assert [gpu.free_bytes >> 20 for gpu in gpus] == [96500, 24000]
    assert gpus[0].bandwidth == 1.792e12
    assert gpus[1].bandwidth == 0.936e12


@pytest.mark.parametrize(
    ("script", "count"),
    [
        ("echo 'NVIDIA H100, 80000'; echo 'NVIDIA H100, 79000'", 2),
        ("echo 'NVIDIA-SMI has failed' >&2; exit 9", 0),
        ("echo 'No devices were found'", 0),
        ("printf '\\377\\376'", 0),
    ],
)
def test_nvidia_smi_is_asked_and_its_failure_is_no_gpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, count: int
) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    files(tmp_path / "root", proc__meminfo=MEMINFO)

    machine = detect(tmp_path / "root")

    assert len(machine.gpus) == count
    assert machine.said[0].startswith("VRAM: ")


def test_ram_is_what_is_available_less_what_the_system_keeps(tmp_path: Path) -> None:
    files(tmp_path, proc__meminfo=MEMINFO)

    machine = detect(tmp_path)

    assert machine.ram_total == 131072000 * 1024
    assert machine.ram_bytes == int(131072000 * 1024 * 0.9)
    assert machine.cores >= 1


def test_the_limit_of_a_control_group_holds(tmp_path: Path) -> None:
    files(tmp_path, proc__meminfo=MEMINFO, proc__self__cgroup="0::/a/b\n")
    files(tmp_path / "sys/fs/cgroup/a", memory_DOT_max=f"{32 * GIB}\n", memory_DOT_current=f"{8 * GIB}\n")
    files(tmp_path / "sys/fs/cgroup/a/b", memory_DOT_max="max\n", memory_DOT_current=f"{GIB}\n")
    files(tmp_path, sys__fs__cgroup__cpu_DOT_max="100000 100000\n")

    machine = detect(tmp_path)

    assert machine.ram_bytes == 24 * GIB
    assert "control group" in machine.said[1]
    assert machine.cores == 1


def test_the_limit_of_an_old_control_group_holds(tmp_path: Path) -> None:
    files(tmp_path, proc__meminfo=MEMINFO, proc__self__cgroup="5:cpu,memory:/x\n3:cpuset:/y\n")
    folder = tmp_path / "sys/fs/cgroup/memory/x"
    files(folder, memory_DOT_limit_in_bytes=f"{16 * GIB}", memory_DOT_usage_in_bytes="0")

    assert detect(tmp_path).ram_bytes == int(16 * GIB * 0.9)


def test_a_machine_without_proc_has_no_ram_to_give(tmp_path: Path) -> None:
    files(tmp_path, proc__meminfo="garbage\nMemTotal: many kB\n")

    assert detect(tmp_path).ram_bytes == 0


def test_what_the_person_says_goes_before_what_is_found(tmp_path: Path) -> None:
    files(tmp_path, proc__meminfo=MEMINFO)

    machine = machine_of("96GiB", "132GB", tmp_path)

    assert machine.vram_bytes == 96 * GIB
    assert machine.ram_bytes == int(132e9 * 0.9)
    assert machine.said == ("VRAM: as given", "RAM: as given, less 10% for the system")


@pytest.mark.parametrize(("flags", "expected"), [("fpu amx_bf16 amx_tile amx_int8", True), ("fpu avx2", False)])
def test_matrix_units_are_among_the_flags_of_the_processor(tmp_path: Path, flags: str, expected: bool) -> None:
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc" / "cpuinfo").write_text(f"processor : 0\nflags : {flags}\n", "utf-8")

    assert has_amx(tmp_path) is expected
    assert has_amx(tmp_path / "elsewhere") is False

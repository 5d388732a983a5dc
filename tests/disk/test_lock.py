from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from vaultc.core.errors import StoreError
from vaultc.disk.lock import vault_lock

if TYPE_CHECKING:
    from pathlib import Path

HOLD = """
import sys, time, pathlib
from vaultc.disk.lock import vault_lock
with vault_lock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def hold_elsewhere(state: Path) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(state)], stdout=subprocess.PIPE, text=True, env=env)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_writer_is_told_the_pid_of_the_first(tmp_path: Path) -> None:
    with hold_elsewhere(tmp_path) as process:
        try:
            with pytest.raises(StoreError, match=f"process {process.pid} "), vault_lock(tmp_path, timeout_s=0.1):
                pass
        finally:
            process.kill()


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    with hold_elsewhere(tmp_path) as process:
        process.kill()
        process.wait()

        with vault_lock(tmp_path), pytest.raises(StoreError, match=f"process {os.getpid()} "), vault_lock(tmp_path):
            pass


def test_waiting_gets_the_lock_when_the_holder_goes(tmp_path: Path) -> None:
    with hold_elsewhere(tmp_path) as process:
        process.terminate()

        with vault_lock(tmp_path, timeout_s=10):
            pass


def test_an_error_inside_lets_the_lock_go(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="inside"), vault_lock(tmp_path):
        raise ValueError("inside")

    with vault_lock(tmp_path):
        pass


def test_waiting_ends_in_time(tmp_path: Path) -> None:
    start = time.monotonic()

    with vault_lock(tmp_path), pytest.raises(StoreError), vault_lock(tmp_path, timeout_s=0.2):
        pass

    assert 0.15 < time.monotonic() - start < 5


def test_a_lock_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(StoreError, match="lock"), vault_lock(tmp_path):
        pass

    assert not (tmp_path / "elsewhere").exists()

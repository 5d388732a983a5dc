"""What a boxed program may do, and what ends it, for each kind of box that can be made here."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from boxes import KINDS, OLDER, name_of, run

from vaultc.disk.confine import Box, refused_in
from vaultc.disk.scratch import scratch_folder
from vaultc.disk.watch import Limits

each_kind = pytest.mark.parametrize("box", KINDS, ids=name_of)

pytestmark = pytest.mark.native

MEMORY = 1 << 30


@each_kind
def test_what_programs_do_works_in_each_kind(box: Box, tmp_path: Path) -> None:
    code = """
import asyncio, concurrent.futures, os, signal, sqlite3, subprocess, sys, tempfile, threading

async def wait():
    process = await asyncio.create_subprocess_exec(sys.executable, "-S", "-c", "print(1)", stdout=subprocess.PIPE)
    assert (await process.communicate())[0] == b"1\\n"
    await asyncio.to_thread(os.getpid)
asyncio.run(wait())
with concurrent.futures.ThreadPoolExecutor() as pool: list(pool.map(abs, range(9)))
subprocess.run("echo a | cat", shell=True, check=True)
database = sqlite3.connect("a.sqlite")
database.execute("PRAGMA journal_mode=wal")
database.execute("CREATE TABLE t(x)")
with tempfile.TemporaryDirectory() as folder, open(f"{folder}/a", "w") as file: file.write("a")
signal.signal(signal.SIGUSR1, lambda *_: None)
os.kill(os.getpid(), signal.SIGUSR1)
signal.raise_signal(signal.SIGUSR1)
os.symlink("a.sqlite", "link")
os.link("a.sqlite", "hard")
os.truncate("hard", 0)
print("all")
"""

    result = run(box, code, tmp_path)

    assert result.stdout == "a\nall\n", result.stderr


@each_kind
def test_nothing_of_our_environment_and_no_open_file_is_seen(
    box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAULTC_SECRET_OF_TEST", "42")
    code = (
        "import os\ndef is_open(n):\n    try: os.fstat(n)\n    except OSError: return False\n    return True\n"
        "print('VAULTC_SECRET_OF_TEST' in os.environ, os.environ['HOME'], [n for n in range(99) if is_open(n)])"
    )

    with Path(os.devnull).open(encoding="ascii") as ours:
        os.set_inheritable(ours.fileno(), True)
        result = run(box, code, tmp_path)

    assert result.stdout.startswith("False ")
    assert os.environ["HOME"] not in result.stdout
    assert result.stdout.endswith("[0, 1, 2]\n")


@each_kind
def test_files_are_copied_with_their_mode_and_time_where_the_box_lets_them_or_it_says_not(
    box: Box, tmp_path: Path
) -> None:
    code = (
        "import os, shutil\nopen('a', 'w')\nos.utime('a', (9, 9))\nshutil.copy2('a', 'b')\nprint(os.stat('b').st_mtime)"
    )

    result = run(box, code, tmp_path)

    if box.held.modes:
        assert result.stdout == "9.0\n", result.stderr
    else:
        assert "PermissionError: [Errno 1] Operation not permitted" in result.stderr
        assert "changing modes, owners and times of files" in result.refused


@pytest.mark.parametrize("box", OLDER, ids=name_of)
def test_a_program_in_an_old_kernel_may_end_itself_alone(box: Box, tmp_path: Path) -> None:
    code = "import os, signal\nif os.fork() == 0: os.kill(os.getppid(), 0)\nos.wait()\nos.kill(os.getppid(), 0)"

    result = run(box, code, tmp_path)

    if box.landlock < 6:
        assert result.stderr.count("PermissionError") == 1  # of its own main process the child may
        assert "signals to processes that a program has started" in refused_in(box)


@each_kind
def test_where_vaultc_itself_is_killed_all_that_was_started_ends(box: Box, tmp_path: Path) -> None:
    run(box, "", tmp_path)  # or skip
    program = (
        "import os, time\n"
        "if os.fork() == 0:\n    while True: open('alive', 'a').write('x'); time.sleep(0.02)\n"
        "time.sleep(60)"
    )
    code = (
        "import sys\nfrom pathlib import Path\nfrom vaultc.disk.confine import Box, run_in_box\n"
        "from vaultc.disk.sandbox import python_paths\nfrom vaultc.disk.watch import Limits\n"
        f"run_in_box(Box({box.kind!r}, {box.landlock}), [sys.executable, '-S', '-c', {program!r}],\n"
        "    folder=Path(sys.argv[1]), readable=python_paths(), limits=Limits(60, 1 << 30), output_bytes=9)"
    )
    alive = tmp_path / "alive"

    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) as vaultc:
        while not alive.exists() and vaultc.poll() is None:
            time.sleep(0.05)
        vaultc.kill()
    ends = time.monotonic() + 10
    size = -1
    while time.monotonic() < ends and alive.stat().st_size != size:
        size = alive.stat().st_size
        time.sleep(0.3)

    assert alive.stat().st_size == size


@each_kind
def test_a_program_of_another_architecture_does_not_run(box: Box, tmp_path: Path) -> None:
    # mov eax, 20 (getpid of 32-bit Linux); int 0x80
    code = (
        "import ctypes, mmap, platform\nassert platform.machine() == 'x86_64', 'skip'\n"
        "page = mmap.mmap(-1, 4096, prot=7)\npage.write(bytes.fromhex('b814000000cd80c3'))\n"
        "ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()\nprint('ran')"
    )

    result = run(box, code, tmp_path)

    assert "ran" not in result.stdout


@each_kind
def test_a_program_that_starts_one_after_another_is_ended(box: Box, tmp_path: Path) -> None:
    code = "import os, time\nfor _ in range(60):\n    if os.fork() == 0: time.sleep(60)\ntime.sleep(60)"

    result = run(box, code, tmp_path, Limits(seconds=30, memory_bytes=MEMORY, tasks=30))

    assert result.stopped == "it had more than 30 processes and threads at a time"


@each_kind
def test_memory_is_counted_over_all_processes(box: Box, tmp_path: Path) -> None:
    code = "import os, time\nfor _ in range(3): os.fork()\nx = b'x' * (40 << 20)\ntime.sleep(60)"

    result = run(box, code, tmp_path, Limits(seconds=30, memory_bytes=256 << 20))

    assert result.stopped == "its processes used more than 256 MiB of memory"


@each_kind
def test_a_process_whose_first_thread_has_ended_is_counted(box: Box, tmp_path: Path) -> None:
    code = (
        "import ctypes, os, platform, threading, time\n"
        "def work():\n    x = b'x' * (150 << 20)\n    time.sleep(60)\n"
        "os.fork()\nthreading.Thread(target=work).start()\n"
        "ctypes.CDLL(None).syscall({'x86_64': 60, 'aarch64': 93}[platform.machine()], 0)\n"
    )

    result = run(box, code, tmp_path, Limits(seconds=20, memory_bytes=MEMORY, tasks=1))
    held = run(box, code, tmp_path, Limits(seconds=20, memory_bytes=256 << 20))

    assert result.stopped == "it had more than 1 processes and threads at a time"
    assert held.stopped == "its processes used more than 256 MiB of memory"


@each_kind
@pytest.mark.parametrize("where", [".", "os.environ['TMPDIR']"], ids=["folder", "scratch"])
def test_many_small_files_are_too_many(box: Box, where: str, tmp_path: Path) -> None:
    place = "." if where == "." else f"' + {where} + '"
    code = f"import os, time\nfor n in range(300): open('{place}/' + str(n), 'w')\ntime.sleep(60)"

    result = run(box, code, tmp_path, Limits(seconds=30, memory_bytes=MEMORY, files=200))

    assert result.stopped == "it made more than 200 files and folders"


@each_kind
def test_the_size_of_files_is_counted_together(box: Box, tmp_path: Path) -> None:
    code = "import time\nfor n in range(12): open(str(n), 'wb').write(b'x' * (1 << 20))\ntime.sleep(60)"

    result = run(box, code, tmp_path, Limits(seconds=30, memory_bytes=MEMORY, file_bytes=8 << 20))

    assert result.stopped == "its files took more than 8 MiB of the disk"


@each_kind
def test_a_folder_closed_to_its_owner_is_passed_over(box: Box, tmp_path: Path) -> None:
    code = "import os, time\nos.mkdir('closed', 0)\nos.mkdir('listed', 0o400)\ntime.sleep(0.3)\nprint('done')"

    result = run(box, code, tmp_path)

    assert (result.stdout, result.stopped) == ("done\n", None)


@each_kind
def test_folders_deeper_than_a_path_can_name_end_it(box: Box, tmp_path: Path) -> None:
    code = "import os, time\nfor _ in range(20): os.mkdir('d' * 250); os.chdir('d' * 250)\ntime.sleep(60)"

    with scratch_folder("vaultc-test-") as folder:
        result = run(box, code, folder)

    assert result.stopped == "it made folders nested too deep to be looked at"

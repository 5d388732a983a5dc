"""Watches a vault: when it has become quiet after a change, the index is brought up to date. Imports watchdog alone.

What decides is a look at all names, sizes and times. Hints of the system only say when to look; so does the clock,
because hints get lost. A vault that looks as it did at the last good run costs nothing more than the look.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from vaultc.core.errors import VaultcError, VaultError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from pathlib import Path

_STEP_S = 0.5  # how long the end may be overlooked: two events cannot be waited for at once
_STORM = 20  # a storm of changes is waited out for at most so many times `debounce_s`
_LOOK_SHARE = 20  # polling costs at most a twentieth of one core
_GRACE_S = 1.5  # how long after a change its hint may come
# Reading a file is none of these; `attrib` is among them because rights decide whether a file can be read.
_CHANGES = frozenset({"created", "modified", "moved", "deleted", "closed", "attrib"})
# Hidden files that say which others count.
_HIDDEN_THAT_COUNT = frozenset({".vaultcignore", ".obsidian/app.json", ".obsidian"})


@dataclass(frozen=True, slots=True)
class Pace:
    """How long is waited, in seconds.

    Attributes:
        debounce_s: for quiet after a hint.
        rescan_s: between two looks without a hint.
        poll_s: between two looks where the system gives no hints, at least.
        retry_s: after a run that failed; twice as long after each further one, at most `rescan_s`.
        quiet_s: after the last run, before `on_quiet`.
    """

    debounce_s: float = 0.5
    rescan_s: float = 60.0
    poll_s: float = 2.0
    retry_s: float = 1.0
    quiet_s: float = 20.0


_USUAL = Pace()


@dataclass(frozen=True, slots=True)
class Work:
    """What a watch does.

    Attributes:
        look: gives a value that is the same while nothing has changed.
        on_change: called at the start and whenever `look` gives another value; tells whether it succeeded. Where not,
            it is called again later.
        on_quiet: called when no change has followed a good run for a while; tells whether it succeeded.
        say: is told what a person should know.
    """

    look: Callable[[], Hashable]
    on_change: Callable[[], bool]
    on_quiet: Callable[[], bool] = lambda: True
    say: Callable[[str], None] = lambda _: None


class Listening(Protocol):
    """A source of hints that is open."""

    def close(self) -> None:
        """Stop; no hint comes afterwards."""


def listen_to_system(root: Path, on_hint: Callable[[], None]) -> Listening:
    """Call `on_hint`, in another thread, when something below `root` may have changed.

    Raises:
        OSError: the system cannot watch the folder: a limit is reached, or it has no means to.
        RecursionError: the folders nest too deep for the library.
    """
    from watchdog.events import FileSystemEvent, FileSystemEventHandler
    from watchdog.observers import Observer

    # What it logs (events lost) means one more look here, and nothing to a person.
    logging.getLogger("watchdog").addHandler(logging.NullHandler())
    base = os.fspath(root)

    class Hint(FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            if is_change(base, event.event_type, _text(event.src_path), _text(event.dest_path), event.is_directory):
                on_hint()

    # It says so of a folder that came while it was being looked at; what it then tells twice is a hint all the same.
    warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)
    observer = Observer()
    observer.schedule(Hint(), base, recursive=True)
    try:
        observer.start()
    except (OSError, RecursionError):
        observer.unschedule_all()
        raise
    return _Observed(observer)


class _Observed:
    def __init__(self, observer: Any) -> None:  # noqa: ANN401 - the library is imported only when used
        self._observer = observer

    def close(self) -> None:
        self._observer.stop()
        self._observer.join()


def _text(path: bytes | str) -> str:
    return os.fsdecode(path)


def is_change(root: str, kind: str, path: str, moved_to: str = "", is_folder: bool = False) -> bool:
    """Tell whether an event may mean that a file of the vault is another one now.

    Reading a file is none, nor is anything in a hidden folder (`.vaultc`, `.git`) but what says which files count.
    """
    if kind not in _CHANGES or (is_folder and kind in ("modified", "closed")):
        return False
    return _counts(root, path) or (bool(moved_to) and _counts(root, moved_to))


def _counts(root: str, path: str) -> bool:
    inner = path[len(root) :]
    if not path.startswith(root) or (inner and not inner.startswith("/") and not root.endswith("/")):
        return False
    return "/." not in f"/{inner}" or inner.strip("/") in _HIDDEN_THAT_COUNT


def watch(
    root: Path,
    work: Work,
    *,
    stop: threading.Event,
    pace: Pace = _USUAL,
    listen: Callable[[Path, Callable[[], None]], Listening] = listen_to_system,
) -> None:
    """Do `work` on the vault at `root`, in this thread, until `stop` is set; `listen` opens the source of hints.

    Raises:
        VaultError: `root` is no folder, or is gone.
    """
    if not root.is_dir():
        raise VaultError(f'cannot watch "{root}": it is no folder', hint="give the folder of a vault")
    with contextlib.closing(_Watch(root, work, stop, pace, listen)) as watching:
        watching.run()


class _Watch:
    """One watch: what the vault looked like at the last good run, and whether hints can be trusted."""

    def __init__(
        self,
        root: Path,
        work: Work,
        stop: threading.Event,
        pace: Pace,
        listen: Callable[[Path, Callable[[], None]], Listening],
    ) -> None:
        self.root, self.work, self.stop, self.pace, self.listen = root, work, stop, pace, listen
        self._hinted = threading.Event()
        self._listening: Listening | None = None
        self._has_hints = True
        self._identity: tuple[int, int] | None = None
        self._done: Hashable = None  # what the vault looked like before the last good run
        self._last: Hashable = None  # and at the last look
        self._failures = 0
        self._owes_quiet = False
        self._look_s = 0.0

    def run(self) -> None:
        """Look, run where something changed, wait; until the end."""
        was_hinted = True  # the first look needs no reason
        while not self.stop.is_set():
            self._open()
            last, looks = self._last, self._look()
            if looks is None:
                self._failures += 1
            elif looks != self._done:
                if not was_hinted and looks != last:
                    looks = self._unannounced(looks)
                self._run(looks)
            elif self._owes_quiet and not was_hinted:
                self._owes_quiet = not self.work.on_quiet()
            was_hinted = self._wait()

    def close(self) -> None:
        """Stop listening."""
        if self._listening is not None:
            self._listening.close()
            self._listening = None

    def _open(self) -> None:
        """Listen, and listen anew where another folder has taken the vault's place."""
        found = self._place()
        if found is None:
            raise VaultError(f'the vault "{self.root}" is gone')
        if found == self._identity:
            return
        self._identity = found
        self.close()
        if not self._has_hints:
            return
        try:
            self._listening = self.listen(self.root, self._hinted.set)
        except OSError as error:
            self._poll(error.strerror or "it has no means to")
        except RecursionError:
            self._poll("its folders nest too deep")

    def _place(self) -> tuple[int, int] | None:
        """Give which folder stands where the vault is; None where there is none."""
        try:
            status = self.root.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def _poll(self, reason: str) -> None:
        self._has_hints = False
        self.close()
        self.work.say(
            f"the system does not tell of changes here ({reason}); the vault is looked at now and then instead"
        )

    def _unannounced(self, looks: Hashable) -> Hashable:
        """Give hints up where a change brought none (a network drive, a limit reached for some folders); settle."""
        if self._has_hints and not self._hinted.wait(_GRACE_S):
            self._poll("a change brought no event")
        for _ in range(_STORM):
            before = looks
            self.stop.wait(self.pace.debounce_s)
            looks = self._look()
            if looks == before or looks is None:
                break
        return looks

    def _look(self) -> Hashable:
        """Give what the vault looks like; None where it cannot be told just now."""
        begun = time.monotonic()
        self._hinted.clear()  # before the look: what changes behind it brings another
        try:
            self._last = self.work.look()
        except VaultcError as error:
            if not self.root.is_dir():
                raise VaultError(f'the vault "{self.root}" is gone') from error
            self.work.say(error.message)
            self._last = None
        self._look_s = time.monotonic() - begun
        return self._last

    def _run(self, looks: Hashable) -> None:
        if self.work.on_change():
            self._done, self._failures, self._owes_quiet = looks, 0, True
        else:
            self._failures += 1

    def _wait(self) -> bool:
        """Wait for a hint and the quiet after it, or until it is time to look; tell whether there was a hint."""
        deadline = time.monotonic() + self._pause_s()
        while not self.stop.is_set() and (left_s := deadline - time.monotonic()) > 0:
            if self._hinted.wait(min(_STEP_S, left_s)) or self._place() != self._identity:
                self._settle()
                return True
        return False

    def _pause_s(self) -> float:
        pace = self.pace
        longest_s = pace.rescan_s if self._has_hints else max(pace.poll_s, _LOOK_SHARE * self._look_s)
        if self._failures:
            return min(longest_s, pace.retry_s * 2.0 ** min(self._failures - 1, 10))
        return min(longest_s, pace.quiet_s) if self._owes_quiet else longest_s

    def _settle(self) -> None:
        for _ in range(_STORM):
            self._hinted.clear()
            if self.stop.wait(self.pace.debounce_s) or not self._hinted.is_set():
                return

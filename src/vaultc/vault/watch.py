"""Watches a vault and says that something has changed; what it was, a scan tells. The only importer of watchdog.

Events are a hint: a storm of them loses a third, and an editor's save may be one move. So a quiet moment after the
last event calls once, and so does every `rescan_s` without any.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaultc.core.errors import VaultError

if TYPE_CHECKING:
    from collections.abc import Callable

_CHANGES = frozenset({"created", "modified", "moved", "deleted", "closed"})


def watch(
    root: Path,
    on_batch: Callable[[], None],
    *,
    debounce_s: float = 0.5,
    rescan_s: float = 60.0,
    stop: threading.Event,
) -> None:
    """Call `on_batch` after changes below `root`, in this thread, until `stop` is set.

    Changes while `on_batch` runs lead to another call. Where the system cannot watch the folder (a limit, a network
    drive), the calls every `rescan_s` go on alone.

    Raises:
        VaultError: `root` is no folder.
    """
    if not root.is_dir():
        raise VaultError(f"cannot watch {root}: it is no folder")
    changed = threading.Event()
    observer = _observer(root, changed)
    try:
        while not stop.is_set():
            _wait(changed, stop, rescan_s)
            if changed.is_set():
                _settle(changed, stop, debounce_s)
            if not stop.is_set():
                on_batch()
    finally:
        if observer is not None:
            observer.stop()
            observer.join()


def _wait(changed: threading.Event, stop: threading.Event, timeout_s: float) -> None:
    """Wait for a change, the end or the time; a short step at a time, because two events cannot be waited for."""
    step_s = 0.1
    left_s = timeout_s
    while left_s > 0 and not stop.is_set():
        if changed.wait(min(step_s, left_s)):
            return
        left_s -= step_s


def _settle(changed: threading.Event, stop: threading.Event, debounce_s: float) -> None:
    """Wait until nothing has changed for `debounce_s`, at most twenty times as long."""
    for _ in range(20):
        changed.clear()
        if stop.wait(debounce_s) or not changed.is_set():
            return
    changed.clear()


def _observer(root: Path, changed: threading.Event) -> Any:  # noqa: ANN401 - the library is imported only when used
    from watchdog.events import FileSystemEvent, FileSystemEventHandler
    from watchdog.observers import Observer

    class Hint(FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            if is_change(root, event.event_type, str(event.src_path), str(event.dest_path), event.is_directory):
                changed.set()

    observer = Observer()
    observer.schedule(Hint(), str(root), recursive=True)
    try:
        observer.start()
    except OSError:
        return None
    return observer


def is_change(root: Path, kind: str, path: str, moved_to: str = "", is_folder: bool = False) -> bool:
    """Tell whether an event may mean that a file of the vault is another one now.

    Reading a file is none, nor is anything in a hidden folder (`.vaultc`, `.obsidian`, `.git`).
    """
    if kind not in _CHANGES or (is_folder and kind in ("modified", "closed")):
        return False
    return any(not _is_hidden(root, touched) for touched in (path, moved_to) if touched)


def _is_hidden(root: Path, path: str) -> bool:
    try:
        parts = Path(path).relative_to(root).parts
    except ValueError:
        return True
    return any(part.startswith(".") for part in parts) and parts[-1] != ".vaultcignore"

"""One writer at a time: a lock file beside the warehouse, held by the operating system.

The lock is released when its process ends, however it ends, so a killed run leaves nothing to
clean up. Within one process it may be taken again by the steps of a run that holds it.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pipeline.errors import WarehouseBusyError

#: The locks of this process: lock file → its open descriptor.
_held: dict[Path, int] = {}


def lock_path(warehouse: Path) -> Path:
    """The lock file of a warehouse file."""
    return warehouse.with_name(warehouse.name + ".lock")


def holder(warehouse: Path) -> str | None:
    """Who is writing to the warehouse now, as a phrase, or None when nobody is."""
    path = lock_path(warehouse)
    if path in _held or not path.exists():
        return None
    with path.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _describe(path)
    return None


@contextmanager
def writing(warehouse: Path, what: str, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the right to write for the length of a `with` block.

    Waits up to `wait_seconds` for another process to finish, then raises `WarehouseBusyError`.
    """
    path = lock_path(warehouse)
    if path in _held:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        _acquire(file.fileno(), path, wait_seconds)
        file.truncate(0)
        json.dump({"pid": os.getpid(), "what": what, "since": datetime.now(UTC).isoformat(timespec="seconds")}, file)
        file.flush()
        _held[path] = file.fileno()
        try:
            yield
        finally:
            del _held[path]
            file.truncate(0)


def descriptors() -> tuple[int, ...]:
    """The open files of the locks held here: a child process that is given them holds the locks as well."""
    return tuple(_held.values())


def _acquire(descriptor: int, path: Path, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise WarehouseBusyError(
                    f"{path.name.removesuffix('.lock')} is being written by {_describe(path)}; "
                    "nothing was changed. Try again later, or pass --wait SECONDS"
                ) from None
            time.sleep(0.2)


def _describe(path: Path) -> str:
    try:
        holder = json.loads(path.read_text())
        return f"`{holder['what']}` (process {holder['pid']}, since {holder['since']})"
    except (OSError, ValueError, KeyError):
        return "another process"

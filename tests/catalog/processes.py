"""Owner processes as tests handle them: find, end, wait."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

from patience import until

from veml_lab.catalog.runtime import read_pointer
from veml_lab.storage.locks import is_held


def owner_pid(folder: Path) -> int | None:
    """The process that says it owns the lab, if it lives."""
    try:
        pointer = read_pointer(folder)
        if pointer is None:
            return None
        pid = pointer.pid
        os.kill(pid, 0)
        return pid
    except (OSError, ValueError, KeyError):
        return None


def end_owner(folder: Path, how: int = signal.SIGKILL) -> int | None:
    """End the owner of a lab and wait until it is gone."""
    pid = owner_pid(folder)
    if pid is None:
        return None
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, how)
    # its threads may close their files after it is gone by name
    until(lambda: not alive(pid) and not is_held(folder, exclusive=False), f"the owner {pid} ends", every_s=0.005)
    return pid


def alive(pid: int) -> bool:
    """Whether a process runs (one that nobody has waited for yet does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return False

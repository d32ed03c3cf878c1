"""Files that this process reads, noted where somebody asked for it (``lab.watch_files()``).

An audit hook of Python hears every ``open``. It cannot be taken away again, so it does next to nothing where nobody
watches. Libraries that open files below Python (Arrow, DuckDB, HDF5) are not heard.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

MOST = 10_000  # files that are noted
_SYSTEM = ("/proc/", "/sys/", "/dev/", "/etc/", "/run/")
_CODE = (".pyc", ".so", ".pyi", ".pth")


class Watch:
    """The files read since it was switched on, in the order in which they were first opened."""

    def __init__(self) -> None:
        self.on = False
        self.found: dict[str, None] = {}
        self._hooked = False
        self._left_out: tuple[str, ...] = ()

    def start(self) -> None:
        """Hear from now on."""
        if not self._hooked:
            home = str(Path(os.__file__).parent)
            places = {home, sys.prefix, sys.base_prefix, str(Path(__file__).resolve().parent.parent)}
            self._left_out = (*_SYSTEM, *(p.rstrip("/") + "/" for p in sorted(places)))
            sys.addaudithook(self._heard)
            self._hooked = True
        self.on = True

    def stop(self) -> None:
        """Hear no more; what was noted stays."""
        self.on = False

    def outside(self, lab: Path, since: int) -> list[str]:
        """Those noted after the first ``since`` that do not lie in a lab."""
        inner = str(lab).rstrip("/") + "/"
        return [p for p in list(self.found)[since:] if not p.startswith(inner)]

    def _heard(self, event: str, args: tuple[Any, ...]) -> None:
        if event != "open" or not self.on:
            return
        path, mode, flags = args
        if isinstance(path, int) or len(self.found) >= MOST:
            return
        wrote = (
            any(c in mode for c in "wax+") if isinstance(mode, str) else bool((flags or 0) & (os.O_WRONLY | os.O_RDWR))
        )
        if wrote or (flags or 0) & getattr(os, "O_DIRECTORY", 0):
            return
        try:
            name = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 (asked at every open; a link stays one)
        except (OSError, TypeError, ValueError):  # no working directory, no path: a hook may not raise
            return
        if name not in self.found and not name.startswith(self._left_out) and not name.endswith(_CODE):
            self.found[name] = None


WATCH = Watch()


def described(paths: Iterable[str]) -> list[list[Any]]:
    """Path, bytes and time of change (nanoseconds) of each file that is there."""
    found: list[list[Any]] = []
    for path in paths:
        try:
            said = Path(path).stat()
        except (OSError, ValueError):
            continue
        found.append([path.encode("utf-8", "backslashreplace").decode(), said.st_size, said.st_mtime_ns])
    return found

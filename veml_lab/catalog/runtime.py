"""Where a lab's owner process is found: a pointer file in the lab, a socket in a folder of our own.

A unix socket's path may have about 100 bytes and a lab's path may be longer, so the socket lies in a
short folder that only this user can enter, and ``catalog.duckdb.owner`` says where. The pointer names
the lab's folder by device and inode: a copy of a lab carries a copy of the pointer, and must not talk
to the owner of the original.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import socket
import stat
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from ..errors import LabError

LONGEST_SOCKET = 100  # bytes; the limit is 108 on Linux, 104 on macOS
IDLE_VARIABLE = "VEML_OWNER_IDLE_S"
IDLE_S = 20.0
OLD_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Pointer:
    """What the pointer file says."""

    pid: int
    socket: str
    lab: str


def pointer_file(lab: Path) -> Path:
    """The file that says where the owner of a lab listens; it is also the lock of whoever starts one."""
    return lab / "catalog.duckdb.owner"


def identity(lab: Path) -> str:
    """Device and inode of the lab's folder."""
    s = lab.stat()
    return f"{s.st_dev:x}:{s.st_ino:x}"


def read_pointer(lab: Path) -> Pointer | None:
    """The pointer of this very folder; None where there is none, or that of another lab."""
    try:
        found = Pointer(**json.loads(pointer_file(lab).read_text()))
        return found if found.lab == identity(lab) else None
    except (OSError, ValueError, TypeError):
        return None


def write_pointer(lab: Path, socket: str) -> Pointer:
    """Say where this process listens; written in place, since others hold locks on the file."""
    pointer = Pointer(os.getpid(), socket, identity(lab))
    _overwrite(lab, json.dumps(asdict(pointer)))
    return pointer


def clear_pointer(lab: Path, pointer: Pointer) -> None:
    """Take the pointer away unless it is another's by now."""
    if read_pointer(lab) == pointer:
        _overwrite(lab, "")


def _overwrite(lab: Path, text: str) -> None:
    with os.fdopen(os.open(pointer_file(lab), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644), "r+b") as f:
        f.truncate()
        f.write(text.encode())


def socket_folder() -> Path:
    """A short folder that only this user can enter.

    Raises
    ------
    LabError
        The folder belongs to somebody else, or others may enter it.
    """
    at = os.environ.get("XDG_RUNTIME_DIR", "")
    base = Path(at) if at and len(at) < 60 and os.access(at, os.W_OK) else _temporary()
    folder = base / f"veml-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    s = folder.lstat()
    if not stat.S_ISDIR(s.st_mode) or s.st_uid != os.getuid() or stat.S_IMODE(s.st_mode) & 0o077:
        raise LabError(
            f"{folder} is not a private folder of this user; remove it, or set XDG_RUNTIME_DIR to one that is"
        )
    return folder


def _temporary() -> Path:
    at = tempfile.gettempdir()
    return Path(at if len(at) < 60 else "/tmp")


def new_socket_path() -> str:
    """A socket path that nobody has used."""
    folder = socket_folder()
    for old in folder.glob("*.sock"):  # of owners that were killed and labs that are gone
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
            if time.time() - old.stat().st_mtime > OLD_S and probe.connect_ex(str(old)) == errno.ECONNREFUSED:
                old.unlink()
    path = str(folder / f"{secrets.token_hex(6)}.sock")
    if len(path.encode()) > LONGEST_SOCKET:
        raise LabError(f"{path} is too long for a socket; set XDG_RUNTIME_DIR to a short private folder")
    return path


def log_file(lab: Path) -> Path:
    """Where the owner of a lab writes what nobody expected."""
    return socket_folder() / f"{identity(lab).replace(':', '-')}.log"


def idle_s() -> float:
    """How long an owner waits for the next request before it goes; ``VEML_OWNER_IDLE_S`` in seconds."""
    try:
        return max(0.2, float(os.environ.get(IDLE_VARIABLE, IDLE_S)))
    except ValueError:
        return IDLE_S

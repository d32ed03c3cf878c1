"""Where a lab's owner process is found: a socket and a pointer to it, in a folder that only this user can enter.

Neither lies in the lab, as Jupyter's connection files do not lie beside notebooks: a lab may come from a stranger, and
what it says is no address to talk to. The pointer's name is the device and the inode of the lab's folder, so a lab that
was moved keeps its owner and a copy does not talk to that of the original. Who sits at the other end of the socket is
asked of the system, not of the pointer.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import socket
import stat
import struct
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from ..errors import LabError
from ..storage.failures import in_words
from ..storage.locks import is_held, seconds_set

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
    return socket_folder() / f"{identity(lab).replace(':', '-')}.owner"


def identity(lab: Path) -> str:
    """Device and inode of the lab's folder."""
    s = lab.stat()
    return f"{s.st_dev:x}:{s.st_ino:x}"


def read_pointer(lab: Path) -> Pointer | None:
    """The pointer of this very folder; None where there is none, half of one, or none that is ours.

    It is looked for in every folder that an owner may have chosen: one that a notebook server started may have known
    another ``XDG_RUNTIME_DIR`` than this terminal.
    """
    try:
        name = f"{identity(lab).replace(':', '-')}.owner"
    except OSError:
        return None
    for folder in _folders():
        with contextlib.suppress(OSError, ValueError, TypeError, RecursionError, LabError):
            _check_private(folder)
            found = Pointer(**json.loads(_private_text(folder / name)))
            if found.lab == identity(lab) and isinstance(found.pid, int) and isinstance(found.socket, str):
                return found
    return None


def peer(sock: socket.socket) -> tuple[int, int] | None:
    """Process and user at the other end, as the system knows them; None where it does not say (macOS)."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    pid, uid, _ = struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    return pid, uid


def is_mine(sock: socket.socket) -> bool:
    """Whether the other end belongs to this user."""
    found = peer(sock)
    return found is None or found[1] == os.getuid()


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
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(pointer_file(lab), flags, 0o600), "r+b") as f:
        f.truncate()
        f.write(text.encode())


def socket_folder() -> Path:
    """A short folder that only this user can enter.

    Raises
    ------
    LabError
        The folder belongs to somebody else, or others may enter it.
    """
    folder = _folders()[0]
    with in_words(folder, "made"):
        folder.mkdir(mode=0o700, exist_ok=True)
        _check_private(folder)
    return folder


def _check_private(folder: Path) -> None:
    s = folder.lstat()
    if not stat.S_ISDIR(s.st_mode) or s.st_uid != os.getuid() or stat.S_IMODE(s.st_mode) & 0o077:
        raise LabError(
            f"{folder} is not a private folder of this user; remove it, or set XDG_RUNTIME_DIR to one that is"
        )


def _folders() -> list[Path]:
    """Where pointers and sockets may lie: the one that is written to, then those that others of this user may use."""
    bases = [Path(at) for at in (os.environ.get("XDG_RUNTIME_DIR", ""), f"/run/user/{os.getuid()}") if at]
    usable = [b for b in bases if len(str(b)) < 60 and os.access(b, os.W_OK)]
    return list(dict.fromkeys(base / f"veml-{os.getuid()}" for base in (*usable, _temporary(), Path("/tmp"))))


def _private_text(path: Path) -> str:
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(fd, "rb") as f:
        s = os.fstat(fd)
        if not stat.S_ISREG(s.st_mode) or s.st_uid != os.getuid():
            raise PermissionError(errno.EACCES, "is not a file of this user", str(path))
        return f.read(4096).decode()


def _temporary() -> Path:
    at = tempfile.gettempdir()
    return Path(at if len(at) < 60 else "/tmp")


def new_socket_path() -> str:
    """A socket path that nobody has used."""
    folder = socket_folder()
    for old in folder.glob("*.owner"):  # a pointer is a lock too: whoever holds it is starting an owner now
        with contextlib.suppress(OSError):
            if time.time() - old.stat().st_mtime > OLD_S and not old.stat().st_size and not is_held(old):
                old.unlink()
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
    """How long an owner waits for the next request before it goes; ``VEML_OWNER_IDLE_S`` in seconds, at least 0.2.

    Raises
    ------
    BadInput
        The variable holds no time.
    """
    return max(0.2, seconds_set(IDLE_VARIABLE, IDLE_S))

"""The owner process of a lab: holds its catalog open, for everybody: ``python -m veml_lab.catalog.owner LAB``.

Started by whoever needs it, elected by a lock on the lab's folder, gone when nobody has asked anything
for a while or the folder is gone. A client names questions and changes (no SQL), and says at the start
whether it reads only; one thread and one DuckDB cursor serve a connection, so that reads go on while a
long commit runs. Commits are done one at a time and acknowledged when they are on the disk.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import BadInput, DamagedLab, LabError, ReadOnlyLab, UnknownName, VemlError
from ..storage.failures import in_words
from ..storage.locks import naps, take
from . import database, wire
from .changes import Change
from .revision import announce, wal_file, write_mark
from .runtime import (
    clear_pointer,
    idle_s,
    is_mine,
    log_file,
    new_socket_path,
    read_pointer,
    socket_folder,
    write_pointer,
)
from .schema import FORMAT_VERSION
from .staging import FOLDER, open_held, staged_table, staging_folder, write_table

POLL_S = 0.25  # how often it looks whether it is still needed
QUIET_S = 2.0  # after the last commit, until the log is folded into the catalog
DRAIN_S = 60.0  # how long a stopping owner waits for answers in the making


class Owner:
    """One open catalog and everybody who asks it."""

    def __init__(self, lab: Path, connection: Any, socket_path: str) -> None:
        self.lab, self.file = lab, lab / "catalog.duckdb"
        self._socket = Path(socket_path)
        self._db = connection
        self._inode = self.file.stat().st_ino
        self._seq = database.last_commit(connection)
        write_mark(self.file, self._seq)  # nothing changes until somebody commits
        self._writing = threading.Lock()
        self._count = threading.Condition()
        self._active = 0
        self._asked = time.monotonic()
        self._committed: float | None = None
        self.stopping = threading.Event()

    # -- life --------------------------------------------------------------------------------------

    def serve(self, listener: socket.socket) -> None:
        """Answer until idle, asked to go, or the lab is gone."""
        listener.settimeout(POLL_S)
        patience = idle_s()
        while not self.stopping.is_set():
            with contextlib.suppress(TimeoutError):
                sock, _ = listener.accept()
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()
                continue
            self._check_file()
            self._fold(QUIET_S)
            if not self._active and time.monotonic() - self._asked > patience:
                break

    def close(self) -> None:
        """Let answers in the making end, then fold the log in."""
        end = time.monotonic() + DRAIN_S
        with self._count:
            self.stopping.set()
            while self._active and time.monotonic() < end:
                self._count.wait(0.1)
        with self._writing:
            self._check_file()
            announce(self.file)
            with contextlib.suppress(Exception):  # the disk is full: the log keeps everything
                self._db.execute("CHECKPOINT")
            write_mark(self.file, self._seq)
        for answer in (self.lab / FOLDER).glob(f"answer-{os.getpid()}-*"):  # of clients that could not remove it
            answer.unlink(missing_ok=True)

    def _check_file(self) -> None:
        """End at once when the catalog was taken from under us: closing it would touch what lies there now."""
        try:
            gone = self.file.stat().st_ino != self._inode
        except OSError:
            gone = True
        if gone:
            self._socket.unlink(missing_ok=True)
            os._exit(0)

    def _fold(self, quiet_s: float) -> None:
        """Fold the log into the catalog once commits have paused, so that readers without an owner open it faster."""
        if (
            self._committed is None
            or time.monotonic() - self._committed < quiet_s
            or not self._writing.acquire(blocking=False)
        ):
            return
        try:
            self._committed = None
            announce(self.file)
            with contextlib.suppress(Exception):  # readers are at it, or the disk is full: the log keeps everything
                self._db.execute("CHECKPOINT")
            write_mark(self.file, self._seq)
        finally:
            self._writing.release()

    # -- a connection ------------------------------------------------------------------------------

    def _serve(self, sock: socket.socket) -> None:
        if not is_mine(sock):  # the folder is private; this holds where its permissions were changed
            sock.close()
            return
        cursor, mode, left = None, "", []  # type: ignore[var-annotated]
        with sock:
            try:
                while True:
                    head, parts = wire.receive(sock)
                    with self._working():
                        for path in left:  # the client has mapped them by now
                            path.unlink(missing_ok=True)
                        left.clear()
                        if not mode:
                            mode = _greeted(head)
                            cursor = self._db.cursor()
                            wire.send(sock, {"format": FORMAT_VERSION, "protocol": wire.PROTOCOL, "pid": os.getpid()})
                            continue
                        self._reply(sock, cursor, mode, head, parts, left)
            except (EOFError, OSError):
                pass
            except VemlError as e:  # no frame of ours, or no greeting: say so and hang up
                with contextlib.suppress(OSError):
                    wire.send(sock, wire.error_head(e))
            finally:
                for path in left:
                    path.unlink(missing_ok=True)
                if cursor is not None:
                    cursor.close()

    def _reply(
        self,
        sock: socket.socket,
        cursor: Any,
        mode: str,
        head: dict[str, Any],
        parts: list[bytearray],
        left: list[Path],
    ) -> None:
        fatal = False
        try:
            with database.translated(self.file):
                reply, out = self._do(cursor, mode, head, parts, left)
        except VemlError as e:
            # after these DuckDB refuses everything: the next owner opens the catalog anew, and knows a commit that
            # got through
            fatal = type(e.__cause__).__name__ in ("FatalException", "InternalException")
            reply, out = wire.error_head(e, again=fatal), []
        except Exception as e:
            import traceback

            traceback.print_exc()
            reply, out = wire.error_head(e), []
        try:
            wire.send(sock, reply, out)
        finally:
            if fatal:
                os._exit(1)

    @contextlib.contextmanager
    def _working(self) -> Iterator[None]:
        with self._count:
            if self.stopping.is_set():
                raise EOFError  # hang up: the client asks the next owner
            self._active += 1
        try:
            yield
        finally:
            with self._count:
                self._active -= 1
                self._asked = time.monotonic()
                self._count.notify_all()

    # -- what may be asked -------------------------------------------------------------------------

    def _do(
        self, cursor: Any, mode: str, head: dict[str, Any], parts: list[bytearray], left: list[Path]
    ) -> tuple[dict[str, Any], list[Any]]:
        self._check_file()  # a lab that was moved has another owner by its new name; the client starts it
        verb = head.get("verb")
        try:
            if verb == "read":
                return self._read(cursor, head, parts, left)
            if verb in ("commit", "snapshot", "retire") and mode != "write":
                raise ReadOnlyLab(
                    f"this connection to {self.lab} is read-only; open the lab with veml_lab.open(path) to change it"
                )
            if verb == "commit":
                return {"seq": self._commit(cursor, head, parts)}, []
            if verb == "snapshot":
                return {"file": self._snapshot().name}, []
        except (KeyError, TypeError, IndexError, AttributeError, ValueError) as e:
            if isinstance(e, VemlError):
                raise
            raise BadInput(f"the request {verb!r} lacks something or holds what it should not: {e!r}") from e
        if verb == "retire":
            self.stopping.set()
            return {}, []
        raise UnknownName.of("request", verb, ("read", "commit", "snapshot", "retire"))

    def _read(
        self, cursor: Any, head: dict[str, Any], parts: list[bytearray], left: list[Path]
    ) -> tuple[dict[str, Any], list[Any]]:
        ids = wire.table_of(parts[head["ids"]])["id"].combine_chunks() if head.get("ids") is not None else None
        table = database.answer(cursor, head["question"], wire.unpack(head["params"], parts), ids)
        if table.nbytes > wire.INLINE:
            with contextlib.suppress(OSError):  # a full disk: then through the socket
                path = staging_folder(self.lab) / f"answer-{os.getpid()}-{uuid.uuid4().hex[:8]}.arrow"
                left.append(path)
                write_table(path, table)
                return {"file": path.name}, []
        return {}, [wire.table_bytes(table)]

    def _commit(self, cursor: Any, head: dict[str, Any], parts: list[bytearray]) -> int:
        changes = [
            Change(
                c["name"],
                wire.unpack(c["params"], parts),
                Path(c["file"]) if "file" in c else None if "rows" not in c else wire.table_of(parts[c["rows"]]),
            )
            for c in head["changes"]
        ]
        with self._writing:
            announce(self.file)
            # after an error the mark stays as announced: the commit may be durable all the same
            seq, new = database.commit(cursor, changes, uuid.UUID(head["tx"]), self._rows_of, last=self._seq)
            if new:
                self._seq = seq
                self._committed = time.monotonic()
            write_mark(self.file, self._seq)
        return seq

    def _rows_of(self, rows: Any) -> Any:
        return staged_table(self.lab, rows) if isinstance(rows, Path) else rows

    def _snapshot(self) -> Path:
        """A copy of the catalog as of now under ``staging/``; the client removes it."""
        path = staging_folder(self.lab) / f"snapshot-{os.getpid()}-{uuid.uuid4().hex[:8]}.duckdb"
        with self._writing:  # nobody writes: the file and its log belong together
            announce(self.file)
            with contextlib.suppress(Exception):
                self._db.execute("CHECKPOINT")
            wal = wal_file(self.file)
            try:
                with in_words(path):
                    if wal.exists() and wal.stat().st_size:
                        with wal.open("rb") as source, open_held(wal_file(path)) as out:
                            shutil.copyfileobj(source, out, 1 << 20)
                    with self.file.open("rb") as source, open_held(path) as out:
                        shutil.copyfileobj(source, out, 1 << 20)
            except BaseException:
                for half in (path, wal_file(path)):
                    half.unlink(missing_ok=True)
                raise
            write_mark(self.file, self._seq)
        return path


def _greeted(head: dict[str, Any]) -> str:
    if head.get("verb") != "hello" or head.get("mode") not in ("read", "write"):
        raise BadInput("a connection begins with a hello that says its mode, read or write")
    return str(head["mode"])


# -- the process -----------------------------------------------------------------------------------------


def main(folder: str) -> int:
    """Detach, be elected, open the catalog, say that it is open, serve."""
    if os.fork():  # whoever started us waits for this one, and never has to for the other
        os._exit(0)
    os.chdir("/")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lab = Path(folder)
    try:
        lock = _elect(lab)
        if lock is None:
            return _say({"ready": True, "said": []})  # another one was quicker
        try:
            connection, said = database.open_current(lab / "catalog.duckdb")
            _remove_old_socket(lab)
            path = new_socket_path()
            listener = _listen(path)
        except OSError as e:
            raise LabError(f"no owner process can listen for {lab}: {e}") from e
    except VemlError as e:
        return _say(wire.error_head(e))
    owner = Owner(lab, connection, path)
    signal.signal(signal.SIGTERM, lambda *_: owner.stopping.set())
    pointer = write_pointer(lab, path)
    _say({"ready": True, "said": said})
    try:
        owner.serve(listener)
    finally:
        listener.close()
        Path(path).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            clear_pointer(lab, pointer)
    owner.close()
    with contextlib.suppress(OSError):
        if not os.fstat(2).st_size:
            log_file(lab).unlink(missing_ok=True)
    os._exit(0)  # threads wait for requests that nobody will send; the lock goes with us


def _elect(lab: Path) -> int | None:
    """The lock on the lab's folder; None when another owner has it and answers."""
    for nap in naps(lab):
        try:
            lock = take(lab, exclusive=True)
        except FileNotFoundError:
            raise DamagedLab(f"the lab's folder {lab} is gone") from None
        if lock is not None:
            return lock
        pointer = read_pointer(lab)
        if pointer is not None:
            with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
                probe.connect(pointer.socket)
                return None
        time.sleep(nap)
    return None


def _listen(path: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    mask = os.umask(0o177)
    try:
        listener.bind(path)
    finally:
        os.umask(mask)
    listener.listen(128)
    return listener


def _remove_old_socket(lab: Path) -> None:
    """What an owner that was killed left in our folder."""
    pointer = read_pointer(lab)
    if pointer is not None and Path(pointer.socket).parent == socket_folder():
        Path(pointer.socket).unlink(missing_ok=True)


def _say(message: dict[str, Any]) -> int:
    """Tell whoever started us, through the pipe that it waits at; then let go of it."""
    with contextlib.suppress(OSError):
        os.write(1, json.dumps(message).encode() + b"\n")
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)
    return 0 if message.get("ready") else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

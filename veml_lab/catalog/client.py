"""The client of a lab's owner process: finds it, starts it, asks it, and goes on with the next one when it dies.

A request is sent again when the answer was lost with the owner; a commit carries a UUID, so that one
which was done already is recognised.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import socket
import subprocess
import sys
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BusyLab, DamagedLab, LabError, NewerLab, NotAllowed
from ..storage.failures import sentence
from ..storage.locks import named_holder, naps, patience_s, take
from . import wire
from .changes import Change
from .runtime import idle_s, is_mine, log_file, pointer_file, read_pointer
from .schema import FORMAT_VERSION
from .staging import FOLDER, StagedRows, map_table

if TYPE_CHECKING:
    import pyarrow as pa

HELLO_S = 10.0  # an owner greets at once, whatever it is doing; one that does not is stopped or hangs
MOST_DEATHS = 50  # owners that may die over one request before it is taken for the cause


class _Connection:
    """One greeted connection to an owner."""

    def __init__(self, sock: socket.socket, mode: str) -> None:
        self.sock = sock
        if not is_mine(sock):
            raise NotAllowed(f"the process at the other end of {sock.getpeername()} belongs to another user")
        sock.settimeout(min(HELLO_S, max(0.1, patience_s())))
        wire.send(sock, {"verb": "hello", "mode": mode})
        self.hello, _ = wire.receive(sock)
        if "error" in self.hello:
            raise wire.error_of(self.hello)
        sock.settimeout(max(HELLO_S, patience_s()))

    def ask(
        self, head: Mapping[str, Any], parts: Sequence[Any], wait: Callable[[_Connection], None] | None = None
    ) -> tuple[dict[str, Any], list[bytearray]]:
        wire.send(self.sock, head, parts)
        if wait is not None:
            wait(self)
        return wire.receive(self.sock)

    def wait(self, seconds: float) -> bool:
        """Whether something came, or the other side went, within that time."""
        return bool(select.select([self.sock], [], [], seconds)[0])

    def close(self) -> None:
        self.sock.close()


class OwnerClient:
    """Asks the owner of one lab; safe in threads and after a fork.

    Parameters
    ----------
    mode
        ``"read"``: the owner refuses changes on these connections.
    start
        Start an owner where none runs; else :meth:`ask` gives None.
    """

    def __init__(self, lab: Path, *, mode: str = "write", start: bool = True) -> None:
        self.lab, self.mode, self.start = lab, mode, start
        self._forget()

    def _forget(self) -> None:
        self._pid, self._lock = os.getpid(), threading.Lock()
        self._idle: list[_Connection] = []

    # -- the verbs ---------------------------------------------------------------------------------

    def read(self, question: str, params: Mapping[str, Any], ids: pa.Array | None) -> pa.Table | None:
        """Answer a named question; None where no owner runs and none may be started."""
        parts: list[Any] = []
        head: dict[str, Any] = {"verb": "read", "question": question, "params": wire.pack(params, parts)}
        if ids is not None:
            import pyarrow as pa

            head["ids"] = len(parts)
            parts.append(wire.table_bytes(pa.table({"id": ids})))
        return self._ask(head, parts, self._table)

    def commit(self, changes: Sequence[Change], tx: uuid.UUID) -> int | None:
        """Do all changes or none; the number of the commit."""
        import pyarrow as pa

        parts: list[Any] = []
        listed: list[dict[str, Any]] = []
        with contextlib.ExitStack() as staged:
            for c in changes:
                one: dict[str, Any] = {"name": c.name, "params": wire.pack(c.params, parts)}
                if isinstance(c.rows, Path):
                    one["file"] = str(c.rows)
                elif c.rows is not None and c.rows.nbytes > wire.INLINE:
                    rows = staged.enter_context(StagedRows(self.lab, c.rows.schema))
                    rows.append(c.rows)
                    one["file"] = rows.close().name
                elif c.rows is not None:
                    one["rows"] = len(parts)
                    parts.append(wire.table_bytes(c.rows if isinstance(c.rows, pa.Table) else pa.table(c.rows)))
                listed.append(one)
            head = {"verb": "commit", "tx": str(tx), "changes": listed}
            return self._ask(head, parts, lambda reply, _: int(reply["seq"]))

    def snapshot(self) -> Path | None:
        """A copy of the catalog as of now, under the lab's ``staging/``; the caller removes it."""
        return self._ask({"verb": "snapshot"}, [], lambda reply, _: self.lab / FOLDER / reply["file"])

    def retire(self) -> bool:
        """Ask the owner to fold everything in and go; whether there was one."""
        done = self._ask({"verb": "retire"}, [], lambda *_: True)
        self.close()
        return bool(done)

    def close(self) -> None:
        """Hang up; the next request connects again."""
        if self._pid == os.getpid():
            with self._lock:
                idle, self._idle = self._idle, []
            for c in idle:
                c.close()

    def __del__(self) -> None:
        # a lab that is let go hangs up itself: a socket that is collected open is a ResourceWarning at any later moment
        with contextlib.suppress(Exception):
            self.close()

    # -- one request -------------------------------------------------------------------------------

    def _ask(self, head: Mapping[str, Any], parts: Sequence[Any], use: Any) -> Any:
        deaths = refused = 0
        while True:
            connection = self._take()
            if connection is None:
                return None
            try:
                reply, answer = connection.ask(head, parts, self._await)
                if "error" not in reply:
                    value = use(reply, answer)
                    self._give(connection)
                    return value
            except TimeoutError:  # it takes nothing, or stops in the middle of an answer
                connection.close()
                raise self._silent() from None
            except (OSError, EOFError) as e:
                connection.close()
                deaths += 1
                if deaths > MOST_DEATHS:
                    raise LabError(
                        f"the owner process of {self.lab} ended {deaths} times while it was asked for {head['verb']!r};"
                        f" its words: {_log(self.lab)}"
                    ) from e
                continue
            except BaseException:  # Ctrl-C while the answer is on its way: the next one must not get it
                connection.close()
                raise
            if reply.get("again") and refused < 1:  # that owner gave up; the next may be able to
                connection.close()
                refused += 1
                continue
            self._give(connection)
            raise wire.error_of(reply)

    def _await(self, connection: _Connection) -> None:
        """Wait for the answer as long as the owner lives: a long commit is no reason to give up, a stopped one is.

        After the deadline (``VEML_LOCK_TIMEOUT_S``) without an answer the owner is greeted anew, now and then; it
        greets at once while a commit of millions of rows runs.

        Raises
        ------
        BusyLab
            It does not greet; the message names the process.
        """
        patience = max(0.1, patience_s())
        while not connection.wait(patience):
            again = self.reach()
            if again is None and not connection.wait(0):
                raise self._silent()
            if again is not None:
                again.close()

    def _silent(self) -> BusyLab:
        return BusyLab(
            f"the owner process of {self.lab} has been silent for {patience_s():.0f} s: {named_holder(self.lab)}. Let"
            " it go on, or end it; what was committed is safe, and the next owner takes over"
        )

    def _table(self, reply: Mapping[str, Any], answer: Sequence[bytearray]) -> pa.Table:
        if "file" not in reply:
            return wire.table_of(answer[0])
        path = self.lab / FOLDER / reply["file"]
        try:
            table = map_table(path)
        except FileNotFoundError:
            raise EOFError from None  # its owner died and somebody tidied up; asked again
        with contextlib.suppress(OSError):  # a read-only mount: the owner removes it
            path.unlink()
        return table

    def _take(self) -> _Connection | None:
        if self._pid != os.getpid():  # after a fork the parent's connections are the parent's
            self._forget()
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return self._connect()

    def _give(self, connection: _Connection) -> None:
        with self._lock:
            if self._pid == os.getpid() and len(self._idle) < 8:
                self._idle.append(connection)
                return
        connection.close()

    # -- finding the owner -------------------------------------------------------------------------

    def reach(self) -> _Connection | None:
        """A connection to the owner that runs, or None."""
        pointer = read_pointer(self.lab)
        if pointer is None:
            return None
        sock = socket.socket(socket.AF_UNIX)
        try:
            sock.connect(pointer.socket)
            return _Connection(sock, self.mode)
        except (OSError, EOFError):  # it is gone, or going, or stopped, or another user's (NotAllowed is an OSError)
            sock.close()
            return None
        except BaseException:
            sock.close()
            raise

    def _connect(self) -> _Connection | None:
        for nap in naps(self.lab):
            connection = self.reach()
            if connection is not None:
                if (
                    connection.hello.get("format", 0) > FORMAT_VERSION
                    or connection.hello.get("protocol", 0) > wire.PROTOCOL
                ):
                    connection.close()
                    raise NewerLab(
                        f"a newer VeML-Lab has {self.lab} open; upgrade this one with: pip install -U veml-lab"
                    )
                if (connection.hello.get("format"), connection.hello.get("protocol")) == (
                    FORMAT_VERSION,
                    wire.PROTOCOL,
                ):
                    return connection
                if self.mode == "write":  # left from before an upgrade
                    with contextlib.suppress(OSError, EOFError):
                        connection.ask({"verb": "retire"}, [])
                connection.close()
                if self.mode == "read":
                    return None
            elif not self.start:
                return None
            else:
                with starting(self.lab) as mine:
                    if mine:
                        connection = self.reach()  # somebody may have been quicker
                        if connection is not None:
                            connection.close()
                        else:
                            start_owner(self.lab)
                        continue
            time.sleep(nap)
        return None


@contextlib.contextmanager
def starting(lab: Path) -> Iterator[bool]:
    """The right to start an owner: one process at a time, so that not everybody starts one when it dies."""
    fd = None
    try:
        file = pointer_file(lab)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        fd = take(file, exclusive=True)
    except FileNotFoundError:
        raise DamagedLab(f"the lab's folder {lab} is gone") from None
    except OSError as e:
        raise sentence(e, file, "locked") from e
    try:
        yield fd is not None
    finally:
        if fd is not None:
            os.close(fd)


def start_owner(lab: Path) -> None:
    """Start an owner process and wait until it serves, or raise what keeps it from that.

    One that is killed while it starts, without a word, is no reason: the caller looks again and starts the next.
    """
    idle_s()  # nonsense in the variable is said here, to whoever set it, and not in a process that nobody sees
    root = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))}
    # a file of its own: what another owner says while it ends would be taken for the words of this one
    said_by_it = log_file(lab)
    said_by_it.unlink(missing_ok=True)
    with said_by_it.open("xb") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "veml_lab.catalog.owner", str(lab)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
            env=environment,
            cwd="/",
        )
    assert process.stdout is not None
    with process.stdout as pipe:
        line = pipe.readline()
    process.wait()
    try:
        message = json.loads(line)
    except ValueError:
        if not _log(lab):
            return
        raise LabError(f"no owner process could be started for {lab}: {_log(lab)}") from None
    if "error" in message:
        raise wire.error_of(message)
    for text in message["said"]:
        warnings.warn(text, stacklevel=2)


def _log(lab: Path) -> str:
    """The last words of the owner."""
    with contextlib.suppress(OSError):
        lines = log_file(lab).read_text(errors="replace").strip().splitlines()
        # an error may be told in several lines, and underlined
        errors = [line for line in lines if re.match(r"[\w.]+(Error|Exception)\b", line)]
        return (errors or lines or [""])[-1]
    return ""


@contextlib.contextmanager
def exclusively(lab: Path) -> Iterator[None]:
    """Nobody else has the catalog open: the owner goes, no other is started, readers wait."""
    waiting = naps(lab)
    for nap in waiting:
        with starting(lab) as mine:
            lock = _retired(lab, waiting) if mine else None
            if lock is None:
                time.sleep(nap)
                continue
            try:
                yield
            finally:
                os.close(lock)
            return


def _retired(lab: Path, waiting: Iterator[float]) -> int | None:
    """The lock on the lab's folder, once the owner that has it is gone; the caller sees to it that no other starts."""
    owner = OwnerClient(lab, start=False)
    for nap in waiting:
        lock = take(lab, exclusive=True)
        if lock is not None:
            return lock
        with contextlib.suppress(LabError):
            owner.retire()
        time.sleep(nap)
    return None

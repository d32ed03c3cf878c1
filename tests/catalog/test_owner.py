"""The owner process: found, started, asked by many, replaced when it dies, gone when nobody needs it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import pyarrow as pa
import pytest
from patience import PATIENCE_S, until
from processes import alive, end_owner, owner_pid
from test_catalog import metrics, names, node

from veml_lab.catalog import Catalog, Change, client, database, owner, wire
from veml_lab.catalog.client import OwnerClient
from veml_lab.catalog.revision import wal_file
from veml_lab.catalog.runtime import (
    clear_pointer,
    new_socket_path,
    pointer_file,
    read_pointer,
    socket_folder,
    write_pointer,
)
from veml_lab.errors import BadInput, BusyLab, DamagedLab, LabError, ReadOnlyLab, UnknownName


def owners_of(folder: Path) -> list[int]:
    """All living owner processes of a lab."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"veml_lab.catalog.owner" in words and str(folder).encode() in words and alive(int(entry.name)):
                found.append(int(entry.name))
    return found


# -- one for all -----------------------------------------------------------------------------------------


def test_eight_processes_that_begin_at_once_have_one_owner(owned, python):
    code = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[3]]
from veml_lab.catalog import Catalog
from test_catalog import names, node
catalog = Catalog(Path(sys.argv[1]))
catalog.commit([node(sys.argv[2])])
print(sys.argv[2] in names(catalog))
"""
    here = Path(__file__).parent
    started = [python(code, owned.folder, k, here) for k in range(8)]
    assert [p.communicate() for p in started] == [("True\n", "")] * 8
    assert owners_of(owned.folder) == [owner_pid(owned.folder)]
    assert sorted(names(owned)) == [str(k) for k in range(8)]


def test_the_owner_is_light(owned):
    owned.commit([node("a")])
    maps = Path(f"/proc/{owner_pid(owned.folder)}/maps").read_text()
    assert "duckdb" in maps
    assert "torch" not in maps and "pandas" not in maps and "scipy" not in maps


def test_a_commit_is_seen_at_once_by_everybody_else(owned):
    other, reader = Catalog(owned.folder), Catalog(owned.folder, read_only=True)
    for i in range(20):
        before = other.revision()
        assert before == reader.revision()
        owned.commit([node(str(i))])
        assert other.revision() != before
        assert str(i) in names(other) and str(i) in names(reader)


@pytest.fixture
def owner_within(owned):
    """The owner of ``owned`` as a thread of this process, so that a test can hold it in the middle of something."""
    names(owned)
    owned.close()
    end_owner(owned.folder)
    lock = owner._elect(owned.folder)
    connection, _ = database.open_current(owned.file)
    path = new_socket_path()
    listener = owner._listen(path)
    within = owner.Owner(owned.folder, connection, path)
    pointer = write_pointer(owned.folder, path)
    serving = threading.Thread(target=within.serve, args=(listener,))
    serving.start()
    yield within
    owned.close()
    within.stopping.set()
    serving.join()
    listener.close()
    Path(path).unlink()
    clear_pointer(owned.folder, pointer)
    within.close()
    connection.close()
    os.close(lock)


def test_reads_go_on_while_a_long_commit_runs(owned, owner_within, monkeypatch):
    """The commit is held in the middle of its transaction until others have read."""
    owned.commit([node("a")])
    begun, go = threading.Event(), threading.Event()

    def rows_of(rows):
        begun.set()
        assert go.wait(PATIENCE_S / 10)  # whoever waits for the commit sees what it has done
        return owner.Owner._rows_of(owner_within, rows)

    monkeypatch.setattr(owner_within, "_rows_of", rows_of)
    writer = threading.Thread(target=lambda: owned.commit([metric_change(metrics(10)), node("late")]))
    writer.start()
    assert begun.wait(PATIENCE_S)
    for reader in (Catalog(owned.folder), Catalog(owned.folder, read_only=True)):
        for _ in range(10):
            assert names(reader) == ["a"]
        reader.close()
    go.set()
    writer.join()
    assert names(owned) == ["a", "late"]


def metric_change(rows: pa.Table) -> Change:
    return Change("add_metrics", rows=rows)


# -- when it dies ----------------------------------------------------------------------------------------


def test_the_next_owner_goes_on_where_a_killed_one_was(owned):
    reader = Catalog(owned.folder, read_only=True)
    for i in range(4):
        owned.commit([node(f"before {i}")])
        seen = owned.revision()
        first = end_owner(owned.folder)
        assert f"before {i}" in names(reader)  # without an owner
        assert owned.revision() == seen
        assert owned.commit([node(f"after {i}")]) == 2 * i + 2
        assert owner_pid(owned.folder) not in (None, first)
    assert len(names(owned)) == 8


def test_a_commit_whose_answer_was_lost_is_done_once(owned):
    """The owner is killed between the commit and the client's look at the answer."""
    names(owned)
    tx, pointer = uuid.uuid4(), read_pointer(owned.folder)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(pointer.socket)
        wire.send(sock, {"verb": "hello", "mode": "write"})
        wire.receive(sock)
        parts: list = []
        change = node("once")
        wire.send(
            sock,
            {
                "verb": "commit",
                "tx": str(tx),
                "changes": [{"name": change.name, "params": wire.pack(change.params, parts)}],
            },
            parts,
        )
        until(lambda: "once" in names(owned), "the commit")
        end_owner(owned.folder)
    assert owned.commit([change], tx=tx) == 1
    assert names(owned) == ["once"]
    assert owned.read("counts")["nodes"].to_pylist() == [1]


def test_an_interrupted_request_does_not_leave_its_answer_to_the_next_one(owned, monkeypatch):
    owned.commit([node("a")])
    real = wire.receive

    def interrupted(sock):
        monkeypatch.setattr(wire, "receive", real)
        raise KeyboardInterrupt

    monkeypatch.setattr(wire, "receive", interrupted)
    with pytest.raises(KeyboardInterrupt):
        owned.read("nodes")
    assert owned.read("counts").column_names == ["nodes", "edges", "samples", "boxes"]
    assert names(owned) == ["a"]


def test_a_request_that_no_owner_survives_is_given_up(owned, monkeypatch):
    names(owned)
    monkeypatch.setattr(client, "MOST_DEATHS", 2)
    monkeypatch.setattr(client._Connection, "ask", lambda *_: (_ for _ in ()).throw(ConnectionResetError))
    with pytest.raises(LabError, match="ended 3 times"):
        owned.read("nodes")


# -- when nobody needs it --------------------------------------------------------------------------------


def test_an_idle_owner_folds_its_log_in_and_goes_although_clients_are_connected(tmp_path, monkeypatch):
    monkeypatch.setenv("VEML_OWNER_IDLE_S", "1")
    monkeypatch.setenv("VEML_CATALOG", "owner")
    started, start_owner = [], client.start_owner
    monkeypatch.setattr(client, "start_owner", lambda lab: (started.append(lab), start_owner(lab)))
    catalog = Catalog(tmp_path)
    catalog.commit([node("a")])
    revision = catalog.revision()
    until(lambda: not owners_of(tmp_path), "the owner ends")
    assert owner_pid(tmp_path) is None
    wal = wal_file(catalog.file)
    assert not wal.exists() or wal.stat().st_size == 0
    assert catalog.revision() == revision  # nothing was committed
    before = len(started)  # more than one where this machine is so busy that one went between two questions
    assert before >= 1
    assert names(catalog) == ["a"]
    assert len(started) > before
    catalog.close()
    end_owner(tmp_path)


def test_the_owner_of_a_lab_that_was_removed_goes(owned):
    owned.commit([node("a")])
    pid = owner_pid(owned.folder)
    shutil.rmtree(owned.folder)
    until(lambda: not alive(pid), "the owner ends")
    assert not owned.folder.exists()
    with pytest.raises(DamagedLab, match="gone"):
        names(owned)


def test_the_owner_of_a_catalog_that_was_replaced_goes_without_touching_the_new_one(owned):
    owned.commit([node("a")])
    end_owner(owned.folder, signal.SIGTERM)  # folds everything in
    backup = owned.file.read_bytes()
    owned.commit([node("b")])
    pid = owner_pid(owned.folder)
    restored = owned.file.with_name("restored")
    restored.write_bytes(backup)
    wal_file(owned.file).unlink(missing_ok=True)
    restored.replace(owned.file)
    until(lambda: not alive(pid), "the owner ends")
    assert owned.file.read_bytes() == backup
    with pytest.warns(UserWarning, match="1 acknowledged commits are not in it"):
        assert names(owned) == ["a"]


def test_a_terminated_owner_answers_what_it_began_and_folds_its_log_in(owned):
    names(owned)
    writer = threading.Thread(target=lambda: owned.commit([metric_change(metrics(500_000)), node("whole")]))
    writer.start()
    time.sleep(0.05)
    first = end_owner(owned.folder, signal.SIGTERM)
    writer.join()
    assert "whole" in names(owned) and owner_pid(owned.folder) != first
    assert owned.read("metrics", node="t-1").num_rows == 500_000


# -- what it refuses -------------------------------------------------------------------------------------


@pytest.fixture
def raw(owned):
    """``raw(mode)`` gives a greeted socket to the owner."""
    names(owned)
    opened = []

    def connect(mode: str | None = "read") -> socket.socket:
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(PATIENCE_S)
        sock.connect(read_pointer(owned.folder).socket)
        opened.append(sock)
        if mode is not None:
            wire.send(sock, {"verb": "hello", "mode": mode})
            assert "error" not in wire.receive(sock)[0]
        return sock

    yield connect
    for sock in opened:
        sock.close()


def ask(sock: socket.socket, head: dict, parts=()) -> dict:
    wire.send(sock, head, parts)
    return wire.receive(sock)[0]


def test_a_connection_that_reads_cannot_change_anything_nor_become_one_that_writes(owned, raw):
    sock = raw("read")
    change = {
        "name": "add_node",
        "params": {"id": "d-1", "kind": "data", "name": "x", "created": "2026-01-01", "props": "{}"},
    }
    commit = {"verb": "commit", "tx": str(uuid.uuid4()), "changes": [change]}
    for head in (commit, {"verb": "snapshot"}, {"verb": "retire"}):
        assert ask(sock, head)["error"] == "ReadOnlyLab"
    assert ask(sock, {"verb": "hello", "mode": "write"})["error"] == "UnknownName"
    assert ask(sock, commit)["error"] == "ReadOnlyLab"
    assert names(owned) == []
    assert ask(raw("write"), commit) == {"seq": 1}  # it was the mode that kept it out


@pytest.mark.parametrize(
    "head",
    [
        {"verb": "read", "question": "SELECT 1", "params": {}},
        {"verb": "read", "question": "nodes; DROP TABLE node", "params": {}},
        {"verb": "sql", "text": "DROP TABLE node"},
        {"verb": "commit", "tx": str(uuid.uuid4()), "changes": [{"name": "DROP TABLE node", "params": {}}]},
        {"verb": "read", "question": "nodes"},
        {"verb": "read", "question": ["nodes"], "params": {}},
        {"verb": "read", "question": "version_ids", "params": {"version": {"part": 7}}},
        {"verb": "commit", "tx": "no uuid", "changes": []},
        {
            "verb": "commit",
            "tx": str(uuid.uuid4()),
            "changes": [{"name": "add_metrics", "params": {}, "file": "/etc/passwd"}],
        },
        {
            "verb": "commit",
            "tx": str(uuid.uuid4()),
            "changes": [{"name": "add_metrics", "params": {}, "file": "../catalog.duckdb"}],
        },
        {"verb": None},
        {},
    ],
    ids=lambda h: str(h.get("verb", "nothing")) + " " + str(h.get("question", ""))[:20],
)
def test_what_is_no_named_question_or_change_is_answered_with_one_error(owned, raw, head):
    sock = raw("write")
    reply = ask(sock, head)
    assert issubclass(getattr(__import__("veml_lab.errors").errors, reply["error"]), BadInput), reply
    assert ask(sock, {"verb": "read", "question": "counts", "params": {}}).get("error") is None  # and it goes on
    assert names(owned) == []


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack("<I", 2**31),
        struct.pack("<I", 4) + b"nope",
        struct.pack("<I", 13) + b'{"parts":[-1]}'[:13],
        b"\x05",
    ],
    ids=["http", "huge", "no json", "no sizes", "half"],
)
def test_what_is_no_frame_is_hung_up_on_and_harms_nobody(owned, raw, data):
    sock = raw(None)
    sock.sendall(data)
    sock.shutdown(socket.SHUT_WR)
    left = b""
    with contextlib.suppress(ConnectionResetError):  # it hung up before it had read everything
        while chunk := sock.recv(4096):
            left += chunk
    assert left == b"" or json.loads(left[4:])["error"] == "BadInput"
    assert names(owned) == []


def test_a_connection_has_to_say_its_mode_first(raw):
    for head in ({"verb": "read", "question": "nodes", "params": {}}, {"verb": "hello", "mode": "root"}):
        assert ask(raw(None), head)["error"] == "BadInput"


def test_only_this_user_can_reach_the_socket(owned):
    names(owned)
    path = Path(read_pointer(owned.folder).socket)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.parent.stat().st_uid == os.getuid()
    assert len(str(path)) < 100


def test_a_folder_that_others_may_enter_is_no_place_for_the_socket(tmp_path, monkeypatch):
    runtime = Path("/tmp") / f"veml-test-{uuid.uuid4().hex[:8]}"
    (runtime / f"veml-{os.getuid()}").mkdir(parents=True)
    (runtime / f"veml-{os.getuid()}").chmod(0o755)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("VEML_CATALOG", "owner")
    try:
        with pytest.raises(LabError, match="private folder"):
            Catalog(tmp_path).commit([node("a")])
    finally:
        shutil.rmtree(runtime)


def test_a_lab_with_a_path_longer_than_a_socket_may_have(tmp_path, monkeypatch):
    monkeypatch.setenv("VEML_CATALOG", "owner")
    folder = tmp_path.joinpath(*["a folder with a long name " + "x" * 60] * 3)
    folder.mkdir(parents=True)
    assert len(str(folder)) > 250
    catalog = Catalog(folder)
    assert catalog.commit([node("a")]) == 1
    end_owner(folder)


def test_an_owner_of_an_older_version_makes_way_and_one_of_a_newer_is_left_alone(owned, monkeypatch):
    from veml_lab.errors import NewerLab

    owned.commit([node("a")])
    pid = owner_pid(owned.folder)
    monkeypatch.setattr(client, "FORMAT_VERSION", 0)
    with pytest.raises(NewerLab, match="newer"):
        OwnerClient(owned.folder).read("nodes", {}, None)
    assert owner_pid(owned.folder) == pid
    monkeypatch.undo()
    monkeypatch.setattr(wire, "PROTOCOL", wire.PROTOCOL + 1)
    greeted = OwnerClient(owned.folder, mode="read", start=False)
    assert greeted.read("nodes", {}, None) is None  # not asked in words that it may not know
    assert owner_pid(owned.folder) == pid


def test_a_reader_starts_no_owner_and_writes_nothing(tmp_path):
    catalog = Catalog(tmp_path)
    pointer_file(tmp_path).unlink(missing_ok=True)  # of a folder that had this inode before
    before = {p: p.stat().st_mtime_ns for p in catalog.folder.iterdir()}
    reader = Catalog(catalog.folder, read_only=True)
    assert names(reader) == []
    with pytest.raises(ReadOnlyLab):
        reader.commit([node("a")])
    with pytest.raises(UnknownName):
        reader.read("everything")
    assert {p: p.stat().st_mtime_ns for p in catalog.folder.iterdir()} == before
    assert not pointer_file(catalog.folder).exists()


# -- an owner that does not answer, and one that is not ours -----------------------------------------------


def test_a_stopped_owner_is_named_within_the_deadline_and_readers_read_on(owned, monkeypatch):
    owned.commit([node("a")])
    pid = owner_pid(owned.folder)
    os.kill(pid, signal.SIGSTOP)
    monkeypatch.setenv("VEML_LOCK_TIMEOUT_S", "1")
    monkeypatch.setattr(client, "HELLO_S", 0.5)
    try:
        with pytest.raises(BusyLab, match=rf"process {pid} .*stopped"):
            owned.commit([node("b")])
        with pytest.raises(BusyLab, match=rf"process {pid} .*stopped"):
            Catalog(owned.folder).commit([node("c")])
        monkeypatch.setenv("VEML_LOCK_TIMEOUT_S", str(PATIENCE_S))
        reader = Catalog(owned.folder, read_only=True)
        assert names(reader) == ["a"]
        reader.close()
    finally:
        os.kill(pid, signal.SIGCONT)
    assert "a" in names(owned)


def test_a_long_commit_is_no_silence(owned, monkeypatch):
    """The deadline passes three times before the answer is looked at; the owner greets meanwhile."""
    assert names(owned) == []
    monkeypatch.setattr(client, "HELLO_S", PATIENCE_S)
    real = OwnerClient._await
    looks = []

    def counted(self, connection):
        wait = connection.wait
        monkeypatch.setattr(connection, "wait", lambda s: looks.append(s) or (wait(s) if len(looks) > 3 else False))
        real(self, connection)

    monkeypatch.setattr(OwnerClient, "_await", counted)
    owned.commit([node("a")])
    assert len(looks) > 3 and names(owned) == ["a"]


def test_a_silent_listener_is_taken_for_no_owner(tmp_path, monkeypatch):
    """Something accepts at the address of the pointer and says nothing; the lab has no owner."""
    monkeypatch.setattr(client, "HELLO_S", 1)
    catalog = Catalog(tmp_path)
    path = str(socket_folder() / "silent-test.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        try:
            write_pointer(tmp_path, path)
            assert OwnerClient(tmp_path, start=False).read("nodes", {}, None) is None
            catalog.commit([node("a")])
            assert names(catalog) == ["a"]
        finally:
            Path(path).unlink(missing_ok=True)  # the next owner tidies up
            catalog.close()
            end_owner(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["5", "null", "[]", '"x"', "{", '{"pid": 1}', '{"pid": "x", "socket": 3, "lab": null}', "[" * 100_000, "\xff"],
)
def test_what_is_no_pointer_is_none(tmp_path, text):
    catalog = Catalog(tmp_path)
    pointer_file(tmp_path).write_text(text)
    assert read_pointer(tmp_path) is None
    catalog.commit([node("a")])
    assert names(catalog) == ["a"]
    catalog.close()
    end_owner(tmp_path)


def test_a_strangers_lab_says_nothing_of_where_its_owner_is(tmp_path):
    """``catalog.duckdb.owner`` in the lab, as earlier versions had it: a link to a file of ours is not written through,
    and an address in it is not talked to."""
    mine = tmp_path / "mine.txt"
    mine.write_text("precious")
    folder = tmp_path / "lab"
    folder.mkdir()
    catalog = Catalog(folder)
    (folder / "catalog.duckdb.owner").symlink_to(mine)
    catalog.commit([node("a")])
    catalog.close()
    end_owner(folder, signal.SIGTERM)
    assert mine.read_text() == "precious" and (folder / "catalog.duckdb.owner").is_symlink()
    assert pointer_file(folder).parent != folder


def test_a_pointer_of_another_user_or_behind_a_link_is_not_followed(tmp_path, owned):
    owned.commit([node("a")])
    pointer = pointer_file(owned.folder)
    text = pointer.read_text()
    assert read_pointer(owned.folder) is not None
    (tmp_path / "elsewhere").write_text(text)
    pointer.unlink()
    pointer.symlink_to(tmp_path / "elsewhere")
    assert read_pointer(owned.folder) is None
    pointer.unlink()
    pointer.write_text(text)
    if os.getuid() == 0:
        os.chown(pointer, 65534, 65534)
        assert read_pointer(owned.folder) is None
        os.chown(pointer, 0, 0)
    assert read_pointer(owned.folder) is not None


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_a_socket_of_another_user_is_hung_up_on(owned, tmp_path, monkeypatch):
    """The system says who listens; the pointer would say anything."""
    from veml_lab.catalog import runtime

    owned.commit([node("a")])
    client = OwnerClient(owned.folder, start=False)
    assert client.read("counts", {}, None) is not None
    client.close()
    monkeypatch.setattr(runtime, "peer", lambda sock: (1, 65534))
    assert client.read("counts", {}, None) is None
    code = (
        "import os, socket, sys\nos.chmod(sys.argv[1], 0o777); os.setgid(65534); os.setuid(65534)\n"
        "s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])\n"
        "s.settimeout(300)\n"
        "try: s.sendall(b'\\x02\\0\\0\\0{}'); print(repr(s.recv(1)))\nexcept ConnectionError: print(repr(b''))"
    )
    path = Path(read_pointer(owned.folder).socket)
    folder_mode = path.parent.stat().st_mode
    path.parent.chmod(0o755)
    try:
        done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True)
    finally:
        path.parent.chmod(folder_mode)
    assert done.stdout.strip() == "b''", done.stderr


def test_the_last_words_of_an_owner_are_its_error_and_not_what_underlines_it(tmp_path, monkeypatch):
    monkeypatch.setattr(client, "log_file", lambda lab: tmp_path / "log")
    error = "_duckdb.CatalogException: Catalog Error: no table"
    for text, last in (
        (f'Traceback:\n  File "x"\n    a()\n    ^^^\n{error}\nDid you mean?\n\nLINE 1: SELECT\n        ^^^\n', error),
        ("killed by somebody\n", "killed by somebody"),
        ("", ""),
    ):
        (tmp_path / "log").write_text(text)
        assert client._log(tmp_path) == last

"""Damaged logs and old marks by brute force: no acknowledged commit goes in silence, and nothing is said in vain."""

from __future__ import annotations

import shutil
import signal
import uuid
import warnings
from dataclasses import dataclass
from pathlib import Path

import pytest
from processes import end_owner
from test_catalog import names, node

import veml_lab as veml
from veml_lab.catalog import Catalog, database
from veml_lab.catalog.owner import Owner
from veml_lab.catalog.revision import Mark, announce, doubt, headers, mark_file, read_mark, wal_file, write_mark
from veml_lab.errors import DamagedLab
from veml_lab.upkeep import backup, check

LAST = 9


@dataclass(frozen=True)
class History:
    """A catalog with four commits in the file and five in the log of a killed owner, and its mark after each commit.

    ``marks`` are by the number of the commit: 1 to 3 before the log was folded in, 4 after it, 5 to 9 of the log;
    ``lengths`` are those of the log then.
    """

    folder: Path
    marks: dict[int, bytes]
    lengths: dict[int, int]


@pytest.fixture(scope="module")
def history(tmp_path_factory) -> History:
    folder = tmp_path_factory.mktemp("marks") / "lab"
    folder.mkdir()
    marks, lengths = {}, {}
    with pytest.MonkeyPatch.context() as m:
        m.setenv("VEML_CATALOG", "owner")
        m.setenv("VEML_OWNER_IDLE_S", "60")
        catalog = Catalog(folder)
        for seq in range(1, LAST + 1):
            assert catalog.commit([node(f"n{seq}")]) == seq
            if seq == 4:
                end_owner(folder, signal.SIGTERM)  # which folds the log in
            marks[seq] = mark_file(catalog.file).read_bytes()
            wal = wal_file(catalog.file)
            lengths[seq] = wal.stat().st_size if wal.exists() else 0
        end_owner(folder)
        catalog.close()
    assert lengths[4] == 0 and sorted(set(lengths.values())) == [lengths[n] for n in range(4, LAST + 1)]
    return History(folder, marks, lengths)


def _logs(history: History, step: int):
    """Each harmed log: what was done to it, its bytes (None: no file)."""
    whole = wal_file(history.folder / "catalog.duckdb").read_bytes()
    ends = {n for length in history.lengths.values() for n in (length - 1, length, length + 1) if 0 <= n <= len(whole)}
    places = sorted({*range(0, len(whole), step), *range(0, 24, 3), *ends})
    yield "none", whole
    yield "gone", None
    for at in places:
        yield f"cut {at}", whole[:at]
        if at < len(whole):
            yield f"flip {at}", whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]
    for at in places[:: max(1, len(places) // 12)]:
        yield f"zeros {at}", whole[:at] + bytes(len(whole) - at)


def _found(file: Path) -> int | None:
    """The number of the last commit that DuckDB finds; None where it says that the log is damaged."""
    try:
        con = database.connect(file, read_only=True)
    except DamagedLab:
        return None
    try:
        return database.last_commit(con)
    finally:
        con.close()


def _silent(history: History, place: Path, step: int) -> tuple[set[tuple[str, str]], set[str]]:
    """Which harm and which mark lose commits in silence; which harm is said beside the right mark though nothing is
    lost."""
    shutil.copytree(history.folder, place)
    file = place / "catalog.duckdb"
    whole, digest = file.read_bytes(), headers(file)
    marks: dict[str, Mark | None] = {"missing": None}
    for seq, data in history.marks.items():
        mark_file(file).write_bytes(data)
        marks[str(seq)] = read_mark(file)
    silent, needless = set(), set()
    for harm, log in _logs(history, step):
        wal_file(file).unlink(missing_ok=True)
        if log is not None:
            wal_file(file).write_bytes(log)
        found = _found(file)
        if file.read_bytes() != whole:
            file.write_bytes(whole)
        for name, mark in marks.items():
            length = 0 if log is None else len(log)
            said = found is None or (mark is not None and found < mark.seq) or doubt(mark, found, length, digest)
            if found is not None and found < LAST and not said:
                silent.add((harm, name))
            if found == LAST and said and name == str(LAST) and length == history.lengths[LAST] and harm == "none":
                needless.add(harm)
    return silent, needless


def _rolled_back(history: History) -> set[tuple[str, str]]:
    """Log and mark as both were after one and the same commit: the lab of that moment, which nothing tells from it."""
    found = {(f"cut {history.lengths[n]}", str(n)) for n in range(4, LAST)}
    return found | {("gone", "4")}


def test_no_harm_to_the_log_loses_commits_in_silence_whatever_mark_lies_beside_it(history, tmp_path):
    silent, needless = _silent(history, tmp_path / "lab", 41)
    assert silent == _rolled_back(history)
    assert not needless


@pytest.mark.slow
def test_no_harm_at_any_byte_of_the_log_loses_commits_in_silence(history, tmp_path):
    silent, needless = _silent(history, tmp_path / "lab", 1)
    assert silent == _rolled_back(history)
    assert not needless


HARMS = {
    "whole": lambda log: log,
    "head": lambda log: log[:3] + bytes([log[3] ^ 0xFF]) + log[4:],
    "torn": lambda log: log[: len(log) * 2 // 3],
    "zeros": lambda log: log[: len(log) // 2] + bytes(len(log) - len(log) // 2),
    "empty": lambda log: b"",
}


@pytest.mark.parametrize(
    ("mark", "harm"),
    [
        ("missing", "whole"),
        ("missing", "empty"),
        ("half", "torn"),
        ("2", "whole"),
        ("4", "head"),
        ("4", "empty"),
        ("5", "zeros"),
        ("9", "whole"),
        ("9", "head"),
    ],
)
def test_it_is_said_by_whoever_opens_the_lab_and_by_check(history, tmp_path, engine, mark, harm):
    folder = tmp_path / "lab"
    shutil.copytree(history.folder, folder)
    file = folder / "catalog.duckdb"
    wal_file(file).write_bytes(HARMS[harm](wal_file(file).read_bytes()))
    if mark == "missing":
        mark_file(file).unlink()
    else:
        mark_file(file).write_bytes(history.marks[9][:20] if mark == "half" else history.marks[int(mark)])
    (folder / "lab.toml").write_text("format_version = 2\n")
    rolled_back = (mark, harm) == ("4", "empty")
    quiet = (mark, harm) == ("9", "whole") or rolled_back
    assert bool([f for f in check(folder).wrong if f.kind == "repaired log"]) != quiet
    for catalog in (Catalog(folder, read_only=True), Catalog(folder)):
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            found = names(catalog)
        assert any("lost" in str(w.message) or "not in it" in str(w.message) for w in said) != quiet, said
        assert found == [f"n{i}" for i in range(1, len(found) + 1)]
        catalog.close()
    end_owner(folder)
    with warnings.catch_warnings():  # it is said once
        warnings.simplefilter("error")
        assert names(Catalog(folder)) == found
        assert check(folder).clean
    end_owner(folder)


def test_a_mark_at_rest_has_to_fit_and_a_busy_one_may_be_one_commit_behind():
    rest = Mark(7, "e", "1.2.ff", "h")
    assert doubt(rest, 7, 255, "h") == ""
    assert doubt(rest, 8, 255, "h") == "is of commit 7"
    assert doubt(rest, 7, 256, "h") == doubt(rest, 7, 0, "h") == doubt(rest, 7, 255, "i") != ""
    busy = Mark(7, "e", "1.2.ff", "h", busy=True)
    assert doubt(busy, 7, 0, "i") == doubt(busy, 8, 300, "i") == ""
    assert doubt(busy, 9, 300, "i") == "is of commit 7"
    earlier = Mark(7, "e", "1.2.ff")  # no digest: as much as that version could tell
    assert doubt(earlier, 8, 300, "i") == doubt(earlier, 9, 0, "i") == ""
    assert doubt(earlier, 9, 1, "i") == "is of commit 7"
    assert doubt(None, 0, 0, "h") == ""
    assert doubt(None, 1, 0, "h") == doubt(None, 0, 1, "h") == "is missing"


def test_a_mark_is_read_as_it_was_written_and_nothing_else_is_taken_for_one(tmp_path):
    file = tmp_path / "catalog.duckdb"
    file.write_bytes(b"x" * 20_000)
    write_mark(file, 3)
    mark = read_mark(file)
    assert mark is not None and (mark.seq, mark.busy, mark.headers) == (3, False, headers(file))
    announce(file)
    busy = read_mark(file)
    assert busy is not None and busy.busy and busy.revision == mark.revision and busy.signature == mark.signature
    write_mark(file, 4)
    assert (read_mark(file).seq, read_mark(file).busy, read_mark(file).epoch) == (4, False, mark.epoch)
    for text in (
        "",
        "4 e",
        "4 e 1.2",
        "x e 1.2.3 h rest",
        "4 e 1.2.z h rest",
        "4 e 1.2.3 h lazy",
        "4 e 1.2.3 h rest more",
    ):
        mark_file(file).write_text(text)
        assert read_mark(file) is None, text
    before = headers(file)
    file.write_bytes(b"x" * 12_287 + b"y")
    assert headers(file) != before
    mark_file(file).unlink()
    announce(file)
    assert not mark_file(file).exists()  # there is nothing to be said of it


def test_an_owner_says_before_a_commit_that_the_files_change_and_after_it_that_they_rest(tmp_path, monkeypatch):
    """Killed between the two, the commit that is in the log is no reason for a word."""
    Catalog(tmp_path)
    file = tmp_path / "catalog.duckdb"
    con, _ = database.open_current(file)
    owner = Owner(tmp_path, con, str(tmp_path / "socket"))
    assert not read_mark(file).busy
    real, seen = database.commit, []

    def commit(*args, **options):
        seen.append((read_mark(file).seq, read_mark(file).busy))
        done = real(*args, **options)
        wal = wal_file(file).stat().st_size
        assert doubt(read_mark(file), done[0], wal, headers(file)) == ""
        return done

    monkeypatch.setattr(database, "commit", commit)
    for seq in (1, 2):
        assert owner._commit(con.cursor(), {"changes": [], "tx": str(uuid.uuid4())}, []) == seq
        assert (read_mark(file).seq, read_mark(file).busy) == (seq, False)
    assert seen == [(0, True), (1, True)]
    con.close()


def test_a_backup_has_its_mark_and_opens_without_a_word(tmp_path):
    lab = veml.open(tmp_path / "lab")
    lab.store.add("model", "m", {})
    backup(lab.path, tmp_path / "copy")
    copied = tmp_path / "copy" / "catalog.duckdb"
    assert read_mark(copied).seq == 1 and not read_mark(copied).busy
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert check(tmp_path / "copy").clean
        assert [v.name for v in veml.open(tmp_path / "copy").versions()] == ["m"]
        shutil.copytree(tmp_path / "copy", tmp_path / "by hand")  # other times, the same bytes
        assert check(tmp_path / "by hand").clean
    mark_file(tmp_path / "by hand" / "catalog.duckdb").unlink()
    assert {f.kind for f in check(tmp_path / "by hand").wrong} == {"repaired log"}

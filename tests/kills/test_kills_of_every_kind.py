"""Some kills of everything that writes a lab, as ``scripts/kills.py`` does thousands of by hand; and its own oracle."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import kinds_beside as beside
import kinds_of_kills as kinds
import pytest
from killing import LOSS
from labs import ROOT

from veml_lab.catalog.revision import mark_file, wal_file


def test_some_kills_of_every_kind_lose_tear_and_leave_nothing(tmp_path):
    """In a process of its own: it forks, and forks of a process with threads are not to be trusted."""
    state = tmp_path / "rounds.jsonl"
    words = [sys.executable, ROOT / "scripts" / "kills.py", "--kills", "40", "--even", "--no-warm"]
    ended = subprocess.run(
        [*words, "--home", tmp_path / "home", "--state", state],
        capture_output=True,
        text=True,
        env={**os.environ, "VEML_OWNER_IDLE_S": "2"},
        timeout=1200,
    )
    rounds = [json.loads(line) for line in state.read_text().splitlines()]
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-2000:]
    assert [r["faults"] for r in rounds if r["faults"]] == []
    killed = Counter()
    for r in rounds:
        killed[r["kind"]] += r["killed"]
    assert killed.keys() == kinds.KINDS.keys() and min(killed.values()) >= 1 and killed.total() >= 40
    assert "| **all** |" in ended.stdout
    assert sum(r["told"] for r in rounds) >= 10, "it killed too early to show anything"


# -- the oracle: a loss that is planted is found ---------------------------------------------------------


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A place with six commits, and what was told of them."""
    monkeypatch.setenv("VEML_CATALOG", "inprocess")
    kinds.bare(tmp_path)
    told: list[str] = []

    class Enough(Exception):
        pass

    def tell(line: str) -> None:
        told.append(line)
        if len(told) == 8:
            raise Enough

    with pytest.raises(Enough):
        kinds.commits(tmp_path, tell, "t", random.Random(0))
    return tmp_path, told


def looked(place: Path, told: list[str]) -> str:
    return " | ".join(kinds.KINDS["commits"].look(place, told, vacuumed=True))


def test_what_is_whole_is_found_whole(place):
    assert looked(*place) == ""


def test_a_commit_that_was_told_and_is_not_there_is_found(place):
    folder, told = place
    assert "LOST: the commit of m-x" in looked(folder, [*told, "node\tm-x"])
    assert "LOST: the result k-x" in looked(folder, [*told, "result\tk-x\t1"])
    assert "LOST: the result k-t = 99" in looked(folder, [*told, "result\tk-t\t99"])


def test_half_of_a_commit_is_found(place):
    import duckdb

    folder, told = place
    with duckdb.connect(str(folder / "lab" / "catalog.duckdb")) as con:
        con.execute("DELETE FROM metric WHERE node = 'm-t-1' AND step = 2")
    assert "half of the commit of m-t-1" in looked(folder, told)


def test_a_leftover_and_a_said_loss_are_found(place):
    folder, told = place
    (folder / "lab" / "segments").mkdir(exist_ok=True)
    (folder / "lab" / "segments" / ".somebody").write_text("x")
    assert "vacuum left, and check does not list: segments/.somebody" in looked(folder, told)
    (folder / "lab" / "segments" / ".somebody").unlink()
    mark_file(folder / "lab" / "catalog.duckdb").unlink()
    assert "said: whether commits are lost cannot be told" in looked(folder, told)
    assert not wal_file(folder / "lab" / "catalog.duckdb").exists()


def test_notes_tags_and_files_that_are_gone_are_found(tmp_path, monkeypatch):
    monkeypatch.setenv("VEML_CATALOG", "inprocess")
    beside.prepare_exports(tmp_path)
    faults: list[str] = []
    kinds.look_at_notes(tmp_path, ["note\ta note", "tag\tt 0", "untag\tt 1"], faults)
    assert [f.split(":")[0] for f in faults] == ["LOST", "LOST"]
    kinds.opened(tmp_path)["digits"].export(tmp_path / "out" / "idx~0", "idx")
    beside.look_at_exports(tmp_path, ["export\tidx~0"], faults := [])
    assert faults == []
    next((tmp_path / "out" / "idx~0").iterdir()).write_bytes(b"half")
    beside.look_at_exports(tmp_path, ["export\tidx~0", "export\tidx~1"], faults)
    assert faults == ["LOST: the export idx~1", "the export idx~0 is not whole"]


def test_a_child_is_killed_at_the_step_that_was_chosen_and_by_the_clock(tmp_path):
    """Both ways kill; what was told before is known, and a fault of the work itself is one of the round."""
    code = """
import sys
from pathlib import Path
from killing import Kind, Killer
home = Path(sys.argv[1])
def work(place, tell, tag, rng):
    for i in range(10**6):
        (place / f"f{i}").write_text("x")
        tell(f"file\\t{i}")
def fail(place, tell, tag, rng):
    raise ValueError("a fault of the work")
def look(place, told, *, vacuumed):
    return [t for t in told if not (place / f"f{t.split()[1]}").exists()]
for moment in ("step", "time"):
    killer = Killer(Kind("k", lambda p: None, work, look, 0.2, 30, looks=1.0, moments=(moment,)), home / moment)
    rounds = [killer.round(s) for s in range(6)]
    told = sum(r.told for r in rounds)
    print(moment, sum(r.killed for r in rounds), told > 6, [r.faults for r in rounds if r.faults])
print(Killer(Kind("k", lambda p: None, fail, look), home / "fail").round(0).faults[0][:5])
"""
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "tests", ROOT / "tests" / "kills")))
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": paths}
    )
    assert done.stdout.splitlines() == ["step 6 True []", "time 6 True []", "ERROR"], done.stderr


def test_what_is_said_of_a_loss_is_taken_for_one():
    for text in ("3 acknowledged commits are lost", "was damaged at byte 3", "cannot be told", "are not in it"):
        assert LOSS.match(f"it is said that {text}.")
    assert not LOSS.match("the catalog of x was brought from version 1 to 2")

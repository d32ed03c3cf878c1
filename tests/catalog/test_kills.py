"""kill -9 of the owner, of writers and of imports at random moments, and many processes at once for a while.

The promise: what was acknowledged is there, whole and once; what was not is there whole or not at all; a
client notices nothing of the owner's death; ``veml check`` is clean afterwards.
"""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest
from labs import ROOT
from patience import PATIENCE_S, until
from processes import end_owner, owner_pid

import veml_lab as veml
from veml_lab.catalog import Catalog
from veml_lab.upkeep import check, vacuum

# A commit is a model, three metrics and an edge to itself; written together, they have to be found together.
COMMIT = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[3:]
import pyarrow as pa
from veml_lab.catalog import Catalog, Change
from test_catalog import metrics, node
catalog, i = Catalog(Path(sys.argv[1])), 0
while True:
    name = f"{sys.argv[2]}-{i}"
    edge = Change("add_edge", {"src": f"m-{name}", "dst": f"m-{name}", "type": "instance_of", "props": "{}"})
    catalog.commit([node(name), Change("add_metrics", rows=metrics(3, f"m-{name}")), edge])
    print(name, flush=True)
    if i % 10 == 0:
        assert name in catalog.read("nodes")["name"].to_pylist(), "does not read its own writes"
    i += 1
"""

IMPORT = """
import sys, veml_lab as veml
lab = veml.open(sys.argv[1])
for i in range(100000):
    print(lab.add(f"{sys.argv[2]}-{i}", veml.read_idx(sys.argv[3]), progress=False).name, flush=True)
"""


class Clients:
    """Committing and importing processes that are started again when they were killed."""

    def __init__(self, python, folder: Path, digits: Path) -> None:
        self.python, self.folder, self.digits = python, folder, digits
        self.said: list[tuple[str, Path]] = []
        self.living: dict[str, object] = {}
        self.starts = 0

    def start(self, role: str) -> None:
        self.starts += 1
        name = f"{role}{self.starts}"
        if role.startswith("commit"):
            code, words = COMMIT, (self.folder, name, ROOT, ROOT / "tests", Path(__file__).parent)
        else:
            code, words = IMPORT, (self.folder, name, self.digits)
        out = self.folder.parent / f"{name}.out"
        code = f"import os, sys\nos.dup2(os.open({str(out)!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 1)\n" + code
        self.said.append((role, out))
        self.living[role] = self.python(code, *words)

    def kill(self, role: str) -> None:
        process = self.living[role]
        assert process.poll() is None, f"{role} ended by itself: {process.stderr.read()}"  # it has seen an error
        process.kill()
        process.wait()

    def acknowledged(self, role: str) -> set[str]:
        """Whole lines only: the last one may have been cut."""
        found: set[str] = set()
        for r, out in self.said:
            if r.startswith(role) and out.exists():
                found.update(line.strip() for line in out.read_text().splitlines(keepends=True) if line.endswith("\n"))
        return found


def _kill_for(python, tmp_path, digits, *, seconds: float, kills: int, seed: int) -> int:
    folder, rng = tmp_path / "lab", random.Random(seed)
    lab = veml.open(folder)
    clients = Clients(python, folder, digits)
    roles = ["commit-a", "commit-b", "import"]
    for role in roles:
        clients.start(role)
    until(lambda: clients.acknowledged("commit") and clients.acknowledged("import"), "the first acknowledged commits")
    done, owners, end = 0, 0, time.monotonic() + seconds
    while done < kills and (time.monotonic() < end or owners < 3):  # fewer would show nothing
        time.sleep(rng.choice([0.0, 0.02, 0.2, 0.6]) + rng.random() * 0.2)
        if rng.random() < 0.7:
            pid = owner_pid(folder)
            if pid is None:
                continue
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            owners += 1
        else:
            role = rng.choice(roles)
            clients.kill(role)
            clients.start(role)
        done += 1
    for role in roles:
        clients.kill(role)
    catalog = lab.store.catalog
    there = catalog.read("nodes")["name"].to_pylist()
    assert len(there) == len(set(there))
    assert clients.acknowledged("commit") | clients.acknowledged("import") <= set(there)
    committed = [n for n in there if n.startswith("commit")]
    edges = [(e["src"], e["dst"]) for e in catalog.read("edges").to_pylist() if e["src"] == e["dst"]]
    assert sorted(edges) == sorted((f"m-{n}", f"m-{n}") for n in committed)  # each once: nothing torn, nothing doubled
    for name in committed:
        assert catalog.read("metrics", node=f"m-{name}").num_rows == 3
    # what a killed client had sent and not heard of may be there as well: at most one a start
    assert len(committed) <= len(clients.acknowledged("commit")) + clients.starts
    for version in lab.data:
        assert len(version) == 80 == version.samples.num_rows == len(version.annotations.class_labels)
        assert version.images[0].size == version.images[79].size == (16, 16)
    report = check(folder, deep=True)
    assert report.clean, report
    vacuum(folder, grace_s=0)
    again = check(folder, deep=True)
    assert again.clean and "leftover" not in {f.kind for f in again.findings}, again
    end_owner(folder)
    return done


def test_kills_at_random_moments_lose_double_and_tear_nothing(tmp_path, digits, python, monkeypatch):
    monkeypatch.setenv("VEML_CATALOG", "owner")
    _kill_for(python, tmp_path, digits, seconds=15, kills=30, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_hundreds_of_kills_lose_double_and_tear_nothing(tmp_path, digits, python, monkeypatch, seed):
    monkeypatch.setenv("VEML_CATALOG", "owner")
    assert _kill_for(python, tmp_path, digits, seconds=500, kills=120, seed=seed) == 120


# -- many at once ----------------------------------------------------------------------------------------

WRITER = """
import sys, time
from pathlib import Path
sys.path[:0] = sys.argv[4:]
from veml_lab.catalog import Catalog, Change
from test_catalog import metrics, names, node
catalog, end, i = Catalog(Path(sys.argv[1])), time.monotonic() + float(sys.argv[3]), 0
while time.monotonic() < end:
    before = catalog.revision()
    catalog.commit([node(f"{sys.argv[2]}-{i}"), Change("add_metrics", rows=metrics(3, f"m-{sys.argv[2]}-{i}"))])
    assert catalog.revision() != before
    if i % 5 == 0:
        assert f"{sys.argv[2]}-{i}" in names(catalog)
    i += 1
print(i)
"""

READER = """
import sys, time
from pathlib import Path
sys.path[:0] = sys.argv[4:]
from veml_lab.catalog import Catalog
from test_catalog import names
catalog = Catalog(Path(sys.argv[1]), read_only=sys.argv[2] == "read")
end, reads, seen = time.monotonic() + float(sys.argv[3]), 0, []
while time.monotonic() < end:
    found = names(catalog)
    assert set(seen) <= set(found), "something has gone again"
    for name in [n for n in found if n not in set(seen)][:3]:
        assert catalog.read("metrics", node=f"m-{name}").num_rows == 3, "half of a commit"
    seen, reads = found, reads + 1
print(reads)
"""


def _soak(python, folder: Path, seconds: float) -> None:
    paths = (ROOT, ROOT / "tests", Path(__file__).parent)
    writers = [python(WRITER, folder, name, seconds, *paths) for name in ("a", "b")]
    readers = [python(READER, folder, "read" if k % 2 else "write", seconds, *paths) for k in range(6)]
    said = [p.communicate(timeout=seconds + PATIENCE_S) for p in [*writers, *readers]]
    assert [err for _, err in said] == [""] * 8
    written = [int(out) for out, _ in said[:2]]
    assert all(written) and all(int(out) for out, _ in said[2:])  # nobody starved
    names = Catalog(folder, read_only=True).read("nodes")["name"].to_pylist()
    assert sorted(names) == sorted(f"{w}-{i}" for w, n in zip("ab", written, strict=True) for i in range(n))
    assert check(folder).clean
    end_owner(folder)


def test_two_writers_and_six_readers_see_whole_commits_in_order(tmp_path, python, monkeypatch):
    monkeypatch.setenv("VEML_CATALOG", "owner")
    veml.open(tmp_path / "lab")
    _soak(python, tmp_path / "lab", 4)


@pytest.mark.slow
def test_two_writers_and_six_readers_for_minutes(tmp_path, python, monkeypatch):
    monkeypatch.setenv("VEML_CATALOG", "owner")
    veml.open(tmp_path / "lab")
    _soak(python, tmp_path / "lab", 180)

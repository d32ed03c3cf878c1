"""The shelf of intermediates: what comes back is what was kept, within the budget at all times, whatever is killed."""

import errno
import json
import os
import subprocess
import sys
import time
import warnings

import numpy as np
import pyarrow as pa
import pytest

from veml_lab.errors import BadInput
from veml_lab.intermediates import shelf as room
from veml_lab.intermediates.shelf import MISSING, Shelf
from veml_lab.intermediates.values import from_bytes, settled, to_bytes

VALUES = [
    np.arange(12.0).reshape(3, 4),
    np.asfortranarray(np.arange(12, dtype=np.float32).reshape(3, 4)),
    np.array(["a", "bc"]),
    np.array(7, np.int8),
    np.zeros((0, 3), bool),
    np.array([np.nan, -0.0, np.inf, 5e-324]),
    pa.table({"x": [1, None], "y": ["a", "b"]}),
    {"k": [1, 2.5, None], 3: ("a", True), (1, 2): b"\x00\xff"},
    {"index": np.arange(3), "radius": 0.1 + 0.2, "of": (np.float32(1.1), [np.int64(2)])},
    [float("nan"), float("inf"), 1e308, -0.0, 10**30],
    "text",
    None,
]


def same(a, b):
    """Equal bit for bit and type for type."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray | np.generic):
        order = np.ndarray not in (type(a),) or a.flags.f_contiguous == b.flags.f_contiguous
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes() and order
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return same(list(a), list(b)) and same(list(a.values()), list(b.values()))
    if isinstance(a, float):
        return np.float64(a).tobytes() == np.float64(b).tobytes()
    return a.equals(b) and a.schema == b.schema if isinstance(a, pa.Table) else a == b


def put(shelf, key, value, *, seconds=10.0, uses=0, at=None):
    """An entry under a number, with uses and a last use."""
    key = f"{key:032x}"
    assert shelf.put(key, value, operation="op", seconds=seconds, said="an entry")
    if uses or at is not None:
        (shelf.folder / f"{key}.used").write_bytes(b"." * uses)
    if at is not None:
        about = shelf.folder / f"{key}.about"
        about.write_text(json.dumps(json.loads(about.read_text()) | {"made": at}))
        os.utime(shelf.folder / f"{key}.used", (at, at))
    return key


def now(folder):
    """The time of the file system, without a look at the clock."""
    (folder.parent / "now").touch()
    return (folder.parent / "now").stat().st_mtime


def on_disk(folder):
    return sum(f.stat().st_size for f in folder.iterdir())


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "lab" / "cache") if (tmp_path / "lab").mkdir() is None else None


def budget(shelf, size):
    (shelf.folder.parent / "lab.toml").write_text(f"format_version = 1\n[cache]\nbudget_gb = {size / 1e9}\n")


@pytest.mark.parametrize("value", VALUES, ids=lambda v: type(v).__name__)
def test_a_value_comes_back_bit_for_bit(shelf, value):
    key = put(shelf, 1, value)
    assert same(Shelf(shelf.folder).get(key), value)
    ending, data = to_bytes(value)
    assert (shelf.folder / f"{key}{ending}").read_bytes() == bytes(data) and b"pickle" not in bytes(data)


@pytest.mark.parametrize("value", [object(), {1, 2}, np.array([object()]), [np.array(["a", None], object)], 1j])
def test_what_would_not_come_back_as_it_was_is_refused(shelf, value):
    with pytest.raises(BadInput, match="would not come back"):
        shelf.put("0" * 32, value, operation="op", seconds=9)
    assert not shelf.folder.exists()


def test_a_strided_result_is_given_as_it_will_be_found():
    x = np.arange(24.0).reshape(4, 6)[:, ::2]
    assert settled(x).flags.c_contiguous and np.array_equal(settled(x), x)
    assert settled([x])[0].flags.c_contiguous and settled({"a": (x,)})["a"][0].flags.c_contiguous
    f = np.asfortranarray(np.ones((2, 3)))
    assert settled(f) is f


def test_a_step_that_is_cheaper_than_reading_it_is_not_kept(shelf, worth):
    worth(3.0)
    reading = shelf.costs.reading_s(8 * 1000 + 128)
    key = "a" * 32
    assert not shelf.put(key, np.zeros(1000), operation="op", seconds=2.9 * reading)
    assert shelf.find(key) is None
    assert shelf.put(key, np.zeros(1000), operation="op", seconds=3.1 * reading)


def test_a_step_that_would_lose_more_than_2_percent_by_being_kept_is_not(shelf, monkeypatch):
    monkeypatch.setattr("veml_lab.intermediates.costs.SPARED", 50.0)
    for _ in range(100):
        shelf.costs.note_writing(0.01, 0)
    assert shelf.costs.writing_s(0) == pytest.approx(0.01, rel=0.1)
    assert not shelf.put("a" * 32, [1], operation="op", seconds=0.4)
    assert shelf.put("a" * 32, [1], operation="op", seconds=0.6)


def test_what_was_measured_decides_what_reading_takes(shelf, worth):
    worth(3.0)
    for _ in range(200):
        shelf.costs.note_reading(1e-5, 10_000_000)
    assert shelf.costs.reading_s(10_000_000) < 3e-5
    assert shelf.put("b" * 32, np.zeros(1_000_000), operation="op", seconds=1e-3)


@pytest.mark.parametrize("ending", [".npy", ".about"])
@pytest.mark.parametrize("harm", ["cut", "bit", "empty", "gone"])
def test_a_damaged_entry_is_said_and_computed_again(shelf, ending, harm):
    key = put(shelf, 1, np.arange(100.0))
    file = shelf.folder / f"{key}{ending}"
    data = bytearray(file.read_bytes())
    if harm == "gone":
        file.unlink()
        assert shelf.get(key) is MISSING
    else:
        data[len(data) // 2] ^= 0xFF if harm == "bit" else 0
        file.write_bytes({"cut": data[:-9], "bit": data, "empty": b""}[harm])
        with pytest.warns(UserWarning, match="is damaged .* computed again"):
            assert shelf.get(key) is MISSING
        assert not [f for f in shelf.folder.iterdir() if f.name.startswith(key)]
    put(shelf, 1, np.arange(100.0))
    assert np.array_equal(shelf.get(key), np.arange(100.0))


def test_a_file_that_somebody_else_wrote_is_no_value(shelf):
    """Its checksum fits, its form does not; nothing in it is run."""
    import pickle
    import zlib

    key = put(shelf, 1, np.arange(3))
    bad = pickle.dumps(np.array([object()]))
    (shelf.folder / f"{key}.npy").write_bytes(bad)
    about = shelf.folder / f"{key}.about"
    about.write_text(json.dumps(json.loads(about.read_text()) | {"bytes": len(bad), "crc": zlib.crc32(bad)}))
    with pytest.warns(UserWarning, match="damaged"):
        assert shelf.get(key) is MISSING
    for ending in (".npy", ".npz", ".arrow", ".json"):
        with pytest.raises(room.DAMAGED):
            from_bytes(ending, b"[1, 2]")


def test_eviction_takes_what_saves_least_a_byte_first(shelf):
    """Against an oracle: the order of cost x expected uses / bytes, computed here."""
    today = now(shelf.folder)
    rng, rows = np.random.default_rng(0), []
    for i in range(20):
        size, seconds, uses = int(rng.integers(1000, 9000)), float(rng.uniform(1, 50)), int(rng.integers(0, 6))
        age = float(rng.uniform(0, 90)) * 86400
        key = put(shelf, i, np.zeros(size, np.uint8), seconds=seconds, uses=uses, at=today - age)
        held = sum(f.stat().st_size for f in shelf.folder.glob(f"{key}.*"))
        rows.append((seconds * (1 + uses) * 2 ** (-age / (30 * 86400)) / held, key, held))
    rows.sort()
    assert [e.key for e in shelf.entries()] == [key for _, key, _ in rows]
    total = sum(r[2] for r in rows)
    for k in (1, 4, 9):
        bound = total - sum(r[2] for r in rows[:k])
        shelf.evict(bound)
        gone = [key for _, key, _ in rows[:k]]
        left = {e.key for e in shelf.entries()}
        assert left == {key for _, key, _ in rows} - set(gone) and sum(e.bytes for e in shelf.entries()) <= bound
    assert not [f for key in gone for f in shelf.folder.glob(f"{key}.*")]


def test_the_seconds_that_entries_saved_are_not_forgotten_with_them(shelf):
    put(shelf, 1, np.zeros(10), seconds=3.0, uses=4)
    shelf.evict(0)
    assert shelf.entries() == [] and Shelf(shelf.folder).costs.expected("x") is None
    again = Shelf(shelf.folder).costs
    again.refresh()
    assert again.gone_saved_s == 12.0


@pytest.mark.parametrize("held", [b"", b"{", b"[]", b'{"of": {"op": 3}, "gone_saved_s": 1}', b'{"of": {}}'])
def test_damaged_costs_are_no_costs(shelf, held):
    put(shelf, 1, [1, 2])
    (shelf.folder / "costs.json").write_bytes(held)
    costs = Shelf(shelf.folder).costs
    assert costs.expected("op") is None and costs.gone_saved_s == 0
    costs.note("op", 2.0)
    assert Shelf(shelf.folder).costs.expected("op") == 2.0


def test_the_budget_holds_after_every_entry(shelf):
    budget(shelf, 100_000)
    for i in range(60):
        put(shelf, i, np.full(1000 + 37 * i, i, np.int32), seconds=1.0 + i % 7)
        assert on_disk(shelf.folder) <= 100_000, i
    assert len(shelf.entries()) > 5
    assert not shelf.put("f" * 32, np.zeros(60_000, np.uint8), operation="op", seconds=99)  # more than its share


def test_the_budget_is_what_lab_toml_says(shelf):
    assert shelf.budget_bytes == 10 * 10**9
    budget(shelf, 200e6)
    assert shelf.budget_bytes == 200_000_000
    for wrong in ('"much"', "-1", "true", "nan", "inf", "[1]"):
        (shelf.folder.parent / "lab.toml").write_text(f"[cache]\nbudget_gb = {wrong}\n")
        with pytest.raises(BadInput, match="budget_gb = 10"):
            _ = shelf.budget_bytes


def test_no_budget_means_that_nothing_is_kept(shelf):
    budget(shelf, 0)
    assert not shelf.put("a" * 32, [1], operation="op", seconds=9) and shelf.get("a" * 32) is MISSING


def test_what_somebody_else_put_there_stays_and_does_not_count(shelf):
    put(shelf, 1, np.zeros(1000))
    mine = shelf.folder / "notes.npy"
    mine.write_bytes(b"x" * 1_000_000)
    budget(shelf, 60_000)
    put(shelf, 2, np.zeros(1000))
    assert len(shelf.entries()) == 2
    shelf.evict(0)
    shelf.clear()
    assert mine.stat().st_size == 1_000_000 and shelf.entries() == []


def test_the_draft_of_a_killed_process_goes_before_anything_is_written(shelf):
    put(shelf, 1, np.zeros(1000))
    draft = shelf.folder / f".{'a' * 32}.npy.999999.0123abcd.part"
    draft.write_bytes(b"x" * 50_000)
    budget(shelf, 60_000)
    put(shelf, 2, np.zeros(1000))
    assert not draft.exists() and on_disk(shelf.folder) <= 60_000 and len(shelf.entries()) == 2


WRITER = """
import sys, numpy as np
from pathlib import Path
from veml_lab.intermediates.shelf import Shelf
shelf, who = Shelf(Path(sys.argv[1])), int(sys.argv[2])
for i in range(40):
    shelf.put(f"{who:016x}{i:016x}", np.full(2000 + 11 * i, who, np.int32), operation="op", seconds=1000.0 + i)
    assert sum(f.stat().st_size for f in shelf.folder.iterdir() if f.exists()) <= 200_000, i
"""


def test_two_processes_share_one_budget_at_all_times(shelf):
    budget(shelf, 200_000)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    both = [
        subprocess.Popen([sys.executable, "-c", WRITER, shelf.folder, str(who)], env=env, stderr=subprocess.PIPE)
        for who in (1, 2)
    ]
    most = 0
    while any(p.poll() is None for p in both):
        if shelf.folder.is_dir():
            most = max(most, _seen(shelf.folder))
        time.sleep(0.001)
    assert [p.wait() for p in both] == [0, 0], [p.stderr.read() for p in both]
    assert 100_000 < most <= 200_000
    found = [shelf.get(e.key) for e in shelf.entries()]
    assert {int(v[0]) for v in found} == {1, 2}, "both have entries, and read those of each other"


def _seen(folder):
    total = 0
    for f in os.scandir(folder):
        try:
            total += f.stat().st_size
        except FileNotFoundError:
            continue
    return total


KILLED = """
import os, signal, sys, numpy as np
from pathlib import Path
from veml_lab.intermediates import shelf as room
shelf, at = room.Shelf(Path(sys.argv[1])), int(sys.argv[2])
count = 0
def hook(event, args):
    global count
    if event in ("open", "os.rename", "os.remove", "os.truncate") and any(str(sys.argv[1]) in str(a) for a in args):
        count += 1
        if count == at:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
for i in range(3):
    shelf.put(f"{i:032x}", np.full(20_000, i, np.int32), operation="op", seconds=5000.0 + i)
"""


def test_kill_9_at_every_point_of_a_write_leaves_no_wrong_entry(shelf):
    """The budget takes two of three entries, so that evicting is among what is killed."""
    budget(shelf, 180_000)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for at in range(1, 60):
        child = subprocess.run([sys.executable, "-c", KILLED, shelf.folder, str(at)], env=env, capture_output=True)
        assert child.returncode in (0, -9), child.stderr
        assert on_disk(shelf.folder) <= 180_000 if shelf.folder.exists() else True
        fresh = Shelf(shelf.folder)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for i in range(3):
                found = fresh.get(f"{i:032x}")
                assert found is MISSING or np.array_equal(found, np.full(20_000, i, np.int32)), (at, i)
        if child.returncode == 0:
            break
        if at % 3 == 0:
            shelf.clear()
    else:
        raise AssertionError("it never came to its end")
    assert at > 12
    assert not list(shelf.folder.glob(".*")), "the last, whole run has removed what the killed ones left"


def test_half_of_a_value_is_no_entry(shelf, tmp_path):
    """A power cut: the names are there, the bytes are not."""
    key = put(shelf, 1, np.arange(5000.0))
    with (shelf.folder / f"{key}.npy").open("r+b") as f:
        f.seek(4096)
        f.write(bytes(4096))
    with pytest.warns(UserWarning, match="not what was written"):
        assert shelf.get(key) is MISSING


def test_a_full_disk_is_said_once_and_nothing_is_kept(shelf, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(room, "write_whole", full)
    with pytest.warns(UserWarning, match="is full: work goes on") as said:
        for i in range(3):
            assert not shelf.put(f"{i:032x}", [1], operation="op", seconds=9)
    assert len(said) == 1


def test_a_lab_that_is_read_only_finds_and_keeps_nothing(shelf):
    key = put(shelf, 1, [1, 2])
    before = {f.name: f.read_bytes() for f in shelf.folder.iterdir()}
    reader = Shelf(shelf.folder, read_only=True)
    assert reader.get(key) == [1, 2] and not reader.put("c" * 32, [3], operation="op", seconds=9)
    reader.costs.note("op", 3.0)
    assert {f.name: f.read_bytes() for f in shelf.folder.iterdir()} == before


def test_uses_are_counted_by_every_process(shelf):
    key = put(shelf, 1, [1, 2], seconds=2.0)
    for s in (shelf, Shelf(shelf.folder), Shelf(shelf.folder)):
        s.get(key)
    (entry,) = shelf.entries()
    assert entry.uses == 3 and entry.saved_s == 6.0 and entry.operation == "op" and entry.said == "an entry"


def test_old_entries_are_cleared_and_young_ones_stay(shelf):
    today = now(shelf.folder)
    for i, age in enumerate((1, 10, 50)):
        put(shelf, i, [i], at=today - age * 86400)
    assert shelf.clear(30 * 86400)[0] == 1 and len(shelf.entries()) == 2
    assert shelf.clear()[0] == 2 and shelf.entries() == []


def test_a_file_in_the_place_of_the_folder_costs_nothing_but_time(shelf):
    shelf.folder.write_text("mine")
    with pytest.warns(UserWarning, match="nothing can be kept"):
        assert not shelf.put("a" * 32, [1], operation="op", seconds=9)
    assert shelf.get("a" * 32) is MISSING and shelf.entries() == [] and shelf.folder.read_text() == "mine"

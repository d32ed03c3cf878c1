"""Every way to a version keeps how it was made; the files of it are the lab's own, and looked after."""

from __future__ import annotations

import importlib
import pickle
import subprocess
import sys

import pytest
from labs import ROOT, write_digits
from patience import PATIENCE_S

import veml_lab as veml
from veml_lab.errors import BadInput, DamagedLab, MissingFile, NotAllowed
from veml_lab.provenance import keeper
from veml_lab.provenance.files import WATCH
from veml_lab.provenance.record import record
from veml_lab.upkeep import backup, check, vacuum
from veml_lab.versions.facts import properties
from veml_lab.versions.node import PROVENANCE


@pytest.fixture
def lab(tmp_path):
    """A lab with one model of no recipe."""
    lab = veml.open(tmp_path / "lab")
    lab.store.add("model", "m", {})
    return lab


def path_of(lab, name="m"):
    return lab.path / lab.store.graph().find(name).props[PROVENANCE]


def test_every_kind_of_version_has_a_record_of_its_making(digits_lab, road_lab):
    kinds = set()
    for found in (digits_lab.lab, road_lab.lab):
        for n in found.store.graph().nodes.values():
            kinds.add(n.kind)
            assert record(found.path, n.props[PROVENANCE]).facts["machine"]["python"], n.name
    assert kinds == {"data", "model", "training", "inference"}


def test_what_a_version_says_of_itself_does_not_hand_on_how_it_was_made(lab):
    node = lab.store.graph().find("m")
    assert PROVENANCE in node.props and PROVENANCE not in properties(node)


def test_a_derived_version_does_not_carry_its_parents_record(fresh, digits_lab, tmp_path):
    lab = fresh(digits_lab)
    before = lab["digits"].node.props[PROVENANCE]
    lab.store.provenance.inherited = lab.store.provenance.keep({"machine": {"python": "another"}})
    made = lab["digits"].filter("ones", "label = '1'")
    assert made.node.props[PROVENANCE] == lab.store.provenance.inherited != before
    lab.store.provenance.keeps = False
    assert PROVENANCE not in lab["digits"].filter("twos", "label = '2'").node.props


def test_a_warm_note_writes_nothing_and_starts_nothing(lab, monkeypatch):
    def never(*_a, **_k):
        raise AssertionError("a warm note did something")

    first = lab.store.provenance.note()
    monkeypatch.setattr(keeper, "write_whole", never)
    monkeypatch.setattr(subprocess, "Popen", never)
    monkeypatch.setattr("veml_lab.provenance.packages.installed", never)
    monkeypatch.setattr("veml_lab.provenance.process._Git.now", lambda self, *places: self._found)
    assert lab.store.provenance.note() == first


def test_a_record_that_was_removed_is_written_again(lab):
    path_of(lab).unlink()
    lab.store.add("model", "n", {})
    assert path_of(lab, "n").is_file()


def test_a_version_made_with_a_store_from_another_process_counts_as_made_there(lab, tmp_path):
    lab.store.provenance.inherited = noted = lab.store.provenance.keep({"machine": {"python": "of the parent"}})
    (tmp_path / "store").write_bytes(pickle.dumps(lab.store))
    lab.store.catalog.close()
    code = "import pickle, sys; pickle.load(open(sys.argv[1], 'rb')).add('model', 'n', {})"
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "store")], check=True, timeout=PATIENCE_S,
        env={"PYTHONPATH": str(ROOT)}, cwd=tmp_path,
    )  # fmt: skip
    assert lab.store.graph().find("n").props[PROVENANCE] == noted


def test_a_store_that_stays_in_its_process_inherits_nothing(lab):
    assert pickle.loads(pickle.dumps(lab.store)).provenance.inherited is None


def test_a_process_forked_while_a_thread_notes_something_waits_for_nobody(lab):
    import os
    import threading

    held, go = threading.Event(), threading.Event()

    def hold():
        with keeper._ONE_AT_A_TIME:
            held.set()
            go.wait(PATIENCE_S)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(PATIENCE_S)
    child = os.fork()
    if child == 0:
        os._exit(0 if keeper._ONE_AT_A_TIME.acquire(blocking=False) else 1)
    ended = os.waitpid(child, 0)[1]
    go.set()
    thread.join()
    assert ended == 0


def test_a_job_is_noted_before_it_begins_and_by_who_asked_first(lab):
    made = lab.store.provenance
    job = lab.path / "jobs" / "abc"
    job.mkdir(parents=True)
    assert made.noted_in(job) is None
    made.note_in(job)
    first = made.noted_in(job)
    assert first == made.note()
    made.inherited = made.keep({"machine": {"python": "later"}})
    made.note_in(job)
    assert made.noted_in(job) == first
    (lab.path / first).unlink()
    made.note_in(job)
    assert made.noted_in(job) == made.inherited  # what was noted is gone
    (job / keeper.NOTED).write_text("{")
    assert made.noted_in(job) is None


def test_a_training_carries_what_was_noted_when_it_was_asked_for(fresh, digits_lab):
    from veml_lab.training.jobs import make_job

    lab = fresh(digits_lab)
    plan = veml.plan(lab["tiny"], lab["digits"], name="second", epochs=1, batch_size=60, seed=5)
    job = make_job(lab.store, plan)
    job.folder.mkdir(parents=True)
    earlier = lab.store.provenance.keep({"machine": {"python": "who asked"}})
    lab.store.provenance.inherited = earlier
    lab.store.provenance.note_in(job.folder)
    lab.store.provenance.inherited = None
    assert veml.train(plan, lab, progress=False).node.props[PROVENANCE] == earlier


def test_a_lab_can_keep_nothing(tmp_path):
    lab = veml.open(tmp_path / "lab")
    with (lab.path / "lab.toml").open("a") as f:
        f.write("keep_provenance = false\n")
    lab = veml.open(tmp_path / "lab")
    lab.store.add("model", "m", {})
    assert PROVENANCE not in lab.store.graph().find("m").props and not (lab.path / "blobs").exists()


@pytest.mark.parametrize(("line", "error"), [("keep_provenance = 1", BadInput), ("keep_provenance = {", DamagedLab)])
def test_an_option_that_is_none_is_said(tmp_path, line, error):
    lab = veml.open(tmp_path / "lab")
    with (lab.path / "lab.toml").open("a") as f:
        f.write(line + "\n")
    with pytest.raises(error, match=r"lab\.toml"):
        keeper.Keeper(lab.path)


# -- the files -------------------------------------------------------------------------------------------------


@pytest.fixture
def watching():
    yield WATCH
    WATCH.stop()
    WATCH.found.clear()


def test_files_read_outside_of_the_lab_are_kept_where_somebody_asked(tmp_path, lab, watching):
    (tmp_path / "labels.csv").write_text("a,b\n1,2\n")
    (tmp_path / "lab" / "inner.txt").write_text("x")
    (tmp_path / "labels.csv").read_text()
    lab.store.add("model", "unasked", {})
    assert record(lab.path, lab.store.graph().find("unasked").props[PROVENANCE]).files == ()
    watching.start()
    (tmp_path / "labels.csv").read_text()
    (tmp_path / "lab" / "inner.txt").read_text()
    (tmp_path / "written.txt").write_text("x")
    with (tmp_path / "both.txt").open("w+"):
        pass
    lab.store.add("model", "asked", {})
    (tmp_path / "more.csv").write_text("")
    (tmp_path / "more.csv").read_bytes()
    lab.store.add("model", "later", {})
    asked, later = (record(lab.path, lab.store.graph().find(n).props[PROVENANCE]) for n in ("asked", "later"))
    ours = [(p, size) for p, size, _ in asked.files if p.startswith(str(tmp_path))]
    assert ours == [(str(tmp_path / "labels.csv"), 8)]
    assert [p for p, *_ in later.files if p.startswith(str(tmp_path))] == [
        str(tmp_path / "labels.csv"), str(tmp_path / "more.csv")
    ]  # fmt: skip
    assert later.facts["before"] == asked.path and str(tmp_path / "labels.csv") not in str(later.facts)


def test_a_lab_that_asks_for_it_in_its_settings_watches(tmp_path, watching):
    lab = veml.open(tmp_path / "lab")
    with (lab.path / "lab.toml").open("a") as f:
        f.write("watch_files = true\n")
    assert not WATCH.on
    veml.open(tmp_path / "lab").store.provenance.note()
    assert WATCH.on


def test_vacuum_keeps_what_a_version_uses_and_removes_what_none_does(lab):
    made = lab.store.provenance
    used = set(p.name for p in (lab.path / "blobs").iterdir())
    assert len(used) >= 2
    from veml_lab.provenance.process import Kept

    # a chain: a record before it, and long texts of both
    first = made.keep({"cells": [[1, "x = 1"]]}, {"script": Kept("text of the first")})
    second = made.keep({"cells": [[2, "y = 1"]], "before": first}, {"script": Kept("text of the second")})
    lost = made.keep({"cells": [[3, "z"]], "before": second}, {"script": Kept("text of nobody")})
    lab.store.add("model", "n", {}, record=second)
    gone = vacuum(lab.path, grace_s=0).removed
    left = set(p.name for p in (lab.path / "blobs").iterdir())
    assert left >= used | {first[6:], second[6:]} and lost[6:] not in left
    assert len(gone) == 2 and record(lab.path, second).text("script") == "text of the second"
    assert [c.number for c in record(lab.path, second).cells] == [1, 2]
    assert check(lab.path, deep=True).clean


def test_vacuum_keeps_what_a_job_that_has_not_ended_noted(lab):
    job = lab.path / "jobs" / "abc"
    job.mkdir(parents=True)
    made = lab.store.provenance
    made.inherited = made.keep({"cells": [[1, "only here"]]})
    made.note_in(job)
    vacuum(lab.path, grace_s=0)
    assert (lab.path / made.inherited).exists()


def test_what_a_commit_comes_to_need_while_vacuum_works_is_put_back_with_all_that_it_names(lab, monkeypatch):
    from veml_lab.provenance.process import Kept

    module = importlib.import_module("veml_lab.upkeep.vacuum")
    made = lab.store.provenance
    late = made.keep({"cells": [[1, "x"]]}, {"script": Kept("of the late one")})
    real, looks = module.Snapshot, []

    def snapshot(*a, **k):
        looks.append(1)
        if len(looks) == 2:  # what is unneeded lies aside by now
            assert not (lab.path / late).exists()
            lab.store.add("model", "late", {}, record=late)
        return real(*a, **k)

    monkeypatch.setattr(module, "Snapshot", snapshot)
    vacuum(lab.path, grace_s=0)
    assert record(lab.path, late).text("script") == "of the late one" and check(lab.path, deep=True).clean


def test_check_names_a_record_or_a_text_of_one_that_is_gone_or_changed(lab):
    lab.store.add("model", "n", {})
    listed = next((lab.path / "blobs").glob("*.packages.txt"))
    kept = listed.read_bytes()
    listed.unlink()
    (found,) = check(lab.path).wrong
    assert found.kind == "missing blob" and listed.name in found.what and path_of(lab).name in found.what
    listed.write_bytes(kept + b"x")
    assert check(lab.path).clean
    (found,) = check(lab.path, deep=True).wrong
    assert found.kind == "changed bytes" and listed.name in found.what
    listed.write_bytes(kept)
    path_of(lab).unlink()
    assert [f.kind for f in check(lab.path).wrong] == ["missing blob"]


def test_a_backup_has_the_records(lab, tmp_path):
    backup(lab.path, tmp_path / "copy")
    copy = veml.open(tmp_path / "copy", read_only=True)
    found = record(copy.path, copy.store.graph().find("m").props[PROVENANCE])
    assert found.text("packages") and check(tmp_path / "copy", deep=True).clean


# -- labs of strangers -----------------------------------------------------------------------------------------


def test_a_record_outside_of_the_lab_is_not_read(lab, tmp_path):
    (tmp_path / "secret.json").write_text('{"cells": []}')
    with pytest.raises((DamagedLab, NotAllowed)):
        record(lab.path, "blobs/../../secret.json")


def test_a_record_that_is_gone_or_none_is_said(lab):
    with pytest.raises(MissingFile, match="not known any more"):
        record(lab.path, "blobs/0123456789abcdef.how.json")
    for n, text in enumerate(["{", "[]", "null", '{"cells": 3}', '{"files": [[1]]}', '{"masked": "x"}']):
        bad = f"blobs/{n:016x}.how.json"
        (lab.path / bad).write_text(text)
        with pytest.raises(DamagedLab, match=f"{n:016x}"):
            record(lab.path, bad)


def test_records_that_name_each_other_come_to_an_end(lab):
    (lab.path / "blobs" / "a.how.json").write_text('{"before": "blobs/b.how.json", "cells": [[2, "y"]]}')
    (lab.path / "blobs" / "b.how.json").write_text('{"before": "blobs/a.how.json", "cells": [[1, "x"]]}')
    assert [c.text for c in record(lab.path, "blobs/a.how.json").cells] == ["x", "y"]


def test_a_second_import_of_digits_shares_the_record_of_its_moment(tmp_path):
    lab = veml.open(tmp_path / "lab")
    a = lab.add("a", veml.read_idx(write_digits(tmp_path / "a")), progress=False)
    b = lab.add("b", veml.read_idx(write_digits(tmp_path / "b", seed=3)), progress=False)
    assert a.node.props[PROVENANCE] == b.node.props[PROVENANCE] == lab["a-train"].node.props[PROVENANCE]

"""``veml check``: each kind of damage, done to a whole lab, is found and named; nothing else is."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import duckdb
import numpy as np
import pytest

import veml_lab as veml
from veml_lab.catalog import Change
from veml_lab.catalog.catalog import now
from veml_lab.catalog.revision import read_mark, write_mark
from veml_lab.catalog.snapshot import Snapshot
from veml_lab.cli import main
from veml_lab.errors import MissingFile, NewerLab
from veml_lab.upkeep import check
from veml_lab.upkeep.lab_files import keys_of_trainings


@pytest.fixture(scope="module")
def whole(tmp_path_factory, digits_lab, digits):
    """A lab with everything in it: copied and uncopied pictures, boxes, a correction, embeddings, a job, a deployed
    model; nobody has it open."""
    folder = tmp_path_factory.mktemp("whole") / "lab"
    veml.backup(digits_lab.path, folder)
    with pytest.MonkeyPatch.context() as m:
        m.setenv("VEML_CATALOG", "inprocess")
        lab = veml.open(folder)
        from veml_lab.embeddings import embed

        embed(lab["digits"], lab.embedder, progress=False)
        pictures = tmp_path_factory.mktemp("pictures") / "city"
        (pictures / "a").mkdir(parents=True)
        for k in range(3):
            lab["digits"].images[k].save(pictures / "a" / f"{k}.png")
        lab.add("in place", veml.read_image_folder(pictures), progress=False)
        lab.add("roads", veml.road_world("clear-city", 2, seed=1), progress=False)
    return folder


@pytest.fixture
def lab(tmp_path, whole):
    """The folder of a copy that a test may damage."""
    folder = tmp_path / "lab"
    shutil.copytree(whole, folder)
    return folder


def sql(folder: Path, *statements: str) -> None:
    with duckdb.connect(str(folder / "catalog.duckdb")) as con:
        for s in statements:
            con.execute(s)
    catalog = folder / "catalog.duckdb"
    mark = read_mark(catalog)
    assert mark is not None
    write_mark(catalog, mark.seq)  # that another program wrote it is not the harm that is meant


def first(folder: Path, pattern: str) -> Path:
    return sorted(folder.glob(pattern))[0]


def test_a_whole_lab_is_clean_and_stays_as_it_was(lab, capsys):
    before = {p: p.stat().st_mtime_ns for p in lab.rglob("*") if p.is_file()}
    report = check(lab, deep=True)
    assert report.clean and report.findings == (), report
    assert report.looked_at["versions"] >= 7 and report.looked_at["samples"] > 160
    assert {p: p.stat().st_mtime_ns for p in lab.rglob("*") if p.is_file()} == before
    assert main(["check", str(lab)]) == 0
    assert "clean" in capsys.readouterr().out


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def change_a_byte(path: Path) -> None:
    """In the middle of a segment: the bytes of a picture."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


HARMS = {
    "missing segment": lambda f: first(f, "segments/*.arrow").unlink(),
    "truncated segment": lambda f: cut(first(f, "segments/*.arrow")),
    "samples without bytes": lambda f: sql(
        f, "UPDATE sample SET segment = NULL WHERE id = (SELECT min(id) FROM sample WHERE segment IS NOT NULL)"
    ),
    "missing file": lambda f: Path(in_place(f)[0]).rename(in_place(f)[0] + ".away"),
    "missing blob": lambda f: first(f, "blobs/*.onnx").unlink(),
    "dangling edge": lambda f: sql(
        f, "INSERT INTO edge SELECT id, 'd-nowhere', 'derived_from', '{}' FROM node LIMIT 1"
    ),
    "IDs without samples": lambda f: sql(
        f, "DELETE FROM sample WHERE id IN (SELECT max(id) FROM sample WHERE role = 'train')"
    ),
    "torn import": lambda f: sql(f, "DELETE FROM sample WHERE id = (SELECT max(id) FROM sample)"),
    "doubled samples": lambda f: sql(f, "INSERT INTO sample SELECT * FROM sample ORDER BY id LIMIT 3"),
    "overlapping ID blocks": lambda f: sql(f, "UPDATE id_block SET n = n + 1 WHERE start = 0"),
    "samples beyond the ID blocks": lambda f: sql(f, "DELETE FROM id_block WHERE start = 0"),
    "annotations without a sample": lambda f: sql(f, "INSERT INTO ann_class VALUES (99999999, 'imported', '1')"),
    "annotations of an unknown layer": lambda f: sql(
        f, "INSERT INTO ann_class SELECT id, 'a-nowhere', '1' FROM sample LIMIT 1"
    ),
    "layer without its base": lambda f: sql(f, "INSERT INTO layer VALUES ('a-1', 'a-nowhere', now()::TIMESTAMP, '{}')"),
    "metrics of an unknown version": lambda f: sql(f, "INSERT INTO metric VALUES ('t-nowhere', 1, 'loss', 0.5)"),
    "notes of an unknown version": lambda f: sql(
        f, "INSERT INTO node_event VALUES ('t-nowhere', now()::TIMESTAMP, 'tag', 'x')"
    ),
    "events of an unknown labelling task": lambda f: sql(
        f, "INSERT INTO label_event VALUES ('t-nowhere', 0, now()::TIMESTAMP, 'x', 'sent', '{}')"
    ),
    "answers of an unknown labelling task": lambda f: sql(
        f, "INSERT INTO label_answer VALUES ('a', 't-nowhere', 0, '', 0, '', NULL, now()::TIMESTAMP)"
    ),
    "labelling task without its samples": lambda f: sql(
        f,
        "INSERT INTO label_task SELECT 't-1', 'x', 'd-nowhere', '', '', 'files', ids, '{}', 'x', now()::TIMESTAMP"
        " FROM version_ids LIMIT 1",
    ),
    "occurrences of an unknown case": lambda f: sql(
        f,
        "INSERT INTO bad_occurrence VALUES ('o', 'c-nowhere', '', '', 'x', now()::TIMESTAMP, '', '', 0, '', '',"
        " now()::TIMESTAMP)",
    ),
    "events of an unknown case": lambda f: sql(
        f, "INSERT INTO bad_event VALUES ('c-nowhere', 1, now()::TIMESTAMP, 'x', 'tag', 'y', '')"
    ),
    "case without its sample": lambda f: sql(
        f,
        "INSERT INTO bad_case VALUES ('c-1', 99999999, 'f', 'class', 'x', NULL, '', 'model', NULL, now()::TIMESTAMP)",
    ),
    "bad cases of an unknown version": lambda f: sql(
        f,
        "INSERT INTO bad_run SELECT 'r', 'i-nowhere', 'f', '', '', 1, 0, ids, now()::TIMESTAMP FROM"
        " version_ids LIMIT 1",
    ),
    "data version without ID set": lambda f: sql(
        f, "DELETE FROM version_ids WHERE version = (SELECT id FROM node WHERE name = 'bright')"
    ),
    "ID set of an unknown version": lambda f: sql(
        f, "INSERT INTO version_ids SELECT 'd-nowhere', n, lo, hi, ids FROM version_ids LIMIT 1"
    ),
    "torn ID set": lambda f: sql(
        f, "UPDATE version_ids SET ids = ids[1:10]::BLOB WHERE version = (SELECT id FROM node WHERE name = 'bright')"
    ),
    "damaged embeddings": lambda f: cut(first(f, "embeddings/*/0.npy")),
    "damaged job": lambda f: first(f, "jobs/*/plan.json").write_text("{"),
    "job of an unknown version": lambda f: change_json(first(f, "jobs/*/plan.json"), data="d-nowhere"),
    "job without its training": lambda f: first(f, "jobs/*/plan.json").parent.rename(f / "jobs" / "another"),
    "marker": lambda f: (f / "lab.toml").write_text("format_version = many"),
}


def in_place(folder: Path) -> list[str]:
    with duckdb.connect(str(folder / "catalog.duckdb"), read_only=True) as con:
        return [r[0] for r in con.execute("SELECT path FROM sample WHERE path IS NOT NULL ORDER BY id").fetchall()]


def change_json(path: Path, **values) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


# what one harm breaks besides
ALSO = {
    "overlapping ID blocks": {"damaged embeddings"},
    "IDs without samples": {"torn import", "annotations without a sample"},
    "torn import": {"IDs without samples", "annotations without a sample"},
    "job without its training": {"missing file"},
}


@pytest.mark.parametrize("kind", HARMS)
def test_each_harm_is_found_named_and_told_from_the_others(lab, kind, capsys):
    HARMS[kind](lab)
    try:
        report = check(lab)
        assert not report.clean
        assert kind in {f.kind for f in report.wrong}
        assert {f.kind for f in report.wrong} <= {kind} | ALSO.get(kind, set()), report
        assert all(f.what and f.do for f in report.findings)
        assert main(["check", str(lab), "--json"]) == 1
        said = json.loads(capsys.readouterr().out)
        assert said["clean"] is False and kind in {f["kind"] for f in said["findings"]}
    finally:
        for away in (p for p in map(Path, in_place(lab)) if Path(f"{p}.away").exists()):
            Path(f"{away}.away").rename(away)


def test_a_changed_byte_is_found_by_a_deep_check_alone(lab):
    change_a_byte(sorted(lab.glob("segments/*.arrow"), key=lambda p: p.stat().st_size)[-1])
    change_a_byte(first(lab, "blobs/*.onnx"))
    assert check(lab).clean
    found = check(lab, deep=True)
    assert {f.kind for f in found.wrong} == {"changed bytes"} and len(found.wrong) == 2


def test_leftovers_are_listed_and_are_not_wrong(lab):
    (lab / "staging").mkdir(exist_ok=True)
    for name in (
        "staging/rows-999999-0123abcd.arrow",
        "segments/.x.arrow.999999.part",
        "segments/0123456789abcdef01234567.arrow",
        "blobs/0123456789abcdef-nobody.onnx",
    ):
        (lab / name).write_bytes(b"x")
    sql(lab, "INSERT INTO id_block VALUES (1000000, 5, 'killed|b')")
    report = check(lab)
    assert report.clean and report.exit_code == 0
    assert sorted(Path(f.what.split(" (")[0]).name for f in report.findings if f.kind == "leftover") == sorted(
        [
            "rows-999999-0123abcd.arrow",
            ".x.arrow.999999.part",
            "0123456789abcdef01234567.arrow",
            "0123456789abcdef-nobody.onnx",
        ]
    )
    assert [f.what.split()[0] for f in report.findings if f.kind == "unused IDs"] == ["5"]


def test_what_is_no_lab_and_what_is_newer_is_said(tmp_path, lab, capsys):
    with pytest.raises(MissingFile, match="no lab"):
        check(tmp_path / "nothing")
    assert main(["check", str(tmp_path)]) == 2
    (lab / "lab.toml").write_text("format_version = 99\n")
    with pytest.raises(NewerLab):
        check(lab)


def test_embeddings_of_another_shape_are_damaged(lab):
    path = first(lab, "embeddings/*/0.npy")
    np.save(path, np.zeros((3, 8), np.float32))
    assert {f.kind for f in check(lab).wrong} == {"damaged embeddings"}


def test_a_lab_that_cannot_be_written_is_checked(lab, monkeypatch):
    monkeypatch.setattr(os, "access", lambda _path, mode: mode != os.W_OK)
    before = {p: p.stat().st_mtime_ns for p in lab.rglob("*")}
    assert check(lab).clean
    assert {p: p.stat().st_mtime_ns for p in lab.rglob("*")} == before


def test_jobs_that_came_to_a_training_are_known_by_their_key_and_others_have_none(tmp_path):
    """Props of strangers, too: without a key, with an empty one, that are no mapping."""
    lab = veml.open(tmp_path / "lab")
    for i, props in enumerate(({"key": "job-1"}, {"key": ""}, {}, {"key": "job-2"})):
        lab.store.add("training", f"t{i}", props)
    lab.store.add("model", "m", {"key": "no training"})
    for i, props in enumerate(("[1]", '"key"', "3", "null")):
        change = {"id": f"t-{i}", "kind": "training", "name": f"strange {i}", "created": now(), "props": props}
        lab.store.catalog.commit([Change("add_node", change)])
    with Snapshot(lab.path) as snapshot:
        assert keys_of_trainings(snapshot) == {"job-1", "job-2"}

"""What came of a commit, a cell, a script, a file; and that how a version was made leaves the lab only when asked."""

from __future__ import annotations

import json

import pytest

import veml_lab as veml
from veml_lab.cli import main
from veml_lab.dashboards.publish import publish
from veml_lab.errors import BadInput, UnknownName
from veml_lab.lineage import came_of
from veml_lab.provenance.process import Kept
from veml_lab.provenance.record import key_of_text

A, B = "3f2a9c1d4b5e6f708192a3b4c5d6e7f801234567", "3f2b" + "0" * 36
MARK = "mark_of_the_users_own_code"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Models of three states: two of a notebook that went on, one of a script."""
    lab = veml.open(tmp_path_factory.mktemp("made") / "lab")
    made = lab.store.provenance
    git = {"folder": "/home/me/repo", "commit": A, "branch": "work"}
    first = made.keep({"cells": [[1, "import veml"], [2, f"{MARK} = 1"]], "git": git})
    second = made.keep({
        "cells": [[4, "import veml"], [5, "train()"]], "before": first, "git": {**git, "changed": 2, "lines": 12},
        "files": [["/data/labels.csv", 9, 1]],
    }, {"diff": Kept(f"+{MARK}")})  # fmt: skip
    script = made.keep({"script": "/home/me/train.py", "git": {**git, "commit": B}}, {"script": Kept(f"# {MARK}")})
    for name, record in (("a", first), ("b", second), ("c", second), ("d", script)):
        lab.store.add("model", name, {"recipe": {"task": "classification", "architecture": "x", "num_classes": 2}},
                      record=record)  # fmt: skip
    return lab


def test_what_came_of_a_commit(lab):
    found = came_of(lab.store, commit=A[:6])
    assert [(f.version.name, f.why) for f in found.found] == [
        ("a", "as it is"), ("b", "with 2 changed files"), ("c", "with 2 changed files")
    ]  # fmt: skip
    assert came_of(lab.store, commit=B.upper()).names == ["d"] and came_of(lab.store, commit="3f2b").names == ["d"]


def test_what_came_of_a_cell_by_its_text_and_by_its_hash(lab):
    by_text = came_of(lab.store, cell=f"{MARK} = 1\n")
    assert [(f.version.name, f.why) for f in by_text.found] == [
        ("a", "made by it (cell 2)"),
        ("b", "it ran before as cell 2; made by cell 5"),
        ("c", "it ran before as cell 2; made by cell 5"),
    ]
    assert came_of(lab.store, cell=key_of_text(f"{MARK} = 1")[:8]).names == by_text.names
    assert came_of(lab.store, cell="train()").names == ["b", "c"]
    assert [f.why for f in came_of(lab.store, cell="import veml").found] == [
        "it ran before as cell 1; made by cell 2", *["it ran before as cell 4; made by cell 5"] * 2
    ]  # fmt: skip


def test_a_cell_that_ran_twice_made_what_its_second_run_made(tmp_path):
    lab = veml.open(tmp_path / "lab")
    record = lab.store.provenance.keep({"cells": [[1, "train()"], [2, "x = 1"], [3, "train()"]]})
    lab.store.add("model", "m", {}, record=record)
    assert [f.why for f in came_of(lab.store, cell="train()").found] == ["made by it (cell 3)"]


def test_what_came_of_a_script_and_of_a_file(lab):
    assert came_of(lab.store, script="/home/me/train.py").names == ["d"]
    assert came_of(lab.store, script="train.py").names == came_of(lab.store, script="me/train.py").names == ["d"]
    assert (
        came_of(lab.store, file="labels.csv").names == ["b", "c"] == came_of(lab.store, file="/data/labels.csv").names
    )
    assert lab.lineage().came_of(file="labels.csv").names == ["b", "c"]


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ({"commit": "abcd"}, B), ({"cell": "train(2)"}, "train()"), ({"script": "rain.py"}, "/home/me/train.py"),
        ({"file": "abels.csv"}, "/data/labels.csv"),
    ],
)  # fmt: skip
def test_what_nothing_came_of_is_answered_with_what_something_came_of(lab, asked, known):
    with pytest.raises(UnknownName) as e:
        came_of(lab.store, **asked)
    assert known in str(e.value)


@pytest.mark.parametrize(
    "asked", [{}, {"commit": "3f2"}, {"commit": "main"}, {"cell": ""}, {"file": "a", "script": "b"}]
)
def test_a_question_that_is_none_is_refused(lab, asked):
    with pytest.raises(BadInput):
        came_of(lab.store, **asked)


def test_records_that_are_gone_are_counted(lab, tmp_path):
    other = veml.open(tmp_path / "lab")
    record = other.store.provenance.keep({"git": {"commit": A}})
    other.store.add("model", "a", {}, record=record)
    other.store.add("model", "b", {}, record="blobs/00000000000000000000000000000000.how.json")
    found = came_of(other.store, commit=A)
    assert found.names == ["a"] and found.facts == {"records that cannot be read": 1}


def test_the_same_on_the_command_line(lab, capsys):
    assert main(["made-from", str(lab.path), "--commit", A[:8], "--json"]) == 0
    assert [f["name"] for f in json.loads(capsys.readouterr().out)["found"]] == ["a", "b", "c"]
    assert main(["made-from", str(lab.path), "--cell", "train()"]) == 0
    assert "made by it (cell 5)" in capsys.readouterr().out
    assert main(["how", str(lab.path), "c", "--full"]) == 0
    said = capsys.readouterr().out
    assert "3f2a9c1d4b5e on work dirty (2 files, 12 lines)" in said and "notebook cells  1, 2, 4, 5" in said
    assert f"-- cell 2\n{MARK} = 1" in said and f"+{MARK}" in said


def test_a_version_draws_how_it_was_made(lab):
    drawn = lab["b"].how()._repr_mimebundle_()
    assert "dirty (2 files, 12 lines)" in drawn["text/plain"] and f"{MARK} = 1" in drawn["text/html"]
    assert f"<summary>changes in the repository</summary><pre>+{MARK}</pre>" in drawn["text/html"]


def test_what_is_drawn_is_text_whatever_stands_in_a_cell(tmp_path):
    lab = veml.open(tmp_path / "lab")
    record = lab.store.provenance.keep({"cells": [[1, "<script>x</script>"]], "script": "<b>"}, {"script": Kept("<i>")})
    lab.store.add("model", "<u>", {"recipe": {}}, record=record)
    drawn = lab["<u>"].how()._repr_mimebundle_()["text/html"]
    assert not any(tag in drawn for tag in ("<script", "<b>", "<i>", "<u>")) and "&lt;script&gt;x" in drawn


def test_a_version_of_a_lab_that_kept_nothing_says_so(tmp_path):
    lab = veml.open(tmp_path / "lab")
    lab.store.provenance.keeps = False
    lab.store.add("model", "m", {"recipe": {}})
    how = lab["m"].how()
    assert "nothing was kept" in repr(how) and how.packages == {} and how.cells == () and how.script().startswith('"""')


# -- what leaves the lab ---------------------------------------------------------------------------------------


def test_nothing_of_it_is_in_graphml_and_openlineage_unless_it_is_asked_for(lab, tmp_path):
    for write in (lab.lineage().write_graphml, lab.lineage().write_openlineage):
        text = write(tmp_path / "out").read_text()
        assert '"a"' in text or "a" in text
        for word in (MARK, A, ".how.json", "/home/me", "labels.csv"):
            assert word not in text
        text = write(tmp_path / "out", provenance=True).read_text()
        for word in (MARK, A, "/home/me/train.py", "labels.csv"):
            assert word in text


def test_events_with_it_are_still_of_the_published_form(lab, tmp_path):
    lines = lab.lineage().write_openlineage(tmp_path / "out", provenance=True).read_text().splitlines()
    found = [json.loads(line)["run"]["facets"].get("veml_how") for line in lines]
    assert all(f["_producer"] and f["_schemaURL"] for f in found) and found[-1]["script"] == "/home/me/train.py"


def test_the_command_line_writes_it_only_when_it_is_told_to(lab, tmp_path, capsys):
    words = ["lineage", str(lab.path), "--graphml", str(tmp_path / "a.graphml")]
    assert main(words) == 0 and MARK not in (tmp_path / "a.graphml").read_text()
    assert main([*words, "--with-provenance"]) == 0 and MARK in (tmp_path / "a.graphml").read_text()


def test_nothing_of_it_is_published_exported_or_drawn_of_a_version(fresh, digits_lab, tmp_path):
    """Every other way out of a lab: pages, data sets, cards of versions, JSON of the command line, answers."""
    lab = fresh(digits_lab)
    made = lab.store.provenance
    made.inherited = made.keep({"cells": [[1, MARK]], "command": [MARK], "machine": {"name": MARK}},
                               {"diff": Kept(MARK), "script": Kept(MARK)})  # fmt: skip
    ones = lab["digits"].filter("ones", "label = '1'")
    model = veml.model(ones, {"architecture": "resnet10", "width": 8, "size_px": [16, 16]}, name="other")
    run = veml.train(veml.plan(model, ones, name="of mine", epochs=1, batch_size=60), lab, progress=False)
    veml.deploy(run, name="deployed")
    assert MARK in lab["deployed"].how().diff
    publish(lab, tmp_path / "pages", pictures=2)
    ones.export(tmp_path / "set", "image_folder")
    written = [p for p in tmp_path.rglob("*") if p.is_file() and lab.path not in p.parents]
    assert written and not any(MARK.encode() in p.read_bytes() or b".how.json" in p.read_bytes() for p in written)
    shown = [json.dumps(v._repr_mimebundle_(), default=str) for v in lab.versions()]
    shown += [repr(lab), json.dumps(lab.rows(), default=str), json.dumps(lab.elements(), default=str)]
    shown += [json.dumps(lab.detail(v.name), default=str) for v in lab.versions()]
    shown += [repr(lab.lineage("deployed").ask("how-made")), json.dumps(lab.lineage("deployed").to_dict(), default=str)]
    assert not any(MARK in text or ".how.json" in text for text in shown)


def test_the_panel_has_it_in_a_group_of_its_own(lab):
    groups = {g["title"]: g["facts"] for g in lab.facts("b")}
    assert ["git", "3f2a9c1d4b5e on work dirty (2 files, 12 lines)"] in groups["How it was made"]
    assert list(groups)[-1] == "How it was made"


def test_the_panel_says_a_record_that_is_gone(tmp_path):
    lab = veml.open(tmp_path / "lab")
    lab.store.add("model", "m", {}, record="blobs/00000000000000000000000000000000.how.json")
    ((name, said),) = lab.facts("m")[-1]["facts"]
    assert name == "kept" and "missing" in said

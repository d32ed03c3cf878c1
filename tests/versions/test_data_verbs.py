"""The verbs of data versions on the command line: what they print, what they make, one line for what is wrong."""

from __future__ import annotations

import json

import pytest
from kinds import everything, rows

import veml_lab as veml
from veml_lab import formats
from veml_lab.cli import main


@pytest.fixture
def lab(fresh, digits_lab):
    return fresh(digits_lab)


@pytest.fixture
def veml_says(capsys):
    def run(verb, lab, *words, code=0):
        found = main([verb, str(lab.path), *map(str, words), "--json"])
        out, err = capsys.readouterr()
        assert found == code, err
        return json.loads(out) if code == 0 else err

    return run


def test_versions_are_cut_and_combined(lab, veml_says):
    assert veml_says("sample", lab, "digits", "some", 30, "--stratified", "--seed", 3)["summary"].startswith(
        "30 images"
    )
    assert set(lab["some"].ids) == set(lab["digits"].sample("same", 30, stratified=True, seed=3).ids)
    parts = veml_says(
        "split",
        lab,
        "digits",
        "a",
        "b",
        "c",
        "--share",
        0.5,
        0.25,
        0.25,
        "--roles",
        "train",
        "test",
        "none",
        "--stratified",
    )
    assert [p["name"] for p in parts] == ["a", "b", "c"] and [lab[n].role for n in "abc"] == ["train", "test", ""]
    veml_says("intersect", lab, "a", "some", "both")
    veml_says("subtract", lab, "a", "some", "rest")
    assert lab["both"].ids | lab["rest"].ids == lab["a"].ids and not lab["both"].ids & lab["rest"].ids
    assert veml_says("diff", lab, "a", "some") == {
        "only_here": len(lab["rest"]),
        "only_there": 30 - len(lab["both"]),
        "both": len(lab["both"]),
    }
    assert veml_says("replay", lab, "rest") == {
        "samples": len(lab["rest"]),
        "replayed": len(lab["rest"]),
        "identical": True,
    }
    assert veml_says("compare", lab, "a", "b")["only_left"] == 40


def test_samples_are_added_and_updated(lab, veml_says, bright_digits):
    veml_says("add", lab, "more", bright_digits, "--to", "digits", "--limit", 5)
    assert len(lab["more"]) == 90
    report = veml_says("report", lab, "more · new")
    assert report["samples"] == 10 and report["known_in_lab"] == 10  # the lab has these bytes from "bright"
    veml_says("update", lab, "digits", "newer", bright_digits, "--known-only")
    assert len(lab["newer"]) == 80 and not lab["newer"].ids & lab["digits"].ids
    assert "no import report" in veml_says("report", lab, "newer", code=2)


def test_annotations_are_corrected_from_a_file_and_from_a_data_set(lab, veml_says, tmp_path):
    uri = lab["digits"].samples["uri"][4].as_py()
    (tmp_path / "fix.json").write_text(json.dumps({uri: {"class": "2"}}))
    veml_says("annotate", lab, "digits", "fixed", tmp_path / "fix.json", "--note", "second look")
    assert lab["fixed"].annotations.class_labels[lab["digits"].ids[4]] == "2"
    lab.add("all", everything(), progress=False)
    boxes = lab["all"].filter("one", "uri = 'a/0.png'")
    lossy = formats.read(_written(boxes, tmp_path / "coco"), "coco")
    assert len(list(lossy.records())) == 1
    assert "says already" in veml_says(
        "annotate", lab, "one", "x", tmp_path / "coco", "--format", "coco", "--kinds", "caption", code=2
    )
    for text in ("{", '["a"]', "{}"):
        (tmp_path / "bad.json").write_text(text)
        assert "x" not in lab and veml_says("annotate", lab, "digits", "x", tmp_path / "bad.json", code=2).startswith(
            "veml: "
        )
    assert "is not there" in veml_says("annotate", lab, "digits", "x", tmp_path / "none.json", code=2)


def _written(version, path):
    version.export(path, "coco", lossy=True)
    return path


def test_tags_and_notes_hold_for_versions_of_every_kind(lab, veml_says):
    assert veml_says("tag", lab, "first", "gold") == ["gold"] and veml_says("tag", lab, "in production", "gold") == [
        "gold"
    ]
    assert [r["name"] for r in veml_says("versions", lab, "--tag", "gold")] == ["first", "in production"]
    assert veml_says("tag", lab, "first", "gold", "--remove") == [] == veml_says("tag", lab, "first")
    assert veml_says("note", lab, "first", "trained in a hurry")[0]["text"] == "trained in a hurry"
    assert "no tag" in veml_says("tag", lab, "first", "silver", "--remove", code=2)


def test_an_export_is_read_again(lab, veml_says, tmp_path):
    said = veml_says("export", lab, "digits-test", tmp_path / "out", "--format", "image_folder")
    assert said["samples"] == 20 and len(list(formats.read(said["path"]).records())) == 20
    assert "already there" in veml_says(
        "export", lab, "digits-test", tmp_path / "out", "--format", "image_folder", code=2
    )
    assert "format to write" in veml_says("export", lab, "digits-test", tmp_path / "x", "--format", "song", code=2)


def test_strictness_near_duplicates_and_options_of_a_format_reach_the_import(lab, veml_says, bright_digits, tmp_path):
    lab.add("all", everything(), progress=False).export(tmp_path / "coco", "coco", lossy=True)
    file = next(f for f in (tmp_path / "coco").rglob("*.json") if '"bbox"' in f.read_text())
    head = json.loads(file.read_text())
    next(a for a in head["annotations"] if a.get("bbox"))["bbox"] = [1, 1, 0, 5]
    file.write_text(json.dumps(head))
    assert veml_says("add", lab, "x", tmp_path / "coco", "--strict", code=2).count("\n") == 1
    assert "x" not in lab
    veml_says("add", lab, "x", tmp_path / "coco", "--near-duplicates", "report")
    report = veml_says("report", lab, "x")
    assert len(report["skipped"]) == 1 and report["near_duplicates"]["count"] == 0
    assert "option of the format" in veml_says("add", lab, "y", tmp_path / "coco", "--option", "windows=3", code=2)
    assert "NAME=VALUE" in veml_says("add", lab, "y", tmp_path / "coco", "--option", "windows", code=2)


def test_preparations_are_asked_for_by_options(lab, veml_says):
    veml_says("prepare", lab, "digits-train", "small", "--resize", 8, 8, "--normalise", "fit")
    veml_says("prepare", lab, "digits-test", "small-test", "--like", "small")
    assert lab["small-test"].facts.preparation == lab["small"].facts.preparation and lab["small"].to_torch()[0][
        0
    ].shape == (
        3,
        8,
        8,
    )
    lab.add("rows", rows(), progress=False)
    veml_says("prepare", lab, "rows", "ready", "--impute", "3", "--scale", "minmax", "--columns", "a", "b")
    assert [c["fill"] for c in lab["ready"].facts.preparation["rows"]] == [3.0, 3.0]
    assert "fitted on training data" in veml_says("prepare", lab, "digits-test", "x", "--normalise", "fit", code=2)


@pytest.mark.parametrize("verb", ["stats", "compare", "report", "diff"])
def test_what_is_printed_for_people_is_text(lab, capsys, verb):
    words = ["digits", "bright"] if verb in ("compare", "diff") else ["digits"]
    assert main([verb, str(lab.path), *words]) == 0
    out = capsys.readouterr().out
    assert "digits" in out and "{" not in out
    assert veml.open(lab.path, read_only=True)["digits"].statistics().brightness["sampled"] == 80

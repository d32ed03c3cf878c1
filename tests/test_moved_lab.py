"""A lab that was moved or copied says so, in one line, and is at home where it lies."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import veml_lab as veml
from veml_lab.catalog.client import OwnerClient
from veml_lab.catalog.runtime import read_pointer
from veml_lab.errors import BadInput, MissingFile, NotAllowed
from veml_lab.training.jobs import list_jobs
from veml_lab.upkeep import check, vacuum
from veml_lab.versions.moved import FILE, Place, in_place_file, read_place


@pytest.fixture
def project(tmp_path) -> Path:
    """A folder with a lab and beside it the pictures that it left in their places."""
    home = tmp_path / "old project"
    for c in ("cat", "dog"):
        (home / "pictures" / c).mkdir(parents=True)
        for i in range(3):
            pixels = np.full((8, 8, 3), 40 * i + 100 * (c == "dog"), np.uint8)
            Image.fromarray(pixels).save(home / "pictures" / c / f"{i}.png")
    lab = veml.open(home / "lab")
    assert len(lab.add("animals", veml.read_image_folder(home / "pictures"), copy=False, progress=False)) == 6
    retired(lab)
    return home


def retired(lab: veml.Lab) -> None:
    """Let its owner go, so that the folder can be moved."""
    lab.store.catalog.close()
    OwnerClient(lab.path, start=False).retire()


def opened(path: Path, **options) -> tuple[veml.Lab, list[str]]:
    """The lab, and what was said."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        lab = veml.open(path, **options)
    return lab, [str(w.message) for w in said]


def test_a_lab_that_stays_says_nothing(project):
    assert read_place(project / "lab") == Place(str(project / "lab"))
    for options in ({}, {"read_only": True}):
        assert opened(project / "lab", **options)[1] == []


def test_a_moved_lab_says_where_it_was_what_it_does_not_find_and_the_option_once(project):
    new = project.with_name("new")
    project.rename(new)
    lab, said = opened(new / "lab")
    assert len(said) == 1
    assert f"was moved: it lay in {str(project / 'lab')!r}" in said[0]
    assert "6 of 6 pictures" in said[0] and str(project / "pictures" / "cat" / "0.png") in said[0]
    assert f"moved={{{str(project)!r}: {str(new)!r}}}" in said[0]  # they moved along, so it knows
    with pytest.raises(MissingFile, match=r"moved=\{old: new\}"):
        lab["animals"].images[0]
    assert {f.kind for f in check(lab).wrong} == {"missing file"}
    assert opened(new / "lab")[1] == []  # said once

    lab, said = opened(new / "lab", moved={project: new})
    assert said == []
    assert [np.asarray(im)[0, 0, 0] for im in lab["animals"].images] == [0, 40, 80, 100, 140, 180]
    assert check(lab, deep=True).clean
    assert check(veml.open(new / "lab"), deep=True).clean  # kept with the lab
    lab["animals"].export(new / "out", "image_folder")
    assert len(list((new / "out").rglob("*.png"))) == 6


def test_what_is_found_all_the_same_is_not_complained_of(project):
    (project / "lab").rename(project / "lab 2")
    lab, said = opened(project / "lab 2")
    assert said == [f"{project / 'lab 2'} was moved: it lay in {str(project / 'lab')!r} when it was last opened"]
    assert lab["animals"].images[5].size == (8, 8)


def test_a_copy_is_called_one_and_does_not_talk_to_the_owner_of_the_original(project, monkeypatch):
    monkeypatch.setenv("VEML_CATALOG", "owner")
    shutil.copytree(project / "lab", project / "copy")
    first, said = opened(project / "lab")
    assert said == []
    first.store.add("model", "in the original", {})
    second, said = opened(project / "copy")
    assert len(said) == 1 and f"is a copy of the lab in {str(project / 'lab')!r}" in said[0]
    second.store.add("model", "in the copy", {})
    assert [v.name for v in first.versions("model")] == ["in the original"]
    assert [v.name for v in second.versions("model")] == ["in the copy"]
    owners = [read_pointer(project / name) for name in ("lab", "copy")]
    assert owners[0].pid != owners[1].pid and owners[0].lab != owners[1].lab
    assert check(first).clean and check(second).clean
    retired(first)
    retired(second)


def test_a_moved_lab_whose_owner_still_runs_goes_on(project, monkeypatch):
    monkeypatch.setenv("VEML_CATALOG", "owner")
    lab = veml.open(project / "lab")
    lab.store.add("model", "before", {})
    (project / "lab").rename(project / "there")
    lab, said = opened(project / "there")
    assert len(said) == 1
    lab.store.add("model", "after", {})
    assert [v.name for v in lab.versions("model")] == ["before", "after"]
    assert check(project / "there").clean
    retired(lab)


def test_the_command_line_takes_the_folder_with_any_verb_and_names_the_option(project, capsys):
    from veml_lab import cli

    new = project.with_name("new = here")
    project.rename(new)
    with pytest.warns(UserWarning, match="was moved") as said:
        assert cli.main(["versions", str(new / "lab")]) == 0
    option = shlex.split(str(said[0].message).split(", or ")[-1])
    assert option == ["veml", "check", str(new / "lab"), "--moved", f"{project}={new}"]
    assert cli.main(["check", str(new / "lab")]) == 1
    capsys.readouterr()
    assert cli.main(option[1:]) == 0
    assert ": clean (" in capsys.readouterr().out and check(new / "lab").clean
    assert cli.main(["versions", str(new / "lab"), "--moved", f"/a=b/old={new}"]) == 0  # NEW is what is a folder
    assert ("/a=b/old", str(new)) in read_place(new / "lab").moved
    capsys.readouterr()
    for wrong in ("/old", "=", "/old=", f"={new}", f"/old={new}/nowhere"):
        assert cli.main(["versions", str(new / "lab"), "--moved", wrong]) == 2
        assert re.search("OLD=NEW|no such folder", capsys.readouterr().err)
    assert cli.main(["versions", str(project / "nowhere"), "--moved", f"/old={new}"]) == 2  # no lab is made for it


def test_a_reader_says_it_each_time_and_writes_nothing(project):
    (project / "lab").rename(project / "there")
    before = (project / "there" / FILE).read_bytes()
    for _ in range(2):
        assert len(opened(project / "there", read_only=True)[1]) == 1
    assert (project / "there" / FILE).read_bytes() == before
    with pytest.raises(BadInput, match="read-only"):
        veml.open(project / "there", read_only=True, moved={project: project})
    assert len(opened(project / "there")[1]) == 1


def test_a_folder_that_is_not_there_is_refused_and_nothing_is_kept(project):
    with pytest.raises(BadInput, match="no such folder"):
        veml.open(project / "lab", moved={"/old": project / "nowhere"})
    assert read_place(project / "lab").moved == ()


def test_the_longest_folder_that_fits_stands_for_a_picture_if_it_is_there(tmp_path):
    for name in ("a/x.png", "b/x.png", "a/deep/x.png"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    pairs = {"/data": str(tmp_path / "a"), "/data/deep/": str(tmp_path / "b")}
    (tmp_path / FILE).write_text(json.dumps({"path": "/", "moved": pairs}))
    assert in_place_file(tmp_path, "/data/x.png") == tmp_path / "a" / "x.png"
    assert in_place_file(tmp_path, "/data/deep/x.png") == tmp_path / "b" / "x.png"
    assert in_place_file(tmp_path, "/data/y.png") == Path("/data/y.png")  # not there
    assert in_place_file(tmp_path, "/database/x.png") == Path("/database/x.png")  # another folder
    assert in_place_file(tmp_path, "/data2x.png") == Path("/data2x.png")  # another file


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"path": "/", "moved": []}', "[" * 5000, '"x"'])
def test_a_damaged_note_is_none_and_is_written_anew(project, text):
    (project / "lab" / FILE).write_text(text)
    assert read_place(project / "lab") is None
    assert opened(project / "lab")[1] == []
    assert read_place(project / "lab") == Place(str(project / "lab"))


def test_the_note_of_a_strangers_lab_is_no_link(project):
    (project / "mine.json").write_text("{}")
    (project / "lab" / FILE).unlink()
    (project / "lab" / FILE).symlink_to(project / "mine.json")
    with pytest.raises(NotAllowed, match=FILE):
        veml.open(project / "lab")
    assert (project / "mine.json").read_text() == "{}"


def test_the_draft_of_a_killed_note_is_a_leftover(project):
    draft = project / "lab" / f".{FILE}.999999999.0123abcd.part"
    draft.write_text("{")
    os.utime(draft, (0, 0))
    assert [path for path, *_ in vacuum(project / "lab").removed] == [draft.name]


def test_jobs_weights_and_results_of_a_moved_lab_are_found(fresh, digits_lab, tmp_path):
    lab = fresh(digits_lab)
    retired(lab)
    there = tmp_path / "there"
    lab.path.rename(there)
    lab, said = opened(there)
    assert len(said) == 1 and "not found" not in said[0]
    assert Path(lab["first"].checkpoint).is_file() and Path(lab["first"].checkpoint).is_relative_to(there)
    assert [job.status()["state"] for job in list_jobs(lab.store)] == ["done"]
    trained = veml.train(
        lab["first"].plan if isinstance(lab["first"].plan, str) else digits_lab.plan, lab, progress=False
    )
    assert trained.id == lab["first"].id  # known, not trained again
    assert check(lab, deep=True).clean

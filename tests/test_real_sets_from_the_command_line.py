"""Every real set: add, stats, filter, merge, export, add what was exported - the same again - and a clean check."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile

import pytest
from labs import REAL

from veml_lab.cli import main

pytestmark = pytest.mark.real

# set -> (path, options of add, format of the export, a condition that some samples meet and some do not)
SETS = {
    "kitti": ("kitti/kitti.tar.xz", [], "kitti", "contains class 'Pedestrian'"),
    "carla": ("carla/carla.tar.xz", [], "voc", "contains class 'traffic_light'"),
    "dawn": ("dawn_fog/dawn_fog.tar.xz", [], "voc", "condition_from_name = 'haze'"),
    "coco": ("coco/coco.tar.xz", [], "coco", "contains class 'person'"),
    "indoor": ("indoor_map_demo/indoor_map_demo.tar.xz", [], "coco", "contains class 'chair'"),
    "mnist": ("mnist", ["--limit", "300"], "idx", "label IN ('3', '5')"),
    "fashion": ("fashion_mnist", ["--limit", "300"], "idx", "role = 'test'"),
    "cifar10": ("cifar10/cifar10_jpeg.tar.xz", ["--limit", "100"], "image_folder", "label = 'cat'"),
    "metr_la": ("metr_la", ["--option", "stride=40"], "sensors", "hour < 12"),
    "seoul": ("seoul_air", ["--option", "stride=40"], "sensors", "weekday < 3"),
    "beijing": ("beijing_multisite", ["--option", "stride=400"], "sensors", "hour < 12"),
}


@pytest.fixture
def veml(capsys, tmp_path):
    """``veml(*words)`` runs a command on the lab of the test and gives what it printed as JSON."""

    def run(verb, *words, code=0):
        found = main([verb, str(tmp_path / "lab"), *map(str, words), "--json"])
        out, err = capsys.readouterr()
        assert found == code, err
        return json.loads(out)

    return run


def unpacked(path, folder):
    if path.is_dir():
        return path
    with tarfile.open(path) as tar:
        tar.extractall(folder, filter="data")
    return next(p for p in folder.iterdir() if p.is_dir())


@pytest.mark.parametrize("name", SETS)
def test_a_real_set_goes_in_and_out_and_in_again_as_it_was(veml, tmp_path, name):
    path, options, form, where = SETS[name]
    (tmp_path / "data").mkdir()
    veml("add", name, unpacked(REAL / path, tmp_path / "data"), *options)
    first = veml("stats", name)
    part = veml("filter", name, "part", where)
    rest = veml("subtract", name, "part", "rest")
    assert part["name"] == "part" and 0 < veml("stats", "part")["n"] < first["n"]
    veml("merge", "whole", "part", "rest")
    assert veml("diff", "whole", name) == {"only_here": 0, "only_there": 0, "both": first["n"]} and rest
    veml("export", name, tmp_path / "out", "--format", form)
    veml(
        "add", "again", tmp_path / "out", *(options if form == "sensors" else [])
    )  # a file of readings does not say how it was cut
    second = veml("stats", "again")
    changed = {k for k in first if first[k] != second[k]} - {"name", "columns", "duplicates"}
    assert not changed, {k: (first[k], second[k]) for k in changed}
    assert veml("check")["clean"]


def test_the_commands_of_the_issue_run_in_a_shell(tmp_path):
    """One set through a process of its own, as a user types it."""
    lab, data = tmp_path / "lab", REAL / "kitti" / "kitti.tar.xz"
    for words in (("add", lab, "kitti", data, "--format", "kitti"), ("stats", lab, "kitti"), ("check", lab)):
        done = subprocess.run([sys.executable, "-m", "veml_lab.cli", *map(str, words)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

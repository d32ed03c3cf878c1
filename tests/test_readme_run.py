"""The README's own blocks, run in order beside a small prepared lab: what a newcomer types works as it stands."""

from __future__ import annotations

import json
import re
import shlex
import warnings
from pathlib import Path

import pytest
from labs import ROOT, write_digits

import veml_lab as veml
from veml_lab.cli import main

README = (ROOT / "README.md").read_text()
SMALL = {"architecture": "fcos", "backbone": "resnet10", "width": 8, "neck_channels": 32, "size_px": [96, 64]}


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder of one's own, with what the README's lines take for there; warnings are no errors here."""
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield tmp_path


def test_the_python_of_the_readme_runs_from_its_first_line_to_its_last(home):
    """Before it a lab knows another town with a detector: somebody has to have trained something to be transferred."""
    lab = veml.open("road-lab")
    lab.use_embedder("squeezenet1_1", weights="random", size_px=32)
    town = lab.add("town", veml.road_world("clear-city", 12, seed=2, test_share=0.3), progress=False)
    detector = veml.model(town, SMALL, name="detector")
    veml.train(veml.plan(detector, town, name="town detector", epochs=1, batch_size=8, lr=2e-3), lab, progress=False)
    del lab
    veml.write(veml.road_world("clear-city", 60, seed=1, test_share=0.1), "my-images", "bdd100k")
    for file in Path("my-images").rglob("*.json"):
        content = json.loads(file.read_text())
        for frame in content["frames"][4:]:
            frame["attributes"]["timeofday"] = "night"
        file.write_text(json.dumps(content))
    veml.write(veml.road_world("foggy-highway", 30, seed=3, test_share=0), "rain", "bdd100k")

    (code,) = blocks("python")
    names: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), names)
    assert names["report"].drifted in (True, False)
    assert names["new"] in names["lab"].versions("training")
    kinds = {n.kind for n in names["lab"].lineage(names["model"], direction="ancestors").nodes}
    assert kinds == {"data", "model", "training", "inference"}


def write_people(folder: Path) -> None:
    """A COCO folder of six streets, with a person in front of most."""
    from PIL import Image

    (folder / "images").mkdir(parents=True)
    rows: dict[str, list[dict[str, object]]] = {"images": [], "annotations": [], "categories": []}
    rows["categories"] = [{"id": 1, "name": "person"}, {"id": 2, "name": "car"}]
    for i in range(6):
        Image.new("RGB", (80, 60), (40 * i, 90, 120)).save(folder / "images" / f"{i}.jpg")
        rows["images"].append({"id": i, "file_name": f"{i}.jpg", "width": 80, "height": 60})
        box = [4 + i, 6, 40, 40]
        rows["annotations"].append(
            {"id": i, "image_id": i, "category_id": 1 + (i == 5), "bbox": box, "area": 1600, "iscrowd": 0}
        )
    (folder / "annotations.json").write_text(json.dumps(rows))


def test_every_veml_command_of_the_readme_runs(home, capsys):
    write_digits(home / "data" / "mnist")
    write_digits(home / "data" / "scans", seed=1, shade=90)
    write_people(home / "photos" / "coco")
    corrected = {"images/5.jpg": {"box": []}}  # there is no car
    Path("fixes.json").write_text(json.dumps(corrected))
    lines = [line.split("#")[0].strip() for block in blocks("sh") for line in block.splitlines()]
    commands = [line for line in lines if line.startswith("veml ")]
    assert len(commands) >= 12
    for command in commands:
        assert main(shlex.split(command)[1:]) == 0, (command, capsys.readouterr().err)
        capsys.readouterr()
    lab = veml.open("my-lab", read_only=True)
    assert len(lab["people"]) == 5 and len(lab["street-2"]) == 6 and lab.versions("training")
    assert {p.suffix for p in Path("out").rglob("*.*")} >= {".jpg", ".txt", ".yaml"}

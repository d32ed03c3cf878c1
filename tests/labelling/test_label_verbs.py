"""Labelling on the command line, each verb with ``--json``."""

from __future__ import annotations

import json
from pathlib import Path

import label_servers
import pytest
from label_servers import TOKEN

import veml_lab as veml
from veml_lab.cli import main
from veml_lab.labelling.label_studio import VARIABLE


@pytest.fixture
def city(empty_lab):
    return empty_lab.add("city", veml.road_world("clear-city", 8, seed=1, test_share=0), progress=False)


@pytest.fixture
def said(capsys):
    """``said(*words)`` runs a command; its exit code, and its JSON or its one line."""

    def run(*words):
        capsys.readouterr()
        code = main([*map(str, words)])
        out = capsys.readouterr()
        return code, json.loads(out.out) if "--json" in words and not code else out.out + out.err

    return run


def test_out_to_files_back_and_accepted(city, said, tmp_path):
    lab = city.store.folder
    code, made = said(
        "label", lab, "city", "--using", "city", "-n", 5, "--to", tmp_path / "tasks", "--name", "five", "--blind", 0,
        "--annotators", "ann", "--json",
    )  # fmt: skip
    assert code == 0 and (made["name"], made["n"], made["blind"], made["back"]) == ("five", 5, 0, 0)
    folder = Path(made["addresses"]["ann"])
    tasks = json.loads((folder / "tasks.json").read_text())
    for t in tasks:
        t["annotations"] = [{"result": t.pop("predictions")[0]["result"], "was_cancelled": False}]
    (folder / "back" / "export.json").write_text(json.dumps(tasks[:4]))
    code, listed = said("label", lab, "--json")
    assert code == 0 and [t["name"] for t in listed] == ["five"]
    code, pulled = said("label-pull", lab, "five", "--json")
    kept = sum(len(t["annotations"][0]["result"]) for t in tasks[:4])
    assert (pulled["back"], pulled["kept"], pulled["unknown"]) == (4, kept, [])
    code, row = said("label-accept", lab, "five", "five, labelled", "--note", "by ann", "--json")
    assert code == 0 and row["name"] == "five, labelled"
    assert len(veml.open(lab)["five, labelled"]) == 4
    assert "accepted as 'five, labelled'" in said("label", lab)[1]


def test_out_to_a_server_with_its_token_in_the_variable(city, said, monkeypatch):
    lab = city.store.folder
    with label_servers.LabelStudio() as server:
        code, text = said("label", lab, "city", "--to", server.url)
        assert code == 2 and VARIABLE in text and text.count("\n") == 1
        monkeypatch.setenv(VARIABLE, TOKEN)
        code, made = said("label", lab, "city", "--to", server.url, "--json")
        assert code == 0 and made["tool"] == "label-studio" and len(server.tasks) == 8
        assert said("label-pull", lab, "city · labels")[0] == 0


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["city"], "say where to"),
        (["--using", "city"], "would change nothing"),
        (["city", "--to", "tasks", "--tool", "cvat"], "would change nothing"),
        (["cty", "--to", "tasks"], "known: city"),
    ],
)
def test_what_is_missing_is_one_line(city, said, words, why):
    code, text = said("label", city.store.folder, *words)
    assert code == 2 and why in text and text.startswith("veml: ") and text.count("\n") == 1


def test_an_unknown_task_names_the_known_ones(city, said, tmp_path):
    assert said("label", city.store.folder, "city", "--to", tmp_path / "t", "--name", "one")[0] == 0
    code, text = said("label-pull", city.store.folder, "oen")
    assert code == 2 and "known: one" in text

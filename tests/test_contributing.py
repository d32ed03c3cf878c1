"""The recipes of CONTRIBUTING.md are run: each adds its thing, and the thing works."""

from __future__ import annotations

import argparse
import importlib
import re
import sys
from pathlib import Path

import pytest
import torch
from labs import TINY
from safetensors.torch import load_file

import veml_lab as veml

TEXT = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text()


def recipe(heading: str, language: str = "python") -> str:
    part = re.search(rf"^## {heading}$(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)[1]
    return re.search(rf"```{language}\n(.*?)```", part, re.DOTALL)[1]


@pytest.fixture
def package(tmp_path, monkeypatch):
    """``package(name, code, group, entry)``: an installed package of one module with one entry point."""

    def install(name: str, code: str, group: str, entry: str) -> None:
        (tmp_path / f"{name}.py").write_text(code)
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[veml_lab.{group}]\n{entry} = {name}:{group[:-1].upper()}\n")
        monkeypatch.syspath_prepend(str(tmp_path))

    def forget() -> None:  # other tests install packages of these names too
        for name in [n for n in sys.modules if n.partition(".")[0] in ("acme_veml", "gentle_veml")]:
            del sys.modules[name]
        importlib.invalidate_caches()

    forget()
    yield install
    forget()


@pytest.mark.parametrize("what", re.findall(r"^## (Add .*)$", TEXT, re.MULTILINE))
def test_a_recipe_is_at_most_fifteen_lines(what):
    assert 0 < len([line for line in recipe(what).splitlines() if line.strip()]) <= 15


def test_the_format_of_another_package_is_told_by_its_evidence_and_imported(package, tmp_path, empty_lab):
    package("acme_veml", recipe("Add a format"), "formats", "acme")
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "data.acme").write_text("cat,1.5\ndog,2\ncat,4\n")
    assert veml.read(folder).format == "acme"
    rows = empty_lab.add("pets", veml.read(folder), progress=False)
    assert len(rows) == 3 and tuple(rows.classes) == ("cat", "dog")


def test_the_backend_of_another_package_trains_with_its_own_default(package, digits_lab, fresh):
    package("gentle_veml", recipe("Add a training backend"), "backends", "gentle")
    lab = fresh(digits_lab)
    gentle = veml.model(lab["digits"], {**TINY, "backend": "gentle"}, name="gentle model")
    ours = {"epochs": 1, "batch_size": 16}
    run = veml.train(veml.plan(gentle, lab["digits"], name="gentle run", **ours), lab, progress=False)
    same = veml.train(veml.plan(lab["tiny"], lab["digits"], name="same", lr=3e-4, **ours), lab, progress=False)
    other = veml.train(veml.plan(lab["tiny"], lab["digits"], name="other", lr=1e-3, **ours), lab, progress=False)
    weights = [load_file(r.checkpoint) for r in (run, same, other)]
    assert all(torch.equal(weights[0][k], weights[1][k]) for k in weights[0])
    assert not all(torch.equal(weights[0][k], weights[2][k]) for k in weights[0])


def test_the_widget_draws_itself_with_and_without_a_front_end(tmp_path, monkeypatch):
    (tmp_path / "gauge.js").write_text(recipe("Add a widget", "js"))
    monkeypatch.setattr("veml_lab.widgets._base.STATIC", tmp_path)
    names: dict[str, type] = {}
    exec(recipe("Add a widget"), names)
    gauge = names["Gauge"](share=0.25)
    assert "value=0.250" in gauge._repr_mimebundle_()[0]["text/html"] and repr(gauge) == "share 25%"
    assert "meter.value" in gauge._esm


def test_the_verb_is_understood_and_counts(digits_lab):
    names: dict[str, object] = {}
    exec(recipe("Add a verb"), names)
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers()

    def verb(name, run, _help):
        p = verbs.add_parser(name)
        p.add_argument("lab")
        p.set_defaults(run=run)
        return p

    names["register"](verb)
    args = parser.parse_args(["count", str(digits_lab.path), "--kind", "inference"])
    assert args.run(args) == {"inference": 1}


def test_the_question_is_answered(digits_lab, fresh, monkeypatch):
    questions = importlib.import_module("veml_lab.lineage.questions")  # the package has a function of that name
    monkeypatch.setattr(questions, "QUESTIONS", dict(questions.QUESTIONS))
    exec(recipe("Add a question to the graph"))
    lab = fresh(digits_lab)
    plan = veml.transfer(lab["first"], lab["bright"], hyper={"epochs": 1})
    run = veml.train(plan, progress=False)
    assert [v.name for v in questions.ask(lab.store, "successors", "first").versions] == [run.name]
    assert not questions.ask(lab.store, "successors", run.name).versions

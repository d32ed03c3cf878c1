"""A training is made again in a new lab, from the imports on, to the same checkpoint."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest
from conveyor import TINY as SMALL
from conveyor import conveyor
from labs import TINY, write_digits
from patience import PATIENCE_S

import veml_lab as veml
from veml_lab.cli import main
from veml_lab.errors import BadInput, DamagedLab, JobError
from veml_lab.training.elsewhere import what_differs
from veml_lab.versions.operations import select


def sha256(training) -> str:
    return hashlib.sha256(training.checkpoint.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def life(tmp_path_factory):
    """Five trainings of five kinds, each at the end of a way through the lab."""
    place = tmp_path_factory.mktemp("again")
    lab = veml.open(place / "lab")
    # classification, of a filtered, sampled, corrected and split import
    digits = lab.add("digits", veml.read(write_digits(place / "digits"), "idx"), progress=False)
    lab.add("noise", veml.corrupted(veml.read(place / "digits"), "noise", severity=0.2, role="test"), progress=False)
    part = lab["digits-train"].sample("a part", 50, seed=3, stratified=True)
    uri = part.samples["uri"].to_pylist()[0]
    mended = part.correct("mended", {uri: {"class": "2"}}, note='by "hand"')
    fit, held = mended.split("fit", "held out", share=[0.7, 0.3], seed=4, stratified=True, roles=["train", "test"])
    chosen = select(fit, "chosen", [0, 1, 2, 5, 7, *range(10, 30)], operation="core set")
    model = veml.model(digits, TINY, name="tiny")
    common = {"epochs": 2, "batch_size": 16, "lr": 1e-2}
    veml.train(veml.plan(model, chosen, name="pictures", validation=held, **common), lab, progress=False)
    # augmentations, on a merged and filtered version, with the best of several epochs
    both = fit.merge(lab["noise"], name="both").filter("no zeros", "label <> '0'")
    plan = veml.plan(model, both, name="augmented", validation=held, seed=7, augment=["flip", "crop"], **common)
    veml.train(plan, lab, progress=False)
    # boxes
    road = lab.add("road", veml.road_world("clear-city", 16, seed=1, test_share=0.25), limit=10, progress=False)
    recipe = {"architecture": "fcos", "backbone": "resnet10", "width": 8, "neck_channels": 32, "size_px": [96, 64]}
    boxes = veml.model(road, recipe, name="boxes")
    veml.train(veml.plan(boxes, road, name="detector", epochs=1, batch_size=8, lr=2e-3), lab, progress=False)
    # sensors
    source = conveyor(place, t=300)
    belt = lab.add("belt", source, progress=False)
    flow = veml.model(belt, {"architecture": "dcrnn", **SMALL}, name="flow")
    veml.train(veml.plan(flow, belt, name="forecast", epochs=1, batch_size=32), lab, progress=False)
    # transferred: another recipe's model, the weights of another training
    transfer = veml.transfer(lab["pictures"], lab["noise"], name="carried over", hyper={"epochs": 1, "batch_size": 16})
    veml.train(transfer, progress=False)
    return lab


FIVE = ("pictures", "augmented", "detector", "forecast", "carried over")


@pytest.mark.parametrize("name", FIVE)
def test_a_training_comes_out_to_the_last_bit_in_a_new_lab(life, tmp_path, name):
    found = veml.reproduce(life[name], into=tmp_path / "new", progress=False)
    assert sha256(found.version) == sha256(life[name]) and found.identical and found.weights == 0.0
    assert found.version.store.folder == tmp_path / "new" and found.environment == {}
    assert dict(found.version.facts.numbers) | {"seconds": 0} == dict(life[name].facts.numbers) | {"seconds": 0}


def test_the_script_of_a_version_is_one_that_people_can_read(life):
    text = life["pictures"].how().script()
    assert "digits = lab.add('digits', veml.read(" in text and "a_part = digits_train.sample('a part', n=50" in text
    assert "fit, held_out = mended.split('fit', 'held out', share=[0.7, 0.3], seed=4" in text
    assert "places('0-2,5,7,10-29')" in text and "road" not in text  # nothing that it does not need
    compile(text, "again.py", "exec")


def test_a_source_that_is_gone_or_changed_is_said(life, tmp_path):
    import shutil

    folder = tmp_path / "moved"
    shutil.copytree(life["digits"].facts.source["root"], folder)
    lab = veml.open(tmp_path / "lab")
    data = lab.add("digits", veml.read(folder, "idx"), progress=False)
    run = veml.train(
        veml.plan(veml.model(data, TINY, name="tiny"), data, name="run", epochs=1, batch_size=60), lab, progress=False
    )
    shutil.rmtree(folder)
    write_digits(folder, seed=8)
    found = veml.reproduce(run, into=tmp_path / "other", progress=False)
    assert not found.identical and found.version.name == "run"
    script = run.how().script(tmp_path / "again.py")
    done = subprocess.run(
        [sys.executable, script, tmp_path / "third"], capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.returncode == 1 and "DIFFERENT: what was read as digits" in done.stdout
    assert "the checkpoint of run" in done.stderr
    shutil.rmtree(folder)
    with pytest.raises(JobError, match="no file or folder"):
        veml.reproduce(run, into=tmp_path / "fourth", progress=False)


def test_only_one_place_for_a_second_run(life, tmp_path):
    with pytest.raises(BadInput, match="one of into, keep and restore"):
        veml.reproduce(life["pictures"], into=tmp_path / "new", keep="again")


def test_what_is_different_now_is_named(fresh, digits_lab, tmp_path, monkeypatch):
    from veml_lab.provenance.process import Kept
    from veml_lab.versions.node import PROVENANCE

    lab = fresh(digits_lab)
    repo = tmp_path / "repo"
    repo.mkdir()
    (repo / "train.py").write_text("lr = 1\n")
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]):
        subprocess.run(["git", "-C", str(repo), *words], check=True)
    texts = {"packages": Kept("gone==1.0\nnumpy==0.1\n"), "script": Kept("lr = 2\n"), "diff": Kept("+ a\n")}
    facts = {"git": {"folder": str(repo), "commit": "0" * 40}, "script": str(repo / "train.py")}
    record = lab.store.provenance.keep(facts, texts)
    node = lab.store.add("training", "odd", dict(lab["first"].node.props), record=record)
    found = what_differs(lab["odd"])
    import numpy

    assert node.props[PROVENANCE] == record
    assert found["package gone"] == ("1.0", None) and found["package numpy"] == ("0.1", numpy.__version__)
    assert found[f"commit of {repo}"][0] == "0" * 40 and len(found[f"commit of {repo}"][1]) == 40
    assert found[f"changes in {repo}"] == ("1 lines", "0 lines") and f"script {repo / 'train.py'}" in found
    (lab.path / record).unlink()
    from veml_lab.provenance import record as module

    module._read.cache_clear()
    assert "missing" in what_differs(lab["odd"])["what was kept of it"][1]


def test_the_same_on_the_command_line(life, tmp_path, capsys):
    assert main(["how", str(life.path), "pictures"]) == 0
    said = capsys.readouterr().out
    assert "how 'pictures' (training) was made" in said and "from" in said and "packages" in said
    assert main(["how", str(life.path), "pictures", "--script", str(tmp_path / "again.py")]) == 0
    assert (tmp_path / "again.py").read_text() == life["pictures"].how().script()
    assert main(["how", str(life.path), "pictures", "--json"]) == 0
    import json

    found = json.loads(capsys.readouterr().out.split("NEW-LAB\n")[1])
    assert sorted(found["parents"]) == ["chosen", "held out", "tiny"] and found["packages"]["numpy"]


HOSTILE = "0)\n__import__('os').system('touch hacked')\n#"


@pytest.mark.parametrize(
    "props",
    [
        {"source": {"root": HOSTILE, "format": HOSTILE, "fingerprint": HOSTILE, "options": {HOSTILE: HOSTILE}}},
        {"source": {"call": {"function": "read", "path": HOSTILE, "options": {HOSTILE: 1}, HOSTILE: 2}}},
        {"source": {"call": {"function": "limited", "of": {"function": "read", "path": HOSTILE}, "n": HOSTILE}}},
        {"source": {"call": {"function": HOSTILE, "path": "x"}}},
        {"source": {"call": HOSTILE}},
        {"source": {"call": {"function": "read"}}},
        {"n": HOSTILE, "source": {"root": "x"}},
    ],
)
def test_a_lab_of_a_stranger_writes_no_code_into_a_script(tmp_path, props):
    """Whatever stands in the catalog is a value in the script, or refused."""
    import ast

    lab = veml.open(tmp_path / "lab")
    lab.store.add("data", 'a"""b\\', {"kinds": ["image"], "classes": [HOSTILE], **props})
    try:
        text = lab['a"""b\\'].how().script()
    except DamagedLab:
        return
    calls = {ast.unparse(n.func) for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call)}
    assert not any("__import__" in c or "system" in c for c in calls)


@pytest.mark.parametrize("operation", ["filter", "sample", "split", "merge", "select", "prepare", HOSTILE])
def test_an_operation_of_a_stranger_writes_no_code_either(fresh, digits_lab, operation):
    import ast

    lab = fresh(digits_lab)
    whole = lab["digits"]
    props = {
        k: HOSTILE
        for k in ("where", "n", "seed", "stratified", "new", "note", "asked", "by", "shares", "part", HOSTILE)
    }
    edge = (whole.id, "derived_from", {**props, "operation": operation, "parents": [whole.id]})
    lab.store.add("data", "odd", {k: v for k, v in whole.node.props.items() if k != "source"}, [edge])
    try:
        text = lab["odd"].how().script()
    except DamagedLab:
        return
    calls = {ast.unparse(n.func) for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call)}
    assert not any("__import__" in c or "system" in c for c in calls)

"""What backends declare: checked values, nearest names, and one source for command line, plans and documents."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from labs import ROOT
from packages import install

import veml_lab as veml
from veml_lab.cli import main, make_parser
from veml_lab.errors import BadInput, UnknownName
from veml_lab.evaluation.metric import ACCURACY, LOSS
from veml_lab.training import Plan, backend_for, declaration, declarations
from veml_lab.training.declaration import COMMON, Declaration, Hyper, hyper_table, some_of
from veml_lab.training.jobs import check_hyper
from veml_lab.training.registry import OURS, adaptations

RATE = Hyper("lr", float, 1e-3, "learning rate", low=0, above=True)
COUNT = Hyper("patience", int, None, "epochs", low=1, optional=True)


@pytest.mark.parametrize(
    ("hyper", "good", "bad"),
    [
        (RATE, [1e-9, 1, 3.5], [0, -1, None, "0.1", True, float("nan"), float("inf"), [1]]),
        (COUNT, [None, 1, 7], [0, 1.0, "2", True]),
        (Hyper("decay", float, 0.0, "", low=0), [0, 0.5], [-1e-9]),
        (Hyper("precision", str, "fp32", "", choices=("fp32", "bf16")), ["bf16"], ["fp8", None]),
        (Hyper("augment", list, (), ""), [[], ("flip",), ["flip", {"name": "colour"}]], ["flip", None, 3]),
        (Hyper("adapt", dict, None, "", optional=True), [None, {}], ["adabn"]),
    ],
    ids=lambda v: v.name if isinstance(v, Hyper) else None,
)
def test_a_value_is_taken_or_refused_by_type_and_range(hyper, good, bad):
    for value in good:
        hyper.check(value)
    for value in bad:
        with pytest.raises(BadInput, match=hyper.name):
            hyper.check(value)


def test_words_on_a_command_line_become_values_of_the_declared_type():
    assert RATE.parse("0.01") == 0.01 and COUNT.parse("3") == 3 and COUNT.parse("None") is None
    assert Hyper("augment", list, (), "").parse("flip,colour") == ["flip", "colour"]
    with pytest.raises(BadInput, match="lr must be a number above 0, got 'fast'"):
        RATE.parse("fast")
    with pytest.raises(BadInput, match="patience must be a whole number from 1, or None, got 0"):
        COUNT.parse("0")


def declared(**more):
    metrics = {"classification": (ACCURACY,)}
    return Declaration("acme", "acme:Engine", metrics, {"classification": (ACCURACY, LOSS)}, COMMON, **more)


def test_what_nobody_says_is_the_declared_default_and_the_monitor_is_the_tasks_first():
    full = declared().filled({"lr": 0.5}, "classification", validated=True)
    assert full == {**{h.name: h.default for h in COMMON}, "augment": [], "lr": 0.5, "monitor": "accuracy"}


def test_a_misspelt_hyper_parameter_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match=r"no hyper-parameter of the backend acme 'epoch'; known: epochs, "):
        declared().filled({"epoch": 3}, "classification", validated=True)
    with pytest.raises(UnknownName, match="metric of a classification training 'acuracy'; known: accuracy"):
        declared().filled({"monitor": "acuracy"}, "classification", validated=True)


def test_patience_needs_something_to_watch():
    with pytest.raises(BadInput, match="give validation="):
        declared().filled({"patience": 2}, "classification", validated=False)
    assert declared().filled({"patience": 2}, "classification", validated=True)["patience"] == 2
    held_out = declared(holds_out=True).filled({"patience": 2}, "classification", validated=False)
    assert held_out["patience"] == 2


def test_defaults_are_not_shared_between_plans():
    declared().filled({}, "classification", validated=True)["augment"].append("flip")
    assert declared().filled({}, "classification", validated=True)["augment"] == []


def test_some_of_takes_the_asked_ones_with_their_changes():
    rate, clip = some_of(("lr", "clip"), lr={"default": 0.5})
    assert (rate.name, rate.default, rate.above) == ("lr", 0.5, True)
    assert clip == next(h for h in COMMON if h.name == "clip")


@pytest.mark.parametrize("name", OURS)
def test_a_backend_of_ours_declares_defaults_that_it_takes_itself(name):
    d = declaration(name)
    assert d.name == name and d.about and set(d.monitors) == set(d.metrics) == set(d.tasks)
    for task in d.tasks:
        assert all(d.metrics[task])
        if d.monitors[task]:
            assert d.filled({}, task, validated=False)["monitor"] == d.monitors[task][0].name
    for h in d.hyper:
        h.check(h.default)
        assert h.help and "\n" not in h.help


def test_declaring_loads_nothing_heavy():
    code = (
        "import sys\nfrom veml_lab.training import declarations\ndeclarations()\n"
        "print({'torch', 'numpy', 'pandas', 'duckdb', 'mmengine'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout == "set()\n", done.stderr


def test_a_task_has_a_backend_where_nobody_says_which():
    assert [backend_for(t) for t in ("classification", "detection", "forecasting")] == [
        "torchvision", "torchvision", "spatiotemporal",
    ]  # fmt: skip
    with pytest.raises(UnknownName, match="'translation'; known: forecasting, detection, classification"):
        backend_for("translation")


def test_an_unknown_backend_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match="known: torchvision, "):
        declaration("torchvison")


def test_adaptations_are_those_that_backends_declare():
    found = adaptations()
    assert set(found) == {"adabn", "coral", "dann", "self-training", "mean-teacher"}
    assert {name for name, _ in found.values()} == {"torchvision-adapt"}
    assert declaration("torchvision-adapt").adapts == "torchvision"


def test_the_documents_show_what_is_declared():
    ours = [declaration(name) for name in OURS]
    assert hyper_table(ours) in (ROOT / "docs" / "training.md").read_text(), "paste what `veml backends` prints"


def test_the_table_shows_what_a_backend_has_and_has_not():
    lines = hyper_table([declaration("torchvision"), declaration("spatiotemporal")]).splitlines()
    assert "| `sampling` | - | 0 | whole number from 0 |" in lines[-1]
    assert any(line.startswith("| `lr` | 0.001 | 0.01 | number above 0 |") for line in lines)


def test_a_plan_refuses_what_its_backend_does_not_take_before_a_job_is_made(digits_lab):
    model, data = digits_lab.training.model, digits_lab.lab["digits-train"]
    with pytest.raises(UnknownName, match="'epoch'; known: epochs"):
        veml.plan(model, data, name="misspelt", epoch=3)
    with pytest.raises(BadInput, match="patience watches"):
        check_hyper(Plan("blind", "torchvision", model.id, data.id, hyper={"patience": 3}), "classification")
    with pytest.raises(BadInput, match="lr must be a number above 0, got nan"):
        veml.plan(model, data, name="no rate", lr=np.nan)


def test_the_help_of_train_names_every_common_hyper_parameter_as_it_is_declared():
    parser = next(p for n, p in make_parser()._subparsers._group_actions[0].choices.items() if n == "train")
    said = " ".join(parser.format_help().split())
    for h in COMMON:
        assert f"--{h.name.replace('_', '-')}" in said and h.help in said


def test_backends_are_printed(capsys):
    assert main(["backends", "spatiotemporal"]) == 0
    said = capsys.readouterr().out
    assert (
        "spatiotemporal: forecasters on sensor graphs" in said and hyper_table([declaration("spatiotemporal")]) in said
    )
    assert main(["backends"]) == 0
    said = capsys.readouterr().out
    assert all(f"{name}: {declaration(name).about}" in said for name in OURS)
    assert main(["backends", "torchvison"]) == 2
    assert "known: torchvision" in capsys.readouterr().err
    assert set(declarations()) >= set(OURS)


def test_a_package_gives_the_backend_of_a_new_task_but_an_adaptation_is_never_it(tmp_path, monkeypatch):
    text = (
        "from veml_lab.evaluation.metric import Metric\nfrom veml_lab.training import Declaration\n"
        "def made(name, **more):\n    by_task = {'translation': (Metric('bleu'),)}\n"
        "    return Declaration(name, 'acme_words:Engine', by_task, by_task, (), 'words', **more)\n"
        "ADAPTS, TRAINS = made('acme-adapts', adapts='acme-trains'), made('acme-trains')\n"
    )
    entries = {"acme-adapts": "acme_words:ADAPTS", "acme-trains": "acme_words:TRAINS"}
    install(tmp_path, "acme-words", {"acme_words.py": text}, {"backends": entries})
    monkeypatch.syspath_prepend(str(tmp_path))
    assert backend_for("translation") == "acme-trains"
    assert "classification" not in declaration("acme-trains").tasks and backend_for("detection") == "torchvision"
    sys.modules.pop("acme_words")


def test_what_asks_for_nothing_is_taken_by_a_backend_that_lacks_it_and_anything_else_is_not():
    """Plans of earlier versions hold them, and reproduce must take these."""
    forecaster = declaration("spatiotemporal")
    plain = forecaster.filled({}, "forecasting", validated=False)
    old = {"augment": [], "devices": 1, "workers": 0}
    assert forecaster.filled(old, "forecasting", validated=False) == plain
    for name, value in {"augment": ["flip"], "devices": 2, "workers": 1, "augmented": []}.items():
        with pytest.raises(UnknownName, match=name):
            forecaster.filled({name: value}, "forecasting", validated=False)

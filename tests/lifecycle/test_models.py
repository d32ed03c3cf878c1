"""Models are found, compared and joined by parts: against what the trainings themselves say, on small real labs."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from labs import TINY, TINY_DETECTOR

import veml_lab as veml
from veml_lab.cli import main
from veml_lab.errors import BadInput, UnknownName
from veml_lab.lifecycle.model_comparison import _flat
from veml_lab.lifecycle.model_search import compare_models, models, results_of, shared_parts
from veml_lab.lifecycle.rebuild import measured


@pytest.fixture(scope="module")
def zoo(tmp_path_factory, road_lab, digits) -> SimpleNamespace:
    """Three detectors with two backbones on two conditions, one of them never trained, and a classifier."""
    lab = veml.open(tmp_path_factory.mktemp("models") / "zoo")
    city = lab.add("city", veml.road_world("clear-city", 16, seed=1), progress=False)
    fog = lab.add("fog", veml.road_world("foggy-highway", 12, seed=2), progress=False)
    plain = lab.add("digits", veml.read_idx(digits), progress=False)
    day = city.filter("day", "timeofday = 'daytime'")
    recipes = {"small": {}, "deep": {"backbone": "resnet18"}, "idle": {"backbone": "resnet18", "width": 16}}
    made = {n: veml.model(city, {**TINY_DETECTOR, **changed}, name=n) for n, changed in recipes.items()}
    made["tiny"] = veml.model(plain, TINY, name="tiny")

    def train(model: str, data, name: str, **hyper):
        plan = veml.plan(
            made[model], data, name=name, validation=hyper.pop("validation", city), **{"batch_size": 8, **hyper}
        )
        return veml.train(plan, lab, progress=False)

    runs = {
        "small on day": train("small", day, "small on day", epochs=14, lr=4e-3, validate_every=14),
        "deep on day": train("deep", day, "deep on day", epochs=1),
        "deep on fog": train("deep", fog, "deep on fog", epochs=2, validation=fog),
        "digits": train("tiny", lab["digits-train"], "digits by tiny", epochs=2, validation=lab["digits-test"]),
    }
    measured(runs["small on day"], fog)
    return SimpleNamespace(lab=lab, path=lab.path, models=made, runs=runs, city=city, fog=fog, day=day)


def test_a_model_has_a_result_for_each_data_version_it_was_measured_on(zoo):
    found = {r.tested_on: r for r in results_of(zoo.models["small"])}
    run = zoo.runs["small on day"]
    assert set(found) == {"city", "fog"} and {r.layer for r in found.values()} == {"imported"}
    assert found["city"].metrics["mAP50"] == run.metric
    assert found["fog"].metrics["mAP50"] == measured(run, zoo.fog)["mAP50"]  # all of its metrics, not the edge's alone
    assert found["fog"].metrics["mAP"] == measured(run, zoo.fog)["mAP"]
    assert results_of(zoo.models["idle"]) == []


def test_detectors_with_a_backbone_trained_by_day_come_best_first(zoo):
    """The issue's own question, against a walk over all trainings."""
    found = models(
        zoo.lab,
        "task = 'detection' AND backbone LIKE 'resnet%'",
        trained_on="timeofday = 'daytime'",
        tested_on="city",
        by="mAP50",
    )
    oracle = {}
    for run in zoo.runs.values():
        shares = run.data.statistics().columns.get("timeofday", {})
        by_day = shares.get("daytime", 0) >= 0.5 * len(run.data)
        if run.model.recipe["task"] == "detection" and by_day and run.validation.name == "city":
            oracle[run.model.name] = run.metric
    assert [m.name for m in found] == sorted(oracle, key=lambda n: -oracle[n]) == ["small", "deep"]
    assert found.results[0].metrics["mAP50"] > found.results[1].metrics["mAP50"]  # else the order would say nothing
    assert "2 models" in repr(found) and "small" in found._repr_html_()


def test_a_condition_on_a_model_and_one_on_its_data_hold_for_the_same_training(zoo):
    def names(**how):
        return {m.name for m in models(zoo.lab, **how)}

    assert names(where="backbone = 'resnet18'") == {"deep", "idle"}
    assert names(where="training IS NULL") == {"idle"}
    assert names(where="epochs >= 14") == {"small"} == names(where="mAP50 > 0.01 AND seed = 0")
    assert names(trained_on="weather = 'foggy'") == {"deep"}
    assert names(trained_on="weather = 'foggy'", tested_on="city") == set()  # that training was measured on fog alone
    assert (
        names(where="epochs = 1", trained_on="weather = 'foggy'") == set()
    )  # another training of the same model has one epoch
    assert names(where="width_px = 96 AND height_px = 64 AND parameters < 200000") == {
        m.name for m in zoo.models.values() if m.name != "tiny" and m.recipe["parameters"] < 200000
    }
    assert names(where="accuracy >= 0") == {"tiny"}


def test_data_by_name_stands_for_what_was_derived_from_it(zoo):
    assert {m.name for m in models(zoo.lab, trained_on="city")} == {"small", "deep"}  # both learned from a filter of it
    assert {m.name for m in models(zoo.lab, trained_on=zoo.fog)} == {"deep"}
    assert {m.name for m in models(zoo.lab, trained_on="digits")} == {"tiny"}


def test_the_share_says_how_much_of_the_data_a_condition_must_hold_for(zoo):
    dawn = sum(n for v, n in zoo.fog.statistics().columns["timeofday"].items() if v == "dawn") / len(zoo.fog)
    assert 0 < dawn < 0.5
    assert len(models(zoo.lab, trained_on="timeofday = 'dawn'")) == 0
    assert [m.name for m in models(zoo.lab, trained_on="timeofday = 'dawn'", share=0)] == ["deep"]
    assert [m.name for m in models(zoo.lab, trained_on="timeofday = 'dawn'", share=dawn)] == ["deep"]


def test_errors_and_costs_are_ordered_ascending(zoo):
    by_size = [m.recipe["parameters"] for m in models(zoo.lab, by="parameters")]
    assert by_size == sorted(by_size) and len(set(by_size)) == 4
    losses = [
        r.metrics["validation_loss"] for r in models(zoo.lab, "task = 'classification'", by="validation_loss").results
    ]
    assert losses and losses == sorted(losses)


@pytest.mark.parametrize(
    "bad",
    [
        "backbone = 'x'); DROP TABLE samples; --",
        "model IN (SELECT name FROM nodes)",
        "getenv('HOME') = ''",
        "read_text('/etc/passwd') IS NOT NULL",
        "mAP50 >",
        "1 = 1 UNION SELECT 1",
    ],
)
def test_only_conditions_pass(zoo, bad):
    with pytest.raises(BadInput):
        models(zoo.lab, bad)
    with pytest.raises(BadInput):
        models(zoo.lab, trained_on=bad)


def test_what_is_not_there_is_said(zoo):
    with pytest.raises(UnknownName, match="backbone"):
        models(zoo.lab, "backbon = 'resnet18'")
    with pytest.raises(UnknownName, match="mAP50"):
        models(zoo.lab, by="map")
    with pytest.raises(UnknownName, match="neither a data version"):
        models(zoo.lab, trained_on="nigth")
    with pytest.raises(UnknownName):
        models(zoo.lab, tested_on="nowhere")
    with pytest.raises(BadInput, match="share"):
        models(zoo.lab, trained_on="fog", share=2)


def test_a_lab_without_models_answers(empty_lab):
    assert len(models(empty_lab)) == 0 and len(models(empty_lab, "backbone = 'resnet50'")) == 0
    assert shared_parts(empty_lab).to_networkx().number_of_nodes() == 0


# -- side by side ----------------------------------------------------------------------------------------


def test_a_comparison_shows_parts_cost_and_results_of_each(zoo):
    names = ["small", "deep", "idle"]
    c = compare_models([zoo.models[n] for n in names])
    assert c.sections["metadata"]["backbone"] == ["resnet10", "resnet18", "resnet18"]
    assert c.sections["cost"]["parameters"] == [zoo.models[n].recipe["parameters"] for n in names]
    assert c.sections["cost"]["trainings"] == [1, 2, 0]
    total = zoo.runs["deep on day"].seconds + zoo.runs["deep on fog"].seconds
    assert c.sections["cost"]["seconds of training"] == [
        zoo.runs["small on day"].seconds,
        pytest.approx(total, abs=0.01),
        None,
    ]
    assert c.sections["results"]["mAP50 on city"] == [
        zoo.runs["small on day"].metric,
        zoo.runs["deep on day"].metric,
        None,
    ]
    assert c.sections["results"]["mAP50 on fog"] == [
        measured(zoo.runs["small on day"], zoo.fog)["mAP50"],
        zoo.runs["deep on fog"].metric,
        None,
    ]
    assert "task" not in c.different()["metadata"] and set(c.different()["metadata"]) >= {"backbone"}
    assert "resnet18" in repr(c) and "detection" not in repr(c) and "resnet18" in c._repr_html_()
    assert json.loads(json.dumps(c.to_dict()))["models"] == names


def test_the_comparison_fills_the_widget(zoo):
    from veml_lab.widgets import Comparison

    c = compare_models([zoo.models["small"], zoo.models["deep"]])
    shown = Comparison(list(c.names), c.sections)
    assert {f for fields in c.different().values() for f in fields} == set(shown.different())


def test_a_stored_configuration_is_compared_field_by_field_and_never_run():
    text = "{'model': {'backbone': {'depth': 18}, 'neck': [{'type': 'FPN'}, {'out': (1, 2)}]}}"
    assert _flat("config", text) == {
        "config.model.backbone.depth": 18,
        "config.model.neck.0.type": "FPN",
        "config.model.neck.1.out": (1, 2),
    }
    assert _flat("config", "__import__('os').system('true')") == {}  # stays one value


def test_nested_parts_of_a_recipe_are_compared_by_what_they_hold(empty_lab):
    from veml_lab.versions.model import add_model

    plain = {"backend": "torchvision", "task": "classification", "architecture": "resnet10", "parameters": 9}
    made = [
        add_model(empty_lab.store, f"m{i}", {**plain, "options": {"depth": depth, "act": "relu"}, "width": 8 * (i + 1)})
        for i, depth in enumerate((1, 2, 2))
    ]
    found = compare_models(made).sections["configuration"]
    assert found["options.depth"] == [1, 2, 2] and found["width"] == [8, 16, 24]
    assert "options.act" not in found and "options" not in found  # of what is nested, what differs


def test_comparing_needs_two_different_models(zoo):
    small, data = zoo.models["small"], zoo.city
    for versions in ([], [small], [small, small], [small, data]):
        with pytest.raises(BadInput):
            compare_models(versions)


def test_names_in_a_page_are_text(fresh, digits_lab):
    lab = fresh(digits_lab)
    evil = veml.model(lab["digits"], {**TINY, "width": 4}, name="<script>alert(1)</script>")
    for page in (compare_models([lab["tiny"], evil])._repr_html_(), models(lab)._repr_html_()):
        assert "<script>" not in page and "&lt;script&gt;" in page


# -- joined by parts -------------------------------------------------------------------------------------


def test_models_hang_together_by_the_parts_that_they_share(zoo):
    found = shared_parts(zoo.lab)
    assert found.parts["backbone", "resnet18"] == ("deep", "idle")
    assert found.parts["backbone", "resnet10"] == ("small", "tiny")
    assert ("architecture", "resnet10") not in found.parts  # one model alone has it
    assert ("architecture", "resnet10") in shared_parts(zoo.lab, least=1).parts
    graph = found.to_networkx()
    for (part, value), names in found.parts.items():
        assert set(graph[f"{part}: {value}"]) == set(names)
        assert all(zoo.models[n].recipe[part] == value for n in names)
    from veml_lab.widgets import LineageGraph

    elements = found.elements()
    assert len(elements["edges"]) == sum(map(len, found.parts.values())) == graph.number_of_edges()
    LineageGraph(**elements)


# -- on the command line ---------------------------------------------------------------------------------


def run(capsys, *words) -> tuple[int, str, str]:
    code = main([str(w) for w in words])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_verb_answers_in_json(zoo, capsys):
    code, out, _ = run(
        capsys,
        "models",
        zoo.path,
        "--where",
        "task = 'detection'",
        "--trained-on",
        "timeofday = 'daytime'",
        "--tested-on",
        "city",
        "--json",
    )
    assert code == 0 and [m["model"] for m in json.loads(out)["models"]] == ["small", "deep"]
    code, out, _ = run(capsys, "models", zoo.path, "--by", "parameters", "--top", 1, "--json")
    assert [m["model"] for m in json.loads(out)["models"]] == [
        min(zoo.models.values(), key=lambda m: m.recipe["parameters"]).name
    ]
    code, out, _ = run(capsys, "models", zoo.path, "--compare", "small", "deep", "--json")
    assert json.loads(out)["different"]["metadata"]["backbone"] == ["resnet10", "resnet18"]
    code, out, _ = run(capsys, "models", zoo.path, "--shared", "--json")
    assert {"part": "backbone", "value": "resnet18", "models": ["deep", "idle"]} in json.loads(out)["parts"]


@pytest.mark.parametrize(
    "words",
    [
        ["--compare", "small"],
        ["--compare", "small", "city"],
        ["--shared", "--by", "mAP50"],
        ["--share", "0.2"],
        ["--top", "0"],
        ["--where", "1;2"],
    ],
)
def test_the_verb_refuses_in_one_line(zoo, capsys, words):
    code, out, err = run(capsys, "models", zoo.path, *words)
    assert code == 2 and not out and len(err.strip().splitlines()) == 1

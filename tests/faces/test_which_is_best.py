"""Who is called the best, for metrics of which less is better: a tile, a list, a table, a history."""

from __future__ import annotations

import pytest

import veml_lab as veml
from veml_lab.dashboards.contents import tiles
from veml_lab.faces.plots import runs_of
from veml_lab.lifecycle.advice import rebuild_history
from veml_lab.lifecycle.gain import transfer_history
from veml_lab.lifecycle.model_search import models
from veml_lab.lifecycle.outcome import Rebuilds
from veml_lab.lifecycle.race import _ordered, _Runner
from veml_lab.lifecycle.rebuild import RebuildRow
from veml_lab.lifecycle.several import TransferRow, TransferTable
from veml_lab.lifecycle.transfer import transfer
from veml_lab.versions.model import add_model
from veml_lab.versions.training import TrainingVersion, trainings_of

NAN = float("nan")
RECIPE = {
    "backend": "torchvision",
    "task": "classification",
    "architecture": "resnet10",
    "width": 8,
    "size_px": [16, 16],
    "num_classes": 10,
    "classes": [str(i) for i in range(10)],
}


@pytest.fixture
def lab(empty_lab, digits):
    empty_lab.add("digits", veml.read_idx(digits), progress=False)
    return empty_lab


def register(lab, name, metric, value, **more):
    """A training version as a job registers it, with a summary of our choosing."""
    data, test = lab["digits-train"], lab["digits-test"]
    model = add_model(lab.store, "tiny", RECIPE)
    direction = more.pop("direction", None)
    plan = {"name": name, "model": model.id, "data": data.id, "validation": test.id, "backend": "torchvision",
            "seed": 0, "hyper": {"epochs": 2}, "init": None, "rebuilt_from": None, "method": "scratch"}  # fmt: skip
    props = {"key": name, "plan": plan | more, "summary": {metric: value, "seconds": 1.0}, "classes": ["0"],
             "metric": metric, "checkpoint": "none", "environment": {}}  # fmt: skip
    props |= {"direction": direction} if direction else {}
    edges = [(model.id, "instance_of", {}), (data.id, "trained_on", {}), (test.id, "tested_on", {})]
    return TrainingVersion(lab.store, lab.store.add("training", name, props, edges))


@pytest.fixture
def forecasters(lab):
    """By MAE: a good one between two bad ones, and one whose error is no number."""
    return {n: register(lab, n, "MAE", v) for n, v in (("poor", 4.0), ("good", 2.0), ("broken", NAN), ("fair", 3.0))}


def test_the_tile_of_the_dashboard_names_the_best_forecaster(lab, forecasters):
    assert tiles(lab)[4:] == [("", "2.000", "best MAE: good")]


def test_metrics_are_not_compared_with_each_other(lab, forecasters):
    register(lab, "classifier", "accuracy", 0.5)
    register(lab, "better classifier", "accuracy", 0.75)
    assert tiles(lab)[4:] == [("", "2.000", "best MAE: good"), ("", "0.750", "best accuracy: better classifier")]


def test_a_lab_whose_trainings_were_not_measured_has_no_tile_of_the_best(lab):
    register(lab, "broken", "MAE", NAN)
    assert len(tiles(lab)) == 4


def test_the_direction_that_a_backend_declared_is_kept_with_its_training(lab):
    for name, value in (("a", 5.0), ("b", 1.0)):
        register(lab, name, "surprise", value, direction="lower")
    assert tiles(lab)[4:] == [("", "1.000", "best surprise: b")]
    assert runs_of(lab.versions("training"))["lower_is_better"] is True
    assert [m.results[0].training.name for m in [models(lab, by="surprise")]] == ["b"]


def test_trainings_of_a_data_version_stand_best_first_and_those_without_a_number_last(lab, forecasters):
    assert [t.name for t in trainings_of(lab.store, lab["digits-train"])] == ["good", "fair", "poor", "broken"]


def test_the_table_of_runs_goes_by_the_metric_of_most(lab, forecasters):
    register(lab, "classifier", "accuracy", 0.5)
    shown = runs_of(lab.versions("training"))
    assert (shown["metric"], shown["lower_is_better"]) == ("MAE", True)
    assert runs_of([])["metric"] == ""


def table(lab, runs, distances):
    rows = [
        TransferRow(t.name if d is not None else "scratch", d, t.metric, 1.0, 0, (), t)
        for t, d in zip(runs, distances, strict=True)
    ]
    return TransferTable(lab["digits"], None, "MAE", "energy", tuple(rows))


def test_of_transfers_with_an_error_the_smallest_is_best_and_regret_is_what_choosing_the_nearest_cost(lab, forecasters):
    found = table(lab, [forecasters[n] for n in ("poor", "broken", "good", "fair")], [0.1, 0.2, 0.3, None])
    assert found.best == forecasters["good"]
    assert (found.regret(), found.regret(2), found.regret(3)) == (2.0, 2.0, 0.0)
    assert [found.over_scratch(r) for r in found.rows] == [-1.0, None, 1.0, None]


def test_of_rebuilt_forecasters_the_smallest_error_is_best_and_forgetting_is_a_larger_one(lab, forecasters):
    judge = forecasters["good"].judged_by
    rows = [
        RebuildRow(n, None, new, old, None, n)
        for n, new, old in (("as it was", 3.0, 1.0), ("a", 2.0, 1.5), ("b", 1.0, 0.75))
    ]
    found = Rebuilds("as it was", judge, "new", "old", tuple(rows))
    assert found.best.training == "b" and [found.forgotten(r) for r in rows] == [0.0, 0.5, -0.25]
    assert found.metric == "MAE" and found.to_dict()["metric"] == "MAE"
    unmeasured = RebuildRow("c", None, NAN, None, None, "c")
    assert Rebuilds("x", judge, "new", None, (rows[0], unmeasured, rows[1])).best.training == "a"
    assert found.forgotten(unmeasured) is None


def test_runners_of_a_race_stand_in_the_order_of_their_metric(lab, forecasters):
    plans = {n: transfer(t, lab["digits-train"], name=f"from {n}") for n, t in forecasters.items()}
    runners = [_Runner(p, metric=p.donor.metric) for p in plans.values()]
    assert [r.plan.donor.name for r in _ordered(runners)] == ["good", "fair", "poor", "broken"]


def test_a_history_of_transfers_counts_a_smaller_share_of_error_as_a_gain_and_leaves_out_readings(lab):
    register(lab, "scratch", "MAPE", 0.5)
    donor = register(lab, "donor", "MAPE", 0.75, hyper={"epochs": 9})
    register(lab, "transferred", "MAPE", 0.25, init=donor.id, method="transfer")
    assert transfer_history(lab.store).mean == 0.25
    register(lab, "other scratch", "MAE", 90.0, seed=1)
    register(lab, "other transferred", "MAE", 10.0, init=donor.id, method="transfer")
    assert transfer_history(lab.store).mean == 0.25


@pytest.mark.parametrize("method", ["transfer", "transfer learning"])  # as it is kept now, and as it was
def test_a_rebuilding_by_transfer_is_none_of_the_transfers(lab, method):
    register(lab, "scratch", "accuracy", 0.5)
    donor = register(lab, "donor", "accuracy", 0.25, hyper={"epochs": 9})
    register(lab, "transferred", "accuracy", 0.75, init=donor.id, method="transfer")
    rebuilt = register(lab, "rebuilt", "accuracy", 1.0, init=donor.id, rebuilt_from=donor.id, method=method)
    assert transfer_history(lab.store).mean == 0.25
    assert rebuilt.method.rebuilds and str(rebuilt.method) == "transfer learning"


def test_a_history_of_rebuilding_counts_a_smaller_share_of_error_as_a_gain(lab):
    before = register(lab, "before", "MAPE", 0.5)
    after = register(lab, "after", "MAPE", 0.5, rebuilt_from=before.id, method="full training")
    lab["digits-train"].filter("zeros", "label = '0'")
    for run, value in ((before, 0.5), (after, 0.125)):
        lab.store.link(lab["zeros"].id, run.id, "tested_on", {"MAPE": value})
    assert rebuild_history(after)["full"][0].gain.mean == 0.375

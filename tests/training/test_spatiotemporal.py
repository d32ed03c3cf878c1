"""Forecasting: networks and baselines against oracles, transfer between sensor sets, drift, deployment, the command
line."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import torch
from conveyor import TINY, conveyor

import veml_lab as veml
from veml_lab.cli import main
from veml_lab.errors import BadInput, MissingFile, MissingLabels
from veml_lab.formats import read_sensors
from veml_lab.training import Prediction, backend
from veml_lab.training.spatiotemporal.fitting import masked_error
from veml_lab.training.spatiotemporal.networks import (
    BASELINES,
    RECURRENT,
    NeighbourLSTMCell,
    PerSensorCell,
    build,
)
from veml_lab.versions import operations
from veml_lab.versions.training import trainings_of
from veml_lab.versions.window import sensor_facts, windows


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sensors")
    lab = veml.open(folder / "lab")
    lab.add("belt", conveyor(folder, t=700), progress=False)
    lab.add("longer", conveyor(folder, n=9, t=500, seed=4, name="longer"), progress=False)
    return lab


@pytest.fixture(scope="module")
def trained(lab):
    """The conveyor forecast by a network on its graph, as a lifecycle."""
    return train(lab, "belt", "dcrnn", epochs=8, lr=2e-2)


def train(lab, data, architecture, *, name=None, **hyper):
    recipe = {"architecture": architecture, **(TINY if architecture in RECURRENT else {})}
    model = veml.model(lab[data], recipe, name=f"{architecture} for {data}")
    return veml.train(
        veml.plan(model, lab[data], name=name or f"{architecture} on {data}", batch_size=32, **hyper),
        lab,
        progress=False,
    )


# -- what the networks know ------------------------------------------------------------------------------


def test_a_network_on_the_graph_sees_what_comes_and_one_sensor_alone_cannot(lab, trained):
    """The law of the conveyor: a sensor's next value is its neighbour's present one; by itself a sensor is noise."""
    alone = train(lab, "belt", "gru", epochs=8, lr=2e-2)
    last, mean = train(lab, "belt", "last-value"), train(lab, "belt", "daily-mean")
    assert trained.metric < 0.6 * alone.metric  # at the second step too, two hops away
    assert alone.metric < last.metric  # and the mean is the best guess of noise
    assert trained.metric < 0.6 * mean.metric
    assert trained.metric_name == "MAE" and trainings_of(lab.store, lab["belt"])[0] == trained


def test_the_per_sensor_cells_are_torchs_own():
    x, h, c = torch.randn(3, 5, 4), torch.randn(3, 5, 6), torch.randn(3, 5, 6)
    lstm = PerSensorCell("lstm", 4, 6)
    got = lstm(x, (h, c))
    due = lstm.cell(x.reshape(15, 4), (h.reshape(15, 6), c.reshape(15, 6)))
    torch.testing.assert_close([g.reshape(15, 6) for g in got], list(due))


def test_a_convlstm_over_no_edges_is_an_lstm():
    """With a kernel of zeros only the sensor itself is left; then the gates are those of an LSTM with the same
    weights."""
    cell, x, h, c = (
        NeighbourLSTMCell(torch.zeros(1, 5, 5), 4, 6),
        torch.randn(3, 5, 4),
        torch.randn(3, 5, 6),
        torch.randn(3, 5, 6),
    )
    plain = torch.nn.LSTMCell(4, 6)
    # ours: inputs interleave (self, neighbours) of each feature block; gates i f o g, torch's are i f g o
    w = cell.gates.weight.detach().reshape(2, 10, 24)[0]
    order = torch.cat([torch.arange(0, 12), torch.arange(18, 24), torch.arange(12, 18)])
    with torch.no_grad():
        plain.weight_ih.copy_(w[:4, order].T)
        plain.weight_hh.copy_(w[4:, order].T)
        plain.bias_ih.copy_(cell.gates.bias[order])
        plain.bias_hh.zero_()
    due = plain(x.reshape(15, 4), (h.reshape(15, 6), c.reshape(15, 6)))
    torch.testing.assert_close([g.reshape(15, 6) for g in cell(x, (h, c))], list(due), atol=1e-5, rtol=1e-5)


def test_a_fresh_network_forecasts_that_all_stays_as_it_is(lab):
    recipe = backend("spatiotemporal").complete(
        {"architecture": "dcrnn", "task": "forecasting", **TINY, **sensor_facts(lab["belt-train"])}
    )
    x = torch.randn(2, 4, 6, 1)
    x[0, 3, 2] = torch.nan  # then what was measured before it
    x[1, :, 4] = torch.nan  # then the mean, which is 0 in a fresh network
    y = build(recipe, torch.eye(6))(x, torch.zeros(2, 6, dtype=torch.int64))
    due = x[:, 3].clone()
    due[0, 2], due[1, 4] = x[0, 2, 2], 0
    torch.testing.assert_close(y, due[:, None].expand(-1, 2, -1, -1))


def test_a_missing_target_moves_nothing():
    forecast = torch.randn(2, 3, 4, 1, requires_grad=True)
    y = torch.randn(2, 3, 4, 1)
    y[0, 1, 2] = torch.nan
    loss = masked_error(forecast, y, torch.ones(1))
    loss.backward()
    assert forecast.grad[0, 1, 2] == 0 and (forecast.grad != 0).sum() == 23 and loss.isfinite()
    known = ~y.isnan()
    torch.testing.assert_close(loss.detach(), (forecast.detach() - y)[known].abs().mean())


# -- baselines against other libraries -------------------------------------------------------------------


def test_the_daily_mean_is_that_of_pandas(lab):
    training = train(lab, "belt", "daily-mean", name="by the hour")
    engine = backend("spatiotemporal")
    w, test = windows(lab["belt-train"]), windows(lab["belt-test"])
    hours = pd.to_datetime(w.minutes * 60, unit="s").hour
    table = pd.DataFrame(np.asarray(w.values[:, :, 0]))[w.covered()].groupby(hours[w.covered()]).mean()
    got = engine.predict(training.model.recipe, training.checkpoint, lab["belt-test"]).values
    due = table.to_numpy()[test.clock()[:, 4:] // 60 % 24]
    np.testing.assert_allclose(got[..., 0], due, rtol=1e-4)


def test_the_linear_baseline_is_least_squares_on_the_readings_that_there_are(lab):
    from sklearn.linear_model import Ridge

    training = train(lab, "belt", "linear")
    w, test = windows(lab["belt-train"]), windows(lab["belt-test"])
    (mean,), (std,) = w.scaling()
    x, y, mask = w.cut()
    rows = np.nan_to_num((x - mean) / std)[..., 0].transpose(0, 2, 1).reshape(-1, 4)
    given = np.nan_to_num((test.cut()[0] - mean) / std)[..., 0].transpose(0, 2, 1).reshape(-1, 4)
    got = backend("spatiotemporal").predict(training.model.recipe, training.checkpoint, lab["belt-test"]).values
    for step in range(2):
        known = mask[:, step, :, 0].reshape(-1)
        fit = Ridge(alpha=1e-3 * known.sum()).fit(rows[known], ((y[:, step, :, 0] - mean) / std).reshape(-1)[known])
        np.testing.assert_allclose(got[:, step, :, 0].reshape(-1), fit.predict(given) * std + mean, rtol=1e-3)


def test_a_mean_of_the_day_needs_times(tmp_path):
    np.savez(tmp_path / "x.npz", values=np.random.default_rng(0).normal(size=(40, 2)))
    lab = veml.open(tmp_path / "lab")
    data = lab.add("x", read_sensors(tmp_path / "x.npz", test=0, window=3, horizon=2), progress=False)
    with pytest.raises(BadInput, match="times"):
        veml.model(data, {"architecture": "daily-mean"}, name="m")
    with pytest.raises(BadInput, match="have none"):
        veml.train(
            veml.plan(veml.model(data, {"architecture": "dcrnn", **TINY}, name="d"), data, name="t", epochs=1),
            lab,
            progress=False,
        )
    gru = veml.model(data, {"architecture": "gru", **TINY}, name="g")
    assert (
        gru.recipe["clock"] == []
        and veml.train(veml.plan(gru, data, name="u", epochs=1), lab, progress=False).metric is None
    )


# -- training --------------------------------------------------------------------------------------------


def test_errors_are_those_of_sklearn_and_leave_out_what_is_missing_or_zero(lab):
    from sklearn.metrics import mean_absolute_error, mean_absolute_percentage_error, root_mean_squared_error

    data = lab["belt-test"]
    _, y, mask = windows(data).cut()
    forecast = np.where(np.isnan(y), 1e6, y + np.random.default_rng(0).normal(size=y.shape)).astype(np.float32)
    got = backend("spatiotemporal").measure(Prediction((), values=forecast), data)
    a, b = y[mask].astype(float), forecast[mask].astype(float)
    assert got["MAE"] == pytest.approx(mean_absolute_error(a, b), rel=1e-5)
    assert got["RMSE"] == pytest.approx(root_mean_squared_error(a, b), rel=1e-5)
    assert got["MAPE"] == pytest.approx(mean_absolute_percentage_error(a, b), rel=1e-5)
    assert "MAE_3" not in got  # the horizon has two steps


def test_early_stopping_watches_the_end_of_the_training_data_and_keeps_the_best_epoch(lab):
    t = train(lab, "belt", "gru", name="stopped", epochs=60, lr=5e-2, patience=2)
    log = [r for r in t.log() if r["name"] == "held_out_loss"]
    summary = t.facts.numbers
    assert summary["epochs"] == len(log) < 60 and summary["best_epoch"] == len(log) - 2
    assert min(r["value"] for r in log) == pytest.approx(summary["held_out_loss"]) == pytest.approx(log[-3]["value"])
    engine, w = backend("spatiotemporal"), windows(lab["belt-train"])
    assert engine.measure(engine.predict(t.model.recipe, t.checkpoint, lab["belt-test"]), lab["belt-test"])[
        "MAE"
    ] == pytest.approx(t.metric)
    held = np.arange(len(w))[-round(0.1 * len(w)) :]
    _, y, mask = w.cut(held)
    gap = np.abs(engine.predict(t.model.recipe, t.checkpoint, lab["belt-train"]).values[held] - y)[mask].mean()
    assert gap / w.scaling()[1][0] == pytest.approx(summary["held_out_loss"], rel=1e-4)


def test_scheduled_sampling_trains_and_is_seeded(lab):
    a = train(lab, "belt", "gru", name="sampled", epochs=2, sampling=50)
    b = train(lab, "belt", "gru", name="not sampled", epochs=2)
    values = [[r["value"] for r in t.log() if r["name"] == "loss"] for t in (a, b)]
    assert values[0] != values[1] and np.isfinite(values[0]).all()


def test_a_version_without_any_reading_to_forecast_cannot_be_measured(lab, tmp_path):
    x = np.random.default_rng(0).normal(size=(30, 2, 2))
    x[:, :, 1] = np.nan
    np.savez(tmp_path / "x.npz", values=x)
    other = veml.open(tmp_path / "lab")
    data = other.add("x", read_sensors(tmp_path / "x.npz", test=0, window=3, horizon=2), progress=False)
    w = windows(data)
    w.values  # noqa: B018 - mapped before it is damaged on purpose
    blob = next(p for p in (tmp_path / "lab" / "blobs").glob("*.npy") if np.load(p).ndim == 3)
    np.save(blob, np.full((30, 2, 2), np.nan, np.float32))
    with pytest.raises(MissingLabels, match="no reading"):
        backend("spatiotemporal").measure(Prediction((), values=np.zeros((len(data), 2, 2, 2), np.float32)), data)


# -- the lifecycle ---------------------------------------------------------------------------------------


def test_a_lifecycle_is_transferred_to_other_sensors_and_knows_the_law_at_once(lab, trained):
    plan = veml.transfer(trained, lab["longer"], hyper={"epochs": 1, "lr": 1e-3})
    edits = {e.field: (e.donor, e.here) for e in plan.edits}
    assert edits["num_nodes"] == (6, 9) and set(edits) == {"num_nodes", "sensors", "weights"}
    assert "do not depend on the number of sensors" in repr(plan)
    transferred, scratch = veml.train(plan, progress=False), veml.train(plan.scratch("fresh"), progress=False)
    assert transferred.metric < 0.6 * scratch.metric
    assert transferred.facts.reused > 0 and transferred.facts.fresh == ()
    assert (
        transferred.model.recipe["hidden"] == trained.model.recipe["hidden"]
        and transferred.model.recipe["num_nodes"] == 9
    )


def test_channels_that_differ_leave_the_outer_layers_fresh(lab, trained, tmp_path):
    source = conveyor(tmp_path, n=4, t=200, seed=7)
    values = np.concatenate([source.series.values, source.series.values * 2], axis=2)
    np.savez(
        tmp_path / "two.npz", values=values, channels=np.array(["load", "twice"]), adjacency=source.series.adjacency
    )
    data = lab.add("two", read_sensors(tmp_path / "two.npz", window=4, horizon=2), progress=False)
    plan = veml.transfer(trained, data, hyper={"epochs": 1})
    assert {e.field for e in plan.edits} == {"channels", "num_nodes", "sensors", "step_minutes", "clock", "weights"}
    new = veml.train(plan, progress=False)
    assert set(new.facts.fresh) >= {"out.weight", "encoder.0.cell.gates.weight"} and new.facts.reused > 0


def test_a_forecaster_deploys_and_its_worst_windows_are_its_bad_cases(lab, trained):
    made = veml.deploy(trained, name="in production")
    assert made.measured["agreement"] == 1.0 and made.configuration["outputs"] == ["forecast"]
    found = veml.bad_cases(made, lab["belt-test"], progress=False)
    p = backend("spatiotemporal").predict(trained.model.recipe, trained.checkpoint, lab["belt-test"]).values
    _, y, mask = windows(lab["belt-test"]).cut()
    errors = np.array([np.abs(a - b)[m].mean() for a, b, m in zip(p, y, mask, strict=True)])
    assert {c.position for c in found.cases} == set(np.flatnonzero(errors > 2 * trained.metric))
    assert [c.cost for c in found.cases] == sorted((c.cost for c in found.cases), reverse=True)


def test_drift_is_seen_in_windows_of_another_level_and_other_sensors_are_refused(lab, trained, tmp_path):
    shifted = conveyor(tmp_path, t=700, seed=11, shift=6.0, test=0, stride=6)
    alike = conveyor(tmp_path, t=700, seed=12, name="alike", test=0, stride=6)
    lab.add("shifted", shifted, progress=False)
    lab.add("alike", alike, progress=False)
    report = veml.drift(trained, lab["shifted"], progress=False)
    assert report.drifted and report.p_value < 0.01 and report.effect_size > 0.2
    assert not veml.drift(trained, lab["alike"], progress=False).drifted
    with pytest.raises(BadInput, match="not those of"):
        veml.drift(trained, lab["longer-test"], progress=False)
    again = veml.open(lab.path, read_only=True)
    assert again.embedder_of(again["belt"]).fingerprint == lab.embedder_of(lab["belt"]).fingerprint
    with pytest.raises(MissingFile, match="not trained before"):
        again.embedder_of(again["alike"])


def test_a_series_that_goes_on_as_it_was_is_no_drift_however_slowly_it_moves(tmp_path):
    """Neighbouring windows of a slow series are nearly the same: taken for independent samples they are always
    drift."""
    rng = np.random.default_rng(3)
    x = np.zeros((3000, 3), np.float32)
    for t in range(1, len(x)):
        x[t] = 0.9 * x[t - 1] + rng.normal(size=3)
    np.savez(tmp_path / "slow.npz", values=x)
    lab = veml.open(tmp_path / "lab")
    lab.add("slow", read_sensors(tmp_path / "slow.npz", test=0.4, graph="none"), progress=False)
    report = veml.drift(lab["slow"], lab["slow-test"], progress=False)
    assert not report.drifted and "of overlapping windows one each was kept" in report.text
    assert set(report.worst) <= set(windows(lab["slow-test"]).apart())
    from veml_lab.embeddings import embed
    from veml_lab.geometry.coverage import covering_ball_drift

    e = lab.embedder_of(lab["slow"])
    assert covering_ball_drift(
        embed(lab["slow-train"], e, progress=False), embed(lab["slow-test"], e, progress=False)
    ).drifted


def test_sensor_sets_are_compared_across_dimensions_and_apart_from_pictures(tmp_path):
    lab = veml.open(tmp_path / "lab")
    lab.use_embedder("squeezenet1_1", weights="random", size_px=32)
    belt = lab.add("belt", conveyor(tmp_path, t=160), progress=False)
    longer = lab.add("longer", conveyor(tmp_path, n=9, t=160, seed=4, name="longer"), progress=False)
    road = lab.add("road", veml.road_world("clear-city", 4), progress=False)
    ranking = veml.most_similar(belt, progress=False)
    assert ranking.measure == "gromov-wasserstein" and [d.data for d in ranking.donors] == [longer]
    found = veml.similarity([belt, longer], progress=False)
    assert ranking[0].values["gromov-wasserstein"] == found.measures["gromov-wasserstein"][0][1] > 0
    with pytest.raises(BadInput, match="of one kind"):
        veml.similarity([belt, road])


def test_the_command_line_trains_and_transfers(lab, capsys):
    def veml_(*args):
        assert main([args[0], str(lab.path), *args[1:], "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    row = veml_(
        "train",
        "belt",
        "--architecture",
        "convlstm",
        "--hidden",
        "4",
        "--layers",
        "1",
        "--epochs",
        "1",
        "--name",
        "by hand",
    )
    assert (
        row["metric_name"] == "MAE" and row["metric"] > 0 and lab["by hand"].model.recipe["architecture"] == "convlstm"
    )
    assert veml_("train", "belt", "--architecture", "last-value")["metric"] > 0
    plan = veml_("transfer", "longer", "--from", "by hand", "--plan")
    assert {"num_nodes", "weights"} <= {e["field"] for e in plan["edits"]}
    assert main(["train", str(lab.path), "belt", "--architecture", "resnet10"]) == 2
    assert "dcrnn" in capsys.readouterr().err


def test_the_page_about_sensors_is_true(tmp_path):
    """Its commands parse, its Python runs, and every option that it names is one."""
    import inspect
    import re
    import shlex

    from labs import ROOT

    from veml_lab.cli import make_parser

    page = (ROOT / "docs" / "sensors.md").read_text()
    for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL):
        for line in block.splitlines():
            make_parser().parse_args(shlex.split(line, comments=True)[1:])  # exits where it does not parse
    lab = veml.open(tmp_path / "lab")
    lab.add("la", conveyor(tmp_path, t=80), progress=False)
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(compile(block, "docs/sensors.md", "exec"), {"lab": lab})
    options = re.search(r"\| option \| default.*?\n\n", page, re.DOTALL).group()
    named = {n for row in options.splitlines()[2:] if row for n in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert named and named <= set(inspect.signature(read_sensors).parameters)
    rows = re.search(r"\| architecture \|.*?\n\n", page, re.DOTALL).group().strip().splitlines()[2:]
    assert {n for row in rows for n in re.findall(r"`([\w-]+)`", row.split("|")[1])} == {*RECURRENT, *BASELINES}


def test_nobody_chooses_labels_of_a_forecast_and_the_advice_does_not_say_so(lab):
    """The label of a window is what was measured next: active learning has nothing to buy, and says what to do
    instead."""
    from veml_lab.lifecycle.active import LEARNERS

    before = {v.name for v in lab.data}
    linear = train(lab, "belt", "linear", name="linear, for rebuilding")
    for learner in LEARNERS:
        with pytest.raises(BadInput, match="none to choose or buy; use method='transfer'"):
            veml.rebuild(linear, lab["longer"], method="active", learner=learner, progress=False)
    assert {v.name for v in lab.data} == before, "no request for labels was made"
    assert [o.method for o in veml.advise(linear, lab["longer"]).options] == ["transfer"]
    later = operations.select(lab["belt"], "the end of the belt", range(400, 500))
    assert {o.method for o in veml.advise(linear, later).options} == {"full", "transfer"}

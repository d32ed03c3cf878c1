"""Curves and runs as Plotly figures: every point as it was recorded, in a figure that can be changed and saved."""

from __future__ import annotations

import subprocess
import sys

import numpy as np

import veml_lab as veml
from veml_lab.widgets import RunTable, TrainingCurves


def test_a_figure_has_every_point_of_every_run_and_keeps_its_gaps():
    long = np.column_stack([np.arange(5000), np.random.default_rng(0).normal(size=5000)])
    long[7, 1] = np.nan
    drawn = TrainingCurves({"a": {"loss": long, "mAP": [[5000, 0.5]]}, "b": {"loss": [[0, 1.0], [9, 0.5]]}})
    figure = drawn.figure()
    traces = {(t.name, t.yaxis): t for t in figure.data}
    assert set(traces) == {("a", "y"), ("b", "y"), ("a", "y2")}
    np.testing.assert_array_equal(np.asarray(traces["a", "y"].y, float), long[:, 1])
    np.testing.assert_array_equal(np.asarray(traces["a", "y"].x, float), long[:, 0])
    assert not traces["a", "y"].connectgaps and "markers" in traces["a", "y2"].mode
    assert traces["a", "y"].line.dash != traces["b", "y"].line.dash, "not by colour alone"
    assert traces["a", "y"].line.color == traces["a", "y2"].line.color != traces["b", "y"].line.color
    assert [t.showlegend for t in figure.data].count(True) == 2
    assert [a.text for a in figure.layout.annotations] == ["loss", "mAP"]


def test_figures_of_the_machine_are_drawn_where_they_are_asked_for():
    drawn = TrainingCurves({"a": {"loss": [[0, 1.0], [1, 0.5]], "rss_mb": [[0, 9.0], [1, 9.0]]}})
    assert len(drawn.figure().data) == 1 and len(drawn.figure(system=True).data) == 2
    assert len(TrainingCurves({}).figure().data) == 0


def test_runs_are_axes_of_what_tells_them_apart_with_the_metric_last():
    rows = [
        {"name": "a", "lr": 0.1, "clip": 5, "backbone": "resnet10", "MAE": 3.0},
        {"name": "b", "lr": 0.01, "backbone": "resnet18", "MAE": 2.0},
        {"name": "not measured", "lr": 0.5},
    ]
    (trace,) = RunTable(rows, metric="MAE", lower_is_better=True, title="Runs").figure().data
    assert [(d.label, list(d.values)) for d in trace.dimensions] == [
        ("lr", [0.1, 0.01]), ("clip", [5.0, 5.0]), ("backbone", [0.0, 1.0]), ("MAE", [3.0, 2.0]),
    ]  # fmt: skip
    assert list(trace.dimensions[2].ticktext) == ["resnet10", "resnet18"], "few words stand at even steps"
    assert list(trace.line.color) == [3.0, 2.0] and trace.line.reversescale
    assert not RunTable(rows, metric="MAE").figure().data[0].line.reversescale
    assert len(RunTable([], metric="MAE").figure().data) == 0


def test_the_curves_of_a_training_are_a_figure(digits_lab):
    lab = veml.open(digits_lab.lab.path, read_only=True)
    figure = lab.view("curves", versions=["first"]).figure()
    by_title = dict(zip([a.text for a in figure.layout.annotations], figure.data, strict=False))
    recorded = lab["first"].series()["loss"]
    np.testing.assert_array_equal(np.asarray(by_title["loss"].y, float), recorded[:, 1])
    assert "plotly" in figure.to_html(include_plotlyjs=False)


def test_plotly_is_imported_when_a_figure_is_asked_for():
    code = "import sys, veml_lab.widgets.curves, veml_lab.widgets.runs; print('plotly' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"

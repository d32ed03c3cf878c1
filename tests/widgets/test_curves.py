"""Curves of any length: what is left out never shows, and a part can be asked for."""

from __future__ import annotations

import base64
import itertools
import json
import re

import numpy as np
import pytest

from veml_lab.errors import BadInput
from veml_lab.figures.look import numbers
from veml_lab.figures.thin import BUCKETS, thin
from veml_lab.widgets import TrainingCurves


def noisy(n: int) -> np.ndarray:
    rng = np.random.default_rng(n)
    return np.column_stack([np.arange(n, dtype=float), rng.normal(size=n)])


@pytest.mark.parametrize("n", [2_000, 9_999, 200_000])
def test_every_stretch_keeps_its_extremes_and_its_gaps(n):
    series = noisy(n)
    rng = np.random.default_rng(1)
    series[rng.choice(n, n // 50, replace=False), 1] = np.nan
    series[n // 3 : n // 3 + n // 10, 1] = np.nan  # a gap of many stretches
    short = thin(series)
    assert len(short) <= 3 * BUCKETS + 4 < n
    assert np.array_equal(series[short[:, 0].astype(int)], short, equal_nan=True), "points of the series, none made up"
    assert (np.diff(short[:, 0]) > 0).all()
    edges = np.linspace(1, n - 2, BUCKETS + 1)  # the first and the last point are neighbours, kept as such
    edges[-1] += 0.5
    inner, kept = series[1:-1], short
    for low, high in itertools.pairwise(edges):
        own = inner[(inner[:, 0] >= low) & (inner[:, 0] < high), 1]
        got = kept[(kept[:, 0] >= low) & (kept[:, 0] < high), 1]
        assert np.isnan(own).any() == np.isnan(got).any()
        if not np.isnan(own).all():
            assert np.nanmin(got) == np.nanmin(own) and np.nanmax(got) == np.nanmax(own)


def test_one_spike_among_a_million_points_is_drawn():
    series = np.column_stack([np.arange(1e6), np.ones(1_000_000)])
    series[654_321, 1] = 1e9
    assert [654_321, 1e9] in thin(series).tolist()
    assert thin(series)[0].tolist() == [0, 1] and thin(series)[-1].tolist() == [999_999, 1]


def test_a_part_comes_with_its_neighbours_and_whole_where_it_is_short():
    series = noisy(100_000)
    assert np.array_equal(thin(series, 500.5, 600), series[500:602])
    part = thin(series, 20_000, 40_000)
    assert part[0, 0] == 19_999 and part[-1, 0] == 40_001 and 1_000 <= len(part) <= 3 * BUCKETS + 4
    assert part[1:-1, 1].max() == series[20_000:40_001, 1].max()
    assert thin(series, 2e5, 3e5).tolist() == [series[-1].tolist()], "beyond the end: the neighbour alone"


def test_far_neighbours_do_not_make_a_part_coarse():
    dense = np.column_stack([np.linspace(100, 101, 50_000), np.random.default_rng(0).normal(size=50_000)])
    series = np.concatenate([[[0.0, 0.0]], dense, [[1e6, 0.0]]])
    assert len(thin(series, 100, 101)) > 900


def test_many_values_at_one_step_are_kept_by_their_extremes():
    series = np.column_stack([np.full(5_000, 7.0), np.arange(5_000.0)])
    assert {0.0, 4999.0} <= set(thin(series)[:, 1])


def test_the_front_end_gets_few_points_and_asks_for_a_part():
    series = noisy(300_000)
    series[1000:1010, 1] = np.nan
    w = TrainingCurves({"long": {"loss": series, "accuracy": [[0, 0.5], [1, None]]}})
    assert w.points == 300_002
    assert len(w.runs["long"]["loss"]) <= 3 * BUCKETS + 4 and w.runs["long"]["accuracy"] == [[0.0, 0.5], [1.0, None]]
    sent = w.charts["loss"]["data"][0]
    assert numbers(sent["x"]).tolist() == [p[0] for p in w.runs["long"]["loss"]] and w.coarse
    content, buffers = w.answered({"type": "charts", "request": 3, "from": 995, "to": 1015})
    assert json.loads(json.dumps(content, allow_nan=False)) == content and not buffers and content["request"] == 3
    (got,) = content["charts"]["loss"]["data"]
    assert numbers(got["x"]).tolist() == list(range(994, 1017))
    assert np.array_equal(numbers(got["y"]), series[994:1017, 1], equal_nan=True)
    assert len(w.static_html()) < 120_000, "the picture in a saved notebook stays small"
    w.runs = {"short": {"loss": [[3, 1.0], [1, float("inf")], [2, 2.0]]}}
    assert w.points == 3 and w.runs["short"]["loss"] == [[1.0, None], [2.0, 2.0], [3.0, 1.0]], (
        "in the order of the steps"
    )
    assert w.describe() == "TrainingCurves: 1 run; short: loss 1"


@pytest.mark.parametrize(
    "asked",
    [{"from": 2, "to": 2}, {"from": "0", "to": 2}, {"from": float("nan"), "to": 1}, {"from": True, "to": 3}, {"to": 1}],
)
def test_a_part_that_is_none_is_refused(asked):
    content, _ = TrainingCurves({"a": {"loss": [[0, 1.0]]}}).answered(
        {"type": "charts", "request": 1, "from": None, **asked}
    )
    assert content["type"] == "error" and "from a smaller to a larger step" in content["message"]


@pytest.mark.parametrize("points", [[[1, 2, 3]], [1.0, 2.0], [[None, 1.0]], [["a", 1.0]], [[0, 1], [2]]])
def test_points_that_are_none_are_refused_by_name(points):
    w = TrainingCurves({"a": {"loss": [[0, 1.0]]}})
    with pytest.raises(BadInput, match="'loss' of 'a': a curve is a list of"):
        w.runs = {"a": {"loss": points}}
    assert w.runs == {"a": {"loss": [[0.0, 1.0]]}}, "what was drawn stays"


def test_a_gap_breaks_the_line_of_the_static_picture_too():
    whole = TrainingCurves({"a": {"loss": [[0, 1.0], [1, 0.9], [2, 0.8], [3, 0.7]]}}).static_html()
    broken = TrainingCurves({"a": {"loss": [[0, 1.0], [1, 0.9], [2, None], [3, 0.7], [4, 0.6]]}}).static_html()
    dotted = TrainingCurves({"a": {"loss": [[0, 1.0], [1, 0.9], [2, None], [3, 0.7]]}}).static_html()
    pictures = [base64.b64decode(re.search(r"base64,([^\"']+)", page)[1]).decode() for page in (whole, broken, dotted)]
    assert [p.count("<polyline") for p in pictures] == [1, 2, 1]
    assert [p.count("<circle") for p in pictures] == [0, 0, 1], "a point without neighbours is a dot"


def values(widget: TrainingCurves, metric: str = "loss", **asked) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    content, _ = widget.answered({"type": "charts", "request": 1, **asked})
    assert content["type"] == "charts", content
    traces = content["charts"][metric]["data"]
    return {(t["meta"]["run"], t["meta"]["role"]): (numbers(t["x"]), numbers(t["y"])) for t in traces}


def test_a_smoothed_point_is_the_mean_of_the_recorded_ones_around_it_and_a_gap_stays_one():
    series = noisy(400)
    series[40, 1] = np.nan
    w = TrainingCurves({"a": {"loss": series}})
    x, y = values(w, smooth=5)["a", "line"]
    around = [series[max(0, i - 2) : i + 3, 1] for i in range(400)]
    oracle = [np.nan if i == 40 else np.nanmean(part) for i, part in enumerate(around)]
    np.testing.assert_allclose(y, oracle)
    assert x.tolist() == series[:, 0].tolist()
    np.testing.assert_array_equal(values(w, smooth=1)["a", "line"][1], series[:, 1])


def test_runs_of_a_group_become_a_band_from_the_smallest_to_the_largest_with_their_mean():
    rng = np.random.default_rng(0)
    runs = {f"seed {s}": {"loss": np.column_stack([np.arange(20), rng.normal(size=20)])} for s in range(3)}
    runs["alone"] = {"loss": [[0, 1.0], [19, 2.0]]}
    w = TrainingCurves(runs, groups={f"seed {s}": "plan" for s in range(3)})
    assert w.grouped and not TrainingCurves(runs).grouped
    found = values(w, bands=True)
    every = np.array([runs[f"seed {s}"]["loss"][:, 1] for s in range(3)])
    for role, oracle in (("low", every.min(0)), ("high", every.max(0)), ("line", every.mean(0))):
        np.testing.assert_allclose(found["plan", role][1], oracle)
    assert found["alone", "line"][1].tolist() == [1.0, 2.0]


def test_curves_are_drawn_over_epochs_and_time_where_the_runs_tell_them():
    clock = {"epoch": [[10, 1], [20, 2]], "seconds": [[10, 5.0], [20, 15.0]]}
    w = TrainingCurves({"a": {"loss": [[5, 1.0], [10, 0.5], [20, 0.25]], **clock}})
    assert w.axes == ["step", "epoch", "seconds"] and list(w.charts) == ["loss"]
    assert values(w, x="epoch")["a", "line"][0].tolist() == [0.5, 1.0, 2.0]
    assert values(w, x="seconds")["a", "line"][0].tolist() == [2.5, 5.0, 15.0]
    assert TrainingCurves({"a": {"loss": [[0, 1.0]], **clock}, "b": {"loss": [[0, 1.0]]}}).axes == ["step"]


@pytest.mark.parametrize("asked", [{"x": "hour"}, {"smooth": 0}, {"smooth": 2.5}, {"smooth": True}, {"bands": 1}])
def test_a_reading_that_is_none_is_refused(asked):
    content, _ = TrainingCurves({"a": {"loss": [[0, 1.0]]}}).answered({"type": "charts", "request": 1, **asked})
    assert content["type"] == "error" and "BadInput" in content["message"]

"""Curves of any length: what is left out never shows, and a part can be asked for."""

from __future__ import annotations

import base64
import itertools
import json
import re

import numpy as np
import pytest

from veml_lab.errors import BadInput
from veml_lab.widgets import TrainingCurves
from veml_lab.widgets._thin import BUCKETS, thin


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
    content, buffers = w.answered({"type": "points", "request": 3, "from": 995, "to": 1015})
    assert json.loads(json.dumps(content, allow_nan=False)) == content and not buffers and content["request"] == 3
    got = content["runs"]["long"]["loss"]
    assert [p[0] for p in got] == list(range(994, 1017))
    assert [p[1] for p in got] == [None if np.isnan(v) else v for v in series[994:1017, 1]]
    assert len(w.static_html()) < 120_000, "the picture in a saved notebook stays small"
    w.runs = {"short": {"loss": [[3, 1.0], [1, float("inf")], [2, 2.0]]}}
    assert w.points == 3 and w.runs["short"]["loss"] == [[1.0, None], [2.0, 2.0], [3.0, 1.0]], (
        "in the order of the steps"
    )
    assert w.describe() == "TrainingCurves: 1 run; short: loss 1"


@pytest.mark.parametrize(
    "asked",
    [{"from": 2, "to": 2}, {"from": "0", "to": 2}, {"from": float("nan"), "to": 1}, {"from": True, "to": 3}, {}],
)
def test_a_part_that_is_none_is_refused(asked):
    content, _ = TrainingCurves({"a": {"loss": [[0, 1.0]]}}).answered({"type": "points", "request": 1, **asked})
    assert content["type"] == "error" and "from a smaller to a larger step" in content["message"]


@pytest.mark.parametrize("points", [[[1, 2, 3]], [1.0, 2.0], [[None, 1.0]], [["a", 1.0]], [[0, 1], [2]]])
def test_points_that_are_none_are_refused_by_name(points):
    w = TrainingCurves({"a": {"loss": [[0, 1.0]]}})
    with pytest.raises(BadInput, match="'loss' of 'a': a curve is a list of"):
        w.runs = {"a": {"loss": points}}
    assert w.runs == {"a": {"loss": [[0.0, 1.0]]}}, "what was drawn stays"


def test_a_gap_breaks_the_line_of_the_static_picture_too():
    whole = TrainingCurves({"a": {"loss": [[0, 1.0], [1, 0.9], [2, 0.8], [3, 0.7]]}}).static_html()
    broken = TrainingCurves({"a": {"loss": [[0, 1.0], [1, 0.9], [2, None], [3, 0.7]]}}).static_html()
    lines = [
        base64.b64decode(re.search(r"base64,([^\"']+)", page)[1]).decode().count("<polyline")
        for page in (whole, broken)
    ]
    assert lines == [1, 2]

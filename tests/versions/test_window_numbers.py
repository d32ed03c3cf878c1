"""Windows of a series that is written down by hand: their ends, what they cover, which lie apart, their picture."""

from __future__ import annotations

import dataclasses
import io

import numpy as np
import pytest
from PIL import Image

from veml_lab.errors import BadData, DamagedLab
from veml_lab.sources.source import Series
from veml_lab.versions import sensor_windows
from veml_lab.versions.sensor_windows import Windows
from veml_lab.versions.series import read_array, store_series


@pytest.fixture
def made(tmp_path):
    """``made(steps, values, window=, horizon=, times=)``: windows over files as an import writes them."""
    (tmp_path / "blobs").mkdir()

    def make(steps, values, window=2, horizon=1, times=None, adjacency=None):
        v = np.asarray(values, np.float32)
        v = v.reshape(len(v), -1, 1) if v.ndim < 3 else v
        series = {"window": window, "horizon": horizon, "adjacency": None, "times": None, "values": "v.npy"}
        np.save(tmp_path / "blobs" / "v.npy", v)
        for name, array in (("times", times), ("adjacency", adjacency)):
            if array is not None:
                series[name] = f"{name}.npy"
                np.save(tmp_path / "blobs" / series[name], array)
        series |= {"nodes": [f"s{i}" for i in range(v.shape[1])], "channels": [f"c{i}" for i in range(v.shape[2])]}
        return Windows(tmp_path, series, np.asarray(steps, np.int64), "it")

    return make


def test_a_window_may_end_with_the_series_and_not_behind_it(made):
    v = np.arange(8.0)
    x, y, mask = made([5, 0], v).cut()
    assert x[:, :, 0, 0].tolist() == [[5, 6], [0, 1]] and y[:, :, 0, 0].tolist() == [[7], [2]] and mask.all()
    for steps in ([6], [0, 6], [6, 0]):
        with pytest.raises(DamagedLab, match="ends behind its series of 8 steps"):
            made(steps, v).cut()
    assert made([], v).cut()[0].shape == (0, 2, 1, 1)
    assert made([5], v).cut([0])[0].shape == (1, 2, 1, 1)


@pytest.mark.parametrize("seed", range(6))
def test_what_is_covered_and_which_lie_apart_is_what_a_loop_finds(made, seed):
    rng = np.random.default_rng(seed)
    window, horizon = int(rng.integers(1, 5)), int(rng.integers(1, 4))
    steps = rng.permutation(rng.choice(30, 9, replace=False))
    w = made(steps, np.arange(40.0), window, horizon)
    covered = {s + i for s in steps.tolist() for i in range(window + horizon)}
    assert w.covered().tolist() == [i in covered for i in range(40)]
    end, expected = -1, []
    for s in sorted(steps.tolist()):  # of intervals that end first the most fit
        if s >= end:
            expected.append(s)
            end = s + window
    assert sorted(steps[w.apart()].tolist()) == expected
    assert w.apart().tolist() == sorted(w.apart().tolist()) and w.apart().dtype == np.int64


def test_scaling_leaves_out_what_was_not_measured_and_what_lies_between(made):
    v = np.array([[1.0, np.nan], [3, 5], [np.nan, 7], [1000, 1000], [2, 2], [4, 4], [6, 6]])
    w = made([0, 4], v)  # step 3 is in no window
    seen = np.array([1, 3, 5, 7, 2, 2, 4, 4, 6, 6.0])
    mean, std = w.scaling()
    np.testing.assert_allclose([mean[0], std[0]], [seen.mean(), seen.std()], rtol=1e-6)
    assert mean.dtype == std.dtype == np.float32
    same = made([0], np.full((3, 2), 7.0)).scaling()
    assert same[0].tolist() == [7] and same[1].tolist() == [1]  # a constant is not divided by nothing
    with pytest.raises(BadData, match="'c1' was never measured"):
        made([0], np.stack([np.ones((3, 2)), np.full((3, 2), np.nan)], 2)).scaling()


def test_the_clock_is_in_minutes_and_a_step_as_long_as_the_first(made):
    times = np.array(["2026-01-01T00:00", "2026-01-01T00:15", "2026-01-01T00:30", "2026-01-01T00:45"], "datetime64[s]")
    w = made([1, 0], np.arange(4.0), times=times)
    first = int(np.datetime64("2026-01-01", "m").astype(int))
    assert w.step_minutes == 15 and w.clock().tolist() == [
        [first + m for m in row] for row in ([15, 30, 45], [0, 15, 30])
    ]
    assert w.clock([1]).tolist() == [[first, first + 15, first + 30]]
    none = made([1, 0], np.arange(4.0))
    assert none.step_minutes == 0 and none.clock().tolist() == [[0, 0, 0]] * 2 and none.minutes is None
    assert made([], np.arange(1.0), times=times[:1]).step_minutes == 0
    assert made([], np.arange(2.0), times=times[:2]).step_minutes == 15
    assert none.adjacency is None and made([0], np.arange(4.0), adjacency=np.eye(1)).adjacency.tolist() == [[1]]


def test_sensors_are_told_apart_by_their_names_in_their_order(made):
    one, two = made([0], np.zeros((4, 2))), made([0], np.zeros((4, 3)))
    assert len(one.sensors) == 12 and one.sensors == made([0], np.ones((4, 2))).sensors != two.sensors


def test_a_picture_runs_from_dark_to_bright_over_the_whole_series(made):
    """From the 2nd to the 98th hundredth of all readings; viridis at its five stops."""
    v = np.arange(101.0)
    v[:6] = [2, 26, 50, 74, 98, np.nan]
    v[6:] = np.linspace(0, 100, 95)
    low, high = np.nanpercentile(v, [2, 98])
    w = made([0, 3], v, window=2, horizon=1)
    stops = np.array([[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]], float)

    def colour(value, shade=1.0):
        at = 4 * min(max((value - low) / (high - low), 0), 1)
        i = min(int(at), 3)
        return (shade * (stops[i] + (at - i) * (stops[i + 1] - stops[i]))).round().astype(int).tolist()

    for position, steps in ((0, (0, 1, 2)), (1, (3, 4, 5))):
        image = np.asarray(Image.open(io.BytesIO(sensor_windows.picture(w, position))))
        assert image.shape == (1, 3, 3)
        for k, s in enumerate(steps):
            shade = 0.6 if k == 1 else 1.0  # the last that is given
            expected = [128] * 3 if np.isnan(v[s]) else colour(v[s], shade)
            np.testing.assert_allclose(image[0, k], expected, atol=1)


@pytest.mark.parametrize(
    "window, horizon, fits", [(1, 0, True), (3, 1, True), (4, 0, True), (4, 1, False), (0, 1, False), (1, -1, False)]
)
def test_a_series_takes_windows_that_are_as_long_as_it_and_no_longer(tmp_path, window, horizon, fits):
    values = np.arange(4 * 2 * 3, dtype=np.float64).reshape(4, 2, 3)
    made = Series(values, ("a", "b"), ("x", "y", "z"), window=window, horizon=horizon)
    if not fits:
        with pytest.raises(BadData, match="cannot be cut from 4 steps"):
            store_series(tmp_path, made)
        return
    kept = store_series(tmp_path, made)
    array = read_array(tmp_path, kept["values"])
    assert array.dtype == np.float32 and array.tolist() == values.tolist()
    assert (kept["window"], kept["horizon"], kept["adjacency"], kept["times"]) == (window, horizon, None, None)
    assert (kept["nodes"], kept["channels"]) == (["a", "b"], ["x", "y", "z"])
    again = store_series(tmp_path, made)
    assert again == kept and [p.name for p in (tmp_path / "blobs").iterdir()] == [kept["values"]]


@pytest.mark.parametrize(
    "change",
    [{"nodes": ("a",)}, {"channels": ("x",)}, {"values": np.zeros((4, 6))}, {"values": np.zeros((4, 3, 2))}],
)
def test_a_series_whose_names_are_not_as_many_as_its_axes_is_refused(tmp_path, change):
    made = Series(np.zeros((4, 2, 3)), ("a", "b"), ("x", "y", "z"), window=1, horizon=1)
    with pytest.raises(BadData, match=r"shape \(steps, nodes, channels\)"):
        store_series(tmp_path, dataclasses.replace(made, **change))
    square = dataclasses.replace(made, adjacency=np.ones((2, 2)))
    assert read_array(tmp_path, store_series(tmp_path, square)["adjacency"]).tolist() == [[1, 1], [1, 1]]
    for shape in ((2, 3), (3, 2), (4,)):
        with pytest.raises(BadData, match="adjacency of 2 nodes"):
            store_series(tmp_path, dataclasses.replace(made, adjacency=np.ones(shape)))

"""What figures hold is what was stored: each is read back and held against its numbers, and plotly takes all of it."""

from __future__ import annotations

import numpy as np
import pytest

from veml_lab.figures import counts, judged, moved
from veml_lab.figures.grid import together
from veml_lab.figures.look import NEUTRAL, SERIES, figure_of, numbers
from veml_lab.figures.parallel import parallel
from veml_lab.figures.similarity import NEAR, similarity
from veml_lab.figures.still import svg
from veml_lab.figures.stroke import ink_on, rgba

CLASSES = ["car", "<b>bus</b>", "van"]
MATRIX = np.array([[8, 2, 0], [1, 9, 0], [3, 0, 7]])


def by_name(spec):
    return {t.name: t for t in figure_of(spec).data}


def test_a_confusion_cell_is_its_share_of_the_truth_and_leads_to_its_samples():
    spec = judged.confusion(CLASSES, MATRIX, about={"version": "v", "training": "t"})
    (cells,) = figure_of(spec).data
    share = MATRIX / MATRIX.sum(axis=1, keepdims=True)
    z = numbers(cells.z)
    np.testing.assert_allclose(np.abs(z) ** (1 / 0.6), share, atol=1e-12)
    assert (np.sign(z) == np.where(np.eye(3, dtype=bool), 1, -1) * (MATRIX > 0)).all(), "wrong is below zero"
    assert [list(row) for row in cells.text] == [["8", "2", ""], ["1", "9", ""], ["3", "", "7"]]
    assert cells.customdata[0][1] == {"version": "v", "training": "t", "where": {"confused": ["car", "<b>bus</b>"]}}
    assert cells.hovertext[2][0] == "van taken for car: 3 (30.0 %)" and "<" not in cells.hovertext[0][1]
    (shares,) = figure_of(judged.confusion(CLASSES, MATRIX, shares=True)).data
    assert [list(row) for row in shares.text] == [["80", "20", ""], ["10", "90", ""], ["30", "", "70"]]


def test_of_many_classes_those_with_most_errors_are_drawn():
    n = judged.MOST + 5
    matrix = np.eye(n, dtype=int) * 9
    matrix[60, 61], matrix[3, 64] = 4, 2
    kept = judged.shown_classes(matrix)
    assert len(kept) == judged.MOST and {60, 61, 3, 64} <= set(kept) and kept == sorted(kept)
    (cells,) = figure_of(judged.confusion([f"class {i}" for i in range(n)], matrix)).data
    assert len(set(cells.x)) == judged.MOST and "class 61" in cells.x


def test_names_that_are_cut_to_the_same_stay_different():
    names = ["a very long name of a class " + end for end in ("one", "two", "three")]
    assert len(set(judged.told(names))) == 3


def test_kinds_of_error_are_bars_that_lead_to_their_samples():
    (bar,) = figure_of(judged.kinds({"missed": 5, "class": 2}, about={"version": "v"})).data
    assert (list(bar.y), list(bar.x)) == (["missed", "class"], [5, 2])
    assert bar.customdata[1] == {"version": "v", "where": {"error": "class"}}


def test_precision_over_recall_names_the_mean_that_it_draws():
    recalls = np.linspace(0, 1, 101)
    found = by_name(judged.precision_recall({"car": np.where(recalls <= 0.5, 1.0, 0.5).tolist()}, recalls))
    (line,) = found.values()
    assert line.name == "car (AP 0.752)", "51 recalls at 1 and 50 at a half"
    assert line.line.shape == "hv" and numbers(line.y)[50:52].tolist() == [1.0, 0.5]


def test_test_points_are_drawn_by_the_side_of_the_radius_that_they_lie_on():
    rng = np.random.default_rng(0)
    report = {
        "centres": [[0.0, 0.0], [3.0, 1.0]], "radii": [1.0, 2.0], "train_xy": rng.normal(size=(20, 2)),
        "test_xy": rng.normal(size=(30, 2)), "distances": np.linspace(0.1, 2, 30), "radius": 1.3,
    }  # fmt: skip
    found = by_name(moved.balls(report))
    beyond = found["test, beyond the covering radius"]
    far = np.flatnonzero(np.array(report["distances"]) > 1.3)
    np.testing.assert_array_equal(numbers(beyond.x), report["test_xy"][far, 0])
    assert list(beyond.customdata) == far.tolist() and beyond.marker.symbol != found["train"].marker.symbol
    rings = np.column_stack([numbers(found["covering balls of train"][k]) for k in "xy"])
    gaps = np.flatnonzero(np.isnan(rings[:, 0]))
    for k, (start, end) in enumerate(zip([0, gaps[0] + 1], gaps, strict=True)):
        reach = np.linalg.norm(rings[start:end] - report["centres"][k], axis=1)
        np.testing.assert_allclose(reach, report["radii"][k])
    assert figure_of(moved.balls(report)).layout.yaxis.scaleanchor == "x", "balls are round"


@pytest.mark.parametrize("seed", range(20))
def test_no_bar_of_distances_lies_on_both_sides_of_the_radius(seed):
    rng = np.random.default_rng(seed)
    values = np.append(rng.gamma(9, 1, rng.integers(5, 400)), radius := float(rng.uniform(0.5, 20)))
    found = by_name(moved.distances({"distances": values.tolist(), "radius": radius}))
    assert numbers(found["beyond"].y).sum() == (values > radius).sum() if "beyond" in found else max(values) <= radius
    assert numbers(found["within"].y).sum() == (values <= radius).sum()
    for t in found.values():
        assert all(
            (low >= radius) == (t.name == "beyond") and (low < radius < high) is False for low, high in t.customdata
        )


def test_distances_are_counted_once_each_and_the_radius_is_marked():
    report = {"distances": [0.1, 0.5, 0.7, 1.4, 2.0, 2.0], "radius": 1.3}
    figure = figure_of(moved.distances(report))
    assert sum(numbers(t.y).sum() for t in figure.data) == 6
    for t in figure.data:
        for y, (low, high) in zip(numbers(t.y), t.customdata, strict=True):
            inside = [d for d in report["distances"] if low <= d < high]
            assert y == len(inside)
            assert ((low + high) / 2 > 1.3) == (t.name == "beyond")
    assert figure.layout.shapes[0].x0 == 1.3 and "1.3" in figure.layout.annotations[0].text
    assert not figure_of(moved.distances({"distances": [], "radius": None})).data


def test_the_looks_of_a_stream_stand_at_their_p_beside_what_they_may_spend():
    looks = [
        {
            "test": f"day {i}", "p_value": p, "level": 0.02, "spent": 0.02 * (i + 1),
            "verdicts": {"calibrated": {"drifted": i == 2}},
        }
        for i, p in enumerate((0.5, None, 1e-30))
    ]  # fmt: skip
    found = by_name(moved.looks(looks))
    p = found["p of the look"]
    assert list(p.y)[:2] == [0.5, None] and 0 < p.y[2] <= 1e-15, "nothing is 0 on a logarithmic axis"
    assert list(p.marker.symbol) == ["circle", "circle", "x"]
    assert list(found["level spent so far"].y) == pytest.approx([0.02, 0.04, 0.06])


def test_cells_of_a_heat_map_lie_where_the_order_says_and_the_nearest_is_outlined():
    matrix = [[0.0, 3.0, 1.0], [3.0, 0.0, 2.0], [1.0, 2.0, 0.0]]
    tree = [[0, 2, 1, 2], [1, 3, 2.5, 3]]
    spec = similarity(["a", "b", "c"], "mean", matrix, order=[1, 0, 2], tree=tree, errors=[[0.5] * 3] * 3)
    cells, branches = figure_of(spec).data
    assert list(cells.y) == ["b", "a", "c"]
    z = numbers(cells.z)
    assert z[0, 1] == 3 and z[1, 2] == 1 and np.isnan(np.diag(z)).all()
    assert cells.text[0][1] == "3<br>± 0.500" and list(cells.customdata[0][2]) == ["b", "c"]
    outlined = [((s.y0 + s.y1) / 2, (s.x0 + s.x1) / 2) for s in figure_of(spec).layout.shapes]
    assert outlined == [(0, 2), (1, 2), (2, 1)]
    joins = [x for x in branches.x if x]
    assert joins == [1, 1, 2.5, 2.5, 1.0], "each join as far as its sets are apart; the last begins at the first"
    assert len(figure_of(similarity(["a", "b"], "m", [[0, None], [None, 0]])).data) == 1
    assert not figure_of(similarity([], "m", [])).data


def test_bars_have_a_value_for_each_version_and_lead_to_its_samples():
    figure = figure_of(counts.bars(["a", "b"], "classes", {"car": [3, 4], "bus": [1, 0]}, fact="class"))
    assert [(t.name, list(t.x), list(t.y)) for t in figure.data] == [
        ("a", [3, 1], ["car", "bus"]),
        ("b", [4, 0], ["car", "bus"]),
    ]
    assert figure.data[1].customdata[0] == {"version": "b", "where": {"class": "car"}}
    assert figure.layout.xaxis.title.text == "samples" and len({t.marker.color for t in figure.data}) == 2


def test_a_histogram_says_how_many_lie_in_each_range_and_of_several_versions_their_shares():
    one, two = {"edges": [0.0, 1.0, 2.0], "counts": [3, 1]}, {"edges": [0.0, 2.0, 4.0], "counts": [0, 8]}
    (bar,) = figure_of(counts.histogram(["a"], "speed (km/h)", [one], fact="speed")).data
    assert (list(numbers(bar.y)), list(numbers(bar.x))) == ([3, 1], [0.5, 1.5])
    first, last = (c["where"]["speed"] for c in bar.customdata)
    assert first == {"from": 0.0, "to": 1.0, "open": True} and last == {"from": 1.0, "to": 2.0}
    figure = figure_of(counts.histogram(["a", "b", "c"], "speed", [one, two, None]))
    assert [(t.name, numbers(t.y).tolist()) for t in figure.data] == [("a", [75.0, 25.0]), ("b", [0.0, 100.0])]
    assert figure.layout.yaxis.title.text == "share of the samples (%)"


def test_maps_of_places_classes_together_and_gaps_hold_their_numbers():
    (cells,) = figure_of(counts.places([[0.25, 0.0], [0.5, 0.25]])).data
    np.testing.assert_allclose(numbers(cells.z), [[25, 0], [50, 25]])
    assert list(numbers(cells.y)) == [25, 75]
    (together,) = figure_of(counts.occurrence(["car", "bus"], [[10, 4], [4, 5]])).data
    np.testing.assert_allclose(numbers(together.z), [[1, 0.4], [0.8, 1]])
    (line,) = figure_of(counts.gaps(["a"], [{"steps": [0, 10], "missing": [0.5, 0]}])).data
    assert list(numbers(line.y)) == [50, 0]


def test_every_axis_says_what_it_counts_in():
    specs = [
        counts.bars(["a"], "t", {"x": [1]}), counts.histogram(["a"], "w (px)", [{"edges": [0, 1], "counts": [1]}]),
        counts.places([[1.0]]), counts.gaps(["a"], [{"steps": [0], "missing": [0]}]), judged.kinds({"x": 1}),
        judged.confusion(["a"], np.array([[1]])), judged.precision_recall({"a": [1.0]}, [0.0]),
    ]  # fmt: skip
    for spec in specs:
        figure = figure_of(spec)
        assert figure.layout.xaxis.title.text and figure.layout.meta["says"]
        assert "<img" in svg(spec)
    assert len(figure_of(parallel([{"name": "a", "x": 1.0}], "x")).data) == 1


def test_colours_are_told_apart_by_those_who_see_fewer_and_words_are_read_on_every_cell():
    assert set(SERIES[:6]) < {"#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7"}
    for scale in (judged.RIGHT_AND_WRONG, NEAR):
        for share in np.linspace(0, 1, 21):
            assert _contrast(*ink_on(scale, share)) >= 3.0, (scale, share)
    assert NEUTRAL not in SERIES[:6]


def _contrast(ink: str, ground: tuple[float, float, float]) -> float:
    def light(colour):
        parts = [v / 255 / 12.92 if v / 255 <= 0.03928 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in colour]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    a, b = sorted((light(rgba(ink)[:3]), light(ground)))
    return (b + 0.05) / (a + 0.05)


@pytest.mark.parametrize(("n", "columns"), [(1, 1), (3, 1), (3, 2), (4, 2), (5, 3)])
def test_figures_that_stand_together_each_have_a_place_of_their_own(n, columns):
    one = {"data": [{"type": "scatter", "x": [0], "y": [1]}], "layout": {"xaxis": {}, "yaxis": {}}}
    layout = together({f"f{k}": one for k in range(n)}, columns=columns)["layout"]
    places = [
        (*layout[f"xaxis{k or ''}"]["domain"], *layout[f"yaxis{k or ''}"]["domain"]) for k in (0, *range(2, n + 1))
    ]
    assert all(0 <= a < b <= 1 + 1e-9 and 0 <= c < d <= 1 + 1e-9 for a, b, c, d in places)
    for i, (a, b, c, d) in enumerate(places):
        for e, f, g, h in places[:i]:
            assert b <= e + 1e-9 or f <= a + 1e-9 or d <= g + 1e-9 or h <= c + 1e-9, "two lie over each other"
    assert layout["height"] >= 260 * -(-n // columns)

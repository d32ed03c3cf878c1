"""The picture of a figure shows the numbers of the figure: they are read back from the picture."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from veml_lab.figures.grid import together
from veml_lab.figures.look import figure_of, numbers, packed, said, spec_of, unsaid
from veml_lab.figures.still import svg

SVG = "{http://www.w3.org/2000/svg}"


def drawn(spec, **more) -> ET.Element:
    return ET.fromstring(base64.b64decode(re.search(r"base64,([^\"]+)", svg(spec, **more))[1]))


def texts(picture: ET.Element) -> list[tuple[str, float, float]]:
    return [(e.text or "", float(e.get("x")), float(e.get("y"))) for e in picture.iter(f"{SVG}text")]


def scale(picture: ET.Element, words: list[str], side: int) -> tuple[float, float]:
    """Offset and pixels a unit, from the ticks of the picture itself."""
    marks = [(float(t[0]), t[1 + side]) for t in texts(picture) if t[0] in words]
    (a, pa), (b, pb) = marks[0], marks[-1]
    return pa - a * (pb - pa) / (b - a), (pb - pa) / (b - a)


def test_points_of_a_line_lie_where_its_ticks_say():
    x, y = np.array([0.0, 1, 2, 3, 4]), np.array([1.0, 3, 2, 5, 4])
    picture = drawn(spec_of([{"type": "scatter", "mode": "lines", "x": x, "y": y, "line": {"color": "#000000"}}]))
    (line,) = picture.iter(f"{SVG}polyline")
    points = np.array([p.split(",") for p in line.get("points").split()], float)
    for side, values, words in ((0, x, ["1", "2", "3", "4"]), (1, y, ["2", "3", "4", "5"])):
        inner = [t for t in words if any(said_ == t for said_, *_ in texts(picture))]
        own = [t for t in texts(picture) if t[0] in inner]
        rows = [t for t in own if (t[1] < 80) == (side == 1)]
        (a, b), (pa, pb) = zip(*[(float(t[0]), t[1 + side] - (4 if side else 0)) for t in (rows[0], rows[-1])])
        np.testing.assert_allclose(points[:, side], pa + (values - a) * (pb - pa) / (b - a), atol=0.6)


def test_bars_are_as_long_as_their_values_and_bear_their_names():
    spec = spec_of([{"type": "bar", "x": ["car", "bus", "van"], "y": [30, 10, 0], "marker": {"color": "#112233"}}])
    picture = drawn(spec)
    bars = [float(r.get("height")) for r in picture.iter(f"{SVG}rect") if r.get("fill") == "#112233"]
    assert bars[0] == pytest.approx(3 * bars[1], abs=0.2) and bars[2] == 0
    assert {"car", "bus", "van"} <= {t[0] for t in texts(picture)}
    stacked = drawn(spec_of(spec["data"] * 2, barmode="stack"))
    tops = [
        (float(r.get("y")), float(r.get("height"))) for r in stacked.iter(f"{SVG}rect") if r.get("fill") == "#112233"
    ]
    assert tops[3][0] + tops[3][1] == pytest.approx(tops[0][0], abs=0.2), "the second stands on the first"


def test_cells_are_as_strong_as_their_values_and_say_them():
    z = np.array([[0.0, 5.0], [10.0, 2.5]])
    words = [["0", "5"], ["10", "2.5"]]
    scale_ = [[0.0, "rgba(0,0,0,0)"], [1.0, "rgba(0,0,0,1)"]]
    cells = {"type": "heatmap", "z": z, "x": ["a", "b"], "y": ["p", "q"], "colorscale": scale_}
    spec = spec_of([{**cells, "text": words, "texttemplate": "%{text}"}])
    picture = drawn(spec)
    cells = [float(r.get("fill-opacity")) for r in picture.iter(f"{SVG}rect") if r.get("fill-opacity")]
    assert cells == pytest.approx((z / 10).ravel(), abs=0.01)
    every = [w for row in words for w in row]
    assert [t[0] for t in texts(picture) if t[0] in every][-4:] == every


def test_values_that_are_none_break_lines_and_a_log_axis_leaves_out_what_it_cannot_show():
    y = [1.0, 10.0, None, 100.0, 1000.0]
    line = {"type": "scatter", "mode": "lines", "x": [0, 1, 2, 3, 4], "y": y, "line": {"color": "#000000"}}
    picture = drawn(spec_of([line], yaxis={"type": "log"}))
    pieces = [p.get("points").split() for p in picture.iter(f"{SVG}polyline")]
    assert [len(p) for p in pieces] == [2, 2]
    heights = [float(p.split(",")[1]) for piece in pieces for p in piece]
    assert heights[0] - heights[1] == pytest.approx(heights[2] - heights[3], abs=0.2), "a decade is a decade"
    assert (
        len(list(drawn(spec_of([{**line, "y": [0, 1, 2, 0, 1]}], yaxis={"type": "log"})).iter(f"{SVG}polyline"))) == 2
    )


def test_a_trace_that_is_not_drawn_is_named_and_hidden_ones_are_not_drawn():
    picture = drawn(spec_of([{"type": "pie", "values": [1]}, {"type": "bar", "x": ["a"], "y": [1], "visible": False}]))
    assert any("not in this picture: pie" in t[0] for t in texts(picture))
    assert not [r for r in picture.iter(f"{SVG}rect") if r.get("fill-opacity") == "0.9"]


EVIL = '<b>a</b> & "%{x}" &lt;i&gt; {0}</text><script>alert(1)</script>'


def test_a_name_is_text_in_every_place():
    assert unsaid(said(EVIL)) == EVIL and "<" not in said(EVIL) and "%{" not in said(EVIL)
    bar = {"type": "bar", "x": [said(EVIL), "b"], "y": [1, 2], "name": said(EVIL), "marker": {"color": "#123456"}}
    spec = spec_of([bar, bar], title=EVIL, xaxis={"title": {"text": said(EVIL)}}, barmode="group")
    spec["layout"]["annotations"] = [{"x": 0.5, "y": 0.5, "xref": "paper", "yref": "paper", "text": said(EVIL)}]
    picture = drawn(spec, says=EVIL)
    assert not list(picture.iter(f"{SVG}script")) and sum(t[0].startswith("<b>a</b>") for t in texts(picture)) >= 4


def test_figures_together_keep_their_numbers_and_are_what_plotly_takes():
    one = spec_of([{"type": "scatter", "x": np.arange(3.0), "y": np.arange(3.0), "name": "r", "legendgroup": "r"}])
    two = spec_of(
        [{"type": "scatter", "x": np.arange(3.0), "y": np.arange(3.0) * 2, "name": "r", "legendgroup": "r"}],
        shapes=[{"type": "line", "xref": "x", "yref": "y domain", "x0": 1, "x1": 1, "y0": 0, "y1": 1}],
    )
    figure = figure_of(together({"first": one, EVIL: two}, columns=2, title="both"))
    assert [t.xaxis for t in figure.data] == ["x", "x2"] and [bool(t.showlegend) for t in figure.data] == [True, False]
    assert list(figure.data[1].y) == [0.0, 2.0, 4.0] and figure.layout.shapes[0].xref == "x2"
    assert figure.layout.shapes[0].yref == "y2 domain"
    assert figure.layout.xaxis.domain[1] < figure.layout.xaxis2.domain[0], "side by side"
    assert [a.text for a in figure.layout.annotations] == ["first", said(EVIL)]


@pytest.mark.parametrize("kind", ["f8", "f4", "i8", "i4", "u1", "i2"])
def test_numbers_cross_the_wire_as_plotly_reads_them(kind):
    given = np.array([[1, 2], [3, 100]], kind)
    sent = packed({"z": given})["z"]
    assert sent["dtype"] in ("f8", "f4", "i4", "u1", "i2") and sent["shape"] == "2, 2"
    np.testing.assert_array_equal(numbers(sent), given)
    assert packed([float("nan"), np.float32(2), float("inf")]) == [None, 2.0, None]

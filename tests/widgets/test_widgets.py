"""What the widgets do in Python: checked input, answers to the front end, pictures without script."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("anywidget")
sys.path.insert(0, str(Path(__file__).resolve().parent))
import examples

ROOT = Path(__file__).resolve().parents[2]
if not (ROOT / "veml_lab" / "static" / "lineage.js").is_file():
    pytest.skip("the front end is not built (scripts/build_frontend.sh)", allow_module_level=True)

from veml_lab import widgets  # noqa: E402
from veml_lab.errors import BadInput, UnknownName  # noqa: E402
from veml_lab.widgets import (  # noqa: E402
    Chart,
    Comparison,
    ConfusionMatrix,
    DriftPlot,
    EmbeddingMap,
    JobList,
    LineageGraph,
    Pages,
    RunTable,
    SampleBrowser,
    SimilarityHeatmap,
    TrainingCurves,
)
from veml_lab.widgets._base import alone  # noqa: E402
from veml_lab.widgets._traits import typescript  # noqa: E402

made = examples.made


def test_every_public_widget_has_an_example():
    assert set(made()) == set(widgets.__all__)


def test_importing_the_package_of_widgets_imports_no_widget_library():
    code = (
        "import sys, veml_lab.widgets; sys.exit(any(m in sys.modules for m in ('ipywidgets', 'anywidget', 'numpy',"
        " 'IPython')))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_the_typescript_types_are_those_of_the_python_traits():
    fresh = (ROOT / "js" / "src" / "traits.ts").read_text()
    assert typescript() == fresh, "run: python -m veml_lab.widgets._traits"


@pytest.mark.parametrize("name", widgets.__all__)
def test_a_widget_also_shows_itself_without_script(name):
    widget = made()[name]
    bundle, _ = widget._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    html = bundle["text/html"]
    assert "<script" not in html and "http" not in re.sub(r"base64,[A-Za-z0-9+/=]+", "", html)
    assert bundle["text/plain"] == repr(widget) and repr(widget).startswith(name) and "\n" not in repr(widget)
    for coded in re.findall(r"image/svg\+xml;base64,([A-Za-z0-9+/=]+)", html):
        ET.fromstring(base64.b64decode(coded))
    assert 'alt="' in html or "aria-label=" in html or "<table" in html


@pytest.mark.parametrize("name", widgets.__all__)
def test_the_state_that_crosses_the_wire_is_plain_json_apart_from_buffers(name):
    state = made()[name].get_state()

    def plain(value):
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [plain(v) for v in value]
        return "buffer" if isinstance(value, bytes | memoryview) else value

    json.dumps({k: plain(v) for k, v in state.items()}, allow_nan=False)


@pytest.mark.parametrize("name", widgets.__all__)
def test_outside_of_a_notebook_a_drawing_gives_its_whole_state_and_opens_no_comm(name):
    with alone():
        drawing = made()[name]
    assert drawing.comm is None
    state, paths, buffers = drawing.packed()
    json.dumps(state, allow_nan=False)
    assert len(paths) == len(buffers) and all(isinstance(b, bytes) for b in buffers)
    assert set(state) | {p[0] for p in paths} == set(drawing.own_traits())
    assert made()[name].comm is not None, "in a notebook it has one"


def test_names_cannot_break_out_of_the_picture():
    evil = '</text><script>alert("x")</script>'
    tables = [
        RunTable([{"name": evil, evil: evil}]),
        Comparison([evil, evil], {evil: {evil: [evil, "b"]}}),
        Pages({evil: evil}, title=evil),
        ConfusionMatrix([evil], [[1]], kinds={evil: 1}, title=evil),
        Chart({evil: {"data": [{"type": "bar", "x": [evil], "y": [1]}], "layout": {}}}, title=evil),
        EmbeddingMap([[0, 0]], [0], [evil], title=evil),
    ]
    for table in tables:
        assert "<script" not in table.static_html()
        for coded in re.findall(r"base64,([A-Za-z0-9+/=]+)", table.static_html()):
            assert not [e for e in ET.fromstring(base64.b64decode(coded)).iter() if e.tag.endswith("script")]
    html = LineageGraph([{"id": "a", "kind": "data", "name": evil, "detail": {"summary": evil}}], []).static_html()
    html += (
        SimilarityHeatmap([evil], {evil: [[0]]}).static_html() + TrainingCurves({evil: {evil: [[0, 1]]}}).static_html()
    )
    for coded in re.findall(r"base64,([A-Za-z0-9+/=]+)", html):
        assert not [e for e in ET.fromstring(base64.b64decode(coded)).iter() if e.tag.endswith("script")]
    assert "<script" not in html and "<script" not in SampleBrowser(examples.Wall(0), title=evil).static_html()


# --- lineage ---


def test_a_node_without_a_name_is_refused():
    with pytest.raises(BadInput, match="lacks name"):
        LineageGraph([{"id": "a", "kind": "data"}], [])


def test_the_static_graph_survives_cycles_unknown_ends_and_nothing_at_all():
    node = {"kind": "data", "name": "x"}
    edges = [{"source": "a", "target": "b"}, {"source": "b", "target": "a"}, {"source": "a", "target": "gone"}]
    assert "<img" in LineageGraph([{"id": "a", **node}, {"id": "b", **node}], edges).static_html()
    assert "<img" in LineageGraph().static_html()
    many = [{"id": str(i), **node} for i in range(500)]
    coded = re.search(r"base64,([A-Za-z0-9+/=]+)", LineageGraph(many, []).static_html())
    assert coded and b"the newest 120 of 500" in base64.b64decode(coded.group(1))


# --- heat map ---


def test_the_nearest_pair_is_named_and_a_wrong_matrix_is_not_drawn():
    found = SimilarityHeatmap(**examples.heatmap())
    matrix = np.array(examples.heatmap()["measures"]["mean"])
    above = {(i, j): matrix[i, j] for i in range(6) for j in range(i + 1, 6)}
    i, j = min(above, key=above.get)
    assert f"{found.names[i]} – {found.names[j]}" in repr(found)
    with pytest.raises(BadInput, match=r"shape \(2, 2\)"):
        SimilarityHeatmap(["a", "b"], {"mean": [[0, 1]]})
    with pytest.raises(UnknownName, match="energy"):
        SimilarityHeatmap(["a"], {"energy": [[0]]}, measure="energi")


def test_what_is_not_finite_crosses_the_wire_as_null():
    assert SimilarityHeatmap(["a", "b"], {"m": [[0, np.nan], [np.inf, 0]]}).measures == {
        "m": [[0.0, None], [None, 0.0]]
    }
    assert TrainingCurves({"r": {"loss": [[0, float("nan")]]}}).runs == {"r": {"loss": [[0.0, None]]}}


# --- image wall ---


class Heard(SampleBrowser):
    def send(self, content, buffers=None):
        self.__dict__.setdefault("heard", []).append((content, buffers))


def ask(browser, **question):
    browser._answer(None, {"request": 7, **question}, [])
    return browser.__dict__["heard"][-1]


def test_pictures_come_in_the_order_asked_for():
    content, buffers = ask(Heard(examples.Wall()), type="get", positions=[30, 2])
    assert content["type"] == "samples" and content["request"] == 7 and content["positions"] == [30, 2]
    assert buffers == examples.Wall().thumbnails([30, 2], 128)
    assert [a["caption"] for a in content["annotations"]] == ["drive-000030.jpg", "drive-000002.jpg"]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("car", {"label": "car", "score": None, "boxes": []}),
        ({"label": 3, "score": np.float32(0.5)}, {"label": "3", "score": 0.5, "boxes": []}),
        ({"boxes": [(0, 0, 1, 1, "car")]}, {"label": None, "score": None, "boxes": [[0.0, 0.0, 1.0, 1.0, "car"]]}),
    ],
)
def test_predictions_come_in_one_form(given, sent):
    class Predicted(examples.Wall):
        def annotations(self, positions):
            return [{"label": None, "boxes": [], "caption": "", "prediction": given} for _ in positions]

    assert ask(Heard(Predicted()), type="get", positions=[0])[0]["annotations"][0]["prediction"] == sent


@pytest.mark.parametrize(
    "question",
    [
        {"type": "get", "positions": [5000]},
        {"type": "get", "positions": [-1]},
        {"type": "get", "positions": ["../etc/passwd"]},
        {"type": "get", "positions": [True]},
        {"type": "get", "positions": list(range(401))},
        {"type": "get"},
        {"type": "one", "position": 1, "size_px": 10**6},
        {"type": "exec", "code": "1"},
    ],
)
def test_a_bad_question_is_answered_with_an_error(question):
    content, buffers = ask(Heard(examples.Wall()), **question)
    assert content["type"] == "error" and content["request"] == 7 and "BadInput" in content["message"] and not buffers


def test_a_source_that_fails_is_answered_too():
    class Torn(examples.Wall):
        def thumbnails(self, positions, size_px):
            raise OSError("torn")

    assert ask(Heard(Torn()), type="get", positions=[0])[0]["message"] == "OSError: torn"


def test_a_filter_in_an_order_gives_positions_and_unknown_ones_are_named():
    wall = Heard(examples.MarkedWall())
    content, (found,) = ask(
        wall,
        type="find",
        where={"class": "bus" if "bus" in examples.CLASSES else examples.CLASSES[1]},
        by="size",
        descending=True,
    )
    assert content["count"] == 200 and np.frombuffer(found, "<u4").tolist() == list(range(598, 0, -3))
    for bad in ({"where": {"clas": "car"}}, {"where": {"class": "carr"}}, {"by": "weight"}, {"where": ["class"]}):
        assert ask(wall, type="find", **bad)[0]["type"] == "error"
    assert "neither filtered nor sorted" in ask(Heard(examples.Wall()), type="find")[0]["message"]


def test_a_choice_is_kept_only_where_it_may_be_and_only_of_samples_that_there_are():
    source = examples.MarkedWall()
    wall = Heard(source)
    assert (
        ask(wall, type="save", what="bad cases", name=" mine ", positions=[3, 4])[0]["message"] == "'mine': 2 samples"
    )
    assert source.saved == ("bad cases", "mine", [3, 4])
    for bad in ({"what": "training"}, {"name": ""}, {"positions": []}, {"positions": [600]}, {"positions": [True]}):
        question = {"what": "data version", "name": "x", "positions": [1], **bad}
        assert ask(wall, type="save", **question)[0]["type"] == "error"
    assert source.saved[1] == "mine"
    assert (
        "only shows"
        in ask(Heard(examples.Wall()), type="save", what="data version", name="x", positions=[1])[0]["message"]
    )


def test_every_kind_of_mark_crosses_the_wire_in_plain_values_and_stands_on_the_sheet():
    wall = Heard(examples.MarkedWall())
    note = ask(wall, type="get", positions=[7])[0]["annotations"][0]
    json.dumps(note, allow_nan=False)
    assert note["polygons"][0][0] == "lane" and note["masks"][0][1:3] == [4, 4] and len(note["keypoints"][0][1]) == 4
    assert (
        note["layers"]["second labeller"]["boxes"][0][4] == examples.CLASSES[1]
        and note["layers"]["second labeller"]["score"] is None
    )
    assert wall.static_html().count("data:image/jpeg") == 1
    with pytest.raises(UnknownName, match="second labeller"):
        SampleBrowser(examples.MarkedWall(), compare=["annotations", "second labeler"])


# --- runs, jobs, confusion, comparison, map ---


def test_the_best_run_is_named_and_a_run_without_a_name_refused():
    table = RunTable(**examples.runs())
    best = max(examples.runs()["rows"], key=lambda r: r["accuracy"])
    assert best["name"] in repr(table)
    low = RunTable(
        [{"name": "a", "loss": 2.0}, {"name": "b", "loss": float("nan")}, {"name": "c", "loss": 1.0}],
        metric="loss",
        lower_is_better=True,
    )
    assert low.best()["name"] == "c" and low.rows[1]["loss"] is None
    with pytest.raises(BadInput, match="needs a name"):
        RunTable([{"loss": 1}])


def test_jobs_are_stopped_and_resumed_by_their_key_and_only_where_that_is_allowed():
    source = examples.Jobs()
    jobs = JobList(source)
    said, _ = jobs.answered({"type": "stop", "key": "a", "request": 3})
    assert (
        source.states["a"] == "stopped"
        and said["request"] == 3
        and said["jobs"][0]["state"] == "stopped"
        and "will stop" in said["message"]
    )
    assert jobs.answered({"type": "resume", "key": "b"})[0]["jobs"][1]["state"] == "running"
    for bad in ({"type": "stop", "key": "../x"}, {"type": "stop"}, {"type": "kill", "key": "a"}, "stop"):
        assert jobs.answered(bad)[0]["type"] == "error"
    watched = JobList(source, controls=False)
    assert (
        "only be watched" in watched.answered({"type": "stop", "key": "b"})[0]["message"]
        and source.states["b"] == "running"
    )
    assert watched.answered({"type": "look"})[0]["type"] == "jobs"


def test_a_confusion_matrix_of_another_shape_is_refused_and_its_worst_pair_named():
    assert "most often van for truck (31)" in repr(ConfusionMatrix(**examples.confusion()))
    with pytest.raises(BadInput, match=r"\(2, 2\)"):
        ConfusionMatrix(["a", "b"], [[1, 2, 3, 4], [1, 2, 3, 4], [0, 0, 0, 0]])
    with pytest.raises(BadInput):
        ConfusionMatrix(["a"], [[-1]])


def test_a_comparison_counts_what_differs_and_needs_a_value_for_each():
    found = Comparison(**examples.comparison())
    assert found.different() == ["backbone", "parameters", "pretrained", "trainings", "best accuracy"]
    with pytest.raises(BadInput, match="one value for each of the 2"):
        Comparison(["a", "b"], {"x": {"n": [1]}})


def test_points_of_a_map_keep_their_shape_in_the_unit_square_and_are_answered_by_index():
    xy = np.array([[0, 0], [10, 0], [10, 5]], float)
    drawn = EmbeddingMap(xy, [0, 1, 1], ["a", "b"], source=(source := examples.MapSource()))
    got = np.frombuffer(drawn.xy, "<f4").reshape(-1, 2)
    assert np.abs(got).max() <= 1 and np.allclose(np.diff(got, axis=0) * 5 / 0.98, np.diff(xy, axis=0), atol=1e-5)
    said, (picture,) = drawn.answered({"type": "picture", "index": 2})
    assert said["caption"] == "drive-000002.jpg" and picture[:2] == b"\xff\xd8"
    assert drawn.answered({"type": "save", "name": "far", "indices": [1, 2]})[0][
        "type"
    ] == "saved" and source.saved == ("far", [1, 2])
    for bad in (
        {"type": "picture", "index": 3},
        {"type": "picture", "index": 0, "size_px": 9999},
        {"type": "save", "name": "x", "indices": [7]},
        {"type": "save", "name": "", "indices": [1]},
    ):
        assert drawn.answered(bad)[0]["type"] == "error"
    assert EmbeddingMap(xy).answered({"type": "save", "name": "x", "indices": [0]})[0]["type"] == "error"
    for wrong in ([[0, np.nan]], [[1, 2, 3]]):
        with pytest.raises(BadInput, match="finite points"):
            EmbeddingMap(wrong)
    with pytest.raises(BadInput, match="one of the 1 names"):
        EmbeddingMap(xy, [0, 0, 1], ["a"])


# --- drift ---


def test_points_that_are_not_in_the_plane_are_refused():
    with pytest.raises(BadInput, match=r"centres: finite points"):
        DriftPlot(centres=[[1, 2, 3]])
    with pytest.raises(BadInput, match="test_xy"):
        DriftPlot(test_xy=[[np.nan, 0]])


def test_numpy_numbers_in_verdicts_become_plain():
    plot = DriftPlot(verdicts={"paper": {"drifted": np.bool_(True), "p_value": np.float32(0.5), "effect": np.inf}})
    assert plot.verdicts == {"paper": {"drifted": True, "p_value": 0.5, "effect": None}}
    assert "paper: drifted" in repr(plot)


def test_rows_stand_in_the_order_of_scipys_dendrogram_and_missing_values_leave_them_as_given():
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    from veml_lab.widgets.heatmap import leaves

    rng = np.random.default_rng(0)
    points = rng.normal(size=(9, 3))
    near = np.linalg.norm(points[:, None] - points[None], axis=2)
    drawn = SimilarityHeatmap(
        [str(i) for i in range(9)], {"d": near + np.eye(9), "torn": np.where(near > 2, np.nan, near)}
    )
    oracle = leaves_list(linkage(squareform(near), "average", optimal_ordering=True))
    assert leaves(drawn.trees["d"], 9) == oracle.tolist() and oracle.tolist() != sorted(oracle)
    assert "torn" not in drawn.trees and leaves([], 9) == list(range(9))
    coded = [base64.b64decode(c) for c in re.findall(r"base64,([A-Za-z0-9+/=]+)", drawn.static_html())]
    texts = [
        [e.text for e in ET.fromstring(c).iter("{http://www.w3.org/2000/svg}text") if e.get("text-anchor") == "end"]
        for c in coded
    ]
    assert texts == [[str(i) for i in oracle], [str(i) for i in range(9)]]
    assert [c.count(b"<polyline") for c in coded] == [8, 0], "a join for each but one, of the measure that has a tree"


def test_a_target_that_is_no_set_is_named():
    with pytest.raises(UnknownName, match="nonesuch"):
        SimilarityHeatmap(["a", "b"], {"m": [[0, 1], [1, 0]]}, target="nonesuch")
    assert SimilarityHeatmap(["a"], {"m": [[0]]}).trees == {}


def test_a_stream_opens_at_the_look_that_decided_and_adds_up_the_level():
    plot = DriftPlot(**examples.stream())
    assert plot.look == 3 and plot.shown["test"] == "day 4"
    shares = [look["level"] for look in examples.stream()["looks"]]
    assert [look["spent"] for look in plot.looks] == pytest.approx(np.cumsum(shares)) and plot.looks[-1][
        "spent"
    ] < plot.level
    assert repr(plot) == "DriftPlot: data after city, 5 looks; first drift at day 4"
    html = plot.static_html()
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", html)[-35:]  # after the verdicts of the look that is drawn
    assert [cells[i : i + 4] for i in range(0, 35, 7)] == [
        [str(i + 1), f"day {i + 1}", "drifted" if i == 4 else "no drift", "drifted" if i >= 3 else "no drift"]
        for i in range(5)
    ]
    assert "city → day 4".encode() in base64.b64decode(re.findall(r"svg\+xml;base64,([A-Za-z0-9+/=]+)", html)[0])
    calm = examples.stream()
    assert DriftPlot(looks=calm["looks"][:3]).look == 2, "nothing drifted: the last one"


def test_a_look_that_lacks_its_level_or_is_not_there_is_refused():
    looks = examples.stream()["looks"]
    with pytest.raises(BadInput, match="look 1 takes 'test', 'level'"):
        DriftPlot(looks=[{k: v for k, v in looks[0].items() if k != "level"}])
    with pytest.raises(BadInput, match="run from 0 to 4"):
        DriftPlot(looks=looks, look=5)


def test_the_static_drift_plot_says_its_verdicts_whole():
    says = "p = 0.003 at level 0.05; <b> 0.0% of the test samples lie outside the 99 % radius (1 % expected): moderate"
    html = DriftPlot(verdicts={"calibrated": {"drifted": True, "text": says}}, title="Fog").static_html()
    assert f"drifted: {says.replace('<b>', '&lt;b&gt;')}</td>" in html and "Calibrated test" in html

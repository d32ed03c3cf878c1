"""Names cut to their room still tell versions apart, in pictures without script."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET

from veml_lab.widgets import LineageGraph, TrainingCurves

RUNS = [f"suburb from city · {m} · {e} epochs" for m in ("ssdlite", "retinanet") for e in (2, 20)]


def words(drawing) -> list[str]:
    svg = base64.b64decode(re.search(r"svg\+xml;base64,([^\"]+)", drawing.static_html()).group(1))
    return [e.text for e in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_four_trainings_of_one_family_are_four_names_in_the_picture_of_a_lineage():
    nodes = [{"id": n, "kind": "training", "name": n} for n in RUNS] + [{"id": "city", "kind": "data", "name": "city"}]
    said = [w for w in words(LineageGraph(nodes, [])) if "version" not in w]
    assert {"city", "suburb from city", "ssdlite · 2 epochs", "ssdlite · 20 epochs"} <= set(said)
    assert {"retinanet · 2 epochs", "retinanet · 20 epochs"} <= set(said)


def test_figures_of_the_machine_are_named_but_not_drawn_beside_a_metric():
    runs = {"first": {"rss_mb": [[0, 900.0], [1, 950.0]], "mAP": [[0, 0.1], [1, 0.4]]}}
    drawing = TrainingCurves(runs)
    said = words(drawing)
    assert "mAP" in said and "rss_mb" not in said and "not drawn: rss_mb" in said
    assert "rss_mb" not in repr(drawing)
    alone = TrainingCurves({"first": {"rss_mb": [[0, 900.0], [1, 950.0]]}})
    assert "rss_mb" in words(alone)
    assert "rss_mb" in words(TrainingCurves(runs, system=[]))

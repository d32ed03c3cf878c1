"""The map of stored vectors and streams of looks, on the pages of a lab."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

pytest.importorskip("ipywidgets")

import veml_lab as veml
from veml_lab.dashboards import contents, publish
from veml_lab.dashboards.contents import Empty
from veml_lab.embeddings import embed
from veml_lab.embeddings.stored import read, stored
from veml_lab.errors import BadInput
from veml_lab.faces.stored_map import stored_map_of
from veml_lab.faces.views import results, view


@pytest.fixture
def lab(digits_lab, fresh):
    found = fresh(digits_lab)
    shutil.rmtree(found.path / "embeddings", ignore_errors=True)  # of other tests
    return found


def maps(lab, name):
    return [e for e in contents.entries(lab, "data", name) if e.title == "Map"]


def test_a_page_shows_the_map_of_vectors_that_are_there_and_computes_none(lab, monkeypatch):
    (missing,) = maps(lab, "bright")
    assert isinstance(missing, Empty) and missing.line == "lab.view(\"map\", version='bright')"
    lab.view("map", version="bright")  # what the line says makes the map
    vectors = embed(lab["bright"], lab.embedder, progress=False)
    monkeypatch.setattr(type(lab), "embedder", property(lambda _: pytest.fail("a page loads no network")))
    (entry,) = maps(lab, "bright")
    drawing = entry.make()
    assert len(drawing) == len(vectors) and not drawing.saves
    xy = np.frombuffer(bytes(drawing.xy), "<f4").reshape(-1, 2).astype(float)
    # the two main axes keep as much of the spread as the best plane does; the map's scale does not matter
    singular = np.linalg.svd(vectors - vectors.mean(0), compute_uv=False)
    kept = np.linalg.svd(xy - xy.mean(0), compute_uv=False)
    assert kept[1] / kept[0] == pytest.approx(singular[1] / singular[0], rel=1e-3)


def test_a_large_version_is_drawn_in_part_and_says_so_and_each_point_is_its_sample(lab):
    version = lab["digits"]
    vectors = embed(version, lab.embedder, progress=False)
    embedder = stored(version)
    assert embedder.fingerprint == lab.embedder.fingerprint
    positions = [0, 3, 59, 79]
    assert np.array_equal(read(version, embedder, positions), vectors[positions])
    drawn = stored_map_of(version, most=20)
    assert len(drawn["xy"]) == len(drawn["groups"]) == 20 and "20 of 80 samples" in drawn["title"]
    uris, classes = version.samples["uri"].to_pylist(), version.annotations.class_labels
    for point, position in enumerate(drawn["source"].positions):
        assert drawn["source"].caption(point) == uris[position]
        assert drawn["names"][drawn["groups"][point]] == classes[version.ids[int(position)]]


def test_a_sample_of_several_objects_has_the_colour_of_the_commonest(road_lab):
    version = road_lab.city
    embed(version, road_lab.lab.embedder, progress=False)
    drawn = stored_map_of(version)
    shown = [drawn["names"][g] for g in drawn["groups"]]
    for i, said in zip(version.ids, shown, strict=True):
        labels = [b[0] for b in version.annotations.boxes.get(i, [])]
        assert said in ({c for c in labels if labels.count(c) == max(map(labels.count, labels))} or {"none"})
    assert len(set(shown)) > 1


def test_a_version_of_which_one_vector_is_missing_has_no_map(lab):
    version = lab["digits"]
    embed(version, lab.embedder, progress=False)
    done = next((lab.path / "embeddings" / lab.embedder.fingerprint).glob("*.done"))
    marks = np.fromfile(done, np.uint8)
    marks[5] = 0
    marks.tofile(done)
    assert stored(version) is None and stored_map_of(version) is None


def test_a_published_folder_holds_the_map_without_anything_to_ask(lab, tmp_path):
    embed(lab["digits"], lab.embedder, progress=False)
    folder = publish(lab, tmp_path / "site", pictures=0)
    views = json.loads((folder / "site.json").read_text())["views"]
    stored_maps = [v for v in views if v["title"] == "Map"]
    assert "digits" in [v["item"] for v in stored_maps]
    state = json.loads((folder / "views" / f"{stored_maps[0]['file']}.json").read_text())
    assert state["widget"] == "EmbeddingMap" and not state["state"]["pictures"] and not state["state"]["saves"]


def test_a_stream_is_kept_once_and_shown_in_place_of_its_looks(lab):
    train, tests = lab["digits-train"], [lab["digits-test"], lab["bright-test"], lab["bright-train"]]
    veml.drift(train, lab["bright-test"], k=5, progress=False)
    for _ in range(2):
        stream = veml.drift_stream(train, tests[:2], k=5, progress=False)
    rows = results(lab.store)["drift"]
    assert [(r["view"], r["number"]) for r in rows] == [("stream", 0), ("drift", 0)], (
        "its looks are no rows of their own"
    )
    assert rows[0]["name"] == "digits-train → 2 looks" and rows[0]["drifted"] == (stream.first() is not None)
    drawn = view(lab, "stream", {"number": 0})
    assert [look["test"] for look in drawn.looks] == ["digits-test", "bright-test"]
    assert [look["p_value"] for look in drawn.looks] == [r.p_value for r in stream.reports]
    # going on with it replaces the row; another order is another stream
    veml.drift_stream(train, tests, k=5, progress=False)
    veml.drift_stream(train, tests[::-1], k=5, progress=False)
    assert (
        sorted(r["name"] for r in results(lab.store)["drift"] if r["view"] == "stream")
        == ["digits-train → 3 looks"] * 2
    )
    titles = [e.title for e in contents.entries(lab, "similarity")]
    assert titles.count("Drift: digits-train → 3 looks") == 2


def test_a_stream_whose_reports_are_gone_says_so(lab):
    veml.drift_stream(lab["digits-train"], [lab["digits-test"]], k=5, progress=False)
    from veml_lab.lifecycle.drift_repeated import STREAM_KIND, stored_stream
    from veml_lab.versions.results import results_of

    ((_, value),) = results_of(lab.store, STREAM_KIND)
    with pytest.raises(BadInput, match="not in the lab any more; look again with: veml drift LAB digits-train"):
        stored_stream(lab.store, {**value, "looks": ["gone"]})
    with pytest.raises(BadInput, match="there is no stream 7"):
        view(lab, "stream", {"number": 7})

"""Opening labs, asking them, and what panels and pages are told."""

from __future__ import annotations

import json

import pytest

import veml_lab as veml
from veml_lab.catalog.schema import FORMAT_VERSION
from veml_lab.errors import BadInput, DamagedLab, FullDisk, MissingFile, NewerLab, UnknownName
from veml_lab.lab import open_labs
from veml_lab.lineage import reach


@pytest.fixture
def lab(fresh, digits_lab):
    return fresh(digits_lab)


def test_a_new_or_empty_folder_becomes_a_lab_and_an_existing_one_is_opened(tmp_path):
    for path in (tmp_path / "a" / "b" / "new", tmp_path / "empty"):
        if path.name == "empty":
            path.mkdir()
        assert veml.open(path).versions() == []
        assert veml.open(str(path), create=False).path == path.resolve()
        assert f"format_version = {FORMAT_VERSION}" in (path / "lab.toml").read_text()


def test_a_lab_that_cannot_be_made_leaves_no_folder_and_one_that_was_there_stays(tmp_path, monkeypatch):
    def full(_):
        raise FullDisk("full")

    (tmp_path / "empty").mkdir()
    monkeypatch.setattr("veml_lab.lab.Catalog", full)
    for name in ("new", "empty"):
        with pytest.raises(FullDisk):
            veml.open(tmp_path / name)
    assert [p.name for p in tmp_path.iterdir()] == ["empty"]


def test_where_there_is_no_lab_none_is_made_unless_asked(tmp_path):
    for options in ({"read_only": True}, {"create": False}):
        with pytest.raises(MissingFile, match="no lab"):
            veml.open(tmp_path / "none", **options)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_other_things_is_refused(tmp_path):
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(BadInput, match="other files"):
        veml.open(tmp_path)


@pytest.mark.parametrize("version", [FORMAT_VERSION + 1, 999])
def test_a_newer_lab_is_refused_whatever_is_asked(lab, version):
    (lab.path / "lab.toml").write_text(f"format_version = {version}\n")
    for options in ({}, {"read_only": True}):
        with pytest.raises(NewerLab, match="pip install -U"):
            veml.open(lab.path, **options)


def test_a_lab_without_its_catalog_is_damaged_and_not_quietly_made_new(lab):
    (lab.path / "catalog.duckdb").unlink()
    with pytest.raises(DamagedLab, match="catalog"):
        veml.open(lab.path, read_only=True)
    with pytest.raises(DamagedLab, match="catalog"):
        veml.open(lab.path)
    assert not (lab.path / "catalog.duckdb").exists()


def test_open_labs_are_those_that_somebody_holds(tmp_path):
    first = veml.open(tmp_path / "first")
    second = veml.open(tmp_path / "second")
    assert open_labs()[-2:] == [first, second]
    del second
    import gc

    gc.collect()
    assert open_labs()[-1] is first


def test_versions_are_found_by_name_and_id_and_kind(digits_lab):
    lab = digits_lab.lab
    assert lab["digits"] == lab.get(lab["digits"].id) == digits_lab.digits
    assert "digits" in lab and "zebra" not in lab
    assert [v.name for v in lab.versions("training")] == ["first"]
    with pytest.raises(UnknownName, match="digits"):
        lab["digit"]
    with pytest.raises(KeyError):
        lab.get("digits", "training")
    assert [v.name for v in lab.data] == ["digits", "bright"]


def test_the_ancestors_of_an_inference_version_hold_all_four_kinds_and_nothing_that_came_later(digits_lab):
    tree = digits_lab.lab.lineage("in production", direction="ancestors")
    assert {n.kind for n in tree.nodes} == {"data", "model", "training", "inference"}
    assert {n.name for n in tree.nodes} == {"digits", "digits-train", "digits-test", "tiny", "first", "in production"}
    graph = digits_lab.lab.store.graph()
    import networkx as nx

    g = digits_lab.lab.lineage().to_networkx()
    for node in graph.nodes.values():  # the oracle: networkx
        assert set(reach(graph, node.id, back=True)) == nx.ancestors(g, node.id)
        assert set(reach(graph, node.id, back=False)) == nx.descendants(g, node.id)
    assert nx.is_directed_acyclic_graph(g)
    names = [v.name for v in tree.path("digits", "in production")]
    assert (names[0], names[-1]) == ("digits", "in production")
    assert tree.path("in production", "digits") == []
    with pytest.raises(BadInput, match="direction"):
        digits_lab.lab.lineage("first", direction="up")


def test_the_lineage_prints_every_ancestor(digits_lab):
    text = repr(digits_lab.lab.lineage("in production", direction="ancestors"))
    for name in ("digits-train", "tiny", "first", "in production", "trained_on"):
        assert name in text


def test_rows_and_details_are_plain_json(digits_lab):
    rows = digits_lab.lab.rows()
    json.dumps(rows, allow_nan=False)
    assert [r["name"] for r in rows] == [v.name for v in digits_lab.lab.versions()]
    for r in rows:
        d = digits_lab.lab.detail(r["id"])
        json.dumps(d, allow_nan=False)
        assert d["name"] == r["name"] and all(not isinstance(v, (dict, list)) for v in d.values())
    elements = digits_lab.lab.elements()
    assert {e["source"] for e in elements["edges"]} <= {n["id"] for n in elements["nodes"]}


def test_the_training_curve_has_one_point_a_step(digits_lab):
    curves = digits_lab.lab.curves()["first"]
    steps = [s for s, _ in curves["loss"]]
    assert steps == list(range(1, 25))
    assert [s for s, _ in curves["accuracy"]] == [4, 8, 12, 16, 20, 24] == [s for s, _ in curves["validation_loss"]]
    by_name: dict[str, list] = {}
    for r in digits_lab.lab["first"].log():
        by_name.setdefault(r["name"], []).append([r["step"], r["value"]])
    assert {k: v.tolist() for k, v in curves.items()} == by_name


def test_listeners_hear_of_every_version_once(lab):
    heard = []
    lab.listeners.append(lambda event, row: heard.append((event, row["name"], row["kind"])))
    lab["digits"].sample("part", 10)
    lab["digits"].sample("part", 10)
    lab["digits"].split("a", "b")
    assert heard == [("version", n, "data") for n in ("part", "a", "b")]


def test_another_opening_of_the_lab_sees_a_new_version_at_once(lab):
    other = veml.open(lab.path, read_only=True)
    before = other.revision()
    lab["digits"].sample("part", 10)
    assert "part" in other and other.revision() != before


def test_pictures_and_annotations_come_for_the_browser(digits_lab, road_lab):
    source = digits_lab.lab.browse_source("digits")
    assert len(source) == 80 and source.thumbnails([0], 32)[0][:2] == b"\xff\xd8"
    assert source.annotations([1])[0]["label"] == "1"
    boxes = road_lab.lab.browse_source("city").annotations(range(16))
    assert all(0 <= v <= 1.001 for a in boxes for b in a["boxes"] for v in b[:4])


@pytest.mark.parametrize("name", ["digits", "tiny", "first", "in production"])
def test_every_kind_draws_itself_for_a_notebook(digits_lab, name):
    bundle = digits_lab.lab[name]._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert name in data["text/plain"]


def test_an_empty_lab_says_what_to_do(empty_lab):
    assert "lab.add" in repr(empty_lab)
    assert empty_lab.rows() == [] and empty_lab.similarity_latest() is None and empty_lab.drift_latest() == []

"""Similarity without a common space and grown by a version; the all-pairs table; streams of looks."""

import numpy as np
import pytest

import veml_lab as veml
from veml_lab.embeddings import own_embedder
from veml_lab.errors import BadInput, UnknownName
from veml_lab.geometry.coresets import k_center_greedy
from veml_lab.geometry.coverage import spend
from veml_lab.lifecycle import similarity as module
from veml_lab.lifecycle.across import MEASURE, compare_across
from veml_lab.versions.parts import train_part


def clusters(n=150, d=4, seed=0, count=3):
    r = np.random.default_rng(seed)
    return r.standard_normal((count, d))[r.integers(0, count, n)] * 6 + r.standard_normal((n, d))


def test_a_turned_scaled_and_lifted_copy_is_at_nothing_and_another_shape_is_not():
    x = clusters()
    turn = np.linalg.qr(np.random.default_rng(1).standard_normal((9, 4)))[0]
    line = np.linspace(0, 1, 150)[:, None]
    table = compare_across({"x": x, "copy": 3 * x @ turn.T + 5, "line": line}, k=40, starts=1).matrix(MEASURE)
    assert table[0, 1] < 1e-6 and table[0, 2] > 0.05
    np.testing.assert_array_equal(table, table.T)


def test_a_set_more_changes_no_pair_and_what_is_known_is_not_computed_again(monkeypatch):
    sets = {"a": clusters(), "b": clusters(d=7, seed=2), "c": clusters(d=2, seed=3)}
    whole = compare_across(sets, k=20, starts=2)
    known = compare_across({n: sets[n] for n in ("b", "a")}, k=20, starts=2)
    asked = []
    from veml_lab.lifecycle import across

    monkeypatch.setattr(
        across, "gromov_wasserstein", lambda *a, f=across.gromov_wasserstein, **k: (asked.append(1), f(*a, **k))[1]
    )
    grown = compare_across(sets, k=20, starts=2, known=known)
    assert len(asked) == 2
    np.testing.assert_array_equal(grown.measures[MEASURE], whole.measures[MEASURE])
    with pytest.raises(BadInput, match="was made with"):
        compare_across(sets, k=21, starts=2, known=known)


def grey(images):
    return [[np.asarray(i).mean(), np.asarray(i).std()] for i in images]


def thumbnails(images):
    return [np.asarray(i.resize((4, 4)).convert("L"), np.float32).ravel() for i in images]


def test_versions_of_different_embedders_are_compared_across_and_show_their_groups(digits_lab, fresh):
    lab = fresh(digits_lab)
    both = {"digits": own_embedder(grey), "bright": own_embedder(thumbnails)}
    found = module.similarity([lab["digits"], lab["bright"]], embedder=both, k=15, progress=False)
    assert set(found.measures) == {MEASURE} and found.closest_pair() == ("digits", "bright")
    assert f"groups by {MEASURE}:" in repr(found)
    with pytest.raises(BadInput, match="no common space"):
        module.similarity([lab["digits"], lab["bright"]], embedder=both, measures=["energy"])
    with pytest.raises(BadInput, match="no embedder for bright"):
        module.similarity([lab["digits"], lab["bright"]], embedder={"digits": both["digits"]})
    with pytest.raises(UnknownName, match=MEASURE):
        module.similarity([lab["digits"], lab["bright"]], embedder=both["digits"], measures=["gromov"])


def test_a_lab_that_grows_by_a_version_gets_the_values_of_a_full_comparison(
    digits, bright_digits, tmp_path, monkeypatch
):
    lab, whole = (
        veml.open(tmp_path / name) for name in ("grows", "whole")
    )  # the shared lab may know a comparison already
    for one in (lab, whole):
        one.use_embedder("squeezenet1_1", weights="random", size_px=32)
        one.add("digits", veml.read_idx(digits), progress=False)
        one.add("bright", veml.read_idx(bright_digits), progress=False)
        one["digits"].sample("few", 40, seed=1)
    names = ("digits", "bright", "few")
    veml.similarity([lab["digits"], lab["bright"]], progress=False)
    seen = []
    monkeypatch.setattr(module, "compare", lambda *a, f=module.compare, **k: (seen.append(k["known"]), f(*a, **k))[1])
    grown = veml.similarity([lab[n] for n in names], progress=False)
    full = veml.similarity([whole[n] for n in names], progress=False)
    assert seen[0].names == ("digits", "bright") and seen[1] is None
    assert grown.measures == full.measures and grown.core == full.core


def test_the_table_of_pairs_is_the_covering_table_with_the_calibrated_verdicts(digits_lab, fresh):
    lab = fresh(digits_lab)
    versions = [lab["digits"], lab["bright"]]
    table = veml.drift_pairs(versions, progress=False)
    from veml_lab.embeddings import embed

    sets = {v.name: embed(train_part(v), lab.embedder, progress=False) for v in versions}
    cores = {n: k_center_greedy(x, 10, seed=0) for n, x in sets.items()}
    for a, b in (("digits", "bright"), ("bright", "digits")):
        report, train, test = table[a, b], cores[a], cores[b]
        # the paper's rule by hand: the mean distance of the test centres to the nearest training centre
        distance = np.linalg.norm(test.points[:, None] - train.points, axis=2).min(1).mean()
        assert report.report.distance == pytest.approx(distance, rel=1e-5)
        assert report.paper_drifted == (distance > train.radius) and report.drifted
    assert "(+)" in repr(table) and len(table.to_dict()["pairs"]) == 2
    with pytest.raises(BadInput, match="two or more"):
        veml.drift_pairs(versions[:1])


def test_a_stream_spends_its_level_and_says_where_drift_began(digits_lab, fresh):
    lab = fresh(digits_lab)
    tests = [lab["digits"].sample(f"look {i}", 25, seed=i) for i in range(2)] + [
        lab["bright-test"].merge(lab["bright-train"], name="later")
    ]
    stream = veml.drift_stream(lab["digits"], tests, progress=False)
    assert [r.report.level for r in stream.reports] == [spend(0.05, i) for i in (1, 2, 3)]
    assert (
        [r.drifted for r in stream.reports]
        == [r.p_value <= r.report.level for r in stream.reports]
        == [False, False, True]
    )
    assert stream.first().test == "later" == stream.to_dict()["first"] and "level 0.05 for all" in repr(stream)


def test_the_command_line_prints_pairs_and_streams(digits_lab, fresh, capsys):
    import json

    from veml_lab.cli import main

    path = str(fresh(digits_lab).path)
    assert main(["drift", path, "--json", "--pairs", "digits", "bright"]) == 0
    assert [(p["train"], p["drifted"]) for p in json.loads(capsys.readouterr().out)["pairs"]] == [
        ("digits-train", True),
        ("bright-train", True),
    ]
    assert main(["drift", path, "digits", "digits-test", "bright-test", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["looks"]) == 2
    assert main(["drift", path]) == 2 and main(["drift", path, "digits", "--pairs", "digits"]) == 2

"""Verbs whose steps are kept: bit for bit what a lab without reuse says, and said beforehand without being run."""

import contextlib
import json

import numpy as np
import pytest

import veml_lab as veml
from veml_lab.cli import main
from veml_lab.errors import BadInput
from veml_lab.intermediates import costs
from veml_lab.intermediates.shelf import Shelf
from veml_lab.versions.lab_cache import shelf_of


@pytest.fixture(autouse=True)
def everything_is_worth_it(monkeypatch):
    monkeypatch.setattr(costs, "WORTH", 0.0)
    monkeypatch.setattr(costs, "SPARED", 0.0)


@pytest.fixture
def lab(fresh, digits_lab):
    return fresh(digits_lab)


@pytest.fixture
def bare(fresh, digits_lab):
    """The same lab, which keeps nothing: its budget is 0."""
    bare = fresh(digits_lab)
    with (bare.path / "lab.toml").open("a") as marker:
        marker.write("[cache]\nbudget_gb = 0\n")
    return bare


@contextlib.contextmanager
def counted(monkeypatch, module, name):
    """How often a function was called."""
    real, calls = getattr(module, name), []
    with monkeypatch.context() as m:
        m.setattr(module, name, lambda *a, **k: calls.append(1) or real(*a, **k))
        yield calls


def core(c):
    return c.index.tobytes(), c.points.tobytes(), c.radii.tobytes(), c.radius, c.mass.tobytes(), c.method


def operations(lab):
    return sorted({e.operation for e in lab.cache.entries})


def test_core_sets_are_those_of_a_lab_without_reuse(lab, bare):
    for k in (12, 5, 12, 1, 20, 13):  # found, cut from a longer one, or longer than what is there
        for method in ("k-center", "k-center-skip", "random"):
            mine, due = (veml.core_set(x["digits"], k, method=method, seed=2) for x in (lab, bare))
            assert core(mine) == core(due), (k, method)
    assert operations(lab) == ["core set"] and bare.cache.entries == []


def test_one_run_serves_every_smaller_core_set(lab, monkeypatch):
    from veml_lab.geometry import coresets

    with counted(monkeypatch, coresets, "core_set") as calls:
        for k in (20, 20, 7, 19):
            veml.core_set(lab["digits"], k)
        assert len(calls) == 1
        for k in (21, 30, 42):  # asked for more, it went to twice of that
            veml.core_set(lab["digits"], k)
        assert len(calls) == 2
        veml.core_set(lab["digits"], 7, seed=1)
        veml.core_set(lab["bright"], 7)
        assert len(calls) == 4
        veml.core_set(lab["digits"], 20)
        assert len(calls) == 4


def test_a_core_set_asks_for_what_there_is(lab):
    with pytest.raises(BadInput, match="81"):
        veml.core_set(lab["digits"], 81)
    with pytest.raises(veml.UnknownName, match="k-center"):
        veml.core_set(lab["digits"], 8, method="k-centre")


def test_drift_fits_the_training_data_once(lab, bare, monkeypatch):
    from veml_lab.geometry import coverage

    tests = ["bright", "bright-train", "bright-test"]
    with counted(monkeypatch, coverage, "covering_balls") as calls:
        mine = [veml.drift(lab["digits"], lab[t]) for t in tests]
        assert len(calls) == 1
        due = [veml.drift(bare["digits"], bare[t]) for t in tests]
        assert len(calls) == 4
        veml.drift(lab["digits"], lab["bright"], k=9)
        assert len(calls) == 5
    assert [m.to_dict() for m in mine] == [d.to_dict() for d in due]
    assert [m.report for m in mine] == [d.report for d in due] and [m.plane for m in mine] == [d.plane for d in due]


def test_a_damaged_intermediate_changes_no_verdict(lab, bare):
    veml.drift(lab["digits"], lab["bright-train"])
    (entry,) = [e for e in lab.cache.entries if e.operation == "covering balls"]
    file = lab.path / "cache" / f"{entry.key}{entry.ending}"
    file.write_bytes(file.read_bytes()[:-50] + bytes(50))
    with pytest.warns(UserWarning, match="computed again"):
        mine = veml.drift(lab["digits"], lab["bright"])
    assert mine.to_dict() == veml.drift(bare["digits"], bare["bright"]).to_dict()


def test_a_comparison_finds_the_core_sets_of_another(lab, bare, monkeypatch):
    from veml_lab.geometry import similarity

    veml.similarity([lab["digits"], lab["bright"]], measures=["mean", "energy"])
    fresh = lab["digits"].sample("half", 30), lab["bright"]
    with counted(monkeypatch, similarity, "k_center_greedy") as calls:
        mine = veml.similarity([*fresh, lab["digits"]], measures=["mean", "energy"], seed=0)
    assert len(calls) == 6, "two kinds from three starts, of the new one"
    due = veml.similarity(
        [bare["digits"].sample("half", 30), bare["bright"], bare["digits"]], measures=["mean", "energy"]
    )
    assert mine.to_dict() == due.to_dict()


def test_a_head_costs_what_was_added(lab, bare, monkeypatch, bright_digits):
    from veml_lab.geometry import sums

    with counted(monkeypatch, sums.Sums, "of") as calls:
        first = veml.linear_head(lab["digits"])
        assert len(calls) == 1
        again = veml.linear_head(lab["digits"], l2=3.0)
        assert len(calls) == 1 and not np.array_equal(first.weights, again.weights)
        both = veml.linear_head(lab["digits-train"].merge(lab["bright-train"], name="both"))
        assert len(calls) == 2
    due = veml.linear_head(bare["digits-train"].merge(bare["bright-train"], name="both"))
    assert both.weights.tobytes() == due.weights.tobytes() and both.offset.tobytes() == due.offset.tobytes()
    assert both.n == 120 and both.accuracy(lab["bright-test"]) > 0.8
    assert first.weights.tobytes() == veml.linear_head(bare["digits"]).weights.tobytes()


def test_a_head_is_the_ridge_regression_of_its_vectors(lab):
    from veml_lab.embeddings import embed

    version = lab["digits-train"]
    x = embed(version, lab.embedder, progress=False).astype(float)
    y = np.array([[c == label for c in version.classes] for label in version.to_pandas()["label"]], float)
    head = veml.linear_head(version, l2=2.0)
    xc, yc = x - x.mean(0), y - y.mean(0)
    due = np.linalg.solve(xc.T @ xc + 2.0 * np.eye(x.shape[1]), xc.T @ yc)
    assert np.allclose(head.weights, due, atol=1e-6)
    assert head.predict(version) == [version.classes[i] for i in (x @ head.weights + head.offset).argmax(1)]


def test_another_label_is_another_sum(lab):
    version = lab["digits-train"]
    first = veml.linear_head(version)
    wrong = version.correct("relabelled", {int(version.ids[0]): {"class": "2"}, int(version.ids[1]): {"class": "0"}})
    assert not np.array_equal(veml.linear_head(wrong).weights, first.weights)


# -- said beforehand -------------------------------------------------------------------------------


def said(explanation):
    return {p.said: (p.found, p.computed) for p in explanation.parts}


def test_what_drift_reuses_is_said_before_it_runs(lab):
    call = lambda: veml.drift(lab["digits"], lab["bright"])  # noqa: E731
    before = veml.explain(call)
    assert said(before) == {
        "vectors of 'digits-train'": (60, 0), "vectors of 'bright'": (80, 0),
        "covering balls of 'digits-train'": (0, 1), "drift of 'bright' against 'digits-train'": (0, 1),
    }  # fmt: skip
    assert before.seconds is None and lab.drift_latest() == [] and lab.cache.entries == []
    call()
    after = veml.explain(call)
    assert said(after) == {"drift of 'bright' against 'digits-train'": (1, 0)}
    assert after.seconds == 0 and after.saved_s > 0 and "computes nothing; saves" in repr(after)
    other = veml.explain(lambda: veml.drift(lab["digits"], lab["bright-test"]))
    assert said(other)["covering balls of 'digits-train'"] == (1, 0) and other.seconds > 0
    assert "<table" in other._repr_mimebundle_()["text/html"]


def test_vectors_that_are_missing_are_counted_and_not_made(lab):
    lab.use_embedder("squeezenet1_1", weights="random", size_px=40)
    found = veml.explain(lambda: veml.core_set(lab["digits"], 5))
    assert said(found) == {"vectors of 'digits'": (0, 80), "core set of 5 of 'digits'": (0, 1)}
    assert found.seconds is None
    veml.core_set(lab["digits-test"], 5)
    found = veml.explain(lambda: veml.core_set(lab["digits"], 5).index[0])
    assert said(found)["vectors of 'digits'"] == (20, 60) and found.parts[0].seconds > 0 < found.parts[0].saved
    assert "core set of 5 of 'digits', which is not there yet" in found.halted


def test_every_verb_that_reuses_says_so(lab):
    found = veml.explain(lambda: veml.similarity([lab["digits"], lab["bright"]], starts=2))
    assert len(found.parts) == 2 + 2 * 2 * 2 + 1 and not found.halted
    veml.similarity([lab["digits"], lab["bright"]], starts=2)
    assert len(veml.explain(lambda: veml.similarity([lab["digits"], lab["bright"]], starts=2)).parts) == 1
    plan = veml.plan(lab["tiny"], lab["digits"], name="first", epochs=6, batch_size=16, lr=1e-2)
    assert said(veml.explain(lambda: veml.train(plan, lab))) == {"training 'first'": (1, 0)}
    other = veml.plan(lab["tiny"], lab["digits"], name="other", epochs=1, batch_size=16)
    assert said(veml.explain(lambda: veml.train(other, lab))) == {"training 'other'": (0, 1)} and "other" not in lab
    found = veml.explain(lambda: veml.linear_head(lab["digits"]))
    assert [p.computed for p in found.parts] == [0, 1, 1]
    veml.linear_head(lab["digits"])
    assert [p.computed for p in veml.explain(lambda: veml.linear_head(lab["digits"])).parts] == [0]
    ones = lab["digits"].filter("ones", "label = '1'")
    assert said(veml.explain(lambda: lab["digits"].filter("ones", "label = '1'"))) == {"filter 'ones'": (1, 0)}
    assert len(ones) < len(lab["digits"])


def test_an_import_that_is_there_is_said_and_another_is_not_made(lab, digits, bright_digits, tmp_path):
    import shutil

    shutil.copytree(bright_digits, tmp_path / "more")
    found = veml.explain(lambda: lab.add("digits", veml.read_idx(digits), progress=False))
    assert said(found) == {"import 'digits'": (1, 0)}
    found = veml.explain(lambda: lab.add("more", veml.read_idx(tmp_path / "more"), progress=False))
    assert found.halted == "importing 'more'" and "more" not in lab


def test_the_command_line_says_it_too(lab, capsys):
    assert main(["drift", str(lab.path), "digits", "bright", "--explain"]) == 0
    assert "covering balls of 'digits-train'" in capsys.readouterr().out and lab.drift_latest() == []
    assert main(["drift", str(lab.path), "digits", "bright", "--explain", "--json"]) == 0
    assert [p["computed"] for p in json.loads(capsys.readouterr().out)["parts"]] == [0, 0, 1, 1]
    assert main(["similar", str(lab.path), "--explain"]) == 0 and "core set" in capsys.readouterr().out


def test_nothing_is_kept_for_a_lab_that_is_read_only(lab):
    reader = veml.open(lab.path, read_only=True)
    veml.core_set(reader["digits"], 6)
    assert Shelf(lab.path / "cache").entries() == [] and shelf_of(reader.store).read_only

"""What a donor is worth: scores of its own network on a labelled target, and what its transfer should bring."""

from __future__ import annotations

import json

import numpy as np
import pytest
from labs import write_digits

import veml_lab as veml
from veml_lab.cli import main
from veml_lab.errors import BadData, BadInput, DamagedLab, UnknownName
from veml_lab.geometry.transferability import SCORES
from veml_lab.lifecycle import prospects
from veml_lab.lifecycle.donors import _order
from veml_lab.lifecycle.prospects import FEATURES, Case, Prospects, features_of
from veml_lab.training import backend


def test_a_donor_is_scored_once_and_found_again(two):
    found = veml.worth(two["first"], two["sister"])
    assert set(found.scores) == set(SCORES) and set(found.fresh) == set(SCORES)
    assert found.samples == len(two["sister-train"])
    # the trained network knows these classes, an untrained one does not
    assert found.scores["leep"] > found.fresh["leep"] and found.scores["logme"] > found.fresh["logme"]
    assert found.scores["logme"] > veml.worth(two["bright run"], two["sister"]).scores["logme"]
    revision = two.revision()
    assert veml.worth(two["first"], two["sister"]) == found and two.revision() == revision


def test_what_a_network_sees_is_what_it_predicts(two):
    """The outputs are those of the backend's own prediction, and the last layer of the features gives them."""
    run, data = two["first"], two["sister-test"]
    engine, recipe = backend("torchvision"), run.model.recipe
    seen = engine.see(recipe, run.checkpoint, data, range(len(data)))
    predicted = engine.predict(recipe, run.checkpoint, data)
    np.testing.assert_allclose(seen.outputs, predicted.probabilities, atol=1e-5)
    assert [seen.classes[i] for i in seen.labels] == [data.classes[t] for t in data.annotations.targets()]
    part = engine.see(recipe, run.checkpoint, data, [3, 5])
    np.testing.assert_allclose(part.features, seen.features[[3, 5]], atol=1e-5)
    fresh = [engine.see(recipe, None, data, range(8), seed=s).features for s in (0, 0, 1)]
    assert np.array_equal(fresh[0], fresh[1]) and not np.allclose(fresh[0], fresh[2])


def test_a_detector_is_scored_by_its_regions(fresh, road_lab):
    lab = fresh(road_lab)
    recipe = {"architecture": "ssd", "backbone": "resnet10", "width": 8, "neck_channels": 16, "size_px": [96, 64]}
    data, fog = lab["city"], lab["fog"]
    model = veml.model(data, recipe, name="tiny detector")
    run = veml.train(veml.plan(model, data, name="on city", epochs=1, batch_size=8), lab, progress=False)
    boxes = sum(len(b) for b in fog.annotations.boxes.values())
    seen = backend("torchvision").see(run.model.recipe, run.checkpoint, fog, range(len(fog)))
    assert seen.outputs is None and seen.classes == (*fog.classes, "")
    named = seen.labels < len(fog.classes)
    assert named.sum() == boxes and 0 < (~named).sum() <= boxes
    assert len(seen.features) == len(seen.labels) and np.isfinite(seen.features).all()
    assert np.std(seen.features, axis=0).max() > 0  # regions differ
    near = veml.most_similar(fog, [data], progress=False)
    assert near.by == "worth" and near[0].expected is None  # no transfer of a detector is known yet
    assert set(near[0].worth.scores) == {s.name for s in SCORES.values() if s.needs == "features"}


def test_places_where_nothing_is_labelled_hold_nothing():
    """Boxes of the same sizes, inside the picture; one that fills it leaves no such place."""
    import torch

    from veml_lab.training.torchvision.seen import _empty_places

    boxes = torch.tensor([[0.0, 0, 30, 20], [50, 30, 90, 60], [20, 5, 60, 40]])
    rng = np.random.default_rng(0)
    found = torch.cat([_empty_places(boxes, (96, 64), rng) for _ in range(50)])
    assert 0 < len(found) < 150  # some were in the way
    for x0, y0, x1, y1 in found.tolist():
        assert 0 <= x0 < x1 <= 96 and 0 <= y0 < y1 <= 64
        for a0, b0, a1, b1 in boxes.tolist():
            both = max(min(x1, a1) - max(x0, a0), 0) * max(min(y1, b1) - max(y0, b0), 0)
            assert both / ((x1 - x0) * (y1 - y0) + (a1 - a0) * (b1 - b0) - both) < 0.1
    assert len(_empty_places(torch.tensor([[0.0, 0, 96, 64]]), (96, 64), rng)) == 0


def test_the_ranking_is_by_worth_where_it_can_be_told_and_by_similarity_where_asked(two):
    donors = [two["bright"], two["digits"]]
    near = veml.most_similar(two["sister"], donors, progress=False)
    assert near.by == "worth" and near[0].data.name == "digits" and near[0].expected is not None
    assert "logme" in repr(near) and "expected" in near._repr_html_()
    paper = veml.most_similar(two["sister"], donors, by="similarity", progress=False)
    assert paper.by == "similarity" and paper[0].worth is None and "logme" not in repr(paper)
    assert [d.values["energy"] for d in paper] == sorted(d.values["energy"] for d in paper)
    with pytest.raises(UnknownName, match="worth"):
        veml.most_similar(two["sister"], donors, by="wroth", progress=False)


def test_the_command_line_takes_the_order(two, capsys):
    orders = {}
    for way in ("worth", "similarity"):
        assert main(["similar", str(two.path), "sister", "--by", way, "--json"]) == 0
        orders[way] = json.loads(capsys.readouterr().out)
    assert orders["worth"]["by"] == "worth" and orders["worth"]["donors"][0]["worth"]["logme"] > 0
    assert orders["similarity"]["donors"][0]["worth"] is None
    assert main(["similar", str(two.path), "--by", "worth"]) != 0  # the whole matrix has no order


def test_without_labels_or_lifecycles_similarity_ranks(two, tmp_path):
    import dataclasses

    source = veml.read_idx(write_digits(tmp_path / "bare", seed=8))

    def unlabelled():
        return (dataclasses.replace(r, label=None) for r in source.records())

    bare = two.add("bare", dataclasses.replace(source, records=unlabelled, fingerprint="bare"), progress=False)
    assert veml.most_similar(bare, [two["digits"]], progress=False).by == "similarity"
    with pytest.raises(BadInput, match="0 labelled samples; label 4 or more"):
        veml.most_similar(bare, [two["digits"]], by="worth", progress=False)
    with pytest.raises(BadInput, match="none has a lifecycle"):
        veml.most_similar(two["digits"], [two["sister"]], by="worth", progress=False)


def test_a_donor_whose_weights_are_gone_says_so_and_the_others_are_scored(two):
    two["first"].checkpoint.unlink()
    near = veml.most_similar(two["sister"], [two["digits"], two["bright"]], progress=False)
    assert [d.data.name for d in near] == ["bright", "digits"]  # scored ones first
    assert "is missing" in near[1].unscored and "digits is not scored" in repr(near)
    with pytest.raises(DamagedLab, match="is missing"):
        veml.worth(two["first"], two["sister"])


def test_targets_that_cannot_score_say_what_to_do(two, road_lab):
    one = two["sister-train"].filter("zeros", "label = '0'")
    with pytest.raises(BadData, match="at least 2 classes"):
        veml.worth(two["first"], one)
    few = two["sister-train"].sample("three", 3)
    with pytest.raises(BadData, match="label 4 or more"):
        veml.worth(two["first"], few)
    with pytest.raises(BadInput, match="is for detection"):
        veml.worth(two["first"], road_lab.city)


# -- the order -------------------------------------------------------------------------------------------


class Scored:
    """What the order reads of a donor."""

    def __init__(self, at, logme, label=None):
        self.data = type("Data", (), {"id": at})
        self.worth = type("Worth", (), {"scores": {"logme": logme}})
        self.values = {} if label is None else {"label": label}


def by(scored):
    order = _order(scored)
    return sorted(order, key=order.get)


def test_logme_decides_and_from_three_donors_on_the_distance_with_labels_too():
    assert by([Scored(1, 0.1, 5.0), Scored(2, 0.2, 9.0)]) == [2, 1]  # of two, each is as far as the other: LogME alone
    # nearly equal in LogME, far apart in distance
    assert by([Scored(1, 0.100, 9.0), Scored(2, 0.099, 1.0), Scored(3, -0.5, 9.0)]) == [2, 1, 3]
    assert by([Scored(1, 0.100), Scored(2, 0.099, 1.0), Scored(3, -0.5, 9.0)]) == [1, 2, 3]
    assert len(by([Scored(1, 0.1, 1.0)])) == 1


# -- the gain --------------------------------------------------------------------------------------------


def cases(n_targets=8, each=6, slope=0.1, noise=0.01, seed=0):
    rng = np.random.default_rng(seed)
    made = []
    for t in range(n_targets):
        for _ in range(each):
            x = rng.normal(size=len(FEATURES))
            made.append(Case(tuple(x), slope * x[0] + noise * rng.normal(), f"target {t}"))
    return made


def test_the_gain_is_learned_with_an_interval_that_holds():
    learned = Prospects(cases())
    new = cases(seed=1, n_targets=40)
    said = [learned.expected(c.features) for c in new]
    assert np.corrcoef([e.gain for e in said], [c.gain for c in new])[0, 1] > 0.98
    inside = np.mean([e.low <= c.gain <= e.high for e, c in zip(said, new)])
    assert 0.85 <= inside <= 0.97
    good, bad = (learned.expected((v, *[0.0] * (len(FEATURES) - 1))) for v in (2.0, -2.0))
    assert good.chance == 1 and bad.chance == 0 and good.low > 0 > bad.high
    assert good.cases == 48 and good.own == 0


def test_the_interval_is_of_targets_that_were_not_seen():
    """A gain that depends on the target alone cannot be foretold for another one, however well it is fitted."""
    rng = np.random.default_rng(0)
    made = []
    for t in range(10):
        own = tuple(rng.normal(size=len(FEATURES)))
        made += [Case(own, 0.2 * (-1) ** t, f"target {t}") for _ in range(5)]
    e = Prospects(made).expected(made[0].features)
    assert e.high - e.low > 0.35


def test_a_labs_own_transfers_correct_what_the_zoo_says():
    zoo = cases()
    x = (0.0,) * len(FEATURES)
    before = Prospects(zoo).expected(x).gain
    own = [
        Case(c.features, c.gain - 0.3, f"own {i}", own=True) for i, c in enumerate(cases(n_targets=20, each=1, seed=5))
    ]
    after = Prospects([*zoo, *own]).expected(x)
    assert after.own == 20 and after.gain < before - 0.15


def test_the_zoo_that_is_shipped_is_read_and_knows_what_helps():
    shipped = prospects.zoo()
    assert len(shipped) > 1000 and all(
        len(c.features) == len(FEATURES) and np.isfinite(c.features).all() for c in shipped
    )
    known = [c.gain for c in shipped if c.features[-1] == 1.0]
    other = [c.gain for c in shipped if c.features[-1] == 0.0]
    assert np.mean(known) > np.mean(other) + 0.02  # donors that know the classes
    assert max(abs(c.gain) for c in shipped) < 1


def test_features_are_what_the_donor_adds(two):
    found = veml.worth(two["first"], two["sister"])
    x = features_of(found, 100, 0.5)
    assert x[0] == found.scores["logme"] - found.fresh["logme"] and x[-2:] == (2.0, 0.5)
    assert x[3] == found.fresh["probe"]


def test_the_lab_learns_from_its_own_transfers(two):
    run = veml.train(veml.transfer(two["first"], two["sister"], hyper={"epochs": 1}), progress=False)
    assert prospects.own_cases(two.store, "classification") == []  # nothing to compare it with yet
    veml.train(veml.transfer(two["first"], two["sister"], hyper={"epochs": 1}).scratch(), progress=False)
    (case,) = prospects.own_cases(two.store, "classification")
    scratch = next(t for t in two.versions("training") if t.name.endswith("from scratch"))
    assert case.own and case.gain == pytest.approx(run.metric - scratch.metric)
    assert case.features == features_of(veml.worth(two["first"], run.data), len(run.data), 1.0)
    assert prospects.own_cases(two.store, "detection") == [] and prospects.prospects_of(two.store, "detection") is None
    near = veml.most_similar(two["sister"], [two["digits"]], progress=False)
    assert near[0].expected.own == 1 and "1 of this lab" in near.advice
    two["first"].checkpoint.unlink()
    assert prospects.own_cases(two.store, "classification") == []


@pytest.mark.parametrize(
    ("gain", "clear", "words"),
    [(0.5, True, "promises"), (0.0, False, "no clear gain"), (-0.5, False, "train from scratch")],
)
def test_the_advice_says_what_is_expected(two, monkeypatch, gain, clear, words):
    rng = np.random.default_rng(0)
    known = [Case(c.features, gain + 0.1 * rng.normal(), c.target) for c in cases(slope=0)]
    monkeypatch.setattr(prospects, "zoo", lambda: tuple(known))
    near = veml.most_similar(two["sister"], [two["digits"]], progress=False)
    assert near.clear is clear and words in near.advice
    plan = veml.transfer(near, to=two["sister"])
    assert ("but" in repr(plan).split()) is not clear
    # the plan says what the ranking says of this donor, not the mean of whatever was transferred here
    assert plan.expected == near[0].expected and f"expected {near[0].expected} over scratch" in repr(plan)
    assert plan.scratch().expected is None and "expected" not in repr(plan.scratch())

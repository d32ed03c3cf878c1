"""What a drift report and a ranking say beside their verdict: where the data went, and what makes the verdict weak."""

from __future__ import annotations

import json

import numpy as np
import pytest
from conveyor import conveyor
from scipy.stats import ks_2samp
from versions.kinds import windows

import veml_lab as veml
from veml_lab.embeddings import embed
from veml_lab.errors import BadInput
from veml_lab.geometry.coverage import DriftReport, covering_balls
from veml_lab.lifecycle.drift import drift, what_is_strong
from veml_lab.versions.parts import train_part
from veml_lab.versions.window import windows as views


@pytest.fixture
def lab(fresh, digits_lab):
    return fresh(digits_lab)


def test_the_report_names_the_balls_that_filled_and_emptied_and_the_samples_farthest_outside(lab):
    train, test = lab["digits"], lab["bright"]
    report = veml.drift(train, test, progress=False)
    a, b = embed(train_part(train), lab.embedder, progress=False), embed(test, lab.embedder, progress=False)
    balls = report.balls()
    centres = a[[ball["position"] for ball in balls]].astype(np.float64)
    away = np.linalg.norm(b[:, None] - centres, axis=2)
    np.testing.assert_allclose(
        [ball["test"] for ball in balls], np.bincount(away.argmin(1), minlength=len(balls)) / len(b)
    )
    assert [abs(ball["change"]) for ball in balls] == sorted((abs(ball["change"]) for ball in balls), reverse=True)
    assert balls[0]["uri"] == train_part(train).samples["uri"][balls[0]["position"]].as_py()
    assert [f["position"] for f in report.farthest] == report.worst
    np.testing.assert_allclose(
        [f["distance"] for f in report.farthest], np.sort(away.min(1))[::-1][: len(report.worst)], rtol=1e-4
    )
    filled = next(ball for ball in balls if ball["change"] > 0)
    assert f"filled        balls around {filled['uri']}" in repr(report) and report.farthest[0]["uri"] in repr(report)
    told = report.to_dict()
    assert told["balls"] == balls and told["farthest"] == report.farthest


def test_test_samples_that_were_trained_on_are_counted(lab):
    assert "60 of the 80 test samples are training samples too" in repr(
        veml.drift(lab["digits"], lab["digits"], progress=False)
    )
    assert "training samples too" not in repr(veml.drift(lab["digits"], lab["bright"], progress=False))


def test_a_similarity_that_is_read_again_prints_its_measures_in_the_same_order(lab):
    first = veml.similarity(lab.data, progress=False)
    again = veml.similarity(veml.open(lab.path).data, progress=False)
    assert repr(first) == repr(again) and list(first.measures) == list(again.measures) == ["mean", "energy", "mean-all"]


def test_a_target_without_a_partner_is_told_so_before_an_autoencoder_is_trained(empty_lab, monkeypatch):
    monkeypatch.setattr(type(empty_lab), "embedder_of", lambda *a, **k: pytest.fail("trained for nothing"))
    alone = empty_lab.add("net", windows(), progress=False)
    with pytest.raises(BadInput, match="no other data version"):
        veml.most_similar(alone, progress=False)


def test_too_few_windows_apart_are_told_from_windows_before_anything_is_embedded(empty_lab, tmp_path):
    class Unused:
        fingerprint, dim = "unused", 4

        def embed_version(self, *a, **k):
            pytest.fail("embedded for nothing")

    belt = empty_lab.add("belt", conveyor(tmp_path, t=120, stride=2), progress=False)
    train, test = empty_lab["belt-train"], empty_lab["belt-test"]
    alone = len(views(train).apart())
    assert alone < 40 < len(train)
    with pytest.raises(
        BadInput,
        match=(
            rf"'belt-train' has {len(train)} windows, but only {alone} of them do not overlap.* at least 40: take 162"
            r" steps"
        ),
    ):
        drift(belt, test, embedder=Unused())


def around(rng: np.random.Generator, shares: list[float], n: int, spread: float = 1.0) -> np.ndarray:
    """Points around the corners of a plane far apart, so many of them at each."""
    corners = 20.0 * np.array([[0, 0], [1, 0], [0, 1], [1, 1]])
    return corners[rng.choice(4, n, p=shares)] + spread * rng.normal(size=(n, 2))


@pytest.mark.parametrize(
    ("said", "shares", "spread", "lost"),
    [
        ("other training balls", [0.7, 0.1, 0.1, 0.1], 1.0, 0),
        ("Kolmogorov-Smirnov", [0.25] * 4, 0.2, 0),
        ("outside the 99 % radius", [0.25] * 4, 1.0, 240),
    ],
)
def test_the_severity_of_a_drift_names_the_statistic_that_it_stands_on(said, shares, spread, lost):
    rng = np.random.default_rng(0)
    balls = covering_balls(around(rng, [0.25] * 4, 2000), k=4)
    test = around(rng, shares, 400, spread)
    test[:lost] += 6.0 * np.sign(test[:lost] - 10.0)  # outwards, beyond what train has
    report = balls.drift(test)
    moved = 0.5 * sum(abs(b - a) for a, b in zip(report.balls.train, report.balls.test, strict=True))
    gap = ks_2samp(balls.nearest, report.nearest).statistic
    found = {
        "other training balls": moved,
        "outside the 99 % radius": report.effect_size - 0.01,
        "Kolmogorov-Smirnov": gap,
    }
    assert report.strength == pytest.approx(max(found.values())) and report.drifted
    assert sorted(report.strengths.values()) == pytest.approx(sorted(found.values()))
    assert found[said] == pytest.approx(report.strength, abs=0.01)
    assert said in what_is_strong(report)
    # nothing outside and severe: the words say why both are true
    assert ("moved within" in repr(report)) == (lost == 0) and "effect" not in repr(report)
    assert "moved within" not in repr(balls.drift(around(rng, [0.25] * 4, 400)))  # nothing moved


def test_a_report_is_the_same_from_what_is_kept_of_it_and_one_without_strengths_still_says_how_far(lab):
    rng = np.random.default_rng(1)
    found = covering_balls(around(rng, [0.25] * 4, 2000), k=4).drift(around(rng, [0.7, 0.1, 0.1, 0.1], 400))
    kept = json.loads(json.dumps(found.to_dict()))
    again = DriftReport.from_dict(kept)
    assert again == found and again.to_dict() == kept
    assert again.balls.change.tolist() == found.balls.change.tolist() and again.outside.dtype == np.int64
    former = DriftReport.from_dict({k: v for k, v in kept.items() if k != "strengths"})
    assert former != found and former.strengths == {}
    assert what_is_strong(former) == f"the distributions are {found.strength:.2f} apart, of 0 to 1"
    report = veml.drift(lab["digits"], lab["bright"], progress=False)
    assert isinstance(report.report, DriftReport) and report.report.drifted is report.drifted

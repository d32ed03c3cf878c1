"""What a drift report and a ranking say beside their verdict: where the data went, and what makes the verdict weak."""

from __future__ import annotations

import numpy as np
import pytest
from versions.kinds import windows

import veml_lab as veml
from veml_lab.embeddings import embed
from veml_lab.errors import BadInput
from veml_lab.lifecycle.similarity import train_part


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
    np.testing.assert_allclose([ball["test"] for ball in balls], np.bincount(away.argmin(1), minlength=len(balls)) / len(b))
    assert [abs(ball["change"]) for ball in balls] == sorted((abs(ball["change"]) for ball in balls), reverse=True)
    assert balls[0]["uri"] == train_part(train).samples["uri"][balls[0]["position"]].as_py()
    assert [f["position"] for f in report.farthest] == report.worst
    np.testing.assert_allclose([f["distance"] for f in report.farthest], np.sort(away.min(1))[::-1][: len(report.worst)], rtol=1e-4)
    filled = next(ball for ball in balls if ball["change"] > 0)
    assert f"filled        balls around {filled['uri']}" in repr(report) and report.farthest[0]["uri"] in repr(report)
    told = report.to_dict()
    assert told["balls"] == balls and told["farthest"] == report.farthest


def test_test_samples_that_were_trained_on_are_counted(lab):
    assert "60 of the 80 test samples are training samples too" in repr(veml.drift(lab["digits"], lab["digits"], progress=False))
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

"""The method of a plan is a value; plans of labs that kept it as a sentence read the same."""

from __future__ import annotations

import pytest

from veml_lab.training import Plan
from veml_lab.versions.method import Method

# what an earlier VeML-Lab wrote into a plan, what is written now, and what both mean
KEPT = [
    ("scratch", {"method": "scratch"}, Method("scratch")),
    ("transfer", {"method": "transfer"}, Method("transfer")),
    ("full training", {"method": "full", "rebuilt_from": "t-1"}, Method("full", rebuilds=True)),
    ("transfer learning", {"method": "transfer", "rebuilt_from": "t-1"}, Method("transfer", rebuilds=True)),
    (
        "active learning (k-center)",
        {"method": "active", "learner": "k-center", "rebuilt_from": "t-1"},
        Method("active", "k-center", rebuilds=True),
    ),
    ("domain adaptation (adabn)", {"method": "adabn", "rebuilt_from": "t-1"}, Method("adabn", rebuilds=True)),
]


@pytest.mark.parametrize(("words", "plan", "method"), KEPT)
def test_a_method_is_the_same_from_an_old_plan_and_a_new_one_and_its_words_are_the_old_ones(words, plan, method):
    assert Method.of(plan) == method == Method.of({**plan, "method": words, "learner": None})
    assert str(method) == words


def test_a_plan_without_a_method_is_from_scratch_and_a_plan_keeps_the_learner_beside_the_method():
    assert Method.of({}) == Method("scratch")
    plan = Plan("p", "b", "m", "d", rebuilt_from="t", method="active", learner="typiclust")
    assert str(Method.of(plan.to_dict())) == "active learning (typiclust)"
    assert "store" not in plan.to_dict() and Plan(**plan.to_dict()) == plan


def test_a_reproduction_is_one_whatever_the_training_was():
    assert str(Method.of({"method": "reproduction", "rebuilt_from": "t-1"})) == "reproduction"

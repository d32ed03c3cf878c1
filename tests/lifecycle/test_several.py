"""Several donors set beside each other, what rebuilding came to, and the ways to it that a user sees first."""

from __future__ import annotations

import dataclasses
import json

import pytest
from labs import write_digits

import veml_lab as veml
from veml_lab.cli import main
from veml_lab.errors import BadInput, JobError
from veml_lab.lifecycle.rebuild import measured
from veml_lab.lifecycle.transfer_plan import TransferPlan


def test_the_table_of_transfers_holds_each_donor_scratch_and_what_choosing_by_similarity_lost(two):
    near = veml.most_similar(two["sister"], [two["digits"], two["bright"]], progress=False)
    plans = veml.transfer(near, to=two["sister"], top=5, hyper={"epochs": 1})
    assert [p.donor.name for p in plans] == [d.training.name for d in near] and set(plans.distances) == {
        d.values["energy"] for d in near
    }
    with pytest.raises(BadInput, match="several transfers"):
        veml.train(plans)
    table = plans.execute(progress=False)
    assert [r.donor for r in table.rows] == [*(d.training.name for d in near), "scratch"]
    values = [two[r.training.name].metric for r in table.rows]
    assert [r.metric for r in table.rows] == values
    assert table.regret() == max(values[:2]) - values[0] and table.regret(2) == 0
    assert [table.over_scratch(r) for r in table.rows] == [values[0] - values[2], values[1] - values[2], None]
    assert table.best.metric == max(values)
    assert all(r.fresh == () and r.reused > 20 for r in table.rows[:2]) and table.rows[2].reused == 0
    assert (
        "regret of the nearest donor" in repr(table) and "all fresh" in repr(table) and "<table>" in table._repr_html_()
    )
    before = len(two.versions("training"))
    assert plans.execute(progress=False).to_dict() == table.to_dict() and len(two.versions("training")) == before, (
        "the same is trained once"
    )
    again = veml.transfer(near, to=two["sister"], top=1, hyper={"epochs": 2}).execute(progress=False)
    assert [r.training.plan["hyper"]["epochs"] for r in again.rows] == [2, 2], "other settings find names of their own"


def test_layers_that_cannot_be_taken_over_are_named(two, tmp_path):
    source = veml.read_idx(write_digits(tmp_path / "four", classes=4), classes=[*"abcd", *"efghij"])
    letters = two.add("letters", dataclasses.replace(source, fingerprint="letters"), progress=False)
    near = veml.most_similar(letters, [two["digits"]], progress=False)
    table = veml.transfer(near, to=letters, top=1, hyper={"epochs": 1}).execute(scratch=False, progress=False)
    (row,) = table.rows
    stored = two[row.training.name].node.props
    assert row.fresh == tuple(stored["fresh"]) and row.fresh and all(".fc." in n for n in row.fresh)
    assert "fresh: net.fc" in repr(table) and table.regret() == 0 and table.over_scratch(row) is None


def test_donors_within_a_distance_are_taken_and_none_is_said(two):
    near = veml.most_similar(two["sister"], [two["digits"], two["bright"]], progress=False)
    low, high = (d.values["energy"] for d in near)
    assert [p.donor.name for p in veml.transfer(near, to=two["sister"], threshold=(low + high) / 2)] == ["first"]
    assert (
        len(veml.transfer(near, to=two["sister"], threshold=high)) == 2
        and len(veml.transfer(near, to=two["sister"], threshold=high, top=1)) == 1
    )
    with pytest.raises(BadInput, match=r"within -1 by energy, the nearest is at .*train from scratch"):
        veml.transfer(near, to=two["sister"], threshold=-1)
    for bad in ({"top": 0}, {"top": 1, "name": "x"}):
        with pytest.raises(BadInput):
            veml.transfer(near, to=two["sister"], **bad)
    with pytest.raises(BadInput, match="of a ranking"):
        veml.transfer(two["first"], to=two["sister"], top=2)


def test_a_plan_of_a_donor_that_is_not_clearly_similar_says_so(two):
    near = veml.most_similar(two["sister"], [two["digits"], two["bright"]], by="similarity", progress=False)
    assert near.clear and "but" not in repr(veml.transfer(near, to=two["sister"])).split()
    unclear = dataclasses.replace(near, clear=False, advice="no clear similarity: train from scratch")
    plan = veml.transfer(unclear, to=two["sister"])
    assert (
        "but      no clear similarity: train from scratch" in repr(plan) and "but" not in repr(plan.scratch()).split()
    )


def test_a_donor_that_fails_is_named_and_the_others_are_trained(two, monkeypatch):
    near = veml.most_similar(two["sister"], [two["digits"], two["bright"]], progress=False)
    real = TransferPlan.execute

    def fails(self, **options):
        if self.donor.name == "first" and not self.from_scratch:
            raise JobError("no room left")
        return real(self, **options)

    monkeypatch.setattr(TransferPlan, "execute", fails)
    table = veml.transfer(near, to=two["sister"], top=2, hyper={"epochs": 1}).execute(progress=False)
    assert [r.donor for r in table.rows] == ["bright run", "scratch"] and table.failed == (("first", "no room left"),)
    assert "first failed: no room left" in repr(table)
    with pytest.raises(JobError, match="no room"):
        veml.transfer(near, to=two["sister"], top=1, hyper={"epochs": 1}).execute(scratch=False, progress=False)


def test_what_rebuilding_came_to_is_measured_on_new_and_old_data(lab, capsys):
    run, new = lab["first"], lab["bright"]
    with pytest.raises(BadInput, match="nothing was rebuilt"):
        veml.rebuilds(run, new)
    pool, held_out = new.split("pool", "held out", share=0.5, seed=0)
    a = veml.rebuild(run, pool, method="transfer", hyper={"epochs": 1}, progress=False)
    b = veml.rebuild(a, pool, method="adabn", progress=False)  # rebuilt from what was rebuilt
    found = veml.rebuilds(run, held_out)
    assert [r.training for r in found.rows] == ["first", a.name, b.name]
    assert [r.labels for r in found.rows] == [None, len(pool), 0]
    assert [r.accuracy for r in found.rows] == [measured(t, held_out)["accuracy"] for t in (run, a, b)]
    old = [measured(t, run.validation)["accuracy"] for t in (run, a, b)]
    assert [found.forgotten(r) for r in found.rows] == [0, old[0] - old[1], old[0] - old[2]]
    assert found.old == run.validation.name and "<table>" in found._repr_html_()
    rebuilt = {t.name: measured(t, held_out)["accuracy"] for t in (a, b)}
    assert rebuilt[found.best.training] == max(rebuilt.values()) and found.to_dict()["best"] == found.best.training
    assert [line.rsplit("  ", 1)[1] for line in repr(found).splitlines()[2:]] == ["first", a.name, b.name]
    with pytest.raises(BadInput, match=r"trained on .* measure on held-out data"):
        veml.rebuilds(run, pool)
    assert main(["rebuilds", str(lab.path), "first", "held out", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == found.to_dict()


def test_a_training_is_analysed_and_run_again_by_functions_above_it(lab):
    run = lab["first"]
    with pytest.raises(AttributeError, match=r"veml_lab\.analyse\(training, data\)"):
        run.analyse(progress=False)  # what it was called
    assert not hasattr(run, "reproduce") and not hasattr(run, "rebuilds")
    assert veml.analyse(run, progress=False).to_dict()["data"] == run.validation.name
    assert veml.analyse(run, lab["bright"], progress=False).to_dict()["data"] == "bright"
    assert veml.reproduce(run, progress=False).to_dict()["same"] is True


def test_several_transfers_from_the_command_line(two, capsys):
    words = ["transfer", str(two.path), "sister", "--top", "2"]
    assert main([*words, "--plan", "--json"]) == 0
    assert [p["donor"] for p in json.loads(capsys.readouterr().out)["plans"]] == ["first", "bright run"]
    assert main([*words, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [r["from"] for r in said["rows"]] == ["first", "bright run", "scratch"] and said["regret"] >= 0
    assert main([*words, "--from", "first"]) == 2
    assert "leave out --from" in capsys.readouterr().err

"""What plans and advice say before anything is trained, against the rule written out; each was seen to fail on a small
fault planted in the code."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from labs import write_digits

import veml_lab as veml
from veml_lab.embeddings import embed, own_embedder
from veml_lab.errors import BadInput
from veml_lab.geometry import similarity as geometry
from veml_lab.lifecycle import rebuild as rebuilding
from veml_lab.lifecycle import similarity as kept
from veml_lab.lifecycle.advice import advise
from veml_lab.lifecycle.prospects import FEATURES, Case, Prospects
from veml_lab.lifecycle.race import rung_epochs
from veml_lab.versions.parts import train_part


def lettered(lab, tmp_path, classes):
    """The digits under other names of classes."""
    source = veml.read_idx(write_digits(tmp_path / "letters", classes=len(classes)), classes=classes)
    return lab.add("letters", dataclasses.replace(source, fingerprint="".join(classes)), progress=False)


@pytest.mark.parametrize("classes", ["abcdefghij", "0123456789", "012xyzabcdef", "01"])
def test_every_change_of_a_transfer_is_listed_with_what_it_was_and_why(lab, tmp_path, classes):
    donor, to = lab["first"], lettered(lab, tmp_path, list(classes))
    said = [(e.field, *(getattr(e, f.name) for f in dataclasses.fields(e)[1:])) for e in veml.transfer(donor, to).edits]
    old, known = list("0123456789"), [c for c in classes if c in "0123456789"]
    expected = []
    fresh = "all layers fit"
    if list(classes) != old:
        if len(classes) != 10:
            expected.append(("num_classes", 10, len(classes), f"letters has {len(classes)} classes"))
        expected.append(("classes", old, list(classes), "names of the new data"))
        fresh = "the last layer " + (f"keeps what it knows of {', '.join(known)}" if known else "starts fresh")
    expected.append(("weights", "from scratch", "first", f"the donor's weights where they fit; {fresh}"))
    assert said == expected


@pytest.mark.parametrize("budget, bought", [(0.3, 18), (0.001, 1), (0.999, 60), (1, 1), (7, 7), (1000, 60)])
def test_advice_counts_labels_and_seconds_by_the_samples_that_pass(digits_lab, budget, bought):
    """60 old and 60 new pictures, 6 epochs: an adaptation takes the larger of both three times, AdaBN a third once."""
    lab = digits_lab.lab
    first, new = lab["first"], lab["bright-train"]
    each = first.seconds / (60 * 6)
    passes = {"full": 120 * 6, "transfer": 60 * 6, "active": (60 + bought) * 6, "adabn": 60 / 3}
    options = advise(first, new, budget=budget).options
    for o in options:
        assert o.seconds == pytest.approx(each * passes.get(o.method, 3 * 60 * 6)), o.method
        assert o.labels == {"full": 60, "transfer": 60, "active": bought}.get(o.method, 0) and o.ready
        assert o.settings == {} and o.gain is None
    assert {"full", "transfer", "active", "adabn"} < {o.method for o in options}


@pytest.mark.parametrize("budget", [0, -1, float("nan")])
def test_no_budget_is_no_advice(digits_lab, budget):
    with pytest.raises(BadInput, match="above 0"):
        advise(digits_lab.training, digits_lab.lab["bright-train"], budget=budget)


def test_one_label_that_is_missing_makes_a_method_wait(lab, tmp_path):
    new = lab["bright-train"]
    some = new.correct("few", {int(i): {"label": None} for i in list(new.ids)[12:]})
    assert len(some.annotations.class_labels) == 12
    needs = {"full", "transfer", "active"}
    for data, labelled in ((new, 60), (some, 12)):
        advice = advise(lab["first"], data, budget=13)
        assert {o.method: o.ready for o in advice.options} == {
            o.method: labelled == 60 or o.method not in needs for o in advice.options
        }
        assert [o.ready for o in advice.options] == sorted((o.ready for o in advice.options), reverse=True)
    assert "48 of 60 new samples have no label" in advice.reason and "13 of them" in advice.reason


def test_an_automatic_rebuild_is_advised_with_its_own_budget(lab, monkeypatch):
    class Asked(Exception):
        pass

    def asked(*versions, budget):
        raise Asked(*versions, budget)

    monkeypatch.setattr(rebuilding, "advise", asked)
    with pytest.raises(Asked) as found:
        veml.rebuild(lab["first"], lab["bright-train"], auto=True, budget=0.125, progress=False)
    assert found.value.args == (lab["first"], lab["bright-train"], 0.125)


def test_transfers_that_never_gained_have_no_chance_and_those_that_always_did_have_it(monkeypatch):
    rng = np.random.default_rng(0)
    places = [tuple(rng.normal(size=len(FEATURES))) for _ in range(24)]
    for gain, chance in ((0.0, 0.0), (0.25, 1.0), (-0.25, 0.0)):
        said = Prospects([Case(p, gain, f"target {i // 3}") for i, p in enumerate(places)]).expected(places[0])
        assert (said.gain, said.chance) == (pytest.approx(gain), chance)


@pytest.mark.parametrize(
    "runners, epochs, keep, rungs",
    [
        (4, 9, 1 / 3, [1, 3, 9]),
        (1, 9, 1 / 3, [9]),
        (8, 8, 1 / 2, [1, 2, 4, 8]),
        (3, 2, 1 / 4, [1, 2]),
        (5, 10, 0.9, None),
    ],
)
def test_runners_get_fewer_until_one_is_left_and_none_trains_for_less_than_an_epoch(runners, epochs, keep, rungs):
    found = rung_epochs(runners, epochs, keep)
    assert found == sorted(set(found)) and found[0] >= 1 and found[-1] == epochs
    assert rungs is None or found == rungs


def test_a_comparison_goes_on_from_the_stored_one_that_knows_most_of_it(lab, tmp_path, monkeypatch):
    """And the numbers are those of a comparison of all at once."""
    lab.add("sister", veml.read_idx(write_digits(tmp_path / "sister", seed=7)), progress=False)
    lab.add("dark", veml.read_idx(write_digits(tmp_path / "dark", seed=8, shade=-30)), progress=False)
    known, real = [], kept._known
    monkeypatch.setattr(kept, "_known", lambda *given: known.append(real(*given)) or known[-1])

    def taken(*names, **options):
        table = veml.similarity([lab[n] for n in names], progress=False, **options)
        return table, None if known[-1] is None else set(known[-1].names)

    assert taken("digits", "bright")[1] is None
    assert taken("digits", "sister")[1] is None  # of one set there is nothing to know
    assert taken("digits", "bright", "sister")[1] in ({"digits", "bright"}, {"digits", "sister"})
    table, of = taken("digits", "bright", "sister", "dark")
    assert of == {"digits", "bright", "sister"}
    plain, of = taken("digits", "bright", "sister", "dark", seed=1)  # made in another way
    assert of is None
    whole = geometry.compare({n: embed(train_part(lab[n]), lab.embedder, progress=False) for n in table.names})
    np.testing.assert_allclose(table.measures["energy"], whole.measures["energy"])
    assert not np.allclose(plain.measures["mean"], table.measures["mean"])


def test_without_a_common_space_the_advice_is_about_the_nearest_and_its_limit(lab, tmp_path):
    """In distances of the target's own halves; at the very limit it is near."""
    lab.add("sister", veml.read_idx(write_digits(tmp_path / "sister", seed=7)), progress=False)

    def small(side):
        return lambda images: [np.asarray(i.resize((side, side)).convert("L"), np.float32).ravel() for i in images]

    embedders = {
        "digits": own_embedder(small(4)),
        "sister": own_embedder(small(3)),
        "bright": own_embedder(lambda images: [[np.asarray(i).mean(), np.asarray(i).std()] for i in images]),
    }

    def ranked(limit):
        versions = [lab["sister"], lab["bright"]]
        return veml.most_similar(lab["digits"], versions, embedder=embedders, threshold=limit, k=20, progress=False)

    first, second = ranked(None).donors
    far = first.values["relative"]
    assert far < second.values["relative"]
    for limit, similar in ((far, True), (np.nextafter(far, 0), False)):
        found = ranked(limit)
        said = f"{first.data.name} is {far:.2f} times as far as the two halves of digits from each other"
        assert found.clear is similar and said in found.advice
        assert ("no clear similarity" in found.advice) is not similar
        assert [d.data for d in found.donors] == [first.data, second.data]


def test_a_plan_is_measured_on_what_is_given_and_else_on_the_test_part_of_its_data(digits_lab):
    lab = digits_lab.lab
    usual = veml.plan(lab["tiny"], lab["digits"], name="usual", epochs=1)
    assert (usual.data, usual.validation) == (lab["digits-train"].id, lab["digits-test"].id)
    assert veml.plan(lab["tiny"], lab["digits"], name="given", validation=lab["bright"]).validation == lab["bright"].id

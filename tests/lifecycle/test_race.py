"""Races for one target with other donors."""

from __future__ import annotations

import veml_lab as veml
from veml_lab.lifecycle.race import race
from veml_lab.lifecycle.transfer import transfer


def test_a_second_race_with_another_donor_has_a_start_from_scratch_of_its_own(fresh, digits_lab):
    lab = fresh(digits_lab)
    other = veml.train(veml.plan(lab["tiny"], lab["digits"], name="other", epochs=1, batch_size=32, lr=3e-3), lab, progress=False)
    first, second = (race([transfer(t, lab["bright"], name=f"bright from {t.name}")], epochs=2, progress=False) for t in (lab["first"], other))
    scratch = [t for t in lab.versions("training") if t.plan["method"] == "scratch" and t.data.name == "bright-train"]
    assert {t.plan["hyper"]["lr"] for t in scratch} == {1e-2, 3e-3}
    count = len(lab.versions())
    again = race([transfer(other, lab["bright"], name="bright from other")], epochs=2, progress=False)
    assert again == second != first and len(lab.versions()) == count  # found again under the name that it got

"""Labs that several tests of this folder begin with."""

from __future__ import annotations

import pytest
from labs import write_digits

import veml_lab as veml


@pytest.fixture
def lab(fresh, digits_lab):
    return fresh(digits_lab)


@pytest.fixture
def two(lab, tmp_path):
    """Two donors, one trained for an epoch on bright digits, and a target that is like the other."""
    veml.train(veml.plan(lab["tiny"], lab["bright"], name="bright run", epochs=1, batch_size=16), lab, progress=False)
    lab.add("sister", veml.read_idx(write_digits(tmp_path / "sister", seed=7)), progress=False)
    return lab

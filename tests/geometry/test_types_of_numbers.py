"""Which type numbers of any type become: float32 where that holds every value, float64 where it would not."""

from __future__ import annotations

import numpy as np
import pytest

from veml_lab.errors import BadData, BadInput
from veml_lab.geometry.points import as_points

TYPES = {
    "bool": np.float32, "i1": np.float32, "u1": np.float32, "i2": np.float32, "u2": np.float32, "f2": np.float32,
    "f4": np.float32, "i4": np.float64, "u4": np.float64, "i8": np.float64, "u8": np.float64, "f8": np.float64,
}  # fmt: skip


@pytest.mark.parametrize("order", ["=", "<", ">"])
@pytest.mark.parametrize("name, becomes", TYPES.items())
def test_every_value_of_a_type_is_kept(name, becomes, order):
    dtype = np.dtype(name).newbyteorder(order)
    info = np.iinfo(dtype) if dtype.kind in "iu" else None
    largest = 1 if dtype.kind == "b" else 2.0**15 if info is None else min(int(info.max), 2**53 - 1)
    x = np.array([[0, largest], [1, largest - 1]]).astype(dtype)
    found = as_points(x)
    assert found.dtype == becomes and found.dtype.isnative and found.flags.c_contiguous
    assert found.tolist() == x.tolist()


def test_columns_that_lie_side_by_side_become_rows():
    x = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    found = as_points(x)
    assert found.flags.c_contiguous and found.tolist() == x.tolist()
    assert as_points(found) is found  # what is right already is not copied


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (3,), (2, 2, 2), ()])
def test_what_is_no_table_is_refused(shape):
    with pytest.raises(BadInput):
        as_points(np.zeros(shape))


@pytest.mark.parametrize("values", [["a", "b"], [1 + 2j, 0], [None, 1]])
def test_what_is_no_number_is_refused(values):
    with pytest.raises(BadData, match="give numbers"):
        as_points(np.array([values]))

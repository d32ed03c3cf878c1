"""One cleaner: every value that comes out is JSON that a strict reader takes, and reads back as itself."""

from __future__ import annotations

import datetime as dt
import enum
import json
import uuid
from decimal import Decimal
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from veml_lab.storage.plain_json import plain, text_of


class Colour(enum.StrEnum):
    RED = "red"


def strict(text):
    return json.loads(text, parse_constant=lambda c: (_ for _ in ()).throw(ValueError(c)))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_a_value_of_json_stays_as_it_is(value):
    assert plain(value) == value and strict(text_of(value)) == value


def test_every_other_kind_becomes_one():
    given_ = {
        1: float("nan"), "a": np.arange(4).reshape(2, 2), "b": np.float32(0.5), "c": np.array([np.inf, 1.0]),
        "d": b"\xff",
        "e": (1, {3, 2}), "f": Colour.RED, "g": Path("/x"), "h": dt.date(2024, 1, 2), "i": Decimal("1.5"),
        "j": np.str_("s"),
        "k": uuid.UUID(int=1), "l": np.bool_(True), "m": np.float64(-np.inf),
    }  # fmt: skip
    expected = {
        "1": None, "a": [[0, 1], [2, 3]], "b": 0.5, "c": [None, 1.0], "d": "ff", "e": [1, [2, 3]], "f": "red",
        "g": "/x",
        "h": "2024-01-02", "i": "1.5", "j": "s", "k": str(uuid.UUID(int=1)), "l": True, "m": None,
    }  # fmt: skip
    assert plain(given_) == expected == strict(text_of(given_))

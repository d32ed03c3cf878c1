"""The same set in all layouts, encodings and notations comes back equal, or is refused by name.

Fifteen seeded variants a format in the suite; by hand ``VEML_LAYOUTS=2000 pytest tests/wild/test_layouts.py``, or
``python scripts/layouts.py``, which counts how many of them were distinct.
"""

import os
import tempfile
from pathlib import Path

import layouts
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from layout_formats import FORMATS, WITHOUT

from veml_lab.formats.registry import OURS

VARIANTS = int(os.environ.get("VEML_LAYOUTS", "15"))


@st.composite
def made(draw, format):
    """A layout of that format; hypothesis makes the choices, and shrinks them."""
    return FORMATS[format](lambda of: draw(st.sampled_from(of)))


@pytest.mark.parametrize("format", FORMATS)
def test_every_layout_comes_back_equal_or_is_refused_by_name(format):
    @settings(
        max_examples=VARIANTS, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(made(format), st.booleans())
    def check(layout, named):
        with tempfile.TemporaryDirectory() as folder:
            said = layouts.judged(layout, named, layouts.write(layout, Path(folder)))
            assert said in ("equal", "refused"), said

    check()


def test_every_format_has_layouts_or_a_reason_for_none():
    assert sorted([*FORMATS, *WITHOUT]) == sorted(OURS)

"""The fast look at columns of plain numbers says what the patterns say, cell by cell, whatever comes with it.

Oracles: Python's ``re`` over the same patterns, and the same table read in other pieces.
"""

import re

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from veml_lab.formats.table import read_table
from veml_lab.formats.table_kinds import Look
from veml_lab.formats.table_numbers import plain_numbers
from veml_lab.sources.dialect import COMMA, FLOAT, INT, POINT

PATTERNS = {"int": INT, "float": FLOAT, "comma": COMMA, "point": POINT}
PLAIN = re.compile(r"-?\d*(\.\d*)?")
# mostly what is near the border between a number and a name
CELLS = st.one_of(
    st.none(),
    st.sampled_from(["", "0", "-0", "-", ".", "-.", "0.", "-.5", "5.", "00", "01", "0.50", "1.234", "12.345"]),
    st.sampled_from(["1234.567", "-1.234", "0.123"]),
    st.sampled_from(["9" * k for k in (14, 15, 16, 18, 19, 20)] + ["9" * 15 + ".5", "9" * 16 + ".5"]),
    st.from_regex(r"-?[0-9]{0,4}(\.[0-9]{0,4})?", fullmatch=True),
    st.text("0123456789.-, exé+", max_size=5),
)  # fmt: skip


@given(
    st.integers(1, 3).flatmap(
        lambda rows: st.lists(st.lists(CELLS, min_size=rows, max_size=rows), min_size=1, max_size=4)
    )
)
@example([["1", None], ["1.5", "2.25"]])
@example([["a"], ["-"], ["."], [None]])
@settings(max_examples=400, deadline=None)
def test_each_column_is_what_the_patterns_say(columns):
    found = plain_numbers(pa.array([c for column in columns for c in column], pa.string()), len(columns))
    for k, column in enumerate(columns):
        said = [c for c in column if c is not None]
        plain = all(c and PLAIN.fullmatch(c) for c in said)
        assert bool(found.plain[k]) == plain
        if not plain:
            continue
        fits = {kind: all(re.fullmatch(p, c) for c in said) for kind, p in PATTERNS.items()}
        assert {kind: bool(found.fits[kind][k]) for kind in PATTERNS} == fits
        assert found.known[k] == len(said)
        if fits["float"] and said:
            behind = [len(c.partition(".")[2]) for c in said]
            loose = [i for i, c in enumerate(column) if c and re.search(r"\.\d+0$", c)]
            assert (found.fewest[k], found.most[k]) == (min(behind), max(behind))
            assert found.loose[k] == (loose[0] if loose else -1)


@given(st.lists(CELLS, min_size=1, max_size=12), st.integers(0, 12))
@settings(max_examples=200, deadline=None)
def test_it_does_not_matter_in_which_pieces_a_column_is_seen(cells, cut):
    whole, pieces = Look(["c"]), Look(["c"])
    column = pa.array(cells, pa.string())
    whole.rows([column])
    for part in (column[:cut], column[cut:]):
        pieces.rows([part])
    (a,), (b,) = whole.seen(), pieces.seen()
    assert a.could == b.could
    if a.could:
        assert a == b


@pytest.mark.parametrize("words", [False, True], ids=["alone", "beside words"])
def test_a_zero_that_would_be_lost_is_seen_far_behind_whole_numbers(words, tmp_path):
    """Whole numbers have no digits behind a point: 1.50 among them would come back as 1.5."""
    word = ",a" if words else ""
    lines = [f"{i}{word}" for i in range(20_000)] + [f"1.50{word}"]
    (tmp_path / "t.csv").write_text("x" + (",w" if words else "") + "\n" + "\n".join(lines) + "\n")
    with pytest.warns(UserWarning, match=r"'x' holds texts such as '1\.50'"):
        source = read_table(tmp_path / "t.csv")
    assert [r.columns["x"] for r in source.records()][-2:] == ["19999", "1.50"]


def test_a_name_far_behind_numbers_and_numbers_behind_a_gap_are_seen(tmp_path):
    rows = [f"{i},{i / 4},NA" for i in range(3_000)]
    rows[2_500] = "x7,0.25,"
    rows[2_600] = "5,0.5,7"
    (tmp_path / "t.csv").write_text("a,b,c\n" + "\n".join(rows) + "\n")
    found = [r.columns for r in read_table(tmp_path / "t.csv").records()]
    assert (found[0], found[2_600]) == ({"a": "0", "b": 0.0}, {"a": "5", "b": 0.5, "c": 7})

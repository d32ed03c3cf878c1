"""Filters: what they mean, against Python on the same rows; odd columns and odd values."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kinds import everything

import veml_lab as veml
from veml_lab.errors import BadInput, UnknownName, VemlError
from veml_lab.sources.source import Mask
from veml_lab.versions.tables import flat_table, mask_area


@pytest.fixture(scope="module")
def odd(tmp_path_factory, digits):
    """Digits whose capture columns have names and values that nobody would choose."""
    source = veml.read_idx(digits)

    def records():
        for i, r in enumerate(source.records()):
            columns = {
                "time of day": ["day", "night"][i % 2],
                "select": i,
                'say "hi"': i % 3 == 0,
                "größe": i / 2,
                "o'clock": None if i % 5 == 0 else i % 12,
                "mixed": i if i % 2 else f"n{i}",
                "width": "a capture column of that name gives way to the sample's own",
                "Weather": "fog",
                "weather": "sun",
                "listed": [i, i + 1],
            }
            yield dataclasses.replace(r, columns=columns)

    odd_source = dataclasses.replace(source, records=records, fingerprint=source.fingerprint + "|odd")
    return veml.open(tmp_path_factory.mktemp("odd") / "lab").add("odd", odd_source, progress=False)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("\"time of day\" = 'night'", lambda i: i % 2 == 1),
        ('"select" < 10', lambda i: i < 10),
        ('"say ""hi"""', lambda i: i % 3 == 0),
        ("größe BETWEEN 3 AND 5.5", lambda i: 3 <= i / 2 <= 5.5),
        ('"o\'clock" IS NULL', lambda i: i % 5 == 0),
        ('"o\'clock" IN (1, 2)', lambda i: i % 5 != 0 and i % 12 in (1, 2)),
        ("mixed LIKE 'n1%'", lambda i: i % 2 == 0 and str(i).startswith("1")),
        ("width = 16", lambda i: True),
        ("id = 3 OR id = 5", lambda i: i in (3, 5)),
        ("label = '1' AND NOT \"select\" > 30", lambda i: i <= 30 and (i % 3 if i < 60 else (i - 60) % 3) == 1),
        ("role = 'test' -- a comment", lambda i: i >= 60),
        ("contains class '2' AND uri LIKE '%'", lambda i: (i % 3 if i < 60 else (i - 60) % 3) == 2),
        ("lower(uri) <> 'x' AND length(role) = 4", lambda i: i >= 60),
    ],
)
def test_a_filter_keeps_what_python_keeps(odd, where, expected):
    from veml_lab.versions.predicate import select

    assert list(select(odd, where)) == [i for i in range(80) if expected(i)]


def test_the_table_of_odd_columns_can_be_had_and_counted(odd):
    table = odd.to_pandas()
    assert {"time of day", "select", "größe", "o'clock"} <= set(table.columns)
    assert flat_table(odd).num_rows == 80
    assert odd.statistics().columns["time of day"] == {"day": 40, "night": 40}
    assert "time of day" in repr(odd.statistics())


def test_columns_that_differ_in_case_alone_can_both_be_asked_for(odd):
    """DuckDB's names ignore case: the second gets a name of its own, and the error tells it."""
    with pytest.raises(UnknownName, match="known: weather_1"):
        odd.filter("x", "weather = 'fog'")
    assert len(odd.filter("fog", "\"Weather\" = 'fog'")) == len(odd.filter("sun", "weather_1 = 'sun'")) == 80


def test_a_long_list_is_a_condition_too(odd):
    from veml_lab.versions.predicate import select

    where = f"id IN ({', '.join(str(i) for i in range(0, 4000, 2))})"
    assert len(select(odd, where)) == 40


@pytest.mark.parametrize("where", ["\ud800 = 1", "id = '\x00'", "id = 'x'", "label > 3", "1/0 = 1 AND id"])
def test_what_cannot_be_evaluated_is_bad_input_or_empty(odd, where):
    with pytest.raises(BadInput):
        odd.filter("x", where)


# -- conditions over annotations -------------------------------------------------------------------


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    return veml.open(tmp_path_factory.mktemp("marked") / "lab").add("all", everything(12), progress=False)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("any box (label = 'dog' AND area > 30)", lambda r: any(b.label == "dog" and b.w * b.h > 30 for b in r.boxes)),
        ("no box ()", lambda r: not r.boxes),
        (
            "NOT any box (occluded = 1) AND weather = 'fog'",
            lambda r: not any(b.attributes.get("occluded") == 1 for b in r.boxes) and r.columns.get("weather") == "fog",
        ),
        ("count box (w >= 5) >= 2", lambda r: sum(b.w >= 5 for b in r.boxes) >= 2),
        (
            "any box (score BETWEEN 0.3 AND 0.7)",
            lambda r: any(0.3 <= b.attributes.get("score", -1) <= 0.7 for b in r.boxes),
        ),
        ("any box (score IS NULL AND label = 'cat')", lambda r: False),
        ("any box (share > 0.09)", lambda r: any(b.w * b.h / 1200 > 0.09 for b in r.boxes)),
        ("any mask (area > 100)", lambda r: bool(r.masks)),
        (
            "any keypoints (seen = 2) AND count caption (length > 9) = 2",
            lambda r: bool(r.keypoints) and sum(len(c.text) > 9 for c in r.captions) == 2,
        ),
        ("any target (name = 'age' AND value > 5)", lambda r: any(t.name == "age" and t.value > 5 for t in r.targets)),
        ("any class (label = 'cat') AND uri <> ' any box ('", lambda r: r.label == "cat"),
        ("contains class 'dog' -- any box (", lambda r: any(b.label == "dog" for b in r.boxes) or r.label == "dog"),
        (
            "any box (label = ')') OR any box (label IN ('cat')) /* no box( */",
            lambda r: any(b.label == "cat" for b in r.boxes),
        ),
        ("uri = 'contains class ''cat'''", lambda r: False),
    ],
)
def test_a_condition_over_annotations_keeps_what_python_keeps(marked, where, expected):
    from veml_lab.versions.predicate import select

    found = select(marked, where)
    assert [i in found for i in marked.ids] == [bool(expected(r)) for r in everything(12).records()]


def test_the_area_of_run_lengths_is_their_pixels_and_that_of_a_polygon_its_shoelace():
    from pycocotools import mask as coco

    pixels = np.zeros((30, 40), np.uint8, order="F")
    pixels[3:10, 5:9] = 1
    rle = coco.encode(pixels)
    assert mask_area(Mask("x", (), (30, 40, rle["counts"].decode()))) == 28
    assert mask_area(Mask("x", ((0, 0, 4, 0, 4, 3), (10, 10, 12, 10, 12, 12, 10, 12)))) == 10


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("any box (", "bracket"),
        ("any box (area > (3)", "bracket"),
        ("any box (colour = 1)", "no column 'colour'"),
        ("any box (any mask (area > 1))", "parse"),
        ("any box (1) ; DROP TABLE samples", "parse"),
        ("any box (true) UNION SELECT 1", "parse|more than"),
        ("any box (contains('/etc/passwd', read_text('x')))", "not allowed"),
        ("any box (area > (SELECT 1))", "not allowed"),
        ("any song (true)", "parse"),
        ("any box (true)) OR (true", "parse|condition"),
        ("_q0 > 0", "no column"),
        ("any box ('a' = ')", "bracket|parse"),
    ],
)
def test_conditions_over_annotations_that_are_none_are_refused(marked, where, message):
    from veml_lab.versions.predicate import select

    with pytest.raises(BadInput, match=message):
        select(marked, where)


WORDS = [
    "any box (",
    "no mask(",
    "count caption (",
    ")",
    "(",
    "label",
    "area",
    "uri",
    "'cat'",
    "'",
    '"',
    "=",
    ">",
    "AND",
    "OR",
    "NOT",
    "IN",
    "1",
    "0.5",
    "--",
    "/*",
    "*/",
    "contains class 'cat'",
    ";",
    "SELECT",
    "FROM samples",
    "read_csv('/etc/passwd')",
    "pragma_version()",
    "NULL",
    "IS",
    "LIKE",
    "%",
    ",",
    "\n",
    "$1",
    "?",
    "[1]",
    "{",
    "CASE WHEN",
    "\x00",
    "é",
    "\ud800",
    "COPY samples TO '/tmp/x'",
    "UNION",
    "EXISTS",
    "*",
    "COLUMNS(*)",
    "x -> x",
    "::INT",
    "INTERVAL 1 DAY",
]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join))
def test_any_text_is_a_condition_or_one_error(marked, where):
    """Fuzz: a set of this version's IDs, or BadInput; never another error, never another sample."""
    from veml_lab.versions.predicate import select

    try:
        found = select(marked, where)
    except BadInput:
        return
    assert not found - marked.ids


def test_a_class_that_is_not_there_is_named_where_a_filter_finds_nothing(digits_lab):
    with pytest.raises(UnknownName, match=r"there is no class '11'; known: .*leaves no samples; 'none' was not made"):
        digits_lab.digits.filter("none", "contains class '11'")


@pytest.mark.parametrize(
    "where", ["width > 0 QUALIFY row_number() OVER () = 1", "width > 0 GROUP BY role", "width > 0 ORDER BY width"]
)
def test_what_is_more_than_a_condition_is_refused(digits_lab, where):
    with pytest.raises(BadInput, match="condition"):
        digits_lab.lab["digits"].filter("more", where)


@pytest.mark.parametrize("condition", ["NOT " * 5_000 + "true", "width = 1 AND " * 3_000 + "height > ", "x" * 9_000])
def test_a_long_condition_is_quoted_in_part(digits_lab, condition):
    with pytest.raises(VemlError) as caught:
        digits_lab.lab["digits"].filter("long", condition)
    assert len(str(caught.value)) < 1_000

"""Filters: what they mean, against Python on the same rows; odd columns and odd values."""

from __future__ import annotations

import dataclasses

import pytest

import veml_lab as veml
from veml_lab.errors import BadInput, UnknownName


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
        ('größe BETWEEN 3 AND 5.5', lambda i: 3 <= i / 2 <= 5.5),
        ("\"o'clock\" IS NULL", lambda i: i % 5 == 0),
        ("\"o'clock\" IN (1, 2)", lambda i: i % 5 != 0 and i % 12 in (1, 2)),
        ("mixed LIKE 'n1%'", lambda i: i % 2 == 0 and str(i).startswith("1")),
        ("width = 16", lambda i: True),
        ("id = 3 OR id = 5", lambda i: i in (3, 5)),
        ("label = '1' AND NOT \"select\" > 30", lambda i: i <= 30 and (i % 3 if i < 60 else (i - 60) % 3) == 1),
        ("role = 'test' -- a comment", lambda i: i >= 60),
        ("contains class '2' AND uri LIKE '%'", lambda i: (i % 3 if i < 60 else (i - 60) % 3) == 2),
        ("lower(uri) <> 'x' AND length(role) = 4", lambda i: i >= 60),
    ],
)  # fmt: skip
def test_a_filter_keeps_what_python_keeps(odd, where, expected):
    from veml_lab.versions.predicate import select

    assert list(select(odd, where)) == [i for i in range(80) if expected(i)]


def test_the_table_of_odd_columns_can_be_had_and_counted(odd):
    table = odd.to_pandas()
    assert {"time of day", "select", "größe", "o'clock"} <= set(table.columns)
    assert odd.to_arrow().num_rows == 80
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

"""``veml sql``: one query for the person at the terminal, and nothing but a query."""

from __future__ import annotations

import json
import sys

import pytest

from veml_lab.cli import main
from veml_lab.errors import BadInput, MissingFile
from veml_lab.upkeep import sql


def test_a_query_gives_its_rows_as_a_table_and_as_json(digits_lab, capsys):
    query = "SELECT kind, count(*) AS n FROM node GROUP BY kind ORDER BY kind"
    expected: dict[str, int] = {}
    for v in digits_lab.lab.versions():
        expected[v.node.kind] = expected.get(v.node.kind, 0) + 1
    assert main(["sql", str(digits_lab.path), query, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"kind": k, "n": expected[k]} for k in sorted(expected)]
    assert main(["sql", str(digits_lab.path), query]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].split() == ["kind", "n"] and shown[2].split() == ["data", str(expected["data"])]


def test_bytes_times_and_long_answers_are_shown(digits_lab):
    answer = sql(digits_lab.path, "SELECT sha256, id FROM sample ORDER BY id")
    assert answer.to_dict()[0]["sha256"] == answer.table["sha256"][0].as_py().hex()
    many = sql(digits_lab.path, "SELECT * FROM range(1000)")
    assert "800 more rows" in repr(many) and len(many.to_dict()) == 1000
    assert json.dumps(sql(digits_lab.path, "SELECT created, props FROM node").to_dict())


@pytest.mark.parametrize(
    "query",
    [
        "DROP TABLE node",
        "DELETE FROM node",
        "INSERT INTO edge VALUES ('a', 'b', 'c', '{}')",
        "UPDATE node SET name = 'x'",
        "CREATE TABLE t (i INTEGER)",
        "COPY node TO 'stolen.csv'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "ATTACH 'other.duckdb'",
        "SELECT * FROM read_text('/etc/passwd')",
        "EXPORT DATABASE 'stolen'",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "INSTALL httpfs",
        "LOAD httpfs",
        "PRAGMA enable_external_access",
        "SELECT",
        "SELEKT 1",
        "",
        "SELECT nothing FROM nowhere",
        "SELECT getenv('HOME')",
        "CALL pragma_version(); DROP TABLE node",
    ],
)
def test_what_is_no_query_of_the_catalog_is_refused_and_changes_nothing(
    digits_lab, tmp_path, monkeypatch, query, capsys
):
    monkeypatch.chdir(tmp_path)
    before = len(digits_lab.lab.versions())
    with pytest.raises(BadInput):
        sql(digits_lab.path, query)
    assert main(["sql", str(digits_lab.path), query]) == 2
    assert capsys.readouterr().err.startswith("veml: ")
    assert list(tmp_path.iterdir()) == []
    assert len(digits_lab.lab.versions()) == before


def test_an_answer_that_would_fill_the_memory_is_stopped_and_the_next_query_is_answered(digits_lab, monkeypatch):
    monkeypatch.setattr(sys.modules["veml_lab.upkeep.sql"], "MOST_BYTES", 1 << 22)  # the function hides its module
    with pytest.raises(BadInput, match=r"larger than 4 MiB.*add LIMIT"):
        sql(digits_lab.path, "SELECT a.range FROM range(10_000_000) a, range(10_000_000) b")
    assert sql(digits_lab.path, "SELECT count(*) AS n FROM range(10_000_000)").to_dict() == [{"n": 10_000_000}]


def test_there_has_to_be_a_lab(tmp_path):
    with pytest.raises(MissingFile, match="no lab"):
        sql(tmp_path, "SELECT 1")


@pytest.mark.parametrize(
    "query, says",
    [
        ("SELECT " + "1 + " * 30_000 + "1", "120,008 characters"),
        ("SELECT " + "(" * 60 + "1" + ")" * 60, "60 brackets"),
        (7, "a query is a text, got int"),
    ],
)
def test_a_query_that_is_no_persons_is_refused_before_it_is_read(digits_lab, query, says):
    with pytest.raises(BadInput, match=says) as caught:
        sql(digits_lab.path, query)
    assert len(str(caught.value)) < 300
    assert len(sql(digits_lab.path, "SELECT " + "(" * 50 + "1" + ")" * 50).to_dict()) == 1

"""``veml cases``: list, count, report, change."""

from __future__ import annotations

import json

import pytest
from planted import classified, deployed, encoded, picture, pictures, some_pictures

from veml_lab.cli import main


@pytest.fixture
def lab(empty_lab):
    empty_lab.add("town", pictures("town", some_pictures(12)), progress=False)
    first = deployed(empty_lab, "v1", empty_lab["town"])
    classified(first, empty_lab["town"], [0, 1, 2, 3]).report("animals")
    return empty_lab


@pytest.fixture
def veml(capsys):
    def run(*words: object) -> tuple[int, str, str]:
        code = main([str(w) for w in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_listing_counting_and_a_sheet_that_comes_back(lab, veml, tmp_path):
    code, out, _ = veml("cases", lab.path)
    assert code == 0 and out.startswith("4 cases: 4 new")
    found = json.loads(veml("cases", lab.path, "--where", "truth = 'cat'", "--json")[1])
    assert found["n"] == 2 and {c["truth"] for c in found["cases"]} == {"cat"}
    assert json.loads(veml("cases", lab.path, "--top", 1, "--json")[1])["n"] == 1
    weekly = json.loads(veml("cases", lab.path, "--weekly", "--json")[1])
    assert sum(weekly["new"]) == 4
    assert json.loads(veml("cases", lab.path, "--statistics", "--json")[1])["by"]["function"] == {"animals": 4}
    assert veml("cases", lab.path, "--duplicates")[1].startswith("no two")
    sheet = tmp_path / "out.csv"
    assert json.loads(veml("cases", lab.path, "--csv", sheet, "--json")[1])["n"] == 4
    assert "4 cases: 0 new, 4 seen before" in veml("cases", "report", lab.path, sheet)[1]


def test_a_sheet_of_a_testing_team(lab, veml, tmp_path):
    (tmp_path / "IMG_7.jpg").write_bytes(encoded(picture(77)))
    sheet = tmp_path / "week 12.csv"
    sheet.write_text(
        "\ufeffOriginal Data;Recognition Result;Ground Truth;ML System Function;ML System Version;camera\r\n"
        "IMG_7.jpg;dog;cat;animals;app 2;=1+1\r\n"
        "\r\n"
        "p007.jpg;'+cat;dog;animals;v1;front\r\n",
        encoding="utf-8",
    )
    code, out, _ = veml("cases", "report", lab.path, sheet, "--source", "team B")
    assert code == 0 and out.startswith("2 cases: 2 new, 0 seen before") and "came into the lab" in out
    new, known = (lab.cases(text=t)[0] for t in ("IMG_7", "p007"))
    assert (new.camera, new.version, new.source) == ("=1+1", "app 2", "team B")
    assert (known.version, known.said) == ("v1", "+cat")
    assert veml("cases", "report", lab.path, sheet, "--source", "team B")[1].startswith("2 cases: 0 new, 2 seen")
    code, out, _ = veml("cases", lab.path, "--csv", tmp_path / "back.csv")
    assert "'=1+1" in (tmp_path / "back.csv").read_text()


HEAD = "sample,said,truth,function,seen\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "p001.jpg,cat,dog,animals,\nnowhere.jpg,cat,dog,animals,\n", "row 3.*no sample of the lab and no file"),
        (HEAD + ",cat,dog,animals,\n", "row 2: it names no sample"),
        (HEAD + "p001.jpg,dog,dog,animals,\n", "row 2: this is no bad case"),
        (HEAD + "p001.jpg,cat,dog,animls,\n", "row 2.*known: animals"),
        (HEAD + "p001.jpg,cat,dog,animals,2999-01-01\n", "row 2.*future"),
        (HEAD + "p001.jpg,cat,dog,,\n", "row 2: its function is empty"),
        (HEAD + "p001.jpg,cat,dog,animals,,more\n", "row 2: it has 6 cells under 5"),
        ("sample,said\np001.jpg,cat\n", "no column for 'truth'"),
        ("sample,path,said,truth\n", "several columns for 'sample'"),
        ("", "is empty"),
        (HEAD, "no rows"),
    ],
)
def test_a_sheet_that_cannot_be_used_names_the_row_and_keeps_nothing(lab, veml, tmp_path, text, said):
    import re

    sheet = tmp_path / "bad.csv"
    sheet.write_text(text)
    code, _, err = veml("cases", "report", lab.path, sheet)
    assert code == 2 and re.search(said, err), err
    assert len(lab.cases()) == 4 and len(lab.versions("data")) == 1


def test_a_sheet_in_another_encoding_is_said(lab, veml, tmp_path):
    (tmp_path / "latin.csv").write_bytes(HEAD.encode() + b"p\xe4.jpg,a,b,c,\n")
    code, _, err = veml("cases", "report", lab.path, tmp_path / "latin.csv")
    assert code == 2 and "UTF-8" in err
    assert veml("cases", "report", lab.path, tmp_path / "none.csv")[0] == 2


def test_what_becomes_of_cases(lab, veml, monkeypatch):
    monkeypatch.setenv("VEML_USER", "ann")
    a, b, c, d = (x.id for x in lab.cases())
    assert veml("cases", "solve", lab.path, a, "--as", "label error", "--why", "a wolf")[0] == 0
    assert lab.cases(f"id = '{a}'")[0].history[-1] | {"made": 0} == {
        "number": 1, "made": 0, "who": "ann", "what": "state", "value": "label error", "why": "a wolf"
    }  # fmt: skip
    assert "new" in veml("cases", "reopen", lab.path, a)[1]
    veml("cases", "confirm", lab.path, b, c)
    veml("cases", "pin", lab.path, d, "--priority", "high")
    assert lab.cases()[0].id == d and len(lab.cases("status = 'confirmed'")) == 2
    assert veml("cases", "merge", lab.path, b, a, "--why", "one animal")[0] == 0
    assert len(lab.cases()) == 3
    assert veml("cases", "unmerge", lab.path, b)[0] == 0 and len(lab.cases()) == 4
    assert json.loads(veml("cases", "test", lab.path, "hard ones", "--json")[1]) == {"name": "hard ones", "n": 4}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("solve", "LAB", "ID"), "--as"),
        (("solve", "LAB", "ID", "--as", "solved"), "lineage graph"),
        (("solve", "LAB", "ID", "--as", "labl error"), "label error"),
        (("solve", "LAB", "c-nothing", "--as", "label error"), "no case"),
        (("merge", "LAB", "ID", "ID", "--why", "x"), "itself"),
        (("merge", "LAB", "ID"), "ID INTO"),
        (("pin", "LAB", "ID"), "--priority"),
        (("confirm", "LAB"), "which cases"),
        (("confirm",), "which lab"),
        (("LAB", "more"), "no further word"),
        (("LAB", "--why", "x"), "--why is not read"),
        (("LAB", "--top", "0"), "at least 1"),
        (("LAB", "--weekly", "--statistics"), "choose one"),
        (("LAB", "--where", "x ="), "does not parse"),
    ],
)
def test_what_cannot_be_done_is_said(lab, veml, words, said):
    case = lab.cases()[0].id
    code, _, err = veml("cases", *({"LAB": lab.path, "ID": case}.get(w, w) for w in words))
    assert code == 2 and said in err and err.count("\n") == 1
    assert not lab.cases()[0].history


def test_bad_cases_are_reported_where_they_are_found(lab, veml):
    code, _, err = veml("badcases", lab.path, "v1", "town", "--report")
    assert code == 2 and "--function" in err
    code, _, err = veml("badcases", lab.path, "v1", "town", "--function", "animals")
    assert code == 2 and "--report" in err

"""The cache of a lab: what it says of itself, on the command line too, and what looking after a lab makes of it."""

import json
import shutil

import numpy as np
import pytest

import veml_lab as veml
from veml_lab.cli import main
from veml_lab.errors import BadInput, ReadOnlyLab
from veml_lab.versions.lab_cache import seconds_in


def square(x):
    return np.asarray(x) ** 2


@pytest.fixture
def lab(fresh, digits_lab):
    return fresh(digits_lab)


def test_a_lab_says_what_it_keeps(lab):
    assert len(lab.cache.entries) == 0 and "of 10 GB, 0 entries" in repr(lab.cache)
    f = veml.reuse(lab, square)
    for _ in range(3):
        f([1, 2, 3])
    cache = lab.cache
    (row,) = cache.by_operation()
    assert row[0].endswith("test_lab_cache.square") and row[1] == 1 and row[3] == 2 and row[4] > 0
    assert cache.saved_s == row[4] and cache.bytes >= row[2] > 0
    assert "1 entry" in repr(cache) and "found by key elsewhere" in repr(cache)
    html = cache._repr_mimebundle_()["text/html"]
    assert "square" in html and "trainings" in html and "<script" not in html
    listed = {b.said.split(",")[0]: b for b in cache.beside}
    assert listed["vectors"].number >= 1 and listed["vectors"].bytes > 0 and listed["trainings"].number == 1
    assert listed["derived data versions"].number == 4  # train and test of two imports


def test_a_decorator_keeps_too(lab):
    @veml.reuse(lab)
    def cube(x, n=3):
        return x**n

    assert cube(2) == 8 and cube.__name__ == "cube" and [e.operation[-4:] for e in lab.cache.entries] == ["cube"]


def test_versions_are_arguments_by_their_content(lab):
    def size(version, k):
        return len(version) + k

    f = veml.reuse(lab, size)
    digits, n = lab["digits"], len(lab.cache.entries)
    f(digits, 1)
    f(veml.open(lab.path, read_only=True)["digits"], 1)
    assert len(lab.cache.entries) == n + 1
    same = digits.filter("the same", "label in ('0', '1', '2')")
    assert len(same) == len(digits)
    f(same, 1)
    f(same.sample("all", 80), 1)
    f(lab["bright"], 1)
    assert len(lab.cache.entries) == n + 2, "what holds the same samples is the same argument"


def test_the_same_ids_of_another_import_are_other_samples(tmp_path, digits, bright_digits):
    """As in a lab that was restored from a backup: its IDs are given again."""
    contents = []
    for name, source in (("a", digits), ("b", bright_digits)):
        version = veml.open(tmp_path / name).add("x", veml.read_idx(source), progress=False)
        contents.append((version.key, version.content))
    assert contents[0][0] == contents[1][0] and contents[0][1] != contents[1][1]


def test_the_command_shows_and_clears(lab, capsys):
    veml.reuse(lab, square)([1])
    assert main(["cache", str(lab.path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["entries"] == 1 and found["budget_bytes"] == 10**10 and found["operations"][0]["entries"] == 1
    assert main(["cache", str(lab.path), "--clear", "--older", "30d"]) == 0 and "1 entry" in capsys.readouterr().out
    assert main(["cache", str(lab.path), "--older", "30d"]) == 2 and "--clear" in capsys.readouterr().err
    assert main(["cache", str(lab.path), "--clear", "--older", "soon"]) == 2 and "30d" in capsys.readouterr().err
    assert main(["cache", str(lab.path), "--clear"]) == 0 and "0 entries" in capsys.readouterr().out
    assert lab["first"].name == "first" and len(lab.cache.beside) > 2, "versions and vectors stay"


@pytest.mark.parametrize("wrong", ["", "d", "3 months", "-1d", -1, True, float("nan")])
def test_an_age_that_is_none_is_refused(wrong):
    with pytest.raises(BadInput, match="30d"):
        seconds_in(wrong)


def test_a_lab_that_is_read_only_finds_and_clears_nothing(lab):
    veml.reuse(lab, square)([1])
    reader = veml.open(lab.path, read_only=True)
    before = sorted((f.name, f.read_bytes()) for f in (lab.path / "cache").iterdir())
    assert veml.reuse(reader, square)([1]) == [1] and veml.reuse(reader, square)([2]) == [4]
    with pytest.raises(ReadOnlyLab, match="to clear it"):
        reader.cache.clear()
    assert sorted((f.name, f.read_bytes()) for f in (lab.path / "cache").iterdir()) == before


def test_a_lab_that_was_copied_elsewhere_finds_what_it_kept(lab, tmp_path):
    veml.reuse(lab, square)([5])
    shutil.copytree(lab.path, tmp_path / "elsewhere")
    with pytest.warns(UserWarning, match="is a copy"):
        moved = veml.open(tmp_path / "elsewhere")
    found = veml.explain(lambda: veml.reuse(moved, square)([5]))
    assert found.parts[0].found == 1 and veml.reuse(moved, square)([5]) == [25]


def test_looking_after_a_lab_knows_the_cache(lab, tmp_path):
    veml.reuse(lab, square)([1])
    key = lab.cache.entries[0].key
    value = lab.path / "cache" / f"{key}.npy"
    value.write_bytes(b"damaged")
    (lab.path / "cache" / f".{key}.npy.99999999.0123abcd.part").write_bytes(b"x")
    assert veml.check(lab).clean and veml.check(lab, deep=True).clean
    removed = veml.vacuum(lab, grace_s=0).removed
    assert [p for p, *_ in removed if "cache" in p] == [f"cache/.{key}.npy.99999999.0123abcd.part"]
    assert value.exists()
    veml.backup(lab, tmp_path / "copy")
    assert not (tmp_path / "copy" / "cache").exists() and veml.check(tmp_path / "copy").clean


def test_explain_wants_a_call_that_was_not_made():
    with pytest.raises(BadInput, match="lambda"):
        veml.explain(3)


def test_explain_changes_nothing(lab):
    before = len(lab.versions())
    found = veml.explain(lambda: lab["digits"].filter("ones", "label = '1'"))
    assert len(lab.versions()) == before and "ones" not in lab and "Beyond" in repr(found)
    assert veml.explain(lambda: 3).in_words() == "nothing that is kept is part of it"

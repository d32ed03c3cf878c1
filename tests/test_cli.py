"""The command line: every verb has its help; what is wrong is one line on standard error and exit code 2."""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
from labs import ROOT, write_digits
from patience import PATIENCE_S
from PIL import Image

import veml_lab as veml
from veml_lab.cli import main, make_parser


def verbs() -> dict[str, argparse.ArgumentParser]:
    action = next(a for a in make_parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


@pytest.fixture
def veml_cli(capsys):
    """``veml_cli(*words)`` runs a command here; gives (exit code, standard output, standard error)."""

    def run(*words: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([str(w) for w in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def refused(veml_cli):
    """The one line that a command ends with when what it was given cannot be used."""

    def run(*words: object) -> str:
        code, out, err = veml_cli(*words)
        assert code == 2, (code, out, err)
        assert out == ""
        assert err.startswith("veml: ") and err.count("\n") == 1 and err.endswith("\n"), err
        return err

    return run


# -- help ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(verbs()))
def test_every_verb_explains_itself_and_its_arguments(name, capsys):
    with pytest.raises(SystemExit) as end:
        main([name, "--help"])
    assert end.value.code == 0
    assert len(capsys.readouterr().out.splitlines()) > 5
    parser = verbs()[name]
    assert parser.description
    unexplained = [
        a.dest
        for a in parser._actions
        if not a.help and a.dest not in ("epochs", "seed", "port", "batch_size", "direction")
    ]
    assert not unexplained


def test_the_verbs_of_the_paper_and_of_the_python_functions_are_there():
    assert set(verbs()) >= {
        "demo",
        "add",
        "versions",
        "stats",
        "filter",
        "merge",
        "similar",
        "train",
        "transfer",
        "drift",
        "rebuild",
        "deploy",
        "badcases",
        "lineage",
        "jobs",
        "lab",
        "dashboard",
    }


def test_without_a_verb_it_prints_its_help(veml_cli):
    code, out, _ = veml_cli()
    assert code == 0 and "dashboard" in out


def test_the_first_page_has_every_verb_once_in_its_group():
    from veml_lab.cli import GROUPS

    page, grouped = make_parser().format_help(), [n for names in GROUPS.values() for n in names.split()]
    assert len(grouped) == len(set(grouped)) and set(grouped) <= set(verbs())
    for name in verbs():
        assert len(re.findall(rf"^  {name} ", page, re.MULTILINE)) == 1, name


def test_a_misspelt_verb_is_answered_with_the_nearest(capsys):
    with pytest.raises(SystemExit) as end:
        main(["simlar", "lab"])
    said = capsys.readouterr().err
    assert (
        end.value.code == 2
        and said.count("\n") == 1
        and said.startswith("veml: there is no verb 'simlar'; known: similar, ")
    )


# -- what works ------------------------------------------------------------------------------------------


def test_versions_and_lineage_print_json_with_all_four_kinds(veml_cli, digits_lab):
    code, out, _ = veml_cli("versions", digits_lab.path, "--json")
    assert code == 0
    assert {r["kind"] for r in json.loads(out)} == {"data", "model", "training", "inference"}
    code, out, _ = veml_cli("lineage", digits_lab.path, "in production", "--json")
    found = json.loads(out)
    assert {n["kind"] for n in found["nodes"]} == {"data", "model", "training", "inference"}
    ids = {n["id"] for n in found["nodes"]}
    assert all(e["source"] in ids and e["target"] in ids for e in found["edges"])


def test_similar_prints_symmetric_matrices_by_measure(veml_cli, fresh, digits_lab):
    code, out, _ = veml_cli("similar", fresh(digits_lab).path, "--json")
    found = json.loads(out)
    assert code == 0 and found["names"] == ["digits", "bright"]
    assert set(found["measures"]) >= {"mean", "energy"}
    for matrix in found["measures"].values():
        m = np.array(matrix)
        assert m.shape == (2, 2) and np.allclose(m, m.T) and np.isfinite(m).all()


@pytest.mark.parametrize(
    "words", [("stats", "digits"), ("jobs",), ("drift", "first", "bright"), ("badcases", "in production", "bright")]
)
def test_what_prints_text_prints_json_as_well(veml_cli, fresh, digits_lab, words):
    verb, *rest = words
    path = fresh(digits_lab).path
    code, text, _ = veml_cli(verb, path, *rest)
    assert code == 0 and text.strip()
    code, out, _ = veml_cli(verb, path, *rest, "--json")
    assert code == 0
    json.loads(out)


def test_a_lifecycle_by_commands_alone(veml_cli, tmp_path, digits, bright_digits):
    lab = tmp_path / "lab"
    for words in (
        ("add", lab, "digits", digits, "--json"),
        ("add", lab, "bright", bright_digits, "--limit", 30, "--json"),
        ("embedder", lab, "--network", "squeezenet1_1", "--weights", "random", "--size", 32, "--json"),
        (
            "train",
            lab,
            "digits",
            "--width",
            8,
            "--size",
            16,
            16,
            "--epochs",
            2,
            "--batch-size",
            16,
            "--name",
            "first",
            "--json",
        ),
        ("deploy", lab, "first", "--name", "live", "--json"),
        ("transfer", lab, "bright", "--name", "second", "--json"),
        ("filter", lab, "bright", "zeros", "label = '0'", "--json"),
        ("merge", lab, "both", "digits", "bright", "--json"),
        ("badcases", lab, "live", "bright-test", "--json"),
        ("rebuild", lab, "first", "bright-train", "--method", "active", "--budget", 6, "--name", "third", "--json"),
    ):
        code, out, err = veml_cli(*words)
        assert code == 0, (words, err)
        json.loads(out)
    opened = veml.open(lab)
    assert {v.name for v in opened.versions("training")} == {"first", "second", "third"}
    assert len(opened["both"]) == 80 + 50 and len(opened["zeros"]) <= 50
    assert opened["third"].plan["labels"] == 6
    assert opened["second"].plan["init"] == opened["first"].id


def test_a_table_with_a_time_is_told_how_to_become_readings(veml_cli, tmp_path):
    for name, head in (("air", "Time,a"), ("plain", "b,a")):
        (tmp_path / f"{name}.csv").write_text(f"{head}\n" + "\n".join(f"2026-01-01T{h:02d}:00,{h}" for h in range(24)))
    _, _, err = veml_cli("add", tmp_path / "lab", "air", tmp_path / "air.csv")
    assert "read as table" in err and "it has a column 'Time': " in err and "--format sensors" in err
    _, _, err = veml_cli("add", tmp_path / "lab", "plain", tmp_path / "plain.csv")
    assert "read as table" in err and "--format sensors" not in err


def test_a_lab_of_pictures_and_tables_compares_the_pictures_and_says_what_it_left_out(
    fresh, digits_lab, veml_cli, tmp_path
):
    (tmp_path / "t.csv").write_text("a,b\n" + "\n".join(f"{i},{i * i}" for i in range(30)))
    lab = fresh(digits_lab)
    veml_cli("add", lab.path, "numbers", tmp_path / "t.csv")
    code, out, err = veml_cli("similar", lab.path, "--json")
    assert code == 0 and json.loads(out)["names"] == ["digits", "bright"]
    assert "left out: numbers" in err
    with pytest.raises(
        veml.BadInput, match="'digits' holds pictures, 'numbers' holds table rows; compare versions of one kind"
    ):
        veml.similarity(lab.data, progress=False)
    assert [d.data.name for d in veml.most_similar(lab["digits"], progress=False)] == ["bright"]


def test_it_runs_as_a_program(digits_lab, tmp_path):
    def run(*words: object) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "veml_lab.cli", *map(str, words)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            timeout=PATIENCE_S,
        )

    good = run("lineage", digits_lab.path, "in production")
    assert good.returncode == 0 and "trained_on" in good.stdout and good.stderr == ""
    bad = run("lineage", digits_lab.path, "nonsense")
    assert bad.returncode == 2 and bad.stdout == "" and bad.stderr.count("\n") == 1
    assert run("--version").stdout.startswith("veml-lab ")


def test_what_is_skipped_is_said_in_one_plain_line(tmp_path, digits_lab):
    for i in range(2):
        digits_lab.digits.images[i].save(tmp_path / f"{i}.png")
    (tmp_path / "labels.csv").write_text("file,label\n0.png,a\n1.png,b\n2.png,b\n")
    done = subprocess.run(
        [sys.executable, "-m", "veml_lab.cli", "add", tmp_path / "lab", "x", tmp_path],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0 and "2 images" in done.stdout
    skipped, found = done.stderr.splitlines()  # and no progress bar, which in a file is many lines
    assert found == "read as picture_table: labels.csv: picture 'file', class 'label'"
    assert skipped.startswith(f"veml: {tmp_path}: skipped 1 ") and "2.png" in skipped


def test_a_reader_that_goes_away_is_no_error(digits_lab):
    command = (
        f"'{sys.executable}' -m veml_lab.cli lineage '{digits_lab.path}' --json | head -n 1; exit ${{PIPESTATUS[0]}}"
    )
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=PATIENCE_S,
    )
    assert (done.returncode, done.stderr) == (0, "")


# -- what is wrong ---------------------------------------------------------------------------------------


def test_a_missing_folder_is_named(refused, tmp_path):
    assert "nowhere" in refused("add", tmp_path / "lab", "digits", tmp_path / "nowhere")
    assert "nowhere" in refused("demo", "--data", tmp_path / "nowhere", "--out", tmp_path / "lab")
    assert "nowhere" in refused("versions", tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []  # nothing half-written


def test_a_truncated_idx_file_is_refused_and_leaves_nothing(refused, tmp_path, digits):
    folder = tmp_path / "cut"
    shutil.copytree(digits, folder)
    images = folder / "train-images-idx3-ubyte.gz"
    raw = gzip.decompress(images.read_bytes())
    images.write_bytes(gzip.compress(raw[:-100]))
    assert "train-images" in refused("add", tmp_path / "lab", "cut", folder)
    assert not (tmp_path / "lab").exists()


def test_a_file_cut_in_its_gzip_stream_imports_nothing(refused, tmp_path, digits):
    folder = tmp_path / "cut"
    shutil.copytree(digits, folder)
    images = folder / "train-images-idx3-ubyte.gz"
    images.write_bytes(images.read_bytes()[:-200])
    assert "train-images" in refused("add", tmp_path / "lab", "cut", folder)
    if (tmp_path / "lab").exists():
        assert veml.open(tmp_path / "lab").versions() == []


def test_a_truncated_jpeg_is_named_and_strictly_imports_nothing(refused, tmp_path):
    rng = np.random.default_rng(0)
    for label in ("cat", "dog"):
        (tmp_path / "pets" / label).mkdir(parents=True)
        for i in range(3):
            picture = Image.fromarray(rng.integers(0, 255, (40, 40, 3), np.uint8))
            picture.save(tmp_path / "pets" / label / f"{i}.jpg")
    broken = tmp_path / "pets" / "dog" / "1.jpg"
    broken.write_bytes(broken.read_bytes()[:700])
    assert "dog/1.jpg" in refused("add", tmp_path / "lab", "pets", tmp_path / "pets", "--strict")
    lab = veml.open(tmp_path / "lab")
    assert lab.versions() == []
    assert lab.store.catalog.read("counts").to_pylist()[0]["samples"] == 0
    assert list((lab.path / "segments").glob("*")) == []


def test_an_unknown_name_is_answered_with_the_nearest(refused, digits_lab):
    assert "bright" in refused("stats", digits_lab.path, "brigth")
    assert "first" in refused("deploy", digits_lab.path, "frist")
    for words in (
        ("lineage", "x"),
        ("drift", "x", "digits"),
        ("drift", "first", "x"),
        ("badcases", "x", "digits"),
        ("transfer", "x"),
        ("rebuild", "x", "bright"),
        ("train", "x"),
        ("similar", "x"),
        ("filter", "x", "y", "1=1"),
        ("merge", "y", "digits", "x"),
        ("transfer", "bright", "--from", "x"),
        ("rebuild", "first", "bright", "--method", "x"),
        ("similar", "bright", "--measure", "x"),
        ("rebuild", "first", "bright", "--learner", "x"),
        ("deploy", "first", "--format", "x"),
        ("embedder", "--network", "x"),
        ("train", "digits", "--architecture", "x"),
    ):
        verb, *rest = words
        assert "'x'" in refused(verb, digits_lab.path, *rest), words


def test_a_version_of_another_kind_is_not_taken(refused, digits_lab):
    assert "training version 'digits'" in refused("deploy", digits_lab.path, "digits")
    assert "data version 'first'" in refused("stats", digits_lab.path, "first")


@pytest.mark.parametrize(
    "option",
    [
        ("--epochs", 0),
        ("--batch-size", 0),
        ("--lr", -1),
        ("--lr", "nan"),
        ("--width", 0),
        ("--size", 4, 4),
        ("--size", -5, 16),
        ("--size", 99999, 16),
    ],
    ids=str,
)
def test_numbers_that_make_no_training_are_refused(refused, digits_lab, option, fresh):
    lab = fresh(digits_lab)
    before = {v.name for v in lab.versions("training")}
    refused("train", lab.path, "digits", "--width", 8, "--name", "no", *option)
    assert {v.name for v in lab.versions("training")} == before


def test_other_numbers_out_of_range_are_refused(refused, digits_lab, tmp_path, digits):
    for words in (
        ("drift", "first", "bright", "--level", 2),
        ("drift", "first", "bright", "-k", 0),
        ("similar", "-k", 0),
        ("rebuild", "first", "bright", "--budget", -1),
        ("rebuild", "first", "bright", "--budget", 9999),
        ("rebuild", "first", "bright", "--budget", "nan"),
        ("embedder", "--size", 3, "--weights", "random"),
    ):
        verb, *rest = words
        refused(verb, digits_lab.path, *rest)
    refused("add", tmp_path / "lab", "x", digits, "--limit", 0)
    refused("add", tmp_path / "lab", "x", "road:clear-city", "--limit", -3)
    refused("add", tmp_path / "lab", "x", "road:moon")
    refused("demo", "--road-world", "--out", tmp_path / "lab", "--limit", 1)
    refused("add", tmp_path / "lab", "a\nb", digits)
    refused("add", tmp_path / "lab", "x" * 200, digits)


def test_a_label_without_a_class_name_is_refused(refused, tmp_path):
    """Wrong class count: the file holds a label beyond the ten that an IDX set has names for."""
    folder = write_digits(tmp_path / "eleven")
    labels = folder / "train-labels-idx1-ubyte.gz"
    raw = bytearray(gzip.decompress(labels.read_bytes()))
    raw[20] = 77
    labels.write_bytes(gzip.compress(bytes(raw[:-3])))  # fewer labels than images too
    assert "train-labels" in refused("add", tmp_path / "lab", "x", folder)


def test_a_lab_of_a_newer_format_is_not_touched(refused, fresh, digits_lab):
    path = fresh(digits_lab).path
    (path / "lab.toml").write_text("format_version = 999\n")
    before = {p.name: p.stat().st_mtime_ns for p in path.rglob("*")}
    for words in (("versions",), ("train", "digits"), ("similar",), ("lineage",)):
        verb, *rest = words
        line = refused(verb, path, *rest)
        assert "999" in line and "pip install -U veml-lab" in line
    assert {p.name: p.stat().st_mtime_ns for p in path.rglob("*")} == before


@pytest.mark.parametrize("text", ["", "format_version = 'x'", "}{", "\x00\xff", "format_version = []"])
def test_a_damaged_marker_is_said(refused, fresh, digits_lab, text):
    path = fresh(digits_lab).path
    (path / "lab.toml").write_bytes(text.encode("latin-1"))
    assert "lab.toml" in refused("versions", path)


@pytest.mark.parametrize("damage", [b"", b"no database", "half"], ids=["empty", "text", "half"])
def test_a_damaged_catalog_is_said(refused, fresh, digits_lab, damage):
    path = fresh(digits_lab).path
    file = path / "catalog.duckdb"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2] if damage == "half" else damage)
    assert "catalog.duckdb" in refused("versions", path)


def test_a_folder_that_is_no_lab_is_left_alone(refused, tmp_path, digits):
    (tmp_path / "thesis.txt").write_text("precious")
    assert "no lab" in refused("versions", tmp_path)
    assert "other files" in refused("add", tmp_path, "digits", digits)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]
    refused("versions", tmp_path / "thesis.txt")
    assert "is a file" in refused("add", tmp_path / "thesis.txt", "digits", digits)


HOSTILE = [
    "1=1; DROP TABLE sample",
    "1=1; DROP TABLE node; --",
    "id IN (SELECT id FROM read_csv('/etc/passwd'))",
    "EXISTS (SELECT 1 FROM node)",
    "1=1) UNION SELECT 1 FROM samples WHERE (1=1",
    "1=1) ORDER BY (SELECT 1",
    "1=1) LIMIT (1",
    "1=1) GROUP BY (id",
    "getenv('HOME') = 'x'",
    "length(read_text('/etc/passwd')) > 0",
    "current_setting('temp_directory') = 'x'",
    "COLUMNS('.*') = 1",
    "id = $1",
    "id = ?",
    "count(*) > 1",
    "row_number() OVER () = 1",
    "CASE WHEN true THEN true END",
    "list_contains(labels, (SELECT label FROM samples LIMIT 1))",
    "'abc'",
    "label",
    "",
    "   ",
    "NOT " * 3000 + "true",
    "(" * 3000 + "true" + ")" * 3000,
    "+".join(["1"] * 3000) + " > 1",
    "+".join(["1"] * 490) + " > 1",  # shallow enough for DuckDB, too deep for a walk in Python
    "nothere = 1",
    "samples.id = 1 AND node.id = 1",
    "label = 'no end",
]


@pytest.mark.parametrize("where", HOSTILE, ids=lambda w: w[:40].strip() or "blank")
def test_a_hostile_filter_is_refused(refused, digits_lab, where):
    before = len(digits_lab.lab.versions())
    refused("filter", digits_lab.path, "digits", "hostile", where)
    assert len(digits_lab.lab.versions()) == before


def test_a_filter_that_keeps_nothing_makes_nothing(refused, digits_lab):
    assert "no samples" in refused("filter", digits_lab.path, "digits", "nothing", "label = 'zebra'")


def test_damaged_weights_and_pickles_are_refused_and_never_run(refused, fresh, digits_lab, tmp_path):
    import pickle

    class Payload:
        def __reduce__(self):
            return (os.system, (f"touch {tmp_path / 'owned'}",))

    lab = fresh(digits_lab)
    evil, cut = tmp_path / "evil.pth", tmp_path / "cut.pth"
    evil.write_bytes(pickle.dumps(Payload()))
    cut.write_bytes(b"PK\x03\x04 not all of it")
    for weights in (evil, cut, tmp_path / "none.pth"):
        assert weights.name in refused("embedder", lab.path, "--weights", weights, "--network", "squeezenet1_1")
    assert not (tmp_path / "owned").exists()


def test_the_message_of_an_error_with_many_lines_is_one_line(veml_cli, monkeypatch):
    """A message that quotes another library may hold line breaks; the promise is one line."""
    from veml_lab.cli import data_versions as data
    from veml_lab.errors import BadInput

    def fail(_):
        raise BadInput("first\n  second")

    monkeypatch.setattr(data, "_versions", fail)
    assert veml_cli("versions", "x") == (2, "", "veml: first second\n")

"""Settings on the command line: shown, compared, written to a file, and trained from it with changes."""

from __future__ import annotations

import json
import shlex

import pytest

import veml_lab as veml
from veml_lab.cli import main


@pytest.fixture
def veml_in(capsys, digits_lab):
    """``veml_in("config {lab} first")``: exit code, standard output, standard error."""

    def run(words: str, lab=digits_lab.path, **more):
        capsys.readouterr()
        code = main([w.format(lab=lab, **more) for w in shlex.split(words)])
        return code, *capsys.readouterr()

    return run


def test_the_settings_of_a_training_are_shown_with_where_they_came_from(veml_in):
    code, out, _ = veml_in("config {lab} first")
    assert code == 0 and out.startswith("config of 'first'\n")
    rows = {line.split()[0]: line.split("<- ")[1] for line in out.splitlines()[1:] if "<-" in line}
    assert rows["lr"] == "you" and rows["clip"] == "default of torchvision" and rows["backend"] == "model 'tiny'"
    code, out, _ = veml_in("config {lab} first --only hyper.lr")
    assert out.split("\n")[2].split() == ["lr", "0.01", "<-", "you"]
    told = json.loads(veml_in("config {lab} first --json")[1])["settings"]
    assert {"path": "hyper.lr", "value": 0.01, "origin": {"by": "user"}, "words": "you"} in told


def test_a_file_is_written_compared_and_trained_with_what_is_set_beside_it(veml_in, fresh, digits_lab, tmp_path):
    lab, plan = fresh(digits_lab), tmp_path / "plan.toml"
    assert veml_in("config {lab} first --toml {plan}", plan=plan)[1] == f"written: {plan}\n"
    assert plan.read_text() == veml_in("config {lab} first --toml")[1]
    assert veml.config(plan, lab) == veml.config(lab["first"])
    assert veml_in("config {lab} first {plan}", plan=plan)[1] == "'first' and 'first' have the same settings\n"
    words = "train {lab} --config {plan} --set lr=0.02 hyper.epochs=1 --set name=second patience=none --batch-size 30"
    code, out, err = veml_in(words, lab=lab.path, plan=plan)
    assert code == 0, err
    second = veml.config(lab["second"])
    asked = veml.config(lab["first"]).diff(second).values
    assert asked == {
        "name": ("first", "second"), "hyper.epochs": (6, 1), "hyper.batch_size": (16, 30), "hyper.lr": (0.01, 0.02)
    }  # fmt: skip
    assert str(second.origin("hyper.lr")) == "you, on the command line; was 0.01 (file plan.toml)"
    assert str(second.origin("data")) == "file plan.toml"
    code, out, _ = veml_in("config {lab} first second", lab=lab.path)
    assert out.splitlines()[0] == "4 settings of 'first' and 'second' differ:" and "0.01  → 0.02 " in out
    differ = json.loads(veml_in("config {lab} first second --json", lab=lab.path)[1])
    assert differ["settings"]["hyper.epochs"] == [6, 1]


def test_what_was_said_and_what_the_verb_takes_by_itself_are_told_apart(veml_in, fresh, digits_lab):
    lab = fresh(digits_lab)
    words = "train {lab} digits --architecture resnet10 --width 8 --size 16 16 --epochs 1 --set hyper.batch_size=30"
    assert veml_in(words, lab=lab.path)[0] == 0
    cfg = veml.config(lab.versions("training")[-1])
    assert cfg.explain().known == 1.0 and cfg.hyper.batch_size == 30
    origins = {p: str(cfg.origin(p)) for p in ("hyper.epochs", "hyper.batch_size", "hyper.lr", "hyper.clip", "name")}
    assert origins == {
        "hyper.epochs": "you, on the command line", "hyper.batch_size": "you, on the command line",
        "hyper.lr": "default of veml train", "hyper.clip": "default of torchvision", "name": "default of veml train",
    }  # fmt: skip


def test_structured_values_are_read_as_json_and_others_by_their_declared_type(digits_lab):
    from veml_lab.cli.settings import with_words

    cfg = veml.config(digits_lab.training)
    words = ["hyper.augment=flip,colour", "seed=7", "validation=none", "deployment.format=onnx", "name=3", "clip=none"]
    read = with_words(cfg, words)
    assert (read.hyper.augment, read.seed, read.validation, read.deployment.format, read.name, read.hyper.clip) == (
        ["flip", "colour"], 7, None, "onnx", "3", None
    )  # fmt: skip
    assert with_words(cfg, ['augment=["flip", {"name": "crop", "p": 0.5}]']).hyper.augment[1] == {
        "name": "crop",
        "p": 0.5,
    }
    other = with_words(cfg, ["backend=torchvision-adapt", "hyper.adapt.method=adabn"])
    assert other.hyper.adapt.method == "adabn"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("config {lab} frist", "no training version 'frist'; known: first"),
        ("config {lab} first --only hyper.lrr", "no setting 'hyper.lrr'; known: hyper.lr,"),
        ("config {lab} first nowhere.toml", "nowhere.toml"),
        ("config {lab} first first --toml", "leave out --only and --toml, or OTHER"),
        ("config {lab} first --toml --json", "leave out --only and --json"),
        ("train {lab} --epochs 1", "say what to train on"),
        ("train {lab} --config {plan} --set hyper.lrr=3", "no setting 'hyper.lrr'; known: hyper.lr,"),
        ("train {lab} --config {plan} --set sed=3", "no setting 'hyper.sed'; known: seed,"),
        ("train {lab} --config {plan} --set lr=fast", "lr must be a number above 0, got 'fast'"),
        ("train {lab} --config {plan} --set hyper.lr.x=1", "hyper.lr is a number above 0 and has no parts"),
        ("train {lab} --config {plan} --set lr", "NAME=VALUE"),
        ("train {lab} --config {plan} --architecture resnet18", "--architecture would change nothing here"),
        ("train {lab} --config {plan} --retries 2", "--retries would change nothing here"),
        ("train {lab} --config {bad}", "line 2"),
    ],
)
def test_what_cannot_be_asked_is_one_line_with_what_to_do(veml_in, tmp_path, words, said):
    (tmp_path / "plan.toml").write_text('name = "x"\nmodel = "tiny"\ndata = "digits-train"\n')
    (tmp_path / "bad.toml").write_text("seed = 1\nname = = 3\n")
    code, out, err = veml_in(words, plan=tmp_path / "plan.toml", bad=tmp_path / "bad.toml")
    assert code == 2 and out == "" and said in err and err.count("\n") == 1

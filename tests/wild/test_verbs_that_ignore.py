"""What a verb would ignore it refuses, and what it did not do it says: an option, a name, a resume."""

import warnings

import pytest

import veml_lab as veml
from veml_lab.cli import main
from veml_lab.errors import BadInput
from veml_lab.training.jobs import make_job, train


def said(capsys, *argv) -> str:
    """The one line of a command that refuses."""
    assert main([str(a) for a in argv]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    return lines[-1]


# (what follows the lab, the option that would change nothing)
IGNORED = {
    "a ranking's measure for the whole matrix": ("similar LAB --measure energy", "--measure"),
    "a forecaster's hidden units for pictures": ("train LAB digits --hidden 8", "--hidden"),
    "a forecaster's layers for pictures": ("train LAB digits --layers 3", "--layers"),
    "a detector's backbone for classes": ("train LAB digits --backbone resnet18", "--backbone"),
    "a width for a network of fixed width": ("train LAB digits --architecture resnet50 --width 8", "--width"),
    "an architecture beside a configuration": ("train LAB digits --config x.py --architecture fcos", "--architecture"),
    "another backend than the configuration's": ("train LAB digits --config x.py --backend torchvision", "--backend"),
    "retries without a job of its own": ("train LAB digits --retries 2", "--retries"),
    "a method where the advice decides": ("rebuild LAB first bright --auto --method full", "--method"),
    "labels where none are chosen": ("rebuild LAB first bright --method full --labels bright", "--labels"),
    "a budget where all labels are taken": ("rebuild LAB first bright --method full --budget 0.1", "--budget"),
    "a learner where nothing is chosen": ("rebuild LAB first bright --method adabn --learner random", "--learner"),
    "how many to keep where none are kept": ("badcases LAB in-production bright --top 3", "--top"),
    "retries where no job is resumed": ("jobs LAB --retries 2", "--retries"),
    "taking off no tag": ("tag LAB digits --remove", "--remove"),
    "kinds of a file of corrections": ("annotate LAB digits new corrections.json --kinds box", "--kinds"),
    "the format of a drawn world": ("add LAB road road:clear-city --format coco", "--format"),
    "copies of a drawn world": ("add LAB road road:clear-city --copy", "--copy"),
    "pages with something left out": ("export LAB --html out --lossy", "--lossy"),
    "a network beside a training": ("embedder LAB --training first --network resnet18", "--network"),
}


@pytest.mark.parametrize("what", IGNORED)
def test_an_option_that_would_change_nothing_is_refused(what, digits_lab, capsys):
    words, option = IGNORED[what]
    argv = [digits_lab.path if w == "LAB" else w.replace("in-production", "in production") for w in words.split()]
    line = said(capsys, *argv)
    assert option in line and "would change nothing here" in line, line


def test_an_option_that_the_drawn_world_does_not_have_is_named(digits_lab, capsys):
    line = said(capsys, "add", digits_lab.path, "r", "road:clear-city", "--option", "foo=1")
    assert "no option of the format road_world 'foo'" in line


def test_advice_for_data_of_another_task_is_refused_as_the_rebuilding_is(digits_lab, fresh):
    lab = fresh(digits_lab)
    roads = lab.add("roads", veml.road_world("clear-city", 4), progress=False)
    asked = (
        lambda: veml.advise(lab["first"], roads),
        lambda: veml.rebuild(lab["first"], roads, method="full", progress=False),
        lambda: veml.rebuild(lab["first"], roads, auto=True, progress=False),
    )
    lines = set()
    for ask in asked:
        with pytest.raises(BadInput, match="'roads' is for detection, 'first' for classification") as e:
            ask()
        lines.add(str(e.value))
    assert len(lines) == 1


def test_what_is_advised_is_not_refused_for_its_task(digits_lab):
    advice = veml.advise(digits_lab.training, digits_lab.bright)
    assert advice.options and advice.new.facts.trains_as == advice.training.model.recipe["task"]


def test_a_name_for_a_training_that_is_there_already_is_said_not_to_be_used(digits_lab, fresh):
    from dataclasses import replace

    lab = fresh(digits_lab)
    with pytest.warns(UserWarning, match="trained before as 'first', .* the name 'second' is not used"):
        found = train(lab.store, replace(digits_lab.plan, name="second"), progress=False)
    assert found.name == "first" and "second" not in lab
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert train(lab.store, digits_lab.plan, progress=False).name == "first"


def test_a_name_for_a_rebuilding_that_does_not_happen_is_said_not_to_be_used(digits_lab, fresh):
    lab = fresh(digits_lab)
    same = lab["digits-train"]
    with pytest.warns(UserWarning, match="no drift .*nothing is rebuilt; the name 'newer' is not used"):
        found = veml.rebuild(lab["first"], same, auto=True, name="newer", progress=False)
    assert found.name == "first" and "newer" not in lab


def test_a_job_of_a_training_that_is_there_already_is_not_said_to_have_started(digits_lab, fresh, capsys):
    lab = fresh(digits_lab)
    training = ["--epochs", "1", "--width", "8", "--size", "16", "16", "--name"]
    assert main(["train", str(lab.path), "digits", *training, "once"]) == 0
    capsys.readouterr()
    assert main(["train", str(lab.path), "digits", *training, "again", "--detach"]) == 0
    assert "trained before as 'once'; no job was started" in capsys.readouterr().err


def test_a_job_that_is_done_is_said_to_be_so_when_it_is_resumed_or_stopped(digits_lab, fresh, capsys):
    lab = fresh(digits_lab)
    key = make_job(lab.store, digits_lab.plan).key
    assert main(["jobs", str(lab.path), key, "--resume"]) == 0
    out = capsys.readouterr()
    assert "job 'first' is done already; there is nothing to resume" in out.err and "done" in out.out
    assert main(["jobs", str(lab.path), key, "--stop"]) == 0
    assert "job 'first' has ended (done); there is nothing to stop" in capsys.readouterr().err
    assert main(["jobs", str(lab.path), "--resume"]) == 0
    assert "no job's process died; there is nothing to resume" in capsys.readouterr().err

"""Options of ``rebuild`` in Python are checked as those of the command line, before anything runs."""

import pytest

import veml_lab as veml
from veml_lab.errors import BadInput, UnknownName

WRONG = {
    "a method that there is not": ({"method": "ful"}, UnknownName, "no rebuilding method 'ful'; known: full"),
    "a method that is no name": ({"method": 3}, UnknownName, "no rebuilding method '3'"),
    "a learner that there is not": ({"learner": "badg"}, UnknownName, "no active learner 'badg'; known: badge"),
    "a learner that is no name": ({"learner": ["badge"]}, BadInput, "learner is the name of an active learner"),
    "an option that there is not": ({"metod": "full"}, UnknownName, "no option of rebuild 'metod'; known: method"),
    "a hyper-parameter that there is not": ({"hyper": {"epoch": 1}}, UnknownName, "'epoch'; known: epochs"),
    "one of a transfer": ({"method": "transfer", "hyper": {"epoch": 1}}, UnknownName, "'epoch'; known: epochs"),
    "one of an adaptation": ({"method": "adabn", "hyper": {"epoch": 1}}, UnknownName, "of adabn 'epoch'; known: ep"),
    "one of what is advised": ({"auto": True, "hyper": {"epoch": 1}}, UnknownName, "of a rebuilding 'epoch'; known: e"),
    "a value of a hyper-parameter": ({"hyper": {"epochs": "many"}}, BadInput, "epochs"),
    "hyper-parameters that are no mapping": ({"hyper": ["epochs"]}, BadInput, "hyper is a mapping"),
    "a budget of nothing": ({"budget": 0}, BadInput, "the budget must be a share"),
    "a budget that is no number": ({"budget": "30%"}, BadInput, "the budget must be a share"),
    "a budget that is True": ({"budget": True}, BadInput, "the budget must be a share"),
    "a budget of two and a half labels": ({"budget": 2.5}, BadInput, "the budget must be a share"),
    "an endless budget": ({"budget": float("inf")}, BadInput, "the budget must be a share"),
    "a budget that is not read": ({"method": "full", "budget": 0.2}, BadInput, "budget= would change nothing"),
    "a learner that is not read": ({"method": "adabn", "learner": "badge"}, BadInput, "learner= would change nothing"),
    "a method beside auto": ({"method": "full", "auto": True}, BadInput, "auto takes the advised method"),
    "a level without auto": ({"level": 0.01}, BadInput, "level= would change nothing"),
    "a level beyond one": ({"auto": True, "level": 5}, BadInput, "level is the accepted share"),
    "a level of nothing": ({"auto": True, "level": 0}, BadInput, "level is the accepted share"),
    "an empty name": ({"name": ""}, BadInput, "name"),
    "validation by name": ({"validation": "bright"}, BadInput, "validation is a data version .*got str 'bright'"),
    "labels by name": ({"labels": "bright"}, BadInput, "labels is a data version .*got str 'bright'"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_option_is_one_sentence_and_nothing_runs(what, digits_lab):
    options, kind, said = WRONG[what]
    lab = digits_lab.lab
    before = lab.revision()
    with pytest.raises(kind, match=said) as e:
        veml.rebuild(lab["first"], lab["bright-train"], progress=False, **options)
    assert "\n" not in str(e.value) and lab.revision() == before


def test_labels_are_not_read_by_the_others(digits_lab):
    lab = digits_lab.lab
    with pytest.raises(BadInput, match="labels= would change nothing"):
        veml.rebuild(lab["first"], lab["bright-train"], method="transfer", labels=lab["bright-train"], progress=False)


def test_the_versions_themselves_have_their_kinds(digits_lab):
    lab = digits_lab.lab
    with pytest.raises(BadInput, match=r"training is a training version \(lab\[NAME\]\), got DataVersion"):
        veml.rebuild(lab["bright"], lab["bright-train"])
    with pytest.raises(BadInput, match=r"new is a data version \(lab\[NAME\]\), got str 'bright'"):
        veml.rebuild(lab["first"], "bright")


def test_the_usual_budget_and_level_may_be_said():
    from veml_lab.lifecycle.rebuild_options import _check_budget

    for budget in (0.3, 1, 12, 12.0, 0.999, 1.0):
        _check_budget(budget)


def test_an_unknown_option_of_any_public_function_names_the_nearest():
    with pytest.raises(UnknownName, match="no option of similarity 'measur'"):
        veml.similarity([], measur="energy")
    with pytest.raises(UnknownName, match="no option of advise 'bugdet'; known: budget"):
        veml.advise(None, None, bugdet=3)


def test_a_fault_within_a_public_function_stays_what_it_is():
    from veml_lab.storage.border import public

    @public
    def add(a: int, *, b: int = 0) -> int:
        return a + b

    with pytest.raises(TypeError, match="unsupported operand"):
        add(1, b="x")
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        add()
    with pytest.raises(UnknownName, match="no option of add 'c'; known: a, b"):
        add(1, c=2)

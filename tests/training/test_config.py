"""Configurations: what they refuse and how they say it, files and back, other tools' forms, what differs."""

from __future__ import annotations

import copy
import dataclasses
import difflib
import enum
import json
import pickle
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import veml_lab as veml
from veml_lab.errors import BadData, BadInput, UnknownName
from veml_lab.storage.toml_text import read_toml, to_toml
from veml_lab.training import Plan, declarations
from veml_lab.training.config_schema import FIELDS

ASKED = {"name": "next", "backend": "torchvision", "model": "tiny", "data": "digits", "hyper": {"lr": 0.01}}


@pytest.fixture
def asked():
    return veml.config(ASKED)


def test_values_are_read_by_attribute_and_by_path_with_the_backends_defaults_in_their_place(asked):
    assert asked.hyper.lr == asked["hyper.lr"] == 0.01
    assert asked.hyper.batch_size == 32 and asked.seed == 0 and asked.validation is None
    assert list(asked.hyper) == [h.name for h in declarations()["torchvision"].hyper]
    assert asked.to_dict() == ASKED  # what is left to the backend is not asked
    assert "batch_size" in dir(asked.hyper) and "hyper.lr" in asked._ipython_key_completions_()


def test_a_config_never_changes(asked):
    with pytest.raises(AttributeError, match=r"config.replace\('hyper.lr', 3\) gives one"):
        asked.hyper.lr = 3
    with pytest.raises(AttributeError, match="frozen"):
        asked.seed = 3
    with pytest.raises(AttributeError, match="frozen"):
        del asked.seed
    with pytest.raises(TypeError):
        asked["seed"] = 3
    asked.hyper.augment.append("flip")
    nested = asked.replace("hyper.augment", [{"name": "flip"}])
    nested.hyper.augment[0]["name"] = "crop"
    nested["hyper.augment"][0]["name"] = "crop"
    assert nested.hyper.augment == [{"name": "flip"}] and 3 not in asked
    asked.to_dict()["hyper"]["lr"] = 3
    longer = asked.replace({"hyper.lr": 0.1, "hyper": {"epochs": 9}, "seed": 4})
    assert asked.to_dict() == ASKED and asked.hyper.augment == []
    assert longer.to_dict() == {**ASKED, "hyper": {"lr": 0.1, "epochs": 9}, "seed": 4}


def test_two_are_equal_where_they_ask_for_the_same_and_can_be_copied(asked):
    same = asked.replace("hyper.lr", 0.5).replace("hyper.lr", 0.01)
    assert same == asked and hash(same) == hash(asked) and len({same, asked}) == 1
    assert veml.config({**ASKED, "seed": 0, "init": None, "deployment": {}}) == asked  # said or left out
    assert asked != asked.replace("seed", 1) and asked != ASKED
    assert copy.deepcopy(asked) == asked == pickle.loads(pickle.dumps(asked))


NEAREST = {
    "nam": "name", "nmae": "name", "backnd": "backend", "bakend": "backend", "modle": "model", "mdoel": "model",
    "dta": "data", "datta": "data", "validaton": "validation", "vaildation": "validation", "inti": "init",
    "sed": "seed", "seeed": "seed", "rebuilt_form": "rebuilt_from", "metod": "method", "lerner": "learner",
    "lables": "labels", "deploymnt": "deployment", "hyper.lrr": "hyper.lr", "hyper.l_r": "hyper.lr",
    "hyper.epoch": "hyper.epochs", "hyper.epocs": "hyper.epochs", "hyper.batchsize": "hyper.batch_size",
    "hyper.batch_sise": "hyper.batch_size", "hyper.weight_decy": "hyper.weight_decay",
    "hyper.wieght_decay": "hyper.weight_decay", "hyper.augmnt": "hyper.augment",
    "hyper.augmentation": "hyper.augment", "hyper.worker": "hyper.workers",
    "hyper.validate_evry": "hyper.validate_every", "hyper.patiance": "hyper.patience",
    "hyper.monitr": "hyper.monitor", "hyper.precison": "hyper.precision", "hyper.presicion": "hyper.precision",
    "hyper.clp": "hyper.clip", "hyper.clipp": "hyper.clip", "hyper.device": "hyper.devices", "hypr.lr": "hyper.lr",
    "lr": "hyper.lr", "epochs": "hyper.epochs", "batch_siz": "hyper.batch_size", "patience": "hyper.patience",
}  # fmt: skip


@pytest.mark.parametrize(("wrong", "right"), NEAREST.items())
def test_a_misspelt_setting_is_named_with_the_nearest_one_first(asked, wrong, right):
    assert len(NEAREST) >= 40
    pattern = rf"there is no setting '{re.escape(wrong)}'; known: {re.escape(right)},"
    with pytest.raises(UnknownName, match=pattern):
        asked.replace(wrong, 1)
    with pytest.raises(UnknownName, match=pattern):
        asked[wrong]
    with pytest.raises(UnknownName, match=pattern):
        veml.config({**ASKED, wrong: 1})
    with pytest.raises(UnknownName, match=pattern):
        asked.explain(wrong)


def test_a_misspelt_attribute_says_the_same_and_is_absent_as_attributes_are(asked):
    with pytest.raises(AttributeError, match=r"'hyper.epocs'; known: hyper.epochs"):
        asked.hyper.epocs  # noqa: B018
    assert not hasattr(asked, "modle") and "modle" not in asked and asked.get("hyper.epocs", 7) == 7


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("hyper.lr", "fast", "lr must be a number above 0, got 'fast'"),
        ("hyper.lr", 0, "lr must be a number above 0, got 0"),
        ("hyper.lr", float("nan"), "lr must be a number above 0, got nan"),
        ("hyper.lr", {"x": 1}, "lr must be a number above 0"),
        ("hyper.epochs", 1.5, "epochs must be a whole number from 1, got 1.5"),
        ("hyper.epochs", True, "epochs must be a whole number from 1, got True"),
        ("hyper.epochs", None, "epochs must be a whole number from 1, got None"),
        ("hyper.patience", 0, "patience must be a whole number from 1, or None, got 0"),
        ("hyper.augment", "flip", "augment must be a list, got 'flip'"),
        ("hyper", 3, "hyper must be a mapping, got 3"),
        ("seed", 1.5, "seed must be a whole number, got 1.5"),
        ("name", 3, "name must be a name, got 3"),
        ("model", None, "model must be a name, got None"),
        ("labels", -1, "labels must be a whole number from 0, or None, got -1"),
        ("deployment", [], "deployment must be a mapping"),
        ("hyper.precision", "fp61", "there is no precision 'fp61'; known: fp16, "),
        ("backend", "torchvison", "there is no training backend 'torchvison'; known: torchvision"),
        ("backend", "", "there is no training backend ''"),
        ("method", "transfr", "there is no method 'transfr'; known: transfer"),
        ("deployment", {"file": object()}, "file holds a object"),
    ],
)
def test_what_a_setting_cannot_be_is_refused_in_words(asked, path, value, said):
    with pytest.raises(BadInput, match=re.escape(said)):
        asked.replace(path, value)
    with pytest.raises(BadInput, match=re.escape(said)):
        veml.config({**ASKED, path: value})


def test_what_belongs_to_another_backend_is_refused_and_known_once_the_backend_is(asked):
    with pytest.raises(UnknownName, match=r"'hyper\.sampling'"):
        asked.replace("hyper.sampling", 5)
    waves = asked.replace({"backend": "spatiotemporal", "hyper.sampling": 5})
    assert waves.hyper.epochs == 10 and waves.origin("hyper.epochs").name == "spatiotemporal"
    fragment = veml.config({"hyper.sampling": 5})  # nobody has said yet what trains
    assert fragment.to_dict() == {"hyper": {"sampling": 5}}
    with pytest.raises(BadInput, match="says no name and no model and no data and no backend"):
        fragment.build()


def test_calls_that_lack_or_double_a_value_are_refused(asked):
    for call in (lambda: asked.replace("seed"), lambda: asked.replace({"seed": 1}, 2)):
        with pytest.raises(BadInput, match="a dotted path and its value, or one mapping"):
            call()
    with pytest.raises(BadInput, match="a plan, a training version, a TOML file or a mapping; got int 3"):
        veml.config(3)


def test_what_was_there_before_is_remembered_with_where_that_came_from(asked):
    twice = asked.replace("hyper.epochs", 7).replace("hyper.epochs", 9, said="in a form")
    origin = twice.origin("hyper.epochs")
    assert str(origin) == "you, in a form; was 7 (you; was 5 (default of torchvision))"
    assert (origin.was, origin.before.was, origin.before.before.by) == (7, 5, "default")
    assert twice.origin("hyper.lr").before is None and twice.origin("hyper.clip").by == "default"
    assert repr(twice.explain("hyper.epochs")).endswith("epochs  9  <- " + str(origin))
    assert [r.path for r in twice.explain("hyper")] == [f"hyper.{h.name}" for h in declarations()["torchvision"].hyper]
    assert "<tr style" in twice._repr_html_() and twice._repr_html_().count("font-weight:600") == 1


def test_a_diff_names_what_differs_and_nothing_else(asked):
    other = asked.replace({"hyper.lr": 1, "hyper.batch_size": 32, "deployment": {"format": "onnx"}})
    found = asked.diff(other)  # 32 is what the backend takes by itself
    assert found.values == {"hyper.lr": (0.01, 1), "deployment.format": (None, "onnx")}
    assert asked.diff(asked).values == {} and not asked.diff(ASKED) and "same settings" in repr(asked.diff(ASKED))
    assert found._repr_html_().count("<b>") == 2 * len(found) == 4 and "<b>0.01</b>" in found._repr_html_()
    assert "<b>&lt;b&gt;</b>" in asked.diff(asked.replace("name", "<b>"))._repr_html_()
    assert json.loads(json.dumps(found.to_dict()))["settings"]["hyper.lr"] == [0.01, 1]
    back = other.diff(asked)
    assert back.values == {p: (b, a) for p, (a, b) in found.values.items()} and "<script" not in back._repr_html_()
    assert [r.path for r in asked.explain()][-1] == "deployment"  # sections last: what follows would seem to be theirs


def test_of_two_faults_the_first_is_told_each_time(asked):
    with pytest.raises(BadInput, match="epochs must be"):
        asked.replace({"hyper.epochs": 0, "hyper.batch_size": 0, "hyper.workers": -1, "hyper.clip": -1})


@pytest.mark.parametrize("name", sorted(declarations()))
def test_a_plan_of_every_backend_with_all_that_it_declares_comes_back_equal(name, tmp_path):
    plan = Plan("all of it", name, "m", "d", hyper=declarations()[name].defaults())
    again = veml.config(veml.config(plan).save(tmp_path / "plan.toml"))
    assert again.build() == plan and again.explain().known == 1.0


# -- files -------------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [
        "",
        "@none",
        "@",
        "@@none",
        '"',
        "'''",
        "a\nb",
        "\t",
        "\x7f\x00",
        "true",
        "1e-7",
        "= # [",
        "\\u0041",
        "ß→😀",
        "a.b",
    ]
)
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False)
    | st.sampled_from([1e-7, -0.0, 1e22, 5e-324, 2**63])
    | TEXTS
)
NESTED = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)


def same(a: object, b: object) -> bool:
    """Equal, and of the same types: 1, 1.0 and True are three values."""
    return repr(a) == repr(b) if not isinstance(a, dict | list) else _same_parts(a, b)


def _same_parts(a, b):
    if type(a) is not type(b) or len(a) != len(b):
        return False
    if isinstance(a, list):
        return all(map(same, a, b))
    return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)


@given(values=st.dictionaries(TEXTS, NESTED, max_size=5), remark=TEXTS)
def test_every_nested_value_comes_back_from_toml_as_it_was(tmp_path_factory, values, remark):
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(to_toml(values, remarks=dict.fromkeys(values, remark)), encoding="utf-8", newline="")
    assert same(read_toml(path), values)


@given(
    adapt=st.dictionaries(TEXTS, NESTED, max_size=4),
    deployment=st.dictionaries(TEXTS, NESTED, max_size=4),
    augment=st.lists(NESTED, max_size=3),
    lr=st.floats(1e-300, 1e300) | st.integers(1, 10**30),
    seed=st.integers(-(10**20), 10**20),
    name=TEXTS,
    labels=st.none() | st.integers(0, 5),
)
def test_a_plan_of_any_values_comes_back_from_its_file_equal(
    tmp_path_factory, adapt, deployment, augment, lr, seed, name, labels
):
    hyper = {"lr": lr, "adapt": adapt, "augment": augment, "clip": None}
    plan = Plan(
        name, "torchvision-adapt", "m-1", "d-1", hyper=hyper, seed=seed, deployment=deployment, labels=labels,
        method="adabn",
    )  # fmt: skip
    path = veml.config(plan).save(tmp_path_factory.getbasetemp() / "plan.toml")
    again = veml.config(path)
    assert again == veml.config(plan) and same(again.build().to_dict(), plan.to_dict())


def test_none_and_texts_that_look_like_it_are_told_apart(tmp_path):
    text = to_toml({"a": None, "b": "@none", "c": [None, "none"], "d": {}})
    assert text.splitlines() == ['a = "@none"', 'b = "@@none"', 'c = ["@none", "none"]', "", "[d]"]
    (tmp_path / "hand.toml").write_text('a = "@home"')
    assert read_toml(tmp_path / "hand.toml") == {"a": "@home"}


def test_a_lone_surrogate_is_refused_before_a_file_is_written(tmp_path):
    with pytest.raises(BadInput, match="half a character"):
        veml.config({**ASKED, "name": "a\ud800"}).save(tmp_path / "plan.toml")
    assert not (tmp_path / "plan.toml").exists()


def test_a_file_says_where_values_came_from_and_what_else_can_be_set(asked, tmp_path):
    text = asked.replace("hyper.epochs", 3).save(tmp_path / "plan.toml").read_text()
    assert text.count("epochs = ") == 1 and text.count("lr = ") == 1
    assert "epochs = 3  # you\n" in text and "\n# batch_size = 32  # default of torchvision\n" in text
    more = text.replace("# batch_size = 32", "batch_size = 64")
    (tmp_path / "plan.toml").write_text(more)
    again = veml.config(tmp_path / "plan.toml")
    assert again.hyper.batch_size == 64
    assert str(again.origin("hyper.batch_size")) == "file plan.toml" and again.origin("hyper.clip").by == "default"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"seed = 1\nlr = = 2\n", "line 2"),
        (b"[hyper]\nlr = 1\nlr = 2\n", "line 3"),
        (b"seed = 1\n[hyper\nlr = 1", "line 2"),
        (b"a = 1\nb = 2\nc = '\xff'\n", "line 3 is not UTF-8"),
        (b"a = " + b"[" * 100_000, "nested too deeply"),
        (b"seed = 1979-05-27", "seed holds a date"),
    ],
)
def test_bad_toml_is_one_clear_error_with_the_line(tmp_path, text, said):
    path = tmp_path / "bad.toml"
    path.write_bytes(text)
    with pytest.raises(BadInput, match=re.escape(said)) as e:
        veml.config(path)
    assert "\n" not in str(e.value)


def test_yaml_and_json_are_read_and_their_faults_have_a_line(tmp_path):
    (tmp_path / "config.yaml").write_text("hyper:\n  lr: 1e-3\n  patience: null\nseed: 3\n")
    read = veml.config(tmp_path / "config.yaml")
    assert read.to_dict() == {"hyper": {"lr": 1e-3, "patience": None}, "seed": 3}
    (tmp_path / "plan.json").write_text(json.dumps(ASKED))
    assert veml.config(str(tmp_path / "plan.json")).to_dict() == ASKED
    for name, text, line in (("a.yaml", "a: [1\nb: 2", "line 2"), ("a.json", '{"a": 1,\n oops}', "line 2")):
        (tmp_path / name).write_text(text)
        with pytest.raises(BadData, match=line):
            veml.config(tmp_path / name)
    (tmp_path / "list.json").write_text("[1]")
    with pytest.raises(BadData, match="holds a list"):
        veml.config(tmp_path / "list.json")
    with pytest.raises(BadInput, match=r"a config is a file \.toml"):
        veml.config(tmp_path / "plan.ini")
    with pytest.raises(veml.VemlError, match=r"nowhere\.toml"):
        veml.config(tmp_path / "nowhere.toml")


# -- forms of other tools ----------------------------------------------------------------------------------


class Precision(enum.StrEnum):
    half = "bf16"


@dataclasses.dataclass
class Rates:
    lr: float = 0.01
    epochs: int = 3


def test_numpys_numbers_enumerations_dataclasses_and_tuples_are_plain_values():
    read = veml.config({"hyper": Rates(), "seed": np.int64(3), "hyper.precision": Precision.half, "hyper.augment": ()})
    hyper = {"lr": 0.01, "epochs": 3, "precision": "bf16", "augment": []}
    assert read.to_dict() == {"hyper": hyper, "seed": 3}
    assert type(read.to_dict()["hyper"]["precision"]) is str


def test_a_config_dict_of_ml_collections_is_read_with_its_references():
    config_dict = pytest.importorskip("ml_collections", reason="ml_collections is not installed").config_dict
    lr = config_dict.FieldReference(0.1)
    theirs = config_dict.ConfigDict({**ASKED, "hyper": {"lr": lr * 2, "augment": ("flip",)}})
    for form in (theirs, config_dict.FrozenConfigDict(theirs)):
        assert veml.config(form).to_dict() == {**ASKED, "hyper": {"lr": 0.2, "augment": ["flip"]}}


def hyper_of(lr: float, epochs: int = 5): ...
def training_of(name: str, backend: str, model: str, data: str, hyper: object): ...


def test_a_fiddle_config_is_read_by_the_arguments_that_were_set():
    fdl = pytest.importorskip("fiddle", reason="fiddle is not installed")
    theirs = fdl.Config(training_of, **{**ASKED, "hyper": fdl.Config(hyper_of, lr=0.01)})
    assert veml.config(theirs).to_dict() == ASKED


def test_omegaconf_and_hydra_are_read_with_their_interpolations():
    omegaconf = pytest.importorskip("omegaconf", reason="omegaconf is not installed").OmegaConf
    theirs = omegaconf.create({**ASKED, "seed": 4, "hyper": {"lr": 0.01, "epochs": "${seed}", "augment": ["flip"]}})
    assert veml.config(theirs).to_dict() == {
        **ASKED, "seed": 4, "hyper": {"lr": 0.01, "epochs": 4, "augment": ["flip"]}
    }  # fmt: skip


def test_nearest_names_of_the_table_are_those_that_difflib_ranks_first():
    """The oracle of the table above: whole path or last part, whichever is more alike."""
    known = [f for f in FIELDS if f != "hyper"] + [f"hyper.{h.name}" for h in declarations()["torchvision"].hyper]

    def alike(a, b):
        tails = [x.rpartition(".")[2] for x in (a, b)]
        return max(difflib.SequenceMatcher(None, *pair).ratio() for pair in ((a, b), tails))

    for wrong, right in NEAREST.items():
        assert alike(wrong, right) == max(alike(wrong, k) for k in known)

"""What a deployment writes down: how far its export is off, on which samples, how quick, and by what name."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace

import numpy as np
import onnx as onnx_format
import pytest
from onnx import TensorProto, helper

import veml_lab as veml
from veml_lab.errors import NameTaken, UnknownName
from veml_lab.evaluation.prediction import joined
from veml_lab.serving import onnx, runtimes
from veml_lab.serving.onnx import agrees
from veml_lab.serving.predict import predict
from veml_lab.training import backend

CLASSES, BOXES = {"task": "classification"}, {"task": "detection"}


def boxes(*rows, scores, labels):
    return {"boxes": np.array(rows, np.float32), "scores": np.array(scores, np.float32), "labels": np.array(labels)}


def logits(*values):
    return {"logits": np.array(values, np.float32)}


def test_pictures_agree_by_their_first_class_and_differ_by_the_largest_logit():
    assert agrees(CLASSES, logits(1, 3, 2), logits(1.25, 2.5, 2)) == (True, 0.5)
    assert agrees(CLASSES, logits(1, 3, 2), logits(1, 1.5, 2)) == (False, 1.5)


def test_the_difference_of_boxes_is_the_largest_way_to_the_nearest_on_either_side():
    a, b, c = (0, 0, 10, 10), (0, 0, 10, 10.25), (0, 0, 10, 10.75)
    # b lies beside a, c does too: from a's side 0.25 is the nearest, from c's 0.75 is
    theirs, ours = boxes(a, a, scores=[0.9] * 2, labels=[0] * 2), boxes(b, c, scores=[0.9] * 2, labels=[0] * 2)
    assert agrees(BOXES, theirs, ours) == (True, 0.75) and agrees(BOXES, ours, theirs) == (True, 0.75)


def test_two_boxes_at_one_place_agree_only_with_as_many_of_each_label():
    place = [(0, 0, 10, 10)] * 3
    theirs, ours = (boxes(*place, scores=[0.9] * 3, labels=labels) for labels in ([0, 0, 1], [0, 1, 1]))
    assert agrees(BOXES, theirs, ours) == (False, 0.0)
    assert agrees(BOXES, theirs, boxes(*place, scores=[0.9] * 3, labels=[1, 0, 0])) == (True, 0.0)


def test_where_one_finds_more_only_those_above_a_tenth_are_held_together():
    a, b, far = (0, 0, 10, 10), (20, 20, 30, 30), (50, 50, 60, 60)
    tenth = np.nextafter(np.float32(0.1), np.float32(0))  # of float32 numbers the last that is not above
    theirs = boxes(a, b, scores=[0.9, 0.11], labels=[0, 1])
    assert agrees(BOXES, theirs, boxes(a, b, far, scores=[0.9, 0.11, tenth], labels=[0, 1, 1])) == (True, 0.0)
    assert agrees(BOXES, theirs, boxes(a, b, b, scores=[0.9, *[tenth] * 2], labels=[0, 1, 1])) == (False, float("inf"))
    assert agrees(BOXES, theirs, boxes(a, far, scores=[0.9, 0.11], labels=[0, 1])) == (False, 30.0)  # as many
    nothing = {"boxes": np.empty((0, 4), np.float32), "scores": np.empty(0, np.float32), "labels": np.empty(0, int)}
    assert agrees(BOXES, nothing, boxes(a, scores=[0.05], labels=[0])) == (True, 0.0)


@pytest.fixture
def lab(fresh, digits_lab):
    return fresh(digits_lab)


def test_samples_are_taken_evenly_from_the_first_to_the_last(lab, monkeypatch):
    asked, real = [], onnx.samples_of

    def heard(recipe, data):
        sample = real(recipe, data)
        return lambda p: asked.append(p) or sample(p)

    monkeypatch.setattr(onnx, "samples_of", heard)
    made = veml.deploy(lab["first"], name="four", check=4, configuration={"of": "a test"})
    assert asked == [0, 6, 12, 19] and made.measured["samples"] == 4  # thirds of 19, cut
    assert made.configuration["of"] == "a test" and made.configuration["runtime"] == "onnxruntime"
    asked.clear()
    # more than there are: each once
    assert veml.deploy(lab["first"], name="all", samples=lab["digits-test"], check=999).measured["samples"] == 20
    assert asked == list(range(20))


def test_times_are_the_middle_of_each_side_in_milliseconds(lab, monkeypatch):
    """A clock of our own: torch takes 1, 2 and 40 ms, ONNX Runtime 5, 6 and 70."""
    now, ways = [0.0], iter([0, 1, 5, 0, 2, 6, 0, 40, 70])  # before, after torch, after ONNX Runtime

    def perf_counter():
        now[0] += next(ways) / 1e3
        return now[0]

    monkeypatch.setattr(onnx, "time", SimpleNamespace(perf_counter=perf_counter))
    differ = iter([0.25, 0.75, 0.5])
    monkeypatch.setattr(onnx, "agrees", lambda *_: (True, next(differ)))
    said = veml.deploy(lab["first"], name="timed", check=3).measured
    assert (said["torch_ms"], said["onnx_ms"], said["largest_difference"]) == (2.0, 6.0, 0.75)


def test_an_export_that_says_the_very_same_differs_by_nothing(lab, monkeypatch):
    monkeypatch.setattr(onnx, "agrees", lambda *_: (True, 0.0))
    assert veml.deploy(lab["first"], name="same", check=2).measured["largest_difference"] == 0


def test_nothing_is_exported_for_a_runtime_that_is_not_there(lab, monkeypatch):
    def never(name):
        raise AssertionError("the export has begun")

    monkeypatch.setattr(onnx, "backend", never)
    with pytest.raises(UnknownName, match="onnxruntim"):
        veml.deploy(lab["first"], name="x", runtime="onnxruntim")
    assert veml.deploy(lab["first"], name="in production") == lab["in production"]  # nor for what is there


def test_ninety_nine_of_a_hundred_are_enough(lab, monkeypatch):
    seen, real = [], agrees

    def once_wrong(*given):
        seen.append(0)
        return (False, 1.0) if len(seen) == 50 else real(*given)

    monkeypatch.setattr(onnx, "agrees", once_wrong)
    both = lab["digits"].merge(lab["bright"], name="both")
    made = veml.deploy(lab["first"], name="nearly", samples=both, check=100)
    assert made.measured["agreement"] == 0.99 and made.measured["checked_on"] == "both"


def test_the_file_is_called_by_its_content_and_the_version_by_its_training(lab):
    for old in (lab.path / "blobs").glob("*.onnx"):
        old.unlink()
    made = veml.deploy(lab["first"], check=2)
    digest = hashlib.sha256(made.file.read_bytes()).hexdigest()
    assert made.name == "first · onnx" and made.file.name == f"{digest[:32]}.onnx"
    assert made.configuration.keys() >= {"opset", "outputs", "runtime"}
    node = lab.store.graph().by_name[made.name]
    into = {(e.src, e.type, e.props["operation"]) for e in lab.store.graph().into[made.id]}
    assert node.props["sha256"] == digest and node.props["file"] == f"blobs/{made.file.name}"
    assert into == {(lab["first"].id, "deployed_as", "onnx"), (lab["digits-test"].id, "tested_on", "parity")}
    onnx_format.checker.check_model(str(made.file))


def test_a_lab_without_its_folder_of_files_gets_one(lab):
    (lab.path / "blobs").rename(lab.path.parent / "elsewhere")
    assert veml.deploy(lab["first"], name="again", check=1).file.parent == lab.path / "blobs"


def test_a_name_is_taken_by_the_deployment_of_another_training(lab):
    plan = veml.plan(lab["tiny"], lab["digits"], name="second", epochs=1, batch_size=16, lr=1e-2)
    other = veml.train(plan, lab, progress=False)
    with pytest.raises(NameTaken, match="'in production'"):
        veml.deploy(other, name="in production")

        veml.deploy(other, samples=lab["digits"].filter("none", "id < 0"))


def test_boxes_of_a_deployed_detector_are_in_the_pictures_own_pixels(fresh, road_lab, monkeypatch):
    """The network answers the same box for all; the pictures are wider and lower than what it sees."""
    lab = fresh(road_lab)
    seen = {"boxes": np.array([[10, 20, 40, 60]], np.float32), "scores": np.ones(1), "labels": np.zeros(1, int)}
    engine = SimpleNamespace(runner=lambda recipe, graph: lambda image: seen)
    recipe = {"task": "detection", "backend": "x", "size_px": [48, 96], "classes": ["car"]}
    monkeypatch.setattr(onnx, "backend", lambda name: engine)
    inference = SimpleNamespace(training=SimpleNamespace(model=SimpleNamespace(recipe=recipe)), file="", name="it")
    monkeypatch.setitem(runtimes.OURS, "nothing", lambda file: None)
    data = lab["fog"]
    said = joined(list(onnx.answers(inference, "nothing", data, range(len(data)))))
    w, h = data.samples["width"].to_numpy(), data.samples["height"].to_numpy()
    assert len(said.detections) == len(data) and said.classes == ("car",)
    for one, of in zip(said.detections, np.stack([w / 48, h / 96, w / 48, h / 96], 1), strict=True):
        np.testing.assert_allclose(one["boxes"], [[10, 20, 40, 60] * of], rtol=1e-6)
        assert one["boxes"].dtype == np.float32  # as the training's own are


def two_outputs(file):
    made = [helper.make_node("Add", ["a", "b"], ["sum"]), helper.make_node("Sub", ["a", "b"], ["difference"])]
    values = {n: helper.make_tensor_value_info(n, TensorProto.FLOAT, [2]) for n in ("a", "b", "sum", "difference")}
    graph = helper.make_graph(made, "g", [values["b"], values["a"]], [values["difference"], values["sum"]])
    onnx_format.save(helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)]), file)
    return file


@pytest.mark.parametrize("name", runtimes.OURS)
def test_a_runtime_answers_by_name_in_the_order_of_the_file(name, tmp_path):
    opened = runtimes.runtime(name)(two_outputs(tmp_path / "m.onnx"))
    said = opened.run({"a": np.array([5, 7], np.float32), "b": np.array([1, 2], np.float32)})
    assert opened.inputs == ("b", "a") and list(said) == ["difference", "sum"]
    assert said["difference"].tolist() == [4, 5] and said["sum"].tolist() == [6, 9]


def test_a_deployed_model_sees_pictures_as_its_training_did_and_not_as_the_data_are_prepared(lab):
    """The recipe's size and scale count: a preparation is for whoever reads the data in a loop of his own."""
    dark = lab["digits-test"].prepare("dark", resize=(8, 8), normalise={"mean": [0.9] * 3, "std": [0.1] * 3})
    training, made = lab["first"], lab["in production"]
    torch_says = backend("torchvision").predict(training.model.recipe, training.checkpoint, dark).probabilities
    np.testing.assert_allclose(predict(made, dark, progress=False).probabilities, torch_says, atol=1e-4)
    assert onnx.samples_of(training.model.recipe, dark)(0).shape == (3, 16, 16)

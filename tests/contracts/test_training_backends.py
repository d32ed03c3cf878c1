"""What every training backend keeps, over all of them."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from labs import TINY, TINY_DETECTOR

from veml_lab.errors import BadInput, UnknownName
from veml_lab.serving.runtimes import OnnxRuntime
from veml_lab.training import TrainingBackend, backend
from veml_lab.training.backend import FitTask, Start
from veml_lab.training.registry import OURS


class Heard:
    """A report that keeps what it is told."""

    def __init__(self):
        self.steps: list[tuple[int, dict]] = []
        self.epochs: list[tuple[int, int, dict]] = []

    def step(self, step, **values):
        self.steps.append((step, values))

    def epoch(self, epoch, step, **metrics):
        self.epochs.append((epoch, step, metrics))


# torchvision-adapt only goes on from a training; spatiotemporal takes no pictures: test_forecasting_backends.py
CLASSIFIERS, DETECTORS = ("torchvision",), ("torchvision", "mmdet")
MMDET_DETECTOR = {**TINY_DETECTOR, "architecture": "retinanet", "backbone": "resnet18"}


def engine_of(name):
    if name == "mmdet":
        pytest.importorskip("mmdet", reason="the mmdet extra is not installed")
    return backend(name)


@pytest.fixture(scope="module", params=CLASSIFIERS)
def engine(request):
    return engine_of(request.param)


@pytest.fixture(scope="module", params=DETECTORS)
def detecting(request):
    return engine_of(request.param)


@pytest.fixture(scope="module")
def parts(digits_lab):
    return digits_lab.lab["digits-train"], digits_lab.lab["digits-test"]


def recipe_of(engine, data, **changes):
    tiny = (
        TINY
        if data.task == "classification"
        else MMDET_DETECTOR
        if engine.declaration.name == "mmdet"
        else TINY_DETECTOR
    )
    return engine.complete(
        {**tiny, "task": data.task, "classes": list(data.classes), "num_classes": len(data.classes), **changes}
    )


@pytest.fixture(scope="module")
def fitted(engine, parts, tmp_path_factory):
    folder, heard = tmp_path_factory.mktemp("fit"), Heard()
    recipe = recipe_of(engine, parts[0])
    summary = engine.fit(
        FitTask(recipe, {"epochs": 6, "batch_size": 16, "lr": 1e-2}, parts[0], folder, parts[1]), heard
    )
    return recipe, folder, heard, summary


@pytest.mark.parametrize("name", OURS)
def test_it_speaks_the_whole_seam(name):
    engine = engine_of(name)
    assert engine.declaration.name == name and engine.declaration.tasks
    for name, asked in inspect.getmembers(TrainingBackend, inspect.isfunction):
        if not name.startswith("_"):
            assert (
                list(inspect.signature(getattr(engine, name)).parameters)
                == list(inspect.signature(asked).parameters)[1:]
            )


def test_a_completed_recipe_is_stable_and_plain(engine, parts):
    import json

    recipe = recipe_of(engine, parts[0])
    assert recipe["parameters"] > 0 and {"backbone", "neck", "head", "loss"} <= set(recipe)
    assert engine.complete(recipe) == recipe == json.loads(json.dumps(recipe))


@pytest.mark.parametrize(
    "changes",
    [
        {"num_classes": 0},
        {"num_classes": "three"},
        {"size_px": [4, 4]},
        {"size_px": None},
        {"width": -1},
        {"architecture": "nonsense"},
        {"task": "none"},
    ],
    ids=str,
)
def test_a_recipe_that_makes_no_network_is_refused(engine, parts, changes):
    with pytest.raises(BadInput):
        recipe_of(engine, parts[0], **changes)


def test_it_learns_and_reports_every_step_and_epoch(fitted):
    _, folder, heard, summary = fitted
    assert [s for s, _ in heard.steps] == list(range(1, 6 * 4 + 1))
    assert [(e, s) for e, s, _ in heard.epochs] == [(e, 4 * e) for e in range(1, 7)]
    losses = [v["loss"] for _, v in heard.steps]
    assert np.mean(losses[-4:]) < np.mean(losses[:4]) / 2
    assert summary["accuracy"] == heard.epochs[-1][2]["accuracy"] >= 0.9
    assert (folder / "model.safetensors").exists()


def test_the_same_seed_gives_the_same_training_and_another_one_another(engine, parts, fitted, tmp_path):
    recipe, _, first, _ = fitted
    again, other = Heard(), Heard()
    hyper = {"epochs": 1, "batch_size": 16, "lr": 1e-2}
    for seed, heard in ((0, again), (1, other)):
        (tmp_path / str(seed)).mkdir()
        engine.fit(FitTask(recipe, hyper, parts[0], tmp_path / str(seed), parts[1], seed=seed), heard)
    assert again.steps[0][1]["loss"] == pytest.approx(first.steps[0][1]["loss"], rel=1e-5)
    assert other.steps[0][1]["loss"] != again.steps[0][1]["loss"]


def test_predictions_are_distributions_over_the_classes_of_the_recipe(engine, parts, fitted):
    recipe, folder, _, summary = fitted
    p = engine.predict(recipe, folder / "model.safetensors", parts[1])
    assert p.classes == tuple(recipe["classes"]) and p.probabilities.shape == (20, len(p.classes))
    np.testing.assert_allclose(p.probabilities.sum(1), 1, rtol=1e-5)
    right = p.probabilities.argmax(1) == parts[1].annotations.targets()  # the oracle, by hand
    assert engine.measure(p, parts[1])["accuracy"] == right.mean() == summary["accuracy"]


def test_the_exported_model_says_what_the_network_says(engine, parts, fitted, tmp_path):
    recipe, folder, _, _ = fitted
    made = engine.export(recipe, folder / "model.safetensors", tmp_path / "m.onnx")
    assert made["format"] == "onnx" and made["size_px"] == recipe["size_px"]
    run = engine.runner(recipe, OnnxRuntime(tmp_path / "m.onnx"))
    images = parts[1].to_torch(size_px=tuple(recipe["size_px"]))
    z = np.stack([run(images.image(i).numpy())["logits"] for i in range(20)])
    p = np.exp(z - z.max(1, keepdims=True))
    expected = engine.predict(recipe, folder / "model.safetensors", parts[1]).probabilities
    np.testing.assert_allclose(p / p.sum(1, keepdims=True), expected, atol=1e-4)


def test_weights_of_a_donor_are_taken_where_they_fit_and_the_last_layer_by_class_name(
    engine, parts, fitted, tmp_path, digits_lab, fresh
):
    from safetensors.numpy import load_file

    recipe, folder, *_ = fitted
    classes = ["2", "unknown", "0"]
    fewer = recipe_of(engine, parts[0], classes=classes, num_classes=3)
    # a learning rate of next to nothing: what comes out is what went in
    data = fresh(digits_lab)["digits-train"].filter("zeros and twos", "label IN ('0', '2')")
    summary = engine.fit(
        FitTask(
            fewer,
            {"epochs": 1, "batch_size": 40, "lr": 1e-12, "weight_decay": 0.0},
            data,
            tmp_path,
            init=Start(folder / "model.safetensors", tuple(recipe["classes"])),
        ),
        Heard(),
    )
    theirs, mine = load_file(folder / "model.safetensors"), load_file(tmp_path / "model.safetensors")
    head = next(k for k in mine if mine[k].ndim == 2 and mine[k].shape[0] == 3)
    np.testing.assert_allclose(mine[head][[0, 2]], theirs[head][[2, 0]], atol=1e-5)
    body = next(k for k in mine if mine[k].ndim == 4)
    np.testing.assert_allclose(mine[body], theirs[body], atol=1e-5)
    assert head in summary["reused"] and not summary["fresh"]


@pytest.mark.parametrize(
    "hyper",
    [{"epochs": 0}, {"batch_size": 0}, {"lr": float("nan")}, {"lr": 0}, {"augment": ["nonsense"]}, {"epoch": 3}],
    ids=str,
)
def test_hyper_parameters_that_make_no_training_are_refused(engine, parts, fitted, tmp_path, hyper):
    with pytest.raises(BadInput):
        engine.fit(FitTask(fitted[0], hyper, parts[0], tmp_path, parts[1]), Heard())
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_of_another_network_is_refused(engine, parts, fitted):
    with pytest.raises(BadInput, match="does not fit"):
        engine.predict(recipe_of(engine, parts[0], width=16), fitted[1] / "model.safetensors", parts[1])


# -- detection -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def detector(detecting, road_lab, tmp_path_factory):
    folder, heard = tmp_path_factory.mktemp("detect"), Heard()
    data, test = road_lab.lab["city-train"], road_lab.lab["city-test"]
    recipe = recipe_of(detecting, data)
    summary = detecting.fit(
        FitTask(recipe, {"epochs": 1, "batch_size": 4, "lr": 1e-3, "augment": ["flip"]}, data, folder, test), heard
    )
    return recipe, folder, heard, summary


def test_a_detector_trains_and_predicts_boxes_inside_the_picture(detecting, road_lab, detector):
    recipe, folder, heard, summary = detector
    assert len(heard.steps) == 3 and 0 <= summary["mAP50"] <= 1
    p = detecting.predict(recipe, folder / "model.safetensors", road_lab.fog)
    assert len(p.detections) == 12
    for d in p.detections:
        assert len(d["boxes"]) == len(d["scores"]) == len(d["labels"])
        assert (d["boxes"] >= -0.01).all() and (d["boxes"] <= np.array([160, 96, 160, 96]) + 0.01).all()
        assert (d["labels"] >= 0).all() and (d["labels"] < len(p.classes)).all()


def test_boxes_that_are_the_truth_are_measured_as_perfect_and_none_as_nothing(detecting, road_lab):
    """The oracle of average precision: the labels themselves."""
    from veml_lab.training import Prediction

    data = road_lab.city
    index = {c: i for i, c in enumerate(data.classes)}
    truth, nothing = [], []
    for i in data.ids:
        b = data.annotations.boxes.get(i, [])
        boxes = np.array([[x, y, x + w, y + h] for _, x, y, w, h in b], np.float32).reshape(-1, 4)
        truth.append(
            {"boxes": boxes, "scores": np.ones(len(b), np.float32), "labels": np.array([index[x[0]] for x in b], int)}
        )
        nothing.append(
            {"boxes": np.zeros((0, 4), np.float32), "scores": np.zeros(0, np.float32), "labels": np.zeros(0, int)}
        )
    assert detecting.measure(Prediction(data.classes, detections=truth), data)["mAP50"] == pytest.approx(1.0)
    assert detecting.measure(Prediction(data.classes, detections=nothing), data) == {"mAP": 0.0, "mAP50": 0.0}


@pytest.mark.parametrize(
    "architecture", ["fcos", "retinanet", "faster-rcnn"]
)  # SSD learns nothing from them, by its hard negatives
def test_pictures_without_any_box_are_trained_on(detecting, architecture, tmp_path):
    """ "Nothing in the picture" is a label; a batch may hold nothing else."""
    import dataclasses

    import veml_lab as veml

    source = veml.road_world("clear-city", 6, seed=9, size=(96, 64))

    def records():
        for i, r in enumerate(source.records()):
            yield dataclasses.replace(r, role="", boxes=() if i < 4 else r.boxes)

    lab = veml.open(tmp_path / "lab")
    data = lab.add("mostly empty", dataclasses.replace(source, records=records), progress=False)
    recipe = recipe_of(detecting, data, architecture=architecture)
    heard = Heard()
    detecting.fit(FitTask(recipe, {"epochs": 1, "batch_size": 2, "lr": 1e-4}, data, tmp_path), heard)
    assert len(heard.steps) == 3 and all(np.isfinite(v["loss"]) for _, v in heard.steps)


def test_a_completed_detector_is_stable_and_plain(detecting, road_lab):
    import json

    recipe = recipe_of(detecting, road_lab.city)
    assert recipe["parameters"] > 0 and {"architecture", "backbone", "neck", "head", "loss"} <= set(recipe)
    assert detecting.complete(recipe) == recipe == json.loads(json.dumps(recipe))
    wider = detecting.complete({**recipe, "width": 2 * recipe["width"]})  # an edit of the plain fields is taken
    assert wider["parameters"] > 2 * recipe["parameters"]


def test_a_checkpoint_is_plain_weights_with_the_class_names(detector):
    import json

    from safetensors import safe_open

    recipe, folder, *_ = detector
    with safe_open(folder / "model.safetensors", "pt") as f:
        assert json.loads(f.metadata()["dataset_meta"]) == {"classes": recipe["classes"]}
        assert len(list(f.keys())) > 10


class Interrupted(Heard):
    """Ends the training, as a kill would, when the second epoch has been told and is not yet saved."""

    def epoch(self, epoch, step, **metrics):
        super().epoch(epoch, step, **metrics)
        if epoch == 2:
            raise KeyboardInterrupt


def test_an_interrupted_detector_ends_as_one_that_was_not(detecting, road_lab, detector, tmp_path):
    from safetensors.numpy import load_file

    hyper = {"epochs": 3, "batch_size": 4, "lr": 1e-3, "augment": ["flip", "colour"]}
    data, (broken, whole) = road_lab.lab["city-train"], (tmp_path / "broken", tmp_path / "whole")
    for folder in (broken, whole):
        folder.mkdir()
    first, second, straight = Interrupted(), Heard(), Heard()
    with pytest.raises(KeyboardInterrupt):
        detecting.fit(FitTask(detector[0], hyper, data, broken, seed=5), first)
    detecting.fit(FitTask(detector[0], hyper, data, broken, seed=5), second)
    detecting.fit(FitTask(detector[0], hyper, data, whole, seed=5), straight)
    assert [s for s, _ in second.steps] == [4, 5, 6, 7, 8, 9], "epoch 1 was saved, and is not done again"
    assert [v["loss"] for _, v in second.steps] == pytest.approx([v["loss"] for _, v in straight.steps[3:]], rel=1e-4)
    a, b = load_file(broken / "model.safetensors"), load_file(whole / "model.safetensors")
    assert all(np.allclose(a[k], b[k], atol=1e-5) for k in a)


@pytest.mark.parametrize("architecture", ["fcos", "retinanet", "faster-rcnn", "ssdlite"])
def test_a_donor_of_other_classes_lends_its_layers_and_its_rows_of_the_classes_in_common(
    detecting, road_lab, architecture, tmp_path
):
    """The oracle: what the donor says of a class, the new network says of the class of that name, in another place."""
    if detecting.declaration.name == "mmdet" and architecture == "ssdlite":
        pytest.skip("the plain recipes of mmdet have no SSD")
    from safetensors.numpy import load_file

    data = road_lab.lab["city-train"]
    donor = recipe_of(detecting, data, architecture=architecture)
    for folder in ("donor", "new"):
        (tmp_path / folder).mkdir()
    hyper = {"epochs": 1, "batch_size": 12, "lr": 1e-12, "weight_decay": 0.0}
    detecting.fit(FitTask(donor, hyper, data, tmp_path / "donor", seed=1), Heard())
    classes = ["unknown", *data.classes]
    recipe = recipe_of(detecting, data, architecture=architecture, classes=classes, num_classes=len(classes))
    start = Start(tmp_path / "donor" / "model.safetensors", tuple(donor["classes"]))
    summary = detecting.fit(FitTask(recipe, hyper, data, tmp_path / "new", init=start, seed=3), Heard())
    theirs, mine = (load_file(tmp_path / f / "model.safetensors") for f in ("donor", "new"))
    heads = [k for k in mine if mine[k].shape != theirs[k].shape and k.endswith("weight")]
    assert heads and not summary["fresh"]
    for k in heads:
        rows = mine[k].shape[0] - theirs[k].shape[0]  # a class more
        box = "bbox_pred" in k or "fc_reg" in k
        first = detecting.declaration.name == "torchvision" and architecture in ("faster-rcnn", "ssdlite")
        a, b = (
            (v.reshape(-1, rows, *v.shape[1:]) if box else v.reshape(rows, -1, *v.shape[1:]).swapaxes(0, 1))
            for v in (mine[k], theirs[k])
        )
        if first:  # the background's rows stay where they are
            np.testing.assert_allclose(a[0], b[0], atol=1e-6)
            a, b = a[1:], b[1:]
        np.testing.assert_allclose(a[1 : 1 + len(data.classes)], b[: len(data.classes)], atol=1e-6)
        assert not np.allclose(a[0], b[0]), "the class that the donor does not know stays fresh"


def test_training_ends_when_it_gets_no_better_and_gives_its_best_epoch(detecting, road_lab, detector, tmp_path):
    data, test, heard = road_lab.lab["city-train"], road_lab.lab["city-test"], Heard()
    hyper = {"epochs": 20, "batch_size": 12, "lr": 1e-12, "patience": 2}
    summary = detecting.fit(FitTask(detector[0], hyper, data, tmp_path, test), heard)
    assert len(heard.epochs) == summary["epochs"] == 3 and summary["best_epoch"] == 1


@pytest.mark.parametrize(
    "hyper",
    [
        {"patience": 2},
        {"monitor": "accuracy"},
        {"precision": "fp8"},
        {"clip": 0},
        {"augment": [{"name": "flip", "q": 1}]},
    ],
    ids=str,
)
def test_training_options_that_make_no_sense_are_refused_before_a_step(detecting, road_lab, detector, tmp_path, hyper):
    """Patience without validation data, a metric of another task ..."""
    heard = Heard()
    with pytest.raises(BadInput):
        detecting.fit(FitTask(detector[0], {"epochs": 1, **hyper}, road_lab.lab["city-train"], tmp_path), heard)
    assert heard.steps == [] and list(tmp_path.iterdir()) == []


def test_half_precision_trains_the_same_network(detecting, road_lab, detector, tmp_path):
    runs = {}
    for precision in ("fp32", "bf16"):
        (tmp_path / precision).mkdir()
        runs[precision] = Heard()
        hyper = {"epochs": 2, "batch_size": 4, "lr": 1e-3, "precision": precision}
        detecting.fit(FitTask(detector[0], hyper, road_lab.lab["city-train"], tmp_path / precision), runs[precision])
    a, b = ([v["loss"] for _, v in runs[p].steps] for p in runs)
    assert a != b, "nothing was computed in bfloat16"
    assert b == pytest.approx(a, rel=0.15)


def test_an_exported_detector_says_what_the_network_says(detecting, road_lab, detector, tmp_path):
    recipe, folder, *_ = detector
    # a threshold of nought would be needed to see boxes after three steps: a trained one is in the tests of deployment
    made = detecting.export(recipe, folder / "model.safetensors", tmp_path / "m.onnx")
    assert made["format"] == "onnx" and made["size_px"] == recipe["size_px"]
    run, original = (
        detecting.runner(recipe, OnnxRuntime(tmp_path / "m.onnx")),
        detecting.original(recipe, folder / "model.safetensors"),
    )
    images = road_lab.city.to_torch(size_px=tuple(recipe["size_px"]))
    for i in range(3):
        here, there = run(images.image(i).numpy()), original(images.image(i).numpy())
        assert set(here) == {"boxes", "scores", "labels"}
        np.testing.assert_allclose(here["boxes"], there["boxes"], atol=0.05)
        np.testing.assert_allclose(here["scores"], there["scores"], atol=1e-3)


def test_boxes_cannot_be_cropped_away(detecting, road_lab, detector, tmp_path):
    with pytest.raises(BadInput, match="crop"):
        detecting.fit(FitTask(detector[0], {"epochs": 1, "augment": ["crop"]}, road_lab.city, tmp_path), Heard())


def test_an_unknown_backend_is_answered_with_the_known():
    with pytest.raises(UnknownName, match="torchvision"):
        backend("tensorflow")


@pytest.mark.gpu
def test_it_trains_on_a_gpu(engine, parts, fitted, tmp_path):
    import torch

    if not torch.cuda.is_available():
        pytest.skip("there is no CUDA device here")
    summary = engine.fit(
        FitTask(fitted[0], {"epochs": 6, "batch_size": 16, "lr": 1e-2}, parts[0], tmp_path, parts[1]), Heard()
    )
    assert summary["accuracy"] >= 0.9


def test_how_many_epochs_a_fit_takes_is_known_before_it_begins():
    """What a progress bar counts to: the recipe's, the backend's own, or one pass over the data."""
    adapt = {"adapt": {"method": "adabn"}}
    assert (
        backend("torchvision").epochs({}, {})
        == 5
        == backend("torchvision-adapt").epochs({}, {"adapt": {"method": "dann"}})
    )
    assert (
        backend("torchvision-adapt").epochs({}, adapt)
        == 1
        == backend("spatiotemporal").epochs({"architecture": "linear"}, {})
    )
    assert backend("spatiotemporal").epochs({"architecture": "dcrnn"}, {}) == 10
    assert backend("mmdet").epochs({"epochs": 12}, {}) == 12
    assert all(backend(b).epochs({"architecture": "dcrnn", "epochs": 12}, {"epochs": 3}) == 3 for b in OURS)

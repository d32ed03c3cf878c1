"""The mmdet backend: configurations are data, any detector trains, and the stand-in operators are right."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import veml_lab as veml
from veml_lab.errors import BadInput, MissingFile, UnknownName
from veml_lab.serving.runtimes import OnnxRuntime
from veml_lab.training import FitTask

pytest.importorskip("mmdet", reason="the mmdet extra is not installed")
SHIPPED = "mmdet::retinanet/retinanet_r18_fpn_1x_coco.py"
TINY = {
    "backend": "mmdet",
    "architecture": "retinanet",
    "backbone": "resnet18",
    "width": 8,
    "neck_channels": 32,
    "size_px": [96, 64],
}


@pytest.fixture(scope="module")
def engine():
    from veml_lab.training import backend

    return backend("mmdet")


@pytest.fixture(scope="module")
def config():
    from veml_lab.training.mmdet import config

    return config


class Heard:
    def __init__(self):
        self.losses, self.rates, self.epochs = [], [], []

    def step(self, step, *, samples=0, **values):
        self.losses.append(values["loss"])
        self.rates.append(values["lr"])

    def epoch(self, epoch, step, **metrics):
        self.epochs.append(metrics)


def recipe_for(engine, data, **fields):
    return engine.complete(
        {
            "backend": "mmdet",
            "task": "detection",
            "classes": list(data.classes),
            "num_classes": len(data.classes),
            **fields,
        }
    )


# -- configurations are data ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "import os\nos.system('touch {mark}')",
        "open('{mark}', 'w')",
        "x = [open('{mark}', 'w')]",
        "def f(): pass",
        "f = lambda: 0",
        "x = ().__class__",
        "__import__('os').system('touch {mark}')",
        "x = dict.__subclasses__()",
        "while True: pass",
        "x = eval('1')",
        "from mmengine.config import read_base",
        "class A: pass",
        "x = (y := 3)",
        "with open('{mark}', 'w'): pass",
        "x = f'{{__import__(\"os\")}}'",
    ],
)
def test_a_configuration_that_holds_code_is_refused_and_nothing_of_it_runs(config, tmp_path, code):
    mark, file = tmp_path / "ran", tmp_path / "c.py"
    file.write_text(
        f"model = dict(type='RetinaNet')\n{code.replace('{mark}', str(mark)).replace('{{', '{').replace('}}', '}')}\n"
    )
    with pytest.raises(BadInput, match="line 2"):
        config.read(str(file))
    assert not mark.exists()


def test_code_in_a_file_that_a_configuration_is_based_on_is_found_too(config, tmp_path):
    (tmp_path / "base.py").write_text("import os\n")
    (tmp_path / "c.py").write_text("_base_ = ['./base.py']\nmodel = dict(type='RetinaNet')\n")
    with pytest.raises(BadInput, match=r"base\.py, line 1"):
        config.read(str(tmp_path / "c.py"))


@pytest.mark.parametrize(
    "text",
    [
        "{'model': {'type': 'os.system'}}",
        "{'model': {'type': 'A', 'x': [{'type': 'builtins.exec'}]}}",
        "__import__('os')",
        "{'model': open('x')}",
        "[]",
        "{",
    ],
)
def test_a_stored_configuration_is_a_literal_without_paths_to_import(config, text):
    with pytest.raises(BadInput):
        config.parse(text)


def test_what_cannot_be_read_is_one_clear_error(config, tmp_path):
    with pytest.raises(MissingFile):
        config.read(str(tmp_path / "none.py"))
    with pytest.raises(UnknownName, match=r"retinanet_r18_fpn_1x_coco"):
        config.read("mmdet::retinanet/retinanet_r18_fpn_1x_cocoo.py")
    with pytest.raises(UnknownName):
        config.read("mmdet::../../../etc/passwd")
    (tmp_path / "c.py").write_text("model = dict(\n")
    with pytest.raises(BadInput, match="no Python configuration"):
        config.read(str(tmp_path / "c.py"))
    (tmp_path / "d.py").write_text("custom_imports = dict(imports=['mine'])\nmodel = dict(type='RetinaNet')\n")
    with pytest.raises(BadInput, match="custom_imports"):
        config.read(str(tmp_path / "d.py"))
    (tmp_path / "e.py").write_text("a = 1\n")
    with pytest.raises(BadInput, match="describes no model"):
        config.read(str(tmp_path / "e.py"))


def test_nearly_every_shipped_detector_of_boxes_can_be_kept_as_text(config):
    """Every ninth of mmdet's own: read, made to fit three classes, written and read back as the same."""
    import mmdet

    home = config.Path(mmdet.__file__).parent / ".mim" / "configs"
    names = sorted(str(p.relative_to(home)) for p in home.glob("*/*.py") if p.parts[-2][0] != "_")[::9]
    kept, other = 0, []
    for name in names:
        try:
            made, _ = config.adapt(config.read(f"mmdet::{name}"), 3, None)
            assert config.parse(config.text_of(made)) == made
            config.metadata(made)
            kept += 1
        except BadInput as e:
            other.append(str(e))
    assert kept > len(names) / 2
    assert all(
        any(
            w in e
            for w in (
                "head",
                "language",
                "num_classes",
                "no model",
                "based on",
                "no configuration",
                "custom_imports",
                "dataloader",
                "Resize",
            )
        )
        for e in other
    )


def test_a_shipped_configuration_says_what_it_is(engine, road_lab):
    recipe = recipe_for(engine, road_lab.city, config=SHIPPED, size_px=[160, 96])
    assert {
        k: recipe[k] for k in ("architecture", "backbone", "neck", "head", "size_px", "epochs", "config_source")
    } == {
        "architecture": "retinanet",
        "backbone": "resnet18",
        "neck": "FPN-256",
        "head": "RetinaHead",
        "size_px": [160, 96],
        "epochs": 12,
        "config_source": SHIPPED,
    }
    assert any("not fetched" in c for c in recipe["config_changes"])
    # the oracle of the count: the paper's network with as many classes
    assert 19e6 < recipe["parameters"] < 22e6


def test_a_network_that_learns_more_than_boxes_is_said(engine, road_lab):
    with pytest.raises(BadInput, match=r"panoptic|semantic"):
        recipe_for(engine, road_lab.city, config="mmdet::panoptic_fpn/panoptic-fpn_r50_fpn_1x_coco.py")
    boxes = recipe_for(engine, road_lab.city, config="mmdet::mask_rcnn/mask-rcnn_r50_fpn_1x_coco.py")
    assert any("mask head is left out" in c for c in boxes["config_changes"]) and "mask" not in boxes["head"].lower()


# -- training by configuration -----------------------------------------------------------------------------


CONFIG = """
_base_ = 'mmdet::retinanet/retinanet_r18_fpn_1x_coco.py'
width = 8
model = dict(
    backbone=dict(base_channels=width, stem_channels=width),
    neck=dict(in_channels=[width * 2**i for i in range(4)], out_channels=16),
    bbox_head=dict(in_channels=16, feat_channels=16))
train_pipeline = [
    dict(type='LoadImageFromFile'), dict(type='LoadAnnotations', with_bbox=True),
    dict(type='Resize', scale=(96, 64), keep_ratio=True), dict(type='RandomFlip', prob=0.5), dict(type='PackDetInputs')]
test_pipeline = [
    dict(type='LoadImageFromFile'), dict(type='Resize', scale=(96, 64), keep_ratio=True),
    dict(type='PackDetInputs', meta_keys=('img_id', 'img_path', 'ori_shape', 'img_shape', 'scale_factor'))]
train_dataloader = dict(batch_size=6, dataset=dict(pipeline=train_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
optim_wrapper = dict(_delete_=True, type='OptimWrapper', optimizer=dict(type='SGD', lr=0.01, momentum=0.9))
train_cfg = dict(max_epochs=4)
param_scheduler = [dict(type='MultiStepLR', begin=0, end=4, by_epoch=True, milestones=[2], gamma=0.1)]
custom_hooks = [dict(type='EMAHook', ema_type='ExponentialMovingAverage', momentum=0.5, priority=49)]
"""


@pytest.fixture(scope="module")
def own(engine, road_lab, tmp_path_factory):
    file = tmp_path_factory.mktemp("config") / "mine.py"
    file.write_text(CONFIG)
    return recipe_for(engine, road_lab.city, config=str(file))


def test_a_configuration_trains_with_its_own_optimiser_schedule_and_batches(engine, road_lab, own, tmp_path):
    heard = Heard()
    engine.fit(FitTask(own, {}, road_lab.lab["city-train"], tmp_path), heard)
    assert len(heard.losses) == 2 * 4, "12 pictures in batches of 6, 4 epochs"
    assert heard.rates == pytest.approx([0.01] * 4 + [0.001] * 4), "the step of the schedule after 2 of 4 epochs"


WRAPPED = {
    "plain": "",
    "repeated": "dict(type='RepeatDataset', times=2, dataset={inner})",
    "balanced": "dict(type='ClassBalancedDataset', oversample_thr=0.9, dataset={inner})",
    "mixed": "dict(type='MultiImageMixDataset', dataset={inner}, pipeline=[])",
}


@pytest.mark.parametrize("wrapper", WRAPPED)
def test_the_batches_that_are_replayed_are_those_of_a_real_training(engine, road_lab, tmp_path, monkeypatch, wrapper):
    from veml_lab.training.mmdet.dataset import VersionDetDataset

    inner = "dict(type='CocoDataset', ann_file='a.json', data_prefix=dict(img='i/'), pipeline=train_pipeline)"
    made = WRAPPED[wrapper].format(inner=inner)
    file = tmp_path / "mine.py"
    file.write_text(
        CONFIG.replace(
            "train_dataloader = dict(batch_size=6, dataset=dict(pipeline=train_pipeline))",
            f"train_dataloader = dict(batch_size=5, dataset=dict(_delete_=True, **{made}))"
            if made
            else "train_dataloader = dict(batch_size=5, dataset=dict(pipeline=train_pipeline))",
        )
    )
    data, given, epochs = road_lab.lab["city-train"], [], [[]]
    ids = list(data.ids)
    real = VersionDetDataset.get_data_info

    def noted(self, idx):
        if not self.test_mode:
            given.append(ids[idx])
        return real(self, idx)

    class Cut(Heard):
        def step(self, step, **values):
            epochs[-1].append(list(given))
            given.clear()

        def epoch(self, epoch, step, **metrics):
            epochs.append([])

    monkeypatch.setattr(VersionDetDataset, "get_data_info", noted)
    task = FitTask(recipe_for(engine, road_lab.city, config=str(file)), {"epochs": 2}, data, tmp_path, seed=3)
    engine.fit(task, Cut())
    replayed = [[b.tolist() for b in epoch] for epoch in engine.replayed(task, gpus=0)]
    assert replayed == epochs[:2] and epochs[2:] == [[]]
    times = {"plain": 1, "repeated": 2, "mixed": 1}
    if wrapper in times:
        assert sorted(i for b in replayed[1] for i in b) == sorted(ids * times[wrapper])
    else:
        assert len([i for b in replayed[1] for i in b]) > len(ids), "a rare class is given more often"


def test_a_wrapper_that_does_not_say_which_picture_it_gives_is_refused(engine):
    from veml_lab.training.mmdet.dataset import position_of

    class Shuffled:
        dataset = None

    with pytest.raises(BadInput, match="the wrapper Shuffled"):
        position_of(Shuffled(), 0)


def test_a_shorter_training_keeps_the_shape_of_the_schedule_and_takes_the_asked_rate(engine, road_lab, own, tmp_path):
    heard = Heard()
    engine.fit(FitTask(own, {"epochs": 2, "lr": 0.02}, road_lab.lab["city-train"], tmp_path), heard)
    assert heard.rates == pytest.approx([0.02] * 2 + [0.002] * 2)


def test_what_is_saved_and_measured_are_the_averaged_weights_of_the_hook(engine, road_lab, own, tmp_path):
    """The network that is trained goes on from its own weights; what comes out is the average beside it."""
    from safetensors.numpy import load_file

    engine.fit(FitTask(own, {"epochs": 1}, road_lab.lab["city-train"], tmp_path, road_lab.lab["city-test"]), Heard())
    import torch

    saved = load_file(tmp_path / "model.safetensors")
    resume = torch.load(tmp_path / "resume.pt", weights_only=True)
    name = "bbox_head.retina_cls.weight"
    assert not np.allclose(saved[name], resume["net"][name].numpy()), "the network itself is not what is saved"
    np.testing.assert_allclose(saved[name], resume["ema"][0][f"module.{name}"].numpy())


def test_pictures_of_any_size_are_predicted_in_their_own_pixels(engine, road_lab, own, tmp_path):
    """keep_ratio and padding are undone: a threshold of nought gives boxes, and they fill the picture's range."""
    recipe = {**own, "config": own["config"].replace("'score_thr': 0.05", "'score_thr': 0.0")}
    engine.fit(FitTask(recipe, {"epochs": 1}, road_lab.lab["city-train"], tmp_path), Heard())
    found = engine.predict(recipe, tmp_path / "model.safetensors", road_lab.fog).detections
    boxes = np.concatenate([d["boxes"] for d in found])
    assert len(boxes) > 100 and boxes.min() >= 0 and boxes[:, [0, 2]].max() <= 160 and boxes[:, [1, 3]].max() <= 96
    assert boxes[:, 2].max() > 140, "boxes in pixels of the 96 px input would end at 96"


@pytest.mark.parametrize("architecture", ["atss", "gfl", "yolox", "rtmdet"])
def test_every_plain_architecture_trains_and_its_export_says_the_same(engine, road_lab, tmp_path, architecture):
    fields = {k: v for k, v in TINY.items() if k != "backbone" or architecture in ("atss", "gfl")}
    recipe = recipe_for(engine, road_lab.city, **{**fields, "architecture": architecture})
    heard = Heard()
    engine.fit(FitTask(recipe, {"epochs": 1, "batch_size": 6, "lr": 1e-3}, road_lab.lab["city-train"], tmp_path), heard)
    assert len(heard.losses) == 2 and np.isfinite(heard.losses).all()
    import re

    open_to_all = {**recipe, "config": re.sub(r"'score_thr': [\d.]+", "'score_thr': 0.0", recipe["config"])}
    engine.export(open_to_all, tmp_path / "model.safetensors", tmp_path / "m.onnx")
    run, original = (
        engine.runner(open_to_all, OnnxRuntime(tmp_path / "m.onnx")),
        engine.original(open_to_all, tmp_path / "model.safetensors"),
    )
    image = road_lab.city.to_torch(size_px=(96, 64)).image(0).numpy()
    here, there = run(image), original(image)
    assert len(here["boxes"]) == len(there["boxes"]) > 0
    np.testing.assert_allclose(np.sort(here["scores"]), np.sort(there["scores"]), atol=1e-5)
    np.testing.assert_allclose(here["boxes"].sum(0), there["boxes"].sum(0), rtol=1e-3)


def test_a_detector_that_ends_in_no_maps_says_that_it_cannot_be_exported(engine, road_lab, tmp_path):
    from veml_lab.errors import JobError

    recipe = recipe_for(engine, road_lab.city, **{**TINY, "architecture": "faster-rcnn"})
    from veml_lab.training import weights
    from veml_lab.training.mmdet import network

    weights.save(network.build(recipe).state_dict(), tmp_path / "model.safetensors", recipe["classes"])
    with pytest.raises(JobError, match="cannot be exported"):
        engine.export(recipe, tmp_path / "model.safetensors", tmp_path / "m.onnx")
    assert not (tmp_path / "m.onnx").exists()


def test_a_loss_that_is_no_number_ends_the_training_and_says_where(engine, road_lab, own, tmp_path):
    from veml_lab.errors import JobError

    with pytest.raises(JobError, match=r"(?s)the loss became (nan|inf) at step \d.*Lower the learning rate"):
        engine.fit(FitTask(own, {"epochs": 6, "lr": 1e20}, road_lab.lab["city-train"], tmp_path), Heard())


def test_the_same_augmentation_as_elsewhere_moves_boxes_with_the_pixels(engine, road_lab):
    """Flipped with certainty: the transform of mmdet's pipeline against the chain itself."""
    from mmdet.structures.bbox import HorizontalBoxes

    from veml_lab.training.mmdet.dataset import VersionAugment

    img = np.zeros((64, 96, 3), np.uint8)
    img[10:20, 5:25] = (1, 2, 3)
    made = VersionAugment([{"name": "flip", "p": 1.0}]).transform(
        {
            "img": img,
            "gt_bboxes": HorizontalBoxes(np.array([[5, 10, 25, 20]], np.float32)),
            "gt_bboxes_labels": np.array([2]),
        }
    )
    assert made["gt_bboxes"].tensor.tolist() == [[71, 10, 91, 20]] and made["gt_bboxes_labels"].tolist() == [2]
    assert made["img"][15, 80].tolist() == [1, 2, 3] and made["img"][15, 10].tolist() == [0, 0, 0]


def test_a_lifecycle_of_mmdet_goes_through_the_verbs(fresh, road_lab):
    lab = fresh(road_lab)
    model = veml.model(lab["city"], TINY, name="m")
    first = veml.train(veml.plan(model, lab["city"], name="t", epochs=1, batch_size=4, lr=1e-3), lab, progress=False)
    assert first.metric_name == "mAP50" and first.checkpoint.suffix == ".safetensors"
    assert {"loss", "loss_cls", "lr"} <= {r["name"] for r in first.log()}
    assert first.facts.environment["mmdet"]
    deployed = veml.deploy(first, name="in use")
    assert deployed.measured["agreement"] >= 0.99 and "pictures" not in deployed.configuration
    few = lab["fog"].filter("cars", "contains class 'car'")
    plan = veml.transfer(first, few)
    again = veml.train(plan, progress=False)
    assert again.facts.reused > 10
    assert veml.train(plan, progress=False) == again, "the same plan is trained once"


def test_the_command_line_trains_by_configuration_and_by_plain_recipe(fresh, road_lab, tmp_path, capsys):
    import json

    from veml_lab.cli import main

    lab = fresh(road_lab)
    (tmp_path / "mine.py").write_text(CONFIG)
    assert (
        main(
            [
                "train",
                str(lab.path),
                "city",
                "--config",
                str(tmp_path / "mine.py"),
                "--epochs",
                "1",
                "--name",
                "by file",
                "--json",
            ]
        )
        == 0
    )
    assert json.loads(capsys.readouterr().out)["name"] == "by file"
    assert lab["by file"].model.recipe["config_source"] == "mine.py" and dict(lab["by file"].plan["hyper"]) == {
        "epochs": 1
    }
    line = [
        "train",
        str(lab.path),
        "city",
        "--backend",
        "mmdet",
        "--architecture",
        "retinanet",
        "--width",
        "8",
        "--size",
        "96",
        "64",
    ]
    assert (
        main([*line, "--epochs", "1", "--batch-size", "6", "--augment", "flip", "mosaic", "--name", "plain", "--json"])
        == 0
    )
    assert lab["plain"].model.recipe["backend"] == "mmdet" and lab["plain"].plan["hyper"]["augment"] == [
        "flip",
        "mosaic",
    ]
    assert main(["train", str(lab.path), "city", "--config", "mmdet::nothing"]) == 2
    assert "there is no mmdet configuration" in capsys.readouterr().err


# -- the stand-in for compiled operators ---------------------------------------------------------------------


def test_the_stand_in_steps_aside_for_a_compiled_mmcv():
    code = (
        "import importlib.machinery, importlib.util, sys; find = importlib.util.find_spec\nimportlib.util.find_spec ="
        " lambda n, p=None: importlib.machinery.ModuleSpec(n, None) if n == 'mmcv._ext' else find(n, p)\nfrom"
        " veml_lab.training.mmdet import ext; print(ext.install(), 'mmcv._ext' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == [
        "False",
        "False",
    ]


def test_without_the_extra_its_pip_line_is_said():
    code = (
        "import sys; sys.modules['mmengine'] = None\n"
        "from veml_lab.errors import MissingExtra\n"
        "from veml_lab.training import backend\n"
        "try: backend('mmdet')\n"
        "except MissingExtra as e: print(e)"
    )
    assert (
        "pip install 'veml-lab[mmdet]'"
        in subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    )


def test_focal_loss_and_its_gradient_equal_torchvisions(engine):
    import torch
    import torchvision
    from mmcv.ops import sigmoid_focal_loss

    x, target = torch.randn(40, 5, dtype=torch.float32), torch.randint(0, 6, (40,))
    hot = torch.nn.functional.one_hot(target, 6)[:, :5].float()
    results = []
    for f in (
        lambda z: sigmoid_focal_loss(z, target, 2.0, 0.25, None, "sum"),
        lambda z: torchvision.ops.sigmoid_focal_loss(z, hot, 0.25, 2.0, "sum"),
    ):
        z = x.clone().requires_grad_()
        loss = f(z)
        loss.backward()
        results.append((float(loss.detach()), z.grad.numpy()))
    assert results[0][0] == pytest.approx(results[1][0], rel=1e-5)
    np.testing.assert_allclose(results[0][1], results[1][1], atol=1e-6)


def test_gradients_of_roi_align_equal_torchvisions(engine):
    import torch
    import torchvision
    from mmcv.ops import roi_align

    rois = torch.tensor([[0, 1.0, 2.0, 9.0, 11.0], [1, 0.0, 0.0, 15.0, 7.0]])
    made = []
    for f in (
        lambda z: roi_align(z, rois, (3, 3), 0.5, 2, "avg", True),
        lambda z: torchvision.ops.roi_align(z, rois, (3, 3), 0.5, 2, True),
    ):
        z = torch.linspace(0, 1, 2 * 3 * 8 * 8).reshape(2, 3, 8, 8).requires_grad_()
        out = f(z)
        (out**2).sum().backward()
        made.append((out.detach().numpy(), z.grad.numpy()))
    np.testing.assert_allclose(made[0][0], made[1][0], atol=1e-6)
    np.testing.assert_allclose(made[0][1], made[1][1], atol=1e-5)


def test_soft_nms_lowers_what_overlaps_as_by_hand(engine):
    import torch
    from mmcv.ops import soft_nms

    boxes = torch.tensor(
        [[0, 0, 10, 10], [0, 0, 10, 5], [50, 50, 60, 60]], dtype=torch.float32
    )  # IoU of the first two: one half
    kept, order = soft_nms(boxes, torch.tensor([0.9, 0.8, 0.7]), iou_threshold=0.3, method="linear", min_score=0.1)
    assert order.tolist() == [0, 2, 1]
    assert kept[:, 4].tolist() == pytest.approx([0.9, 0.7, 0.8 * 0.5])


def test_deformable_attention_of_the_stand_in_has_the_gradients_of_autograd(engine):
    """What a GPU would call: forward and backward against mmcv's PyTorch path under autograd."""
    import torch
    from mmcv.ops.multi_scale_deform_attn import multi_scale_deformable_attn_pytorch as path

    from veml_lab.training.mmdet import ext

    shapes = torch.tensor([[4, 4], [2, 2]])
    value, at, weight = torch.rand(1, 20, 2, 4), torch.rand(1, 3, 2, 2, 2, 2), torch.rand(1, 3, 2, 2, 2)
    inputs = [t.clone().requires_grad_() for t in (value, at, weight)]
    out = path(inputs[0], shapes, inputs[1], inputs[2])
    assert torch.equal(ext.ms_deform_attn_forward(value, shapes, None, at, weight, 64), out.detach())
    upstream = torch.rand_like(out)
    expected = torch.autograd.grad(out, inputs, upstream)
    made = [torch.zeros_like(t) for t in (value, at, weight)]
    ext.ms_deform_attn_backward(value, shapes, None, at, weight, upstream, *made, 64)
    assert all(torch.allclose(a, b) for a, b in zip(made, expected, strict=True))

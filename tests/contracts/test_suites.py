"""The suites of ``veml_lab.testing`` over what is ours: the same that another package runs over its own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conveyor import TINY as TINY_FORECASTER
from conveyor import conveyor
from labs import TINY, TINY_DETECTOR

import veml_lab as veml
from veml_lab.embeddings import own_embedder, torchvision_embedder
from veml_lab.lifecycle.active import LEARNERS
from veml_lab.serving.runtimes import OURS as RUNTIMES
from veml_lab.testing import (
    BackendSuite,
    EmbedderSuite,
    ExecutorSuite,
    FormatSuite,
    LearnerSuite,
    RuntimeSuite,
    coloured,
)


class TestInline(ExecutorSuite):
    kind = "inline"


class TestThreads(ExecutorSuite):
    kind = "threads"


class TestProcesses(ExecutorSuite):
    kind = "processes"


class TestOnnxRuntime(RuntimeSuite):
    name = "onnxruntime"


class TestOnnxReference(RuntimeSuite):
    name = "onnx-reference"


class TestNetworkEmbedder(EmbedderSuite):
    def make(self):
        return torchvision_embedder("squeezenet1_1", weights="random", size_px=32)


class TestOwnEmbedder(EmbedderSuite):
    def make(self):
        return own_embedder(lambda batch: batch.mean((2, 3)), takes="batch", size_px=16, dim=3, fingerprint="mean")


class TestImageFolder(FormatSuite):
    name = "image_folder"


class TestCoco(FormatSuite):
    name = "coco"

    def source(self):
        world = veml.road_world("clear-city", 4, seed=3, size=(96, 64), test_share=0)
        plain = [
            replace(r, role="", columns={}, boxes=tuple(replace(b, attributes={}) for b in r.boxes))
            for r in world.records()
        ]
        return replace(world, records=lambda: iter(plain))


class TestYolo(TestCoco):
    name = "yolo"


class TestTorchvisionClassifier(BackendSuite):
    name = "torchvision"
    recipe = TINY


class TestTorchvisionDetector(BackendSuite):
    name = "torchvision"
    recipe = TINY_DETECTOR
    hyper = {"batch_size": 4, "lr": 1e-3}
    learns = None

    def data(self, folder):
        lab = veml.open(folder / "lab")
        return tuple(
            lab.add(n, veml.road_world("clear-city", 8, seed=s, size=(96, 64), test_share=0), progress=False)
            for s, n in enumerate(("fit", "test"))
        )


class TestSpatiotemporal(BackendSuite):
    name = "spatiotemporal"
    recipe = {"architecture": "gru", **TINY_FORECASTER}
    hyper = {"batch_size": 64, "lr": 1e-2}
    learns = 0.02

    def data(self, folder):
        lab = veml.open(folder / "lab")
        lab.add("belt", conveyor(folder), progress=False)
        return lab["belt-train"], lab["belt-test"]


class TestSpatiotemporalBaseline(TestSpatiotemporal):
    recipe = {"architecture": "linear"}
    learns = None  # one exact fit


class TestMmdet(TestTorchvisionDetector):
    name = "mmdet"
    recipe = {**TINY_DETECTOR, "architecture": "retinanet", "backbone": "resnet18"}

    @pytest.fixture(autouse=True)
    def _installed(self):
        pytest.importorskip("mmdet", reason="the mmdet extra is not installed")


@pytest.mark.parametrize("name", LEARNERS)
class TestLearners(LearnerSuite):
    @pytest.fixture(autouse=True)
    def _named(self, name):
        self.name = name


def test_every_runtime_of_ours_is_in_a_suite():
    assert set(RUNTIMES) == {TestOnnxRuntime.name, TestOnnxReference.name}


def test_what_suites_are_made_of_is_the_same_again():
    a, b = ([r.image for r in coloured(4, seed=2).records()] for _ in range(2))
    assert a == b and a != [r.image for r in coloured(4, seed=3).records()]

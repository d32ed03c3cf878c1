"""The real sets of ../shared/data: counts and boxes as their README says."""

import itertools
import warnings
from collections import Counter

import pytest

from veml_lab.formats import read

pytestmark = pytest.mark.real


@pytest.mark.parametrize(
    "name, n, boxes, classes",
    [
        ("carla/carla.tar.xz", 355, 1156, 5),
        ("dawn_fog/dawn_fog.tar.xz", 300, 1951, 6),
        ("indoor_map_demo/indoor_map_demo.tar.xz", 85, 686, 30),
        ("coco/coco.tar.xz", 320, 131 + 718, 80),
    ],
)
def test_counts_are_those_of_the_readme_and_no_box_is_bad(real, name, n, boxes, classes):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        source = read(real(name))
        records = list(source.records())
    assert (len(records), len(source.classes)) == (n, classes) and source.total == n
    assert sum(len(r.boxes) for r in records) == boxes


def test_kitti_has_101_frames_and_303_cars(real):
    records = list(read(real("kitti/kitti.tar.xz"), strict=True).records())
    assert len(records) == 101 and {(r.width > 1200, r.role) for r in records} == {(True, "train")}
    assert Counter(b.label for r in records for b in r.boxes)["Car"] == 303


def test_the_fog_set_brings_its_conditions(real):
    records = list(read(real("dawn_fog/dawn_fog.tar.xz"), verify=False).records())
    assert Counter(r.columns["condition_from_name"] for r in records) == {
        "foggy": 104,
        "haze": 114,
        "mist": 82,
    }


@pytest.mark.parametrize("name, second", [("mnist", "0"), ("fashion_mnist", "T-shirt/top")])
def test_mnist_and_fashion_mnist_are_whole(real, name, second):
    source = read(real(name))
    assert source.total == 70_000 and len(source.classes) == 10
    first = list(itertools.islice(source.records(), 2))
    assert first[1].label == second and (first[0].width, first[0].height) == (28, 28)


def test_cifar_is_read_from_its_archive(real):
    source = read(real("cifar10/cifar10_jpeg.tar.xz"))
    assert source.total == 60_000 and source.classes[:2] == ("airplane", "automobile")
    assert {r.label for r in itertools.islice(source.records(), 100)} <= set(source.classes)

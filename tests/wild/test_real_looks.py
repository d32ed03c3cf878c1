"""The real sets through a look: counts equal to those that a few lines count in the files themselves."""

import json
import re
import tarfile
from collections import Counter

import pytest
from labs import REAL

import veml_lab as veml

pytestmark = pytest.mark.real


def texts(path, pattern):
    """The texts of an archive whose names match."""
    with tarfile.open(path) as tar:
        return {m.name: tar.extractfile(m).read().decode() for m in tar if re.search(pattern, m.name)}


def words(found, skip=()):
    lines = [line.split() for text in found.values() for line in text.splitlines() if line.strip()]
    return Counter(w[0] for w in lines if w[0] not in skip)


def objects(path):
    found = texts(path, r"Annotations/.*\.xml$")
    return len(found), Counter(n for text in found.values() for n in re.findall(r"<object>\s*<name>(.*?)</name>", text))


def of_voc(path):
    return objects(path)


def of_kitti(path):
    found = texts(path, r"label_2/.*\.txt$")
    return len(found), words(found, {"DontCare"})


def of_map(path):
    found = texts(path, r"ground-truth/.*\.txt$")
    return len(found), words(found)


def of_coco(path):
    n, labels = 0, Counter()
    for text in texts(path, r"annotations/.*\.json$").values():
        content = json.loads(text)
        names = {c["id"]: c["name"] for c in content["categories"]}
        n += len(content["images"])
        labels.update(names[a["category_id"]] for a in content["annotations"])
    return n, labels


SETS = {
    "kitti/kitti.tar.xz": ("kitti", of_kitti),
    "carla/carla.tar.xz": ("voc", of_voc),
    "dawn_fog/dawn_fog.tar.xz": ("voc", of_voc),
    "coco/coco.tar.xz": ("coco", of_coco),
    "indoor_map_demo/indoor_map_demo.tar.xz": ("map_txt", of_map),
}


@pytest.mark.parametrize("name", SETS)
def test_a_look_counts_what_is_in_the_files(name):
    format, count = SETS[name]
    seen = veml.look(REAL / name, seconds=120)
    n, labels = count(REAL / name)
    assert seen.format == format and seen.complete and (seen.total, seen.labels) == (n, labels)
    assert not [x for x in seen.unread if x.stops] and not seen.findings


@pytest.mark.parametrize(
    "name, format, total",
    [
        ("mnist", "idx", 70_000),
        ("fashion_mnist", "idx", 70_000),
        ("cifar10/cifar10_jpeg.tar.xz", "image_folder", 60_000),
        ("metr_la", "sensors", None),
        ("seoul_air", "sensors", None),
        ("beijing_multisite", "sensors", None),
    ],
)
def test_a_look_at_a_large_set_is_short_and_stops_at_nothing(name, format, total):
    seen = veml.look(REAL / name, seconds=0.5)
    assert seen.format == format and not [x for x in seen.unread if x.stops]
    assert total in (None, seen.total) and seen.looked_at > 0

"""The real sets of ../shared/data through a lab: imported, counted, cut, combined, written out and imported again,
identical."""

from __future__ import annotations

import hashlib
import warnings

import numpy as np
import pytest
from labs import REAL

from veml_lab import formats

pytestmark = pytest.mark.real


def contents(version, kinds):
    """Annotations and size by the bytes of the picture; pictures that come twice (DAWN has such) as sorted lists."""
    found = {k: version.annotations.of_kind(k) for k in kinds}
    out: dict[str, list] = {}
    for at, row in enumerate(version.samples.to_pylist()):
        name = hashlib.sha256(version.images.encoded(at)).hexdigest()
        said = {k: sorted(map(repr, found[k].get(row["id"], []))) for k in kinds}
        out.setdefault(name, []).append(repr((row["width"], row["height"], row["role"], said)))
    return {name: sorted(many) for name, many in out.items()}


SETS = [
    ("carla/carla.tar.xz", "voc", ("voc", "coco"), 355, ["box"]),
    ("dawn_fog/dawn_fog.tar.xz", "voc", ("coco",), 300, ["box"]),
    ("coco/coco.tar.xz", "coco", ("coco",), 320, ["box", "mask"]),
    ("kitti/kitti.tar.xz", "kitti", ("kitti",), 101, ["box"]),
    ("indoor_map_demo/indoor_map_demo.tar.xz", "map_txt", ("coco", "cvat"), 85, ["box"]),
]


@pytest.mark.parametrize(("path", "format", "written", "n", "kinds"), SETS, ids=[s[0].split("/")[0] for s in SETS])
def test_a_set_of_boxes_goes_through_the_lab_and_comes_back(empty_lab, tmp_path, path, format, written, n, kinds):
    version = empty_lab.add("set", formats.read(REAL / path, format), progress=False)
    s = version.statistics()
    twice = n - len({hashlib.sha256(r.image).digest() for r in formats.read(REAL / path, format).records()})
    assert (twice > 0) == (path.startswith("dawn"))  # its README speaks of groups of duplicates
    assert (s.n, s.duplicates, version.history.import_report["duplicates"]) == (n, twice, twice)
    assert sum(s.classes.values()) == len(version.annotations.table("box")) == sum(s.box_area.values())
    largest = max(s.classes, key=s.classes.get)
    having = version.filter("having", f"contains class '{largest}'")
    lacking = version.filter("lacking", f"no box (label = '{largest}')")
    assert having.merge(lacking, name="whole").ids == version.ids
    for to in written:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            version.export(tmp_path / to, to)
        back = empty_lab.add(f"back from {to}", formats.read(tmp_path / to, to, strict=True), copy=True, progress=False)
        assert (
            back.history.import_report["known_in_lab"] + back.history.import_report["duplicates"] == n
        )  # not a byte is stored twice
        assert contents(back, kinds) == contents(version, kinds)


def test_metr_la_goes_through_the_lab_and_comes_back(empty_lab, tmp_path):
    week = empty_lab.add("week", formats.read(REAL / "metr_la", "sensors"), progress=False)
    assert len(week.series["nodes"]) == 207 and week.statistics().kinds == {"window": len(week)}
    first = week.filter("first", "id % 2 = 0")
    assert len(first) in (len(week) // 2, len(week) // 2 + 1)
    week.export(tmp_path / "out", "sensors")
    back = empty_lab.add("back", formats.read(tmp_path / "out", "sensors"), progress=False)
    assert back.series["values"] == week.series["values"] and back.series["adjacency"] == week.series["adjacency"]
    assert back.samples["row_no"].to_pylist() == week.samples["row_no"].to_pylist()
    x, y, mask = (np.asarray(a) for a in week.to_torch().windows.cut([0, 5]))
    assert x.shape == (2, 12, 207, 1) == y.shape and mask.all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "to"),
    [("mnist", "idx"), ("fashion_mnist", "image_folder"), ("cifar10/cifar10_jpeg.tar.xz", "image_folder")],
)
def test_a_set_of_classes_goes_through_the_lab_and_comes_back(empty_lab, tmp_path, path, to):
    version = empty_lab.add("set", formats.read(REAL / path), limit=2000, progress=False)
    version.export(tmp_path / "out", to)
    back = empty_lab.add("back", formats.read(tmp_path / "out", to), copy=True, progress=False)
    assert back.history.import_report["stored_bytes"] == 0 and contents(back, ["class"]) == contents(version, ["class"])

"""COCO's ids: categories in the order of their ids whatever these are, written from 1; oracle: pycocotools and COCO's
rules."""

import io
import json
import random

import pytest
from PIL import Image

from veml_lab.formats import read_coco, write
from veml_lab.sources.source import Box, Record, Source

CLASSES = ("zebra", "ant", "mole")


def picture(i: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 24), (i * 50, 9, 9)).save(out, "PNG")
    return out.getvalue()


def source() -> Source:
    """Three pictures with the classes in an order that is neither that of the alphabet nor of their first time."""
    labels = (("mole", "ant"), ("zebra",), ("ant",))
    records = [
        Record(f"{i}.png", picture(i), 32, 24, boxes=tuple(Box(n, 1 + k, 2, 5, 6) for k, n in enumerate(names)))
        for i, names in enumerate(labels)
    ]
    return Source("made", "made", "detection", CLASSES, lambda: iter(records), len(records), "f")


def test_written_ids_begin_at_one_in_the_order_of_the_classes(tmp_path):
    """0 is the background of most detectors, and pycocotools takes an annotation with the id 0 for no match."""
    write(source(), tmp_path / "out", "coco")
    (file,) = (tmp_path / "out").rglob("*.json")
    content = json.loads(file.read_text())
    assert [(c["id"], c["name"]) for c in content["categories"]] == [(1, "zebra"), (2, "ant"), (3, "mole")]
    assert [a["id"] for a in content["annotations"]] == [1, 2, 3, 4] and min(i["id"] for i in content["images"]) == 1
    by_name = {c["name"]: c["id"] for c in content["categories"]}
    assert [a["category_id"] for a in content["annotations"]] == [by_name[n] for n in ("mole", "ant", "zebra", "ant")]


def test_pycocotools_finds_a_perfect_match_in_what_was_written(tmp_path, capsys):
    coco = pytest.importorskip("pycocotools.coco")
    from pycocotools.cocoeval import COCOeval

    write(source(), tmp_path / "out", "coco")
    (file,) = (tmp_path / "out").rglob("*.json")
    truth = coco.COCO(file)
    found = [{**a, "score": 0.9} for a in json.loads(file.read_text())["annotations"]]
    judged = COCOeval(truth, truth.loadRes(found), "bbox")
    judged.evaluate()
    judged.accumulate()
    judged.summarize()
    assert judged.stats[0] == pytest.approx(1.0)


@pytest.mark.parametrize("seed", range(6))
def test_any_ids_in_any_order_give_the_same_annotations_as_pycocotools(tmp_path, seed, capsys):
    coco = pytest.importorskip("pycocotools.coco")
    rng = random.Random(seed)
    ids = rng.sample([0, 1, 2, 7, 13, 90, 2**31, 10**12], 5)
    names = [f"class {i}" for i in range(5)]
    categories = [{"id": k, "name": n} for k, n in zip(ids, names)]
    images = [{"id": k, "file_name": f"{i}.png"} for i, k in enumerate(rng.sample(range(100), 4))]
    for i in range(4):
        (tmp_path / f"{i}.png").write_bytes(picture(i))
    annotations = [
        {"id": i + 1, "image_id": rng.choice(images)["id"], "category_id": rng.choice(ids), "iscrowd": 0, "area": 9,
         "bbox": [rng.randrange(20), rng.randrange(10), rng.randrange(1, 9), rng.randrange(1, 9)]}
        for i in range(20)
    ]  # fmt: skip
    content = {"images": images, "categories": categories, "annotations": annotations}
    (tmp_path / "a.json").write_text(json.dumps(content))
    theirs = coco.COCO(tmp_path / "a.json")
    ours = read_coco(tmp_path)
    assert list(ours.classes) == [theirs.cats[k]["name"] for k in sorted(theirs.cats)]
    for r in ours.records():
        (image,) = [i for i in images if i["file_name"] == r.uri]
        wanted = theirs.loadAnns(theirs.getAnnIds(imgIds=image["id"]))
        assert [(b.label, [b.x, b.y, b.w, b.h]) for b in r.boxes] == [
            (theirs.cats[a["category_id"]]["name"], a["bbox"]) for a in wanted
        ]


def test_two_objects_of_one_file_that_share_an_id_are_two_objects(tmp_path):
    """Some exports number per picture, or not at all: only over several files does an id say that it is one object."""
    boxes = [(1, 2, 5, 6), (10, 3, 7, 8), (20, 4, 4, 4)]
    images = [{"id": i, "file_name": f"{i}.png", "width": 32, "height": 24} for i in (1, 2)]
    objects = [
        {"id": n, "image_id": i, "category_id": 1, "bbox": list(b), "area": b[2] * b[3], "iscrowd": 0}
        for n, i, b in zip((7, 7, 7), (1, 1, 2), boxes)
    ]
    for i in (1, 2):
        (tmp_path / f"{i}.png").write_bytes(picture(i))
    content = {"images": images, "annotations": objects, "categories": [{"id": 1, "name": "ant"}]}
    (tmp_path / "instances.json").write_text(json.dumps(content))
    found = {r.uri: [(b.x, b.y, b.w, b.h) for b in r.boxes] for r in read_coco(tmp_path).records()}
    assert found == {"1.png": boxes[:2], "2.png": boxes[2:]}

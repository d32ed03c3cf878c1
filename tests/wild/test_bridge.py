"""What labelformat reads and we do not comes through its own readers."""

import json

import numpy as np
import pytest
from wild_files import SIZE, coco_of

from veml_lab.errors import BadData, BadInput, UnknownName
from veml_lab.formats import read
from veml_lab.sources.outlines import pixels_of

pytest.importorskip("labelformat")


def row(file: str, label: str = "dog", box=(10, 12, 20, 15)) -> dict:
    """A line of Labelbox's export v2."""
    at = dict(zip(("left", "top", "width", "height"), box))
    one = {"annotation_kind": "ImageBoundingBox", "name": label, "bounding_box": at}
    return {
        "data_row": {"id": "x", "external_id": file, "global_key": file},
        "media_attributes": {"width": SIZE[0], "height": SIZE[1]},
        "projects": {"p": {"labels": [{"annotations": {"objects": [one]}}]}},
    }


def labelbox(folder_of, *rows):
    files = {"images/a.jpg": None, "images/b.jpg": None, "export.ndjson": "\n".join(json.dumps(r) for r in rows)}
    return folder_of(files) / "export.ndjson"


def test_labelbox_boxes_come_through_the_bridge(folder_of):
    path = labelbox(folder_of, row("a.jpg"), row("b.jpg", "cat", (0, 0, 5, 5)), row("gone.jpg"))
    source = read(path, "labelformat:labelbox", arguments={"category_names": "cat,dog"})
    found = {r.uri: [(b.label, b.x, b.y, b.w, b.h) for b in r.boxes] for r in source.records()}
    assert found == {"images/a.jpg": [("dog", 10, 12, 20, 15)], "images/b.jpg": [("cat", 0, 0, 5, 5)]}
    assert source.classes == ("cat", "dog") and source.task == "detection"
    assert len(source.findings()) == 1 and "gone.jpg" in source.findings()[0]


def test_its_options_are_asked_for_and_what_it_does_not_know_is_said(folder_of):
    path = labelbox(folder_of, row("a.jpg"))
    with pytest.raises(BadInput, match=r"labelformat's reader labelbox says: .*category-names"):
        read(path, "labelformat", kind="labelbox")
    with pytest.raises(UnknownName, match="labelbox"):
        read(path, "labelformat", kind="labelbx")
    with pytest.raises(UnknownName, match="category_names"):
        read(path, "labelformat:labelbox", arguments={"category_name": "x"})
    with pytest.raises(BadInput, match="needs the option kind="):
        read(path, "labelformat")
    with pytest.raises(UnknownName, match="labelformat"):
        read(path, "labelformt:labelbox")


@pytest.mark.parametrize("text", ["{", "[]", "null", '{"data_row": 7}', "\x00"])
def test_where_it_stops_nothing_is_read_and_the_error_is_ours(folder_of, text):
    root = folder_of({"a.jpg": None, "export.ndjson": text})
    with pytest.raises(BadData, match=r"labelformat's reader labelbox stopped, nothing was read \("):
        read(root / "export.ndjson", "labelformat:labelbox", arguments={"category_names": "dog"})


def test_its_boxes_and_outlines_are_ours(folder_of):
    """COCO is read by both: the same boxes, and the same outlines and run lengths."""
    content = coco_of("a.jpg", "b.jpg")
    content["annotations"][0]["segmentation"] = [[5, 5, 25, 5, 5, 15]]
    pixels = np.zeros(SIZE[::-1], np.uint8)
    pixels[3:9, 4:30] = 1
    runs = np.diff([0, *np.flatnonzero(np.diff(pixels.T.ravel())) + 1, pixels.size]).tolist()
    content["annotations"][1] |= {"segmentation": {"counts": runs, "size": list(pixels.shape)}, "iscrowd": 1}
    root = folder_of({"a.jpg": None, "b.jpg": None, "x.json": content})
    ours = {r.uri: r for r in read(root, "coco").records()}
    theirs = {r.uri: r for r in read(root / "x.json", "labelformat:coco").records()}
    assert theirs.keys() == ours.keys()
    assert theirs["a.jpg"].masks[0].polygons == ours["a.jpg"].masks[0].polygons
    assert (pixels_of(theirs["b.jpg"].masks[0].rle) == pixels).all()

"""Outlines and key points over the border follow the same rule as boxes: cut, kept or left out, and counted."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco
from wild_files import SIZE, picture

import veml_lab as veml
from veml_lab.formats import read
from veml_lab.sources.checks import clipped

W, H = SIZE


def shapes(folder_of, *, name="set", **annotation):
    one = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 5, 5], "iscrowd": 0, "area": 9, **annotation}
    said = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": W, "height": H}],
        "categories": [{"id": 1, "name": "p", "keypoints": ["a", "b", "c"], "skeleton": []}],
        "annotations": [one],
    }
    return folder_of({"images/a.jpg": picture(1, format="JPEG"), "a.json": json.dumps(said)}, name)


CROSSING = [-20, 10, 30, 10, 30, 30, -20, 30]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_an_outline_far_over_the_border_is_cut_there_and_said(folder_of):
    source = read(shapes(folder_of, segmentation=[CROSSING]))
    (record,) = source.records()
    ((mask,),) = [record.masks]
    assert sorted(zip(*[iter(mask.polygons[0])] * 2, strict=True)) == [(0, 10), (0, 30), (30, 10), (30, 30)]
    assert source.counts() == {"masks_cut": 1} and "reaches 20 pixels over" in source.findings()[0]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_keep_and_drop_go_for_outlines_too(folder_of):
    root = shapes(folder_of, segmentation=[CROSSING])
    source = read(root, boxes="keep")
    (record,) = source.records()
    assert record.masks[0].polygons == (tuple(map(float, CROSSING)),)
    assert source.counts() == {"masks_over_the_border": 1} and source.findings() == []
    source = read(root, boxes="drop")
    (record,) = source.records()
    assert record.masks == () and len(record.boxes) == 1
    assert "boxes='drop'" in source.findings()[0] and source.counts() == {}


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_an_outline_with_nothing_inside_is_left_out_and_a_ring_outside_alone_too(folder_of):
    outside = [100, 100, 120, 100, 120, 120]
    source = read(shapes(folder_of, segmentation=[outside]), boxes="keep")
    assert [r.masks for r in source.records()] == [()] and "lies outside its picture" in source.findings()[0]
    source = read(shapes(folder_of, segmentation=[outside, [1, 1, 9, 1, 9, 9]], name="two"))
    (record,) = source.records()
    assert len(record.masks[0].polygons) == 1


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_points_far_outside_count_as_not_labelled(folder_of):
    root = shapes(folder_of, keypoints=[5, 5, 2, 300, 5, 2, W + 1, 8, 1], num_keypoints=3)
    source = read(root)
    (record,) = source.records()
    assert record.keypoints[0].points == ((5, 5, 2), (0, 0, 0), (W, 8, 1))
    assert source.counts() == {"points_cut": 1} and "1 of the points" in source.findings()[0]
    source = read(root, boxes="keep")
    (record,) = source.records()
    assert record.keypoints[0].points == ((5, 5, 2), (300, 5, 2), (W + 1, 8, 1))
    assert source.counts() == {"points_over_the_border": 2}
    source = read(root, boxes="drop")
    assert [r.keypoints for r in source.records()] == [()] and "boxes='drop'" in source.findings()[0]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_points_of_which_none_is_inside_are_left_out(folder_of):
    source = read(shapes(folder_of, keypoints=[300, 5, 2, 400, 5, 2, 0, 0, 0], num_keypoints=2))
    assert [r.keypoints for r in source.records()] == [()]
    assert "all points of 'p' lie outside" in source.findings()[0]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_report_of_an_import_counts_them(folder_of, tmp_path):
    lab = veml.open(tmp_path / "lab")
    version = lab.add("s", read(shapes(folder_of, segmentation=[CROSSING])), progress=False)
    assert version.import_report["counts"]["masks_cut"] == 1


def pixels(ring, by=8):
    """A mask of a ring on a canvas with room around it, by the reference implementation."""
    moved = [float(v) + 2 * (H if i % 2 else W) for i, v in enumerate(ring)]
    rle = coco.merge(coco.frPyObjects([[by * v for v in moved]], by * 5 * H, by * 5 * W))
    return coco.decode(rle)


@given(st.lists(st.tuples(st.integers(-W, 2 * W), st.integers(-H, 2 * H)), min_size=3, max_size=7))
def test_a_cut_ring_covers_what_of_it_lies_in_the_picture(points):
    """The oracle is a picture of the ring on a larger canvas, cut there: concave and crossed rings too."""
    ring = [v for p in points for v in p]
    whole = pixels(ring)[2 * 8 * H : 3 * 8 * H, 2 * 8 * W : 3 * 8 * W]
    cut = clipped(ring, W, H)
    ours = pixels(cut)[2 * 8 * H : 3 * 8 * H, 2 * 8 * W : 3 * 8 * W] if cut else np.zeros_like(whole)
    # along each edge, and along the border, rasters may differ by a row of pixels
    assert np.count_nonzero(whole != ours) <= 3 * 8 * (W + H) + 8 * len(points) * 40
    assert all(0 <= v <= (H if i % 2 else W) for i, v in enumerate(cut))

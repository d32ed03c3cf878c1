"""Files as each format's own documentation shows them, written by hand: nothing here was made by our writers."""

import io
import json
import warnings

import numpy as np
import pytest
from PIL import Image

from veml_lab.errors import BadData, MissingFile
from veml_lab.formats import Box, Caption, Keypoints, Mask, read
from veml_lab.sources.outlines import area, hull, pixels_of


@pytest.fixture(autouse=True)
def loud():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture
def put(tmp_path, picture):
    """Write a file by name: text, bytes, JSON, or a picture of a size."""

    def write(name: str, content) -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, tuple):
            content = picture(len(name), content, "PNG" if name.endswith("png") else "JPEG")
        if isinstance(content, dict | list):
            content = json.dumps(content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    return write


# https://cocodataset.org/#format-data

RLE = {"size": [24, 32], "counts": [100, 5, 19, 5, 639]}


def coco(**more) -> dict:
    return {
        "info": {"year": 2017},
        "licenses": [],
        "images": [
            {
                "id": 397133,
                "width": 32,
                "height": 24,
                "file_name": "000000397133.jpg",
                "license": 1,
                "date_captured": "",
            }
        ],
        **more,
    }


PERSON = {
    "supercategory": "person", "id": 1, "name": "person",
    "keypoints": ["nose", "left_eye", "right_eye"], "skeleton": [[1, 2], [1, 3]],
}  # fmt: skip


def test_coco_instances_keypoints_and_captions_of_one_picture_become_one_record(put, tmp_path):
    put("val2017/000000397133.jpg", (32, 24))
    person = {
        "segmentation": [[2, 3, 12, 3, 12, 10]],
        "area": 35.0,
        "iscrowd": 0,
        "image_id": 397133,
        "bbox": [2, 3, 10, 7],
        "category_id": 1,
        "id": 18,
    }
    crowd = {
        "segmentation": RLE,
        "area": 10,
        "iscrowd": 1,
        "image_id": 397133,
        "bbox": [4, 4, 2, 5],
        "category_id": 3,
        "id": 19,
    }
    cars = [{"id": 3, "name": "car", "supercategory": "vehicle"}]
    put(
        "annotations/instances_val2017.json",
        coco(annotations=[crowd, person], categories=[{k: PERSON[k] for k in ("supercategory", "id", "name")}, *cars]),
    )
    posed = {**person, "keypoints": [5, 4, 2, 6, 4, 1, 0, 0, 0], "num_keypoints": 2}
    put("annotations/person_keypoints_val2017.json", coco(annotations=[posed], categories=[PERSON]))
    put(
        "annotations/captions_val2017.json",
        coco(annotations=[{"image_id": 397133, "id": 370509, "caption": "A man with a car."}]),
    )
    source = read(tmp_path)
    (record,) = source.records()
    assert (source.format, source.task, source.classes) == ("coco", "keypoints", ("person", "car"))
    assert source.about["keypoints"] == {
        "person": {"names": ["nose", "left_eye", "right_eye"], "skeleton": [[1, 2], [1, 3]]}
    }
    assert source.about["supercategory"] == {"person": "person", "car": "vehicle"}
    assert record.role == "test" and record.captions == (Caption("A man with a car."),)
    car, man = record.boxes
    assert car == Box("car", 4, 4, 2, 5, {"iscrowd": 1}, car.instance) and man == Box(
        "person", 2, 3, 10, 7, {}, man.instance
    )
    assert man.instance != car.instance
    outline, crowd_mask = sorted(record.masks, key=lambda m: m.label, reverse=True)
    assert outline == Mask("person", ((2, 3, 12, 3, 12, 10),), None, man.instance)
    assert record.keypoints == (Keypoints("person", ((5, 4, 2), (6, 4, 1), (0, 0, 0)), man.instance),)
    assert crowd_mask.instance == car.instance and np.argwhere(pixels_of(crowd_mask.rle)).tolist() == [
        [4 + i, x] for i in range(5) for x in (4, 5)
    ]
    assert read(tmp_path, "coco", annotations="instances").task == "segmentation"


def test_coco_masks_agree_with_pycocotools(put, tmp_path, capsys):
    from pycocotools.coco import COCO

    rings = [[2, 3, 12, 3, 12, 10], [20.5, 5.25, 30, 5.25, 30, 20, 20.5, 20]]
    rows = [
        {"segmentation": s, "iscrowd": 0, "image_id": 397133, "bbox": [2, 3, 10, 7], "category_id": 1, "id": i}
        for i, s in enumerate([RLE, rings, rings[:1]], 1)
    ]
    put("images/000000397133.jpg", (32, 24))
    put("annotations/instances_train.json", coco(annotations=rows, categories=[PERSON]))
    theirs = COCO(tmp_path / "annotations" / "instances_train.json")
    (record,) = read(tmp_path).records()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pycocotools and NumPy 2
        shown = [theirs.annToMask(a) for a in theirs.loadAnns([1, 2, 3])]
    first, second, third = record.masks
    assert (pixels_of(first.rle) == shown[0]).all() and area(first) == shown[0].sum()
    assert second.polygons == tuple(map(tuple, rings)) and area(third) == 35.0
    ys, xs = np.nonzero(shown[1])
    x, y, w, h = hull(second)
    assert max(abs(x - xs.min()), abs(y - ys.min()), abs(x + w - xs.max() - 1), abs(y + h - ys.max() - 1)) <= 1


@pytest.mark.parametrize(
    "segmentation, says",
    [
        ([[1, 2, 3, 4]], "at least three points"),
        ([[1, 2, 3, 4, 5, None]], "no finite numbers"),
        ([[801, 1, 900, 1, 900, 9]], "outline of 'person' lies outside"),
        ({"size": [24, 32], "counts": [100, 5]}, "do not fill their picture"),
        ({"size": [24, 32], "counts": "~~~"}, "damaged"),
        ({"size": [24, 32], "counts": "_" * 9}, "damaged|end early"),
        ({"size": [10**9, 10**9], "counts": [10**18]}, "more than .* are not read"),
        ({"size": [24], "counts": [1]}, "without a size"),
        ({"size": [4, 4], "counts": [16]}, "for a picture of 4 x 4, but it is 32 x 24"),
        ("x", "neither outlines nor run lengths"),
    ],
)
def test_a_bad_coco_mask_is_left_out_aloud_and_its_box_stays(put, tmp_path, segmentation, says):
    put("images/000000397133.jpg", (32, 24))
    row = {"segmentation": segmentation, "image_id": 397133, "bbox": [2, 3, 10, 7], "category_id": 1, "id": 5}
    put("annotations/instances_train.json", coco(annotations=[row], categories=[PERSON]))
    source = read(tmp_path)
    with pytest.warns(UserWarning, match=f"skipped 1 .*annotation 5.*({says})"):
        (record,) = source.records()
    assert len(record.boxes) == 1 and record.masks == () and len(source.findings()) == 1
    with pytest.raises(BadData, match=says):
        list(read(tmp_path, strict=True).records())


def test_coco_panoptic_segments_become_masks_and_things_boxes(put, tmp_path):
    put("val/7.jpg", (32, 24))
    colours = np.zeros((24, 32, 3), np.uint8)
    colours[:10] = (1, 2, 0)  # 513: sky
    colours[12:20, 4:9] = (7, 0, 1)  # 65543: a car
    buffer = io.BytesIO()
    Image.fromarray(colours).save(buffer, "PNG")
    put("annotations/panoptic_val/7.png", buffer.getvalue())
    segments = [
        {"id": 513, "category_id": 119, "area": 320, "bbox": [0, 0, 32, 10], "iscrowd": 0},
        {"id": 65543, "category_id": 3, "area": 40, "bbox": [4, 12, 5, 8], "iscrowd": 0},
    ]
    categories = [{"id": 3, "name": "car", "isthing": 1}, {"id": 119, "name": "sky", "isthing": 0}]
    content = {
        "images": [{"id": 7, "file_name": "7.jpg"}],
        "annotations": [{"image_id": 7, "file_name": "7.png", "segments_info": segments}],
        "categories": categories,
    }
    put("annotations/panoptic_val.json", content)
    source = read(tmp_path)
    (record,) = source.records()
    assert (source.format, source.task, source.classes, source.about) == (
        "coco_panoptic",
        "segmentation",
        ("car", "sky"),
        {"stuff": ["sky"]},
    )
    assert record.role == "test" and record.uri == "val/7.jpg"
    assert [(b.label, b.x, b.y, b.w, b.h) for b in record.boxes] == [("car", 4, 12, 5, 8)]
    shown = {m.label: (pixels_of(m.rle), m.instance) for m in record.masks}
    assert (shown["sky"][0] == (colours[:, :, 1] == 2)).all() and shown["sky"][1] == -1
    assert (shown["car"][0] == (colours[:, :, 0] == 7)).all() and shown["car"][1] == record.boxes[0].instance
    segments[0]["id"] = 99
    put("annotations/panoptic_val.json", content)
    with pytest.raises(BadData, match="its id 99 is not in the PNG file"):
        list(read(tmp_path, strict=True).records())


# PASCAL VOC development kit, section 3.2: the colours of SegmentationObject number the objects of the XML file


def test_voc_object_pictures_become_masks(put, tmp_path):
    numbers = np.zeros((24, 32), np.uint8)
    numbers[3:10, 2:12], numbers[5:9, 20:30], numbers[3, 2:12] = 1, 3, 255
    picture = Image.fromarray(numbers, "L").convert("P")
    picture.putpalette([v for i in range(256) for v in (i * 37 % 256, i * 91 % 256, i)])
    picture.putdata(numbers.ravel().tolist())
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    put("VOC2012/SegmentationObject/a.png", buffer.getvalue())
    put("VOC2012/JPEGImages/a.jpg", (32, 24))
    corners = "<bndbox><xmin>{}</xmin><ymin>{}</ymin><xmax>{}</xmax><ymax>{}</ymax></bndbox>"
    objects = "".join(
        f"<object><name>{n}</name>{corners.format(*c)}</object>"
        for n, *c in (("car", 2, 3, 12, 10), ("dog", 1, 1, 5, 5))
    )
    put(
        "VOC2012/Annotations/a.xml",
        f"<annotation><size><width>32</width><height>24</height></size>{objects}</annotation>",
    )
    source = read(tmp_path)
    assert source.task == "segmentation" and source.findings()[0].endswith(
        "shows an object 3, which its XML file does not have"
    )
    with pytest.warns(UserWarning, match="skipped 1"):
        (record,) = source.records()
    assert record.boxes == (Box("car", 2, 3, 10, 7, {}, 0), Box("dog", 1, 1, 4, 4))
    (mask,) = record.masks
    assert (pixels_of(mask.rle) == (numbers == 1)).all() and (mask.label, mask.instance) == ("car", 0)


# https://docs.ultralytics.com/datasets/pose/ and .../segment/


def test_yolo_poses_follow_kpt_shape(put, tmp_path):
    put("images/train/a.jpg", (40, 20))
    put("labels/train/a.txt", "0 0.5 0.5 0.5 0.5 0.4 0.4 2 0.6 0.6 1 0 0 0\n0 0.5 0.5 0.1 0.1 0 0 0 0 0 0 0 0 0\n")
    put(
        "data.yaml",
        "path: ../x\ntrain: images/train\nkpt_shape: [3, 3] # points\nflip_idx: [0, 2, 1]\nnames:\n  0:"
        " person\nkpt_names:\n  0:\n    - nose\n    - eye\n    - ear\n",
    )
    source = read(tmp_path)
    (record,) = source.records()
    assert source.task == "keypoints" and source.about["keypoints"]["person"]["names"] == ["nose", "eye", "ear"]
    assert record.boxes == (Box("person", 10, 5, 20, 10, {}, 0), Box("person", 18, 9, 4, 2))
    assert record.keypoints == (Keypoints("person", ((16, 8, 2), (24, 12, 1), (0, 0, 0)), 0),)
    put("data.yaml", "kpt_shape: [2, 2]\nnames: [person]\n")
    put("labels/train/a.txt", "0 0.5 0.5 0.5 0.5 0.4 0.4 0 0\n")
    (record,) = read(tmp_path).records()
    assert record.keypoints[0].points == ((16, 8, 2), (0, 0, 0))


def test_yolo_outlines_bring_their_boxes(put, tmp_path):
    put("images/a.jpg", (40, 20))
    put("labels/a.txt", "1 0.25 0.5 0.75 0.5 0.75 1.0\n0 0.5 0.5 0.5 0.5 0.875\n")
    put("data.yaml", "names: ['bus', car]\nnc: 2")
    source = read(tmp_path)
    (record,) = source.records()
    assert source.task == "segmentation" and record.masks == (Mask("car", ((10, 10, 30, 10, 30, 20),), None, 0),)
    assert record.boxes == (Box("car", 10, 10, 20, 10, {}, 0), Box("bus", 10, 5, 20, 10, {"confidence": 0.875}))


@pytest.mark.parametrize(
    "text, says",
    [
        ("names: [", "no YAML"),
        ("names: 3", "no list of class names"),
        ("names: [a]\nkpt_shape: [0, 9]", "kpt_shape is not"),
        ("a: &a [x]\nnames: [*a, [*a]]", "no list"),
    ],
)
def test_a_bad_data_yaml_is_named(put, tmp_path, text, says):
    put("images/a.jpg", (40, 20))
    put("labels/a.txt", "0 0.5 0.5 0.5 0.5\n")
    put("data.yaml", text)
    with pytest.raises(BadData, match=f"data.yaml.*{says}"):
        read(tmp_path)


# KITTI object development kit, readme.txt: 15 values, -1, -10 and -1000 for what is not known, score as the 16th


def test_kitti_leaves_out_what_a_line_does_not_know(put, tmp_path):
    put("training/image_2/000001.png", (64, 48))
    put(
        "training/label_2/000001.txt",
        "Car -1 -1 -10 2.00 3.00 12.00 10.00 -1 -1 -1 -1000 -1000 -1000 -10 0.93\nDontCare -1 -1 -10 1 1 2 2 -1 -1 -1"
        " -1000 -1000 -1000 -10\n",
    )
    (record,) = read(tmp_path).records()
    assert record.boxes == (Box("Car", 2, 3, 10, 7, {"score": 0.93}),) and record.role == "train"


# https://doc.bdd100k.com/format.html and the label format of 2018

BOX = {"x1": 2, "y1": 3, "x2": 12, "y2": 10}
WEATHER = {"weather": "clear", "scene": "city street", "timeofday": "daytime"}


def test_bdd100k_list_of_frames(put, tmp_path):
    put("images/100k/train/a.jpg", (32, 24))
    put("images/100k/val/a.jpg", (64, 48))
    lane = {"category": "lane", "id": 4, "poly2d": [{"vertices": [[1, 1], [9, 9]], "types": "LL", "closed": False}]}
    area = {
        "category": "area/drivable",
        "id": 5,
        "poly2d": [{"vertices": [[0, 0], [4, 0], [8, 0], [8, 8]], "types": "LCCC", "closed": True}],
        "attributes": {"areaType": "direct"},
    }
    sign = {
        "category": "traffic light",
        "id": 6,
        "box2d": BOX,
        "attributes": {"occluded": False, "trafficLightColor": "red"},
        "manualShape": True,
    }
    put(
        "labels/bdd100k_labels_images_train.json",
        [{"name": "a.jpg", "attributes": WEATHER, "timestamp": 10000, "labels": [lane, area, sign]}],
    )
    source = read(tmp_path)
    with pytest.warns(UserWarning, match=r"skipped 1 .*label 4: is a 'lane' without a box2d, a closed poly2d"):
        (record,) = source.records()
    assert (source.format, source.task, source.classes) == (
        "bdd100k",
        "segmentation",
        ("area/drivable", "traffic light"),
    )
    assert (
        record.uri == "images/100k/train/a.jpg"
        and record.role == "train"
        and record.columns == {**WEATHER, "timestamp": 10000}
    )
    assert record.boxes == (Box("traffic light", 2, 3, 10, 7, {"occluded": False, "trafficLightColor": "red"}),)
    (drivable,) = record.masks
    points = list(zip(drivable.polygons[0][0::2], drivable.polygons[0][1::2]))
    # the cubic Bezier from (0, 0) by (4, 0) and (8, 0) to (8, 8), at a half: (5.5, 1)
    assert (points[0], points[-1], points[4]) == ((0, 0), (8, 8), (5.5, 1.0)) and drivable.attributes == {
        "areaType": "direct"
    }


def test_bdd100k_scalabel_file_of_a_video(put, tmp_path):
    put("images/track/val/b1c-7/b1c-7-0000001.jpg", (32, 24))
    rows = [
        {
            "id": "00091078",
            "category": "car",
            "box2d": BOX,
            "rle": {"size": [24, 32], "counts": RLE["counts"]},
            "attributes": {"crowd": False},
        }
    ]
    frame = {
        "name": "b1c-7-0000001.jpg",
        "videoName": "b1c-7",
        "frameIndex": 0,
        "timestamp": 0,
        "labels": rows,
        "size": {"width": 32, "height": 24},
    }
    put(
        "labels/seg_track_val.json",
        {
            "config": {"categories": [{"name": "car"}, {"name": "bus"}]},
            "frames": [frame, {"name": "gone.jpg", "labels": None}],
        },
    )
    source = read(tmp_path)
    assert source.classes == ("car", "bus") and source.findings()[0].endswith(
        "frame 'gone.jpg': its picture 'gone.jpg' is not there; say root= if the pictures are elsewhere"
    )
    with pytest.warns(UserWarning, match="skipped 1"):
        (record,) = source.records()
    assert record.columns == {"timestamp": 0, "video": "b1c-7", "frame": 0} and record.role == "test"
    assert (
        record.boxes[0].attributes == {"crowd": False, "track": "00091078"}
        and record.boxes[0].instance == record.masks[0].instance >= 0
    )


def test_bdd100k_one_file_a_picture(put, tmp_path):
    put("images/val/b1ca.jpg", (32, 24))
    objects = [
        {"category": "car", "id": 0, "attributes": {"occluded": True}, "box2d": BOX},
        {"category": "area/alternative", "id": 1, "attributes": {}, "poly2d": [[1, 1, "L"], [9, 1, "L"], [9, 9, "L"]]},
    ]
    put(
        "labels/val/b1ca.json",
        {"name": "b1ca", "frames": [{"timestamp": 10000, "objects": objects}], "attributes": WEATHER},
    )
    source = read(tmp_path)
    (record,) = source.records()
    assert source.format == "bdd100k" and record.columns == WEATHER and record.role == "test"
    assert record.boxes == (Box("car", 2, 3, 10, 7, {"occluded": True}),) and record.masks == (
        Mask("area/alternative", ((1, 1, 9, 1, 9, 9),)),
    )


# https://github.com/mcordts/cityscapesScripts, README: folders, names and labels


def test_cityscapes_outlines_and_the_parts_of_its_names(put, tmp_path):
    put("leftImg8bit/val/lindau/lindau_000000_000019_leftImg8bit.png", (64, 32))
    square = [[4, 4], [14, 4], [14, 12], [4, 12]]
    objects = [
        {"label": "road", "polygon": [[0, 20], [64, 20], [64, 32]]},
        {"label": "car", "polygon": square},
        {"label": "car", "polygon": square, "deleted": 1},
    ]
    put(
        "gtFine/val/lindau/lindau_000000_000019_gtFine_polygons.json",
        {"imgHeight": 32, "imgWidth": 64, "objects": objects},
    )
    source = read(tmp_path)
    (record,) = source.records()
    assert (source.format, source.classes, record.role) == ("cityscapes", ("car", "road"), "test")
    assert record.columns == {"city": "lindau", "sequence": 0, "frame": 19} and record.boxes == ()
    assert [m.label for m in record.masks] == ["road", "car"] and record.masks[1].polygons == (
        (4, 4, 14, 4, 14, 12, 4, 12),
    )
    (record,) = read(tmp_path, boxes=True).records()
    assert record.boxes == (Box("car", 4, 4, 10, 8, {}, 1),) and [m.instance for m in record.masks] == [-1, 1]
    with pytest.raises(MissingFile, match="gtCoarse"):
        read(tmp_path, "cityscapes", kind="gtCoarse")


# https://docs.cvat.ai/docs/manual/advanced/xml_format/

CVAT = """<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version>
<meta><task><size>1</size><labels><label><name>car</name><attributes/></label><label><name>dog</name></label>
<label><name>body</name><type>skeleton</type></label><label><name>nose</name><parent>body</parent></label></labels></task></meta>
<image id="0" name="f/a.jpg" subset="Train" width="32" height="24">
 <box label="car" source="manual" occluded="1" xtl="2.00" ytl="3.00" xbr="12.00" ybr="10.00" z_order="2" group_id="7">
  <attribute name="model">a-60</attribute><attribute name="doors">4</attribute></box>
 <polygon label="car" source="manual" occluded="0" points="2.00,3.00;12.00,3.00;12.00,10.00" z_order="0" group_id="7"/>
 <box label="dog" source="manual" occluded="0" xtl="10" ytl="10" xbr="20" ybr="14" rotation="90.00" z_order="0"/>
 <mask label="dog" source="manual" occluded="0" rle="1, 2, 1, 4" left="5" top="6" width="4" height="2" z_order="0"/>
 <points label="car" source="manual" occluded="0" points="1.50,2.50;3.00,4.00" z_order="0"/>
 <skeleton label="body" source="manual" z_order="0">
  <points label="nose" source="manual" outside="0" occluded="1" points="5.00,6.00"/>
  <points label="tail" outside="1" occluded="0" points="0,0"/></skeleton>
 <polyline label="car" source="manual" occluded="0" points="1,1;2,2" z_order="0"/>
 <tag label="car" source="manual"/>
</image></annotations>"""


def test_cvat_for_images(put, tmp_path):
    put("annotations.xml", CVAT)
    put("images/f/a.jpg", (32, 24))
    source = read(tmp_path)
    with pytest.warns(UserWarning, match="skipped 1 .*shape 7: has the kind polyline"):
        (record,) = source.records()
    assert (source.format, source.task, source.classes) == ("cvat", "keypoints", ("car", "dog", "body"))
    assert record.role == "train" and record.label == "car"
    assert record.boxes == (Box("car", 2, 3, 10, 7, {"occluded": 1, "z_order": 2, "model": "a-60", "doors": 4}, 6),)
    car, turned, dog = record.masks
    assert car == Mask("car", ((2, 3, 12, 3, 12, 10),), None, 6)
    assert turned.polygons[0] == pytest.approx((17, 7, 17, 17, 13, 17, 13, 7))
    assert np.argwhere(pixels_of(dog.rle)).tolist() == [[6, 6], [6, 7], [7, 5], [7, 6], [7, 7], [7, 8]]
    assert record.keypoints == (Keypoints("car", ((1.5, 2.5, 2), (3, 4, 2))), Keypoints("body", ((5, 6, 1), (0, 0, 0))))
    assert source.about["keypoints"] == {"body": {"names": ["nose", "tail"], "skeleton": []}}


def test_cvat_for_video(put, tmp_path):
    track = """<track id="0" label="car" source="manual">
    <box frame="0" outside="0" occluded="0" keyframe="1" xtl="2" ytl="3" xbr="12" ybr="10" z_order="0"/>
    <box frame="1" outside="0" occluded="1" keyframe="0" xtl="3" ytl="3" xbr="13" ybr="10" z_order="0"/>
    <box frame="2" outside="1" occluded="0" keyframe="1" xtl="3" ytl="3" xbr="13" ybr="10" z_order="0"/></track>
    <track id="1" label="bus" source="manual">
      <polygon frame="1" outside="0" occluded="0" keyframe="1" points="1,1;9,1;9,9" z_order="0"/></track>"""
    put("annotations.xml", f"<annotations><version>1.1</version><meta/>{track}</annotations>")
    for i in range(3):
        put(f"images/frame_{i:06d}.PNG".replace("PNG", "png"), (32, 24))
    source = read(tmp_path)
    first, second = source.records()
    assert source.format == "cvat" and first.columns == {"frame": 0} and second.columns == {"frame": 1}
    assert first.boxes == (Box("car", 2, 3, 10, 7, {"track": 0}),)
    assert second.boxes == (Box("car", 3, 3, 10, 7, {"occluded": 1, "track": 0}),)
    assert second.masks == (Mask("bus", ((1, 1, 9, 1, 9, 9),), attributes={"track": 1}),)


# https://labelstud.io/guide/export, raw JSON


def region(kind: str, value: dict, key: str = "r1", **more) -> dict:
    head = {
        "id": key,
        "from_name": "label",
        "to_name": "image",
        "type": kind,
        "original_width": 32,
        "original_height": 24,
        "image_rotation": 0,
    }
    return {**head, "value": value, **more}


def test_label_studio_regions_choices_and_texts(put, tmp_path):
    result = [
        region(
            "rectanglelabels",
            {"x": 6.25, "y": 12.5, "width": 50, "height": 25, "rotation": 0, "rectanglelabels": ["Car"]},
        ),
        region("choices", {"choices": ["parked"]}, from_name="state"),
        region(
            "polygonlabels",
            {"points": [[6.25, 12.5], [56.25, 12.5], [56.25, 37.5]], "closed": True, "polygonlabels": ["Car"]},
            "r2",
        ),
        region(
            "rectanglelabels",
            {"x": 50, "y": 50, "width": 25, "height": 12.5, "rotation": 90, "rectanglelabels": ["Dog"]},
            "r3",
        ),
        region("brushlabels", {"format": "rle", "rle": BRUSH, "brushlabels": ["Dog"]}, "r4"),
        region("keypointlabels", {"x": 50, "y": 50, "width": 0.5, "keypointlabels": ["Dog"]}, "r5"),
        region("ellipselabels", {"x": 50, "y": 50, "radiusX": 5, "radiusY": 5, "ellipselabels": ["Dog"]}, "r6"),
        region("choices", {"choices": ["outdoor"]}, "r7"),
        region("textarea", {"text": ["A car and a dog."]}, "r8"),
        region("rating", {"rating": 4}, "r9", from_name="quality"),
        {"type": "relation", "from_id": "r1", "to_id": "r2", "direction": "right"},
    ]
    task = {
        "id": 17,
        "data": {"image": "/data/upload/3/0a1b2c3d-street_1.jpg", "place": "Bonn"},
        "predictions": [],
        "annotations": [
            {"id": 1, "was_cancelled": True, "result": []},
            {"id": 2, "was_cancelled": False, "result": result},
        ],
    }
    put("export.json", [task])
    put("files/street_1.jpg", (32, 24))
    source = read(tmp_path)
    with pytest.warns(UserWarning, match="skipped 1 .*region 'r6'.*the kind ellipse"):
        (record,) = source.records()
    assert (source.format, source.classes) == ("label_studio", ("Car", "Dog", "outdoor"))
    assert record.boxes == (Box("Car", 2, 3, 16, 6, {"state": "parked"}, record.masks[0].instance),)
    car, turned, brush = record.masks
    assert car.polygons == ((2, 3, 18, 3, 18, 9),) and car.instance >= 0
    # 8 x 3 pixels at (16, 12), turned by a quarter about its top left corner
    assert turned.polygons[0] == pytest.approx((16, 12, 16, 20, 13, 20, 13, 12))
    assert pixels_of(brush.rle).sum() == 64 and pixels_of(brush.rle)[:2].all()
    assert record.keypoints == (Keypoints("Dog", ((16, 12, 2),)),)
    assert record.label == "outdoor" and record.captions == (Caption("A car and a dog."),)
    assert record.columns == {"place": "Bonn", "quality": 4}


def bits(*numbers: tuple[int, int]) -> list[int]:
    text = "".join(f"{value:0{n}b}" for value, n in numbers)
    text += "0" * (-len(text) % 8)
    return [int(text[i : i + 8], 2) for i in range(0, len(text), 8)]


# By hand, after label_studio_sdk's brush.py: 3072 values, words of 8 bits, run sizes 3, 4, 8, 16; two rows of 32
# pixels are set: a repeated run of 255, then a repeated run of 0, then four single zeros.
BRUSH = bits(
    (32 * 24 * 4, 32),
    (7, 5),
    (2, 4),
    (3, 4),
    (7, 4),
    (15, 4),
    (1, 1),
    (2, 2),
    (255, 8),
    (255, 8),
    (1, 1),
    (3, 2),
    (32 * 22 * 4 - 4 - 1, 16),
    (0, 8),
    (0, 1),
    (0, 2),
    (3, 3),
    *[(0, 8)] * 4,
)

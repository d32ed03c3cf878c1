"""Files made to do harm: one clear error or one finding, nothing read from elsewhere, no hang, no flood of memory."""

import json
import re
import struct
import warnings
import zipfile
import zlib

import pytest
from peaks import added_mb, needs_proc
from small_sets import MAKERS, made

from veml_lab.errors import BadData, MissingFile, VemlError
from veml_lab.formats import read
from veml_lab.sources.images import is_image
from veml_lab.sources.named_pictures import Pictures
from veml_lab.sources.opening import open_tree

PICTURED = [
    "bdd100k",
    "cityscapes",
    "coco",
    "coco_panoptic",
    "cvat",
    "image_folder",
    "kitti",
    "label_studio",
    "map_txt",
    "voc",
    "yolo",
]


def png_head(width: int, height: int) -> bytes:
    """A PNG that says it is huge, in fifty bytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("format", PICTURED)
def test_a_picture_of_a_billion_pixels_is_refused_before_it_is_decoded(format, tmp_path):
    root = made(format, tmp_path / "set")
    picture = next(f for f in sorted(root.rglob("*")) if is_image(f.name) and "panoptic_val" not in str(f))
    picture.write_bytes(png_head(40_000, 40_000))
    with pytest.raises(BadData, match=re.escape(picture.name)):
        list(read(root, format, strict=True).records())


def test_a_panoptic_png_of_a_billion_pixels_is_refused(tmp_path):
    root = made("coco_panoptic", tmp_path / "set")
    (root / "annotations" / "panoptic_val" / "1.png").write_bytes(png_head(40_000, 40_000))
    with pytest.raises(BadData, match=r"panoptic_val/1\.png .*too large|panoptic_val/1\.png says it is"):
        list(read(root, strict=True).records())


OUTSIDE = [
    "../../secret.png",
    "/etc/passwd",
    "..\\..\\secret.png",
    "images/../../secret.png",
    "file:///etc/passwd",
    "http://[",
    "",
]


@pytest.mark.parametrize("said", OUTSIDE)
@pytest.mark.parametrize("format", ["coco", "coco_panoptic", "cvat", "label_studio", "bdd100k"])
def test_a_picture_outside_of_the_set_is_never_opened(format, said, tmp_path, picture):
    root = made(format, tmp_path / "a" / "set")
    for outside in (tmp_path / "secret.png", tmp_path / "a" / "secret.png"):
        outside.write_bytes(picture(7, format="PNG"))
    for file in root.rglob("*"):
        if file.suffix in (".json", ".xml") and file.name != "config.xml":
            text, quoted = file.read_text(), json.dumps(said).replace("\\", "\\\\")
            text = re.sub(r'("file_name": |"name": )"[^"]*\.(?:png|jpg)"', rf"\g<1>{quoted}", text)
            text = re.sub(r'("image": )"[^"]*"', rf"\g<1>{quoted}", text)
            text = re.sub(r'<image id="(\d)" name="[^"]*"', lambda m: f'<image id="{m[1]}" name="{said}"', text)
            file.write_text(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for r in read(root, format).records():
                assert (root / r.uri).resolve().is_relative_to(root.resolve()) and "secret" not in r.uri
        except VemlError as e:
            assert len(str(e)) > 20


def test_names_that_climb_find_nothing(tmp_path, picture):
    (tmp_path / "set" / "b").mkdir(parents=True)
    (tmp_path / "set" / "b" / "x.png").write_bytes(picture(1, format="PNG"))
    pictures = Pictures(open_tree(tmp_path / "set"))
    assert (
        pictures.find("../../b/x.png") == "b/x.png" and pictures.find("..") is None and pictures.find("a/y.png") is None
    )


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE z [<!ENTITY a "aaaaaaaaaa"><!ENTITY b'
    ' "&a;&a;&a;&a;&a;&a;&a;&a;">]><annotations><version>&b;</version></annotations>'
)
FETCH = '<!DOCTYPE z [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotations><image name="&x;"/></annotations>'


@pytest.mark.parametrize("xml", [BOMB, FETCH])
def test_entities_in_cvat_are_refused(tmp_path, xml):
    (tmp_path / "annotations.xml").write_text(xml)
    with pytest.raises(BadData, match=r"annotations\.xml declares entities"):
        read(tmp_path, "cvat")


def test_deep_xml_is_refused_without_a_crash(tmp_path, voc_folder):
    (tmp_path / "annotations.xml").write_text("<annotations>" + "<image>" * 200_000)
    with pytest.raises(BadData, match="deeper than 100"):
        read(tmp_path, "cvat")
    (voc_folder / "Annotations" / "a.xml").write_text(
        "<annotation>" + "<object>" * 200_000 + "</object>" * 200_000 + "</annotation>"
    )
    with pytest.warns(UserWarning, match="skipped"):
        list(read(voc_folder).records())


DEEP = {
    "coco": '{"images": [{"id": 1, "file_name": "a.png"}], "annotations": [%s',
    "label_studio": "[%s",
    "bdd100k": '{"frames": [%s',
    "cityscapes": "[%s",
    "coco_panoptic": '{"annotations": [%s',
}


REFUSED = """
from veml_lab.formats import read
def work(path, format):
    try:
        list(read(path, format, strict=True).records())
    except Exception as e:
        return type(e).__name__, str(e)[:300]
    return "", "read"
"""


@needs_proc
@pytest.mark.parametrize("format", DEEP)
@pytest.mark.parametrize("bracket", ["[", '{"a":'])
def test_deep_json_is_refused_and_takes_no_memory(format, bracket, tmp_path):
    root = made(format, tmp_path / "set")
    file = next(f for f in sorted(root.rglob("*.json")))
    file.write_text(DEEP[format] % (bracket * 400_000))
    _, ((name, text), mb) = added_mb(REFUSED, (made(format, tmp_path / "warm"), format), (root, format))
    assert name in ("BadData", "MissingFile"), text
    assert mb < 60


def test_anchors_of_yaml_that_stand_for_a_billion_words(tmp_path, picture):
    root = made("yolo", tmp_path / "set")
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"] + [
        f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in zip("abcdefghi", "bcdefghij")
    ]
    (root / "data.yaml").write_text("\n".join([*lines, "names: *j"]))
    with pytest.raises(BadData, match=r"data\.yaml: names is no list of class names"):
        read(root)


CHANGES = {
    "a box at infinity": ("cvat", "annotations.xml", r'xtl="[^"]*"', 'xtl="inf"', "no finite numbers"),
    "a box of nothing": ("cvat", "annotations.xml", r'xbr="[^"]*"', 'xbr="1.0"', "is 0 x 8 pixels"),
    "a box that is no number": (
        "voc",
        "Annotations/0.xml",
        "<xmin>.*?</xmin>",
        "<xmin>nan</xmin>",
        "no finite numbers",
    ),
    "a box far outside": ("bdd100k", "labels/bdd100k_train.json", r'"x1": [\d.]+', '"x1": 400', "is -"),
    "a word for a number": (
        "bdd100k",
        "labels/bdd100k_train.json",
        r'"x2": [\d.]+',
        '"x2": "much"',
        "no finite numbers",
    ),
    "a point that is none": (
        "cvat",
        "annotations.xml",
        r'points="3.0,4.0"',
        'points="nan,4.0"',
        "no pairs of finite numbers",
    ),
    "a mask that is too wide": (
        "cvat",
        "annotations.xml",
        r'(rle="[^"]*" left="\d+" top="\d+" width=)"\d+"',
        r'\1"900000000"',
        "outside its picture",
    ),
    "percent of nothing": (
        "label_studio",
        "tasks.json",
        r'"width": [\d.]+, "height"',
        '"width": -4, "height"',
        "pixels",
    ),
    "a picture of the size of a town": (
        "label_studio",
        "tasks.json",
        r'"original_width": 32',
        '"original_width": 1000000000000',
        "no original_width",
    ),
    "a brush of four billion values": (
        "label_studio",
        "tasks.json",
        r'"rle": \[0, 0',
        '"rle": [255, 255',
        "a brush of",
    ),
    "run lengths of a town": (
        "coco",
        "annotations/instances_train.json",
        r'"size": \[32, 32\]',
        '"size": [1000000000, 1000000000]',
        "more than .* are not read",
    ),
    "a line of a million classes": ("yolo", "labels/train/0.txt", r"^0", "99999999999999999999", "is not: class"),
    "an infinite line": ("kitti", "training/label_2/0.txt", r"1\.5", "inf", "no finite numbers"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_one_bad_value_is_one_finding_or_one_error(what, tmp_path):
    format, file, old, new, says = CHANGES[what]
    root = made(format, tmp_path / "set")
    path = root / file
    changed, n = re.subn(old, new, path.read_text(), count=1)
    assert n == 1, path.read_text()
    path.write_text(changed)
    source = read(root, format)
    with pytest.warns(UserWarning, match="skipped 1 faulty entry"):
        records = list(source.records())
    assert len(records) == 2 and len(source.findings()) == 1 and re.search(says, source.findings()[0])
    with pytest.raises(BadData, match=says):
        list(read(root, format, strict=True).records())


DOUBLE = {
    "cvat": ("annotations.xml", r'name="1\.png"', 'name="0.png"'),
    "label_studio": ("tasks.json", r"images/1\.png", "images/0.png"),
    "coco": (
        "annotations/instances_train.json",
        r'"file_name": "0\.png", "width": 32, "height": 32(.*?)\}\}',
        r'"file_name": "0.png"\1}}, {"id": 99, "file_name": "0.png"}',
    ),
    "bdd100k": ("labels/bdd100k_train.json", r'(?s)"frames": \[(.*)\](, "config")', r'"frames": [\1, \1]\2'),
}


@pytest.mark.parametrize("format", DOUBLE)
def test_a_picture_that_is_listed_twice_is_a_finding(format, tmp_path):
    root = made(format, tmp_path / "set")
    file, old, new = DOUBLE[format]
    changed, n = re.subn(old, new, (root / file).read_text(), count=1)
    assert n == 1
    (root / file).write_text(changed)
    with pytest.warns(UserWarning, match="has an entry already; a picture has one"):
        names = [r.uri for r in read(root, format).records()]
    assert len(set(names)) == len(names) >= 1
    with pytest.raises(BadData, match="has an entry already; a picture has one"):
        read(root, format, strict=True)


def test_a_member_that_climbs_out_of_an_archive_is_refused_by_every_format(tmp_path):
    for format in PICTURED:
        root = made(format, tmp_path / format)
        with zipfile.ZipFile(tmp_path / f"{format}.zip", "w") as z:
            for f in sorted(root.rglob("*")):
                if f.is_file():
                    z.write(f, f.relative_to(root))
            z.writestr("../../evil.txt", "x")
        with pytest.raises(BadData, match="points out of the archive"):
            read(tmp_path / f"{format}.zip", format)
    assert not (tmp_path.parent / "evil.txt").exists()


@pytest.mark.parametrize("format", PICTURED)
def test_an_archive_gives_what_its_folder_gives(format, tmp_path):
    root = made(format, tmp_path / "set")
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as z:
        for f in sorted(root.rglob("*")):
            if f.is_file():
                z.write(f, f.relative_to(root))
    a, b = read(root), read(tmp_path / "set.zip")
    assert (a.format, a.classes, a.task) == (format, b.classes, b.task) and b.format == format
    assert {r.uri: (r.boxes, r.masks, r.keypoints, r.role, r.columns) for r in a.records()} == {
        r.uri: (r.boxes, r.masks, r.keypoints, r.role, r.columns) for r in b.records()
    }


def test_a_set_without_its_pictures_says_so(tmp_path):
    for format in ("coco", "cvat", "label_studio", "bdd100k", "cityscapes", "voc", "kitti"):
        root = made(format, tmp_path / format)
        for f in root.rglob("*"):
            if is_image(f.name):
                f.unlink()
        with pytest.raises(MissingFile, match=r"annotations, but none of .*picture.* is not there"):
            read(root, format)


def test_each_maker_is_one_of_the_registry():
    from veml_lab.formats import FORMATS

    assert set(MAKERS) - {"croissant"} <= set(FORMATS)

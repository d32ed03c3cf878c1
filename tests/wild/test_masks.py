"""Masks as Pascal VOC, CVAT, CamVid and everybody else lays them beside pictures."""

import io

import numpy as np
import pytest
from PIL import Image
from wild_files import picture

from veml_lab.errors import BadData, MissingFile
from veml_lab.formats import read
from veml_lab.sources.outlines import pixels_of

W, H = 64, 48
SHOWN = np.zeros((H, W), np.uint8)
SHOWN[2:10, 3:20] = 1
SHOWN[20:30, 5:50] = 2
COLOURS = {0: (0, 0, 0), 1: (128, 0, 0), 2: (0, 128, 0), 255: (224, 224, 192)}


def png(values: np.ndarray, mode: str = "L") -> bytes:
    if mode == "RGB":
        im = Image.fromarray(np.array([COLOURS.get(v, (1, 2, 3)) for v in range(256)], np.uint8)[values])
    elif mode == "P":
        im = Image.fromarray(values, "P")
        im.putpalette([c for v in range(256) for c in COLOURS.get(v, (1, 2, 3))])
    else:
        im = Image.fromarray(values)
    out = io.BytesIO()
    im.save(out, "PNG")
    return out.getvalue()


def regions(source) -> dict:
    (r,) = source.records()
    assert not r.boxes and {m.instance for m in r.masks} <= {-1}
    return {m.label: pixels_of(m.rle).astype(bool) for m in r.masks}


CVAT = "# label:color_rgb:parts:actions\nbackground:0,0,0::\nroad:128,0,0::\ncar:0,128,0:wheel:\n"
LAYOUTS = {
    "CVAT's Segmentation mask 1.1": ("JPEGImages/a.jpg", "SegmentationClass/a.png", "P", "labelmap.txt", CVAT),
    "Datumaro's, in colours": ("JPEGImages/a.jpg", "SegmentationClass/a.png", "RGB", "labelmap.txt", CVAT),
    "CamVid": ("images/a.jpg", "labels/a_L.png", "RGB", "label_colors.txt",
               "0 0 0\t\tVoid\n128 0 0\t\troad\n0 128 0\t\tcar\n"),
    "a class_dict": ("imgs/a.jpg", "masks/a.png", "RGB", "class_dict.csv",
                     "name,r,g,b\nbackground,0,0,0\nroad,128,0,0\ncar,0,128,0\n"),
    "numbers, with the background": ("images/a.jpg", "masks/a.png", "L", "labels.txt", "background\nroad\ncar\n"),
    "numbers, without it": ("images/train/a.jpg", "masks/train/a.png", "L", "classes.txt", "road\ncar\n"),
    "colours that are greys": ("imgs/a.jpg", "masks/a.png", "grey", "class_dict.csv",
                               "name,r,g,b\nbackground,0,0,0\nroad,1,1,1\ncar,2,2,2\n"),
    "called so, beside": ("a.jpg", "a_mask.png", "L", "codes.txt", "void\nroad\ncar\n"),
    "numbers beside a list of colours": ("JPEGImages/a.jpg", "SegmentationClass/a.png", "L", "labelmap.txt", CVAT),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_one_region_a_class(folder_of, layout):
    image, mask, mode, listed, text = LAYOUTS[layout]
    source = read(folder_of({image: None, mask: png(SHOWN, mode), listed: text}))
    assert source.format == "masks" and source.task == "segmentation" and source.classes == ("road", "car")
    found = regions(source)
    assert found.keys() == {"road", "car"} and source.findings() == []
    assert (found["road"] == (SHOWN == 1)).all() and (found["car"] == (SHOWN == 2)).all()
    assert [x for x in source.unread() if x.stops] == []


def test_pascal_without_xml_has_objects_classes_void_and_roles(folder_of):
    """Two cows touch: only SegmentationObject tells them apart; 255 between them is left open."""
    classes = np.zeros((H, W), np.uint8)
    classes[5:15, 5:25], classes[5:15, 14] = 10, 255
    classes[30:40, 5:15] = 15
    objects = np.zeros((H, W), np.uint8)
    objects[5:15, 5:14], objects[5:15, 15:25], objects[5:15, 14] = 1, 2, 255
    objects[30:40, 5:15] = 3
    files = {f"VOC2012/JPEGImages/{n}.jpg": None for n in "ab"}
    for n in "ab":
        files[f"VOC2012/SegmentationClass/{n}.png"] = png(classes, "P")
        files[f"VOC2012/SegmentationObject/{n}.png"] = png(objects, "P")
    files |= {"VOC2012/ImageSets/Segmentation/train.txt": "a\n", "VOC2012/ImageSets/Segmentation/val.txt": "b\n"}
    source = read(folder_of(files))
    found = {r.uri.rpartition("/")[2]: r for r in source.records()}
    assert source.format == "masks" and len(source.classes) == 20 and source.findings() == []
    assert {n: r.role for n, r in found.items()} == {"a.jpg": "train", "b.jpg": "test"}
    r = found["a.jpg"]
    assert [(b.label, b.x, b.y, b.w, b.h, b.instance) for b in r.boxes] == [
        ("cow", 5, 5, 9, 10, 0), ("cow", 15, 5, 10, 10, 1), ("person", 5, 30, 10, 10, 2)]  # fmt: skip
    assert [(m.label, m.instance, int(pixels_of(m.rle).sum())) for m in r.masks] == [
        ("cow", 0, 90), ("cow", 1, 100), ("person", 2, 100)]  # fmt: skip


def test_what_no_object_covers_is_a_region_of_its_class(folder_of):
    objects = np.where(SHOWN == 1, 1, 0).astype(np.uint8)
    source = read(folder_of({"JPEGImages/a.jpg": None, "SegmentationClass/a.png": png(SHOWN, "P"),
                             "SegmentationObject/a.png": png(objects, "RGB"), "labelmap.txt": CVAT}))  # fmt: skip
    (r,) = source.records()
    assert [(m.label, m.instance) for m in r.masks] == [("road", 0), ("car", -1)]
    assert [(b.label, b.x, b.y, b.w, b.h) for b in r.boxes] == [("road", 3, 2, 17, 8)]


UNLISTED = {
    "black and white": (SHOWN.clip(0, 1) * np.uint8(255), "L", {"object": SHOWN > 0}),
    "numbers": (SHOWN, "L", {"1": SHOWN == 1, "2": SHOWN == 2}),
    "numbers and void": (np.where(SHOWN == 2, 255, SHOWN).astype(np.uint8), "L", {"1": SHOWN == 1}),
    "colours": (SHOWN, "RGB", {"#800000": SHOWN == 1, "#008000": SHOWN == 2}),
}


@pytest.mark.parametrize("case", UNLISTED)
def test_without_a_list_the_values_are_the_names(folder_of, case):
    values, mode, want = UNLISTED[case]
    found = regions(read(folder_of({"images/a.jpg": None, "masks/a.png": png(values, mode)}), "masks"))
    assert found.keys() == want.keys() and all((found[k] == want[k]).all() for k in want)


SAID = {
    "a list from 0": (["nothing here", "road", "car"], "L"),
    "numbers": ({1: "road", "2": "car"}, "L"),
    "colours": ({"#800000": "road", "#008000": "car"}, "RGB"),
}


@pytest.mark.parametrize("case", SAID)
def test_names_can_be_said(folder_of, case):
    names, mode = SAID[case]
    root = folder_of({"images/a.jpg": None, "masks/a.png": png(SHOWN, mode)})
    found = regions(read(root, "masks", names=names))
    assert (found["road"] == (SHOWN == 1)).all() and (found["car"] == (SHOWN == 2)).all()
    with pytest.raises(BadData, match="whole number, or a colour"):
        read(root, "masks", names={"red": "road"})


def test_bad_masks_stop_nothing(folder_of):
    noise = np.random.default_rng(1).integers(0, 255, (H, W, 3), np.uint8)
    photo = io.BytesIO()
    Image.fromarray(noise).save(photo, "PNG")
    files = {f"images/{n}.jpg": None for n in "abcdef"} | {"labels.txt": "background\nroad\ncar\n"}
    files |= {"masks/a.png": png(SHOWN), "masks/b.png": png(np.full((H, W), 9, np.uint8)), "masks/c.png": b"\x89PNG no",
              "masks/d.png": photo.getvalue(), "masks/e.png": png(SHOWN[:9]), "masks/f.jpg": picture(1, format="JPEG"),
              "masks/gone.png": png(SHOWN)}  # fmt: skip
    source = read(folder_of(files), "masks")
    found = {r.uri[-5]: (len(r.masks), r.emptied) for r in source.records()}
    assert found == {"a": (2, False), **{n: (0, True) for n in "bcdef"}}
    said = "\n".join(source.findings())
    for word in ("the value 9, which is no class", "c.png", "as a photograph has", "64 x 9", "blurs", "gone.png"):
        assert word in said, word


def test_masks_in_colours_and_as_numbers_are_read_once(folder_of):
    source = read(folder_of({"images/a.jpg": None, "labels/a.png": png(SHOWN), "labels.txt": "background\nroad\ncar\n",
                             "masks/a.png": png(SHOWN, "RGB")}))  # fmt: skip
    assert regions(source).keys() == {"road", "car"}
    assert [(x.names, x.stops) for x in source.unread()] == [(("masks/a.png",), False)]


def test_classes_in_folders_and_photographs_are_no_masks(folder_of):
    """`mask` and `no_mask` are classes; photographs in a folder called labels are no masks."""
    files = {f"{c}/{c}{i}.jpg": None for c in ("mask", "no_mask") for i in range(3)}
    assert read(folder_of(files)).format == "image_folder"
    with pytest.raises(MissingFile, match="holds no masks; looked for"):
        read(folder_of({"x/a.jpg": None}, "other"), "masks")

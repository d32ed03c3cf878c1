"""What a set is: its annotations decide, then its own description, then its folders; a near tie asks."""

import pytest
from packages import install
from wild_files import coco_of, voc_of

from veml_lab.errors import BadInput
from veml_lab.formats import FORMATS, read

YOLO = "0 0.5 0.5 0.2 0.2\n"
SHARES = [(25.6, 19.2, 12.8, 9.6)]


def boxes(source):
    return {
        r.uri.rpartition("/")[2]: [(b.label, *(round(v, 3) for v in (b.x, b.y, b.w, b.h))) for b in r.boxes]
        for r in source.records()
    }


def test_a_cvat_yolo_1_1_export_is_yolo_and_no_class_folder(folder_of):
    """cvat#1151: obj.names, obj.data, train.txt, and labels beside the pictures in obj_train_data."""
    source = read(
        folder_of(
            {
                "obj_train_data/a.jpg": None,
                "obj_train_data/a.txt": YOLO,
                "obj_train_data/b.jpg": None,
                "obj_train_data/b.txt": YOLO,
                "obj.names": "car\n",
                "obj.data": "classes = 1\ntrain = data/train.txt\nnames = data/obj.names\nbackup = backup/\n",
                "train.txt": "data/obj_train_data/a.jpg\ndata/obj_train_data/b.jpg\n",
            }
        )
    )
    assert (source.format, source.task, source.classes) == ("yolo", "detection", ("car",))
    assert boxes(source) == {"a.jpg": [("car", *SHARES[0])], "b.jpg": [("car", *SHARES[0])]}
    assert {r.role for r in source.records()} == {"train"}


YOLO_LAYOUTS = {
    "labelImg, one folder": ("{n}.jpg", "{n}.txt", {"classes.txt": "car\n"}),
    "labelImg, classes beside in a folder": ("pics/{n}.jpg", "pics/{n}.txt", {"pics/classes.txt": "car\n"}),
    "images and labels": ("images/{n}.jpg", "labels/{n}.txt", {"data.yaml": "names: [car]\n"}),
    "dataset.yaml": ("images/{n}.jpg", "labels/{n}.txt", {"dataset.yaml": "names: [car]\n"}),
    "a yaml of any name": ("images/train/{n}.jpg", "labels/train/{n}.txt", {"my cars.yml": "names: {0: car}\n"}),
    "Roboflow": ("train/images/{n}.jpg", "train/labels/{n}.txt", {"data.yaml": "names: [car]\ntrain: ../train/images"}),
    "Roboflow darknet": ("train/{n}.jpg", "train/{n}.txt", {"train/_darknet.labels": "car\n"}),
    "pictures above the labels": ("train/{n}.jpg", "labels/train/{n}.txt", {"data.yaml": "names: [car]\n"}),
    "capitals": ("Images/Train/{n}.JPG", "Labels/Train/{n}.txt", {"Data.yaml": "names: [car]\n"}),
    "JPEGImages": ("VOC2007/JPEGImages/{n}.jpg", "VOC2007/labels/{n}.txt", {"voc.names": "car\n"}),
    "in a folder of its own": ("my set/images/{n}.jpg", "my set/labels/{n}.txt", {"my set/data.yaml": "names: [car]"}),
    "obj_train_data alone": ("obj_train_data/{n}.png", "obj_train_data/{n}.txt", {"obj.names": "car\n"}),
}


@pytest.mark.parametrize("layout", YOLO_LAYOUTS)
def test_a_text_of_numbers_for_each_picture_is_yolo_in_any_layout(folder_of, layout):
    image, text, more = YOLO_LAYOUTS[layout]
    files = {image.format(n=n): None for n in "ab"} | {text.format(n=n): YOLO for n in "ab"} | more
    source = read(folder_of(files))
    assert (source.format, source.classes) == ("yolo", ("car",))
    assert [b for _, b in sorted(boxes(source).items())] == [[("car", *SHARES[0])]] * 2


VOC_LAYOUTS = {
    "as published": ("JPEGImages/{n}.jpg", "Annotations/{n}.xml"),
    "small letters": ("images/{n}.jpg", "annotations/{n}.xml"),
    "Oxford pets": ("images/{n}.jpg", "annotations/xmls/{n}.xml"),
    "beside the pictures": ("{n}.jpg", "{n}.xml"),
    "beside the pictures, in a split": ("train/{n}.jpg", "train/{n}.xml"),
    "nested": ("VOCdevkit/VOC2012/JPEGImages/{n}.jpg", "VOCdevkit/VOC2012/Annotations/{n}.xml"),
    "capitals": ("IMAGES/{n}.JPG", "ANNOTATIONS/{n}.XML"),
    "folders of other names": ("photos/{n}.jpg", "marks/{n}.xml"),
    "split above": ("train/images/{n}.jpg", "train/annotations/{n}.xml"),
    "split below": ("images/train/{n}.jpg", "annotations/train/{n}.xml"),
    "labels of two kinds of folder": ("data/img/{n}.png", "data/label_xml/{n}.xml"),
}


@pytest.mark.parametrize("layout", VOC_LAYOUTS)
def test_an_xml_for_each_picture_is_voc_in_any_layout(folder_of, layout):
    image, xml = VOC_LAYOUTS[layout]
    files = {image.format(n=n): None for n in "ab"} | {xml.format(n=n): voc_of() for n in "ab"}
    source = read(folder_of(files))
    assert (source.format, source.classes) == ("voc", ("car",))
    assert [b for _, b in sorted(boxes(source).items())] == [[("car", 10, 10, 20, 15)]] * 2


def test_an_xml_of_another_name_is_paired_by_the_file_that_it_names(folder_of):
    source = read(folder_of({"images/a.jpg": None, "annotations/0001.xml": voc_of(filename="C:\\x\\a.jpg")}))
    assert source.format == "voc" and boxes(source) == {"a.jpg": [("car", 10, 10, 20, 15)]}


COCO_LAYOUTS = {
    "as published": ("images/{n}.jpg", "annotations/instances.json"),
    "Roboflow": ("train/{n}.jpg", "train/_annotations.coco.json"),
    "folders of other names": ("shots/{n}.jpg", "marks/all.json"),
    "beside": ("{n}.jpg", "labels.json"),
    "CVAT": ("images/default/{n}.jpg", "annotations/instances_default.json"),
    "capitals": ("IMG/{n}.JPG", "Annotations/A.json"),
}


@pytest.mark.parametrize("layout", COCO_LAYOUTS)
def test_a_json_with_images_and_annotations_is_coco_in_any_layout(folder_of, layout):
    image, file = COCO_LAYOUTS[layout]
    names = [image.format(n=n) for n in "ab"]
    source = read(folder_of({n: None for n in names} | {file: coco_of(*(n.rpartition("/")[2] for n in names))}))
    assert (source.format, source.classes) == ("coco", ("cat",))
    assert [b for _, b in sorted(boxes(source).items())] == [[("cat", 5, 5, 20, 10)]] * 2


@pytest.mark.parametrize("folder", ["images", "data", "JPEGImages", "obj_train_data", "Annotations", "img", "masks"])
def test_a_folder_that_says_what_lies_in_it_is_never_a_class(folder_of, folder):
    source = read(folder_of({f"{folder}/a.jpg": None, f"{folder}/b.jpg": None}))
    assert (source.format, source.classes, source.task, source.total) == ("pictures", (), "none", 2)


@pytest.mark.parametrize(
    "layout",
    [
        "train/{c}/{n}.jpg",
        "data/train/images/{c}/{n}.jpg",
        "{c}/images/{n}.jpg",
        "set/seg_train/seg_train/{c}/{n}.jpg",
        "training_set/training_set/{c}/{n}.jpg",
        "images/{c}/{n}.jpg",
        "a/b/c/d/{c}/{n}.jpg",
    ],
)
def test_classes_are_the_innermost_folders_that_name_something(folder_of, layout):
    source = read(folder_of({layout.format(c=c, n=n): None for c in ("cat", "dog") for n in "ab"}))
    assert (source.format, source.classes) == ("image_folder", ("cat", "dog"))
    assert all(f"/{r.label}/" in f"/{r.uri}" for r in source.records())
    assert {r.role for r in source.records()} == {"train" if "train" in layout else ""}


def test_folders_within_a_class_are_no_classes_of_their_own(folder_of):
    source = read(folder_of({"cat/1.jpg": None, "dog/1.jpg": None, "dog/puppies/2.jpg": None}))
    assert source.classes == ("cat", "dog") and [r.label for r in source.records()] == ["cat", "dog", "dog"]


def test_a_class_may_be_called_mask_or_train(folder_of):
    assert read(folder_of({"mask/1.jpg": None, "no_mask/1.jpg": None}, "a")).classes == ("mask", "no_mask")
    assert read(folder_of({"bus/1.jpg": None, "car/1.jpg": None, "train/1.jpg": None}, "b")).classes == (
        "bus",
        "car",
        "train",
    )


def test_annotations_in_two_formats_ask_and_say_why(folder_of):
    folder = folder_of(
        {"images/a.jpg": None, "labels/a.txt": YOLO, "data.yaml": "names: [car]", "coco.json": coco_of("a.jpg")}
    )
    with pytest.raises(BadInput) as e:
        read(folder)
    said = str(e.value)
    assert "can be read as coco or as yolo" in said
    assert "--format coco: coco.json has images" in said and "--format yolo: 1 .txt, with lines" in said
    assert read(folder, "coco").classes == ("cat",) and read(folder, "yolo").classes == ("car",)


def test_captions_beside_the_pictures_are_no_yolo_labels(folder_of):
    """Texts of diffusion training sets: a sentence, though a digit may stand first."""
    folder = folder_of({"cat/a.jpg": None, "cat/a.txt": "3 cats on a sofa", "dog/b.jpg": None, "dog/b.txt": "a dog"})
    assert read(folder).format == "image_folder"


def test_a_folder_with_an_archive_says_to_name_the_archive(folder_of):
    with pytest.raises(BadInput, match=r"It holds the archive set\.tar\.xz, which is read when it is named itself"):
        read(folder_of({"LICENSE": "free", "set.tar.xz": "x"}))


def test_a_format_of_another_package_takes_part_with_its_own_evidence(folder_of, tmp_path, monkeypatch):
    install(
        tmp_path / "site",
        "acme-veml",
        {
            "acme_veml.py": (
                "from veml_lab.formats import Format, read_pictures\n"
                "from veml_lab.sources.clues import Evidence\n"
                "def evidence(clues):\n"
                "    found = clues.ending('.acme')\n"
                "    return Evidence(0.9, f'{found[0]} is of Acme') if found else None\n"
                "def read(path, *, strict=False):\n"
                "    return read_pictures(path, strict=strict)\n"
                "FORMAT = Format('acme', 'acme_veml:read', '*.acme', 'acme_veml:evidence')\n"
            )
        },
        {"formats": {"acme": "acme_veml:FORMAT"}},
    )
    folder = folder_of({"cat/1.jpg": None, "dog/2.jpg": None, "notes.acme": "x"})
    assert read(folder).format == "image_folder"
    monkeypatch.syspath_prepend(tmp_path / "site")
    assert "acme" in FORMATS and read(folder).format == "pictures" and read(folder, "acme", strict=True).total == 2


def test_a_line_of_numbers_in_a_text_of_words_makes_no_labels(folder_of):
    words = "a cat\nna sofa\nin the sun\n" + YOLO
    assert read(folder_of({"cat/a.jpg": None, "cat/a.txt": words, "dog/b.jpg": None})).format == "image_folder"


def test_train_and_test_beside_a_class_are_splits_without_classes(folder_of):
    source = read(
        folder_of({"train/1.jpg": None, "test/2.jpg": None} | {f"cat/{i}.jpg": None for i in range(5)}), "image_folder"
    )
    assert source.classes == ("cat",)


def test_a_label_file_beside_its_picture_means_that_one(folder_of):
    source = read(folder_of({"images/a.jpg": None, "rgb/a.jpg": None, "rgb/a.txt": YOLO, "classes.txt": "car\n"}))
    assert {r.uri: len(r.boxes) for r in source.records()} == {"images/a.jpg": 0, "rgb/a.jpg": 1}

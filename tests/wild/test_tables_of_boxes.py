"""Open Images, VisDrone and WIDER FACE as they are published, as people keep parts of them, and as other tools write
them."""

import pytest
from wild_files import picture

from veml_lab.formats import read

HEAD = "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside"
ROW = "{id},xclick,/m/01g317,1,0.25,0.5,0.125,0.75,1,0,-1,0,0"
NAMES = '/m/01g317,Person\n/m/0k4j,Car\n/m/0bt9lr,"Dog, wild"\n'


def seen(source):
    return {
        r.uri.rpartition("/")[2]: (r.role, [(b.label, b.x, b.y, b.w, b.h) for b in r.boxes]) for r in source.records()
    }


OPEN_IMAGES = {
    "as published": ("train/{id}.jpg", "train-annotations-bbox.csv", "class-descriptions-boxable.csv", NAMES),
    "V6": ("images/{id}.jpg", "oidv6-train-annotations-bbox.csv", "oidv6-class-descriptions.csv",
           "LabelName,DisplayName\n" + NAMES),
    "FiftyOne": ("train/data/{id}.jpg", "train/labels/detections.csv", "train/metadata/classes.csv", NAMES),
    "with the marks of a spreadsheet":
        ("train/{id}.JPG", "train-annotations-bbox.csv", "class-descriptions.csv", NAMES),
}  # fmt: skip


@pytest.mark.parametrize("layout", OPEN_IMAGES)
def test_open_images_boxes_come_in_pixels_with_names_and_roles(folder_of, layout):
    image, table, names, listed = OPEN_IMAGES[layout]
    rows = [HEAD, ROW.format(id="b"), ROW.format(id="a"), ROW.format(id="gone"),
            "b,activemil,/m/0bt9lr,0.5,0,1,0,1,-1,-1,-1,-1,-1"]  # fmt: skip
    text = "\n".join(rows) + "\n"
    if "spreadsheet" in layout:
        text = "\ufeff" + text.replace("\n", "\r\n")
    source = read(folder_of({image.format(id=i): None for i in "ab"} | {table: text, names: listed}))
    assert (source.format, source.classes, source.total) == ("open_images", ("Person", "Dog, wild"), 2)
    person = ("Person", 16, 6, 16, 30)
    end = image.rpartition(".")[2]
    assert seen(source) == {
        f"a.{end}": ("train", [person]),
        f"b.{end}": ("train", [person, ("Dog, wild", 0, 0, 64, 48)]),
    }
    one, two = next(r for r in source.records() if r.uri.endswith(f"b.{end}")).boxes
    assert one.attributes == {"IsOccluded": 1, "IsTruncated": 0, "IsDepiction": 0, "IsInside": 0}
    assert two.attributes == {"Confidence": 0.5}
    assert source.findings() == []
    assert source.note == f"1 rows of {table} are of pictures that are not there"  # of a set that was fetched in part


def test_open_images_splits_are_those_of_their_tables_and_bad_rows_stop_nothing(folder_of):
    files = {f"data/{i}.jpg": None for i in "ab"}
    files["train-annotations-bbox.csv"] = (
        f"{HEAD}\n{ROW.format(id='a')}\na,x,/m/1,1,0.5,0.5,0,1,0,0,0,0,0\na,x,/m/1,1,u\n"
    )
    files["validation-annotations-bbox.csv"] = f"{HEAD}\n{ROW.format(id='b')}\n"
    source = read(folder_of(files))
    # without a table of names the classes are their codes
    assert seen(source) == {
        "a.jpg": ("train", [("/m/01g317", 16, 6, 16, 30)]),
        "b.jpg": ("test", [("/m/01g317", 16, 6, 16, 30)]),
    }
    assert [line.partition("bbox.csv, ")[2].partition(":")[0] for line in source.findings()] == ["line 3", "line 4"]


def test_open_images_in_an_archive(folder_of, tmp_path):
    import tarfile

    root = folder_of({"train/a.jpg": None, "train-annotations-bbox.csv": f"{HEAD}\n{ROW.format(id='a')}\n"})
    with tarfile.open(tmp_path / "set.tar", "w") as tar:
        tar.add(root, "set")
    assert seen(read(tmp_path / "set.tar")) == seen(read(root))


VISDRONE = "10,20,30,15,1,4,0,1,\n5,5,10,10,1,1,1,2\n0,0,64,48,0,0,0,0\n"


def test_visdrone_pictures_of_several_folders(folder_of):
    files = {}
    for split in ("train", "val"):
        top = f"VisDrone2019-DET-{split}"
        files |= {f"{top}/images/0000{split}.jpg": None, f"{top}/annotations/0000{split}.txt": VISDRONE}
    source = read(folder_of(files))
    assert source.format == "visdrone" and len(source.classes) == 11 and source.classes[3] == "car"
    want = [("car", 10, 20, 30, 15), ("pedestrian", 5, 5, 10, 10)]
    assert seen(source) == {"0000train.jpg": ("train", want), "0000val.jpg": ("test", want)}
    assert next(source.records()).boxes[0].attributes == {"truncation": 0, "occlusion": 1}


def test_regions_that_visdrone_does_not_evaluate_are_kept_on_demand(folder_of):
    root = folder_of(
        {"images/a.jpg": None, "annotations/a.txt": VISDRONE + "1,1,5,5,1,12,0,0\n1,1,5,5,1\n1,1,5,0,1,1,0,0\n"}
    )
    assert len(next(read(root).records()).boxes) == 2
    source = read(root, ignored=True)
    assert [b.label for b in next(source.records()).boxes] == ["car", "pedestrian", "ignored regions"]
    assert len(source.findings()) == 3 and any("category 12; VisDrone has 0 to 11" in f for f in source.findings())


def test_a_video_of_visdrone_has_one_text_for_all_frames(folder_of):
    files = {f"sequences/uav1/000000{k}.jpg": None for k in (1, 2)}
    files["annotations/uav1.txt"] = "1,7,10,20,30,15,1,4,0,1\n2,7,11,20,30,15,0,4,0,1\n3,7,1,1,5,5,1,4,0,0\n"
    source = read(folder_of(files))
    first, second = source.records()
    assert (first.columns, second.columns) == ({"video": "uav1", "frame": 1}, {"video": "uav1", "frame": 2})
    assert first.boxes[0].attributes == {"truncation": 0, "occlusion": 1, "track": 7}
    assert second.boxes[0].attributes["score"] == 0 and second.boxes[0].x == 11
    assert len(source.findings()) == 1 and "the frame 3 is not there" in source.findings()[0]


WIDER = (
    "0--Parade/0_Parade_a_1.jpg\n2\n10 12 20 16 2 0 0 0 1 0 \n30 5 0 7 0 0 0 1 0 0 \n"
    "0--Parade/0_Parade_b_2.jpg\n0\n0 0 0 0 0 0 0 0 0 0 \n"
)


def wider(split: str = "train", top: str = "WIDER_{s}/images/") -> dict:
    files = {top.format(s=split) + f"0--Parade/0_Parade_{x}.jpg": None for x in ("a_1", "b_2")}
    return files | {f"wider_face_split/wider_face_{split}_bbx_gt.txt": WIDER}


def test_wider_face_as_published(folder_of):
    source = read(
        folder_of(
            wider()
            | wider("val")
            | {"WIDER_test/images/1--X/c.jpg": None, "wider_face_split/wider_face_test_filelist.txt": "1--X/c.jpg\n"}
        )
    )
    assert (source.format, source.classes, source.total) == ("wider_face", ("face",), 4)
    by_name = {r.uri: r for r in source.records()}
    first = by_name["WIDER_train/images/0--Parade/0_Parade_a_1.jpg"]
    assert [(b.x, b.y, b.w, b.h) for b in first.boxes] == [(10, 12, 20, 16)] and first.columns == {"event": "0--Parade"}
    assert first.boxes[0].attributes == {"blur": 2, "expression": 0, "illumination": 0, "invalid": 0, "occlusion": 1,
                                         "pose": 0}  # fmt: skip
    assert by_name["WIDER_val/images/0--Parade/0_Parade_b_2.jpg"].boxes == ()
    assert {uri.split("/")[0]: r.role for uri, r in by_name.items()} == {"WIDER_train": "train", "WIDER_val": "test"}
    assert len(source.findings()) == 2 and "0 x 7 pixels" in source.findings()[0]


def test_torchvision_sees_the_same_faces(folder_of, monkeypatch):
    from torchvision.datasets import WIDERFace

    # it asks for the published archives beside the folders; what is read after that is its own
    monkeypatch.setattr(WIDERFace, "_check_integrity", lambda self: True)
    root = folder_of({f"widerface/{n}": c for n, c in (wider() | wider("val")).items()})
    for split, role in (("train", "train"), ("val", "test")):
        theirs = WIDERFace(str(root), split=split)
        found = {r.uri.rpartition("/")[2]: r for r in read(root).records() if r.role == role}
        for i in range(len(theirs)):
            boxes = theirs[i][1]["bbox"].tolist()
            ours = found[theirs.img_info[i]["img_path"].rpartition("/")[2]].boxes
            # they keep the box without an extent, and the line of zeros of a picture without faces
            assert [list(map(int, (b.x, b.y, b.w, b.h))) for b in ours] == [b for b in boxes if b[2] and b[3]]


def test_wider_face_in_flat_folders_and_with_a_wrong_number_of_faces(folder_of):
    files = {"images/0_Parade_a_1.jpg": picture(1, format="JPEG"), "images/0_Parade_b_2.jpg": None}
    files["wider_face_train_bbx_gt.txt"] = WIDER.replace("\n2\n", "\n5\n").replace(
        "0_Parade_b_2.jpg\n0\n", "gone.jpg\n0\n"
    )
    source = read(folder_of(files))
    assert seen(source) == {"0_Parade_a_1.jpg": ("train", [("face", 10, 12, 20, 16)])}
    assert any("gone.jpg" in line for line in source.findings())


def test_the_table_says_the_split_whatever_the_folder_is_called(folder_of):
    files = {"train/a.jpg": None, "validation-annotations-bbox.csv": f"{HEAD}\n{ROW.format(id='a')}\n"}
    assert {r.role for r in read(folder_of(files)).records()} == {"test"}

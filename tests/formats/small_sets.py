"""A small set of every format of the registry, with whatever the format holds."""

import io
import json
from pathlib import Path

import numpy as np
from PIL import Image

from veml_lab.formats import Box, Caption, Keypoints, Mask, Record, Series, Source, Target, write
from veml_lab.sources.outlines import rle_of


def png(seed: int, mode: str = "RGB", size: tuple[int, int] = (32, 32)) -> bytes:
    shape = (*size[::-1], 3) if mode == "RGB" else size[::-1]
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, shape, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def marked(**parts) -> Source:
    records = [
        Record(
            f"{i}.png",
            png(i),
            32,
            32,
            role,
            columns={"city": "bonn", "sequence": 1, "frame": i, "weather": "fog"},
            **parts,
        )
        for i, role in enumerate(["train", "test"])
    ]
    return Source(
        "made",
        "made",
        "none",
        ("car", "dog"),
        lambda: iter(records),
        2,
        "f",
        about={"keypoints": {"dog": {"names": ["nose", "tail"], "skeleton": [[1, 2]]}}},
    )


BOX, RING = Box("car", 1, 2, 10, 8, {}, 0), Mask("car", ((1.0, 2.0, 11.0, 2.0, 11.0, 10.0),), None, 0)
RLE = Mask("dog", (), rle_of(np.tri(32, dtype=np.uint8)))
POSE = Keypoints("dog", ((3.0, 4.0, 2), (9.0, 9.0, 1)))


def labelled(mode: str = "RGB") -> Source:
    records = [
        Record(f"{i}.png", png(i, mode), 32, 32, ("train", "test")[i % 2], ("cat", "dog")[i // 2]) for i in range(4)
    ]
    return Source("made", "made", "classification", ("cat", "dog"), lambda: iter(records), 4, "f")


def panoptic(folder: Path) -> None:
    (folder / "annotations" / "panoptic_val").mkdir(parents=True)
    (folder / "val").mkdir()
    (folder / "val" / "1.jpg").write_bytes(png(1))
    ids = np.zeros((32, 32, 3), np.uint8)
    ids[4:9, 4:9, 0] = 9
    Image.fromarray(ids).save(folder / "annotations" / "panoptic_val" / "1.png")
    segments = [{"id": 9, "category_id": 1, "bbox": [4, 4, 5, 5], "area": 25, "iscrowd": 0}]
    content = {
        "images": [{"id": 1, "file_name": "1.jpg", "width": 32, "height": 32}],
        "annotations": [{"image_id": 1, "file_name": "1.png", "segments_info": segments}],
        "categories": [{"id": 1, "name": "car", "isthing": 1}],
    }
    (folder / "annotations" / "panoptic_val.json").write_text(json.dumps(content))


def masks(folder: Path) -> None:
    values = np.zeros((32, 32), np.uint8)
    values[4:9, 4:9] = 1
    for sub, data in (("JPEGImages", png(1)), ("SegmentationClass", None), ("SegmentationObject", None)):
        (folder / sub).mkdir(parents=True)
        if data is None:
            Image.fromarray(values).save(folder / sub / "a.png")
        else:
            (folder / sub / "a.png").write_bytes(data)
    (folder / "classes.txt").write_text("background\ncar\n")


def map_txt(folder: Path) -> None:
    for sub, file, content in (
        ("ground-truth", "a.txt", b"traffic light 2 3 12 10 difficult\ncar 1 1 9 9\n"),
        ("images", "a.png", png(1)),
    ):
        (folder / sub).mkdir(parents=True)
        (folder / sub / file).write_bytes(content)


def picture_table(folder: Path) -> None:
    folder.mkdir()
    for i in range(4):
        (folder / f"{i}.png").write_bytes(png(i))
    (folder / "labels.csv").write_text(
        "file,split,label,lux\n0.png,train,cat,1\n1.png,train,dog,2\n2.png,test,cat,3\n3.png,test,dog,4.5\n"
    )


def video(folder: Path) -> None:
    from test_video import make

    folder.mkdir()
    make(folder / "a.mp4", 6)


def sensors() -> Source:
    values = np.random.default_rng(1).random((48, 3, 1)).astype(np.float32)
    series = Series(values, ("a", "b", "c"), ("speed",), 4, 4, np.eye(3, dtype=np.float32))
    return Source("made", "made", "forecasting", (), lambda: iter(()), None, "f", series=series)


def rows() -> Source:
    records = [
        Record(
            f"{i}",
            b"",
            0,
            0,
            "train",
            ("cat", "dog")[i % 2],
            columns={"a": i, "b": 0.5 * i, "c": "x"},
            kind="row",
            targets=(Target("t", i / 3),),
        )
        for i in range(9)
    ]
    return Source("made", "made", "classification", ("cat", "dog"), lambda: iter(records), 9, "f")


def pool(folder: Path) -> None:
    (folder / "images").mkdir(parents=True)
    for i, r in enumerate(labelled().records()):
        (folder / "images" / f"{i}.jpg").write_bytes(r.image)
    (folder / "train.txt").write_text("0.jpg\n1.jpg\n")


FULL = {"boxes": (BOX,), "masks": (RING, RLE), "keypoints": (POSE,), "captions": (Caption("a dog"),)}
MAKERS = {
    "bdd100k": lambda: marked(boxes=(BOX,), masks=(RING, RLE)),
    "cifar": labelled,
    "cityscapes": lambda: marked(masks=(Mask("car", RING.polygons),)),
    "coco": lambda: marked(**FULL),
    "coco_panoptic": panoptic,
    "croissant": labelled,
    "cvat": lambda: marked(boxes=(BOX,), masks=(RING, RLE), keypoints=(POSE,), label="dog"),
    "documents": lambda: marked(**FULL),
    "fiftyone": lambda: marked(boxes=(Box("car", 1, 2, 10, 8, {"confidence": 0.5}),)),
    "huggingface": labelled,
    "idx": lambda: labelled("L"),
    "image_folder": labelled,
    "kitti": lambda: marked(boxes=(Box("car", 1, 2, 10, 8, {"truncated": 0.5, "occluded": 1, "alpha": 1.5}),)),
    "label_studio": lambda: marked(boxes=(BOX,), masks=(RING, RLE), captions=(Caption("a dog"),), label="dog"),
    "labelme": lambda: marked(boxes=(BOX,), masks=(RING, RLE)),
    "map_txt": map_txt,
    "masks": masks,
    "open_images": {
        "train/a.png": png(1),
        "train-annotations-bbox.csv": (
            "ImageID,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded\na,/m/1,1,0.1,0.5,0,1,0\n"
        ),
        "class-descriptions.csv": '/m/1,"Dog, wild"\n',
    },
    "picture_table": picture_table,
    "pictures": pool,
    "sensors": sensors,
    "supervisely": lambda: marked(boxes=(BOX,), masks=(RING, RLE)),
    "table": rows,
    "via": {
        "a.png": png(1),
        "via.json": json.dumps(
            {
                "a.png1": {
                    "filename": "a.png",
                    "regions": [
                        {
                            "shape_attributes": {"name": "rect", "x": 1, "y": 2, "width": 10, "height": 8},
                            "region_attributes": {"class": "car", "colour": "red"},
                        },
                        {
                            "shape_attributes": {
                                "name": "polygon",
                                "all_points_x": [1, 9, 1],
                                "all_points_y": [1, 1, 9],
                            },
                            "region_attributes": {"class": "dog"},
                        },
                    ],
                    "file_attributes": {"lux": 3},
                }
            }
        ),
    },
    "video": video,
    "visdrone": {"images/a.png": png(1), "annotations/a.txt": "1,2,10,8,1,4,0,1,\n0,0,9,9,0,0,0,0\n"},
    "voc": lambda: marked(boxes=(Box("car", 1, 2, 10, 8, {"truncated": 1, "note": "a"}),)),
    "webdataset": lambda: marked(**FULL),
    "wider_face": {
        "WIDER_train/images/0--X/a.png": png(1),
        "wider_face_split/wider_face_train_bbx_gt.txt": "0--X/a.png\n1\n1 2 10 8 0 0 0 0 1 0\n",
    },
    "yolo": lambda: marked(boxes=(BOX,), masks=(RING,)),
}


def made(format: str, folder: Path) -> Path:
    maker = MAKERS[format]
    if isinstance(maker, dict):
        for name, content in maker.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    elif maker in (masks, panoptic, map_txt, picture_table, pool, video):
        maker(folder)
    else:
        write(maker(), folder, format)
    return folder

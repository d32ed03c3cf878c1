"""Bytes changed at random in small sets of every format: a VemlError or a good reading, nothing else."""

import io
import json
import tarfile
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from veml_lab.errors import VemlError
from veml_lab.formats import (
    FORMATS,
    Box,
    Caption,
    Keypoints,
    Mask,
    Record,
    Series,
    Source,
    Target,
    read,
    write,
)
from veml_lab.sources.decoder import size_of
from veml_lab.sources.images import is_image
from veml_lab.sources.outlines import rle_of


def mutate(data: bytes, rng: np.random.Generator) -> bytes:
    """Change bits, cut, double or blank a piece; small changes are the likeliest."""
    b = bytearray(data)
    for _ in range(int(rng.integers(1, 4))):
        if not b:
            break
        at = int(rng.integers(len(b)))
        way = rng.integers(6)
        if way < 2:
            b[at] ^= 1 << int(rng.integers(8))
        elif way == 2:
            b[at] = int(rng.integers(256))
        elif way == 3:
            del b[at:]
        elif way == 4:
            b[at:at] = b[at : at + int(rng.integers(1, 40))]
        else:
            b[at : at + 4] = b"\xff\xff\xff\xff"
    return bytes(b)


def attack(path, file, format, rounds, seed):
    """Mutate one file of a set again and again; gives how many readings were refused."""
    rng, whole, refused = np.random.default_rng(seed), file.read_bytes(), 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(rounds):
            file.write_bytes(mutate(whole, rng))
            refused += reading(path, format)
    file.write_bytes(whole)
    return refused


def reading(path, format) -> bool:
    """Read all of a set: True if it was refused; what is read is sound."""
    try:
        source = read(path, format)
        for r in source.records():
            assert r.kind in ("row", "window") or (r.width > 0 and r.height > 0)
            for b in r.boxes:
                assert (
                    np.isfinite([b.x, b.y, b.w, b.h]).all()
                    and b.w > 0
                    and b.h > 0
                    and b.x + b.w <= r.width + 1e-3
                    and b.y + b.h <= r.height + 1e-3
                )
            for m in r.masks:
                assert (
                    m.rle[:2] == (r.height, r.width)
                    if m.rle
                    else all(np.isfinite(p).all() and len(p) >= 6 for p in m.polygons)
                )
            for k in r.keypoints:
                assert np.isfinite(k.points).all() and {v for _, _, v in k.points} <= {0, 1, 2}
            assert {s.label for s in (*r.boxes, *r.masks, *r.keypoints)} <= set(source.classes)
        source.findings()
    except VemlError as e:
        assert len(str(e)) > 20
        return True
    return False


# A small set of every format of the registry, with whatever the format holds.


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
    "table": rows,
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
    elif maker in (panoptic, map_txt, picture_table, pool, video):
        maker(folder)
    else:
        write(maker(), folder, format)
    return folder


def test_every_format_of_the_registry_is_attacked():
    assert set(FORMATS) - {"road_world"} <= set(MAKERS)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("format", sorted(set(FORMATS) & set(MAKERS)))
def test_a_changed_file_is_refused_or_read_and_nothing_else(format, tmp_path):
    root = made(format, tmp_path / "set")
    assert not reading(root, format)
    notes = [f for f in sorted(root.rglob("*")) if f.is_file() and (not is_image(f.name) or "panoptic" in str(f))]
    assert notes or format == "image_folder"
    rounds = max(8, 150 // max(1, len(notes)))
    refused = sum(attack(root, f, format, rounds if f.stat().st_size < 20_000 else 12, i) for i, f in enumerate(notes))
    # a format of plain lines reads on where it can
    assert refused or format in ("image_folder", "map_txt", "kitti", "pictures", "yolo", "video")


@pytest.mark.timeout(120)
@pytest.mark.parametrize("format", sorted(set(FORMATS) & set(MAKERS)))
def test_a_file_that_is_gone_or_empty_is_refused_or_left_out(format, tmp_path):
    root = made(format, tmp_path / "set")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for file in [f for f in sorted(root.rglob("*")) if f.is_file()]:
            whole = file.read_bytes()
            for content in (
                None,
                b"",
                b"\x00" * 64,
                b"\xff\xfe" + whole[: len(whole) // 2],
                b"[" * 5000,
                b"<a>" * 5000,
                b"{}",
                b"[]",
                b"null",
            ):
                file.unlink(missing_ok=True)
                if content is not None:
                    file.write_bytes(content)
                reading(root, format)
            file.write_bytes(whole)
        assert not reading(root, format)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("kind", ["images", "labels"])
def test_idx(idx_folder, packed, kind):
    folder, _, _ = idx_folder(packed)
    assert attack(folder, next(folder.glob(f"train-{kind}*")), "idx", 120, 1) > 20


@pytest.mark.timeout(60)
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "BMP"])
def test_pictures(picture, format):
    rng, whole, refused = np.random.default_rng(4), picture(1, format=format), 0
    for _ in range(250):
        try:
            width, height = size_of(mutate(whole, rng), "x")
            assert width > 0 and height > 0
        except VemlError:
            refused += 1
    assert refused > 20


@pytest.mark.timeout(60)
@pytest.mark.parametrize("end", ["", ".gz", ".xz"])
def test_archives(class_folder, tmp_path, end):
    path = tmp_path / f"pets.tar{end}"
    with tarfile.open(path, f"w:{end[1:]}") as t:
        t.add(class_folder, arcname=".")
    assert attack(path, path, "image_folder", 60, 5) > 5


@pytest.mark.timeout(60)
def test_zip(class_folder, tmp_path):
    import zipfile

    path = tmp_path / "pets.zip"
    with zipfile.ZipFile(path, "w") as z:
        for file in class_folder.rglob("*.jpg"):
            z.write(file, file.relative_to(class_folder))
    assert attack(path, path, "image_folder", 80, 6) > 20


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text",
    [b"\xff\xfe\x00bad", b"Car " * 3, b"1e400 " * 15, b"\x00" * 400, b"Car " + b"9" * 5000 + b" 1" * 13],
)
def test_lines_of_kitti_and_yolo(tmp_path, picture, text):
    for images, labels, format in (("image_2", "label_2", "kitti"), ("images", "labels", "yolo")):
        for sub in (images, labels):
            (tmp_path / format / sub).mkdir(parents=True)
        (tmp_path / format / images / "0.jpg").write_bytes(picture())
        (tmp_path / format / labels / "0.txt").write_bytes(text)
        attack(tmp_path / format, tmp_path / format / labels / "0.txt", format, 10, 7)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                assert not next(read(tmp_path / format, format).records()).boxes
            except VemlError as e:
                assert "0.txt" in str(e)


def test_a_tar_of_random_bytes_is_refused(tmp_path):
    path = tmp_path / "x.tar"
    path.write_bytes(np.random.default_rng(8).bytes(20_000))
    with pytest.raises(VemlError, match="damaged"):
        read(path)

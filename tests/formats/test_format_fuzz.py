"""Bytes changed at random in small sets of every format: a VemlError or a good reading, nothing else."""

import tarfile
import warnings

import numpy as np
import pytest

from veml_lab.errors import VemlError
from veml_lab.formats import read
from veml_lab.formats.images import size_of


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
            try:
                for r in read(path, format).records():
                    assert r.width > 0 and all(
                        np.isfinite([b.x, b.y, b.w, b.h]).all() and b.w > 0 for b in r.boxes
                    )
            except VemlError as e:
                assert len(str(e)) > 20
                refused += 1
    file.write_bytes(whole)
    return refused


@pytest.mark.timeout(60)
@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("kind", ["images", "labels"])
def test_idx(idx_folder, packed, kind):
    folder, _, _ = idx_folder(packed)
    assert attack(folder, next(folder.glob(f"train-{kind}*")), "idx", 120, 1) > 20


@pytest.mark.timeout(60)
def test_voc(voc_folder):
    assert attack(voc_folder, voc_folder / "Annotations" / "a.xml", "voc", 200, 2) > 20


@pytest.mark.timeout(60)
def test_coco(coco_folder):
    assert attack(coco_folder, coco_folder / "annotations" / "instances_train.json", "coco", 200, 3) > 20


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

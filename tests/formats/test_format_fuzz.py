"""Bytes changed at random in small sets of every format: a VemlError or a good reading, nothing else."""

import tarfile
import warnings
from random import Random

import numpy as np
import pytest
from attacks import attack, damaged, mutate, put, reading, said_of, sound
from patience import PATIENCE_S
from small_sets import MAKERS, made

from veml_lab.errors import VemlError
from veml_lab.formats import FORMATS, read
from veml_lab.sources.decoder import size_of
from veml_lab.sources.images import is_image

MASKS = {"panoptic_val", "SegmentationClass", "SegmentationObject"}
INPUTS = 12  # of each format in the suite; by hand, scripts/fuzz_readers.py reads tens of thousands


def test_every_format_of_the_registry_is_attacked():
    assert set(FORMATS) - {"road_world", "labelformat"} <= set(MAKERS)


@pytest.mark.timeout(PATIENCE_S)
@pytest.mark.parametrize("format", sorted(set(FORMATS) & set(MAKERS)))
def test_a_changed_file_is_refused_or_read_and_nothing_else(format, tmp_path):
    root = made(format, tmp_path / "set")
    assert not reading(root, format)
    notes = [f for f in sorted(root.rglob("*")) if f.is_file() and (not is_image(f.name) or MASKS & set(f.parts))]
    assert notes or format == "image_folder"
    rounds = max(8, 150 // max(1, len(notes)))
    refused = sum(attack(root, f, format, rounds if f.stat().st_size < 20_000 else 12, i) for i, f in enumerate(notes))
    # a format of plain lines reads on where it can
    assert refused or format in ("image_folder", "map_txt", "kitti", "pictures", "yolo", "video")


@pytest.mark.timeout(PATIENCE_S)
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


@pytest.mark.timeout(PATIENCE_S)
@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("kind", ["images", "labels"])
def test_idx(idx_folder, packed, kind):
    folder, _, _ = idx_folder(packed)
    assert attack(folder, next(folder.glob(f"train-{kind}*")), "idx", 120, 1) > 20


@pytest.mark.timeout(PATIENCE_S)
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


@pytest.mark.timeout(PATIENCE_S)
@pytest.mark.parametrize("end", ["", ".gz", ".xz"])
def test_archives(class_folder, tmp_path, end):
    path = tmp_path / f"pets.tar{end}"
    with tarfile.open(path, f"w:{end[1:]}") as t:
        t.add(class_folder, arcname=".")
    assert attack(path, path, "image_folder", 60, 5) > 5


@pytest.mark.timeout(PATIENCE_S)
def test_zip(class_folder, tmp_path):
    import zipfile

    path = tmp_path / "pets.zip"
    with zipfile.ZipFile(path, "w") as z:
        for file in class_folder.rglob("*.jpg"):
            z.write(file, file.relative_to(class_folder))
    assert attack(path, path, "image_folder", 80, 6) > 20


@pytest.mark.timeout(PATIENCE_S)
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


@pytest.mark.timeout(PATIENCE_S)
@pytest.mark.parametrize("format", sorted(set(FORMATS) & set(MAKERS)))
def test_a_changed_value_is_refused_or_said_and_nothing_impossible_is_read(format, tmp_path):
    """The first inputs of scripts/fuzz_readers.py: values of JSON, XML, CSV and text, parts of them, bytes, files."""
    root = made(format, tmp_path / "set")
    files = {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = read(root, format)
        before, said = sound(whole), said_of(whole)
        for number in range(INPUTS):
            changed, kind = damaged(files, Random(f"0/{number}"))
            place = tmp_path / str(number)
            put(changed, place)
            try:
                source = read(place, format)
                came = sound(source)
            except VemlError as e:
                assert len(str(e)) > 20, number
            else:
                lost = kind == "value" and any(came[k] < before[k] for k in came)
                assert not lost or said_of(source) != said, f"input {number}: {before} became {came} without a word"

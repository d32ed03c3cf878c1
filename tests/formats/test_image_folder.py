"""Class folders: roles, classes and bytes as they lie, damaged pictures by their name."""

import io
import struct
import tarfile
import zlib

import pytest
from PIL import Image

from veml_lab.errors import BadData, MissingFile
from veml_lab.formats import read_image_folder
from veml_lab.sources.decoder import size_of
from veml_lab.sources.images import png_of_gray


def as_tar(folder, path):
    with tarfile.open(path, "w:xz") as t:
        t.add(folder, arcname=folder.name)
    return path


def test_folder_and_archive_give_the_same_records(class_folder, tmp_path):
    plain = read_image_folder(class_folder)
    packed = read_image_folder(as_tar(class_folder, tmp_path / "pets.tar.xz"))
    assert plain.classes == packed.classes == ("cat", "dog")
    ours = {r.image: (r.role, r.label, r.width, r.height) for r in plain.records()}
    assert ours == {r.image: (r.role, r.label, r.width, r.height) for r in packed.records()}
    assert len(ours) == plain.total == packed.total == 8
    for r in plain.records():
        assert r.uri == f"{r.role}/{r.label}/{r.uri[-5:]}" and r.path == str(class_folder / r.uri)
    assert all(r.path is None for r in packed.records())


def test_without_split_folders_there_is_no_role(class_folder):
    source = read_image_folder(class_folder / "train")
    assert {(r.role, r.label) for r in source.records()} == {("", "cat"), ("", "dog")}


def test_val_is_for_testing_and_keeps_its_split_beside_a_test_part(class_folder):
    (class_folder / "train").rename(class_folder / "val")
    of_val = [r for r in read_image_folder(class_folder).records() if r.uri.startswith("val")]
    assert {(r.role, r.columns.get("split")) for r in of_val} == {("test", "val")}
    (class_folder / "test").rename(class_folder / "train")
    records = list(read_image_folder(class_folder).records())
    assert {(r.role, r.columns.get("split")) for r in records} == {("test", None), ("train", None)}


def test_a_truncated_picture_is_named_with_its_path(class_folder):
    file = class_folder / "test" / "dog" / "1.jpg"
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(BadData, match=r"test/dog/1\.jpg is damaged or truncated"):
        list(read_image_folder(class_folder, strict=True).records())
    with pytest.warns(UserWarning, match=r"skipped 1 .*test/dog/1\.jpg is damaged or truncated"):
        assert len(list(read_image_folder(class_folder).records())) == 7
    assert len(list(read_image_folder(class_folder, verify=False).records())) == 8


@pytest.mark.parametrize("content", [b"", b"GIF89a....", b"<svg/>", b"\xff\xd8\xff"])
def test_what_is_no_picture_is_named(class_folder, content):
    (class_folder / "test" / "dog" / "1.jpg").write_bytes(content)
    with pytest.warns(UserWarning, match=r"test/dog/1\.jpg is (empty|no readable image)"):
        assert len(list(read_image_folder(class_folder).records())) == 7


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_head_with_a_billion_pixels_is_refused_before_decoding():
    head = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + head
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    idat = b"IDAT" + zlib.compress(bytes(1000))
    png += struct.pack(">I", len(idat) - 4) + idat + struct.pack(">I", zlib.crc32(idat))
    for size in ((40_000, 40_000), (12_000, 8_000)):
        png = png[:16] + struct.pack(">II", *size) + png[24:]
        png = png[:29] + struct.pack(">I", zlib.crc32(png[12:29])) + png[33:]
        with pytest.raises(BadData, match=r"x.png (is too large|says it is)"):
            size_of(png, "x.png")


def test_pictures_of_a_kind_that_is_not_read_are_told(class_folder):
    (class_folder / "test" / "dog" / "2.heic").write_bytes(b"ftyp")
    with pytest.warns(UserWarning, match=r"skipped 1 .*test/dog/2\.heic"):
        assert len(list(read_image_folder(class_folder).records())) == 8


def test_a_picture_outside_class_folders_is_a_finding_and_many_are_an_error(class_folder, picture):
    (class_folder / "train" / "lost.jpg").write_bytes(picture())
    source = read_image_folder(class_folder)
    with pytest.warns(UserWarning, match=r"skipped 1 .*train/lost\.jpg: lies in no class folder"):
        assert source.total == len(list(source.records())) == 8 and source.classes == ("cat", "dog")
    with pytest.raises(BadData, match=r"train/lost\.jpg: lies in no class folder"):
        read_image_folder(class_folder, strict=True)
    for i in range(8):
        (class_folder / f"{i}.jpg").write_bytes(picture(i))
    with pytest.raises(BadData, match="9 of its 17 pictures lie in no class folder"):
        read_image_folder(class_folder)


def test_class_folders_at_two_depths_keep_the_folders_above_as_a_column(class_folder, picture):
    (class_folder / "deep" / "er" / "cat").mkdir(parents=True)
    (class_folder / "deep" / "er" / "cat" / "1.jpg").write_bytes(picture())
    source = read_image_folder(class_folder)
    assert source.classes == ("cat", "dog")
    assert {(r.uri, r.label): r.columns for r in source.records()}["deep/er/cat/1.jpg", "cat"] == {"folder": "deep/er"}


def test_a_folder_without_pictures_is_missing_its_pictures(tmp_path):
    (tmp_path / "readme.txt").write_text("hello")
    with pytest.raises(MissingFile, match="no images"):
        read_image_folder(tmp_path)


def test_our_png_is_what_pillow_reads():
    import numpy as np

    pixels = np.random.default_rng(0).integers(0, 255, (7, 13), np.uint8)
    image = Image.open(io.BytesIO(png_of_gray(pixels)))
    np.testing.assert_array_equal(np.asarray(image), pixels)

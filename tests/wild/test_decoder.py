"""One decoder of pictures: whatever people's files are, every part of the workbench sees the same pixels.

Oracles: OpenCV (what ultralytics and mmdet train on), torchvision, the pixels that a picture was drawn with.
"""

from __future__ import annotations

import ast
import io
import json
import struct
import warnings
from pathlib import Path

import numpy as np
import pytest
from labs import ROOT, TINY
from PIL import Image, ImageDraw

import veml_lab as veml
from veml_lab.errors import BadData
from veml_lab.faces.pictures import thumbnail
from veml_lab.sources.decoder import decode, is_plain, look_at, numbers, pixels, size_of, tensor, upright_bytes
from veml_lab.sources.outlines import pixels_of, rle_of
from veml_lab.sources.source import Box, Keypoints, Mask
from veml_lab.sources.upright import turned
from veml_lab.versions.near import dhash

SIDEWAYS = (5, 6, 7, 8)
RED = (2, 20, 10, 18)  # x, y, w, h of the red field on the stored pixels


def saved(image: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def exif(orientation: int) -> Image.Exif:
    block = Image.Exif()
    block[0x0112] = orientation
    return block


def photo(orientation: int = 6, kind: str = "JPEG", size: tuple[int, int] = (80, 40), **options) -> bytes:
    """A grey picture with a red field, as a telephone stores it."""
    image = Image.new("RGB", size, "gray")
    x, y, w, h = RED
    ImageDraw.Draw(image).rectangle((x, y, x + w - 1, y + h - 1), fill="red")
    if kind == "JPEG":
        options |= {"quality": 95, "subsampling": 0}
    return saved(image, kind, exif=exif(orientation), **options)


def red_box(image: np.ndarray) -> tuple[int, int, int, int]:
    """x, y, w, h of what is red."""
    red = (image[..., 0] > 180) & (image[..., 1] < 90)
    ys, xs = np.flatnonzero(red.any(1)), np.flatnonzero(red.any(0))
    return int(xs[0]), int(ys[0]), int(xs[-1] - xs[0] + 1), int(ys[-1] - ys[0] + 1)


def opencv(data: bytes) -> np.ndarray:
    cv2 = pytest.importorskip("cv2")
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]


def noisy(size: tuple[int, int], seed: int = 0) -> Image.Image:
    """Blocks with a little noise, (width, height)."""
    rng = np.random.default_rng(seed)
    w, h = size
    blocks = np.kron(rng.integers(0, 255, (-(-h // 8), -(-w // 8), 3)), np.ones((8, 8, 1)))[:h, :w]
    return Image.fromarray((blocks + rng.normal(0, 6, blocks.shape)).clip(0, 255).astype(np.uint8))


def lab_of(folder: Path, *, name: str = "set", lab: str = "lab", **options):
    opened = veml.open(folder.parent / lab)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return opened.add(name, veml.read(folder, **options), progress=False)


# -- orientation -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_upright_as_opencv_has_it(orientation, kind):
    data = photo(orientation, kind, **({"lossless": True} if kind == "WEBP" else {}))
    ours, theirs = pixels(data, "p"), opencv(data)
    assert ours.shape == theirs.shape == ((80, 40, 3) if orientation in SIDEWAYS else (40, 80, 3))
    assert red_box(ours) == red_box(theirs)
    assert np.array_equal(tensor(data, "p").permute(1, 2, 0).numpy(), ours)
    assert size_of(data, "p") == size_of(data, "p", verify=False) == (ours.shape[1], ours.shape[0])
    assert look_at(data, "p").stored == (80, 40)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_annotations_of_the_stored_pixels_are_turned_with_them(orientation):
    data = photo(orientation, "PNG")
    look = look_at(data, "p")
    shown = red_box(pixels(data, "p"))
    box = turned(Box("red", *RED), look)
    assert (box.x, box.y, box.w, box.h) == shown
    x, y, w, h = RED
    stored = np.zeros((40, 80), bool)
    stored[y : y + h, x : x + w] = True
    mask = turned(Mask("red", (), rle_of(stored)), look)
    assert mask.rle is not None
    red = np.zeros(look.size[::-1], bool)
    red[shown[1] : shown[1] + shown[3], shown[0] : shown[0] + shown[2]] = True
    assert np.array_equal(pixels_of(mask.rle).astype(bool), red)
    ring = turned(Mask("red", ((x, y, x + w, y, x + w, y + h, x, y + h),)), look).polygons[0]
    assert (min(ring[0::2]), min(ring[1::2])) == shown[:2]
    # a corner of the field, so that a mirrored picture cannot pass
    corner = np.zeros((40, 80, 3), np.uint8)
    corner[y, x] = 255
    there = np.argwhere(pixels(saved(Image.fromarray(corner), "PNG", exif=exif(orientation)), "c")[..., 0])[0]
    middle = Keypoints("red", ((x + 0.5, y + 0.5, 2), (0, 0, 0)))  # of that pixel, and one that was not seen
    (px, py, seen), unseen = turned(middle, look).points
    assert (int(py), int(px), seen) == (*there, 2)
    assert unseen == (0, 0, 0)


def telephone_yolo(folder: Path) -> Path:
    (folder / "images/train").mkdir(parents=True)
    (folder / "labels/train").mkdir(parents=True)
    (folder / "images/train/p.jpg").write_bytes(photo())
    x, y, w, h = red_box(pixels(photo(), "p"))
    line = f"0 {(x + w / 2) / 40} {(y + h / 2) / 80} {w / 40} {h / 80}\n"
    (folder / "labels/train/p.txt").write_text(line)
    (folder / "data.yaml").write_text("train: images/train\nval: images/train\nnames: [red]\n")
    return folder


def telephone_coco(folder: Path, *, stored: bool, masks: bool = False) -> Path:
    """COCO of a telephone's picture; ``stored``: the size and the box are of the stored pixels."""
    (folder / "images").mkdir(parents=True)
    (folder / "images/p.jpg").write_bytes(photo())
    box = list(RED) if stored else list(red_box(pixels(photo(), "p")))
    w, h = (80, 40) if stored else (40, 80)
    mark = {"id": 1, "image_id": 1, "category_id": 1, "bbox": box, "area": box[2] * box[3], "iscrowd": 0}
    if masks:
        x, y, bw, bh = box
        mark["segmentation"] = [[x, y, x + bw, y, x + bw, y + bh, x, y + bh]]
    content = {
        "images": [{"id": 1, "file_name": "p.jpg", "width": w, "height": h}],
        "categories": [{"id": 1, "name": "red"}],
        "annotations": [mark],
    }
    (folder / "a.json").write_text(json.dumps(content))
    return folder


def telephone_voc(folder: Path, *, stored: bool) -> Path:
    (folder / "JPEGImages").mkdir(parents=True)
    (folder / "Annotations").mkdir()
    (folder / "JPEGImages/p.jpg").write_bytes(photo())
    x, y, w, h = RED if stored else red_box(pixels(photo(), "p"))
    size = (80, 40) if stored else (40, 80)
    (folder / "Annotations/p.xml").write_text(
        f"<annotation><filename>p.jpg</filename><size><width>{size[0]}</width><height>{size[1]}</height>"
        "<depth>3</depth></size><object><name>red</name><bndbox>"
        f"<xmin>{x + 1}</xmin><ymin>{y + 1}</ymin><xmax>{x + w}</xmax><ymax>{y + h}</ymax></bndbox>"
        "</object></annotation>"
    )
    return folder


TELEPHONES = {
    "yolo": telephone_yolo,
    "coco": lambda f: telephone_coco(f, stored=False),
    "coco of the stored pixels": lambda f: telephone_coco(f, stored=True),
    "outlines of the stored pixels": lambda f: telephone_coco(f, stored=True, masks=True),
    "voc": lambda f: telephone_voc(f, stored=False),
    "voc of the stored pixels": lambda f: telephone_voc(f, stored=True),
}


@pytest.mark.parametrize("make", TELEPHONES.values(), ids=TELEPHONES)
def test_boxes_of_a_telephones_picture_lie_where_red_is(make, tmp_path):
    v = lab_of(make(tmp_path / "set"))
    assert (v.samples["width"][0].as_py(), v.samples["height"][0].as_py()) == (40, 80)
    (boxes,) = v.annotations.of_kind("box").values()
    shown = red_box(np.asarray(v.images[0]))
    assert [boxes[0].x, boxes[0].y, boxes[0].w, boxes[0].h] == pytest.approx(shown, abs=1.01)
    image, target = v.to_torch()[0]
    assert image.shape == (3, 80, 40)
    x1, y1, x2, y2 = target["boxes"][0].tolist()
    assert [x1, y1, x2 - x1, y2 - y1] == pytest.approx(shown, abs=1.01)
    if v.task == "segmentation":
        mask = target["masks"][0].numpy()
        assert red_box(np.stack([mask * 255, mask * 0, mask * 0], -1)) == pytest.approx(shown, abs=1)


def test_a_size_that_is_neither_as_shown_nor_as_stored_is_a_finding(tmp_path):
    telephone_coco(tmp_path / "set", stored=False)
    text = (tmp_path / "set/a.json").read_text().replace('"width": 40', '"width": 44')
    (tmp_path / "set/a.json").write_text(text)
    v = lab_of(tmp_path / "set")
    assert v.history.import_report is not None and "44 x 80" in v.history.import_report["skipped"][0]


@pytest.mark.parametrize("format", ["coco", "yolo", "voc", "cvat", "label_studio", "huggingface", "documents"])
def test_an_export_has_upright_pixels_that_every_program_sees_alike(format, tmp_path):
    v = lab_of(telephone_yolo(tmp_path / "set"))
    v.export(tmp_path / "out", format)
    back = lab_of(tmp_path / "out", name="back", lab="other")
    (boxes,) = back.annotations.of_kind("box").values()
    b = boxes[0]
    if format == "huggingface":
        raw = back.images.places(0)
    else:
        (file,) = (p for p in (tmp_path / "out").rglob("*") if p.suffix == ".jpg")
        raw = file.read_bytes()
    with Image.open(io.BytesIO(raw)) as plain:  # a program that does not know EXIF
        assert plain.size == (40, 80)
        assert not plain.getexif().get(0x0112)
        assert (b.x, b.y, b.w, b.h) == pytest.approx(red_box(np.asarray(plain.convert("RGB"))), abs=1.01)
    assert np.abs(pixels(raw, "p").astype(int) - pixels(photo(), "p")).mean() < 1  # its own tables: nearly no loss


def test_an_export_of_a_plain_picture_is_its_bytes():
    for kind in ("JPEG", "PNG", "WEBP", "BMP"):
        data = saved(noisy((32, 24)), kind)
        assert upright_bytes(data, "p") is data
    data = photo(3, "PNG")
    back = upright_bytes(data, "p")
    assert look_at(back, "p").orientation == 1
    assert np.array_equal(pixels(back, "p"), pixels(data, "p"))


def test_a_lab_of_before_shows_a_picture_as_its_annotations_have_it():
    """An import that knew no orientations recorded the stored size, and boxes on it."""
    for kind in ("JPEG", "TIFF", "PNG"):
        for orientation in SIDEWAYS:
            data = photo(orientation, kind)
            assert red_box(pixels(data, "p", size=(80, 40))) == RED
            assert tensor(data, "p", size=(80, 40)).shape == (3, 40, 80)
            assert pixels(data, "p", size=(40, 80)).shape == (80, 40, 3)
            written = upright_bytes(data, "p", size=(80, 40))
            assert look_at(written, "p") == look_at(saved(Image.new("RGB", (80, 40)), "PNG"), "p")
            assert red_box(pixels(written, "p")) == RED


def test_a_square_picture_is_upright_even_where_its_size_cannot_say_so():
    data = photo(6, size=(40, 40))
    assert red_box(pixels(data, "p", size=(40, 40))) == red_box(opencv(data)) != RED


@pytest.mark.parametrize(
    "block", [b"", b"II*\0", b"MM\0*\xff\xff\xff\xff\0\0", b"II*\0\x08\0\0\0\xff\xff" + b"\0" * 40]
)
def test_a_damaged_exif_block_turns_nothing(block):
    data = saved(noisy((20, 10)), "JPEG", exif=b"Exif\0\0" + block)
    assert look_at(data, "p").orientation == 1
    assert pixels(data, "p").shape == (10, 20, 3)


def test_near_duplicates_of_a_turned_picture_are_found():
    upright = noisy((48, 32))
    sideways = saved(upright.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif(6), quality=95)
    a, b = dhash(saved(upright, "JPEG", quality=95)), dhash(sideways)
    assert a is not None and b is not None
    assert (a ^ b).bit_count() <= 3


# -- depth, palette, transparency, colours ---------------------------------------------------------


def test_grey_of_16_bits_is_scaled_and_not_clipped(tmp_path):
    rng = np.random.default_rng(0)
    seen = {}
    for name in ("u16", "u8"):
        for c, level in (("dim", 9000), ("bright", 42000)):
            for i in range(4):
                x = (level + rng.normal(0, 1500, (32, 32))).clip(0, 65535)
                file = tmp_path / name / "train" / c / f"{i}.png"
                file.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(x.astype(np.uint16) if name == "u16" else (x / 257).astype(np.uint8)).save(file)
        v = lab_of(tmp_path / name, name=name)
        seen[name] = v.statistics().brightness["mean"]
        for p in range(len(v)):
            shown = np.asarray(v.images[p])
            trained = v.to_torch()[p][0].permute(1, 2, 0).numpy()
            assert np.array_equal(shown, trained)
            assert shown.max() < 255
    assert seen["u16"] == pytest.approx(seen["u8"], abs=0.01)
    assert seen["u16"] == pytest.approx((9000 + 42000) / 2 / 65535, abs=0.01)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_all_values_of_16_bits_keep_their_order_and_their_ends(kind):
    ramp = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    grey = pixels(saved(Image.fromarray(ramp), kind), "p")[..., 0].ravel().astype(int)
    assert np.abs(grey - ramp.ravel() / 257).max() <= 0.51
    assert (grey[0], grey[-1]) == (0, 255)


def test_big_endian_and_inverted_tiff_of_16_bits():
    ramp = np.linspace(0, 65535, 64, dtype=np.uint16).reshape(8, 8)
    little = saved(Image.fromarray(ramp), "TIFF")
    assert np.array_equal(pixels(saved(Image.fromarray(ramp.astype(">u2")), "TIFF"), "p"), pixels(little, "p"))
    white_is_zero = saved(Image.fromarray(ramp), "TIFF", tiffinfo={262: 0})
    assert np.array_equal(pixels(white_is_zero, "p"), 255 - pixels(little, "p"))


@pytest.mark.parametrize(
    "array, said",
    [
        (np.full((8, 8), 300, np.int32), "whole numbers of 32 bits"),
        (np.full((8, 8), 30.5, np.float32), "floats outside 0 to 1"),
        (np.full((8, 8), np.nan, np.float32), "floats outside 0 to 1"),
        (np.full((8, 8), -0.5, np.float32), "floats outside 0 to 1"),
    ],
)
def test_numbers_that_are_no_picture_are_refused_at_the_import_in_one_sentence(array, said, tmp_path):
    data = saved(Image.fromarray(array), "TIFF")
    for ask in (look_at, pixels, tensor):
        with pytest.raises(BadData, match=said):
            ask(data, "scan.tif")
    with pytest.raises(BadData, match=r"scan.tif holds .* say window=LOW,HIGH"):
        look_at(data, "scan.tif")


def test_floats_between_0_and_1_are_grey():
    x = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)
    assert np.array_equal(pixels(saved(Image.fromarray(x), "TIFF"), "p")[..., 0], np.round(x * 255))


def test_lab_colours_become_rgb():
    grey = Image.new("LAB", (8, 8), (140, 128, 128))  # L of 55 %: a middle grey
    assert pixels(saved(grey, "TIFF"), "p")[4, 4].tolist() == pytest.approx([131, 131, 131], abs=3)


KINDS = {
    "grey": lambda im: saved(im.convert("L"), "PNG"),
    "grey JPEG": lambda im: saved(im.convert("L"), "JPEG"),
    "black and white": lambda im: saved(im.convert("1"), "PNG"),
    "palette": lambda im: saved(im.quantize(16), "PNG"),
    "palette with a transparent colour": lambda im: saved(im.quantize(16), "PNG", transparency=3),
    "palette with transparencies": lambda im: saved(im.quantize(16), "PNG", transparency=bytes(range(0, 160, 10))),
    "RGB with a transparent colour": lambda im: saved(im, "PNG", transparency=im.getpixel((0, 0))),
    "transparency": lambda im: saved(half_clear(im), "PNG"),
    "grey with transparency": lambda im: saved(half_clear(im).convert("LA"), "PNG"),
    "WebP with transparency": lambda im: saved(half_clear(im), "WEBP", lossless=True, exact=True),
    "BMP": lambda im: saved(im, "BMP"),
    "BMP with a palette": lambda im: saved(im.quantize(16), "BMP"),
    "TIFF": lambda im: saved(im, "TIFF", compression="tiff_lzw"),
    "progressive JPEG": lambda im: saved(im, "JPEG", progressive=True),
    "JPEG of half colour": lambda im: saved(im, "JPEG", subsampling=2),
    "WebP": lambda im: saved(im, "WEBP"),
    "interlaced": lambda im: saved(im, "PNG", interlace=1),
}


def half_clear(image: Image.Image) -> Image.Image:
    out = image.convert("RGBA")
    out.putalpha(Image.linear_gradient("L").resize(image.size))
    return out


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
def test_every_kind_of_picture_has_the_colours_that_opencv_has_and_one_decoding(make):
    data = make(noisy((40, 24)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ours = pixels(data, "p")
    assert np.array_equal(tensor(data, "p").permute(1, 2, 0).numpy(), ours)
    theirs = opencv(data)
    # two JPEG or WebP libraries may round differently
    assert np.abs(ours.astype(int) - theirs).mean() < 1.5
    assert ours.dtype == np.uint8 and ours.shape == (24, 40, 3)


def test_cmyk_is_read_as_colours_and_not_inverted():
    red = Image.new("RGB", (16, 16), (220, 30, 30)).convert("CMYK")
    for kind in ("JPEG", "TIFF"):
        data = saved(red, kind)
        assert pixels(data, "p")[8, 8].tolist() == pytest.approx([220, 30, 30], abs=6)
        assert tensor(data, "p")[:, 8, 8].tolist() == pixels(data, "p")[8, 8].tolist()


def test_the_quick_way_takes_plain_pictures_and_gives_the_same_pixels():
    for size in ((32, 32), (33, 17), (640, 480)):
        for kind in ("JPEG", "PNG", "WEBP"):
            data = saved(noisy(size), kind)
            assert is_plain(data)
            assert np.array_equal(tensor(data, "p").permute(1, 2, 0).numpy(), np.asarray(decode(data, "p")))
    camera = saved(noisy((32, 32)), "JPEG", exif=exif(1))
    assert is_plain(camera)  # most cameras write a block that turns nothing
    not_plain = [
        photo(6), photo(3, "PNG"), photo(8, "WEBP"), saved(noisy((8, 8)), "BMP"), b"", b"\xff\xd8", b"\xff\xd8\xff\xe1",
        saved(noisy((8, 8)).quantize(4), "PNG"), saved(noisy((8, 8)).convert("CMYK"), "JPEG"),
        saved(Image.fromarray(np.zeros((8, 8), np.uint16)), "PNG"),
    ]  # fmt: skip
    assert not any(map(is_plain, not_plain))


# -- BMP, TIFF, GIF, frames ------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["bmp", "tif", "TIFF", "gif", "jfif"])
def test_what_is_imported_can_be_shown_compared_and_trained(ending, tmp_path):
    rng = np.random.default_rng(0)
    for part in ("train", "test"):
        for c, level in (("dim", 20), ("bright", 150)):
            for i in range(4):
                file = tmp_path / "set" / part / c / f"{i}.{ending}"
                file.parent.mkdir(parents=True, exist_ok=True)
                kind = {"gif": "GIF", "bmp": "BMP", "jfif": "JPEG"}.get(ending, "TIFF")
                image = Image.fromarray((rng.integers(0, 60, (32, 32, 3)) + level).astype(np.uint8))
                file.write_bytes(saved(image, kind))
    lab = veml.open(tmp_path / "lab")
    lab.use_embedder("squeezenet1_1", weights="random", size_px=32)
    v = lab.add("set", veml.read(tmp_path / "set"), progress=False)
    assert len(v) == 16
    assert v.statistics().brightness["sampled"] == 16
    for p in (0, 15):
        assert np.array_equal(np.asarray(v.images[p]), v.to_torch()[p][0].permute(1, 2, 0).numpy())
    plan = veml.plan(veml.model(v, TINY, name="tiny"), lab["set-train"], name="first", epochs=1, batch_size=8)
    assert veml.train(plan, lab, progress=False).name == "first"
    assert lab.embedder.embed(v, [0, 15]).shape[0] == 2
    assert thumbnail(v, 0)[:2] == b"\xff\xd8"


def frames(kind: str, n: int = 3) -> bytes:
    first, *rest = [Image.new("RGB", (16, 8), (80 * k, 0, 0)) for k in range(n)]
    return saved(first, kind, save_all=True, append_images=rest, **({"lossless": True} if kind == "WEBP" else {}))


@pytest.mark.parametrize("kind, ending", [("GIF", "gif"), ("TIFF", "tif"), ("WEBP", "webp"), ("PNG", "png")])
def test_of_several_frames_the_first_is_read_and_that_is_said(kind, ending, tmp_path):
    (tmp_path / "set/a").mkdir(parents=True)
    (tmp_path / f"set/a/film.{ending}").write_bytes(frames(kind))
    (tmp_path / f"set/a/still.{ending}").write_bytes(frames(kind, 1))
    lab = veml.open(tmp_path / "lab")
    with pytest.warns(UserWarning, match=rf"only the first is read; the first is a/film.{ending} \(3\)"):
        v = lab.add("set", veml.read(tmp_path / "set"), progress=False)
    assert np.asarray(v.images[0]).max() == 0
    assert v.to_torch()[0][0].max() == 0
    assert v.history.import_report is not None
    assert v.history.import_report["several_frames"] == [f"a/film.{ending} (3)"]
    assert "several frames, of which the first is read: 1" in repr(v.history.import_report)
    assert len(v) == 2


def test_a_gif_is_exported_as_what_training_tools_open(tmp_path):
    data = frames("GIF", 1)
    assert upright_bytes(data, "p")[:4] == b"\x89PNG"
    assert np.array_equal(pixels(upright_bytes(data, "p"), "p"), pixels(data, "p"))


def test_a_picture_of_numbers_keeps_its_numbers():
    """A map of classes is no picture: neither its palette nor its 16 bits are turned into colours."""
    x = np.arange(64, dtype=np.uint8).reshape(8, 8)
    indexed = Image.fromarray(x, "L").convert("P")
    indexed.putdata(x.ravel().tolist())
    assert np.array_equal(numbers(saved(indexed, "PNG"), "p"), x)
    deep = (x.astype(np.uint16) * 999).reshape(8, 8)
    assert np.array_equal(numbers(saved(Image.fromarray(deep), "PNG"), "p"), deep)


# -- safety and shape ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF"])
def test_damage_is_one_sentence_and_never_a_crash(kind):
    whole = saved(noisy((40, 24)), kind, **({"exif": exif(6)} if kind in ("JPEG", "PNG", "WEBP", "TIFF") else {}))
    rng = np.random.default_rng(7)
    for k in range(120):
        data = bytearray(whole)
        if k % 3:
            for at in rng.integers(0, len(data), 4):
                data[at] = int(rng.integers(0, 256))
        else:
            del data[int(rng.integers(0, len(data))) :]
        for ask in (look_at, pixels, tensor, upright_bytes):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    ask(bytes(data), "p.x")
                except BadData as e:
                    assert str(e).startswith("p.x ")


@pytest.mark.parametrize("side", [9_500, 10_000_000])  # a little more than Pillow warns of; what it refuses
def test_a_bomb_is_refused_before_it_is_decoded(side):
    small = saved(Image.new("L", (8, 8)), "TIFF")
    bomb = small
    for tag in (256, 257):  # width and height, as whole numbers of 32 bits
        entry = struct.pack("<HHII", tag, 4, 1, 8)
        assert entry in small
        bomb = bomb.replace(entry, struct.pack("<HHII", tag, 4, 1, side))
    for ask in (look_at, pixels, tensor):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with pytest.raises(BadData, match=r"too large|pixels; more than"):
                ask(bomb, "p")


def test_nothing_but_the_decoder_decodes_pictures():
    """Read from the syntax tree: no other module calls an image library's opener, or makes RGB of something."""
    own = ROOT / "veml_lab/sources/decoder.py"
    openers = {"decode_image", "decode_jpeg", "decode_png", "imdecode", "imread", "read_image", "frombytes"}
    found = []
    for file in sorted((ROOT / "veml_lab").rglob("*.py")):
        if file == own:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute | ast.Name):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            on = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
            if name in openers or (name == "open" and on.endswith("Image")):
                found.append(f"{file.relative_to(ROOT)}:{node.lineno}")
            if name == "convert" and node.args and ast.unparse(node.args[0]) == "'RGB'":
                found.append(f"{file.relative_to(ROOT)}:{node.lineno}")
    assert found == []

"""Small data sets of every format, made in a temporary folder."""

import gzip
import io
import json
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

REAL = Path(__file__).parents[2] / ".." / "shared" / "data"


@pytest.fixture
def real():
    """Path of a real data set; skips where it is not there."""

    def path(name: str) -> Path:
        found = REAL / name
        if not found.exists():
            pytest.skip(f"the real data set {name} is not in ../shared/data")
        return found

    return path


@pytest.fixture(scope="session")
def picture():
    """Encode a seeded random picture."""

    def make(seed: int = 0, size: tuple[int, int] = (32, 24), format: str = "JPEG") -> bytes:
        pixels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, format)
        return buffer.getvalue()

    return make


@pytest.fixture
def idx_folder(tmp_path):
    """A folder of IDX files: 12 train, 5 test images of 4 x 6 pixels; gives (folder, pixels, labels)."""

    def make(packed: bool = True, name: str = "digits"):
        folder = tmp_path / name
        folder.mkdir()
        rng = np.random.default_rng(1)
        pixels, labels = {}, {}
        for split, n in (("train", 12), ("t10k", 5)):
            pixels[split] = rng.integers(0, 255, (n, 4, 6), np.uint8)
            labels[split] = (np.arange(n) % 10).astype(np.uint8)
            for kind, head, body in (
                ("images-idx3", struct.pack(">IIII", 0x803, n, 4, 6), pixels[split]),
                ("labels-idx1", struct.pack(">II", 0x801, n), labels[split]),
            ):
                data = head + body.tobytes()
                end, data = (".gz", gzip.compress(data)) if packed else ("", data)
                (folder / f"{split}-{kind}-ubyte{end}").write_bytes(data)
        return folder, pixels, labels

    return make


@pytest.fixture
def class_folder(tmp_path, picture):
    """train/ and test/ with the classes cat and dog, two pictures each."""
    root = tmp_path / "pets"
    for s, split in enumerate(("train", "test")):
        for c, label in enumerate(("cat", "dog")):
            (root / split / label).mkdir(parents=True)
            for i in range(2):
                (root / split / label / f"{i}.jpg").write_bytes(picture(100 * s + 10 * c + i))
    return root


@pytest.fixture
def voc_folder(tmp_path, picture):
    """Two pictures, the first with a car and a bus."""
    root = tmp_path / "voc"
    (root / "Annotations").mkdir(parents=True)
    (root / "JPEGImages").mkdir()
    objects = "".join(
        f"<object><name>{n}</name><truncated>1</truncated><bndbox><xmin>{a}</xmin><ymin>{b}</ymin>"
        f"<xmax>{c}</xmax><ymax>{d}</ymax></bndbox></object>"
        for n, a, b, c, d in (("car", 2, 3, 12, 10), ("bus", 10, 5, 30, 20))
    )
    for stem, inside in (("a", objects), ("b", "")):
        (root / "JPEGImages" / f"{stem}.jpg").write_bytes(picture(ord(stem)))
        size = "<size><width>32</width><height>24</height><depth>3</depth></size>"
        (root / "Annotations" / f"{stem}.xml").write_text(f"<annotation>{size}{inside}</annotation>")
    return root


@pytest.fixture
def coco_folder(tmp_path, picture):
    """Two pictures, three boxes, the categories 3 = bus and 7 = car."""
    root = tmp_path / "coco"
    (root / "annotations").mkdir(parents=True)
    (root / "images").mkdir()
    for i in (1, 2):
        (root / "images" / f"{i}.jpg").write_bytes(picture(i))
    content = {
        "images": [{"id": i, "file_name": f"{i}.jpg", "width": 32, "height": 24} for i in (1, 2)],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 7, "bbox": [2, 3, 10, 7], "iscrowd": 0},
            {"id": 2, "image_id": 1, "category_id": 3, "bbox": [10.5, 5, 20, 15], "iscrowd": 1},
            {"id": 3, "image_id": 2, "category_id": 7, "bbox": [0, 0, 32, 24]},
        ],
        "categories": [{"id": 7, "name": "car"}, {"id": 3, "name": "bus"}],
    }
    (root / "annotations" / "instances_train.json").write_text(json.dumps(content))
    return root

"""CIFAR binary files: pixels against the array that they were made from, written after the format's page."""

import io
import pickle
import tarfile

import numpy as np
import pytest
from PIL import Image

from veml_lab.errors import BadData, BadInput, MissingFile
from veml_lab.formats import Box, Record, Source, read, read_cifar, write
from veml_lab.sources.images import png_of_rgb

TEN = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def batch(n: int, heads: int, seed: int, labels: int = 10) -> tuple[bytes, np.ndarray, np.ndarray]:
    """A file as the page says: <1 x label><3072 x pixel>, the first 1024 bytes red, row by row."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (n, 32, 32, 3), np.uint8)
    label = rng.integers(0, min(labels, 20), (n, heads), np.uint8)
    rows = [
        bytes(h) + p[:, :, 0].tobytes() + p[:, :, 1].tobytes() + p[:, :, 2].tobytes() for h, p in zip(label, pixels)
    ]
    return b"".join(rows), pixels, label


@pytest.fixture
def ten(tmp_path):
    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    made = {
        name: batch(n, 1, seed)
        for seed, (name, n) in enumerate([("data_batch_1.bin", 7), ("data_batch_2.bin", 300), ("test_batch.bin", 5)])
    }
    for name, (data, _, _) in made.items():
        (folder / name).write_bytes(data)
    (folder / "batches.meta.txt").write_text("\n".join(TEN) + "\n\n")
    return folder, made


def pixels_of(r: Record) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(r.image)))


def test_every_pixel_label_and_role_comes_back(ten):
    folder, made = ten
    source = read(folder)
    records = list(source.records())
    assert source.format == "cifar" and source.total == len(records) == 312 and source.classes == tuple(TEN)
    assert [r.role for r in records] == ["train"] * 307 + ["test"] * 5
    want = [(p, k) for name in made for p, (k,) in zip(made[name][1], made[name][2])]
    for r, (p, k) in zip(records, want):
        np.testing.assert_array_equal(pixels_of(r), p)
        assert r.label == TEN[k] and (r.width, r.height) == (32, 32)
    assert len({r.uri for r in records}) == 312


def test_an_archive_gives_the_same_records(ten, tmp_path):
    folder, _ = ten
    with tarfile.open(tmp_path / "cifar-10-binary.tar.gz", "w:gz") as t:
        t.add(folder, arcname=folder.name)
    packed = read(tmp_path / "cifar-10-binary.tar.gz")
    assert [(r.image, r.label) for r in packed.records()] == [(r.image, r.label) for r in read(folder).records()]


def test_cifar_100_has_the_fine_class_and_the_coarse_one_as_a_column(tmp_path):
    data, pixels, labels = batch(6, 2, 1, 20)
    (tmp_path / "train.bin").write_bytes(data)
    (tmp_path / "fine_label_names.txt").write_text("".join(f"fine{i}\n" for i in range(100)))
    (tmp_path / "coarse_label_names.txt").write_text("".join(f"coarse{i}\n" for i in range(20)))
    for r, p, (c, f) in zip(read(tmp_path).records(), pixels, labels):
        np.testing.assert_array_equal(pixels_of(r), p)
        assert r.label == f"fine{f}" and r.columns == {"coarse": f"coarse{c}"}


def test_the_python_version_is_refused_and_the_binary_one_named(tmp_path):
    for name in ("data_batch_1", "batches.meta", "test_batch"):
        (tmp_path / name).write_bytes(pickle.dumps({b"data": b""}))
    with pytest.raises(BadInput, match=r"pickles.*cifar-10-binary\.tar\.gz"):
        read(tmp_path)


def test_a_truncated_batch_is_named_before_anything_is_read(ten):
    folder, _ = ten
    file = folder / "data_batch_2.bin"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(BadData, match=r"data_batch_2\.bin is .* no whole number of images"):
        read_cifar(folder)


def test_a_label_without_a_name_is_a_finding_and_strict_stops(ten):
    folder, _ = ten
    whole = [r.label for r in read_cifar(folder).records()]
    names = ["airplane", "automobile", "bird"]
    source = read_cifar(folder, classes=names)
    with pytest.warns(UserWarning, match="lost all their annotations"):
        records = list(source.records())
    assert [r.label for r in records] == [c if c in names else None for c in whole]
    lost = sum(c not in names for c in whole)
    assert [r.emptied for r in records].count(True) == lost == len(source.findings()) > 0
    assert all("has the class number" in line and "3 names" in line for line in source.findings())
    with pytest.raises(BadData, match="has the class number"):
        list(read_cifar(folder, classes=names, strict=True).records())


def test_an_empty_folder_says_what_was_looked_for(tmp_path):
    with pytest.raises(MissingFile, match=r"data_batch_1\.bin"):
        read_cifar(tmp_path)


def made_of(*records: Record, classes=("a", "b"), **about) -> Source:
    return Source("made", "made", "classification", classes, lambda: iter(records), len(records), "f", about=about)


def one(k: int, **more) -> Record:
    image = png_of_rgb(np.random.default_rng(k).integers(0, 256, (32, 32, 3), np.uint8))
    return Record(**({"uri": f"{k}", "image": image, "width": 32, "height": 32, "role": "train", "label": "b"} | more))


def test_what_is_written_is_read_back_pixel_by_pixel(tmp_path):
    source = made_of(one(1), one(2, role="test", label="a"), one(3))
    write(source, tmp_path / "out", "cifar")
    again = read(tmp_path / "out")
    key = lambda r: (r.role, r.label, pixels_of(r).tobytes())  # noqa: E731
    assert sorted(map(key, again.records())) == sorted(map(key, source.records()))
    assert again.classes == ("a", "b")


def test_cifar_100_round_trip_keeps_the_coarse_class(tmp_path):
    source = made_of(
        one(1, columns={"coarse": "y"}), one(2, role="test", columns={"coarse": "x"}), coarse=["x", "y", "z"]
    )
    write(source, tmp_path / "out", "cifar")
    again = read(tmp_path / "out")
    assert [(r.label, r.columns["coarse"]) for r in again.records()] == [("b", "y"), ("b", "x")]
    assert again.about["coarse"] == ["x", "y", "z"] and again.classes == ("a", "b")


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (one(1, width=31), "31 x 32"),
        (one(1, role=""), "no role"),
        (one(1, label=None), "no class"),
        (one(1, label="c"), "not among the source's"),
        (one(1, boxes=(Box("a", 0, 0, 1, 1),)), "has boxes"),
        (one(1, columns={"weather": "fog"}), "the column 'weather'"),
    ],
)
def test_what_the_format_cannot_hold_is_refused_and_nothing_is_left(tmp_path, record, said):
    with pytest.raises(BadInput, match=said):
        write(made_of(one(2), record), tmp_path / "out", "cifar")
    assert list(tmp_path.iterdir()) == []

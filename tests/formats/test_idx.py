"""IDX: pixels against the array they were made from, and every way in which a head can lie."""

import gzip
import io
import struct

import numpy as np
import pytest
from PIL import Image

from veml_lab.errors import BadData, BadInput, MissingFile
from veml_lab.formats import read_idx


@pytest.mark.parametrize("packed", [True, False])
def test_every_pixel_label_and_role_comes_back(idx_folder, packed):
    folder, pixels, labels = idx_folder(packed)
    source = read_idx(folder)
    records = list(source.records())
    assert [r.role for r in records] == ["train"] * 12 + ["test"] * 5
    assert source.total == len(records) and len({r.uri for r in records}) == 17
    for r, p, label in zip(records, [*pixels["train"], *pixels["t10k"]], [*labels["train"], *labels["t10k"]]):
        np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(r.image))), p)
        assert r.label == str(label) and (r.width, r.height) == (6, 4)


def test_a_folder_called_fashion_has_the_names_of_clothes(idx_folder):
    folder, _, _ = idx_folder(name="fashion_mnist")
    assert read_idx(folder).classes[:2] == ("T-shirt/top", "Trouser")
    assert read_idx(folder, name="digits").classes[:2] == ("0", "1")


def test_one_images_file_gives_its_split_only(idx_folder):
    folder, _, _ = idx_folder()
    source = read_idx(folder / "t10k-images-idx3-ubyte.gz")
    assert {r.role for r in source.records()} == {"test"} and source.total == 5


def test_a_new_file_time_changes_the_fingerprint_and_a_second_reading_does_not(idx_folder):
    import os

    folder, _, _ = idx_folder()
    first = read_idx(folder).fingerprint
    assert read_idx(folder).fingerprint == first
    os.utime(folder / "train-images-idx3-ubyte.gz", ns=(1, 1))
    assert read_idx(folder).fingerprint != first


@pytest.mark.parametrize("packed", [True, False])
def test_a_truncated_file_is_named(idx_folder, packed):
    folder, _, _ = idx_folder(packed)
    file = next(folder.glob("train-images*"))
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(BadData, match=r"train-images-idx3-ubyte.*(truncated|damaged)"):
        read_idx(folder)


def test_a_gzip_that_was_unpacked_short_is_found_by_its_length(idx_folder):
    folder, _, _ = idx_folder()
    file = folder / "train-images-idx3-ubyte.gz"
    file.write_bytes(gzip.compress(gzip.decompress(file.read_bytes())[:-1]))
    with pytest.raises(BadData, match="is truncated: its head promises 304 bytes, it has 303"):
        read_idx(folder)


def test_a_gzip_of_two_members_is_read_whole(idx_folder):
    folder, _, _ = idx_folder()
    file = folder / "train-images-idx3-ubyte.gz"
    data = gzip.decompress(file.read_bytes())
    file.write_bytes(gzip.compress(data[:100]) + gzip.compress(data[100:]))
    assert len(list(read_idx(folder).records())) == 17


@pytest.mark.parametrize("packed", [True, False])
def test_a_head_with_a_billion_images_is_refused_unread(idx_folder, packed):
    folder, _, _ = idx_folder(packed)
    for kind, head in (("images-idx3", (0x803, 10**9, 4, 6)), ("labels-idx1", (0x801, 10**9))):
        data = struct.pack(f">{len(head)}I", *head) + bytes(50)
        file = folder / f"train-{kind}-ubyte{'.gz' if packed else ''}"
        file.write_bytes(gzip.compress(data) if packed else data)
    with pytest.raises(BadData, match="truncated: its head promises 24,000,000,016"):
        read_idx(folder)


def test_images_and_labels_that_differ_in_number_are_no_pair(idx_folder):
    folder, _, _ = idx_folder(False)
    (folder / "t10k-labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x801, 4) + bytes(4))
    with pytest.raises(BadData, match=r"5 images but .* 4 labels"):
        read_idx(folder)


def test_labels_in_the_place_of_images_have_the_wrong_magic(idx_folder):
    folder, _, _ = idx_folder(False)
    (folder / "t10k-images-idx3-ubyte").write_bytes((folder / "t10k-labels-idx1-ubyte").read_bytes() + bytes(9))
    with pytest.raises(BadData, match="0x00000801, not 0x00000803"):
        read_idx(folder)


def test_a_label_without_a_class_name_is_a_finding_and_strict_stops(idx_folder):
    folder, _, _ = idx_folder()
    whole = [r.label for r in read_idx(folder).records()]
    source = read_idx(folder, classes=["0", "1"])
    with pytest.warns(UserWarning, match="lost all their annotations"):
        records = list(source.records())
    assert [r.label for r in records] == [c if c in "01" else None for c in whole]
    lost = sum(c not in "01" for c in whole)
    assert [r.emptied for r in records].count(True) == lost == len(source.findings()) > 0
    with pytest.raises(BadData, match=r"has the class number [2-9], but there are 2 names"):
        list(read_idx(folder, classes=["0", "1"], strict=True).records())


def test_a_set_of_which_no_label_has_a_name_is_refused(tmp_path):
    write_raw = {
        "images-idx3": struct.pack(">4I", 0x803, 2, 4, 4) + bytes(32),
        "labels-idx1": bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]),
    }
    for kind, data in write_raw.items():
        (tmp_path / f"train-{kind}-ubyte").write_bytes(data)
    with pytest.raises(BadData, match="has the labels 7 to 9, but there are only 2 class names"):
        read_idx(tmp_path, classes=["a", "b"])


def test_missing_things_say_what_was_looked_for(tmp_path, idx_folder):
    with pytest.raises(MissingFile, match="nowhere"):
        read_idx(tmp_path / "nowhere")
    with pytest.raises(MissingFile, match="train-images-idx3-ubyte"):
        read_idx(tmp_path)
    folder, _, _ = idx_folder()
    (folder / "train-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(MissingFile, match="has no labels beside it"):
        read_idx(folder)
    with pytest.raises(BadInput, match="not named like an IDX"):
        read_idx(folder / "t10k-labels-idx1-ubyte.gz")

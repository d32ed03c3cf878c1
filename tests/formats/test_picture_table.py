"""Pictures with a CSV file beside them: which column is what, what is left out, when folders win."""

import warnings
from pathlib import Path

import pytest

from veml_lab.errors import BadData, BadInput, MissingFile, UnknownName
from veml_lab.formats import read


@pytest.fixture
def listed(tmp_path, picture):
    """``listed(text, names)``: a folder with these pictures and ``labels.csv``."""

    def make(text: str, names=("images/a.jpg", "images/b.jpg", "images/c.jpg"), file: str = "labels.csv") -> Path:
        for i, name in enumerate(names):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(picture(i))
        (tmp_path / file).write_text(text, encoding="utf-8")
        return tmp_path

    return make


def labels(source) -> dict:
    return {r.uri.rpartition("/")[2]: r.label for r in source.records()}


@pytest.mark.real
def test_the_labels_of_imagenet_are_found_beside_its_pictures(real):
    source = read(real("imagenet_labels300/imagenet_labels300.tar.xz"))
    records = {r.uri.rpartition("/")[2]: r for r in source.records()}
    assert (source.format, len(records), len(source.classes), source.task) == (
        "picture_table",
        300,
        104,
        "classification",
    )
    second = records["ILSVRC2012_val_00000002.JPEG"]
    assert second.label == "pizza, pizza pie" and second.columns == {"class_index": 963}
    assert source.findings() == [] and "picture 'file', class 'class_name'" in source.note


def test_the_picture_column_is_the_one_that_names_pictures_and_the_class_has_the_surest_name(listed):
    source = read(
        listed("class_index,weather,path,class\n7,fog,a.jpg,cat\n8,sun,images/b.jpg,dog\n7,sun,./images/c.jpg,cat\n")
    )
    assert source.format == "picture_table" and source.classes == ("cat", "dog")
    assert labels(source) == {"a.jpg": "cat", "b.jpg": "dog", "c.jpg": "cat"}
    assert next(iter(source.records())).columns == {"class_index": 7, "weather": "fog"}


def test_names_without_an_ending_and_with_leading_zeros_are_found(listed):
    source = read(listed("id;breed\n007;10\n008;9\n012;10\n", ("train/007.jpg", "train/008.jpg", "test/012.jpg")))
    assert source.classes == ("9", "10") and labels(source) == {"007.jpg": "10", "008.jpg": "9", "012.jpg": "10"}
    assert {r.uri: r.role for r in source.records()} == {
        "train/007.jpg": "train",
        "train/008.jpg": "train",
        "test/012.jpg": "test",
    }


def test_a_column_of_the_split_gives_the_roles(listed):
    source = read(listed("file,split,label\na.jpg,train,x\nb.jpg,val,y\nc.jpg,test,x\n"))
    records = {r.uri[-5:]: r for r in source.records()}
    assert {n: r.role for n, r in records.items()} == {"a.jpg": "train", "b.jpg": "test", "c.jpg": "test"}
    assert records["b.jpg"].columns == {"split": "val"}


def test_class_folders_win_over_a_table_and_a_format_that_is_said_wins_over_both(listed):
    folder = listed("file,label\na.jpg,x\nb.jpg,y\n", ("cat/a.jpg", "dog/b.jpg"))
    assert read(folder).format == "image_folder" and read(folder).classes == ("cat", "dog")
    assert read(folder, "picture_table").classes == ("x", "y")


def test_a_folder_of_pictures_is_never_a_class(listed):
    folder = listed("file,label\na.jpg,x\nb.jpg,y\nc.jpg,x\n")
    assert read(folder).classes == ("x", "y")
    with pytest.raises(BadData, match=r"images/a\.jpg lies in no class folder, and no other picture does"):
        read(folder, "image_folder")


@pytest.mark.parametrize(
    "text",
    [
        "file,weather,lux\na.jpg,fog,3\nb.jpg,sun,4\nc.jpg,sun,5\n",  # no class
        "file,label\nx.jpg,cat\ny.jpg,dog\nz.jpg,dog\n",  # other pictures
        "file,label,x,y\na.jpg,cat,1,2\na.jpg,dog,3,4\nb.jpg,dog,3,4\n",  # a row an object
        "file,label\n",
        "",
        "\n\n\n",  # a first line without names
    ],
)
def test_a_table_that_gives_no_classes_is_not_taken(listed, text):
    assert read(listed(text)).format == "pictures"


def test_what_does_not_fit_is_left_out_and_told_and_strict_stops(listed):
    folder = listed("file,label\na.jpg,x\nb.jpg,y\nnowhere.jpg,y\n")
    with pytest.warns(UserWarning, match="skipped 2"):
        source = read(folder)
        assert labels(source) == {"a.jpg": "x", "b.jpg": "y"}
    first, second = source.findings()
    assert (
        "row 4" in first and "nowhere.jpg" in first and "images/c.jpg" in second and "not named in labels.csv" in second
    )
    with pytest.raises(BadData, match=r"row 4.*nowhere\.jpg"):
        read(folder, strict=True)


def test_bad_tables_have_one_error_that_says_what_to_do(listed):
    folder = listed("file,lux,label\na.jpg,3,x\nb.jpg,4,y\nc.jpg,5,x\nimages/a.jpg,3,y\n")
    with pytest.raises(BadData, match=r"row 5: images/a\.jpg has an entry already"):
        read(folder, strict=True)
    with pytest.warns(UserWarning, match=r"row 5: images/a\.jpg has an entry already"):
        assert labels(read(folder)) == {"a.jpg": "x", "b.jpg": "y", "c.jpg": "x"}
    with pytest.raises(UnknownName, match=r"no column \(label\).*'lable'; known: "):
        read(folder, "picture_table", label="lable")
    with pytest.raises(MissingFile, match="file="):
        read(folder, "picture_table", file="picture")
    (folder / "labels.csv").write_text("file,lux,iso\na.jpg,3,1\nb.jpg,4,2\nc.jpg,5,2\n")
    with pytest.raises(BadInput, match="say label="):
        read(folder, "picture_table")
    assert read(folder, "picture_table", label="iso").classes == ("1", "2")


def test_a_path_that_leads_out_reads_nothing_outside(listed, tmp_path_factory, picture):
    folder = listed("file,label\na.jpg,x\nb.jpg,y\n../secret.jpg,z\n")
    (folder.parent / "secret.jpg").write_bytes(picture(9))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert set(labels(read(folder))) == {"a.jpg", "b.jpg"}

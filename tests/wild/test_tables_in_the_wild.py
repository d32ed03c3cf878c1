"""Tables come back as they were: no name becomes a number, a gap, a truth value or a class by itself.

Oracles: the texts in the file, Python's csv module, pandas.
"""

from __future__ import annotations

import csv
import datetime
import decimal
import io
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import veml_lab as veml
from veml_lab.errors import BadData, BadInput
from veml_lab.formats.document_rows import cell_of
from veml_lab.formats.table import read_table
from veml_lab.formats.yolo import yaml_head
from veml_lab.sources.dialect import head_of
from veml_lab.sources.plain import text_of_value, value_of
from veml_lab.versions.column_names import own_names


def cells(folder: Path, text: str | bytes, name: str = "t.csv", **options) -> list[dict]:
    """The free columns of each row of a file with this text."""
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [dict(r.columns) for r in read_table(file, **options).records()]


def column(folder: Path, *values: str, **options) -> list:
    """A column of these cells, None where there is none."""
    lines = "".join(f"{v},k\n" for v in values)
    return [row.get("c") for row in cells(folder, f"c,other\n{lines}", **options)]


def lab_with(folder: Path, text: str, **options):
    file = folder / "t.csv"
    file.write_text(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return veml.open(folder / "lab").add("t", read_table(file, **options), progress=False)


# -- what a column is ------------------------------------------------------------------------------

NAMES = {
    "postal codes": ("02116", "80331", "01067"),
    "countries": ("DE", "NA", "FR"),
    "classes": ("null", "bus", "none"),
    "not a number": ("nan", "NaN", "Ann"),
    "words for missing": ("N/A", "NULL", "?", "x"),
    "all of them NA": ("NA", "NA"),
    "telephones": ("+4930123", "+4989456"),
    "versions": ("1.9", "1.10", "1.11"),
    "codes like exponents": ("1E5", "2E10", "3e2"),
    "ids of 23 digits": ("12345678901234567890123", "1"),
    "ids beyond 64 bits": ("18446744073709551616", "2"),
    "ids beside a fraction": ("9007199254740993", "0.5"),
    "minus nought": ("-0", "1"),
    "dates": ("2024-01-02", "2024-02-01"),
    "days first": ("13.01.2024", "01.02.2024"),
    "times of day": ("12:30", "07:05"),
    "moments": ("2024-01-02T10:00", "2024-01-02 10:00:00"),
    "durations": ("0:01:30", "P1D"),
    "yes and no": ("yes", "no"),
    "on and off": ("on", "off"),
    "true of several spellings": ("true", "True", "TRUE"),
    "hexadecimal": ("0x10", "10"),
    "grouped by underscores": ("1_000", "2_000"),
    "booleans and numbers": ("true", "1"),
    "a number with a unit": ("5 km", "7 km"),
    "blanks": (" 5", "6"),
}


@pytest.mark.parametrize("values", NAMES.values(), ids=NAMES)
def test_a_column_that_numbers_would_not_give_back_stays_text(values, tmp_path):
    assert column(tmp_path, *values) == list(values)


NUMBERS = {
    "whole": (("1", "-20", "0"), [1, -20, 0]),
    "beyond 2^53": (("9007199254740993", "1"), [9007199254740993, 1]),
    "beyond 2^53, with a gap": (("9007199254740993", ""), [9007199254740993, None]),
    "fractions": (("0.5", "1.25", "-3.0"), [0.5, 1.25, -3.0]),
    "whole and fractions": (("1", "2.5"), [1.0, 2.5]),
    "fixed decimals": (("1.50", "19.99", "0.10"), [1.5, 19.99, 0.1]),
    "exponents as programs write them": (("1e-05", "1.5e10", "2E+3"), [1e-5, 1.5e10, 2000.0]),
    "without the nought": ((".5", "-.25"), [0.5, -0.25]),
    "missing in words": (("1.5", "NA", "nan", "NULL", "?", "2.5"), [1.5, None, None, None, None, 2.5]),
    "missing in a whole column": (("7", "N/A", ""), [7, None, None]),
    "truth": (("true", "false", ""), [True, False, None]),
    "truth as Python writes it": (("True", "False"), [True, False]),
    "truth as R writes it": (("TRUE", "FALSE"), [True, False]),
    "quoted gaps": (("1", '""', "3"), [1, None, 3]),
}


@pytest.mark.parametrize("values, due", NUMBERS.values(), ids=NUMBERS)
def test_a_column_of_numbers_is_one_with_its_gaps(values, due, tmp_path):
    found = column(tmp_path, *values)
    assert found == due
    assert [type(v) for v in found] == [type(v) for v in due]


def test_a_text_column_keeps_its_quoted_empty_text(tmp_path):
    assert column(tmp_path, "a", '""', "") == ["a", "", None]


def test_types_can_be_said_against_what_is_found(tmp_path):
    assert column(tmp_path, "1.9", "1.10", types={"c": "float"}) == [1.9, 1.1]
    assert column(tmp_path, "1", "2", types={"c": "str"}) == ["1", "2"]


def test_what_looks_like_numbers_and_is_kept_as_text_is_said_with_the_way_out(tmp_path):
    (tmp_path / "t.csv").write_text("v,x\n1.9,1\n1.10,2\n")
    with pytest.warns(UserWarning, match=r"'v' holds texts such as '1.10' .*types=\{'v': 'float'\}"):
        read_table(tmp_path / "t.csv")


def test_one_column_has_one_type_in_all_files_of_a_set(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "a.csv").write_text("zip,n,e\n02116,1,\n")
    (folder / "b.csv").write_text("zip,n,e\n10001,2.5,4\n")
    found = [dict(r.columns) for r in read_table(folder).records()]
    assert found == [{"zip": "02116", "n": 1.0}, {"zip": "10001", "n": 2.5, "e": 4}]


def test_the_class_is_its_text(tmp_path):
    (tmp_path / "t.csv").write_text("x,y\n1,007\n2,NA\n3,True\n4,null\n5,1.0\n")
    source = read_table(tmp_path / "t.csv", label="y")
    assert [r.label for r in source.records()] == ["007", "NA", "True", "null", "1.0"]
    assert set(source.classes) == {"007", "NA", "True", "null", "1.0"}


@pytest.mark.parametrize("values", [("1.0", "2.0"), ("1", "NA", "2"), ("true", "false")])
def test_a_class_is_a_name_even_where_all_look_like_numbers(values, tmp_path):
    (tmp_path / "t.csv").write_text("x,y\n" + "".join(f"{i},{v}\n" for i, v in enumerate(values)))
    assert [r.label for r in read_table(tmp_path / "t.csv", label="y").records()] == list(values)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(alphabet="0123456789.,-+eE", min_size=1, max_size=6),
            st.sampled_from(["NA", "null", "true", "False", "nan", "inf", "1.0", "1.50", "007", "1e5", "9" * 19]),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_whatever_stands_in_a_column_is_kept_or_is_the_same_number(tmp_path_factory, values):
    """Either the texts, or numbers that differ where the texts do and are what Python makes of each."""
    folder = tmp_path_factory.mktemp("t")
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([["c", "o"], *([v, "k"] for v in values)])
    found = [r.get("c") for r in cells(folder, out.getvalue(), delimiter=",")]
    if all(v is None or isinstance(v, str) for v in found):
        assert found == values or all(v is None for v in found)
        return
    pairs = {(t, n) for t, n in zip(values, found, strict=True) if n is not None and not isinstance(n, bool)}
    if not any("," in t for t, _ in pairs):
        assert all(float(t) == n for t, n in pairs)
        ends = {t.partition(".")[2] for t, _ in pairs}
        assert len({n for _, n in pairs}) == len({t for t, _ in pairs}) or not any(
            e.endswith("0") and len(e) > 1 for e in ends
        )


# -- how a file is written -------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_a_decimal_comma_is_recognised_and_said(sign, tmp_path):
    text = f"Ort{sign}Wert{sign}n\nBonn{sign}1,5{sign}1\nUlm{sign}-0,25{sign}2\n"
    assert cells(tmp_path, text) == [{"Ort": "Bonn", "Wert": 1.5, "n": 1}, {"Ort": "Ulm", "Wert": -0.25, "n": 2}]
    with pytest.warns(UserWarning, match="'Wert' are read with a decimal comma"):
        read_table(tmp_path / "t.csv")


def test_groups_of_thousands_are_recognised_and_said(tmp_path):
    german = cells(tmp_path, "a;b\n1.234,50;1.000\n12.345.678,25;2.500\n")
    assert german == [{"a": 1234.5, "b": 1000.0}, {"a": 12345678.25, "b": 2500.0}]
    english = cells(tmp_path, 'a,b\n"1,234.5",x\n"12,345,678",y\n')
    assert [r["a"] for r in english] == [1234.5, 12345678.0]
    with pytest.warns(UserWarning, match="without their thousands' commas"):
        read_table(tmp_path / "t.csv")


def test_a_number_that_can_be_read_two_ways_is_asked_for(tmp_path):
    text = "a;b\n1,234;x\n2,500;y\n"
    assert [r["a"] for r in cells(tmp_path, text)] == ["1,234", "2,500"]
    with pytest.warns(UserWarning, match="say decimal=',' or decimal='.'"):
        read_table(tmp_path / "t.csv")
    assert [r["a"] for r in cells(tmp_path, text, decimal=",")] == [1.234, 2.5]
    assert [r["a"] for r in cells(tmp_path, text, decimal=".")] == [1234.0, 2500.0]
    with pytest.raises(BadInput, match="decimal is"):
        read_table(tmp_path / "t.csv", decimal=";")


def test_the_separator_is_that_of_all_lines_and_not_of_the_header_alone(tmp_path):
    text = "Temp, C;Wind, km/h, max;n\n1;2;3\n4;5;6\n"
    assert cells(tmp_path, text)[0] == {"Temp, C": 1, "Wind, km/h, max": 2, "n": 3}
    assert cells(tmp_path, "sep=;\na;b\n1;2\n") == [{"a": 1, "b": 2}]  # Excel's own line


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_marks_of_encodings_are_understood(encoding, end, tmp_path):
    text = end.join(["Straße,n", "Köln,02116", "Łódź,10001", ""])
    assert cells(tmp_path, text.encode(encoding)) == [
        {"Straße": "Köln", "n": "02116"},
        {"Straße": "Łódź", "n": "10001"},
    ]


def test_latin_1_is_refused_by_name_and_can_be_said(tmp_path):
    text = "stadt,n\nKöln,1\n".encode("latin-1")
    with pytest.raises(BadData, match=r"is no UTF-8 text .*say encoding=, for example latin-1"):
        cells(tmp_path, text)
    assert cells(tmp_path, text, encoding="latin-1") == [{"stadt": "Köln", "n": 1}]


def test_a_row_of_another_length_is_a_finding_and_many_are_an_error(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("a,b\n1,2\n3,4\n5,6,7\n8\n")
    source = read_table(file)
    with pytest.warns(UserWarning, match="2 faulty entries"):
        assert len(list(source.records())) == 2
    for text, said in (
        ("temp,wind\n1,5,2,5\n3,4\n3,5,4,5\n", "4 to 2 .*decimal commas"),
        ('"x","y"\n"1",2,3\n"2",4,5\n', "3 to 2 .*first column has no name"),
        ("a,b,c\n1,2\n3,4\n", "2 to 3"),
    ):
        file.write_text(text)
        with pytest.raises(BadData, match=f"2 of its rows have other numbers of cells than the header, .*{said}"):
            read_table(file)


def test_a_header_of_several_lines_and_a_wide_one_are_read(tmp_path):
    assert cells(tmp_path, '"a\nb",c\n1,2\n') == [{"a\nb": 1, "c": 2}]
    names = [f"gene_{i:06d}" for i in range(9000)]  # more than the first 64 KiB
    found = cells(tmp_path, ",".join(names) + "\n" + ",".join(map(str, range(9000))) + "\n")
    assert found == [dict(zip(names, range(9000), strict=True))]


def test_what_pandas_writes_comes_back(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "zip": ["02116", "10001", "00501"],
            "n": [2**60 + 1, -1, 0],
            "x": rng.normal(size=3),
            "flag": [True, False, True],
            "when": pd.to_datetime(["2024-01-02", "2024-12-31", "2025-06-07"]),
            "none": [np.nan, 1.0, 2.0],
        }
    )
    frame.to_csv(tmp_path / "t.csv")  # with its index
    with pytest.warns(UserWarning, match="counts the rows; it is left out"):
        source = read_table(tmp_path / "t.csv")
    found = [dict(r.columns) for r in source.records()]
    for i, row in frame.astype({"when": str}).iterrows():
        due = {k: v for k, v in row.items() if v == v}
        assert found[i] == due
        assert repr(found[i]["x"]) == repr(float(row["x"]))


# -- unnamed columns, names of our own -------------------------------------------------------------


def test_an_index_without_a_name_is_no_label(tmp_path):
    for index, due in (("0", []), ("1", []), ("7", ["index"])):
        first = int(index)
        lines = "".join(f"{first + i},{i}.5,{i + 1}\n" for i in range(3))
        (tmp_path / "t.csv").write_text(f",length,width\n{lines}")
        with pytest.warns(UserWarning, match="the first column has no name"):
            source = read_table(tmp_path / "t.csv")
        records = list(source.records())
        assert [r.label for r in records] == [None] * 3
        assert [r.role for r in records] == [""] * 3
        assert source.task == "none" and source.classes == ()
        assert list(records[0].columns) == [*due, "length", "width"]


def test_row_names_without_a_column_name_are_kept_as_an_index(tmp_path):
    assert cells(tmp_path, ",mpg\nMazda,21\nFiat,32\n") == [{"index": "Mazda", "mpg": 21}, {"index": "Fiat", "mpg": 32}]
    found = cells(tmp_path, ",index,x,\nMazda,1,21,\nFiat,2,32,q\n")
    assert found[1] == {"index_": "Fiat", "index": 2, "x": 32, "column 4": "q"}


def test_an_unnamed_column_of_parquet_is_no_label(tmp_path):
    pq.write_table(pa.table({"": ["a", "b"], "x": [1, 2]}), tmp_path / "t.parquet")
    records = list(read_table(tmp_path / "t.parquet").records())
    assert [(r.label, r.role) for r in records] == [(None, ""), (None, "")]


OWN = "id,width,height,kind,label,role,uri,labels,x\nc7,10,20,round,good,boss,u1,l1,1\nc8,11,21,flat,bad,aide,u2,l2,2\n"


def test_columns_called_as_the_labs_own_are_reachable_and_exported_under_their_names(tmp_path):
    (tmp_path / "r.csv").write_text(OWN)
    lab = veml.open(tmp_path / "lab")
    with pytest.warns(UserWarning, match="'height' is 'height_', 'id' is 'id_', 'kind' is 'kind_'"):
        v = lab.add("r", read_table(tmp_path / "r.csv"), progress=False)
    frame = v.to_pandas()
    assert frame["id_"].tolist() == ["c7", "c8"]
    assert frame["width_"].tolist() == [10, 11] and frame["width"].tolist() == [0, 0]
    assert frame["kind_"].tolist() == ["round", "flat"] and set(frame["kind"]) == {"row"}
    assert (frame["label_"].tolist(), frame["role_"].tolist()) == (["good", "bad"], ["boss", "aide"])
    assert (frame["uri_"].tolist(), frame["labels_"].tolist()) == (["u1", "u2"], ["l1", "l2"])
    assert len(v.filter("a", "width_ = 10")) == len(v.filter("b", "kind_ = 'round' AND label_ = 'good'")) == 1
    assert v.statistics().numbers["width_"]["max"] == 11
    assert v.statistics().columns["kind_"] == {"round": 1, "flat": 1}
    v.export(tmp_path / "out", "table")
    assert pq.read_table(tmp_path / "out/data.parquet").to_pylist() == pd.read_csv(tmp_path / "r.csv").to_dict(
        "records"
    )


def test_columns_of_our_names_are_features_of_a_training(tmp_path):
    lines = "".join(f"{i % 2},{'ab'[i % 2]}\n" for i in range(40))
    v = lab_with(tmp_path, f"width,y\n{lines}", label="y")
    x, names = (v.to_torch().x.numpy(), v.to_torch().names)
    assert names == ["width_"]
    assert x[:, 0].tolist() == [i % 2 for i in range(40)]


def test_a_target_called_as_one_of_our_columns_is_a_target_and_no_feature(tmp_path):
    v = lab_with(tmp_path, "height,a\n1.5,1\n2.5,2\n", targets="height")
    assert v.to_pandas()["height_"].tolist() == [1.5, 2.5]
    assert v.to_torch().names == ["a"]
    assert v.annotations.targets().ravel().tolist() == [1.5, 2.5]
    assert "height_" not in v.statistics().columns


def test_a_lab_of_before_shows_its_hidden_columns_too(tmp_path):
    """Nothing is stored otherwise: the names are chosen when a table is asked for."""
    v = lab_with(tmp_path, "ID,id_,Width\n7,b,c\n")
    row = v.to_pandas().iloc[0]
    assert (row["ID__"], row["id_"], row["Width_"]) == (7, "b", "c")
    assert len(v.filter("found", "ID__ = 7")) == 1


def test_own_names_never_meet():
    found = own_names(["id", "id_", "ID", "x", "Label"], ["x_"])
    assert found["id_"] == "id_" and found["x"] == "x" and found["Label"] == "Label_"
    assert len({n.lower() for n in found.values()}) == 5
    assert not {n.lower() for n in found.values()} & {"id", "label", "x_"}


@pytest.mark.parametrize("format", ["huggingface", "documents", "croissant"])
def test_pictures_keep_their_own_columns_in_every_format(format, tmp_path):
    (tmp_path / "set/a").mkdir(parents=True)
    Image.new("RGB", (20, 10), "red").save(tmp_path / "set/a/1.png")
    names = ["width", "id", "label"]
    (tmp_path / "set/columns.csv").write_text("file,width,id,label\n1.png,7,c1,good\n")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        v = veml.open(tmp_path / "lab").add("s", veml.read(tmp_path / "set", format="image_folder"), progress=False)
        frame = v.to_pandas()
        assert (frame["width"][0], frame["width_"][0], frame["id_"][0]) == (20, 7, "c1")
        assert (frame["label"][0], frame["label_"][0]) == ("a", "good")
        if format == "documents":
            v.export(tmp_path / "out", format)
        else:  # label is their own name of the class: refused, or left out with lossy
            names.remove("label")
            with pytest.raises(BadInput, match="'label'"):
                v.export(tmp_path / "out", format)
            v.export(tmp_path / "out", format, lossy=True)
        (r,) = veml.read(tmp_path / "out", format=format).records()
    assert {n: r.columns.get(n) for n in names} == {n: {"width": 7, "id": "c1", "label": "good"}[n] for n in names}
    assert (r.label, r.width) == ("a", 20)


def test_attributes_called_as_a_box_are_reachable(tmp_path):
    from veml_lab.sources.source import Box, Record, Source
    from veml_lab.versions.tables import flat_annotations

    out = io.BytesIO()
    Image.new("RGB", (20, 10)).save(out, "PNG")
    record = Record("a.png", out.getvalue(), 20, 10, boxes=(Box("car", 1, 1, 5, 5, {"area": 9, "label": "old"}),))
    source = Source("made", "made", "detection", ("car",), lambda: iter([record]), 1, "made-1")
    v = veml.open(tmp_path / "lab").add("s", source, progress=False)
    (row,) = flat_annotations(v, "box").to_pylist()
    assert (row["area"], row["area_"], row["label"], row["label_"]) == (25.0, 9, "car", "old")
    assert len(v.filter("found", "any box (area_ = 9 AND label_ = 'old')")) == 1


@pytest.mark.parametrize("name", ["label", "Label", "class"])
def test_a_label_column_of_a_plain_table_is_hinted_at(name, tmp_path):
    (tmp_path / "t.csv").write_text(f"x,{name}\n1,a\n")
    with pytest.warns(UserWarning, match=f"label='{name}' makes it the class"):
        read_table(tmp_path / "t.csv")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_table(tmp_path / "t.csv", label=name)


# -- cells of Arrow --------------------------------------------------------------------------------


def test_decimals_durations_and_big_numbers_of_parquet_are_the_same_numbers(tmp_path):
    table = pa.table(
        {
            "id": pa.array([decimal.Decimal(10**30 + 1)], pa.decimal128(38, 0)),
            "price": pa.array([decimal.Decimal("9.75")]),
            "fine": pa.array([decimal.Decimal("0.1234567890123456789")]),
            "ns": pa.array([90_000_000_000], pa.duration("ns")),
            "ms": pa.array([1_500], pa.duration("ms")),
            "big": pa.array([2**63 + 1], pa.uint64()),
            "day": [datetime.date(2024, 1, 2)],
            "clock": [datetime.time(12, 30)],
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    (r,) = read_table(tmp_path / "t.parquet").records()
    assert r.columns == {
        "id": 10**30 + 1, "price": 9.75, "fine": "0.1234567890123456789", "ns": 90, "ms": 1.5, "big": 2**63 + 1,
        "day": "2024-01-02", "clock": r.columns["clock"],
    }  # fmt: skip
    assert r.columns["clock"].startswith("12:30")


def test_a_gap_does_not_round_the_big_numbers_beside_it(tmp_path):
    v = lab_with(tmp_path, f"n,small,x\n{2**53 + 1},1,a\n,,b\n{-(2**62) - 1},3,c\n")
    frame = v.to_pandas()
    assert [None if v is pd.NA else int(v) for v in frame["n"]] == [2**53 + 1, None, -(2**62) - 1]
    assert frame["small"].dtype == np.float64  # as pandas has it, where nothing is lost
    assert len(v.filter("a", f"n = {2**53 + 1}")) == 1


# -- YAML and texts of attributes ------------------------------------------------------------------

WORDS = ["no", "yes", "on", "off", "007", "null", "~", "2024-01-02", "12:30", "1e5", "1.10", "true", "0x1F", "1_000"]


def test_names_of_a_yaml_file_are_as_they_stand():
    listed = "names:\n" + "".join(f"  - {w}\n" for w in WORDS)
    numbered = "names:\n" + "".join(f"  {i}: {w}\n" for i, w in enumerate(WORDS))
    flow = f"names: [{', '.join(WORDS)}]\n"
    for text in (listed, numbered, flow):
        assert yaml_head(text, "data.yaml").names == tuple(WORDS)
    assert yaml_head("names:\n  0: no\n  2: yes\n", "data.yaml").names == ("no", "1", "yes")
    assert yaml_head(yaml.safe_dump({"names": WORDS}), "data.yaml").names == tuple(WORDS)


def test_names_that_are_none_are_refused_by_their_place():
    with pytest.raises(BadData, match="the class 1 has an empty name"):
        yaml_head("names:\n  0: car\n  1:\n", "data.yaml")
    for text in ("names: [[a], b]", "names: {a: b}", "names: 3", "names: {-1: a}", "names: {0.5: a}"):
        with pytest.raises(BadData, match="names is no list of class names"):
            yaml_head(text, "data.yaml")


def test_poses_of_a_yaml_file_are_still_read():
    head = yaml_head("names: [no]\nkpt_shape: [2, 3]\nkpt_names:\n  0: [on, off]\n", "data.yaml")
    assert (head.points, head.values) == (2, 3)
    assert head.about == {"keypoints": {"no": {"names": ["on", "off"], "skeleton": []}}}
    for wrong in ("[2]", "[0, 2]", "[2, 4]", "x", "[a, 2]"):
        with pytest.raises(BadData, match="kpt_shape is not"):
            yaml_head(f"names: [a]\nkpt_shape: {wrong}\n", "data.yaml")
    assert yaml_head("names: [a]\nkpt_shape: null\n", "data.yaml").points == 0


def test_a_yolo_set_has_the_names_of_its_file_through_lab_and_export(tmp_path):
    root = tmp_path / "set"
    (root / "images/train").mkdir(parents=True)
    (root / "labels/train").mkdir(parents=True)
    Image.new("RGB", (64, 48)).save(root / "images/train/1.jpg")
    (root / "labels/train/1.txt").write_text("2 0.5 0.5 0.25 0.25\n0 0.3 0.3 0.2 0.2\n")
    (root / "data.yaml").write_text("train: images/train\nval: images/train\nnames:\n  0: no\n  2: yes\n")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        v = veml.open(tmp_path / "lab").add("s", veml.read(root), progress=False)
        assert v.classes == ("no", "1", "yes")
        v.export(tmp_path / "out", "yolo")
        assert veml.read(tmp_path / "out").classes == ("no", "1", "yes")
    assert yaml.safe_load((tmp_path / "out/data.yaml").read_text())["names"] in (
        ["no", "1", "yes"],
        {0: "no", 1: "1", 2: "yes"},
    )


def test_a_folder_whose_name_is_a_number_is_a_part_of_a_yolo_set(tmp_path):
    for year in ("2023", "2024"):
        (tmp_path / "set" / year).mkdir(parents=True)
        Image.new("RGB", (64, 48)).save(tmp_path / "set" / year / "1.jpg")
        (tmp_path / "set" / year / "1.txt").write_text("0 0.5 0.5 0.25 0.25\n")
    (tmp_path / "set/data.yaml").write_text("train: 2023\nval: 2024\nnames: [off]\n")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        roles = {r.uri: r.role for r in veml.read(tmp_path / "set").records()}
    assert roles == {"2023/1.jpg": "train", "2024/1.jpg": "test"}


@pytest.mark.parametrize("text", ["007", "1.10", "1e5", "+5", "-0", "00", "1_0", "NaN", "Infinity", ".5", "5."])
def test_a_text_that_looks_like_a_number_stays_a_text(text):
    assert value_of(text) == text
    assert cell_of(text) == text
    assert value_of(text_of_value(text)) == text


@pytest.mark.parametrize("value", [7, -3, 0, 1.5, 1e-05, 2.0, True, False, 2**70])
def test_a_number_comes_back_as_the_number(value):
    for read in (value_of, cell_of):
        back = read(text_of_value(value))
        assert back == value or value == 2**70
        assert type(back) is type(value) or value == 2**70


def test_the_head_of_a_table_says_where_its_rows_begin():
    head = head_of(b"\xef\xbb\xbf\n\na;b\n1;2\n", "t")
    assert (head.names, head.delimiter, head.lines) == (("a", "b"), ";", 3)
    with pytest.raises(BadData, match="is empty"):
        head_of(b"\xef\xbb\xbf \n", "t")

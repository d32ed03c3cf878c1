"""Tables: every cell against pandas or a printed value, types of whole columns, damaged and hostile files."""

import datetime
import decimal
import gzip
import os
import tarfile
import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from patience import PATIENCE_S

from veml_lab.errors import BadData, BadInput, MissingFile, UnknownName, VemlError
from veml_lab.formats import Caption, Record, Source, Target, read, read_table, write
from veml_lab.sources.cells import Spool


def rows(source) -> list[dict]:
    return [dict(r.columns) for r in source.records()]


@pytest.fixture
def flowers(tmp_path):
    """150 rows of four numbers, a class and a split."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(3, 1, (150, 4)).round(3), columns=["a", "b", "c", "d"])
    table["species"] = np.array(["setosa", "virginica", "versicolor"])[rng.integers(0, 3, 150)]
    table["split"] = np.where(np.arange(150) % 5, "train", "test")
    table.to_csv(tmp_path / "flowers.csv", index=False)
    table.to_parquet(tmp_path / "flowers.parquet", index=False)
    table.to_feather(tmp_path / "flowers.feather")
    with gzip.open(tmp_path / "flowers.tsv.gz", "wt") as f:
        table.to_csv(f, index=False, sep="\t")
    return tmp_path, table


@pytest.mark.parametrize("name", ["flowers.csv", "flowers.parquet", "flowers.feather", "flowers.tsv.gz"])
def test_every_cell_class_target_and_role_is_what_pandas_wrote(flowers, name):
    folder, table = flowers
    source = read(folder / name, label="species", targets=["a", "b"], role="split")
    assert source.classes == ("setosa", "versicolor", "virginica") and source.task == "classification"
    assert source.total == 150
    for r, (_, t) in zip(source.records(), table.iterrows(), strict=True):
        assert (r.label, r.role, r.kind, r.image) == (t["species"], t["split"], "row", b"")
        assert r.targets == (Target("a", t["a"]), Target("b", t["b"])) and r.columns == {"c": t["c"], "d": t["d"]}
    assert [r.uri for r in source.records()][:2] == [f"{name}#0", f"{name}#1"]


def test_the_type_of_a_csv_column_is_that_of_the_whole_column(tmp_path):
    """The first megabyte suggests whole numbers, and nothing at all; the last line says otherwise."""
    (tmp_path / "t.csv").write_text("a,b,c\n" + "1,,2\n" * 300_000 + "2.5,seven,3\n")
    source = read(tmp_path / "t.csv")
    first, *_, last = source.records()
    assert (
        dict(first.columns) == {"a": 1.0, "c": 2}
        and isinstance(first.columns["a"], float)
        and isinstance(first.columns["c"], int)
    )
    assert dict(last.columns) == {"a": 2.5, "b": "seven", "c": 3}


def test_types_that_are_said_are_kept_or_refused(tmp_path):
    (tmp_path / "t.csv").write_text("zip,n\n01067,1\n80331,x\n")
    assert rows(read_table(tmp_path / "t.csv", types={"zip": "str"}))[0] == {"zip": "01067", "n": "1"}
    with pytest.raises(BadData, match=r"'n' is to be of type int64, but .* 'x'"):
        read_table(tmp_path / "t.csv", types={"n": "int"})
    with pytest.raises(UnknownName, match="no column"):
        read_table(tmp_path / "t.csv", types={"m": "int"})
    with pytest.raises(UnknownName, match="no type 'integer'"):
        read_table(tmp_path / "t.csv", types={"n": "integer"})


def test_missing_values_are_left_out_and_infinite_ones_reported(tmp_path):
    pq.write_table(
        pa.table({"x": [1.0, None, float("nan"), float("inf")], "s": ["", None, "NA", "b"]}), tmp_path / "t.parquet"
    )
    source = read(tmp_path / "t.parquet")
    with pytest.warns(UserWarning, match="no finite number"):
        assert rows(source) == [{"x": 1.0, "s": ""}, {}, {"s": "NA"}, {"s": "b"}]
    with pytest.raises(BadData, match="no finite number"):
        rows(read(tmp_path / "t.parquet", strict=True))


def test_arrow_types_become_plain_cells(tmp_path):
    day = datetime.datetime(2026, 3, 1, 12, 30)
    table = pa.table(
        {
            "when": pa.array([day], pa.timestamp("us")),
            "utc": pa.array([day], pa.timestamp("ns", "UTC")),
            "day": [day.date()],
            "price": [decimal.Decimal("9.75")],
            "kind": pa.array(["a"]).dictionary_encode(),
            "half": pa.array([1.5], pa.float16()),
            "big": pa.array([2**63], pa.uint64()),
            "span": pa.array([90], pa.duration("s")),
            "view": pa.array(["v"], pa.string_view()),
        }
    )
    with pa.ipc.new_stream(tmp_path / "t.arrow", table.schema) as out:
        out.write_table(table)
    assert rows(read(tmp_path / "t.arrow")) == [
        {
            "when": "2026-03-01 12:30:00.000000",
            "utc": "2026-03-01 12:30:00.000000000Z",
            "day": "2026-03-01",
            "price": 9.75,
            "kind": "a",
            "half": 1.5,
            "big": 2**63,
            "span": 90,
            "view": "v",
        }
    ]


def test_nested_columns_are_left_out_and_told_unless_they_are_asked_for(tmp_path):
    pq.write_table(pa.table({"x": [1], "v": [[1.0, 2.0]], "b": [b"\0"]}), tmp_path / "t.parquet")
    with pytest.warns(UserWarning, match=r"skipped 2 .*'v' is of type list<"):
        assert rows(read(tmp_path / "t.parquet")) == [{"x": 1}]
    with pytest.raises(BadData, match=r"'v' is of type list<"):
        read(tmp_path / "t.parquet", strict=True)
    with pytest.raises(BadData, match=r"'v' is of type list<.*name other columns to keep with columns="):
        read(tmp_path / "t.parquet", columns=["v"])
    assert rows(read(tmp_path / "t.parquet", columns=["x"])) == [{"x": 1}]


def test_row_groups_of_any_size_give_all_rows_in_order(tmp_path):
    with pq.ParquetWriter(tmp_path / "t.parquet", pa.schema({"i": pa.int64()})) as out:
        at = 0
        for n in (1, 0, 70_000, 3, 0, 20_000):
            out.write_table(pa.table({"i": pa.array(range(at, at + n), pa.int64())}), row_group_size=33_000)
            at += n
    assert [r.columns["i"] for r in read(tmp_path / "t.parquet").records()] == list(range(90_004))


def test_a_folder_gives_roles_by_file_and_must_have_one_schema(tmp_path):
    for name, values in (("train-0.csv", [1, 2]), ("train-1.csv", [3]), ("test.csv", [4])):
        pd.DataFrame({"x": values, "y": 0.5}).to_csv(tmp_path / name, index=False)
    assert [(r.uri, r.role, r.columns["x"]) for r in read(tmp_path).records()] == [
        ("test.csv#0", "test", 4),
        ("train-0.csv#0", "train", 1),
        ("train-0.csv#1", "train", 2),
        ("train-1.csv#0", "train", 3),
    ]
    with tarfile.open(tmp_path.parent / "t.tar.gz", "w:gz") as t:
        t.add(tmp_path, arcname="set")
    assert [r.columns["x"] for r in read(tmp_path.parent / "t.tar.gz").records()] == [4, 1, 2, 3]
    pd.DataFrame({"x": [1], "z": 1}).to_csv(tmp_path / "train-2.csv", index=False)
    with pytest.raises(BadData, match=r"train-2\.csv has other columns than .*'y'"):
        read(tmp_path)


def test_validation_is_for_testing_and_keeps_its_cell_beside_a_test_part(tmp_path):
    (tmp_path / "a.csv").write_text("x,part\n1,train\n2,VAL\n")
    (tmp_path / "b.csv").write_text("x,part\n1,train\n2,VAL\n3,test\n")
    assert [r.role for r in read(tmp_path / "a.csv", role="part").records()] == ["train", "test"]
    assert [(r.role, dict(r.columns)) for r in read(tmp_path / "b.csv", role="part").records()] == [
        ("train", {"x": 1}),
        ("test", {"x": 2, "part": "VAL"}),
        ("test", {"x": 3}),
    ]


def test_classes_are_sorted_by_number_where_they_are_numbers(tmp_path):
    (tmp_path / "t.csv").write_text("y,ok\n10,true\n9,false\n,true\n")
    source = read(tmp_path / "t.csv", label="y")
    assert source.classes == ("9", "10") and [r.label for r in source.records()] == ["10", "9", None]
    assert read(tmp_path / "t.csv", label="ok").classes == ("false", "true")
    assert read(tmp_path / "t.csv", label="y", classes=["10", "9", "11"]).classes == ("10", "9", "11")
    with pytest.raises(BadData, match="has the class '10', which is not among classes="):
        read(tmp_path / "t.csv", label="y", classes=["9"])


def test_an_id_is_no_class(tmp_path, monkeypatch):
    monkeypatch.setattr("veml_lab.sources.cells.MAX_CLASSES", 20)
    (tmp_path / "t.csv").write_text("y\n" + "\n".join(map(str, range(50))))
    with pytest.raises(BadInput, match=r"more than 20 different values, so it is no class.*targets="):
        read(tmp_path / "t.csv", label="y")


def test_a_target_must_be_a_number(tmp_path):
    (tmp_path / "t.csv").write_text("y,z\nsoon,1\n2,\n")
    with pytest.raises(BadData, match="the target 'y' is of type string, not a number"):
        read(tmp_path / "t.csv", targets="y")
    assert [r.targets for r in read(tmp_path / "t.csv", targets="z").records()] == [(Target("z", 1.0),), ()]


def test_rows_of_another_length_are_reported_or_refused(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n3\n4,5,6\n7,8\n")
    source = read(tmp_path / "t.csv")
    with pytest.warns(UserWarning, match="skipped 2"):
        assert [r.columns["a"] for r in source.records()] == [1, 7]
    assert source.total == 2 and "has 1 cells, the header 2: '3'" in source.findings()[0]
    with pytest.raises(BadData, match="row 3: has 1 cells, the header 2"):
        list(read(tmp_path / "t.csv", strict=True).records())


@pytest.mark.parametrize(("text", "delimiter"), [("a;b\n1;x,y\n", None), ("a|b\n1|x,y\n", None), ("a,b\n1,x;y\n", ",")])
def test_the_delimiter_is_found_or_said(tmp_path, text, delimiter):
    (tmp_path / "t.csv").write_text(text)
    assert rows(read_table(tmp_path / "t.csv", delimiter=delimiter))[0]["a"] == 1


def test_an_encoding_can_be_said(tmp_path):
    (tmp_path / "t.csv").write_bytes("ort,n\n서울,1\n".encode("cp949"))
    with pytest.raises(BadData, match=r"no UTF-8 text.*say encoding="):
        read(tmp_path / "t.csv")
    assert rows(read(tmp_path / "t.csv", encoding="cp949")) == [{"ort": "서울", "n": 1}]
    with pytest.raises(BadInput, match="no encoding 'klingon'"):
        read(tmp_path / "t.csv", encoding="klingon")


def test_a_new_option_or_file_time_changes_the_fingerprint(flowers):
    path = flowers[0] / "flowers.csv"
    prints = [
        read(path, **o).fingerprint
        for o in ({}, {"label": "species"}, {"targets": "a"}, {"columns": ["a"]}, {"types": {"a": "str"}})
    ]
    assert len(set(prints)) == 5 and read(path).fingerprint == prints[0]
    os.utime(path, ns=(1, 1))
    assert read(path).fingerprint != prints[0]


@pytest.mark.parametrize("name", ["flowers.parquet", "flowers.feather"])
def test_a_truncated_file_is_one_error_with_its_name(flowers, name):
    path = flowers[0] / name
    whole = path.read_bytes()
    for n in (0, 7, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:n])
        with pytest.raises(BadData, match=name):
            list(read(path).records())


@pytest.mark.timeout(PATIENCE_S)
@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # Arrow decodes a bad row before we see it
@pytest.mark.parametrize(
    "name",
    ["flowers.parquet", "flowers.feather", "flowers.csv", "flowers.tsv.gz", "written/data.parquet", "stream.arrow"],
)
def test_mutated_files_are_read_or_refused_and_nothing_else(flowers, name):
    folder, table = flowers
    write(read(folder / "flowers.csv", label="species"), folder / "written", "table")
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    with pa.ipc.new_stream(folder / "stream.arrow", arrow.schema) as out:
        out.write_table(arrow)
    path = folder / name
    whole, rng, refused = path.read_bytes(), np.random.default_rng(3), 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(120):
            b = bytearray(whole)
            for at in rng.integers(0, len(b), int(rng.integers(1, 5))):
                b[at] = int(rng.integers(256))
            path.write_bytes(bytes(b[: int(rng.integers(len(b) // 2, len(b) + 1))] if rng.random() < 0.2 else b))
            try:
                for r in read(path).records():
                    assert r.kind == "row"
            except VemlError as e:
                assert len(str(e)) > 20
                refused += 1
    assert refused > (5 if "csv" in name else 20)


def test_pickled_extension_types_are_not_opened(tmp_path):
    """Old pyarrow stored Python types as pickles; the name alone is enough to refuse."""
    field = pa.field(
        "x",
        pa.int64(),
        metadata={"ARROW:extension:name": "arrow.py_extension_type", "ARROW:extension:metadata": "cos\nsystem\n."},
    )
    table = pa.table([pa.array([1])], schema=pa.schema([field]))
    pq.write_table(table, tmp_path / "t.parquet")
    with pa.ipc.new_file(tmp_path / "t.arrow", table.schema) as out:
        out.write_table(table)
    for name in ("t.parquet", "t.arrow"):
        with pytest.raises(BadData, match="Python extension type stored as a pickle"):
            read(tmp_path / name)


@pytest.mark.parametrize("text", ["", "\n\n", "a,a\n1,2\n"])
def test_tables_without_a_usable_header_are_refused(tmp_path, text):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(BadData, match=r"is empty|two columns called 'a'"):
        read(tmp_path / "t.csv")


def test_missing_things_say_what_there_is(flowers):
    with pytest.raises(UnknownName, match=r"no column \(label\) .* 'specie'; known: species"):
        read(flowers[0] / "flowers.csv", label="specie")
    with pytest.raises(MissingFile, match="no file or folder"):
        read_table(flowers[0] / "nowhere.csv")
    (flowers[0] / "none").mkdir()
    with pytest.raises(MissingFile, match="holds no table"):
        read_table(flowers[0] / "none")


def made(*records: Record) -> Source:
    return Source("made", "made", "none", (), lambda: iter(records), len(records), "f")


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([Record("a", b"x", 1, 1)], "is no table row but an image"),
        ([Record("a", b"", 0, 0, kind="row", captions=(Caption("x"),))], "has captions, which a table cannot hold"),
        (
            [
                Record("a", b"", 0, 0, kind="row", columns={"x": 1}),
                Record("b", b"", 0, 0, kind="row", columns={"x": "y"}),
            ],
            "different types",
        ),
        (
            [
                Record("a", b"", 0, 0, "train", kind="row"),
                Record("b", b"", 0, 0, "test", kind="row", columns={"split": 1}),
            ],
            r"'split' \(the name of its class, role or target\)",
        ),
        ([Record("a", b"", 0, 0, kind="row")], "nothing to write"),
    ],
)
def test_what_a_table_cannot_hold_is_refused_and_nothing_is_left(tmp_path, records, said):
    with pytest.raises(BadInput, match=said):
        write(made(*records), tmp_path / "out", "table")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_kind_of_file_or_option_of_the_writer_is_refused(tmp_path):
    record = Record("a", b"", 0, 0, kind="row", columns={"x": 1})
    with pytest.raises(BadInput, match="parquet, csv, arrow, not as 'xlsx'"):
        write(made(record), tmp_path / "out", "table", file="xlsx")
    with pytest.raises(UnknownName, match="no option of writing table 'fil'"):
        write(made(record), tmp_path / "out", "table", fil="csv")


def test_pieces_of_unlike_columns_become_one_table(tmp_path):
    spool = Spool(tmp_path, rows=3)
    for i in range(10):
        spool.append({"i": i} | ({"late": f"v{i}"} if i > 6 else {}) | ({"x": 1} if i < 3 else {"x": 1.5}))
    schema, tables = spool.tables(["late"])
    whole = pa.concat_tables(tables)
    assert schema.names == ["late", "i", "x"] and whole["x"].to_pylist() == [1.0] * 3 + [1.5] * 7
    assert whole["late"].to_pylist() == [None] * 7 + ["v7", "v8", "v9"] and list(tmp_path.iterdir()) == []

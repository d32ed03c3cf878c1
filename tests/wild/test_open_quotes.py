"""A quote that is opened in a CSV and not closed in its line makes one text of all rows up to the next: it is said."""

from __future__ import annotations

import pytest
from PIL import Image
from sets_of_every_format import SETS

from veml_lab.errors import BadData
from veml_lab.formats import read

ROWS = [f"{i}.png,{'cat' if i % 2 else 'dog'},{i}" for i in range(8)]


def folder_with(at, name, rows, header="file_name,label,day"):
    for i in range(8):
        Image.new("RGB", (20, 20), (i * 20, 0, 0)).save(at / f"{i}.png")
    (at / name).write_text("\n".join([header, *rows, ""]))
    return at


READERS = {"huggingface": "metadata.csv", "picture_table": "labels.csv", "table": "x.csv"}


def read_as(format, at, **options):
    return read(at / READERS[format] if format == "table" else at, format, **options)


@pytest.mark.parametrize("format", READERS)
@pytest.mark.parametrize(
    ("opened", "closed", "swallowed"),
    [(2, None, 5), (6, None, 1), (2, 5, 2), (0, 2, 1)],
    ids=["to the end", "in the last row but one", "up to a later quote", "one row only"],
)
def test_rows_that_became_one_text_are_a_finding_with_their_number(format, tmp_path, opened, closed, swallowed):
    rows = list(ROWS)
    name, label, day = rows[opened].split(",")
    rows[opened] = f'{name},{label},"{day}'
    if closed is not None:
        rows[closed] = f'{rows[closed]}"'
    source = read_as(format, folder_with(tmp_path, READERS[format], rows))
    there = len(list(source.records()))
    assert there == 8 - swallowed - (closed is not None)
    said = [f for f in map(str, source.findings()) if "a quote is opened" in f]
    assert len(said) == 1 and f"holds {swallowed + (closed is not None):,} lines" in said[0]
    assert f"{READERS[format]}, row {opened + 1} after the header, cell 3" in said[0]
    with pytest.raises(BadData, match="a quote is opened"):
        list(read_as(format, tmp_path, strict=True).records())


@pytest.mark.parametrize("format", READERS)
def test_an_open_quote_in_the_first_cell_is_a_finding_too(format, tmp_path):
    rows = [f'"{r}' if i == 2 else r for i, r in enumerate(ROWS)]
    source = read_as(format, folder_with(tmp_path, READERS[format], rows))
    assert len(list(source.records())) == 2
    assert any("has 1 cells, the header 3" in str(f) for f in source.findings())


@pytest.mark.parametrize("format", READERS)
def test_texts_of_several_lines_stay_what_they_are_and_nothing_is_said(format, tmp_path):
    texts = [
        "one\ntwo",
        "of one, and\ntwo, as said",
        "a\n\nb",
        "x,y,z",
        'he said ""no""\nand left',
        "\n",
        "a,b\nc,d,e\nf",
        "8",
    ]
    rows = [f'{i}.png,cat,"{t}"' for i, t in enumerate(texts)]
    source = read_as(format, folder_with(tmp_path, READERS[format], rows))
    came = list(source.records())
    assert len(came) == 8 and not source.findings()
    assert [r.columns["day"] for r in came if "day" in r.columns] == [t.replace('""', '"') for t in texts]


def test_the_number_of_a_row_is_counted_over_all_pieces_of_a_file(tmp_path):
    rows = [f'{i}.png,cat,"{"x" * 50}"' for i in range(60_000)]
    rows[59_000:] = ['59000.png,cat,"open', "59001.png,cat,1", "59002.png,cat,1"]
    (tmp_path / "x.csv").write_text("\n".join(["file_name,label,day", *rows, ""]))
    source = read(tmp_path / "x.csv", "table")
    assert len(list(source.records())) == 59_001
    assert "row 59,001 after" in str(source.findings()) or "row 59001 after" in str(source.findings())


def test_a_table_of_one_column_of_texts_is_left_alone(tmp_path):
    at = folder_with(tmp_path, "x.csv", ['"one\ntwo"', '"three\nfour\nfive"'], header="text")
    source = read(at / "x.csv", "table")
    assert [r.columns["text"] for r in source.records()] == ["one\ntwo", "three\nfour\nfive"] and not source.findings()


@pytest.mark.parametrize("format", ["open_images", "via"])
@pytest.mark.parametrize("line", [1, 2, -1])
def test_a_table_of_boxes_with_an_open_quote_is_damaged(format, line, folder_of):
    if format == "via":
        shape = '"{""name"":""rect"",""x"":1,""y"":1,""width"":3,""height"":3}"'
        rows = [f'{i}.jpg,1,"{{}}",1,0,{shape},"{{""class"":""cat""}}"' for i in range(4)]
        head = "filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,region_attributes"
        files = {f"{i}.jpg": None for i in range(4)} | {"via.csv": "\n".join([head, *rows, ""])}
    else:
        head = "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated"
        rows = [f"{i},xclick,/m/cat,1,0.1,0.5,0.1,0.5,0,0" for i in range(4)]
        files = {f"images/{i}.jpg": None for i in range(4)} | {"class-descriptions-boxable.csv": "/m/cat,cat\n"}
        files["train-annotations-bbox.csv"] = "\n".join([head, *rows, ""])
    at = folder_of(files)
    there = list(read(at, format).records())
    assert len(there) == 4 and all(r.boxes for r in there)
    table = next(p for p in sorted(at.rglob("*.csv")) if "XMin" in p.read_text() or p.name == "via.csv")
    lines = table.read_text().splitlines()
    lines[line] = '"' + lines[line]
    table.write_text("\n".join([*lines, ""]))
    with pytest.raises(BadData, match="damaged table"):
        list(read(at, format, strict=True).records())
    try:
        source = read(at, format)
        assert len(list(source.records())) <= 4 and any("damaged table" in f for f in source.findings())
    except BadData as e:  # nothing of it can be read
        assert "damaged table" in str(e)


def test_rows_of_a_croissant_table_with_other_cells_are_findings(folder_of):
    files = SETS["croissant"](("train", "train"))
    said = files["croissant.json"]
    for file in said["distribution"]:
        file.pop("sha256", None)  # who says it has the damage told by it
    files["t.csv"] += b"aa.jpg,cat,train,one too many\n"
    source = read(folder_of(files), "croissant")
    assert len(list(source.records())) == 2
    assert any("has 4 cells, the header 3" in f for f in source.findings())

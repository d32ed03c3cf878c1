"""Tables, sensor readings and hub folders, written in the layouts and notations in which people have them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st
from layouts import SET, Choose, Layout, _ending, marked, png

ROWS = (("Ulm", 1, 1.5, "yes"), ("São Paulo", -20, 2.25, "no"), ("x y", 300, -3.5, "yes"))


def told_of_rows(source: Any) -> list[tuple[Any, ...]]:
    """The rows of a table with their class."""
    return [(r.columns["town"], r.columns["n"], r.columns["x"], r.label) for r in source.records()]


def _line(c: Choose, cells: list[str], gap: str) -> str:
    quote = c("quotes", "where needed", "all")
    return gap.join(f'"{v}"' if quote == "all" or gap in v else v for v in cells) + "\n"


@st.composite
def table(draw: Any) -> Layout:
    """CSV with any separator, decimal sign, quotes and encoding; one file or several."""
    layout = Layout("table", options={"label": "y"}, told=told_of_rows, expected=sorted(ROWS, key=lambda r: r[1]))
    layout.told = lambda source: sorted(told_of_rows(source), key=lambda r: r[1])
    c = Choose(draw, layout)
    gap = c("separator", ",", ";", "\t", "|")
    decimal = c("decimal", ".", *([","] if gap != "," else []))
    order = c("columns", (0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1))
    head, split = ["town", "n", "x", "y"], c("files", "one", "two")
    if c("excel", False, False, True) and gap != "\t":
        layout.choices["first line"] = f"sep={gap}"
    files: dict[str, list[tuple[Any, ...]]] = {}
    for i, row in enumerate(ROWS):
        files.setdefault(("a" if i else "b") if split == "two" else c("file", "data", "My Table"), []).append(row)
    for file, rows in files.items():
        cells = [head, *([t, str(n), str(x).replace(".", decimal), y] for t, n, x, y in rows)]
        text = "".join(_line(c, [r[k] for k in order], gap) for r in cells)
        if "first line" in layout.choices:
            text = f"sep={gap}\n{text}"
        ending = ".tsv" if gap == "\t" and c("ending of tabs", True, False) else c("ending", ".csv", ".CSV")
        layout.files[file + ending] = c.encoded(text, utf16=True)
    return layout


@st.composite
def huggingface(draw: Any) -> Layout:
    """Pictures with metadata.jsonl or metadata.csv, and Parquet as the hub has it."""
    layout = Layout("huggingface")
    c = Choose(draw, layout)
    how = c("layout", "one folder", "parts", "parquet")
    if how == "parquet":
        return _parquet(c, layout)
    above, end, file = c.nested(), _ending(c), c("file", "metadata.jsonl", "metadata.csv")
    boxes = file.endswith("jsonl") and c("boxes", True, False)
    inside = c("pictures", "", "images/")
    by_part: dict[str, list[dict[str, Any]]] = {}
    for i, p in enumerate(SET):
        part = f"{c.part(p.part)}/" if how == "parts" else ""
        layout.files[f"{above}{part}{inside}{p.name}{end}"] = png(i)
        said = c("names", "{}", "./{}").format(f"{inside}{p.name}{end}")
        row: dict[str, Any] = {"file_name": said}
        if boxes:
            row["objects"] = {"bbox": [list(b[1:]) for b in p.boxes], "categories": [b[0] for b in p.boxes]}
        else:
            row["label"] = p.label
        by_part.setdefault(part, []).append(row)
    for part, rows in by_part.items():
        if file.endswith("jsonl"):
            text = "".join(json.dumps(r, ensure_ascii=c("ascii", True, False)) + "\n" for r in rows)
        else:
            quote = c("quotes", "", '"')
            lines = [list(rows[0]), *(list(r.values()) for r in rows)]
            text = "".join(",".join(f"{quote}{v}{quote}" for v in line) + "\n" for line in lines)
        layout.files[above + part + file] = c.encoded(text)
    layout.expected = marked(how == "parts", boxes=bool(boxes), labels=not boxes)
    return layout


def _parquet(c: Choose, layout: Layout) -> Layout:
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq

    above, shape = c.nested(), c("shape", "data/{}-00000-of-00001.parquet", "{}.parquet", "{}/0000.parquet")
    numbers = c("class", "text", "number")
    for part, said in (("train", c("train part", "train", "Train")), ("test", c("test part", "test", "validation"))):
        rows = [(i, p) for i, p in enumerate(SET) if p.part == part]
        images = [{"bytes": png(i), "path": f"{p.name}.png"} for i, p in rows]
        classes = [p.label if numbers == "text" else ("cat", "dog").index(p.label) for _, p in rows]
        kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
        made = pa.table({"image": pa.array(images, kind), "label": classes})
        if numbers == "number":
            features = {"image": {"_type": "Image"}, "label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}
            made = made.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
        out = io.BytesIO()
        pq.write_table(made, out, row_group_size=c("rows of a group", 1, 10))
        layout.files[above + shape.format(said)] = out.getvalue()
    layout.expected = marked(True, boxes=False, labels=True)
    return layout


TIMES = [(5, h) for h in range(13, 24)]
READINGS = [[20.5 + i, 3.25 * i] for i in range(len(TIMES))]


def told_of_series(source: Any) -> Any:
    """The readings of sensors by name."""
    s = source.series
    assert s is not None
    by_name = {n: [round(float(v), 4) for v in s.values[:, k, 0]] for k, n in enumerate(s.nodes)}
    return by_name, tuple(t[:13].replace(" ", "T") for t in s.times)


@st.composite
def sensors(draw: Any) -> Layout:
    """Readings of two sensors: a column each, or a row a reading."""
    layout = Layout("sensors", options={"window": 3, "horizon": 1}, told=told_of_series, named=True)
    c = Choose(draw, layout)
    gap = c("separator", ",", ";", "\t")
    decimal = c("decimal", ".", *([","] if gap != "," else []))
    how = c("layout", "wide", "long")
    form = c("time", "2024-03-{d:02}T{h:02}:00:00", "2024-03-{d:02} {h:02}:00", "2024/03/{d:02} {h:02}:00:00",
             "2024-03-{d:02}T{h:02}:00:00Z")  # fmt: skip
    day = c("day", 5, 13, 28)
    time, sensor, value = c("time column", "time", "timestamp", "Date", "datetime"), "sensor", "value"
    rows: list[list[str]] = [[time, "s1", "s2"]] if how == "wide" else [[time, sensor, value]]
    for (_, hour), values in zip(TIMES, READINGS):
        at = form.format(d=day, h=hour)
        texts = [f"{v:g}".replace(".", decimal) for v in values]
        rows += [[at, *texts]] if how == "wide" else [[at, s, t] for s, t in zip(("s1", "s2"), texts)]
    if how == "long" and c("order", "by time", "by sensor") == "by sensor":
        rows = [rows[0], *sorted(rows[1:], key=lambda r: (r[1], r[0]))]
    text = "".join(_line(c, r, gap) for r in rows)
    name = c("file", "readings.csv", "My Sensors.csv", "log.CSV")
    layout.files[name] = c.encoded(text, utf16=True)
    layout.path = name
    layout.expected = (
        {"s1": [v[0] for v in READINGS], "s2": [v[1] for v in READINGS]},
        tuple(f"2024-03-{day:02}T{h:02}" for _, h in TIMES),
    )
    return layout

"""Classes, tables, sensor readings and hub folders, written in the layouts and notations in which people have them."""

from __future__ import annotations

import bz2
import gzip
import io
import json
from typing import Any

from layouts import Choose, Layout, Pick, told_of_pictures

ROWS = (("Ulm", 1, 1.5, "yes"), ("S\u00e3o Paulo", -20, 2.25, "no"), ("x y", 300, -3.5, "yes"))
NAMED = {"animals": ("cat", "dog"), "blanks": ("tabby cat", "Dog"), "codes": ("n01", "n02"),
         "signs": ("\u732b", "\u72ac"),
         "words for missing": ("NA", "null"), "truth": ("no", "yes"), "postal": ("007", "7")}  # fmt: skip


def _named(c: Choose) -> dict[str, str]:
    """Classes under names that people use, those among them that a table may take for a gap or a number."""
    return dict(zip(("cat", "dog"), NAMED[c("classes", "animals", *NAMED)], strict=True))


def _classes(c: Choose, roles: bool) -> None:
    """What comes back where pictures have classes of :func:`_named`."""
    c.marked(roles, boxes=False, labels=True)
    names = _named(c)
    c.layout.expected = {k: (r, names[label], b) for k, (r, label, b) in c.layout.expected.items()}


def image_folder(pick: Pick) -> Layout:
    """Class folders, with or without parts, under any names."""
    c = Choose("image_folder", pick)
    above, end = c.nested(), c.ending()
    how = c("layout", "classes", "parts", "parts below classes", "lists")
    inner = c("below the class", "", "", "images/", "Images/") if how != "parts below classes" else ""
    top = c("above the classes", "", "", "images/", "data/") if how in ("classes", "lists") else ""
    names = _named(c)
    for i, p in enumerate(c.set()):
        part, label = c.part(p.part), names[p.label]
        place = {"classes": f"{label}/", "lists": f"{label}/", "parts": f"{part}/{label}/",
                 "parts below classes": f"{label}/{part}/"}  # fmt: skip
        name = c.name(p, how == "parts")
        c.layout.files[f"{above}{top}{place[how]}{inner}{name}{end}"] = c.image(i)
    if how == "lists":
        form = c("lines of lists", "{top}{label}/{inner}{name}", "./{top}{label}/{inner}{name}",
                 "/home/u/pets/{top}{label}/{inner}{name}", "{label}/{inner}{name}")  # fmt: skip
        for part in ("train", "test"):
            lines = [form.format(top=top, label=names[p.label], inner=inner, name=p.name + end)
                     for p in c.set() if p.part == part]  # fmt: skip
            file = f"{above}{c('lists are called', '{}.txt', '{}_list.txt').format(part)}"
            c.layout.files[file] = c.encoded("\n".join(lines) + "\n", utf16=True)
    c.noise(above)
    _classes(c, how != "classes")
    return c.layout


def picture_table(pick: Pick) -> Layout:
    """Pictures in a folder and a table of their classes."""
    c = Choose("picture_table", pick)
    above, end = c.nested(), c.ending()
    how = c("parts", "none", "column", "tables", "folders")
    folder, gap = c.cased("pictures", "images", "data", ""), c("separator", ",", ";", "\t", "|")
    file = c("file column", "file", "image", "filename", "Image_ID", "path", "image_path")
    label = c("class column", "label", "class", "Class", "category", "target")
    name = c("names", "bare", "no ending", "with folder", "other machine", "windows")
    more, names, quote = c("further column", "", "lux", "height", "id"), _named(c), c("quotes", "", '"')
    tables: dict[str, list[list[str]]] = {}
    for i, p in enumerate(c.set()):
        part = c.part(p.part)
        place = f"{part}/" if how == "folders" else f"{folder}/" if folder else ""
        c.layout.files[f"{above}{place}{p.name}{end}"] = c.image(i)
        said = {"bare": p.name + end, "no ending": p.name, "with folder": f"{place}{p.name}{end}",
                "other machine": f"/home/u/pets/{place}{p.name}{end}",
                "windows": "C:\\pets\\" + f"{place}{p.name}{end}".replace("/", "\\")}[name]  # fmt: skip
        row = [
            said,
            names[p.label],
            *([part.removesuffix("2017")] if how == "column" else []),
            *([f"{i}.5"] if more else []),
        ]
        tables.setdefault(part.lower() if how == "tables" else "labels", []).append(row)
    head = [file, label, *([c("role column", "split", "subset")] if how == "column" else []), *([more] if more else [])]
    index = c("index column", False, False, True)
    for table, given in tables.items():
        rows = c.turned(given, "order of rows")
        lines = [c.turned(r, "order of columns") for r in (head, *rows)]
        if index:
            lines = [["" if k == 0 else str(k - 1), *r] for k, r in enumerate(lines)]
        text = "".join(gap.join(f"{quote}{v}{quote}" for v in r) + "\n" for r in lines)
        ending = c("ending of tabs", ".tsv", ".TSV", ".csv") if gap == "\t" else c("ending of tables", ".csv", ".CSV")
        c.layout.files[f"{above}{table}{ending}"] = c.encoded(text, utf16=True)
    c.noise(above)
    _classes(c, how != "none")
    return c.layout


# -- tables ----------------------------------------------------------------------------------------


def told_of_rows(source: Any) -> list[tuple[Any, ...]]:
    """The rows of a table with their class, by a number that each has once."""
    rows = [(r.columns["town"], r.columns["n"], r.columns["x"], r.label) for r in source.records()]
    return sorted(rows, key=lambda r: r[1])


def _line(c: Choose, cells: list[str], gap: str) -> str:
    quote = c("quotes", "where needed", "all")
    return gap.join(f'"{v}"' if quote == "all" or gap in v else v for v in cells) + "\n"


def table(pick: Pick) -> Layout:
    """CSV with any separator, decimal sign, quotes and encoding, packed or not; Parquet and Arrow."""
    c = Choose("table", pick, options={"label": "y"}, told=told_of_rows, expected=sorted(ROWS, key=lambda r: r[1]))
    files: dict[str, list[tuple[Any, ...]]] = {}
    split = c("files", "one", "two")
    for i, row in enumerate(ROWS):
        files.setdefault(
            ("a" if i else "b") if split == "two" else c("file", "data", "My Table", "2024-01 (1)"), []
        ).append(row)
    if c("stored as", "text", "text", "text", "parquet", "arrow") != "text":
        return _columns_of(c, files)
    gap = c("separator", ",", ";", "\t", "|")
    decimal = c("decimal", ".", *([","] if gap != "," else []))
    spare = c("spare column", "", "note", "id", "height", "zip")
    index = c("index column", False, False, True)
    number = c("numbers", "{}", "{}", *(["{:.3f}", "{:.2e}"] if decimal == "." else ["{:.2f}"]))
    missing = c("missing", "", "", "NA", "NULL")
    if c("excel", False, False, True) and gap != "\t":
        c.layout.choices["first line"] = f"sep={gap}"
    for file, given in files.items():
        rows = [
            [t, str(n), number.format(x).replace(".", decimal), y] for t, n, x, y in c.turned(given, "order of rows")
        ]
        head = ["town", "n", "x", "y"]
        if spare:
            note = {"zip": "02116", "height": missing or "7"}.get(spare, missing or "a note")
            head, rows = [*head, spare], [[*r, note if k else "12345"] for k, r in enumerate(rows)]
        cells = [c.turned(r, "order of columns") for r in (head, *rows)]
        if index:
            cells = [["" if k == 0 else str(k - 1), *r] for k, r in enumerate(cells)]
        text = "".join(_line(c, r, gap) for r in cells)
        if "first line" in c.layout.choices:
            text = f"sep={gap}\n{text}"
        ending = c("ending of tabs", ".tsv", ".csv") if gap == "\t" else c("ending", ".csv", ".CSV")
        packed = c("compressed", "", "", ".gz", ".bz2")
        data = c.encoded(text, utf16=True)
        data = gzip.compress(data) if packed == ".gz" else bz2.compress(data) if packed else data
        c.layout.files[file + (ending.lower() if packed == ".bz2" and ending == ".tsv" else ending) + packed] = data
        if packed == ".bz2" and ending == ".tsv":  # no such ending is known
            c.layout.files[file + ".csv.bz2"] = c.layout.files.pop(file + ".tsv.bz2")
    c.noise("")
    return c.layout


def _columns_of(c: Choose, files: dict[str, list[tuple[Any, ...]]]) -> Layout:
    """The table by columns, in types that programs give them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    text = {"text": pa.string(), "large": pa.large_string(), "dictionary": pa.dictionary(pa.int8(), pa.string())}[
        c("texts are", "text", "large", "dictionary")
    ]
    whole, fine = c("whole numbers", pa.int64(), pa.int16()), c("numbers are", pa.float64(), pa.float32())
    packed = c("compression", "snappy", "zstd", "gzip", "none", "lz4")
    for file, rows in files.items():
        columns = list(zip(*c.turned(rows, "order of rows"), strict=True))
        made = dict(zip(["town", "n", "x", "y"], map(pa.array, columns, [text, whole, fine, text]), strict=True))
        shown = pa.table({n: made[n] for n in c.turned(list(made), "order of columns")})
        out = io.BytesIO()
        if c.layout.choices["stored as"] == "parquet":
            version = c("version", "1.0", "2.6")
            pq.write_table(
                shown, out, row_group_size=c("rows of a group", 1, 2, 10), compression=packed, version=version
            )
            ending = c("ending", ".parquet", ".PARQUET")
        else:
            make = pa.ipc.new_stream if c("form", "file", "stream") == "stream" else pa.ipc.new_file
            given = pa.ipc.IpcWriteOptions(compression=packed if packed in ("zstd", "lz4") else None)
            with make(out, shown.schema, options=given) as to:
                to.write_table(shown, max_chunksize=c("rows of a group", 1, 2, 10))
            ending = c("ending", ".arrow", ".feather", ".ipc")
        c.layout.files[c("above", "", "", "out/", "My Data/2024/") + file + ending] = out.getvalue()
    c.noise("")
    return c.layout


def huggingface(pick: Pick) -> Layout:
    """Pictures with metadata.jsonl or metadata.csv, and Parquet as the hub has it."""
    c = Choose("huggingface", pick)
    how = c("layout", "one folder", "parts", "parquet")
    if how == "parquet":
        return _parquet(c)
    above, end, file = c.nested(), c.ending(), c("file", "metadata.jsonl", "metadata.csv")
    boxes = file.endswith("jsonl") and c("boxes", True, False)
    inside = c("pictures", "", "images/", "a/b/")
    names = _named(c)
    by_part: dict[str, list[dict[str, Any]]] = {}
    for i, p in enumerate(c.set()):
        part = f"{c.part(p.part)}/" if how == "parts" else ""
        own = c.name(p, how == "parts")
        c.layout.files[f"{above}{part}{inside}{own}{end}"] = c.image(i)
        said = c("names", "{}", "./{}").format(f"{inside}{own}{end}")
        row: dict[str, Any] = {"file_name": said}
        if boxes:
            row["objects"] = {
                "bbox": [list(b[1:]) for b in p.boxes],
                c("key", "categories", "category"): [b[0] for b in p.boxes],
            }
        else:
            row["label"] = names[p.label]
        if c("further column", False, True):
            row["lux"] = 3 + i
        by_part.setdefault(part, []).append(dict(c.turned(list(row.items()), "order of keys")))
    for part, given in by_part.items():
        rows = c.turned(given, "order of rows")
        if file.endswith("jsonl"):
            text = "".join(json.dumps(r, ensure_ascii=c("ascii", True, False)) + "\n" for r in rows)
        else:
            quote = c("quotes", "", '"')
            lines = [list(rows[0]), *(list(r.values()) for r in rows)]
            text = "".join(",".join(f"{quote}{v}{quote}" for v in line) + "\n" for line in lines)
        c.layout.files[above + part + file] = c.encoded(text)
    c.noise(above)
    if boxes:
        c.marked(how == "parts")
    else:
        _classes(c, how == "parts")
    return c.layout


def _parquet(c: Choose) -> Layout:
    import pyarrow as pa
    import pyarrow.parquet as pq

    above, names = c.nested(), _named(c)
    shape = c("shape", "data/{}-00000-of-00001.parquet", "{}.parquet", "{}/0000.parquet", "default/{}/0000.parquet")
    numbers, packed = c("class", "text", "number"), c("compression", "snappy", "zstd", "none")
    named = c("names of pictures in it", True, False)
    for part, said in (("train", c("train part", "train", "Train")), ("test", c("test part", "test", "validation"))):
        rows = [(i, p) for i, p in enumerate(c.set()) if p.part == part]
        images = [{"bytes": c.image(i), "path": f"{p.name}{c.ending()}" if named else None} for i, p in rows]
        classes = [names[p.label] if numbers == "text" else ("cat", "dog").index(p.label) for _, p in rows]
        kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
        columns = {"image": pa.array(images, kind), c("class column", "label", "labels"): classes}
        if c("further column", False, True):
            columns["lux"] = [1.5] * len(rows)
        made = pa.table({n: columns[n] for n in c.turned(list(columns), "order of columns")})
        if numbers == "number":
            label = {"names": list(names.values()), "_type": "ClassLabel"}
            features = {"image": {"_type": "Image"}, c("class column", "label", "labels"): label}
            made = made.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
        out = io.BytesIO()
        pq.write_table(made, out, row_group_size=c("rows of a group", 1, 10), compression=packed)
        c.layout.files[above + shape.format(said)] = out.getvalue()
    c.noise(above)
    _classes(c, roles=True)
    c.layout.told = told_of_pictures
    return c.layout


# -- sensors ---------------------------------------------------------------------------------------

HOURS = range(13, 24)
READINGS = [[20.5 + i, 3.25 * i] for i in range(len(HOURS))]


def told_of_series(source: Any) -> Any:
    """The readings of sensors by name."""
    s = source.series
    assert s is not None
    by_name = {n: [round(float(v), 4) for v in s.values[:, k, 0]] for k, n in enumerate(s.nodes)}
    return by_name, tuple(t[:13].replace(" ", "T") for t in s.times)


TIMES = (
    "2024-03-{d:02}T{h:02}:00:00", "2024-03-{d:02} {h:02}:00", "2024/03/{d:02} {h:02}:00:00",
    "2024-03-{d:02}T{h:02}:00:00Z", "2024-03-{d:02} {h:02}:00:00+00:00", "{d:02}.03.2024 {h:02}:00",
    "since 1970", "since 1970 in ms", "two columns",
)  # fmt: skip


def sensors(pick: Pick) -> Layout:
    """Readings of two sensors: a column each, or a row a reading."""
    c = Choose("sensors", pick, options={"window": 3, "horizon": 1}, told=told_of_series, named=True)
    gap = c("separator", ",", ";", "\t")
    decimal = c("decimal", ".", *([","] if gap != "," else []))
    how, form, day = c("layout", "wide", "long"), c("time", *TIMES), c("day", 5, 13, 28)
    nodes = c("sensors", ("s1", "s2"), ("1001", "1002"), ("Main St.", "High St."), ("A", "a"))
    time = c("time column", "time", "timestamp", "Date", "datetime", "Time")
    sensor, value = c("sensor column", "sensor", "station", "node"), c("value column", "value", "PM2.5", "speed")
    first = ["Date", "Time"] if form == "two columns" else [time]
    rows: list[list[str]] = []
    for hour, values in zip(HOURS, READINGS, strict=True):
        seconds = 1_709_251_200 + ((day - 1) * 24 + hour) * 3600  # since the first of March
        at = {"since 1970": [str(seconds)], "since 1970 in ms": [f"{seconds}000"],
              "two columns": [f"2024-03-{day:02}", f"{hour:02}:00"],
        }.get(form, [form.format(d=day, h=hour)])  # fmt: skip
        texts = [c("numbers", "{:g}", "{:.2f}").format(v).replace(".", decimal) for v in values]
        rows += [[*at, *texts]] if how == "wide" else [[*at, s, t] for s, t in zip(nodes, texts, strict=True)]
    order = (
        c("order", "by time", "by sensor", "backwards")
        if how == "long"
        else c("order of times", "by time", "backwards")
    )
    if order == "by sensor":
        rows.sort(key=lambda r: (r[len(first)], r[:-1]))
    if order == "backwards":
        rows.reverse()
    rows.insert(0, [*first, *(nodes if how == "wide" else (sensor, value))])
    if c("index column", False, False, True):
        rows = [["" if k == 0 else str(k - 1), *r] for k, r in enumerate(rows)]
    if c("separator at the end", False, False, False, True):
        rows = [[*r, ""] for r in rows]
    data = c.encoded("".join(_line(c, r, gap) for r in rows), utf16=True, ends=False)
    name = c("file", "readings.csv", "My Sensors.csv", "log.CSV", "2024.csv.gz", "data.CSV.GZ")
    c.layout.files[name] = gzip.compress(data) if name.lower().endswith("gz") else data
    c.layout.path = "" if c("read as", "file", "folder") == "folder" else name
    if not c.layout.path:
        c.noise("")
    by_name = {n: [v[k] for v in READINGS] for k, n in enumerate(nodes)}
    c.layout.expected = by_name, tuple(f"2024-03-{day:02}T{h:02}" for h in HOURS)
    return c.layout

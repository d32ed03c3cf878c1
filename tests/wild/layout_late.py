"""VIA, Supervisely, masks, Croissant, and the binary sets, in the layouts and notations in which people have them."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import struct
from typing import Any

import numpy as np
from layouts import CLASSES, Choose, H, Layout, Pick, W
from PIL import Image


def _json(c: Choose, content: Any) -> bytes:
    if isinstance(content, dict):
        content = dict(c.turned(list(content.items()), "order of keys"))
    text = json.dumps(content, indent=c("indent", None, 2), ensure_ascii=c("ascii", True, False))
    return c.encoded(text, utf16=True)


def via(pick: Pick) -> Layout:
    """VIA's project, annotations or table, of versions 1 and 2; rectangles or polygons of four points."""
    c = Choose("via", pick)
    above, end = c.nested(), c.ending()
    how = c("notation", "project", "annotations", "version 1", "table")
    place = c("pictures", "", "images/")
    key = c("attribute", "class", "label", "name", "type")
    entries: dict[str, Any] = {}
    rows = []
    for i, p in c.turned(list(enumerate(c.set())), "order of pictures"):
        c.layout.files[f"{above}{place}{p.name}{end}"] = c.image(i)
        regions = []
        for label, x, y, w, h in c.turned(p.boxes, "order of regions"):
            shape = {"name": "rect", "x": x, "y": y, "width": w, "height": h}
            regions.append(
                {"shape_attributes": shape, "region_attributes": {key: label, **c("more", {}, {"note": ""})}}
            )
        size = len(c.image(i))
        listed = {str(k): r for k, r in enumerate(regions)} if how == "version 1" else regions
        said = {"filename": p.name + end, "size": size, "regions": listed, "file_attributes": {}}
        entries[f"{p.name}{end}{size}"] = said
        rows += [
            [p.name + end, size, "{}", len(regions), k, *map(json.dumps, r.values())] for k, r in enumerate(regions)
        ]
    if how == "table":
        out = io.StringIO()
        head = ["filename", "file_size", "file_attributes", "region_count", "region_id", "region_shape_attributes",
                "region_attributes"]  # fmt: skip
        csv.writer(out, lineterminator="\n").writerows(
            [c("mark of version 1", head, ["#" + head[0], *head[1:]]), *rows]
        )
        c.layout.files[f"{above}{c('file', 'via_export_csv.csv', 'via.csv')}"] = c.encoded(out.getvalue(), ends=False)
    else:
        content = entries
        if how == "project":
            content = {"_via_settings": {}, "_via_attributes": {}, "_via_img_metadata": entries}
        file = c("file", "via_project.json", "via_region_data.json", "annotations.json")
        c.layout.files[above + file] = _json(c, content)
    c.noise(above)
    c.marked(False)
    return c.layout


def supervisely(pick: Pick) -> Layout:
    """A project of datasets with img/ and ann/; parts are datasets or tags of the pictures."""
    c = Choose("supervisely", pick)
    above, end = c.nested(), c.ending()
    parts = c("parts", "datasets", "tags", "none")
    for i, p in enumerate(c.set()):
        dataset = c.part(p.part) if parts == "datasets" else c("dataset", "ds1", "pets", "dataset 2024")
        objects = []
        for k, (label, x, y, w, h) in enumerate(c.turned(p.boxes, "order of objects")):
            corners = [[x, y], [x + w - 1, y + h - 1]]  # the last pixel is inside
            points = {"exterior": corners[::-1] if c("turned", False, True) else corners,
                      "interior": []}  # fmt: skip
            more = c("more", {}, {"description": "", "labelerLogin": "u", "createdAt": "2024"})
            kind = {"classTitle": label, "geometryType": "rectangle", "tags": []}
            objects.append({"id": k, **kind, "points": points, **more})
        tags = [{"name": c.part(p.part), "value": None}] if parts == "tags" else []
        said = {"description": "", "tags": tags, "size": {"height": H, "width": W}, "objects": objects}
        own = c.name(p, parts == "datasets")
        c.layout.files[f"{above}{dataset}/img/{own}{end}"] = c.image(i)
        c.layout.files[f"{above}{dataset}/ann/{own}{end}.json"] = _json(c, said)
    classes = [{"title": n, "shape": c("shape", "rectangle", "any"), "color": "#FF0000"} for n in CLASSES]
    named = [{"name": c.part(p), "value_type": "none", "color": "#0000FF"} for p in ("train", "test")]
    meta = {"classes": classes, "tags": named if parts == "tags" else [], "projectType": "images"}
    c.layout.files[above + "meta.json"] = _json(c, meta)
    c.noise(above)
    c.marked(parts != "none")
    return c.layout


def masks(pick: Pick) -> Layout:
    """Pictures and masks of the same names in two folders, or beside each other; numbers, palettes or colours."""
    c = Choose("masks", pick)
    above, end = c.nested(), c.ending()
    how = c("layout", "two folders", "beside", "parts in two folders", "two folders in parts")
    notation = c("masks are", "grey", "palette", "colours")
    folder, images = c.cased("masks", "masks", "SegmentationClass"), c.cased("pictures", "images", "JPEGImages")
    colours = {0: (0, 0, 0), 1: (128, 0, 0), 2: (0, 128, 0)}
    parted = "parts" in how
    expected = {}
    for i, p in enumerate(c.set()):
        values = np.zeros((H, W), np.uint8)
        values[1:3, 1:4] = 1 + CLASSES.index(p.label)
        part = f"{c.part(p.part)}/" if parted else ""
        place = {"two folders": f"{images}/", "beside": "", "parts in two folders": f"{images}/{part}",
                 "two folders in parts": f"{part}{images}/"}[how]  # fmt: skip
        note = {"two folders": f"{folder}/", "beside": "", "parts in two folders": f"{folder}/{part}",
                "two folders in parts": f"{part}{folder}/"}[how]  # fmt: skip
        suffix = c("behind the name", "_mask", "-mask") if how == "beside" else ""
        c.layout.files[f"{above}{place}{p.name}{end}"] = c.image(i)
        c.layout.files[f"{above}{note}{p.name}{suffix}.png"] = _mask(values, notation, colours)
        expected[c.image(i)] = (p.part if parted else "", ((p.label, 6),))
    if notation == "colours":
        rows = "".join(f"{n}:{','.join(map(str, colours[k]))}::\n" for k, n in enumerate(("background", *CLASSES)))
        c.layout.files[above + "labelmap.txt"] = c.encoded("# label:color_rgb:parts:actions\n" + rows)
    else:
        listed = c("names in", "classes.txt", "labels.txt", "codes.txt")
        c.layout.files[above + listed] = c.encoded("background\ncat\ndog\n")
    c.noise(above)
    c.layout.expected, c.layout.told = expected, _regions
    return c.layout


def _mask(values: Any, notation: str, colours: dict[int, tuple[int, int, int]]) -> bytes:
    im = Image.fromarray(values)
    if notation == "colours":
        im = Image.fromarray(np.array([colours[k] for k in range(3)], np.uint8)[values])
    elif notation == "palette":
        im.putpalette([v for k in range(3) for v in colours[k]])
    out = io.BytesIO()
    im.save(out, "PNG")
    return out.getvalue()


def _regions(source: Any) -> dict[bytes, Any]:
    from veml_lab.sources.outlines import pixels_of

    return {
        r.image: (r.role, tuple(sorted((m.label, int(pixels_of(m.rle).sum())) for m in r.masks)))
        for r in source.records()
    }


def _numbers(source: Any) -> list[Any]:
    return sorted((r.role, r.label) for r in source.records())


def idx(pick: Pick) -> Layout:
    """MNIST's four files, packed or not, of one set or one among others."""
    c = Choose("idx", pick)
    above, dot, packed = c.nested(), c("between", "-", "."), c("packed files", True, False)
    prefix = c("before the names", "", "emnist-digits-", "kmnist-")
    size = c("pixels", 4, 8, 28)
    wanted = []
    for split, role in c.turned([("train", "train"), (c("test is called", "t10k", "test"), "test")], "order"):
        n = c(f"pictures of {role}", 2, 3, 5)
        labels = [(k * 3 + len(role)) % 10 for k in range(n)]
        pixels = bytes((k * 7 + j) % 256 for k in range(n) for j in range(size * size))
        for kind, number, data in (
            ("images", 3, struct.pack(">4I", 0x803, n, size, size) + pixels),
            ("labels", 1, struct.pack(">2I", 0x801, n) + bytes(labels)),
        ):
            name = f"{above}{prefix}{split}-{kind}{dot}idx{number}-ubyte"
            c.layout.files[name + ".gz" * packed] = gzip.compress(data, mtime=0) if packed else data
        wanted += [(role, str(k)) for k in labels]
    c.noise(above)
    c.layout.path, c.layout.packed = above, ""  # these files are read from a folder, their own
    c.layout.expected, c.layout.told = sorted(wanted), _numbers
    return c.layout


def cifar(pick: Pick) -> Layout:
    """CIFAR-10's binary files with their names."""
    c = Choose("cifar", pick)
    above = c.nested() + c("folder", "", "cifar-10-batches-bin/", "data/")
    names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    wanted = []
    files = [(f"data_batch_{k}.bin", "train") for k in range(1, 1 + c("batches", 1, 2, 5))] + [
        ("test_batch.bin", "test")
    ]
    for k, (file, role) in enumerate(files):
        labels = [(k + j) % 10 for j in range(c("pictures a file", 1, 2, 3))]
        c.layout.files[above + file] = b"".join(bytes([n]) + bytes([n * 20 + k]) * 3072 for n in labels)
        wanted += [(role, names[n]) for n in labels]
    c.layout.files[above + "batches.meta.txt"] = c.encoded("".join(f"{n}\n" for n in names), bare=True)
    if c("with readme.html", False, True):
        c.layout.files[above + "readme.html"] = b"<html></html>"
    c.noise(above)
    c.layout.expected, c.layout.told = sorted(wanted), _numbers
    return c.layout


def croissant(pick: Pick) -> Layout:
    """A description with a table of the pictures, whose names, keys and folders are chosen."""
    c = Choose("croissant", pick)
    above, end = c.nested(), c.ending()
    images, file = c("pictures", "images", "data/train", "img"), c("table", "t.csv", "meta/pets.csv", "labels.csv")
    columns = {
        k: c(f"column of {k}", *of)
        for k, of in (
            ("file", ("file", "filename", "picture")),
            ("label", ("label", "class")),
            ("part", ("part", "subset")),
        )
    }
    rows, expected = [], {}
    for i, p in c.turned(list(enumerate(c.set())), "order of rows"):
        c.layout.files[f"{above}{images}/{p.name}{end}"] = c.image(i)
        rows.append([p.name + end, p.label, c.part(p.part)])
        expected[c.image(i)] = (p.part, p.label, ())
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([list(columns.values()), *rows])
    table = out.getvalue().encode()
    name = c("name of the record set", "r", "records", "default")

    def field(own: str, kind: str, column: str) -> dict[str, Any]:
        source = {"fileObject": {"@id": "t"}, "extract": {"column": columns[column]}}
        return {
            "@type": "cr:Field",
            "@id": f"{name}/{own}",
            "name": f"{name}/{own}",
            "dataType": kind,
            "source": source,
        }

    image = {
        "@type": "cr:Field", "@id": f"{name}/image", "name": f"{name}/image", "dataType": "sc:ImageObject",
        "source": {"fileSet": {"@id": "images"}, "extract": {"fileProperty": "content"}},
    }  # fmt: skip
    key = field("file", "sc:Text", "file") | {
        "references": {"fileSet": {"@id": "images"}, "extract": {"fileProperty": "filename"}}
    }
    fields = c.turned(
        [image, key, field("label", "sc:Text", "label"), field("split", "cr:Split", "part")], "order of fields"
    )
    said = {
        "@type": "sc:Dataset", "name": "pets", "conformsTo": c("version", *(f"http://mlcommons.org/croissant/1.{k}"
                                                                            for k in (0, 1))),
        "distribution": [
            {"@type": "cr:FileObject", "@id": "t", "contentUrl": file, "encodingFormat": "text/csv",
             **c("checksum", {"sha256": hashlib.sha256(table).hexdigest()}, {})},
            {"@type": "cr:FileSet", "@id": "images", "includes": f"{images}/*{end}", "encodingFormat": "image/png"},
        ],
        "recordSet": [{"@type": "cr:RecordSet", "@id": name, "name": name, "field": fields}],
    }  # fmt: skip
    c.layout.files[above + file] = table
    c.layout.files[above + "croissant.json"] = _json(c, said)
    c.noise(above)
    c.layout.expected = expected
    return c.layout

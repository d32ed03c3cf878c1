"""Formats of single tools and sets, written in the layouts and notations in which people have them."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import posixpath
import tarfile
from typing import Any
from xml.sax.saxutils import escape

from layouts import CLASSES, Choose, H, Layout, Pick, W, told_of_pictures

_INDENT = ("indent", None, 2)


def _json(c: Choose, content: Any) -> bytes:
    """A JSON text that only UTF-8 and UTF-16 with its mark may hold."""
    if isinstance(content, dict):
        content = dict(c.turned(list(content.items()), "order of keys"))
    text = json.dumps(content, indent=c(*_INDENT), ensure_ascii=c("ascii", True, False))
    return c.encoded(text, utf16=True)


def labelme(pick: Pick) -> Layout:
    """LabelMe: a JSON file a picture, beside it, in folders of their own, in parts, or with the picture inside."""
    c = Choose("labelme", pick)
    above, end = c.nested(), c.ending()
    how = c("layout", "beside", "two folders", "parts", "parts in two folders")
    images, notes = c.cased("pictures", "images", "imgs"), c.cased("notes", "labels", "json", "annotations")
    said = c("picture is called", "bare", "relative", "windows", "other machine", "renamed")
    corners = c("corners", "two", "turned", "four")
    for i, p in enumerate(c.set()):
        part = c.part(p.part)
        place, note = {
            "beside": ("", ""), "two folders": (f"{images}/", f"{notes}/"), "parts": (f"{part}/",) * 2,
            "parts in two folders": (f"{part}/{images}/", f"{part}/{notes}/"),
        }[how]  # fmt: skip
        name = c.name(p, how.startswith("parts"))
        shapes = []
        for label, x, y, w, h in c.turned(p.boxes, "order of shapes"):
            points = [[x, y], [x + w, y + h]]
            points = {"two": points, "turned": points[::-1], "four": [[x, y], [x + w, y], [x + w, y + h], [x, y + h]]}[
                corners
            ]
            shapes.append({"label": label, "points": points, "group_id": None, "shape_type": "rectangle",
                           **c("more", {}, {"flags": {}}, {"flags": {}, "description": "", "mask": None})})  # fmt: skip
        path = {"bare": name + end, "relative": posixpath.relpath(f"{place}{name}{end}", note or "."),
                "windows": f"..\\{images}\\{name}{end}", "other machine": f"/home/u/{name}{end}",
                "renamed": f"old {name}{end}"}[said]  # fmt: skip
        inside = base64.b64encode(c.image(i)).decode() if c("picture inside", False, True) else None
        content = {"version": c("version", "3.16.7", "4.5.6", "5.4.1"), "flags": {}, "shapes": shapes,
                   "imagePath": path, "imageHeight": H, "imageWidth": W,
                   "imageData": inside}  # fmt: skip
        c.layout.files[f"{above}{place}{name}{end}"] = c.image(i)
        c.layout.files[f"{above}{note}{name}{c('ending of notes', '.json', '.JSON')}"] = _json(c, content)
    c.noise(above)
    c.marked(how.startswith("parts"))
    return c.layout


def fiftyone(pick: Pick) -> Layout:
    """FiftyOne: a whole data set, or folders of image detections and classifications."""
    c = Choose("fiftyone", pick)
    above, end = c.nested(), c.ending()
    how = c("layout", "data set", "detections", "detections in parts", "classes", "classes in parts")
    parts = how.endswith("parts")
    samples: list[dict[str, Any]] = []
    by_part: dict[str, dict[str, Any]] = {}
    for i, p in enumerate(c.set()):
        part = f"{c.part(p.part)}/" if parts else ""
        own = c.name(p, parts)
        inner = c("below data", "", "", "a/") if how == "data set" else ""
        c.layout.files[f"{above}{part}data/{inner}{own}{end}"] = c.image(i)
        boxes = [(n, [x / W, y / H, w / W, h / H]) for n, x, y, w, h in c.turned(p.boxes, "order of boxes")]
        at = {"plain": f"data/{inner}{own}{end}", "absolute": f"/home/u/fiftyone/pets/data/{inner}{own}{end}"}
        found = {"_cls": "Detections", "detections": [
            {"_id": {"$oid": f"{i:024x}"}, "_cls": "Detection", "attributes": {}, "tags": [],
             "label": n, "bounding_box": b}
            for n, b in boxes]}  # fmt: skip
        samples.append({"_id": {"$oid": f"{i + 99:024x}"}, "filepath": at[c("file path", "plain", "absolute")],
                        "tags": [p.part] if c("tags", True, False) else [], "_media_type": "image",
                        "metadata": None, c("field", "ground_truth", "detections", "labels"): found})  # fmt: skip
        numbers = c("classes are", "numbers", "names") == "numbers"
        named = {n: CLASSES.index(n) if numbers else n for n in CLASSES}
        value: Any = (
            named[p.label] if how.startswith("classes") else [{"label": named[n], "bounding_box": b} for n, b in boxes]
        )
        by_part.setdefault(part, {})[own] = value
    if how == "data set":
        meta = {"version": "1.0.0", "media_type": "image", "default_classes": c("classes listed", [], ["cat", "dog"]),
                "sample_fields": []}  # fmt: skip
        c.layout.files[above + "metadata.json"] = _json(c, meta)
        c.layout.files[above + "samples.json"] = _json(c, {"samples": c.turned(samples, "order of samples")})
    else:
        for part, labels in by_part.items():
            shown = dict(c.turned(list(labels.items()), "order of pictures"))
            listed = (
                list(CLASSES)
                if c.layout.choices["classes are"] == "numbers"
                else c("classes listed", None, ["cat", "dog"])
            )
            c.layout.files[f"{above}{part}labels.json"] = _json(c, {"classes": listed, "labels": shown})
    c.noise(above)
    c.marked(
        parts or (how == "data set" and c.layout.choices["tags"]),
        how.startswith(("data", "det")),
        how.startswith("classes"),
    )
    return c.layout


def webdataset(pick: Pick) -> Layout:
    """WebDataset: one tar or a folder of shards, with classes or boxes."""
    c = Choose("webdataset", pick)
    how, end = c("layout", "one shard", "parts", "folders of parts"), c.ending().lower()
    key, field = c("keys", "{}", "n01/{}", "./{}", "a/b/{}"), c("field", "cls", "json", "boxes")
    packed = c("shards are", "tar", "tar.gz", "tgz", "TAR" if how != "one shard" else "tar")
    names = c("classes", ("cat", "dog"), ("10", "2"), ("tabby cat", "Dog"))
    shards: dict[str, list[tuple[str, bytes]]] = {}
    parts = how != "one shard"
    numbers = ("000001", "000002", "000003") if c("numbered", True, False) else ("a7", "b8", "c9")
    for i, p in enumerate(c.set(names=["short"])):
        part = c.part(p.part)
        at = key.format(numbers[i])
        label = names[CLASSES.index(p.label)]
        said = {"cls": ("cls", label + c("class ends in", "", "\n")),
                "json": ("json", json.dumps({c("class key", "label", "class"): label})),
                "boxes": ("json", json.dumps({"annotation": {"boxes": [{"label": n, "box": b} for n, *b in p.boxes]}})),
        }[field]  # fmt: skip
        members = [(f"{at}{end}", c.image(i)), (f"{at}.{said[0]}", said[1].encode())]
        shard = {"one shard": c("shard", "pets", "00000", "shard-000000"), "parts": f"pets-{part}-000000",
                 "folders of parts": f"{part}/00000"}[how]  # fmt: skip
        shards.setdefault(shard, []).extend(c.turned(members, "order of members"))
    above = c.nested()
    for shard, members in shards.items():
        out = io.BytesIO()
        form = c("form of tar", tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT)
        with tarfile.open(fileobj=out, mode="w:gz" if packed.endswith("gz") else "w", format=form) as tar:
            for name, data in members:
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        c.layout.files[f"{above}{shard}.{packed}"] = out.getvalue()
    if how == "one shard" and c("read as", "file", "folder") == "file":
        c.layout.path = next(iter(c.layout.files))
    else:
        c.noise(above)
        c.layout.packed = ""  # tars within an archive are no shards
    c.marked(parts, boxes=field == "boxes", labels=field != "boxes")
    if field != "boxes":
        c.layout.expected = {k: (r, names[CLASSES.index(n)], b) for k, (r, n, b) in c.layout.expected.items()}
    return c.layout


def open_images(pick: Pick) -> Layout:
    """Open Images: tables of boxes by part, or one, with names of classes in any of its versions."""
    c = Choose("open_images", pick)
    above, end = c.nested(), c.ending()
    how = c("layout", "published", "one table", "FiftyOne", "flat")
    head = ["ImageID", "Source", "LabelName", "Confidence", "XMin", "XMax", "YMin", "YMax", "IsOccluded", "IsTruncated"]
    flags = c("flags", "0", "1", "-1")
    codes = dict(zip(CLASSES, ("/m/01yrx", "/m/0bt9lr"), strict=True))
    tables: dict[str, list[list[str]]] = {}
    split = {"train": "train", "test": c("second part", "test", "validation")}
    number = c("numbers", "{}", "{:.6f}")
    for i, p in enumerate(c.set()):
        part = split[p.part]
        place = {"published": f"{part}/", "one table": "images/", "FiftyOne": f"{part}/data/", "flat": "images/"}[how]
        table = {
            "published": c("tables are called", "{}", "oidv6-{}").format(part) + "-annotations-bbox.csv",
            "one table": "annotations-bbox.csv", "FiftyOne": f"{part}/labels/detections.csv",
            "flat": f"{part}-annotations-bbox.csv",
        }[how]  # fmt: skip
        c.layout.files[f"{above}{place}{p.name}{end}"] = c.image(i)
        for n, x, y, w, h in p.boxes:
            numbers = [number.format(v) for v in (x / W, (x + w) / W, y / H, (y + h) / H)]
            tables.setdefault(table, []).append([p.name, "xclick", codes[n], "1", *numbers, flags, flags])
        # a row of a picture that nobody fetched
        tables[table].append(["0000", "xclick", codes["cat"], "1", "0", "1", "0", "1", flags, flags])
    for table, given in tables.items():
        rows = [c.turned(r, "order of columns") for r in (head, *c.turned(given, "order of rows"))]
        c.layout.files[above + table] = c.encoded(_csv(rows))
    for part in split.values() if how == "FiftyOne" else ("",):
        named = [[codes[n], n] for n in CLASSES]
        rows = [["LabelName", "DisplayName"], *named] if c("head of names", True, False) else named
        file = f"{part}/metadata/classes.csv" if part else c("names are called", "class-descriptions-boxable.csv",
                                                             "oidv7-class-descriptions.csv")  # fmt: skip
        c.layout.files[above + file] = c.encoded(_csv(rows))
    c.noise(above)
    c.marked(how != "one table")
    return c.layout


def _csv(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _renamed(c: Choose, to: dict[str, str]) -> None:
    """What comes back where a format has names of its own for classes."""
    c.layout.expected = {
        k: (r, label, tuple(sorted((to[b[0]], *b[1:]) for b in boxes)))
        for k, (r, label, boxes) in c.layout.expected.items()
    }


def visdrone(pick: Pick) -> Layout:
    """VisDrone: annotations beside images, in parts or not."""
    c = Choose("visdrone", pick)
    above, end = c.nested(), c.ending()
    how, gap = c("layout", "published", "parts", "one"), c("between", ",", ",", ", ")
    last, ignored = c("line ends with", "", ","), c("with regions to ignore", False, True)
    numbers = {"cat": 4, "dog": 1}
    for i, p in enumerate(c.set()):
        part = {"train": "train", "test": c("second part", "val", "test-dev", "test")}[p.part]
        top = {"published": f"VisDrone2019-DET-{part}/", "parts": f"{part}/", "one": ""}[how]
        c.layout.files[f"{above}{top}images/{p.name}{end}"] = c.image(i)
        lines = [gap.join(map(str, [x, y, w, h, 1, numbers[n], c("truncation", 0, 1), c("occlusion", 0, 2)])) + last
                 for n, x, y, w, h in c.turned(p.boxes, "order of lines")]  # fmt: skip
        lines += [gap.join(["0", "0", "8", "4", "0", "0", "0", "0"]) + last] if ignored else []
        c.layout.files[f"{above}{top}annotations/{p.name}.txt"] = c.encoded("\n".join(lines) + "\n", utf16=True)
    c.noise(above)
    c.marked(how != "one")
    _renamed(c, {"cat": "car", "dog": "pedestrian"})
    return c.layout


def wider_face(pick: Pick) -> Layout:
    """WIDER FACE: lists beside folders of events, or flat."""
    c = Choose("wider_face", pick)
    above, end, how = c.nested(), c.ending(), c("layout", "published", "one folder")
    event = c("events", "0--Parade", "12--Group", "3--Riot")
    lists: dict[str, list[str]] = {}
    gap, last = c("between", " ", "  "), c("line ends with", "", " ")
    for i, p in enumerate(c.set()):
        part = {"train": "train", "test": "val"}[p.part]
        place = {"published": f"WIDER_{part}/images/{event}/", "one folder": f"images/{event}/"}[how]
        c.layout.files[f"{above}{place}{p.name}{end}"] = c.image(i)
        lines = [gap.join(map(str, [x, y, w, h, 0, 0, 0, 0, c("occlusion", 0, 2), 0])) + last
                 for _, x, y, w, h in c.turned(p.boxes, "order of lines")]  # fmt: skip
        lists.setdefault(part, []).append("\n".join([f"{event}/{p.name}{end}", str(len(lines)), *lines]))
    folder = c("lists lie in", "wider_face_split/", "", "annotations/")
    for part, entries in lists.items():
        name = f"{above}{folder}wider_face_{part}_bbx_gt.txt"
        c.layout.files[name] = c.encoded("\n".join(c.turned(entries, "order of entries")) + "\n", utf16=True)
    c.noise(above)
    c.marked(True)
    _renamed(c, dict.fromkeys(CLASSES, "face"))
    return c.layout


def map_txt(pick: Pick) -> Layout:
    """The mAP tool: ground-truth beside images-optional."""
    c = Choose("map_txt", pick)
    above, end = c.nested(), c.ending()
    images, gap = c("pictures", "images-optional", "images", "Images"), c("between", " ", "  ", "\t")
    number = c("numbers", "{:g}", "{:.2f}")
    for i, p in enumerate(c.set()):
        c.layout.files[f"{above}{images}/{p.name}{end}"] = c.image(i)
        lines = [gap.join([n, *(number.format(v) for v in (x, y, x + w, y + h))]) + c("hard", "", " difficult")
                 for n, x, y, w, h in c.turned(p.boxes, "order of lines")]  # fmt: skip
        c.layout.files[f"{above}ground-truth/{p.name}.txt"] = c.encoded("\n".join(lines) + "\n", utf16=True)
    c.noise(above)
    c.marked(False)
    return c.layout


def documents(pick: Pick) -> Layout:
    """MLife's documents: CSV, JSON, JSON lines or XML that name the pictures with their MD5."""
    c = Choose("documents", pick)
    above, end = c.nested(), c.ending()
    kind, boxes = c("document is", "csv", "json", "jsonl", "xml"), c("annotations", "boxes", "classes") == "boxes"
    place = c("pictures", "", "files/", "Files/a/")
    said = c("path", "{}", "./{}", "/home/u/pets/{}", "C:\\pets\\{}")
    parts = c("parts", "none", "column", "documents")
    docs: dict[str, list[dict[str, Any]]] = {}
    for i, p in enumerate(c.set()):
        c.layout.files[f"{above}{place}{p.name}{end}"] = c.image(i)
        path = said.format(f"{place}{p.name}{end}")
        annotation: Any = {"boxes": [{"label": n, "box": b} for n, *b in c.turned(p.boxes, "order of boxes")]}
        row: dict[str, Any] = {"path": path.replace("/", "\\") if "\\" in path else path,
                               "md5": hashlib.md5(c.image(i)).hexdigest(),
                               "annotation": annotation if boxes else p.label}  # fmt: skip
        if c("case of MD5", "lower", "upper") == "upper":
            row["md5"] = row["md5"].upper()
        if parts == "column":
            row["role"] = p.part
        if c("further column", False, True):
            row["lux"] = 3
        docs.setdefault(f".{p.part}" if parts == "documents" else "", []).append(row)
    for part, given in docs.items():
        rows = [dict(c.turned(list(r.items()), "order of keys")) for r in c.turned(given, "order of rows")]
        if c("case of columns", "lower", "capital") == "capital":
            rows = [{k.capitalize() if k != "lux" else k: v for k, v in r.items()} for r in rows]
        c.layout.files[f"{above}documents{part}.{kind}"] = _document(c, kind, rows)
    c.noise(above)
    c.marked(parts != "none", boxes, not boxes)
    return c.layout


def _document(c: Choose, kind: str, rows: list[dict[str, Any]]) -> bytes:
    if kind == "json":
        wrapped = c("wrapped", False, True)
        text = json.dumps(
            {"documents": rows} if wrapped else rows, indent=c(*_INDENT), ensure_ascii=c("ascii", True, False)
        )
        return c.encoded(text, utf16=True)
    if kind == "jsonl":
        return c.encoded("".join(json.dumps(r, ensure_ascii=c("ascii", True, False)) + "\n" for r in rows), utf16=False)
    texts = [{k: json.dumps(v) if isinstance(v, dict) else str(v) for k, v in r.items()} for r in rows]
    if kind == "csv":
        return c.encoded(_csv([list(texts[0]), *(list(r.values()) for r in texts)]))
    rows_ = "".join(
        "<document>" + "".join(f"<{k}>{escape(v)}</{k}>" for k, v in r.items()) + "</document>\n" for r in texts
    )
    return c.encoded(f"<documents>\n{rows_}</documents>\n", utf16=True, ends=False)


def cityscapes(pick: Pick) -> Layout:
    """Cityscapes: outlines of cities in parts, boxes around them."""
    c = Choose("cityscapes", pick, options={"boxes": True})
    above, end = c.nested(), c.ending()
    names, kind = {"cat": "car", "dog": "person"}, c("kind", "gtFine", "gtCoarse")
    if kind == "gtCoarse":
        c.layout.options["kind"] = kind
    city, first = c("city", "ulm", "aachen", "jena"), c("first frame", 0, 19, 4711)
    for i, p in enumerate(c.set(names=["short"])):
        part = {"train": "train", "test": c("second part", "val", "test")}[p.part]
        key = f"{city}_{i:06}_{first + i:06}"
        objects = []
        for n, x, y, w, h in c.turned(p.boxes, "order of objects"):
            corners = [[x, y], [x + w, y], [x + w, y + h], [x, y + h]]
            closed = [*corners, corners[0]] if c("outlines", "open", "closed") == "closed" else corners
            objects.append(
                {"label": names[n], "polygon": c.turned(closed, "order of corners") if closed is corners else closed}
            )
        objects += c("deleted objects", [], [{"label": "sky", "polygon": [[0, 0], [1, 0], [1, 1]], "deleted": 1}])
        said = {"imgHeight": H, "imgWidth": W, "objects": objects}
        c.layout.files[f"{above}leftImg8bit/{part}/{city}/{key}_leftImg8bit{end}"] = c.image(i)
        c.layout.files[f"{above}{kind}/{part}/{city}/{key}_{kind}_polygons.json"] = _json(c, said)
    c.noise(above)
    c.marked(True)
    _renamed(c, names)
    return c.layout


def pictures(pick: Pick) -> Layout:
    """Pictures of which nothing is known, flat, in a folder, or in parts."""
    c = Choose("pictures", pick)
    above, end = c.nested(), c.ending()
    how = c("layout", "flat", "folder", "parts", "lists")
    folder = c.cased("pictures", "images", "imgs", "data")
    for i, p in enumerate(c.set()):
        place = {"flat": "", "folder": f"{folder}/", "lists": f"{folder}/", "parts": f"{c.part(p.part)}/"}[how]
        c.layout.files[f"{above}{place}{c.name(p, how == 'parts')}{end}"] = c.image(i)
    if how == "lists":
        form = c("lines of lists", "{}", f"{folder}/{{}}", f"./{folder}/{{}}", f"/home/u/{folder}/{{}}")
        for part in ("train", "test"):
            lines = [form.format(p.name + end) for p in c.set() if p.part == part]
            c.layout.files[f"{above}{part}.txt"] = c.encoded("\n".join(lines) + "\n", utf16=True)
    c.noise(above)
    c.layout.named = how in ("flat", "folder", "lists")  # one folder alone may be one class
    c.marked(how in ("parts", "lists"), boxes=False)
    return c.layout


def coco_panoptic(pick: Pick) -> Layout:
    """COCO's panoptic files: JSON beside a folder of PNG files of segments, in parts or not."""
    from PIL import Image, ImageDraw

    c = Choose("coco_panoptic", pick)
    above, end = c.nested(), c.ending()
    how, folder = c("layout", "parts", "one"), c("folder", "annotations/", "", "Annotations/")
    first, ids = c("ids of segments", 1, 300, 70_000), c("image ids", "from 0", "from 1", "text")
    images = c("pictures", "images/", "data/", "")
    by_part: dict[str, tuple[list[Any], list[Any]]] = {}
    for i, p in enumerate(c.set()):
        part = c.part(p.part) if how == "parts" else "pets"
        place = f"{part}/" if how == "parts" else images
        c.layout.files[f"{above}{place}{p.name}{end}"] = c.image(i)
        drawn, segments = Image.new("RGB", (W, H)), []
        for k, (n, x, y, w, h) in enumerate(p.boxes):
            number = first + k
            rgb = (number % 256, number // 256 % 256, number // 65536)
            ImageDraw.Draw(drawn).rectangle((x, y, x + w - 1, y + h - 1), fill=rgb)
            given = {"bbox": [x, y, w, h]} if c("boxes", True, False) or len(p.boxes) > 1 else {}
            segments.append({"id": number, "category_id": CLASSES.index(n) + 1, "area": w * h, "iscrowd": 0, **given})
        out = io.BytesIO()
        drawn.save(out, "PNG")
        c.layout.files[f"{above}{folder}panoptic_{part}/{p.name}.png"] = out.getvalue()
        image_id = {"from 0": i, "from 1": i + 1, "text": f"img {i}"}[ids]
        listed, marks = by_part.setdefault(part, ([], []))
        listed.append({"id": image_id, "file_name": p.name + end, "width": W, "height": H})
        marks.append({"image_id": image_id, "file_name": f"{p.name}.png",
                      "segments_info": c.turned(segments, "order of segments")})  # fmt: skip
    for part, (listed, marks) in by_part.items():
        categories = [{"id": k + 1, "name": n, "supercategory": "", "isthing": 1} for k, n in enumerate(CLASSES)]
        said = {"images": c.turned(listed, "order of images"), "annotations": c.turned(marks, "order of annotations"),
                "categories": categories}  # fmt: skip
        c.layout.files[f"{above}{folder}panoptic_{part}.json"] = _json(c, said)
    c.noise(above)
    c.marked(how == "parts")
    c.layout.told = told_of_pictures
    return c.layout

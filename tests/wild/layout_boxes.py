"""Pictures with boxes, written in the layouts and notations in which people have them."""

from __future__ import annotations

import json
from typing import Any

from layouts import CLASSES, Choose, H, Layout, Pick, Picture, W


def _xml_head(c: Choose) -> str:
    enc = {"utf-8-sig": "utf-8", "latin-1": "ISO-8859-1", "utf-16-be": "utf-16"}
    enc = enc.get(said := c.layout.choices.get("encoding", "utf-8"), said)
    return c("declaration", "", f'<?xml version="1.0" encoding="{enc}"?>\n', f"<?xml version='1.0'?>\n<!-- {enc} -->\n")


def _ids(kind: str, i: int) -> Any:
    return {
        "from 0": i,
        "from 1": i + 1,
        "sparse": 7 * i + 13,
        "float": float(i),
        "text": f"img_{i}",
        "digits": str(i),
    }[kind]


def _coco_json(c: Choose, pictures: list[tuple[int, Picture, str]], image_ids: str, class_ids: str) -> bytes:
    images = [
        {"id": _ids(image_ids, i), "file_name": name, "width": W, "height": H, "license": 1, "date_captured": ""}
        for i, _, name in pictures
    ]
    rows = [(i, box) for i, p, _ in pictures for box in p.boxes]
    annotations = [
        {
            "id": n + 1,
            "image_id": _ids(image_ids, i),
            "category_id": _ids(class_ids, CLASSES.index(label)),
            "bbox": [x, y, w, h],
            "area": w * h,
            "iscrowd": 0,
            "segmentation": [],
        }
        for n, (i, (label, x, y, w, h)) in enumerate(rows)
    ]
    categories = [{"id": _ids(class_ids, k), "name": n, "supercategory": ""} for k, n in enumerate(CLASSES)]
    images, annotations = c.turned(images, "order of images"), c.turned(annotations, "order of annotations")
    categories = c.turned(categories, "order of categories")
    content = {"info": {"year": 2024}, "licenses": [], "images": images, "annotations": annotations}
    content["categories"] = categories
    if c("order of keys", "usual", "turned") == "turned":
        content = dict(reversed(content.items()))
    return c.encoded(json.dumps(content, indent=c("indent", None, 2, "\t"), ensure_ascii=c("ascii", True, False)))


def coco(pick: Pick) -> Layout:
    """COCO: one JSON, or one a part; pictures beside it, in folders, anywhere."""
    c = Choose("coco", pick)
    layout = c.layout
    above, end = c.nested(), c.ending()
    how = c("layout", "one", "parts", "roboflow", "named parts", "beside")
    folder = c.cased("pictures", "images", "data", "JPEGImages", "imgs")
    said = c("names", "bare", "from the root", "absolute", "windows", "address", "dot")
    image_ids = c("image ids", "from 0", "from 1", "sparse", "float", "text", "digits")
    class_ids = c("class ids", "from 0", "from 1", "sparse", "digits", "text")
    by_part: dict[str, list[tuple[int, Picture, str]]] = {}
    for i, p in enumerate(c.set()):
        part = c.part(p.part)
        place = {
            "one": f"{folder}/", "beside": "", "parts": f"{folder}/{part}/", "roboflow": f"{part}/",
            "named parts": f"{part}/",
        }[how]  # fmt: skip
        own = c.name(p, how not in ("one", "beside"))
        name = f"{place}{own}{end}"
        layout.files[above + name] = c.image(i)
        told = {
            "bare": own + end, "from the root": name, "absolute": f"/home/u/{name}", "dot": f"./{name}",
            "windows": "C:\\set\\" + name.replace("/", "\\"), "address": f"https://example.org/{name}?v=2",
        }[said]  # fmt: skip
        by_part.setdefault(part if how not in ("one", "beside") else "", []).append((i, p, told))
    one = c("one is called", "annotations.json", "_annotations.coco.json", "result.json", "instances_default.json")
    for part, pictures in by_part.items():
        file = {
            "one": c("one lies in", "annotations/", "", "Annotations/") + one,
            "beside": one,
            "parts": f"annotations/instances_{part}.json",
            "roboflow": f"{part}/_annotations.coco.json",
            "named parts": f"{part}.json",
        }[how]
        layout.files[above + file] = _coco_json(c, pictures, image_ids, class_ids)
    c.noise(above)
    c.marked(how not in ("one", "beside"))
    return layout


def _voc_xml(c: Choose, p: Picture, name: str, end: str) -> bytes:
    number = {"whole": lambda v: str(int(v)), "point": lambda v: f"{v:.1f}"}[c("numbers", "whole", "point")]
    objects = ""
    for label, x, y, w, h in c.turned(p.boxes, "order of objects"):
        corners = {"xmin": x, "ymin": y, "xmax": x + w, "ymax": y + h}
        if c("order of corners", "usual", "turned") == "turned":
            corners = dict(reversed(corners.items()))
        box = "".join(f"<{k}>{number(v)}</{k}>" for k, v in corners.items())
        more = c("flags", "", "<pose>Unspecified</pose><truncated>0</truncated><difficult>0</difficult>")
        objects += f"\n<object><name>{label}</name>{more}<bndbox>{box}</bndbox></object>"
    named = c("file name", "{}" + end, "{}", "/home/u/{}" + end, "").format(name)
    size = c("size", f"<size><width>{W}</width><height>{H}</height><depth>3</depth></size>", "",
             "<size><width>0</width><height>0</height><depth>0</depth></size>")  # fmt: skip
    head = f"<folder>x</folder><filename>{named}</filename>" if named else ""
    c.encoded("", utf16=True, ends=False)  # the declaration says the encoding that is drawn here
    return c.encoded(f"{_xml_head(c)}<annotation>\n{head}{size}{objects}\n</annotation>\n", utf16=True)


def voc(pick: Pick) -> Layout:
    """Pascal VOC: XML in a folder of any name, or beside the pictures; lists or folders for the parts."""
    c = Choose("voc", pick)
    layout = c.layout
    above, end = c.nested(), c.ending()
    how = c("layout", "two folders", "beside", "parts above", "parts below", "parts beside")
    folder, xmls = c.cased("pictures", "JPEGImages", "images"), c.cased("annotations", "Annotations", "xmls", "labels")
    lists = c("lists", "", "ImageSets/Main/", "ImageSets/", "") if how in ("two folders", "beside") else ""
    xml = c("ending of XML", ".xml", ".XML")
    for i, p in enumerate(c.set()):
        part = c.part(p.part)
        picture, note = {
            "two folders": (f"{folder}/", f"{xmls}/"), "beside": ("", ""), "parts beside": (f"{part}/", f"{part}/"),
            "parts above": (f"{part}/{folder}/", f"{part}/{xmls}/"),
            "parts below": (f"{folder}/{part}/", f"{xmls}/{part}/"),
        }[how]  # fmt: skip
        own = c.name(p, how.startswith("parts"))
        layout.files[f"{above}{picture}{own}{end}"] = c.image(i)
        layout.files[f"{above}{note}{own}{xml}"] = _voc_xml(c, p, own, end)
    if lists:
        called = c("lists are called", ("train", "test"), ("train", "val"))
        for part, name in zip(("train", "test"), called):
            lines = c("lines of lists", "{}", "{}.jpg", "/home/u/x/{}.jpg") + "\n"
            text = "".join(lines.format(p.name) for p in c.set() if p.part == part)
            layout.files[f"{above}{lists}{name}.txt"] = text.encode()
    c.noise(above)
    c.marked(how.startswith("parts") or bool(lists))
    return layout


def _yolo_lines(c: Choose, p: Picture) -> bytes:
    number = {"plain": repr, "six": "{:.6f}".format, "exponent": "{:.6e}".format}[
        c("numbers", "plain", "six", "exponent")
    ]
    gap = c("between", " ", "  ", "\t")
    outline = c("shapes", "boxes", "boxes", "outlines") == "outlines"
    lines = []
    for label, x, y, w, h in c.turned(p.boxes, "order of lines"):
        values = ((x + w / 2) / W, (y + h / 2) / H, w / W, h / H)
        if outline:
            values = tuple(v for a, b in ((x, y), (x + w, y), (x + w, y + h), (x, y + h)) for v in (a / W, b / H))
        lines.append(gap.join([str(CLASSES.index(label)), *map(number, values)]))
    return c.encoded("".join(f"{line}{c('line ends with', '', ' ')}\n" for line in lines))


def _yolo_yaml(c: Choose, places: dict[str, str]) -> bytes:
    names = c("names", "[cat, dog]", "['cat', 'dog']", "{0: cat, 1: dog}", "\n- cat\n- dog", "\n  0: cat\n  1: 'dog'")
    path = c("path", "", "path: .\n", "path: ../datasets/pets\n", "path: /home/u/pets\n")
    parts = "".join(f"{k}: {v}\n" for k, v in places.items())
    return c.encoded(f"# a comment\n{path}{parts}nc: 2\nnames: {names}\n")


def yolo(pick: Pick) -> Layout:
    """YOLO: ultralytics, Roboflow, CVAT's darknet, labelImg's one folder."""
    c = Choose("yolo", pick)
    layout = c.layout
    above, end = c.nested(), c.ending()
    how = c("layout", "parts below", "parts above", "one folder", "two folders", "darknet", "lists")
    images, labels = c.cased("pictures", "images"), c.cased("labels", "labels")
    places: dict[str, str] = {}
    for i, p in enumerate(c.set()):
        part = c.part(p.part)
        picture, note = {
            "parts below": (f"{images}/{part}/", f"{labels}/{part}/"),
            "parts above": (f"{part}/{images}/", f"{part}/{labels}/"),
            "one folder": ("", ""), "two folders": (f"{images}/", f"{labels}/"), "lists": (f"{images}/", f"{labels}/"),
            "darknet": (f"obj_{p.part.replace('test', 'valid')}_data/",) * 2,
        }[how]  # fmt: skip
        own = c.name(p, how.startswith("parts"))
        layout.files[f"{above}{picture}{own}{end}"] = c.image(i)
        layout.files[f"{above}{note}{own}.txt"] = _yolo_lines(c, p)
        key = "train" if p.part == "train" else "val"
        places[key] = {"dots": f"../{picture}", "plain": picture.rstrip("/"), "slash": f"./{picture}"}[
            c("paths of parts", "plain", "slash", "dots")
        ]
    named = c("classes in", "yaml", "classes.txt") if how in ("one folder", "two folders") else "yaml"
    if how == "darknet":
        layout.files[above + "obj.names"] = c.encoded("cat\ndog\n")
        lists = {"train": "train", "valid": "test"}
        said = "".join(f"{k} = data/{k}.txt\n" for k in lists)
        layout.files[above + "obj.data"] = f"classes = 2\n{said}names = data/obj.names\nbackup = backup/\n".encode()
        for k, part in lists.items():
            text = "".join(f"data/obj_{k}_data/{p.name}{end}\n" for p in c.set() if p.part == part)
            layout.files[f"{above}{k}.txt"] = text.encode()
    elif how == "lists":
        for k, part in (("train", "train"), ("val", "test")):
            form = c("lines of lists", "./{}/{}", "{}/{}", "/home/u/pets/{}/{}", "C:\\\\pets\\\\{}\\\\{}")
            text = "".join(form.format(images, p.name + end) + "\n" for p in c.set() if p.part == part)
            layout.files[f"{above}{k}.txt"] = text.encode()
            places[k] = f"{k}.txt"
        layout.files[above + "data.yaml"] = _yolo_yaml(c, places)
    elif named == "yaml":
        file = c("yaml is called", "data.yaml", "dataset.yml", "pets.yaml")
        layout.files[above + file] = _yolo_yaml(c, places if how.startswith("parts") else {})
    else:
        layout.files[above + "classes.txt"] = c.encoded("cat\ndog\n")
    c.noise(above)
    c.marked(how.startswith("parts") or how in ("darknet", "lists"))
    return layout


def kitti(pick: Pick) -> Layout:
    """KITTI: label_2 and image_2, in training and testing or without."""
    c = Choose("kitti", pick)
    layout = c.layout
    above, end = c.nested(), c.ending()
    parts = c("layout", "training", "none", "train") != "none"
    folders = {"train": c("first part", "training", "Training", "train"), "test": c("second part", "testing", "test")}
    images, labels = c.cased("pictures", "image_2"), c.cased("labels", "label_2")
    for i, p in enumerate(c.set()):
        part = f"{folders[p.part]}/" if parts else ""
        form, gap = c("numbers", "{:.2f}", "{:g}"), c("between", " ", "  ", "\t")
        rows = []
        for label, x, y, w, h in c.turned(p.boxes, "order of lines"):
            numbers = (0.0, 0, -1.5, x, y, x + w, y + h, 1.5, 1.6, 3.8, 1.0, 1.7, 20.0, 0.1)
            rows.append(gap.join([label, *(str(v) if isinstance(v, int) else form.format(v) for v in numbers)]))
        if c("with DontCare", False, True):
            rows.append("DontCare -1 -1 -10 0 0 2 2 -1 -1 -1 -1000 -1000 -1000 -10")
        layout.files[f"{above}{part}{images}/{p.name}{end}"] = c.image(i)
        layout.files[f"{above}{part}{labels}/{p.name}.txt"] = c.encoded("".join(f"{r}\n" for r in rows))
    c.noise(above)
    c.marked(parts)
    return layout


def cvat(pick: Pick) -> Layout:
    """CVAT for images: pictures beside the XML, in images/, or in folders that the names say."""
    c = Choose("cvat", pick)
    layout = c.layout
    above, end = c.nested(), c.ending()
    how, parts = c("layout", "beside", "images", "folders"), c("parts", "subset", "none")
    images = c.cased("pictures", "images")
    text = "<annotations>\n<version>1.1</version>"
    labels = "".join(f"<label><name>{n}</name><attributes></attributes></label>" for n in CLASSES)
    text += c("labels", "", f"<meta><task><labels>{labels}</labels></task></meta>")
    for i, p in c.turned(list(enumerate(c.set())), "order of images"):
        place = {"beside": "", "images": f"{images}/", "folders": f"{images}/{p.part}s/"}[how]
        layout.files[f"{above}{place}{p.name}{end}"] = c.image(i)
        said = (place if c("names", "bare", "with folder") == "with folder" else "") + p.name + end
        subset = f' subset="{c.part(p.part)}"' if parts == "subset" else ""
        boxes = "".join(
            f'\n<box label="{n}" source="manual" occluded="0" xtl="{x:.2f}" ytl="{y:.2f}" xbr="{x + w:.2f}"'
            f' ybr="{y + h:.2f}" z_order="0"></box>'
            for n, x, y, w, h in p.boxes
        )
        text += f'\n<image id="{i}" name="{said}"{subset} width="{W}" height="{H}">{boxes}</image>'
    c.encoded("", utf16=True, ends=False)
    file = c("file", "annotations.xml", "job_7.xml", "export.XML")
    layout.files[above + file] = c.encoded(_xml_head(c) + text + "\n</annotations>\n", utf16=True)
    c.noise(above)
    c.marked(parts == "subset")
    return layout


def label_studio(pick: Pick) -> Layout:
    """Label Studio's JSON with the addresses that its storages give."""
    c = Choose("label_studio", pick)
    layout = c.layout
    above, end, folder = c.nested(), c.ending(), c("pictures", "", "images/", "upload/3/")
    address = c(
        "addresses", "/data/upload/3/0a1b2c3d-{}", "/data/local-files/?d=pets/{}", "s3://bucket/pets/{}", "{}",
        "https://host/data/{}?token=1", "images/{}", "C:\\pets\\{}",
    )  # fmt: skip
    key, done = c("key", "image", "img", "url"), c("annotations", "annotations", "completions")
    tasks = []
    for i, p in enumerate(c.set()):
        results = [
            {
                "id": f"r{n}", "type": "rectanglelabels", "from_name": "label", "to_name": "image",
                "original_width": W, "original_height": H, "image_rotation": 0,
                "value": {"x": 100 * x / W, "y": 100 * y / H, "width": 100 * w / W, "height": 100 * h / H,
                          "rotation": 0, "rectanglelabels": [name]},
            }
            for n, (name, x, y, w, h) in enumerate(p.boxes)
        ]  # fmt: skip
        layout.files[f"{above}{folder}{p.name}{end}"] = c.image(i)
        tasks.append({"id": i + 1, "data": {key: address.format(p.name + end)}, done: [{"id": i, "result": results}]})
    file = c("file", "export.json", "project-7-at-2024-01-01.json", "tasks.JSON")
    tasks = c.turned(tasks, "order of tasks")
    layout.files[above + file] = c.encoded(
        json.dumps(tasks, ensure_ascii=c("ascii", True, False), indent=c("indent", None, 2))
    )
    c.noise(above)
    c.marked(False)
    return layout


def bdd100k(pick: Pick) -> Layout:
    """BDD100K: Scalabel's frames, the older list, a file a picture."""
    c = Choose("bdd100k", pick)
    layout = c.layout
    above, end = c.nested(), c.ending()
    how, folder = c("layout", "frames", "list", "a file each"), c.cased("pictures", "images")
    parts = c("parts", True, False) and how != "a file each"
    kind = c("kind", "", "100k/", "10k/")
    frames: dict[str, list[Any]] = {}
    for i, p in enumerate(c.set()):
        part = {"train": "train", "test": "val"}[p.part] if parts else ""
        labels = [
            {"id": str(n), "category": name, "box2d": {"x1": x, "y1": y, "x2": x + w, "y2": y + h}}
            for n, (name, x, y, w, h) in enumerate(p.boxes)
        ]
        suffix = ".jpg" if how == "a file each" else end
        layout.files[f"{above}{folder}/{kind}{part}{part and '/'}{p.name}{suffix}"] = c.image(i)
        about = {"weather": "clear", "scene": "city street"}
        if how == "a file each":
            row: Any = {"name": p.name, "attributes": about, "frames": [{"timestamp": 1, "objects": labels}]}
            layout.files[f"{above}labels/{p.name}.json"] = c.encoded(json.dumps(row))
        else:
            frames.setdefault(part, []).append({"name": p.name + end, "attributes": about, "labels": labels})
    for part, given in frames.items():
        rows = c.turned(given, "order of frames")
        content: Any = {"frames": rows, "config": {"categories": [{"name": n} for n in CLASSES]}}
        name = f"labels/{c('label kind', 'det_20', 'bdd100k_labels_images')}{part and '_'}{part}.json"
        layout.files[above + name] = c.encoded(
            json.dumps(rows if how == "list" else content, indent=c("indent", None, 1))
        )
    c.noise(above)
    c.marked(parts)
    return layout

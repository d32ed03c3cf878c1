"""One small set of each format, as people write it: three pictures, each in a part of its own.

``SETS[format](parts)`` gives the files (``None`` for a picture, bytes, text, or what JSON holds); ``parts`` are the
words for the part of the first, the second and the third. Formats without parts take no notice of them.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import struct
import tarfile
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PIL import Image
from wild_files import SIZE, coco_of, picture, voc_of

Files = dict[str, Any]
PARTS = ("train", "val", "test")
NAMES = ("a", "b", "c")
CLASS = ("cat", "dog", "cat")
W, H = SIZE


def _each(parts: Sequence[str], make: Callable[[str, str, str], Files]) -> Files:
    out: Files = {}
    for part, name, label in zip(parts, NAMES, CLASS):
        out |= make(part, name, label)
    return out


def coco(parts: Sequence[str]) -> Files:
    return _each(parts, lambda p, n, c: {f"images/{n}.jpg": None, f"instances_{p}.json": coco_of(f"{n}.jpg")})


def coco_panoptic(parts: Sequence[str]) -> Files:
    ids = np.zeros((H, W, 3), np.uint8)
    ids[5:20, 5:30, 0] = 7
    out = io.BytesIO()
    Image.fromarray(ids).save(out, "PNG")

    def one(p: str, n: str, c: str) -> Files:
        said = {
            "images": [{"id": 1, "file_name": f"{n}.jpg", "width": W, "height": H}],
            "categories": [{"id": 1, "name": "cat", "isthing": 1}],
            "annotations": [
                {"image_id": 1, "file_name": f"{n}.png", "segments_info": [{"id": 7, "category_id": 1, "area": 375}]}
            ],
        }
        masks = f"panoptic_{p}"
        return {f"{p}/{n}.jpg": None, f"{masks}/{n}.png": out.getvalue(), f"{masks}.json": said}

    return _each(parts, one)


def voc(parts: Sequence[str]) -> Files:
    return _each(parts, lambda p, n, c: {f"{p}/{n}.jpg": None, f"{p}/{n}.xml": voc_of(c, f"{n}.jpg")})


def yolo(parts: Sequence[str]) -> Files:
    files = _each(
        parts, lambda p, n, c: {f"{p}/images/{n}.jpg": None, f"{p}/labels/{n}.txt": f"{c == 'dog':d} 0.5 0.5 0.2 0.2\n"}
    )
    return files | {"classes.txt": "cat\ndog\n"}


def kitti(parts: Sequence[str]) -> Files:
    line = "{} 0.00 0 -1.57 5 5 25 15 1.5 1.6 3.9 1.0 1.5 10.0 -1.5\n"
    return _each(
        parts, lambda p, n, c: {f"{p}/image_2/{n}.png": None, f"{p}/label_2/{n}.txt": line.format(c.capitalize())}
    )


def map_txt(parts: Sequence[str]) -> Files:
    return _each(parts, lambda p, n, c: {f"images/{n}.jpg": None, f"ground-truth/{n}.txt": f"{c} 5 5 25 15\n"})


def bdd100k(parts: Sequence[str]) -> Files:
    box = {"x1": 5, "y1": 5, "x2": 25, "y2": 15}
    return _each(
        parts,
        lambda p, n, c: {
            f"images/{n}.jpg": None,
            f"labels/bdd100k_{p}.json": [{"name": f"{n}.jpg", "labels": [{"category": c, "box2d": box}]}],
        },
    )


def cityscapes(parts: Sequence[str]) -> Files:
    ring = [[5, 5], [25, 5], [25, 15]]
    return _each(
        parts,
        lambda p, n, c: {
            f"leftImg8bit/{p}/ulm/ulm_00000{n == 'b':d}_000019_leftImg8bit.png": None,
            f"gtFine/{p}/ulm/ulm_00000{n == 'b':d}_000019_gtFine_polygons.json": {
                "imgWidth": W, "imgHeight": H, "objects": [{"label": c, "polygon": ring}],
            },
        },
    )  # fmt: skip


def cvat(parts: Sequence[str]) -> Files:
    images = "".join(
        f'<image id="{i}" name="{n}.jpg" subset="{p}" width="{W}" height="{H}">'
        f'<box label="{c}" xtl="5" ytl="5" xbr="25" ybr="15" occluded="0"/></image>'
        for i, (p, n, c) in enumerate(zip(parts, NAMES, CLASS))
    )
    return {f"images/{n}.jpg": None for n in NAMES} | {
        "annotations.xml": f'<?xml version="1.0"?><annotations><version>1.1</version>{images}</annotations>'
    }


def label_studio(parts: Sequence[str]) -> Files:
    def task(p: str, n: str, c: str) -> dict:
        value = {"x": 10, "y": 10, "width": 30, "height": 20, "rotation": 0, "rectanglelabels": [c]}
        result = {"type": "rectanglelabels", "value": value, "original_width": W, "original_height": H,
                  "from_name": "l", "to_name": "i", "id": n}  # fmt: skip
        return {"id": 1, "data": {"image": f"{n}.jpg", "role": p}, "annotations": [{"id": 1, "result": [result]}]}

    return {f"images/{n}.jpg": None for n in NAMES} | {"tasks.json": [*map(task, parts, NAMES, CLASS)]}


def labelme(parts: Sequence[str]) -> Files:
    return _each(
        parts,
        lambda p, n, c: {
            f"{p}/{n}.jpg": None,
            f"{p}/{n}.json": {
                "version": "5.0", "imagePath": f"{n}.jpg", "imageWidth": W, "imageHeight": H, "imageData": None,
                "flags": {}, "shapes": [{"label": c, "points": [[5, 5], [25, 15]], "shape_type": "rectangle"}],
            },
        },
    )  # fmt: skip


def fiftyone(parts: Sequence[str]) -> Files:
    samples = [
        {"filepath": f"data/{n}.jpg", "tags": [p],
         "ground_truth": {"_cls": "Detections", "detections": [
             {"_cls": "Detection", "label": c, "bounding_box": [0.1, 0.1, 0.3, 0.2]}]}}
        for p, n, c in zip(parts, NAMES, CLASS)
    ]  # fmt: skip
    return {f"data/{n}.jpg": None for n in NAMES} | {"samples.json": {"samples": samples}}


def open_images(parts: Sequence[str]) -> Files:
    head = "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated\n"
    files = _each(
        parts,
        lambda p, n, c: {
            f"images/{n}{n}.jpg": None,
            f"{p}-annotations-bbox.csv": f"{head}{n}{n},xclick,/m/{c},1,0.1,0.5,0.1,0.5,0,0\n",
        },
    )
    return files | {"class-descriptions-boxable.csv": "/m/cat,cat\n/m/dog,dog\n"}


def visdrone(parts: Sequence[str]) -> Files:
    return _each(
        parts,
        lambda p, n, c: {
            f"VisDrone2019-DET-{p}/images/{n}.jpg": None,
            f"VisDrone2019-DET-{p}/annotations/{n}.txt": "5,5,20,10,1,4,0,0\n",
        },
    )


def wider_face(parts: Sequence[str]) -> Files:
    return _each(
        parts,
        lambda p, n, c: {
            f"WIDER_{p}/images/0--Parade/{n}.jpg": None,
            f"wider_face_split/wider_face_{p}_bbx_gt.txt": f"0--Parade/{n}.jpg\n1\n5 5 20 10 0 0 0 0 0 0\n",
        },
    )


def webdataset(parts: Sequence[str]) -> Files:
    def shard(p: str, n: str, c: str) -> Files:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            for name, data in ((f"{n}.jpg", picture(ord(n), format="JPEG")), (f"{n}.cls", c.encode())):
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        return {f"{p}-000000.tar": out.getvalue()}

    return _each(parts, shard)


def image_folder(parts: Sequence[str]) -> Files:
    return _each(parts, lambda p, n, c: {f"{p}/{c}/{n}.jpg": None})


def pictures(parts: Sequence[str]) -> Files:
    return _each(parts, lambda p, n, c: {f"{p}/images/{n}.jpg": None})


def picture_table(parts: Sequence[str]) -> Files:
    rows = "".join(f"{n}.jpg,{c},{p}\n" for p, n, c in zip(parts, NAMES, CLASS))
    return {f"images/{n}.jpg": None for n in NAMES} | {"labels.csv": "file,label,split\n" + rows}


def huggingface(parts: Sequence[str]) -> Files:
    return _each(
        parts,
        lambda p, n, c: {
            f"{p}/{n}.jpg": None, f"{p}/metadata.jsonl": json.dumps({"file_name": f"{n}.jpg", "label": c}) + "\n",
        },
    )  # fmt: skip


def documents(parts: Sequence[str]) -> Files:
    rows = [{"path": f"files/{n}.jpg", "annotation": c, "role": p} for p, n, c in zip(parts, NAMES, CLASS)]
    return {f"files/{n}.jpg": None for n in NAMES} | {"documents.json": rows}


def croissant(parts: Sequence[str]) -> Files:
    table = b"file,label,part\n" + b"".join(f"{n}.jpg,{c},{p}\n".encode() for p, n, c in zip(parts, NAMES, CLASS))

    def field(name: str, kind: str, column: str) -> dict:
        source = {"fileObject": {"@id": "t.csv"}, "extract": {"column": column}}
        return {"@type": "cr:Field", "@id": f"r/{name}", "name": f"r/{name}", "dataType": kind, "source": source}

    image = {
        "@type": "cr:Field", "@id": "r/image", "name": "r/image", "dataType": "sc:ImageObject",
        "source": {"fileSet": {"@id": "images"}, "extract": {"fileProperty": "content"}},
    }  # fmt: skip
    key = field("file", "sc:Text", "file") | {
        "references": {"fileSet": {"@id": "images"}, "extract": {"fileProperty": "filename"}}
    }
    said = {
        "@type": "sc:Dataset", "name": "pets", "conformsTo": "http://mlcommons.org/croissant/1.0",
        "distribution": [
            {"@type": "cr:FileObject", "@id": "t.csv", "contentUrl": "t.csv", "encodingFormat": "text/csv",
             "sha256": hashlib.sha256(table).hexdigest()},
            {"@type": "cr:FileSet", "@id": "images", "includes": "images/*.jpg", "encodingFormat": "image/jpeg"},
        ],
        "recordSet": [{"@type": "cr:RecordSet", "@id": "r", "name": "r", "field": [
            image, key, field("label", "sc:Text", "label"), field("split", "cr:Split", "part")]}],
    }  # fmt: skip
    return {f"images/{n}.jpg": None for n in NAMES} | {"t.csv": table, "croissant.json": said}


def table(parts: Sequence[str]) -> Files:
    return _each(parts, lambda p, n, c: {f"{p}.csv": f"x,y\n{ord(n)},{c}\n"})


def idx(parts: Sequence[str]) -> Files:
    out: Files = {}
    for k, split in enumerate(("train", "t10k")):
        pixels = bytes(range(16)) * 2
        out[f"{split}-images-idx3-ubyte.gz"] = gzip.compress(struct.pack(">4I", 0x803, 2, 4, 4) + pixels)
        out[f"{split}-labels-idx1-ubyte.gz"] = gzip.compress(struct.pack(">2I", 0x801, 2) + bytes([k, k + 1]))
    return out


def cifar(parts: Sequence[str]) -> Files:
    return {n: bytes([3]) + bytes(3072) for n in ("data_batch_1.bin", "test_batch.bin")}


def sensors(parts: Sequence[str]) -> Files:
    rows = "".join(f"2024-01-01 {m // 60:02}:{m % 60:02}:00,{m},{m + 1}\n" for m in range(0, 150, 5))
    return {"speeds.csv": "time,s1,s2\n" + rows}


def video(parts: Sequence[str]) -> Files:
    import av

    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as film:
        stream = film.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for k in range(5):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 40 * k, np.uint8), format="rgb24")
            film.mux(stream.encode(frame))
        film.mux(stream.encode())
    return {"drive.mp4": out.getvalue()}


def supervisely(parts: Sequence[str]) -> Files:
    def one(p: str, n: str, c: str) -> Files:
        points = {"exterior": [[5, 5], [25, 15]], "interior": []}
        shape = {"classTitle": c, "geometryType": "rectangle", "tags": [], "points": points}
        said = {"description": "", "tags": [], "size": {"width": W, "height": H}, "objects": [shape]}
        return {f"{p}/img/{n}.jpg": None, f"{p}/ann/{n}.jpg.json": said}

    classes = [{"title": c, "shape": "rectangle", "color": "#FF0000"} for c in ("cat", "dog")]
    return _each(parts, one) | {"meta.json": {"classes": classes, "tags": [], "projectType": "images"}}


def via(parts: Sequence[str]) -> Files:
    def entry(n: str, c: str) -> dict:
        shape = {"name": "rect", "x": 5, "y": 5, "width": 20, "height": 10}
        region = {"shape_attributes": shape, "region_attributes": {"class": c}}
        return {f"{n}.jpg9": {"filename": f"{n}.jpg", "size": 9, "regions": [region], "file_attributes": {}}}

    said: dict[str, Any] = {}
    for n, c in zip(NAMES, CLASS):
        said |= entry(n, c)
    project = {"_via_settings": {}, "_via_attributes": {}, "_via_img_metadata": said}
    return _each(parts, lambda p, n, c: {f"{p}/{n}.jpg": None}) | {"via.json": project}


def masks(parts: Sequence[str]) -> Files:
    values = np.zeros((H, W), np.uint8)
    values[5:20, 5:30] = 1
    out = io.BytesIO()
    Image.fromarray(values).save(out, "PNG")
    files = _each(parts, lambda p, n, c: {f"{p}/images/{n}.jpg": None, f"{p}/masks/{n}.png": out.getvalue()})
    return files | {"classes.txt": "background\ncat\n"}


SETS: dict[str, Callable[[Sequence[str]], Files]] = {
    f.__name__: f
    for f in (
        bdd100k, cifar, cityscapes, coco, coco_panoptic, croissant, cvat, documents, fiftyone, huggingface, idx,
        image_folder, kitti, label_studio, labelme, map_txt, masks, open_images, picture_table, pictures, sensors,
        supervisely, table, via, video, visdrone, voc, webdataset, wider_face, yolo,
    )
}  # fmt: skip

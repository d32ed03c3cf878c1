"""What we export, opened by the tool that the format belongs to.

Each entry of ``READERS`` opens a folder that a writer made with somebody else's reader and says what that saw:
``{stem of the picture: (split or None, sorted objects)}``. The tests compare it with what was written;
``scripts/opened_by.py`` runs the same and writes the table of docs/formats.md. Nothing of veml_lab is used here.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import io
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# With lxml, labelformat's parser refuses every CVAT file that names its encoding, CVAT's own too.
os.environ.setdefault("FORCE_STD_XML", "true")

# (class, x, y, w, h) of an object in pixels; of a class label (class,)
Seen = dict[str, tuple[str | None, list[tuple[Any, ...]]]]


@dataclass(frozen=True)
class Reader:
    """A tool, the writer whose output it opens, and how.

    Attributes
    ----------
    made
        Which of the sources of the tests is written: "boxes", "outlines", "poses", "classes" ...
    tolerance
        Pixels by which its boxes may differ: some tools round.
    options, into
        Options of the writer, and the folder below the target that it writes into.
    """

    tool: str
    format: str
    made: str
    read: Callable[[Path], Seen]
    tolerance: float = 1e-3
    options: dict[str, Any] = field(default_factory=dict)
    into: str = ""


@contextlib.contextmanager
def elsewhere(folder: Path) -> Iterator[None]:
    """Run in another folder: what a tool resolves against it is not found by luck."""
    here = Path.cwd()
    folder.mkdir(exist_ok=True)
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)


def _sorted(objects: Any) -> list[tuple[Any, ...]]:
    return sorted(tuple(o) for o in objects)


def _pycocotools(at: Path) -> Seen:
    from pycocotools.coco import COCO

    out: Seen = {}
    for file in sorted(at.glob("annotations/instances_*.json")):
        with contextlib.redirect_stdout(io.StringIO()):
            coco = COCO(str(file))
            if coco.anns:  # what an evaluation does first with results
                coco.loadRes([{"image_id": a["image_id"], "category_id": a["category_id"], "bbox": a["bbox"],
                               "score": 1.0} for a in coco.anns.values()])  # fmt: skip
        names = {c["id"]: c["name"] for c in coco.loadCats(coco.getCatIds())}
        for image in coco.loadImgs(coco.getImgIds()):
            anns = coco.loadAnns(coco.getAnnIds(imgIds=image["id"]))
            for a in anns:
                if a.get("segmentation"):
                    assert coco.annToMask(a).sum() > 0
            objects = ((names[a["category_id"]], *a["bbox"]) for a in anns)
            out[Path(image["file_name"]).stem] = file.stem.removeprefix("instances_"), _sorted(objects)
    return out


def _coco_detection(at: Path) -> Seen:
    from torchvision.datasets import CocoDetection

    out: Seen = {}
    for file in sorted(at.glob("annotations/instances_*.json")):
        split = file.stem.removeprefix("instances_")
        with contextlib.redirect_stdout(io.StringIO()):
            data = CocoDetection(str(at / "images" / split), str(file))
        for i, (picture, anns) in enumerate(data):
            row = data.coco.loadImgs(data.ids[i])[0]
            assert picture.size == (row["width"], row["height"])
            objects = ((data.coco.cats[a["category_id"]]["name"], *a["bbox"]) for a in anns)
            out[Path(row["file_name"]).stem] = split, _sorted(objects)
    return out


def _voc_detection(at: Path) -> Seen:
    from torchvision.datasets import VOCDetection

    out: Seen = {}
    for split in ("train", "test"):
        data = VOCDetection(str(at), year="2007", image_set=split)
        for picture, said in data:
            a = said["annotation"]
            assert picture.size == (int(a["size"]["width"]), int(a["size"]["height"]))
            objects = []
            for o in a.get("object", []):
                x0, y0, x1, y1 = (float(o["bndbox"][k]) for k in ("xmin", "ymin", "xmax", "ymax"))
                objects.append((o["name"], x0, y0, x1 - x0, y1 - y0))
            out[Path(a["filename"]).stem] = split, _sorted(objects)
    return out


def _torchvision_kitti(at: Path) -> Seen:
    from torchvision.datasets import Kitti

    out: Seen = {}
    data = Kitti(str(at), train=True)
    for i, (_, target) in enumerate(data):
        corners = [(t["type"], *t["bbox"]) for t in target]
        objects = [(c, x0, y0, x1 - x0, y1 - y0) for c, x0, y0, x1, y1 in corners]
        out[Path(data.images[i]).stem] = "train", _sorted(objects)
    held = Kitti(str(at), train=False)  # it never reads labels of testing
    return out | {Path(p).stem: ("test", []) for p in held.images}


def _torchvision_cityscapes(at: Path) -> Seen:
    from torchvision.datasets import Cityscapes

    out: Seen = {}
    for split, role in (("train", "train"), ("val", "test")):
        data = Cityscapes(str(at), split=split, mode="fine", target_type="polygon")
        for i, (_, target) in enumerate(data):
            objects = [(o["label"], *_around([v for p in o["polygon"] for v in p])) for o in target["objects"]]
            out[Path(data.images[i]).stem] = role, _sorted(objects)
    return out


def _around(ring: list[float]) -> tuple[float, float, float, float]:
    xs, ys = ring[0::2], ring[1::2]
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)


def _folder(at: Path) -> Seen:
    from torchvision.datasets import ImageFolder

    out: Seen = {}
    for split in ("train", "test"):
        data = ImageFolder(str(at / split))
        for path, k in data.samples:
            out[Path(path).stem] = split, [(data.classes[k],)]
    return out


def _fashion_mnist(at: Path) -> Seen:
    from torchvision.datasets import FashionMNIST

    named = (at / "FashionMNIST" / "raw" / "classes.txt").read_text().splitlines()
    out: Seen = {}
    for train in (True, False):
        data = FashionMNIST(str(at), train=train)
        for i in range(len(data)):
            pixels = data.data[i].numpy().tobytes()
            out[f"#{hash_of(pixels)}"] = "train" if train else "test", [(named[int(data.targets[i])],)]
    return out


def hash_of(pixels: bytes) -> str:
    """A picture without a name is known by its grey pixels."""
    import hashlib

    return hashlib.sha256(pixels).hexdigest()[:16]


def _datasets(at: Path) -> Seen:
    import datasets

    found = datasets.load_dataset(str(at), cache_dir=str(at.parent / "cache"))
    out: Seen = {}
    for split, rows in found.items():
        boxed = "objects" in rows.features
        names = (rows.features["objects"]["category"].feature if boxed else rows.features["label"]).names
        paths = rows.cast_column("image", datasets.Image(decode=False))
        for row, plain in zip(rows, paths):
            assert row["image"].size[0] > 0
            o = row["objects"] if boxed else None
            objects = [(names[c], *b) for c, b in zip(o["category"], o["bbox"])] if o else [(names[row["label"]],)]
            out[Path(plain["image"]["path"]).stem] = split, _sorted(objects)
    return out


def _sample(split: str, key: str, said: Any) -> Seen:
    """What a sample of a WebDataset says in its JSON file."""
    a = said["annotation"]
    objects = [(a,)] if isinstance(a, str) else [(b["label"], *b["box"]) for b in a["boxes"]]
    return {key: (split, _sorted(objects))}


def _webdataset(at: Path) -> Seen:
    import webdataset as wds

    out: Seen = {}
    for file in sorted(at.glob("*.tar")):
        for s in wds.WebDataset(str(file), shardshuffle=False).decode("pil"):
            assert s["jpg" if "jpg" in s else "png"].size[0] > 0
            out |= _sample(file.stem.rpartition("-")[0], s["__key__"], s["json"])
    return out


def _datasets_of_tars(at: Path) -> Seen:
    import datasets

    files = {split: [str(p) for p in sorted(at.glob(f"{split}-*.tar"))] for split in ("train", "test")}
    found = datasets.load_dataset("webdataset", data_files=files, cache_dir=str(at.parent / "cache"))
    out: Seen = {}
    for split, rows in found.items():
        for row in rows:
            assert row["jpg" if "jpg" in row else "png"].size[0] > 0
            out |= _sample(split, row["__key__"].rpartition("/")[2], row["json"])
    return out


def _mlcroissant(at: Path) -> Seen:
    import mlcroissant as mlc

    data = mlc.Dataset(jsonld=str(at / "croissant.json"))
    assert not data.metadata.ctx.issues.errors
    out: Seen = {}
    for row in data.records("records"):
        said = {k.removeprefix("records/"): v for k, v in row.items()}
        name, split, image = said["filename"], said["split"], said["image"]
        labels = [c.decode() if isinstance(c, bytes) else c for c in said["category"]]
        objects = [(c, *map(float, b)) for c, b in zip(labels, said["bbox"])]
        assert image.size[0] > 0
        out[Path(_text(name)).stem] = _text(split) if split is not None else None, _sorted(objects)
    return out


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _supervision(data: Any, split: str) -> Seen:
    out: Seen = {}
    for path, found in data.annotations.items():
        boxes = [(data.classes[k], x0, y0, x1 - x0, y1 - y0)
                 for k, (x0, y0, x1, y1) in zip(found.class_id, found.xyxy.tolist())]  # fmt: skip
        out[Path(path).stem] = split, _sorted(boxes)
    return out


def _supervision_coco(at: Path) -> Seen:
    import supervision as sv

    out: Seen = {}
    for split in ("train", "test"):
        data = sv.DetectionDataset.from_coco(
            str(at / "images" / split), str(at / f"annotations/instances_{split}.json")
        )
        out |= _supervision(data, split)
    return out


def _supervision_yolo(at: Path) -> Seen:
    import supervision as sv

    out: Seen = {}
    for split in ("train", "test"):
        data = sv.DetectionDataset.from_yolo(
            str(at / "images" / split), str(at / "labels" / split), str(at / "data.yaml")
        )
        out |= _supervision(data, split)
    return out


def _supervision_voc(at: Path) -> Seen:
    import supervision as sv

    data = sv.DetectionDataset.from_pascal_voc(str(at / "JPEGImages"), str(at / "Annotations"))
    return {stem: (None, objects) for stem, (_, objects) in _supervision(data, "").items()}


def _supervision_labelme(at: Path) -> Seen:
    import supervision as sv

    out: Seen = {}
    for split in ("train", "test"):
        data = sv.DetectionDataset.from_labelme(str(at / split), str(at / split))
        out |= _supervision(data, split)
    return out


def _supervisely(at: Path) -> Seen:
    import supervisely as sly

    out: Seen = {}
    project = sly.Project(str(at), sly.OpenMode.READ)
    for dataset in project.datasets:
        for name, _, ann in dataset.items():
            found = sly.Annotation.load_json_file(ann, project.meta)
            # the box around an object: its last row and column belong to it
            boxes = [(x.obj_class.name, x.geometry.to_bbox()) for x in found.labels]
            objects = sorted((c, b.left, b.top, b.width, b.height) for c, b in boxes)
            out[Path(name).stem] = None if dataset.name == "all" else dataset.name, objects
    return out


def _ultralytics(at: Path, task: str) -> Seen:
    os.environ.setdefault("YOLO_CONFIG_DIR", str(at.parent))
    with elsewhere(at.parent / "cwd"):
        from ultralytics.data.dataset import YOLODataset
        from ultralytics.data.utils import check_det_dataset

        data = check_det_dataset(str(at / "data.yaml"), autodownload=False)
        out: Seen = {}
        for key, split in (("train", "train"), ("val", "test")):
            set_ = YOLODataset(img_path=data[key], data=data, task=task, augment=False)
            for row in set_.labels:
                h, w = row["shape"]
                names = [data["names"][int(k)] for k in row["cls"][:, 0]]
                boxes = [(c, (x - bw / 2) * w, (y - bh / 2) * h, bw * w, bh * h)
                         for c, (x, y, bw, bh) in zip(names, row["bboxes"].tolist())]  # fmt: skip
                assert task != "segment" or len(row["segments"]) == len(boxes)
                assert task != "pose" or len(row["keypoints"]) == len(boxes)
                out[Path(row["im_file"]).stem] = split, _sorted(boxes)
    return out


def _datumaro(format: str, **splits: str) -> Callable[[Path], Seen]:
    """``splits``: what its subsets mean."""

    def read(at: Path) -> Seen:
        from datumaro.components.annotation import AnnotationType
        from datumaro.components.dataset import Dataset

        data = Dataset.import_from(str(at), format)
        names = [c.name for c in data.categories()[AnnotationType.label]]
        out: Seen = {}
        for item in data:
            objects: list[tuple[Any, ...]] = []
            for a in item.annotations:
                if a.type == AnnotationType.label:
                    objects.append((names[a.label],))
                elif a.type in (AnnotationType.bbox, AnnotationType.polygon):
                    objects.append((names[a.label], *map(float, a.get_bbox())))
            assert item.media is not None
            out[item.id.rpartition("/")[2]] = splits.get(item.subset), _sorted(objects)
        return out

    return read


def _labelformat(make: Callable[[Path], Iterator[tuple[str | None, Any]]]) -> Callable[[Path], Seen]:
    def read(at: Path) -> Seen:
        out: Seen = {}
        for split, data in make(at):
            for label in data.get_labels():
                objects = []
                for o in label.objects:
                    b = o.box
                    objects.append((o.category.name, b.xmin, b.ymin, b.xmax - b.xmin, b.ymax - b.ymin))
                out[Path(label.image.filename).stem] = split, _sorted(objects)
        return out

    return read


def _labelformat_coco(at: Path) -> Iterator[tuple[str | None, Any]]:
    from labelformat.formats import COCOObjectDetectionInput

    for split in ("train", "test"):
        yield split, COCOObjectDetectionInput(input_file=at / f"annotations/instances_{split}.json")


def _labelformat_yolo(at: Path) -> Iterator[tuple[str | None, Any]]:
    from labelformat.formats import YOLOv8ObjectDetectionInput

    for key, split in (("train", "train"), ("val", "test")):
        yield split, YOLOv8ObjectDetectionInput(input_file=at / "data.yaml", input_split=key)


def _labelformat_voc(at: Path) -> Iterator[tuple[str | None, Any]]:
    from labelformat.formats import PascalVOCObjectDetectionInput

    names = ",".join((at / "classes.txt").read_text().splitlines())
    yield None, PascalVOCObjectDetectionInput(input_folder=at / "Annotations", category_names=names)


def _labelformat_kitti(at: Path) -> Iterator[tuple[str | None, Any]]:
    from labelformat.formats import KittiObjectDetectionInput

    names = ",".join((at / "classes.txt").read_text().splitlines())
    for folder, split in (("training", "train"), ("testing", "test")):
        yield (
            split,
            KittiObjectDetectionInput(
                input_folder=at / folder / "label_2", category_names=names, images_rel_path="../image_2"
            ),
        )


def _labelformat_cvat(at: Path) -> Iterator[tuple[str | None, Any]]:
    from labelformat.formats import CVATObjectDetectionInput

    yield None, CVATObjectDetectionInput(input_file=at / "annotations.xml")


def _fiftyone(at: Path) -> Seen:
    """Its importers of folders, which need no MongoDB; shares of the picture become pixels by the picture's size."""
    from fiftyone.utils.data.importers import (
        FiftyOneImageClassificationDatasetImporter,
        FiftyOneImageDetectionDatasetImporter,
    )
    from PIL import Image

    out: Seen = {}
    for split in ("train", "test"):
        first = next(iter(json.loads((at / split / "labels.json").read_text())["labels"].values()))
        boxed = isinstance(first, list)
        kind = FiftyOneImageDetectionDatasetImporter if boxed else FiftyOneImageClassificationDatasetImporter
        with kind(dataset_dir=str(at / split)) as importer:
            for path, _, label in importer:
                w, h = Image.open(path).size
                objects = (
                    [
                        (
                            d.label,
                            d.bounding_box[0] * w,
                            d.bounding_box[1] * h,
                            d.bounding_box[2] * w,
                            d.bounding_box[3] * h,
                        )
                        for d in label.detections
                    ]
                    if boxed
                    else [(label.label,)]
                )
                out[Path(path).stem] = split, _sorted(objects)
    return out


def _label_studio(at: Path) -> Seen:
    """Its converter makes COCO of our tasks, by our labelling configuration; its own check passes each task."""
    from label_studio_sdk.converter import Converter
    from label_studio_sdk.label_interface import LabelInterface

    config = (at / "config.xml").read_text()
    interface = LabelInterface(config)
    tasks = json.loads((at / "tasks.json").read_text())
    for task in tasks:
        assert interface.validate_task({"data": task["data"]})
        assert all(interface.validate_annotation(a) for a in task["annotations"])
    out_at = at.parent / "converted"
    os.environ["LOCAL_FILES_DOCUMENT_ROOT"] = str(at)
    converter = Converter(config, str(at), download_resources=False)
    converter.convert_to_coco(str(at / "tasks.json"), str(out_at), output_image_dir=str(out_at / "i"), is_dir=False)
    made = json.loads((out_at / "result.json").read_text())
    names = {c["id"]: c["name"] for c in made["categories"]}
    rows = {i["id"]: i["file_name"] for i in made["images"]}
    split = {Path(t["data"]["image"]).stem: t["data"].get("role") for t in tasks}
    out: Seen = {}
    for k, file in rows.items():
        stem = Path(file).stem
        objects = [(names[a["category_id"]], *a["bbox"]) for a in made["annotations"] if a["image_id"] == k]
        out[stem] = split[stem], _sorted(objects)
    return out


def _scalabel(at: Path) -> Seen:
    from scalabel.label.io import load

    out: Seen = {}
    for file in sorted(at.glob("labels/**/*.json")):
        for frame in load(str(file)).frames:
            objects = []
            for o in frame.labels or []:
                b = o.box2d
                # Scalabel's corners are the last pixels themselves
                objects.append((o.category, b.x1, b.y1, b.x2 - b.x1, b.y2 - b.y1))
            out[Path(frame.name).stem] = file.stem.removeprefix("bdd100k_"), _sorted(objects)
    return out


def why_not(reader: Reader) -> str:
    """Why a tool cannot be asked here; "" if it can."""
    if importlib.util.find_spec(reader.tool) is None:
        return f"{reader.tool} is not installed; scripts/opened_by.py says how to try it"
    if reader.tool == "scalabel" and importlib.metadata.version("pydantic") >= "2":
        return "scalabel opens nothing with pydantic 2 (its optional fields became required ones)"
    return ""


_SPLITS = {"train": "train", "test": "test", "Train": "train", "Test": "test", "val": "test"}

READERS = [
    Reader("pycocotools", "coco", "boxes", _pycocotools),
    Reader("pycocotools", "coco", "outlines", _pycocotools),
    Reader("torchvision", "coco", "boxes", _coco_detection),
    Reader("torchvision", "voc", "boxes", _voc_detection, options={"devkit": True}),
    Reader("torchvision", "kitti", "trained", _torchvision_kitti, into="Kitti/raw"),
    Reader("torchvision", "cityscapes", "cities", _torchvision_cityscapes),
    Reader("torchvision", "image_folder", "classes", _folder),
    Reader("torchvision", "idx", "grey", _fashion_mnist, options={"packed": False}, into="FashionMNIST/raw"),
    Reader("datasets", "huggingface", "boxes", _datasets),
    Reader("datasets", "huggingface", "some roles", _datasets),
    Reader("datasets", "huggingface", "no roles", _datasets),
    Reader("datasets", "huggingface", "classes", _datasets),
    Reader("datasets", "webdataset", "boxes", _datasets_of_tars),
    Reader("datasets", "webdataset", "classes", _datasets_of_tars),
    Reader("webdataset", "webdataset", "boxes", _webdataset),
    Reader("webdataset", "webdataset", "classes", _webdataset),
    Reader("mlcroissant", "croissant", "boxes", _mlcroissant),
    Reader("supervisely", "supervisely", "boxes", _supervisely, 1.01),  # it rounds
    Reader("supervisely", "supervisely", "no roles", _supervisely, 1.01),
    Reader("ultralytics", "yolo", "boxes", lambda at: _ultralytics(at, "detect"), 1e-2),
    Reader("ultralytics", "yolo", "outlines", lambda at: _ultralytics(at, "segment"), 1e-2),
    Reader("ultralytics", "yolo", "poses", lambda at: _ultralytics(at, "pose"), 1e-2),
    Reader("supervision", "coco", "boxes", _supervision_coco, 1e-2),
    Reader("supervision", "yolo", "boxes", _supervision_yolo, 1e-2),
    Reader("supervision", "voc", "boxes", _supervision_voc, 1.01),
    Reader("supervision", "labelme", "boxes", _supervision_labelme, 1e-2),
    Reader("datumaro", "coco", "boxes", _datumaro("coco", **_SPLITS), 0.02),
    Reader("datumaro", "voc", "boxes", _datumaro("voc", **_SPLITS), 0.02),
    Reader("datumaro", "kitti", "trained", _datumaro("kitti_detection", **_SPLITS), 0.02),
    Reader("datumaro", "yolo", "boxes", _datumaro("yolo", **_SPLITS), 0.02),
    Reader("datumaro", "cvat", "boxes", _datumaro("cvat", **_SPLITS), 0.02),
    Reader("labelformat", "coco", "boxes", _labelformat(_labelformat_coco), 1e-2),
    Reader("labelformat", "yolo", "boxes", _labelformat(_labelformat_yolo), 1e-2),
    Reader("labelformat", "voc", "boxes", _labelformat(_labelformat_voc), 1.0),
    Reader("labelformat", "kitti", "boxes", _labelformat(_labelformat_kitti), 1e-2),
    Reader("labelformat", "cvat", "boxes", _labelformat(_labelformat_cvat), 1e-2),
    Reader("fiftyone", "fiftyone", "boxes", _fiftyone),
    Reader("fiftyone", "fiftyone", "classes", _fiftyone),
    Reader("label_studio_sdk", "label_studio", "boxes", _label_studio, 1e-2),
    Reader("scalabel", "bdd100k", "boxes", _scalabel, 1e-2),
]

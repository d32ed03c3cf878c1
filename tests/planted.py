"""Labs with planted predictions: deployed versions without a network, that get wrong what a test says. (A module of its
own, beside :mod:`labs`.)"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from PIL import Image

import veml_lab as veml
from veml_lab.evaluation.prediction import Prediction
from veml_lab.lifecycle.badcases import BadCases, cases_of
from veml_lab.sources.source import Box, Record, Source
from veml_lab.versions.data import DataVersion
from veml_lab.versions.inference import InferenceVersion
from veml_lab.versions.model import add_model

CLASSES = ("cat", "dog", "bird")


def picture(seed: int, side: int = 24) -> Image.Image:
    """A picture with a coarse pattern of its own, and some noise."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 255, (5, 5, 3), dtype=np.uint8))
    fine = np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC)).astype(int)
    return Image.fromarray((fine + rng.integers(-6, 7, fine.shape)).clip(0, 255).astype(np.uint8))


def encoded(image: Image.Image, quality: int = 92) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def pictures(
    name: str, images: Mapping[str, bytes], labels: Mapping[str, str] | None = None, role: str = "test"
) -> Source:
    """A source of classified pictures by their names."""

    def records() -> Iterator[Record]:
        for i, (uri, image) in enumerate(images.items()):
            size = Image.open(io.BytesIO(image)).size
            label = labels[uri] if labels else CLASSES[i % len(CLASSES)]
            yield Record(uri, image, *size, role=role, label=label)

    return Source("planted", name, "classification", CLASSES, records, len(images), f"{name} {sorted(images)}")


def some_pictures(n: int, first: int = 0) -> dict[str, bytes]:
    return {f"p{first + i:03}.jpg": encoded(picture(first + i)) for i in range(n)}


def boxed(name: str, n: int, boxes: Mapping[int, Iterable[Box]]) -> Source:
    """A source of pictures of 100 x 100 pixels with boxes, by number."""

    def records() -> Iterator[Record]:
        for i in range(n):
            yield Record(f"b{i:03}.jpg", encoded(picture(i, 100)), 100, 100, role="test", boxes=tuple(boxes.get(i, ())))

    return Source("planted", name, "detection", CLASSES, records, n, f"{name} {n} {boxes}")


def deployed(
    lab: veml.Lab, name: str, data: DataVersion, *, after: InferenceVersion | None = None, task: str = "classification"
) -> InferenceVersion:
    """A deployed version as ``deploy`` registers it; its training was rebuilt from that of ``after``."""
    store = lab.store
    node = store.graph().by_name.get("planted net")
    model = (
        add_model(store, "planted net", {"architecture": "none", "task": task, "num_classes": 3})
        if node is None
        else lab["planted net"]
    )
    plan = {
        "name": name, "task": task, "data": data.id, "model": model.id, "validation": data.id,
        "backend": "torchvision", "seed": 0, "hyper": {}, "init": None, "rebuilt_from": None, "method": "scratch",
        "labels": None, "deployment": {},
    }  # fmt: skip
    props = {
        "key": name, "plan": plan, "summary": {"accuracy": 0.5, "seconds": 1.0}, "classes": list(CLASSES),
        "metric": "accuracy", "checkpoint": f"jobs/{name}/model.safetensors", "environment": {}, "reused": 0,
        "fresh": [],
    }  # fmt: skip
    edges = [(model.id, "instance_of", {}), (data.id, "tested_on", {})]
    if after is not None:
        edges.append((after.training.id, "rebuilt_from", {"operation": "more labels"}))
    training = store.add("training", f"{name} run", props, edges)
    return deployment(lab, name, training.id)


def deployment(lab: veml.Lab, name: str, training: str) -> InferenceVersion:
    """Another deployment of a training."""
    props = {
        "training": training, "configuration": {"format": "onnx"}, "file": f"blobs/{name}.onnx", "sha256": "",
        "measured": {"agreement": 1.0, "onnx_ms": 0.1, "size_mb": 0.3},
    }  # fmt: skip
    made = lab.store.add("inference", name, props, [(training, "deployed_as", {"operation": "onnx"})])
    return InferenceVersion(lab.store, made)


def classified(inference: InferenceVersion, data: DataVersion, wrong: Mapping[int, str] | Iterable[int]) -> BadCases:
    """What a version gets wrong that says the truth of every sample but of those at these positions."""
    said = dict(wrong) if isinstance(wrong, Mapping) else dict.fromkeys(wrong, "")
    at = data.annotations.targets().copy()
    for p, label in said.items():
        at[p] = CLASSES.index(label) if label else (at[p] + 1) % len(CLASSES)
    probabilities = np.full((len(at), len(CLASSES)), 0.1, np.float32)
    probabilities[np.arange(len(at)), at] = 0.8
    return cases_of(inference, data, Prediction(CLASSES, probabilities=probabilities))


def detected(inference: InferenceVersion, data: DataVersion, found: Mapping[int, Iterable[tuple]]) -> BadCases:
    """What a version gets wrong that finds ``(label, x, y, w, h)`` in pictures, by position."""
    detections = []
    for p in range(len(data)):
        rows = list(found.get(p, ()))
        corners = [[x, y, x + w, y + h] for _, x, y, w, h in rows]
        detections.append(
            {
                "boxes": np.array(corners, np.float32).reshape(-1, 4),
                "scores": np.full(len(rows), 0.9, np.float32),
                "labels": np.array([CLASSES.index(r[0]) for r in rows], np.int64),
            }
        )
    return cases_of(inference, data, Prediction(CLASSES, detections=detections))

"""One well-filled example of every widget, for unit tests, browser tests and screenshots."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw

CLASSES = ["car", "pedestrian", "truck"]


def jpeg(seed: int, size_px: int = 96) -> bytes:
    """A small street-like picture, the same for the same seed."""
    rng = np.random.default_rng(seed)
    sky, road = rng.integers(120, 220, 3), rng.integers(60, 110, 3)
    image = Image.new("RGB", (size_px, size_px), tuple(int(v) for v in sky))
    draw = ImageDraw.Draw(image)
    draw.rectangle([0, size_px * 0.55, size_px, size_px], fill=tuple(int(v) for v in road))
    for _ in range(3):
        x, y = rng.random(2) * 0.6 + 0.1
        colour = tuple(int(v) for v in rng.integers(30, 240, 3))
        draw.rectangle([x * size_px, (0.4 + y / 3) * size_px, (x + 0.2) * size_px, (0.55 + y / 3) * size_px], fill=colour)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


class Wall:
    """A sample source of any length."""

    classes = CLASSES

    def __init__(self, n: int = 5000) -> None:
        self.n = n

    def __len__(self) -> int:
        return self.n

    def thumbnails(self, positions, size_px):
        return [jpeg(p % 97, size_px) for p in positions]

    def annotations(self, positions):
        out = []
        for p in positions:
            rng = np.random.default_rng(p)
            boxes = [[0.1 + 0.3 * k, 0.5, 0.22, 0.18, CLASSES[int(rng.integers(3))]] for k in range(int(rng.integers(1, 4)))]
            note = {"label": CLASSES[p % 3], "boxes": boxes, "caption": f"drive-{p:06d}.jpg"}
            if p % 7 == 0:
                note["prediction"] = {"label": CLASSES[(p + 1) % 3], "score": 0.61}
            out.append(note)
        return out


def lineage() -> dict:
    """The versions that the main job makes."""
    nodes, edges = [], []

    def node(i, kind, name, summary, **detail):
        created = f"2026-11-20T10:{len(nodes):02d}:00"
        nodes.append({"id": i, "kind": kind, "name": name, "created": created, "detail": {"summary": summary, **detail}})

    def edge(a, b, kind, **more):
        edges.append({"source": a, "target": b, "type": kind, **more})

    for name in ("mnist", "fashion-mnist", "cifar-10"):
        node(f"d-{name}", "data", name, "1,200 images · 10 classes · train", samples=1200, classes=10, role="train", hash="9f2c41d0")
        node(f"t-{name}", "data", f"{name}-test", "400 images · 10 classes · test", samples=400, role="test")
    node("m-1", "model", "small-cnn", "classifier · 3 blocks", parameters=98442)
    node("b-1", "metadata", "conv backbone", "backbone")
    node("h-1", "metadata", "linear head", "head")
    edge("b-1", "m-1", "has_backbone")
    edge("h-1", "m-1", "has_head")
    node("r-donor", "training", "fashion donor", "accuracy 0.871 · 5 epochs", accuracy=0.871, epochs=5, seed=0)
    edge("d-fashion-mnist", "r-donor", "trained_on")
    edge("m-1", "r-donor", "instance_of")
    node("r-transfer", "training", "mnist by transfer", "accuracy 0.962 · 3 epochs", accuracy=0.962)
    edge("r-donor", "r-transfer", "transferred_from", operation="10 classes kept")
    edge("d-mnist", "r-transfer", "trained_on")
    node("r-scratch", "training", "mnist from scratch", "accuracy 0.934 · 3 epochs", accuracy=0.934)
    edge("d-mnist", "r-scratch", "trained_on")
    edge("m-1", "r-scratch", "instance_of")
    node("i-1", "inference", "mnist onnx", "0.4 MB · 0.8 ms", parity=1.2e-6)
    edge("r-transfer", "i-1", "deployed_as")
    node("d-rain", "data", "mnist-jpeg-12", "400 images · compressed", samples=400)
    edge("t-mnist", "d-rain", "derived_from", operation="jpeg quality 12")
    edge("d-rain", "i-1", "tested_on")
    edge("t-mnist", "i-1", "tested_on")
    for share in (10, 30, 50):
        node(f"r-a{share}", "training", f"rebuilt, active {share} %", f"accuracy {0.90 + share / 1000:.3f}")
        edge("r-transfer", f"r-a{share}", "rebuilt_from", operation="active")
        edge("d-rain", f"r-a{share}", "trained_on")
    node("i-2", "inference", "mnist onnx, rebuilt", "0.4 MB · 0.8 ms")
    edge("r-a50", "i-2", "deployed_as")
    return {"nodes": nodes, "edges": edges}


def heatmap() -> dict:
    names = ["mnist", "fashion-mnist", "cifar-10", "road-fog", "road-clear", "road-overcast"]
    xy = np.array([[0, 0], [1.1, 0.3], [4.5, 1.2], [7.2, 2.8], [6.8, 4.1], [6.3, 3.6]])
    mean = np.linalg.norm(xy[:, None] - xy[None], axis=2) * 3 + 9
    energy = np.linalg.norm(xy[:, None] - xy[None], axis=2) ** 1.3
    np.fill_diagonal(mean, 8.1)
    return {
        "names": names,
        "measures": {"mean": mean, "energy": energy},
        "errors": {"energy": energy * 0.06},
        "pictures": {n: [jpeg(31 * i + k) for k in range(10)] for i, n in enumerate(names)},
    }


def drift() -> dict:
    rng = np.random.default_rng(4)
    centres = rng.normal(0, 1.4, (10, 2))
    test = np.vstack([rng.normal(0, 1.5, (320, 2)), rng.normal([4.2, 2.4], 0.6, (80, 2))])
    distances = np.linalg.norm(test[:, None] - centres[None], axis=2).min(axis=1)
    return {
        "centres": centres,
        "radii": [1.3] * 10,
        "train_xy": rng.normal(0, 1.5, (600, 2)),
        "test_xy": test,
        "verdicts": {
            "paper": {"drifted": False, "text": "mean distance of the test core set lies inside the covering radius", "mean_distance": 1.02, "radius": 1.3},
            "calibrated": {"drifted": True, "text": "all test points on the same balls", "p_value": 3.2e-7, "effect": 0.61},
        },
        "distances": distances,
        "radius": 1.3,
        "worst": [jpeg(400 + k) for k in range(8)],
        "title": "mnist-jpeg-12 against mnist",
    }


def curves() -> dict:
    def line(rate, end, n=12):
        return [[k, end + (2.3 - end) * np.exp(-rate * k)] for k in range(n)]

    def rise(rate, end, n=12):
        return [[k, end - (end - 0.1) * np.exp(-rate * k)] for k in range(n)]

    return {
        "mnist by transfer": {"loss": line(0.8, 0.12), "accuracy": rise(0.9, 0.962)},
        "mnist from scratch": {"loss": line(0.35, 0.22), "accuracy": rise(0.4, 0.934)},
        "fashion donor": {"loss": line(0.4, 0.35, 9), "accuracy": rise(0.45, 0.871, 9)},
    }

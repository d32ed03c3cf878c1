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
        draw.rectangle(
            [x * size_px, (0.4 + y / 3) * size_px, (x + 0.2) * size_px, (0.55 + y / 3) * size_px], fill=colour
        )
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
            boxes = [
                [0.1 + 0.3 * k, 0.5, 0.22, 0.18, CLASSES[int(rng.integers(3))]] for k in range(int(rng.integers(1, 4)))
            ]
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
        nodes.append(
            {"id": i, "kind": kind, "name": name, "created": created, "detail": {"summary": summary, **detail}}
        )

    def edge(a, b, kind, **more):
        edges.append({"source": a, "target": b, "type": kind, **more})

    for name in ("mnist", "fashion-mnist", "cifar-10"):
        node(
            f"d-{name}",
            "data",
            name,
            "1,200 images · 10 classes · train",
            samples=1200,
            classes=10,
            role="train",
            hash="9f2c41d0",
        )
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


def demo_lineage() -> dict:
    """The versions of the demo on the drawn road world: four sets, a transfer, a rebuild by five ways."""
    nodes, edges = [], []

    def node(kind, name, summary, *come):
        i = f"{kind[0]}-{len(nodes)}"
        created = f"2026-11-20T10:{len(nodes):02d}:00"
        nodes.append({"id": i, "kind": kind, "name": name, "created": created, "detail": {"summary": summary}})
        for source, type, *operation in come:
            said = {"operation": operation[0]} if operation else {}
            edges.append({"source": source, "target": i, "type": type, **said})
        return i

    def parts(name, *roles):
        whole = node("data", name, "96 images with boxes · 4 classes")
        split = [(whole, "derived_from", "split")]
        return [node("data", f"{name}-{r}", f"72 images with boxes · 4 classes · {r}", *split) for r in roles]

    city, city_test = parts("clear-city", "train", "test")
    suburb, suburb_test = parts("overcast-suburb", "train", "test")
    parts("foggy-highway", "train", "test")
    recipe = node("model", "fcos for clear-city", "fcos · resnet10 · 160x96 px")
    tested = (city_test, "tested_on")
    first = node("training", "clear-city from scratch", "mAP50 0.005 · 4 s", (recipe, "instance_of"),
                 (city, "trained_on"), tested)  # fmt: skip
    node("inference", "clear-city from scratch · onnx", "onnx · 5.7 MB", (first, "deployed_as", "onnx"), tested)
    second = node("model", "fcos for overcast-suburb-train", "fcos · resnet10", (recipe, "transferred_from"))
    made = [(second, "instance_of"), (suburb, "trained_on"), (suburb_test, "tested_on")]
    donor = node("training", "overcast-suburb from clear-city", "mAP50 0.119 · 3 s", *made, (first, "fine_tuned_from"))
    node("training", "overcast-suburb from scratch", "mAP50 0.051 · 3 s", *made)
    node("inference", "overcast-suburb in production", "onnx · 5.7 MB", (donor, "deployed_as", "onnx"),
         (suburb_test, "tested_on", "parity"))  # fmt: skip
    pool, held = parts("suburb-in-fog", "pool", "holdout")
    edges.append({"source": held, "target": donor, "type": "tested_on"})
    third = node("model", "fcos for overcast-suburb-train + bus", "fcos · resnet10", (second, "transferred_from"))

    def rebuilt(how, data, type, *operation):
        name = f"overcast-suburb from clear-city · {how} on suburb-in-fog-pool"
        return node("training", name, "mAP50 0.180 · 4 s", (third, "instance_of"), (data, "trained_on"),
                    (held, "tested_on"), (donor, type, *operation), (suburb_test, "tested_on"))  # fmt: skip

    def merged(other, name):
        come = [(suburb, "derived_from", "merge"), (other, "derived_from", "merge")]
        return node("data", f"overcast-suburb-train + {name}", "128 images with boxes", *come)

    best = rebuilt("full", merged(pool, "suburb-in-fog-pool"), "rebuilt_from", "full training")
    rebuilt("transfer", pool, "fine_tuned_from")
    for n, share in ((6, 11), (17, 30), (28, 50)):
        name = f"suburb-in-fog-pool · typiclust {n}"
        few = node("data", name, f"{n} images with boxes", (pool, "derived_from", "core set"))
        rebuilt(f"active {share}%", merged(few, name), "rebuilt_from", "active learning (typiclust)")
    live = node("inference", "overcast-suburb in production, rebuilt", "onnx · 5.7 MB", (best, "deployed_as", "onnx"),
                (held, "tested_on", "parity"))  # fmt: skip
    node("data", "bad cases", "40 images with boxes", (held, "derived_from", "bad cases"), (live, "bad_cases_of"))
    return {"nodes": nodes, "edges": edges}


def heatmap() -> dict:
    names = ["mnist", "fashion-mnist", "cifar-10", "road-fog", "road-clear", "road-overcast"]
    xy = np.array([[0, 0], [1.1, 0.3], [4.5, 1.2], [7.2, 2.8], [6.8, 4.1], [6.3, 3.6]])
    mean = np.linalg.norm(xy[:, None] - xy[None], axis=2) * 3 + 9
    energy = np.linalg.norm(xy[:, None] - xy[None], axis=2) ** 1.3
    np.fill_diagonal(mean, 8.1)
    return {
        "lines": {
            n: {
                "data": f"lab[{n!r}]",
                "training": f"lab['{n} run']" if n != "road-fog" else None,
                "said": f"{n} run (accuracy 0.91)" if n != "road-fog" else None,
            }
            for n in names
        },
        "transfer": "veml.train(veml.transfer({donor}, to={target}))",
        "offers": True,
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
            "paper": {
                "drifted": False,
                "text": "mean distance of the test core set lies inside the covering radius",
                "mean_distance": 1.02,
                "radius": 1.3,
            },
            "calibrated": {
                "drifted": True,
                "text": "all test points on the same balls",
                "p_value": 3.2e-7,
                "effect": 0.61,
            },
        },
        "distances": distances,
        "radius": 1.3,
        "worst": [jpeg(400 + k) for k in range(8)],
        "title": "mnist-jpeg-12 against mnist",
    }


def stream() -> dict:
    """Five looks of which the fourth drifts; the levels are shares of 0.05."""
    looks = []
    for i in range(5):
        one, moved = drift(), i >= 3
        shift = 3.0 if moved else 0.0
        one["test_xy"] = one["test_xy"][:320] + np.array([shift, 0])
        one["distances"] = np.linalg.norm(one["test_xy"][:, None] - one["centres"][None], axis=2).min(axis=1)
        one["verdicts"] = {
            "paper": {"drifted": i == 4, "text": f"look {i + 1}"},
            "calibrated": {"drifted": moved, "p_value": 1e-6 if moved else 0.4, "text": f"day {i + 1}"},
        }
        looks.append(
            {
                **one,
                "title": f"city → day {i + 1}",
                "test": f"day {i + 1}",
                "level": 0.05 * 6 / (np.pi * (i + 1)) ** 2,
                "p_value": 1e-6 if moved else 0.4,
            }
        )
    return {"looks": looks, "level": 0.05, "title": "data after city"}


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


def figures() -> dict:
    """Two figures of one's own, as plotly's Figure takes them."""
    counts = {"type": "bar", "x": ["car", "bus"], "y": [3, 1], "customdata": [["c0", 2], ["c1", 5]]}
    sizes = {"type": "scatter", "mode": "markers", "x": [1, 2, 3], "y": [2.0, 1.0, 4.0], "name": "boxes"}
    return {
        "classes": {"data": [counts], "layout": {"xaxis": {"title": {"text": "class"}}}},
        "sizes": {"data": [sizes], "layout": {}},
    }


def runs() -> dict:
    """A table of runs with a hyper-parameter search's spread."""
    rng = np.random.default_rng(3)
    rows = []
    for i in range(24):
        lr, width = float(10 ** rng.uniform(-4, -1)), int(rng.choice([32, 64, 128]))
        accuracy = float(0.95 - 0.08 * abs(np.log10(lr) + 2.4) - 0.5 / width + rng.normal(0, 0.01))
        rows.append(
            {
                "name": f"trial {i:02d}",
                "accuracy": accuracy,
                "data": ["city", "night"][i % 2],
                "method": ["full", "transfer", "active"][i % 3],
                "lr": lr,
                "width": width,
                "seed": 0,
                "seconds": float(20 + width * rng.uniform(0.4, 0.6)),
            }
        )
    return {"rows": rows, "metric": "accuracy", "title": "Trainings"}


class Jobs:
    """Three jobs, of which one can be stopped and one resumed."""

    def __init__(self) -> None:
        self.states = {"a": "running", "b": "stopped", "c": "done"}

    def look(self):
        return [
            {
                "key": k,
                "name": f"training {k}",
                "state": s,
                "epoch": 2,
                "epochs": 5,
                "step": 40,
                "steps": 100,
                "message": "epoch 3 of 5, loss 0.412",
            }
            for k, s in self.states.items()
        ]

    def stop(self, key):
        self.states[key] = "stopped"
        return f"training {key}: it will stop after its step"

    def resume(self, key):
        self.states[key] = "running"
        return f"training {key}: goes on where it was"


def confusion() -> dict:
    """Ten classes, some of them easily confused."""
    names = ["car", "bus", "truck", "van", "bicycle", "motorcycle", "pedestrian", "rider", "sign", "(nothing)"]
    rng = np.random.default_rng(5)
    matrix = np.diag(rng.integers(60, 140, 10)) + rng.poisson(2, (10, 10))
    matrix[2, 3] = matrix[3, 2] = 31
    return {
        "classes": names,
        "matrix": matrix,
        "kinds": {"class": 143, "missed": 88, "background": 41, "location": 12},
        "title": "night model on rain",
    }


def comparison() -> dict:
    """Two models side by side."""
    return {
        "names": ["resnet10 for city", "resnet18 for night"],
        "kind": "model",
        "title": "2 model versions",
        "sections": {
            "metadata": {
                "task": ["classification"] * 2,
                "backbone": ["resnet10", "resnet18"],
                "parameters": [4_900_000, 11_200_000],
            },
            "configuration": {"size_px": ["64, 64"] * 2, "pretrained": [False, True]},
            "results": {"trainings": [3, 5], "best accuracy": [0.91, 0.94]},
        },
        "bars": {"per class": {"car": [0.93, 0.95], "bus": [0.71, 0.88], "truck": [0.80, 0.80]}},
    }


class MapSource:
    """Pictures of the points of a map; keeps what it is told to."""

    def __init__(self) -> None:
        self.saved = None

    def picture(self, index, size_px):
        return jpeg(index % 97, size_px)

    def caption(self, index):
        return f"drive-{index:06d}.jpg"

    def save(self, name, indices):
        self.saved = (name, indices)
        return f"{name!r}: {len(indices)} samples"


def embedding(n: int = 3000) -> dict:
    """Five clouds of points."""
    rng = np.random.default_rng(1)
    groups = rng.integers(0, 5, n)
    centres = np.array([[0, 0], [4, 1], [1, 4], [-3, 2], [2, -3]])
    return {
        "xy": centres[groups] + rng.normal(0, 0.8, (n, 2)),
        "groups": groups,
        "names": ["car", "bus", "truck", "bicycle", "sign"],
        "title": "city",
    }


class MarkedWall(Wall):
    """A wall with every kind of mark, a second layer, filters and orders, that can keep a choice."""

    layers = ["second labeller"]
    orders = ["size", "score"]
    saves = ["data version", "bad cases"]
    numbers = ["speed"]
    texts = ["file"]
    tags = nearest = True

    def __init__(self, n: int = 600) -> None:
        super().__init__(n)
        self.filters = {"class": CLASSES, "error": ["class", "right"]}
        self.saved = None
        self.tagged: dict[str, set[int]] = {}
        self.notes: list[tuple[int, str]] = []

    def annotations(self, positions):
        out = super().annotations(positions)
        for p, note in zip(positions, out):
            note["polygons"] = [["lane", [[0.1, 0.95, 0.45, 0.55, 0.55, 0.55, 0.9, 0.95]]]]
            note["masks"] = [["sky", 4, 4, [0, 6, 10]]]
            note["keypoints"] = [["pedestrian", [[0.7, 0.4, 2], [0.72, 0.5, 2], [0.7, 0.62, 1], [0.1, 0.1, 0]]]]
            note["layers"] = {"second labeller": {"boxes": [[0.15, 0.5, 0.3, 0.3, CLASSES[p % 3]]]}}
            said = [[*b[:4], CLASSES[(p + k) % 3], round(0.95 - 0.3 * k, 2)] for k, b in enumerate(note["boxes"])]
            note["prediction"] = {"label": None, "score": 0.95, "boxes": [*said, [0.6, 0.1, 0.3, 0.2, "truck", 0.08]]}
            if p % 7 == 0:
                note |= {"cost": 1.5 + p % 5, "kinds": ["class", "missed"]}
        return out

    def spread(self, fact):
        return [0.0, 2.0, 4.0], [self.n // 2, self.n - self.n // 2]

    def like(self, position, where):
        return [position, *(p for p in range(self.n) if p % 3 == position % 3 and p != position)][:50]

    def about(self, position):
        return {
            "width": 960,
            "height": 960,
            "facts": {"id": position, "file": f"drive-{position:06d}.jpg"},
            "columns": {"speed": position % 50 / 2, "weather": "rain"},
            "versions": ["road", "road-train"],
            "tags": sorted(t for t, ps in self.tagged.items() if position in ps),
            "notes": [{"made": "2026-11-20 10:00", "text": text} for p, text in self.notes if p == position],
            "errors": ["missed: car"] if position % 7 == 0 else [],
        }

    def tag(self, name, positions, remove):
        from veml_lab.versions.notes import checked_tag

        held = self.tagged.setdefault(checked_tag(name), set())
        held.difference_update(positions) if remove else held.update(positions)
        self.filters["tag"] = sorted(t for t, ps in self.tagged.items() if ps)
        return f"{name!r} {'taken off' if remove else 'given to'} {len(positions)} samples"

    def note(self, position, text):
        from veml_lab.versions.notes import checked_note

        self.notes.append((position, checked_note(text)))
        return f"noted on {position}"

    def undo(self):
        return "taken back"

    def find(self, where, by, descending):
        kept = [
            p
            for p in range(self.n)
            if where.get("class") in (None, CLASSES[p % 3])
            and (not isinstance(where.get("speed"), dict) or p % 2 == int(where["speed"].get("from", 0) >= 2))
            and p in (self.tagged.get(where["tag"], ()) if "tag" in where else (p,))
            and (("class" if p % 7 == 0 else "right") == where.get("error", "") or "error" not in where)
        ]
        return kept[::-1] if by and descending else kept

    def save(self, what, name, positions):
        self.saved = (what, name, positions)
        return f"{name!r}: {len(positions)} samples"


def opened(selection) -> object:
    """A wall of what a chart counts."""
    from veml_lab.errors import BadInput
    from veml_lab.faces.selection import conditions
    from veml_lab.widgets import SampleBrowser

    if not isinstance(selection, dict) or selection.get("version") != "town":
        raise BadInput("a selection of this chart is of 'town'")
    conditions(selection.get("where"))
    return SampleBrowser(MarkedWall(12), title="town")


def made() -> dict:
    """Every widget by its name; a new one is put in here, and is in all the tests that walk over them."""
    from veml_lab import widgets as w

    return {
        "Chart": w.Chart(figures(), title="two figures"),
        "LineageGraph": w.LineageGraph(**lineage()),
        "SimilarityHeatmap": w.SimilarityHeatmap(**heatmap()),
        "SampleBrowser": w.SampleBrowser(MarkedWall(), title="road"),
        "DriftPlot": w.DriftPlot(**drift()),
        "TrainingCurves": w.TrainingCurves(curves()),
        "RunTable": w.RunTable(**runs()),
        "JobList": w.JobList(Jobs()),
        "ConfusionMatrix": w.ConfusionMatrix(**confusion(), about={"version": "town"}, opener=opened),
        "Comparison": w.Comparison(**comparison()),
        "EmbeddingMap": w.EmbeddingMap(**embedding(), source=MapSource()),
        "Pages": w.Pages({"overview": "Overview", "data": "Data"}, title="road-lab", subtitle="read-only"),
    }


# One honest question of every kind that a widget answers; the hostile ones are made from these.
QUESTIONS: dict[str, list[dict]] = {
    "SampleBrowser": [
        {"type": "get", "positions": [0, 3]},
        {"type": "one", "position": 1, "size_px": 64},
        {"type": "find", "where": {"class": "car"}, "by": "size", "descending": True},
        {"type": "save", "what": "data version", "name": "mine", "positions": [1]},
        {"type": "spread", "fact": "speed"},
        {"type": "like", "position": 1, "where": {}},
        {"type": "about", "position": 1},
        {"type": "tag", "tag": "odd", "positions": [1], "remove": False},
        {"type": "note", "position": 1, "text": "seen"},
        {"type": "undo"},
    ],
    "ConfusionMatrix": [
        {"type": "open", "selection": {"version": "town", "where": {"class": "car"}}},
        {"type": "beside", "content": {"type": "get", "positions": [0]}},
    ],
    "EmbeddingMap": [
        {"type": "picture", "index": 2, "size_px": 64},
        {"type": "save", "name": "mine", "indices": [1, 2]},
    ],
    "TrainingCurves": [{"type": "charts", "from": 0, "to": 5}],
    "JobList": [
        {"type": "look"},
        {"type": "stop", "key": "a"},
        {"type": "resume", "key": "b"},
    ],
}

"""What widgets are given to draw: plain data made from versions and results.

Widgets draw and compute nothing; versions know nothing of widgets. This file stands between them and
registers itself with :mod:`veml_lab.versions.display` when the lab is imported. Widgets themselves
are imported only when something is really drawn.
"""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Callable
from typing import Any

from .lifecycle.badcases import BadCases
from .lifecycle.drift import Drift
from .lifecycle.similarity import DataSimilarity
from .lineage import Lineage, version_of
from .training import Prediction
from .versions import display
from .versions.data import DataVersion
from .versions.graph import Edge, Node
from .versions.store import VersionStore

PICTURE_PX = 96
SCORE = 0.4  # predicted boxes below are not drawn


def row(store: VersionStore, node: Node) -> dict[str, Any]:
    """One line of a list of versions."""
    version = version_of(store, node)
    metric = getattr(version, "metric", None)
    return {
        "id": node.id, "kind": node.kind, "name": node.name, "created": node.created.isoformat(timespec="seconds"),
        "summary": version.summary(), "metric": metric, "metric_name": getattr(version, "metric_name", ""),
    }  # fmt: skip


def detail(store: VersionStore, node: Node) -> dict[str, Any]:
    """What there is to know about one version, flat."""
    d: dict[str, Any] = {"name": node.name, "kind": node.kind, "created": node.created.isoformat(timespec="seconds")}
    d["summary"] = version_of(store, node).summary()
    p = node.props
    if node.kind == "data":
        d |= {k: p[k] for k in ("n", "role", "task", "layer", "note") if p.get(k)} | {"classes": ", ".join(p.get("classes", ()))}
        d |= {k: v for k, v in p.get("source", {}).items() if k in ("format", "duplicates")}
    elif node.kind == "model":
        d |= {k: v if isinstance(v, (int, float, str)) else json.dumps(v) for k, v in p["recipe"].items()}
    elif node.kind == "training":
        d |= {k: round(v, 4) if isinstance(v, float) else v for k, v in p["summary"].items()}
        d |= {k: v if isinstance(v, (int, float, str)) else json.dumps(v) for k, v in p["plan"]["hyper"].items()}
        d |= {"method": p["plan"]["method"], "seed": p["plan"]["seed"], **p["environment"]}
        if p["plan"].get("labels") is not None:
            d["labels needed"] = p["plan"]["labels"]
    else:
        d |= {**p["measured"], "format": p["configuration"]["format"], "opset": p["configuration"]["opset"]}
    return d


def elements(store: VersionStore, nodes: list[Node], edges: list[Edge]) -> dict[str, Any]:
    """Nodes and edges as the lineage graph draws them."""
    return {
        "nodes": [
            {"id": n.id, "kind": n.kind, "name": n.name, "created": n.created.isoformat(timespec="seconds"), "detail": detail(store, n)}
            for n in nodes
        ],
        "edges": [
            {"source": e.src, "target": e.dst, "type": e.type, "operation": str(e.props.get("operation") or "")} for e in edges
        ],
    }  # fmt: skip


def thumbnail(version: DataVersion, position: int, size_px: int = PICTURE_PX) -> bytes:
    """A JPEG whose longer side is ``size_px``; small images are enlarged without smoothing."""
    from PIL import Image

    image = version.image(position)
    scale = size_px / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    smooth = Image.Resampling.NEAREST if scale >= 2 else Image.Resampling.BICUBIC
    out = io.BytesIO()
    image.resize(size, smooth).save(out, "JPEG", quality=85)
    return out.getvalue()


class VersionPictures:
    """A data version as the sample browser reads it, with predictions where there are any."""

    def __init__(self, version: DataVersion, positions: list[int] | None = None, prediction: Prediction | None = None) -> None:
        self.version, self.prediction = version, prediction
        self.positions = positions if positions is not None else list(range(len(version)))
        self.classes = list(version.classes)
        self._ids = version.id_array().tolist()
        self._uri = version.samples["uri"].to_pylist()
        self._size = list(zip(version.samples["width"].to_pylist(), version.samples["height"].to_pylist(), strict=True))
        self._thumbnail = functools.lru_cache(maxsize=4096)(lambda p, s: thumbnail(version, p, s))

    def __len__(self) -> int:
        return len(self.positions)

    def thumbnails(self, positions: list[int], size_px: int) -> list[bytes]:
        """JPEG bytes of each sample."""
        return [self._thumbnail(self.positions[p], size_px) for p in positions]

    def annotations(self, positions: list[int]) -> list[dict[str, Any]]:
        """Class, boxes (relative), caption and prediction of each sample."""
        return [self._annotation(self.positions[p]) for p in positions]

    def _annotation(self, p: int) -> dict[str, Any]:
        w, h = self._size[p]
        i = self._ids[p]
        found = self.version.boxes.get(i, []) if self.version.task == "detection" else []
        out: dict[str, Any] = {
            "label": self.version.class_labels.get(i) if self.version.task == "classification" else None,
            "boxes": [[x / w, y / h, bw / w, bh / h, label] for label, x, y, bw, bh in found],
            "caption": self._uri[p],
        }
        if self.prediction is not None and self.prediction.probabilities is not None:
            q = self.prediction.probabilities[p]
            out["prediction"] = {"label": self.prediction.classes[int(q.argmax())], "score": float(q.max())}
        elif self.prediction is not None and self.prediction.detections is not None:
            d = self.prediction.detections[p]
            out["prediction"] = {
                "boxes": [
                    [float(x1 / w), float(y1 / h), float((x2 - x1) / w), float((y2 - y1) / h), self.prediction.classes[int(k)]]
                    for (x1, y1, x2, y2), s, k in zip(d["boxes"], d["scores"], d["labels"], strict=True)
                    if s >= SCORE
                ]
            }
        return out


def heatmap_of(found: DataSimilarity, *, pictures: bool = True) -> dict[str, Any]:
    """Keywords of the heat map."""
    shown: dict[str, list[bytes]] = {}
    if pictures:
        graph = found.store.graph()
        for name in found.names:
            node = graph.by_name.get(found.compared[name])
            if node is not None:
                version = DataVersion(found.store, node)
                shown[name] = [thumbnail(version, p) for p in found.core[name]]
    return {"names": list(found.names), "measures": found.measures, "errors": found.error, "pictures": shown, "measure": "energy" if "energy" in found.measures else ""}


def driftplot_of(found: Drift) -> dict[str, Any]:
    """Keywords of the drift plot."""
    r, plane = found.report, found.plane
    node = found.store.graph().by_name.get(found.test)
    worst = [thumbnail(DataVersion(found.store, node), p) for p in found.worst] if node else []
    sign = ">" if r["paper_drifted"] else "≤"
    return {
        "centres": plane["centres"], "radii": plane["radii"], "train_xy": plane["train_xy"], "test_xy": plane["test_xy"],
        "verdicts": {
            "paper": {
                "drifted": r["paper_drifted"], "distance": r["distance"], "radius": r["radius"], "k": r["paper_k"],
                "text": f"mean distance of the test core set {r['distance']:.3g} {sign} covering radius {r['radius']:.3g} (k={r['paper_k']})",
            },
            "calibrated": {
                "drifted": r["drifted"], "p_value": r["p_value"], "level": r["level"], "effect": r["effect_size"],
                "text": f"p = {r['p_value']:.2g} at level {r['level']:.2g}; {r['effect_size']:.1%} of the test samples lie outside "
                        f"the 99 % radius (1 % expected): {r['severity']}",
            },
        },
        "distances": plane["distances"], "radius": plane["radius"], "worst": worst, "title": f"{found.train} → {found.test}",
    }  # fmt: skip


# -- drawing -------------------------------------------------------------------------------------------


def _bundle(widget: Any, text: str) -> Any:
    """The widget's mime bundle with our own plain text."""
    bundle = widget._repr_mimebundle_()
    data, meta = bundle if isinstance(bundle, tuple) else (bundle, {})
    return {**data, "text/plain": text}, meta


def _draw_lineage(found: Lineage, **_: Any) -> Any:
    from .widgets import LineageGraph

    focus = found.focus.id if found.focus else ""
    widget = LineageGraph(**elements(found.store, found.nodes, found.edges), selected=focus)
    return _bundle(widget, repr(found))


def _draw_similarity(found: DataSimilarity, **_: Any) -> Any:
    from .widgets import SimilarityHeatmap

    return _bundle(SimilarityHeatmap(**heatmap_of(found)), repr(found))


def _draw_drift(found: Drift, **_: Any) -> Any:
    from .widgets import DriftPlot

    return _bundle(DriftPlot(**driftplot_of(found)), repr(found))


def _draw_data(version: DataVersion, **options: Any) -> Any:
    from .widgets import SampleBrowser

    widget = SampleBrowser(VersionPictures(version), title=f"{version.name}: {version.summary()}", **{"height": 300, **options})
    return _bundle(widget, repr(version))


def _browse(version: DataVersion, **options: Any) -> Any:
    from .widgets import SampleBrowser

    return SampleBrowser(VersionPictures(version), title=f"{version.name}: {version.summary()}", **options)


def _draw_bad_cases(found: BadCases, **options: Any) -> Any:
    from .widgets import SampleBrowser

    pictures = VersionPictures(found.data, [c.position for c in found.cases], found.prediction)
    title = f"{len(found)} bad cases of {found.inference.name} on {found.data.name}, worst first"
    return _bundle(SampleBrowser(pictures, title=title, **{"height": 300, **options}), repr(found))


def _draw_version(version: Any, **_: Any) -> Any:
    """A card with the version's facts: static HTML, the same everywhere."""
    from html import escape

    facts = {k: v for k, v in detail(version.store, version.node).items() if k != "summary"}  # it stands in the head
    lines = "".join(f"<tr><th style='text-align:left'>{escape(str(k))}</th><td>{escape(str(v))}</td></tr>" for k, v in facts.items())
    head = f"<b>{escape(version.node.kind)} version {escape(version.name)}</b><br>{escape(version.summary())}"
    return {"text/plain": repr(version), "text/html": f"{head}<details><summary>details</summary><table>{lines}</table></details>"}


def register() -> None:
    """Tell the objects of the lower rows how they are drawn."""
    faces: dict[str, Callable[..., Any]] = {
        "lineage": _draw_lineage, "similarity": _draw_similarity, "drift": _draw_drift, "data": _draw_data,
        "browse": _browse, "bad cases": _draw_bad_cases, "version": _draw_version,
    }  # fmt: skip
    for face, draw_it in faces.items():
        display.register(face, draw_it)

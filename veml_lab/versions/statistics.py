"""What a data version holds, counted: classes, sizes, places, brightness, columns, gaps, duplicates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from . import display
from .annotations import ANNOTATION_KINDS, CLASSED, KIND_OF_TASK
from .column_names import FIXED, own_names
from .results import get_result, put_result
from .samples import SampleSet, asked, id_array
from .tables import flat_table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


RESULT_KIND = "statistics"
FORM = 5  # part of the key: raise it when what is counted changes
GRID = 8  # cells a side of the map of box centres
LOOKED_AT = 200  # pictures whose brightness is measured
COMMONEST = 10
BINS = 30  # of a histogram; whole numbers of few values have a bin each
TOGETHER = 30  # classes whose occurrence together is counted, the commonest
STRETCHES = 100  # of time, whose missing readings are counted


@dataclass(frozen=True)
class Statistics:
    """What a data version holds.

    Attributes
    ----------
    n
        Samples.
    classes
        Annotations per class (boxes for detection, masks for segmentation ...), in the version's order, zeros included.
    unlabelled
        Samples without any annotation of the version's task.
    image_size
        Smallest, median and largest ``(width, height)`` in pixels; empty where there are no pictures.
    box_size
        Median box ``(width, height)`` in pixels, or None.
    columns
        Values and their counts per capture column (the ten commonest).
    kinds
        Samples per kind (image, frame, row, window).
    annotations
        Annotations per kind.
    numbers
        ``min``, ``median``, ``mean``, ``max`` per column of numbers and per regression target.
    missing
        Samples without a value, per capture column that has any such.
    duplicates
        Samples whose content came before in this version.
    box_area
        Boxes that are small (below 32 x 32 pixels), medium, and large (from 96 x 96): COCO's bounds.
    box_places
        Share of the box centres in each cell of a grid of 8 x 8 over the picture, rows from the top; () without boxes.
    brightness
        Of up to 200 pictures, grey values 0 ... 1: ``mean``, ``darkest``, ``brightest`` (means of a picture),
        ``sampled``; or None.
    readings
        Of sensor data, over the steps that this version's windows cover: ``sensors``, ``steps``, ``missing`` (share
        of readings that are not there), ``worst`` (the sensor with the most missing) and ``worst_missing``; or None.
    histograms
        ``edges`` (n + 1) and ``counts`` (n) per column of numbers and regression target.
    shapes
        The same of what is measured in the samples: objects per sample, widths, heights and aspects of boxes,
        brightness of the pictures looked at; by a name with its unit.
    together
        ``classes`` and ``counts``: in how many samples two classes occur together, on the diagonal the class at all;
        or None for a task of one class a sample.
    gaps
        ``steps`` and ``missing``: share of the readings that are missing in each stretch of time; or None.
    """

    name: str
    n: int
    classes: Mapping[str, int]
    unlabelled: int
    image_size: Mapping[str, tuple[int, int]]
    box_size: tuple[float, float] | None
    columns: Mapping[str, Mapping[str, int]]
    kinds: Mapping[str, int] = field(default_factory=dict)
    annotations: Mapping[str, int] = field(default_factory=dict)
    numbers: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    missing: Mapping[str, int] = field(default_factory=dict)
    duplicates: int = 0
    box_area: Mapping[str, int] = field(default_factory=dict)
    box_places: Sequence[Sequence[float]] = ()
    brightness: Mapping[str, float] | None = None
    readings: Mapping[str, Any] | None = None
    histograms: Mapping[str, Mapping[str, Sequence[float]]] = field(default_factory=dict)
    shapes: Mapping[str, Mapping[str, Sequence[float]]] = field(default_factory=dict)
    together: Mapping[str, Any] | None = None
    gaps: Mapping[str, Sequence[float]] | None = None

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON-able values."""
        import json

        return json.loads(json.dumps(asdict(self)))

    def __repr__(self) -> str:
        lines = [
            f"{self.name}: {self.n:,} samples, {self.unlabelled:,} without annotations, {self.duplicates:,} duplicates"
        ]
        most = max(self.classes.values(), default=0)
        for c, k in self.classes.items():
            bar = "█" * round(24 * k / most) if most else ""
            lines.append(f"  {c:<18.18} {k:>8,} {bar}")
        if len(self.annotations) > 1:
            lines.append("  annotations: " + ", ".join(f"{k} {n:,}" for k, n in self.annotations.items()))
        if self.image_size:
            sizes = ", ".join(f"{k} {w} x {h}" for k, (w, h) in self.image_size.items())
            lines.append(f"  image size (px): {sizes}")
        if self.brightness:
            b = self.brightness
            lines.append(
                f"  brightness (0 to 1): mean {b['mean']:.2f}, pictures {b['darkest']:.2f} to {b['brightest']:.2f}"
                f" ({b['sampled']:.0f} looked at)"
            )
        if self.readings:
            r = self.readings
            worst = f", most of {r['worst']}: {r['worst_missing']:.1%}" if r["missing"] else ""
            lines.append(
                f"  readings: {r['sensors']:,} sensors, {r['steps']:,} steps; missing {r['missing']:.1%}{worst}"
            )
        if self.box_size:
            areas = ", ".join(f"{k} {n:,}" for k, n in self.box_area.items())
            lines.append(f"  median box (px): {self.box_size[0]:.0f} x {self.box_size[1]:.0f}; {areas}")
        for column, v in self.numbers.items():
            lines.append(
                f"  {column}: {v['min']:.4g} to {v['max']:.4g}, median {v['median']:.4g}, mean {v['mean']:.4g}"
            )
        for column, values in self.columns.items():
            if column in self.numbers:
                continue
            if len(values) > 1 and max(values.values()) == 1:  # a time, a name
                lines.append(f"  {column}: all different, such as {next(iter(values))}")
            else:
                lines.append(f"  {column}: " + ", ".join(f"{v} {k:,}" for v, k in list(values.items())[:6]))
        if self.missing:
            lines.append("  missing values: " + ", ".join(f"{c} {k:,}" for c, k in self.missing.items()))
        return "\n".join(lines)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> display.MimeBundle:
        return display.bundle("statistics", self)


def statistics_of(version: SampleSet) -> Statistics:
    """Count over the catalog's tables and look at some pictures; kept by the version's content, so done once."""
    key = f"{RESULT_KIND}:{FORM}:{version.key}"
    kept = get_result(version.store, key)
    if kept is None:
        kept = _count(version).to_dict()
        put_result(version.store, key, RESULT_KIND, kept)
    sizes = {k: (w, h) for k, (w, h) in kept["image_size"].items()}
    box = kept["box_size"]
    # JSON keeps no order: the commonest first, equals by name, or the same counts would look different
    columns = {c: dict(sorted(v.items(), key=lambda item: (-item[1], item[0]))) for c, v in kept["columns"].items()}
    return Statistics(
        **{
            **kept,
            "name": version.name,
            "image_size": sizes,
            "box_size": tuple(box) if box else None,
            "columns": columns,
        }
    )


def _count(version: SampleSet) -> Statistics:
    import numpy as np
    import pyarrow.compute as pc

    table = flat_table(version).to_pandas()
    tables = {k: version.annotations.table(k) for k in ANNOTATION_KINDS}
    main = KIND_OF_TASK.get(version.task) or "class"
    counts = _counts(tables[main]["label"]) if main in CLASSED else _counts(tables["class"]["label"])
    labelled = len(pc.unique(tables[main]["id"]))
    pictures = table[table["width"] > 0]
    size = {}
    if len(pictures):
        w, h = pictures["width"].to_numpy(), pictures["height"].to_numpy()
        size = {
            k: (int(f(w)), int(f(h))) for k, f in (("smallest", np.min), ("median", np.median), ("largest", np.max))
        }
    targets = set(own_names(version.annotations.target_names).values()) if tables["target"].num_rows else set()
    capture = [c for c in table.columns if c not in FIXED and c not in targets]
    numbers = {c: _numbers(table[c]) for c in capture if _is_number(table[c])}
    numbers |= {name: _numbers(v) for name, v in _targets(tables["target"]).items()}
    readings, measured, spread, gaps = _readings(version) if version.facts.series else (None, {}, {}, None)
    numbers = measured | numbers
    columns = {c: table[c] for c in capture if _is_number(table[c])} | _targets(tables["target"])
    brightness, greys = _brightness(version)
    missing = {c: int(table[c].isna().sum()) for c in capture}
    return Statistics(
        name=version.name,
        n=len(version),
        classes={c: counts.get(c, 0) for c in version.classes},
        unlabelled=len(version) - labelled if version.task != "forecasting" else 0,
        image_size=size,
        box_size=_median_box(tables["box"]),
        columns={c: {str(k): int(v) for k, v in table[c].value_counts().head(COMMONEST).items()} for c in capture},
        kinds=_counts(version.samples["kind"]),
        annotations={k: t.num_rows for k, t in tables.items() if t.num_rows},
        numbers={c: v for c, v in numbers.items() if v},
        missing={c: k for c, k in missing.items() if k},
        duplicates=len(version) - len(pc.unique(asked(version, "hashes")["sha256"])),
        **_boxes(version, tables["box"]),
        brightness=brightness,
        readings=readings,
        histograms=spread | {c: h for c, v in columns.items() if (h := histogram_of(v))},
        shapes=_shapes(version, tables[main], tables["box"], greys),
        together=_together(version, tables[main]) if main in CLASSED and main != "class" else None,
        gaps=gaps,
    )


def histogram_of(values: Any, bins: int = BINS) -> dict[str, list[float]] | None:
    """``edges`` and ``counts`` of the finite values; None without any.

    Whole numbers that span few values have a bin each, around them; else the range is cut evenly.

    >>> histogram_of([1, 1, 3])
    {'edges': [0.5, 1.5, 2.5, 3.5], 'counts': [2, 0, 1]}
    """
    import numpy as np

    v = np.asarray(values, dtype=np.float64)
    v = v[np.isfinite(v)]
    if not len(v):
        return None
    low, high = float(v.min()), float(v.max())
    if high - low < bins and (v == np.round(v)).all():
        edges = np.arange(low, high + 2) - 0.5
    elif low == high:  # no range to cut
        edges = np.array([low - 0.5, low + 0.5])
    else:
        edges = np.linspace(low, high, bins + 1)
    counts, _ = np.histogram(v, edges)
    return {"edges": edges.tolist(), "counts": counts.tolist()}


def _shapes(version: SampleSet, objects: pa.Table, boxes: pa.Table, greys: list[float]) -> dict[str, Any]:
    import numpy as np

    at = np.searchsorted(id_array(version), objects["id"].to_numpy())
    found = {"objects per sample": np.bincount(at, minlength=len(version))} if objects.num_rows else {}
    if boxes.num_rows:
        w, h = (boxes[c].to_numpy().astype(np.float64) for c in "wh")
        with np.errstate(divide="ignore", invalid="ignore"):
            found |= {"box width (px)": w, "box height (px)": h, "box aspect (width / height)": w / h}
    made = {**found, "brightness (0 to 1)": greys}
    return {name: h for name, v in made.items() if (h := histogram_of(v))}


def _together(version: SampleSet, objects: pa.Table) -> dict[str, Any] | None:
    """In how many samples two of the commonest classes occur together."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    commonest = set(list(_counts(objects["label"]))[:TOGETHER])
    classes = [c for c in version.classes if c in commonest]
    if len(classes) < 2:
        return None
    at = np.searchsorted(id_array(version), objects["id"].to_numpy())
    label = pc.fill_null(pc.index_in(objects["label"], value_set=pa.array(classes)), -1).to_numpy()
    seen = np.zeros((len(version), len(classes)), dtype=bool)
    seen[at[label >= 0], label[label >= 0]] = True
    counts = seen.astype(np.int64).T @ seen
    return {"classes": classes, "counts": counts.tolist()}


def _readings(version: SampleSet) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]:
    """How many readings there are and are not, numbers and histogram of each channel, and when readings are missing;
    over the steps of the version's windows."""
    import numpy as np

    from .window import windows

    w = windows(version)
    covered = np.zeros(len(w.values) + 1, dtype=np.int64)
    np.add.at(covered, w.steps, 1)
    np.add.at(covered, w.steps + w.window + w.horizon, -1)
    part = np.asarray(w.values[np.cumsum(covered[:-1]) > 0])  # (steps, sensors, channels)
    gone = np.isnan(part).mean(axis=(0, 2))
    worst = int(gone.argmax())
    found = {
        "sensors": part.shape[1],
        "steps": len(part),
        "missing": float(gone.mean()),
        "worst": w.nodes[worst],
        "worst_missing": float(gone[worst]),
    }
    values = {c: part[:, :, i].ravel() for i, c in enumerate(w.channels)}
    steps = np.flatnonzero(np.cumsum(covered[:-1]) > 0)
    cut = np.unique(np.linspace(0, len(part), min(STRETCHES, len(part)) + 1).astype(int))
    missing = np.isnan(part).mean(axis=(1, 2))
    gaps = {
        "steps": steps[cut[:-1]].tolist(),
        "missing": [round(float(missing[a:b].mean()), 5) for a, b in pairwise(cut.tolist())],
    }
    return (
        found,
        {c: n for c, v in values.items() if (n := _numbers(v))},
        {c: h for c, v in values.items() if (h := histogram_of(v))},
        gaps,
    )


def _counts(column: pa.ChunkedArray) -> dict[str, int]:
    import pyarrow.compute as pc

    found = pc.value_counts(column).to_pylist()
    return {v["values"]: v["counts"] for v in sorted(found, key=lambda v: (-v["counts"], str(v["values"])))}


def _is_number(column: pd.Series) -> bool:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    return is_numeric_dtype(column) and not is_bool_dtype(column)


def _numbers(column: Any) -> dict[str, float]:
    import numpy as np

    v = np.asarray(column, dtype=np.float64)
    v = v[np.isfinite(v)]
    return (
        {"min": float(v.min()), "median": float(np.median(v)), "mean": float(v.mean()), "max": float(v.max())}
        if len(v)
        else {}
    )


def _targets(table: pa.Table) -> dict[str, Any]:
    """The values of each regression target."""
    import pyarrow.compute as pc

    return {name: table.filter(pc.equal(table["name"], name))["value"] for name in sorted(_counts(table["name"]))}


def _median_box(boxes: pa.Table) -> tuple[float, float] | None:
    import numpy as np

    return (
        (float(np.median(boxes["w"].to_numpy())), float(np.median(boxes["h"].to_numpy()))) if boxes.num_rows else None
    )


def _boxes(version: SampleSet, boxes: pa.Table) -> dict[str, Any]:
    """How large the boxes are, and where their centres lie."""
    import numpy as np

    if boxes.num_rows == 0:
        return {}
    x, y, w, h = (boxes[c].to_numpy().astype(np.float64) for c in "xywh")
    area = w * h
    at = np.searchsorted(id_array(version), boxes["id"].to_numpy())
    width, height = (np.maximum(version.samples[c].to_numpy(), 1)[at] for c in ("width", "height"))
    grid, _, _ = np.histogram2d((y + h / 2) / height, (x + w / 2) / width, bins=GRID, range=((0, 1), (0, 1)))
    return {
        "box_area": {
            "small": int((area < 32**2).sum()),
            "medium": int(((area >= 32**2) & (area < 96**2)).sum()),
            "large": int((area >= 96**2).sum()),
        },
        "box_places": [[round(float(v), 4) for v in row] for row in grid / max(grid.sum(), 1)],
    }


def _brightness(version: SampleSet) -> tuple[dict[str, float] | None, list[float]]:
    """Mean grey values of a seeded part of the pictures; what cannot be read any more is left out."""
    import numpy as np

    from ..errors import VemlError

    kinds = version.samples["kind"].to_numpy(zero_copy_only=False)
    at = np.flatnonzero((kinds == "image") | (kinds == "frame"))
    means = []
    for p in np.sort(np.random.default_rng(0).permutation(at)[:LOOKED_AT]):
        try:
            image = version.images[int(p)]
        except VemlError:
            continue
        image.thumbnail((64, 64))
        means.append(float(np.asarray(image.convert("L"), dtype=np.float64).mean() / 255))
    if not means:
        return None, []
    found = {"mean": float(np.mean(means)), "darkest": min(means), "brightest": max(means)}
    return {**found, "sampled": float(len(means))}, means

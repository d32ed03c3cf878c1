"""Counts and sizes of a data version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .tables import FIXED

if TYPE_CHECKING:
    from .data import DataVersion


@dataclass(frozen=True)
class Statistics:
    """What a data version holds.

    Attributes
    ----------
    n
        Samples.
    classes
        Annotations per class (boxes for detection), in the version's order, zeros included.
    unlabelled
        Samples without any annotation.
    image_size
        Smallest, median and largest ``(width, height)`` in pixels.
    box_size
        Median box ``(width, height)`` in pixels, or None.
    columns
        Values and their counts per capture column (the ten commonest).
    """

    name: str
    n: int
    classes: Mapping[str, int]
    unlabelled: int
    image_size: Mapping[str, tuple[int, int]]
    box_size: tuple[float, float] | None
    columns: Mapping[str, Mapping[str, int]]

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON-able values."""
        return {
            "name": self.name, "n": self.n, "classes": dict(self.classes), "unlabelled": self.unlabelled,
            "image_size": {k: list(v) for k, v in self.image_size.items()},
            "box_size": list(self.box_size) if self.box_size else None,
            "columns": {k: dict(v) for k, v in self.columns.items()},
        }  # fmt: skip

    def __repr__(self) -> str:
        lines = [f"{self.name}: {self.n:,} samples, {self.unlabelled:,} without annotations"]
        most = max(self.classes.values(), default=0)
        for c, k in self.classes.items():
            bar = "█" * round(24 * k / most) if most else ""
            lines.append(f"  {c:<18.18} {k:>8,} {bar}")
        sizes = ", ".join(f"{k} {w} x {h}" for k, (w, h) in self.image_size.items())
        lines.append(f"  image size (px): {sizes}")
        if self.box_size:
            lines.append(f"  median box (px): {self.box_size[0]:.0f} x {self.box_size[1]:.0f}")
        for column, values in self.columns.items():
            shown = ", ".join(f"{v} {k:,}" for v, k in list(values.items())[:6])
            lines.append(f"  {column}: {shown}")
        return "\n".join(lines)


def statistics_of(version: DataVersion) -> Statistics:
    """Count over the catalog's tables; no image is read."""
    import numpy as np

    table = version.to_pandas()
    boxes = [b for found in version.boxes.values() for b in found] if version.task == "detection" else []
    counts = Counter(b[0] for b in boxes) if version.task == "detection" else Counter(version.class_labels.values())
    labelled = len(version.boxes) if version.task == "detection" else len(version.class_labels)
    w, h = table["width"].to_numpy(), table["height"].to_numpy()
    size = {
        k: (int(f(w)), int(f(h))) for k, f in (("smallest", np.min), ("median", np.median), ("largest", np.max))
    }  # fmt: skip
    capture = [c for c in table.columns if c not in FIXED]
    columns = {c: {str(k): int(v) for k, v in table[c].value_counts().head(10).items()} for c in capture}
    return Statistics(
        name=version.name,
        n=len(version),
        classes={c: counts.get(c, 0) for c in version.classes},
        unlabelled=len(version) - labelled,
        image_size=size,
        box_size=(float(np.median([b[3] for b in boxes])), float(np.median([b[4] for b in boxes]))) if boxes else None,
        columns=columns,
    )

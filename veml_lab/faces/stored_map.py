"""The map of a data version out of the vectors that its lab holds: what a read-only page can show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..versions.data import DataVersion
from ..versions.samples import id_array
from .marks import table_of
from .pictures import thumbnail
from .walls import wall_of

if TYPE_CHECKING:
    import numpy as np

MOST = 50_000  # points of a page; more of them are no more to see
_FITTED = 4_000  # samples that the axes are fitted on
_CHUNK = 8_192  # vectors in memory at once


class StoredPoints:
    """Some samples of a version as points: pictures and captions."""

    def __init__(self, version: DataVersion, positions: Any) -> None:
        self.version, self.positions = version, positions

    def picture(self, index: int, size_px: int) -> bytes:
        """The sample's picture."""
        return thumbnail(self.version, int(self.positions[index]), size_px)

    def caption(self, index: int) -> str:
        """Where the sample is from."""
        return self.version.samples["uri"][int(self.positions[index])].as_py()

    def selection(self, indices: list[int]) -> dict[str, Any]:
        """The samples at these points."""
        ids = id_array(self.version)
        return {"version": self.version.id, "where": {"id": [int(ids[self.positions[i]]) for i in indices]}}

    def wall(self, selection: dict[str, Any]) -> Any:
        """The wall of them."""
        return wall_of(self.version.store, selection)


def stored_map_of(version: DataVersion, *, most: int = MOST) -> dict[str, Any] | None:
    """Keywords of an embedding map from what is stored: the two main axes; None where vectors are missing.

    Neither a network nor all vectors are loaded: of a version with more than ``most`` samples an even part is drawn.
    """
    import numpy as np

    from ..embeddings.stored import read, stored

    embedder = stored(version)
    if embedder is None:
        return None
    n = len(version)
    positions = np.linspace(0, n - 1, min(n, most)).astype(np.int64)
    fitted = read(version, embedder, positions[:: max(1, len(positions) // _FITTED)]).astype(np.float64)
    mean = fitted.mean(0)
    _, axes = np.linalg.eigh((fitted - mean).T @ (fitted - mean))  # ascending: the main ones are the last
    plane = axes[:, :-3:-1].astype(np.float32)
    parts = [positions[i : i + _CHUNK] for i in range(0, len(positions), _CHUNK)]
    xy = np.concatenate([(read(version, embedder, part) - mean.astype(np.float32)) @ plane for part in parts])
    if plane.shape[1] < 2:  # vectors of one number
        xy = np.pad(xy, ((0, 0), (0, 1)))
    names, groups = _classes(version, id_array(version)[positions])
    said = f"{version.name}: two main axes of {embedder!r}"
    return {
        "xy": xy,
        "groups": groups,
        "names": names,
        "source": StoredPoints(version, positions),
        "title": said if len(positions) == n else f"{said}, {len(positions):,} of {n:,} samples",
    }


def _classes(version: DataVersion, ids: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Names, and the class of each of some samples (IDs ascending); of several objects the commonest one."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    names = list(version.classes[:254])
    groups = np.full(len(ids), len(names), dtype=np.int64)
    for kind in ("class", "box", "mask", "keypoints"):
        table, of = table_of(version, kind)
        point = np.searchsorted(ids, of)
        rows = np.flatnonzero(ids[np.minimum(point, len(ids) - 1)] == of) if len(ids) else np.empty(0, np.int64)
        if not len(rows) or not names:
            continue
        label = pc.fill_null(
            pc.index_in(table["label"].take(pa.array(rows)), value_set=pa.array(names)), len(names)
        ).to_numpy()
        pair, n = np.unique(point[rows] * (len(names) + 1) + label, return_counts=True)
        commonest = pair[np.lexsort((-pair, n))]  # the commonest of a point stands last and stays
        groups[commonest // (len(names) + 1)] = commonest % (len(names) + 1)
        break
    return ([*names, "none"] if (groups == len(names)).any() or not names else names), groups

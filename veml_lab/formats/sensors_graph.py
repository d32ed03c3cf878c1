"""Graphs of sensors: adjacency from files, from distances, from places, from the series themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..errors import BadData, BadInput

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike

EARTH_KM = 6371.0088  # mean radius
THRESHOLD = 0.1  # DCRNN's


def as_adjacency(adjacency: ArrayLike, n: int) -> np.ndarray:
    """Check the weights of a graph of n sensors: float32, (n, n), finite, not negative."""
    import numpy as np

    try:
        a = np.asarray(adjacency, dtype=np.float32)
    except (TypeError, ValueError) as e:
        raise BadData(f"the adjacency holds no numbers: {e}") from e
    if a.shape != (n, n):
        raise BadInput(f"the adjacency has the shape {a.shape}; {n} sensors take ({n}, {n})")
    if not np.isfinite(a).all():
        i, j = np.argwhere(~np.isfinite(a))[0]
        raise BadData(f"the adjacency has NaN or infinity, first from sensor {i} to sensor {j}")
    if (a < 0).any():
        i, j = np.argwhere(a < 0)[0]
        raise BadData(
            f"the edge from sensor {i} to sensor {j} has the weight {a[i, j]:g}; weights of a walk are not negative"
        )
    return np.ascontiguousarray(a)


def graph_of_distances(distances: ArrayLike, *, threshold: float = THRESHOLD) -> np.ndarray:
    """Adjacency from pairwise distances: exp(-d^2 / s^2), s their standard deviation, weights below ``threshold`` cut.

    Parameters
    ----------
    distances : array-like, shape (n, n)
        Road or straight distances in any unit; infinity where there is no way.

    Source
    ------
    Y. Li et al., Diffusion convolutional recurrent neural network, 2018, section 4 (thresholded Gaussian kernel).

    Examples
    --------
    >>> graph_of_distances([[0, 1, 9], [1, 0, 9], [9, 9, 0]]) > 0
    array([[ True,  True, False],
           [ True,  True, False],
           [False, False,  True]])
    """
    import numpy as np

    d = np.asarray(distances, dtype=np.float64)
    if d.ndim != 2 or d.shape[0] != d.shape[1]:
        raise BadInput(f"distances between n sensors have the shape (n, n), not {d.shape}")
    if np.isnan(d).any() or (d < 0).any():
        raise BadData("distances must not be NaN or negative; use infinity where there is no way")
    if not 0 <= threshold < 1:
        raise BadInput(f"the threshold of the graph must lie in 0 ... 1, got {threshold}")
    scale = d[np.isfinite(d)].std()
    weight = np.exp(-((d / (scale if scale > 0 else 1.0)) ** 2))
    return np.where(weight >= threshold, weight, 0.0).astype(np.float32)


def kilometres(places: ArrayLike) -> np.ndarray:
    """Great-circle distances between places ``(latitude, longitude)`` in degrees, km, shape (n, n).

    >>> kilometres([[0, 0], [0, 90]]).round().tolist()
    [[0.0, 10008.0], [10008.0, 0.0]]
    """
    import numpy as np

    p = np.asarray(places, dtype=np.float64)
    bad = ~np.isfinite(p).all(axis=1) | (np.abs(p[:, 0]) > 90) | (np.abs(p[:, 1]) > 360)
    if bad.any():
        i = int(np.argmax(bad))
        raise BadData(
            f"sensor {i} has the place {p[i].tolist()}; latitude and longitude are degrees, -90 ... 90 and -180 ... 180"
        )
    lat, lon = np.radians(p).T
    a = (
        np.sin((lat[:, None] - lat) / 2) ** 2
        + np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    )
    return 2 * EARTH_KM * np.arcsin(np.sqrt(a.clip(0, 1)))


def graph_of_series(values: np.ndarray, *, neighbours: int = 5) -> np.ndarray:
    """Edges from each sensor to itself and to those that its series goes with most, weighted by the correlation.

    For sets without usable places. Give it the training span only: the rest would leak into the graph.

    Parameters
    ----------
    values : float array, shape (t, n)
        NaN where nothing was measured.
    """
    import numpy as np
    import pandas as pd

    c = np.nan_to_num(pd.DataFrame(values).corr(min_periods=30).to_numpy(), nan=0.0).clip(0)
    np.fill_diagonal(c, 1.0)
    kept = np.argsort(-c, axis=1, kind="stable")[:, : neighbours + 1]
    graph = np.zeros_like(c, dtype=np.float32)
    np.put_along_axis(graph, kept, np.take_along_axis(c, kept, axis=1).astype(np.float32), axis=1)
    return graph


def graph_of_file(raw: bytes, where: str, nodes: Sequence[str], *, threshold: float = THRESHOLD) -> np.ndarray:
    """The adjacency of ``nodes`` out of a file of any layout that DCRNN and its followers use.

    ========  ====================================================================================
    ``.npz``  ``adj`` or ``adjacency`` (n, n), with ``sensor_ids`` or ``nodes`` where the order differs
    ``.mat``  the same, or the only square matrix of the file
    ``.csv``  a matrix (with or without names), a table ``from, to, cost`` of distances, or a table
              of places ``sensor_id, latitude, longitude``
    ========  ====================================================================================
    """
    import numpy as np

    if where.lower().endswith((".npz", ".mat")):
        found = _arrays(raw, where)
        matrix = _matrix(found)
        if matrix is None:
            raise BadData(f"{where} holds {', '.join(found)}; an adjacency is called adj or adjacency")
        names = next(([str(x) for x in found[k]] for k in ("nodes", "sensor_ids") if k in found), None)
        return as_adjacency(_in_order(np.asarray(matrix), names, nodes, where), len(nodes))
    table = _table(raw, where)
    if table.shape[1] == 3 or {"latitude", "longitude"} <= {str(c).lower() for c in table.columns}:
        places = _places(table)
        if places is not None:
            lost = [n for n in nodes if n not in places]
            if lost:
                raise BadData(f"{where} has no place of {len(lost)} sensors, first of {lost[0]!r}")
            return graph_of_distances(kilometres([places[n] for n in nodes]), threshold=threshold)
        return graph_of_distances(_pairs(table, nodes, where), threshold=threshold)
    names = None
    body = table
    if not np.issubdtype(body.iloc[:, 0].to_numpy().dtype, np.number) or body.shape[1] == len(body) + 1:
        names = [str(x) for x in body.iloc[:, 0]]
        body = body.iloc[:, 1:]
    elif all(str(c) in set(nodes) for c in body.columns):
        names = [str(c) for c in body.columns]
    return as_adjacency(_in_order(body.to_numpy(), names, nodes, where), len(nodes))


def _arrays(raw: bytes, where: str) -> dict[str, np.ndarray]:
    from .sensors_layouts import arrays_of_npz
    from .sensors_mat import arrays_of_mat

    return arrays_of_mat(raw, where) if where.lower().endswith(".mat") else arrays_of_npz(raw, where)


def _matrix(found: dict[str, np.ndarray]) -> np.ndarray | None:
    """The adjacency among arrays: by its name, else the only square matrix."""
    named = next((found[k] for k in ("adjacency", "adj", "adj_mx", "weights") if k in found), None)
    square = [a for a in found.values() if a.ndim == 2 and a.shape[0] == a.shape[1] > 1 and a.dtype.kind in "fiub"]
    return named if named is not None else square[0] if len(square) == 1 else None


def size_of_graph(raw: bytes, where: str) -> int | None:
    """How many sensors a file of a graph is for, if it is a matrix."""
    if where.lower().endswith((".npz", ".mat")):
        matrix = _matrix(_arrays(raw, where))
        return None if matrix is None else len(matrix)
    table = _table(raw, where)
    return len(table) if table.shape[1] - len(table) in (0, 1) else None


def _table(raw: bytes, where: str) -> Any:
    """A CSV as a frame, with a header only where the first line is none of numbers."""
    import pandas as pd

    from .sensors_tables import frame_of_csv

    first = frame_of_csv(raw, where, header=None, nrows=1).iloc[0]
    # the first cell may be a sensor's name; where it is empty, the line is a header over names of rows
    bare = bool(pd.to_numeric(first, errors="coerce").notna().iloc[1:].all() and first.notna().iloc[0])
    frame = frame_of_csv(raw, where, header=None if bare else 0)
    # ids are numbers too: a first line of numbers is a header where the matrix would have a row too many
    if bare and frame.shape[0] == frame.shape[1] + 1:
        frame = frame_of_csv(raw, where)
    return frame


def _places(table: Any) -> dict[str, tuple[float, float]] | None:
    """Place by sensor, if the table is one of places."""
    columns = {str(c).lower(): c for c in table.columns}
    if {"latitude", "longitude"} <= set(columns):
        lat, lon = columns["latitude"], columns["longitude"]
        name = next(
            (columns[k] for k in ("sensor_id", "sensor id", "node", "station", "id", "name") if k in columns), None
        )
        if name is None:
            raise BadData(
                "a table of places needs a column sensor_id beside latitude and longitude; there are"
                f" {', '.join(columns)}"
            )
    elif list(table.columns) == [0, 1, 2] and not table[0].duplicated().any() and (table[1].abs() <= 90).all():
        name, lat, lon = 0, 1, 2  # without a header, as PEMS-BAY's
    else:
        return None
    return {_name(n): (float(a), float(b)) for n, a, b in zip(table[name], table[lat], table[lon], strict=True)}


def _pairs(table: Any, nodes: Sequence[str], where: str) -> np.ndarray:
    """Distances (n, n) of a table ``from, to, cost``; infinity where it says nothing."""
    import numpy as np
    import pandas as pd

    d = np.full((len(nodes), len(nodes)), np.inf)
    at = {n: i for i, n in enumerate(nodes)}
    start, end = (table.iloc[:, c].map(lambda v: at.get(_name(v), -1)).to_numpy() for c in (0, 1))
    cost = pd.to_numeric(table.iloc[:, 2], errors="coerce").to_numpy(np.float64)
    here = (start >= 0) & (end >= 0)
    if not here.any():
        raise BadData(
            f"{where} names none of the {len(nodes)} sensors in its first two columns; they should be from, to,"
            " distance"
        )
    d[start[here], end[here]] = cost[here]
    return d


def _name(value: Any) -> str:
    """A sensor's name as text: 773869, "773869" and 773869.0 are one sensor."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _in_order(matrix: np.ndarray, names: Sequence[str] | None, nodes: Sequence[str], where: str) -> np.ndarray:
    """Rows and columns in the order of ``nodes``."""
    import numpy as np

    if names is None or matrix.ndim != 2 or matrix.shape != (len(names), len(names)):
        if names is not None:
            raise BadData(f"{where} has {len(names)} names and a matrix of the shape {matrix.shape}")
        return matrix
    at = {n: i for i, n in enumerate(names)}
    lost = [n for n in nodes if n not in at]
    if lost:
        raise BadData(
            f"{where} does not know {len(lost)} of the {len(nodes)} sensors, first {lost[0]!r}; it knows"
            f" {', '.join(list(names)[:6])} ..."
        )
    order = [at[n] for n in nodes]
    return matrix[np.ix_(order, order)]

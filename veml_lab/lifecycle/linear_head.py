"""A linear head on embeddings, from sums over rows: data that were added cost their own rows, and one small system."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..embeddings import embed
from ..embeddings.choice import embedder_of
from ..errors import BadInput
from ..geometry.sums import Sums
from ..intermediates.asking import Unmade, asking
from ..intermediates.keys import Step
from ..intermediates.steps import kept
from ..storage.border import public
from ..versions.data import DataVersion
from ..versions.lab_cache import shelf_of
from ..versions.parts import train_part
from ..versions.samples import id_array

if TYPE_CHECKING:
    import numpy as np

    from ..embeddings import Embedder

SPAN = 8192  # IDs of an import whose rows are summed together: what is found again


@dataclass(frozen=True, eq=False)
class LinearHead:
    """A classifier on embeddings: scores are ``vectors @ weights + offset``, the largest is the class.

    Attributes
    ----------
    data
        Name of the data version that it was fitted to.
    classes
        In the order of the scores.
    weights, offset
        float64 arrays, shapes (d, classes) and (classes,).
    n
        Samples that it was fitted to: those with a label.
    """

    data: str
    classes: tuple[str, ...]
    weights: np.ndarray = field(repr=False)
    offset: np.ndarray = field(repr=False)
    n: int
    l2: float
    embedder: Embedder = field(repr=False)

    def scores(self, version: DataVersion, *, progress: bool = True) -> np.ndarray:
        """float64 array, shape (n, classes)"""
        return embed(version, self.embedder, progress=progress) @ self.weights + self.offset

    def predict(self, version: DataVersion, *, progress: bool = True) -> list[str]:
        """The class of each sample in ID order."""
        return [self.classes[i] for i in self.scores(version, progress=progress).argmax(axis=1)]

    def accuracy(self, version: DataVersion, *, progress: bool = True) -> float:
        """Share of the labelled samples whose class it says."""
        said = self.predict(version, progress=progress)
        labels = _labels(version)
        if not any(labels):
            raise BadInput(f"{version.name!r} has no class labels to compare with")
        return sum(a == b for a, b in zip(said, labels, strict=True) if b) / sum(map(bool, labels))

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "data": self.data,
            "classes": list(self.classes),
            "n": self.n,
            "l2": self.l2,
            "weights": self.weights.tolist(),
            "offset": self.offset.tolist(),
        }


@public
def linear_head(
    data: DataVersion, *, l2: float = 1.0, embedder: Embedder | None = None, progress: bool = True
) -> LinearHead:
    """Fit a linear classifier to the embeddings of a data version, an import's train part, by least squares.

    Only sums of products of rows go in (:class:`~veml_lab.geometry.sums.Sums`), and those of each stretch of
    8,192 sample IDs are kept. A version that was merged, filtered or added to shares most of them with what it came
    from, so its head costs the new rows and a system of d equations. The sums are always those of these stretches,
    added in the order of their IDs: what is found and what is computed give the same bits.

    Parameters
    ----------
    data
        With a class label for each sample; those without are left out.
    l2
        Weight of the penalty on squared weights.
    embedder
        In place of the lab's.

    Returns
    -------
    LinearHead

    Raises
    ------
    BadInput
        There are no class labels, or ``l2`` is not above 0.

    Source
    ------
    LIMA (A. Phani et al., SIGMOD 2021): partial reuse of X'X and X'y.

    Examples
    --------
    >>> veml.linear_head(city)
    Traceback (most recent call last):
    veml_lab.errors.BadInput: 'city' has no class labels; a head is fitted to those (import them, or correct)
    """
    train = train_part(data)
    embedder = embedder or embedder_of(train, progress=progress)
    if not 0 < l2 < float("inf"):
        raise BadInput(f"l2={l2} is the weight of the penalty, a number above 0")
    rows = _rows_of(train)
    steps = _steps(train, embedder, rows)
    shelf = shelf_of(train.store)
    step = Step(
        "linear head", [s.key for s, _ in steps], {"l2": l2}, ["veml_lab.geometry"], said=f"head of {train.name!r}"
    )

    def fit() -> tuple[int, np.ndarray, np.ndarray]:
        sums = _sums(train, embedder, rows, steps, progress=progress)
        return (sums.n, *sums.ridge(l2))

    if asking() is not None and shelf.find(step.key) is None:
        _sums(train, embedder, rows, steps, progress=False)
    value = kept(shelf, step, fit)
    if isinstance(value, Unmade):
        return value  # type: ignore[return-value]
    n, weights, offset = value
    return LinearHead(train.name, tuple(train.classes), weights, offset, n, l2, embedder)


def _labels(version: DataVersion) -> list[str | None]:
    """The class of each sample in ID order, None where it has none."""
    named = version.annotations.class_labels
    return [named.get(int(i)) for i in id_array(version)]


@dataclass(frozen=True)
class _Rows:
    """The labelled rows of a version: IDs of all, and the column of each one's class, -1 where it has none."""

    ids: np.ndarray
    column: np.ndarray
    classes: int


def _rows_of(version: DataVersion) -> _Rows:
    import numpy as np

    labels = _labels(version)
    if not any(labels):
        raise BadInput(f"{version.name!r} has no class labels; a head is fitted to those (import them, or correct)")
    where = {c: i for i, c in enumerate(version.classes)}
    column = np.array([where[c] if c else -1 for c in labels])
    return _Rows(id_array(version).astype(np.int64), column, len(where))


def _steps(version: DataVersion, embedder: Embedder, rows: _Rows) -> list[tuple[Step, np.ndarray]]:
    """The sums that a head is made of, with the positions of the rows in each."""
    found = []
    for start, source, at in _spans(version, rows.ids):
        at = at[rows.column[at] >= 0]
        if not len(at):
            continue
        held = hashlib.sha256(rows.ids[at].tobytes() + rows.column[at].tobytes()).hexdigest()
        step = Step(
            "sums of products",
            [embedder.fingerprint, str(source), str(start), held],
            {"classes": rows.classes},
            ["veml_lab.geometry"],
            said=f"sums of {len(at):,} samples from {start:,}",
        )
        found.append((step, at))
    return found


def _sums(
    version: DataVersion, embedder: Embedder, rows: _Rows, steps: list[tuple[Step, np.ndarray]], *, progress: bool
) -> Sums:
    """All sums, added in the order of their IDs; an :class:`Unmade` where it is only asked."""
    import numpy as np

    vectors, shelf = embed(version, embedder, progress=progress), shelf_of(version.store)

    def of(at: np.ndarray) -> tuple[int, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        s = Sums.of(vectors[at], np.eye(rows.classes)[rows.column[at]])
        return s.n, s.x, s.xx, s.y, s.xy

    parts = [kept(shelf, step, functools.partial(of, at), units=len(at)) for step, at in steps]
    if asking() is not None:
        return Unmade("sums")  # type: ignore[return-value]
    return Sums.folded(Sums(*p) for p in parts)


def _spans(version: DataVersion, ids: np.ndarray) -> list[tuple[int, str, np.ndarray]]:
    """First ID, import and positions in the version, of each stretch of IDs that it has samples of."""
    import numpy as np

    found = []
    for b in version.store.catalog.read("blocks").to_pylist():
        for start in range(b["start"], b["start"] + b["n"], SPAN):
            first, last = np.searchsorted(ids, [start, min(start + SPAN, b["start"] + b["n"])])
            if first < last:
                found.append((start, b["source"], np.arange(first, last)))
    return found

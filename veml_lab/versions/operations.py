"""Set algebra on data versions: every operation makes a new frozen version with an edge that names it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from .predicate import select

if TYPE_CHECKING:
    from pyroaring import BitMap64

    from .data import DataVersion


class Operations:
    """The verbs of :class:`~veml_lab.versions.data.DataVersion` that make new versions."""

    if TYPE_CHECKING:

        @property
        def ids(self) -> BitMap64: ...
        @property
        def name(self) -> str: ...
        def derive(
            self, name: str, ids: BitMap64, operation: Mapping[str, Any], *, others: Sequence[DataVersion] = (), props: Any = None
        ) -> DataVersion: ...

    def filter(self, name: str, where: str) -> DataVersion:
        """Keep the samples for which a predicate holds.

        Parameters
        ----------
        where
            A condition over sample and capture columns, ``label`` and ``labels``:
            ``"timeofday = 'night' AND width > 640"``, ``"contains class 'car'"``. It is parsed and
            checked, never run as free SQL.
        """
        ids = select(self, where)  # type: ignore[arg-type]
        return self.derive(name, ids, {"operation": "filter", "where": where})

    def merge(self, *others: DataVersion, name: str) -> DataVersion:
        """All samples of this version and the others."""
        ids = self.ids.copy()
        for o in others:
            _check_same_lab(self, o)
            _check_same_annotations(self, o)
            ids |= o.ids
        return self.derive(name, ids, {"operation": "merge"}, others=others)

    def intersect(self, other: DataVersion, *, name: str) -> DataVersion:
        """The samples that are in both."""
        _check_same_lab(self, other)
        return self.derive(name, self.ids & other.ids, {"operation": "intersect"}, others=[other])

    def subtract(self, other: DataVersion, *, name: str) -> DataVersion:
        """The samples that are not in ``other``."""
        _check_same_lab(self, other)
        return self.derive(name, self.ids - other.ids, {"operation": "subtract"}, others=[other])

    def diff(self, other: DataVersion) -> dict[str, BitMap64]:
        """IDs only here, only there and in both; makes no version."""
        _check_same_lab(self, other)
        return {"only_here": self.ids - other.ids, "only_there": other.ids - self.ids, "both": self.ids & other.ids}

    def sample(self, name: str, n: int, *, seed: int = 0, stratified: bool = False) -> DataVersion:
        """A random part of ``n`` samples; ``stratified`` keeps the shares of the classes."""
        import numpy as np

        if not 1 <= n <= len(self.ids):
            raise BadInput(f"cannot take {n} of the {len(self.ids):,} samples of {self.name!r}")
        rng = np.random.default_rng(seed)
        if stratified:
            groups: dict[Any, list[int]] = {}
            labels = self.class_labels  # type: ignore[attr-defined]
            for i in self.ids:
                groups.setdefault(labels.get(i), []).append(i)
            # rank within the class, as a share, then take the first n: keeps every class's share to within one
            share = [((r + rng.random()) / len(g), i) for g in groups.values() for r, i in enumerate(rng.permutation(g))]
            chosen = [int(i) for _, i in sorted(share)[:n]]
        else:
            chosen = rng.choice(self.id_array(), n, replace=False).tolist()  # type: ignore[attr-defined]
        return self.derive(name, _bitmap(chosen), {"operation": "sample", "n": n, "seed": seed, "stratified": stratified})

    def select(self, name: str, positions: Any, *, operation: str = "select", **details: Any) -> DataVersion:
        """The samples at these positions (0 ... n-1 in ID order), as a core set or a browser selection gives them."""
        import numpy as np

        at = np.unique(np.asarray(positions, dtype=np.int64))
        if len(at) == 0 or at[0] < 0 or at[-1] >= len(self.ids):
            raise BadInput(f"positions must lie in 0 ... {len(self.ids) - 1}; got {list(at[:3])} ... of {len(at)}")
        chosen = self.id_array()[at].tolist()  # type: ignore[attr-defined]
        return self.derive(name, _bitmap(chosen), {"operation": operation, **details})

    def split(self, first: str, second: str, *, share: float = 0.8, seed: int = 0, by: str | None = None) -> tuple[DataVersion, DataVersion]:
        """Two disjoint parts; ``by`` names a capture column (such as video) whose groups stay together."""
        import numpy as np

        if not 0 < share < 1:
            raise BadInput(f"share must lie between 0 and 1, got {share}")
        rng = np.random.default_rng(seed)
        if by is None:
            order = rng.permutation(self.id_array()).tolist()  # type: ignore[attr-defined]
            groups = [[int(i)] for i in order]
        else:
            table = self.to_pandas()  # type: ignore[attr-defined]
            if by not in table:
                raise BadInput(f"{self.name!r} has no column {by!r}; it has {', '.join(map(str, table.columns))}")
            groups = [g["id"].tolist() for _, g in table.groupby(by)]
            rng.shuffle(groups)
        left: list[int] = []
        for g in groups:
            if len(left) + len(g) / 2 <= share * len(self.ids):
                left += g
        a = _bitmap(left)
        operation = {"operation": "split", "share": share, "seed": seed, "by": by}
        return (
            self.derive(first, a, {**operation, "part": "first"}),
            self.derive(second, self.ids - a, {**operation, "part": "second"}),
        )


def _bitmap(ids: Any) -> BitMap64:
    from pyroaring import BitMap64

    return BitMap64(ids)


def _check_same_lab(a: Any, b: Any) -> None:
    if a.store.folder != b.store.folder:
        raise BadInput(f"{a.name!r} and {b.name!r} are in different labs; import one into the other's lab first")


def _check_same_annotations(a: Any, b: Any) -> None:
    """A merged version has one task and reads one annotation layer; of the other part it would see nothing."""
    if a.task != b.task:
        raise BadInput(f"{a.name!r} is for {a.task}, {b.name!r} is for {b.task}; only versions of one task can be merged")
    if a.node.props.get("series") != b.node.props.get("series"):  # a window only knows its step: of another series it would be another
        raise BadInput(f"{a.name!r} and {b.name!r} are windows of different sensor readings; only windows of one import can be merged")
    if a.layer != b.layer:
        raise BadInput(f"{a.name!r} reads the annotation layer {a.layer!r}, {b.name!r} reads {b.layer!r}; merge versions of one layer")

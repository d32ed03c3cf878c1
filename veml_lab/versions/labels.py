"""What is said about the samples of a data version: its annotations, as the layer that it names reads them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from ..catalog.statements import READS
from ..errors import BadData, MissingLabels
from .annotations import KINDS, from_table, kind_of
from .checkout import kept
from .layers import resolve

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from pyroaring import BitMap64

    from ..sources.source import Keypoints, Mask
    from .store import VersionStore


class Labels:
    """The annotations of a :class:`~veml_lab.versions.data.DataVersion`."""

    if TYPE_CHECKING:
        store: VersionStore

        @property
        def id(self) -> str: ...
        @property
        def name(self) -> str: ...
        @property
        def task(self) -> str: ...
        @property
        def layer(self) -> str: ...
        @property
        def classes(self) -> tuple[str, ...]: ...
        @functools.cached_property
        def ids(self) -> BitMap64: ...
        def __len__(self) -> int: ...
        def _ask(self, question: str, ids: BitMap64 | None = None, **params: Any) -> pa.Table: ...

    def annotation_table(self, kind: str) -> pa.Table:
        """The annotations of a kind as this version's layer reads them: ``id`` and the kind's columns, in ID order."""
        import pyarrow as pa

        kind = kind_of(kind).name
        question = KINDS[kind].table.question

        def read() -> pa.Table:
            parts = [
                self._ask(question, ids, layer=layer) for layer, ids in resolve(self.store, self.layer, kind, self.ids)
            ]
            return parts[0] if len(parts) == 1 else pa.concat_tables(parts).sort_by("id")

        return kept(self, READS[question], read)

    def annotations(self, kind: str) -> dict[int, list[Any]]:
        """Annotations of a kind (``"class"``, ``"box"``, ``"mask"``, ``"keypoints"``, ``"caption"``, ``"target"``) by
        sample ID.

        As the objects of :mod:`veml_lab.sources.source` (a class is its text); samples without any are absent.
        """
        return from_table(kind_of(kind).name, self.annotation_table(kind))

    @functools.cached_property
    def class_labels(self) -> dict[int, str]:
        """Class by sample ID, for the samples that have one."""
        t = self.annotation_table("class")
        return dict(zip(t["id"].to_pylist(), t["label"].to_pylist(), strict=True))

    @functools.cached_property
    def boxes(self) -> dict[int, list[tuple[str, float, float, float, float]]]:
        """Boxes ``(label, x, y, w, h)`` in pixels by sample ID; samples without any are absent."""
        found: dict[int, list[tuple[str, float, float, float, float]]] = {}
        t = self.annotation_table("box")
        columns = [t[c].to_pylist() for c in ("id", "label", "x", "y", "w", "h")]
        for i, label, x, y, w, h in zip(*columns, strict=True):
            found.setdefault(i, []).append((label, x, y, w, h))
        return found

    @functools.cached_property
    def masks(self) -> dict[int, list[Mask]]:
        """Outlines of objects and regions by sample ID, in pixels; samples without any are absent."""
        return self.annotations("mask")

    @functools.cached_property
    def keypoints(self) -> dict[int, list[Keypoints]]:
        """Named points of objects by sample ID, in pixels; their names are in ``about``."""
        return self.annotations("keypoints")

    @functools.cached_property
    def captions(self) -> dict[int, list[str]]:
        """Texts by sample ID."""
        return {i: [c.text for c in found] for i, found in self.annotations("caption").items()}

    @functools.cached_property
    def target_values(self) -> dict[int, dict[str, float]]:
        """Regression targets by sample ID and name."""
        return {i: {t.name: t.value for t in found} for i, found in self.annotations("target").items()}

    def target_names(self) -> tuple[str, ...]:
        """Names of the regression targets, sorted."""
        return tuple(sorted({name for found in self.target_values.values() for name in found}))

    def targets(self) -> np.ndarray:
        """What a sample is to be predicted as, in ID order.

        Returns
        -------
        numpy.ndarray
            Class indices, shape (n,), int64; for regression the values of :meth:`target_names`, shape (n, t), float32.

        Raises
        ------
        MissingLabels
            A sample has no class, or lacks a target.
        """
        import numpy as np

        if self.task == "regression":
            names, values = self.target_names(), self.target_values
            missing = sum(1 for i in self.ids if not names or len(values.get(i, ())) < len(names))
            if missing:
                raise MissingLabels(
                    f"{missing:,} of {len(self):,} samples of {self.name!r} lack a target; fill them in first"
                )
            return np.array([[values[i][t] for t in names] for i in self.ids], dtype=np.float32)
        index = {c: i for i, c in enumerate(self.classes)}
        labels = self.class_labels
        try:
            return np.array([index[labels[i]] for i in self.ids], dtype=np.int64)
        except KeyError as e:
            unlabelled = sum(1 for i in self.ids if i not in labels)
            if unlabelled:
                raise MissingLabels(
                    f"{unlabelled:,} of {len(self):,} samples of {self.name!r} have no class; label them first"
                ) from None
            raise BadData(f"{self.name!r} has the label {e.args[0]!r}, which is not among its classes") from None

"""The samples of a data version and what is said of them: everything that is read, nothing that makes a version."""

from __future__ import annotations

import functools
import hashlib
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from ..catalog.statements import READS
from ..errors import BadData, BadInput, MissingLabels
from ..sources.decoder import decode, is_plain
from ..storage.border import public
from .annotations import ANNOTATION_KINDS, from_table, kind_of
from .checkout import in_id_order, kept
from .facts import DataFacts
from .layers import resolve
from .places import Places
from .sensor_windows import Windows, picture
from .store import key_of, sample_ids
from .version import Version

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from PIL import Image
    from pyroaring import BitMap64

    from ..sources.source import Keypoints, Mask

Boxes = dict[int, list[tuple[str, float, float, float, float]]]
T = TypeVar("T")


@dataclass(frozen=True, eq=False, repr=False)
class SampleSet(Version):
    """A frozen set of samples as the lab holds it; :class:`~veml_lab.versions.data.DataVersion` adds the verbs."""

    @functools.cached_property
    def facts(self) -> DataFacts:
        """What is known of it beside its samples: layer, preparation, kinds of sample, series, where it came from."""
        return DataFacts.of(self.node)

    @property
    def role(self) -> str:
        """``"train"``, ``"test"`` or ``""``."""
        return self.facts.role

    @property
    def task(self) -> str:
        """What the annotations are for: a :data:`~veml_lab.sources.source.Task`."""
        return self.facts.task

    @property
    def classes(self) -> tuple[str, ...]:
        return self.facts.classes

    @functools.cached_property
    def ids(self) -> BitMap64:
        """The sample IDs, a roaring bitmap (do not change it)."""
        return sample_ids(self.store, self.id)

    @functools.cached_property
    def key(self) -> str:
        """Equal for equal content: the same samples, annotation layer, classes and preparation."""
        digest = hashlib.sha256(self.ids.serialize()).hexdigest()
        return key_of("data", digest, self.facts.layer, list(self.classes), dict(self.facts.preparation))

    @functools.cached_property
    def content(self) -> str:
        """The key with the imports that the sample IDs are of, for what is kept of the version outside of the catalog.

        The IDs alone would not do: in a lab that was restored from a backup, a later import has the IDs of one that is
        gone.
        """
        blocks = self.store.catalog.read("blocks").to_pylist()
        held = [b for b in blocks if self.ids.range_cardinality(b["start"], b["start"] + b["n"])]
        return key_of(self.key, [(b["start"], b["n"], b["source"]) for b in held])

    def __veml_content__(self) -> str:
        return self.content

    def __len__(self) -> int:
        return len(self.ids)

    @functools.cached_property
    def samples(self) -> pa.Table:
        """One row a sample in ID order: id, uri, width, height, role, columns (JSON), where its bytes lie."""
        return kept(self, READS["samples"], lambda: asked(self, "samples"))

    @property
    def annotations(self) -> Annotations:
        """What is said of the samples: ``boxes``, ``class_labels``, ``masks``, ``targets()`` ... by sample ID."""
        return Annotations(self)

    @property
    def images(self) -> Images:
        """The pictures: ``images[3]`` is decoded, ``images.encoded(3)`` as it came in; they are read when asked for."""
        return Images(self)


def id_array(version: SampleSet) -> np.ndarray:
    """The IDs in order, shape (n,), uint64."""
    import numpy as np

    return np.array(version.ids.to_array(), dtype=np.uint64)


def asked(version: SampleSet, question: str, ids: BitMap64 | None = None, **params: Any) -> pa.Table:
    """A question to the catalog about samples of a version, or those of ``ids``; rows in ID order."""
    import numpy as np
    import pyarrow as pa

    ids = version.ids if ids is None else ids
    lo, hi = (ids.min(), ids.max()) if ids else (0, 0)
    if len(ids) == hi - lo + 1 and f"{question}_range" in READS:  # consecutive: no join, and nothing to send
        return in_id_order(version.store.catalog.read(f"{question}_range", lo=lo, hi=hi, **params))
    wanted = pa.array(np.array(ids.to_array(), dtype=np.uint64))
    return version.store.catalog.read(question, ids=wanted, lo=lo, hi=hi, **params)


def windows(version: SampleSet) -> Windows:
    """The windows of a data version of sensor readings.

    Examples
    --------
    ``x, y, mask = windows(lab["metr-la-test"]).cut([0, 1])`` gives the first two.

    Raises
    ------
    BadInput
        It is no sensor data.
    """
    import numpy as np

    series = version.facts.series
    if series is None:
        raise BadInput(
            f"{version.name!r} has no sensor readings, it is for {version.task}; import a set with format='sensors'"
        )
    steps = version.samples["row_no"].to_numpy().astype(np.int64)
    return Windows(version.store.folder, series, steps, version.name)


class _View:
    """One aspect of a version. Made anew at every look; what it has read stays with the version, so that the two
    hold each other in no circle and go together."""

    def __init__(self, version: SampleSet) -> None:
        self._version = version

    def _once(self, name: str, read: Callable[[], T]) -> T:
        there = vars(self._version)
        if name not in there:
            there[name] = read()
        return there[name]


@public
class Images(_View):
    """The pictures of a data version, by position (0 ... n-1 in ID order).

    Examples
    --------
    >>> city.images[0].size, len(city.images)
    ((160, 96), 64)
    """

    def __len__(self) -> int:
        return len(self._version)

    def __getitem__(self, position: int) -> Image.Image:
        """The decoded picture at a position: RGB of 8 bits, upright (:mod:`veml_lab.sources.decoder`)."""
        raw = self.encoded(position)  # a missing file says so itself
        t = self._version.samples
        recorded = None if is_plain(raw) else (t["width"][position].as_py(), t["height"][position].as_py())
        return decode(raw, f"sample {t['uri'][position].as_py()!r} of {self._version.name!r}", size=recorded)

    def __call__(self, size_px: tuple[int, int] | None = None) -> Iterator[Image.Image]:
        warnings.warn("version.images() is version.images now: iterate over it", DeprecationWarning, stacklevel=2)
        return iter(self) if size_px is None else (image.resize(size_px) for image in self)

    def __iter__(self) -> Iterator[Image.Image]:
        """The decoded RGB images in ID order, one at a time."""
        return (self[position] for position in range(len(self)))

    def encoded(self, position: int) -> bytes:
        """The encoded image at a position; of a window a picture of its readings."""
        if self._version.facts.series is not None:
            return picture(windows(self._version), position)
        return self.places(position)

    @property
    def places(self) -> Places:
        """Where the samples' bytes lie; can be sent to another process. Read it before threads and forked processes
        would each ask the catalog."""
        v = self._version

        def read() -> Places:
            t = v.samples.select(["uri", "kind", "segment", "row_no", "path"]).combine_chunks()
            return Places(v.store.folder, v.name, t)

        return self._once("_places", read)


@public
class Annotations(_View):
    """What is said of the samples of a data version, as the annotation layer that it names reads them.

    Examples
    --------
    >>> label, x, y, w, h = next(iter(city.annotations.boxes.values()))[0]
    >>> label in city.classes
    True
    """

    def table(self, kind: str) -> pa.Table:
        """The annotations of a kind as this version's layer reads them: ``id`` and the kind's columns, in ID order."""
        import pyarrow as pa

        v, kind = self._version, kind_of(kind).name
        question = ANNOTATION_KINDS[kind].table.question

        def read() -> pa.Table:
            parts = [
                asked(v, question, ids, layer=layer) for layer, ids in resolve(v.store, v.facts.layer, kind, v.ids)
            ]
            return parts[0] if len(parts) == 1 else pa.concat_tables(parts).sort_by("id")

        return kept(v, READS[question], read)

    def __call__(self, kind: str) -> dict[int, list[Any]]:
        warnings.warn(
            "version.annotations(kind) is version.annotations.of_kind(kind) now", DeprecationWarning, stacklevel=2
        )
        return self.of_kind(kind)

    def of_kind(self, kind: str) -> dict[int, list[Any]]:
        """Annotations of a kind (``"class"``, ``"box"``, ``"mask"``, ``"keypoints"``, ``"caption"``, ``"target"``) by
        sample ID.

        As the objects of :mod:`veml_lab.sources.source` (a class is its text); samples without any are absent.
        """
        return from_table(kind_of(kind).name, self.table(kind))

    @property
    def class_labels(self) -> dict[int, str]:
        """Class by sample ID, for the samples that have one."""

        def read() -> dict[int, str]:
            t = self.table("class")
            return dict(zip(t["id"].to_pylist(), t["label"].to_pylist(), strict=True))

        return self._once("_class_labels", read)

    @property
    def boxes(self) -> Boxes:
        """Boxes ``(label, x, y, w, h)`` in pixels by sample ID; samples without any are absent."""

        def read() -> Boxes:
            found: Boxes = {}
            t = self.table("box")
            columns = [t[c].to_pylist() for c in ("id", "label", "x", "y", "w", "h")]
            for i, label, x, y, w, h in zip(*columns, strict=True):
                found.setdefault(i, []).append((label, x, y, w, h))
            return found

        return self._once("_boxes", read)

    @property
    def masks(self) -> dict[int, list[Mask]]:
        """Outlines of objects and regions by sample ID, in pixels; samples without any are absent."""
        return self._once("_masks", lambda: self.of_kind("mask"))

    @property
    def keypoints(self) -> dict[int, list[Keypoints]]:
        """Named points of objects by sample ID, in pixels; their names are in ``facts.about``."""
        return self._once("_keypoints", lambda: self.of_kind("keypoints"))

    @property
    def captions(self) -> dict[int, list[str]]:
        """Texts by sample ID."""
        return self._once(
            "_captions", lambda: {i: [c.text for c in found] for i, found in self.of_kind("caption").items()}
        )

    @property
    def target_values(self) -> dict[int, dict[str, float]]:
        """Regression targets by sample ID and name."""
        return self._once(
            "_target_values",
            lambda: {i: {t.name: t.value for t in found} for i, found in self.of_kind("target").items()},
        )

    @property
    def target_names(self) -> tuple[str, ...]:
        """Names of the regression targets, sorted."""
        return tuple(sorted({name for found in self.target_values.values() for name in found}))

    def targets(self) -> np.ndarray:
        """What a sample is to be predicted as, in ID order.

        Returns
        -------
        numpy.ndarray
            Class indices, shape (n,), int64; for regression the values of :attr:`target_names`, shape (n, t), float32.

        Raises
        ------
        MissingLabels
            A sample has no class, or lacks a target.
        """
        import numpy as np

        v = self._version
        if v.task == "regression":
            names, values = self.target_names, self.target_values
            missing = sum(1 for i in v.ids if not names or len(values.get(i, ())) < len(names))
            if missing:
                raise MissingLabels(
                    f"{missing:,} of {len(v):,} samples of {v.name!r} lack a target; fill them in first"
                )
            return np.array([[values[i][t] for t in names] for i in v.ids], dtype=np.float32)
        index = {c: i for i, c in enumerate(v.classes)}
        labels = self.class_labels
        try:
            return np.array([index[labels[i]] for i in v.ids], dtype=np.int64)
        except KeyError as e:
            unlabelled = sum(1 for i in v.ids if i not in labels)
            if unlabelled:
                raise MissingLabels(
                    f"{unlabelled:,} of {len(v):,} samples of {v.name!r} have no class; label them first"
                ) from None
            raise BadData(f"{v.name!r} has the label {e.args[0]!r}, which is not among its classes") from None

"""Data versions: a frozen set of sample IDs with its role, classes, annotation layer and preparation."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..catalog import Change
from ..catalog.statements import READS
from ..errors import BadInput, NameTaken, UnknownName
from ..sources.decoder import decode, is_plain
from . import display
from .checkout import in_id_order, kept
from .import_report import ImportReport
from .imports import REPORT, id_set_change
from .labels import Labels
from .operations import Operations
from .places import Places
from .results import get_result
from .statistics import Statistics, statistics_of
from .store import check_name, dumps, key_of, new_id
from .version import Version

if TYPE_CHECKING:
    import os

    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from PIL import Image
    from pyroaring import BitMap64

    from ..sources.source import Source
    from .comparison import DataComparison

PREPARATIONS = ("resize", "normalise", "impute", "scale", "one_hot", "columns", "seed")


@dataclass(frozen=True, eq=False, repr=False)
class DataVersion(Version, Labels, Operations):
    """A frozen set of samples; everything that it gives is read from the lab when it is asked for.

    Operations make new versions and leave this one as it is: :meth:`filter`, :meth:`split`, :meth:`sample`,
    :meth:`merge`, :meth:`subtract`, :meth:`add`, :meth:`update`, :meth:`correct`, :meth:`annotate`, :meth:`prepare`.
    To look: :meth:`browse`, :meth:`statistics`, :meth:`compare`. To take out: :meth:`to_pandas`, :meth:`to_arrow`,
    :meth:`to_torch`, :meth:`export`.

    Examples
    --------
    >>> cars = city.filter("with cars", "any box (label = 'car' AND area > 100)")
    >>> len(cars) <= len(city)
    True
    >>> fit, held_out = city.split("fit", "held out", share=0.75, seed=0)
    >>> len(fit), len(held_out)
    (48, 16)
    """

    # -- what it is --------------------------------------------------------------------------------

    @property
    def role(self) -> str:
        """``"train"``, ``"test"`` or ``""``."""
        return self.node.props.get("role", "")

    @property
    def task(self) -> str:
        """What the annotations are for: a :data:`~veml_lab.sources.source.Task`."""
        return self.node.props.get("task", "none")

    @property
    def trains_as(self) -> str:
        """The task of a model that learns from it: objects with outlines or keypoints have boxes, and teach a
        detector."""
        return "detection" if self.task in ("segmentation", "keypoints") else self.task

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(self.node.props.get("classes", ()))

    @property
    def layer(self) -> str:
        """The annotation version that this data version reads."""
        return self.node.props.get("layer", "imported")

    @functools.cached_property
    def ids(self) -> BitMap64:
        """The sample IDs, a roaring bitmap (do not change it)."""
        from pyroaring import BitMap64

        rows = self.store.catalog.read("version_ids", version=self.id).to_pylist()
        return BitMap64.deserialize(rows[0]["ids"]) if rows else BitMap64()

    @functools.cached_property
    def key(self) -> str:
        """Equal for equal content: the same samples, annotation layer, classes and preparation."""
        digest = hashlib.sha256(self.ids.serialize()).hexdigest()
        return key_of("data", digest, self.layer, list(self.classes), dict(self.preparation))

    def __len__(self) -> int:
        return len(self.ids)

    # -- tables ------------------------------------------------------------------------------------

    def id_array(self) -> np.ndarray:
        """The IDs in order, shape (n,), uint64."""
        import numpy as np

        return np.array(self.ids.to_array(), dtype=np.uint64)

    def _ask(self, question: str, ids: BitMap64 | None = None, **params: Any) -> pa.Table:
        import numpy as np
        import pyarrow as pa

        ids = self.ids if ids is None else ids
        lo, hi = (ids.min(), ids.max()) if ids else (0, 0)
        if len(ids) == hi - lo + 1 and f"{question}_range" in READS:  # consecutive: no join, and nothing to send
            return in_id_order(self.store.catalog.read(f"{question}_range", lo=lo, hi=hi, **params))
        wanted = pa.array(np.array(ids.to_array(), dtype=np.uint64))
        return self.store.catalog.read(question, ids=wanted, lo=lo, hi=hi, **params)

    @functools.cached_property
    def samples(self) -> pa.Table:
        """One row a sample in ID order: id, uri, width, height, role, columns (JSON), where its bytes lie."""
        return kept(self, READS["samples"], lambda: self._ask("samples"))

    @property
    def about(self) -> Mapping[str, Any]:
        """Facts of the format that it came in: names and bones of a skeleton, units of columns."""
        return self.node.props.get("about", {})

    @property
    def series(self) -> Mapping[str, Any] | None:
        """Where the readings of sensor data lie (:mod:`veml_lab.versions.series`); None for other data."""
        return self.node.props.get("series")

    @functools.cached_property
    def import_report(self) -> ImportReport | None:
        """What the import stored, found twice and skipped, with reasons; None for a version that is no import."""
        kept = get_result(self.store, f"{REPORT}:{self.id}")
        return None if kept is None else ImportReport(kept, name=self.name)

    def to_arrow(self) -> pa.Table:
        """One row a sample: its own and its capture columns, ``label``, ``labels`` (classes in it), regression
        targets."""
        from .tables import flat_table

        return flat_table(self)

    def to_pandas(self) -> pd.DataFrame:
        """As :meth:`to_arrow`, as a data frame."""
        return self.to_arrow().to_pandas()

    # -- pictures ----------------------------------------------------------------------------------

    def image_bytes(self, position: int) -> bytes:
        """The encoded image at a position (0 ... n-1 in ID order); of a window a picture of its readings."""
        if self.series is not None:
            from .window import picture

            return picture(self, position)
        return self.places(position)

    def locate(self) -> None:
        """Read where the samples' bytes lie, so that threads and forked processes need not ask the catalog."""
        _ = self.places

    @functools.cached_property
    def places(self) -> Places:
        """Where the samples' bytes lie; can be sent to another process."""
        t = self.samples.select(["uri", "kind", "segment", "row_no", "path"]).combine_chunks()
        return Places(self.store.folder, self.name, t)

    def image(self, position: int) -> Image.Image:
        """The decoded picture at a position: RGB of 8 bits, upright (:mod:`veml_lab.sources.decoder`)."""
        raw = self.image_bytes(position)  # a missing file says so itself
        t = self.samples
        recorded = None if is_plain(raw) else (t["width"][position].as_py(), t["height"][position].as_py())
        return decode(raw, f"sample {t['uri'][position].as_py()!r} of {self.name!r}", size=recorded)

    def images(self, size_px: tuple[int, int] | None = None) -> Iterator[Image.Image]:
        """The decoded RGB images in ID order, one at a time; resized to ``(width, height)`` if asked."""
        for position in range(len(self)):
            image = self.image(position)
            yield image if size_px is None else image.resize(size_px)

    def to_torch(self, **options: Any) -> Any:
        """A map-style torch Dataset, prepared as the version says; for a DataLoader with forked or spawned workers.

        Pictures: :class:`~veml_lab.versions.torch_dataset.VersionDataset` (``size_px``, ``transform``,
        ``prepared=False``
        ...; :func:`~veml_lab.versions.torch_dataset.collate` where targets differ in size). Table rows:
        :class:`~veml_lab.versions.torch_dataset.RowDataset`. Windows: :class:`~veml_lab.versions.window.WindowDataset`.
        """
        kinds = set(self.node.props.get("kinds", ["image"]))
        if self.series is not None:
            from .window import WindowDataset

            scaling = self.preparation.get("windows")
            if scaling is not None and "scaling" not in options:
                import numpy as np

                options["scaling"] = tuple(np.asarray(scaling[k], dtype=np.float32) for k in ("mean", "std"))
            return WindowDataset(self, **options)
        if "row" in kinds and len(kinds) > 1:
            raise BadInput(
                f'{self.name!r} holds pictures and table rows; filter one kind first: version.filter(name, "kind ='
                " 'row'\")"
            )
        if kinds == {"row"}:
            from .torch_dataset import RowDataset

            return RowDataset(self, **options)
        from .torch_dataset import VersionDataset

        return VersionDataset(self, **{"prepared": True, **options})

    # -- preparation -------------------------------------------------------------------------------

    @property
    def preparation(self) -> Mapping[str, Any]:
        """How samples are prepared on reading (:mod:`veml_lab.versions.preparation`); ``{}`` for not at all."""
        return self.node.props.get("preparation", {})

    def prepare(self, name: str, *, like: DataVersion | None = None, **options: Any) -> DataVersion:
        """The same samples with a preparation, fitted on training samples alone; versions derived from it inherit it.

        Parameters
        ----------
        like
            Take over the preparation of this version (test data from elsewhere is prepared as its training data).
        resize
            ``(width, height)`` in pixels.
        normalise
            True (mean and deviation of up to 1,000 training pictures), ``"imagenet"`` or ``{"mean", "std"}``.
        impute
            Missing numbers of table rows: ``"mean"``, ``"median"`` or a number.
        scale
            ``"standard"`` or ``"minmax"`` for table rows, ``"standard"`` for windows.
        one_hot
            Text columns as one feature a value (default), or as the number of the value.
        columns
            The columns that become features; default: all cells.
        seed
            Of the choice of pictures.
        """
        from .preparation import fit

        if like is not None:
            if options:
                raise BadInput(f"like={like.name!r} takes over a preparation as it is; leave out {', '.join(options)}")
            found = dict(like.preparation)
            asked: dict[str, Any] = {"like": like.id}
        else:
            try:
                found = fit(self, **options)
            except TypeError as e:
                if "unexpected keyword" not in str(e):
                    raise
                raise UnknownName.of("option of a preparation", str(e).split("'")[1], PREPARATIONS) from None
            asked = options
        return self.derive(name, self.ids, {"operation": "prepare", "asked": asked}, props={"preparation": found})

    # -- corrections -------------------------------------------------------------------------------

    def correct(self, name: str, corrections: Mapping[Any, Mapping[str, Any]], *, note: str = "") -> DataVersion:
        """The same samples with corrected annotations: a new annotation layer that stores the named samples alone.

        Parameters
        ----------
        corrections
            By sample ID or ``uri``: annotations by kind, which take the place of all that the sample had of that
            kind: ``{17: {"class": "cat"}, "a.png": {"box": [Box("car", 3, 4, 50, 20)], "mask": None}}``. None (or
            an empty list) removes. As objects of :mod:`veml_lab.sources.source`, or as JSON.
        note
            Why, for people; kept with the layer and on the edge.
        """
        from .corrections import correct

        return correct(self, name, corrections, note=note)

    def annotate(self, name: str, source: Source, *, kinds: Sequence[str] | None = None, note: str = "") -> DataVersion:
        """The same samples with the annotations of a source whose records have the same names.

        For labels that were made or mended elsewhere: export, correct in a labelling tool, read its file, annotate.

        Parameters
        ----------
        kinds
            The kinds of annotation to take; default: those that occur in the source. Only what differs is stored.
        """
        from .corrections import annotate

        return annotate(self, name, source, kinds=kinds, note=note)

    # -- measures ----------------------------------------------------------------------------------

    def statistics(self) -> Statistics:
        """Counts, sizes, places, brightness, columns, gaps and duplicates; computed once and kept."""
        return statistics_of(self)

    def compare(self, other: DataVersion) -> DataComparison:
        """This version and another side by side: what they share, and where they differ."""
        from .comparison import compare

        return compare(self, other)

    def export(self, path: str | os.PathLike[str], format: str, **options: Any) -> None:
        """Write it into a new folder in one of the formats that can be written; what a format cannot hold is
        refused."""
        from .export import export

        export(self, path, format, **options)

    # -- making new versions -----------------------------------------------------------------------

    def derive(
        self,
        name: str,
        ids: BitMap64,
        operation: Mapping[str, Any],
        *,
        others: Sequence[DataVersion] = (),
        props: Mapping[str, Any] | None = None,
        changes: Sequence[Change] = (),
    ) -> DataVersion:
        """Make the version ``name`` from this one (and ``others``); the edge carries the operation.

        Asked again with the same operation on the same versions it gives the version that is there.
        """
        check_name(name)
        known = self.derived(name, ids, operation, others=others)
        if known is not None:
            return known
        if not ids:
            raise BadInput(f"{operation['operation']} of {self.name!r} leaves no samples; {name!r} was not made")
        classes = list(self.classes) + [c for o in others for c in o.classes if c not in self.classes]
        kinds = sorted({k for v in (self, *others) for k in v.node.props.get("kinds", ["image"])})
        base = {k: v for k, v in self.node.props.items() if k != "source"}
        merged = {**base, "classes": list(dict.fromkeys(classes)), "kinds": kinds, "n": len(ids), **(props or {})}
        node_id = new_id("data")
        carried = self._carried(operation, others)
        edges = [(p.id, "derived_from", carried) for p in (self, *others)]
        try:
            node = self.store.add(
                "data", name, merged, edges, changes=[*changes, id_set_change(node_id, ids)], node_id=node_id
            )
        except NameTaken:  # perhaps by another process that made the same
            known = self.derived(name, ids, operation, others=others)
            if known is None:
                raise
            return known
        return DataVersion(self.store, node)

    def _carried(self, operation: Mapping[str, Any], others: Sequence[DataVersion]) -> dict[str, Any]:
        """The operation as its edge carries it, through JSON so that it can be compared with what is stored."""
        return json.loads(dumps(dict(operation, parents=[p.id for p in (self, *others)])))

    def derived(
        self, name: str, ids: BitMap64, operation: Mapping[str, Any], *, others: Sequence[DataVersion] = ()
    ) -> DataVersion | None:
        """The version of that name if it was made from this one by that operation and holds those samples."""
        graph = self.store.graph()
        node = graph.by_name.get(name)
        if node is None or node.kind != "data":
            return None
        carried = self._carried(operation, others)
        if not any(dict(e.props) == carried for e in graph.into[node.id]):
            return None
        version = DataVersion(self.store, node)
        return version if version.ids == ids else None

    # -- how it shows itself -----------------------------------------------------------------------

    def summary(self) -> str:
        """One line: size, classes, role."""
        nouns = {"image": "images", "frame": "frames", "row": "rows", "window": "windows"}
        kinds = self.node.props.get("kinds", ["image"])
        noun = nouns[kinds[0]] if len(kinds) == 1 else "samples"
        carries = {
            "detection": " with boxes",
            "segmentation": " with masks",
            "keypoints": " with keypoints",
            "captioning": " with captions",
        }
        classes = f" · {len(self.classes)} classes" if self.classes else ""
        role = f" · {self.role}" if self.role else ""
        n, carried = self.node.props["n"] if "n" in self.node.props else len(self), carries.get(self.task, "")
        lost = self.node.props.get("emptied", 0)
        if lost and carried:  # pictures whose annotations could not be used are not pictures with any
            carried = f", {n - lost:,}{carried}"
        return f"{n:,} {noun}{carried}{classes}{role}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> display.MimeBundle:
        return display.bundle("data", self)

    def browse(self, *, against: Sequence[Any] = (), height: int = 420) -> display.Drawing:
        """An image wall with annotations.

        Parameters
        ----------
        against
            Other data versions, inference versions or predictions whose annotations are shown beside its own.
        height
            Pixels of the wall.
        """
        return display.drawing("data", self, against=against, height=height)

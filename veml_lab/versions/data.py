"""Data versions: a frozen set of sample IDs with its role, classes, annotation layer and preparation."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from . import corrections as _corrections
from . import display, operations
from .delta import Delta, delta_of
from .derive import derive
from .former_names import FORMER
from .history import History
from .samples import SampleSet
from .statistics import Statistics, statistics_of
from .tables import flat_table, to_frame

if TYPE_CHECKING:
    import os

    import numpy as np
    import pandas as pd
    import torch

    from .torch_dataset import RowDataset, VersionDataset
    from .window import WindowDataset

_NOUNS = {"image": "images", "frame": "frames", "row": "rows", "window": "windows"}
_CARRIES = {
    "detection": " with boxes",
    "segmentation": " with masks",
    "keypoints": " with keypoints",
    "captioning": " with captions",
}


@dataclass(frozen=True, eq=False, repr=False)
class DataVersion(SampleSet):
    """A frozen set of samples; everything that it gives is read from the lab when it is asked for.

    Verbs make new versions and leave this one as it is: :meth:`filter`, :meth:`split`, :meth:`sample`,
    :meth:`merge`, :meth:`correct`, :meth:`prepare`; further set algebra is in :mod:`veml_lab.versions.operations`.
    To look: :meth:`browse`, :meth:`statistics`, :attr:`images`, :attr:`annotations`, :attr:`facts`, :attr:`history`.
    To take out: :meth:`to_pandas`, :meth:`to_torch`, :meth:`export`.

    Examples
    --------
    >>> cars = city.filter("with cars", "any box (label = 'car' AND area > 100)")
    >>> len(cars) <= len(city)
    True
    >>> fit, held_out = city.split("fit", "held out", share=0.75, seed=0)
    >>> len(fit), len(held_out)
    (48, 16)
    """

    # -- making new versions -----------------------------------------------------------------------

    def filter(self, name: str, where: str) -> DataVersion:
        """Keep the samples for which a predicate holds.

        Parameters
        ----------
        where
            A condition over sample and capture columns, ``label`` and ``labels``:
            ``"timeofday = 'night' AND width > 640"``, ``"contains class 'car'"``; and over annotations:
            ``"any box (label = 'car' AND area > 900)"``, ``"no mask (share > 0.5)"``, ``"count box (occluded = 0) >=
            3"``. It is parsed and checked, never run as free SQL.
        """
        return operations.filtered(self, name, where)

    def merge(self, *others: DataVersion, name: str) -> DataVersion:
        """All samples of this version and the others.

        Where they read different annotation layers each sample is read as its own version read it; a sample that is
        in both takes the later correction, and where neither layer builds on the other the merge is refused.
        """
        return operations.merged(self, others, name)

    def sample(self, name: str, n: int, *, seed: int = 0, stratified: bool = False) -> DataVersion:
        """A random part of ``n`` samples; ``stratified`` keeps the shares of the classes.

        Samples with boxes or other objects are stratified by the set of classes that they hold.
        """
        return operations.sampled(self, name, n, seed=seed, stratified=stratified)

    def split(
        self,
        *names: str,
        share: float | Sequence[float] = 0.8,
        seed: int = 0,
        by: str | None = None,
        stratified: bool = False,
        roles: Sequence[str] = (),
    ) -> tuple[DataVersion, ...]:
        """Disjoint parts that hold all samples.

        Parameters
        ----------
        *names
            One a part.
        share
            Share of the first of two parts; or one share a part, adding up to 1.
        by
            A capture column (such as video) whose groups stay together.
        stratified
            Every part has the classes in the same shares.
        roles
            ``"train"``, ``"test"`` or ``""`` for each part; default: what this version has.
        """
        return operations.parts(self, names, share=share, seed=seed, by=by, stratified=stratified, roles=roles)

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
        return _corrections.correct(self, name, corrections, note=note)

    def prepare(
        self,
        name: str,
        *,
        like: DataVersion | None = None,
        resize: Sequence[int] | None = None,
        normalise: bool | str | Mapping[str, Sequence[float]] = False,
        impute: str | float | None = None,
        scale: str | None = None,
        one_hot: bool = True,
        columns: Sequence[str] | None = None,
        seed: int = 0,
    ) -> DataVersion:
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

        usual = (
            ("resize", resize, None), ("normalise", normalise, False), ("impute", impute, None),
            ("scale", scale, None), ("one_hot", one_hot, True), ("columns", columns, None), ("seed", seed, 0),
        )  # fmt: skip
        # what is as usual is not part of the operation, so that a version of an earlier lab is found again
        asked: dict[str, Any] = {k: v for k, v, as_usual in usual if v is not as_usual}
        if like is None:
            found = fit(self, **asked)
        elif asked:
            raise BadInput(f"like={like.name!r} takes over a preparation as it is; leave out {', '.join(asked)}")
        else:
            found, asked = dict(like.facts.preparation), {"like": like.id}
        return derive(self, name, self.ids, {"operation": "prepare", "asked": asked}, props={"preparation": found})

    # -- looking -----------------------------------------------------------------------------------

    def statistics(self) -> Statistics:
        """Counts, sizes, places, brightness, columns, gaps and duplicates; computed once and kept."""
        return statistics_of(self)

    @property
    def history(self) -> History:
        """Where it came from (``import_report``, ``replay()``) and what was said about it (``tags``, ``notes``)."""
        return History(self)

    def delta(self) -> Delta:
        """What it adds and removes against each version that it was made from, and whose annotations it reads
        otherwise; found from the sets of IDs, at the size of the difference.

        Examples
        --------
        >>> _, held_out = city.split("fit", "held out", share=0.75, seed=0)
        >>> held_out.delta().parents[0].in_words()
        '48 removed'
        """
        return delta_of(self)

    def browse(self, *, against: Sequence[Any] = (), height: int = 420) -> display.Drawing:
        """An image wall with annotations.

        Parameters
        ----------
        against
            Other data, training or inference versions or predictions whose annotations are shown beside its own.
        height
            Pixels of the wall.
        """
        return display.drawing("data", self, against=against, height=height)

    def summary(self) -> str:
        """One line: size, classes, role."""
        kinds = self.facts.kinds
        noun = _NOUNS[kinds[0]] if len(kinds) == 1 else "samples"
        classes = f" · {len(self.classes)} classes" if self.classes else ""
        role = f" · {self.role}" if self.role else ""
        n, carried = len(self) if self.facts.n is None else self.facts.n, _CARRIES.get(self.task, "")
        lost = self.facts.emptied
        if lost and carried:  # pictures whose annotations could not be used are not pictures with any
            carried = f", {n - lost:,}{carried}"
        return f"{n:,} {noun}{carried}{classes}{role}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> display.MimeBundle:
        return display.bundle("data", self)

    # -- taking out --------------------------------------------------------------------------------

    def to_pandas(self) -> pd.DataFrame:
        """One row a sample: its own and its capture columns, ``label``, ``labels`` (classes in it), regression
        targets."""
        return to_frame(flat_table(self))

    def to_torch(
        self,
        *,
        size_px: tuple[int, int] | None = None,
        classes: tuple[str, ...] | None = None,
        transform: Callable[[torch.Tensor, Any], tuple[torch.Tensor, Any]] | None = None,
        labelled: bool = True,
        cache: bool = False,
        prepared: bool = True,
        semantic: bool = False,
        task: str | None = None,
        scaling: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> VersionDataset | RowDataset | WindowDataset:
        """A map-style torch Dataset, prepared as the version says; for a DataLoader with forked or spawned workers.

        Parameters
        ----------
        size_px, transform, cache, prepared, semantic, task
            For pictures: see :class:`~veml_lab.versions.torch_dataset.VersionDataset`
            (:func:`~veml_lab.versions.torch_dataset.collate` where targets differ in size).
        classes, labelled
            For pictures and table rows (:class:`~veml_lab.versions.torch_dataset.RowDataset`): the classes in the
            order of a model that knows them, and whether targets are read.
        scaling
            For windows: see :class:`~veml_lab.versions.window.WindowDataset`; default: as prepared.

        Raises
        ------
        BadInput
            It holds pictures and table rows, or an option does not fit what it holds.
        """
        usual = (
            ("size_px", size_px, None), ("classes", classes, None), ("transform", transform, None),
            ("labelled", labelled, True), ("cache", cache, False), ("prepared", prepared, True),
            ("semantic", semantic, False), ("task", task, None), ("scaling", scaling, None),
        )  # fmt: skip
        given = [k for k, v, as_usual in usual if v is not as_usual]
        kinds = set(self.facts.kinds)
        if self.facts.series is not None:
            from .window import WindowDataset

            self._fits(given, ("scaling",), "windows")
            prepared_as = self.facts.preparation.get("windows")
            if prepared_as is not None and scaling is None:
                import numpy as np

                mean, std = (np.asarray(prepared_as[k], dtype=np.float32) for k in ("mean", "std"))
                scaling = mean, std
            return WindowDataset(self, scaling=scaling)
        if "row" in kinds and len(kinds) > 1:
            raise BadInput(
                f'{self.name!r} holds pictures and table rows; filter one kind first: version.filter(name, "kind ='
                " 'row'\")"
            )
        if kinds == {"row"}:
            from .torch_dataset import RowDataset

            self._fits(given, ("classes", "labelled"), "table rows")
            return RowDataset(self, classes=classes, labelled=labelled)
        from .torch_dataset import VersionDataset

        self._fits(given, tuple(k for k, _, _ in usual if k != "scaling"), "pictures")
        return VersionDataset(
            self,
            size_px=size_px,
            classes=classes,
            transform=transform,
            labelled=labelled,
            cache=cache,
            prepared=prepared,
            semantic=semantic,
            task=task,
        )

    def _fits(self, given: Sequence[str], known: Sequence[str], what: str) -> None:
        odd = [k for k in given if k not in known]
        if odd:
            raise BadInput(f"{self.name!r} holds {what}, which take {', '.join(known)}; leave out {', '.join(odd)}")

    def export(self, path: str | os.PathLike[str], format: str, **options: Any) -> None:
        """Write it into a new folder in one of the formats that can be written; what a format cannot hold is
        refused.

        Parameters
        ----------
        **options
            Of the format's writer, as of :func:`veml_lab.write`; an unknown one is refused with the known.
        """
        from .export import export

        export(self, path, format, **options)

    # -- what it was called ------------------------------------------------------------------------

    if not TYPE_CHECKING:  # to a type checker an old name is an unknown one

        def __getattr__(self, name: str) -> Any:
            if name not in FORMER:
                return super().__getattr__(name)
            now, gives = FORMER[name]
            warnings.warn(f"DataVersion.{name} is {now} now", DeprecationWarning, stacklevel=2)
            return gives(self)

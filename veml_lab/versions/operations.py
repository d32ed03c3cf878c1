"""Set algebra on data versions: every operation makes a new frozen version with an edge that names it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..catalog import Change
from ..errors import BadInput, UnknownName
from .derivations import bitmap, compute, digest, parts_of
from .layers import merged_layer

if TYPE_CHECKING:
    import numpy as np
    from pyroaring import BitMap64

    from ..sources.source import Source
    from .data import DataVersion
    from .store import VersionStore


class Operations:
    """The verbs of :class:`~veml_lab.versions.data.DataVersion` that make new versions."""

    if TYPE_CHECKING:
        store: VersionStore

        @property
        def id(self) -> str: ...
        @property
        def ids(self) -> BitMap64: ...
        @property
        def name(self) -> str: ...
        @property
        def layer(self) -> str: ...
        @property
        def classes(self) -> tuple[str, ...]: ...
        def id_array(self) -> np.ndarray: ...
        def derive(
            self,
            name: str,
            ids: BitMap64,
            operation: Mapping[str, Any],
            *,
            others: Sequence[DataVersion] = (),
            props: Any = None,
            changes: Sequence[Change] = (),
        ) -> DataVersion: ...

    def _make(
        self, name: str, operation: Mapping[str, Any], others: Sequence[DataVersion] = (), **more: Any
    ) -> DataVersion:
        return self.derive(name, compute(operation, [self, *others]), operation, others=others, **more)  # type: ignore[list-item]

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
        from .predicate import unknown_classes

        operation = {"operation": "filter", "where": where}
        ids = compute(operation, [self])  # type: ignore[list-item]
        if not ids and (unknown := unknown_classes(where, self.classes)):
            raise UnknownName.of(
                "class",
                unknown[0],
                self.classes,
                f"The filter of {self.name!r} leaves no samples; {name!r} was not made",
            )
        return self.derive(name, ids, operation)

    def merge(self, *others: DataVersion, name: str) -> DataVersion:
        """All samples of this version and the others.

        Where they read different annotation layers each sample is read as its own version read it; a sample that is
        in both takes the later correction, and where neither layer builds on the other the merge is refused.
        """
        return self._union("merge", name, others)

    def _union(self, operation: str, name: str, others: Sequence[DataVersion], **details: Any) -> DataVersion:
        for o in others:
            _check_same_lab(self, o)
            _check_same_task(self, o)
        made = {"operation": operation, **details}
        sides = [(v.layer, v.ids) for v in (self, *others)]
        layer, changes = merged_layer(self.store, sides, [self.name, *(o.name for o in others)])
        return self._make(name, made, others, props={"layer": layer}, changes=changes)

    def add(self, name: str, source: Source | DataVersion, **options: Any) -> DataVersion:
        """This version and the samples of a source, which is imported as ``"<name> · new"``, or of another version.

        ``options`` are those of :meth:`veml_lab.lab.Lab.add` (``copy``, ``strict``, ``near_duplicates``, ``progress``).
        """
        return self._union("add", name, [self._arriving(name, source, options)])

    def update(self, name: str, source: Source | DataVersion, *, new: str = "add", **options: Any) -> DataVersion:
        """Samples of a source, or of another version, take the place of those of the same ``uri``.

        Parameters
        ----------
        new
            What to do with samples of a ``uri`` that this version does not have: ``"add"`` or ``"ignore"``.
        """
        if new not in ("add", "ignore"):
            raise BadInput(f"new is 'add' or 'ignore', got {new!r}")
        other = self._arriving(name, source, options)
        _check_same_lab(self, other)
        _check_same_task(self, other)
        operation = {"operation": "update", "new": new}
        ids = compute(operation, [self, other])  # type: ignore[list-item]
        sides = [(self.layer, self.ids & ids), (other.layer, other.ids & ids)]
        layer, changes = merged_layer(self.store, sides, [self.name, other.name])
        return self.derive(name, ids, operation, others=[other], props={"layer": layer}, changes=changes)

    def _arriving(self, name: str, source: Source | DataVersion, options: Mapping[str, Any]) -> DataVersion:
        from ..sources.source import Source as Read
        from .data import DataVersion
        from .imports import import_source
        from .store import fitting

        if isinstance(source, DataVersion):
            if options:
                raise BadInput(f"{', '.join(options)}: options of an import, and {source.name!r} is in the lab already")
            return source
        if not isinstance(source, Read):
            raise BadInput(f"give a source (veml_lab.read(...)) or a data version, got {type(source).__name__}")
        return DataVersion(
            self.store, import_source(self.store, fitting(f"{name} · new"), source, split_roles=False, **options)
        )

    def intersect(self, other: DataVersion, *, name: str) -> DataVersion:
        """The samples that are in both, with the annotations that this version reads."""
        _check_same_lab(self, other)
        return self._make(name, {"operation": "intersect"}, [other])

    def subtract(self, other: DataVersion, *, name: str) -> DataVersion:
        """The samples that are not in ``other``."""
        _check_same_lab(self, other)
        return self._make(name, {"operation": "subtract"}, [other])

    def diff(self, other: DataVersion) -> dict[str, BitMap64]:
        """IDs only here, only there and in both; makes no version."""
        _check_same_lab(self, other)
        return {"only_here": self.ids - other.ids, "only_there": other.ids - self.ids, "both": self.ids & other.ids}

    def sample(self, name: str, n: int, *, seed: int = 0, stratified: bool = False) -> DataVersion:
        """A random part of ``n`` samples; ``stratified`` keeps the shares of the classes.

        Samples with boxes or other objects are stratified by the set of classes that they hold.
        """
        if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= len(self.ids):
            raise BadInput(f"cannot take {n} of the {len(self.ids):,} samples of {self.name!r}")
        return self._make(name, {"operation": "sample", "n": n, "seed": seed, "stratified": stratified})

    def select(self, name: str, positions: Any, *, operation: str = "select", **details: Any) -> DataVersion:
        """The samples at these positions (0 ... n-1 in ID order), as a core set or a browser selection gives them."""
        import numpy as np

        at = np.sort(np.asarray(positions, dtype=np.int64).ravel())  # np.unique hashes, which takes ten times as long
        if len(at) == 0 or at[0] < 0 or at[-1] >= len(self.ids):
            raise BadInput(f"positions must lie in 0 ... {len(self.ids) - 1}; got {list(at[:3])} ... of {len(at)}")
        chosen = bitmap(self.id_array()[at])
        return self.derive(name, chosen, {"operation": operation, **details, "chosen": digest(chosen)})

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
        shares = [share, 1 - share] if isinstance(share, (int, float)) else [float(s) for s in share]
        if len(names) < 2 or len(shares) != len(names):
            raise BadInput(
                f"split needs two or more names and one share for each; got {len(names)} names and the shares {shares}"
            )
        if not all(0 < s < 1 for s in shares) or abs(sum(shares) - 1) > 1e-6:
            raise BadInput(
                f"shares must lie between 0 and 1 and add up to 1, got {', '.join(f'{s:g}' for s in shares)}"
            )
        if by is not None and stratified:
            raise BadInput("a split is stratified or keeps groups together (by=...), not both")
        if roles and (len(roles) != len(names) or not set(roles) <= {"", "train", "test"}):
            raise BadInput(
                f"roles are 'train', 'test' or '', one for each of the {len(names)} parts; got {list(roles)}"
            )
        operation: dict[str, Any] = {
            "operation": "split",
            "shares": shares,
            "seed": seed,
            "by": by,
            "stratified": stratified,
        }
        parts = parts_of(self, operation)  # type: ignore[arg-type]
        empty = [n for n, part in zip(names, parts, strict=True) if not part]
        if empty:
            raise BadInput(
                f"the split of {self.name!r} leaves nothing for {empty[0]!r}; no part was made. Choose larger shares or"
                " smaller groups"
            )
        made = []
        for at, (name, part) in enumerate(zip(names, parts, strict=True)):
            props = {"role": roles[at]} if roles else None
            made.append(self.derive(name, part, {**operation, "part": at}, props=props))
        return tuple(made)

    def replay(self) -> BitMap64:
        """Run the operation that made this version again, on its parents; gives the IDs (equal to :attr:`ids`).

        Raises
        ------
        BadInput
            The version is an import, which no operation made.
        """
        from .derivations import replay

        edges = [e for e in self.store.graph().into[self.id] if e.type == "derived_from"]
        if not edges:
            raise BadInput(f"{self.name!r} is an import; only versions that an operation made can be replayed")
        return replay(self.store, edges[0])

    # -- said later --------------------------------------------------------------------------------

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags that it carries now."""
        from .notes import tags

        return tags(self.store, self.id)

    def tag(self, tag: str, *, remove: bool = False) -> None:
        """Put a tag on this frozen version, or take it off; both are kept as events."""
        from .notes import add_tag, remove_tag

        (remove_tag if remove else add_tag)(self.store, self.id, tag)

    @property
    def notes(self) -> list[str]:
        """Free notes, oldest first."""
        from .notes import events

        return [e.value for e in events(self.store, self.id) if e.kind == "note"]

    def note(self, text: str) -> None:
        """Write a free note to this frozen version."""
        from .notes import add_note

        add_note(self.store, self.id, text)


def _check_same_lab(a: Any, b: Any) -> None:
    if a.store.folder != b.store.folder:
        raise BadInput(f"{a.name!r} and {b.name!r} are in different labs; import one into the other's lab first")


def _check_same_task(a: Any, b: Any) -> None:
    """A merged version has one task; of the other part it would see nothing."""
    if a.task != b.task:
        raise BadInput(
            f"{a.name!r} is for {a.task}, {b.name!r} is for {b.task}; only versions of one task can be merged"
        )
    if a.series != b.series:  # a window only knows its step: of another series it would be another
        raise BadInput(
            f"{a.name!r} and {b.name!r} are windows of different sensor readings; only windows of one import can be"
            " merged"
        )
    if a.node.props.get("preparation", {}) != b.node.props.get("preparation", {}):
        raise BadInput(
            f"{a.name!r} and {b.name!r} are prepared differently; merge them first and prepare the merged version"
        )

"""Set algebra on data versions: every function makes a new frozen version with an edge that names the operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from ..errors import BadInput, UnknownName
from ..sources.source import Source
from .about import about_of_union
from .derivations import bitmap, compute, digest, parts_of
from .derive import Part, derive, derive_all
from .imports import import_source
from .layers import merged_layer
from .predicate import unknown_classes
from .samples import SampleSet, id_array
from .store import fitting

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from pyroaring import BitMap64

S = TypeVar("S", bound=SampleSet)


def filtered(version: S, name: str, where: str) -> S:
    """See :meth:`~veml_lab.versions.data.DataVersion.filter`."""
    operation = {"operation": "filter", "where": where}
    ids = compute(operation, [version])
    if not ids and (unknown := unknown_classes(where, version.classes)):
        raise UnknownName.of(
            "class",
            unknown[0],
            version.classes,
            f"The filter of {version.name!r} leaves no samples; {name!r} was not made",
        )
    return derive(version, name, ids, operation)


def merged(version: S, others: Sequence[SampleSet], name: str) -> S:
    """See :meth:`~veml_lab.versions.data.DataVersion.merge`."""
    return _union(version, "merge", name, others)


def add(
    version: S,
    name: str,
    source: Source | SampleSet,
    *,
    copy: bool | None = None,
    strict: bool = False,
    near_duplicates: str | bool = False,
    unread: Literal["stop", "allow"] = "stop",
    progress: bool = True,
) -> S:
    """A version with the samples of another one and those of a source, which is imported as ``"<name> · new"``.

    Parameters
    ----------
    version
        What there is.
    source
        What is new: of ``veml_lab.read(...)``, or a data version of the same lab.
    copy, strict, near_duplicates, unread, progress
        Of the import, as of :meth:`veml_lab.lab.Lab.add`.

    Examples
    --------
    >>> more = add(city, "city and more", veml.road_world("clear-city", 8, seed=8, test_share=0))
    >>> len(more) - len(city)
    8
    """
    options = {
        "copy": copy, "strict": strict, "near_duplicates": near_duplicates, "unread": unread, "progress": progress
    }  # fmt: skip
    return _union(version, "add", name, [_arriving(version, name, source, options)])


def update(
    version: S,
    name: str,
    source: Source | SampleSet,
    *,
    new: str = "add",
    copy: bool | None = None,
    strict: bool = False,
    near_duplicates: str | bool = False,
    unread: Literal["stop", "allow"] = "stop",
    progress: bool = True,
) -> S:
    """A version in which samples of a source, or of another version, take the place of those of the same ``uri``.

    Parameters
    ----------
    new
        What to do with samples of a ``uri`` that ``version`` does not have: ``"add"`` or ``"ignore"``.
    copy, strict, near_duplicates, unread, progress
        Of the import, as of :meth:`veml_lab.lab.Lab.add`.
    """
    if new not in ("add", "ignore"):
        raise BadInput(f"new is 'add' or 'ignore', got {new!r}")
    options = {
        "copy": copy, "strict": strict, "near_duplicates": near_duplicates, "unread": unread, "progress": progress
    }  # fmt: skip
    other = _arriving(version, name, source, options)
    _check_same_lab(version, other)
    _check_same_task(version, other)
    operation = {"operation": "update", "new": new}
    ids = compute(operation, [version, other])
    sides = [(version.facts.layer, version.ids & ids), (other.facts.layer, other.ids & ids)]
    layer, changes = merged_layer(version.store, sides, [version.name, other.name])
    props = {"layer": layer, **_about([version, other])}
    return derive(version, name, ids, operation, others=[other], props=props, changes=changes)


def intersect(version: S, other: SampleSet, *, name: str) -> S:
    """The samples that are in both, with the annotations that ``version`` reads."""
    _check_same_lab(version, other)
    return _make(version, name, {"operation": "intersect"}, [other])


def subtract(version: S, other: SampleSet, *, name: str) -> S:
    """The samples that are not in the other."""
    _check_same_lab(version, other)
    return _make(version, name, {"operation": "subtract"}, [other])


def diff(version: SampleSet, other: SampleSet) -> dict[str, BitMap64]:
    """IDs only here, only there and in both; makes no version."""
    _check_same_lab(version, other)
    return {
        "only_here": version.ids - other.ids,
        "only_there": other.ids - version.ids,
        "both": version.ids & other.ids,
    }


def sampled(version: S, name: str, n: int, *, seed: int, stratified: bool) -> S:
    """See :meth:`~veml_lab.versions.data.DataVersion.sample`."""
    if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= len(version.ids):
        raise BadInput(f"cannot take {n} of the {len(version.ids):,} samples of {version.name!r}")
    return _make(version, name, {"operation": "sample", "n": n, "seed": seed, "stratified": stratified})


def select(
    version: S,
    name: str,
    positions: ArrayLike,
    *,
    operation: str = "select",
    details: Mapping[str, Any] | None = None,
) -> S:
    """The samples at these positions (0 ... n-1 in ID order), as a core set or a browser selection gives them.

    Parameters
    ----------
    operation, details
        What the edge says of how they were chosen.

    Examples
    --------
    >>> len(select(city, "the first three", [0, 1, 2]))
    3
    """
    import numpy as np

    at = np.sort(np.asarray(positions, dtype=np.int64).ravel())  # np.unique hashes, which takes ten times as long
    if len(at) == 0 or at[0] < 0 or at[-1] >= len(version.ids):
        raise BadInput(f"positions must lie in 0 ... {len(version.ids) - 1}; got {list(at[:3])} ... of {len(at)}")
    chosen = bitmap(id_array(version)[at])
    return derive(version, name, chosen, {"operation": operation, **(details or {}), "chosen": digest(chosen)})


def parts(
    version: S,
    names: Sequence[str],
    *,
    share: float | Sequence[float],
    seed: int,
    by: str | None,
    stratified: bool,
    roles: Sequence[str],
) -> tuple[S, ...]:
    """See :meth:`~veml_lab.versions.data.DataVersion.split`."""
    shares = [share, 1 - share] if isinstance(share, (int, float)) else [float(s) for s in share]
    if len(names) < 2 or len(shares) != len(names):
        raise BadInput(
            f"split needs two or more names and one share for each; got {len(names)} names and the shares {shares}"
        )
    if len(set(names)) < len(names):
        raise BadInput(f"each part of a split has a name of its own, got {', '.join(map(repr, names))}")
    if not all(0 < s < 1 for s in shares) or abs(sum(shares) - 1) > 1e-6:
        raise BadInput(f"shares must lie between 0 and 1 and add up to 1, got {', '.join(f'{s:g}' for s in shares)}")
    if by is not None and stratified:
        raise BadInput("a split is stratified or keeps groups together (by=...), not both")
    if roles and (len(roles) != len(names) or not set(roles) <= {"", "train", "test"}):
        raise BadInput(f"roles are 'train', 'test' or '', one for each of the {len(names)} parts; got {list(roles)}")
    operation: dict[str, Any] = {
        "operation": "split",
        "shares": shares,
        "seed": seed,
        "by": by,
        "stratified": stratified,
    }
    found = parts_of(version, operation)
    empty = [n for n, part in zip(names, found, strict=True) if not part]
    if empty:
        raise BadInput(
            f"the split of {version.name!r} leaves nothing for {empty[0]!r}; no part was made. Choose larger shares or"
            " smaller groups"
        )
    parts = [
        Part(name, ids, {**operation, "part": at}, {"role": roles[at]} if roles else {})
        for at, (name, ids) in enumerate(zip(names, found, strict=True))
    ]
    return tuple(derive_all(version, parts))


def gathered(
    parts: Sequence[tuple[S, BitMap64]], name: str, *, operation: str, role: str = "", details: Mapping[str, Any] = {}
) -> S:
    """Samples that were chosen from several versions elsewhere, as one version; each is read as its own part reads it.

    Parameters
    ----------
    parts
        Versions, and the samples that are taken from each.
    role
        Of the version that is made; "" keeps that of the first part.
    """
    first = parts[0][0]
    for other, _ in parts[1:]:
        _check_same_lab(first, other)
        _check_same_task(first, other)
    ids = parts[0][1].copy()
    for _, more in parts[1:]:
        ids |= more
    every = [v for v, _ in parts]
    layer, changes = merged_layer(first.store, [(v.facts.layer, i) for v, i in parts], [v.name for v in every])
    made = {"operation": operation, **details, "chosen": digest(ids)}
    props = {"layer": layer, **_about(every), **({"role": role} if role else {})}
    return derive(first, name, ids, made, others=every[1:], props=props, changes=changes)


def _make(version: S, name: str, operation: Mapping[str, Any], others: Sequence[SampleSet] = ()) -> S:
    return derive(version, name, compute(operation, [version, *others]), operation, others=others)


def _union(version: S, operation: str, name: str, others: Sequence[SampleSet]) -> S:
    for o in others:
        _check_same_lab(version, o)
        _check_same_task(version, o)
    made = {"operation": operation}
    every: list[SampleSet] = [version, *others]
    about = _about(every)
    sides = [(v.facts.layer, v.ids) for v in every]
    layer, changes = merged_layer(version.store, sides, [version.name, *(o.name for o in others)])
    return derive(
        version, name, compute(made, every), made, others=others, props={"layer": layer, **about}, changes=changes
    )


def _about(versions: Sequence[SampleSet]) -> dict[str, Any]:
    found = about_of_union([(v.name, v.facts.about) for v in versions])
    return {"about": found} if found else {}


def _arriving(version: SampleSet, name: str, source: Source | SampleSet, options: dict[str, Any]) -> SampleSet:
    if isinstance(source, SampleSet):
        usual = {"copy": None, "strict": False, "near_duplicates": False, "unread": "stop"}
        given = [k for k, value in usual.items() if options[k] != value]
        if given:
            raise BadInput(f"{', '.join(given)}: options of an import, and {source.name!r} is in the lab already")
        return source
    if not isinstance(source, Source):
        raise BadInput(f"give a source (veml_lab.read(...)) or a data version, got {type(source).__name__}")
    about_of_union([(version.name, version.facts.about), (source.root, source.about)])  # before anything is imported
    node = import_source(version.store, fitting(f"{name} · new"), source, split_roles=False, **options)
    return type(version)(version.store, node)


def _check_same_lab(a: SampleSet, b: SampleSet) -> None:
    if a.store.folder != b.store.folder:
        raise BadInput(f"{a.name!r} and {b.name!r} are in different labs; import one into the other's lab first")


def _check_same_task(a: SampleSet, b: SampleSet) -> None:
    """A merged version has one task; of the other part it would see nothing."""
    if a.task != b.task:
        raise BadInput(
            f"{a.name!r} is for {a.task}, {b.name!r} is for {b.task}; only versions of one task can be merged"
        )
    if a.facts.series != b.facts.series:  # a window only knows its step: of another series it would be another
        raise BadInput(
            f"{a.name!r} and {b.name!r} are windows of different sensor readings; only windows of one import can be"
            " merged"
        )
    if a.facts.preparation != b.facts.preparation:
        raise BadInput(
            f"{a.name!r} and {b.name!r} are prepared differently; merge them first and prepare the merged version"
        )

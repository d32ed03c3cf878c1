"""Similarity of data versions, and the ranking of donors that transfer reads."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..embeddings import embed
from ..embeddings.choice import embedders_of
from ..errors import BadInput, UnknownName
from ..execute import Asked
from ..geometry.coresets import CoreSet
from ..geometry.similarity import MEASURES, Similarity, compare
from ..intermediates.asking import Unmade, asking, due
from ..intermediates.asking import found as found_before
from ..storage.border import public
from ..versions import display
from ..versions.data import DataVersion
from ..versions.lab_cache import shelf_of
from ..versions.parts import check_one_kind, train_part
from ..versions.results import get_result, put_result, results_of
from ..versions.store import VersionStore, key_of
from ..versions.where import working_place
from .across import MEASURE as ACROSS
from .across import compare_across
from .core_sets import KeptCores

if TYPE_CHECKING:
    import numpy as np

    from ..embeddings import Embedder

DEFAULT_MEASURES = ("mean", "energy", "mean-all")
RESULT_KIND = "similarity"
OPERATION = "similarity matrix"  # of its costs: all but the vectors
K_ROBUST = 100  # centres behind the robust measures


@dataclass(frozen=True)
class DataSimilarity:
    """Pairwise similarity of data versions; small is similar.

    Attributes
    ----------
    names
        The versions, in the order of rows and columns.
    measures, error
        Matrices by measure, (m, m) lists; ``error`` is the spread over starts or the standard error.
    core
        Positions of each version's core set, to look at.
    embedder
        What the samples were embedded with.
    sizes
        Samples of each version that were compared.
    """

    store: VersionStore = field(repr=False)
    names: tuple[str, ...]
    measures: dict[str, list[list[float]]]
    error: dict[str, list[list[float]]]
    core: dict[str, list[int]]
    compared: dict[str, str]
    embedder: str
    k: int
    sizes: dict[str, int]

    def table(self) -> Similarity:
        """As the pure array result, for ``nearest``, ``closest_pair`` and ``groups``."""
        import numpy as np

        arrays = {m: np.array(v) for m, v in self.measures.items()}
        return Similarity(self.names, arrays, {m: np.array(v) for m, v in self.error.items()}, {})

    def closest_pair(self, measure: str = "energy") -> tuple[str, str]:
        """The two most similar versions."""
        return self.table().closest_pair(self._ranking(measure))

    def groups(self, measure: str = "energy", *, cut: float = 0.5) -> list[tuple[str, ...]]:
        """Versions that belong together: average linkage, cut at this share of the largest value."""
        return self.table().groups(self._ranking(measure), cut=cut)

    def _ranking(self, measure: str) -> str:
        """``measure``, or the only one there is where dimensions differ."""
        return ACROSS if measure == "energy" and set(self.measures) == {ACROSS} else measure

    def heatmap(self) -> display.Drawing:
        """The interactive heat map; click a cell to see both core sets."""
        return display.drawing("similarity", self)

    def to_dict(self) -> dict[str, Any]:
        """What ``veml similar --json`` prints."""
        return {
            "names": list(self.names),
            "measures": self.measures,
            "error": self.error,
            "core": self.core,
            "compared": self.compared,
            "embedder": self.embedder,
            "k": self.k,
            "sizes": self.sizes,
        }

    def __repr__(self) -> str:
        by = self._ranking(
            "energy" if "energy" in self.measures or ACROSS in self.measures else next(iter(self.measures))
        )
        groups = "; ".join(", ".join(g) for g in self.groups(by))
        words = (
            "distances within the sets, the dimensions differ"
            if by == ACROSS
            else "mean is the paper's measure, energy the robust one"
        )
        return f"{self.table()!r}\n\ngroups by {by}: {groups}\nembedder {self.embedder}, k={self.k}; {words}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> display.MimeBundle:
        return display.bundle("similarity", self)


@public
def similarity(
    versions: Sequence[DataVersion],
    *,
    embedder: Embedder | Mapping[str, Embedder] | None = None,
    measures: Sequence[str] | None = None,
    k: int | None = None,
    seed: int = 0,
    starts: int = 3,
    executor: Asked | None = None,
    progress: bool = True,
) -> DataSimilarity:
    """Compare every two data versions by core sets of their embeddings.

    Each version stands for itself, an import for its train part. The result is kept in the lab under
    the content of the versions and the parameters, and found there the next time; the core sets and
    all-data values of versions that were compared before are taken over.

    Parameters
    ----------
    versions
        Two or more, all pictures, all table rows or all sensor readings; ``lab.data`` are the imported data sets.
    embedder
        In place of the lab's: one for all, or one for each version by name. Where their dimensions differ there is no
        common space, and the measure is ``"gromov-wasserstein"``.
    measures
        Of :data:`~veml_lab.geometry.similarity.MEASURES` (``"mean"``: the paper's; ``"energy"``: robust;
        ``"mean-all"`` ...), or ``["gromov-wasserstein"]`` alone.
    k
        Centres of the paper's core sets; 10 if not given, 100 for Gromov-Wasserstein, as in the paper.
    starts
        Core sets from this many starts, for the spread in ``error``.
    executor
        Where samples are read and core sets are chosen; default: the lab's, else two threads and here.

    Returns
    -------
    DataSimilarity
        Matrices by measure, small is similar; in a notebook a heat map.

    Raises
    ------
    BadInput
        Fewer than two versions, different dimensions under another measure, no embedder for a version.
    UnknownName
        A measure that there is not.

    Source
    ------
    VeML, section IV.C, algorithm 1; section IV.D.4 for different dimensions.

    Examples
    --------
    >>> table = veml.similarity([city, town])
    >>> table.closest_pair()
    ('city', 'town')
    """
    versions = list(dict.fromkeys(versions))
    if len(versions) < 2:
        raise BadInput(f"similarity compares two or more data versions, got {len(versions)}; add a data set first")
    for m in measures or ():
        if m not in MEASURES and m != ACROSS:
            raise UnknownName.of("measure", m, [*MEASURES, ACROSS])
    if measures is not None and ACROSS in measures and len(measures) > 1:
        raise BadInput(f"{ACROSS} has core sets of its own: ask for it alone")
    check_one_kind(versions)
    embedder = embedder or embedders_of(versions, progress=progress)
    by_name = by_name_of(versions, embedder)
    dims = {n: e.dim for n, e in by_name.items()}
    same = len({e.fingerprint for e in by_name.values()}) == 1
    if not same and measures is not None and list(measures) != [ACROSS]:
        listed = ", ".join(f"{n} {d}" for n, d in dims.items())
        raise BadInput(
            f"the versions have different embedders (dimensions {listed}): there is no common space for"
            f" {measures[0]!r}; take one embedder, or measures=[{ACROSS!r}]"
        )
    chosen = tuple(measures or (DEFAULT_MEASURES if same else (ACROSS,)))
    if k is None:
        k = 100 if chosen == (ACROSS,) else 10
    store = versions[0].store
    parts = {v.name: train_part(v) for v in versions}
    fingerprints = {e.fingerprint for e in by_name.values()}
    parameters = {"measures": list(chosen), "k": k, "seed": seed, "starts": starts}
    parameters["embedder"] = fingerprints.pop() if same else {n: e.fingerprint for n, e in sorted(by_name.items())}
    keys = {n: p.key if same else key_of(p.key, by_name[n].fingerprint) for n, p in parts.items()}
    key = key_of("similarity", {n: p.key for n, p in parts.items()}, parameters)
    value, shelf = get_result(store, key), shelf_of(store)
    said = f"similarity of {', '.join(parts)}"
    cores = None
    if same:
        sizes = {"paper": k, "robust": K_ROBUST}
        cores = KeptCores(shelf, parts, next(iter(by_name.values())).fingerprint, sizes, seed)
    if value is not None:
        found_before(said, shelf.costs.expected(OPERATION, len(parts) ** 2))
    elif asking() is not None:
        for n, p in parts.items():
            embed(p, by_name[n])
        if cores is not None and chosen != (ACROSS,):
            cores.say([(kind, s, n) for kind in _kinds(chosen) for s in range(starts) for n in parts])
        due(said, shelf.costs.expected(OPERATION, len(parts) ** 2))
        return Unmade(said)  # type: ignore[return-value]
    else:
        vectors = {n: embed(p, by_name[n], executor=executor, progress=progress) for n, p in parts.items()}
        began = time.perf_counter()
        how = {m: v for m, v in parameters.items() if m != "embedder" or same}
        known = _known(store, keys, how, vectors)
        if chosen == (ACROSS,):
            table = compare_across(vectors, k=k, seed=seed, starts=starts, known=known)
        else:
            with working_place(store, executor) as where:
                table = compare(
                    vectors,
                    measures=chosen,
                    k=k,
                    k_robust=K_ROBUST,
                    seed=seed,
                    starts=starts,
                    known=known,
                    each=where.pool.map,
                    cores=cores,
                )
        value = {
            "names": list(table.names),
            "measures": {m: v.tolist() for m, v in table.measures.items()},
            "error": {m: v.tolist() for m, v in table.error.items()},
            "core": {n: c.index.tolist() for n, c in table.core_sets.items()},
            "compared": {n: p.name for n, p in parts.items()},
            "embedder": (
                repr(embedder)
                if not isinstance(embedder, Mapping)
                else "; ".join(f"{n}: {e!r}" for n, e in by_name.items())
            ),
            "k": k,
            "sizes": {n: len(p) for n, p in parts.items()},
            "again": {"keys": keys, "how": how, **_without_points(table)},
        }
        put_result(store, key, RESULT_KIND, value)
        shelf.costs.note(OPERATION, time.perf_counter() - began, len(parts) ** 2)
    return from_dict(store, value)


def _kinds(measures: Sequence[str]) -> list[str]:
    """The kinds of core set that a comparison under these measures chooses."""
    return [kind for kind in ("paper", "robust") if kind in {MEASURES[m] for m in measures}]


def by_name_of(versions: Sequence[DataVersion], embedder: Embedder | Mapping[str, Embedder]) -> dict[str, Embedder]:
    if not isinstance(embedder, Mapping):
        return {v.name: embedder for v in versions}
    missing = [v.name for v in versions if v.name not in embedder]
    if missing:
        raise BadInput(f"there is no embedder for {', '.join(missing)}; known: {', '.join(embedder)}")
    return {v.name: embedder[v.name] for v in versions}


def _without_points(table: Similarity) -> dict[str, Any]:
    """What :func:`_known` needs, without the points: these lie in the embedding store already."""

    def small(cores: dict[str, CoreSet]) -> dict[str, Any]:
        fields = {n: (c.index.tolist(), c.radius, c.radii.tolist(), c.method, c.seed) for n, c in cores.items()}
        return {n: [*f, cores[n].mass.tolist()] for n, f in fields.items()}

    return {
        "parameters": table.parameters,
        "core_sets": small(table.core_sets),
        "robust_sets": small(table.robust_sets),
    }


def _known(
    store: VersionStore, keys: dict[str, str], how: dict[str, Any], vectors: dict[str, np.ndarray]
) -> Similarity | None:
    """The stored comparison, made in the same way, that knows most of these versions; None if none knows two."""
    import numpy as np

    best: tuple[int, dict[str, Any], list[str]] | None = None
    for _, value in results_of(store, RESULT_KIND):
        again = value.get("again", {})
        names = [n for n in value["names"] if n in keys and again.get("keys", {}).get(n) == keys[n]]
        if again.get("how") == how and len(names) > (best[0] if best else 1):
            best = len(names), value, names
    if best is None:
        return None
    _, value, names = best
    at = np.ix_(*[[value["names"].index(n) for n in names]] * 2)

    def cores(kind: str) -> dict[str, CoreSet]:
        found = {}
        for n, (index, radius, radii, method, seed, mass) in value["again"][kind].items():
            if n in names:
                rows = np.array(index, np.int64)
                found[n] = CoreSet(rows, vectors[n][rows], radius, np.array(radii), method, seed, np.array(mass))
        return found

    matrices, errors = ({m: np.array(v)[at] for m, v in value[w].items()} for w in ("measures", "error"))
    return Similarity(
        tuple(names), matrices, errors, cores("core_sets"), cores("robust_sets"), value["again"]["parameters"]
    )


def from_dict(store: VersionStore, value: dict[str, Any]) -> DataSimilarity:
    """A stored similarity; its measures in the order of :data:`MEASURES`, which a catalog does not keep."""
    order = [m for m in (*MEASURES, ACROSS) if m in value["measures"]]
    value = value | {w: {m: value[w][m] for m in order} for w in ("measures", "error")}
    return DataSimilarity(
        store, tuple(value["names"]), **{k: v for k, v in value.items() if k not in ("names", "again")}
    )

"""Similarity of data versions, and the ranking of donors that transfer reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..embeddings import embed
from ..errors import BadInput, UnknownName
from ..geometry.ranking import rank
from ..geometry.similarity import MEASURES, Similarity, compare
from ..versions import display
from ..versions.data import DataVersion
from ..versions.results import get_result, put_result
from ..versions.store import VersionStore, key_of
from ..versions.training import TrainingVersion, trainings_of

if TYPE_CHECKING:
    from ..embeddings import Embedder

DEFAULT_MEASURES = ("mean", "energy", "mean-all")
RESULT_KIND = "similarity"


def train_part(version: DataVersion) -> DataVersion:
    """The part of an import that stands for it: its train part if it has one, else itself."""
    graph = version.store.graph()
    for e in graph.out[version.id]:
        if e.type == "derived_from" and e.props.get("by") == "role" and e.props.get("role") == "train":
            return DataVersion(version.store, graph.nodes[e.dst])
    return version


def data_sets(store: VersionStore) -> list[DataVersion]:
    """The imported data sets of a lab: what is compared if nobody says what; test data from production is left out."""
    versions = [DataVersion(store, n) for n in store.graph().of_kind("data") if n.props.get("source")]
    return [v for v in versions if v.role != "test"]


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
        return self.table().closest_pair(measure)

    def heatmap(self, **options: Any) -> Any:
        """The interactive heat map; click a cell to see both core sets."""
        return display.draw("similarity", self, **options)

    def to_dict(self) -> dict[str, Any]:
        """What ``veml similar --json`` prints."""
        return {
            "names": list(self.names), "measures": self.measures, "error": self.error, "core": self.core,
            "compared": self.compared, "embedder": self.embedder, "k": self.k, "sizes": self.sizes,
        }  # fmt: skip

    def __repr__(self) -> str:
        return f"{self.table()!r}\n\nembedder {self.embedder}, k={self.k}; mean is the paper's measure, energy the robust one"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return display.draw("similarity", self)


def similarity(
    versions: Sequence[DataVersion],
    embedder: Embedder,
    *,
    measures: Sequence[str] = DEFAULT_MEASURES,
    k: int = 10,
    seed: int = 0,
    starts: int = 3,
    progress: bool = True,
) -> DataSimilarity:
    """Compare every two data versions by core sets of their embeddings.

    Each version stands for itself, an import for its train part. The result is kept in the lab under
    the content of the versions and the parameters, and found there the next time.

    Parameters
    ----------
    k
        Centres of the paper's core sets (10 in the paper).
    starts
        Core sets from this many starts, for the spread in ``error``.

    Source
    ------
    VeML, section IV.C, algorithm 1.
    """
    versions = list(dict.fromkeys(versions))
    if len(versions) < 2:
        raise BadInput(f"similarity compares two or more data versions, got {len(versions)}; add a data set first")
    for m in measures:
        if m not in MEASURES:
            raise UnknownName.of("measure", m, MEASURES)
    store = versions[0].store
    parts = {v.name: train_part(v) for v in versions}
    parameters = {"measures": list(measures), "k": k, "seed": seed, "starts": starts, "embedder": embedder.fingerprint}
    key = key_of("similarity", {n: p.key for n, p in parts.items()}, parameters)
    value = get_result(store, key)
    if value is None:
        vectors = {n: embed(p, embedder, progress=progress) for n, p in parts.items()}
        table = compare(vectors, measures=measures, k=k, seed=seed, starts=starts)
        value = {
            "names": list(table.names),
            "measures": {m: v.tolist() for m, v in table.measures.items()},
            "error": {m: v.tolist() for m, v in table.error.items()},
            "core": {n: c.index.tolist() for n, c in table.core_sets.items()},
            "compared": {n: p.name for n, p in parts.items()},
            "embedder": repr(embedder),
            "k": k,
            "sizes": {n: len(p) for n, p in parts.items()},
        }
        put_result(store, key, RESULT_KIND, value)
    return from_dict(store, value)


def from_dict(store: VersionStore, value: dict[str, Any]) -> DataSimilarity:
    """A stored similarity."""
    return DataSimilarity(store, tuple(value["names"]), **{k: v for k, v in value.items() if k != "names"})


@dataclass(frozen=True)
class Donor:
    """One data version in a ranking, with the best training that could be transferred."""

    data: DataVersion
    values: dict[str, float]
    training: TrainingVersion | None

    def __repr__(self) -> str:
        values = ", ".join(f"{m} {v:.4g}" for m, v in self.values.items())
        return f"<donor {self.data.name!r}: {values}; {self.training.name if self.training else 'no lifecycle yet'}>"


@dataclass(frozen=True)
class Ranking:
    """Data versions by similarity to a target, the most similar first.

    Attributes
    ----------
    clear
        False where no data version is near enough: the paper advises to train from scratch then.
    advice
        That in words.
    """

    target: DataVersion
    donors: tuple[Donor, ...]
    measure: str
    clear: bool
    advice: str

    def __len__(self) -> int:
        return len(self.donors)

    def __getitem__(self, i: Any) -> Any:
        return self.donors[i]

    def best(self) -> Donor | None:
        """The most similar donor that has a lifecycle to transfer, or None."""
        return next((d for d in self.donors if d.training is not None), None)

    def to_dict(self) -> dict[str, Any]:
        """What ``veml similar LAB NAME --json`` prints."""
        donors = [
            {"name": d.data.name, **d.values, "training": d.training.name if d.training else None} for d in self.donors
        ]  # fmt: skip
        return {"target": self.target.name, "measure": self.measure, "clear": self.clear, "advice": self.advice, "donors": donors}

    def __repr__(self) -> str:
        width = max([len(d.data.name) for d in self.donors] + [4])
        names = list(self.donors[0].values) if self.donors else []
        lines = [f"Most similar to {self.target.name} by {self.measure}: {self.advice}"]
        lines.append("  " + "data".ljust(width) + "".join(n.rjust(12) for n in names) + "  best lifecycle")
        for d in self.donors:
            values = "".join(f"{d.values[n]:.4g}".rjust(12) for n in names)
            best = d.training
            shown = f"{best.name} ({best.metric_name} {best.metric:.3f})" if best and best.metric is not None else "-"
            lines.append("  " + d.data.name.ljust(width) + values + "  " + shown)
        return "\n".join(lines)


def most_similar(
    target: DataVersion,
    among: Sequence[DataVersion],
    embedder: Embedder,
    *,
    measure: str = "energy",
    threshold: float | None = None,
    k: int = 10,
    seed: int = 0,
    progress: bool = True,
) -> Ranking:
    """Rank data versions as donors for a target.

    Parameters
    ----------
    measure
        The ranking one; the paper's ``mean`` is shown beside it.
    threshold
        The largest value without unit that counts as clearly similar; see
        :func:`veml_lab.geometry.ranking.most_similar`, which also says what the default means.

    Source
    ------
    VeML, section IV.D, algorithm 2 and the discussion of top-k*; the paper sets its threshold by eye.
    """
    others = [v for v in among if v != target and train_part(v) != target and train_part(target) != v]
    if not others:
        raise BadInput(f"there is no other data version to compare {target.name!r} with; add one first")
    measures = tuple(dict.fromkeys([measure, *DEFAULT_MEASURES]))
    vectors = {v.name: embed(train_part(v), embedder, progress=progress) for v in [target, *others]}
    table = compare(vectors, measures=measures, k=k, seed=seed)
    found = rank(table, target.name, measure=measure, threshold=threshold)
    by_name = {v.name: v for v in others}
    at = {n: i for i, n in enumerate(table.names)}
    donors = []
    for c in found.candidates:
        values = {m: float(table.measures[m][at[target.name], at[c.name]]) for m in measures}
        runs = trainings_of(target.store, by_name[c.name])
        donors.append(Donor(by_name[c.name], values | {"relative": c.relative}, runs[0] if runs else None))
    advice = found.reason if found.chosen else f"{found.reason}; train from scratch beside a transfer"
    return Ranking(target, tuple(donors), measure, bool(found.chosen), advice)

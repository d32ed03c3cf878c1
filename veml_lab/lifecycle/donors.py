"""Data versions as donors for a new one: ranked by similarity, each with the lifecycle that could be transferred."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._html import table
from ..embeddings import embed
from ..embeddings.choice import embedders_of
from ..errors import BadInput
from ..geometry.ranking import rank
from ..geometry.similarity import compare
from ..geometry.wasserstein import gromov_wasserstein
from ..storage.border import public
from ..versions.data import DataVersion
from ..versions.parts import check_one_kind, data_sets, train_part
from ..versions.training import TrainingVersion, trainings_of
from .across import MEASURE as ACROSS
from .similarity import DEFAULT_MEASURES, by_name_of, similarity

if TYPE_CHECKING:
    from ..embeddings import Embedder

ACROSS_THRESHOLD = 1.5  # of Gromov-Wasserstein, in distances between the halves of the target; by eye, as the paper's


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

    def _repr_html_(self) -> str:
        measures = list(self.donors[0].values) if self.donors else []
        rows = [
            [
                d.data.name,
                *(f"{d.values[m]:.4g}" for m in measures),
                d.training.name if d.training else "none yet",
                d.training.summary() if d.training else "",
            ]
            for d in self.donors
        ]
        best = next((i for i, d in enumerate(self.donors) if d.training is not None), None)
        above = f"Most similar to {self.target.name} by {self.measure}: {self.advice}"
        strong = [] if best is None else [best]
        return table(["data", *measures, "lifecycle", ""], rows, above=above, strong=strong)

    def best(self) -> Donor | None:
        """The most similar donor that has a lifecycle to transfer, or None."""
        return next((d for d in self.donors if d.training is not None), None)

    def to_dict(self) -> dict[str, Any]:
        """What ``veml similar LAB NAME --json`` prints."""
        donors = [
            {"name": d.data.name, **d.values, "training": d.training.name if d.training else None} for d in self.donors
        ]
        return {
            "target": self.target.name,
            "measure": self.measure,
            "clear": self.clear,
            "advice": self.advice,
            "donors": donors,
        }

    def __repr__(self) -> str:
        width = max([len(d.data.name) for d in self.donors] + [4])
        names = list(self.donors[0].values) if self.donors else []
        lines = [f"Most similar to {self.target.name} by {self.measure}: {self.advice}"]
        lines.append("  " + "data".ljust(width) + "".join(n.rjust(12) for n in names) + "  best lifecycle")
        for d in self.donors:
            values = "".join(f"{d.values[n]:.4g}".rjust(12) for n in names)
            best = d.training
            shown = (
                f"{best.name} ({best.metric_name} {best.judged_by.format(best.metric)})"
                if best and best.metric is not None
                else "-"
            )
            lines.append("  " + d.data.name.ljust(width) + values + "  " + shown)
        return "\n".join(lines)


@public
def most_similar(
    target: DataVersion,
    among: Sequence[DataVersion] | None = None,
    *,
    embedder: Embedder | Mapping[str, Embedder] | None = None,
    measure: str = "energy",
    threshold: float | None = None,
    k: int = 10,
    seed: int = 0,
    progress: bool = True,
) -> Ranking:
    """Rank data versions as donors for a target.

    Parameters
    ----------
    target
        The data that has no lifecycle yet.
    among
        Donors; default: the lab's other data sets of the same kind.
    embedder
        In place of the lab's: one for all, or one for each version by name. Then there is no common space, and the
        ranking is by Gromov-Wasserstein, beside the distance of the target's own two halves, in their order.
    measure
        The ranking one; the paper's ``mean`` is shown beside it.
    threshold
        The largest value without unit that counts as clearly similar; see
        :func:`veml_lab.geometry.ranking.rank`, which also says what the default means.

    Source
    ------
    VeML, section IV.D, algorithm 2 and the discussion of top-k*; the paper sets its threshold by eye.

    Returns
    -------
    Ranking
        Donors, the nearest first, each with its best lifecycle; it says where nothing is clearly similar.

    Examples
    --------
    >>> near = veml.most_similar(town, [city])
    >>> near.best().training.name
    'city detector'
    """
    if among is None:
        among = [v for v in data_sets(target.store) if v.facts.nature == target.facts.nature]
    others = others_of(target, among)  # before an autoencoder is trained for nothing
    check_one_kind([target, *others])
    embedder = embedder or embedders_of([target, *others], progress=progress)
    if isinstance(embedder, Mapping) and len({e.fingerprint for e in embedder.values()}) > 1:
        return _most_similar_across(target, others, embedder, threshold=threshold, k=k, seed=seed, progress=progress)
    if isinstance(embedder, Mapping):
        embedder = next(iter(embedder.values()))
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
        donors.append(
            Donor(
                by_name[c.name], {measure: values[measure], "relative": c.relative} | values, runs[0] if runs else None
            )
        )
    advice = found.reason if found.chosen else f"{found.reason}; train from scratch beside a transfer"
    return Ranking(target, tuple(donors), measure, bool(found.chosen), advice)


def others_of(target: DataVersion, among: Sequence[DataVersion]) -> list[DataVersion]:
    """Those of ``among`` that are neither the target nor its train part; an error if there are none."""
    others = [v for v in among if v != target and train_part(v) != target and train_part(target) != v]
    if not others:
        raise BadInput(f"there is no other data version to compare {target.name!r} with; add one first")
    return others


def _most_similar_across(
    target: DataVersion,
    others: Sequence[DataVersion],
    embedder: Mapping[str, Embedder],
    *,
    threshold: float | None,
    k: int,
    seed: int,
    progress: bool,
) -> Ranking:
    """The ranking where every version has a space of its own; ``relative`` is in distances of the target's own
    halves."""
    limit = ACROSS_THRESHOLD if threshold is None else threshold
    table = similarity(
        [target, *others], embedder=embedder, measures=[ACROSS], k=max(k, 100), seed=seed, progress=progress
    )
    own = embed(train_part(target), by_name_of([target], embedder)[target.name], progress=progress)
    unit = gromov_wasserstein(own[: len(own) // 2], own[len(own) // 2 :], k=max(k, 100), seed=seed, cores=3).value
    row = table.measures[ACROSS][table.names.index(target.name)]
    donors = []
    for v in others:
        value = row[table.names.index(v.name)]
        runs = trainings_of(target.store, v)
        donors.append(
            Donor(v, {ACROSS: value, "relative": value / unit if unit > 0 else float("inf")}, runs[0] if runs else None)
        )
    donors.sort(key=lambda d: d.values[ACROSS])
    near = [d for d in donors if d.values["relative"] <= limit]
    best = donors[0]
    reason = (
        f"{best.data.name} is {best.values['relative']:.2f} times as far as the two halves of {target.name} from each"
        " other"
    )
    advice = reason if near else f"no clear similarity: {reason}, above {limit:g}; train from scratch beside a transfer"
    return Ranking(target, tuple(donors), ACROSS, bool(near), advice)

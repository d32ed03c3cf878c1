"""Data versions as donors for a new one: ranked by similarity, each with the lifecycle that could be transferred."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..embeddings import embed
from ..embeddings.choice import embedders_of
from ..errors import BadInput, UnknownName, VemlError
from ..geometry.ranking import rank
from ..geometry.similarity import compare
from ..geometry.wasserstein import gromov_wasserstein
from ..storage.border import public
from ..versions.data import DataVersion
from ..versions.parts import check_one_kind, data_sets, train_part
from ..versions.training import trainings_of
from .across import MEASURE as ACROSS
from .prospects import CLEAR, UNCLEAR, features_of, known_share, prospects_of
from .ranking import By, Donor, Ranking
from .similarity import DEFAULT_MEASURES, by_name_of, similarity
from .worth import label_distance_of, labelled, worth

if TYPE_CHECKING:
    from ..embeddings import Embedder

SCORED = 20  # donors, the nearest ones, whose networks are asked: similarity is the first sieve
ACROSS_THRESHOLD = 1.5  # of Gromov-Wasserstein, in distances between the halves of the target; by eye, as the paper's


@public
def most_similar(
    target: DataVersion,
    among: Sequence[DataVersion] | None = None,
    *,
    embedder: Embedder | Mapping[str, Embedder] | None = None,
    measure: str = "energy",
    by: By | None = None,
    threshold: float | None = None,
    k: int = 10,
    seed: int = 0,
    progress: bool = True,
) -> Ranking:
    """Rank data versions as donors for a target.

    Similarity of the data is the first sieve and needs neither labels nor networks. Where the target has labels and a
    donor a network that can be asked, what that network sees in the target decides: it names the best donor far more
    often (docs/results/donors.md).

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
        Of the similarity; the paper's ``mean`` is shown beside it.
    by
        ``"similarity"``: in the order of ``measure``, as the paper ranks. ``"worth"``: what the networks of the nearest
        20 donors see in the target's labelled samples (:func:`veml_lab.worth`). Default: worth where it can be told.
    threshold
        The largest value without unit that counts as clearly similar; see
        :func:`veml_lab.geometry.ranking.rank`, which also says what the default means.

    Source
    ------
    VeML, section IV.D, algorithm 2 and the discussion of top-k*; the paper sets its threshold by eye.

    Returns
    -------
    Ranking
        Donors, the best first, each with its best lifecycle; it says where nothing promises more than scratch.

    Raises
    ------
    BadInput
        Nothing to compare with; ``by="worth"`` where no donor can be scored.

    Examples
    --------
    >>> near = veml.most_similar(town, [city])
    >>> near.best().data.name
    'city'
    """
    if among is None:
        among = [v for v in data_sets(target.store) if v.facts.nature == target.facts.nature]
    others = others_of(target, among)  # before an autoencoder is trained for nothing
    check_one_kind([target, *others])
    embedder = embedder or embedders_of([target, *others], progress=progress)
    if isinstance(embedder, Mapping) and len({e.fingerprint for e in embedder.values()}) > 1:
        found = _most_similar_across(target, others, embedder, threshold=threshold, k=k, seed=seed, progress=progress)
        return _by_worth(found, by, None, progress)
    if isinstance(embedder, Mapping):
        embedder = next(iter(embedder.values()))
    measures = tuple(dict.fromkeys([measure, *DEFAULT_MEASURES]))
    vectors = {v.name: embed(train_part(v), embedder, progress=progress) for v in [target, *others]}
    table = compare(vectors, measures=measures, k=k, seed=seed)
    ranked = rank(table, target.name, measure=measure, threshold=threshold)
    by_name = {v.name: v for v in others}
    at = {n: i for i, n in enumerate(table.names)}
    donors = []
    for c in ranked.candidates:
        values = {m: float(table.measures[m][at[target.name], at[c.name]]) for m in measures}
        runs = trainings_of(target.store, by_name[c.name])
        donors.append(
            Donor(
                by_name[c.name], {measure: values[measure], "relative": c.relative} | values, runs[0] if runs else None
            )
        )
    advice = ranked.reason if ranked.chosen else f"{ranked.reason}; train from scratch beside a transfer"
    return _by_worth(Ranking(target, tuple(donors), measure, bool(ranked.chosen), advice), by, embedder, progress)


def _by_worth(ranking: Ranking, by: By | None, embedder: Embedder | None, progress: bool) -> Ranking:
    """The same donors in the order of what their networks see in the target, where that can be told."""
    from tqdm.auto import tqdm

    if by not in (None, "worth", "similarity"):
        raise UnknownName.of("order of donors", by, ("worth", "similarity"))
    target = ranking.target
    have = [d for d in ranking.donors if d.training is not None][:SCORED]
    if by == "similarity" or not have or not labelled(target):
        if by == "worth":
            raise BadInput(
                f"no donor of {target.name!r} can be scored: "
                + ("none has a lifecycle yet; train one first" if not have else "it has no labels; label some of it")
            )
        return ranking
    scored = {}
    for d in tqdm(have, desc=f"score donors for {target.name}", unit="donor", disable=not progress, leave=False):
        assert d.training is not None
        try:
            far = None if embedder is None else label_distance_of(target, d.data, embedder)
            values = d.values if far is None else d.values | {"label": far}
            scored[d.data.id] = replace(d, values=values, worth=worth(d.training, target))
        except VemlError as e:  # one donor whose weights are gone or that is of another task says so in its row
            scored[d.data.id] = replace(d, unscored=str(e))
    donors = [scored.get(d.data.id, d) for d in ranking.donors]
    if not any(d.worth for d in donors):
        if by == "worth":
            raise BadInput(
                f"no donor of {target.name!r} can be scored: {next(d.unscored for d in donors if d.unscored)}"
            )
        return replace(ranking, donors=tuple(donors))
    order = _order([d for d in donors if d.worth])
    donors.sort(key=lambda d: order.get(d.data.id, float("inf")))  # stable: those without a worth stay nearest first
    return _with_prospects(replace(ranking, donors=tuple(donors), by="worth"))


def _order(scored: list[Donor]) -> dict[str, float]:
    """What sorts scored donors, the smallest first: LogME, and from three on the distance with labels beside it.

    Each in units of its spread among the donors; over the zoo both together choose better than either
    (docs/results/donors.md).
    """
    import numpy as np

    def spread(values: list[float]) -> np.ndarray:
        x = np.array(values)
        return (x - x.mean()) / max(float(x.std()), 1e-12)

    place = -spread([d.worth.scores["logme"] for d in scored if d.worth])
    if len(scored) > 2 and all("label" in d.values for d in scored):
        place = place + spread([d.values["label"] for d in scored])
    return {d.data.id: float(p) for d, p in zip(scored, place, strict=True)}


def _with_prospects(ranking: Ranking) -> Ranking:
    """With what each scored donor's transfer should bring, and advice by that, where transfers like it are known."""
    target = train_part(ranking.target)
    known = prospects_of(target.store, target.facts.trains_as)
    if known is None:
        return ranking
    donors = tuple(
        replace(d, expected=known.expected(features_of(d.worth, len(target), known_share(d.training, target))))
        if d.worth is not None and d.training is not None
        else d
        for d in ranking.donors
    )
    best = donors[0]
    assert best.expected is not None and best.training is not None  # the first one is scored
    e = best.expected
    learned = (
        f"learned from {e.cases:,} transfers, {e.own} of this lab" if e.own else f"from {e.cases:,} transfers of a zoo"
    )
    promise = f"{best.training.name} promises {e} over scratch, a chance of {e.chance:.0%} to be better ({learned})"
    if e.chance >= CLEAR:
        advice = promise
    elif e.chance >= UNCLEAR:
        advice = f"no clear gain: {promise}; train from scratch beside a transfer"
    else:
        advice = f"train from scratch: no donor promises more; the first, {promise}"
    return replace(ranking, donors=donors, clear=e.chance >= CLEAR, advice=advice)


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

"""Active learning: which samples of a pool should be labelled first.

A learner is one function in :data:`LEARNERS`. Those of the first group look only at embeddings, those
of the second also ask the trained model, and so need a training. Another package adds one by an entry point
``veml_lab.learners`` that gives a :class:`Learner`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .. import _plugins
from ..embeddings import embed
from ..embeddings.of_training import training_embedder
from ..errors import BadInput, UnknownName
from ..evaluation.prediction import Prediction
from ..training.predicted import prediction_of
from ..versions.data import DataVersion
from ..versions.training import TrainingVersion

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..embeddings import Embedder


@dataclass(frozen=True)
class Pool:
    """What a learner sees; vectors and predictions are computed when it asks for them."""

    unlabelled: DataVersion
    labelled: DataVersion
    embedder: Embedder
    training: TrainingVersion | None
    seed: int
    progress: bool

    def vectors(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Embeddings of the labelled samples and of the pool, (m, d) and (n, d)."""
        return tuple(embed(v, self.embedder, progress=self.progress) for v in (self.labelled, self.unlabelled))  # type: ignore[return-value]

    def asked(self) -> TrainingVersion:
        """The training; a learner that needs one is refused without."""
        if self.training is None:
            raise BadInput(
                "this learner asks the trained model; give the training, or choose by embeddings (typiclust, probcover"
                " ...)"
            )
        return self.training

    def prediction(self) -> Prediction:
        """What the training says of the pool."""
        return prediction_of(self.asked(), self.unlabelled, progress=self.progress)


@dataclass(frozen=True)
class Learner:
    """An active learner: what it does, where it is from, and its function ``(pool, n) -> positions``."""

    about: str
    choose: Callable[[Pool, int], NDArray[np.int64] | list[int]]
    asks_model: bool = False

    def __str__(self) -> str:
        return self.about


def learner_named(name: str) -> Learner:
    """The learner of that name, of ours or of another package."""
    found = LEARNERS.get(name) or _plugins.load("learners", name, LEARNERS, needs=("about", "choose"))
    if found is None:
        raise UnknownName.of("active learner", name, [*LEARNERS, *_plugins.plug_ins("learners", LEARNERS)])
    return found


def choose(
    pool: DataVersion,
    labelled: DataVersion,
    n: int,
    embedder: Embedder,
    *,
    learner: str = "typiclust",
    training: TrainingVersion | None = None,
    seed: int = 0,
    progress: bool = True,
) -> list[int]:
    """Positions in ``pool`` of the ``n`` samples that should be labelled first.

    Parameters
    ----------
    labelled
        Data whose labels are there already; the choice stays away from what it covers.
    training
        The model that is asked, for the learners that need one.

    Raises
    ------
    UnknownName
        There is no such learner.
    BadInput
        The budget does not fit the pool, or the learner needs a training, or one of another task.
    """
    picks = learner_named(learner)
    if pool.task == "forecasting":
        raise BadInput(
            f"{pool.name!r} holds sensor readings, whose labels are the readings that follow: there is none to choose"
            " or buy; use method='transfer'"
        )
    if not 1 <= n <= len(pool):
        raise BadInput(f"the budget of {n} labels does not fit {pool.name!r} with its {len(pool):,} samples")
    index = picks.choose(Pool(pool, labelled, embedder, training, seed, progress), n)
    return sorted(int(i) for i in index)


# -- by embeddings -------------------------------------------------------------------------------------


def _random(pool: Pool, n: int) -> NDArray[np.int64]:
    import numpy as np

    return np.random.default_rng(pool.seed).choice(len(pool.unlabelled), n, replace=False)


def _covering(pool: Pool, n: int, pick: Callable[..., NDArray[np.int64]]) -> list[int]:
    """Choose in labelled and pool together, the labelled ones being taken already."""
    import numpy as np

    known, new = pool.vectors()
    have = np.arange(len(known))
    index = pick(np.concatenate([known, new]), n, seed=pool.seed, labelled=have)
    return [int(i) - len(known) for i in index if i >= len(known)][:n]


def _typiclust(pool: Pool, n: int) -> list[int]:
    from ..geometry.coresets import typiclust

    return _covering(pool, n, lambda *a, **o: typiclust(*a, **o).index)


def _probcover(pool: Pool, n: int) -> list[int]:
    from ..geometry.coresets import core_set

    return _covering(pool, n, lambda *a, **o: core_set(*a, method="probcover", **o).index)


def _k_center(pool: Pool, n: int, skip: float = 0.0) -> list[int]:
    from ..geometry.coresets import k_center_greedy

    found = _covering(pool, n, lambda *a, **o: k_center_greedy(*a, skip_farthest=skip, **o).index)
    left = sorted(set(range(len(pool.unlabelled))) - set(found))  # what was skipped, where nothing else is left
    return found + left[: n - len(found)]


# -- by asking the model -------------------------------------------------------------------------------


def uncertainty(prediction: Prediction, kind: str) -> NDArray[np.float64]:
    """How unsure a model is of each sample, shape (n,), larger is less sure.

    ``"entropy"`` of the class probabilities, or one minus the ``"margin"`` of the two likeliest classes.
    A detector is as unsure of an image as of its five least sure boxes on average, each box being a yes
    or no of its score; an image without boxes counts as half unsure, for it may hold missed objects.
    """
    import numpy as np

    if prediction.probabilities is not None:
        p = np.clip(prediction.probabilities.astype(np.float64), 1e-12, 1)
        if kind == "entropy":
            return -(p * np.log(p)).sum(1)
        top = np.sort(p, axis=1)[:, -2:]
        return 1 - (top[:, -1] - top[:, 0]) if p.shape[1] > 1 else np.zeros(len(p))
    if prediction.detections is None:
        raise BadInput("uncertainty needs class probabilities or scored boxes; choose by embeddings instead")
    most = np.log(2) if kind == "entropy" else 1.0
    values = np.full(len(prediction.detections), most / 2)
    for i, d in enumerate(prediction.detections):
        s = np.clip(d["scores"].astype(np.float64), 1e-12, 1 - 1e-12)
        if len(s):
            each = -(s * np.log(s) + (1 - s) * np.log(1 - s)) if kind == "entropy" else 1 - np.abs(2 * s - 1)
            values[i] = np.sort(each)[-5:].mean()
    return values


def _least_sure(pool: Pool, n: int, kind: str) -> NDArray[np.int64]:
    import numpy as np

    # ties (a model that is quite sure of everything) in an order of their own, not in that of the files
    tie = np.random.default_rng(pool.seed).random(len(pool.unlabelled))
    return np.lexsort((tie, -uncertainty(pool.prediction(), kind)))[:n]


def _margin_k_means(pool: Pool, n: int, factor: int = 10) -> list[int]:
    import numpy as np
    from sklearn.cluster import KMeans

    unsure = uncertainty(pool.prediction(), "margin")
    x = embed(pool.unlabelled, pool.embedder, progress=pool.progress)
    rows = np.argsort(-unsure, kind="stable")[: factor * n]
    means = KMeans(n, n_init=1, random_state=pool.seed).fit(x[rows], sample_weight=unsure[rows] + 1e-9).cluster_centers_
    chosen: list[int] = []
    free = np.ones(len(rows), dtype=bool)
    for c in means:  # the nearest free sample of each mean: two means may share their nearest
        distance = np.where(free, ((x[rows] - c) ** 2).sum(1), np.inf)
        at = int(distance.argmin())
        free[at] = False
        chosen.append(int(rows[at]))
    return chosen


def _badge(pool: Pool, n: int) -> list[int]:
    """k-means++ among the gradients of the last layer, which are outer products ``(p - onehot) x h`` and never
    built."""
    import numpy as np

    prediction = pool.prediction()
    if prediction.probabilities is None:
        raise BadInput(
            "badge needs class probabilities, and so a classification training; choose entropy, margin or typiclust for"
            " others"
        )
    p = prediction.probabilities.astype(np.float64)
    h = embed(pool.unlabelled, training_embedder(pool.asked()), progress=pool.progress).astype(np.float64)
    a = p.copy()
    a[np.arange(len(p)), p.argmax(1)] -= 1
    squared = (a**2).sum(1) * (h**2).sum(1)
    rng = np.random.default_rng(pool.seed)
    chosen = [int(squared.argmax())]
    nearest = np.full(len(a), np.inf)
    while len(chosen) < n:
        c = chosen[-1]
        between = squared + squared[c] - 2 * (a @ a[c]) * (h @ h[c])
        nearest = np.minimum(nearest, np.maximum(between, 0))
        nearest[chosen] = 0
        total = nearest.sum()
        free = np.setdiff1d(np.arange(len(a)), chosen) if total <= 0 else None
        chosen.append(int(rng.choice(free)) if free is not None else int(rng.choice(len(a), p=nearest / total)))
    return chosen


LEARNERS: dict[str, Learner] = {
    "typiclust": Learner(
        "typical samples of clusters that hold no label yet: the default, best for small budgets", _typiclust
    ),
    "probcover": Learner("samples whose balls cover the most that is uncovered", _probcover),
    "k-center": Learner("the paper's: farthest first from everything labelled (spends labels on outliers)", _k_center),
    "k-center-skip": Learner("the same with the farthest 5 % skipped", lambda pool, n: _k_center(pool, n, skip=0.05)),
    "entropy": Learner(
        "the samples of the highest entropy under the old model", lambda pool, n: _least_sure(pool, n, "entropy"), True
    ),
    "margin": Learner(
        "the samples whose two likeliest classes are nearest", lambda pool, n: _least_sure(pool, n, "margin"), True
    ),
    "margin-k-means": Learner(
        "the unsure tenfold of the budget, then the middles of k-means clusters of it", _margin_k_means, True
    ),
    "badge": Learner(
        "k-means++ among the gradients of the last layer: unsure and diverse (classification)", _badge, True
    ),
    "random": Learner("the baseline", _random),
}

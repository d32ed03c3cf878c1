"""What a trained donor is worth to a labelled target: scores of its own network on a part of the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import process_time
from typing import TYPE_CHECKING, Any

from ..embeddings import embed
from ..errors import BadData, BadInput
from ..geometry.transferability import SCORES, label_distance
from ..storage.border import public
from ..training import backend
from ..training.backend import Seeing
from ..training.weight_files import file_hash
from ..versions.data import DataVersion
from ..versions.parts import train_part
from ..versions.results import get_result, put_result
from ..versions.samples import id_array
from ..versions.store import key_of
from ..versions.training import TrainingVersion

if TYPE_CHECKING:
    from ..embeddings import Embedder
    from ..training.backend import Seen

KIND = "donor worth"
MOST = {"classification": 400, "detection": 80}  # pictures that are looked at
PART_SEED = 0
LABELLED = 400  # samples of each set whose labels are moved


@dataclass(frozen=True)
class Worth:
    """Scores of a donor's network on a target; a larger one is a better donor.

    Attributes
    ----------
    scores
        By name: those of :data:`veml_lab.geometry.transferability.SCORES` that the network and the labels allow.
    fresh
        The same of an untrained network of the same recipe: what the donor has to be better than.
    samples
        Labelled pictures or regions that were looked at.
    seconds
        Processor time that looking and scoring took.
    """

    scores: Mapping[str, float]
    fresh: Mapping[str, float]
    samples: int
    seconds: float

    def __repr__(self) -> str:
        shown = ", ".join(f"{n} {v:.3g}" for n, v in self.scores.items())
        return f"<worth on {self.samples} samples: {shown}; {self.seconds:.2f} s>"


@public
def worth(training: TrainingVersion, target: DataVersion) -> Worth:
    """Score the network of a training as the start for other, labelled data.

    One forward pass over a part of the target (400 pictures, or 80 with their boxes), no training; kept in the lab and
    found there the next time.

    Raises
    ------
    BadInput
        Another task, a network whose features cannot be read, or a backend that does not show them.
    BadData
        The target has fewer than two classes with labels, or fewer than four labelled samples.
    DamagedLab
        The donor's weights are gone.

    Examples
    --------
    >>> sorted(veml.worth(run, town).scores)[:2]
    ['h-score', 'logme']
    """
    part = train_part(target)
    recipe = training.model.recipe
    if part.facts.trains_as != recipe["task"]:
        raise BadInput(f"{training.name!r} is for {recipe['task']}, {target.name!r} is for {part.task}")
    engine = backend(recipe["backend"])
    if not isinstance(engine, Seeing) or recipe["task"] not in MOST:
        raise BadInput(
            f"the backend {recipe['backend']} does not show what its {recipe['task']} networks see; the donor can be"
            " ranked by the similarity of its data only"
        )
    checkpoint = training.checkpoint
    key = key_of(KIND, 1, file_hash(checkpoint), part.key, MOST[recipe["task"]])
    value = get_result(part.store, key)
    if value is None:
        began = process_time()
        positions = _part(part, MOST[recipe["task"]])
        scores, n = _scored(engine.see(recipe, checkpoint, part, positions))
        value = {"scores": scores, "fresh": _fresh(engine, recipe, part, positions), "samples": n}
        value |= {"seconds": round(process_time() - began, 3), "training": training.name, "target": part.name}
        put_result(part.store, key, KIND, value)
    return Worth(value["scores"], value["fresh"], value["samples"], value["seconds"])


def label_distance_of(target: DataVersion, donor: DataVersion, embedder: Embedder) -> float | None:
    """Distance of two classified sets that moves labels with the pictures; None where one of them has no classes.

    See :func:`veml_lab.geometry.transferability.label_distance`; kept in the lab.
    """
    import numpy as np

    parts = [train_part(v) for v in (target, donor)]
    if any(p.facts.trains_as != "classification" or len(p.classes) < 2 for p in parts):
        return None
    key = key_of("label distance", 1, [p.key for p in parts], embedder.fingerprint)
    value = get_result(parts[0].store, key)
    if value is None:
        sets: list[np.ndarray] = []
        for p in parts:
            at = np.array(_part(p, LABELLED))
            said = p.annotations.table("class")
            labels = np.full(len(p), -1)
            labels[np.searchsorted(id_array(p), said["id"].to_numpy())] = np.searchsorted(
                sorted(p.classes), said["label"].to_pylist()
            )
            sets += [embed(p, embedder, progress=False)[at], labels[at]]
        value = {"distance": label_distance(*sets)}
        put_result(parts[0].store, key, "label distance", value)
    return value["distance"]


def labelled(target: DataVersion) -> bool:
    """Whether donors of the target can be scored at all: it has labels of a task that is scored."""
    part = train_part(target)
    return part.facts.trains_as in MOST and bool(part.classes)


def _fresh(engine: Seeing, recipe: Mapping[str, Any], part: DataVersion, positions: list[int]) -> dict[str, float]:
    """Scores of the untrained network; one recipe and target are scored once, whatever the donors."""
    plain = {k: v for k, v in recipe.items() if k not in ("classes", "num_classes", "parameters")}
    key = key_of("untrained worth", 1, plain, part.key, len(positions))
    value = get_result(part.store, key)
    if value is None:
        value = _scored(engine.see(recipe, None, part, positions, seed=PART_SEED))[0]
        put_result(part.store, key, "untrained worth", value)
    return value


def _part(data: DataVersion, most: int) -> list[int]:
    """Positions of a random part of the labelled samples, the same every time."""
    import numpy as np

    labelled = data.annotations.table("box" if data.task != "classification" else "class")["id"].to_numpy()
    positions = np.searchsorted(id_array(data), np.unique(labelled))
    if len(positions) < 4:
        raise BadData(f"{data.name!r} has {len(positions)} labelled samples; label 4 or more before a donor is scored")
    return np.sort(np.random.default_rng(PART_SEED).permutation(positions)[:most]).tolist()


def _scored(seen: Seen) -> tuple[dict[str, float], int]:
    return {
        s.name: s.of(seen.features if s.needs == "features" else seen.outputs, seen.labels)
        for s in SCORES.values()
        if s.needs == "features" or seen.outputs is not None
    }, len(seen.labels)

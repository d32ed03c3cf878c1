"""Core sets of data versions, kept: one run serves every smaller number of centres, and a comparison finds its own."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..embeddings import embed
from ..embeddings.choice import embedder_of
from ..geometry.coresets import CoreSet
from ..intermediates.asking import Unmade, asking, due
from ..intermediates.asking import found as found_before
from ..intermediates.keys import Step
from ..intermediates.shelf import MISSING, Shelf
from ..storage.border import public
from ..versions.data import DataVersion
from ..versions.lab_cache import shelf_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..embeddings import Embedder

PREFIXED = ("k-center", "k-center-skip")  # the first k centres of a longer run are those of a run at k


@public
def core_set(
    version: DataVersion,
    k: int = 10,
    *,
    method: str = "k-center",
    seed: int = 0,
    embedder: Embedder | None = None,
    progress: bool = True,
) -> CoreSet:
    """Choose a few samples that stand for a data version, by their embeddings.

    What was chosen is kept: the same is found, and of the greedy methods every smaller ``k`` too, since its centres are
    the first of a larger one. Both are what a new run gives, bit for bit. Asked for more than was kept, a run goes to
    twice of it, so that ten to a hundred cost three runs.

    Parameters
    ----------
    k
        How many.
    method
        Of :data:`~veml_lab.geometry.coresets.METHODS`.
    embedder
        In place of the lab's.

    Returns
    -------
    CoreSet
        ``index`` holds positions in the version.

    Raises
    ------
    BadInput
        ``k`` is more than there are samples.
    UnknownName
        A method that there is not.

    Source
    ------
    VeML, section IV.B.

    Examples
    --------
    >>> ten = veml.core_set(city, 10)
    >>> list(veml.core_set(city, 4).index) == list(ten.index[:4])
    True
    """
    from ..geometry.coresets import core_set as choose
    from ..geometry.points import check_k

    check_k(k, len(version))
    embedder = embedder or embedder_of(version, progress=progress)
    kept = _Kept(shelf_of(version.store), version, embedder, method, seed)
    vectors = embed(version, embedder, progress=progress)
    before = kept.find(k)
    if asking() is not None:
        kept.say(k, before)
        if before is None or isinstance(vectors, Unmade):
            return Unmade(kept.said(k))  # type: ignore[return-value]
    if before is not None:
        return CoreSet.of_parts(before, vectors)
    began = time.perf_counter()
    run = min(len(version), 2 * k) if kept.shorter(k) else k  # who asks for more and more is served by few runs
    core = choose(vectors, run, method=method, seed=seed)
    kept.keep(run, core, time.perf_counter() - began)
    return core if run == k else CoreSet.of_parts(cut(core.parts(), k), vectors)


def cut(parts: Mapping[str, Any], k: int) -> dict[str, Any]:
    """The parts of the core set of the first ``k`` centres; its mass is counted when it is asked for."""
    if len(parts["index"]) == k:
        return dict(parts)
    radii = parts["radii"][:k]
    return {**parts, "index": parts["index"][:k], "radius": float(radii[-1]), "radii": radii, "mass": None}


@dataclass(frozen=True)
class _Kept:
    """The core sets of one version by one method: an entry for the longest run, or for each k where there are no
    prefixes."""

    shelf: Shelf
    version: DataVersion
    embedder: Embedder
    method: str
    seed: int

    def step(self, k: int) -> Step:
        asked: dict[str, Any] = {"method": self.method, "seed": self.seed}
        if self.method not in PREFIXED:
            asked["k"] = k
        inputs = [self.version.content, self.embedder.fingerprint]
        return Step("core set", inputs, asked, ["veml_lab.geometry"], said=f"core set of {self.version.name!r}")

    def said(self, k: int) -> str:
        return f"core set of {k} of {self.version.name!r}"

    def find(self, k: int) -> Mapping[str, Any] | None:
        """The parts of the core set, cut from a longer one; None where there is none as long."""
        value = self.shelf.get(self.step(k).key)
        return None if value is MISSING or len(value["index"]) < k else cut(value, k)

    def shorter(self, k: int) -> bool:
        """Whether a shorter run is there, of a method whose runs begin alike."""
        return self.method in PREFIXED and self.shelf.find(self.step(k).key) is not None

    def keep(self, k: int, core: CoreSet, seconds: float) -> None:
        step = self.step(k)
        self.shelf.costs.note(step.operation, seconds, len(self.version) * k)
        self.shelf.put(step.key, core.parts(), operation=step.operation, seconds=seconds, said=self.said(k))

    def say(self, k: int, before: Mapping[str, Any] | None) -> None:
        expected = self.shelf.costs.expected("core set", len(self.version) * k)
        (found_before if before is not None else due)(self.said(k), expected)


class KeptCores:
    """The core sets of a comparison of versions; what :func:`~veml_lab.geometry.similarity.compare` asks."""

    def __init__(
        self,
        shelf: Shelf,
        versions: Mapping[str, DataVersion],
        fingerprint: str,
        sizes: Mapping[str, int],
        seed: int,
    ) -> None:
        self._shelf, self._versions, self._fingerprint = shelf, versions, fingerprint
        self._sizes, self._seed = sizes, seed

    def step(self, kind: str, start: int, name: str) -> Step:
        """The step of one core set."""
        return Step(
            "core set of a comparison",
            [self._versions[name].content, self._fingerprint],
            {"kind": kind, "k": self._sizes[kind], "seed": self._seed, "start": start},
            ["veml_lab.geometry"],
            said=f"{kind} core set of {name!r}, start {start + 1}",
        )

    def find(self, kind: str, start: int, name: str, data: NDArray) -> CoreSet | None:
        """From the shelf."""
        value = self._shelf.get(self.step(kind, start, name).key)
        return None if value is MISSING else CoreSet.of_parts(value, data)

    def keep(self, kind: str, start: int, name: str, core: CoreSet, seconds: float) -> None:
        """On the shelf, with the mass, which a comparison counts anyway."""
        step = self.step(kind, start, name)
        self._shelf.costs.note(step.operation, seconds)
        self._shelf.put(step.key, core.parts(mass=True), operation=step.operation, seconds=seconds, said=step.said)

    def say(self, tasks: list[tuple[str, int, str]]) -> None:
        """Note for whoever asks which are there."""
        for task in tasks:
            step = self.step(*task)
            entry = self._shelf.find(step.key)
            if entry is not None:
                found_before(step.said, entry.seconds)
            else:
                due(step.said, self._shelf.costs.expected(step.operation))

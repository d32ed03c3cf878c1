"""What every active learner keeps: as many samples as asked, each once, and the same again."""

from __future__ import annotations

from pathlib import Path

from ..lab import Lab
from ..lab import open as open_lab
from ..lifecycle.active import choose, learner_named
from ..lifecycle.planning import model, plan, train
from .made import coloured, refusal


class LearnerSuite:
    """``name`` names it; it chooses among small pictures, with a training where it asks one."""

    name: str

    def lab(self, folder: Path) -> Lab:
        """With ``known`` and ``pool``, and the training ``old`` where the learner asks a model."""
        lab = open_lab(folder / "lab")
        lab.use_embedder("squeezenet1_1", weights="random", size_px=32)
        known, _ = (lab.add(n, coloured(m, seed=s), progress=False) for n, m, s in (("known", 12, 0), ("pool", 30, 1)))
        if learner_named(self.name).asks_model:
            network = model(known, {"architecture": "resnet10", "width": 8, "size_px": [16, 16]}, name="tiny")
            train(plan(network, known, name="old", epochs=1, batch_size=6), progress=False)
        return lab

    def choose(self, lab: Lab, n: int, seed: int = 0) -> list[int]:
        """What it chooses of the pool."""
        old = lab.get("old", "training") if learner_named(self.name).asks_model else None
        pool, known = lab.get("pool", "data"), lab.get("known", "data")
        return choose(pool, known, n, lab.embedder, learner=self.name, training=old, seed=seed, progress=False)

    def test_it_chooses_as_many_as_asked_each_once_and_the_same_again(self, tmp_path: Path) -> None:
        lab = self.lab(tmp_path)
        for n in (1, 7, 30):
            found = self.choose(lab, n)
            assert len(found) == len(set(found)) == n and set(found) <= set(range(30))
            assert found == self.choose(lab, n)

    def test_a_budget_that_does_not_fit_is_refused(self, tmp_path: Path) -> None:
        lab = self.lab(tmp_path)
        for n in (0, 31):
            assert str(n) in str(refusal(lambda n=n: self.choose(lab, n)))  # type: ignore[misc]

    def test_it_says_what_it_does(self) -> None:
        assert learner_named(self.name).about.strip()

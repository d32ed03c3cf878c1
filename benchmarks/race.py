"""Does the race of transfers need a fifth of the trials of a search? Three real targets, into docs/results/race.md.

    python benchmarks/race.py --cache CACHE [--seeds 2] [--trials 15] [--epochs 10] [--data DIR]

CACHE is a lab: a training that is there already is not run again, so a stopped run goes on. Cost is counted in
epochs of the target's data, in units of a whole trial; what was spent on the donors before is in the lab already.
"""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # runs from a checkout that is not installed

from _image_sets import DATA
from tables_similarity import markdown

import veml_lab as veml
from veml_lab.formats import read
from veml_lab.formats.corrupted import corrupted
from veml_lab.formats.limited import limited
from veml_lab.lab import Lab
from veml_lab.lifecycle.race import Race, race
from veml_lab.lifecycle.similarity import train_part
from veml_lab.lifecycle.transfer import test_part, transfer
from veml_lab.search.study import Found
from veml_lab.versions.data import DataVersion
from veml_lab.versions.training import TrainingVersion

RESULTS = Path(__file__).resolve().parents[1] / "docs" / "results" / "race.md"
PATHS = {"MNIST": "mnist", "Fashion-MNIST": "fashion_mnist", "CIFAR-10": "cifar10/cifar10_jpeg.tar.xz"}
OTHER = {"MNIST": "noise", "Fashion-MNIST": "fog", "CIFAR-10": "dark"}  # the other condition in which each set is a donor too
IMPORTED, TARGET, TEST, DONOR = 2000, 400, 500, 1000  # images
RECIPE = {"architecture": "resnet10", "width": 8, "size_px": [24, 24]}
SPACE = {"lr": (1e-4, 1e-1), "batch_size": [16, 32, 64], "weight_decay": (1e-6, 1e-2)}
SHARE = 0.98  # of the best accuracy that any way reached
FIFTH = 0.2
WAYS = {
    "race": "race of transfers", "race+kin": "race, one donor of the target's own set in another condition", "warm tpe": "TPE, donors' settings first",
    "tpe": "TPE", "random": "random search",
}  # fmt: skip


@dataclass(frozen=True)
class Way:
    """How the accuracy grew with what was paid: trials of the full number of epochs, and the best value by then."""

    cost: tuple[float, ...]
    value: tuple[float, ...]

    @property
    def best(self) -> float:
        return max(self.value)

    def needs(self, accuracy: float) -> float:
        """Trials until that accuracy was reached; infinite where it never was."""
        return next((c for c, v in zip(self.cost, self.value, strict=True) if v >= accuracy), math.inf)


@dataclass(frozen=True)
class Part:
    """A set in one seed's cut: a few images to train, others to compare on, and both sets that serve as donors."""

    fit: DataVersion
    check: DataVersion
    donors: tuple[DataVersion, DataVersion]


def cut(lab: Lab, data: Path, name: str, seed: int) -> Part:
    """The images of a target and of the donors that come of its set have none in common."""
    source = limited(read(data / PATHS[name]), IMPORTED, seed=0)
    plain = lab[name] if name in lab else lab.add(name, source, progress=False)
    other_name = f"{name} {OTHER[name]}"
    other = lab[other_name] if other_name in lab else lab.add(other_name, corrupted(source, OTHER[name], severity=0.4), progress=False)
    (fit, check), (moved, _) = ((train_part(v), check_part(v)) for v in (plain, other))
    order = np.random.default_rng(0).permutation(len(fit))
    own, theirs = order[seed * TARGET : (seed + 1) * TARGET], np.sort(order[-DONOR:])
    assert (seed + 1) * TARGET <= len(fit) - DONOR, "fewer seeds, or import more"
    return Part(
        fit.select(f"{name} target {seed}", np.sort(own)), check.sample(f"{name} check", TEST, stratified=True),  # class folders come class by class
        (fit.select(f"{name} donor", theirs), moved.select(f"{other_name} donor", theirs)),
    )  # fmt: skip


def check_part(version: DataVersion) -> DataVersion:
    """The test part of an import."""
    found = test_part(version)
    assert found is not None
    return found


def of_search(found: Found) -> Way:
    """One more whole trial a step."""
    values = np.maximum.accumulate([t.score or 0.0 for t in found.trials])
    return Way(tuple(float(i + 1) for i in range(len(values))), tuple(values.tolist()))


def of_race(found: Race, epochs: int) -> Way:
    """The epochs of every runner count, those of the ones that were left behind too."""
    cost, value, spent, before = [], [], 0, 0
    for rung in found.rungs:
        spent, before = spent + (rung.epochs - before) * len(rung.values), rung.epochs
        cost.append(spent / epochs)
        value.append(max(v for _, v in rung.values))
    assert spent == found.epochs
    return Way(tuple(cost), tuple(np.maximum.accumulate(value).tolist()))


def measure(lab: Lab, data: Path, seed: int, trials: int, epochs: int) -> dict[str, dict[str, Way]]:
    """Every way on every target with one seed: ``{target: {way: ...}}``."""
    parts = {name: cut(lab, data, name, seed) for name in PATHS}
    out: dict[str, dict[str, Way]] = {name: {} for name in PATHS}
    trained: dict[str, list[TrainingVersion]] = {}

    def look(name: str, sampler: str, n: int, **options: Any) -> Found:
        p = parts[name]
        model = veml.model(p.fit, RECIPE, name=f"net for {name}")
        plan = veml.plan(model, p.fit, name=f"{name} {seed}", validation=p.check, seed=seed, epochs=epochs, validate_every=epochs)
        found = veml.search(plan, lab, SPACE, trials=n, sampler=sampler, seed=seed, progress=False, **options)
        print(f"seed {seed}, {name}, {sampler}: {found.best.metric:.3f} in {len(found.trials)} trials", flush=True)
        return found

    for name, p in parts.items():  # a donor's lifecycle: the best settings of its own search, on more images
        found = look(name, "random", trials)
        out[name]["random"] = of_search(found)
        hyper = {k: found.best.plan["hyper"][k] for k in SPACE} | {"epochs": 2 * epochs, "validate_every": 2 * epochs}
        model = lab[f"net for {name}"]
        trained[name] = [veml.train(veml.plan(model, d, name=f"{d.name} {seed}", validation=p.check, seed=seed, **hyper), lab, progress=False) for d in p.donors]
    for name, p in parts.items():
        foreign = [t for n in PATHS if n != name for t in trained[n]]
        for way, donors in (("race", foreign), ("race+kin", [*foreign, trained[name][1]])):
            by_data = {t.data.id: t for t in donors}
            near = veml.most_similar(p.fit, [t.data for t in donors], progress=False)
            chosen = [by_data[d.data.id] for d in near.donors][:3]
            plans = [transfer(t, p.fit, validation=p.check, name=f"{name} {seed} from {t.data.name}", hyper={"validate_every": 1}) for t in chosen]
            plans.append(plans[0].scratch(f"{name} {seed} from scratch as {chosen[0].data.name}"))
            found = race(plans, scratch=False, epochs=epochs, progress=False)
            out[name][way] = of_race(found, epochs)
            print(f"seed {seed}, {name}, {way}: {found!r}", flush=True)
            if way == "race":
                out[name]["warm tpe"] = of_search(look(name, "tpe", max(3, trials // 2), donors=[dict(t.plan["hyper"]) for t in chosen]))
        out[name]["tpe"] = of_search(look(name, "tpe", trials))
    return out


def said(value: float, trials: int) -> str:
    return f"{value:.1f}" if math.isfinite(value) else f"> {trials}"


def interval(values: list[float]) -> str:
    """Mean and the standard error over seeds."""
    error = f" ± {np.std(values, ddof=1) / len(values) ** 0.5:.3f}" if len(values) > 1 else ""
    return f"{np.mean(values):.3f}{error}"


def report(runs: list[dict[str, dict[str, Way]]], trials: int, epochs: int) -> str:
    """The page: best accuracies, trials needed, and the ratio with words about it."""
    best_rows, need_rows, verdicts = [], [], []
    for target in PATHS:
        best_rows.append([target, *(interval([r[target][w].best for r in runs]) for w in WAYS)])
        for seed, r in enumerate(runs):
            goal = SHARE * max(w.best for w in r[target].values())
            need = {w: r[target][w].needs(goal) for w in WAYS}
            # a search that never got there would have needed more than it had: the ratio is at most this
            searched = min(need["random"], need["tpe"], float(trials))
            ratios = [need[w] / searched for w in ("race", "race+kin", "warm tpe")]
            verdicts.append(dict(zip(("race", "race+kin", "warm tpe"), ratios, strict=True)))
            limit = "≤ " if math.isinf(min(need["random"], need["tpe"])) else ""
            told = ["not reached" if math.isinf(x) else f"{limit}{x:.2f}" for x in ratios]
            need_rows.append([f"{target}, seed {seed}", f"{goal:.3f}", *(said(need[w], round(max(r[target][w].cost))) for w in WAYS), *told])
    n = len(verdicts)
    counts = {w: sum(v[w] <= FIFTH for v in verdicts) for w in ("race", "race+kin", "warm tpe")}
    reached = {w: [v[w] for v in verdicts if math.isfinite(v[w])] for w in counts}
    lines = []
    for w, words in (("race", "The race between donors of other sets"), ("race+kin", "The race with a donor of its own kind"), ("warm tpe", "The search that tries the donors' settings first")):
        middle = f"; where it got there its median ratio was {np.median(reached[w]):.2f}" if reached[w] else ""
        lines.append(f"- {words} reached the goal in at most a fifth of the trials in {counts[w]} of {n} cases, and at all in {len(reached[w])}{middle}.")
    met = counts["race"] == n
    verdict = (
        "The target - 98 % of the best accuracy with at most a fifth of the trials that the better of both searches needs - is met in every case."
        if met else "The target - 98 % of the best accuracy with at most a fifth of the trials that the better of both searches needs - is **not met** in every case."
    )  # fmt: skip
    return "\n\n".join([
        "# The race of transfers against searches",
        f"Made by `python benchmarks/race.py --cache CACHE --seeds {len(runs)} --trials {trials} --epochs {epochs}`. {TARGET} images to train, {TEST} to compare on, a ResNet-10 "
        f"of width 8 at 24 x 24 px, {epochs} epochs a trial. Donors: {DONOR} images of each of the other two sets, plain and in another condition, trained for {2 * epochs} "
        "epochs with the best settings of their own random search; the three most similar run, and a start from scratch. Searched: learning rate, batch size, weight decay.",
        "Cost is counted in trials: epochs on the target divided by those of a trial, for the race those of all runners. What the donors cost was paid "
        "before and is not counted. No case is left out.",
        verdict, "\n".join(lines),
        "## Trials until 98 % of the best accuracy of any way",
        markdown(["target", "goal", *WAYS.values(), "race / search", "race with kin / search", "donors first / search"], need_rows),
        f"\"> n\": not within its budget of n trials; then \"≤\" says that the ratio to the search is at most this (a search that did not get there is counted with its {trials} trials).",
        f"## Best accuracy (mean ± standard error over {len(runs)} seeds; a seed has other images too)",
        markdown(["target", *WAYS.values()], best_rows),
        f"With {len(runs)} seeds, {len(PATHS)} targets and {TEST} images to compare on, one image is {1 / TEST:.1%} of accuracy and the standard error of one accuracy some 2 %, which is "
        "as wide as the 2 % of the goal: single rows are noisy, the count over rows is what to read. The values that the ways compete by are those that they choose by.",
    ]) + "\n"  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--trials", type=int, default=15)
    parser.add_argument("--epochs", type=int, default=10)
    args = parser.parse_args()
    lab = veml.open(args.cache)
    lab.use_embedder("squeezenet1_1", folders=[args.data], size_px=64)
    runs = []
    for seed in range(args.seeds):
        runs.append(measure(lab, args.data, seed, args.trials, args.epochs))
        RESULTS.write_text(report(runs, args.trials, args.epochs))  # what is there so far is a page too
    print(RESULTS.read_text())


if __name__ == "__main__":
    main()

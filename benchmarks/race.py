"""Does the race of transfers need a fifth of the trials of a search? Three real targets, into docs/results/race.md.

    python benchmarks/race.py --cache CACHE [--seeds 2] [--trials 15] [--epochs 10] [--data DIR]

CACHE is a lab: a training that is there already is not run again, so a stopped run goes on. Cost is counted in
units of a whole trial on the target; what was spent on the donors before is in the lab already, and is said.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # runs from a checkout that is not installed

from _image_sets import DATA
from tables_similarity import markdown

import veml_lab as veml
from veml_lab.formats import read
from veml_lab.lab import Lab
from veml_lab.lifecycle.race import Race, race
from veml_lab.lifecycle.rebuild import measured
from veml_lab.lifecycle.transfer import transfer
from veml_lab.sources.corrupted import corrupted
from veml_lab.sources.limited import limited
from veml_lab.tuning.study import Found
from veml_lab.versions import operations
from veml_lab.versions.data import DataVersion
from veml_lab.versions.parts import test_part, train_part
from veml_lab.versions.training import TrainingVersion

RESULTS = Path(__file__).resolve().parents[1] / "docs" / "results" / "race.md"
PATHS = {"MNIST": "mnist", "Fashion-MNIST": "fashion_mnist", "CIFAR-10": "cifar10/cifar10_jpeg.tar.xz"}
OTHER = {
    "MNIST": "noise",
    "Fashion-MNIST": "fog",
    "CIFAR-10": "dark",
}  # the other condition in which each set is a donor too
IMPORTED, TARGET, DONOR, TEST, JUDGE = 4000, 400, 1000, 1000, 2000  # images
SOUGHT = 600  # images of a donor's set that its own settings are compared on
RECIPE = {"architecture": "resnet10", "width": 8, "size_px": [24, 24]}
SPACE = {"lr": (1e-4, 1e-1), "batch_size": [16, 32, 64], "weight_decay": (1e-6, 1e-2)}
SHARE = 0.98  # of the best accuracy that any way in the same lab reached
FIFTH = 0.2
PASSES = 3  # forward passes that a training step on an image costs: its own, and backward some two
SEARCHES = {"tpe": "TPE", "random": "random search"}
RACES = {"race": "race of transfers", "donors": "TPE that starts from the donors"}
LABS = {
    "foreign": "donors of other sets alone",
    "kin": "one donor of the target's own set in another condition",
}


@dataclass(frozen=True)
class Way:
    """How the accuracy grew with what was paid: whole trials, and the best value by then; and the one that it found."""

    cost: tuple[float, ...]
    value: tuple[float, ...]
    judged: float  # accuracy of its best on images that no way has seen
    each: tuple[float, ...] = ()  # of a search: the value of every trial
    clear: bool = False  # of a race: whether the ranking calls a donor similar

    @property
    def best(self) -> float:
        return max(self.value)

    def needs(self, accuracy: float) -> float:
        """Trials until that accuracy was reached; infinite where it never was."""
        return next((c for c, v in zip(self.cost, self.value, strict=True) if v >= accuracy), math.inf)


@dataclass(frozen=True)
class Part:
    """A set in one seed's cut; no two have an image in common."""

    fit: DataVersion
    check: DataVersion  # what every way compares on
    judge: DataVersion
    sought: tuple[DataVersion, DataVersion]  # on which the donors' settings are searched and compared
    donors: tuple[DataVersion, DataVersion]


def cut(lab: Lab, data: Path, name: str, seed: int) -> Part:
    """The images of a target, of what it is compared on, and of the donors that come of its set."""
    source = limited(read(data / PATHS[name]), IMPORTED, seed=0)
    plain = lab[name] if name in lab else lab.add(name, source, progress=False)
    other_name = f"{name} {OTHER[name]}"
    other = (
        lab[other_name]
        if other_name in lab
        else lab.add(other_name, corrupted(source, OTHER[name], severity=0.4), progress=False)
    )
    fit, moved, test = train_part(plain), train_part(other), check_part(plain)
    order = np.random.default_rng(0).permutation(len(fit))
    own, theirs, sought = (
        order[seed * TARGET : (seed + 1) * TARGET],
        np.sort(order[-DONOR:]),
        order[-DONOR - SOUGHT - TARGET : -DONOR],
    )
    assert (seed + 1) * TARGET <= len(fit) - DONOR - SOUGHT - TARGET, "fewer seeds, or import more"
    mixed = np.random.default_rng(1).permutation(len(test))  # class folders come class by class
    return Part(
        fit.select(f"{name} target {seed}", np.sort(own)),
        operations.select(test, f"{name} check", np.sort(mixed[:TEST])),
        operations.select(test, f"{name} judge", np.sort(mixed[TEST : TEST + JUDGE])),
        (
            fit.select(f"{name} sought", np.sort(sought[:TARGET])),
            fit.select(f"{name} sought check", np.sort(sought[TARGET:])),
        ),
        (fit.select(f"{name} donor", theirs), moved.select(f"{other_name} donor", theirs)),
    )


def check_part(version: DataVersion) -> DataVersion:
    """The test part of an import."""
    found = test_part(version)
    assert found is not None
    return found


def trials_of(epochs: float, measured: int, whole: int) -> float:
    """Cost in whole trials, each ``whole`` epochs and one measurement: passes over images, counted alike for every
    way."""
    return (PASSES * TARGET * epochs + TEST * measured) / (PASSES * TARGET * whole + TEST)


def of_search(found: Found, judge: DataVersion) -> Way:
    """One more whole trial a step."""
    each = tuple(t.score or 0.0 for t in found.trials)
    best = tuple(np.maximum.accumulate(each).tolist())
    return Way(tuple(float(i + 1) for i in range(len(each))), best, measured(found.best, judge)["accuracy"], each)


def of_race(found: Race, whole: int, judge: DataVersion, clear: bool) -> Way:
    """Every training of every runner counts, those of the ones that were left behind too, and every measurement."""
    before = found.rungs[0].values if found.rungs[0].epochs == 0 else ()  # the donors as they are, the best first
    cost, value = ([trials_of(0, len(before), whole)], [before[0][1]]) if before else ([], [])
    for i, (_, epochs, v) in enumerate(found.steps, 1):
        cost.append(trials_of(epochs, len(before) + i, whole))
        value.append(v)
    return Way(
        tuple(cost),
        tuple(np.maximum.accumulate(value).tolist()),
        measured(found.best, judge)["accuracy"],
        clear=clear,
    )


def donors_of(lab: Lab, parts: dict[str, Part], trials: int, epochs: int) -> dict[str, list[TrainingVersion]]:
    """What the lab has before any target comes: both lifecycles of every set, with the best settings of a search of
    their own."""
    trained = {}
    for name, p in parts.items():
        model = (
            veml.model(p.sought[0], RECIPE, name=f"net for {name}")
            if f"net for {name}" not in lab
            else lab[f"net for {name}"]
        )
        plan = veml.plan(
            model,
            p.sought[0],
            name=f"{name} sought",
            validation=p.sought[1],
            seed=1000,
            epochs=epochs,
            validate_every=epochs,
        )
        best = veml.search(plan, lab, SPACE, trials=trials, sampler="random", seed=1000, progress=False).best
        hyper = {k: best.plan["hyper"][k] for k in SPACE} | {"epochs": 2 * epochs, "validate_every": 2 * epochs}
        plans = [
            veml.plan(model, d, name=f"{d.name} training", validation=p.sought[1], seed=1000, **hyper) for d in p.donors
        ]
        trained[name] = [veml.train(x, lab, progress=False) for x in plans]
        print(f"donors of {name}: {[round(t.metric, 3) for t in trained[name]]} with {hyper}", flush=True)
    return trained


def measure(
    lab: Lab, data: Path, seed: int, trials: int, epochs: int, out: dict[str, dict[str, Way]]
) -> Iterator[None]:
    """Every way on every target with one seed, a way of a lab called ``lab way``: into ``out``, a target a step."""
    parts = {name: cut(lab, data, name, seed) for name in PATHS}
    trained = donors_of(lab, parts, trials // 2, epochs)
    for name, p in parts.items():
        plan = veml.plan(
            lab[f"net for {name}"],
            p.fit,
            name=f"{name} {seed}",
            validation=p.check,
            seed=seed,
            epochs=epochs,
            validate_every=epochs,
        )
        ways: dict[str, Way] = {}
        foreign = [t for n in PATHS if n != name for t in trained[n]]
        for kind, donors in (("foreign", foreign), ("kin", [*foreign, trained[name][1]])):
            by_data = {t.data.id: t for t in donors}
            near = veml.most_similar(p.fit, [t.data for t in donors], progress=False)
            chosen = [by_data[d.data.id] for d in near.donors][:3]
            plans = [
                transfer(
                    t,
                    p.fit,
                    validation=p.check,
                    name=f"{name} {seed} from {t.data.name}",
                    hyper={"validate_every": epochs},
                )
                for t in chosen
            ]
            plans.append(plans[0].scratch(f"{name} {seed} from scratch as {chosen[0].data.name}"))
            found = race(plans, scratch=False, epochs=epochs, progress=False)
            ways[f"{kind} race"] = of_race(found, epochs, p.judge, near.clear)
            print(f"seed {seed}, {name}, {kind}: {found!r}", flush=True)
            warm = veml.search(
                plan,
                lab,
                SPACE,
                trials=max(4, trials // 3),
                sampler="tpe",
                seed=seed,
                donors=chosen,
                progress=False,
            )
            ways[f"{kind} donors"] = of_search(warm, p.judge)
            print(f"seed {seed}, {name}, {kind}: {warm!r}", flush=True)
        for sampler in ("random", "tpe"):
            ways[sampler] = of_search(
                veml.search(plan, lab, SPACE, trials=trials, sampler=sampler, seed=seed, progress=False),
                p.judge,
            )
            print(f"seed {seed}, {name}, {sampler}: {ways[sampler].best:.3f}", flush=True)
        out[name] = ways
        yield


def said(value: float, trials: int | str) -> str:
    return f"{value:.2g}" if value < 1 else f"{value:.1f}" if math.isfinite(value) else f"> {trials}"


def interval(values: list[float]) -> str:
    """Mean and the standard error over seeds."""
    error = f" ± {np.std(values, ddof=1) / len(values) ** 0.5:.3f}" if len(values) > 1 else ""
    return f"{np.mean(values):.3f}{error}"


def orders(value: tuple[float, ...], goal: float) -> float:
    """Trials until one reaches the goal, the mean over all orders of a search whose trials know nothing of each
    other."""
    hits = sum(v >= goal for v in value)
    return (len(value) + 1) / (hits + 1) if hits else math.inf


@dataclass(frozen=True)
class Case:
    """One target with one seed in one lab: trials that each way needed, and the share of the better search's."""

    name: str
    goal: float
    need: dict[str, float]
    ratio: dict[str, float]
    censored: bool  # no search got there: the ratio is at most this
    typical: float  # trials of random search, the mean over the orders of its trials
    clear: bool  # whether the ranking calls a donor similar
    scratch: dict[str, float]  # the same share for the best that the searches from scratch found: never censored


def case(target: str, seed: int, kind: str, ways: dict[str, Way], trials: int) -> Case:
    own = {w: ways[f"{kind} {w}"] for w in RACES} | {w: ways[w] for w in SEARCHES}
    goal = SHARE * max(w.best for w in own.values())
    need = {k: w.needs(goal) for k, w in own.items()}
    found = min(need[w] for w in SEARCHES)
    theirs = SHARE * max(ways[w].best for w in SEARCHES)
    there = min(ways[w].needs(theirs) for w in SEARCHES)
    # a search that never got there would have needed more than it had
    return Case(
        f"{target}, seed {seed}",
        goal,
        need,
        {w: need[w] / min(found, trials) for w in RACES},
        math.isinf(found),
        orders(ways["random"].each, goal),
        ways[f"{kind} race"].clear,
        {w: own[w].needs(theirs) / there for w in RACES},
    )


def verdict(cases: list[Case], kind: str, trials: int) -> str:
    n, words = len(cases), []
    for w, name in RACES.items():
        got = [c.ratio[w] for c in cases if math.isfinite(c.ratio[w])]
        fifth = sum(r <= FIFTH for r in got)
        beside = sum(c.need[w] <= FIFTH * min(c.typical, trials) for c in cases if math.isfinite(c.need[w]))
        middle = f", at a median of {np.median(got):.2f} of the better search's trials" if got else ""
        words.append(
            f"- **{LABS[kind][0].upper()}{LABS[kind][1:]}, {name}**: the goal in at most a fifth of the better"
            f" search's trials in {fifth} of {n} cases, in at most a fifth of random search's over all orders"
            f" of its trials in {beside}; reached at all in {len(got)}{middle}. {SHARE:.0%} of the best of the"
            f" searches from scratch alone: in at most a fifth in {sum(c.scratch[w] <= FIFTH for c in cases)},"
            f" at all in {sum(math.isfinite(c.scratch[w]) for c in cases)}."
        )
    unclear = sum(not c.clear for c in cases)
    if unclear:
        words.append(
            f"- In {unclear} of these {n} cases the ranking says before the race: no clear similarity, train"
            " from scratch beside a transfer."
        )
    fewer = sum(min(*(c.need[w] for w in SEARCHES), trials) < 1 / FIFTH for c in cases)
    if fewer:
        words.append(
            f"- In {fewer} of these {n} cases the better search was there before its trial {1 / FIFTH:.0f}: a"
            " fifth of that is less than one whole training, which only a donor that is nearly there before it"
            " is trained can undercut."
        )
    return "\n".join(words)


def report(runs: list[dict[str, dict[str, Way]]], trials: int, epochs: int) -> str:
    """The page: trials needed and best accuracies in both labs, with words about them."""
    cases = {k: [case(t, seed, k, r[t], trials) for t in PATHS for seed, r in enumerate(runs) if t in r] for k in LABS}
    tables = []
    for kind, words in LABS.items():
        rows = []
        for c in cases[kind]:
            limit = "≤ " if c.censored else ""
            ratios = ["not reached" if math.isinf(r) else f"{limit}{r:.2f}" for r in c.ratio.values()]
            budget = {**dict.fromkeys(SEARCHES, trials), "donors": max(4, trials // 3), "race": "its end"}
            rows.append(
                [
                    c.name,
                    "yes" if c.clear else "no",
                    f"{c.goal:.3f}",
                    *(said(c.need[w], budget[w]) for w in (*RACES, *SEARCHES)),
                    said(c.typical, trials),
                    *ratios,
                    *("not reached" if math.isinf(r) else f"{r:.2f}" for r in c.scratch.values()),
                ]
            )
        head = [
            "target",
            "similar by the ranking",
            "goal",
            *RACES.values(),
            *SEARCHES.values(),
            "random search, mean over all orders",
            "race / search",
            "TPE from donors / search",
            "race / search, goal of the searches alone",
            "TPE from donors / search, goal of the searches alone",
        ]
        tables += [f"## Trials until 98 %: {words}", markdown(head, rows)]
    columns = [(f"{k} {w}", f"{RACES[w]} ({'kin' if k == 'kin' else 'foreign'})") for k in LABS for w in RACES] + list(
        SEARCHES.items()
    )
    best, judged = (
        [[t, *(interval([getattr(r[t][w], what) for r in runs if t in r]) for w, _ in columns)] for t in runs[0]]
        for what in ("best", "judged")
    )
    missing = ", ".join(f"{t} of seed {seed}" for seed, r in enumerate(runs) for t in PATHS if t not in r)
    met = {k: all(c.ratio["race"] <= FIFTH for c in v) for k, v in cases.items()}
    return (
        "\n\n".join(
            [
                "# The race of transfers against searches",
                (
                    f"Made by `python benchmarks/race.py --cache CACHE --seeds {len(runs)} --trials {trials}"
                    f" --epochs {epochs}`. {TARGET} images to train, {TEST} to compare on, a ResNet-10 of width"
                    f" 8 at 24 x 24 px, {epochs} epochs a trial. Searched: learning rate, batch size, weight"
                    " decay. The three donors that are most similar run, and a start from scratch."
                ),
                (
                    "Two labs: in the hard one all donors are other sets (each plain and in another condition);"
                    " in the usual one - the paper's labs are of one family of tasks - there is also the"
                    " target's own set in another condition (MNIST in noise, Fashion-MNIST in fog, CIFAR-10 in"
                    " the dark; other images). The goal is 98 % of the best accuracy that any way reached in"
                    " that lab, the searches from scratch included."
                ),
                (
                    "Cost is counted in whole trials, by passes over images: an epoch is three passes over the"
                    " target's, a"
                    " measurement one over those to compare on, and all runners' count. "
                    "What the donors cost was paid before and is not counted:"
                    f" {2 * epochs * DONOR / (epochs * TARGET):.0f}"
                    f" trials each ({DONOR} images, {2 * epochs} epochs), and {trials // 2} trials "
                    "a set for their settings, searched on images of their own. "
                    + (f"Stopped before {missing} were done; they are left out." if missing else "No case is left out.")
                ),
                "The target: at most a fifth of the trials that the better of both searches needs. "
                + " ".join(
                    f"With {LABS[k]}: {'met in every case' if met[k] else '**not met in every case**'}." for k in LABS
                ),
                "\n".join(verdict(v, k, trials) for k, v in cases.items()),
                *tables,
                (
                    '"> n": not within its n trials; then "≤" says that the ratio to the search is at most'
                    f" this (a search that did not get there is counted with its {trials} trials). The order in"
                    " which random search met its trials is luck; the mean over all orders is (n + 1) / (hits"
                    " + 1)."
                ),
                (
                    "## Best accuracy on the images that the ways compete by (mean ± standard error over"
                    f" {len(runs)} seeds; a seed has other images to train on)"
                ),
                markdown(["target", *(n for _, n in columns)], best),
                f"## The same on {JUDGE} images that no way has seen",
                markdown(["target", *(n for _, n in columns)], judged),
                (
                    f"The standard error of one accuracy on {TEST} images is up to {50 / TEST**0.5:.1f} %,"
                    " nearly as wide as the 2 % of the goal: single rows are noisy, the count over rows is"
                    " what to read."
                ),
            ]
        )
        + "\n"
    )


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
    runs: list[dict[str, dict[str, Way]]] = []
    for seed in range(args.seeds):
        runs.append({})
        for _ in measure(lab, args.data, seed, args.trials, args.epochs, runs[-1]):
            RESULTS.write_text(report(runs, args.trials, args.epochs))  # what is there so far is a page too
    print(RESULTS.read_text())


if __name__ == "__main__":
    main()

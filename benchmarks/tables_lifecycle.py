"""Tables 5/12, 10 and 11 of the paper on real and drawn detection sets, into docs/results/table_N.md.

    python benchmarks/tables_lifecycle.py --cache CACHE [--tables 5 10 11] [--seeds 2] [--epochs 15] [--data DIR]

CACHE is a lab: a training that is there already is not run again, so a stopped run goes on. Networks are
small and start from random weights, images are small and few: read the differences and their intervals,
not the levels.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # runs from a checkout that is not installed

from _image_sets import DATA, cache_lab, detection_sets, road_sets
from tables_similarity import markdown

import veml_lab as veml
from veml_lab.lab import Lab
from veml_lab.lifecycle.drift import drift
from veml_lab.lifecycle.rebuild import measured
from veml_lab.lifecycle.transfer import transfer
from veml_lab.versions.data import DataVersion
from veml_lab.versions.training import TrainingVersion

RESULTS = Path(__file__).resolve().parents[1] / "docs" / "results"
COMMAND = "python benchmarks/tables_lifecycle.py --cache CACHE --tables"
RECIPE = {
    "architecture": "fcos",
    "backbone": "resnet10",
    "width": 16,
    "neck_channels": 32,
    "size_px": [192, 112],
}


def interval(values: list[float]) -> str:
    """Mean and the standard error over seeds."""
    if len(values) < 2:
        return f"{values[0]:.3f}"
    return f"{np.mean(values):.3f} ± {np.std(values, ddof=1) / len(values) ** 0.5:.3f}"


def told_apart(a: list[float], b: list[float]) -> int:
    """1 where ``a`` is better than ``b`` at 5 % (t over seeds, both spreads pooled), -1 where it is worse, 0 where
    the seeds do not tell."""
    from scipy import stats

    if len(a) < 2 or len(b) < 2:
        return 0
    test = stats.ttest_ind(a, b)  # equal values on both sides give NaN: not told apart
    return int(np.sign(np.mean(a) - np.mean(b))) if test.pvalue < 0.05 else 0


def halves(version: DataVersion) -> tuple[DataVersion, DataVersion]:
    """Seventy per cent to train, the rest to test, the same for every seed."""
    return version.split(f"{version.name} · fit", f"{version.name} · test", share=0.7, seed=0)


def scratch(lab: Lab, name: str, fit: DataVersion, test: DataVersion, seed: int, epochs: int) -> TrainingVersion:
    """A training from random weights."""
    model = veml.model(fit, RECIPE, name=f"fcos for {name}")
    hyper = {
        "epochs": epochs,
        "batch_size": 8,
        "lr": 2e-3,
        "augment": ["flip", "colour"],
        "validate_every": epochs,
    }
    return veml.train(
        veml.plan(model, fit, name=f"{name} scratch · seed {seed}", validation=test, seed=seed, **hyper), lab
    )


def table_5(lab: Lab, data: Path, seeds: int, epochs: int) -> str:
    """Every set as target of every other's lifecycle; regret of the nearest and of the best of the three nearest."""
    sets = {n: v for n, v in detection_sets(lab, data).items() if n != "COCO A"}
    parts = {n: halves(v) for n, v in sets.items()}
    names = list(sets)
    near = veml.similarity([p[0] for p in parts.values()], embedder=lab.embedder, measures=["energy", "mean"])
    value: dict[tuple[str, str], list[float]] = {}
    for seed in range(seeds):
        own = {n: scratch(lab, n, *parts[n], seed, epochs) for n in names}
        for target in names:
            fit, test = parts[target]
            value.setdefault((target, target), []).append(own[target].metric or 0.0)
            for donor in names:
                if donor == target:
                    continue
                plan = transfer(own[donor], fit, validation=test, name=f"{target} from {donor} · seed {seed}")
                value.setdefault((donor, target), []).append(veml.train(plan).metric or 0.0)
    rows = [[f"from {d}", *(interval(value[d, t]) + (" (scratch)" if d == t else "") for t in names)] for d in names]
    regret = []
    at = {v: i for i, v in enumerate(near.names)}
    wins = {"energy": 0, "mean": 0}
    for t in names:
        donors = [d for d in names if d != t]
        mean = {d: float(np.mean(value[d, t])) for d in names}
        line = [t, f"{mean[t]:.3f}", f"{max(mean[d] for d in donors):.3f}"]
        for measure in ("mean", "energy"):
            order = sorted(donors, key=lambda d: near.measures[measure][at[parts[t][0].name]][at[parts[d][0].name]])
            best = max(mean[d] for d in donors)
            line += [order[0], f"{best - mean[order[0]]:.3f}", f"{best - max(mean[d] for d in order[:3]):.3f}"]
            wins[measure] += mean[order[0]] >= best - 1e-9
        line.append(f"{best - float(np.mean([mean[d] for d in donors])):.3f}")
        regret.append(line)
    pairs = [(d, t) for d in names for t in names if d != t]
    better = sum(np.mean(value[p]) > np.mean(value[p[1], p[1]]) for p in pairs)
    signs = [told_apart(value[p], value[p[1], p[1]]) for p in pairs]
    scratch_best = sum(all(np.mean(value[t, t]) > np.mean(value[d, t]) for d in names if d != t) for t in names)
    rivals = [
        told_apart(value[a, t], value[b, t]) != 0
        for t in names
        for i, a in enumerate(names)
        for b in names[i + 1 :]
        if t not in (a, b)
    ]
    sizes = ", ".join(f"{n} {len(parts[n][0])} + {len(parts[n][1])}" for n in names)
    head = [
        "target",
        "scratch",
        "best donor",
        "nearest (paper)",
        "its regret",
        "regret of 3",
        "nearest (energy)",
        "its regret",
        "regret of 3",
        "regret of chance",
    ]
    return "\n\n".join(
        [
            "# Tables 5 and 12: detection by lifecycle transferring",
            (
                f"Made by `{COMMAND} 5`. mAP50 on held-out images, ± standard error over {seeds} seeds. FCOS on"
                f" a ResNet-10 of width 16, 192 x 112 px, {epochs} epochs, random weights; images to train + to"
                f" test: {sizes}. Each set keeps its own classes; a donor's last layer is taken over by class"
                " name."
            ),
            markdown(["", *names], rows),
            (
                'Regret is the mAP50 that is lost against the best donor; "of 3" is the best of the three'
                ' nearest, "of chance" the mean over donors.'
            ),
            markdown(head, regret),
            (
                f"A transfer was better than scratch in {better} of {len(pairs)} pairs; scratch was best of all"
                f" for {scratch_best} of {len(names)} targets (the paper's table 12, which is the same table"
                f" for other targets: 2 of 3). At 5 % over {seeds} seeds a transfer is better than scratch in"
                f" {signs.count(1)} pairs, worse in {signs.count(-1)}, and in {signs.count(0)} the seeds do not"
                f" tell. The nearest set was the best donor for {wins['mean']} of {len(names)} targets by the"
                f" paper's measure and for {wins['energy']} by energy; of {len(rivals)} pairs of donors for one"
                f" target {sum(rivals)} can be told apart at 5 %, where {0.05 * len(rivals):.1f} would be by"
                " chance."
            ),
        ]
    )


def road_lifecycle(
    lab: Lab, seed: int, epochs: int
) -> tuple[dict[str, tuple[DataVersion, DataVersion]], dict[str, TrainingVersion]]:
    """The three drawn conditions, cut by video where there are several, and a training on each."""
    sets = road_sets(lab)
    parts = {n: halves(v) for n, v in sets.items()}
    return parts, {n: scratch(lab, n, *parts[n], seed, epochs) for n in parts}


def table_10(lab: Lab, seeds: int, epochs: int) -> str:
    """Accuracy drop from validation to test beside both verdicts of drift."""
    drops: dict[tuple[str, str], list[tuple[float, float]]] = {}
    verdict: dict[tuple[str, str], str] = {}
    for seed in range(seeds):
        parts, trained = road_lifecycle(lab, seed, epochs)
        for a in parts:
            before = measured(trained[a], parts[a][1])["mAP50"]
            for b in parts:
                after = measured(trained[a], parts[b][1])["mAP50"]
                drops.setdefault((a, b), []).append((before, after))
                if seed == 0:
                    d = drift(parts[a][0], parts[b][1], embedder=lab.embedder)
                    verdict[a, b] = (
                        f"p {d.p_value:.3g} ({'+' if d.drifted else '-'}) / paper ({'+' if d.paper_drifted else '-'})"
                    )
    rows = []
    for (a, b), pairs in drops.items():
        before, after = (float(np.mean([p[i] for p in pairs])) for i in (0, 1))
        share = (before - after) / before if before else 0.0
        rows.append(
            [
                a,
                b,
                f"{before:.3f}",
                interval([p[1] for p in pairs]),
                f"{before - after:.3f} ({share:.0%})",
                verdict[a, b],
            ]
        )
    other = [r for r in rows if r[0] != r[1]]
    return "\n\n".join(
        [
            "# Table 10: accuracy drop beside drift",
            (
                f"Made by `{COMMAND} 10`. The drawn road world in the paper's three conditions, 168 images to"
                f" train and 72 to test each; mAP50, mean over {seeds} seeds; drift of the test images against"
                " the training images, found without labels: calibrated test at 5 %, and the paper's rule"
                " (k=10)."
            ),
            markdown(["trained on", "tested on", "own test", "test", "drop", "drift"], rows),
            (
                f"Of {len(other)} pairs of different conditions the calibrated test says (+) for"
                f" {sum('(+) /' in r[5] for r in other)} and the paper's rule for"
                f" {sum('paper (+)' in r[5] for r in other)}; on the {len(rows) - len(other)} pairs of one"
                " condition, where (-) is right, the calibrated test says (+) for"
                f" {sum('(+) /' in r[5] for r in rows if r[0] == r[1])}."
            ),
        ]
    )


def table_11(lab: Lab, seeds: int, epochs: int) -> str:
    """Methods of rebuilding: labels, accuracy on new and old data, seconds."""
    old, new = "foggy-highway", "clear-city"
    ways: list[tuple[str, dict]] = [
        ("full training", {"method": "full"}),
        ("transfer learning", {"method": "transfer"}),
        *(
            (f"active, {learner}, {share:.0%}", {"method": "active", "learner": learner, "budget": share})
            for share in (0.1, 0.3, 0.5)
            for learner in ("typiclust", "k-center", "random")
        ),
        ("mean teacher, no labels", {"method": "mean-teacher", "hyper": {"adapt": {"sure": 0.4}}}),
        ("batch-norm statistics, no labels", {"method": "adabn"}),
    ]
    found: dict[str, list[tuple[float, float, float, int]]] = {}
    for seed in range(seeds):
        parts, trained = road_lifecycle(lab, seed, epochs)
        (pool, test), before = parts[new], trained[old]
        kept = parts[old][1]
        found.setdefault("no rebuilding", []).append(
            (measured(before, test)["mAP50"], measured(before, kept)["mAP50"], 0.0, 0)
        )
        for name, how in ways:
            made = veml.rebuild(
                before,
                pool,
                embedder=lab.embedder,
                validation=test,
                seed=seed,
                name=f"{name} · seed {seed}",
                **how,
            )
            labels = made.plan["labels"] or 0
            found.setdefault(name, []).append(
                (measured(made, test)["mAP50"], measured(made, kept)["mAP50"], made.seconds, labels)
            )
    rows = [
        [
            name,
            str(v[0][3]),
            interval([x[0] for x in v]),
            interval([x[1] for x in v]),
            f"{np.mean([x[2] for x in v]):.0f}",
        ]
        for name, v in found.items()
    ]
    return "\n\n".join(
        [
            "# Table 11: methods of rebuilding",
            (
                f"Made by `{COMMAND} 11`. A detector of {old} meets {new} (168 new images, 72 to test); mAP50"
                f" on new and on old test images, ± standard error over {seeds} seeds."
            ),
            markdown(["method", "labels", "new data", "old data", "seconds"], rows),
            (
                "The column of old data shows what is forgotten: transfer learning sees only the new images,"
                " the active methods and full training see both."
            ),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--tables", type=int, nargs="+", default=[5, 10, 11], choices=(5, 10, 11))
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=15)
    args = parser.parse_args()
    lab = cache_lab(args.cache, args.data)
    for table in args.tables:
        text = (
            table_5(lab, args.data, args.seeds, args.epochs)
            if table == 5
            else {10: table_10, 11: table_11}[table](lab, args.seeds, args.epochs)
        )
        (RESULTS / f"table_{table}.md").write_text(text + "\n")
        print(text, flush=True)


if __name__ == "__main__":
    main()

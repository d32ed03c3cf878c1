"""What the zoo's transfers come to: the cases that a lab begins with, and the page docs/results/donors.md."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np


def cases_of(cache: Path, seen: Sequence[int]) -> Any:
    """One row a transfer, means over the seeds that ran: scores, distances, gain, passes, and what a case holds."""
    import pandas as pd

    keys = ["group", "condition", "size", "architecture", "seed"]
    donor = ["donor_group", "donor_condition"]
    transfers = pd.read_csv(cache / "transfers.csv", keep_default_na=False)
    scores = pd.read_csv(cache / "scores.csv", keep_default_na=False)
    distances = pd.read_csv(cache / "distances.csv")[
        ["group", "condition", *donor, "mean", "energy", "relative", "label"]
    ]
    after = [f"after_{e}" for e in seen]
    scratch = transfers[transfers.donor_group == ""].set_index(keys)[after].add_prefix("scratch_")
    fresh = scores[scores.donor_group == ""].set_index(keys)[["logme", "probe", "neighbours"]].add_prefix("fresh ")
    rows = transfers[transfers.donor_group != ""].merge(scores, on=keys + donor)
    rows = rows.join(scratch, on=keys, how="inner").join(fresh, on=keys, how="inner")
    rows = rows.drop(columns="seed").groupby(["group", "condition", "size", "architecture", *donor])
    rows = rows.mean().assign(seeds=rows.size()).reset_index()
    rows = rows.merge(distances, on=["group", "condition", *donor])
    rows = rows.rename(columns={f"after_{seen[-1]}": "came", f"scratch_after_{seen[-1]}": "scratch"})
    after[-1] = "came"
    rows["gain"] = rows.came - rows.scratch
    rows["target"] = rows.group + " " + rows.condition
    rows["relatives"] = rows.group == rows.donor_group
    for name in ("logme", "probe", "neighbours"):
        rows[f"{name} over fresh"] = rows[name] - rows[f"fresh {name}"]
    features = [*(f"{n} over fresh" for n in ("logme", "probe", "neighbours")), "fresh probe", "fresh neighbours"]
    rows["features"] = [
        (*r, float(np.log10(size)), float(known))
        for r, size, known in zip(rows[features].to_numpy(), rows["size"], rows.relatives)
    ]
    # the first pass after which a transfer is as good as scratch in the end; twice all where it never is
    ends = rows["scratch"].to_numpy() - 0.005
    reached = rows[after].to_numpy() >= ends[:, None]
    rows["passes"] = np.where(reached.any(1), np.array(seen)[reached.argmax(1)], 2 * seen[-1])
    return rows


def write_prior(rows: Any) -> None:
    """What an empty lab begins with: the features and the gain of every transfer."""
    from veml_lab.lifecycle.prospects import FEATURES, ZOO

    with ZOO.open("w", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["target", *FEATURES, "gain"])
        for r in rows.itertuples():
            out.writerow([r.target, *(f"{v:.4g}" for v in r.features), f"{r.gain:.4f}"])
    print(f"{len(rows):,} cases, {ZOO.stat().st_size // 1024} KiB")


def foretold(rows: Any, by: str) -> list[Any]:
    """For every row what is expected from the other targets' cases alone; ``by`` is what is left out together."""
    from veml_lab.lifecycle.prospects import Case, Prospects

    cases = [Case(r.features, r.gain, r.target) for r in rows.itertuples()]
    out: list[Any] = [None] * len(cases)
    for left in rows[by].unique():
        here = np.flatnonzero(rows[by] == left)
        rest = [c for c, other in zip(cases, rows[by]) if other != left]
        learned = Prospects(rest)
        for i in here:
            out[i] = learned.expected(cases[i].features)
    return out


def ranked(rows: Any, score: Any, relatives: bool) -> list[float]:
    """Kendall's tau, hit@1, hit@3 (within half a point of the best) and regret in points, means over the targets."""
    from scipy.stats import kendalltau

    found = []
    for _, g in rows.assign(score=score).groupby(["target", "size", "architecture"]):
        g = g if relatives else g[~g.relatives]
        came = g["came"].to_numpy()
        order = np.argsort(-g.score.to_numpy(), kind="stable")
        near = came.max() - 0.005
        tau = kendalltau(g.score, came)[0] if g.score.nunique() > 1 else 0.0
        found.append((tau, came[order[0]] >= near, came[order[:3]].max() >= near, 100 * (came.max() - came[order[0]])))
    return list(np.mean(found, axis=0))


def within(rows: Any, column: str) -> Any:
    """A score in units of its spread among the donors of one target."""
    groups = rows.groupby(["target", "size", "architecture"])[column]
    return (rows[column] - groups.transform("mean")) / (groups.transform("std") + 1e-9)


def page(rows: Any, cache: Path, seen: Sequence[int]) -> str:
    """docs/results/donors.md."""
    import pandas as pd

    chance = np.random.default_rng(0).random(len(rows))
    scores = {
        "chance": chance,
        "paper's mean distance of core sets, k = 10": -rows["mean"],
        "energy distance": -rows.energy,
        "distance with labels (OTDD)": -rows.label,
        **{n: rows[n] for n in ("logme", "h-score", "probe", "neighbours", "separation", "leep", "nce", "sureness")},
        "**logme and the distance with labels** (what `most_similar` orders by)": within(rows, "logme")
        - within(rows, "label"),
    }
    said = {by: foretold(rows, by) for by in ("target", "group")}
    scores["expected gain, other targets' cases only"] = np.array([e.gain for e in said["target"]])
    lines = []
    for name, score in scores.items():
        both = [ranked(rows, np.asarray(score), relatives) for relatives in (True, False)]
        cells = [f"{t:.2f} | {a:.2f} | {b:.2f} | {r:.2f}" for t, a, b, r in both]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    gain = rows.gain.to_numpy()
    foretelling = []
    for by, words in (("target", "one target"), ("group", "all targets of a group of classes")):
        e = said[by]
        inside = pd.Series([x.low <= g <= x.high for x, g in zip(e, gain)]).groupby(rows.target.to_numpy()).mean()
        clear = np.array([x.chance >= 0.8 for x in e])
        not_clear = np.array([x.chance < 0.5 for x in e])
        foretelling.append(
            f"| {words} | {np.corrcoef([x.gain for x in e], gain)[0, 1]:.2f} | {np.mean(inside):.2f} |"
            f" {((inside >= 0.8) & (inside <= 0.97)).mean():.2f} | {clear.sum():,}: {(gain[clear] > 0).mean():.2f} |"
            f" {not_clear.sum():,}: {(gain[not_clear] <= 0).mean():.2f} |"
        )
    clear = np.array([x.chance >= 0.8 for x in said["target"]])
    share = np.median(rows.passes[clear] / seen[-1])
    first = ranked(rows, -rows["mean"], True), ranked(rows, np.asarray(scores["logme"]), True)
    best = ranked(rows, within(rows, "logme") - within(rows, "label"), True)
    seconds = pd.read_csv(cache / "scores.csv").seconds.median()
    targets = rows.groupby(["target", "size", "architecture"]).ngroups
    gains = rows.groupby(["relatives", "size"]).gain.agg(["mean", "std"])
    table = "\n".join(
        f"| {'the same classes' if same else 'others'} | {size} | {r['mean']:+.3f} | {r['std']:.3f} |"
        for (same, size), r in gains.iterrows()
    )
    donors = rows.groupby(["donor_group", "donor_condition"]).ngroups
    other, luck = ranked(rows, within(rows, "logme") - within(rows, "label"), False), ranked(rows, chance, False)
    reached = np.corrcoef([x.gain for x in said["target"]], gain)[0, 1]
    return f"""# What a donor is worth

Does the paper's claim hold, that a similar data set's lifecycle is the one to transfer? In part: the paper's distance
names a best donor first for {first[0][1]:.0%} of the targets (regret {first[0][3]:.1f} points), LogME, which asks the
donor's own network, for {first[1][1]:.0%} ({first[1][3]:.1f}), LogME and a distance with labels for {best[1]:.0%}
({best[3]:.1f}). Without donors of the target's own classes hit@1 is {other[1]:.0%}, where chance has {luck[1]:.0%}.

Made by `python benchmarks/zoo.py --cache CACHE`: {rows.seeds.sum():,} transfers, {rows.seeds.min()} to
{rows.seeds.max()} seeds of each; a run that is stopped goes on.
{targets} targets: six groups of five classes of MNIST, Fashion-MNIST and
CIFAR-10 at 16 x 16 px under four conditions, 100 and 400 labels, two small networks; {donors} donors of 1,200
pictures each under four conditions; {seen[-1]} passes. The last layer is kept where the classes are the same, as
`veml.transfer` does.

## Which donor first

A hit is within half a point of the best donor; regret is in points of accuracy. Left: all donors; right: without those
of the target's own classes.

| ranking by | tau | hit@1 | hit@3 | regret | tau | hit@1 | hit@3 | regret |
|---|---|---|---|---|---|---|---|---|
{chr(10).join(lines)}

Scoring one donor on one target takes {seconds * 1000:.0f} ms of processor time here (median, the pass over the pictures
included).

## How much it brings

Accuracy of a transfer less that of scratch, means over the cases:

| donors of | labels | gain | spread |
|---|---|---|---|
{table}

What `most_similar` expects, learned from the cases of other targets only (ridge regression on what the donor's network
adds to an untrained one; scratch is not trained):

| left out | correlation with the true gain | in the 90 % interval | targets with 80 to 97 % in it |\
 called clear: better than scratch | called not clear: not better |
|---|---|---|---|---|---|
{chr(10).join(foretelling)}

A transfer that is called clear is as good as scratch in the end after {share:.0%} of its passes (median; measured after
1, 2, 3, 4, 6, 8 and 12 passes on 400 pictures).

## Goals

| | asked | reached |
|---|---|---|
| hit@1 | 0.80 | {best[1]:.2f} |
| hit@3 | 0.95 | {best[2]:.2f} |
| regret of the first, points | 0.7 | {best[3]:.2f} |
| correlation of the expected gain | 0.8 | {reached:.2f} |
| passes of a clear transfer over those of scratch | 0.33 | {share:.2f} |
| called clear and better | 0.85 | {(gain[clear] > 0).mean():.2f} |

The gains of one seed or two; more seeds: the same command goes on.
"""

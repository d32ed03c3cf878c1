"""The main job, end to end: ``veml demo``. Every step is the real one; run twice, everything is reused."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import faces
from .. import lab as labs
from ..evaluation.metric import Metric
from ..lab import Lab
from ..lifecycle import planning
from ..lifecycle.badcases import bad_cases
from ..lifecycle.donors import most_similar
from ..lifecycle.drift import drift
from ..lifecycle.rebuild import RebuildRow, measured, rebuild, rebuild_table
from ..lifecycle.similarity import DataSimilarity, similarity
from ..lifecycle.transfer import transfer
from ..serving.onnx import deploy
from ..storage.whole import write_whole
from ..versions.data import DataVersion
from ..versions.parts import test_part, train_part
from ..versions.training import TrainingVersion
from ..widgets import DriftPlot, LineageGraph, SimilarityHeatmap
from .stories import Story, choose_story


@dataclass
class Telling:
    """Prints the steps with their times and keeps what the report needs."""

    say: Callable[[str], None] = print
    began: float = field(default_factory=time.monotonic)
    results: dict[str, Any] = field(default_factory=dict)
    at: int = 0

    def step(self, title: str) -> None:
        self.at += 1
        self.say(f"\n[{self.at}/9] {title}  ({time.monotonic() - self.began:.0f} s)")

    def tell(self, text: object) -> None:
        self.say("\n".join("      " + line for line in str(text).splitlines()))


def run(
    out: str | Path = "demo-lab",
    *,
    data: str | Path | None = None,
    limit: int | None = None,
    quick: bool = False,
    say: Callable[[str], None] = print,
    progress: bool = True,
) -> dict[str, Any]:
    """Run the main job into the lab ``out``; gives what it measured.

    Parameters
    ----------
    data
        Folder with ``mnist``, ``fashion_mnist`` and ``cifar10``; None: the drawn road world.
    limit
        Samples of each role of each real set (a seeded part).
    quick
        Small parts and few epochs: to see that everything works, not to see good numbers.
    """
    story = choose_story(data, limit, quick)
    t = Telling(say)
    lab = labs.open(out)
    say(f"VeML-Lab demo on {story.title}, into the lab {lab.path}")
    known = len(lab.versions())

    t.step("import: samples and annotations apart, content hashes, roles train and test")
    limits = story.limits
    sets = {n: lab.add(n, source, limit=limits.get(n), progress=progress) for n, source in story.sets.items()}
    for v in sets.values():
        t.tell(v)

    t.step("embed: once per sample, ever")
    if story.weights is not None:
        embedder = lab.use_embedder(folders=[story.weights])
    else:
        embedder = lab.embedder
    _embed_all(list(sets.values()), embedder, t, progress)

    t.step("core sets and similarity: the paper's measure, a robust one, and all data")
    table = similarity(list(sets.values()), progress=progress)
    t.tell(table)
    t.tell(f"picture: {_picture(lab, 'similarity', SimilarityHeatmap(**faces.heatmap_of(table)))}")
    t.results["similarity"] = table.to_dict()

    t.step(f"lifecycles to remember: train on {' and on '.join(story.donors)}, deploy")
    for name in story.donors:
        model = planning.model(sets[name], story.recipe, name=f"{story.recipe['architecture']} for {name}")
        plan = planning.plan(model, sets[name], name=f"{name} from scratch", **story.hyper)
        first = planning.train(plan, lab, progress=progress)
        t.tell(first)
        if name == story.donors[0]:
            t.tell(deploy(first))

    new = sets[story.arrives]
    t.step(f"a new data set arrives: {story.arrives}; whose lifecycle is worth transferring?")
    transferred, t.results["transfer"] = _arrival(new, [sets[n] for n in story.donors], t, progress)
    if story.unrelated is not None:
        t.tell(f"and another one arrives: {story.unrelated}")
        arrived = sets[story.unrelated]
        _, t.results["unrelated"] = _arrival(arrived, [sets[n] for n in story.donors], t, progress)

    t.step("deploy: ONNX, parity with torch on real samples, ONNX Runtime")
    deployed = deploy(transferred, name=f"{story.arrives} in production")
    m = deployed.measured
    t.tell(deployed)
    t.tell(
        f"largest difference {m['largest_difference']:.2g} on {m['samples']} samples; torch {m['torch_ms']:.1f} ms,"
        f" ONNX Runtime {m['onnx_ms']:.1f} ms"
    )
    t.results["parity"] = dict(m)

    t.step(f"data from production: {story.production[0]}; has the distribution moved?")
    pool, test = _production(lab, story, progress)
    base = measured(transferred, test_part(new) or new)
    fresh = measured(transferred, test)
    judge, metric = transferred.judged_by, transferred.metric_name
    control = drift(transferred, test_part(new) or new, progress=progress)
    moved = drift(transferred, pool, progress=progress)
    t.tell(control)
    t.tell(moved)
    drop = judge.gain(fresh[metric], base[metric]) or 0.0
    t.tell(
        f"with labels: {metric} {base[metric]:.3f} -> {fresh[metric]:.3f}, a drop of {drop:.3f}"
        f" ({drop / max(base[metric], 1e-9):.0%})"
    )
    t.results["drift"] = {
        "p_value": moved.p_value, "drifted": moved.drifted, "paper": moved.paper_drifted, "control_p": control.p_value,
        "control_drifted": control.drifted, "before": base[metric], "after": fresh[metric],
    }  # fmt: skip

    t.step("rebuild: full training, transfer learning, active learning")
    rows, best = _rebuild_all(transferred, pool, test, test_part(new) or new, progress)
    t.tell(rebuild_table(rows, judge))
    t.results["rebuild"] = [r.__dict__ for r in rows]
    last = deploy(best, name=f"{story.arrives} in production, rebuilt", samples=test)
    found = bad_cases(last, test, progress=progress)
    t.tell(found)
    if len(found):
        found.save("bad cases", top=50)

    t.step(f"lineage of {last.name!r}, back to every data version")
    tree = lab.lineage(last, direction="ancestors")
    t.tell(tree)
    t.results["lineage"] = tree.to_dict()

    seconds = time.monotonic() - t.began
    versions = lab.versions()
    reused = (
        f"{known} of {len(versions)} versions were there already and were reused"
        if known
        else f"{len(versions)} versions made"
    )
    _picture(lab, "lineage", LineageGraph(**lab.elements()))
    _picture(lab, "drift", DriftPlot(**faces.driftplot_of(moved)))
    pictures = f"{_shown(lab.path)}/pictures/{{lineage,similarity,drift}}.html"
    say(f"\n{_summary(t.results, table, judge, rows)}\n\nDone in {seconds:.0f} s: {reused}.")
    say(f"Pictures: {pictures}\nOpen the lab in JupyterLab: veml lab {_shown(lab.path)}    (from a clone: make lab)")
    t.results |= {
        "seconds": round(seconds, 1),
        "lab": str(lab.path),
        "versions": len(versions),
        "reused": known,
        "pictures": pictures,
    }
    return t.results


def _arrival(
    new: DataVersion, donors: list[DataVersion], t: Telling, progress: bool
) -> tuple[TrainingVersion, dict[str, Any]]:
    """What the lab advises for a new data set, then both ways: the transfer and the start from scratch."""
    ranking = most_similar(new, donors, progress=progress)
    t.tell(ranking)
    plan = transfer(ranking, new)
    t.tell(plan)
    transferred = planning.train(plan, progress=progress)
    scratch = planning.train(plan.scratch(), progress=progress)
    passes = _passes_to(transferred, scratch)
    t.tell(f"transferred   {transferred.summary()}")
    t.tell(f"from scratch  {scratch.summary()}")
    if passes is not None:
        t.tell(f"the transfer is as good as that after {passes[0]} of {passes[1]} passes over the data")
    best = ranking.best()
    assert best is not None
    said = {"from": best.data.name, "transferred": transferred.metric, "scratch": scratch.metric}
    return transferred, said | {"clear": ranking.clear, "advice": ranking.advice, "passes": passes}


def _passes_to(transferred: TrainingVersion, scratch: TrainingVersion) -> tuple[int, int] | None:
    """Epochs after which a transfer reached what scratch came to in the end, and all of them; None if it never did."""
    name, judge = transferred.metric_name, transferred.judged_by
    values = transferred.series().get(name)
    if values is None or scratch.metric is None:
        return None
    epochs = int(transferred.plan["hyper"]["epochs"])
    for i, value in enumerate(values[:, 1], 1):  # one value each time that it was validated
        if not judge.better(scratch.metric, float(value)):
            return round(i * epochs / len(values)), epochs
    return None


def _embed_all(sets: list[DataVersion], embedder: Any, t: Telling, progress: bool) -> None:
    from ..embeddings.vectors import embed, missing_count

    t.tell(embedder)
    for v in sets:
        part = train_part(v)
        missing = missing_count(part, embedder)
        t0 = time.monotonic()
        embed(part, embedder, progress=progress)
        rate = missing / max(time.monotonic() - t0, 1e-9)
        t.tell(
            f"{part.name}: {missing:,} of {len(part):,} embedded"
            + (f", {rate:.0f} images/s" if missing else " (all known)")
        )


def _production(lab: Lab, story: Story, progress: bool) -> tuple[DataVersion, DataVersion]:
    """The new data, cut into what may be labelled (by video where there are videos) and what measures."""
    name, source = story.production
    arrived = lab.add(name, source, progress=progress)
    by = "video" if "video" in arrived.to_pandas().columns else None
    pool, holdout = arrived.split(f"{name}-pool", f"{name}-holdout", share=0.6, seed=0, by=by)
    return pool, holdout


def _rebuild_all(
    training: TrainingVersion, pool: DataVersion, test: DataVersion, old_test: DataVersion, progress: bool
) -> tuple[list[RebuildRow], TrainingVersion]:
    metric = training.metric_name
    rows = [
        RebuildRow(
            "no retraining",
            None,
            measured(training, test)[metric],
            measured(training, old_test)[metric],
            None,
            training.name,
        )
    ]
    runs: list[tuple[str, dict[str, Any]]] = [
        ("full training", {"method": "full"}),
        ("transfer learning", {"method": "transfer"}),
    ]
    runs += [(f"active learning {b:.0%}", {"method": "active", "budget": b}) for b in (0.1, 0.3, 0.5)]
    best: tuple[float, TrainingVersion] | None = None
    for label, options in runs:
        version = rebuild(training, pool, validation=test, progress=progress, **options)
        value = measured(version, test)[metric]
        labels = version.plan["labels"]
        rows.append(
            RebuildRow(label, labels, value, measured(version, old_test)[metric], version.seconds, version.name)
        )
        if best is None or training.judged_by.better(value, best[0]):
            best = (value, version)
    assert best is not None
    return rows, best[1]


def _picture(lab: Lab, name: str, widget: Any) -> str:
    """Static HTML of a view, beside the lab: it needs no kernel. Gives where it lies."""
    folder = lab.path / "pictures"
    folder.mkdir(exist_ok=True)
    bundle = widget._repr_mimebundle_()
    html = (bundle[0] if isinstance(bundle, tuple) else bundle)["text/html"]
    write_whole(folder / f"{name}.html", f"<!doctype html><meta charset=utf-8><title>{name}</title>{html}")
    widget.close()
    return _shown(folder / f"{name}.html")


def _summary(results: dict[str, Any], table: DataSimilarity, metric: Metric, rows: list[RebuildRow]) -> str:
    d, x = results["drift"], results["transfer"]
    pairs = {m: table.closest_pair(m) for m in table.measures}
    best = metric.ordered(rows[1:], lambda r: r.accuracy)[0]
    verdict = {True: "drift", False: "no drift"}
    lines = [
        "REPORT",
        "  nearest pair      " + ", ".join(f"{m}: {a} - {b}" for m, (a, b) in pairs.items()),
        f"  transfer          {_told(x, metric)}",
        *([f"  unrelated         {_told(results['unrelated'], metric)}"] if "unrelated" in results else []),
        (
            f"  deployed          ONNX, agrees with torch on {results['parity']['agreement']:.1%} of"
            f" {results['parity']['samples']} samples"
        ),
        (
            f"  drift             calibrated: {verdict[d['drifted']]} (p {d['p_value']:.2g}; control p"
            f" {d['control_p']:.2g}), paper's rule: {verdict[d['paper']]}; {metric.name} {d['before']:.3f} ->"
            f" {d['after']:.3f}"
        ),
        f"  rebuild           best: {best.method}, {best.labels:,} labels, {metric.name} {best.accuracy:.3f}",
    ]
    return "\n".join(lines)


def _told(x: dict[str, Any], metric: Metric) -> str:
    advised = "advised" if x["clear"] else "not advised"
    return f"from {x['from']} ({advised}): {metric.name} {x['transferred']:.3f}, from scratch {x['scratch']:.3f}"


def _shown(path: Path) -> str:
    """A path as people type it: relative where it lies below the current folder."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)

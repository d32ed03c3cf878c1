"""The main job, end to end: ``veml demo``. Every step is the real one; run twice, everything is reused."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import lab as labs
from .errors import BadInput, MissingFile
from .evaluation.metric import Metric
from .formats import read_idx, read_image_folder, road_world
from .lab import Lab
from .lifecycle import planning
from .lifecycle.badcases import bad_cases
from .lifecycle.donors import most_similar
from .lifecycle.drift import drift
from .lifecycle.rebuild import RebuildRow, measured, rebuild, rebuild_table
from .lifecycle.similarity import DataSimilarity, similarity
from .lifecycle.transfer import transfer
from .serving.onnx import deploy
from .sources.corrupted import corrupted
from .sources.limited import limited
from .sources.source import Source
from .storage.whole import write_whole
from .versions.data import DataVersion
from .versions.parts import test_part, train_part
from .versions.training import TrainingVersion


@dataclass(frozen=True)
class Story:
    """The data of one run: which sets there are, who donates, what arrives, what comes from production."""

    sets: dict[str, Source]
    donor: str
    arrives: str
    production: tuple[str, Source]
    recipe: dict[str, Any]
    hyper: dict[str, Any]
    limit: int | None
    weights: Path | None
    title: str


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


def real_story(data: Path, limit: int, quick: bool) -> Story:
    """MNIST, Fashion-MNIST and CIFAR-10 from a folder of real data."""
    sets: dict[str, Source] = {"mnist": read_idx(data / "mnist"), "fashion-mnist": read_idx(data / "fashion_mnist")}
    cifar = next((p for p in (data / "cifar10", data / "cifar10" / "cifar10_jpeg.tar.xz") if _has_images(p)), None)
    if cifar is not None:
        sets["cifar10"] = read_image_folder(cifar)
    arriving = limited(sets["fashion-mnist"], 2 * limit, seed=1, only="test")
    new = corrupted(arriving, "fog", severity=0.55, role="test")
    return Story(
        sets=sets,
        donor="mnist",
        arrives="fashion-mnist",
        production=("fashion-in-fog", new),
        recipe={"architecture": "resnet10", "width": 24, "size_px": [32, 32]},
        hyper={"epochs": 2 if quick else 6, "batch_size": 32, "lr": 4e-3, "augment": ["crop"]},
        limit=limit,
        weights=data,
        title="MNIST, Fashion-MNIST and CIFAR-10",
    )


def road_story(quick: bool) -> Story:
    """The drawn road world, in the three conditions of the paper's Table 3."""
    # a calibrated drift verdict wants 40 training and 20 test samples, which 96 scenes give; the others may be fewer
    n, arriving, rest = (96, 96, 48) if quick else (240, 120, 120)
    sets = {
        "clear-city": road_world("clear-city", n, seed=1),
        "overcast-suburb": road_world("overcast-suburb", arriving, seed=2),
    }
    fog = road_world("foggy-highway", n, seed=3)
    return Story(
        sets=sets | {"foggy-highway": road_world("foggy-highway", rest, seed=4)},
        donor="clear-city",
        arrives="overcast-suburb",
        production=("suburb-in-fog", _as_test(fog)),
        recipe={"architecture": "fcos", "backbone": "resnet10", "width": 32, "neck_channels": 32, "size_px": [160, 96]},
        hyper={"epochs": 1 if quick else 6, "batch_size": 8, "lr": 2e-3, "augment": ["flip"], "validate_every": 3},
        limit=None,
        weights=None,
        title="the drawn road world",
    )


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
    sets = {name: lab.add(name, source, limit=story.limit, progress=progress) for name, source in story.sets.items()}
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
    t.results["similarity"] = table.to_dict()

    donor, new = sets[story.donor], sets[story.arrives]
    t.step(f"the donor lifecycle: train on {story.donor}, deploy")
    model = planning.model(donor, story.recipe, name=f"{story.recipe['architecture']} for {story.donor}")
    first = planning.train(
        planning.plan(model, donor, name=f"{story.donor} from scratch", **story.hyper), lab, progress=progress
    )
    t.tell(first)
    t.tell(deploy(first))

    t.step(f"a new data set arrives: {story.arrives}; who is similar, and transfer its lifecycle")
    ranking = most_similar(new, [v for n, v in sets.items() if n != story.arrives], progress=progress)
    t.tell(ranking)
    plan = transfer(ranking, new)
    t.tell(plan)
    transferred = planning.train(plan, progress=progress)
    scratch = planning.train(plan.scratch(), progress=progress)
    t.tell(f"transferred   {transferred.summary()}")
    t.tell(f"from scratch  {scratch.summary()}")
    nearest = ranking.best()
    assert nearest is not None
    t.results["transfer"] = {
        "from": nearest.data.name,
        "transferred": transferred.metric,
        "scratch": scratch.metric,
    }

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
    pictures = _pictures(lab, moved, table)
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


def choose_story(data: str | Path | None, limit: int | None, quick: bool) -> Story:
    """Real sets where there are some, else the road world."""
    if limit is not None and limit < 20:
        raise BadInput(f"--limit must be at least 20 samples, got {limit}")
    if data is None:
        return road_story(quick)
    folder = Path(data).expanduser()
    if not folder.is_dir():
        raise MissingFile(
            f"there is no folder {folder}; give one that holds mnist/ and fashion_mnist/, or leave --data out"
        )
    for part in ("mnist", "fashion_mnist"):
        if not (folder / part).is_dir():
            raise MissingFile(
                f"{folder} has no folder {part}/ with idx files; leave --data out to use the drawn road world"
            )
    return real_story(folder, limit or (120 if quick else 600), quick)


def default_data() -> Path | None:
    """``../shared/data`` where it exists (in the project's own workplace), else None."""
    found = Path("../shared/data")
    return found if (found / "mnist").is_dir() else None


def _embed_all(sets: list[DataVersion], embedder: Any, t: Telling, progress: bool) -> None:
    from .embeddings.vectors import embed, missing_count

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


def _pictures(lab: Lab, moved: Any, table: Any) -> str:
    """Static HTML of the three views, beside the lab: they need no kernel."""
    from . import faces
    from .widgets import DriftPlot, LineageGraph, SimilarityHeatmap

    folder = lab.path / "pictures"
    folder.mkdir(exist_ok=True)
    views = {
        "lineage": LineageGraph(**lab.elements()), "similarity": SimilarityHeatmap(**faces.heatmap_of(table)),
        "drift": DriftPlot(**faces.driftplot_of(moved)),
    }  # fmt: skip
    for name, widget in views.items():
        bundle = widget._repr_mimebundle_()
        html = (bundle[0] if isinstance(bundle, tuple) else bundle)["text/html"]
        write_whole(folder / f"{name}.html", f"<!doctype html><meta charset=utf-8><title>{name}</title>{html}")
        widget.close()
    return f"{_shown(folder)}/{{{','.join(views)}}}.html"


def _summary(results: dict[str, Any], table: DataSimilarity, metric: Metric, rows: list[RebuildRow]) -> str:
    d, x = results["drift"], results["transfer"]
    pairs = {m: table.closest_pair(m) for m in table.measures}
    best = metric.ordered(rows[1:], lambda r: r.accuracy)[0]
    verdict = {True: "drift", False: "no drift"}
    lines = [
        "REPORT",
        "  nearest pair      " + ", ".join(f"{m}: {a} - {b}" for m, (a, b) in pairs.items()),
        f"  transfer          from {x['from']}: {metric.name} {x['transferred']:.3f}, from scratch {x['scratch']:.3f}",
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


def _as_test(source: Source) -> Source:
    """The same records as test data from production."""
    import dataclasses

    def records() -> Any:
        return (dataclasses.replace(r, role="test") for r in source.records())

    return dataclasses.replace(source, records=records, fingerprint=source.fingerprint + "|test")


def _has_images(path: Path) -> bool:
    return path.is_file() or (path / "train").is_dir() or (path / "test").is_dir()


def _shown(path: Path) -> str:
    """A path as people type it: relative where it lies below the current folder."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)

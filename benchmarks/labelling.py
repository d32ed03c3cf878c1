"""Do pre-labels pay? Clicks with and without them on three sets, into docs/results/labelling.md.

    python benchmarks/labelling.py --cache CACHE [--epochs 30] [--data DIR]

CACHE is a lab: a training that is there already is not run again. The people are the sets' own labels, through the
whole way of a task: files out, an export back, pull. A click is what the lab counts: 2 to draw a box or draw it anew,
1 for another class, 1 to delete; 1 to say the class of a picture.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import io
import json
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # runs from a checkout that is not installed
sys.path += [str(Path(__file__).resolve().parents[1] / "tests" / p) for p in ("", "lifecycle")]  # ResNet-20 is there

from _image_sets import DATA
from tables_similarity import markdown

import veml_lab as veml
from veml_lab.evaluation.boxes import iou
from veml_lab.evaluation.kinds import SCORE
from veml_lab.lab import Lab
from veml_lab.labelling.comparison import edits
from veml_lab.labelling.label_studio_tasks import results
from veml_lab.labelling.said import Region, Said
from veml_lab.lifecycle.label_task import LabelTask
from veml_lab.sources.source import Box, Record, Source
from veml_lab.versions.data import DataVersion

RESULTS = Path(__file__).resolve().parents[1] / "docs" / "results" / "labelling.md"
CLOSE = (0.5, 0.7)  # how well a box must fit for a person to leave it; 0.7 is KITTI's own for cars
SCORES = (0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
FIT = 60  # frames that the detector learns from; the others are labelled
PICTURES, EVERY = 1000, 10
CAR = "Car"
WANTED = 0.5  # mAP50 of the detector of cars


def told(task: LabelTask, answer: Callable[[int, Said | None], Said]) -> list[int]:
    """Export a task as a person would leave it, pull it; clicks of each sample."""
    folder = Path(task.addresses[""])
    job = task._jobs()[""]
    clicks, export = [], []
    for t in json.loads((folder / "tasks.json").read_text()):
        item = job.by_sample[t["data"]["veml_sample"]]
        said = answer(item.sample, item.before)
        clicks.append(sum(e.clicks for e in edits(item.before, said)))
        export.append({**t, "annotations": [{"result": results(item, said), "was_cancelled": False}]})
    (folder / "back" / "export.json").write_text(json.dumps(export))
    pulled = task.pull()
    assert pulled.back == len(task) and not pulled.unusable
    c = pulled.counts
    assert c.clicks == sum(clicks), "what the lab counts is what the person did"
    return clicks


def corrected(before: Said | None, truth: Sequence[Region], close: float) -> Said:
    """What a person makes of pre-labels: leaves what fits, draws anew what touches, deletes and adds the rest."""
    free = list(truth)
    kept: list[Region] = []
    for r in before.regions if before else ():
        share = iou([r.corners], [t.corners for t in free])[0] if free else np.zeros(0)
        best = int(share.argmax()) if len(share) else -1
        if best < 0 or share[best] < 0.1:
            continue
        t = free.pop(best)
        kept.append(r if share[best] >= close else dataclasses.replace(t, id=r.id))
    return Said(regions=(*kept, *(dataclasses.replace(t, id="") for t in free)))


def kitti(lab: Lab, data: Path, epochs: int, out: Path) -> tuple[list[list[Any]], str]:
    """Cars of KITTI: a detector that learned from 60 frames pre-labels the other 41."""
    if "cars to label" not in lab:
        whole = out / "kitti"
        with tarfile.open(data / "kitti" / "kitti.tar.xz") as tar:
            tar.extractall(whole, filter="data")
        source = veml.read(next(whole.rglob("training")).parent, format="kitti")
        rows = [dataclasses.replace(r, boxes=tuple(b for b in r.boxes if b.label == CAR)) for r in source.records()]
        rows = [dataclasses.replace(r, role="") for r in rows]
        for name, part in (("cars to learn from", rows[:FIT]), ("cars to label", rows[FIT:])):
            records = functools.partial(iter, part)
            named = {"total": len(part), "fingerprint": name, "classes": (CAR,), "unread": list}
            made = dataclasses.replace(source, records=records, **named)
            lab.add(name, made, copy=True, progress=False)
    fit, pool = (lab.get(n, "data") for n in ("cars to learn from", "cars to label"))
    recipe = {"architecture": "fcos", "backbone": "resnet10", "width": 16, "neck_channels": 32, "size_px": [384, 112]}
    detector = veml.model(fit, recipe, name="detector of cars")
    name = f"cars, {epochs} epochs"
    if name not in lab:
        plan = veml.plan(detector, fit, name=name, validation=pool, epochs=epochs, batch_size=4, lr=2e-3)
        veml.train(plan, lab, progress=True)
    run = lab.get(name, "training")
    deployed = veml.deploy(run, name=f"{name}, deployed", check=4)
    _, score = min((sum(clicks_of(deployed, fit, s)), s) for s in SCORES)
    truth = {i: [Region(b.label, b.x, b.y, b.w, b.h) for b in bs] for i, bs in pool.annotations.of_kind("box").items()}
    cars = sum(map(len, truth.values()))
    rows_out = []
    for close in CLOSE:
        task = veml.label(
            pool, using=deployed, to=out / f"tasks {close}", blind=0, least_score=score, name=f"cars {close} {out.name}"
        )
        clicks = sum(told(task, lambda i, before, close=close: corrected(before, truth.get(i, []), close)))
        k = task.kept.whole
        made = [k.kept, k.changed, k.deleted, k.added]
        what = f"KITTI, left at IoU {close:g}", f"{cars} cars of {len(pool)} frames"
        rows_out.append([*what, 2 * cars, clicks, f"{clicks / (2 * cars):.2f}", *made])
    return rows_out, f"mAP50 {run.metric:.2f}" if run.metric_name == "mAP50" else f"{run.metric_name} {run.metric:.2f}"


def clicks_of(deployed: Any, data: DataVersion, score: float, close: float = 0.7) -> list[int]:
    """Clicks that the pre-labels above a score would cost on the frames that the detector learned from."""
    from veml_lab.serving.predict import predict

    said = predict(deployed, data, progress=False)
    boxes = data.annotations.of_kind("box")
    found = []
    for i, d in zip(data.ids, said.detections or (), strict=True):
        sure = d["scores"] >= score
        regions = tuple(
            Region(CAR, float(x), float(y), float(p - x), float(q - y), f"p{k}")
            for k, (x, y, p, q) in enumerate(d["boxes"][sure])
        )
        truth = [Region(b.label, b.x, b.y, b.w, b.h) for b in boxes.get(i, ())]
        found.append(
            sum(e.clicks for e in edits(Said(regions=regions), corrected(Said(regions=regions), truth, close)))
        )
    return found


def cifar(lab: Lab, data: Path, out: Path) -> tuple[list[list[Any]], str]:
    """A thousand test pictures of CIFAR-10, pre-labelled by ResNet-20 with its published weights."""
    from test_real_cases import predicted

    if "every tenth picture" not in lab:
        source = veml.read(data / "cifar10" / "cifar10_jpeg.tar.xz")
        first = list(islice((r for r in source.records() if r.role == "test"), 0, None, EVERY))  # they lie by class
        lab.add(
            "every tenth picture",
            Source("cifar", "cifar10", "classification", source.classes, lambda: iter(first), PICTURES, "cifar 1000"),
            progress=False,
        )
    pool = lab.get("every tenth picture", "data")
    truth = pool.annotations.class_labels
    best = predicted(20, pool).probabilities.argmax(1)
    if "what ResNet-20 says of every tenth" not in lab:
        pool.correct(
            "what ResNet-20 says of every tenth",
            {i: {"class": pool.classes[k]} for i, k in zip(pool.ids, best, strict=True)},
        )
    said = lab.get("what ResNet-20 says of every tenth", "data")
    right = np.mean([pool.classes[k] == truth[i] for i, k in zip(pool.ids, best, strict=True)])
    task = veml.label(pool, using=said, to=out / "cifar", blind=0, name=f"pictures {out.name}")
    clicks = sum(told(task, lambda i, before: Said(truth[i])))
    k = task.kept.whole
    row = ["CIFAR-10", f"{len(pool):,} pictures", len(pool), clicks, f"{clicks / len(pool):.3f}",
           k.kept, k.changed, k.deleted, k.added]  # fmt: skip
    return [row], f"accuracy {right:.1%}"


def indoor(lab: Lab, data: Path, out: Path) -> tuple[list[list[Any]], str]:
    """Robot pictures with boxes that a detector of others said, as they come with the set."""
    whole = out / "indoor"
    with tarfile.open(data / "indoor_map_demo" / "indoor_map_demo.tar.xz") as tar:
        tar.extractall(whole, filter="data")
    (pictures,) = whole.rglob("images-optional")
    there = {k: _boxes_of(pictures.parent / k) for k in ("ground-truth", "detection-results")}
    classes = tuple(sorted({b.label for boxes in there.values() for bs in boxes.values() for b in bs}))
    if "rooms" not in lab:
        rows = [_record(p, there["ground-truth"].get(p.stem, ())) for p in sorted(pictures.glob("*.jpg"))]
        records = functools.partial(iter, rows)
        lab.add("rooms", Source("rooms", "rooms", "detection", classes, records, len(rows), "rooms"), progress=False)
        uris = lab.get("rooms", "data").samples["uri"].to_pylist()
        said = {u: {"box": there["detection-results"].get(Path(u).stem, [])} for u in uris}
        lab.get("rooms", "data").correct("rooms, detected", said)
    pool = lab.get("rooms", "data")
    truth = {i: [Region(b.label, b.x, b.y, b.w, b.h) for b in bs] for i, bs in pool.annotations.of_kind("box").items()}
    n, found = sum(map(len, truth.values())), []
    for close in CLOSE:
        name = f"rooms {close} {out.name}"
        task = veml.label(pool, using=lab.get("rooms, detected", "data"), to=out / name, blind=0, name=name)
        clicks = sum(told(task, lambda i, before, close=close: corrected(before, truth.get(i, []), close)))
        k = task.kept.whole
        made = [k.kept, k.changed, k.deleted, k.added]
        what = f"indoor, left at IoU {close:g}", f"{n} objects of {len(pool)} pictures"
        found.append([*what, 2 * n, clicks, f"{clicks / (2 * n):.2f}", *made])
    return found, f"{sum(map(len, there['detection-results'].values()))} boxes"


def _boxes_of(folder: Path) -> dict[str, list[Box]]:
    """Lines ``class [score] left top right bottom`` by the name of their picture; boxes surer than 0.4."""
    found: dict[str, list[Box]] = {}
    for file in sorted(folder.glob("*.txt")):
        for line in file.read_text().splitlines():
            label, *numbers = [w for w in line.split() if w != "difficult"]
            *score, left, top, right, bottom = map(float, numbers)
            if not score or score[0] >= SCORE:
                found.setdefault(file.stem, []).append(Box(label, left, top, right - left, bottom - top))
    return found


def _record(file: Path, boxes: Sequence[Box]) -> Record:
    with Image.open(file) as image:
        w, h = image.size
    return Record(file.name, file.read_bytes(), w, h, boxes=tuple(boxes))


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--cache", type=Path, required=True)
    p.add_argument("--epochs", type=int, default=30)
    p.add_argument("--data", type=Path, default=DATA)
    args = p.parse_args()
    lab = veml.open(args.cache)
    out = Path(tempfile.mkdtemp(prefix="veml-labelling-"))
    try:
        rows, said = cifar(lab, args.data, out)
        rooms, boxes = indoor(lab, args.data, out)
        cars, detector = kitti(lab, args.data, args.epochs, out)
    finally:
        shutil.rmtree(out, ignore_errors=True)
    head = ["set", "what", "clicks without", "clicks with", "ratio", "kept", "changed", "deleted", "added"]
    text = io.StringIO()
    text.write("# Do pre-labels pay?\n\nMade by `python benchmarks/labelling.py`; do not edit.\n\n")
    text.write(
        "The people are the sets' own labels. A click: 2 to draw a box or draw it anew, 1 for another class or to"
        " delete a box, 1 to say the class of a picture. *Left at IoU x*: the person leaves a box that fits by x, and"
        " draws anew one that fits less.\n\n"
    )
    text.write(markdown(head, [[str(c) for c in r] for r in [*rows, *rooms, *cars]]))
    text.write(
        f"\n\nCIFAR-10: ResNet-20 with its published weights, {said}. Indoor: {boxes} surer than {SCORE:g} that"
        f" came with the set, of a detector of others. KITTI: FCOS on ResNet-10 that learned from {FIT}"
        f" frames for {args.epochs} epochs at 384 x 112 px, {detector} on the frames that are labelled; the score from"
        " which a box is a pre-label was chosen on the frames that it learned from.\n"
    )
    if float(detector.split()[-1]) < WANTED:
        text.write(
            f"\nWanted for KITTI was a detector of mAP50 {WANTED:g}, which was not reached: what this one says costs"
            " about as many clicks as it saves, so nothing is shown there but that a weak detector does not pay.\n"
        )
    RESULTS.write_text(text.getvalue(), encoding="utf-8")
    print(text.getvalue())


if __name__ == "__main__":
    main()

"""A job's steps a second against a bare loop of the same network, and how long a job takes to its first step.

    python benchmarks/training.py [--write] [--rounds 3] [--epochs 2] [--images 480]

The bare loop is what one writes without a lab: the same network, optimiser, schedule and batches, the
decoded pictures in memory, no log, no checkpoint. The job logs every step, saves what it would resume from
after every epoch and looks at the machine. Both take turns; the first epoch of each, in which pictures are
decoded, is not counted; the ratio of a round is what is compared. Steps are counted by the processor time of
this process, on one torch thread, so that what else the machine does falls on neither; the time to the first
step is by the clock. What is saved at the end of an epoch takes about a tenth of a second whatever the epoch's
length, so short epochs (fewer images) show a lower ratio.
"""

from __future__ import annotations

import argparse
import dataclasses
import logging
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # runs from a checkout that is not installed

import torch

import veml_lab as veml
from veml_lab.training import jobs
from veml_lab.training.reporter import Reporter
from veml_lab.training.torchvision import loop
from veml_lab.training.torchvision.networks import build

RESULTS = Path(__file__).resolve().parents[1] / "docs" / "results"
TARGET, TARGET_S = 0.97, 10.0
BATCH = 8


@dataclass(frozen=True)
class Case:
    """One network on one task."""

    name: str
    data: str
    recipe: Mapping[str, Any]
    bare: Callable[..., list[float]]


class Timed(Reporter):
    """The job's own report, which also notes when each step was told."""

    stamps: list[float] = []
    first: float | None = None

    def step(self, step: int, *, samples: float = 0, **values: float) -> None:
        super().step(step, samples=samples, **values)
        Timed.first = Timed.first or time.perf_counter()
        self.stamps.append(time.process_time())


def rate(stamps: list[float], per_epoch: int) -> float:
    """Steps a second of processor time after the first epoch."""
    return (len(stamps) - per_epoch) / (stamps[-1] - stamps[per_epoch - 1])


def bare_torchvision(recipe: Mapping[str, Any], data: Any, epochs: int) -> list[float]:
    """forward, backward, step, over pictures in memory."""
    images = data.to_torch(size_px=tuple(recipe["size_px"]))
    kept = [images[i] for i in range(len(images))]
    torch.manual_seed(0)
    net = build(recipe).train()
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3)
    order = torch.Generator().manual_seed(0)
    loader = torch.utils.data.DataLoader(
        kept, BATCH, shuffle=True, generator=order, collate_fn=lambda b: tuple(map(list, zip(*b, strict=True)))
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-3, total_steps=epochs * len(loader))
    stamps = []
    for _ in range(epochs):
        for x, y in loader:
            loss = loop.loss_of(net, recipe, x, y, torch.device("cpu"))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            stamps.append(time.process_time())
    return stamps


def bare_mmdet(recipe: Mapping[str, Any], data: Any, epochs: int) -> list[float]:
    """The same with mmdet's own pipeline, preprocessor and losses."""
    from mmengine.dataset import pseudo_collate

    from veml_lab.training.mmdet import config, network
    from veml_lab.training.mmdet import dataset as datasets
    from veml_lab.versions.torch_dataset import VersionDataset

    parsed = config.parse(recipe["config"])
    made = datasets.version_dataset(
        parsed["train_dataloader"]["dataset"], VersionDataset(data, classes=tuple(recipe["classes"]), cache=True)
    )
    torch.manual_seed(0)
    net = network.build(recipe).train()
    logging.disable(logging.INFO)  # mmengine names every tensor that it initialises
    with network.scope():
        net.init_weights()
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3)
    loader = torch.utils.data.DataLoader(
        made, BATCH, shuffle=True, generator=torch.Generator().manual_seed(0), collate_fn=pseudo_collate
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-3, total_steps=epochs * len(loader))
    stamps = []
    for _ in range(epochs):
        for batch in loader:
            x = net.data_preprocessor(batch, True)
            loss, _ = net.parse_losses(net.loss(x["inputs"], x["data_samples"]))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            stamps.append(time.process_time())
    return stamps


CASES = (
    Case(
        "torchvision ResNet-18, 64 px",
        "digits",
        {"architecture": "resnet18", "width": 32, "size_px": [64, 64]},
        bare_torchvision,
    ),
    Case(
        "torchvision FCOS, ResNet-10, 160 x 96",
        "road",
        {"architecture": "fcos", "backbone": "resnet10", "width": 16, "neck_channels": 32, "size_px": [160, 96]},
        bare_torchvision,
    ),
    Case(
        "mmdet RetinaNet, ResNet-18, 160 x 96",
        "road",
        {"backend": "mmdet", "architecture": "retinanet", "width": 16, "neck_channels": 32, "size_px": [160, 96]},
        bare_mmdet,
    ),
)


def job(lab: Any, case: Case, data: Any, epochs: int, round_no: int) -> tuple[list[float], float]:
    """Stamps of a whole job, and seconds from its start to its first step."""
    model = veml.model(data, case.recipe, name=case.name)
    plan = veml.plan(
        model,
        data,
        name=f"{case.name} {round_no} {epochs}",
        epochs=epochs,
        batch_size=BATCH,
        lr=1e-3,
        seed=round_no,
        clip=None,
    )
    plan = dataclasses.replace(plan, validation=None)  # the bare loop measures nothing either
    Timed.stamps, Timed.first = [], None
    jobs.Reporter = Timed  # type: ignore[misc]
    began = time.perf_counter()
    veml.train(plan, lab, progress=False)
    assert Timed.first is not None
    return Timed.stamps, Timed.first - began


def compare(lab: Any, case: Case, data: Any, rounds: int, epochs: int) -> dict[str, Any]:
    """Median rates and ratio over the rounds."""
    per_epoch = -(-len(data) // BATCH)
    ratios, rates, first = [], [], []
    for r in range(rounds):
        recipe = veml.model(data, case.recipe, name=case.name).recipe
        bare = rate(case.bare(recipe, data, epochs), per_epoch)
        stamps, start_s = job(lab, case, data, epochs, r)
        mine = rate(stamps, per_epoch)
        ratios.append(mine / bare)
        rates.append((bare, mine))
        first.append(start_s)
    bare, mine = (statistics.median(v) for v in zip(*rates, strict=True))
    return {
        "name": case.name,
        "bare": bare,
        "job": mine,
        "ratio": statistics.median(ratios),
        "low": min(ratios),
        "high": max(ratios),
        "first_s": max(first),
    }


FRESH = """
import sys, time
sys.path.insert(0, sys.argv[1])
began = time.perf_counter()
import veml_lab as veml
from veml_lab.training import backend
backend(sys.argv[4])
import importlib
if sys.argv[4] == "mmdet":
    importlib.import_module("veml_lab.training.mmdet.run")
importlib.import_module("veml_lab.training.jobs")
imported = time.perf_counter()
lab = veml.open(sys.argv[2])
sys.path.insert(0, sys.argv[1] + "/benchmarks")
import training as b
case = next(c for c in b.CASES if c.name == sys.argv[3])
at = time.perf_counter()
stamps, first = b.job(lab, case, lab[case.data + "-train"], 1, 1000)
print(imported - began, (at - imported) + first)
"""


def fresh(lab: Any, case: Case) -> tuple[float, float]:
    """Seconds of imports, and from then to the first step, in a process of its own."""
    root = Path(__file__).resolve().parents[1]
    command = [
        sys.executable,
        "-c",
        FRESH,
        str(root),
        str(lab.path),
        case.name,
        case.recipe.get("backend", "torchvision"),
    ]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(out[-2]), float(out[-1])


def main() -> None:
    """Compare, print, and with --write keep the table."""
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--rounds", type=int, default=3)
    args.add_argument("--epochs", type=int, default=2)
    args.add_argument("--images", type=int, default=480)
    args.add_argument("--only", metavar="WORD", default="", help="cases whose name has this in it")
    args.add_argument("--write", action="store_true", help="keep the table in docs/results/training.md")
    a = args.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as d:  # the owner of the lab may still be writing
        lab = veml.open(Path(d) / "lab")
        lab.add("road", veml.road_world("clear-city", a.images, seed=1), progress=False)
        lab.add("digits", veml.read_idx(_digits(Path(d) / "digits", a.images)), progress=False)
        rows = []
        for case in (c for c in CASES if a.only in c.name):
            data = lab[f"{case.data}-train"]
            row = compare(lab, case, data, a.rounds, a.epochs)
            row["import_s"], row["beyond_s"] = fresh(lab, case)
            rows.append(row)
            print(
                f"{row['name']:<40} bare {row['bare']:.2f}/s  job {row['job']:.2f}/s  ratio {row['ratio']:.3f}"
                f" ({row['low']:.3f} to {row['high']:.3f})  first step {row['beyond_s']:.1f} s after"
                f" {row['import_s']:.1f} s of imports",
                flush=True,
            )
    text = table(rows, a)
    if a.write:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "training.md").write_text(text)
    print(text)


def _digits(folder: Path, n: int) -> Path:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
    from labs import write_digits

    return write_digits(folder, n, 10)


def table(rows: list[dict[str, Any]], a: argparse.Namespace) -> str:
    """The page of docs/results."""
    lines = [
        "# Training: a job against the bare loop",
        "",
        (
            f"Made by `python benchmarks/training.py --write --rounds {a.rounds} --epochs {a.epochs} --images"
            f" {a.images}`. Steps a second of processor time, batches of {BATCH}, one torch thread; medians, and the"
            " least and largest ratio of the rounds. First step: from the start of a job in a fresh process, its"
            " imports taken off. What a job saves at the end of an epoch takes about 0.1 s whatever its length, so"
            " epochs of few steps show a lower ratio."
        ),
        "",
        "| network | bare loop | job | ratio | rounds | first step beyond imports | imports |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {r['name']} | {r['bare']:.2f} | {r['job']:.2f} | **{r['ratio']:.3f}** | {r['low']:.3f} to {r['high']:.3f} |"
        f" {r['beyond_s']:.1f} s | {r['import_s']:.1f} s |"
        for r in rows
    ]
    worst, slow = min(r["ratio"] for r in rows), max(r["beyond_s"] for r in rows)
    lines += [
        "",
        (
            f"At least {TARGET:.0%} of the bare loop:"
            f" {'met' if worst >= TARGET else f'missed, the smallest ratio is {worst:.3f}'}. First step within"
            f" {TARGET_S:.0f} s beyond the imports: {'met' if slow <= TARGET_S else f'missed, {slow:.1f} s'}."
        ),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()

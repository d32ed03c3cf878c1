"""A zoo of small trainings and transfers: which score names the best donor, and can the gain be predicted?

    python benchmarks/zoo.py --cache CACHE [--seeds 3] [--data DIR] [--only transfers|scores|page]

Every donor, transfer and score is written to CACHE at once, so a stopped run goes on where it was; seeds come one after
the other, so that a run that is not finished has whole seeds. It writes docs/results/donors.md, and with --prior the
transfers that an empty lab begins with (veml_lab/lifecycle/zoo.csv).
"""

from __future__ import annotations

import argparse
import csv
import gzip
import itertools
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # runs from a checkout that is not installed

from _image_sets import DATA
from _zoo_page import cases_of, page, write_prior

from veml_lab.sources.decoder import decode

GROUPS = {
    "digits 0-4": ("mnist", (0, 1, 2, 3, 4)),
    "digits 5-9": ("mnist", (5, 6, 7, 8, 9)),
    "tops": ("fashion", (0, 2, 3, 4, 6)),
    "other wear": ("fashion", (1, 5, 7, 8, 9)),
    "animals": ("cifar", (2, 3, 4, 5, 7)),
    "vehicles": ("cifar", (0, 1, 8, 9, 6)),  # and frogs, so that all groups have five classes
}
TARGET_CONDITIONS = ("plain", "fog", "dark", "blur")
DONOR_CONDITIONS = ("plain", "noise", "inverted", "dark")
SIZES = (100, 400)
ARCHITECTURES = ("plain6", "residual6")
DONOR_IMAGES, TEST_IMAGES, SEEN_EPOCHS = 1200, 1000, (1, 2, 3, 4, 6, 8, 12)
EPOCHS = 12


# ---------------------------------------------------------------------------------------------------- data
def load(data: Path) -> dict[str, dict[str, tuple[np.ndarray, np.ndarray]]]:
    """uint8 (n, 16, 16, 3) pictures and labels by source and role."""
    out: dict[str, dict[str, tuple[np.ndarray, np.ndarray]]] = {}
    for name, folder in (("mnist", "mnist"), ("fashion", "fashion_mnist")):
        out[name] = {}
        for role, stem in (("train", "train"), ("test", "t10k")):
            with gzip.open(data / folder / f"{stem}-images-idx3-ubyte.gz") as f:
                x = np.frombuffer(f.read(), np.uint8, offset=16).reshape(-1, 28, 28)
            with gzip.open(data / folder / f"{stem}-labels-idx1-ubyte.gz") as f:
                y = np.frombuffer(f.read(), np.uint8, offset=8).astype(np.int64)
            out[name][role] = (np.repeat(small(x)[..., None], 3, axis=3), y)
    kept: dict[str, list] = {"train": [], "test": []}
    names: dict[str, int] = {}
    with tarfile.open(data / "cifar10" / "cifar10_jpeg.tar.xz") as tar:
        for member in sorted((m for m in tar if m.isfile()), key=lambda m: m.name):
            *_, role, label, name = member.name.split("/")
            if not name.endswith(".jpg") or (int(Path(name).stem) % 5 and role == "train"):
                continue
            kept[role].append((decode(tar.extractfile(member).read(), name), names.setdefault(label, len(names))))
    out["cifar"] = {
        r: (small(np.stack([np.asarray(x) for x, _ in v])), np.array([y for _, y in v])) for r, v in kept.items()
    }
    return out


def small(x: np.ndarray) -> np.ndarray:
    """Pictures at 16 x 16 px, each pixel the mean of those that it covers."""
    from PIL import Image

    return np.stack([np.asarray(Image.fromarray(i).resize((16, 16), Image.Resampling.BOX)) for i in x])


def condition(x: np.ndarray, name: str, seed: int) -> np.ndarray:
    """The pictures (n, 16, 16, 3) uint8 under a condition."""
    from scipy.ndimage import gaussian_filter

    f = x.astype(np.float32)
    if name == "fog":
        f = 0.45 * f + 0.55 * 200
    elif name == "dark":
        f = 0.3 * f
    elif name == "blur":
        f = gaussian_filter(f, (0, 1.0, 1.0, 0))
    elif name == "noise":
        f = f + np.random.default_rng(seed).normal(0, 50, f.shape)
    elif name == "inverted":
        f = 255 - f
    return f.clip(0, 255).astype(np.uint8)


class Sets:
    """Cuts of the sources: a group of classes under a condition, balanced by chance, drawn with a seed."""

    def __init__(self, data: Path, cache: Path) -> None:
        kept = cache / "pictures.npz"
        if not kept.exists():
            sources = load(data)
            np.savez_compressed(
                kept, **{f"{s}/{r}/{k}": a for s, v in sources.items() for r, p in v.items() for k, a in zip("xy", p)}
            )
        self.arrays = dict(np.load(kept))

    def cut(self, group: str, how: str, role: str, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """(n, 16, 16, 3) uint8 and labels 0-4. Targets take odd rows and donors even ones, so none is in both."""
        source, classes = GROUPS[group]
        x, y = self.arrays[f"{source}/{role}/x"], self.arrays[f"{source}/{role}/y"]
        rows = np.flatnonzero(np.isin(y, classes))
        if role == "train":
            rows = rows[rows % 2 == seed % 2]
        rows = np.random.default_rng([seed, 17]).permutation(rows)[:n]
        return condition(x[rows], how, seed), np.searchsorted(np.sort(classes), y[rows])


# ---------------------------------------------------------------------------------------------------- networks
def network(architecture: str, classes: int = 5) -> Any:
    """Six 3 x 3 layers of width 12, 24, 48 (``plain6``), or 16, 32 with a short cut round every two (``residual6``)."""
    from torch import nn

    def block(i: int, o: int, stride: int) -> list[Any]:
        return [nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU()]

    if architecture == "plain6":
        layers = [b for i, o, s in ((3, 12, 1), (12, 12, 2), (12, 24, 1), (24, 24, 2), (24, 48, 1), (48, 48, 2))
                  for b in block(i, o, s)]  # fmt: skip
        width = 48
    else:
        layers = [*block(3, 16, 1), Round(16, 16), *block(16, 32, 2), Round(32, 32)]
        width = 32
    return nn.Sequential(nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten()), nn.Linear(width, classes))


class Round(torch.nn.Module):
    """Two layers with a short cut round them."""

    def __init__(self, i: int, o: int) -> None:
        super().__init__()
        self.inside = torch.nn.Sequential(
            torch.nn.Conv2d(i, o, 3, 1, 1, bias=False), torch.nn.BatchNorm2d(o), torch.nn.ReLU(),
            torch.nn.Conv2d(o, o, 3, 1, 1, bias=False), torch.nn.BatchNorm2d(o),
        )  # fmt: skip

    def forward(self, x: Any) -> Any:
        return torch.relu(x + self.inside(x))


def as_input(x: np.ndarray) -> Any:
    return ((torch.from_numpy(x).permute(0, 3, 1, 2).float() / 255) - 0.45) / 0.25


def fit(net: Any, x: Any, y: Any, epochs: int, seed: int, test: tuple[Any, Any] | None = None) -> dict[int, float]:
    """Train in place with AdamW and one cycle of cosine; accuracies on ``test`` after some of the epochs."""
    torch.manual_seed(seed)
    steps = epochs * -(-len(x) // 32)
    optimiser = torch.optim.AdamW(net.parameters(), 4e-3, weight_decay=1e-2)
    plan = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    seen = {}
    for epoch in range(1, epochs + 1):
        net.train()
        for rows in torch.randperm(len(x)).split(32):
            if len(rows) < 2:  # batch norm has no variance of one
                continue
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(net(x[rows]), y[rows]).backward()
            optimiser.step()
            plan.step()
        if test is not None and epoch in SEEN_EPOCHS:
            n = TEST_IMAGES if epoch == epochs else 400  # on the way a part says enough
            seen[epoch] = accuracy(net, test[0][:n], test[1][:n])
    return seen


def accuracy(net: Any, x: Any, y: Any) -> float:
    net.eval()
    with torch.inference_mode():
        return float((net(x).argmax(1) == y).float().mean())


# ---------------------------------------------------------------------------------------------------- the runs
class Table:
    """A CSV file that grows by a row at a time and knows which rows it has."""

    def __init__(self, path: Path, keys: list[str], values: list[str]) -> None:
        self.path, self.keys, self.fields = path, keys, keys + values
        if path.exists():
            with path.open(newline="") as f:
                self.rows = list(csv.DictReader(f))
        else:
            path.write_text(",".join(self.fields) + "\n")
            self.rows = []
        self.known = {tuple(r[k] for k in keys) for r in self.rows}

    def has(self, *key: Any) -> bool:
        return tuple(map(str, key)) in self.known

    def add(self, *values: Any) -> None:
        row = dict(zip(self.fields, map(str, values), strict=True))
        with self.path.open("a", newline="") as f:
            csv.DictWriter(f, self.fields).writerow(row)
        self.rows.append(row)
        self.known.add(tuple(row[k] for k in self.keys))


DONORS = list(itertools.product(GROUPS, DONOR_CONDITIONS))
TARGETS = list(itertools.product(GROUPS, TARGET_CONDITIONS, SIZES))
TARGET_SEED, DONOR_SEED = 1, 2  # odd and even rows


def donor_network(cache: Path, sets: Sets, group: str, how: str, architecture: str, seed: int) -> Any:
    """A donor of the zoo, trained once."""
    file = cache / "donors" / f"{group} {how} {architecture} {seed}.pt"
    torch.manual_seed(100 + seed)
    net = network(architecture)
    if file.exists():
        net.load_state_dict(torch.load(file, weights_only=True))
        return net
    x, y = sets.cut(group, how, "train", DONOR_IMAGES, DONOR_SEED + 2 * seed)
    fit(net, as_input(x), torch.from_numpy(y), EPOCHS, seed)
    file.parent.mkdir(exist_ok=True)
    torch.save(net.state_dict(), file.with_suffix(".tmp"))
    file.with_suffix(".tmp").rename(file)
    return net


def run_transfers(cache: Path, sets: Sets, seeds: int) -> Table:
    """Every donor to every target, and scratch; accuracies after 1, 2, 3, 4, 6, 8, 12 passes."""
    keys = ["group", "condition", "size", "architecture", "seed", "donor_group", "donor_condition"]
    table = Table(cache / "transfers.csv", keys, [f"after_{e}" for e in SEEN_EPOCHS])
    began, done = time.monotonic(), 0
    total = seeds * len(ARCHITECTURES) * len(TARGETS) * (len(DONORS) + 1)
    for seed, architecture in itertools.product(range(seeds), ARCHITECTURES):
        donors = {d: donor_network(cache, sets, *d, architecture, seed) for d in DONORS}
        for group, how, size in TARGETS:
            x, y = sets.cut(group, how, "train", size, TARGET_SEED + 2 * seed)
            tx, ty = sets.cut(group, how, "test", TEST_IMAGES, TARGET_SEED)
            x, y, test = as_input(x), torch.from_numpy(y), (as_input(tx), torch.from_numpy(ty))
            for donor in [("", ""), *DONORS]:
                key = (group, how, size, architecture, seed, *donor)
                if table.has(*key):
                    continue
                torch.manual_seed(1000 + seed)
                net = network(architecture)
                if donor[0]:  # as veml.transfer does it: all layers, the last one only for classes that it knows
                    known = donors[donor].state_dict()
                    body = {k: v for k, v in known.items() if k.startswith("0.") or donor[0] == group}
                    net.load_state_dict(body, strict=False)
                seen = fit(net, x, y, EPOCHS, seed, test)
                table.add(*key, *(round(seen[e], 4) for e in SEEN_EPOCHS))
                done += 1
            rate = done / (time.monotonic() - began)
            print(f"{len(table.rows):,} of {total:,} transfers, {rate:.1f} a second", flush=True)
    return table


def run_scores(cache: Path, sets: Sets, seeds: int) -> Table:
    """Every score of every donor on every target, those of an untrained network, and the distances of the sets."""
    import veml_lab.geometry.transferability as t

    keys = ["group", "condition", "size", "architecture", "seed", "donor_group", "donor_condition"]
    table = Table(cache / "scores.csv", keys, [*t.SCORES, "seconds"])
    for seed, architecture in itertools.product(range(seeds), ARCHITECTURES):
        for donor in [("", ""), *DONORS]:
            todo = [target for target in TARGETS if not table.has(*target, architecture, seed, *donor)]
            if not todo:
                continue
            if donor[0]:
                net = donor_network(cache, sets, *donor, architecture, seed)
            else:
                torch.manual_seed(1000 + seed)
                net = network(architecture)
                x = as_input(sets.cut("tops", "noise", "train", 300, DONOR_SEED)[0])
                net.train()
                with torch.no_grad():
                    net(x)  # statistics of the norms, as the product calibrates random features
            net.eval()
            for target in todo:
                x, y = sets.cut(target[0], target[1], "train", target[2], TARGET_SEED + 2 * seed)
                began = time.process_time()
                with torch.inference_mode():
                    f = net[0](as_input(x))
                    p = net[1](f).softmax(1).numpy()
                values = [s.of(f.numpy() if s.needs == "features" else p, y) for s in t.SCORES.values()]
                table.add(*target, architecture, seed, *donor, *(f"{v:.6g}" for v in values),
                          f"{time.process_time() - began:.4f}")  # fmt: skip
        print(f"scores of {architecture}, seed {seed}", flush=True)
    return table


def run_distances(cache: Path, sets: Sets, data: Path) -> Table:
    """The paper's distance, energy and label distance between every donor's and every target's pictures."""
    from veml_lab.embeddings.torchvision import torchvision_embedder
    from veml_lab.geometry.ranking import rank
    from veml_lab.geometry.similarity import compare
    from veml_lab.geometry.transferability import label_distance

    table = Table(cache / "distances.csv", ["group", "condition", "donor_group", "donor_condition"],
                  ["mean", "energy", "relative", "label"])  # fmt: skip
    every = sorted({(*d, DONOR_SEED) for d in DONORS} | {(g, c, TARGET_SEED) for g, c, _ in TARGETS})
    if len(table.rows) == len(DONORS) * len(TARGETS) // len(SIZES):
        return table
    embedder, vectors, labels = None, {}, {}
    for group, how, seed in every:
        x, y = sets.cut(group, how, "train", 200, seed)
        file = cache / "vectors" / f"{group} {how} {seed}.npy"
        if not file.exists():
            embedder = embedder or torchvision_embedder("mobilenet_v2", folders=(data / "weights", data))
            file.parent.mkdir(exist_ok=True)
            big = torch.nn.functional.interpolate(torch.from_numpy(x).permute(0, 3, 1, 2), size=(224, 224))
            np.save(file, np.concatenate([embedder.forward(b) for b in big.split(50)]))
            print(f"embedded {group} {how}", flush=True)
        vectors[group, how, seed], labels[group, how, seed] = np.load(file), y
    for group, how in dict.fromkeys((g, c) for g, c, _ in TARGETS):
        if all(table.has(group, how, *d) for d in DONORS):
            continue
        here = (group, how, TARGET_SEED)
        named = {"target": vectors[here]} | {f"{g}/{c}": vectors[g, c, DONOR_SEED] for g, c in DONORS}
        both = compare(named, measures=("mean", "energy"), k=10)
        ranked = {c.name: c for c in rank(both, "target", measure="energy").candidates}
        for g, c in DONORS:
            if table.has(group, how, g, c):
                continue
            there = (g, c, DONOR_SEED)
            far = label_distance(vectors[here], labels[here], vectors[there], labels[there], most=200)
            i = both.names.index(f"{g}/{c}")
            found = ranked[f"{g}/{c}"]
            paper = both.measures["mean"][both.names.index("target"), i]
            values = (paper, found.value, found.relative, far)
            table.add(group, how, g, c, *(f"{v:.6g}" for v in values))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--prior", action="store_true", help="write what an empty lab begins with")
    parser.add_argument("--only", choices=["transfers", "scores", "page"])
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.cache.mkdir(parents=True, exist_ok=True)
    sets = Sets(args.data, args.cache)
    if args.only in (None, "transfers"):
        run_transfers(args.cache, sets, args.seeds)
    if args.only in (None, "scores"):
        run_distances(args.cache, sets, args.data)
        run_scores(args.cache, sets, args.seeds)
    rows = cases_of(args.cache, SEEN_EPOCHS)
    if args.prior:
        write_prior(rows)
    (Path(__file__).resolve().parents[1] / "docs" / "results" / "donors.md").write_text(
        page(rows, args.cache, SEEN_EPOCHS)
    )


if __name__ == "__main__":
    main()

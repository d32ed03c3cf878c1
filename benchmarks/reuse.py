"""What reuse saves in a session, what it costs where nothing repeats, and whether anything changes by it.

    python benchmarks/reuse.py [--quick] [--write] [--data DIR]

A session of twelve steps on Fashion-MNIST and CIFAR-10: two imports, a filter, a merge, embeddings, core sets of 10 to
100, similarity, drift of five windows, a linear head, 5 % of new data, the merge with them, and all that again. Beside
it joblib.Memory around the same functions, and labs whose cache may hold nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # runs from a checkout that is not installed

from _image_sets import DATA
from _suites import ROOT, in_turn, table

import veml_lab as veml
from veml_lab.catalog.runtime import read_pointer
from veml_lab.embeddings import embed
from veml_lab.geometry.coresets import k_center_greedy
from veml_lab.geometry.coverage import covering_ball_drift
from veml_lab.geometry.similarity import compare
from veml_lab.geometry.sums import Sums
from veml_lab.intermediates.keys import content_of
from veml_lab.lab import Lab
from veml_lab.sources.limited import limited
from veml_lab.sources.source import Source
from veml_lab.versions import operations
from veml_lab.versions.data import DataVersion
from veml_lab.versions.parts import test_part, train_part

NETWORK = "resnet34"  # random features: what is measured is time
KS = range(10, 101, 10)
WINDOWS = 5
SHARE = 0.05  # of new data
MEGABYTES = 64  # of an array that is hashed
NO_BUDGET = "[cache]\nbudget_gb = 0\n"


@dataclass(frozen=True)
class Sizes:
    """How much of each set goes in."""

    images: int = 300  # of each set's training part
    window: int = 40
    size_px: int = 224
    rounds: int = 9


def spent(lab: Path) -> float:
    """CPU seconds of this process and of the one that owns the lab's catalog."""
    owner = read_pointer(lab)
    seconds = time.process_time()
    if owner is not None:
        with contextlib.suppress(psutil.Error):
            seconds += sum(psutil.Process(owner.pid).cpu_times()[:2])
    return seconds


@dataclass
class Watch:
    """CPU seconds of the steps, by name; what they gave as one hash."""

    lab: Path
    cpu: dict[str, float] = field(default_factory=dict)
    digest: Any = field(default_factory=hashlib.sha256)

    def __call__(self, name: str, run: Callable[[], Any]) -> Any:
        begin = spent(self.lab)
        result = run()
        self.cpu[name] = self.cpu.get(name, 0.0) + spent(self.lab) - begin
        return result

    def gave(self, *values: Any) -> None:
        for value in values:  # the order of names in a dictionary is no part of a result
            plain = json.dumps(value, sort_keys=True) if isinstance(value, dict) else value
            self.digest.update(content_of(plain).encode())

    def total(self) -> float:
        return sum(self.cpu.values())


def sources(data: Path, home: Path, sizes: Sizes) -> dict[str, Callable[[], Source]]:
    """The two sets, and new images of the first, as folders of pictures that a script reads anew each time."""
    fashion, cifar = data / "fashion_mnist", data / "cifar10" / "cifar10_jpeg.tar.xz"
    n, new = sizes.images, int(2 * sizes.images * SHARE)
    for name, path, k, seed in (("fashion", fashion, n, 0), ("cifar", cifar, n, 0), ("new", fashion, new, 1)):
        if (home / name).exists():
            continue
        of_pictures(veml.open(home / f"of {name}").add(name, limited(veml.read(path), k, seed=seed)), home / name)
    most = {"fashion": n, "cifar": n, "new": new}
    return {name: (lambda name=name, k=k: limited(veml.read(home / name), k)) for name, k in most.items()}


def of_pictures(version: DataVersion, folder: Path) -> None:
    """A class folder for each part, as PNG files."""
    for part in (train_part(version), test_part(version)):
        for i, label in enumerate(part.to_pandas()["label"]):
            file = folder / ("test" if part == test_part(version) else "train") / label.replace("/", "-") / f"{i}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            part.images[i].save(file)


def opened(folder: Path, sizes: Sizes, *, reuse: bool = True) -> Lab:
    lab = veml.open(folder)
    if not reuse:
        with (folder / "lab.toml").open("a") as marker:
            marker.write(NO_BUDGET)
    lab.use_embedder(NETWORK, weights="random", size_px=sizes.size_px)
    return lab


def imported(lab: Lab, made: dict[str, Callable[[], Source]], name: str) -> DataVersion:
    return lab.add(name, made[name](), progress=False)


def session(lab: Lab, made: dict[str, Callable[[], Source]], sizes: Sizes, watch: Watch, *, added: bool) -> None:
    """The steps, on the first data or with those that were added."""
    fashion = watch("import", lambda: imported(lab, made, "fashion"))
    cifar = watch("import", lambda: imported(lab, made, "cifar"))
    left = watch("filter", lambda: train_part(fashion).filter("no bags", "label <> 'Bag'"))
    both = watch("merge", lambda: left.merge(train_part(cifar), name="both"))
    if added:
        new = watch("import of new data", lambda: imported(lab, made, "new"))
        both = watch("merge", lambda: both.merge(train_part(new), name="both and new"))
    vectors = watch("embed", lambda: embed(both, lab.embedder, progress=False))
    watch.gave(vectors)
    for k in KS:
        core = watch("core sets, k = 10 to 100", lambda k=k: veml.core_set(both, k, progress=False))
        watch.gave(core.index, core.radii, core.points)
    table_ = watch(
        "similarity", lambda: veml.similarity([train_part(fashion), train_part(cifar), both], progress=False)
    )
    watch.gave({m: v for m, v in table_.measures.items()}, table_.error, table_.core)
    for i in range(WINDOWS):
        seen = watch("windows", lambda i=i: window_of(test_part(fashion), f"window {i}", i, sizes))
        found = watch("drift of 5 windows", lambda seen=seen: veml.drift(both, seen, progress=False))
        watch.gave(found.to_dict())
    head = watch("linear head", lambda: veml.linear_head(both, progress=False))
    watch.gave(head.weights, head.offset)


def window_of(test: DataVersion, name: str, i: int, sizes: Sizes) -> DataVersion:
    rows = np.arange(i * sizes.window, (i + 1) * sizes.window)
    return operations.select(test, name, rows.tolist())


def of_joblib(lab: Lab, folder: Path, sizes: Sizes, watch: Watch, *, added: bool) -> None:
    """The same functions behind joblib.Memory: pure ones over arrays; imports are the lab's."""
    import joblib

    memory = joblib.Memory(folder, verbose=0)
    test = test_part(lab.get("fashion", "data"))
    names = ["fashion", "cifar", "new"] if added else ["fashion", "cifar"]
    parts = {n: train_part(lab.get(n, "data")) for n in names}
    embedder = lab.embedder

    def forward(name: str, ids: np.ndarray, fingerprint: str) -> np.ndarray:
        version = lab.get(name, "data")
        batches = [np.arange(i, min(i + 64, len(ids))).tolist() for i in range(0, len(ids), 64)]
        return np.concatenate([embedder.embed(version, b) for b in batches])

    def head(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return Sums.of(x, y).ridge(1.0)

    embedded, centred, compared, drifted, fitted = (
        memory.cache(f) for f in (forward, k_center_greedy, compare, covering_ball_drift, head)
    )

    def vectors(version: DataVersion) -> np.ndarray:
        return embedded(version.name, np.array(version.ids.to_array(), dtype=np.int64), embedder.fingerprint)

    sets = {n: watch("embed", lambda v=v: vectors(v)) for n, v in parts.items()}
    labels = {n: v.to_pandas()["label"].to_numpy() for n, v in parts.items()}
    keep = labels["fashion"] != "Bag"
    x = np.concatenate([v[keep] if n == "fashion" else v for n, v in sets.items()])
    y = np.concatenate([v[keep] if n == "fashion" else v for n, v in labels.items()])
    for k in KS:
        watch("core sets, k = 10 to 100", lambda k=k: centred(x, k))
    watch("similarity", lambda: compared({"fashion": sets["fashion"], "cifar": sets["cifar"], "both": x}, starts=3))
    for i in range(WINDOWS):
        seen = watch("embed", lambda i=i: vectors(window_of(test, f"window {i}", i, sizes)))
        watch("drift of 5 windows", lambda seen=seen: drifted(x, seen))
    watch("linear head", lambda: fitted(x, (y[:, None] == np.unique(y)).astype(float)))


def nothing_repeats(labs: dict[str, Lab], sizes: Sizes) -> list[float]:
    """Ratios of CPU time, with reuse to without, of rounds in which every step is new."""
    ratios: list[float] = []
    count = iter(range(1, 10_000))

    def round_of(lab: Lab, seed: int) -> None:
        both = lab.get("both", "data")
        veml.core_set(both, 50, seed=seed, progress=False)
        veml.drift(both, lab.get("window 0", "data"), seed=seed, progress=False)
        veml.similarity([train_part(lab.get("fashion", "data")), both], seed=seed, progress=False)

    for _ in range(sizes.rounds):
        seed = next(count)
        _, _, found, _, _ = in_turn(
            lambda seed=seed: round_of(labs["reuse"], seed), lambda seed=seed: round_of(labs["none"], seed), rounds=1
        )
        ratios += found
    return sorted(ratios)


def hashing(megabytes: int) -> list[list[str]]:
    """Telling an array by its content, ours and joblib's, beside steps over the same array."""
    import joblib

    x = np.random.default_rng(0).standard_normal((megabytes * 2**17 // 512, 512))
    runs = {
        "hash of ours": lambda: content_of(x),
        "hash of joblib": lambda: joblib.hash(x),
        "mean of the rows": lambda: x.mean(axis=0),
        "Gram matrix": lambda: x.T @ x,
    }
    best = {n: min(_wall(r) for _ in range(3)) for n, r in runs.items()}
    return [[n, f"{s * 1000:,.0f} ms", f"{megabytes / 1000 / s:.2f} GB/s"] for n, s in best.items()]


def _wall(run: Callable[[], Any]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    parser.add_argument("--write", action="store_true", help="keep the page in docs/results")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the data sets")
    parser.add_argument("--sets", type=Path, help="where the pictures are laid out, to be found by the next run")
    args = parser.parse_args()
    sizes = Sizes(150, 25, 64, 2) if args.quick else Sizes()
    warnings.simplefilter("ignore")
    os.environ["VEML_OWNER_IDLE_S"] = "600"  # the owner of the catalog lives on, so that its time can be counted
    with tempfile.TemporaryDirectory(prefix="veml-reuse-") as folder:
        home = Path(folder)
        made = sources(args.data, args.sets or home / "sets", sizes)
        few = Sizes(sizes.images, sizes.window, 32)
        session(opened(home / "warm", few), made, few, Watch(home / "warm"), added=True)  # whatever is loaded once
        text = page(home, args, sizes, made)
    print(text)
    if args.write:
        (ROOT / "docs" / "results" / "reuse.md").write_text(text)


def page(home: Path, args: argparse.Namespace, sizes: Sizes, made: dict[str, Callable[[], Source]]) -> str:
    lab = opened(home / "lab", sizes)
    passes = {name: Watch(lab.path) for name in ("first", "second", "with 5 % new", "the same again")}
    for name, watch in passes.items():
        session(lab, made, sizes, watch, added=name in ("with 5 % new", "the same again"))
    # a lab without reuse that has never seen the first data: nothing in it can have been found
    alone = opened(home / "alone", sizes, reuse=False)
    anew = Watch(alone.path)
    session(alone, made, sizes, anew, added=True)
    peer = {name: Watch(alone.path) for name in passes}
    for name, watch in peer.items():
        of_joblib(alone, home / "joblib", sizes, watch, added=name in ("with 5 % new", "the same again"))
    ratios = nothing_repeats({"reuse": lab, "none": alone}, sizes)
    first = passes["first"].total()
    steps = [n for n in passes["with 5 % new"].cpu if n != "windows"]
    rows = [[n, *(f"{w.cpu.get(n, 0.0):.2f}" for w in [*passes.values(), anew])] for n in steps]
    rows += [["all", *(f"{w.total():.2f}" for w in [*passes.values(), anew])]]
    rows += [["share of the first", *(f"{w.total() / first:.1%}" for w in passes.values()), ""]]
    computed = [n for n in steps if not n.startswith(("import", "filter", "merge"))]
    sums = {
        "VeML-Lab": [sum(w.cpu.get(n, 0.0) for n in computed) for w in passes.values()],
        "joblib.Memory": [sum(w.cpu.get(n, 0.0) for n in computed) for w in peer.values()],
    }
    compared = [[who, *(f"{s:.2f} ({s / ss[0]:.1%})" for s in ss)] for who, ss in sums.items()]
    equal = {
        "the second pass": passes["second"].digest.hexdigest() == passes["first"].digest.hexdigest(),
        "with 5 % new, the same again": passes["the same again"].digest.hexdigest()
        == passes["with 5 % new"].digest.hexdigest(),
        "with 5 % new, a fresh lab without reuse": anew.digest.hexdigest() == passes["with 5 % new"].digest.hexdigest(),
    }
    import joblib

    n, px = sizes.images, sizes.size_px
    return (
        "\n\n".join(
            [
                "# Reuse of intermediates",
                "Made by `python benchmarks/reuse.py --write`. CPU seconds of the process and of the catalog's"
                f" owner, on two cores that others work on too: read the ratios. {n:,} training images of"
                " Fashion-MNIST and of CIFAR-10 each,"
                f" {NETWORK} (random features) at {px} px, joblib {joblib.__version__}.",
                "## A session, again, and with 5 % of new data",
                table(["step", *passes, "fresh lab without reuse"], rows),
                "Imports and derived versions are found by their keys, vectors by row, core sets by the longest run,"
                " covering balls once for all windows, the head by its sums. The last column is the session with"
                " the new data where nothing of it was there before.",
                "## Equal bit for bit",
                table(["against", "every result the same"], [[k, "yes" if v else "**no**"] for k, v in equal.items()]),
                "Vectors, centres, radii, matrices, errors, drift reports, weights: one hash over all of them.",
                "## joblib.Memory around the same functions",
                table(["", *passes], compared),
                "From the embedding on: joblib knows no versions, so the imports are the lab's in both. It finds a call"
                " with the same arguments; with new data every union of sets is another argument.",
                "## Where nothing repeats",
                "CPU time of a core set, a drift report and a similarity, each with a new seed, in turn in a lab with"
                f" reuse and in one whose cache may hold nothing: {statistics.median(ratios):.3f} times as much (median"
                f" of {len(ratios)} rounds; {', '.join(f'{r:.3f}' for r in ratios)}).",
                "## What telling an array costs",
                table(["", "time", "rate"], hashing(MEGABYTES)),
                f"{MEGABYTES} MB of float64. An array over bytes that nobody can change is hashed once;"
                " every other one each time, since somebody may have written into it.",
            ]
        )
        + "\n"
    )


if __name__ == "__main__":
    main()

"""Home-made parts that a library has too, each beside it in one run: k-means, archives, hub folders, Croissant, jobs.

    python benchmarks/home_made.py                    # the table
    python benchmarks/home_made.py --write            # and docs/results/home_made.md

``submitit`` is measured where it can be imported (``pip install submitit``); everything else is here anyway. Both
sides take turns, medians are shown; on a shared machine read the ratios. What is done with bad input is run, not
remembered.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import statistics
import tarfile
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
Row = tuple[str, str, str, str]


def in_turn(ours: Callable[[], object], theirs: Callable[[], object], rounds: int = 3) -> tuple[float, float]:
    """Median seconds of each, taking turns after one round that is not counted."""
    took: tuple[list[float], list[float]] = ([], [])
    for r in range(rounds + 1):
        for run, kept in zip((ours, theirs), took, strict=True):
            t = time.perf_counter()
            run()
            if r:
                kept.append(time.perf_counter() - t)
    return statistics.median(took[0]), statistics.median(took[1])


def plain_k_means(x: np.ndarray, k: int, iterations: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """Lloyd's iterations from a plain k-means++ start, as this project had them: centres (k, d) and labels (n,)."""
    rng = np.random.default_rng(0)
    index = [int(rng.integers(len(x)))]
    nearest = ((x - x[index[0]]) ** 2).sum(1)  # (n,) squared
    while len(index) < k:
        index.append(int(rng.choice(len(x), p=nearest / nearest.sum())))
        np.minimum(nearest, ((x - x[index[-1]]) ** 2).sum(1), out=nearest)
    centres, label = x[index].astype(np.float64), np.full(len(x), -1)
    for _ in range(iterations):
        before = label
        label = ((centres**2).sum(1) - 2 * x @ centres.T).argmin(1)
        if (before == label).all():
            break
        for c in np.unique(label):
            centres[c] = x[label == c].mean(0)
    return centres, label


def clusters() -> list[Row]:
    """k-means, one start each; the sum of squared distances says how good it is."""
    from veml_lab.geometry.clusters import k_means

    rows = []
    for n, d, k in ((2_000, 64, 20), (20_000, 128, 50)):
        rng = np.random.default_rng(0)
        x = (rng.standard_normal((n, d)) + 3 * rng.standard_normal((k, d))[rng.integers(0, k, n)]).astype(np.float32)

        def of_ours(x=x, k=k):
            return plain_k_means(x, k)

        def of_theirs(x=x, k=k):
            return k_means(x, k, seed=0)

        a, b = in_turn(of_ours, of_theirs)
        spread = [float(((x - centres[label]) ** 2).sum()) for centres, label in (of_ours(), of_theirs())]
        rows.append(
            (
                f"k-means (the library is used now), {n:,} x {d}, k={k}",
                f"{a:.2f} s",
                f"scikit-learn {b:.2f} s",
                f"ratio {b / a:.2f}; sum of squares {spread[0] / spread[1]:.2f} of its",
            )
        )
    return rows


def archives(folder: Path) -> list[Row]:
    """List and read every member; then what is done with a member that leads out and with a link."""
    import fsspec

    from veml_lab.errors import VemlError
    from veml_lab.sources.opening import open_tree

    rng = np.random.default_rng(0)
    files = {f"set/{i % 20:02d}/{i:05d}.bin": rng.bytes(20_000) for i in range(1_000)}
    with tarfile.open(folder / "s.tar.gz", "w:gz", compresslevel=1) as t, zipfile.ZipFile(folder / "s.zip", "w") as z:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
            z.writestr(name, data)
    rows = []
    for name, protocol in (("s.tar.gz", "tar"), ("s.zip", "zip")):
        path = folder / name

        def of_ours(path=path):
            tree = open_tree(path)
            return sum(len(data) for _, data in tree.read_many(tree.names()))

        def of_theirs(path=path, protocol=protocol):
            system = fsspec.filesystem(protocol, fo=str(path))
            return sum(len(system.cat_file(n)) for n in system.find(""))

        assert of_ours() == of_theirs() == 20_000_000
        a, b = in_turn(of_ours, of_theirs)
        rows.append((f"read 1,000 members of {name}", f"{a:.2f} s", f"fsspec {b:.2f} s", f"ratio {b / a:.2f}"))
    with tarfile.open(folder / "out.tar", "w") as t:
        out, link = tarfile.TarInfo("../out.txt"), tarfile.TarInfo("link.txt")
        out.size, link.type, link.linkname = 3, tarfile.SYMTYPE, "/etc/hostname"
        t.addfile(out, io.BytesIO(b"abc"))
        t.addfile(link)
    try:
        open_tree(folder / "out.tar")
        said = "opened"
    except VemlError as e:
        said = "refused: it points out of the archive" if "points out" in str(e) else "refused"
    listed = fsspec.filesystem("tar", fo=str(folder / "out.tar")).find("")
    rows.append(("a member `../out.txt`, a link out", said, f"fsspec lists {listed}", ""))
    return rows


def hubs(folder: Path) -> list[Row]:
    """A hub folder and a Croissant description, written by us, walked over by both; pictures are not decoded."""
    import datasets
    import mlcroissant

    from veml_lab.formats import read, write
    from veml_lab.roads import road_world

    datasets.disable_progress_bars()
    source = road_world("clear-city", 120, seed=1, test_share=0)
    write(source, folder / "hub", "huggingface")
    write(source, folder / "croissant", "croissant")

    def of_datasets():
        with tempfile.TemporaryDirectory() as cache:
            found = datasets.load_dataset(str(folder / "hub"), cache_dir=cache, split="train")
            found = found.cast_column("image", datasets.Image(decode=False))
            return sum(1 for _ in found)

    def of_croissant():
        described = mlcroissant.Dataset(str(folder / "croissant" / "croissant.json"))
        return sum(1 for _ in described.records(described.metadata.record_sets[0].uuid))

    def of_ours(name: str) -> int:
        return sum(1 for _ in read(folder / name).records())

    rows = []
    for name, theirs, tool in (("hub", of_datasets, "datasets"), ("croissant", of_croissant, "mlcroissant")):
        a, b = in_turn(lambda name=name: of_ours(name), theirs)
        rows.append(
            (
                f"walk over {name}, 120 pictures",
                f"{a:.2f} s",
                f"{tool} {metadata.version(tool)} {b:.2f} s",
                f"ratio {b / a:.1f}",
            )
        )
    return rows


def jobs(folder: Path) -> list[Row]:
    """Start a process for nothing and read its answer; what either leaves in its folder."""
    try:
        import submitit
    except ImportError:
        return [("a job that does nothing", "-", "submitit is not installed", "")]
    from veml_lab.execute import executor

    def of_theirs():
        local = submitit.LocalExecutor(folder=str(folder / "submitit"))
        local.update_parameters(timeout_min=1)
        assert local.submit(max, 2, 3).result() == 3

    def of_ours():
        with executor("processes", 1) as pool:
            assert pool.submit(max, 2, 3).result() == 3

    a, b = in_turn(of_ours, of_theirs)
    kept = sorted({p.name.split("_", 1)[-1].lstrip("0123456789_") for p in (folder / "submitit").iterdir()})
    left = ", ".join(k for k in kept if k.endswith("pkl"))
    return [
        (
            "a process that does nothing",
            f"{a:.2f} s",
            f"submitit {submitit.__version__} {b:.2f} s",
            f"ratio {b / a:.1f}; it leaves {left}",
        )
    ]


PAGE = """# Home-made, beside the library

Made by `python benchmarks/home_made.py --write`. Both sides take turns in one process, medians of three; a shared
machine, so read the ratios (the library's time over ours: above 1 ours is faster).

{table}

What was decided, and why, stands in [the decision on formats](../decisions/formats.md): ours stays where it is faster,
refuses what must not be read, or streams; the libraries are what the tests compare with.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write docs/results/home_made.md")
    options = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as place, warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        rows += clusters()
        for part in (archives, hubs, jobs):
            folder = Path(place) / part.__name__
            folder.mkdir()
            rows += part(folder)
    lines = ["| part | home-made | library | |", "| --- | --- | --- | --- |"]
    lines += ["| " + " | ".join(c.replace("|", "\\|") for c in row) + " |" for row in rows]
    print("\n".join(lines))
    if options.write:
        (ROOT / "docs" / "results" / "home_made.md").write_text(PAGE.format(table="\n".join(lines)))


if __name__ == "__main__":
    main()

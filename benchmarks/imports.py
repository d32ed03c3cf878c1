"""How long it takes to read big sets, of this checkout beside an earlier one.

    python benchmarks/imports.py                                   # this checkout alone
    python benchmarks/imports.py --before ../earlier --write       # and docs/results/imports.md
    python benchmarks/imports.py --only table,yolo --scale 0.1 --rounds 5

The checkouts take turns (before, after, before, after ...), each reading in a process of its own, after a small set of
the same kind that loads what has to be loaded. CPU seconds of the reading (user and system) are compared, not the
wall, medians over the rounds; pictures are not decoded (``verify=False``), which would drown the reading. The first
records of both are compared too. ``--scale`` makes the sets smaller; label files and pictures are hard links to a
few, so a hundred thousand of them cost the disk nothing but names.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BOXES, COMPARED, LINKS, DIFFERENT = 10, 2_000, 50_000, 40
CLASSES = ("car", "person", "truck")


def pictures(n: int) -> list[tuple[str, bytes]]:
    """A few small PNG files, each its own."""
    import io

    from PIL import Image

    out = []
    for k in range(n):
        data = io.BytesIO()
        Image.new("RGB", (64, 48), (k * 5 % 256, 90, 255 - k)).save(data, "PNG")
        out.append((f"{k}.png", data.getvalue()))
    return out


def many(folder: Path, names: list[str], contents: list[bytes]) -> None:
    """Files of these names with these contents by turns, as links."""
    kept: dict[int, Path] = {}
    for i, name in enumerate(names):
        at, k = folder / name, i % len(contents) + i // LINKS * len(contents)
        if k in kept:
            os.link(kept[k], at)
            continue
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_bytes(contents[i % len(contents)])
        kept[k] = at


def _boxes(i: int) -> list[tuple[int, float, float, float, float]]:
    """Ten boxes in a picture of 64 x 48: class, x, y, w, h."""
    return [(k % 3, 0.5 + k + i % 7, 1.25 + 2 * k, 10.5 + i % 11, 12.0 + k) for k in range(BOXES)]


def coco(folder: Path, n: int) -> None:
    many(folder, [f"images/{i:07}.png" for i in range(n)], [d for _, d in pictures(DIFFERENT)])
    with (folder / "annotations.json").open("w") as f:
        images = [{"id": i + 1, "file_name": f"{i:07}.png", "width": 64, "height": 48} for i in range(n)]
        rows = ((i, *b) for i in range(n) for b in _boxes(i))
        annotations = [
            {"id": k, "image_id": i + 1, "category_id": c + 1, "bbox": [x, y, w, h], "area": w * h, "iscrowd": 0}
            for k, (i, c, x, y, w, h) in enumerate(rows)
        ]
        categories = [{"id": k + 1, "name": name} for k, name in enumerate(CLASSES)]
        json.dump({"images": images, "annotations": annotations, "categories": categories}, f)


def yolo(folder: Path, n: int) -> None:
    many(folder, [f"images/train/{i:07}.png" for i in range(n)], [d for _, d in pictures(DIFFERENT)])

    def lines(i: int) -> bytes:
        return "".join(
            f"{c} {(x + w / 2) / 64:.6f} {(y + h / 2) / 48:.6f} {w / 64:.6f} {h / 48:.6f}\n"
            for c, x, y, w, h in _boxes(i)
        ).encode()

    many(folder, [f"labels/train/{i:07}.txt" for i in range(n)], [lines(i) for i in range(DIFFERENT)])
    names = ", ".join(CLASSES)
    (folder / "data.yaml").write_text(f"path: .\ntrain: images/train\nval: images/train\nnc: 3\nnames: [{names}]\n")


def voc(folder: Path, n: int) -> None:
    many(folder, [f"JPEGImages/{i:07}.png" for i in range(n)], [d for _, d in pictures(DIFFERENT)])

    def xml(i: int) -> bytes:
        objects = "".join(
            f"<object><name>{CLASSES[c]}</name><difficult>0</difficult><bndbox><xmin>{x}</xmin><ymin>{y}</ymin>"
            f"<xmax>{x + w}</xmax><ymax>{y + h}</ymax></bndbox></object>"
            for c, x, y, w, h in _boxes(i)
        )
        size = "<size><width>64</width><height>48</height><depth>3</depth></size>"
        return f"<annotation>{size}{objects}</annotation>".encode()

    many(folder, [f"Annotations/{i:07}.xml" for i in range(n)], [xml(i) for i in range(DIFFERENT)])


def image_folder(folder: Path, n: int) -> None:
    names = [f"train/class{i % 10}/{i:07}.png" for i in range(n)]
    for k in range(10):
        (folder / f"train/class{k}").mkdir(parents=True)
    many(folder, names, [d for _, d in pictures(DIFFERENT)])


def picture_table(folder: Path, n: int) -> None:
    many(folder, [f"images/{i:07}.png" for i in range(n)], [d for _, d in pictures(DIFFERENT)])
    with (folder / "labels.csv").open("w") as f:
        f.write("file,label,lux,place\n")
        f.writelines(f"{i:07}.png,{CLASSES[i % 3]},{i % 977 / 4},street {i % 31}\n" for i in range(n))


def _table(n: int) -> Any:
    import numpy as np

    r = np.random.default_rng(0)
    whole, fine = r.integers(-1_000_000, 1_000_000, (2, n)), r.normal(20, 7, (4, n)).round(3)
    names = [f"place {k}" for k in range(50)]
    return whole, fine, [names[k] for k in r.integers(0, 50, n)], [("yes", "no")[k] for k in r.integers(0, 2, n)]


def table(folder: Path, n: int) -> None:
    (a, b), fine, place, sure = _table(n)
    with (folder / "data.csv").open("w") as f:
        f.write("a,b,w,x,y,z,place,sure\n")
        f.writelines(
            f"{p},{q},{w},{x},{y},{z},{s},{t}\n"
            for p, q, w, x, y, z, s, t in zip(a, b, *fine, place, sure, strict=True)
        )


def numbers(folder: Path, n: int) -> None:
    import numpy as np

    fine = np.random.default_rng(0).normal(20, 7, (n, 8)).round(4)
    with (folder / "data.csv").open("w") as f:
        f.write(",".join(f"x{k}" for k in range(8)) + "\n")
        f.writelines(",".join(map(repr, row)) + "\n" for row in fine.tolist())


def wide(folder: Path, n: int) -> None:
    import numpy as np

    fine = np.random.default_rng(0).normal(20, 7, (100, n)).round(3)
    with (folder / "data.csv").open("w") as f:
        f.write(",".join(f"gene{k}" for k in range(n)) + "\n")
        f.writelines(",".join(map(repr, row)) + "\n" for row in fine.tolist())


def parquet(folder: Path, n: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    whole, fine, place, sure = _table(n)
    columns = {**dict(zip("ab", whole, strict=True)), **dict(zip("wxyz", fine, strict=True))}
    pq.write_table(pa.table({**columns, "place": place, "sure": sure}), folder / "data.parquet")


def sensors(folder: Path, n: int) -> None:
    import numpy as np

    fine = np.random.default_rng(0).normal(60, 9, (n, 20)).round(2)
    times = np.datetime64("2020-01-01T00:00") + np.arange(n) * np.timedelta64(5, "m")
    with (folder / "readings.csv").open("w") as f:
        f.write("time," + ",".join(f"s{k}" for k in range(20)) + "\n")
        f.writelines(
            f"{t}:00," + ",".join(map(repr, row)) + "\n"
            for t, row in zip(times.astype(str), fine.tolist(), strict=True)
        )


def packed(folder: Path, n: int) -> None:
    """The COCO set in one tar."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        coco(Path(place), n)
        with tarfile.open(folder / "set.tar", "w") as tar:
            tar.add(Path(place, "annotations.json"), "annotations.json")
            for at in sorted(Path(place, "images").iterdir()):
                info = tarfile.TarInfo(f"images/{at.name}")
                info.size = at.stat().st_size
                with at.open("rb") as f:
                    tar.addfile(info, f)


@dataclass(frozen=True)
class Case:
    """A set to be read: what it is, how it is made at full size, how it is read."""

    said: str
    make: Callable[[Path, int], None]
    size: int
    format: str
    path: str = ""
    options: tuple[tuple[str, Any], ...] = ()


PLAIN = (("verify", False),)
CASES = {
    "coco": Case("COCO, 1,000,000 boxes, 100,000 pictures", coco, 100_000, "coco", options=PLAIN),
    "packed": Case("the same in a tar", packed, 100_000, "coco", "set.tar", PLAIN),
    "yolo": Case("YOLO, 1,000,000 lines in 100,000 files", yolo, 100_000, "yolo", options=PLAIN),
    "voc": Case("VOC, 1,000,000 objects in 100,000 files", voc, 100_000, "voc", options=PLAIN),
    "image_folder": Case("class folders, 100,000 pictures", image_folder, 100_000, "image_folder", options=PLAIN),
    "picture_table": Case(
        "CSV table of 100,000 pictures", picture_table, 100_000, "picture_table", options=PLAIN
    ),
    "table": Case("CSV, 1,000,000 rows: 6 columns of numbers, 2 of words", table, 1_000_000, "table", "data.csv"),
    "numbers": Case("CSV, 1,000,000 rows, 8 columns of numbers", numbers, 1_000_000, "table", "data.csv"),
    "wide": Case("CSV, 100 rows, 20,000 columns", wide, 20_000, "table", "data.csv"),
    "parquet": Case("Parquet, 1,000,000 rows, 8 columns", parquet, 1_000_000, "table", "data.parquet"),
    "sensors": Case("sensor CSV, 200,000 times, 20 sensors", sensors, 200_000, "sensors", "readings.csv"),
}  # fmt: skip
SMALL = 60  # of the set that is read first


def child(name: str, folder: Path) -> None:
    """Read a set in this process; CPU seconds of opening and of walking, and what came."""
    from veml_lab.formats import read

    case = CASES[name]
    warnings.simplefilter("ignore")
    for _ in read(folder / "small" / case.path, case.format, **dict(case.options)).records():
        pass
    times = [time.process_time()]
    source = read(folder / "big" / case.path, case.format, **dict(case.options))
    times.append(time.process_time())
    rows = source.records()
    first = list(itertools.islice(rows, COMPARED))
    samples = len(first) + sum(1 for _ in rows)
    times.append(time.process_time())
    series = None if source.series is None else [source.series.nodes, source.series.values[:50].tolist()]
    same = zlib.crc32(repr([[(r.uri, r.role, r.label, r.boxes, r.columns) for r in first], series]).encode())
    opened, walked = times[1] - times[0], times[2] - times[1]
    print(json.dumps({"open": opened, "walk": walked, "all": opened + walked, "samples": samples, "same": same}))


def light() -> dict[str, float]:
    """CPU seconds of a process that imports the package."""
    spent = os.times()
    subprocess.run([sys.executable, "-c", "import veml_lab"], check=True, env={**os.environ})
    after = os.times()
    return {"all": after.children_user + after.children_system - spent.children_user - spent.children_system}


def run(name: str, folder: Path, checkout: Path) -> dict[str, Any]:
    """One reading by that checkout."""
    env = {**os.environ, "PYTHONPATH": str(checkout), "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    command = [sys.executable, __file__, "--child", name, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=folder)
    if done.returncode:
        raise SystemExit(f"{name} by {checkout.name}: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measured(name: str, folder: Path, checkouts: dict[str, Path], rounds: int) -> dict[str, list[dict[str, Any]]]:
    """The readings of each checkout, by turns."""
    out: dict[str, list[dict[str, Any]]] = {who: [] for who in checkouts}
    for _ in range(rounds):
        for who, checkout in checkouts.items():
            out[who].append(run(name, folder, checkout))
    return out


def row(said: str, found: dict[str, list[dict[str, Any]]]) -> str:
    """A line of the table: medians of opening, walking, both; the ratio."""
    at = {who: {k: statistics.median(r[k] for r in rs) for k in ("open", "walk", "all")} for who, rs in found.items()}
    after = at["after"]
    cells = [said]
    if "before" in at:
        before = at["before"]
        equal = {(r["samples"], r["same"]) for rs in found.values() for r in rs}
        cells += [f"{before[k]:.2f}" for k in ("open", "walk", "all")]
        cells += [f"{after[k]:.2f}" for k in ("open", "walk", "all")]
        cells += [f"{after['all'] / before['all']:.2f}", "yes" if len(equal) == 1 else "no"]
    else:
        cells += [f"{after[k]:.2f}" for k in ("open", "walk", "all")]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--before", type=Path, help="an earlier checkout")
    parser.add_argument("--only", default="", help="names of cases with commas between")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="folder in which the sets are made, or are already")
    parser.add_argument("--write", action="store_true", help="write docs/results/imports.md")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child[0], Path(options.child[1]))
        return
    checkouts = {**({"before": options.before.resolve()} if options.before else {}), "after": ROOT}
    both = (
        "before open | walk | all | after open | walk | all | ratio | same records"
        if options.before
        else "open | walk | all"
    )
    lines = [f"| CPU seconds | {both} |", "| --- |" + " --- |" * (both.count("|") + 1)]
    print("\n".join(lines), flush=True)
    for name in options.only.split(",") if options.only else CASES:
        case = CASES[name]
        with tempfile.TemporaryDirectory() as place:
            folder = (options.keep or Path(place)) / name
            for kind, size in (("small", min(SMALL, case.size)), ("big", max(SMALL, int(case.size * options.scale)))):
                if not (folder / kind).exists():
                    (folder / kind).mkdir(parents=True)
                    case.make(folder / kind, size)
            lines.append(row(case.said, measured(name, folder, checkouts, options.rounds)))
        print(lines[-1], flush=True)
    if options.write:
        (ROOT / "docs" / "results" / "imports.md").write_text(PAGE.format(table="\n".join(lines), **_said(options)))


def _said(options: argparse.Namespace) -> dict[str, Any]:
    cores = os.cpu_count()
    return {"scale": options.scale, "rounds": options.rounds, "python": platform.python_version(), "cores": cores}


PAGE = """# Reading big sets

Made by `python benchmarks/imports.py --before <an earlier checkout> --scale {scale} --rounds {rounds} --write`. Python
{python}, {cores} cores; CPU seconds (user and system), medians of {rounds} by turns; the machine is shared: read the
ratios. *Before* is the last commit before the work on data as it is in the wild (one decoder, tables that come back as
they were, nothing unread unsaid). Opening finds types, names and annotations; walking gives every record; pictures are
not decoded. A scale of 1 are the sizes that stand in the table.

{table}

*Same records*: the number of records is the same, and the first 2,000 are equal field by field.
"""


if __name__ == "__main__":
    main()

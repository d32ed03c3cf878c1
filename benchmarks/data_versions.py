"""Data versions and lineage at size, beside Lance, deltalake, Parquet copies, DVC, networkx and rustworkx.

One run, one machine, one table of ratios. The lab is an ordinary one with its owner process; what is timed is the
public call, commit and all. Times are wall milliseconds, medians.

    python benchmarks/data_versions.py                       # 2M samples, 4M boxes; 10, 100 and 10,000 versions
    python benchmarks/data_versions.py --samples 10000000    # the size of the issue: about 4 GB of disk
    python benchmarks/data_versions.py --peers PYTHON        # interpreter of an environment with pylance, deltalake,
    dvc, rustworkx

A version of a peer is what its users make of one: a copy of the chosen rows (Parquet, Lance, Delta), since none of
them can name a set of rows; Lance's checkout is ``take`` by row number from the one base table.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import duckdb
import numpy as np
import pyarrow as pa
from _suites import ROOT, table

import veml_lab as veml
from veml_lab.catalog import Change
from veml_lab.versions.cache_files import wait
from veml_lab.versions.data import DataVersion
from veml_lab.versions.imports import id_set_change
from veml_lab.versions.store import VersionStore, id_set, new_id

BLOCK = 500_000
SAID = "## What was missed, and why"
TARGETS = {"create": 40.0, "merge": 25.0, "scattered": 250.0, "consecutive": 30.0, "load": 300.0, "ancestors": 50.0}


def ms(run: Callable[[], Any]) -> float:
    """Wall milliseconds of one run."""
    begin = time.perf_counter()
    run()
    return 1e3 * (time.perf_counter() - begin)


def median(found: list[float]) -> float:
    return sorted(found)[len(found) // 2]


# -- the lab -------------------------------------------------------------------------------------------


def blocks(n: int):
    """Samples and boxes in blocks: two boxes a sample, text and JSON columns as an import makes them."""
    rng = np.random.default_rng(1)
    weather = np.array(
        [
            '{"weather": "clear", "timeofday": "day"}',
            '{"weather": "rain", "timeofday": "night"}',
            '{"weather": "fog", "timeofday": "day"}',
        ]
    )
    labels = np.array([f"class {i}" for i in range(80)])
    for first in range(0, n, BLOCK):
        ids = np.arange(first, min(n, first + BLOCK), dtype=np.uint64)
        k = len(ids)
        samples = pa.table(
            {
                "id": ids,
                "kind": pa.repeat(pa.scalar("image"), k),
                "uri": [f"images/train/{i:09d}.jpg" for i in ids.tolist()],
                "sha256": (
                    pa.FixedSizeBinaryArray.from_buffers(
                        pa.binary(32), k, [None, pa.py_buffer(rng.bytes(32 * k))]
                    ).cast(pa.binary())
                ),
                "segment": pa.repeat(pa.scalar(f"segment-{first}.arrow"), k),
                "row_no": pa.array(np.arange(k), pa.uint32()),
                "path": pa.nulls(k, pa.string()),
                "width": pa.repeat(pa.scalar(640, pa.uint16()), k),
                "height": pa.repeat(pa.scalar(480, pa.uint16()), k),
                "role": pa.repeat(pa.scalar("train"), k),
                "columns": weather[rng.integers(0, 3, k)],
            }
        )
        of = np.repeat(ids, 2)
        m = len(of)
        boxes = pa.table(
            {
                "sample_id": of,
                "layer": pa.repeat(pa.scalar("imported"), m),
                "label": labels[rng.integers(0, 80, m)],
                **{c: rng.uniform(0, 400, m).astype(np.float32) for c in ("x", "y", "w", "h")},
                "attributes": pa.nulls(m, pa.string()),
                "instance": pa.nulls(m, pa.int32()),
            }
        )
        yield samples, boxes


def fill(lab: Any, folder: Path, n: int) -> DataVersion:
    """Fill the lab with one imported version of n samples, and write the same tables for the peers."""
    samples_file = boxes_file = None
    for samples, boxes in blocks(n):
        lab.store.catalog.commit([Change("add_samples", rows=samples), Change("add_ann_box", rows=boxes)])
        mine = samples.drop_columns(["sha256"])
        theirs = (
            boxes.drop_columns(["layer"])
            .rename_columns({"sample_id": "id"})
            .append_column("n", pa.array(np.tile([0, 1], len(samples)), pa.int8()))
        )
        if samples_file is None:
            samples_file = pa.ipc.new_file(str(folder / "samples.arrow"), mine.schema)
            boxes_file = pa.ipc.new_file(str(folder / "boxes.arrow"), theirs.schema)
        samples_file.write_table(mine)
        boxes_file.write_table(theirs)
    samples_file.close()
    boxes_file.close()
    node = new_id("data")
    ids = id_set(np.arange(n, dtype=np.uint64))
    props = {
        "role": "",
        "task": "detection",
        "classes": [f"class {i}" for i in range(80)],
        "layer": "imported",
        "n": n,
        "kinds": ["image"],
        "preparation": {},
    }
    lab.store.add("data", "all", props, changes=[id_set_change(node, ids)], node_id=node)
    return lab["all"]


def other_versions(lab: Any, n: int, upto: int) -> None:
    """Add small versions of all shapes, each cut from the one before, until there are ``upto``."""
    store, have = lab.store, len(lab.store.graph())
    last = lab["all"].id
    for first in range(have, upto, 500):
        made = []
        for v in range(first, min(upto, first + 500)):
            r = np.random.default_rng(v)
            size = min(10_000, n // 10)
            if v % 10 < 5:
                start = int(r.integers(0, n - size))
                ids = np.arange(start, start + size, dtype=np.uint64)
            else:
                ids = np.sort(r.choice(min(n, 200_000) if v % 10 < 8 else n, size, replace=False)).astype(np.uint64)
            node = new_id("data")
            props = {
                "role": "",
                "task": "detection",
                "classes": ["class 0"],
                "layer": "imported",
                "n": size,
                "kinds": ["image"],
                "preparation": {},
            }
            edge = (last, "derived_from", {"operation": "filter", "where": f"width > {v}"})
            made.append(("data", f"version {v}", props, [edge], [id_set_change(node, ids)], node))
            last = node
        store.add_many(made)


def sets_of(n: int) -> dict[str, np.ndarray]:
    """The sets of the measures: 100k scattered and consecutive, and two of half the samples (a million at 2M) to
    merge."""
    rng = np.random.default_rng(7)
    k, half = min(100_000, n // 10), min(1_000_000, n // 2)
    return {
        "scattered": np.sort(rng.choice(n, k, replace=False)).astype(np.uint64),
        "consecutive": np.arange(n // 2, n // 2 + k, dtype=np.uint64),
        "a": np.arange(half, dtype=np.uint64),
        "b": np.sort(rng.choice(n, half, replace=False)).astype(np.uint64),
    }


def checkout(lab: Any, name: str) -> float:
    """Samples and boxes of a version as Arrow tables, by an object that has read nothing yet."""
    version = lab[name]

    def run() -> None:
        s, b = version.samples, version.annotations.table("box")
        assert len(b) == 2 * len(s) == 2 * len(version)

    found = ms(run)
    wait()  # the file of the cache is written beside; it is not part of the answer
    return found


def measure(lab: Any, sets: dict[str, np.ndarray], tag: str, rounds: int) -> dict[str, float]:
    """The measures of one number of versions; every round makes versions of its own, so nothing is cached."""
    whole = lab["all"]
    for file in (lab.path / "cache").glob("*.arrow"):
        file.unlink()  # nothing has been read before
    found: dict[str, list[float]] = {}

    def note(what: str, value: float) -> None:
        found.setdefault(what, []).append(value)

    for r in range(rounds):
        rng = np.random.default_rng(1000 + r)
        scattered = np.sort(rng.choice(len(whole), len(sets["scattered"]), replace=False))
        note("create", ms(lambda: whole.select(f"scattered {tag} {r}", scattered)))  # noqa: B023
        first = int(sets["consecutive"][0]) - 1000 * r
        whole.select(f"consecutive {tag} {r}", np.arange(first, first + len(sets["consecutive"])))
        if r == 0:
            whole.select(f"a {tag}", sets["a"].astype(np.int64))
            whole.select(f"b {tag}", sets["b"].astype(np.int64))
        a, b = lab[f"a {tag}"], lab[f"b {tag}"]
        note("merge", ms(lambda: a.merge(b, name=f"merged {tag} {r}")))  # noqa: B023
        for kind in ("scattered", "consecutive"):
            note(kind, checkout(lab, f"{kind} {tag} {r}"))
            note(f"{kind} again", checkout(lab, f"{kind} {tag} {r}"))
    note("all", checkout(lab, "all"))
    for r in range(rounds):
        rng = np.random.default_rng(2000 + r)
        for kind, ids in (
            ("scattered", np.sort(rng.choice(len(whole), len(sets["scattered"]), replace=False))),
            ("consecutive", sets["consecutive"].astype(np.int64) + 7 * r),
        ):
            whole.select(f"{kind} part {tag} {r}", ids)
            note(f"{kind} part", checkout(lab, f"{kind} part {tag} {r}"))
    return {k: median(v) for k, v in found.items()}


# -- lineage -------------------------------------------------------------------------------------------


def life(n: int) -> tuple[pa.Table, pa.Table, np.ndarray]:
    """A graph of n versions: per ten three data, three models, three trainings, one deployment, each from ones
    before."""
    rng = np.random.default_rng(3)
    i = np.arange(n)
    kind = np.select([i % 10 < 3, i % 10 < 6, i % 10 < 9], [0, 1, 2], 3)
    data, model, training, inference = (i[kind == k] for k in range(4))
    parts: list[tuple[np.ndarray, np.ndarray, str]] = []

    def add(of: np.ndarray, pool: np.ndarray, window: int, edge: str) -> None:
        at = np.searchsorted(pool, of) - 1 - rng.integers(0, window, len(of))
        parts.append((pool[np.maximum(at, 0)], of, edge))

    add(data[5:], data, 50, "derived_from")
    add(data[5:][rng.random(len(data) - 5) < 0.15], data, 2000, "derived_from")
    add(model[5:], model, 300, "transferred_from")
    add(training, data, 20, "trained_on")
    add(training, data, 40, "tested_on")
    add(training, model, 3, "instance_of")
    add(training[5:][rng.random(len(training) - 5) < 0.5], training, 300, "fine_tuned_from")
    add(inference, training, 3, "deployed_as")
    add(inference, data, 40, "tested_on")
    src, dst = (np.concatenate([p[c] for p in parts]) for c in (0, 1))
    types = np.concatenate([np.full(len(p[0]), p[2], dtype=object) for p in parts])
    keep = src < dst
    order = np.argsort(dst[keep], kind="stable")
    src, dst, types = src[keep][order], dst[keep][order], types[keep][order]
    ids = np.array(
        [f"{'dmti'[k]}-{v:010x}" for k, v in zip(kind.tolist(), rng.permutation(n).tolist(), strict=True)], dtype=object
    )
    names = np.array(["data", "model", "training", "inference"], dtype=object)
    nodes = pa.table(
        {
            "id": ids,
            "kind": names[kind],
            "name": [f"version {k}" for k in range(n)],
            "created": pa.array(1_700_000_000_000_000 + 1_000_000 * i, pa.timestamp("us")),
            "props": [
                json.dumps({"n": k, "role": "train", "task": "detection", "note": f"made for project {k // 10}"})
                for k in range(n)
            ],
        }
    )
    operation = np.where(types == "derived_from", '{"operation": "filter", "where": "width > 640"}', "{}").astype(
        object
    )
    return nodes, pa.table({"src": ids[src], "dst": ids[dst], "type": types, "props": operation}), np.stack([src, dst])


def lineage(folder: Path, n: int, peers: str) -> tuple[list[tuple], list[str]]:
    """Load and search a graph of n versions, by us and by others."""
    import networkx as nx
    import scipy.sparse.csgraph  # noqa: F401  (0.2 s, once a process)

    lab = veml.open(folder / "lineage")
    nodes, edges, ends = life(n)
    for first in range(0, n, BLOCK):
        lab.store.catalog.commit([Change("add_nodes", rows=nodes.slice(first, BLOCK))])
    for first in range(0, len(edges), BLOCK):
        lab.store.catalog.commit([Change("add_edges", rows=edges.slice(first, BLOCK))])
    name = f"version {n - 1}"

    def fresh() -> VersionStore:
        return VersionStore(lab.path, lab.store.catalog)

    first = ms(lambda: fresh().graph())
    wait()
    load = median([ms(lambda: fresh().graph()) for _ in range(5)])
    lab.store = fresh()
    lab.store.graph()
    first_question = ms(lambda: lab.lineage(name, direction="ancestors").positions)
    found = lab.lineage(name, direction="ancestors").positions
    oldest, recent = f"version {found[0]}", f"version {max(found[0], n - 1000)}"
    questions = {
        "ancestors": lambda: lab.lineage(name, direction="ancestors").positions,
        "descendants": lambda: lab.lineage(oldest, direction="descendants").positions,
        "all shortest paths": lambda: lab.lineage(name, direction="ancestors").paths(oldest, name),
        "impact of a recent version": lambda: lab.lineage(recent, direction="descendants").impact(),
    }
    ours = {"load": load, **{q: median([ms(run) for _ in range(5)]) for q, run in questions.items()}}
    come = len(lab.lineage(oldest, direction="descendants"))
    add = ms(lambda: lab.store.add("model", "one more", {"recipe": {}})) + ms(lab.store.graph)

    g = nx.DiGraph()
    theirs = {"load": ms(lambda: g.add_edges_from(zip(*(e.tolist() for e in ends), strict=True)))}
    theirs["ancestors"] = median([ms(lambda: nx.ancestors(g, n - 1)) for _ in range(3)])
    theirs["descendants"] = ms(lambda: nx.descendants(g, int(found[0])))
    assert len(nx.ancestors(g, n - 1)) == len(found) - 1
    np.save(folder / "edges.npy", ends)
    np.save(folder / "start.npy", np.array(n - 1))
    rust = peer("rustworkx", folder, peers)
    rows = []
    for q, value in ours.items():
        others = [f"{t[q]:.0f} ({t[q] / value:.1f} x)" if q in t else "" for t in (theirs, rust)]
        target = TARGETS.get(q)
        rows.append(
            (
                q if q != "load" else "load (a process after the first)",
                f"{value:.1f}",
                *others,
                f"{target:.0f}" if target else "",
                _met(value, target),
            )
        )
    notes = [
        f"{n:,} versions, {len(edges):,} edges; {len(found):,} ancestors, {come:,} descendants. The first process of"
        f" all reads the catalog in {first:.0f} ms and keeps the columns; the first question after a load builds its"
        f" index in {first_question:.0f} ms. A further version with its commit, and the graph brought up to date:"
        f" {add:.0f} ms."
    ]
    return rows, notes


def _met(value: float, target: float | None) -> str:
    return "" if target is None else "yes" if value <= target else f"no: {value / target:.1f} x"


# -- peers ---------------------------------------------------------------------------------------------


def peer(name: str, folder: Path, python: str) -> dict[str, Any]:
    """Run one peer in a process of its own."""
    done = subprocess.run(
        [python, str(Path(__file__).with_name("_version_peers.py")), name, str(folder)], capture_output=True, text=True
    )
    if done.returncode:
        return {"missing": done.stderr.strip().splitlines()[-1]}
    return json.loads(done.stdout.splitlines()[-1])


def small_files(folder: Path, n: int) -> None:
    """Small pictures in class folders, for DVC and for us."""
    from io import BytesIO

    from PIL import Image

    rng = np.random.default_rng(0)
    for c in range(10):
        (folder / f"class{c}").mkdir(parents=True)
    for i in range(n):
        raw = BytesIO()
        Image.fromarray(rng.integers(0, 255, (16, 16, 3), dtype=np.uint8)).save(raw, "PNG")
        (folder / f"class{i % 10}" / f"{i:05d}.png").write_bytes(raw.getvalue())


def files(folder: Path, n: int, peers: str) -> tuple[list[tuple], list[str]]:
    """Take in n small files, and have them again."""
    small_files(folder / "files", n)
    lab = veml.open(folder / "files-lab")
    add = ms(lambda: lab.add("files", veml.read(folder / "files"), copy=True, progress=False))
    version = lab["files"]

    def get() -> None:
        for i in range(len(version)):
            version.images.encoded(i)

    got = ms(get)
    theirs = peer("dvc", folder, peers)
    if "missing" in theirs:
        return [], [f"DVC was not measured: {theirs['missing']}"]
    pairs = (("add 10k files", add), ("get 10k files", got))
    rows = [(q.replace("10k", f"{n:,}"), f"{v:.0f}", f"{theirs[q]:.0f}", f"**{theirs[q] / v:.1f}**") for q, v in pairs]
    return rows, []


# -- one run -------------------------------------------------------------------------------------------


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument(
        "--samples",
        type=int,
        default=2_000_000,
        help="samples (default: 2,000,000, so that a merge of 1M and 1M has both in it)",
    )
    p.add_argument("--versions", type=int, nargs="+", default=[10, 100, 10_000])
    p.add_argument("--nodes", type=int, default=1_000_000, help="versions of the lineage graph")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument(
        "--peers",
        default=sys.executable,
        metavar="PYTHON",
        help="interpreter that has pylance, deltalake, dvc, rustworkx",
    )
    p.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    p.add_argument("--write", action="store_true", help="keep the table in docs/results")
    options = p.parse_args()
    if options.quick:
        options.samples, options.versions, options.nodes, options.rounds = 40_000, [10, 100], 20_000, 2
    folder = Path(tempfile.mkdtemp(prefix="veml-versions-"))
    try:
        parts = run(options, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    versions = (
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}, {os.cpu_count()} cores; wall milliseconds,"
        f" medians of {options.rounds}. The machine is shared: read the ratios."
    )
    text = (
        "\n\n".join(
            [
                "# Data versions and lineage at size",
                f"Made by `python benchmarks/data_versions.py --samples {options.samples}`. {versions}",
                *parts,
            ]
        )
        + "\n"
    )
    print(text)
    if options.write:
        path = ROOT / "docs" / "results" / "data_versions.md"
        said = path.read_text().partition(SAID) if path.exists() else ("", "", "")
        path.write_text(text + "".join(said[1:]))  # what a person wrote below stays


def run(options: argparse.Namespace, folder: Path) -> list[str]:
    n = options.samples
    lab = veml.open(folder / "lab")
    built = ms(lambda: fill(lab, folder, n))
    sets = sets_of(n)
    for name, ids in sets.items():
        np.save(folder / f"{name}.npy", ids)
    said = lambda text: print(text, file=sys.stderr, flush=True)  # noqa: E731
    said(f"lab of {n:,} samples: {built / 1e3:.0f} s")
    by_count = {}
    for count in options.versions:
        other_versions(lab, n, count)
        by_count[count] = measure(lab, sets, str(count), options.rounds)
        said(f"{count:,} versions: " + ", ".join(f"{k} {v:.1f}" for k, v in by_count[count].items()))
    theirs = {name: peer(name, folder, options.peers) for name in ("lance", "deltalake", "parquet")}
    said(json.dumps(theirs))
    missing = [f"{name} was not measured: {found['missing']}" for name, found in theirs.items() if "missing" in found]

    last = by_count[options.versions[-1]]
    words = {
        "create": f"create {len(sets['scattered']):,}",
        "merge": f"merge {len(sets['a']):,} + {len(sets['b']):,}",
        "scattered": f"check out {len(sets['scattered']):,} scattered + boxes",
        "scattered part": "when all has been read before",
        "scattered again": "when the version has been read before",
        "consecutive": f"check out {len(sets['consecutive']):,} consecutive + boxes",
        "consecutive part": "when all has been read before",
        "consecutive again": "when the version has been read before",
        "all": "check out all",
    }
    rows = []
    for what, text in words.items():
        key = what.removesuffix(" again").removesuffix(" part")
        others = [f"{t[key]:.0f} (**{t[key] / last[what]:.1f}** x)" if key in t else "" for t in theirs.values()]
        target = TARGETS.get(what)
        rows.append(
            (
                text,
                *(f"{by_count[c][what]:.1f}" for c in options.versions),
                *others,
                f"{target:.0f}" if target else "",
                _met(last[what], target),
            )
        )
    head = (
        "",
        *(f"ms at {c:,} versions" for c in options.versions),
        "Lance",
        "deltalake",
        "Parquet, pandas",
        "target, ms",
        "met",
    )
    size = sum(f.stat().st_size for f in lab.path.glob("catalog.duckdb*")) / 1e6
    parts = [
        f"## {n:,} samples, {2 * n:,} boxes\n\n{table(head, rows)}\n\nIn brackets: times ours at"
        f" {options.versions[-1]:,} versions. The catalog of {options.versions[-1]:,} versions is {size:,.0f} MB. "
        + " ".join(missing)
    ]
    rows, notes = lineage(folder, options.nodes, options.peers)
    parts.append(
        "## Lineage\n\n"
        + table(("", "ms", "networkx", "rustworkx", "target, ms", "met"), rows)
        + "\n\n"
        + " ".join(notes)
    )
    rows, notes = files(folder, 500 if options.quick else 10_000, options.peers)
    if rows:
        parts.append("## Small files\n\n" + table(("", "ms", "DVC, ms", "ratio"), rows) + "\n\n" + " ".join(notes))
    return parts


if __name__ == "__main__":
    main()

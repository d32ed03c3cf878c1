"""The same work as benchmarks/data_versions.py by other tools, each in a process of its own; prints JSON.

``python _version_peers.py NAME FOLDER`` with NAME lance, deltalake, parquet, dvc or rustworkx. FOLDER holds the base
tables as Arrow files (``samples``, ``boxes``), the sets of IDs as ``.npy`` and 10,000 small files for DVC. The process
may belong to another Python environment, so nothing of VeML-Lab is imported here.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np


def ms(run: Callable[[], Any], times: int = 3) -> float:
    """Median wall milliseconds of a few runs."""
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        run()
        found.append(1e3 * (time.perf_counter() - begin))
    return sorted(found)[len(found) // 2]


def base(folder: Path) -> tuple[Any, Any, dict[str, np.ndarray]]:
    import pyarrow as pa

    with pa.memory_map(str(folder / "samples.arrow")) as f:
        samples = pa.ipc.open_file(f).read_all()
    with pa.memory_map(str(folder / "boxes.arrow")) as f:
        boxes = pa.ipc.open_file(f).read_all()
    return samples, boxes, {p.stem: np.load(p) for p in folder.glob("*.npy")}


def positions(ids: np.ndarray) -> np.ndarray:
    """Rows of the boxes of samples: two each."""
    return np.sort(np.concatenate([2 * ids, 2 * ids + 1])).astype(np.int64)


def parquet(folder: Path) -> dict[str, float]:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    samples, boxes, sets = base(folder)
    work = folder / "parquet"
    work.mkdir()

    def create(name: str, ids: np.ndarray) -> None:
        pq.write_table(samples.take(pa.array(ids.astype(np.int64))), work / f"{name}-samples.parquet")
        pq.write_table(boxes.take(pa.array(positions(ids))), work / f"{name}-boxes.parquet")

    def checkout(name: str) -> None:
        pq.read_table(work / f"{name}-samples.parquet")
        pq.read_table(work / f"{name}-boxes.parquet")

    def merge() -> None:
        for table, key in (("samples", ["id"]), ("boxes", ["id", "n"])):
            both = pd.concat([pd.read_parquet(work / f"{n}-{table}.parquet") for n in ("a", "b")]).drop_duplicates(key)
            both.to_parquet(work / f"merged-{table}.parquet")

    found = {"create": ms(lambda: create("one", sets["scattered"]))}
    found["scattered"] = ms(lambda: checkout("one"))
    create("range", sets["consecutive"])
    found["consecutive"] = ms(lambda: checkout("range"))
    create("a", sets["a"])
    create("b", sets["b"])
    return {**found, "merge": ms(merge, 1)}


def lance(folder: Path) -> dict[str, float]:
    import lance
    import pyarrow as pa

    samples, boxes, sets = base(folder)
    work = folder / "lance"
    s, b = lance.write_dataset(samples, work / "samples"), lance.write_dataset(boxes, work / "boxes")

    def create(name: str, ids: np.ndarray) -> None:
        lance.write_dataset(samples.take(pa.array(ids.astype(np.int64))), work / f"{name}-samples", mode="overwrite")
        lance.write_dataset(boxes.take(pa.array(positions(ids))), work / f"{name}-boxes", mode="overwrite")

    def take(ids: np.ndarray) -> None:
        s.take(ids.astype(np.int64))
        b.take(positions(ids))

    def consecutive() -> None:
        first, n = int(sets["consecutive"][0]), len(sets["consecutive"])
        s.to_table(offset=first, limit=n)
        b.to_table(offset=2 * first, limit=2 * n)

    create("a", sets["a"])
    other_s, other_b = samples.take(pa.array(sets["b"].astype(np.int64))), boxes.take(pa.array(positions(sets["b"])))

    def merge() -> None:
        for table, other, key in (("samples", other_s, "id"), ("boxes", other_b, ["id", "n"])):
            shutil.rmtree(work / f"merged-{table}", ignore_errors=True)
            shutil.copytree(work / f"a-{table}", work / f"merged-{table}")
            lance.dataset(work / f"merged-{table}").merge_insert(key).when_not_matched_insert_all().execute(other)

    return {
        "create": ms(lambda: create("one", sets["scattered"])),
        "scattered": ms(lambda: take(sets["scattered"])),
        "consecutive": ms(consecutive),
        "merge": ms(merge, 1),
    }


def deltalake(folder: Path) -> dict[str, float]:
    import pyarrow as pa
    from deltalake import DeltaTable, write_deltalake

    samples, boxes, sets = base(folder)
    samples, boxes = (
        t.cast(pa.schema([(f.name, pa.int64() if f.type == pa.uint64() else f.type) for f in t.schema]))
        for t in (samples, boxes)
    )
    work = str(folder / "delta")

    def create(name: str, ids: np.ndarray) -> None:
        write_deltalake(f"{work}/{name}-samples", samples.take(pa.array(ids.astype(np.int64))), mode="overwrite")
        write_deltalake(f"{work}/{name}-boxes", boxes.take(pa.array(positions(ids))), mode="overwrite")

    def checkout(name: str) -> None:
        DeltaTable(f"{work}/{name}-samples").to_pyarrow_table()
        DeltaTable(f"{work}/{name}-boxes").to_pyarrow_table()

    other = {
        "samples": samples.take(pa.array(sets["b"].astype(np.int64))),
        "boxes": boxes.take(pa.array(positions(sets["b"]))),
    }

    def merge() -> None:
        shutil.rmtree(f"{work}/merged-samples", ignore_errors=True)
        shutil.rmtree(f"{work}/merged-boxes", ignore_errors=True)
        create("merged", sets["a"])
        for table, same in (("samples", "t.id = s.id"), ("boxes", "t.id = s.id AND t.n = s.n")):
            into = DeltaTable(f"{work}/merged-{table}")
            into.merge(other[table], same, source_alias="s", target_alias="t").when_not_matched_insert_all().execute()

    found = {"create": ms(lambda: create("one", sets["scattered"]))}
    found["scattered"] = ms(lambda: checkout("one"))
    create("range", sets["consecutive"])
    found["consecutive"] = ms(lambda: checkout("range"))
    return {**found, "merge": ms(merge, 1)}


def dvc(folder: Path) -> dict[str, float]:
    """10,000 small files: take them in, then get them back."""
    work = folder / "dvc"
    shutil.copytree(folder / "files", work / "files")
    environment = {**os.environ, "DVC_NO_ANALYTICS": "1", "GIT_CONFIG_GLOBAL": os.devnull}

    def run(*words: str) -> None:
        subprocess.run(
            [sys.executable, "-m", *words] if words[0] == "dvc" else words,
            cwd=work,
            env=environment,
            check=True,
            capture_output=True,
        )

    run("git", "init", "-q")
    run("dvc", "init", "-q")

    def checkout() -> None:
        shutil.rmtree(work / "files")
        run("dvc", "checkout", "-q")

    return {"add 10k files": ms(lambda: run("dvc", "add", "-q", "files"), 1), "get 10k files": ms(checkout, 1)}


def rustworkx(folder: Path) -> dict[str, float]:
    import rustworkx as rx

    ends = np.load(folder / "edges.npy")
    n, start = int(ends.max()) + 1, int(np.load(folder / "start.npy"))
    built: list[Any] = []

    def build() -> None:
        g = rx.PyDiGraph(multigraph=True)
        g.add_nodes_from(range(n))
        g.add_edges_from_no_data(list(zip(*(e.tolist() for e in ends), strict=True)))
        built[:] = [g]

    load = ms(build, 1)
    oldest = min(rx.ancestors(built[0], start), default=start)
    return {
        "load": load,
        "ancestors": ms(lambda: rx.ancestors(built[0], start)),
        "descendants": ms(lambda: rx.descendants(built[0], oldest)),
    }


def main() -> None:
    name, folder = sys.argv[1], Path(sys.argv[2])
    tools = {"parquet": parquet, "lance": lance, "deltalake": deltalake, "dvc": dvc, "rustworkx": rustworkx}
    try:
        with contextlib.redirect_stdout(sys.stderr):
            found: dict[str, Any] = tools[name](folder)
    except ImportError as e:
        found = {"missing": str(e)}
    print(json.dumps(found))


if __name__ == "__main__":
    main()

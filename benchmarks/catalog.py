"""Commits and reads of a lab's catalog: the owner process against short connections, idle and under load; start and
fail-over.

One run, one table: ``python benchmarks/catalog.py [--seconds 5]``. Both engines get the same lab, the same commits
(a version with its ID set and three metrics) and the same reads (all versions; one ID set). Under load two other
processes write and six read, as fast as they can. Figures are wall times of this machine: compare the rows.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

TARGETS = {
    "commit idle": 30,
    "read idle": 20,
    "commit loaded": 100,
    "read loaded": 50,
    "fail-over": 2000,
}  # ms at p95, from the issue
VERSIONS = 300


def change(name: str) -> list[Any]:
    """One small version as the lab commits it."""
    import pyarrow as pa
    from pyroaring import BitMap64

    from veml_lab.catalog import Change
    from veml_lab.catalog.catalog import now

    ids = BitMap64(range(0, 2000, 3)).serialize()
    metrics = pa.table(
        {"node": [name] * 3, "step": pa.array([1, 2, 3], pa.int32()), "name": ["loss"] * 3, "value": [0.3, 0.2, 0.1]}
    )
    return [
        Change(
            "add_node",
            {"id": name, "kind": "data", "name": name, "created": now(), "props": '{"n": 667, "role": "train"}'},
        ),
        Change("add_version_ids", {"version": name, "n": 667, "lo": 0, "hi": 1998, "ids": ids}),
        Change("add_metrics", rows=metrics),
    ]


def work(folder: str, role: str, name: str, seconds: float) -> None:
    """What a process of the load does: write or read until the time is up."""
    from veml_lab.catalog import Catalog

    catalog, end, i = Catalog(Path(folder)), time.monotonic() + seconds, 0
    print("begun", flush=True)
    while time.monotonic() < end:
        if role == "write":
            catalog.commit(change(f"{name}-{i}"))
        else:
            catalog.read("nodes")
        i += 1


def timed(action: Any, seconds: float) -> list[float]:
    """Milliseconds of each call, sorted."""
    found: list[float] = []
    begin = time.monotonic()
    while (took := time.monotonic() - begin) < seconds or (
        len(found) < 20 and took < 10 * seconds
    ):  # who starves is given up
        began = time.perf_counter()
        action()
        found.append((time.perf_counter() - began) * 1e3)
    return sorted(found)


def owner_of(folder: Path) -> int | None:
    """The owner's process, if there is one."""
    with contextlib.suppress(OSError, ValueError):
        return int(json.loads((folder / "catalog.duckdb.owner").read_text())["pid"])
    return None


@contextlib.contextmanager
def load(folder: Path, seconds: float) -> Any:
    """Two writers and six readers at work."""
    started = [
        subprocess.Popen(
            [
                sys.executable,
                __file__,
                "--work",
                str(folder),
                role,
                f"{role}{k}-{time.time()}",
                "--seconds",
                str(seconds + 60),
            ],
            stdout=subprocess.PIPE,
        )
        for role, n in (("write", 2), ("read", 6))
        for k in range(n)
    ]
    try:
        for p in started:
            assert p.stdout is not None
            p.stdout.readline()
        yield
    finally:
        for p in started:
            p.kill()
            p.wait()


def measure(engine: str, seconds: float) -> dict[str, list[float]]:
    """All rows of one engine."""
    os.environ["VEML_CATALOG"] = engine
    from veml_lab.catalog import Catalog

    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as at:
        folder = Path(at) / "lab"
        folder.mkdir()
        catalog = Catalog(folder)
        counter = iter(range(10**9))

        def commit() -> None:
            catalog.commit(change(f"mine-{next(counter)}"))

        def read() -> None:
            catalog.read("nodes")
            catalog.read("version_ids", version="mine-0")

        began = time.perf_counter()
        commit()
        found["first commit"] = [(time.perf_counter() - began) * 1e3]
        for _ in range(VERSIONS):
            commit()
        found["commit idle"] = timed(commit, seconds)
        found["read idle"] = [t / 2 for t in timed(read, seconds)]
        found["revision idle"] = timed(catalog.revision, 0.2)
        with load(folder, seconds):
            found["commit loaded"] = timed(commit, seconds)
            found["read loaded"] = [t / 2 for t in timed(read, seconds)]
        if engine == "owner":
            deaths = []
            for _ in range(12):
                pid = owner_of(folder)
                if pid is not None:
                    os.kill(pid, signal.SIGKILL)
                began = time.perf_counter()
                catalog.read("counts")
                deaths.append((time.perf_counter() - began) * 1e3)
            found["fail-over"] = sorted(deaths)
            pid = owner_of(folder)
            catalog.close()
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
            found |= marks(catalog.file, min(seconds, 2.0))
    return found


def marks(file: Path, seconds: float) -> dict[str, list[float]]:
    """What a commit pays for its mark: before it, after it with the sync, and the same without the sync."""
    from veml_lab.catalog.revision import announce, write_mark

    found: dict[str, list[float]] = {"announced": []}
    real = os.fdatasync
    for name, sync in (("mark, synced", real), ("mark, unsynced", lambda _fd: None)):
        os.fdatasync = sync
        try:
            found[name] = timed(lambda: write_mark(file, 10**9), seconds)
        finally:
            os.fdatasync = real

    def both() -> None:
        write_mark(file, 10**9)
        began = time.perf_counter()
        announce(file)
        found["announced"].append((time.perf_counter() - began) * 1e3)

    timed(both, seconds)
    found["announced"].sort()
    return found


def share(values: list[float], q: float) -> float:
    return values[min(len(values) - 1, int(len(values) * q))]


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--seconds", type=float, default=5.0, help="of each measurement (default: 5)")
    p.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    args = p.parse_args()
    if args.work:
        work(*args.work, args.seconds)
        return
    results = {engine: measure(engine, args.seconds) for engine in ("owner", "inprocess")}
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {VERSIONS} versions and more; ms")
    print(
        f"{'':<15} {'owner p50':>10} {'p95':>8} {'n':>6}   {'short p50':>10} {'p95':>8} {'n':>6}   {'ratio p50':>9}  "
        " target p95"
    )
    for row in results["owner"]:
        o, s = results["owner"][row], results["inprocess"].get(row)
        short = (
            f"{share(s, 0.5):>10.2f} {share(s, 0.95):>8.2f} {len(s):>6}   {share(s, 0.5) / share(o, 0.5):>8.1f}x"
            if s
            else f"{'-':>10} {'-':>8} {'-':>6}   {'-':>9}"
        )
        limit = TARGETS.get(row)
        verdict = "" if limit is None else f"{limit} {'met' if share(o, 0.95) <= limit else 'MISSED'}"
        print(f"{row:<15} {share(o, 0.5):>10.2f} {share(o, 0.95):>8.2f} {len(o):>6}   {short}   {verdict}")


if __name__ == "__main__":
    main()

"""Several processes that share every batch: one a GPU (NCCL), or a few on a CPU (gloo).

The processes are started plainly (``python -m``), not forked and not by torchrun: a notebook's main module
is never imported again. Rank 0 tells its parent - the job - what the loop reports, one JSON line each, and
waits for an answer at the end of an epoch, so that nothing is saved that the job has not heard of.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from ...errors import JobError
from ...versions.data import DataVersion
from ..backend import FitTask, Report, Start

WAIT_S = 7200.0  # ranks wait this long for rank 0 to measure on the validation data


def fit(task: FitTask, report: Report, world: int) -> dict[str, Any]:
    """Run the loop in ``world`` processes and hand on what rank 0 reports; the summary is rank 0's."""
    folder, init = task.folder.resolve(), task.init
    with tempfile.TemporaryDirectory(prefix="veml-ranks-") as d:
        spec = {
            "lab": str(task.data.store.folder.resolve()),
            "data": task.data.id,
            "validation": task.validation.id if task.validation else None,
            "recipe": dict(task.recipe),
            "hyper": dict(task.hyper),
            "seed": task.seed,
            "folder": str(folder),
            "world": world,
            "parent": os.getpid(),
            "init": [str(init.checkpoint.resolve()), list(init.classes)] if init else None,
            "meet": str(Path(d) / "meet"),
        }
        file = Path(d) / "spec.json"
        file.write_text(json.dumps(spec))
        with _started(file, world, folder) as processes:
            return _listen(processes, report, folder)


@contextlib.contextmanager
def _started(spec: Path, world: int, folder: Path) -> Iterator[list[subprocess.Popen]]:
    threads = os.environ.get("OMP_NUM_THREADS") or str(max(1, (os.cpu_count() or 1) // world))
    with (folder / "ranks.out").open("ab") as out:
        processes = [
            subprocess.Popen(
                [sys.executable, "-m", "veml_lab.training.torchvision.ranks", str(spec), str(rank)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=out,
                text=True,
                env={**os.environ, "OMP_NUM_THREADS": threads},
            )
            for rank in range(world)
        ]
    try:
        yield processes
    finally:
        for p in processes:
            if p.poll() is None:
                p.terminate()
        for p in processes:
            try:
                p.wait(10)
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()
            for stream in (p.stdin, p.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()


def _listen(processes: list[subprocess.Popen], report: Report, folder: Path) -> dict[str, Any]:
    heard: queue.Queue[tuple[int, dict[str, Any] | None]] = queue.Queue()

    def read(rank: int, stream: IO[str]) -> None:
        for line in stream:
            heard.put((rank, json.loads(line)))
        heard.put((rank, None))

    for rank, p in enumerate(processes):
        assert p.stdout is not None
        threading.Thread(target=read, args=(rank, p.stdout), daemon=True).start()
    summary: dict[str, Any] | None = None
    ended = 0
    while ended < len(processes):
        rank, said = heard.get()
        if said is None:
            ended += 1
            if processes[rank].wait() != 0:
                lines = (folder / "ranks.out").read_text(errors="replace").strip().splitlines()
                raise JobError(
                    f"process {rank} of the training ended with {processes[rank].returncode}:"
                    f" {lines[-1] if lines else 'it said nothing'}"
                )
        elif "error" in said:
            raise JobError(said["error"])
        elif "summary" in said:
            summary = said["summary"]
        elif "epoch" in said:
            report.epoch(said["epoch"], said["step"], **said["metrics"])
            lead = processes[0].stdin
            assert lead is not None
            lead.write("go on\n")
            lead.flush()
        else:
            report.step(said["step"], samples=said["samples"], **said["values"])
    if summary is None:
        raise JobError("the processes of the training ended without a result")
    return summary


class _Sender:
    """The report of rank 0: lines on its standard output."""

    def __init__(self, out: IO[str], parent: int) -> None:
        self.out, self.parent = out, parent

    def say(self, **what: Any) -> None:
        if os.getppid() != self.parent:  # killed: nobody would ever stop this process
            os._exit(1)
        self.out.write(json.dumps(what) + "\n")
        self.out.flush()

    def step(self, step: int, *, samples: float = 0, **values: float) -> None:
        self.say(step=step, samples=samples, values=values)

    def epoch(self, epoch: int, step: int, **metrics: float) -> None:
        self.say(epoch=epoch, step=step, metrics=metrics)
        if not sys.stdin.readline():
            os._exit(1)


def main(spec_file: str, rank_text: str) -> int:
    """One process of the training."""
    import torch

    from ...catalog import Catalog
    from ...errors import VemlError
    from ...versions.store import VersionStore
    from .loop import Ranks, train
    from .predictions import metrics_of

    spec, rank = json.loads(Path(spec_file).read_text()), int(rank_text)
    out, sys.stdout = sys.stdout, sys.stderr  # what a library prints is no report
    sender = _Sender(out, spec["parent"])
    gpu = torch.cuda.is_available()
    if gpu:
        torch.cuda.set_device(rank)
    torch.distributed.init_process_group(
        "nccl" if gpu else "gloo",
        init_method=f"file://{spec['meet']}",
        rank=rank,
        world_size=spec["world"],
        timeout=dt.timedelta(seconds=WAIT_S),
    )
    path = Path(spec["lab"])
    store = VersionStore(path, Catalog(path))
    graph = store.graph()
    data = DataVersion(store, graph.find(spec["data"], "data"))
    validation = DataVersion(store, graph.find(spec["validation"], "data")) if spec["validation"] else None
    init = Start(Path(spec["init"][0]), tuple(spec["init"][1])) if spec["init"] else None
    try:
        task = FitTask(spec["recipe"], spec["hyper"], data, Path(spec["folder"]), validation, init, spec["seed"])
        summary = train(task, sender, metrics_of(task.recipe), Ranks(rank, spec["world"]))
    except VemlError as e:
        sender.say(error=str(e))
        return 0
    if rank == 0:
        sender.say(summary=summary)
    torch.distributed.barrier()
    torch.distributed.destroy_process_group()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))

"""What a running job writes down: its log, its status, what it does to the machine."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from ..errors import JobError
from ..storage.failures import in_words
from ..storage.whole import write_whole
from ..versions.store import dumps

FIGURES_S = 5.0  # between two looks at the machine


class Stopped(JobError):
    """The job was asked to stop; it can be resumed."""


class Figures:
    """System figures of this process and its children: ``cpu_percent`` (100 is one core), ``rss_mb``,
    ``gpu_memory_mb``, ``samples_per_s``."""

    def __init__(self) -> None:
        import psutil

        self._process = psutil.Process()
        self._children: dict[int, psutil.Process] = {}
        self._process.cpu_percent()  # the first call only starts the clock
        self._since, self._samples = time.monotonic(), 0.0

    def after_step(self, samples: float, now: float) -> dict[str, float]:
        """The figures where the last ones are old enough, else nothing."""
        self._samples += samples
        if now - self._since < FIGURES_S:
            return {}
        figures = self._machine()
        if self._samples:
            figures["samples_per_s"] = self._samples / (now - self._since)
        self._since, self._samples = now, 0.0
        return figures

    def _machine(self) -> dict[str, float]:
        import psutil
        import torch

        cpu, rss = 0.0, 0.0
        for child in self._process.children(recursive=True):
            self._children.setdefault(child.pid, child)
        for p in [self._process, *self._children.values()]:
            try:
                with p.oneshot():
                    cpu, rss = cpu + p.cpu_percent(), rss + p.memory_info().rss
            except psutil.Error:  # a child that has ended
                continue
        figures = {"cpu_percent": cpu, "rss_mb": rss / 2**20}
        if torch.cuda.is_available():
            figures["gpu_memory_mb"] = (
                sum(torch.cuda.device_memory_used(i) for i in range(torch.cuda.device_count())) / 2**20
            )
        return figures


class Reporter:
    """Writes a job's log and status, draws its bar, and sees requests to stop."""

    def __init__(self, folder: Path, name: str, status: Mapping[str, Any], *, epochs: int, progress: bool) -> None:
        self.folder, self.name, self.epochs, self.progress = folder, name, epochs, progress
        self.done_steps, self.done_epochs = status.get("step_of_epoch", 0), status.get("epoch", 0)
        self._seconds_before = status.get("seconds", 0.0)
        self._path = folder / "log.jsonl"
        self._log: IO[str] | None = None
        self._began = time.monotonic()
        self._last_status = 0.0
        self._figures = Figures()

    def __enter__(self) -> Reporter:
        from tqdm.auto import tqdm

        self._bar = tqdm(desc=self.name, unit="step", disable=not self.progress, leave=False)
        return self

    def __exit__(self, *exc: object) -> None:
        if self._log is not None:
            self._log.close()
        self._bar.close()

    def seconds(self) -> float:
        """Wall time of the training, with that of the runs before an interruption."""
        return self._seconds_before + time.monotonic() - self._began

    def step(self, step: int, *, samples: float = 0, **values: float) -> None:
        if self._log is None:
            self._go_on_from(step)
        now = time.monotonic()
        self._write(step, {**values, **self._figures.after_step(samples, now)})
        self._bar.update(1)
        if now - self._last_status > 0.5:
            self._last_status = now
            per_epoch = self.done_steps / self.done_epochs if self.done_epochs else None
            steps = round(per_epoch * self.epochs) if per_epoch else None
            self._bar.total = steps
            loss = values.get("loss", float("nan"))
            self._bar.set_postfix_str(f"loss {loss:.3f}")
            put(
                self.folder,
                step=step,
                steps=steps,
                message=f"epoch {self.done_epochs + 1} of {self.epochs}, loss {loss:.3f}",
            )
            if (self.folder / "stop").exists():
                raise Stopped(f"the job {self.name!r} was stopped at step {step}; train the same plan to go on")

    def epoch(self, epoch: int, step: int, **metrics: float) -> None:
        self._write(step, metrics)
        self.done_epochs, self.done_steps = epoch, step
        seconds = self.seconds()
        shown = ", ".join(f"{k} {v:.3f}" for k, v in metrics.items())
        put(
            self.folder,
            epoch=epoch,
            step=step,
            step_of_epoch=step,
            seconds=seconds,
            message=f"epoch {epoch}: {shown}",
        )

    def _go_on_from(self, step: int) -> None:
        """Drop what an interrupted run logged beyond its last saved epoch: those steps are done again."""
        kept = [r for r in read_log(self._path) if r["step"] < step]
        if step == 1:
            self.done_steps = self.done_epochs = 0
            self._seconds_before = 0.0
        self._bar.update(step - 1)
        write_whole(self._path, "".join(dumps(r) + "\n" for r in kept))
        self._log = self._path.open("a")

    def _write(self, step: int, values: Mapping[str, float]) -> None:
        assert self._log is not None  # opened by the first step
        for name, value in values.items():
            self._log.write(dumps({"step": step, "name": name, "value": float(value)}) + "\n")
        self._log.flush()


def read_log(path: Path) -> list[dict[str, Any]]:
    """Complete lines of a job's log."""
    if not path.exists():
        return []
    rows = []
    with in_words(path, "read"):
        lines = path.read_text(errors="replace").splitlines()
    for line in lines:
        row = parsed(line)
        if not isinstance(row, dict) or not isinstance(row.get("step"), int):
            break  # the process was killed while it wrote this line
        rows.append(row)
    return rows


def parsed(text: str) -> Any:
    """A JSON text; None where it is none, or none that anybody wrote."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def read_status(folder: Path) -> dict[str, Any] | None:
    """A job's ``status.json``; None where there is none, or a damaged one: the job's lock and log say the rest."""
    try:
        status = parsed((folder / "status.json").read_text(errors="replace"))
    except FileNotFoundError:
        return None
    return status if isinstance(status, dict) and isinstance(status.get("state"), str) else None


def put(folder: Path, **values: Any) -> None:
    """Change values of a job's ``status.json``, and say who wrote it."""
    path = folder / "status.json"
    status = read_status(folder) or {}
    write_whole(path, dumps({**status, **values, "pid": os.getpid()}), durable=False)  # written every few steps

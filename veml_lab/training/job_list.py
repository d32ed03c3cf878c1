"""Several jobs at once, for a terminal: found by name, listed, watched until they end."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import UnknownName
from ..versions.store import VersionStore
from .jobs import Job, list_jobs

GOING = ("running", "starting")


@dataclass(frozen=True)
class JobTable:
    """Jobs as they were when they were looked at.

    Attributes
    ----------
    rows
        One dict a job: ``job`` (its key), ``name``, ``state``, ``epoch``, ``epochs``, ``message`` ...
    watched
        Whether they were watched to their end: then the exit code says whether all were done.
    """

    rows: tuple[dict[str, Any], ...]
    watched: bool = False

    @classmethod
    def of(cls, jobs: Sequence[Job], *, watched: bool = False) -> JobTable:
        """Look at these jobs."""
        return cls(tuple({"job": j.key, "name": j.plan.name, **j.status()} for j in jobs), watched)

    @property
    def exit_code(self) -> int:
        """1 on the command line where a job that was watched did not end well."""
        return int(self.watched and any(r["state"] != "done" for r in self.rows))

    def to_dict(self) -> list[dict[str, Any]]:
        """What ``veml jobs --json`` prints."""
        return list(self.rows)

    def __repr__(self) -> str:
        return "\n".join(f"{r['state']:<8} {r['name']:<44} {r.get('message', '')}" for r in self.rows) or "no jobs yet"


def asked(store: VersionStore, names: Sequence[str]) -> list[Job]:
    """The jobs of these names or keys, the oldest first; all where none is named.

    Raises
    ------
    UnknownName
        There is no job of that name or key.
    """
    there = list_jobs(store)
    for name in names:
        if not any(name in (j.key, j.plan.name) for j in there):
            raise UnknownName.of("job", name, [j.plan.name for j in there])
    return [j for j in there if not names or {j.key, j.plan.name} & set(names)]


def watch(jobs: Sequence[Job], *, progress: bool = True, poll_s: float = 0.3) -> JobTable:
    """Show the progress of jobs, a bar each, until none of them is going any more."""
    from tqdm.auto import tqdm

    going = [j for j in jobs if j.status()["state"] in GOING]
    bars = {
        j.key: tqdm(desc=j.plan.name, unit="step", position=i, disable=not progress, leave=False)
        for i, j in enumerate(going)
    }
    try:
        while going:
            for job in list(going):
                status, bar = job.status(), bars[job.key]
                bar.total, bar.n = status.get("steps"), status.get("step", 0)
                bar.set_postfix_str(status.get("message", ""))
                if status["state"] not in GOING:
                    going.remove(job)
            if going:
                time.sleep(poll_s)
    finally:
        for bar in bars.values():
            bar.close()
    return JobTable.of(jobs, watched=True)

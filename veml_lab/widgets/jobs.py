"""Training jobs as they run: progress, with stop and resume."""

from __future__ import annotations

from typing import Any, Protocol

import traitlets as t

from .._html import table
from .._svg import short
from ..errors import BadInput
from ._base import Drawing, script, unknown_question

STATES = ("starting", "running", "done", "stopped", "failed", "killed", "new")


class Jobs(Protocol):
    """What knows the jobs; methods may be called from another thread."""

    def look(self) -> list[dict[str, Any]]:
        """``{"key", "name", "state", "epoch", "epochs", "step", "steps", "message"}``, the newest first."""
        ...

    def stop(self, key: str) -> str:
        """Ask a job to stop after its step; a sentence."""
        ...

    def resume(self, key: str) -> str:
        """Let a job go on where it was; a sentence."""
        ...


class JobList(Drawing):
    """Watch jobs; they go on when the page or the kernel is closed.

    Parameters
    ----------
    source : Jobs
        Where to look, stop and resume.
    controls : bool
        Whether jobs can be stopped and resumed from here.
    """

    _esm = script("jobs")

    jobs = t.List(t.Dict()).tag(sync=True, ts="JobState[]")
    controls = t.Bool(True).tag(sync=True)

    def __init__(self, source: Jobs, *, controls: bool = True, **kwargs: Any) -> None:
        self._source = source
        super().__init__(jobs=source.look(), controls=controls, **kwargs)

    def answer(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """``look``, ``stop`` and ``resume``; each answers with all jobs as they are then."""
        kind, said = asked.get("type"), ""
        if kind in ("stop", "resume"):
            key = asked.get("key")
            if not self.controls:
                raise BadInput("jobs can only be watched here")
            if key not in [j["key"] for j in self._source.look()]:
                raise BadInput(f"there is no job {short(repr(key), 60)}")
            said = getattr(self._source, kind)(key)
        elif kind != "look":
            raise unknown_question(kind, "look", "stop", "resume")
        return {"type": "jobs", "jobs": self._source.look(), "message": said}, []

    def describe(self) -> str:
        running = sum(j["state"] in ("running", "starting") for j in self.jobs)
        return f"JobList: {len(self.jobs)} jobs, {running} running"

    def static_html(self) -> str:
        rows = [(j["name"], j["state"], j.get("message") or "") for j in self.jobs]
        return table(("job", "state", ""), rows or [("no jobs", "", "")])

"""A running CVAT, by its REST: a job is a task of CVAT, in CVAT's jobs of a few frames each.

A frame carries nothing but its name, so that is where our ID and the digest are. CVAT does not say which frame
somebody has looked at, so answers are those of CVAT's jobs that are *completed*: before that, every pre-label that
nobody has seen would count as kept. A frame that was deleted in CVAT is a skipped one.

Source
------
https://docs.cvat.ai/docs/api_sdk/api, and the client of cvat-sdk 2.80, whose way of uploading this is. No server of
CVAT was asked: it wants Docker. The tests' server is written from the same API and is asked by cvat-sdk as well.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import BadInput, ToolError
from ..sources.checks import number
from .cvat_xml import sample_of
from .http import Http
from .said import Region, Said, Unusable, checked
from .secret import secret_of
from .tool import Answer, Job, Options, State

VARIABLE = "CVAT_ACCESS_TOKEN"
MOST = 1000  # pictures of a task that are uploaded
AT_ONCE = 25  # pictures of an upload
SEGMENT = 25  # frames of one of CVAT's jobs, which are completed one by one
PAGE = 100
ASK_EVERY_S = 0.2


class Cvat:
    """See the module. Tokens of both kinds: the personal access token, and the legacy key of 40 digits."""

    def __init__(self, options: Options) -> None:
        token = secret_of(options.token, VARIABLE)
        legacy = token is not None and re.fullmatch(r"[0-9a-f]{40}", token.reveal()) is not None
        self._http = Http("CVAT", options.where, token, VARIABLE, lambda t: f"{'Token' if legacy else 'Bearer'} {t}")

    def send(self, job: Job) -> str:
        if len(job.items) >= MOST:
            raise BadInput(
                f"{len(job.items):,} pictures: fewer than {MOST:,} are uploaded into one task; make tasks of"
                f" n={MOST - 1}"
            )
        task = self._task(job)
        if not task.get("size"):
            self._upload(int(task["id"]), job)
        self._annotate(int(task["id"]), job)
        return f"{self._http.url}/tasks/{task['id']}"

    def fetch(self, address: str, job: Job) -> Iterator[Answer]:
        task = _number(address)
        frames, deleted = self._frames(task)
        labels = {v: k for k, v in self._labels(task).items()}
        said = self._http.call("GET", f"/api/tasks/{task}/annotations/")
        for part in self._parts(task):
            if part["state"] != "completed":
                continue
            who = job.annotator or str((part.get("assignee") or {}).get("username") or "")
            stamp = str(part.get("updated_date") or "")
            for k in range(int(part["start_frame"]), int(part["stop_frame"]) + 1):
                at, ours = f"CVAT, task {task}, frame {k}", sample_of(frames[k]["name"])
                if ours is None:
                    yield Answer("", None, "", who, Said(), stamp, where=at)
                elif k in deleted:
                    yield Answer(job.task, *ours, who, None, stamp, where=at)
                else:
                    odd: list[str] = []
                    try:
                        found = _said(said, k, part, job, labels, (frames[k]["width"], frames[k]["height"]), odd)
                    except Unusable as e:
                        yield Answer(job.task, *ours, who, Said(), stamp, unusable=str(e), where=at)
                        continue
                    yield Answer(job.task, *ours, who, found, stamp, tuple(odd), where=at)

    def state(self, address: str, job: Job) -> State:
        task = _number(address)
        frames, deleted = self._frames(task)
        done = {
            k
            for p in self._parts(task)
            if p["state"] == "completed"
            for k in range(int(p["start_frame"]), int(p["stop_frame"]) + 1)
        }
        return State(len(frames), len(done - deleted), len(done & deleted))

    # -- the calls -------------------------------------------------------------------------------

    def _task(self, job: Job) -> dict[str, Any]:
        """The job's task: the one that carries its mark, so that a send that broke off is taken up."""
        mark = f"[veml-task {job.task}]"
        for t in self._pages("/api/tasks", {}):
            if str(t.get("name") or "").endswith(mark):
                return t
        kind = "rectangle" if job.kind == "box" else "tag"
        body = {
            "name": f"{job.title} {mark}",
            "labels": [{"name": c, "type": kind, "attributes": []} for c in job.classes],
            "segment_size": SEGMENT,
        }
        made = self._http.call("POST", "/api/tasks", body)
        assert isinstance(made, dict)
        return made

    def _upload(self, task: int, job: Job) -> None:
        """Pictures in batches between CVAT's two messages, then wait until it has made frames of them."""
        path = f"/api/tasks/{task}/data/"
        self._http.call("POST", path, headers={"Upload-Start": ""})
        for start in range(0, len(job.items), AT_ONCE):
            images = [(i, i.image()) for i in job.items[start : start + AT_ONCE]]
            files = [(f"client_files[{k}]", i.file(image), image) for k, (i, image) in enumerate(images)]
            form = {"image_quality": "95"}, files
            self._http.call("POST", path, form=form, headers={"Upload-Multiple": ""})
        asked = self._http.call("POST", path, {"image_quality": 95}, headers={"Upload-Finish": ""})["rq_id"]
        while True:
            found = self._http.call("GET", f"/api/requests/{asked}")
            if found["status"] == "finished":
                return
            if found["status"] == "failed":
                raise ToolError(
                    f"CVAT could not make frames of the pictures: {found.get('message') or 'it does not say'}"
                )
            time.sleep(ASK_EVERY_S)

    def _annotate(self, task: int, job: Job) -> None:
        """Put the pre-labels there, unless somebody has begun."""
        path = f"/api/tasks/{task}/annotations/"
        said = self._http.call("GET", path)
        begun = any(said[k] for k in ("tags", "shapes", "tracks")) or any(
            p["state"] != "new" for p in self._parts(task)
        )
        if begun:
            return
        labels, frames = self._labels(task), self._frames(task)[0]
        tags, shapes = [], []
        for k, frame in enumerate(frames):
            ours = sample_of(frame["name"])
            item = job.by_sample.get(ours[0]) if ours else None
            if item is None or item.before is None:
                continue
            common = {"frame": k, "group": 0, "source": "auto", "attributes": []}
            if item.before.label is not None:
                tags.append({"label_id": labels[item.before.label], **common})
            for r in item.before.regions:
                shape = {"type": "rectangle", "points": list(r.corners), "occluded": False, "outside": False}
                shapes.append({"label_id": labels[r.label], **common, **shape, "z_order": 0, "rotation": 0.0})
        if tags or shapes:
            self._http.call("PUT", path, {"version": 0, "tags": tags, "shapes": shapes, "tracks": []})

    def _frames(self, task: int) -> tuple[list[dict[str, Any]], set[int]]:
        """Name and size of each frame, and the numbers of those that were deleted."""
        meta = self._http.call("GET", f"/api/tasks/{task}/data/meta")
        return meta["frames"], {int(k) for k in meta.get("deleted_frames") or ()}

    def _labels(self, task: int) -> dict[str, int]:
        return {found["name"]: int(found["id"]) for found in self._pages("/api/labels", {"task_id": task})}

    def _parts(self, task: int) -> list[dict[str, Any]]:
        return [p for p in self._pages("/api/jobs", {"task_id": task}) if p.get("type", "annotation") == "annotation"]

    def _pages(self, path: str, query: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        page = 1
        while True:
            found = self._http.call("GET", path, query={**query, "page": page, "page_size": PAGE})
            yield from found["results"]
            if not found.get("next"):
                return
            page += 1


def _said(
    said: Mapping[str, Any],
    frame: int,
    part: Mapping[str, Any],
    job: Job,
    labels: Mapping[int, str],
    size: tuple[int, int],
    odd: list[str],
) -> Said:
    """What is said of one frame."""
    if any(t["frame"] <= frame <= int(part["stop_frame"]) for t in said["tracks"]):
        raise Unusable("a track runs over the frame; this task asked for shapes of single frames")
    if job.kind == "class":
        names = [labels.get(t["label_id"], "?") for t in said["tags"] if t["frame"] == frame]
        if len(names) > 1 or (names and names[0] not in job.classes):
            raise Unusable(f"the class is {', '.join(names)!r:.60}; the task has {', '.join(job.classes)}, one a frame")
        return Said(names[0] if names else None)
    found: list[Region] = []
    for s in (s for s in said["shapes"] if s["frame"] == frame):
        if s["type"] != "rectangle":
            raise Unusable(f"a shape is a {s['type']}; the task asked for boxes")
        x, y, right, bottom = map(number, s["points"])
        turned, label = number(s.get("rotation") or 0), labels.get(s["label_id"], "?")
        region = checked(label, x, y, right - x, bottom - y, turned, "", job.classes, size, odd)
        found += [] if region is None else [region]
    return Said(regions=tuple(found))


def _number(address: str) -> int:
    """The task of an address."""
    found = address.rpartition("/tasks/")[2].partition("/")[0]
    if not found.isdigit():
        raise BadInput(f"{address!r:.80} is no address of a task, which ends with /tasks/NUMBER")
    return int(found)

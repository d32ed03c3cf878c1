"""A running Label Studio, by its REST: a job is a project.

Of its API four things are used: make a project with our configuration, upload pictures, import tasks, list tasks with
their annotations, page by page. Its SDK is not used: it would bring NumPy back to 2.2 (docs/decisions/labelling.md).

Source
------
https://api.labelstud.io, checked against Label Studio 1.23.2.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ..errors import BadInput, ToolError
from .http import Http, Refused
from .label_studio_tasks import SAMPLE, TASK, answers, configuration, task_of
from .secret import Secret, secret_of
from .tool import Answer, Item, Job, Options, State

VARIABLE = "LABEL_STUDIO_API_KEY"
MOST = 1000  # pictures of a job that are uploaded
AT_ONCE = 25  # pictures of an upload, and tasks of an import
PAGE = 100
TITLE = 50  # characters that a project's title may have


class LabelStudio:
    """See the module. Tokens of both kinds: the legacy one, and the personal one, which is exchanged for a short-lived
    one."""

    def __init__(self, options: Options) -> None:
        self._token = secret_of(options.token, VARIABLE)
        personal = self._token is not None and self._token.reveal().count(".") == 2
        self._personal, self._fresh = self._token if personal else None, False
        self._http = Http(
            "Label Studio", options.where, self._token, VARIABLE, lambda t: f"{'Bearer' if personal else 'Token'} {t}"
        )

    def send(self, job: Job) -> str:
        if len(job.items) >= MOST:
            raise BadInput(
                f"{len(job.items):,} pictures: fewer than {MOST:,} are uploaded into one project; make tasks of"
                f" n={MOST - 1}"
            )
        project = self._project(job)
        there = {t["data"].get(SAMPLE) for t in self._tasks(project) if t["data"].get(TASK) == job.task}
        left = [i for i in job.items if i.sample not in there]
        for start in range(0, len(left), AT_ONCE):
            self._import(project, job, left[start : start + AT_ONCE])
        return f"{self._http.url}/projects/{project}"

    def fetch(self, address: str, job: Job) -> Iterator[Answer]:
        people = {u["id"]: u.get("email") or f"user {u['id']}" for u in self._call("GET", "/api/users")}
        for task in self._tasks(_number(address)):
            yield from answers(task, job, people, f"Label Studio, project {_number(address)}")

    def state(self, address: str, job: Job) -> State:
        ours = [t for t in self._tasks(_number(address)) if t["data"].get(TASK) == job.task]
        said = [[a for a in t.get("annotations", ()) if isinstance(a, dict)] for t in ours]
        done = sum(any(not a.get("was_cancelled") for a in s) for s in said)
        return State(len(ours), done, sum(bool(s) for s in said) - done)

    # -- the calls -------------------------------------------------------------------------------

    def _project(self, job: Job) -> int:
        """The job's project: the one that carries its mark, so that a send that broke off is taken up."""
        mark, page = f"veml-task {job.task}", 1
        while True:
            found = self._call("GET", "/api/projects", query={"page": page, "page_size": PAGE})
            for p in found["results"]:
                if mark in str(p.get("description") or "").splitlines():
                    return int(p["id"])
            if not found.get("next"):
                break
            page += 1
        title = job.title if len(job.title) <= TITLE else job.title[: TITLE - 1].rstrip() + "…"
        body = {
            "title": title.ljust(3, "."),  # three characters at least
            "description": f"Samples of VeML-Lab. Do not remove the next line.\n{mark}",
            "label_config": configuration(job),
            "show_collab_predictions": True,
        }
        return int(self._call("POST", "/api/projects", body)["id"])

    def _tasks(self, project: int) -> Iterator[dict[str, Any]]:
        page, seen, total = 1, 0, 1
        while seen < total:
            query = {"project": project, "page": page, "page_size": PAGE, "fields": "all"}
            found = self._call("GET", "/api/tasks", query=query)
            total, tasks = int(found["total"]), found["tasks"]
            if not tasks:
                return
            yield from tasks
            seen, page = seen + len(tasks), page + 1

    def _import(self, project: int, job: Job, items: list[Item]) -> None:
        """Upload pictures, then import their tasks; a send that breaks off between leaves pictures without a task."""
        images = [i.image() for i in items]
        files = [(f"file{k}", i.file(image), image) for k, (i, image) in enumerate(zip(items, images, strict=True))]
        sent = self._call(
            "POST", f"/api/projects/{project}/import", form=({}, files), query={"commit_to_project": "false"}
        )
        ids = json.dumps(sent["file_upload_ids"], separators=(",", ":"))
        uploads = self._call("GET", f"/api/projects/{project}/file-uploads", query={"ids": ids})
        places = [u["file"] for u in uploads]
        tasks = []
        for item in items:
            # the server puts eight signs before the name, which holds our ID and digest
            at = [p for p in places if p.rpartition("/")[2].partition("-")[2].startswith(item.stem)]
            if len(at) != 1:
                raise ToolError(f"Label Studio gave {len(at)} places for one upload of {item.uri!r}; send it again")
            tasks.append(task_of(item, job, f"/data/{at[0]}"))
        self._call("POST", f"/api/projects/{project}/import", tasks)

    def _call(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """Ask; a personal token is exchanged when the last one has run out, after five minutes."""
        if self._personal is not None and self._fresh:
            try:
                return self._http.call(method, path, body, **more)
            except Refused as e:
                if e.status != 401:
                    raise
        if self._personal is not None:
            self._exchange(self._personal)
        return self._http.call(method, path, body, **more)

    def _exchange(self, personal: Secret) -> None:
        try:
            got = self._http.call("POST", "/api/token/refresh", {"refresh": personal}, plain=True)
        except Refused as e:
            if e.status not in (400, 401):
                raise
            raise Refused(
                f"Label Studio at {self._http.url} did not take the token ({e.status}); set the environment variable"
                f" {VARIABLE}, or give token=...",
                e.status,
            ) from None
        self._http.shows(Secret(got["access"]))
        self._fresh = True


def _number(address: str) -> int:
    """The project of an address."""
    number = address.rpartition("/projects/")[2].partition("/")[0]
    if not number.isdigit():
        raise BadInput(f"{address!r:.80} is no address of a project, which ends with /projects/NUMBER")
    return int(number)

"""Servers of labelling tools that tests talk to: written from what the real ones answer, with real sockets.

That of Label Studio is held against a recorded exchange with 1.23.2 (tests/labelling/data); the real one is asked in
tests/labelling/test_label_studio_itself.py.
"""

from __future__ import annotations

import itertools
import json
import threading
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

TOKEN = "f0e1d2c3b4a5968778695a4b3c2d1e0f00112233"  # a secret of nobody
PERSONAL = "eyJhbGciOiJub25l.eyJ0b2tlbiI6InJlZnJlc2gifQ.c2lnbmF0dXJl"


class Gone(Exception):
    """The server goes away without an answer."""


class Answered(Exception):
    def __init__(self, status: int, body) -> None:
        self.status, self.body = status, body


class Server:
    """A server of one tool; ``asked`` lists what came. A ``with`` block serves it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, object]] = []
        self.headers: list[dict] = []
        self.port = 0

    def __enter__(self):
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self):
                parts = urlsplit(self.path)
                data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                query = {k: v[-1] for k, v in parse_qs(parts.query).items()}
                kind = self.headers.get("Content-Type", "")
                body = form(kind, data) if "multipart" in kind else json.loads(data) if data else None
                server.asked.append((self.command, parts.path, body))
                server.headers.append(dict(self.headers))
                try:
                    status, said = server.reply(self.command, parts.path, query, body, self.headers)
                except Answered as e:
                    status, said = e.status, e.body
                except Gone:
                    self.close_connection = True
                    self.connection.close()
                    return
                if isinstance(said, tuple):  # sent on to somewhere else
                    self.send_response(status)
                    self.send_header("Location", said[0])
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                text = b"" if said is None else said if isinstance(said, bytes) else json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer

        self._http = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._http.shutdown()
        self._http.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def reply(self, method, path, query, body, headers):
        raise NotImplementedError


def form(kind: str, data: bytes) -> dict[str, tuple[str | None, bytes]]:
    """A body of multipart/form-data: field -> (file name, bytes)."""
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + data)
    return {
        p.get_param("name", header="content-disposition"): (p.get_filename(), p.get_payload(decode=True))
        for p in message.iter_parts()
    }


_MOMENTS = itertools.count(1)


def moment() -> str:
    """Moments in the order in which they are asked for."""
    return f"2026-01-01T00:00:00.{next(_MOMENTS):06d}Z"


class LabelStudio(Server):
    """Projects, uploads, tasks, annotations, as 1.23.2 answers.

    ``gone_after`` imports of tasks it goes away, before it has done the next one or, with ``done=True``, after.
    """

    def __init__(self, *, token: str | None = TOKEN) -> None:
        super().__init__()
        self.token, self.access = token, "access-1"
        self.projects: list[dict] = []
        self.uploads: list[dict] = []
        self.tasks: list[dict] = []
        self.users = [{"id": 1, "email": "ann@example.com"}]
        self.gone_after: int | None = None
        self.done = False
        self.page_most = 100
        self.sends_on_to = ""

    def reply(self, method, path, query, body, headers):
        if path == "/api/token/refresh":
            if body != {"refresh": PERSONAL}:
                raise Answered(401, {"status_code": 401, "detail": "Token is invalid or expired"})
            return 200, {"access": self.access}
        if self.sends_on_to:
            return 302, (self.sends_on_to + path,)
        good = f"Bearer {self.access}" if self.token == PERSONAL else f"Token {self.token}"
        if self.token is not None and headers.get("Authorization") != good:
            raise Answered(401, {"status_code": 401, "version": "1.23.2", "detail": "Invalid token."})
        parts = path.strip("/").split("/")
        if parts[:2] == ["api", "projects"]:
            return self.of_projects(method, parts[2:], query, body)
        if parts[:2] == ["api", "users"]:
            return 200, self.users
        if parts[:2] == ["api", "tasks"] and len(parts) == 2:
            return 200, self.page(query)
        if parts[:2] == ["api", "tasks"] and parts[3:] == ["annotations"]:
            return 201, self.annotate(int(parts[2]), body)
        if parts[:2] == ["api", "annotations"] and method == "PATCH":
            (a,) = [a for t in self.tasks for a in t["annotations"] if a["id"] == int(parts[2])]
            a |= {**body, "updated_at": moment()}
            return 200, a
        raise Answered(404, b"<!doctype html><title>Not found</title>")

    def of_projects(self, method, rest, query, body):
        if not rest and method == "GET":
            return 200, {"count": len(self.projects), "next": None, "previous": None, "results": self.projects}
        if not rest:
            if not 3 <= len(body["title"]) <= 50:
                raise Answered(400, {"validation_errors": {"title": ["Ensure this field has at least 3 characters."]}})
            project = {"id": len(self.projects) + 1, **body}
            self.projects.append(project)
            return 201, project
        project = int(rest[0])
        if rest[1] == "file-uploads":
            ids = json.loads(query["ids"])
            return 200, [u for u in self.uploads if u["id"] in ids]
        if query.get("commit_to_project") == "false":
            return 201, self.upload(project, body)
        if self.gone_after is not None and self.gone_after <= 0 and not self.done:
            raise Gone
        for t in body:
            self.take(project, t)
        if self.gone_after is not None:
            self.gone_after -= 1
            if self.gone_after < 0:
                raise Gone
        predictions = sum(len(t.get("predictions", ())) for t in body)
        return 201, {
            "task_count": len(body), "annotation_count": 0, "prediction_count": predictions, "duration": 0.1,
            "file_upload_ids": [], "could_be_tasks_list": False, "found_formats": [], "data_columns": [],
        }  # fmt: skip

    def upload(self, project, body):
        made = []
        for name, data in body.values():
            n = len(self.uploads) + 1
            self.uploads.append({"id": n, "file": f"upload/{project}/{n:08x}-{name}", "size": len(data)})
            made.append(n)
        return {
            "task_count": len(made), "annotation_count": None, "prediction_count": None, "duration": 0.1,
            "file_upload_ids": made, "could_be_tasks_list": False, "found_formats": {".png": len(made)},
            "data_columns": ["$undefined$"],
        }  # fmt: skip

    def take(self, project, task):
        n = len(self.tasks) + 1
        predictions = [{"id": 1000 * n + k, "task": n, **p} for k, p in enumerate(task.get("predictions", ()))]
        self.tasks.append(
            {"id": n, "project": project, "data": task["data"], "predictions": predictions, "annotations": []}
        )

    def page(self, query):
        mine = [t for t in self.tasks if t["project"] == int(query["project"])]
        size = min(int(query["page_size"]), self.page_most)
        first = (int(query["page"]) - 1) * size
        if first and first >= len(mine):
            raise Answered(404, {"status_code": 404, "detail": "Invalid page."})
        return {
            "total_annotations": sum(len(t["annotations"]) for t in mine),
            "total_predictions": sum(len(t["predictions"]) for t in mine),
            "total": len(mine), "tasks": mine[first : first + size],
        }  # fmt: skip

    def annotate(self, task, body):
        (t,) = [t for t in self.tasks if t["id"] == task]
        a = {
            "id": 10_000 * task + len(t["annotations"]), "task": task, "completed_by": 1, "was_cancelled": False,
            "ground_truth": False, "created_at": moment(), "updated_at": moment(), **body,
        }  # fmt: skip
        t["annotations"].append(a)
        return a


class Cvat(Server):
    """Tasks, frames, jobs, annotations, written from CVAT's API (2.80); cvat-sdk asks it as well.

    ``gone_after`` so many batches of pictures it goes away.
    """

    def __init__(self, *, token: str | None = TOKEN) -> None:
        super().__init__()
        self.token = token
        self.tasks: list[dict] = []
        self.labels: list[dict] = []
        self.jobs: list[dict] = []
        self.frames: dict[int, dict[str, bytes]] = {}
        self.said: dict[int, dict] = {}
        self.deleted: dict[int, list[int]] = {}
        self.gone_after: int | None = None
        self.page_most = 100

    def reply(self, method, path, query, body, headers):
        parts = path.strip("/").split("/")[1:]
        if parts == ["server", "about"]:
            return 200, {"name": "CVAT", "description": "", "version": "2.80.0", "logo_url": "", "subtitle": ""}
        legacy = f"Token {self.token}", f"Bearer {self.token}"
        if self.token is not None and headers.get("Authorization") not in legacy:
            raise Answered(401, {"detail": "Invalid token."})
        if parts == ["tasks"]:
            return (201, self.make(body)) if method == "POST" else (200, self.page(self.tasks, query))
        if parts in (["labels"], ["jobs"]):
            rows = [r for r in getattr(self, parts[0]) if r["task_id"] == int(query["task_id"])]
            return 200, self.page(rows, query)
        if parts[0] == "requests":
            return 200, self.request(parts[1])
        if parts[0] == "jobs":
            job = self.jobs[int(parts[1]) - 1]
            job |= {**(body or {}), "updated_date": moment()}
            return 200, job
        task = self.tasks[int(parts[1]) - 1]
        rest = parts[2:]
        if not rest:
            return 200, task
        if rest == ["data"]:
            return self.data(task, body, headers)
        if rest == ["data", "meta"]:
            return 200, self.meta(task["id"])
        if rest == ["annotations"]:
            return 200, self.annotations(task["id"], method, query, body)
        raise Answered(404, {"detail": "Not found."})

    def page(self, rows, query):
        size = min(int(query.get("page_size", 10)), self.page_most)
        first = (int(query.get("page", 1)) - 1) * size
        more = f"{self.url}/more" if first + size < len(rows) else None
        return {"count": len(rows), "next": more, "previous": None, "results": rows[first : first + size]}

    def make(self, body):
        n = len(self.tasks) + 1
        for row in body["labels"]:
            label = {"id": 100 * n + len(self.labels), "task_id": n, "color": "#ffffff", "sublabels": [], **row}
            self.labels.append(label | {"has_parent": False, "parent_id": None})
        task = {
            "id": n, "name": body["name"], "size": 0, "segment_size": body["segment_size"], "mode": "",
            "project_id": None, "subset": "", "status": "annotation", "assignee": None, "overlap": 0,
            "bug_tracker": "", "created_date": moment(), "updated_date": moment(), "dimension": "2d",
            "owner": {"url": f"{self.url}/api/users/1", "id": 1, "username": "ann", "first_name": "", "last_name": ""},
            "url": f"{self.url}/api/tasks/{n}", "data_chunk_size": None, "data_compressed_chunk_type": "imageset",
            "data_original_chunk_type": "imageset", "guide_id": None, "organization": None, "source_storage": None,
            "target_storage": None, "assignee_updated_date": None, "image_quality": 95, "data": n,
            "validation_mode": None, "consensus_enabled": False, "organization_id": None, "data_cloud_storage_id": None,
            "jobs": {"url": f"{self.url}/api/jobs?task_id={n}", "count": 0, "completed": 0, "validation": 0},
            "labels": {"url": f"{self.url}/api/labels?task_id={n}"},
        }  # fmt: skip
        self.tasks.append(task)
        self.frames[n], self.deleted[n] = {}, []
        self.said[n] = {"version": 0, "tags": [], "shapes": [], "tracks": []}
        return dict(task)

    def data(self, task, body, headers):
        if "Upload-Start" in headers:
            self.frames[task["id"]] = {}
            return 202, None
        if "Upload-Multiple" in headers:
            if self.gone_after is not None:
                self.gone_after -= 1
                if self.gone_after < 0:
                    raise Gone
            self.frames[task["id"]] |= {name: data for field, (name, data) in body.items() if name}
            return 200, None
        frames = sorted(self.frames[task["id"]])  # by name, whatever their order was
        task["size"] = len(frames)
        for first in range(0, len(frames), task["segment_size"]):
            n = len(self.jobs) + 1
            self.jobs.append(
                {
                    "id": n, "task_id": task["id"], "type": "annotation", "state": "new", "stage": "annotation",
                    "assignee": None, "start_frame": first, "updated_date": moment(), "status": "annotation",
                    "issues": {"url": f"{self.url}/api/issues?job_id={n}", "count": 0},
                    "url": f"{self.url}/api/jobs/{n}",
                    "labels": {"url": f"{self.url}/api/labels?job_id={n}"}, "dimension": "2d",
                    "stop_frame": min(first + task["segment_size"], len(frames)) - 1,
                }
            )  # fmt: skip
        return 202, {"rq_id": f"action=create&target=task&id={task['id']}"}

    def request(self, name):
        return {
            "id": name,
            "status": "finished",
            "message": "",
            "created_date": moment(),
            "operation": {"type": "create"},
        }

    def meta(self, task):
        import io

        from PIL import Image

        found = []
        for name, data in sorted(self.frames[task].items()):
            w, h = Image.open(io.BytesIO(data)).size
            found.append({"name": name, "width": w, "height": h, "related_files": 0})
        return {
            "chunk_size": 36, "size": len(found), "image_quality": 95, "start_frame": 0, "frame_filter": "",
            "stop_frame": len(found) - 1, "frames": found, "deleted_frames": self.deleted[task],
            "chunks_updated_date": moment(),
        }  # fmt: skip

    def annotations(self, task, method, query, body):
        held = self.said[task]
        if method == "PUT" or query.get("action") == "create":
            if method == "PUT":
                held |= {"tags": [], "shapes": [], "tracks": []}
            for kind in ("tags", "shapes", "tracks"):
                for row in body.get(kind, ()):
                    held[kind].append({**row, "id": 1 + sum(map(len, (held["tags"], held["shapes"], held["tracks"])))})
            held["version"] += 1
        return held

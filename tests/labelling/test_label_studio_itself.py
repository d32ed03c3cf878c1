"""The real Label Studio on 127.0.0.1, in an environment of its own: 131 boxes out as predictions, and back.

Slow: ``pytest --slow -m label_studio``. ``VEML_LABEL_STUDIO`` names an executable that is there; without it one is
installed into a temporary environment, which takes minutes. ``VEML_RECORD=1`` writes what was said into ``data/``.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import re
import socket
import subprocess
import sys
import tarfile
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from labs import REAL
from patience import PATIENCE_S, until

import veml_lab as veml
from veml_lab.labelling.label_studio import VARIABLE

LONG_S = 1800
WANTED = "label-studio==1.23.*"
pytestmark = [pytest.mark.slow, pytest.mark.label_studio, pytest.mark.timeout(LONG_S)]
TOKEN = "0123456789abcdef0123456789abcdef01234567"
RECORDED = Path(__file__).parent / "data" / "label_studio_1_23.json"


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> str:
    given = os.environ.get("VEML_LABEL_STUDIO")
    if given:
        return given
    folder = tmp_path_factory.mktemp("label-studio") / "env"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", WANTED]
    done = subprocess.run(pip, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"{WANTED} cannot be installed here: {done.stderr.strip().splitlines()[-1]:.200}")
    return str(folder / "bin" / "label-studio")


def up(url: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/version", timeout=PATIENCE_S):
        return True
    return False


@pytest.fixture(scope="module")
def url(program, tmp_path_factory):
    """A server that is up, with a legacy token."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    home = tmp_path_factory.mktemp("served")
    command = [
        program, "start", "--port", str(port), "--internal-host", "127.0.0.1", "--no-browser", "--log-level", "ERROR",
        "--username", "a@example.com", "--password", "a password 1", "--user-token", TOKEN, "--enable-legacy-api-token",
    ]  # fmt: skip
    env = {**os.environ, "LABEL_STUDIO_BASE_DATA_DIR": str(home), "COLLECT_ANALYTICS": "0", "SENTRY_DSN": ""}
    env.pop("PYTHONPATH", None)
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(command, env=env, cwd=home, stdout=log, stderr=log)
    found = f"http://127.0.0.1:{port}"
    until(lambda: up(found) or server.poll() is not None, "a Label Studio that answers", every_s=0.5)
    if server.poll() is not None:
        pytest.skip(f"Label Studio did not start here: {(home / 'log').read_text()[-300:]}")
    yield found
    server.terminate()
    server.wait()


@pytest.fixture
def seen(url):
    """The server behind a listener that writes everything down: ``(address, said)``."""
    said: list[dict] = []

    class Between(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def pass_on(self):
            data = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
            headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")}
            asked = urllib.request.Request(url + self.path, data, headers, method=self.command)
            try:
                with urllib.request.urlopen(asked) as answer:
                    status, text = answer.status, answer.read()
            except urllib.error.HTTPError as e:
                status, text = e.code, e.read()
            as_json = "json" in self.headers.get("Content-Type", "")
            said.append(
                {
                    "method": self.command, "path": self.path, "status": status,
                    "asked": json.loads(data) if data and as_json else None,
                    "answered": json.loads(text) if text[:1] in (b"{", b"[") else None,
                }
            )  # fmt: skip
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = pass_on

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Between)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listener.server_address[1]}", said
    listener.shutdown()
    listener.server_close()


def call(url: str, method: str, path: str, body=None):
    headers = {"Authorization": f"Token {TOKEN}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url + path, data, headers, method=method)) as answer:
        return json.loads(answer.read())


def tasks_of(url: str, task) -> list[dict]:
    project = task.addresses[""].rpartition("/")[2]
    return call(url, "GET", f"/api/tasks?project={project}&page=1&page_size=100&fields=all")["tasks"]


def coco_or_drawn(folder: Path):
    """20 pictures of COCO with their boxes; drawn ones where the real ones are not."""
    packed = REAL / "coco" / "coco.tar.xz"
    if not packed.exists():
        return veml.road_world("clear-city", 20, seed=3, test_share=0)
    with tarfile.open(packed) as tar:
        tar.extractall(folder, filter="data")
    (file,) = folder.rglob("instances_orig20.json")
    next(folder.rglob("instances_tiny300.json")).unlink()  # of other pictures
    return veml.read_coco(file, root=next(folder.rglob("images_orig")))


def test_131_boxes_out_one_moved_one_deleted_129_kept(url, tmp_path, empty_lab, monkeypatch):
    monkeypatch.setenv(VARIABLE, TOKEN)
    source = coco_or_drawn(tmp_path / "coco")
    pool = empty_lab.add("pictures", source, progress=False)
    was = {i: list(b) for i, b in pool.annotations.of_kind("box").items()}
    n = sum(map(len, was.values()))
    assert len(pool) == 20 and (source.format != "coco" or n == 131)
    task = veml.label(pool, using=pool, to="label-studio", url=url, blind=0, name="coco 20", progress=False)
    there = tasks_of(url, task)
    assert sum(len(r) for t in there for r in [t["predictions"][0]["result"]]) == n
    assert {len(t["predictions"]) for t in there} == {1} and len(there) == 20
    task.send()
    assert len(tasks_of(url, task)) == 20  # nothing is there twice
    moved = deleted = None
    for t in there:
        result = copy.deepcopy(t["predictions"][0]["result"])
        if moved is None and result:
            moved = t["data"]["veml_sample"], result[0]["id"]
            left = result[0]["value"]["x"] * result[0]["original_width"] / 100
            side = -10 if left > 10 else 10
            result[0]["value"]["x"] += side * 100 / result[0]["original_width"]
        elif deleted is None and result:
            deleted = t["data"]["veml_sample"], result.pop()["id"]
        call(url, "POST", f"/api/tasks/{t['id']}/annotations", {"result": result})
    pulled = task.pull()
    assert (pulled.kept, pulled.changed, pulled.deleted, pulled.added) == (n - 2, 1, 1, 0)
    assert (pulled.back, pulled.foreign, pulled.unknown) == (20, 0, ())
    now = task.accept("labelled").annotations.of_kind("box")
    worst = 0.0
    for i, boxes in was.items():
        wanted = list(boxes)
        if i == deleted[0]:
            wanted.pop(int(deleted[1][1:]))
        for k, (a, b) in enumerate(zip(wanted, now[i], strict=True)):
            if (i, f"p{k}") == moved:
                assert abs(abs(a.x - b.x) - 10) < 1e-4
                continue
            worst = max(worst, *(abs(p - q) for p, q in zip((a.x, a.y, a.w, a.h), (b.x, b.y, b.w, b.h))))
            assert a.label == b.label
    assert worst <= 1e-6
    print(f"{n} boxes, {pulled.kept} kept, {pulled.changed} changed, {pulled.deleted} deleted; within {worst:.1e} px")


def test_skipped_empty_and_edited_answers_and_a_wrong_token(url, empty_lab, monkeypatch):
    monkeypatch.setenv(VARIABLE, TOKEN)
    pool = empty_lab.add("city", veml.road_world("clear-city", 6, seed=3, test_share=0), progress=False)
    task = veml.label(pool, using=pool, to="label-studio", url=url, blind=0.2, name="small", progress=False)
    there = tasks_of(url, task)
    assert sum(not t["predictions"] for t in there) == 1
    call(url, "POST", f"/api/tasks/{there[0]['id']}/annotations", {"result": []})
    call(url, "POST", f"/api/tasks/{there[1]['id']}/annotations", {"result": [], "was_cancelled": True})
    pulled = task.pull()
    assert (pulled.back, pulled.skipped) == (1, 1)
    assert (task.state().sent, task.state().done, task.state().skipped) == (6, 1, 1)
    with pytest.raises(veml.VemlError, match=VARIABLE):
        task.pull(token="f" * 40)


def test_the_exchange_is_written_down(seen, empty_lab, monkeypatch):
    """What the fake server of the other tests is held against; four pictures, so that it is read at one sitting."""
    address, said = seen
    monkeypatch.setenv(VARIABLE, TOKEN)
    pool = empty_lab.add("city", veml.road_world("clear-city", 4, seed=3, test_share=0), progress=False)
    task = veml.label(pool, using=pool, to="label-studio", url=address, blind=0.25, name="recorded", progress=False)
    for t in tasks_of(address, task):
        result = t["predictions"][0]["result"] if t["predictions"] else []
        call(address, "POST", f"/api/tasks/{t['id']}/annotations", {"result": result})
    assert task.pull().back == 4
    with pytest.raises(veml.VemlError, match="401"):
        task.state(token="f" * 40)
    assert all(TOKEN not in json.dumps(s) for s in said)
    if os.environ.get("VEML_RECORD"):
        RECORDED.write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n")
    known = json.loads(RECORDED.read_text())
    assert list(map(_call, said)) == list(map(_call, known))


def _call(said: dict) -> tuple:
    return said["method"], re.sub(r"\d+", "N", said["path"].partition("?")[0]), said["status"]

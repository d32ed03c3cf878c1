"""A visitor who wants more than the pages: over HTTP and over his own page's connection to its kernel, without a
browser."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import shutil
import uuid
from pathlib import Path
from types import SimpleNamespace

import pytest
from patience import PATIENCE_S

pytest.importorskip("voila")
from tornado import websocket
from tornado.httpclient import HTTPClientError, HTTPRequest

from veml_lab import dashboards

STATIC = Path(dashboards.__file__).parents[1] / "static"
pytestmark = pytest.mark.skipif(
    not (STATIC / "pages.js").is_file(), reason="the front end is not built (scripts/build_frontend.sh)"
)
CANARY = Path("/tmp") / f"veml-visitor-{uuid.uuid4().hex}"


@pytest.fixture(scope="module")
def served(digits_lab, tmp_path_factory):
    home = tmp_path_factory.mktemp("hostile")
    lab = home / "lab"
    shutil.copytree(digits_lab.path, lab, ignore=shutil.ignore_patterns("*.owner"))
    with dashboards.dashboard(lab, log=home / "log", preheat=False) as dashboard:
        page = ask(dashboard, f"/?token={dashboard.token}")
        kernel = re.search(r'"kernelId": ?"([0-9a-f-]{36})"', page.text)
        cookie = page.headers.get("Set-Cookie", "")
        yield SimpleNamespace(
            dashboard=dashboard, lab=lab, log=home / "log", page=page, kernel=kernel.group(1), cookie=cookie
        )


def ask(dashboard, path, method="GET", headers=None, body=None):
    """Exactly this path: a browser or urllib would tidy it first."""
    connection = http.client.HTTPConnection("127.0.0.1", dashboard.port, timeout=PATIENCE_S)
    connection.request(method, path, body=body, headers=headers or {})
    answer = connection.getresponse()
    text = answer.read().decode(errors="replace")
    connection.close()
    return SimpleNamespace(status=answer.status, text=text, headers=answer.headers)


def talk(served, messages, *, headers=None):
    """Send messages of one's own over the channel of the page's kernel; everything that came back until the kernel
    had seen them all."""

    async def go():
        url = f"ws://127.0.0.1:{served.dashboard.port}/api/kernels/{served.kernel}/channels"
        given = {"Authorization": f"token {served.dashboard.token}"} if headers is None else headers
        line = await websocket.websocket_connect(HTTPRequest(url, headers=given))
        for i, (kind, content, channel) in enumerate([*messages, ("kernel_info_request", {}, "shell")]):
            last = f"attempt-{i}-{uuid.uuid4().hex}"
            header = {
                "msg_id": last,
                "msg_type": kind,
                "session": "visitor",
                "username": "v",
                "date": "2026-01-01T00:00:00Z",
                "version": "5.4",
            }
            await line.write_message(
                json.dumps(
                    {
                        "header": header,
                        "parent_header": {},
                        "metadata": {},
                        "content": content,
                        "channel": channel,
                        "buffers": [],
                    }
                )
            )
        heard, wait = [], PATIENCE_S
        try:
            while (said := await asyncio.wait_for(line.read_message(), wait)) is not None:
                heard.append(said if isinstance(said, str) else said.decode(errors="replace"))
                if "kernel_info_reply" in heard[-1] and last in heard[-1]:
                    wait = 1.0  # what other threads of the kernel still have to say
        except TimeoutError:
            pass
        line.close()
        assert wait == 1.0, "the kernel is still there and answers what may be asked"
        return " ".join(heard)

    return asyncio.run(go())


UP = (
    "../" * 12,
    "%2e%2e/" * 12,
    "%2e%2e%2f" * 12,
    "..%2f" * 12,
    "%252e%252e%252f" * 12,
    "..\\" * 12,
    "..%5c" * 12,
    "/",
    "//",
)


@pytest.mark.parametrize(
    "root",
    [
        "/",
        "/static/",
        "/voila/static/",
        "/voila/templates/",
        "/voila/templates/veml/static/",
        "/voila/labextensions/",
        "/voila/api/themes/",
        "/voila/files/",
        "/custom/",
    ],
)
def test_no_way_leads_up_out_of_what_is_served(served, root):
    secret = served.dashboard.folder / "config" / "voila.json"
    for up in UP:
        for path in ("etc/passwd", str(secret).lstrip("/"), str(served.lab / "lab.toml").lstrip("/")):
            said = ask(served.dashboard, root + up + path, headers={"Authorization": f"token {served.dashboard.token}"})
            assert "root:" not in said.text and served.dashboard.token not in said.text and "[lab]" not in said.text, (
                root + up + path
            )
    for path in ("config/voila.json", "overview.ipynb", "lab.toml", "catalog.duckdb"):
        said = ask(served.dashboard, root + path, headers={"Authorization": f"token {served.dashboard.token}"})
        assert "VoilaConfiguration" not in said.text and "nbformat" not in said.text, root + path


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/kernels"),
        ("POST", "/api/kernels"),
        ("GET", "/api/kernelspecs"),
        ("GET", "/api/config/notebook"),
        ("GET", "/api/status"),
        ("GET", "/metrics"),
        ("GET", "/nbconvert/html/overview.ipynb"),
        ("POST", "/nbconvert/python"),
        ("GET", "/api/nbconvert"),
        ("GET", "/voila/tree"),
        ("GET", "/voila/render/overview.ipynb"),
        ("GET", "/voila/api/contents"),
        ("POST", "/api/contents"),
        ("GET", "/api/terminals"),
        ("POST", "/api/terminals"),
        ("GET", "/terminals/websocket/1"),
        ("POST", "/api/sessions"),
        ("GET", "/lab/api/settings"),
        ("GET", "/lsp"),
        ("POST", "/api/shutdown"),
        ("GET", "/api/security/csp-report"),
    ],
)
def test_no_other_door_is_there(served, method, path):
    token = {"Authorization": f"token {served.dashboard.token}"}
    said = ask(
        served.dashboard, path, method, token, body=json.dumps({"name": "python3"}) if method == "POST" else None
    )
    if said.status == 302:  # Voila takes an unknown address for a file of the notebook's folder
        assert said.headers["Location"].startswith("/voila/files/")
        said = ask(served.dashboard, said.headers["Location"], headers=token)
    assert said.status in (403, 404, 405), (method, path, said.status)


def test_without_the_token_nothing_but_the_login_answers(served):
    for headers in (
        {},
        {"Authorization": "token wrong"},
        {"Authorization": "token "},
        {"Cookie": "username-127-0-0-1=forged"},
    ):
        said = ask(served.dashboard, "/", headers=headers)
        assert said.status == 302 and said.headers["Location"].startswith("/login"), headers
        for method, path in (
            ("GET", f"/api/kernels/{served.kernel}"),
            ("DELETE", f"/api/kernels/{served.kernel}"),
            ("POST", f"/voila/api/shutdown/{served.kernel}"),
        ):
            assert ask(served.dashboard, path, method, headers).status in (302, 403, 405), (method, path, headers)
        with pytest.raises(HTTPClientError, match="403"):
            talk(served, [], headers=headers)
    assert "VeML" not in ask(served.dashboard, "/login?next=/").text


def test_another_site_cannot_use_a_visitors_cookie(served):
    assert "HttpOnly" in served.cookie
    cookie = served.cookie.split(";")[0]
    with pytest.raises(HTTPClientError, match="403"):
        talk(served, [], headers={"Cookie": cookie, "Origin": "http://evil.example"})
    said = ask(
        served.dashboard, f"/api/kernels/{served.kernel}", "DELETE", {"Cookie": cookie, "Origin": "http://evil.example"}
    )
    assert said.status in (403, 404, 405)
    frame = served.page.headers.get("Content-Security-Policy", "")
    assert "frame-ancestors 'self'" in frame, "no other site puts the page into a frame"


def test_the_token_is_in_no_log_and_no_address_of_the_page(served):
    assert served.dashboard.token not in served.log.read_text()
    links = re.findall(r"""(?:href|src)=["']([^"']+)""", served.page.text)
    assert links and not [u for u in links if served.dashboard.token in u]


def test_template_theme_and_kernel_are_not_the_visitors_choice(served):
    token = {"Authorization": f"token {served.dashboard.token}"}
    said = ask(
        served.dashboard, "/?voila-template=lab&template=lab&voila-theme=../../x&kernel_name=bash", headers=token
    )
    assert said.status in (200, 400) and "fontawesome" not in said.text.lower()


def test_no_message_runs_code_or_asks_what_the_page_does_not(served):
    before = {p.name: p.stat().st_size for p in served.lab.rglob("*") if p.is_file() and "owner" not in p.name}
    code = f"open({str(CANARY)!r}, 'w').write('in')"
    heard = talk(
        served,
        [
            (kind, content, channel)
            for channel in ("shell", "control", "stdin")
            for kind, content in (
                (
                    "execute_request",
                    {
                        "code": code,
                        "silent": False,
                        "store_history": True,
                        "user_expressions": {"x": code},
                        "allow_stdin": True,
                    },
                ),
                (
                    "debug_request",
                    {"type": "request", "seq": 1, "command": "evaluate", "arguments": {"expression": code}},
                ),
                ("debug_request", {"type": "request", "seq": 2, "command": "dumpCell", "arguments": {"code": code}}),
                ("complete_request", {"code": "import o", "cursor_pos": 8}),
                ("inspect_request", {"code": "open", "cursor_pos": 4, "detail_level": 1}),
                ("history_request", {"hist_access_type": "tail", "n": 50, "output": True, "raw": True}),
                ("is_complete_request", {"code": "1"}),
                ("create_subshell_request", {}),
                ("usage_request", {}),
                ("input_reply", {"value": code}),
                ("interrupt_request", {}),
            )
        ],
    )
    assert not CANARY.exists()
    for reply in (
        "execute_reply",
        "debug_reply",
        "complete_reply",
        "inspect_reply",
        "history_reply",
        "is_complete_reply",
        "create_subshell_reply",
        "usage_reply",
    ):
        assert reply not in heard, reply
    assert {p.name: p.stat().st_size for p in served.lab.rglob("*") if p.is_file() and "owner" not in p.name} == before


def test_comms_of_names_and_widgets_that_the_page_does_not_have_get_nowhere(served):
    def opened(target, data=None, module="__main__"):
        return (
            "comm_open",
            {"comm_id": uuid.uuid4().hex, "target_name": target, "target_module": module, "data": data or {}},
            "shell",
        )

    state = {
        "_model_module": "anywidget",
        "_model_name": "AnyModel",
        "_view_module": "anywidget",
        "_view_name": "AnyView",
        "_esm": "alert(1)",
    }
    mine = uuid.uuid4().hex
    heard = talk(
        served,
        [
            opened("veml"),
            opened("veml", {"lab": "/"}),
            opened("os.system", {"command": f"touch {CANARY}"}, "os"),
            opened("matplotlib"),
            opened("../../x"),
            opened("jupyter.widget", {"state": state}),
            opened("jupyter.widget", {"state": {"_model_module": "os", "_model_name": "system"}}),
            ("comm_open", {"comm_id": mine, "target_name": "veml", "data": {}}, "shell"),
            *[
                ("comm_msg", {"comm_id": mine, "data": {"id": i, "question": q, "params": p}}, "shell")
                for i, (q, p) in enumerate(
                    [
                        ("open", {"path": "/"}),
                        ("open", {"path": "../../etc"}),
                        ("__class__", {}),
                        ("sql", {"query": "COPY (SELECT 1) TO '/tmp/x'"}),
                        ("job", {"what": "resume", "key": "a"}),
                    ]
                )
            ],
            ("comm_msg", {"comm_id": "no such comm", "data": {"method": "update", "state": {"x": 1}}}, "shell"),
            ("comm_msg", {"comm_id": mine, "data": "not an object"}, "shell"),
        ],
    )
    assert '"hello"' not in heard and '"result"' not in heard and not CANARY.exists()


def test_a_visitor_gets_neither_the_panel_nor_a_traceback(tmp_path):
    """The panel would ask the kernel what a visitor may not ask; a traceback shows paths of this machine."""
    from veml_lab.dashboards.server import _config

    voila = _config(tmp_path, "127.0.0.1", 1, "token", "light", False)["VoilaConfiguration"]
    assert "veml-lab" in voila["extension_denylist"] and voila["show_tracebacks"] is False

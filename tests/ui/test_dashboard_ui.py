"""The Voila dashboard: shows the lab, and gives a visitor nothing else."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from patience import PATIENCE_S

from veml_lab import dashboards
from veml_lab.errors import MissingFile

expect = pytest.importorskip("playwright.sync_api").expect

PARTS = ("overview", "data", "similarity", "models")
DRAWN = {
    "overview": ("graph",),
    "data": ("browser", "embedding", "compare"),
    "similarity": ("heat", "drift"),
    "models": ("runs", "curves", "graph"),
}


def serve(lab, shots, **options):
    return dashboards.dashboard(lab, log=shots.parent / "voila.log", **options)


def until_drawn(page, part, without=()):
    """Wait for the drawings of a part; an image wall has pictures."""
    expect(page.locator(".veml-pages")).to_have_attribute("data-part", part)
    for name in set(DRAWN[part]).difference(without):
        loaded = "data-loaded" if name == "browser" else "data-ready"
        expect(page.locator(f".veml-{name}").first).to_have_attribute(loaded, re.compile("[1-9]"))


@pytest.fixture(scope="module")
def served(whole_lab, shots):
    with serve(whole_lab, shots) as dashboard:
        yield dashboard


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_four_pages_with_deep_links_and_nothing_from_another_host(page, whole_lab, shots, theme, request):
    with serve(whole_lab, shots, theme=theme) as dashboard:
        page.goto(dashboard.url)
        until_drawn(page, "overview")
        expect(page.locator("body")).to_have_attribute("data-jp-theme-light", str(theme == "light").lower())
        page.set_viewport_size({"width": 1280, "height": 1600})  # Voila scrolls inside the page
        for part in PARTS:
            page.locator(f".veml-pages nav a[href='#{part}']").click()
            until_drawn(page, part)
            page.wait_for_timeout(400)
            page.screenshot(path=shots / f"dashboard-{part}-{theme}.png")
        elsewhere = [
            u for u in page.asked if not u.startswith((f"http://127.0.0.1:{dashboard.port}", "data:", "blob:"))
        ]
        assert not elsewhere, "the page must not load anything from another host"
        assert "veml_lab.open" not in page.content(), "sources are stripped"


def test_a_deep_link_opens_the_page_and_the_version_that_it_names(page, served):
    page.goto(f"{served.url}#data/bright-test")
    until_drawn(page, "data", without=["embedding"])
    expect(page.locator("code", has_text="lab.view")).to_have_text(
        "lab.view(\"map\", version='bright-test')"
    )  # nothing has embedded it
    expect(page.locator(".veml-page h2").first).to_have_text("bright-test")
    expect(page.locator(".veml-browser")).to_have_attribute("data-count", "20")
    expect(page.locator(".veml-keeper")).to_have_count(0)
    expect(page.get_by_role("button", name="Choose all")).to_have_count(0)


def test_the_map_of_a_version_is_drawn_and_a_stream_has_its_slider(page, served):
    page.goto(f"{served.url}#data/digits-train")
    until_drawn(page, "data")
    chart = page.locator(".veml-embedding")
    expect(chart).to_have_attribute("data-points", "60")
    assert chart.get_attribute("data-plain") is None, "drawn by WebGL"
    page.locator(".veml-pages nav a[href='#similarity']").click()
    until_drawn(page, "similarity")
    stream = page.locator(".veml-drift", has=page.get_by_role("slider", name="Look of the stream"))
    expect(stream).to_have_count(1)
    expect(stream).to_contain_text("Look 2 of 2: bright-train")  # the one that decided
    stream.get_by_role("slider").press("ArrowLeft")
    expect(stream).to_contain_text("Look 1 of 2: digits-test")


def test_an_empty_lab_says_how_to_fill_it(page, empty_lab, shots):
    with serve(empty_lab.path, shots, preheat=False) as dashboard:
        page.goto(dashboard.url)
        expect(page.locator(".veml-page code")).to_have_text("veml add LAB NAME PATH")
        page.screenshot(path=shots / "dashboard-empty.png")


def test_a_visitor_reaches_no_other_door(served):
    base = f"http://127.0.0.1:{served.port}"

    def status(path, *, token=True, method="GET", body=None):
        request = urllib.request.Request(base + path, method=method, data=body)
        if token:
            request.add_header("Authorization", f"token {served.token}")
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return answer.url.removeprefix(base), answer.status
        except urllib.error.HTTPError as e:
            return path, e.code

    where, _ = status("/", token=False)
    assert where.startswith("/login")
    for path in (
        "/voila/files/overview.ipynb",
        "/voila/files/config/voila.json",
        "/voila/files/../../etc/passwd",
        "/voila/files/%2e%2e/%2e%2e/etc/passwd",
    ):
        assert status(path)[1] in (403, 404), path
    for path in (
        "/api/contents",
        "/api/contents/overview.ipynb",
        "/api/sessions",
        "/api/terminals",
        "/terminals/websocket/1",
        "/files/overview.ipynb",
        "/tree",
        "/lab",
    ):
        assert status(path)[1] in (403, 404, 405), path
    for method, path in (
        ("POST", "/api/kernels"),
        ("PUT", "/api/contents/x.txt"),
        ("POST", "/api/terminals"),
        ("POST", "/api/sessions"),
    ):
        assert status(path, method=method, body=json.dumps({"name": "python3"}).encode())[1] in (403, 404, 405), path


def test_a_visitor_runs_no_code_opens_no_panel_and_keeps_nothing(page, served, whole_lab):
    """Everything that the page's own connection to its kernel can be made to carry."""
    before = sorted(p.name for p in whole_lab.iterdir())
    kernels = []
    page.on("websocket", lambda ws: kernels.append(ws.url))
    page.goto(f"{served.url}#data")
    until_drawn(page, "data")
    channel = next(u for u in kernels if "/api/kernels/" in u).split("?")[0]
    heard = page.evaluate(
        """async ([url, attempts]) => {
            const ws = new WebSocket(url), heard = [];
            await new Promise((yes, no) => { ws.onopen = yes; ws.onerror = () => no(new Error('no connection')); });
            const text = async data =>
                typeof data === 'string' ? data : new TextDecoder().decode(await new Response(data).arrayBuffer());
            ws.onmessage = async e => heard.push(await text(e.data));
            attempts.forEach(([type, content, channel], i) => ws.send(JSON.stringify({
                header: {
                    msg_id: `attempt-${i}`, msg_type: type, session: 'visitor', username: 'v',
                    date: new Date().toISOString(), version: '5.3' },
                parent_header: {}, metadata: {}, content, channel: channel ?? 'shell', buffers: [] })));
            await new Promise(r => setTimeout(r, 4000));
            ws.close();
            return heard;
        }""",
        [
            channel,
            [
                ["execute_request", {"code": "open('/tmp/veml-visitor', 'w').write('in')", "silent": False}],
                ["execute_request", {"code": "print(6 * 7)", "silent": False}],
                ["complete_request", {"code": "import o", "cursor_pos": 8}],
                ["inspect_request", {"code": "open", "cursor_pos": 4, "detail_level": 1}],
                ["comm_open", {"comm_id": "panel", "target_name": "veml", "data": {}}],
                ["comm_msg", {"comm_id": "panel", "data": {"id": 1, "question": "open", "params": {"path": "/"}}}],
            ],
        ],
    )
    said = " ".join(heard)
    assert not Path("/tmp/veml-visitor").exists()
    assert (
        "execute_reply" not in said
        and '"text": "42' not in said
        and "complete_reply" not in said
        and "inspect_reply" not in said
    )
    assert '"event": "hello"' not in said, "the panel's questions are not answered in a dashboard"
    assert sorted(p.name for p in whole_lab.iterdir()) == before
    page.locator(".veml-pages nav a[href='#models']").click()
    until_drawn(page, "models")  # and the kernel is still there


def test_a_missing_lab_is_one_clear_line(tmp_path):
    with pytest.raises(MissingFile, match="there is no lab at"):
        dashboards.dashboard(tmp_path / "nothing")


def test_the_token_is_not_on_the_command_line(whole_lab, shots):
    with serve(whole_lab, shots, preheat=False) as dashboard:
        command = Path(f"/proc/{dashboard.process.pid}/cmdline")
        if not command.exists():
            pytest.skip("needs /proc")
        assert dashboard.token.encode() not in command.read_bytes()
        assert dashboard.folder.stat().st_mode & 0o077 == 0
    assert not dashboard.folder.exists()


def test_a_page_whose_kernel_never_answers_says_so_and_asks_again(page, served):
    """As where the kernel is ended between the page and its socket."""
    sockets, documents = [], []
    page.clock.install()
    page.route_web_socket(re.compile("/api/kernels/"), lambda ws: sockets.append(ws.url))
    page.on("request", lambda r: documents.append(r.url) if r.resource_type == "document" else None)
    page.goto(served.url)
    expect(page.locator(".veml-waiting")).to_have_count(0)
    page.clock.run_for(20_000)
    expect(page.locator(".veml-waiting")).to_contain_text("Still waiting for the kernel of this page")
    assert len(documents) == 1
    page.clock.run_for(45_000)
    page.wait_for_function("sessionStorage.getItem('veml-dashboard-tries') === '1'")
    page.wait_for_load_state("load")
    assert len(documents) == 2
    page.unroute_all()


def test_the_heading_says_what_is_loaded_until_it_is_there(page, served):
    page.goto(served.url)
    until_drawn(page, "overview")
    page.evaluate("""() => {
        window.seen = [];
        const heading = document.querySelector('.veml-pages');
        new MutationObserver(() => window.seen.push([heading.dataset.part, heading.hasAttribute('data-late')]))
            .observe(heading, { attributes: true, childList: true, subtree: true });
    }""")
    page.locator(".veml-pages nav a[href='#models']").click()
    until_drawn(page, "models")
    expect(page.locator(".veml-pages")).not_to_have_attribute("data-late", re.compile(""))
    seen = page.evaluate("window.seen")
    assert ["models", True] in seen and seen[-1] == ["models", False], seen

"""Names out of a stranger's data, full of markup, are text on every page: nothing of them runs or is fetched."""

from __future__ import annotations

import base64
import re
import shutil
import sys
from pathlib import Path
from urllib.parse import urlparse

import pytest
from lab_page import open_notebook, run_cell, show_panel, write_notebook
from labs import TINY
from PIL import Image

expect = pytest.importorskip("playwright.sync_api").expect
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "widgets"))
import evil  # noqa: E402

CELL = "import evil\nmade = evil.made()\n"
WIDGETS = [
    "Chart", "Comparison", "ConfusionMatrix", "DriftPlot", "EmbeddingMap", "JobList", "LineageGraph", "Pages",
    "RunTable", "SampleBrowser", "SimilarityHeatmap", "TrainingCurves",
]  # fmt: skip
SEEN = evil.PAYLOADS[0]


@pytest.fixture
def page(page):
    """Nobody may be asked for anything, and no window of a script may open."""
    page.dialogs = []
    page.on("dialog", lambda d: (page.dialogs.append(d.message), d.dismiss()))
    return page


def pure(page, host):
    """No script of a name ran, nothing of one became an element, and no other host was asked for anything."""
    for frame in page.frames:
        assert frame.evaluate(evil.FOUND) == []
    elsewhere = [
        u for u in page.asked if urlparse(u).scheme not in ("blob", "data", "file") and urlparse(u).netloc != host
    ]
    assert not elsewhere and not page.dialogs, (elsewhere, page.dialogs)


def touched(page, root):
    """The mouse has been over everything in it, and the keyboard on all that takes it."""
    root.evaluate("""root => {
        for (const e of root.querySelectorAll('*'))
            for (const kind of ['mouseover', 'mouseenter', 'mousemove', 'focus', 'pointerover'])
                e.dispatchEvent(new MouseEvent(kind, { bubbles: kind !== 'focus' }));
    }""")


def test_every_widget_is_tried():
    from veml_lab import widgets

    assert set(evil.made()) == set(widgets.__all__) == set(WIDGETS)


def test_every_widget_in_a_notebook_and_every_answer_that_fails(jupyter, page, shots):
    cells = [CELL + "import veml_lab as veml", *(f"made[{n!r}]" for n in WIDGETS)]
    cells += ["veml.read(evil.PAYLOADS[0])", "made['RunTable']._repr_mimebundle_()[0]['text/html']"]
    write_notebook(jupyter.root, "strange-names.ipynb", cells)
    open_notebook(page, jupyter, "strange-names.ipynb")
    run_cell(page, 0)
    for i, name in enumerate(WIDGETS, 1):
        run_cell(page, i)
        cell = page.locator(".jp-Notebook .jp-CodeCell").nth(i)
        root = cell.locator(".jp-OutputArea-output .veml").first
        expect(root).to_be_visible()
        page.wait_for_timeout(300)
        touched(page, root)
        if name == "JobList":
            root.get_by_role("button").first.click()
            page.wait_for_timeout(300)
        if name == "SampleBrowser":
            root.locator("canvas").first.click(position={"x": 260, "y": 60})
            expect(root.get_by_role("dialog")).to_be_visible()
            touched(page, root)
            page.keyboard.press("Escape")
        said = root.evaluate("e => e.textContent + [...e.querySelectorAll('*')].map(x => `${x.title} ${x.ariaLabel}`)")
        assert SEEN in said or name in ("SampleBrowser", "EmbeddingMap"), f"{name} does not show its names as text"
        page.screenshot(path=shots / f"strange-{name}.png")
        pure(page, urlparse(jupyter.url).netloc)
    run_cell(page, len(WIDGETS) + 1)
    error = page.locator(".jp-Notebook .jp-CodeCell").nth(len(WIDGETS) + 1).locator(".jp-OutputArea-output")
    expect(error).to_contain_text("onerror=")
    pure(page, urlparse(jupyter.url).netloc)


def test_pictures_without_script_and_their_drawings_by_themselves(page, tmp_path):
    pictures = evil.made()
    html = "".join(w._repr_mimebundle_()[0]["text/html"] for w in pictures.values())
    (tmp_path / "saved.html").write_text(f"<!doctype html><meta charset=utf-8><body>{html}</body>")
    page.goto((tmp_path / "saved.html").as_uri())
    expect(page.locator("body")).to_contain_text(SEEN)
    touched(page, page.locator("body"))
    pure(page, "")
    for i, coded in enumerate(re.findall(r"image/svg\+xml;base64,([A-Za-z0-9+/=]+)", html)):
        (tmp_path / f"{i}.svg").write_bytes(base64.b64decode(coded))
        page.goto((tmp_path / f"{i}.svg").as_uri())  # as a reader who saved it opens it
        assert page.evaluate("document.documentElement.localName") == "svg", "it is not well formed"
        pure(page, "")


@pytest.fixture(scope="module")
def strange_lab(tmp_path_factory):
    """A lab with every kind of version, whose names, classes, files and columns are all of that kind."""
    import veml_lab as veml

    home = tmp_path_factory.mktemp("strange")
    names = evil.IN_PATHS[:3]
    for k, part in enumerate(("one", "two")):
        for c, word in enumerate(names):
            folder = home / part / word
            folder.mkdir(parents=True)
            for i in range(16):
                Image.new("RGB", (20, 20), (80 * c + k * 9, 15 * i, 60)).save(folder / f"{i}{word}.png")
    lab = veml.open(home / "lab")
    lab.use_embedder("squeezenet1_1", weights="random", size_px=32)
    data = [lab.add(evil.PAYLOADS[k], veml.read(home / part), progress=False) for k, part in enumerate(("one", "two"))]
    model = veml.model(data[0], TINY, name=evil.PAYLOADS[3])
    run = veml.train(veml.plan(model, data[0], name=evil.PAYLOADS[4], epochs=1, batch_size=16), lab, progress=False)
    veml.deploy(run, name=evil.PAYLOADS[5])
    veml.similarity(lab.data, progress=False)
    veml.drift(data[0], data[1], k=3, progress=False)
    return lab.path


def test_the_panel_and_its_tabs(jupyter, page, strange_lab, shots):
    shutil.copytree(strange_lab, jupyter.root / "strange-lab", ignore=shutil.ignore_patterns("*.owner"))
    page.goto(f"{jupyter.url}/lab?token={jupyter.token}&reset")
    page.wait_for_function("window.jupyterapp?.commands?.hasCommand('veml:open-panel')")
    page.evaluate("async () => { await window.jupyterapp.restored; }")
    page.evaluate("() => void window.jupyterapp.commands.execute('docmanager:open', { path: 'strange-lab/lab.toml' })")
    panel = page.locator("#veml-panel")
    expect(panel.locator(".veml-sidebar")).to_have_attribute("data-state", "ready")
    show_panel(page)
    expect(panel).to_contain_text(SEEN)
    for name in (*evil.PAYLOADS[:2], *evil.PAYLOADS[3:6]):
        panel.locator(".veml-version", has=page.get_by_text(name, exact=True)).first.click()
        expect(panel.locator(".veml-details [data-action]").first).to_be_visible()
        touched(page, panel)
        pure(page, urlparse(jupyter.url).netloc)
    for name, action in ((evil.PAYLOADS[0], "browse"), (evil.PAYLOADS[1], "map"), (evil.PAYLOADS[4], "curves")):
        panel.locator(".veml-version", has=page.get_by_text(name, exact=True)).first.click()
        panel.locator(f"[data-action={action}]").first.click()
        expect(page.locator(".veml-view-tab[data-ready]:visible .veml").first).to_be_visible()
        touched(page, page.locator(".veml-view-tab:visible"))
        pure(page, urlparse(jupyter.url).netloc)
    page.screenshot(path=shots / "strange-panel.png")
    panel.locator("section[data-kind=drift] .veml-result").first.click()
    expect(page.locator(".veml-view-tab .veml-drift")).to_have_attribute("data-ready", "1")
    pure(page, urlparse(jupyter.url).netloc)


PARTS = ("overview", "data", "similarity", "models")


def test_the_dashboard(page, strange_lab, shots):
    from veml_lab import dashboards

    with dashboards.dashboard(strange_lab, log=shots.parent / "voila.log", preheat=False) as served:
        page.goto(served.url)
        for part in PARTS:
            page.locator(f".veml-pages nav a[href='#{part}']").click()
            expect(page.locator(".veml-pages")).to_have_attribute("data-part", part)
            expect(page.locator(".veml[data-ready], .veml[data-loaded]").first).to_be_visible()
            page.wait_for_timeout(1500)
            touched(page, page.locator("body"))
            pure(page, f"127.0.0.1:{served.port}")
        page.screenshot(path=shots / "strange-dashboard.png")
        for item in ("__proto__", evil.PAYLOADS[0], "%3Cscript%3Ewindow.__xss=1%3C/script%3E", "%"):
            page.goto(f"{served.url}#data/{item}")
            page.wait_for_timeout(500)
        pure(page, f"127.0.0.1:{served.port}")


def test_a_published_folder(page, strange_lab, tmp_path, shots):
    import functools
    import http.server
    import threading

    import veml_lab as veml
    from veml_lab.dashboards import publish

    folder = publish(veml.open(strange_lab, read_only=True), tmp_path / "site", pictures=12)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host = f"127.0.0.1:{server.server_address[1]}"
        for part in PARTS:
            page.goto(f"http://{host}/#{part}")
            page.wait_for_selector(f"main[data-ready={part}]")
            touched(page, page.locator("body"))
            pure(page, host)
        expect(page.locator("main")).to_contain_text(evil.PAYLOADS[4])
        page.screenshot(path=shots / "strange-site.png")
        for item in ("constructor/x", "data/__proto__", "data/%3Cimg%20src=x%20onerror=window.__xss=1%3E", "%"):
            page.goto(f"http://{host}/#{item}")
            page.wait_for_timeout(300)
        pure(page, host)
        server.shutdown()

"""Make the pictures of README and docs from the real thing: JupyterLab on a demo lab, in Chromium.

``.venv/bin/python scripts/pictures.py LAB`` writes docs/images/{panel,panel-dark,dashboard}.png
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import nbformat
from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
CELLS = [
    "import veml_lab as veml\nlab = veml.open({lab!r})",
    'lab.lineage({focus!r}, direction="ancestors")',
    "veml.similarity(lab.data)",
]
QUIET = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    }
}


def main() -> None:
    """Start JupyterLab once a theme, run three cells, open the panel, take the picture; then the dashboard."""
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("lab", type=Path)
    args.add_argument("--only-dashboard", action="store_true")
    given = args.parse_args()
    lab = given.lab.resolve()
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as p:
        browser = chromium(p)
        for theme, name in (
            () if given.only_dashboard else (("JupyterLab Light", "panel"), ("JupyterLab Dark", "panel-dark"))
        ):
            _panel(browser, lab, theme, IMAGES / f"{name}.png")
        _dashboard(browser, lab, IMAGES / "dashboard.png")
        browser.close()


def chromium(p):
    """The installed browser, without a window."""
    return p.chromium.launch(
        executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    )


@contextmanager
def jupyterlab(root: Path, settings: dict):
    """JupyterLab on a folder with settings and workspaces of its own; gives the address of its ``tree``."""
    with tempfile.TemporaryDirectory() as d:
        home = Path(d)
        (home / "settings").mkdir()
        (home / "settings" / "overrides.json").write_text(json.dumps(QUIET | settings))
        port = _free_port()
        server = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "jupyterlab",
                "--no-browser",
                "--allow-root",
                f"--port={port}",
                "--IdentityProvider.token=pictures",
                f"--ServerApp.root_dir={root}",
                f"--LabApp.app_settings_dir={home / 'settings'}",
                f"--LabApp.workspaces_dir={home / 'workspaces'}",
                f"--LabApp.user_settings_dir={home / 'user'}",
                "--LabApp.expose_app_in_browser=True",
                "--LabApp.news_url=",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(f"http://127.0.0.1:{port}/api?token=pictures")
            yield f"http://127.0.0.1:{port}/lab/tree"
        finally:
            server.terminate()
            server.wait(20)


def run_all(page, url: str, notebook: str, timeout_s: float = 3000) -> None:
    """Open a notebook and run it to its end."""
    page.goto(f"{url}/{notebook}?token=pictures&reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    page.evaluate(
        "async () => { const w = window.jupyterapp.shell.currentWidget; await w.context.ready; await"
        " w.sessionContext.ready; await w.sessionContext.session.kernel.info; }"
    )
    page.evaluate("async () => { await window.jupyterapp.restored; window.jupyterapp.shell.collapseLeft(); }")
    page.evaluate(
        "window.ran = false; void window.jupyterapp.commands.execute('notebook:run-all-cells').then(ok => { window.ran"
        " = true; })"
    )
    page.wait_for_function("window.ran", timeout=timeout_s * 1000)
    failed = page.locator(".jp-OutputArea [data-mime-type='application/vnd.jupyter.error']")
    if failed.count():
        sys.exit(f"{notebook}: {failed.first.inner_text()}")
    page.wait_for_timeout(4000)  # the last widgets draw themselves


def shrink(file: Path) -> None:
    """Keep 256 colours of a picture full of photographs: a third of the bytes, and nobody sees it; others keep
    theirs."""
    with Image.open(file) as opened:
        picture = opened.convert("RGB")
    picture.save(file, optimize=True)
    if file.stat().st_size > 200_000:
        picture.quantize(256, kmeans=3, dither=Image.Dither.NONE).save(file, optimize=True)


def _panel(browser, lab: Path, theme: str, file: Path) -> None:
    import veml_lab as veml

    focus = veml.open(lab, read_only=True).versions("inference")[-1].name
    with tempfile.TemporaryDirectory() as d:
        nb = nbformat.v4.new_notebook()
        nb.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
        nb.cells = [nbformat.v4.new_code_cell(c.format(lab=str(lab), focus=focus)) for c in CELLS]
        nbformat.write(nb, Path(d) / "lifecycle.ipynb")
        with jupyterlab(Path(d), {"@jupyterlab/apputils-extension:themes": {"theme": theme}}) as url:
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            run_all(page, url, "lifecycle.ipynb")
            page.get_by_role("tab", name="VeML").first.click()
            page.wait_for_selector("text=Lineage", timeout=30_000)
            page.wait_for_timeout(2000)
            page.locator(".jp-OutputArea").get_by_role(
                "button", name="Fit"
            ).first.click()  # the panel took some of the width
            page.wait_for_timeout(1000)
            page.evaluate(
                "() => { const nb = window.jupyterapp.shell.currentWidget.content; nb.activeCellIndex = 1; return"
                " nb.scrollToItem(1, 'start') }"
            )
            page.wait_for_timeout(1500)
            page.screenshot(path=file)
            shrink(file)
            page.close()


def _dashboard(browser, lab: Path, file: Path) -> None:
    from veml_lab.dashboards import dashboard

    with dashboard(lab) as served:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(served.url)
        page.wait_for_selector("canvas", timeout=120_000)
        page.wait_for_timeout(6000)
        page.screenshot(path=file, full_page=True)
        shrink(file)
        page.close()


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def _wait(url: str, timeout_s: float = 60) -> None:
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(url).close()
            return
        except OSError:
            time.sleep(0.3)
    raise SystemExit(f"nothing answers at {url}")


if __name__ == "__main__":
    main()

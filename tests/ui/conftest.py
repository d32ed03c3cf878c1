"""JupyterLab and dashboards in a real Chromium, with every Jupyter folder in a temporary place."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest
from patience import PATIENCE_S, until

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))

try:
    import playwright.sync_api as playwright
except ImportError:
    playwright = None
else:
    playwright.expect.set_options(timeout=PATIENCE_S * 1000)

_OVERRIDES = """{
  "@jupyterlab/apputils-extension:notification":
    {"fetchNews": "false", "checkForUpdates": false, "doNotDisturbMode": true},
  "@jupyterlab/docmanager-extension:plugin": {"autosave": false}
}"""


def pytest_collection_modifyitems(items):
    lacking = (
        "playwright is not installed"
        if playwright is None
        else (
            "Chromium is not installed (apt install chromium)"
            if not shutil.which("chromium")
            else "the front end is not built (scripts/build_frontend.sh)"
            if not _extension().is_dir()
            else ""
        )
    )
    for item in items:
        if HERE in Path(item.fspath).parents:
            item.add_marker(pytest.mark.ui)
            # A browser, a server and kernels on a busy machine: who waited in vain looks once more, and pytest lists it
            # as RERUN. What was seen and is wrong fails at once.
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=["TimeoutError", "Locator expected", "still not:"]))
            if lacking:
                item.add_marker(pytest.mark.skip(reason=lacking))


def _extension() -> Path:
    return Path(sys.prefix) / "share" / "jupyter" / "labextensions" / "veml-lab"


@pytest.fixture(scope="session")
def shots() -> Path:
    folder = ROOT / "artefacts" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def language_pack(folder: Path) -> Path:
    """A language pack as packages bring it, for a language that no other pack is installed for: each message in
    brackets."""
    sys.path.insert(0, str(ROOT / "scripts"))
    import messages
    from babel.messages import Catalog
    from babel.messages.mofile import write_mo

    translated = Catalog(locale="eo", domain="veml_lab")
    for m in messages.template():
        if m.id:
            translated.add(
                m.id, tuple(f"[{i}]" for i in m.id) if isinstance(m.id, tuple) else f"[{m.id}]", context=m.context
            )
    package = folder / "jupyterlab_language_pack_eo"
    home = package / "locale" / "eo" / "LC_MESSAGES"
    home.mkdir(parents=True)
    (package / "__init__.py").touch()
    (home / "veml_lab.json").write_text(json.dumps(messages.as_json(translated)))  # what the page says
    with (home / "veml_lab.mo").open("wb") as file:  # what the server says: titles of the settings
        write_mo(file, translated)
    info = folder / "jupyterlab_language_pack_eo-0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: veml-lab-language-pack-eo\nVersion: 0\n")
    (info / "entry_points.txt").write_text("[jupyterlab.languagepack]\neo = jupyterlab_language_pack_eo\n")
    return folder


@dataclass
class Server:
    url: str
    token: str
    root: Path


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory, shots):
    """A JupyterLab of its own; its notebooks lie in ``root``."""
    home, root = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("notebooks")
    for name in ("config", "data", "settings", "workspaces", "ipython"):
        (home / name).mkdir()
    (home / "settings" / "overrides.json").write_text(_OVERRIDES)
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
        "PYTHONPATH": os.pathsep.join(
            [str(ROOT), str(HERE), str(ROOT / "tests" / "widgets"), str(language_pack(home / "pack"))]
        ),
    }
    app = home / "app"  # overrides.json is read from the application's settings folder
    shutil.copytree(Path(sys.prefix) / "share" / "jupyter" / "lab", app)
    (app / "settings").mkdir(exist_ok=True)
    (app / "settings" / "overrides.json").write_text(_OVERRIDES)
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    token = secrets.token_hex(8)
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--allow-root",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={token}",
        f"--ServerApp.root_dir={root}",
        f"--app-dir={app}",
        "--LabApp.expose_app_in_browser=True",
    ]
    url = f"http://127.0.0.1:{port}"
    with (shots.parent / "jupyterlab.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=root)
        try:
            _answers(f"{url}/api?token={token}", process)
            yield Server(url, token, root)
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


def _answers(url: str, process: subprocess.Popen) -> None:
    def look() -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}; see artefacts/jupyterlab.log")
        try:
            urllib.request.urlopen(url, timeout=PATIENCE_S).close()
        except OSError:
            return False
        return True

    until(look, f"{url} answers", every_s=0.2)


@pytest.fixture(scope="session")
def whole_lab(digits_lab, tmp_path_factory) -> Path:
    """A lab folder with every kind of version and result, closed; tests that change it take a copy."""
    import veml_lab as veml
    from veml_lab.faces import VersionPictures

    path = tmp_path_factory.mktemp("whole") / "digits-lab"
    # without the vectors that other tests have left in it: what is embedded here is what the lines below embed
    shutil.copytree(digits_lab.path, path, ignore=shutil.ignore_patterns("*.owner", "embeddings"))
    lab = veml.open(path)
    veml.similarity(lab.data, progress=False)
    veml.drift(lab["first"], lab["bright-train"], k=5, progress=False)
    veml.drift(lab["first"], lab["digits-test"], k=5, progress=False)
    veml.drift_stream(lab["first"], [lab["digits-test"], lab["bright-train"]], k=5, progress=False)
    wall = VersionPictures(lab["bright-train"], inference=lab["in production"], writable=True)
    wall.save("bad cases", "worst of bright", list(range(8)))
    veml.train(
        veml.plan(lab["tiny"], lab["digits"], name="second", epochs=1, batch_size=16, lr=1e-3), lab, progress=False
    )
    return path


@pytest.fixture
def lab_folder(jupyter, whole_lab, request) -> str:
    """A copy of the whole lab in the folder that JupyterLab serves; gives its name there."""
    name = "lab-" + "".join(c if c.isalnum() else "-" for c in request.node.name)[-40:]
    shutil.copytree(whole_lab, jupyter.root / name, ignore=shutil.ignore_patterns("*.owner"))
    return name


@pytest.fixture(scope="session")
def site_folder(whole_lab, tmp_path_factory) -> Path:
    """The whole lab as a folder of files."""
    import veml_lab as veml
    from veml_lab.dashboards import publish

    return publish(veml.open(whole_lab), tmp_path_factory.mktemp("sites") / "site", pictures=40)


@pytest.fixture(scope="session")
def site(site_folder):
    """The same behind a plain file server; gives its address."""
    import functools
    import http.server
    import threading

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=site_folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()


@pytest.fixture(scope="session")
def chromium():
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage", "--enable-unsafe-swiftshader"],
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, request, shots):
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE_S * 1000)
    page = context.new_page()
    page.problems = []
    page.asked = []
    page.on("pageerror", lambda e: page.problems.append(str(e)))
    page.on("console", lambda m: page.problems.append(m.text) if m.type == "error" else None)
    page.on("request", lambda r: page.asked.append(r.url))
    yield page
    if getattr(request.node, "failed", False):
        page.screenshot(path=shots / f"failed-{request.node.name}.png")
        print("page problems:", *page.problems[:20], sep="\n  ")
    context.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.when == "call" and report.failed:
        item.failed = True

"""The Voila dashboard: shows the lab, and gives a visitor nothing else."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest

from veml_lab import dashboards
from veml_lab.errors import MissingFile

expect = pytest.importorskip("playwright.sync_api").expect
HERE = Path(__file__).resolve().parent

PAGE = """import os, sys
sys.path[:0] = [{here!r}, {root!r}]
assert os.environ["VEML_DASHBOARD"] == "1" and os.environ["VEML_LAB"]
import fake_lab
from veml_lab import dashboards
dashboards.page(fake_lab.FakeLab(empty={empty}))"""


def serve(tmp_path, shots, *, empty=False, **options):
    cell = nbformat.v4.new_code_cell(PAGE.format(here=str(HERE), root=str(HERE.parents[1]), empty=empty))
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": {"name": "python3", "display_name": "p", "language": "python"}})
    nbformat.write(notebook, tmp_path / "page.ipynb")
    (tmp_path / "lab").mkdir(exist_ok=True)
    return dashboards.start(tmp_path / "lab", notebook=tmp_path / "page.ipynb", log=shots.parent / "voila.log", **options)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_shows_lineage_similarity_data_training_and_drift(page, tmp_path, shots, theme):
    with serve(tmp_path, shots, theme=theme) as dashboard:
        page.goto(dashboard.url)
        expect(page.locator(".veml-graph")).to_have_attribute("data-ready", "1", timeout=60_000)
        expect(page.locator(".veml-graph")).to_have_attribute("data-nodes", "18")
        for part in ("heat", "curves", "drift"):
            expect(page.locator(f".veml-{part}")).to_have_attribute("data-ready", "1")
        expect(page.locator(".veml-browser")).to_have_attribute("data-loaded", re.compile("[1-9]"), timeout=30_000)
        expect(page.locator("body")).to_have_attribute("data-jp-theme-light", str(theme == "light").lower())
        page.set_viewport_size({"width": 1280, "height": 3400})  # Voila scrolls inside the page
        page.wait_for_timeout(700)
        page.screenshot(path=shots / f"dashboard-{theme}.png")
        elsewhere = [u for u in page.asked if not u.startswith((f"http://127.0.0.1:{dashboard.port}", "data:", "blob:"))]
        assert not elsewhere, "the page must not load anything from another host"
        assert "fake_lab.FakeLab" not in page.content(), "sources are stripped"


def test_an_empty_lab_says_how_to_fill_each_part(page, tmp_path, shots):
    with serve(tmp_path, shots, empty=True) as dashboard:
        page.goto(dashboard.url)
        expect(page.locator(".veml-page code")).to_have_count(5, timeout=60_000)
        page.wait_for_timeout(300)
        page.screenshot(path=shots / "dashboard-empty.png")


def test_a_visitor_reaches_no_other_door(tmp_path, shots):
    with serve(tmp_path, shots) as dashboard:
        base = f"http://127.0.0.1:{dashboard.port}"

        def status(path, *, token=True, method="GET", body=None):
            request = urllib.request.Request(base + path, method=method, data=body)
            if token:
                request.add_header("Authorization", f"token {dashboard.token}")
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    return answer.url.removeprefix(base), answer.status
            except urllib.error.HTTPError as e:
                return path, e.code

        where, _ = status("/", token=False)
        assert where.startswith("/login")
        for path in ("/voila/files/overview.ipynb", "/voila/files/config/voila.json", "/voila/files/../../etc/passwd"):
            assert status(path)[1] in (403, 404), path
        made = status("/api/kernels", method="POST", body=json.dumps({"name": "python3"}).encode())
        assert made[1] in (403, 404, 405)


def test_a_missing_lab_is_one_clear_line(tmp_path):
    with pytest.raises(MissingFile, match="there is no lab at"):
        dashboards.start(tmp_path / "nothing")


def test_the_token_is_not_on_the_command_line(tmp_path, shots):
    with serve(tmp_path, shots) as dashboard:
        command = Path(f"/proc/{dashboard.process.pid}/cmdline")
        if not command.exists():
            pytest.skip("needs /proc")
        assert dashboard.token.encode() not in command.read_bytes()
        assert dashboard.folder.stat().st_mode & 0o077 == 0
    assert not dashboard.folder.exists()

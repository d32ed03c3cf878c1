"""Each widget in a cell of a real notebook, and what is left of it in a saved one."""

from __future__ import annotations

import re

import nbformat
import pytest
from lab_page import open_notebook, run_cell, set_theme, write_notebook

expect = pytest.importorskip("playwright.sync_api").expect

CELLS = {
    "lineage": "from veml_lab.widgets import LineageGraph\nimport examples as ex\nw = LineageGraph(**ex.lineage())\nw",
    "heatmap": "from veml_lab.widgets import SimilarityHeatmap\nimport examples as ex\nw = SimilarityHeatmap(**ex.heatmap())\nw",
    "browser": "from veml_lab.widgets import SampleBrowser\nimport examples as ex\nw = SampleBrowser(ex.Wall(), title='road-clear')\nw",
    "driftplot": "from veml_lab.widgets import DriftPlot\nimport examples as ex\nw = DriftPlot(**ex.drift())\nw",
    "curves": "from veml_lab.widgets import TrainingCurves\nimport examples as ex\nw = TrainingCurves(ex.curves())\nw",
}
ROOTS = {"lineage": "graph", "heatmap": "heat", "browser": "browser", "driftplot": "drift", "curves": "curves"}


@pytest.fixture
def drawn(jupyter, page, request, shots):
    """The widget named by the test's parameter, drawn in a notebook's first cell."""
    name = request.param
    write_notebook(jupyter.root, f"{name}.ipynb", [CELLS[name], "print(w.selected if hasattr(w, 'selected') else '')"])
    open_notebook(page, jupyter, f"{name}.ipynb")
    run_cell(page, 0)
    root = page.locator(f".jp-OutputArea-output .veml-{ROOTS[name]}").first
    expect(root).to_have_attribute("data-loaded" if name == "browser" else "data-ready", re.compile("."), timeout=30_000)
    page.wait_for_timeout(400)
    page.screenshot(path=shots / f"widget-{name}-light.png")
    set_theme(page, "JupyterLab Dark")
    page.screenshot(path=shots / f"widget-{name}-dark.png")
    set_theme(page, "JupyterLab Light")
    yield root
    assert not [p for p in page.problems if "veml" in p.lower() or "anywidget" in p.lower()], page.problems


def printed(page):
    run_cell(page, 1)
    return page.locator(".jp-CodeCell").nth(1).locator(".jp-OutputArea-output")


@pytest.mark.parametrize("drawn", ["lineage"], indirect=True)
def test_a_version_found_by_search_is_chosen_in_python_too(drawn, page):
    drawn.get_by_role("searchbox").fill("donor")
    page.keyboard.press("Enter")
    expect(drawn.locator(".veml-card")).to_contain_text("fashion donor")
    expect(printed(page)).to_contain_text("r-donor")


@pytest.mark.parametrize("drawn", ["heatmap"], indirect=True)
def test_measures_switch_and_a_cell_shows_two_core_sets(drawn, page):
    expect(drawn.locator(".veml-cell")).to_have_count(36)
    drawn.get_by_role("radio", name="energy").click()
    expect(drawn).to_have_attribute("data-measure", "energy")
    drawn.locator("[data-row='0'][data-column='1']").click()
    expect(drawn.locator(".veml-faces img")).to_have_count(20)
    assert drawn.locator(".veml-faces img").first.evaluate("i => i.decode().then(() => i.naturalWidth)") == 96
    expect(printed(page)).to_contain_text("['mnist', 'fashion-mnist']")


@pytest.mark.parametrize("drawn", ["browser"], indirect=True)
def test_the_wall_scrolls_enlarges_and_chooses(drawn, page, shots):
    before = int(drawn.get_attribute("data-loaded"))
    drawn.locator(".veml-wall").evaluate("e => { e.scrollTop = 20000 }")
    page.wait_for_function("([r, n]) => Number(r.dataset.loaded) > n", arg=[drawn.element_handle(), before])
    drawn.locator("canvas").click(position={"x": 200, "y": 60})
    expect(drawn.get_by_role("dialog").locator("img")).to_be_visible()
    page.wait_for_timeout(300)
    page.screenshot(path=shots / "widget-browser-enlarged.png")
    drawn.get_by_role("button", name="Choose").click()
    expect(printed(page)).to_contain_text(re.compile(r"\[\d+\]"))


@pytest.mark.parametrize("drawn", ["driftplot"], indirect=True)
def test_both_verdicts_and_the_worst_pictures_are_shown(drawn):
    expect(drawn.locator(".veml-verdict")).to_have_count(2)
    expect(drawn.locator(".veml-verdict[data-drifted=true]")).to_contain_text("Calibrated")
    expect(drawn.locator(".veml-strip img")).to_have_count(8)


@pytest.mark.parametrize("drawn", ["curves"], indirect=True)
def test_curves_follow_the_trait(drawn, page):
    expect(drawn.locator("polyline")).to_have_count(6)
    page.evaluate(
        """() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute(
            { code: "w.runs = {'only': {'loss': [[0, 1.0], [1, .5], [2, .25]]}}" }).done"""
    )
    expect(drawn.locator("polyline")).to_have_count(1)


def test_a_saved_notebook_still_shows_every_widget_without_script(chromium, tmp_path, shots):
    """nbconvert, without widget state, as GitHub or a plain viewer has it."""
    from nbclient import NotebookClient
    from nbconvert import HTMLExporter

    setup = f"import sys; sys.path.insert(0, {str(shots.parents[1] / 'tests' / 'widgets')!r})"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in (setup, *CELLS.values())])
    NotebookClient(notebook, timeout=120, store_widget_state=False).execute()
    html, _ = HTMLExporter().from_notebook_node(notebook)
    (tmp_path / "saved.html").write_text(html)
    context = chromium.new_context(java_script_enabled=False, offline=True, viewport={"width": 1200, "height": 900})
    page = context.new_page()
    page.goto((tmp_path / "saved.html").as_uri(), wait_until="domcontentloaded")
    pictures = page.locator(".jp-OutputArea-output img")
    assert pictures.count() >= 5
    page.screenshot(path=shots / "saved-notebook.png", full_page=True)
    context.close()

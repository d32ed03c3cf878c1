"""Each widget in a cell of a real notebook, and what is left of it in a saved one."""

from __future__ import annotations

import re

import nbformat
import pytest
from lab_page import open_notebook, run_cell, set_theme, write_notebook
from patience import PATIENCE_S

expect = pytest.importorskip("playwright.sync_api").expect

CELLS = {
    "chart": "from veml_lab.widgets import Chart\nimport examples as ex\nw = Chart(ex.figures(), title='own')\nw",
    "lineage": "from veml_lab.widgets import LineageGraph\nimport examples as ex\nw = LineageGraph(**ex.lineage())\nw",
    "heatmap": (
        "from veml_lab.widgets import SimilarityHeatmap\nimport examples as ex\nw ="
        " SimilarityHeatmap(**ex.heatmap())\nw"
    ),
    "browser": (
        "from veml_lab.widgets import SampleBrowser\nimport examples as ex\nw = SampleBrowser(ex.Wall(),"
        " title='road-clear')\nw"
    ),
    "driftplot": "from veml_lab.widgets import DriftPlot\nimport examples as ex\nw = DriftPlot(**ex.drift())\nw",
    "stream": "from veml_lab.widgets import DriftPlot\nimport examples as ex\nw = DriftPlot(**ex.stream())\nw",
    "curves": "from veml_lab.widgets import TrainingCurves\nimport examples as ex\nw = TrainingCurves(ex.curves())\nw",
    "runs": "from veml_lab.widgets import RunTable\nimport examples as ex\nw = RunTable(**ex.runs())\nw",
    "confusion": (
        "from veml_lab.widgets import ConfusionMatrix\nimport examples as ex\nw = ConfusionMatrix(**ex.confusion())\nw"
    ),
    "compare": "from veml_lab.widgets import Comparison\nimport examples as ex\nw = Comparison(**ex.comparison())\nw",
    "jobs": "from veml_lab.widgets import JobList\nimport examples as ex\nw = JobList(ex.Jobs())\nw",
    "embedding": (
        "from veml_lab.widgets import EmbeddingMap\nimport examples as ex\nw = EmbeddingMap(**ex.embedding(),"
        " source=ex.MapSource())\nw"
    ),
    "marks": (
        "from veml_lab.widgets import SampleBrowser\nimport examples as ex\ns = ex.MarkedWall()\nw = SampleBrowser(s,"
        " title='marked', compare=['annotations', 'second labeller'])\nw"
    ),
}
ROOTS = {
    "chart": "figure",
    "lineage": "graph",
    "heatmap": "heat",
    "browser": "browser",
    "driftplot": "drift",
    "stream": "drift",
    "curves": "curves",
    "marks": "browser",
}


@pytest.fixture
def drawn(jupyter, page, request, shots):
    """The widget named by the test's parameter, drawn in a notebook's first cell."""
    name = request.param
    write_notebook(
        jupyter.root,
        f"{name}.ipynb",
        [CELLS[name], "print(w.selected if hasattr(w, 'selected') else getattr(w, 'event', ''))"],
    )
    open_notebook(page, jupyter, f"{name}.ipynb")
    run_cell(page, 0)
    root = page.locator(f".jp-OutputArea-output .veml-{ROOTS.get(name, name)}").first
    expect(root).to_have_attribute("data-loaded" if name in ("browser", "marks") else "data-ready", re.compile("."))
    page.wait_for_timeout(400)
    page.screenshot(path=shots / f"widget-{name}-light.png")
    set_theme(page, "JupyterLab Dark")
    page.evaluate(
        "() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))"
    )  # canvases come a frame later
    page.screenshot(path=shots / f"widget-{name}-dark.png")
    set_theme(page, "JupyterLab Light")
    yield root
    assert not [p for p in page.problems if "veml" in p.lower() or "anywidget" in p.lower()], page.problems


def printed(page):
    """What the second cell prints."""
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
    expect(drawn.locator("[data-chart=mean][data-ready='1'] .heatmaplayer image")).to_have_count(1)
    drawn.get_by_role("radio", name="energy").click()
    expect(drawn).to_have_attribute("data-measure", "energy")
    plot = drawn.locator("[data-chart=energy][data-ready='1'] .veml-plot")
    for key in ("ArrowRight", "ArrowRight"):
        plot.press(key)
    expect(drawn.locator("[aria-live=polite]").first).to_contain_text("mnist – fashion-mnist")
    plot.press("Enter")
    expect(drawn.locator(".veml-faces img")).to_have_count(20)
    assert drawn.locator(".veml-faces img").first.evaluate("i => i.decode().then(() => i.naturalWidth)") == 96
    expect(printed(page)).to_contain_text("['mnist', 'fashion-mnist']")


@pytest.mark.parametrize("drawn", ["heatmap"], indirect=True)
def test_a_target_ranks_its_donors_and_a_transfer_becomes_a_visible_cell(drawn, page, shots):
    drawn.get_by_label("Target: rank its donors").select_option("road-clear")
    rows = drawn.locator("[data-donor]")
    expect(rows).to_have_count(5)
    expect(rows.first).to_have_attribute("data-donor", "road-overcast")
    page.screenshot(path=shots / "widget-heatmap-target-light.png")
    set_theme(page, "JupyterLab Dark")
    page.screenshot(path=shots / "widget-heatmap-target-dark.png")
    set_theme(page, "JupyterLab Light")
    rows.first.get_by_role("button", name="Transfer from road-overcast to road-clear").click()
    expect(
        page.locator(
            ".jp-CodeCell .jp-InputArea-editor",
            has_text="veml.train(veml.transfer(lab['road-overcast run'], to=lab['road-clear']))",
        )
    ).to_have_count(1)


@pytest.mark.parametrize("drawn", ["stream"], indirect=True)
def test_the_slider_shows_another_look(drawn, page):
    expect(drawn).to_contain_text("Look 4 of 5: day 4")
    drawn.get_by_role("slider").press("ArrowLeft")
    expect(drawn).to_contain_text("Look 3 of 5: day 3")
    expect(drawn.locator(".veml-verdict").nth(1)).to_contain_text("No drift")


@pytest.mark.parametrize("drawn", ["browser"], indirect=True)
def test_the_wall_scrolls_enlarges_and_chooses(drawn, page, shots):
    before = int(drawn.get_attribute("data-loaded"))
    drawn.locator(".veml-wall").evaluate("e => { e.scrollTop = 20000 }")
    page.wait_for_function("([r, n]) => Number(r.dataset.loaded) > n", arg=[drawn.element_handle(), before])
    drawn.locator("canvas").click(position={"x": 200, "y": 60})
    expect(drawn.locator(".veml-large")).to_have_attribute("data-loaded", re.compile("[1-9]"))
    page.wait_for_timeout(300)
    page.screenshot(path=shots / "widget-browser-enlarged.png")
    drawn.get_by_role("button", name="Choose").click()
    expect(printed(page)).to_contain_text(re.compile(r"\[\d+\]"))


@pytest.mark.parametrize("drawn", ["driftplot"], indirect=True)
def test_both_verdicts_and_the_worst_pictures_are_shown(drawn):
    expect(drawn.locator(".veml-verdict")).to_have_count(2)
    expect(drawn.locator(".veml-verdict[data-drifted=true]")).to_contain_text("Calibrated")
    expect(drawn.locator(".veml-strip img")).to_have_count(8)


@pytest.mark.parametrize("drawn", ["chart"], indirect=True)
def test_a_bar_that_is_clicked_is_known_to_python(drawn, page):
    expect(drawn.locator(".veml-chart[data-ready='1']")).to_have_count(2)
    drawn.locator("[data-chart=classes] .bars .point path").nth(1).click(force=True)
    expect(printed(page)).to_contain_text("'chart': 'classes', 'trace': 0, 'points': [1], 'customdata': [['c1', 5]]")
    with page.expect_download() as caught:
        drawn.locator("[data-chart=sizes]").get_by_role("button", name="CSV").click()
    assert caught.value.path().read_text() == "trace,x,y,value\nboxes,1,2,\nboxes,2,1,\nboxes,3,4,\n"


@pytest.mark.parametrize("drawn", ["curves"], indirect=True)
def test_curves_follow_the_trait(drawn, page):
    loss = drawn.locator("[data-chart=loss]")
    expect(loss).to_have_attribute("data-traces", "3")
    expect(loss.locator(".scatterlayer path.js-line")).to_have_count(3)
    expect(drawn.locator(".veml-chart")).to_have_count(2)
    page.evaluate("""() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute(
            { code: "w.runs = {'only': {'loss': [[0, 1.0], [1, .5], [2, .25]]}}" }).done""")
    expect(drawn.locator(".scatterlayer path.js-line")).to_have_count(1)


def test_a_saved_notebook_still_shows_every_widget_without_script(chromium, tmp_path, shots):
    """nbconvert, without widget state, as GitHub or a plain viewer has it."""
    from nbclient import NotebookClient
    from nbconvert import HTMLExporter

    setup = f"import sys; sys.path.insert(0, {str(shots.parents[1] / 'tests' / 'widgets')!r})"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in (setup, *CELLS.values())])
    NotebookClient(notebook, timeout=PATIENCE_S, store_widget_state=False).execute()
    html, _ = HTMLExporter().from_notebook_node(notebook)
    (tmp_path / "saved.html").write_text(html)
    context = chromium.new_context(java_script_enabled=False, offline=True, viewport={"width": 1200, "height": 900})
    page = context.new_page()
    page.goto((tmp_path / "saved.html").as_uri(), wait_until="domcontentloaded")
    pictures = page.locator(".jp-OutputArea-output img")
    assert pictures.count() >= 5
    page.screenshot(path=shots / "saved-notebook.png", full_page=True)
    context.close()


@pytest.mark.parametrize("drawn", ["confusion", "compare"], indirect=True)
def test_tables_are_drawn_in_a_cell(drawn):
    expect(drawn).to_have_attribute("data-ready", "1")


@pytest.mark.parametrize("drawn", ["runs"], indirect=True)
def test_a_run_that_is_chosen_is_known_to_python(drawn, page):
    drawn.get_by_role("searchbox").fill("trial 07")
    drawn.get_by_label("Choose trial 07").check()
    expect(printed(page)).to_contain_text("['trial 07']")


@pytest.mark.parametrize("drawn", ["jobs"], indirect=True)
def test_a_job_is_stopped_from_a_cell(drawn):
    drawn.get_by_role("button", name="Stop training a").click()
    expect(drawn.locator("[data-job=a]")).to_have_attribute("data-state", "stopped")
    expect(drawn.get_by_role("button", name="Resume training a")).to_be_visible()


@pytest.mark.parametrize("drawn", ["embedding"], indirect=True)
def test_a_group_of_the_map_is_chosen_by_its_name(drawn):
    drawn.get_by_role("button", name="truck").click()
    expect(drawn.get_by_role("button", name="Keep as data version")).to_be_visible()


@pytest.mark.parametrize("drawn", ["marks"], indirect=True)
def test_two_layers_lie_side_by_side_and_a_choice_is_kept(drawn):
    drawn.get_by_label("Filter by class").select_option("truck")
    expect(drawn).to_have_attribute("data-count", "200")
    drawn.get_by_role("button", name="Choose all").click()
    drawn.get_by_label("Name of the new version").fill("trucks")
    drawn.get_by_role("button", name="Keep as bad cases").click()
    expect(drawn.locator("[role=status]")).to_contain_text("'trucks': 200 samples")

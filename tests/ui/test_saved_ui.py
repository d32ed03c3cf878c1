"""A notebook that was run, saved and closed: what is seen of its drawings when it is opened again."""

from __future__ import annotations

import nbformat
import pytest
from lab_page import open_notebook, run_cell, set_theme, wait_idle, write_notebook
from patience import PATIENCE_S
from test_widgets_ui import CELLS

expect = pytest.importorskip("playwright.sync_api").expect
SAVED = ".jp-OutputArea-output.veml-saved"


def drawing(page, index):
    return page.locator(".jp-Notebook .jp-CodeCell").nth(index).locator(SAVED)


def shut_down(page):
    page.evaluate(
        """async () => {
            const s = window.jupyterapp.shell.currentWidget.sessionContext;
            await s.session.shutdown();
        }"""
    )


def test_every_drawing_is_a_picture_in_a_reopened_notebook_and_alive_again_when_its_cell_runs(jupyter, page, shots):
    names = list(CELLS)
    write_notebook(jupyter.root, "reopened.ipynb", list(CELLS.values()))
    open_notebook(page, jupyter, "reopened.ipynb")
    for i in range(len(names)):
        run_cell(page, i)
        expect(drawing(page, i)).to_have_attribute("data-state", "live")
        expect(drawing(page, i).locator(".veml")).to_be_visible()
        expect(drawing(page, i).locator(".veml-saved-picture")).to_be_hidden()
    page.evaluate("async () => { await window.jupyterapp.commands.execute('docmanager:save'); }")
    shut_down(page)

    kept = nbformat.read(jupyter.root / "reopened.ipynb", as_version=4)
    assert "widgets" not in kept.metadata  # nothing but the outputs themselves is relied on
    open_notebook(page, jupyter, "reopened.ipynb")
    for i, name in enumerate(names):
        page.evaluate(
            "async i => { const b = window.jupyterapp.shell.currentWidget.content; b.activeCellIndex = i; await"
            " b.scrollToItem(i, 'start'); }",
            i,
        )
        expect(drawing(page, i)).to_have_attribute("data-state", "still")
        picture = drawing(page, i).locator(".veml-saved-picture")
        expect(picture).to_be_visible()
        if picture.locator("img").count():
            assert picture.locator("img").first.evaluate("i => i.decode().then(() => i.naturalWidth)") > 50, name
        else:
            expect(picture.locator("table").first).to_be_visible()
        page.wait_for_timeout(200)
        page.screenshot(path=shots / f"reopened-{name}.png")
    page.wait_for_timeout(2500)  # ipywidgets looks for a model for two seconds
    expect(
        page.locator(".jp-Notebook").get_by_text("model not found", exact=False).locator("visible=true")
    ).to_have_count(0)

    at = names.index("lineage")
    run_cell(page, at)
    expect(drawing(page, at)).to_have_attribute("data-state", "live")
    expect(drawing(page, at).locator(".veml-graph")).to_have_attribute("data-ready", "1")
    set_theme(page, "JupyterLab Dark")
    page.screenshot(path=shots / "reopened-dark.png")
    set_theme(page, "JupyterLab Light")


def test_a_page_that_is_reloaded_beside_its_running_kernel_has_the_widget_at_once(jupyter, page):
    write_notebook(jupyter.root, "reloaded.ipynb", [CELLS["lineage"], "w.selected = 'r-donor'"])
    open_notebook(page, jupyter, "reloaded.ipynb")
    run_cell(page, 0)
    expect(drawing(page, 0)).to_have_attribute("data-state", "live")
    page.evaluate("async () => { await window.jupyterapp.commands.execute('docmanager:save'); }")
    open_notebook(page, jupyter, "reloaded.ipynb")
    expect(drawing(page, 0)).to_have_attribute("data-state", "live")
    run_cell(page, 1)
    expect(drawing(page, 0).locator(".veml-card")).to_contain_text("fashion donor")
    wait_idle(page)


def test_a_notebook_of_strangers_shows_pictures_and_starts_no_widget(jupyter, page):
    from nbclient import NotebookClient

    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(
                "import sys; sys.path[:0] = " + repr([str(p) for p in _paths()]) + "\n" + CELLS["confusion"]
            )
        ]
    )
    NotebookClient(notebook, timeout=PATIENCE_S, kernel_name="python3").execute()
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, jupyter.root / "strange.ipynb")  # executed elsewhere: nobody here has trusted it
    open_notebook(page, jupyter, "strange.ipynb")
    expect(drawing(page, 0)).to_have_attribute("data-state", "still")
    expect(drawing(page, 0).locator("img")).to_be_visible()
    expect(drawing(page, 0).locator(".veml-saved-live")).to_have_count(0)


def _paths():
    from labs import ROOT

    return [ROOT, ROOT / "tests" / "widgets"]

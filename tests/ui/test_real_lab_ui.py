"""The same faces on a real lab: nothing faked between the folder on disk and the screen."""

from __future__ import annotations

import re

import pytest
from lab_page import open_notebook, run_cell, set_theme, show_panel, wait_idle, write_notebook

expect = pytest.importorskip("playwright.sync_api").expect


def test_the_panel_lists_what_the_notebook_opened_and_sees_a_new_version(jupyter, page, shots, tmp_path):
    write_notebook(
        jupyter.root,
        "real.ipynb",
        [
            f"import veml_lab as veml\nlab = veml.open({str(tmp_path / 'road-lab')!r})\n"
            "city = lab.add('city', veml.road_world('clear-city', 40), progress=False)",
            "fog = lab.add('fog', veml.road_world('foggy-highway', 20), progress=False)",
            "lab",
            "city_train = next(v for v in lab.versions('data') if 'train' in v.name)\ncity_train.browse()",
        ],
    )
    open_notebook(page, jupyter, "real.ipynb")
    panel = show_panel(page)
    run_cell(page, 0)
    expect(panel.locator(".veml-version").first).to_be_visible()
    before = panel.locator(".veml-version").count()
    run_cell(page, 1)
    expect(panel.locator(".veml-version", has_text="fog").first).to_be_visible()
    assert panel.locator(".veml-version").count() > before
    panel.locator(".veml-version").first.click()
    expect(panel.locator(".veml-details dl").first).to_contain_text("samples")
    wait_idle(page)

    run_cell(page, 2)
    graph = page.locator(".jp-OutputArea-output .veml-graph")
    expect(graph).to_have_attribute("data-ready", "1")
    run_cell(page, 3)
    wall = page.locator(".jp-OutputArea-output .veml-browser")
    expect(wall).to_have_attribute("data-loaded", re.compile("[1-9]"))
    page.wait_for_timeout(500)
    page.screenshot(path=shots / "real-notebook-light.png")
    set_theme(page, "JupyterLab Dark")
    page.screenshot(path=shots / "real-notebook-dark.png")
    set_theme(page, "JupyterLab Light")
    assert not [p for p in page.problems if "veml" in p.lower()], page.problems

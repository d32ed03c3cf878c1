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


def test_the_details_of_a_version_say_the_cells_that_made_it(jupyter, page, shots, tmp_path):
    write_notebook(
        jupyter.root,
        "how.ipynb",
        [
            f"import veml_lab as veml\nlab = veml.open({str(tmp_path / 'how-lab')!r})",
            "api_key = 'Zk3vQ9wX7pL2mT8rY5'",
            "city = lab.add('city', veml.road_world('clear-city', 4, test_share=0), progress=False)",
            "city.how()",
        ],
    )
    open_notebook(page, jupyter, "how.ipynb")
    panel = show_panel(page)
    for index in range(3):
        run_cell(page, index)
        wait_idle(page)
    panel.locator(".veml-version", has_text="city").first.click()
    fold = panel.locator("details.veml-facts", has_text="How it was made")
    expect(fold).not_to_have_attribute("open", "")
    fold.locator("summary").click()
    expect(fold.locator("dl")).to_contain_text("1, 2, 3 of")
    expect(fold.locator("dl")).to_contain_text("how.ipynb")
    expect(fold.locator("dl")).to_contain_text("1 taken out before it was kept")
    fold.scroll_into_view_if_needed()
    run_cell(page, 3)
    drawn = page.locator(".jp-OutputArea-output", has_text="How city was made")
    drawn.locator("summary", has_text="cell 2").click()
    expect(drawn.locator("pre", has_text="api_key")).to_have_text("api_key = '***'")
    drawn.locator("summary", has_text="cell 1").click()
    page.screenshot(path=shots / "how-light.png")
    set_theme(page, "JupyterLab Dark")
    page.screenshot(path=shots / "how-dark.png")
    set_theme(page, "JupyterLab Light")

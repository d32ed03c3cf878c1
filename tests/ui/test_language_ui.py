"""The panel, its tabs and the widgets of cells in another language, by a language pack as JupyterLab installs them."""

from __future__ import annotations

import re

import pytest
from lab_page import open_notebook, run_cell, show_panel, write_notebook
from test_panel_ui import OPEN
from test_widgets_ui import CELLS

expect = pytest.importorskip("playwright.sync_api").expect


@pytest.fixture
def speaking(jupyter, page):
    """``speaking("eo")`` sets JupyterLab's language for the pages that are opened from now on."""

    def say(locale):
        page.evaluate(
            """async locale => {
                const s = window.jupyterapp.serviceManager.settings;
                const id = '@jupyterlab/translation-extension:plugin';
                await s.save(id, JSON.stringify({ locale })); }""",
            locale,
        )

    yield say
    say("default")


def test_panel_settings_and_widgets_change_their_language_with_a_language_pack(jupyter, page, shots, speaking):
    write_notebook(jupyter.root, "lingvo.ipynb", [OPEN, CELLS["confusion"]])
    open_notebook(page, jupyter, "lingvo.ipynb")
    expect(show_panel(page)).to_contain_text("veml_lab is not loaded in this kernel.")
    speaking("eo")
    open_notebook(page, jupyter, "lingvo.ipynb")
    panel = show_panel(page)
    run_cell(page, 0)
    expect(panel.locator(".veml-version")).to_have_count(16)
    expect(panel.locator("section[data-kind=training] h3")).to_contain_text("[Training]")
    expect(panel.get_by_role("searchbox")).to_have_attribute("placeholder", "[Find…]")
    panel.locator("[data-version='r-transfer']").click()
    expect(panel.locator(".veml-live")).to_have_text("[16 versions]")  # plural, with its number
    panel.locator(".veml-open-lineage").click()  # by class: its words are others now
    expect(page.locator(".veml-lineage-tab .veml-card")).to_contain_text("[From]")
    # the list of what is shown and the actions that the kernel names
    expect(page.locator(".veml-lineage-tab select").first).to_contain_text("[Only its lineage]")
    page.screenshot(path=shots / "language-panel.png")
    page.evaluate(
        "async () => { await window.jupyterapp.commands.execute('docmanager:open', { path: 'lingvo.ipynb' }); }"
    )
    run_cell(page, 1)
    matrix = page.locator(".jp-OutputArea-output .veml-confusion")
    expect(matrix).to_contain_text("[Kinds of error]")  # a cell's widget is a bundle of its own
    expect(matrix.locator(".veml-note").first).to_have_text(re.compile(r"^\[[\d,]+ of [\d,]+ right \("))
    settings = page.evaluate(
        "async () => (await"
        " window.jupyterapp.serviceManager.settings.fetch('veml-lab:plugin')).schema.properties.poll.title"
    )
    assert settings == "[Look for versions that other processes made]"
    page.screenshot(path=shots / "language-cell.png")

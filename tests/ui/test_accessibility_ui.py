"""axe on what we draw: no finding at level A or AA, light and dark."""

from __future__ import annotations

from pathlib import Path

import pytest
from lab_page import open_notebook, run_cell, set_theme, show_panel, write_notebook
from test_dashboard_ui import PARTS, serve, until_drawn
from test_labs_ui import open_lab, start
from test_panel_ui import OPEN

expect = pytest.importorskip("playwright.sync_api").expect
AXE = Path(__file__).parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"
pytestmark = pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed (npm ci in js/)")


def findings(page, *parts):
    """What axe finds inside these parts of the page; the rest is JupyterLab's or Voila's."""
    page.evaluate(AXE.read_text())  # a script tag is refused by a published page's content security policy
    return page.evaluate(
        """async parts =>
            (await axe.run({ include: parts.map(p => [p]) }, { runOnly: ['wcag2a', 'wcag2aa'] })).violations
            .map(v => `${v.impact} ${v.id}: ` + v.nodes.slice(0, 3).map(n => n.html.slice(0, 120)).join(' | '))""",
        list(parts),
    )


def test_panel_and_lineage_tab(jupyter, page):
    write_notebook(jupyter.root, "axe.ipynb", [OPEN])
    open_notebook(page, jupyter, "axe.ipynb")
    panel = show_panel(page)
    run_cell(page, 0)
    panel.locator(".veml-open-lineage").click()
    panel.locator("[data-version='r-transfer']").click()
    expect(page.locator(".veml-card")).to_contain_text("trained on")
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        set_theme(page, theme)
        assert findings(page, "#veml-panel", ".veml-lineage-tab") == []
    set_theme(page, "JupyterLab Light")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_dashboard(page, whole_lab, shots, theme):
    with serve(whole_lab, shots, theme=theme) as dashboard:
        page.goto(dashboard.url)
        for part in PARTS:
            page.locator(f".veml-pages nav a[href='#{part}']").click()
            until_drawn(page, part)
            page.wait_for_timeout(300)
            assert findings(page, "body") == [], part


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_published_folder(page, site, theme):
    page.emulate_media(color_scheme=theme)
    for part in PARTS:
        page.goto(f"{site}#{part}")
        page.wait_for_selector(f"main[data-ready={part}]")
        page.wait_for_timeout(300)
        assert findings(page, "body") == [], part


def test_every_tab_of_a_lab(jupyter, page, lab_folder):
    start(page, jupyter)
    open_lab(page, lab_folder)
    for view, params in (
        ("browse", {"version": "digits-train"}),
        ("runs", {}),
        ("compare", {"versions": ["first", "second"]}),
        ("map", {"version": "digits-train"}),
        ("jobs", {}),
    ):
        page.evaluate(
            "async a => { await window.jupyterapp.commands.execute('veml:open-view', { view: a[0], params: a[1], label:"
            " a[0] }); }",
            [view, params],
        )
        tab = f".veml-view-tab[data-view='{view}']"
        page.wait_for_selector(f"{tab}[data-ready='1']")
        page.wait_for_timeout(400)
        assert findings(page, tab, "#veml-panel") == [], view

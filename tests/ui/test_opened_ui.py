"""What is counted is opened: a click on a cell, a bar, a row or a choice on the map shows the samples behind it."""

from __future__ import annotations

import re

import pytest
from lab_page import in_both_themes
from test_accessibility_ui import AXE, findings
from test_labs_ui import open_lab, start

expect = pytest.importorskip("playwright.sync_api").expect


def open_view(page, name, params):
    """A tab of a view of the open lab; gives what it draws."""
    page.evaluate(
        "async a => { await window.jupyterapp.commands.execute('veml:open-view', { view: a[0], params: a[1], label:"
        " a[0] }); }",
        [name, params],
    )
    tab = page.locator(f".veml-view-tab[data-view='{name}']:not(.lm-mod-hidden)")
    expect(tab).to_have_attribute("data-ready", "1")
    return tab


def pictures(page, shots, name):
    """Light and dark at two sizes, and what axe finds in each theme."""

    def check():
        if AXE.is_file():
            assert findings(page, ".veml-view-tab:not(.lm-mod-hidden)") == []

    in_both_themes(page, shots, name, check)


def loaded(wall, count):
    expect(wall).to_have_attribute("data-count", str(count))
    expect(wall).to_have_attribute("data-loaded", re.compile("[1-9]"))
    return wall


def test_a_cell_of_the_confusion_matrix_opens_its_samples_and_they_become_a_version(jupyter, page, lab_folder, shots):
    start(page, jupyter)
    panel = open_lab(page, lab_folder)
    tab = open_view(page, "errors", {"version": "first"})
    chart = tab.locator("[data-chart=counts][data-ready='1']")
    count = 0
    while not count:  # the first cell that counts anything
        chart.locator(".veml-plot").press("ArrowRight")
        said = chart.locator("[aria-live=polite]").text_content()
        count = int(re.search(r" taken for .*: ([\d,]+) \(", said)[1].replace(",", ""))
    page.keyboard.press("Enter")
    wall = loaded(tab.locator(".veml-opened .veml-browser"), count)
    expect(wall).to_contain_text("taken for")
    pictures(page, shots, "confusion-opened")
    wall.get_by_role("button", name="Choose all").click()
    wall.get_by_label("Name of the new version").fill("of one cell")
    wall.get_by_role("button", name="Keep as bad cases").click()
    expect(wall.locator("[role=status]")).to_contain_text(f"'of one cell': {count} samples")
    expect(panel.locator(".veml-version", has_text="of one cell").first).to_be_visible()
    tab.get_by_role("button", name="Close these samples").click()
    expect(tab.locator(".veml-opened")).to_be_hidden()
    tab.locator("summary", has_text="Classes").click()
    row = tab.locator("[data-table=Classes] tbody tr").first
    n = int(row.locator("td").nth(1).inner_text())
    row.get_by_role("button").click()
    loaded(tab.locator(".veml-opened .veml-browser"), n)
    assert not [p for p in page.problems if "veml" in p.lower() or "ERR_" in p], page.problems


def test_a_bar_of_the_statistics_opens_its_samples_by_mouse_and_by_key(jupyter, page, lab_folder, shots):
    start(page, jupyter)
    open_lab(page, lab_folder)
    tab = open_view(page, "statistics", {"version": "digits-train"})
    chart = tab.locator("[data-chart='annotations per class'][data-ready='1']")
    chart.locator(".bars .point path").first.click(force=True)
    loaded(tab.locator(".veml-opened .veml-browser"), 20)
    tab.get_by_role("button", name="Close these samples").click()
    chart.locator(".veml-plot").press("ArrowRight")
    page.keyboard.press("Enter")
    wall = loaded(tab.locator(".veml-opened .veml-browser"), 20)
    expect(wall).to_contain_text("digits-train: class")
    pictures(page, shots, "statistics-opened")


def test_a_choice_on_the_map_opens_its_samples(jupyter, page, lab_folder, shots):
    start(page, jupyter)
    open_lab(page, lab_folder)
    tab = open_view(page, "map", {"version": "digits-train"})
    expect(tab.locator(".veml-embedding")).to_have_attribute("data-points", "60")
    tab.get_by_role("radio", name="lasso").click()
    box = tab.locator(".veml-points canvas").bounding_box()
    x, y, w, h = box["x"], box["y"], box["width"], box["height"]
    around = [(0.02, 0.03), (0.98, 0.03), (0.98, 0.97), (0.02, 0.97), (0.02, 0.05)]
    page.mouse.move(x + around[0][0] * w, y + around[0][1] * h)
    page.mouse.down()
    for a, b in around[1:]:
        page.mouse.move(x + a * w, y + b * h, steps=12)
    page.mouse.up()
    expect(tab.locator(".veml-embedding")).to_have_attribute("data-chosen", re.compile("[1-9]"))
    chosen = tab.locator(".veml-embedding").get_attribute("data-chosen")
    tab.get_by_role("button", name="Open these samples").click()
    loaded(tab.locator(".veml-opened .veml-browser"), chosen)
    pictures(page, shots, "map-opened")

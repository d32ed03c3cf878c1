"""Bad cases in JupyterLab: the list by priority, its filters and its board; wall and weekly chart as tabs."""

from __future__ import annotations

import pytest
from planted import classified, deployed, pictures, some_pictures
from test_labs_ui import open_lab, start

import veml_lab as veml

expect = pytest.importorskip("playwright.sync_api").expect


@pytest.fixture(scope="module")
def cases_folder(jupyter):
    """A lab with cases of two functions over five weeks; one of them regressed."""
    lab = veml.open(jupyter.root / "cases-lab")
    town = lab.add("town", pictures("town", some_pictures(24)), progress=False)
    first = deployed(lab, "night model 1", town)
    classified(first, town, range(12)).report("animals")
    second = deployed(lab, "night model 2", town, after=first)
    classified(second, town, range(2, 7)).report("animals")
    classified(deployed(lab, "night model 3", town, after=second), town, [0, 3, 4]).report("animals")
    for i, day in enumerate(("2026-01-05", "2026-01-07", "2026-02-02", "2026-02-03")):
        lab.report_case(f"p{12 + i:03}.jpg", said="bus", truth="truck", function="vehicles", source="A", seen=day)
    lab.cases("function = 'vehicles'").first(1).solve("label error", "it is a bus")
    return "cases-lab"


def test_the_panel_lists_cases_by_priority_and_opens_them(jupyter, page, cases_folder, shots):
    start(page, jupyter)
    section = open_lab(page, cases_folder).locator("section[data-kind='bad-cases']")
    cases = section.locator(".veml-case")
    expect(cases).to_have_count(16)
    expect(cases.first).to_have_attribute("data-priority", "high")
    expect(cases.first).to_contain_text("regressed (night model 2)")
    section.scroll_into_view_if_needed()
    section.get_by_role("button", name="1 regressed").scroll_into_view_if_needed()
    page.screenshot(path=shots / "cases-panel.png")
    section.get_by_label("Function").select_option("vehicles")
    expect(cases).to_have_count(4)
    section.get_by_role("button", name="1 label error").click()
    expect(cases).to_have_count(1)
    section.get_by_role("button", name="1 label error").click()
    expect(cases).to_have_count(4)
    section.get_by_role("button", name="By week").click()
    chart = page.locator("#jp-main-dock-panel .js-plotly-plot").last
    expect(chart).to_be_visible()
    expect(chart.locator(".bars .point path").first).to_be_attached()
    page.screenshot(path=shots / "cases-weekly.png")
    section.get_by_label("Function").select_option("")
    expect(cases).to_have_count(16)
    section.get_by_role("button", name="Pictures").click()
    expect(page.get_by_text("16 bad cases, the most pressing first").first).to_be_visible()
    page.screenshot(path=shots / "cases-wall.png")
    section.get_by_role("button", name="By kind").click()
    expect(page.locator("#jp-main-dock-panel .js-plotly-plot").last).to_be_visible()
    page.screenshot(path=shots / "cases-kind.png")
    assert not [p for p in page.problems if "veml" in p.lower()], page.problems

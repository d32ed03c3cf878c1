"""The lineage of a lab like the demo's: read at one glance, folded and opened, in both themes and two sizes."""

from __future__ import annotations

import pytest
from lab_page import open_notebook, run_cell, set_theme, show_panel, write_notebook

expect = pytest.importorskip("playwright.sync_api").expect
CELL = """import fake_lab, examples, veml_lab.panel
lab = fake_lab.FakeLab("road-lab")
made = examples.demo_lineage()
lab.nodes, lab.edges = made["nodes"], made["edges"]
fake_lab.install(lab)
veml_lab.panel.register()"""


@pytest.fixture
def graph(page, jupyter, request):
    """The lineage tab on that lab."""
    name = f"lineage-{abs(hash(request.node.name))}.ipynb"
    write_notebook(jupyter.root, name, [CELL])
    open_notebook(page, jupyter, name)
    run_cell(page, 0)
    panel = show_panel(page)
    panel.locator(".veml-open-lineage").click()
    found = page.locator(".veml-lineage-tab .veml-graph")
    expect(found).to_have_attribute("data-nodes", "20")
    return found


def test_34_versions_are_20_nodes_on_one_screen_with_their_names(graph, page, shots):
    expect(graph).to_have_attribute("data-nodes", "20")
    expect(graph.locator(".veml-minimap")).to_be_hidden()
    for width, height in ((1440, 900), (1100, 700)):
        page.set_viewport_size({"width": width, "height": height})
        for theme in ("Light", "Dark"):
            set_theme(page, f"JupyterLab {theme}")
            expect(graph).to_have_attribute("data-cards", "1")  # names, not shapes alone
            page.screenshot(path=shots / f"lineage-demo-{width}-{theme.lower()}.png")
    set_theme(page, "JupyterLab Light")
    assert not [p for p in page.problems if "veml" in p.lower()], page.problems


def test_a_fold_opens_at_a_click_and_is_folded_again_from_a_card(graph, page, shots):
    search = graph.get_by_role("searchbox")
    search.fill("active 30%")
    search.press("Enter")  # a version that its fold hides
    expect(graph).to_have_attribute("data-nodes", "22")
    card = graph.locator(".veml-card")
    expect(card).to_contain_text("active 30% on suburb-in-fog-pool")
    page.screenshot(path=shots / "lineage-fold-open.png")
    card.get_by_role("button", name="Fold it again").click()
    expect(graph).to_have_attribute("data-nodes", "20")
    graph.get_by_role("button", name="Folded").click()
    expect(graph).to_have_attribute("data-nodes", "34")
    page.screenshot(path=shots / "lineage-unfolded.png")


def test_a_part_of_the_graph_has_a_small_picture_of_the_whole(graph, page, shots):
    for _ in range(5):
        graph.get_by_role("button", name="Zoom in").click()
    small = graph.locator(".veml-minimap")
    expect(small).to_be_visible()
    page.screenshot(path=shots / "lineage-minimap.png")
    graph.get_by_role("button", name="Fit").click()
    expect(small).to_be_hidden()

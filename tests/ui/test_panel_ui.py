"""The sidebar and the lineage tab of the JupyterLab extension."""

from __future__ import annotations

import pytest
from lab_page import layout_kept, open_notebook, run_cell, set_theme, show_panel, wait_idle, write_notebook

expect = pytest.importorskip("playwright.sync_api").expect

OPEN = "import fake_lab\nlab = fake_lab.install(fake_lab.FakeLab())\nimport veml_lab.panel; veml_lab.panel.register()"

KERNEL = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status"


@pytest.fixture
def book(jupyter, page, request):
    """A notebook that opens a lab in its first cell, with the panel shown."""
    name = f"{request.node.name}.ipynb"
    write_notebook(
        jupyter.root,
        name,
        [
            OPEN,
            "lab.add('night')",
            "import pathlib, time\nwhile not pathlib.Path('go').exists(): time.sleep(0.05)",
            "lab.add('elsewhere', quietly=True)",
            "fake_lab.install()",
        ],
    )
    open_notebook(page, jupyter, name)
    return page


def test_the_panel_says_what_to_do_until_a_lab_is_open_and_then_lists_its_versions(book, shots):
    page = book
    panel = show_panel(page)
    expect(panel.locator(".veml-sidebar")).to_have_attribute("data-state", "not-loaded")
    panel.get_by_role("button", name="Load in kernel").click()
    expect(panel.locator(".veml-sidebar")).to_have_attribute("data-state", "no-lab")
    expect(panel).to_contain_text("veml.open(")
    page.screenshot(path=shots / "panel-no-lab.png")

    run_cell(page, 0)
    expect(panel.locator(".veml-version")).to_have_count(16)
    expect(panel.locator("section[data-kind=training] .veml-count")).to_have_text("6")
    expect(panel.locator(".veml-lab-name")).to_have_text("road-lab")
    assert not [p for p in page.problems if "veml" in p.lower()]


def test_a_version_made_in_a_cell_or_by_another_process_appears(book):
    page = book
    panel = show_panel(page)
    run_cell(page, 0)
    expect(panel.locator(".veml-version")).to_have_count(16)
    run_cell(page, 1)
    expect(panel.locator("[data-version='x-night']")).to_be_visible()
    run_cell(page, 3)  # no event: only the look every 3 s finds it
    expect(panel.locator("[data-version='x-elsewhere']")).to_be_visible()


def test_the_panel_answers_while_a_cell_runs(book, jupyter):
    page = book
    (jupyter.root / "go").unlink(missing_ok=True)
    run_cell(page, 0)
    wait_idle(page)
    run_cell(page, 2)
    page.wait_for_function(f"{KERNEL} === 'busy'")
    panel = show_panel(page)
    expect(panel.locator(".veml-version")).to_have_count(16)
    panel.locator("[data-version='r-transfer']").click()
    expect(panel.locator(".veml-details")).to_contain_text("0.962")
    expect(panel.locator(".veml-busy")).to_be_visible()
    # the cell waits for what comes now; the kernel's own state is that of its subshell meanwhile
    expect(page.locator(".jp-CodeCell").nth(2).locator(".jp-InputPrompt")).to_have_text("[*]:")
    (jupyter.root / "go").touch()
    wait_idle(page)


def test_search_keyboard_and_details(book, shots):
    page = book
    panel = show_panel(page)
    run_cell(page, 0)
    expect(panel.locator(".veml-version")).to_have_count(16)
    panel.get_by_role("searchbox").fill("active")
    expect(panel.locator(".veml-version")).to_have_count(3)
    panel.get_by_role("searchbox").fill("")
    panel.locator("[data-version='d-mnist']").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(panel.locator(".veml-version[aria-selected=true]")).to_have_attribute("data-version", "t-mnist")
    expect(panel.locator(".veml-details dl")).to_contain_text("samples")
    page.screenshot(path=shots / "panel-light.png")
    set_theme(page, "JupyterLab Dark")
    page.screenshot(path=shots / "panel-dark.png")
    set_theme(page, "JupyterLab Light")


def test_the_lineage_tab_draws_the_graph_and_follows_the_panel(book, shots):
    page = book
    panel = show_panel(page)
    run_cell(page, 0)
    panel.locator(".veml-open-lineage").click()
    graph = page.locator(".veml-lineage-tab .veml-graph")
    expect(graph).to_have_attribute("data-nodes", "18")
    expect(graph).to_have_attribute("data-ready", "1")
    panel.locator("[data-version='r-transfer']").click()
    expect(graph).to_have_attribute("data-selected", "r-transfer")
    expect(graph.locator(".veml-card")).to_contain_text("trained on")
    page.wait_for_timeout(500)
    page.screenshot(path=shots / "lineage-tab-light.png")
    set_theme(page, "JupyterLab Dark")
    page.screenshot(path=shots / "lineage-tab-dark.png")
    set_theme(page, "JupyterLab Light")
    graph.get_by_role("searchbox").fill("rebuilt")
    page.keyboard.press("Enter")
    expect(panel.locator(".veml-version[aria-selected=true]")).to_contain_text("rebuilt")


def test_a_restarted_kernel_is_said_and_recovered_from(book):
    page = book
    panel = show_panel(page)
    run_cell(page, 0)
    expect(panel.locator(".veml-version")).to_have_count(16)
    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    expect(panel.locator(".veml-sidebar")).to_have_attribute("data-state", "restarted")
    wait_idle(page)
    expect(panel.locator(".veml-sidebar")).to_have_attribute("data-state", "restarted")
    run_cell(page, 0)
    expect(panel.locator(".veml-version")).to_have_count(16)


def test_the_lineage_tab_is_restored_after_a_reload_and_offered_by_launcher_and_menu(book, jupyter):
    page = book
    panel = show_panel(page)
    run_cell(page, 0)
    with layout_kept(page, "lineage"):
        panel.locator(".veml-open-lineage").click()
        expect(page.locator(".veml-lineage-tab .veml-graph")).to_have_attribute("data-nodes", "18")
    page.goto(f"{jupyter.url}/lab?token={jupyter.token}")
    expect(page.locator(".veml-lineage-tab .veml-graph")).to_have_attribute("data-nodes", "18")

    page.get_by_role("menuitem", name="View").click()
    expect(page.get_by_role("menuitem", name="Open VeML Lineage")).to_be_visible()
    page.keyboard.press("Escape")
    page.evaluate("async () => { await window.jupyterapp.commands.execute('launcher:create'); }")
    expect(page.locator(".jp-LauncherCard", has_text="Lineage")).to_be_visible()


def test_without_a_notebook_the_panel_says_so(jupyter, page):
    page.goto(f"{jupyter.url}/lab?token={jupyter.token}&reset")
    page.wait_for_function("window.jupyterapp?.commands?.hasCommand('veml:open-panel')")
    panel = show_panel(page)
    expect(panel).to_contain_text("Open a notebook")

"""Labs opened from the file browser: a kernel of their own, sections, tabs, actions as cells, jobs."""

from __future__ import annotations

import re

import pytest
from lab_page import layout_kept, open_notebook, run_cell, set_theme, show_panel, wait_idle, write_notebook

from veml_lab.dashboards.jupyter import command_of

expect = pytest.importorskip("playwright.sync_api").expect


def start(page, jupyter, reset=True):
    page.goto(f"{jupyter.url}/lab?token={jupyter.token}{'&reset' if reset else ''}")
    page.wait_for_function("window.jupyterapp?.commands?.hasCommand('veml:open-panel')")
    page.evaluate("async () => { await window.jupyterapp.restored; }")


def open_lab(page, folder):
    """As a double click on the file does."""
    page.evaluate(
        "async path => { await window.jupyterapp.commands.execute('docmanager:open', { path }); }", f"{folder}/lab.toml"
    )
    panel = page.locator("#veml-panel")
    expect(panel.locator(".veml-sidebar")).to_have_attribute("data-state", "ready")
    return panel


def choose(panel, name):
    panel.locator(".veml-version", has=panel.page.get_by_text(name, exact=True)).click()
    expect(panel.locator(".veml-details [data-action]").first).to_be_visible()


def test_a_double_click_on_lab_toml_opens_the_lab_with_its_eight_sections(jupyter, page, lab_folder, shots):
    start(page, jupyter)
    page.evaluate("async () => { await window.jupyterapp.commands.execute('filebrowser:activate'); }")
    page.locator(".jp-DirListing-item", has_text=lab_folder).dblclick()
    page.locator(".jp-DirListing-item", has_text="lab.toml").dblclick()
    panel = page.locator("#veml-panel")
    expect(panel.locator(".veml-sidebar")).to_have_attribute("data-state", "ready")
    heads = [t.split("\n")[0].lower() for t in panel.locator("section h3 button").all_inner_texts()]
    said = " ".join(" ".join(t.split()) for t in panel.locator("section h3 button").all_inner_texts()).lower()
    for section in ("lifecycle", "data", "similarity", "drift", "models", "training", "inference", "bad cases"):
        assert section in said, heads
    expect(
        panel.locator("section[data-kind=drift] .veml-result").nth(1)
    ).to_be_visible()  # the shared lab may have more
    expect(panel.locator("section[data-kind='bad-cases'] .veml-version")).to_have_text(re.compile("worst of bright"))
    expect(page.locator(".veml-lineage-tab .veml-graph")).to_have_attribute("data-ready", "1")
    expect(page.locator("#jp-main-dock-panel .lm-TabBar-tab.lm-mod-current")).to_contain_text(lab_folder[:20])
    expect(page.locator(".veml-status")).to_contain_text(lab_folder)
    page.screenshot(path=shots / "lab-light.png")
    set_theme(page, "JupyterLab Dark")
    page.screenshot(path=shots / "lab-dark.png")
    set_theme(page, "JupyterLab Light")
    # a document whose title changes renames its file: this one must not
    assert (jupyter.root / lab_folder / "lab.toml").is_file()
    assert not [p for p in page.problems if "veml" in p.lower()], page.problems


def test_what_veml_lab_opens_is_the_lineage_in_front_and_the_panel_beside_it(jupyter, page, lab_folder, shots):
    command = command_of(jupyter.root / lab_folder, port=0, browser=False)
    (address,) = (c.split("=", 1)[1] for c in command if c.startswith("--LabApp.default_url="))
    page.goto(f"{jupyter.url}{address}?token={jupyter.token}&reset")
    tab = page.locator(".veml-lineage-tab")
    expect(tab).to_be_visible()
    panel = page.locator("#veml-panel")
    expect(panel.locator(".veml-sidebar")).to_have_attribute("data-state", "ready")
    expect(panel).to_be_visible()
    expect(panel.locator(".veml-lab-name")).to_have_text(lab_folder)
    expect(tab.locator(".veml-graph")).to_have_attribute("data-nodes", re.compile("[1-9]"))
    expect(page.locator("#jp-main-dock-panel .lm-TabBar-tab.lm-mod-current")).to_contain_text(lab_folder[:20])
    # facts in words, in a part of the panel that can be made larger
    choose(panel, "first")
    details = panel.locator(".veml-details")
    expect(details.locator("summary").first).to_have_text("Results")
    bar = panel.get_by_role("separator")
    before = details.bounding_box()["height"]
    box = bar.bounding_box()
    page.mouse.move(box["x"] + 50, box["y"] + 3)
    page.mouse.down()
    page.mouse.move(box["x"] + 50, box["y"] - 150, steps=4)
    page.mouse.up()
    expect(bar).not_to_have_attribute("aria-valuenow", "45")
    assert details.bounding_box()["height"] > before + 100
    page.screenshot(path=shots / "veml-lab-light.png")
    set_theme(page, "JupyterLab Dark")
    page.screenshot(path=shots / "veml-lab-dark.png")
    set_theme(page, "JupyterLab Light")
    assert not [p for p in page.problems if "veml" in p.lower()], page.problems


def test_a_form_asks_before_anything_computes_and_its_line_goes_into_a_cell(jupyter, page, lab_folder, shots):
    start(page, jupyter)
    panel = open_lab(page, lab_folder)
    choose(panel, "first")
    panel.locator("[data-action=rebuild]").click()
    form = panel.locator(".veml-form")
    expect(form.locator("dl")).to_contain_text("expected gain")
    assert page.locator(".jp-Notebook").count() == 0  # nothing is written or run yet
    form.get_by_label("method").select_option("full")
    expect(form.locator("pre")).to_contain_text("method='full'")
    page.screenshot(path=shots / "form-rebuild-light.png")
    set_theme(page, "JupyterLab Dark")
    page.set_viewport_size({"width": 1100, "height": 700})
    page.screenshot(path=shots / "form-rebuild-dark-1100.png")
    set_theme(page, "JupyterLab Light")
    form.get_by_role("button", name="Cancel").click()
    expect(form).to_have_count(0)
    choose(panel, "digits-test")
    panel.locator("[data-action=most_similar]").click()
    expect(form.locator("pre")).to_contain_text("most_similar")
    assert page.locator(".jp-Notebook").count() == 0
    form.get_by_role("button", name="Write the cell").click()
    expect(page.locator(".jp-Notebook .jp-CodeCell").first).to_contain_text("most_similar")
    assert not [p for p in page.problems if "veml" in p.lower()], page.problems


def test_a_folder_is_opened_by_its_context_menu_and_one_that_is_no_lab_is_refused_in_words(jupyter, page, lab_folder):
    (jupyter.root / "plain-folder").mkdir(exist_ok=True)
    start(page, jupyter)
    page.evaluate("async () => { await window.jupyterapp.commands.execute('filebrowser:activate'); }")
    page.locator(".jp-DirListing-item", has_text="plain-folder").first.click(button="right")
    page.get_by_role("menuitem", name="Open in VeML").click()
    expect(page.locator(".jp-Dialog")).to_contain_text("is no lab")
    page.keyboard.press("Escape")
    page.locator(".jp-DirListing-item", has_text=lab_folder).click(button="right")
    page.get_by_role("menuitem", name="Open in VeML").click()
    expect(page.locator("#veml-panel .veml-sidebar")).to_have_attribute("data-state", "ready")
    expect(page.locator("#veml-panel .veml-lab-name")).to_have_text(lab_folder)


def test_views_open_as_tabs_and_come_back_with_the_lab_after_a_reload(jupyter, page, lab_folder, shots):
    start(page, jupyter)
    panel = open_lab(page, lab_folder)
    panel.locator("section[data-kind=drift] .veml-result").first.click()
    expect(page.locator(".veml-view-tab .veml-drift")).to_have_attribute("data-ready", "1")
    page.screenshot(path=shots / "tab-drift-light.png")
    with layout_kept(page, "veml", '"runs"'):
        panel.get_by_role("button", name="Trainings", exact=True).click()
        expect(page.locator(".veml-view-tab .veml-runs")).to_have_attribute("data-rows", "2")
    page.screenshot(path=shots / "tab-runs-light.png")
    start(page, jupyter, reset=False)
    expect(page.locator(".veml-view-tab .veml-runs")).to_have_attribute("data-rows", "2")
    expect(page.locator("#veml-panel .veml-lab-name")).to_have_text(lab_folder)


def test_samples_that_a_filter_finds_are_kept_as_a_version_in_one_click(jupyter, page, lab_folder, shots):
    start(page, jupyter)
    panel = open_lab(page, lab_folder)
    choose(panel, "digits-train")
    panel.locator("[data-action=browse]").click()
    wall = page.locator(".veml-view-tab .veml-browser")
    expect(wall).to_have_attribute("data-loaded", re.compile("[1-9]"))
    wall.get_by_label("Filter by class").select_option(index=1)
    expect(wall).to_have_attribute("data-count", "20")
    wall.get_by_role("button", name="Choose all").click()
    wall.get_by_label("Name of the new version").fill("one class")
    wall.get_by_role("button", name="Keep as data version").click()
    expect(wall.locator("[role=status]")).to_contain_text("'one class': 20 samples")
    expect(panel.locator(".veml-version", has_text="one class")).to_be_visible()
    page.screenshot(path=shots / "tab-wall-light.png")
    set_theme(page, "JupyterLab Dark")
    page.screenshot(path=shots / "tab-wall-dark.png")
    set_theme(page, "JupyterLab Light")


def test_points_of_the_map_are_chosen_by_lasso_and_kept(jupyter, page, lab_folder, shots):
    start(page, jupyter)
    panel = open_lab(page, lab_folder)
    choose(panel, "digits-train")
    panel.locator("[data-action=map]").click()
    plot = page.locator(".veml-view-tab .veml-embedding")
    expect(plot).to_have_attribute("data-points", "60")
    expect(plot).not_to_have_attribute("data-plain", "1")  # Chromium draws by WebGL, in software where it must
    plot.get_by_role("radio", name="lasso").click()
    box = plot.locator("canvas").bounding_box()
    x, y, w, h = box["x"], box["y"], box["width"], box["height"]
    page.mouse.move(x + 0.02 * w, y + 0.02 * h)
    page.mouse.down()
    for px, py in ((0.98, 0.02), (0.98, 0.98), (0.02, 0.98), (0.02, 0.05)):
        page.mouse.move(x + px * w, y + py * h, steps=12)
    page.mouse.up()
    expect(plot).to_have_attribute("data-chosen", "60")
    page.screenshot(path=shots / "tab-map-light.png")
    plot.get_by_label("Name of the new version").fill("by lasso")
    plot.get_by_role("button", name="Keep as data version").click()
    expect(plot.locator("[role=status]")).to_contain_text("'by lasso': 60 samples")


def test_two_versions_are_compared_and_the_models_drawn(jupyter, page, lab_folder, shots):
    start(page, jupyter)
    panel = open_lab(page, lab_folder)
    panel.locator(".veml-version", has=page.get_by_text("digits-train", exact=True)).click()
    panel.locator(".veml-version", has=page.get_by_text("bright-train", exact=True)).click(modifiers=["Control"])
    panel.locator("[data-action=compare]").click()
    table = page.locator(".veml-view-tab .veml-compare")
    expect(table.locator("tr[data-field=samples]")).to_have_attribute("data-differs", "false")
    expect(table.locator("tr[data-field='in common with digits-train']")).to_have_attribute("data-differs", "true")
    page.screenshot(path=shots / "tab-compare-light.png")
    panel.get_by_role("button", name="Model graph").click()
    expect(page.locator(".veml-view-tab .veml-graph")).to_have_attribute("data-nodes", re.compile("[2-9]"))


def test_an_action_writes_its_line_into_a_cell_and_runs_it(jupyter, page, lab_folder, shots):
    write_notebook(jupyter.root, "actions.ipynb", [f"import veml_lab as veml\nroad = veml.open({lab_folder!r})"])
    open_notebook(page, jupyter, "actions.ipynb")
    panel = show_panel(page)
    run_cell(page, 0)
    expect(panel.locator(".veml-sidebar")).to_have_attribute("data-state", "ready")
    choose(panel, "digits-train")
    panel.get_by_role("button", name="Statistics as a cell").click()
    cell = page.locator(".jp-Notebook .jp-CodeCell").nth(1)
    # the notebook's own name for the lab
    expect(cell.locator(".jp-InputArea")).to_contain_text("road.view('statistics', version='digits-train')")
    expect(cell.locator(".veml-compare")).to_have_attribute("data-ready", "1")
    page.screenshot(path=shots / "action-cell-light.png")


def test_a_lab_with_a_kernel_of_its_own_survives_the_restart_of_that_kernel(jupyter, page, lab_folder):
    start(page, jupyter)
    panel = open_lab(page, lab_folder)
    before = panel.locator(".veml-version").count()
    page.evaluate("""() => {
            const kernel = window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel;
            kernel.restart().then(() => (window.restarted = 'yes'), e => (window.restarted = String(e)));
        }""")
    page.wait_for_function("window.restarted")
    assert page.evaluate("window.restarted") == "yes"
    expect(panel.locator(".veml-sidebar")).to_have_attribute("data-state", "ready")
    expect(panel.locator(".veml-version")).to_have_count(before)
    choose(panel, "digits-train")  # the new kernel has the lab open and answers


def test_a_running_job_is_counted_in_the_status_bar_stopped_and_resumable(jupyter, page, lab_folder):
    write_notebook(
        jupyter.root,
        "jobs.ipynb",
        [
            f"import veml_lab as veml\nlab = veml.open({lab_folder!r})",
            (
                "from veml_lab.training.jobs import make_job, start\njob = start(make_job(lab.store,"
                " veml.plan(lab['tiny'], lab['digits'], name='long run', epochs=5000, batch_size=16, lr=1e-3)))"
            ),
        ],
    )
    open_notebook(page, jupyter, "jobs.ipynb")
    panel = show_panel(page)
    run_cell(page, 0)
    expect(panel.locator(".veml-sidebar")).to_have_attribute("data-state", "ready")
    wait_idle(page)
    run_cell(page, 1)
    job = panel.locator(".veml-job", has_text="long run")
    expect(job).to_have_attribute("data-state", "running")
    expect(page.locator(".veml-status")).to_contain_text("1 job running")
    job.get_by_role("button", name="Stop long run").click()
    expect(job).to_have_attribute("data-state", "stopped")
    expect(page.locator(".veml-status")).not_to_contain_text("running")
    expect(job.get_by_role("button", name="Resume long run")).to_be_visible()


def test_the_errors_of_a_training_open_at_a_click(jupyter, page, lab_folder, shots):
    start(page, jupyter)
    panel = open_lab(page, lab_folder)
    choose(panel, "first")
    panel.locator("[data-action=errors]").first.click()
    matrix = page.locator(".veml-view-tab .veml-confusion")
    expect(matrix).to_have_attribute("data-ready", "1")
    expect(matrix).to_contain_text("first on digits-test: accuracy")
    page.screenshot(path=shots / "tab-errors-light.png")

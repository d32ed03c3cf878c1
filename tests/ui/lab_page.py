"""What a user does in JupyterLab, as functions on a Playwright page."""

from __future__ import annotations

import json

import nbformat


def write_notebook(root, name, cells):
    """A notebook with these code cells in the folder that JupyterLab serves."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(c) for c in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    nbformat.write(notebook, root / name)


def open_notebook(page, server, name):
    """Open it and wait until its kernel is idle: running before that makes JupyterLab start a second kernel."""
    page.goto(f"{server.url}/lab/tree/{name}?token={server.token}&reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    wait_idle(page)


def wait_idle(page):
    page.evaluate(
        """async () => {
            const w = window.jupyterapp.shell.currentWidget;
            await w.context.ready; await w.sessionContext.ready; await w.sessionContext.session.kernel.info;
        }"""
    )
    page.wait_for_function("window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'")


def run_cell(page, index):
    """Run one cell and do not wait for it."""
    page.evaluate(
        """async i => {
            const app = window.jupyterapp, book = app.shell.currentWidget.content;
            book.activeCellIndex = i;
            void app.commands.execute('notebook:run-cell');
            await book.scrollToItem(i, 'start');
        }""",
        index,
    )


def show_panel(page):
    # JupyterLab puts its last layout back when it has started, and would hide a panel that was opened before
    page.evaluate(
        "async () => { await window.jupyterapp.restored; await window.jupyterapp.commands.execute('veml:open-panel'); }"
    )
    page.wait_for_selector("#veml-panel")
    return page.locator("#veml-panel")


def layout_kept(page, tab, *words):
    """A context that ends when JupyterLab has written a workspace whose main area has a tab of that name, and that
    holds these words: it does so a while after a change, what a tab is made of before where it lies."""

    def holds(request):
        if request.method != "PUT" or "/api/workspaces/" not in request.url:
            return False
        layout = json.loads(request.post_data or "{}").get("data", {}).get("layout-restorer:data", {})
        return tab in json.dumps(layout.get("main", {})) and all(w in request.post_data for w in words)

    return page.expect_request_finished(holds)


def set_theme(page, name):
    page.evaluate("name => window.jupyterapp.commands.execute('apputils:change-theme', { theme: name })", name)
    light = "true" if "Light" in name else "false"
    page.wait_for_selector(f"body[data-jp-theme-light='{light}']", state="attached")
    page.wait_for_timeout(400)


def in_both_themes(page, shots, name, check):
    """Pictures in the light and the dark theme at two sizes of the window; ``check()`` runs in each theme."""
    for theme in ("Light", "Dark"):
        set_theme(page, f"JupyterLab {theme}")
        for w, h in ((1440, 900), (1100, 700)):
            page.set_viewport_size({"width": w, "height": h})
            page.wait_for_timeout(500)
            page.screenshot(path=shots / f"{name}-{theme.lower()}-{w}.png")
        check()
    set_theme(page, "JupyterLab Light")
    page.set_viewport_size({"width": 1440, "height": 900})

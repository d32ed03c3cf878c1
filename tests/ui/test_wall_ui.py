"""The wall and the enlarged picture in a real page: what is drawn, filtered, written, chosen and taken back."""

from __future__ import annotations

import re

import pytest
from lab_page import in_both_themes, open_notebook, run_cell, write_notebook
from test_accessibility_ui import AXE, findings
from test_labs_ui import open_lab, start
from test_opened_ui import loaded, open_view

expect = pytest.importorskip("playwright.sync_api").expect
CELL = """from veml_lab.widgets import SampleBrowser
import examples as ex
s = ex.MarkedWall()
w = SampleBrowser(s, title='town', height=520)
w"""


@pytest.fixture
def wall(jupyter, page, request):
    name = f"{request.node.name[:40]}.ipynb"
    write_notebook(jupyter.root, name, [CELL, "print('tagged', sorted(s.tagged.items()), s.notes)"])
    open_notebook(page, jupyter, name)
    run_cell(page, 0)
    drawn = page.locator(".jp-OutputArea-output .veml-browser").first
    expect(drawn).to_have_attribute("data-loaded", re.compile("[1-9]"))
    yield drawn
    assert not [p for p in page.problems if "veml" in p.lower() or "anywidget" in p.lower() or "ERR_" in p]


def shoot(page, shots, name, part=".veml-browser"):
    """Light and dark at two sizes, and what axe finds in each theme."""

    def check():
        if AXE.is_file():
            assert findings(page, part) == []

    in_both_themes(page, shots, name, check)


def painted(canvas):
    """What a canvas shows, as a number that changes with it."""
    return canvas.evaluate(
        """c => { const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
                  let sum = 0; for (let i = 0; i < d.length; i += 7) sum = (sum * 31 + d[i]) >>> 0; return sum; }"""
    )


def changes(page, canvas, act):
    """The picture is another after what was done."""
    before = painted(canvas)
    act()
    page.wait_for_function(
        """([c, before]) => { const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
             let sum = 0; for (let i = 0; i < d.length; i += 7) sum = (sum * 31 + d[i]) >>> 0;
             return sum !== before; }""",
        arg=[canvas.element_handle(), before],
    )


def test_the_enlarged_picture_has_layers_threshold_zoom_and_keys(wall, page, shots):
    wall.locator(".veml-wall canvas").click(position={"x": 60, "y": 60})
    large = wall.locator(".veml-large")
    expect(large).to_have_attribute("data-loaded", re.compile("[1-9]"))
    expect(large.locator(".veml-side")).to_contain_text("In 2 versions")
    expect(large.locator(".veml-side")).to_contain_text("missed")
    shoot(page, shots, "wall-enlarged")
    canvas = large.locator("canvas")
    for press in (
        lambda: large.get_by_role("button", name="prediction", exact=True).click(),
        lambda: large.get_by_role("button", name="prediction", exact=True).click(),
        lambda: large.get_by_role("slider").fill("0.9"),
        lambda: large.get_by_role("slider").fill("0.05"),
        lambda: large.get_by_role("button", name="labels").click(),
        lambda: large.locator(".veml-side .veml-classes button").first.click(),
        lambda: large.press("t"),
        lambda: large.press("+"),
        lambda: large.press("Shift+ArrowRight"),
    ):
        changes(page, canvas, press)
    large.get_by_role("button", name="Its own pixels (1)").click()
    expect(large).to_have_attribute("data-zoom", "100")
    assert int(large.get_attribute("data-loaded")) >= 960  # all pixels that there are
    box = canvas.bounding_box()

    def drag():
        page.mouse.move(box["x"] + 200, box["y"] + 200)
        page.mouse.down()
        page.mouse.move(box["x"] + 120, box["y"] + 150, steps=5)
        page.mouse.up()

    changes(page, canvas, drag)
    large.press("0")
    large.press("ArrowRight")
    expect(large).to_have_attribute("data-sample", "1")
    large.get_by_role("button", name=re.compile("Previous")).click()
    expect(large).to_have_attribute("data-sample", "0")
    large.press("?")
    expect(wall.get_by_role("dialog", name="Keys")).to_contain_text("own pixels")
    page.screenshot(path=shots / "wall-keys-light.png")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(large).to_have_count(0)
    expect(wall.locator(".veml-wall canvas")).to_be_focused()


def test_a_range_of_a_histogram_a_tag_and_likeness_filter_the_wall(wall, page, shots):
    wall.get_by_label("Filter by a number").select_option("speed")
    bars = wall.locator(".veml-spread button")
    expect(bars).to_have_count(2)
    bars.nth(1).click()
    loaded(wall, 300)
    expect(wall.get_by_label("speed from", exact=True)).to_have_value("2")
    shoot(page, shots, "wall-range")
    wall.get_by_role("button", name="Remove the filter by speed").click()
    loaded(wall, 600)
    wall.locator(".veml-wall canvas").click(position={"x": 60, "y": 60})
    side = wall.locator(".veml-side")
    side.get_by_label("new tag").fill("blurred")
    side.get_by_label("new tag").press("Enter")
    expect(side.locator(".veml-chip")).to_contain_text("blurred")
    side.get_by_label("new note").fill("<img src=x onerror=alert(1)>")
    side.get_by_label("new note").press("Enter")
    expect(side).to_contain_text("<img src=x")
    wall.locator(".veml-large").press("Escape")
    wall.get_by_label("Filter by tag").select_option("blurred")
    loaded(wall, 1)
    wall.get_by_label("Filter by tag").select_option("")
    loaded(wall, 600)
    wall.locator(".veml-wall canvas").press("s")
    wall.locator(".veml-wall canvas").press("ArrowRight")
    wall.locator(".veml-wall canvas").press("s")
    loaded(wall, 50)
    expect(wall.locator(".veml-like")).to_contain_text("drive-")
    run_cell(page, 1)
    expect(page.locator(".jp-CodeCell").nth(1).locator(".jp-OutputArea-output")).to_contain_text("('blurred', {0})")


def test_a_keep_is_taken_back_and_a_name_and_a_number_filter_a_real_lab(jupyter, page, lab_folder, shots):
    start(page, jupyter)
    panel = open_lab(page, lab_folder)
    tab = open_view(page, "browse", {"version": "digits-train"})
    wall = loaded(tab.locator(".veml-browser"), 60)
    wall.get_by_label("Filter by a text").select_option("file")
    wall.get_by_label("file contains").fill("no such file")
    wall.get_by_label("file contains").press("Enter")
    expect(wall).to_have_attribute("data-count", "0")
    wall.get_by_role("button", name="Remove the filter by file").click()
    loaded(wall, 60)
    wall.locator(".veml-wall canvas").click(position={"x": 60, "y": 60}, modifiers=["Control"])
    wall.get_by_label("Name of the new version").fill("by mistake")
    wall.get_by_role("button", name="Keep as data version").click()
    expect(panel.locator(".veml-version", has_text="by mistake")).to_be_visible()
    wall.get_by_label("tag of the chosen").fill("odd one")
    wall.get_by_label("tag of the chosen").press("Enter")
    expect(wall.locator("[role=status]").first).to_contain_text("'odd one' given to 1")
    wall.get_by_label("Name of the new version").fill("by mistake again")
    wall.get_by_role("button", name="Keep as data version").click()
    wall.get_by_role("button", name="Undo").click()
    expect(wall.locator("[role=status]").first).to_contain_text("is taken back")
    panel.get_by_role("button", name=re.compile("Refresh")).first.click()
    expect(panel.locator(".veml-version", has_text="by mistake again")).to_have_count(0)
    wall.locator(".veml-wall canvas").press("Enter")
    expect(wall.locator(".veml-side")).to_contain_text("digits-train")
    shoot(page, shots, "lab-enlarged", ".veml-view-tab:not(.lm-mod-hidden)")

"""A published folder behind a plain file server: the same drawings, and no kernel."""

from __future__ import annotations

import re

import pytest

expect = pytest.importorskip("playwright.sync_api").expect
PARTS = ("overview", "data", "similarity", "models")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_is_drawn_from_files_of_the_same_host_alone(page, site, shots, theme):
    page.emulate_media(color_scheme=theme)
    for part in PARTS:
        page.goto(f"{site}#{part}")
        page.wait_for_selector(f"main[data-ready={part}]")
        assert page.locator("main [role=alert]:visible").count() == 0
        page.wait_for_timeout(400)
        page.screenshot(path=shots / f"site-{part}-{theme}.png", full_page=True)
    assert all(u.startswith((site, "blob:", "data:")) for u in page.asked), page.asked
    assert not page.problems, page.problems


def test_a_deep_link_opens_a_version_whose_pictures_are_filtered_without_a_kernel(page, site):
    page.goto(f"{site}#data/bright-train")
    wall = page.locator(".veml-browser")
    expect(wall).to_have_attribute("data-loaded", re.compile("[1-9]"))
    expect(page.locator("main")).to_contain_text("the first 40 of 60 samples")
    expect(wall).to_have_attribute("data-count", "40")
    wall.get_by_label("Filter by class").select_option(index=1)
    expect(wall).to_have_attribute("data-count", re.compile("^([1-9]|[123][0-9])$"))
    expect(wall.get_by_role("button", name="Choose all")).to_have_count(0)
    wall.locator("canvas").click(position={"x": 60, "y": 60})
    expect(wall.get_by_role("dialog")).to_be_visible()
    page.get_by_role("combobox", name="Version").select_option("digits-test")
    expect(page).to_have_url(re.compile("#data/digits-test$"))
    expect(wall).to_have_attribute("data-count", "20")


def test_the_map_is_drawn_by_webgl_though_the_page_forbids_code_that_is_compiled_at_run_time(page, site):
    page.goto(f"{site}#data/digits-train")
    chart = page.locator(".veml-embedding")
    expect(chart).to_have_attribute("data-ready", "1")
    expect(chart).to_have_attribute("data-points", "60")
    assert chart.get_attribute("data-plain") is None, (
        "scripts/compile_map.py writes down what a new regl-scatterplot compiles"
    )
    canvas = chart.locator("canvas")
    colours = canvas.evaluate(
        "c => { const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; const s = new Set(); for (let"
        " i = 0; i < d.length; i += 4) s.add((d[i] << 16) | (d[i + 1] << 8) | d[i + 2]); return s.size; }"
    )
    assert colours > 3, "points of three classes on a ground"
    chart.get_by_role("radio", name="lasso").click()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 4, box["y"] + 4)
    page.mouse.down()
    for x, y in ((box["width"] - 4, 4), (box["width"] - 4, box["height"] - 4), (4, box["height"] - 4), (4, 6)):
        page.mouse.move(box["x"] + x, box["y"] + y, steps=12)
    page.mouse.up()
    expect(chart).to_have_attribute("data-chosen", re.compile("^[1-9]"))
    expect(chart.locator(".veml-keeper")).to_have_count(0)
    assert not page.problems, page.problems


def test_the_graph_of_a_published_lab_is_saved_as_a_picture(page, site):
    page.goto(f"{site}#overview")
    page.wait_for_selector("main[data-ready=overview]")
    for kind, head, shown in (
        ("svg", b"<svg", b">digits<"),
        ("png", b"\x89PNG", b""),
        ("svg", b"<svg", b"digits-train"),
    ):
        if shown == b"digits-train":  # what is folded is one node in the picture as on the page
            page.get_by_role("button", name="Folded").click()
        with page.expect_download() as caught:
            page.get_by_label("Save the picture").select_option(kind)
        with open(caught.value.path(), "rb") as file:  # noqa: PTH123
            content = file.read()
        assert content.startswith(head) and caught.value.suggested_filename == f"lineage.{kind}"
        assert shown in content and (kind == "png" or b"in production" in content)


def test_a_folder_that_is_opened_from_the_disk_says_what_it_needs(page, site_folder):
    page.goto((site_folder / "index.html").as_uri())
    expect(page.get_by_role("alert")).to_contain_text(
        "It has to come from a web server; in this folder try: python -m http.server"
    )

"""Write down the functions that regl compiles for the embedding map: js/src/drawing/reglCompiled.js.

``python scripts/compile_map.py`` builds the map, uses it in a real Chromium in every way that compiles something, and
keeps what was compiled. Run it after another version of regl-scatterplot, regl-line or @plotly/regl was installed; the
test of published pages fails until then, since those forbid code that is compiled at run time.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

JS = Path(__file__).resolve().parents[1] / "js"
TARGET = JS / "src" / "drawing" / "reglCompiled.js"
ENTRY = """
import map from './src/widgets/embedding.ts';
import { code } from './src/drawing/regl.ts';
window.code = code;
window.draw = n => {
  const xy = new Float32Array(2 * n).map(() => 2 * Math.random() - 1);
  const state = {
    xy: new DataView(xy.buffer), groups: new DataView(new ArrayBuffer(n)), names: ['a'],
    selected: new DataView(new ArrayBuffer(0)), pictures: false, saves: false, title: '', height: 400 };
  window.clean?.();
  host.replaceChildren();
  const model = { get: k => state[k], set() {}, save_changes() {}, send() {}, on() {}, off() {} };
  window.clean = map.render({ model, el: host });
};
"""
HEAD = """/**
 * Written by scripts/compile_map.py: what regl compiles for the embedding map, by the hash of its source.
 *
 * regl: Copyright (c) 2016 Mikola Lysenko, MIT licence; this is code that it generates.
 */
"""


def main() -> None:
    """Build, use, write down."""
    from playwright.sync_api import sync_playwright

    TARGET.write_text("export const COMPILED = {};\n")
    with tempfile.TemporaryDirectory() as folder:
        entry = JS / ".compile-map.js"
        entry.write_text(ENTRY)
        try:
            bundle = Path(folder) / "map.js"
            command = [
                "npx",
                "esbuild",
                entry.name,
                "--bundle",
                "--format=iife",
                "--target=es2022",
                "--alias:regl=./src/drawing/regl.ts",
                f"--outfile={bundle}",
            ]
            subprocess.run(command, cwd=JS, check=True)
        finally:
            entry.unlink()
        with sync_playwright() as p:
            browser = p.chromium.launch(
                executable_path=shutil.which("chromium"),
                args=["--no-sandbox", "--disable-dev-shm-usage", "--enable-unsafe-swiftshader"],
            )
            page = browser.new_page(viewport={"width": 900, "height": 600})
            page.set_content('<div id="host" style="width:800px"></div>')
            page.add_script_tag(content=bundle.read_text())
            for points in (500, 20_000, 400_000):  # sizes that are drawn by commands of their own
                page.evaluate("n => draw(n)", points)
                page.wait_for_selector(".veml-embedding[data-ready='1']", timeout=120_000)
                if page.locator(".veml-embedding[data-plain]").count():
                    raise SystemExit("this Chromium has no WebGL; nothing was written down")
                _use(page)
            compiled: dict[str, str] = page.evaluate(
                "Object.fromEntries(Object.entries(code).map(([key, f]) => [key, f.toString()]))"
            )
            browser.close()
    made = (
        "export const COMPILED = {" + ",".join(f"'{key}': {_named(compiled[key])}" for key in sorted(compiled)) + "};"
    )
    small = subprocess.run(
        ["npx", "esbuild", "--minify", "--line-limit=120"],
        cwd=JS,
        input=made,
        text=True,
        check=True,
        capture_output=True,
    ).stdout
    TARGET.write_text(HEAD + small)
    print(f"{TARGET}: {len(compiled)} functions, {TARGET.stat().st_size / 1024:.0f} KB")


def _use(page: Any) -> None:
    """Point, choose by lasso, by name and none, zoom, fit, another width."""
    canvas = page.locator("canvas").first
    canvas.hover(position={"x": 300, "y": 200})
    page.mouse.wheel(0, -300)
    page.get_by_role("radio", name="lasso").click()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    for x, y in ((500, 100), (500, 300), (100, 300), (100, 110)):
        page.mouse.move(box["x"] + x, box["y"] + y, steps=8)
    page.mouse.up()
    page.get_by_role("radio", name="move").click()
    page.get_by_role("button", name="Fit").click()
    page.locator(".veml-groupnames button").click()
    page.get_by_role("button", name="Clear").click()
    page.evaluate("host.style.width = host.style.width === '700px' ? '800px' : '700px'")
    page.wait_for_timeout(800)


def _named(function: str) -> str:
    """As an expression: what ``Function`` makes is called "anonymous"."""
    return function.replace("function anonymous(", "function (", 1)


if __name__ == "__main__":
    main()

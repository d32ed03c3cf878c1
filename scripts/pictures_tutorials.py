"""Make the pictures of docs/tutorials.md: the tutorials run in JupyterLab, in Chromium, and what they draw.

``.venv/bin/python scripts/pictures_tutorials.py FOLDER`` runs them in a copy in FOLDER (again in the same folder:
nothing is trained a second time) and writes docs/images/tutorial-*.png
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from pictures import IMAGES, ROOT, chromium, jupyterlab, run_all, shrink
from playwright.sync_api import sync_playwright

# notebook -> the last line of a cell -> name of its picture
WANTED = {
    "01_lifecycle": {
        "city.browse()": "wall",
        "report": "drift",
        "veml.bad_cases(last, holdout)": "bad-cases",
        'lab.lineage(last, direction="ancestors")': "lineage",
    },
    "02_your_own_data": {"photos.statistics()": "statistics"},
    "03_similarity_and_transfer": {"table": "similarity"},
    "04_drift_and_rebuild": {"stream": "stream"},
    "05_sensors": {"north.browse()": "sensors"},
}
WITHOUT_WINDOWS = {
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}
}  # all cells are drawn, seen or not


def main() -> None:
    """Run each tutorial, take a picture of each wanted output."""
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("folder", type=Path)
    args.add_argument("--only", help="name of one tutorial")
    given = args.parse_args()
    folder = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["PYTHONPATH"] = str(ROOT)
    with sync_playwright() as p, jupyterlab(folder, WITHOUT_WINDOWS) as url:
        browser = chromium(p)
        for name, cells in WANTED.items():
            if given.only in (None, name):
                shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", folder)
                page = browser.new_page(viewport={"width": 1150, "height": 1400})
                run_all(page, url, f"{name}.ipynb")
                for line, picture in cells.items():
                    _take(page, line, IMAGES / f"tutorial-{name[:2]}-{picture}.png")
                page.close()
        browser.close()


def _take(page, line: str, file: Path) -> None:
    """The last output of the last cell that ends in a line."""
    at = page.evaluate(
        """line => {
            const cells = window.jupyterapp.shell.currentWidget.content.widgets;
            return cells.map(c => c.model.sharedModel.source.trim().split('\\n').pop()).lastIndexOf(line);
        }""",
        line,
    )
    if at < 0:
        sys.exit(f"no cell ends in {line!r}")
    output = page.locator(".jp-Notebook .jp-Cell").nth(at).locator(".jp-OutputArea-output").last
    output.scroll_into_view_if_needed()
    page.wait_for_timeout(1500)
    output.screenshot(path=file)
    shrink(file)
    print(file.relative_to(ROOT))


if __name__ == "__main__":
    main()

"""The tutorial is executed as it stands, and is what its script writes."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
WIDGET = "application/vnd.jupyter.widget-view+json"


def test_the_tutorial_is_what_its_script_writes(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("make", NOTEBOOKS / "make.py")
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    monkeypatch.setattr(make, "__file__", str(tmp_path / "make.py"))
    make.main()
    assert (tmp_path / "01_lifecycle.ipynb").read_text() == (NOTEBOOKS / "01_lifecycle.ipynb").read_text()


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """The tutorial run top to bottom with few pictures and one epoch, in a kernel of its own."""
    folder = tmp_path_factory.mktemp("tutorial")
    patch = pytest.MonkeyPatch()
    for name, value in {"VEML_N": "128", "VEML_EPOCHS": "1", "VEML_LAB": str(folder / "lab")}.items():
        patch.setenv(name, value)
    nb = nbformat.read(NOTEBOOKS / "01_lifecycle.ipynb", as_version=4)
    NotebookClient(nb, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    patch.undo()
    return nb, folder


def test_every_cell_of_the_tutorial_runs(executed):
    nb, _ = executed
    cells = [c for c in nb.cells if c.cell_type == "code"]
    assert all(c.execution_count for c in cells)
    assert not [o for c in cells for o in c.outputs if o.output_type == "error"]


def test_the_tutorial_shows_live_widgets_and_pictures_that_need_no_kernel(executed):
    nb, _ = executed
    shown = {}
    for c in nb.cells:
        for o in c.get("outputs", []):
            data = o.get("data", {})
            if WIDGET in data and "text/html" in data:  # progress bars are widgets too, without a picture
                shown[c.source.splitlines()[-1]] = data
    for line in ("city.browse()", "veml.similarity([city, suburb, highway])", "report", "veml.bad_cases(last, holdout)"):
        assert line in shown, f"no widget under {line}; there are some under {list(shown)}"
    assert any("lineage(" in line for line in shown)
    for line, data in shown.items():
        assert "<svg" in data["text/html"] or "<img" in data["text/html"], line
        assert "<script" not in data["text/html"], line


def test_the_tutorial_leaves_all_four_kinds_of_version(executed):
    import veml_lab as veml

    lab = veml.open(executed[1] / "lab", read_only=True)
    last = lab.lineage("suburb in production, rebuilt", direction="ancestors")
    assert {n.kind for n in last.nodes} == {"data", "model", "training", "inference"}
    assert {"city", "suburb", "fog"} <= {n.name for n in last.nodes}

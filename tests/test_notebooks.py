"""The tutorials are executed as they stand, and are what their scripts write."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from patience import PATIENCE_S

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
WIDGET = "application/vnd.jupyter.widget-view+json"


def test_every_notebook_is_what_its_script_writes(tmp_path):
    spec = importlib.util.spec_from_file_location("make", NOTEBOOKS / "make.py")
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    make.main(tmp_path)
    assert len(list(tmp_path.iterdir())) == 5
    for made in tmp_path.iterdir():
        assert made.read_text() == (NOTEBOOKS / made.name).read_text(), (
            f"{made.name} is stale; run: python notebooks/make.py"
        )


def execute(name: str, folder: Path, **sizes: int):
    """Run a notebook top to bottom in a kernel of its own, with a lab in ``folder``."""
    patch = pytest.MonkeyPatch()
    patch.setenv("VEML_FOLDER", str(folder))
    for key, value in sizes.items():
        patch.setenv(f"VEML_{key}", str(value))
    nb = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    try:
        NotebookClient(
            nb, timeout=PATIENCE_S, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
        ).execute()
    finally:
        patch.undo()
    return nb


# name -> sizes, the lines whose result draws itself, what the text of the outputs must hold
OTHERS = {
    "02_your_own_data": ({"N": 24}, ("photos.browse()", "compare(photos, fixed)"), ("replayed: True", "clean")),
    "03_similarity_and_transfer": ({"N": 100, "EPOCHS": 2}, ("table",), ("nearest pair: ", "won with")),
    "04_drift_and_rebuild": (
        {"N": 100, "EPOCHS": 1},
        ("report", "veml.rebuilds(run, holdout, old=test)"),
        ("no rebuilding", "mean-teacher", "brought most in this lab"),
    ),
    "05_sensors": (
        {"EPOCHS": 1},
        ("north.browse()", "veml.drift(graph, later)"),
        ("transferred  MAE", "from scratch MAE"),
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_further_tutorial_runs_and_draws_what_it_is_about(name, tmp_path):
    sizes, drawn, said = OTHERS[name]
    nb = execute(name, tmp_path, **sizes)
    shown, text = set(), ""
    for c in (c for c in nb.cells if c.cell_type == "code"):
        for o in c.outputs:
            data = o.get("data", {})
            if "<" in str(data.get("text/html", "")) and o.output_type == "execute_result":
                shown.add(c.source.splitlines()[-1])
            text += str(o.get("text", "")) + str(data.get("text/plain", ""))
    assert set(drawn) <= shown, f"nothing is drawn under {set(drawn) - shown}"
    assert [line for line in said if line not in text] == []


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """The tutorial run top to bottom with few pictures and one epoch, in a kernel of its own."""
    folder = tmp_path_factory.mktemp("tutorial")
    return execute("01_lifecycle", folder, N=128, EPOCHS=1), folder


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
    for line in (
        "city.browse()",
        "veml.similarity([city, suburb, highway])",
        "report",
        "veml.bad_cases(last, holdout)",
    ):
        assert line in shown, f"no widget under {line}; there are some under {list(shown)}"
    assert any("lineage(" in line for line in shown)
    for line, data in shown.items():
        assert any(tag in data["text/html"] for tag in ("<svg", "<img", "<table")), line
        assert "<script" not in data["text/html"], line


def test_the_tutorial_leaves_all_four_kinds_of_version(executed):
    import veml_lab as veml

    lab = veml.open(executed[1] / "tutorial-lab", read_only=True)
    last = lab.lineage("suburb in production, rebuilt", direction="ancestors")
    assert {n.kind for n in last.nodes} == {"data", "model", "training", "inference"}
    assert {"city", "suburb", "fog"} <= {n.name for n in last.nodes}

"""The dashboard's pages and the published folder, built without a browser, from real labs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

pytest.importorskip("ipywidgets")

from veml_lab import dashboards
from veml_lab.dashboards import contents
from veml_lab.dashboards.kernels import VisitorKernels
from veml_lab.errors import BadInput, DamagedLab, UnknownName
from veml_lab.versions import operations
from veml_lab.versions.data import DataVersion

ROOT = Path(__file__).parents[1]
if not (ROOT / "veml_lab" / "static" / "site.js").is_file():
    pytest.skip("the front end is not built (scripts/build_frontend.sh)", allow_module_level=True)


def shown(box) -> list[str]:
    return [x for c in box.children for x in ([type(c).__name__] if not hasattr(c, "children") else shown(c))]


def words(box) -> str:
    return " ".join(
        words(c) if hasattr(c, "children") else c.value if type(c).__name__ == "HTML" else "" for c in box.children
    )


def at(page, part, item=""):
    """The page after the browser's address has changed."""
    nav = next(c for c in page.children if type(c).__name__ == "Pages")
    nav.part, nav.item = part, item
    assert nav.shown == f"{part}/{item}", "the heading says that it loads for as long as this is another"
    return page


@pytest.fixture
def no_mark(monkeypatch):
    """What the page sets in its own kernel does not outlive the test."""
    monkeypatch.setenv("VEML_DASHBOARD", "1")


def test_each_page_shows_its_drawings_and_builds_them_when_it_is_opened(digits_lab, no_mark):
    page = dashboards.page(digits_lab.lab)
    assert "LineageGraph" in shown(page) and "SampleBrowser" not in shown(page)
    assert "data versions" in words(page)
    assert {"SampleBrowser", "Comparison", "Dropdown"} <= set(shown(at(page, "data")))
    assert "LineageGraph" not in shown(page)
    assert {"RunTable", "TrainingCurves", "LineageGraph"} <= set(shown(at(page, "models")))
    assert "veml drift LAB" in words(at(page, "similarity"))


def test_a_deep_link_opens_the_version_that_it_names_and_an_unknown_one_the_first(digits_lab, no_mark):
    page = at(dashboards.page(digits_lab.lab), "data", "bright-test")
    assert "<h2>bright-test</h2>" in words(page)
    assert f"<h2>{digits_lab.digits.name}</h2>" in words(at(page, "data", "no such version"))


def test_nothing_on_a_page_can_be_kept_or_stopped(digits_lab, no_mark):
    page = at(dashboards.page(digits_lab.lab), "data")
    wall = next(c for c in page.children[-1].children if type(c).__name__ == "SampleBrowser")
    assert wall.saves == []
    said, _ = wall.answered({"type": "save", "what": "data version", "name": "mine", "positions": [0]})
    assert said["type"] == "error" and "mine" not in digits_lab.lab
    jobs = digits_lab.lab.view("jobs")
    assert not jobs.controls and jobs.answered({"type": "resume", "key": jobs.jobs[0]["key"]})[0]["type"] == "error"


def test_an_empty_lab_says_on_every_page_how_to_fill_it(empty_lab, no_mark):
    page = dashboards.page(empty_lab)
    for part, line in (
        ("overview", "veml add"),
        ("data", "veml add"),
        ("similarity", "veml similar"),
        ("models", "veml train"),
    ):
        assert f"<code>{line}" in words(at(page, part)), part


def test_a_page_that_was_prepared_before_a_version_was_made_shows_it_to_the_next_visitor(digits_lab, fresh, no_mark):
    lab = fresh(digits_lab)
    page = at(dashboards.page(lab), "data")
    operations.select(lab["digits"], "made later", [0, 1])
    nav = next(c for c in page.children if type(c).__name__ == "Pages")
    nav.visits += 1  # a browser shows the page
    choice = next(c for c in page.children[-1].children if type(c).__name__ == "Dropdown")
    assert "made later" in choice.options


def test_a_part_that_fails_leaves_the_others_and_gives_away_no_path(digits_lab, no_mark, monkeypatch):
    def torn(self):
        raise DamagedLab("the table is torn")

    monkeypatch.setattr(DataVersion, "statistics", torn)
    page = at(dashboards.page(digits_lab.lab), "data")
    assert "the table is torn" in words(page) and "SampleBrowser" in shown(page)

    def lost(self):
        raise OSError("/home/someone/secret")

    monkeypatch.setattr(DataVersion, "statistics", lost)
    page = at(dashboards.page(digits_lab.lab), "data")
    assert "secret" not in words(page) and "OSError" in words(page)


def test_names_are_escaped(digits_lab, fresh, no_mark):
    lab = fresh(digits_lab)
    operations.select(lab["digits"], "<img src=x onerror=alert(1)>", [0])
    assert "<img src=x" not in words(at(dashboards.page(lab), "data", "<img src=x onerror=alert(1)>"))


def test_an_unknown_page_is_named(digits_lab):
    with pytest.raises(UnknownName, match="models"):
        contents.entries(digits_lab.lab, "model")


def test_a_kernel_that_waits_for_a_visitor_is_not_taken_for_one_that_was_left():
    class Done:
        def __init__(self, kernel, failed=False):
            self.kernel, self.failed = kernel, failed

        def done(self):
            return True

        def cancelled(self):
            return False

        def exception(self):
            return OSError() if self.failed else None

        def result(self):
            return {"kernel_id": self.kernel}

    kernels = VisitorKernels.__new__(VisitorKernels)
    kernels.__dict__["_pools"] = {"page.ipynb": [Done("waits"), Done("broken", failed=True)]}
    assert kernels._waiting() == {"waits"}


def test_a_kernel_that_waited_long_is_not_ended_when_it_is_handed_to_a_visitor(monkeypatch):
    import asyncio
    from datetime import timedelta
    from types import SimpleNamespace

    from jupyter_server._tz import utcnow

    kernels = VisitorKernels()
    ended = []
    monkeypatch.setattr(kernels, "shutdown_kernel", lambda kernel_id, **_: ended.append(kernel_id))
    kernels.cull_idle_timeout = 900
    spec = SimpleNamespace(metadata={})
    kernel = SimpleNamespace(
        execution_state="idle", kernel_name="python3", kernel_spec=spec, last_activity=utcnow() - timedelta(hours=2)
    )
    kernels._kernels["handed over"] = kernel
    kernels._kernel_connections["handed over"] = 0  # the visitor's browser still loads the page
    asyncio.run(kernels.cull_kernels())
    asyncio.run(kernels.cull_kernels())
    assert ended == []
    kernel.last_activity = utcnow() - timedelta(seconds=901)  # and a quarter of an hour later nobody is there
    asyncio.run(kernels.cull_kernels())
    assert ended == ["handed over"]
    kernels._kernels.clear()


# --- a folder of files ---


def test_a_published_folder_holds_every_page_and_finds_what_the_lab_finds(digits_lab, tmp_path):
    folder = dashboards.publish(digits_lab.lab, tmp_path / "site", pictures=30)
    site = json.loads((folder / "site.json").read_text())
    assert {v["part"] for v in site["views"]} == {"overview", "data", "models"}
    assert {v["item"] for v in site["views"] if v["part"] == "data"} == {r["name"] for r in digits_lab.lab.rows("data")}
    view = next(v for v in site["views"] if v["item"] == "digits-train")
    stored = json.loads((folder / "views" / f"{view['file']}.json").read_text())
    wall = stored["wall"]
    assert stored["state"]["count"] == 30 == sum(len(c) for c in wall["chunks"]) and stored["state"]["saves"] == []
    assert "the first 30 of 60 samples" in view["note"]
    for k, lengths in enumerate(wall["chunks"]):
        parts = (folder / wall["folder"] / f"{k}.bin").read_bytes()
        assert len(parts) == sum(lengths) and parts[:2] == b"\xff\xd8"
    labels = [a["label"] for a in wall["annotations"]]
    for label, places in wall["facts"]["filters"]["class"].items():
        assert places == [i for i, have in enumerate(labels) if have == label]
    text = "".join(p.read_text() for p in folder.rglob("*.json"))
    assert str(digits_lab.path) not in text, "nothing says where the lab lies"


def test_binary_parts_lie_behind_one_another_in_the_order_of_their_paths(digits_lab, tmp_path):
    lab = digits_lab.lab
    folder = dashboards.publish(lab, tmp_path / "site", pictures=0)
    for file in (folder / "views").glob("*.json"):
        stored = json.loads(file.read_text())
        assert len(stored["paths"]) == len(stored["lengths"])
        if stored["lengths"]:
            assert file.with_suffix(".bin").stat().st_size == sum(stored["lengths"])


def test_only_a_folder_of_ours_is_written_over_and_a_failure_leaves_it_as_it_was(digits_lab, tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(BadInput, match="holds other things"):
        dashboards.publish(digits_lab.lab, tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"
    folder = dashboards.publish(digits_lab.lab, tmp_path / "site", pictures=0)
    before = sorted(p.name for p in folder.rglob("*"))

    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(sys.modules["veml_lab.dashboards.publish"], "_store", full)  # the package binds the function
    with pytest.raises(OSError):
        dashboards.publish(digits_lab.lab, tmp_path / "site")
    assert sorted(p.name for p in folder.rglob("*")) == before
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == [], "nothing half-written is left"
    with pytest.raises(BadInput, match="0 or more"):
        dashboards.publish(digits_lab.lab, tmp_path / "new", pictures=-1)


def test_an_empty_lab_can_be_published(empty_lab, tmp_path):
    folder = dashboards.publish(empty_lab, tmp_path / "site")
    assert json.loads((folder / "site.json").read_text())["views"] == []
    assert (folder / "index.html").exists() and (folder / "app.js").exists()


def test_the_verb_publishes_and_says_how_to_look_at_it(digits_lab, tmp_path, capsys):
    from veml_lab.cli import main

    assert main(["publish", str(digits_lab.path), str(tmp_path / "site"), "--pictures", "4"]) == 0
    assert "http.server" in capsys.readouterr().out and (tmp_path / "site" / "index.html").exists()
    assert main(["publish", str(digits_lab.path), str(tmp_path), "--json"]) == 2
    assert "holds other things" in capsys.readouterr().err

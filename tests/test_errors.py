"""What people see in a notebook: of an error or a warning their own line and the message, by Tab the names there
are."""

from __future__ import annotations

import warnings
from contextlib import suppress

import pytest
from IPython.core.interactiveshell import InteractiveShell

from veml_lab.errors import BadInput, UnknownName, warn


@pytest.fixture
def shell(monkeypatch, tmp_path):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    InteractiveShell.clear_instance()
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


CELL = "import veml_lab as veml\nlab = veml.open(%r)\nlab.get('nothing')"


def test_a_cell_shows_its_own_line_and_the_message(shell, tmp_path, capsys):
    shell.run_cell(CELL % str(tmp_path / "lab"))
    shown = capsys.readouterr().out
    assert "lab.get('nothing')" in shown and "UnknownName: there is no version 'nothing'" in shown
    assert "graph.py" not in shown and len(shown.strip().splitlines()) == 2


def test_the_whole_traceback_is_one_magic_away(shell, tmp_path, capsys):
    shell.run_line_magic("xmode", "Verbose")
    shell.run_cell(CELL % str(tmp_path / "lab"))
    shown = capsys.readouterr().out
    assert "graph.py" in shown and "there is no version 'nothing'" in shown


def test_a_warning_names_the_line_that_called_in(tmp_path):
    from veml_lab.formats import read_coco

    (tmp_path / "a.json").write_text(
        '{"images": [{"id": 1, "file_name": "nope.jpg", "width": 4, "height": 4}], "annotations": [], "categories": []}'
    )
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        with suppress(BadInput):  # a set without one of its pictures
            list(read_coco(tmp_path / "a.json").records())
        warn("directly")
    assert seen and {w.filename for w in seen} == {__file__}


def test_an_unknown_name_lists_the_nearest_first():
    assert str(UnknownName.of("measure", "enrgy", ["mean", "energy"])).endswith("known: energy, mean")


def test_tab_offers_the_names_of_versions(shell, tmp_path):
    from veml_lab import open, road_world

    lab = open(tmp_path / "lab")
    lab.add("city one", road_world("clear-city", 2), progress=False)
    shell.user_ns["lab"] = lab
    _, found = shell.complete('lab["ci')
    assert any("city one" in name for name in found)

"""``veml export LAB --html`` is ``veml publish``."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("ipywidgets")

from veml_lab.cli import main


def files(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_both_spellings_write_the_same_folder(digits_lab, fresh, tmp_path, capsys, monkeypatch):
    path = str(fresh(digits_lab).path)
    monkeypatch.chdir(tmp_path)
    assert main(["publish", path, "one"]) == 0
    assert "http.server" in capsys.readouterr().out
    assert main(["export", path, "--html", "two", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["folder"] == str(tmp_path / "two")
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert main(["export", path, "--html"]) == 0
    assert (tmp_path / "digits-lab-0-html" / "index.html").is_file()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["digits", "--html", "x"], "give no data version"),
        (["digits"], "veml export LAB --html DIR"),
        (["digits", "x"], "--format coco"),
    ],
)
def test_what_is_missing_is_said_with_the_line_to_type(digits_lab, tmp_path, capsys, monkeypatch, given, said):
    monkeypatch.chdir(tmp_path)
    assert main(["export", str(digits_lab.path), *given]) == 2
    assert said in capsys.readouterr().err
    assert not any(tmp_path.iterdir())

"""``veml lab LAB``: what it opens, and where the tutorials lie and write."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import urllib.parse
from pathlib import Path

from veml_lab.dashboards import jupyter


def test_it_opens_the_document_of_the_lab_in_its_folder(tmp_path):
    command = jupyter.command_of(tmp_path / "my lab", port=8123, browser=False)
    assert f"--ServerApp.root_dir={tmp_path}" in command and "--no-browser" in command and "--port=8123" in command
    (url,) = (c.split("=", 1)[1] for c in command if c.startswith("--LabApp.default_url="))
    assert urllib.parse.unquote(url) == "/lab/tree/my lab/lab.toml" and " " not in url


def test_it_asks_nobody_for_news_and_what_a_user_configured_stays(monkeypatch, tmp_path):
    mine = tmp_path / "labconfig"
    mine.mkdir()
    (mine / "default_setting_overrides.json").write_text(json.dumps({"some:plugin": {"x": 1}}))
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(tmp_path))
    code = "from jupyterlab_server.settings_utils import _get_overrides as f; print(f('')[0])"
    done = subprocess.run([sys.executable, "-c", code], env=jupyter.environment(), capture_output=True, text=True)
    found = ast.literal_eval(done.stdout)
    assert found["@jupyterlab/apputils-extension:notification"] == {"fetchNews": "false", "checkForUpdates": False}
    assert found["some:plugin"] == {"x": 1}


def test_tutorials_are_copied_into_a_folder_of_their_own_and_an_edited_copy_stays(tmp_path):
    folder = jupyter.copy_tutorials(tmp_path)
    assert folder == tmp_path / "veml-tutorials" and [p.name for p in tmp_path.iterdir()] == ["veml-tutorials"]
    names = sorted(p.name for p in folder.iterdir())
    assert len(names) == 5 and names[0] == "01_lifecycle.ipynb"
    (folder / names[0]).write_text("mine")
    (folder / names[1]).unlink()
    jupyter.copy_tutorials(tmp_path)
    assert (folder / names[0]).read_text() == "mine" and (folder / names[1]).exists()


def test_a_clone_keeps_its_own_notebooks(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "01_lifecycle.ipynb").touch()
    assert jupyter.copy_tutorials(tmp_path) == tmp_path / "notebooks"
    assert not (tmp_path / "veml-tutorials").exists()


def test_no_tutorial_opens_the_lab_of_the_user_and_the_first_says_so(monkeypatch, tmp_path):
    """Each line that opens a lab is run, in a folder of its own: what it names lies there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VEML_LAB", str(tmp_path / "the user's lab"))
    for path in sorted((Path(jupyter.__file__).parents[2] / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text())["cells"]
        code = "".join(line for c in cells if c["cell_type"] == "code" for line in c["source"])
        assert "VEML_LAB" not in code, path.name
        if path.name.startswith("01"):
            assert "none of your labs is touched" in "".join(cells[0]["source"])

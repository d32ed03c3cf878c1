"""`pip install` of the built wheel is enough: panel, widgets, dashboard and tutorial are in it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from patience import PATIENCE_S

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel as pip builds it from this checkout."""
    if not (ROOT / "veml_lab" / "labextension" / "package.json").exists():
        pytest.skip("the front end is not built (scripts/build_frontend.sh)")
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "-q",
        "-w",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(command, check=True, env={**os.environ, "HATCH_JUPYTER_BUILDER_SKIP_NPM": "1"}, timeout=PATIENCE_S)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The wheel alone in a prefix of its own; returns the environment that finds it before the checkout."""
    prefix = tmp_path_factory.mktemp("prefix")
    # --ignore-installed: else pip would uninstall the editable package of this environment
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--no-deps",
            "--ignore-installed",
            "-q",
            "--prefix",
            str(prefix),
            str(wheel),
        ],
        check=True,
        timeout=PATIENCE_S,
    )
    site = next(prefix.glob("lib/python*/site-packages"))
    # no PATH to the checkout: the editable install of this environment comes after PYTHONPATH
    return prefix, {
        **os.environ,
        "PYTHONPATH": str(site),
        "JUPYTER_PATH": str(prefix / "share" / "jupyter"),
        "JUPYTER_PREFER_ENV_PATH": "0",
    }


def test_the_wheel_holds_everything_that_is_shown(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for widget in ("lineage", "heatmap", "browser", "driftplot", "curves"):
        assert f"veml_lab/static/{widget}.js" in names
    assert "veml_lab/notebooks/01_lifecycle.ipynb" in names
    assert any(n.endswith("labextensions/veml-lab/package.json") for n in names)
    assert any("labextensions/veml-lab/static/remoteEntry" in n for n in names)
    assert not [n for n in names if "node_modules" in n or n.startswith("tests/") or n.endswith(".map")]


def test_jupyterlab_finds_the_panel_of_the_installed_wheel(installed):
    prefix, environment = installed
    found = subprocess.run(
        [sys.executable, "-m", "jupyter", "labextension", "list"],
        env=environment,
        capture_output=True,
        text=True,
        cwd=prefix,
        timeout=PATIENCE_S,
    )
    text = found.stdout + found.stderr
    assert str(prefix / "share" / "jupyter" / "labextensions") in text
    assert "veml-lab v0.1.0" in text.replace("\x1b[32m", "").replace("\x1b[0m", "")


def test_the_installed_package_opens_a_lab_and_draws_it_without_the_checkout(installed, tmp_path):
    _, environment = installed
    code = (
        "import veml_lab, pathlib; assert 'prefix' in veml_lab.__file__, veml_lab.__file__\n"
        "lab = veml_lab.open('lab'); lab.add('city', veml_lab.road_world('clear-city', 8), progress=False)\n"
        "data = lab._repr_mimebundle_()\n"
        "data = data[0] if isinstance(data, tuple) else data\n"
        "assert '<svg' in data['text/html'] or '<img' in data['text/html']\n"
        "assert 'application/vnd.jupyter.widget-view+json' in data"
    )
    subprocess.run([sys.executable, "-c", code], env=environment, cwd=tmp_path, check=True, timeout=PATIENCE_S)

"""A package from outside adds one of each seam: it is installed for real, used by the public interface, and runs the
suites over its own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from labs import ROOT
from packages import install

STRANGER = ROOT / "tests" / "stranger"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with the package, put there by pip without a network."""
    pytest.importorskip("setuptools", reason="the stranger's package is built by setuptools")
    import shutil

    source = tmp_path_factory.mktemp("source") / "acme"
    shutil.copytree(STRANGER, source)  # building leaves files beside the sources
    target = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    done = subprocess.run([*pip, "--target", str(target), str(source)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return target


def run(installed, *words, cwd):
    path = os.pathsep.join([str(installed), str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_one_of_each_is_used_by_the_public_interface(installed, tmp_path):
    assert run(installed, STRANGER / "story.py", tmp_path, cwd=tmp_path).endswith("told\n")


def test_the_command_line_lists_its_backend_with_what_it_takes(installed, tmp_path):
    said = run(installed, "-m", "veml_lab.cli", "backends", "acme", cwd=tmp_path)
    assert "acme: the class whose mean colour is nearest" in said and "| `sharpness` | 40 |" in said


def test_it_runs_the_suites_over_its_own(installed, tmp_path):
    suites = STRANGER / "suites_of_acme.py"
    said = run(installed, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", suites, cwd=tmp_path)
    assert " passed" in said and "skipped" not in said


def test_a_broken_package_beside_it_takes_nothing_away(installed, tmp_path):
    install(tmp_path / "site", "acme-torn", {"acme_torn.py": "import nothing_of_this_name"}, {
        "backends": {"torn": "acme_torn:BACKEND"}, "formats": {"torn": "acme_torn:FORMAT"},
    })  # fmt: skip
    both = os.pathsep.join([str(tmp_path / "site"), str(installed)])
    code = (
        "import warnings\nwith warnings.catch_warnings(record=True) as said:\n    warnings.simplefilter('always')\n"
        "    from veml_lab.training import declarations\n    names = [*declarations(), *declarations()]\n"
        "print('acme' in names, 'torn' in names, len(said), 'acme-torn 1.2' in str(said[0].message))"
    )
    assert run(both, "-c", code, cwd=tmp_path) == "True False 1 True\n"


def test_the_seams_are_loaded_lazily(installed, tmp_path):
    code = "import sys, veml_lab, veml_lab.formats, veml_lab.training.registry; print('acme_veml' in sys.modules)"
    assert run(installed, "-c", code, cwd=tmp_path) == "False\n"

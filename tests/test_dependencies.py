"""What is declared is imported, and what is imported is declared: read from the syntax trees of every file."""

from __future__ import annotations

import ast
import re
import sys
import tomllib

import pytest
from labs import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
# import name -> the distribution that has it, where they differ in more than - and _
CALLED = {
    "IPython": "ipython", "_pytest": "pytest", "PIL": "pillow", "cv2": "opencv-python", "mmcv": "mmcv-lite",
    "openlineage": "openlineage-python",
    "ot": "pot", "sklearn": "scikit-learn", "yaml": "pyyaml",
}  # fmt: skip
# declared for what they do beside being imported
RUN = {
    "ipykernel": "runs the notebooks; the panel needs its subshells",
    "voila": "serves the dashboard in a process of its own",
    "pytest-timeout": "a plug-in of pytest", "pytest-xdist": "a plug-in of pytest",
    "pytest-rerunfailures": "a plug-in of pytest",
    "setuptools": "mmengine imports pkg_resources; a test builds a stranger's package with it",
}  # fmt: skip
TOOLS = {"ruff", "mypy", "import-linter", "sphinx", "myst-parser", "furo"}  # of the extra "check", run by make
# programs that exports are opened with and peers that are measured: none is needed, all are skipped where they are not
PEERS = {
    "cv2", "datumaro", "label_studio_sdk", "scalabel", "supervisely", "supervision", "ultralytics",
    "alibi_detect", "apricot", "cvat_sdk",
    "deltalake", "faiss", "fiftyone", "fpsample", "lance", "rustworkx", "submitit", "tidecv",
    "joblib", "webdataset", "ml_collections", "fiddle", "omegaconf",
}  # fmt: skip


def distribution(requirement: str) -> str:
    return re.match(r"[A-Za-z0-9._-]+", requirement)[0].lower().replace("_", "-")


def declared(*extras: str) -> set[str]:
    rows = [*PROJECT["dependencies"], *(r for e in extras for r in PROJECT["optional-dependencies"][e])]
    return {distribution(r) for r in rows}


def imported(*folders: str) -> dict[str, set[str]]:
    """Top-level names of other packages, with the files that import them; also by importorskip, need and the like."""
    found: dict[str, set[str]] = {}
    ours = {p.stem for folder in ("tests", "benchmarks", "scripts") for p in (ROOT / folder).rglob("*.py")}
    ours |= {p.name for p in (ROOT / "tests").iterdir() if p.is_dir()} | {"veml_lab"}
    for path in (p for folder in folders for p in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [a.name for a in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                called = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if called in ("need", "import_module", "importorskip"):
                    names = [str(node.args[0].value)]
            for name in names:
                top = name.split(".")[0]
                if top and top not in ours and top not in sys.stdlib_module_names:
                    found.setdefault(top, set()).add(str(path.relative_to(ROOT)))
    return found


def named(top: str) -> str:
    return CALLED.get(top, top).lower().replace("_", "-")


EXTRAS = tuple(e for e in PROJECT["optional-dependencies"] if e not in ("test", "check"))


def test_what_the_package_imports_is_declared():
    missing = {top: where for top, where in imported("veml_lab").items() if named(top) not in declared(*EXTRAS)}
    assert missing == {}


def test_what_tests_scripts_and_benchmarks_import_is_declared_or_skipped_where_it_is_not():
    known = declared(*EXTRAS, "test", "check")
    found = imported("tests", "scripts", "benchmarks")
    missing = {top: where for top, where in found.items() if named(top) not in known and top not in PEERS}
    assert missing == {}


@pytest.mark.parametrize("extra", ["", *EXTRAS, "test"])
def test_what_is_declared_is_imported_or_run(extra):
    mine = declared(extra) - declared() if extra else declared()
    used = {named(top) for top in imported("veml_lab", *(("tests", "scripts") if extra == "test" else ()))}
    assert mine - used - set(RUN) == set()


def test_what_checks_are_run_with_is_run():
    scripts = {named(top) for top in imported("scripts")}
    assert declared("check") - declared() - scripts == TOOLS


def test_no_exception_is_kept_longer_than_it_is_needed():
    everything = declared(*PROJECT["optional-dependencies"])
    assert set(RUN) <= everything
    assert set(imported("tests", "benchmarks")) >= PEERS

"""Open JupyterLab on a lab: its folder's parent as root, the tutorial beside it, the panel at hand."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from .._optional import need

# The packaged copy of a wheel, or the folder of a clone.
_TUTORIALS = (Path(__file__).parent.parent / "notebooks", Path(__file__).parent.parent.parent / "notebooks")


def open_jupyterlab(lab: Path, *, port: int = 8888, browser: bool = True) -> None:
    """Replace this process by JupyterLab; ``VEML_LAB`` tells the tutorial which lab to open.

    The tutorial is copied beside the lab if it is not there yet; a copy that was edited is left alone.
    """
    need("jupyterlab")
    root = lab.parent
    tutorial = next((p / "01_lifecycle.ipynb" for p in _TUTORIALS if (p / "01_lifecycle.ipynb").exists()), None)
    target = root / "01_lifecycle.ipynb"
    if tutorial is not None and not target.exists() and not (root / "notebooks" / tutorial.name).exists():
        shutil.copyfile(tutorial, target)
    shown = "notebooks/01_lifecycle.ipynb" if (root / "notebooks" / "01_lifecycle.ipynb").exists() else "01_lifecycle.ipynb"
    command = [
        sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}", f"--port={port}",
        f"--LabApp.default_url=/lab/tree/{shown}",
    ]  # fmt: skip
    if not browser:
        command.append("--no-browser")
    if os.geteuid() == 0:
        command.append("--allow-root")
    os.environ["VEML_LAB"] = str(lab)
    os.execv(sys.executable, command)

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

    The tutorials are copied beside the lab if they are not there yet; a copy that was edited is left alone.
    """
    need("jupyterlab")
    root = lab.parent
    shown = copy_tutorials(root)
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


def copy_tutorials(root: Path) -> str:
    """Put the tutorials into ``root`` unless it holds them, or is a clone with its own; gives the path of the first."""
    if (root / "notebooks" / "01_lifecycle.ipynb").exists():
        return "notebooks/01_lifecycle.ipynb"
    found = next((p for p in _TUTORIALS if (p / "01_lifecycle.ipynb").exists()), None)
    for tutorial in sorted(found.glob("[0-9][0-9]_*.ipynb")) if found else ():
        if not (root / tutorial.name).exists():
            shutil.copyfile(tutorial, root / tutorial.name)
    return "01_lifecycle.ipynb"

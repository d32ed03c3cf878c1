"""Open JupyterLab on a lab: panel open, lineage in front; the tutorials lie in a folder of their own beside it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from urllib.parse import quote

from .._optional import need

# The packaged copy of a wheel, or the folder of a clone.
_TUTORIALS = (Path(__file__).parent.parent / "notebooks", Path(__file__).parent.parent.parent / "notebooks")
FOLDER = "veml-tutorials"
_DEFAULTS = Path(__file__).parent / "share" / "jupyterlab"


def open_jupyterlab(lab: Path, *, port: int = 8888, browser: bool = True) -> None:
    """Replace this process by JupyterLab, which opens the lab by its ``lab.toml``, with a kernel of its own."""
    need("jupyterlab")
    tutorials = copy_tutorials(lab.parent)
    if tutorials:
        print(f"tutorials, each in a lab of its own: {tutorials}", file=sys.stderr)
    os.execve(sys.executable, command_of(lab, port=port, browser=browser), environment())


def command_of(lab: Path, *, port: int, browser: bool) -> list[str]:
    """The command line that serves the lab's parent folder and opens the lab's document."""
    command = [
        sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={lab.parent}", f"--port={port}",
        f"--LabApp.default_url=/lab/tree/{quote(lab.name)}/lab.toml",
    ]  # fmt: skip
    if not browser:
        command.append("--no-browser")
    if os.geteuid() == 0:
        command.append("--allow-root")
    return command


def environment() -> dict[str, str]:
    """This process's variables, with our defaults for the settings of this one server.

    The first thing a newcomer sees is the lab, not a question about news, and nothing is fetched unasked; who has said
    otherwise in their settings is heard.
    """
    paths = [str(_DEFAULTS), *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
    return {**os.environ, "JUPYTER_CONFIG_PATH": os.pathsep.join(paths)}


def copy_tutorials(root: Path) -> Path | None:
    """Put the tutorials into a folder of ``root``, unless it is a clone with its own; gives that folder.

    They make their labs beside themselves and write into no other. What is there already, edited perhaps, stays.
    """
    if (root / "notebooks" / "01_lifecycle.ipynb").exists():
        return root / "notebooks"
    found = next((p for p in _TUTORIALS if (p / "01_lifecycle.ipynb").exists()), None)
    if found is None:
        return None
    (root / FOLDER).mkdir(exist_ok=True)
    for tutorial in sorted(found.glob("[0-9][0-9]_*.ipynb")):
        if not (root / FOLDER / tutorial.name).exists():
            shutil.copyfile(tutorial, root / FOLDER / tutorial.name)
    return root / FOLDER

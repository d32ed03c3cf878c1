"""Write every notebook from the script of its name: plain text makes clean diffs. ``python notebooks/make.py``

The scripts are in the percent format that JupyterLab (with jupytext), VS Code and PyCharm open as cells.
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat

HERE = Path(__file__).parent
_HEAD = re.compile(r"^# %%(?: \[(markdown)\])?\n", re.MULTILINE)


def cells(script: str) -> list[tuple[str, str]]:
    """``(kind, text)`` of every cell of a script in the percent format."""
    parts = _HEAD.split(script)[1:]
    found = []
    for kind, text in zip(parts[::2], parts[1::2], strict=True):
        text = text.strip("\n")
        if kind:
            text = "\n".join(line.removeprefix("#").removeprefix(" ") for line in text.splitlines())
        found.append((kind or "code", text))
    return found


def write(script: Path, folder: Path) -> Path:
    """Write one notebook, without outputs."""
    nb = nbformat.v4.new_notebook()
    nb.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    nb.metadata["language_info"] = {"name": "python"}
    make = {"markdown": nbformat.v4.new_markdown_cell, "code": nbformat.v4.new_code_cell}
    for i, (kind, text) in enumerate(cells(script.read_text())):
        nb.cells.append(make[kind](text, id=f"cell-{i:02d}"))
    target = folder / f"{script.stem}.ipynb"
    nbformat.write(nb, target)
    return target


def main(folder: Path = HERE) -> None:
    """Write all of them."""
    for script in sorted(HERE.glob("[0-9][0-9]_*.py")):
        write(script, folder)


if __name__ == "__main__":
    main()

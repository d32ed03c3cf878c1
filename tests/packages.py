"""Small real packages for tests: written as files, found by their ``.dist-info`` like any that pip installed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def install(
    folder: Path,
    name: str,
    files: Mapping[str, str],
    entry_points: Mapping[str, Mapping[str, str]],
    version: str = "1.2",
) -> None:
    """Put a package into ``folder`` (one on ``sys.path``): its files and what ``pip install --target`` leaves.

    Parameters
    ----------
    entry_points
        ``{"formats": {"acme": "acme:FORMAT"}}``
    """
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    sections = [
        f"[veml_lab.{group}]\n" + "\n".join(f"{k} = {v}" for k, v in declared.items())
        for group, declared in entry_points.items()
    ]
    (info / "entry_points.txt").write_text("\n\n".join(sections) + "\n")

"""Labs from strangers: links that lead out of a lab, and names in its catalog that do.

A lab's own files and folders are plain ones, made by us. One that is a symbolic link makes every write and every
clean-up happen somewhere else, so such a lab is opened only by whoever says that the links are wanted:
``VEML_LAB_LINKS=1``.
"""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import BadInput, DamagedLab, NotAllowed

LINKS_VARIABLE = "VEML_LAB_LINKS"
FOLDERS = ("segments", "blobs", "embeddings", "predictions", "jobs", "cache", "staging", "backups", "damaged")
FILES = ("lab.toml", "place.json", "catalog.duckdb", "catalog.duckdb.wal", "catalog.duckdb.revision")


def links_allowed() -> bool:
    """Whether a lab whose inner folders are links may be opened.

    Raises
    ------
    BadInput
        ``VEML_LAB_LINKS`` is neither 0 nor 1.
    """
    said = os.environ.get(LINKS_VARIABLE, "0")
    if said not in ("0", "1", ""):
        raise BadInput(f"{LINKS_VARIABLE} is {said!r}; set it to 1 to follow the links in a lab, or to 0")
    return said == "1"


def refuse_links(lab: Path) -> None:
    """Refuse a lab whose own files or folders are symbolic links; eight looks, nothing is read.

    Raises
    ------
    NotAllowed
        One is, and ``VEML_LAB_LINKS=1`` is not set. Its own files are refused in any case.
    """
    for name in FILES:
        if (lab / name).is_symlink():
            raise NotAllowed(_said(lab, name) + "; put the file itself there")
    if links_allowed():
        return
    for name in FOLDERS:
        if (lab / name).is_symlink():
            raise NotAllowed(
                f"{_said(lab, name)}. If the lab is yours and you want that, set {LINKS_VARIABLE}=1; vacuum leaves"
                " alone what lies behind a link"
            )


def _said(lab: Path, name: str) -> str:
    return (
        f"the lab {lab} is not opened: its {name} is a link to {str((lab / name).readlink())!r}, so that whatever is"
        " written in the lab would be written there"
    )


def inside(lab: Path, name: str) -> Path:
    """The path of a file that a catalog names, which has to lie in the lab.

    Raises
    ------
    DamagedLab
        The name is absolute, goes up, or a link on the way leads out.
    """
    path = lab / name
    if not name or "\0" in name or Path(name).is_absolute() or ".." in Path(name).parts:
        raise DamagedLab(f"the lab {lab} names the file {name!r}, which is outside of it; nothing of it is read")
    real = path.resolve()
    if not real.is_relative_to(lab.resolve()) and not links_allowed():
        raise DamagedLab(f"{path} leads out of the lab, to {real}; nothing of it is read")
    return path

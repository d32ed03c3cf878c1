"""Open what a path or an address says: a folder, an archive, a folder behind an address."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ..errors import BadData, BadInput, MissingFile
from .archives import TarTree, ZipTree
from .tree import ARCHIVE_ENDINGS, FolderTree, Tree
from .windows import through_window

_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+):/{1,2}(.+)")


def open_tree(path: str | os.PathLike[str]) -> Tree:
    """Open a folder or an archive for reading by name; a folder behind an address (``s3://...``) through fsspec.

    Within :func:`~veml_lab.sources.windows.declared` its deep pictures are shown through the window.

    What in it is no plain file is in the tree's :attr:`~.tree.Tree.odd`.

    Raises
    ------
    MissingFile
        If there is nothing at ``path``.
    BadInput
        If it is a file, but no archive that we know.
    BadData
        If the archive is damaged or has members that point out of it, or if nothing in it is a plain file.
    """
    tree = _opened(path)
    if tree.odd and not tree.names():
        name, why = next(iter(tree.odd.items()))
        raise BadData(f"{path} holds {len(tree.odd):,} entries and no plain file: {tree.where(name)} {why}")
    return through_window(tree)


def _opened(path: str | os.PathLike[str]) -> Tree:
    # pathlib makes one slash of the two of an address
    address = _ADDRESS.fullmatch(str(path))
    if address and not Path(path).exists():
        from .remote import RemoteTree, local_path

        plain = local_path(f"{address[1]}://{address[2]}")
        if plain is None:
            return RemoteTree(f"{address[1]}://{address[2]}")
        path = plain
    root = Path(path)
    if not root.exists():
        raise MissingFile(f"there is no file or folder {str(root)!r}; check the path")
    if root.is_dir():
        return FolderTree(root)
    if not root.is_file():
        raise BadInput(f"{root} is neither a file nor a folder")
    low = root.name.lower()
    if low.endswith(".zip"):
        return ZipTree(root)
    if low.endswith(ARCHIVE_ENDINGS):
        return TarTree(root)
    raise BadInput(f"{root} is no folder and no archive; archives end in {', '.join(ARCHIVE_ENDINGS)}")

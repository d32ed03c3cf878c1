"""Pictures of which nothing is known yet: a folder to label, or to choose from."""

from __future__ import annotations

import os

from ..errors import MissingFile
from ..sources.checks import Findings
from ..sources.columns import columns_beside
from ..sources.detection import Marked, detection_source
from ..sources.images import ENDINGS
from ..sources.opening import open_tree
from ..sources.pairs import real_pictures
from ..sources.roles import splits_beside
from ..sources.source import Source
from ..storage.border import public


@public
def read_pictures(path: str | os.PathLike[str], *, strict: bool = False, verify: bool = True) -> Source:
    """Read every picture of a folder or an archive, without classes and annotations.

    Parameters
    ----------
    path : path
        Folder or archive. Lists (``train.txt``) or folders give the roles, ``columns.csv`` capture columns; pictures
        in folders of masks (``masks/``, ``SegmentationClass/`` ...) are left out where there are others.
    strict, verify
        As in :func:`read_voc`.

    Raises
    ------
    MissingFile
        If there is no picture.

    Examples
    --------
    >>> from pathlib import Path
    >>> from PIL import Image
    >>> Path("pool", "images").mkdir(parents=True)
    >>> Image.new("RGB", (32, 32)).save("pool/images/1.png")
    >>> veml.read("pool")
    <Source pictures 'pool': 1 samples, none, 0 classes>
    """
    tree = open_tree(path)
    names = real_pictures(tree)
    if not names:
        raise MissingFile(f"{path} holds no pictures ({', '.join(ENDINGS)})")
    columns, splits = columns_beside(tree), splits_beside(tree, names)

    def get(name: str, _: Findings) -> Marked:
        return Marked(name, columns=columns.get(name.rpartition("/")[2], {}))

    findings = Findings(tree.root, strict=strict)
    return detection_source(
        "pictures",
        tree,
        names,
        get,
        (),
        findings,
        task="none",
        verify=verify,
        root=str(path),
        options={"strict": strict},
        splits=splits,
    )

"""Vectors that lie in a lab already, read without the network that made them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import BadInput
from ..versions.samples import id_array
from .vectors import _Block, missing_count

if TYPE_CHECKING:
    import numpy as np

    from ..versions.data import DataVersion


@dataclass
class Stored:
    """An embedder of which only its vectors are here: enough to look at them, at no cost of a network.

    Attributes
    ----------
    fingerprint
        Of the embedder that made them.
    dim
        Numbers in a vector.
    """

    fingerprint: str
    dim: int

    def embed(self, version: DataVersion, positions: list[int]) -> np.ndarray:
        """Not possible: only what is stored can be read."""
        raise BadInput(
            f"some samples of {version.name!r} have no vector of {self.fingerprint} yet; embed them with the embedder"
            " itself"
        )

    def __repr__(self) -> str:
        return self.fingerprint


def stored(version: DataVersion) -> Stored | None:
    """What a whole version was embedded with, the latest if by several; None where vectors of it are missing."""
    import numpy as np

    home = version.store.folder / "embeddings"
    made: list[tuple[float, Stored]] = []
    for folder in home.iterdir() if home.is_dir() else ():
        files = [f for f in folder.glob("*.npy") if not f.name.startswith(".")]
        if files:
            dim = int(np.load(files[0], mmap_mode="r").shape[1])
            made.append((max(f.stat().st_mtime for f in files), Stored(folder.name, dim)))
    for _, embedder in sorted(made, key=lambda m: -m[0]):
        if not missing_count(version, embedder):
            return embedder
    return None


def read(version: DataVersion, embedder: Stored, positions: Sequence[int] | np.ndarray) -> np.ndarray:
    """Vectors of some samples of a version, from the files; those of the others are not touched.

    Parameters
    ----------
    positions
        In the version, ascending.

    Returns
    -------
    float32 array, shape (len(positions), d)
    """
    import numpy as np

    ids = id_array(version).astype(np.int64)[np.asarray(positions, dtype=np.int64)]
    out = np.empty((len(ids), embedder.dim), dtype=np.float32)
    for b in version.store.catalog.read("blocks").to_pylist():
        first, last = np.searchsorted(ids, [b["start"], b["start"] + b["n"]])
        if first < last:
            block = _Block(version.store.folder, embedder, b["start"], b["n"], True)
            out[first:last] = block.vectors()[ids[first:last] - b["start"]]
    return out

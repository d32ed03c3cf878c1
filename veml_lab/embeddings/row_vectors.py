"""Rows of a data version as vectors: the embedders of tables behind the seam of embedders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import BadInput
from ..versions.data import DataVersion
from .table_vectors import TableAutoencoder, TableEmbedder, table_autoencoder, table_embedder

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


class RowEmbedder:
    """What was learnt from the rows of one data version; embeds those of any version with the same columns.

    Attributes
    ----------
    columns : tuple of str
        The feature columns: neither targets nor the sample's own, such as its ID.
    dim : int
    fingerprint : str
        Changes with anything that was learnt.
    """

    def __init__(self, inner: TableEmbedder | TableAutoencoder, columns: tuple[str, ...], trained_on: str) -> None:
        self.inner, self.columns, self.trained_on = inner, columns, trained_on
        self.dim, self.fingerprint = inner.dim, inner.fingerprint
        self._cache: tuple[str, pd.DataFrame] | None = None

    def embed(self, version: DataVersion, positions: list[int]) -> np.ndarray:
        """Vectors of the rows at these positions, shape (len(positions), dim), float32."""
        if self._cache is None or self._cache[0] != version.id:
            table = version.to_pandas()
            missing = [c for c in self.columns if c not in table]
            if missing:
                raise BadInput(
                    f"{version.name!r} lacks the column {', '.join(map(repr, missing))} of {self.trained_on!r}, on"
                    " which the embedder was trained; compare tables of other columns by similarity, which takes an"
                    " embedder each"
                )
            self._cache = (version.id, table[list(self.columns)])
        return self.inner.embed(self._cache[1].iloc[positions])

    def __repr__(self) -> str:
        return f"{self.inner!r} of {self.trained_on}"


def row_columns(version: DataVersion) -> tuple[str, ...]:
    """The feature columns of a data version's rows, in order."""
    from ..versions.preparation import feature_columns

    return tuple(feature_columns(version, version.to_pandas()))


def row_embedder(version: DataVersion, *, autoencoder: bool = False, dim: int = 8, seed: int = 0) -> RowEmbedder:
    """Learn from the rows of a data version how such rows become vectors.

    Parameters
    ----------
    version
        The rows that are learnt from, and no others: the training part.
    autoencoder
        The middle layer of an autoencoder instead of standardised columns; ``dim`` numbers a row.

    Raises
    ------
    BadInput
        No table rows, or no feature columns.
    BadData
        Infinity in a column (the row is named), or a column without any value.
    """
    if version.facts.nature != "table rows":
        raise BadInput(
            f"{version.name!r} holds no table rows; its samples are embedded by a network, see lab.use_embedder(...)"
        )
    columns = row_columns(version)
    table = version.to_pandas()[list(columns)]
    inner = table_autoencoder(table, dim=dim, seed=seed) if autoencoder else table_embedder(table)
    return RowEmbedder(inner, columns, version.name)

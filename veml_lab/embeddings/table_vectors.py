"""Embeddings of tables: standardised columns, or the middle of a small autoencoder on top of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import BadData, BadInput

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True)
class Numbers:
    """A numeric column: mean and standard deviation of the training rows."""

    name: str
    mean: float
    std: float
    width: int = 1


@dataclass(frozen=True)
class Categories:
    """A column of few categories: one place each; others are all zero."""

    name: str
    known: tuple[str, ...]

    @property
    def width(self) -> int:
        return len(self.known)


@dataclass(frozen=True)
class Hashed:
    """A column of many categories: a place and a sign by hash, so that the width stays."""

    name: str
    width: int


@dataclass(frozen=True)
class TableEmbedder:
    """Columns to numbers of mean 0 and variance 1 on the training rows; see :func:`table_embedder`.

    Attributes
    ----------
    columns
        How each column enters, in order.
    dim
        Numbers a row.
    fingerprint
        Changes with anything that was learnt.
    """

    columns: tuple[Numbers | Categories | Hashed, ...]

    @property
    def dim(self) -> int:
        return sum(c.width for c in self.columns)

    @property
    def fingerprint(self) -> str:
        facts = json.dumps([[type(c).__name__, *vars(c).values()] for c in self.columns])
        return f"table-{hashlib.sha256(facts.encode()).hexdigest()[:16]}"

    def embed(self, table: pd.DataFrame | Mapping[str, Any] | np.ndarray) -> np.ndarray:
        """Vectors of all rows, float32, shape (m, dim); a missing number is the training mean, a missing category
        zeros."""
        import numpy as np

        frame = as_frame(table)
        missing = [c.name for c in self.columns if c.name not in frame]
        if missing:
            raise BadInput(
                f"the table lacks the column {', '.join(map(repr, missing))}; it has"
                f" {', '.join(map(str, frame.columns))}"
            )
        out = np.zeros((len(frame), self.dim), np.float32)
        at = 0
        for c in self.columns:
            out[:, at : at + c.width] = _numbers(frame, c) if isinstance(c, Numbers) else _places(frame, c)
            at += c.width
        return out

    def __repr__(self) -> str:
        kinds = [type(c).__name__.lower() for c in self.columns]
        counted = ", ".join(f"{kinds.count(k)} {k}" for k in dict.fromkeys(kinds))
        return f"<table embedder: {len(self.columns)} columns ({counted}), d={self.dim}>"


def table_embedder(
    train: pd.DataFrame | Mapping[str, Any] | np.ndarray, *, most_categories: int = 20, buckets: int = 16
) -> TableEmbedder:
    """Learn from training rows how a table becomes vectors.

    Numbers (also booleans and dates) are standardised with mean and standard deviation of the training rows;
    a constant column becomes zeros. Text and categories get one place each, or are hashed into
    ``buckets`` places when there are more than ``most_categories`` of them.

    Parameters
    ----------
    train
        The rows that are learnt from, and no others: test rows must not move the scale.

    Raises
    ------
    BadData
        Infinity in a column (the row is named), or a column without any value.
    BadInput
        No rows or no columns.

    Examples
    --------
    >>> e = table_embedder({"speed": [1.0, 3.0], "road": ["city", "land"]})
    >>> e.embed({"speed": [2.0, float("nan"), 5.0], "road": ["land", "city", "sea"]}).tolist()
    [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [3.0, 0.0, 0.0]]
    """
    frame = as_frame(train)
    if not len(frame) or not len(frame.columns):
        raise BadInput(
            f"the table has {len(frame)} rows and {len(frame.columns)} columns; there is nothing to learn from"
        )
    columns: list[Numbers | Categories | Hashed] = []
    for name in frame.columns:
        values = _as_numbers(frame, name)
        if values is not None:
            import numpy as np

            seen = values[~np.isnan(values)]
            if not len(seen):
                raise BadData(f"the column {name!r} has no value; leave it out")
            std = float(seen.std())
            # a constant column's standard deviation is the rounding of its mean
            constant = std <= 10 * np.finfo(np.float64).eps * max(1.0, abs(float(seen.mean())))
            columns.append(Numbers(name, float(seen.mean()), 1.0 if constant else std))
            continue
        known = sorted({str(v) for v in frame[name].dropna()})
        if not known:
            raise BadData(f"the column {name!r} has no value; leave it out")
        columns.append(Categories(name, tuple(known)) if len(known) <= most_categories else Hashed(name, buckets))
    return TableEmbedder(tuple(columns))


def as_frame(table: pd.DataFrame | Mapping[str, Any] | np.ndarray) -> pd.DataFrame:
    """A data frame with text column names; an array's columns are called "0", "1" ..."""
    import pandas as pd

    try:
        frame = pd.DataFrame(table)
    except (ValueError, TypeError) as e:
        raise BadInput(
            f"this is no table ({e}); give a data frame, columns of equal length, or an array (rows, columns)"
        ) from e
    frame = frame.rename(columns=str)
    if frame.columns.has_duplicates:
        raise BadInput(f"the table has two columns {frame.columns[frame.columns.duplicated()][0]!r}; rename one")
    return frame


def _as_numbers(frame: pd.DataFrame, name: str) -> np.ndarray | None:
    """A numeric column as float64 with NaN where missing, or None where it holds categories."""
    import numpy as np
    import pandas as pd

    column = frame[name]
    if pd.api.types.is_datetime64_any_dtype(column):
        seconds = (column - pd.Timestamp(0, tz=column.dt.tz)) / pd.Timedelta(seconds=1)
        return seconds.to_numpy(np.float64)
    if not pd.api.types.is_numeric_dtype(column):  # booleans are numeric here
        return None
    values = column.to_numpy(np.float64, na_value=np.nan)
    bad = np.flatnonzero(np.isinf(values))
    if len(bad):
        raise BadData(
            f"the column {name!r} has infinity in {len(bad)} rows, first in row {bad[0]}; drop them or mark them as"
            " missing"
        )
    return values


def _numbers(frame: pd.DataFrame, c: Numbers) -> np.ndarray:
    import numpy as np

    values = _as_numbers(frame, c.name)
    if values is None:
        raise BadData(f"the column {c.name!r} held numbers in the training rows and holds {frame[c.name].dtype} now")
    return np.nan_to_num((values - c.mean) / c.std, nan=0.0)[:, None]


def _places(frame: pd.DataFrame, c: Categories | Hashed) -> np.ndarray:
    import numpy as np
    import pandas as pd

    out = np.zeros((len(frame), c.width), np.float32)
    codes, values = pd.factorize(frame[c.name].map(str, na_action="ignore"))
    for code, value in enumerate(values):
        rows = codes == code
        if isinstance(c, Categories):
            if value in c.known:
                out[rows, c.known.index(value)] = 1.0
        else:
            h = int.from_bytes(hashlib.sha256(str(value).encode()).digest()[:8], "little")
            out[rows, h // 2 % c.width] = 1.0 if h % 2 else -1.0
    return out


class TableAutoencoder:
    """The middle layer of an autoencoder on standardised columns; see :func:`table_autoencoder`.

    Attributes
    ----------
    dim : int
    fingerprint : str
    error : float
        Mean squared error of the reconstruction on held-out rows, over that of guessing their mean.
    """

    def __init__(self, first: TableEmbedder, encoder: Any, dim: int, error: float) -> None:
        self.first, self.dim, self.error, self._encoder = first, dim, error, encoder
        digest = hashlib.sha256(first.fingerprint.encode())
        for name, t in encoder.state_dict().items():
            digest.update(name.encode() + t.numpy().tobytes())
        self.fingerprint = f"table-autoencoder-{digest.hexdigest()[:16]}"

    def embed(self, table: pd.DataFrame | Mapping[str, Any] | np.ndarray) -> np.ndarray:
        """Vectors of all rows, float32, shape (m, dim)."""
        import torch

        with torch.inference_mode():
            return self._encoder(torch.from_numpy(self.first.embed(table))).numpy()

    def __repr__(self) -> str:
        return f"<table autoencoder: {self.first.dim} -> {self.dim}, error {self.error:.2f} of the mean's>"


def table_autoencoder(
    train: pd.DataFrame | Mapping[str, Any] | np.ndarray,
    *,
    dim: int = 8,
    hidden: int = 64,
    epochs: int = 100,
    seed: int = 0,
) -> TableAutoencoder:
    """Learn a smaller vector of a table's rows: two layers down, two up, on standardised columns.

    Early stopping on a held-out tenth of the rows, so ``epochs`` is a bound.
    """
    import numpy as np
    import torch
    from torch import nn

    first = table_embedder(train)
    x = torch.from_numpy(first.embed(train))
    if len(x) < 10:
        raise BadInput(f"an autoencoder learns from 10 rows or more, the table has {len(x)}; table_embedder needs two")
    if not 1 <= dim <= x.shape[1]:
        raise BadInput(f"dim must lie between 1 and the {x.shape[1]} numbers of a row, got {dim}")
    order = np.random.default_rng(seed).permutation(len(x))
    held, rest = x[order[: max(1, len(x) // 10)]], order[max(1, len(x) // 10) :]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder = nn.Sequential(nn.Linear(x.shape[1], hidden), nn.GELU(), nn.Linear(hidden, dim))
        decoder = nn.Sequential(nn.Linear(dim, hidden), nn.GELU(), nn.Linear(hidden, x.shape[1]))
    parameters = [*encoder.parameters(), *decoder.parameters()]
    optimiser = torch.optim.Adam(parameters, lr=3e-3)
    best, kept, waited = float("inf"), {k: t.clone() for k, t in encoder.state_dict().items()}, 0
    rng = np.random.default_rng(seed + 1)
    for _ in range(epochs):
        for at in np.array_split(rng.permutation(rest), -(-len(rest) // 128)):
            loss = nn.functional.mse_loss(decoder(encoder(x[at])), x[at])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        with torch.inference_mode():
            now = float(nn.functional.mse_loss(decoder(encoder(held)), held))
        waited = 0 if now < 0.995 * best else waited + 1
        if now < best:
            best, kept = now, {k: t.clone() for k, t in encoder.state_dict().items()}
        if waited >= 10:
            break
    encoder.load_state_dict(kept)
    guess = float(((held - x[rest].mean(0)) ** 2).mean())
    return TableAutoencoder(first, encoder.eval(), dim, best / guess if guess > 0 else 0.0)

"""Data preparation as part of a version: fitted once on training samples, kept as numbers, applied on reading.

Nothing is rewritten: a prepared version has the samples of its parent, and :meth:`DataVersion.to_torch` applies
what is in ``props["preparation"]``. Versions that are derived from it inherit it unchanged, so test data is
prepared by what the training data knew; ``like=`` hands it to a version from elsewhere.

========== =====================================================================================================
key        holds
========== =====================================================================================================
resize     ``[width, height]`` in pixels
normalise  ``{"mean", "std"}`` of the three channels, pixels in 0 ... 1
rows       a list of columns: ``{"name", "kind": "number", "fill", "shift", "scale"}`` or
           ``{"name", "kind": "category", "values", "one_hot"}``
windows    ``{"mean", "std"}`` of the channels of a series
fitted     ``{"version", "samples"}``: which version it was fitted on, and on how many of its samples
========== =====================================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import BadData, BadInput
from .column_names import FIXED, own_names
from .samples import SampleSet
from .tables import flat_table

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
LOOKED_AT = 1000  # pictures of which pixel means are taken


def fit(
    version: SampleSet,
    *,
    resize: Sequence[int] | None = None,
    normalise: bool | str | Mapping[str, Sequence[float]] = False,
    impute: str | float | None = None,
    scale: str | None = None,
    one_hot: bool = True,
    columns: Sequence[str] | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Fit a preparation on the training samples of a version; see :meth:`DataVersion.prepare` for the options."""
    kinds = set(version.facts.kinds)
    found: dict[str, Any] = {k: v for k, v in version.facts.preparation.items() if k != "fitted"}
    pictures = kinds <= {"image", "frame"}
    if (resize is not None or normalise is not False) and not pictures:
        raise BadInput(
            f"{version.name!r} holds {', '.join(sorted(kinds))} samples; resize and normalise are for pictures"
        )
    if (impute is not None or columns is not None) and kinds != {"row"}:
        raise BadInput(
            f"{version.name!r} holds {', '.join(sorted(kinds))} samples; impute and columns are for table rows"
        )
    if scale is not None and pictures:
        raise BadInput("scale is for table rows and windows; pictures are normalised (normalise=True)")
    if resize is not None:
        sides = list(resize) if isinstance(resize, Sequence) else []
        if len(sides) != 2 or not all(isinstance(s, int) and 1 <= s <= 65_535 for s in sides):
            raise BadInput(f"resize is (width, height) in pixels, got {resize!r}")
        found["resize"] = sides
    fitted_on: np.ndarray | None = None
    if normalise is not False:
        if isinstance(normalise, Mapping):
            found["normalise"] = _constants(normalise)
        elif normalise == "imagenet":
            found["normalise"] = IMAGENET
        elif normalise is True:
            fitted_on = _training(version)
            found["normalise"] = _pixel_means(version, fitted_on, seed)
        else:
            raise BadInput(f"normalise is True (fit it), 'imagenet' or {{'mean': ..., 'std': ...}}, got {normalise!r}")
    if kinds == {"row"}:
        fitted_on = _training(version)
        found["rows"] = _fit_rows(version, fitted_on, impute, scale, one_hot, columns)
    elif kinds == {"window"}:
        if scale not in (None, "standard"):
            raise BadInput(
                f"windows are scaled by 'standard' (mean and deviation of the training readings), got {scale!r}"
            )
        from .window import windows

        fitted_on = _training(version)
        w = windows(version)
        w.steps = w.steps[fitted_on]
        mean, std = w.scaling()
        found["windows"] = {"mean": [float(v) for v in mean], "std": [float(v) for v in std]}
    if not found:
        raise BadInput(
            "nothing to prepare: give resize, normalise (pictures), impute, scale, one_hot (rows) or scale (windows)"
        )
    if fitted_on is not None:
        found["fitted"] = {"version": version.id, "samples": len(fitted_on)}
    elif "fitted" in version.facts.preparation:
        found["fitted"] = version.facts.preparation["fitted"]
    return found


def _training(version: SampleSet) -> np.ndarray:
    """Positions of the samples that may be looked at: those of the role train where there are roles."""
    import numpy as np

    if version.role == "test":
        raise BadInput(
            f"{version.name!r} is test data, and a preparation is fitted on training data: prepare the train version"
            " first, then this one with like=<the prepared version>"
        )
    roles = version.samples["role"].to_numpy(zero_copy_only=False)
    if version.role == "train" or not (roles == "test").any():
        return np.arange(len(version))
    at = np.flatnonzero(roles == "train")
    if len(at) == 0:
        raise BadInput(f"{version.name!r} has no training samples to fit a preparation on")
    return at


def _constants(given: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    import numpy as np

    try:
        mean, std = (np.asarray(given[k], dtype=np.float64) for k in ("mean", "std"))
    except (KeyError, TypeError, ValueError) as e:
        raise BadInput(f"normalise needs 'mean' and 'std' of three channels, got {given!r}") from e
    if mean.shape != (3,) or std.shape != (3,) or not np.isfinite([mean, std]).all() or (std <= 0).any():
        raise BadInput(f"normalise needs a mean and a positive std for each of three channels, got {given!r}")
    return {"mean": mean.tolist(), "std": std.tolist()}


def _pixel_means(version: SampleSet, at: np.ndarray, seed: int) -> dict[str, list[float]]:
    import numpy as np

    chosen = np.sort(np.random.default_rng(seed).permutation(at)[:LOOKED_AT])
    total, squares, n = np.zeros(3), np.zeros(3), 0
    for p in chosen:
        pixels = np.asarray(version.images[int(p)], dtype=np.float64).reshape(-1, 3) / 255
        total += pixels.sum(axis=0)
        squares += (pixels**2).sum(axis=0)
        n += len(pixels)
    mean = total / n
    std = np.sqrt(np.maximum(squares / n - mean**2, 0))
    return {"mean": mean.tolist(), "std": np.where(std > 1e-6, std, 1.0).tolist()}


# -- rows ------------------------------------------------------------------------------------------


def feature_columns(version: SampleSet, table: pd.DataFrame) -> list[str]:
    """The columns of rows that can be features: cells, neither the sample's own columns nor targets."""
    targets = set(own_names(version.annotations.target_names).values()) if version.task == "regression" else set()
    return [c for c in table.columns if c not in FIXED and c not in targets]


def _fit_rows(
    version: SampleSet,
    at: np.ndarray,
    impute: str | float | None,
    scale: str | None,
    one_hot: bool,
    columns: Sequence[str] | None,
) -> list[dict[str, Any]]:
    import numpy as np
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    table = flat_table(version).to_pandas()
    names = feature_columns(version, table)
    if columns is not None:
        missing = [c for c in columns if c not in names]
        if missing:
            raise BadInput(f"{version.name!r} has no feature column {missing[0]!r}; it has {', '.join(names)}")
        names = list(columns)
    if not names:
        raise BadInput(f"{version.name!r} has no columns that could be features")
    if scale not in (None, "standard", "minmax"):
        raise BadInput(f"scale is 'standard' or 'minmax', got {scale!r}")
    if isinstance(impute, str) and impute not in ("mean", "median"):
        raise BadInput(f"impute is 'mean', 'median' or a number, got {impute!r}")
    found: list[dict[str, Any]] = []
    train = table.iloc[at]
    for name in names:
        column = train[name]
        if is_numeric_dtype(column) or is_bool_dtype(column) or _booleans(column):
            values = column.astype("float64").to_numpy()
            known = values[np.isfinite(values)]
            if len(known) == 0:
                raise BadData(
                    f"the column {name!r} has no value in the {len(values):,} training samples of {version.name!r};"
                    " leave it out (columns=...)"
                )
            fill: Any = None
            if impute is not None:
                means: dict[Any, float] = {"mean": float(known.mean()), "median": float(np.median(known))}
                fill = means.get(impute, impute)
            # the shift and scale that hold on reading are those of the filled column
            whole = values if fill is None else np.where(np.isfinite(values), values, float(fill))
            whole = whole[np.isfinite(whole)]
            shift, width = (
                (whole.mean(), whole.std())
                if scale == "standard"
                else (whole.min(), np.ptp(whole))
                if scale == "minmax"
                else (0.0, 1.0)
            )
            found.append(
                {
                    "name": name,
                    "kind": "number",
                    "fill": None if fill is None else float(fill),
                    "shift": float(shift),
                    "scale": float(width) if width > 0 else 1.0,
                }
            )
        else:
            values_of = sorted({str(v) for v in column.dropna()})
            found.append({"name": name, "kind": "category", "values": values_of, "one_hot": one_hot})
    return found


def _booleans(column: pd.Series) -> bool:
    """Truth values with gaps, which pandas keeps as objects."""
    known = column.dropna()
    return len(known) > 0 and all(isinstance(v, bool) for v in known)


def feature_names(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Names of the features, in order: ``"age"``, ``"colour=red"``."""
    names: list[str] = []
    for c in rows:
        names += [f"{c['name']}={v}" for v in c["values"]] if c["kind"] == "category" and c["one_hot"] else [c["name"]]
    return names


def features(version: SampleSet) -> tuple[np.ndarray, list[str]]:
    """The rows of a version as numbers, prepared.

    Returns
    -------
    numpy.ndarray
        Shape (n, f), float32; NaN where a cell is missing and the preparation does not impute.
    list of str
        Names of the f features.

    Raises
    ------
    BadInput
        There is a text column and no preparation, or a prepared column is gone.
    """
    import numpy as np

    table = flat_table(version).to_pandas()
    rows = version.facts.preparation.get("rows")
    if rows is None:
        names = feature_columns(version, table)
        rows = [{"name": n, "kind": "number", "fill": None, "shift": 0.0, "scale": 1.0} for n in names]
    parts: list[np.ndarray] = []
    for c in rows:
        if c["name"] not in table:
            raise BadInput(f"{version.name!r} lacks the column {c['name']!r}, which its preparation needs")
        column = table[c["name"]]
        if c["kind"] == "number":
            try:
                values = column.astype("float64").to_numpy(copy=True)
            except (TypeError, ValueError):
                raise BadInput(
                    f"the column {c['name']!r} of {version.name!r} holds text; prepare the version first:"
                    " version.prepare(name, one_hot=True)"
                ) from None
            if c["fill"] is not None:
                values[~np.isfinite(values)] = c["fill"]
            parts.append((values[:, None] - c["shift"]) / c["scale"])
            continue
        index = {v: i for i, v in enumerate(c["values"])}
        codes = np.array([-1 if v is None or v != v else index.get(str(v), -1) for v in column], dtype=np.int64)
        if c["one_hot"]:  # what training did not know, and what is missing, is all zeros
            parts.append((codes[:, None] == np.arange(len(c["values"]))).astype(np.float64))
        else:
            parts.append(codes[:, None].astype(np.float64))
    whole = np.concatenate(parts, axis=1) if parts else np.empty((len(table), 0))
    return whole.astype(np.float32), feature_names(rows)

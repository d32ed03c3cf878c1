"""Times as people write them: ISO, day first, month first, seconds since 1970 - recognised, or asked for.

``03/04/2024`` is April for most of the world and March in America. A point between the numbers means day first; a
number above 12 decides; then the even steps of a series do. What stays open is refused: nothing is guessed.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from ..errors import BadData

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_DAY = r"^\s*(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?:[ T,;]+(.*?))?\s*$"
_YEAR_FIRST = r"^\s*(\d{4})[./](\d{1,2})[./](\d{1,2})(.*)$"
# Counts of these units since 1970 that lie between 2001 and 2100; a column that counts steps has smaller ones.
_SINCE_1970 = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_FIRST, _LAST = 978_307_200, 4_102_444_800


def times_of(
    column: pd.Series, where: str, *, day_first: bool | None = None, said: list[str] | None = None
) -> np.ndarray | None:
    """datetime64[s] of a column, or None where it only counts steps.

    Parameters
    ----------
    day_first : bool, optional
        How ``03/04/2024`` is meant; found out if not given.
    said : list of str, optional
        Gets a line on what was recognised.

    Raises
    ------
    BadData
        For a cell that is no time, an order of day and month that nothing tells, times finer than a second.
    """
    import pandas as pd

    told = said if said is not None else []
    if pd.api.types.is_numeric_dtype(column):
        if column.isna().any():
            raise BadData(f"{where} has no time in row {_first(column.isna())}")
        return _since_1970(column, where, told)
    if pd.api.types.is_datetime64_any_dtype(column):
        return _seconds(pd.to_datetime(column, utc=True), where)
    text = column.astype("string")
    found = pd.to_datetime(text, errors="coerce", utc=True, format="ISO8601")
    if found.isna().any():
        ours = text.str.replace(_YEAR_FIRST, r"\1-\2-\3\4", regex=True)
        parts = ours.str.extract(_DAY)
        if parts[0].notna().all():
            found = _numbered(parts, where, day_first, told)
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # pandas tells of every format that it has to guess
                found = pd.to_datetime(ours, errors="coerce", utc=True, format="mixed")
            mixed = found.notna() & parts[0].notna()
            if mixed.any():
                raise BadData(
                    f"{where} writes its times in several ways: {str(column.iloc[0])[:40]!r} in row 1,"
                    f" {str(column[mixed].iloc[0])[:40]!r} in row {_first(mixed)}; write all as 2012-03-01 00:05"
                )
    if found.isna().any():
        i = _first(found.isna())
        raise BadData(
            f"{where} has {str(column.iloc[i - 1])[:40]!r} as the time of row {i}; write 2012-03-01 00:05, or count the"
            " steps"
        )
    return _seconds(found, where)


def _first(flags: Any) -> int:
    """The number of the first row that is flagged, from 1."""
    return int(flags.to_numpy().argmax()) + 1


def _since_1970(column: pd.Series, where: str, said: list[str]) -> np.ndarray | None:
    import numpy as np

    x = column.to_numpy()
    for unit, per in _SINCE_1970.items():
        if (x >= _FIRST * per).all() and (x < _LAST * per).all():
            if (x % per != 0).any():
                raise BadData(
                    f"{where} has times finer than a second ({x[(x % per != 0).argmax()]!r} since 1970); a step is at"
                    " least a second: take the mean of each, or count the steps"
                )
            said.append(f"the times of {column.name!r} are read as {unit} since 1970 (UTC)")
            return (x // per).astype(np.int64).astype("datetime64[s]")
    return None


def _seconds(found: Any, where: str) -> np.ndarray:
    fine = found.dt.microsecond != 0
    if fine.any():
        raise BadData(
            f"{where} has times finer than a second, first in row {_first(fine)} ({found.iloc[_first(fine) - 1]}); a"
            " step is at least a second: take the mean of each, or count the steps"
        )
    return found.dt.tz_localize(None).to_numpy().astype("datetime64[s]")


def _numbered(parts: Any, where: str, day_first: bool | None, said: list[str]) -> Any:
    """Times of the parts of ``1.2.2024 10:00``: first number, sign, second number, year, the rest."""
    a, b = parts[0].astype(int), parts[2].astype(int)
    if day_first is None:
        point, above = bool((parts[1] == ".").all()), (int(a.max()) > 12, int(b.max()) > 12)
        if above == (True, True):
            i = _first(a > 12)
            j = _first(b > 12)
            raise BadData(
                f"{where} has the day first in row {i} and the month first in row {j}; write 2012-03-01 00:05"
            )
        if point or above[0]:
            day_first = True
        elif above[1]:
            day_first = False
        else:
            day_first = _even(parts, where)
        said.append(f"the times are read with the {'day' if day_first else 'month'} first")
    return _joined(parts, a, b, day_first)


def _joined(parts: Any, a: Any, b: Any, day_first: bool) -> Any:
    import pandas as pd

    day, month = (a, b) if day_first else (b, a)
    year = parts[3].where(parts[3].str.len() == 4, "20" + parts[3])
    clock = parts[4].fillna("00:00").replace("", "00:00")
    clock = clock.str.replace(r"^(\d{1,2})\.(\d{2})(?:\.(\d{2}))?$", r"\1:\2:\3", regex=True).str.rstrip(":")
    text = year + "-" + month.astype(str).str.zfill(2) + "-" + day.astype(str).str.zfill(2) + " " + clock
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pd.to_datetime(text, errors="coerce", utc=True, format="mixed")


def _even(parts: Any, where: str) -> bool:
    """Whether the day comes first, by the steps: read the right way a series goes on evenly."""
    import numpy as np

    a, b = parts[0].astype(int), parts[2].astype(int)
    kinds = []
    for day_first in (True, False):
        times = _joined(parts, a, b, day_first).dropna().drop_duplicates().sort_values()
        gaps = np.diff(times.dt.tz_localize(None).to_numpy().astype("datetime64[s]").astype(np.int64))
        kinds.append(len(np.unique(gaps)))
    if kinds[0] == kinds[1]:
        sample = "{0}{1}{2}{1}{3}".format(*parts.iloc[0, :4])
        raise BadData(
            f"{where} has times such as {sample}, and nothing tells whether day or month comes first; say"
            " day_first=True or day_first=False"
        )
    return kinds[0] < kinds[1]

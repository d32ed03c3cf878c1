"""Sensor readings in tables of text: a column a sensor, or a row a time and sensor."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import BadData, BadInput, UnknownName
from ..sources.dialect import COMMA, POINT, head_of, plain_number
from ..sources.moments import times_of
from .sensors_layouts import MAX_BYTES, Readings, evenly

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

TIME_NAMES = ("time", "timestamp", "datetime", "date", "date_time", "measured", "t", "zeit", "datum", "ts")
NODE_NAMES = ("node", "sensor", "sensor_id", "station", "station_id", "location", "id")
_LOOKED_AT = 200  # rows that tell the decimal sign


@dataclass(frozen=True, slots=True)
class Hand:
    """How the tables of a set are written, where the user says it: see :func:`.sensors.read_sensors`."""

    delimiter: str | None = None
    decimal: str | None = None
    encoding: str = "utf-8"
    day_first: bool | None = None


def unpacked(raw: bytes, where: str) -> bytes:
    """The bytes of a CSV file, unpacked if its name ends in .gz."""
    if not where.lower().endswith(".gz"):
        return raw
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as f:
            raw = f.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as e:
        raise BadData(f"{where} is damaged or truncated ({e}); fetch it again") from e
    if len(raw) > MAX_BYTES:
        raise BadData(f"{where} unpacks to more than {MAX_BYTES:,} bytes; cut it into parts, or save it as NPZ")
    return raw


def frame_of_csv(
    raw: bytes, where: str, hand: Hand = Hand(), *, said: list[str] | None = None, **options: Any
) -> pd.DataFrame:
    """A CSV (packed with gzip or not) as a frame; :class:`BadData` says what is wrong with it.

    Separator, encoding and decimal sign are found out; ``said`` gets a line on a decimal comma. Columns without a name
    and without cells (a separator at the end of each line) are left out, those without a name alone are called by
    pandas.
    """
    import pandas as pd

    raw = unpacked(raw, where)
    head = head_of(raw[: 1 << 20], where, delimiter=hand.delimiter, encoding=hand.encoding)
    text = _utf8(raw, head.encoding, where)
    if text.startswith(b"sep="):
        text = text.partition(b"\n")[2]
    _same_length(text, head.delimiter, where)
    sign = hand.decimal or _decimal(text, head.delimiter, where)
    given: dict[str, Any] = {"low_memory": False, "sep": head.delimiter, "index_col": False, **options}
    if sign == ",":
        given["dtype"] = str
        if said is not None:
            said.append("numbers are read with a decimal comma")
    try:
        frame = pd.read_csv(io.BytesIO(text), **given)
    # pandas' ParserError and EmptyDataError are ValueErrors
    except (ValueError, OverflowError, IndexError, TypeError) as e:
        raise BadData(f"{where} is no readable CSV: {str(e).strip() or type(e).__name__}") from e
    if "dtype" not in options:
        for k, kind in enumerate(frame.dtypes):
            if not pd.api.types.is_numeric_dtype(kind):
                frame.isetitem(k, _numeric(frame.iloc[:, k], sign))
    if options.get("header", 0) is None:
        return frame
    empty = [c for c in frame.columns if str(c).startswith("Unnamed:") and frame[c].isna().all()]
    frame = frame.drop(columns=empty) if empty else frame
    if len(frame.columns) and not frame.iloc[:, 0].isna().any():
        return frame  # no row is empty
    return frame.dropna(how="all").reset_index(drop=True)


def _numeric(column: pd.Series, sign: str) -> pd.Series:
    """A column of texts as numbers with that decimal sign, if all of them are; pandas' own option would make a number
    of 01.02.2024 too."""
    import pandas as pd

    known = column.dropna().astype(str).str.strip()
    if not len(known):
        return column
    pattern = COMMA if sign == "," else POINT
    if not (known.head(_LOOKED_AT).str.fullmatch(pattern).all() and known.str.fullmatch(pattern).all()):
        whole = pd.to_numeric(known, errors="coerce") if sign == "," else None
        return column if whole is None or whole.isna().any() else whole.reindex(column.index)
    return pd.to_numeric(known.map(lambda c: plain_number(c, sign))).reindex(column.index)


def _utf8(raw: bytes, encoding: str, where: str) -> bytes:
    """The text as UTF-8 without a mark; ASCII, which most tables of readings are, is not made a text for that."""
    if encoding == "utf-8" and raw.isascii():
        return raw
    try:
        return raw.decode(encoding).removeprefix("\ufeff").encode()
    except UnicodeDecodeError as e:
        raise BadData(f"{where} is no UTF-8 text ({e.reason}); say encoding=, for example latin-1") from e


def _same_length(raw: bytes, sign: str, where: str) -> None:
    """Refuse a table in which a row has more or fewer cells than the first: pandas would shift or fill them."""
    import numpy as np

    signs = np.frombuffer(raw, np.uint8)
    lines = np.count_nonzero(signs == ord("\n")) + (not raw.endswith(b"\n"))
    first = raw.partition(b"\n")[0]
    gap = sign.encode()
    plain = b'"' not in raw and len(gap) == 1
    if plain and np.count_nonzero(signs == gap[0]) == first.count(gap) * lines:
        return
    text = raw.decode()
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    width = None
    try:
        for row in rows:
            if not row or (width is not None and not any(row)):
                continue
            if width is None:
                width = len(row)
            elif len(row) != width:
                hint = (
                    "with decimal commas the cells must be quoted or separated otherwise"
                    if sign == "," and len(row) > width
                    else "mend the row"
                )
                raise BadData(
                    f"{where}, line {rows.line_num} has {len(row)} cells, the header {width}, separated by {sign!r};"
                    f" {hint}, or say delimiter= and decimal="
                )
    except csv.Error as e:
        raise BadData(f"{where} is no readable CSV: {e}") from e


def _decimal(raw: bytes, sign: str, where: str) -> str:
    """The decimal sign of the first rows; asked for where it could be either."""
    rows = csv.reader(io.StringIO(raw[: 1 << 20].decode(errors="ignore"), newline=""), delimiter=sign)
    found = [r for _, r in zip(range(_LOOKED_AT + 1), rows, strict=False)][1:]
    either = ""
    for cells in zip(*(r for r in found if r), strict=False):
        known = [c.strip() for c in cells if c.strip()]
        if not known or not any("," in c for c in known):
            continue
        comma, point = (all(re.fullmatch(p, c) for c in known) for p in (COMMA, POINT))
        if comma and not point:
            return ","
        either = either or (known[0] if comma and sign != "," else "")
    if either:
        raise BadData(
            f"{where} has numbers such as {either}, with a decimal comma or with groups of thousands; say decimal=','"
            " or decimal='.'"
        )
    return "."


def of_csv(
    raw: bytes,
    where: str,
    *,
    channels: Sequence[str] | None = None,
    time: str | None = None,
    node: str | None = None,
    long: bool | None = None,
    hand: Hand = Hand(),
) -> Readings:
    """A table, wide (a column a sensor) or long (a column that names the sensor)."""
    said: list[str] = []
    frame = frame_of_csv(raw, where, hand, said=said)
    if not len(frame) or not len(frame.columns):
        raise BadData(f"{where} has no rows; the first line is the header")
    columns = [str(c) for c in frame.columns]
    frame.columns = columns  # type: ignore[assignment]
    frame = _without_index(frame, said)
    if time is None:
        frame = _one_time(frame, said)
    columns = list(frame.columns)
    for given, what in ((time, "time"), (node, "node")):
        if given is not None and given not in columns:
            raise UnknownName.of(f"column of {where}", given, columns, f"It was asked for by {what}=")
    time = time or next((c for c in columns if c.lower() in TIME_NAMES), None)
    if long is None:
        long = node is not None or (time is not None and any(c.lower() in NODE_NAMES for c in columns))
    if not long:
        return _wide(frame, where, time, channels, hand, said)
    node = node or next((c for c in columns if c.lower() in NODE_NAMES), None)
    if time is None or node is None:
        raise BadInput(
            f"a long table names its time and sensor columns; {where} has {', '.join(columns[:12])}: say time= and"
            " node="
        )
    return of_long(frame, where, time, node, channels, hand, said)


def _without_index(frame: pd.DataFrame, said: list[str]) -> pd.DataFrame:
    """Without a first column that has no name and counts the rows: no sensor, no time."""
    import numpy as np

    first = str(frame.columns[0])
    if not first.startswith("Unnamed:") or len(frame.columns) < 2 or not len(frame):
        return frame
    cells = frame.iloc[:, 0]
    if cells.dtype.kind != "i" or not (cells.to_numpy() == np.arange(len(frame)) + int(cells.iloc[0])).all():
        return frame
    if int(cells.iloc[0]) not in (0, 1):
        return frame
    said.append("the first column has no name and counts the rows; it is left out")
    return frame.iloc[:, 1:]


def _one_time(frame: pd.DataFrame, said: list[str]) -> pd.DataFrame:
    """Columns of the date and of the time of day as one."""
    import pandas as pd

    by_name = {c.strip().lower(): c for c in reversed(frame.columns)}
    date, clock = by_name.get("date", by_name.get("datum")), by_name.get("time", by_name.get("zeit"))
    if date is None or clock is None or any(pd.api.types.is_numeric_dtype(frame[c]) for c in (date, clock)):
        return frame
    if not frame[clock].astype(str).str.fullmatch(r"\d{1,2}[:.]\d{2}([:.]\d{2})?").all():
        return frame
    said.append(f"the times are those of the columns {date!r} and {clock!r} together")
    whole = frame[date].astype(str) + " " + frame[clock].astype(str).str.replace(".", ":")
    return pd.concat([whole.rename("time"), frame.drop(columns=[date, clock])], axis=1)


def _wide(
    frame: pd.DataFrame, where: str, time: str | None, channels: Sequence[str] | None, hand: Hand, said: list[str]
) -> Readings:
    import numpy as np
    import pandas as pd

    if channels is not None and len(channels) != 1:
        raise BadInput(
            f"a wide table has one channel, got the names {', '.join(channels)}; several channels take a long table or"
            " an NPZ"
        )
    if time is None and not pd.api.types.is_numeric_dtype(frame.iloc[:, 0]):
        time = str(frame.columns[0])
    body = frame.drop(columns=[time]) if time is not None else frame
    if not len(body.columns):
        raise BadData(f"{where} has no column of readings beside {time!r}")
    twice = [c for c in body.columns if c.rpartition(".")[0] in body.columns and c.rpartition(".")[2].isdigit()]
    if twice:  # so pandas calls the second column of a name
        raise BadData(
            f"{where} may have two columns {twice[0].rpartition('.')[0]!r}; a sensor has one, rename the second"
        )
    values = np.stack([_numbers(body[c], where) for c in body.columns], axis=1)[:, :, None]
    nodes = tuple(str(c).strip() for c in body.columns)
    channel = tuple(channels or ("value",))
    if time is None:
        return Readings(values, nodes, channel, said=tuple(said))
    times = times_of(frame[time], where, day_first=hand.day_first, said=said)
    if times is None:
        order = np.argsort(frame[time].to_numpy(), kind="stable")
        return Readings(values[order], nodes, channel, said=tuple(said))
    return evenly(times, values, nodes, channel, where, said=said)


def of_long(
    frame: pd.DataFrame,
    where: str,
    time: str,
    node: str,
    channels: Sequence[str] | None,
    hand: Hand = Hand(),
    said: Sequence[str] = (),
) -> Readings:
    """A frame with one row a time and sensor."""
    import numpy as np
    import pandas as pd

    numeric = [c for c in frame.columns if c not in (time, node) and pd.api.types.is_numeric_dtype(frame[c])]
    for c in channels or ():
        if c not in frame.columns:
            raise UnknownName.of(f"channel of {where}", c, numeric)
    chosen = list(channels or numeric)
    if not chosen:
        raise BadData(f"{where} has no column of numbers beside {time!r} and {node!r}")
    told = list(said)
    times = times_of(frame[time], where, day_first=hand.day_first, said=told)
    steps: Any = times if times is not None else frame[time].to_numpy()
    if frame[node].isna().any():
        raise BadData(
            f"{where} names no sensor in row {int(frame[node].isna().to_numpy().argmax()) + 1} (column {node!r})"
        )
    which, names = pd.factorize(frame[node].astype(str).str.strip(), sort=True)
    row, when = pd.factorize(steps, sort=True)
    if len(when) * len(names) * len(chosen) * 4 > MAX_BYTES:
        raise BadData(f"{where} has {len(when):,} times of {len(names):,} sensors; take fewer channels or a time span")
    twice = pd.Series(row.astype(np.int64) * len(names) + which).duplicated().to_numpy()
    if twice.any():
        i = int(twice.argmax())
        raise BadData(
            f"{where} has two rows for the sensor {frame[node].iloc[i]!r} at {frame[time].iloc[i]!r}; keep one"
        )
    values = np.full((len(when), len(names), len(chosen)), np.nan, np.float32)
    for k, c in enumerate(chosen):
        values[row, which, k] = _numbers(frame[c], where)
    nodes = tuple(str(n) for n in names)
    if times is None:
        return Readings(values, nodes, tuple(chosen), said=tuple(told))
    return evenly(np.asarray(when).astype("datetime64[s]"), values, nodes, tuple(chosen), where, said=told)


def _numbers(column: pd.Series, where: str) -> np.ndarray:
    import numpy as np
    import pandas as pd

    found = pd.to_numeric(column, errors="coerce").to_numpy(np.float32, na_value=np.nan)
    lost = np.isnan(found) & column.notna().to_numpy()
    if lost.any():
        i = int(lost.argmax())
        raise BadData(
            f"{where} has {str(column.iloc[i])[:40]!r} in row {i + 1} of the column {column.name!r}; readings are"
            " numbers, missing ones are empty (decimal=',' if the sign of the fraction is a comma)"
        )
    if np.isinf(found).any():
        raise BadData(
            f"{where} has an infinite reading in row {int(np.isinf(found).argmax()) + 1} of the column {column.name!r}"
        )
    return found

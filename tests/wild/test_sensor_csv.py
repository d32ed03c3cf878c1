"""Sensor tables as spreadsheets, loggers and pandas write them: read as they are meant, or refused by name.

Oracle: the numbers and times that the file was made of.
"""

from __future__ import annotations

import datetime
import gzip
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import veml_lab as veml
from veml_lab.errors import BadData
from veml_lab.formats.sensors import read_sensors
from veml_lab.sources.moments import times_of

BEGIN = datetime.datetime(2024, 1, 1)
N = 80
A = np.array([18 + i % 5 + (i % 90 + 10) / 100 for i in range(N)])
B = np.array([24 + ((i * 7) % 90 + 10) / 100 for i in range(N)])


def hours(form: str, n: int = N, begin: datetime.datetime = BEGIN, step: float = 1) -> list[str]:
    return [f"{begin + datetime.timedelta(hours=step * i):{form}}" for i in range(n)]


def table(times: list[str], *, sign: str = ";", decimal: str = ",", head: str = "time{0}s1{0}s2") -> str:
    rows = (sign.join([t, f"{a:.2f}", f"{b:.2f}"]) for t, a, b in zip(times, A, B, strict=False))
    body = "\n".join(
        r if decimal == "." else r.replace(".", ",") if "." not in r.split(sign)[0] else _comma(r, sign) for r in rows
    )
    return head.format(sign) + "\n" + body + "\n"


def _comma(row: str, sign: str) -> str:
    time, *cells = row.split(sign)
    return sign.join([time, *(c.replace(".", ",") for c in cells)])


def read(folder: Path, text: str | bytes, name: str = "r.csv", **options):
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return read_sensors(file, window=6, horizon=3, **options)


def check(source, *, times: bool = True, first: str = "2024-01-01T00:00:00") -> None:
    s = source.series
    assert s.nodes == ("s1", "s2")
    assert np.allclose(s.values[:, 0, 0], A[: len(s.values)].round(2), atol=1e-5)
    assert np.allclose(s.values[:, 1, 0], B[: len(s.values)].round(2), atol=1e-5)
    if times:
        assert s.times[0] == first and s.times[1] > s.times[0]
        assert np.datetime64(s.times[1]) - np.datetime64(s.times[0]) == np.timedelta64(3600, "s")


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_a_spreadsheet_of_semicolons_and_decimal_commas_is_read_as_meant(sign, tmp_path):
    check(read(tmp_path, table(hours("%d.%m.%Y %H:%M"), sign=sign)))
    with pytest.warns(UserWarning, match="with a decimal comma; the times are read with the day first"):
        read_sensors(tmp_path / "r.csv", window=6, horizon=3)


def test_the_same_through_a_lab(tmp_path):
    (tmp_path / "eu.csv").write_text(table(hours("%d.%m.%Y %H:%M")))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        source = veml.read(tmp_path / "eu.csv", format="sensors", window=6, horizon=3)
        v = veml.open(tmp_path / "lab").add("s", source, progress=False)
    assert len(v) == len(list(source.records()))
    assert v.to_pandas()["time"].min() == "2024-01-01T06:00:00"


def test_without_quotes_a_decimal_comma_between_commas_is_refused(tmp_path):
    with pytest.raises(BadData, match=r"line 2 has 5 cells, the header 3, .*decimal commas .*say delimiter="):
        read(tmp_path, table(hours("%Y-%m-%dT%H:%M"), sign=","))
    quoted = "time,s1,s2\n" + "".join(
        f'{t},"{a:.2f}","{b:.2f}"\n'.replace(".", ",") for t, a, b in zip(hours("%Y-%m-%d %H:%M"), A, B, strict=True)
    )
    check(read(tmp_path, quoted))


@pytest.mark.parametrize(
    "text, said",
    [
        ("time,a\n2024-01-01,1,2\n2024-01-02,1\n", "line 2 has 3 cells, the header 2"),
        ("time,a,b\n2024-01-01,1,2\n2024-01-02,1\n", "line 3 has 2 cells, the header 3"),
    ],
)
def test_a_row_of_another_length_is_named(text, said, tmp_path):
    with pytest.raises(BadData, match=said):
        read(tmp_path, text)


def test_separators_at_the_end_of_each_line_are_no_sensors(tmp_path):
    text = "\n".join(line + ";;" for line in table(hours("%d.%m.%Y %H:%M")).splitlines()) + "\n"
    check(read(tmp_path, text + ";;;;\n"))


def test_numbers_that_can_be_read_two_ways_are_asked_for(tmp_path):
    text = "time;s1;s2\n" + "".join(f"{t};1,{200 + i};7\n" for i, t in enumerate(hours("%Y-%m-%d %H:%M")))
    with pytest.raises(BadData, match=r"numbers such as 1,200, .*say decimal="):
        read(tmp_path, text)
    assert read(tmp_path, text, decimal=",").series.values[0, 0, 0] == pytest.approx(1.2)
    assert read(tmp_path, text, decimal=".").series.values[0, 0, 0] == pytest.approx(1200)


def test_groups_of_thousands_are_numbers(tmp_path):
    text = "time;s1;s2\n" + "".join(f"{t};1.{200 + i},5;7\n" for i, t in enumerate(hours("%Y-%m-%d %H:%M")))
    assert read(tmp_path, text).series.values[1, 0, 0] == pytest.approx(1201.5)


# -- times -----------------------------------------------------------------------------------------

FORMS = {
    "ISO": "%Y-%m-%dT%H:%M:%S",
    "ISO with a blank": "%Y-%m-%d %H:%M",
    "year first with slashes": "%Y/%m/%d %H:%M",
    "day first with points": "%d.%m.%Y %H:%M",
    "day first with slashes": "%d/%m/%Y %H:%M",
    "month first with slashes": "%m/%d/%Y %H:%M",
    "month first, twelve hours": "%m/%d/%Y %I:%M %p",
    "day first, two digits of the year": "%d.%m.%y %H:%M:%S",
    "day first with dashes": "%d-%m-%Y %H:%M",
    "the month in letters": "%d %b %Y %H:%M",
    "zone": "%Y-%m-%dT%H:%M:%SZ",
    "clock with points": "%d/%m/%Y %H.%M.%S",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_moment_is_the_moment_however_it_is_written(form, tmp_path):
    # enough days that one number is above 12
    begin, n = datetime.datetime(2024, 1, 1), 24 * 20
    due = np.array([begin + datetime.timedelta(hours=i) for i in range(n)], "datetime64[s]")
    found = times_of(pd.Series(hours(form, n, begin)), "t")
    assert np.array_equal(found, due)


@pytest.mark.parametrize("form, first", [("%d/%m/%Y %H:%M", "day"), ("%m/%d/%Y %H:%M", "month")])
def test_where_no_number_is_above_12_the_even_steps_tell_the_order(form, first):
    begin, n = datetime.datetime(2024, 3, 1), 24 * 11
    said: list[str] = []
    found = times_of(pd.Series(hours(form, n, begin)), "t", said=said)
    assert found[0] == np.datetime64("2024-03-01") and found[-1] == np.datetime64("2024-03-11T23:00")
    assert said == [f"the times are read with the {first} first"]


def test_points_between_the_numbers_mean_the_day_first():
    for texts in (["03.04.2024", "05.06.2024"], ["05.06.24 10:00", "03.04.24 10:00"]):
        found = times_of(pd.Series(texts), "t")
        assert sorted(found.astype("datetime64[D]").astype(str).tolist()) == ["2024-04-03", "2024-06-05"]


def test_an_order_that_nothing_tells_is_asked_for(tmp_path):
    times = hours("%d/%m/%Y %H:%M", 24, datetime.datetime(2024, 4, 3))  # one day
    with pytest.raises(BadData, match=r"03/04/2024, and nothing tells .*say day_first="):
        read(tmp_path, table(times, decimal="."))
    assert read(tmp_path, table(times, decimal="."), day_first=True).series.times[0] == "2024-04-03T00:00:00"
    assert read(tmp_path, table(times, decimal="."), day_first=False).series.times[0] == "2024-03-04T00:00:00"


def test_two_orders_in_one_file_are_refused():
    with pytest.raises(BadData, match="the day first in row 2 and the month first in row 1"):
        times_of(pd.Series(["01/13/2024", "13/01/2024"]), "t")
    with pytest.raises(BadData, match="writes its times in several ways"):
        times_of(pd.Series(["Jan 13 2024", "01/02/2024"]), "t")


@pytest.mark.parametrize("unit, per", [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)])
def test_counts_since_1970_are_times(unit, per, tmp_path):
    begin = int(np.datetime64("2024-01-01", "s").astype(int))
    times = [str((begin + 3600 * i) * per) for i in range(N)]
    check(read(tmp_path, table(times, sign=",", decimal=".", head="timestamp{0}s1{0}s2")))
    with pytest.warns(UserWarning, match=f"'timestamp' are read as {unit} since 1970"):
        read_sensors(tmp_path / "r.csv", window=6, horizon=3)


def test_counts_of_steps_stay_counts(tmp_path):
    source = read(tmp_path, table([str(i) for i in range(N)], sign=",", decimal="."))
    check(source, times=False)
    assert source.series.times == ()


def test_times_finer_than_a_second_are_refused_by_name():
    with pytest.raises(BadData, match="finer than a second, first in row 2"):
        times_of(pd.Series(["2024-01-01T00:00:00.0", "2024-01-01T00:00:00.5"]), "t")
    with pytest.raises(BadData, match="finer than a second"):
        times_of(pd.Series([1704067200000, 1704067200500], name="ts"), "t")


def test_date_and_time_in_two_columns_are_one_time(tmp_path):
    """As the air quality set of UCI has them, points in the clock and separators at the end included."""
    moments = [BEGIN + datetime.timedelta(hours=i) for i in range(N)]
    rows = "".join(
        f"{t:%d/%m/%Y};{t:%H.%M.%S};{a:.2f};{b:.2f};;\n".replace(".", ",", 0)
        for t, a, b in zip(moments, A, B, strict=True)
    )
    rows = "\n".join(_comma_after(line, 2) for line in rows.splitlines())
    check(read(tmp_path, "Date;Time;s1;s2;;\n" + rows + "\n", day_first=True))


def _comma_after(line: str, keep: int) -> str:
    cells = line.split(";")
    return ";".join([*cells[:keep], *(c.replace(".", ",") for c in cells[keep:])])


# -- unnamed columns, encodings --------------------------------------------------------------------


def test_an_index_that_was_written_along_is_no_sensor(tmp_path):
    frame = pd.DataFrame({"time": hours("%Y-%m-%d %H:%M"), "s1": A.round(2), "s2": B.round(2)})
    check(read(tmp_path, frame.to_csv()))
    check(read(tmp_path, frame.drop(columns="time").to_csv()), times=False)
    with pytest.warns(UserWarning, match="counts the rows; it is left out"):
        read_sensors(tmp_path / "r.csv", window=6, horizon=3)


def test_an_index_of_times_without_a_name_is_the_time(tmp_path):
    frame = pd.DataFrame({"s1": A.round(2), "s2": B.round(2)}, index=pd.date_range(BEGIN, periods=N, freq="h"))
    check(read(tmp_path, frame.to_csv()))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_marks_of_encodings_are_no_part_of_a_name(encoding, tmp_path):
    check(read(tmp_path, table(hours("%Y-%m-%d %H:%M")).encode(encoding)))


def test_latin_1_is_refused_by_name_and_can_be_said(tmp_path):
    text = table(hours("%Y-%m-%d %H:%M"), sign=",", decimal=".", head="time{0}s1{0}Köln").encode("latin-1")
    with pytest.raises(BadData, match=r"is no UTF-8 text .*say encoding="):
        read(tmp_path, text)
    assert read(tmp_path, text, encoding="latin-1").series.nodes == ("s1", "Köln")


def test_packed_files_are_read_the_same_way(tmp_path):
    check(read(tmp_path, gzip.compress(table(hours("%d.%m.%Y %H:%M")).encode()), name="r.csv.gz"))


def test_a_long_table_of_commas_and_days_first(tmp_path):
    rows = "".join(
        f"{t};{s};{x:.2f}\n".replace(".", ",") if False else f"{t};{s};" + f"{x:.2f}".replace(".", ",") + "\n"
        for t, a, b in zip(hours("%d.%m.%Y %H:%M"), A, B, strict=True)
        for s, x in (("s1", a), ("s2", b))
    )
    check(read(tmp_path, "time;sensor;v\n" + rows))


def test_a_graph_of_semicolons_is_read_too(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set/r.csv").write_text(table(hours("%d.%m.%Y %H:%M")))
    (tmp_path / "set/adj.csv").write_text("1;0,5\n0,5;1\n")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        source = read_sensors(tmp_path / "set", window=6, horizon=3)
    assert source.series.adjacency.tolist() == [[1, 0.5], [0.5, 1]]

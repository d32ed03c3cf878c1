"""Sensor sets: every layout against the numbers that were written, windows and roles, graphs, what is refused."""

import dataclasses
import gzip
import shutil
import warnings
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from patience import PATIENCE_S

from veml_lab.errors import BadData, BadInput, MissingFile, UnknownName, VemlError
from veml_lab.formats import read, read_sensors, write, write_sensors
from veml_lab.formats.sensors_graph import graph_of_distances, graph_of_file, kilometres

HERE = Path(__file__).parent / "data"
SMALL = {"window": 3, "horizon": 2, "test": 0}
TIMES = pd.date_range("2020-01-01", periods=12, freq="h")
NODES = ["a", "b", "c"]


def numbers(t=12, n=3, c=1, seed=0):
    x = np.random.default_rng(seed).normal(50, 9, (t, n, c)).round(3).astype(np.float32)
    x[4, 1] = np.nan
    return x


@pytest.fixture
def wide(tmp_path):
    x = numbers()
    pd.DataFrame(x[:, :, 0], columns=NODES, index=pd.Index(TIMES, name="time")).to_csv(tmp_path / "readings.csv")
    return tmp_path / "readings.csv", x


def long_table(x, channels):
    rows = [
        {"time": TIMES[t], "sensor": NODES[n], **{c: x[t, n, k] for k, c in enumerate(channels)}}
        for t in range(len(x))
        for n in range(x.shape[1])
    ]
    return pd.DataFrame(rows).sample(frac=1, random_state=0)  # a long table has no order


def same(source, x, nodes=tuple(NODES)):
    np.testing.assert_array_equal(source.series.values, x)
    assert source.series.nodes == nodes and source.task == "forecasting" and source.series.values.dtype == np.float32


# -- layouts -------------------------------------------------------------------------------------------


def test_a_wide_table_is_one_channel_of_named_sensors(wide):
    source = read_sensors(wide[0], channels="speed", **SMALL)
    same(source, wide[1])
    assert source.series.channels == ("speed",) and source.series.times[:2] == (
        "2020-01-01T00:00:00",
        "2020-01-01T01:00:00",
    )


def test_a_wide_table_needs_no_times_and_may_get_them(tmp_path, wide):
    pd.DataFrame(wide[1][:, :, 0], columns=NODES).to_csv(tmp_path / "bare.csv.gz", index=False)
    assert read_sensors(tmp_path / "bare.csv.gz", **SMALL).series.times == ()
    assert (
        read_sensors(tmp_path / "bare.csv.gz", begins="2020-01-01", every="1h", **SMALL).series.times
        == read_sensors(wide[0], **SMALL).series.times
    )


def test_a_long_table_comes_in_any_order_with_several_channels(tmp_path):
    x = numbers(c=2)
    long_table(x, ["pm25", "pm10"]).to_csv(tmp_path / "t.csv", index=False)
    same(read_sensors(tmp_path / "t.csv", **SMALL), x)
    one = read_sensors(tmp_path / "t.csv", channels="pm10", nodes="c,a", **SMALL)
    np.testing.assert_array_equal(one.series.values, x[:, [2, 0], 1:])
    assert one.series.channels == ("pm10",) and one.series.nodes == ("c", "a")


def test_steps_that_a_table_leaves_out_are_missing_and_not_neighbours(tmp_path):
    x = numbers()
    table = long_table(x, ["v"])
    table[table["time"] != TIMES[6]].to_csv(tmp_path / "t.csv", index=False)
    x[6] = np.nan
    same(read_sensors(tmp_path / "t.csv", **SMALL), x)


@pytest.mark.parametrize(
    "file, nodes, times, missing",
    [
        ("metr-la.h5", ("773869", "767541", "767542", "717447"), "2012-03-01T00:05:00", True),
        ("pems-bay.h5", ("400001", "400017", "400030", "400040"), "2012-03-01T00:05:00", True),
    ],
)
def test_what_pandas_wrote_with_pytables_is_read_without_it(file, nodes, times, missing):
    """The files are pandas' own: ``to_hdf(format="fixed")`` of 0, 0.5, 1 ... with a zero, METR-LA's sign for none."""
    source = read_sensors(HERE / file, **SMALL)
    x = (np.arange(120, dtype=np.float32) / 2).reshape(30, 4, 1)
    x[3, 1] = x[0, 0] = np.nan
    same(source, x, nodes)
    assert source.series.times[1] == times and source.series.channels == ("speed",)
    same(read_sensors(HERE / file, missing=-1, **SMALL), np.nan_to_num(x), nodes)


def test_plain_hdf5_and_npz_hold_arrays_of_the_same_names(tmp_path):
    x, graph = numbers(c=2), np.eye(3, dtype=np.float32)
    with h5py.File(tmp_path / "x.h5", "w") as f:
        f["values"], f["adjacency"], f["nodes"], f["channels"] = (
            x,
            graph,
            np.array(NODES, "S"),
            np.array(["p", "q"], "S"),
        )
        f["times"] = np.array([str(t) for t in TIMES], "S")
    np.savez(
        tmp_path / "x.npz",
        data=x,
        adj=graph,
        sensor_ids=np.array(NODES),
        channels=np.array(["p", "q"]),
        times=TIMES.to_numpy(),
    )
    for end in ("h5", "npz"):
        source = read_sensors(tmp_path / f"x.{end}", **SMALL)
        same(source, x)
        np.testing.assert_array_equal(source.series.adjacency, graph)
        assert source.series.channels == ("p", "q") and source.series.times[-1] == "2020-01-01T11:00:00"


def test_what_is_written_is_read_back_and_told_from_its_name(tmp_path, wide):
    first = read_sensors(wide[0], graph="series", stride=2, **SMALL)
    write_sensors(first, tmp_path / "out")
    again = read(tmp_path / "out", stride=2, **SMALL)
    for f in dataclasses.fields(first.series):
        np.testing.assert_array_equal(getattr(again.series, f.name), getattr(first.series, f.name))
    assert list(again.records()) == list(first.records()) and again.format == "sensors"


def test_pictures_are_no_sensor_readings(tmp_path):
    from veml_lab.formats import road_world

    with pytest.raises(BadInput, match="no sensor readings"):
        write(road_world("clear-city", 2), tmp_path / "out", "sensors")
    assert list(tmp_path.iterdir()) == []


# -- windows -------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.integers(12, 40), st.integers(1, 5), st.integers(1, 4), st.integers(1, 3), st.floats(0.05, 0.6))
def test_no_target_of_training_is_seen_in_testing_and_no_window_is_lost(
    tmp_path_factory, n, window, horizon, stride, test
):
    file = tmp_path_factory.mktemp("w") / "x.npz"
    np.savez(file, values=np.arange(2 * n, dtype=np.float32).reshape(n, 2))
    options = {"window": window, "horizon": horizon, "stride": stride, "test": test}
    found = [(r.step, r.role) for r in read_sensors(file, **options).records()]
    cut = n - round(test * n)
    for s in range(0, n - window - horizon + 1, stride):  # the oracle, one window at a time
        targets = range(s + window, s + window + horizon)
        due = "train" if max(targets) < cut else "test" if min(targets) >= cut else None
        if cut == n:
            due = ""
        assert ((s, due) in found) == (due is not None)
    assert len(found) == len(set(found)) and all(0 <= s <= n - window - horizon for s, _ in found)


def test_the_test_part_may_begin_at_a_time_and_a_span_be_cut_out(wide):
    source = read_sensors(
        wide[0], window=2, horizon=1, test="2020-01-01T08:00", start="2020-01-01T02:00", end="2020-01-01T10:00"
    )
    np.testing.assert_array_equal(source.series.values, wide[1][2:11])
    roles = {r.columns["time"]: r.role for r in source.records()}
    assert roles["2020-01-01T07:00:00"] == "train" and roles["2020-01-01T08:00:00"] == "test" and len(roles) == 7
    first = next(source.records())
    assert (
        first.columns == {"time": "2020-01-01T04:00:00", "hour": 4, "weekday": 2}
        and first.kind == "window"
        and first.image == b""
    )


def test_a_window_with_nothing_to_forecast_is_left_out(tmp_path):
    x = numbers()
    x[5:7] = np.nan
    np.savez(tmp_path / "x.npz", values=x)
    assert [r.step for r in read_sensors(tmp_path / "x.npz", **SMALL).records()] == [0, 1, 3, 4, 5, 6, 7]


def test_options_change_the_fingerprint_and_a_second_reading_does_not(wide):
    a, b = (read_sensors(wide[0], **SMALL) for _ in range(2))
    assert a.fingerprint == b.fingerprint != read_sensors(wide[0], **{**SMALL, "horizon": 3}).fingerprint


# -- graphs --------------------------------------------------------------------------------------------


def test_a_distance_table_gives_the_kernel_of_dcrnn(tmp_path, wide):
    """The oracle is gen_adj_mx.py of DCRNN, written out."""
    pairs = [
        ("a", "a", 0),
        ("a", "b", 100),
        ("b", "a", 150),
        ("b", "b", 0),
        ("c", "c", 0),
        ("b", "c", 900),
        ("x", "a", 1),
    ]
    pd.DataFrame(pairs, columns=["from", "to", "cost"]).to_csv(tmp_path / "distances.csv", index=False)
    d = np.full((3, 3), np.inf)
    for s, t, c in pairs:
        if s in NODES and t in NODES:
            d[NODES.index(s), NODES.index(t)] = c
    want = np.exp(-np.square(d / d[~np.isinf(d)].std()))
    want[want < 0.1] = 0
    source = read_sensors(tmp_path, layout="wide", **SMALL)  # found beside the readings
    np.testing.assert_allclose(source.series.adjacency, want, rtol=1e-6)
    assert source.about["graph"] == "graph of distances.csv"


@pytest.mark.parametrize("header", [True, False])
def test_places_give_the_kernel_of_great_circles(tmp_path, header):
    places = {"a": (34.05, -118.24), "b": (34.10, -118.30), "c": (37.36, -121.90)}
    rows = [(n, *p) for n, p in places.items()]
    text = (
        pd.DataFrame(rows, columns=["sensor_id", "latitude", "longitude"]).to_csv(index=False, header=header).encode()
    )
    km = kilometres(list(places.values()))
    assert km[0, 2] == pytest.approx(496, abs=5)  # Los Angeles to San Jose
    np.testing.assert_allclose(
        graph_of_file(text, "p.csv", ["c", "a", "b"]), graph_of_distances(km)[np.ix_([2, 0, 1], [2, 0, 1])], rtol=1e-6
    )


@pytest.mark.parametrize("named", [True, False])
def test_a_matrix_is_put_into_the_order_of_the_sensors(tmp_path, named):
    graph = np.arange(9, dtype=float).reshape(3, 3)
    if named:
        text = pd.DataFrame(graph, index=["c", "b", "a"], columns=["c", "b", "a"]).to_csv().encode()
        np.testing.assert_array_equal(graph_of_file(text, "adj.csv", NODES), graph[::-1, ::-1])
    else:
        graph4 = np.arange(16, dtype=float).reshape(4, 4)
        text = pd.DataFrame(graph4).to_csv(index=False, header=False).encode()
        np.testing.assert_array_equal(graph_of_file(text, "adj.csv", ["1", "2", "3", "4"]), graph4)


def test_the_graph_of_series_sees_the_training_part_only(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 8))
    np.savez(tmp_path / "a.npz", values=x)
    x[160:] = rng.normal(size=(40, 8))
    np.savez(tmp_path / "b.npz", values=x)
    a, b = (read_sensors(tmp_path / f"{n}.npz", graph="series", test=0.2).series.adjacency for n in "ab")
    np.testing.assert_array_equal(a, b)
    assert (a > 0).any(axis=1).all() and (np.diag(a) == 1).all()


# -- bad input -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options, error, words",
    [
        ({"window": 0}, BadInput, "window"),
        ({"window": 11}, BadInput, "12 steps"),
        ({"test": 1.5}, BadInput, "share"),
        ({"test": "yesterday"}, BadInput, "no time"),
        ({"nodes": "a,z"}, UnknownName, "'z'"),
        ({"nodes": "a,a"}, BadInput, "once"),
        ({"nodes": "9:"}, BadInput, "none of the 3"),
        ({"layout": "metrla"}, UnknownName, "metr_la"),
        ({"graph": "file"}, MissingFile, "no graph"),
        ({"adjacency": "nowhere.csv"}, MissingFile, "nowhere"),
        ({"start": "2031-01-01"}, BadInput, "no readings between"),
        ({"begins": "2020-01-01"}, BadInput, "together"),
        ({"begins": "2020-01-01", "every": "5min"}, BadInput, "of its own"),
        ({"channels": "p,q"}, BadInput, "one channel"),
        ({"node": "station"}, UnknownName, "station"),
    ],
    ids=str,
)
def test_options_that_fit_nothing_are_answered(wide, options, error, words):
    with pytest.raises(error, match=words):
        read_sensors(wide[0], **{**SMALL, **options})


@pytest.mark.parametrize(
    "text, words",
    [
        ("time,a,b\n2020-01-01,1,x\n2020-01-02,1,2\n", "'x' in row 1 of the column 'b'"),
        ("time,a\n2020-01-01,inf\n2020-01-02,1\n", "infinite"),
        ("time,a\nsoon,1\n2020-01-02,1\n", "'soon'"),
        ("time,a\n2020-01-01,1\n2020-01-01,2\n", "twice"),
        ("time,a\n2020-01-01 00:00,1\n2020-01-01 01:00,1\n2020-01-01 02:00,1\n2020-01-01 02:30,2\n", "equal steps"),
        ("time,a\n1900-01-01 00:00:00,1\n1900-01-01 00:00:01,1\n2020-01-01 00:00:00,2\n", "gaps"),
        ("time,sensor,v\n2020-01-01,a,1\n2020-01-01,a,2\n", "two rows for the sensor"),
        ("time,a,a\n2020-01-01,1,2\n2020-01-02,1,2\n", "two columns 'a'"),
        ("time\n2020-01-01\n", "no column of readings"),
        ("", "is empty"),
        ("time,a\n", "no rows"),
    ],
    ids=str,
)
def test_tables_that_are_damaged_are_answered_with_the_place(tmp_path, text, words):
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(BadData, match=words):
        read_sensors(tmp_path / "x.csv", window=1, horizon=1, test=0)


def test_pickles_and_links_to_other_files_are_not_followed(tmp_path):
    np.savez(tmp_path / "p.npz", values=np.array([{"a": 1}], dtype=object))
    with pytest.raises(BadData, match="pickled"):
        read_sensors(tmp_path / "p.npz")
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as f:
        f["values"] = np.ones((40, 2))
    with h5py.File(tmp_path / "link.h5", "w") as f:
        f["values"] = h5py.ExternalLink(str(secret), "/values")
    with h5py.File(tmp_path / "outside.h5", "w") as f:
        f.create_dataset("values", shape=(40, 2), dtype="f8", external=[(str(secret), 0, h5py.h5f.UNLIMITED)])
    with h5py.File(tmp_path / "virtual.h5", "w") as f:
        layout = h5py.VirtualLayout((40, 2), "f8")
        layout[:] = h5py.VirtualSource(str(secret), "values", shape=(40, 2))
        f.create_virtual_dataset("values", layout)
    with h5py.File(tmp_path / "huge.h5", "w") as f:
        f.create_dataset("values", shape=(1 << 20, 1 << 20), dtype="f8", chunks=(64, 64))
    with h5py.File(tmp_path / "table.h5", "w") as f:
        f.create_group("df")["table"] = np.zeros(3, dtype=[("index", "i8"), ("values_block_0", "f8", (2,))])
    for name, words in (
        ("link", "to elsewhere"),
        ("outside", "another file"),
        ("virtual", "another file"),
        ("huge", "at most"),
        ("table", "fixed"),
    ):
        with pytest.raises(BadData, match=words):
            read_sensors(tmp_path / f"{name}.h5")


@pytest.mark.timeout(PATIENCE_S)
@pytest.mark.parametrize("kind", ["wide.csv", "wide.csv.gz", "long.csv", "x.npz", "metr-la.h5", "adj.npz"])
def test_changed_bytes_give_an_error_of_ours_or_a_good_reading(tmp_path, wide, kind):
    from attacks import mutate

    file = tmp_path / "set" / kind
    file.parent.mkdir()
    if kind == "metr-la.h5":
        shutil.copy(HERE / kind, file)
    elif kind.startswith("long"):
        long_table(wide[1], ["v"]).to_csv(file, index=False)
    elif kind.endswith(".npz"):
        np.savez(file if kind == "x.npz" else file.with_name("x.npz"), values=wide[1])
        if kind == "adj.npz":
            np.savez(file, adj=np.eye(3), sensor_ids=np.array(["0", "1", "2"]))
    else:
        file.write_bytes(gzip.compress(wide[0].read_bytes()) if kind.endswith("gz") else wide[0].read_bytes())
    rng, whole, refused = np.random.default_rng(5), file.read_bytes(), 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(120):
            file.write_bytes(mutate(whole, rng))
            try:
                source = read_sensors(file.parent, **SMALL)
                assert np.isfinite(source.series.values).any() and all(r.kind == "window" for r in source.records())
            except VemlError as e:
                assert len(str(e)) > 20
                refused += 1
    assert refused > 10


# -- real ----------------------------------------------------------------------------------------------


@pytest.mark.real
def test_the_real_sets_are_whole(real):
    week = read(real("metr_la"))
    assert week.series.values.shape == (2016, 207, 1) and week.series.times[-1] == "2012-03-07T23:55:00"
    np.testing.assert_allclose(week.series.values[0, :3, 0], [64.375, 67.625, 67.125])  # METR-LA's first row
    assert (week.series.adjacency > 0).sum() == 1722 and sum(r.role == "test" for r in week.records()) == 392

    beijing = read(real("beijing_multisite"), channels="PM2.5,PM10", stride=24)
    x = beijing.series.values
    assert x.shape == (35064, 12, 2) and beijing.series.nodes[0] == "Aotizhongxin" and x[0, 0].tolist() == [4, 4]
    assert 0.01 < np.isnan(x).mean() < 0.03  # as the README of the data says

    seoul = read(real("seoul_air"), start="2017-01-01", end="2019-12-31")
    assert seoul.series.values.shape == (1095, 25, 1) and round(100 * np.isnan(seoul.series.values).mean(), 1) == 1.2


@pytest.mark.real
def test_the_graph_of_places_joins_the_neighbours_of_the_graph_of_roads(real):
    """METR-LA has both: roads as DCRNN made them, and places."""
    places = (real("metr_la") / "graph_sensor_locations.csv").read_bytes()
    roads = read_sensors(real("metr_la")).series
    straight = graph_of_file(places, "graph_sensor_locations.csv", roads.nodes, threshold=0.5)
    joined = roads.adjacency > 0.5
    assert (straight[joined] > 0).mean() > 0.95 and (straight > 0).mean() < 0.5

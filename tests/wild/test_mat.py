"""MATLAB files of readings, as the field keeps them: read with their graph, or refused with what to say.

Oracle: the array that the file was written from, by scipy's and h5py's own writers.
"""

from __future__ import annotations

import io
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import sparse
from scipy.io import savemat

import veml_lab as veml
from veml_lab.errors import BadData, BadInput, MissingExtra, UnknownName
from veml_lab.formats.sensors import read_sensors
from veml_lab.formats.sensors_mat import arrays_of_mat, of_mat, readings_in
from veml_lab.formats.sniff import format_of

SENSORS, DAYS, SLOTS = 7, 5, 24


def tensor() -> np.ndarray:
    """Sensors x days x slots; the reading says where it is from."""
    s, d, t = np.meshgrid(np.arange(SENSORS), np.arange(DAYS), np.arange(SLOTS), indexing="ij")
    return (1 + s * 1000 + d * 100 + t).astype(float)


def adjacency(n: int = SENSORS) -> np.ndarray:
    a = np.eye(n)
    a[np.arange(n - 1), np.arange(1, n)] = 0.5
    return a


def mat(**arrays) -> bytes:
    out = io.BytesIO()
    savemat(out, arrays, do_compression=True)
    return out.getvalue()


def mat73(folder: Path, **arrays) -> bytes:
    """As MATLAB 7.3 writes it: HDF5 behind a block of 512 bytes, axes in the other order."""
    h5py = pytest.importorskip("h5py")
    file = folder / "made73.mat"
    with h5py.File(file, "w", userblock_size=512) as f:
        for name, a in arrays.items():
            d = f.create_dataset(name, data=np.asarray(a).T)
            d.attrs["MATLAB_class"] = np.bytes_("double")
    raw = bytearray(file.read_bytes())
    raw[:19] = b"MATLAB 7.3 MAT-file"
    return bytes(raw)


def folder_of(root: Path, **files) -> Path:
    root.mkdir(parents=True)
    for name, data in files.items():
        stem, _, end = name.rpartition("_")
        (root / f"{stem}.{end}").write_bytes(data if isinstance(data, bytes) else data.encode())
    return root


def csv_of(a: np.ndarray) -> str:
    return "\n".join(",".join(f"{v:g}" for v in row) for row in a) + "\n"


def read(path: Path, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return read_sensors(path, window=6, horizon=3, **options)


def by_step(values: np.ndarray, x: np.ndarray) -> bool:
    """Whether readings (time, sensors, 1) are those of the tensor, day after day."""
    return np.array_equal(values[:, :, 0], x.reshape(len(x), -1).T)


@pytest.mark.parametrize("version", ["7", "7.3"])
def test_a_tensor_of_sensors_days_and_slots_is_a_series(version, tmp_path):
    raw = mat(tensor=tensor()) if version == "7" else mat73(tmp_path, tensor=tensor())
    (tmp_path / "tensor.mat").write_bytes(raw)
    source = read(tmp_path / "tensor.mat")
    assert source.series.values.shape == (DAYS * SLOTS, SENSORS, 1)
    assert by_step(source.series.values, tensor())
    # the slot after the last of a day is the first of the next
    assert source.series.values[SLOTS, 2, 0] == 1 + 2000 + 100


@pytest.mark.parametrize("version", ["7", "7.3"])
def test_readings_beside_an_adjacency_are_a_sensor_set_and_never_a_table_of_weights(version, tmp_path):
    raw = mat(tensor=tensor()) if version == "7" else mat73(tmp_path, tensor=tensor())
    root = folder_of(tmp_path / "set", tensor_mat=raw, adjacency_csv=csv_of(adjacency()), README_md="about")
    assert format_of(root) == "sensors"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        source = veml.read(root, window=6, horizon=3)
        v = veml.open(tmp_path / "lab").add("s", source, progress=False)
    assert source.format == "sensors"
    assert by_step(source.series.values, tensor())
    assert np.array_equal(source.series.adjacency, adjacency().astype(np.float32))
    assert v.task == "forecasting" and len(v) > 0


@pytest.mark.parametrize("end", ["mat", "csv", "npz"])
def test_the_graph_tells_which_axis_is_the_sensors(end, tmp_path):
    n, steps = 30, 40  # too alike for the longer one to be the time
    x = np.arange(n * steps, dtype=float).reshape(steps, n)
    graph = {"mat": mat(A=adjacency(n)), "csv": csv_of(adjacency(n)).encode()}
    if end == "npz":
        out = io.BytesIO()
        np.savez(out, adj=adjacency(n))
        graph["npz"] = out.getvalue()
    for i, a in enumerate((x, x.T)):
        root = folder_of(tmp_path / f"set{i}", speed_mat=mat(X=a), **{f"sz_adj_{end}": graph[end]})
        series = read(root).series
        assert np.array_equal(series.values[:, :, 0], x.astype(np.float32))
        assert np.array_equal(series.adjacency, adjacency(n).astype(np.float32))


def test_a_graph_in_the_same_file_is_its_graph(tmp_path):
    x = np.arange(SENSORS * 50, dtype=float).reshape(50, SENSORS)
    for graph in (adjacency(), sparse.csc_matrix(adjacency())):
        (tmp_path / "r.mat").write_bytes(mat(flow=x, A=graph))
        series = read(tmp_path / "r.mat").series
        assert np.array_equal(series.values[:, :, 0], x.astype(np.float32))
        assert np.array_equal(series.adjacency, adjacency().astype(np.float32))


def test_of_a_matrix_alone_the_longer_axis_is_the_time_and_that_is_said(tmp_path):
    x = np.arange(SENSORS * 50, dtype=float).reshape(50, SENSORS)
    for a in (x, x.T):
        (tmp_path / "r.mat").write_bytes(mat(random_matrix=a))
        with pytest.warns(UserWarning, match=r"the longer axis is taken as the time \(axes= says otherwise\)"):
            series = read_sensors(tmp_path / "r.mat", window=6, horizon=3).series
        assert np.array_equal(series.values[:, :, 0], x.astype(np.float32))


def test_axes_that_nothing_tells_are_asked_for_and_can_be_said(tmp_path):
    x = np.arange(20 * 25, dtype=float).reshape(20, 25)
    (tmp_path / "r.mat").write_bytes(mat(m=x))
    with pytest.raises(BadInput, match=r"'m' of .* is 20 x 25, and nothing tells what its axes are; say axes="):
        read(tmp_path / "r.mat")
    assert read(tmp_path / "r.mat", axes="time,sensors").series.values.shape == (20, 25, 1)
    assert read(tmp_path / "r.mat", axes="sensors, time").series.values.shape == (25, 20, 1)
    cube = np.arange(40 * 12 * 2, dtype=float).reshape(40, 12, 2)
    (tmp_path / "c.mat").write_bytes(mat(c=cube))
    with pytest.raises(BadInput, match="is 40 x 12 x 2"):
        read(tmp_path / "c.mat")
    assert np.array_equal(read(tmp_path / "c.mat", axes="time,sensors,channels").series.values, cube)
    assert read(tmp_path / "c.mat", axes="sensors,time,channels").series.values.shape == (12, 40, 2)
    assert read(tmp_path / "c.mat", axes="sensors,days,slots").series.values.shape == (24, 40, 1)
    with pytest.raises(UnknownName, match="order of axes"):
        read(tmp_path / "c.mat", axes="slots,sensors")
    with pytest.raises(BadInput, match="names 2 axes"):
        read(tmp_path / "c.mat", axes="time,sensors")


def test_several_arrays_are_asked_for_by_their_shapes(tmp_path):
    x = np.arange(SENSORS * 50, dtype=float).reshape(50, SENSORS)
    (tmp_path / "r.mat").write_bytes(mat(one=x, two=x + 1))
    with pytest.raises(BadInput, match="one 50 x 7, two 50 x 7; say which are the readings: key="):
        read(tmp_path / "r.mat")
    assert read(tmp_path / "r.mat", key="two").series.values[0, 0, 0] == 1
    with pytest.raises(UnknownName, match="three"):
        read(tmp_path / "r.mat", key="three")
    (tmp_path / "r.mat").write_bytes(mat(one=x, speed=x + 1))
    assert read(tmp_path / "r.mat").series.values[0, 0, 0] == 1


def test_names_of_sensors_and_whole_numbers_come_along(tmp_path):
    x = np.arange(3 * 50, dtype=np.int16).reshape(50, 3)
    names = np.array(["007", "no", "Köln"], dtype=object)
    (tmp_path / "r.mat").write_bytes(mat(values=x, nodes=names))
    series = read(tmp_path / "r.mat").series
    assert series.nodes == ("007", "no", "Köln")
    assert series.values.dtype == np.float32


def test_zeros_that_may_be_gaps_are_hinted_at_and_can_be_said(tmp_path):
    x = tensor()
    x[0, 0, :3] = 0
    (tmp_path / "tensor.mat").write_bytes(mat(tensor=x))
    with pytest.warns(UserWarning, match=r"0\.4% of the readings are 0; say missing=0"):
        read_sensors(tmp_path / "tensor.mat", window=6, horizon=3)
    assert np.isnan(read(tmp_path / "tensor.mat", missing=0).series.values[:3, 0, 0]).all()


def test_what_lies_beside_unread_is_named(tmp_path):
    root = folder_of(
        tmp_path / "set", tensor_mat=mat(tensor=tensor()), random_tensor_mat=mat(t=tensor()), notes_txt="x"
    )
    source = read(root)
    assert by_step(source.series.values, tensor())
    assert {n for left in source.unread() for n in left.names} == {"random_tensor.mat", "notes.txt"}


def test_of_several_files_the_readings_are_asked_for(tmp_path):
    root = folder_of(tmp_path / "set", one_mat=mat(t=tensor()), two_mat=mat(t=tensor()))
    with pytest.raises(BadInput, match=r"2 files of readings \(one.mat, two.mat\); name the file itself"):
        read(root)


def test_an_archive_is_read_like_a_folder(tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "set.zip", "w") as z:
        z.writestr("set/tensor.mat", mat(tensor=tensor()))
        z.writestr("set/adjacency.csv", csv_of(adjacency()))
    assert format_of(tmp_path / "set.zip") == "sensors"
    source = read(tmp_path / "set.zip")
    assert by_step(source.series.values, tensor()) and source.series.adjacency is not None


def test_labels_of_pictures_in_a_mat_file_are_no_readings(tmp_path):
    root = folder_of(tmp_path / "set", labels_mat=mat(labels=np.arange(100.0).reshape(50, 2)))
    for c in "ab":
        (root / c).mkdir()
        Image.new("RGB", (8, 8)).save(root / c / "1.png")
    assert format_of(root) == "image_folder"


@pytest.mark.parametrize(
    "arrays",
    [
        {"A": np.eye(30)},
        {"scalar": 3.0},
        {"text": "hello"},
        {"s": {"field": np.arange(60.0).reshape(30, 2)}},
        {"line": np.arange(50.0)},
    ],
    ids=str,
)
def test_other_contents_are_no_readings(arrays, tmp_path):
    assert readings_in(mat(**arrays)) == ""
    (tmp_path / "x.mat").write_bytes(mat(**arrays))
    with pytest.raises(BadInput):
        read(tmp_path / "x.mat", graph="none")


def test_version_7_3_without_h5py_says_what_to_install(tmp_path, monkeypatch):
    raw = mat73(tmp_path, tensor=tensor())
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingExtra, match=r"pip install 'veml-lab\[sensors\]'"):
        of_mat(raw, "tensor.mat")


@pytest.mark.parametrize("version", ["7", "7.3"])
def test_damage_is_one_sentence(version, tmp_path):
    raw = mat(tensor=tensor()) if version == "7" else mat73(tmp_path, tensor=tensor())
    rng = np.random.default_rng(3)
    answers = 0
    for k in range(60):
        data = bytearray(raw)
        if k % 2:
            del data[int(rng.integers(1, len(data))) :]
        else:
            for at in rng.integers(0, min(len(data), 700), 6):
                data[at] = int(rng.integers(0, 256))
        try:
            arrays_of_mat(bytes(data), "t.mat")
        except BadData as e:
            answers += 1
            assert str(e).startswith(("t.mat ", "'")) and "\n" not in str(e)
    assert answers > 5


def test_an_array_that_would_fill_the_memory_is_refused_before_it_is_unpacked():
    raw = bytearray(mat(x=np.zeros((4, 5))))
    import zlib

    # the one packed element, with dimensions of a million each
    packed = zlib.decompress(bytes(raw[136:]))
    dims = packed.replace(np.array([4, 5], "<i4").tobytes(), np.array([10**6, 10**6], "<i4").tobytes(), 1)
    again = zlib.compress(dims)
    bomb = bytes(raw[:132]) + np.array([len(again)], "<u4").tobytes() + again
    with pytest.raises(BadData, match="unpacks to more than"):
        arrays_of_mat(bomb, "x.mat")

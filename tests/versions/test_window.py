"""Windows of sensor data: cut against slices by hand, scaling, worker processes, pictures, what is refused."""

import io
import pickle

import numpy as np
import pytest
import torch
from conveyor import conveyor

import veml_lab as veml
from veml_lab.errors import BadData, BadInput, DamagedLab
from veml_lab.formats import read_sensors
from veml_lab.versions import operations
from veml_lab.versions.window import sensor_facts, windows


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return conveyor(tmp_path_factory.mktemp("belt"), t=120, stride=2)


@pytest.fixture(scope="module")
def lab(tmp_path_factory, source):
    lab = veml.open(tmp_path_factory.mktemp("labs") / "lab")
    lab.add("belt", source, progress=False)
    return lab


def test_windows_are_slices_of_the_series(lab, source):
    version, v = lab["belt-test"], source.series.values
    w = windows(version)
    steps = [r.step for r in source.records() if r.role == "test"]
    assert w.steps.tolist() == steps and len(w) == len(version) > 5
    x, y, mask = w.cut([0, len(w) - 1])
    for k, s in enumerate((steps[0], steps[-1])):
        np.testing.assert_array_equal(x[k], v[s : s + 4])
        np.testing.assert_array_equal(y[k], v[s + 4 : s + 6])
        np.testing.assert_array_equal(mask[k], ~np.isnan(v[s + 4 : s + 6]))
    assert w.clock([0])[0].tolist() == [
        np.datetime64(t, "m").astype(int) for t in source.series.times[steps[0] : steps[0] + 6]
    ]
    assert not isinstance(w.values, np.ndarray) or isinstance(w.values, np.memmap)


def test_a_filter_by_the_hour_keeps_these_windows(lab):
    morning = lab["belt-train"].filter("morning", "hour = 8")
    w = windows(morning)
    assert 0 < len(w) < len(lab["belt-train"]) and (w.clock()[:, 4] // 60 % 24 == 8).all()


def test_scaling_is_that_of_the_readings_in_these_windows_each_counted_once(lab, source):
    w = windows(lab["belt-train"])
    last = int(w.steps.max()) + 6
    seen = source.series.values[:last]  # a stride of 2 under a length of 6 leaves no gap
    mean, std = w.scaling()
    np.testing.assert_allclose([mean[0], std[0]], [np.nanmean(seen), np.nanstd(seen)], rtol=1e-5)
    assert w.covered().sum() == last
    few = windows(operations.select(lab["belt-train"], "first", [0]))
    np.testing.assert_allclose(few.scaling()[0][0], np.nanmean(source.series.values[:6]), rtol=1e-5)


def test_windows_apart_share_no_step_and_are_as_many_as_can_be(lab):
    w = windows(lab["belt-train"])
    kept = w.steps[w.apart()]
    assert (np.diff(kept) >= 4).all() and len(kept) == -(
        -(int(w.steps.max()) + 1) // 4
    )  # every 4th step: a stride of 2, windows of 4


def test_a_channel_that_was_never_measured_cannot_be_scaled(tmp_path):
    np.savez(
        tmp_path / "x.npz",
        values=np.stack([np.ones((30, 2)), np.full((30, 2), np.nan)], axis=2),
        channels=np.array(["a", "b"]),
    )
    lab = veml.open(tmp_path / "lab")
    version = lab.add("x", read_sensors(tmp_path / "x.npz", test=0), progress=False)
    with pytest.raises(BadData, match="'b' was never measured"):
        windows(version).scaling()


@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_worker_processes_give_what_this_process_gives(lab, context):
    from torch.utils.data import DataLoader

    scaling = windows(lab["belt-train"]).scaling()
    data = lab["belt-test"].to_torch(scaling=scaling)
    data.windows.cut([0]), data.windows.clock([0])  # mapped, and sent all the same
    assert len(pickle.dumps(data.windows)) < 4000  # the series itself is not sent
    loader = DataLoader(data, batch_size=4, num_workers=1, multiprocessing_context=context)
    got = np.concatenate([x.numpy() for x, _ in loader])
    x, y, mask = data.windows.cut()
    np.testing.assert_allclose(got, np.nan_to_num((x - scaling[0]) / scaling[1]), rtol=1e-6)
    _, target = data[0]
    assert target["mask"].numpy().tolist() == mask[0].tolist() and target["clock"].dtype == torch.int64
    assert [len(data), data[0][0].shape] == [len(y), (4, 6, 1)]


def test_windows_of_different_readings_are_not_merged_and_pictures_have_none(lab, tmp_path):
    lab.add("other", conveyor(tmp_path, seed=9, t=120), progress=False)
    with pytest.raises(BadInput, match="different sensor readings"):
        lab["belt-train"].merge(lab["other-train"], name="both")
    assert len(lab["belt-train"].merge(lab["belt-test"], name="whole")) == len(lab["belt-train"]) + len(
        lab["belt-test"]
    )
    picture = lab.add("road", veml.road_world("clear-city", 2), progress=False)
    with pytest.raises(BadInput, match="no sensor readings"):
        windows(picture)


def test_a_window_has_a_picture_with_a_row_a_sensor(lab):
    from PIL import Image

    image = Image.open(io.BytesIO(lab["belt-train"].images.encoded(0)))
    assert image.size == (6, 6) == lab["belt-train"].images[0].size
    grey = (np.asarray(image.convert("RGB")) == 128).all(axis=2).sum()
    x, y, _ = windows(lab["belt-train"]).cut([0])
    lost = np.isnan(np.concatenate([x, y], axis=1)[0, :, :, 0])
    assert grey == lost.sum() - lost[3].sum()  # the shaded column is darker


def test_what_a_recipe_takes_from_its_data(lab):
    facts = sensor_facts(lab["belt-train"])
    assert {k: facts[k] for k in ("channels", "num_nodes", "window", "horizon", "step_minutes")} == {
        "channels": ["load"],
        "num_nodes": 6,
        "window": 4,
        "horizon": 2,
        "step_minutes": 60,
    }


def test_a_lost_blob_is_named(tmp_path):
    lab = veml.open(tmp_path / "lab")
    version = lab.add("belt", conveyor(tmp_path, t=60), progress=False)
    for blob in (tmp_path / "lab" / "blobs").glob("*.npy"):
        blob.unlink()
    with pytest.raises(DamagedLab, match="blob"):
        windows(version).cut([0])

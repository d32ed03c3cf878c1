"""Sensor windows: the convolution against its formula, what the autoencoder learns, what is refused."""

import numpy as np
import pytest
import torch

from veml_lab.embeddings.sensors import as_series, load_sensor_embedder, sensor_embedder
from veml_lab.errors import BadData, BadInput, UnknownName
from veml_lab.training.diffusion import DiffusionConvolution, graph_of_distances, walks

SMALL = {"hidden": 12, "steps": 120, "batch": 16, "progress": False}


def waves(t=240, n=5, seed=0):
    """Sines of the same period, each sensor a little later, with a little noise."""
    rng = np.random.default_rng(seed)
    return np.sin(np.arange(t)[:, None] / 3 - np.arange(n)) + 0.05 * rng.standard_normal((t, n))


CHAIN = np.eye(5) + np.eye(5, k=1)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return sensor_embedder(waves(), CHAIN, folder=folder, **SMALL), folder


def test_diffusion_convolution_is_the_sum_over_both_walks_written_out():
    rng = np.random.default_rng(1)
    w = rng.random((4, 4)) * (rng.random((4, 4)) < 0.7)
    x = rng.standard_normal((3, 4, 2))
    layer = DiffusionConvolution(walks(torch.from_numpy(w).float(), 2), 2, 5)
    forward = w / np.maximum(w.sum(1, keepdims=True), 1e-12)
    forward[w.sum(1) == 0] = np.eye(4)[w.sum(1) == 0]
    backward = w.T / np.maximum(w.T.sum(1, keepdims=True), 1e-12)
    backward[w.sum(0) == 0] = np.eye(4)[w.sum(0) == 0]
    weight = layer.weight.detach().numpy().reshape(5, 2, 5)  # one (inputs, outputs) matrix a power
    powers = [np.eye(4), forward, forward @ forward, backward, backward @ backward]
    for b in range(3):
        want = sum(p @ x[b] @ a for p, a in zip(powers, weight))
        got = layer(torch.from_numpy(x).float())[b].detach().numpy()
        np.testing.assert_allclose(got, want, atol=1e-5)


def test_a_walk_keeps_probability_and_a_lonely_sensor_stays():
    w = torch.tensor([[0.0, 2.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    p = walks(w, 2)
    torch.testing.assert_close(p.sum(-1), torch.ones(4, 3))
    assert (p[:, 2, 2] == 1).all()


def test_graph_of_distances_is_the_thresholded_gaussian_of_dcrnn():
    d = np.array([[0, 1, 3], [1, 0, np.inf], [3, np.inf, 0.0]])
    want = np.exp(-((d / d[np.isfinite(d)].std()) ** 2))
    want[want < 0.1] = 0
    np.testing.assert_allclose(graph_of_distances(d), want, atol=1e-6)
    assert graph_of_distances(d)[1, 2] == 0


def test_the_autoencoder_gives_a_simple_signal_back_better_than_its_mean(trained):
    embedder, _ = trained
    assert embedder.error < 0.3 * embedder.error_of_mean
    fresh = waves(seed=7)
    back = embedder.reconstruct(fresh)[..., 0]
    windows = np.lib.stride_tricks.sliding_window_view(fresh, 12, axis=0).transpose(0, 2, 1)
    guess = np.broadcast_to(windows.mean(axis=1, keepdims=True), windows.shape)
    assert ((back - windows) ** 2).mean() < 0.3 * ((guess - windows) ** 2).mean()


def test_windows_of_the_same_phase_have_near_vectors(trained):
    embedder, _ = trained
    x = embedder.embed(waves(seed=3), progress=False)
    assert x.shape == (229, embedder.dim) == (229, 12 * 5) and x.dtype == np.float32
    period = 2 * np.pi * 3  # 18.85 steps
    same, half = round(2 * period), round(1.5 * period)
    near = np.linalg.norm(x[:-same] - x[same:], axis=1).mean()
    far = np.linalg.norm(x[:-half] - x[half:], axis=1).mean()
    assert near < 0.5 * far


def test_what_was_trained_is_read_again_and_embeds_the_same(trained):
    first, folder = trained
    files = list(folder.glob("*.safetensors"))
    stamp = files[0].stat().st_mtime_ns
    again = sensor_embedder(waves(), CHAIN, folder=folder, **SMALL)
    assert len(files) == 1 and files[0].stat().st_mtime_ns == stamp
    assert again.fingerprint == first.fingerprint and again.error == first.error
    np.testing.assert_array_equal(again.embed(waves(), progress=False), first.embed(waves(), progress=False))
    pooled = load_sensor_embedder(files[0], pool="mean")
    assert pooled.dim == 12 and pooled.fingerprint != first.fingerprint
    whole = first.embed(waves(), progress=False).reshape(-1, 12, 5)
    np.testing.assert_allclose(pooled.embed(waves(), progress=False), whole.mean(2), atol=1e-6)


def test_seed_data_and_graph_change_the_fingerprint():
    quick = {**SMALL, "steps": 2}
    made = [
        sensor_embedder(waves(), CHAIN, **quick), sensor_embedder(waves(), CHAIN, **quick, seed=1),
        sensor_embedder(waves(seed=1), CHAIN, **quick), sensor_embedder(waves(), np.eye(5), **quick),
    ]  # fmt: skip
    assert len({e.fingerprint for e in made}) == 4
    assert sensor_embedder(waves(), CHAIN, **quick).fingerprint == made[0].fingerprint


def test_values_that_were_not_measured_have_no_say():
    v, mask = waves(), np.random.default_rng(2).random((240, 5)) < 0.9
    quick = {**SMALL, "steps": 5}
    a = sensor_embedder(np.where(mask, v, np.nan), CHAIN, mask=mask, **quick)
    b = sensor_embedder(np.where(mask, v, 1e6), CHAIN, mask=mask, **quick)
    assert a.fingerprint == b.fingerprint
    left = a.embed(np.where(mask, v, np.nan), mask=mask, progress=False)
    np.testing.assert_array_equal(left, b.embed(np.where(mask, v, -5), mask=mask, progress=False))


def test_a_checked_series_is_0_where_nothing_was_measured():
    values, mask = as_series([[1, 7], [7, 4]], np.array([[True, False], [False, True]]))
    assert values.tolist() == [[[1], [0]], [[0], [4]]] and values.dtype == np.float32
    assert mask.tolist() == [[[True], [False]], [[False], [True]]]


def test_the_learning_rate_falls_by_a_cosine_to_a_twentieth(monkeypatch):
    made = []

    class Seen(torch.optim.Adam):
        def __init__(self, *given, **options):
            super().__init__(*given, **options)
            self.rates = []
            made.append(self)

        def step(self, *given, **options):
            self.rates.append(self.param_groups[0]["lr"])
            return super().step(*given, **options)

    monkeypatch.setattr(torch.optim, "Adam", Seen)
    sensor_embedder(waves(), CHAIN, **{**SMALL, "steps": 5}, lr=0.02)
    (seen,) = made
    falls = 0.001 + (0.02 - 0.001) * (1 + np.cos(np.pi * np.arange(6) / 5)) / 2
    np.testing.assert_allclose([*seen.rates, seen.param_groups[0]["lr"]], falls)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_bad_measurement_is_named(value):
    v = waves()
    v[17, 3] = value
    with pytest.raises(BadData, match=r"time step 17 of sensor 3.*mask="):
        sensor_embedder(v, CHAIN, **SMALL)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"adjacency": np.eye(4)}, r"5 sensors take \(5, 5\)"),
        ({"adjacency": -np.eye(5)}, "not negative"),
        ({"values": waves(15)}, "at least 10"),
        ({"values": waves(5)}, "a window takes 12"),
        ({"values": np.zeros(9)}, "time, sensors"),
        ({"hidden": 0}, "hidden"),
        ({"mask": np.ones((2, 2), bool)}, "mask"),
        ({"mask": np.zeros((240, 5), bool)}, "never measured"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(change, message):
    given = {"values": waves(), "adjacency": CHAIN, **SMALL, **change}
    with pytest.raises(BadInput, match=message):
        sensor_embedder(given.pop("values"), given.pop("adjacency"), **given)


def test_unknown_options_and_damaged_files_are_named(trained, tmp_path):
    with pytest.raises(UnknownName, match=r"hiden.*hidden"):
        sensor_embedder(waves(), CHAIN, hiden=3)
    embedder, folder = trained
    with pytest.raises(BadInput, match="knows 5 sensors"):
        embedder.embed(waves(n=4))
    damaged = tmp_path / "x.safetensors"
    damaged.write_bytes(next(folder.glob("*.safetensors")).read_bytes()[:-40])
    with pytest.raises(BadData, match="train again"):
        load_sensor_embedder(damaged)

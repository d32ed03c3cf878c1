"""Embeddings: the right vector for the right sample, once, whoever asks and whatever interrupts."""

from __future__ import annotations

import os
import pickle
import signal

import numpy as np
import pytest
from patience import PATIENCE_S
from pixel_mean import Mean

import veml_lab as veml
from veml_lab.embeddings import Embedder, embed, torchvision_embedder
from veml_lab.embeddings.vectors import missing_count
from veml_lab.errors import BadData, BadInput, MissingFile, UnknownName
from veml_lab.training.weight_files import find_weights, load_state


@pytest.fixture
def lab(fresh, digits_lab):
    return fresh(digits_lab)


def test_vectors_are_those_of_the_samples_in_id_order(lab):
    part = lab["digits"].merge(lab["bright"], name="both").sample("part", 50, seed=3)
    found = embed(part, Mean(), progress=False)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [Mean.of(part, p) for p in range(50)])


def test_nothing_is_embedded_twice_whatever_versions_ask(lab):
    e = Mean()
    assert isinstance(e, Embedder)
    embed(lab["digits"].sample("some", 30), e, progress=False)
    assert missing_count(lab["digits"], e) == 50
    embed(lab["digits"], e, progress=False)
    both = lab["digits"].merge(lab["bright"], name="both")
    embed(both, e, progress=False)
    assert len(e.asked) == 30 + 50 + 80
    embed(both.sample("again", 100), e, progress=False)
    assert len(e.asked) == 160 and missing_count(both, e) == 0
    again = Mean()
    embed(veml.open(lab.path)["both"], again, progress=False)
    assert again.asked == []


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_vector_that_is_no_number_names_its_sample_and_is_not_kept(lab, bad):
    class Broken(Mean):
        def embed(self, version, positions):
            out = super().embed(version, positions)
            if 70 in positions:
                out[positions.index(70), 1] = bad
            return out

    version = lab["digits"]
    with pytest.raises(BadData, match=version.samples["uri"][70].as_py()):
        embed(version, Broken(), progress=False)
    good = Mean()
    np.testing.assert_array_equal(embed(version, good, progress=False)[70], Mean.of(version, 70))
    assert good.asked == list(range(64, 80))  # the batch before was kept


def test_a_wrong_shape_is_said(lab):
    class Wide(Mean):
        def embed(self, version, positions):
            return np.zeros((len(positions), 3), np.float32)

    with pytest.raises(BadData, match=r"\(64, 2\) was due"):
        embed(lab["digits"], Wide(), progress=False)


def test_a_file_of_another_shape_is_said(lab):
    e = Mean()
    embed(lab["digits"], e, progress=False)
    np.save(lab.path / "embeddings" / e.fingerprint / "0.npy", np.zeros((80, 5), np.float32))
    with pytest.raises(BadData, match="embed again"):
        embed(lab["digits"], e, progress=False)


def test_a_file_of_another_shape_is_said_before_anything_is_embedded(lab):
    e = Mean()
    embed(lab["digits"].sample("some", 30), e, progress=False)
    np.save(lab.path / "embeddings" / e.fingerprint / "0.npy", np.zeros((80, 5), np.float32))
    again = Mean()
    with pytest.raises(BadData, match="embed again"):
        embed(lab["digits"], again, progress=False)
    assert again.asked == []


def test_a_disk_that_is_full_is_an_error_not_a_killed_process(lab, python):
    """A store into a hole of a memory map would end in SIGBUS; here the limit on a file's size stands for the disk."""
    done = python(FULL, lab.path)
    _, err = done.communicate(timeout=PATIENCE_S)
    assert done.returncode == 1 and "File too large" in err, err
    e = Mean()
    np.testing.assert_array_equal(
        embed(lab["digits"], e, progress=False), [Mean.of(lab["digits"], p) for p in range(80)]
    )
    assert set(range(64, 80)) <= set(e.asked)  # what did not fit was not marked as written


FULL = """
import resource, signal, sys, veml_lab as veml
from veml_lab.embeddings import vectors
from embeddings.pixel_mean import Mean
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
version = veml.open(sys.argv[1])["digits"]
create = vectors._Block.create
def small(self):
    create(self)
    header = self.file.stat().st_size - 80 * 2 * 4
    resource.setrlimit(resource.RLIMIT_FSIZE, (header + 64 * 2 * 4, resource.RLIM_INFINITY))
vectors._Block.create = small
vectors.embed(version, Mean(), progress=False)
"""


EMBED = """
import os, signal, sys, time, numpy as np, veml_lab as veml
from veml_lab.embeddings import vectors
from embeddings.pixel_mean import Mean
vectors.BATCH = 4
class Slow(Mean):
    def embed(self, version, positions):
        time.sleep(0.01)
        if sys.argv[2] in map(str, positions):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().embed(version, positions)
lab = veml.open(sys.argv[1])
print("ready", flush=True)
found = vectors.embed(lab["digits"], Slow(), progress=False)
assert np.array_equal(found, [Mean.of(lab["digits"], p) for p in range(80)]), "a row that nobody wrote"
"""


def test_processes_that_embed_at_once_get_the_same_right_vectors(lab, python):
    """A block that is made twice would empty what the first has written, with its rows marked as done."""
    processes = [python(EMBED, lab.path, "never") for _ in range(2)]
    for p in processes:
        _, err = p.communicate(timeout=PATIENCE_S)
        assert p.returncode == 0, err
    np.testing.assert_array_equal(
        embed(lab["digits"], Mean(), progress=False), [Mean.of(lab["digits"], p) for p in range(80)]
    )


def test_making_a_block_that_another_process_has_filled_leaves_it(lab):
    """Both looked, both saw nothing, one was quicker: the later ``create`` must not begin again."""
    from veml_lab.embeddings.vectors import _Block

    e = Mean()
    late = _Block(lab.path, e, 0, 80, False)
    assert late.missing(np.arange(80)).all()
    embed(lab["digits"], e, progress=False)
    late.create()
    assert missing_count(lab["digits"], e) == 0
    assert embed(lab["digits"], e, progress=False).all()


def test_killed_while_it_embeds_it_goes_on_with_what_is_missing(lab, python):
    assert python(EMBED, lab.path, "41").wait(PATIENCE_S) == -signal.SIGKILL
    e = Mean()
    found = embed(lab["digits"], e, progress=False)
    np.testing.assert_array_equal(found, [Mean.of(lab["digits"], p) for p in range(80)])
    assert (
        set(range(40, 80)) <= set(e.asked) and len(e.asked) <= 40 + 3 * 4
    )  # batches of 4; the last few were still to be written


# -- torchvision's networks ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def squeeze():
    return torchvision_embedder("squeezenet1_1", weights="random", size_px=32)


def test_random_features_are_the_same_for_a_seed_and_say_what_they_are(squeeze, digits_lab):
    again = torchvision_embedder("squeezenet1_1", weights="random", size_px=32)
    other = torchvision_embedder("squeezenet1_1", weights="random", size_px=32, seed=1)
    a, b, c = (e.embed(digits_lab.digits, [0, 1, 40]) for e in (squeeze, again, other))
    assert a.shape == (3, squeeze.dim) and np.isfinite(a).all()
    np.testing.assert_array_equal(a, b)
    assert not np.allclose(a, c)
    assert squeeze.fingerprint == again.fingerprint != other.fingerprint
    assert "random features" in repr(squeeze)


def test_random_features_tell_conditions_apart(squeeze, digits_lab, fresh):
    """Calibrated, an untrained network sees brightness: without it the features carry next to nothing."""
    a, b = (embed(v, squeeze, progress=False) for v in map(fresh(digits_lab).get, ("digits", "bright")))
    between = np.linalg.norm(a.mean(0) - b.mean(0))
    within = np.linalg.norm(a - a.mean(0), axis=1).mean()
    assert between > within


def test_weights_come_from_a_file_and_name_the_fingerprint(tmp_path, squeeze, digits_lab):
    import torch
    from torchvision.models import get_model

    torch.manual_seed(5)
    model = get_model("squeezenet1_1", weights=None)
    torch.save(model.state_dict(), tmp_path / "squeezenet1_1_mine.pth")
    assert find_weights("squeezenet1_1", None, tmp_path) == tmp_path / "squeezenet1_1_mine.pth"
    e = torchvision_embedder("squeezenet1_1", weights="auto", folders=(tmp_path,), size_px=32)
    assert e.fingerprint != squeeze.fingerprint and "mine" in repr(e)
    lab = digits_lab.lab
    x = e.prepare(lab["digits"], [0, 1])
    z = (x.float() / 255 - torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)) / torch.tensor(
        [0.229, 0.224, 0.225]
    ).view(3, 1, 1)
    with torch.inference_mode():  # the oracle: torchvision's own features, pooled by hand
        expected = model.eval().features(z).mean((2, 3)).numpy()
    np.testing.assert_allclose(e.embed(lab["digits"], [0, 1]), expected, rtol=1e-3, atol=1e-4)


def test_weights_that_do_not_fit_or_are_unsafe_are_refused(tmp_path):
    import torch

    torch.save({"other": torch.zeros(3)}, tmp_path / "other.pth")
    with pytest.raises(BadData, match="do not fit"):
        torchvision_embedder("squeezenet1_1", weights=tmp_path / "other.pth", size_px=32)
    with pytest.raises(MissingFile, match="none"):
        torchvision_embedder("squeezenet1_1", weights=tmp_path / "none.pth", size_px=32)

    class Payload:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "owned"),))

    for name in ("evil.pth", "evil.safetensors"):
        (tmp_path / name).write_bytes(pickle.dumps(Payload()))
        with pytest.raises(BadData, match="no usable weights"):
            load_state(tmp_path / name)
    assert not (tmp_path / "owned").exists()


def test_unknown_networks_and_sizes_are_refused():
    with pytest.raises(UnknownName, match="squeezenet1_1"):
        torchvision_embedder("squeezenet1_2", weights="random")
    with pytest.raises(BadInput, match="size_px"):
        torchvision_embedder("squeezenet1_1", weights="random", size_px=8)


@pytest.mark.parametrize("network", ["mobilenet_v2", "resnet18"])
def test_other_networks_lose_their_head_too(network, digits_lab):
    e = torchvision_embedder(network, weights="random", size_px=32)
    assert e.embed(digits_lab.digits, [0]).shape == (1, {"mobilenet_v2": 1280, "resnet18": 512}[network])


def test_the_lab_keeps_its_embedder_with_a_copy_of_the_weights(empty_lab, tmp_path):
    import torch
    from torchvision.models import get_model

    file = tmp_path / "squeezenet1_1.pth"
    torch.save(get_model("squeezenet1_1", weights=None).state_dict(), file)
    chosen = empty_lab.use_embedder("squeezenet1_1", weights=file, size_px=32)
    file.unlink()
    again = veml.open(empty_lab.path, read_only=True).embedder
    assert again.fingerprint == chosen.fingerprint


def test_the_name_of_a_network_stays_the_networks(tmp_path, monkeypatch):
    """A package that adds an embedder called like one of torchvision's networks is told so, and not used."""
    from packages import install

    install(tmp_path / "site", "acme", {"acme_net.py": "1 / 0"}, {"embedders": {"squeezenet1_1": "acme_net:X"}})
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    lab = veml.open(tmp_path / "lab")
    with pytest.warns(UserWarning, match=r"'squeezenet1_1' of the package acme 1\.2 is not used"):
        e = lab.use_embedder("squeezenet1_1", weights="random", size_px=32)
    assert e.dim == 512 and "random features" in repr(e)

"""Tables against scikit-learn, functions of the user, trainings as embedders."""

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import veml_lab as veml
from veml_lab.embeddings import embed, own_embedder, table_autoencoder, table_embedder
from veml_lab.errors import BadData, BadInput, UnknownName


def rides(n=200, seed=0):
    r = np.random.default_rng(seed)
    speed = r.normal(40, 12, n)
    speed[::17] = np.nan
    return pd.DataFrame(
        {
            "speed": speed,
            "load": r.integers(0, 9, n),
            "wet": r.random(n) < 0.3,
            "road": r.choice(["city", "land", "motorway"], n),
        }
    )


def test_columns_are_those_of_scikit_learn_fitted_on_the_training_rows_alone():
    train, test = rides(), rides(50, seed=1)
    numbers = ["speed", "load", "wet"]
    scaled = np.nan_to_num(StandardScaler().fit(train[numbers].astype(float)).transform(test[numbers].astype(float)))
    hot = OneHotEncoder(sparse_output=False).fit(train[["road"]]).transform(test[["road"]])
    got = table_embedder(train).embed(test)
    np.testing.assert_allclose(got, np.hstack([scaled, hot]), atol=1e-5)


def test_unseen_categories_and_missing_cells_are_zeros_and_a_constant_column_too():
    e = table_embedder({"a": ["x", "y", None], "b": [5.1, 5.1, 5.1]})
    assert e.embed({"a": ["z", None], "b": [5.1, np.nan]}).tolist() == [[0, 0, 0]] * 2


def test_many_categories_are_hashed_into_a_fixed_width_and_stay_apart():
    names = [f"street {i}" for i in range(300)]
    e = table_embedder({"street": names}, buckets=16)
    x = e.embed({"street": names})
    assert x.shape == (300, 16) and (np.abs(x).sum(1) == 1).all()
    assert len(np.unique(x, axis=0)) == 32  # every place, with both signs
    np.testing.assert_array_equal(e.embed({"street": names[::-1]}), x[::-1])


def test_the_fingerprint_follows_what_was_learnt():
    a, b = table_embedder(rides()), table_embedder(rides(seed=1))
    assert a.fingerprint == table_embedder(rides()).fingerprint != b.fingerprint


def test_bad_tables_are_named():
    with pytest.raises(BadData, match="'x' has infinity in 1 rows, first in row 1"):
        table_embedder({"x": [0.0, np.inf]})
    with pytest.raises(BadData, match="'x' has no value"):
        table_embedder({"x": [None, None]})
    with pytest.raises(BadInput, match="lacks the column 'road'"):
        table_embedder(rides()).embed(rides().drop(columns="road"))
    with pytest.raises(BadInput, match="0 rows"):
        table_embedder(rides().head(0))
    with pytest.raises(BadData, match="held numbers"):
        table_embedder({"x": [1.0, 2.0]}).embed({"x": ["one"]})


def test_the_table_autoencoder_finds_the_plane_that_rows_lie_in():
    r = np.random.default_rng(0)
    rows = r.standard_normal((400, 2)) @ r.standard_normal((2, 10))
    e = table_autoencoder(rows, dim=2, seed=0)
    assert e.error < 0.1 and e.embed(rows).shape == (400, 2)
    assert table_autoencoder(rows, dim=2, epochs=3).fingerprint == table_autoencoder(rows, dim=2, epochs=3).fingerprint
    with pytest.raises(BadInput, match="between 1 and the 10"):
        table_autoencoder(rows, dim=11)


def mean_colour(images):
    return [np.asarray(i).mean(axis=(0, 1)) for i in images]


def test_a_function_of_the_user_embeds_a_lab_and_is_asked_for_again(digits_lab, fresh):
    lab = fresh(digits_lab)
    train = lab["digits-train"]
    e = lab.use_embedder(own_embedder(mean_colour))
    x = embed(train, e, progress=False)
    want = np.stack([np.asarray(train.images[i], np.float32).mean((0, 1)) for i in range(len(train))])
    np.testing.assert_allclose(x, want, atol=1e-4)
    batch = own_embedder(lambda b: b.mean(axis=(2, 3)), takes="batch", size_px=16, fingerprint="channel-means")
    np.testing.assert_allclose(embed(train, batch, progress=False), want, atol=1e-4)
    with pytest.raises(BadInput, match="function of your own"):
        _ = veml.open(lab.path).embedder


@pytest.mark.parametrize(
    "function, message",
    [
        (lambda images: np.zeros(3), "shape"),
        (lambda images: np.zeros((1, 3)), "one row an image"),
        (lambda images: "no", "no numbers"),
        (lambda images: [[1], [1, 2]], "no numbers"),
    ],
)
def test_a_function_that_gives_something_else_is_told_so(function, message):
    with pytest.raises(BadData, match=message):
        own_embedder(function, fingerprint="x")


def test_a_function_that_gives_nan_is_told_the_sample(digits_lab, fresh):
    lab = fresh(digits_lab)
    broken = own_embedder(lambda images: np.full((len(images), 2), np.nan), fingerprint="broken", dim=2)
    with pytest.raises(BadData, match=r"NaN or infinity for sample .*images-idx3"):
        embed(lab["digits-train"], broken, progress=False)


def test_a_batch_that_is_too_large_for_the_gpu_is_halved_and_said():
    import torch

    from veml_lab.embeddings import torchvision_embedder

    e = torchvision_embedder("squeezenet1_1", weights="random", size_px=32)
    batch = torch.randint(0, 256, (7, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    whole, model = e.forward(batch), e._model

    def small(x):
        if len(x) > 2:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        return model(x)

    e._model = small
    with pytest.warns(UserWarning, match="no memory for 7 images of 32 px at once; going on with 3"):
        halved = e.forward(batch)
    np.testing.assert_allclose(halved, whole, atol=1e-5)


def test_own_fingerprints_are_names_and_come_from_the_source():
    assert own_embedder(mean_colour).fingerprint == own_embedder(mean_colour).fingerprint
    assert own_embedder(mean_colour).fingerprint.startswith("own-mean-colour-")
    with pytest.raises(BadInput, match="name of a folder"):
        own_embedder(mean_colour, fingerprint="../x")
    with pytest.raises(BadInput, match="cannot be read"):
        own_embedder(np.asarray)
    with pytest.raises(UnknownName, match="images"):
        own_embedder(mean_colour, takes="pixels")


def test_a_training_embeds_by_what_feeds_its_classifier_and_is_found_again(digits_lab, fresh):
    import torch

    from veml_lab.training.torchvision.predictions import load

    lab = fresh(digits_lab)
    training, data = lab["first"], lab["digits-train"]
    e = lab.use_embedder(training=training)
    x = embed(data, e, progress=False)
    net = load(training.model.recipe, training.checkpoint)
    images = torch.stack([data.to_torch(size_px=(16, 16), labelled=False).image(i) for i in range(8)])
    with torch.inference_mode():
        logits = net(images.float() / 255).numpy()
    head = {k: v.detach().numpy() for k, v in net.net.fc.named_parameters()}
    np.testing.assert_allclose(x[:8] @ head["weight"].T + head["bias"], logits, atol=1e-4)
    again = veml.open(lab.path).embedder
    assert again.fingerprint == e.fingerprint and (embed(data, again, progress=False) == x).all()

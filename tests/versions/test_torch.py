"""Torch data sets of every task, alone and in a DataLoader with workers, and preparations against scikit-learn and
NumPy."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from kinds import everything, rows, source, windows
from PIL import Image
from torch.utils.data import DataLoader

from veml_lab.errors import BadData, BadInput, MissingLabels, UnknownName
from veml_lab.sources.source import Keypoints, Mask, Record
from veml_lab.versions.preparation import _booleans, features
from veml_lab.versions.torch_dataset import collate


def version_for(lab, task):
    if task == "rows":
        return lab.add("rows", rows(), progress=False).prepare("prepared rows", impute="mean", scale="standard")
    if task == "forecasting":
        return lab.add("sensors", windows(), progress=False).prepare("scaled", scale="standard")
    made = replace(everything(), task=task, fingerprint=task)
    if task in ("classification", "regression"):  # every sample needs one
        made = replace(made, records=lambda: (r for r in everything().records() if r.label is not None))
    return lab.add(task, made, progress=False)


TASKS = [
    "classification",
    "detection",
    "segmentation",
    "keypoints",
    "captioning",
    "regression",
    "none",
    "rows",
    "forecasting",
]


def equal(a, b):
    if isinstance(a, torch.Tensor):
        return torch.equal(torch.nan_to_num(a.float()), torch.nan_to_num(b.float()))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(equal(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(equal, a, b))
    return a == b


@pytest.mark.parametrize("how", ["fork", "spawn"])
def test_workers_give_the_items_of_this_process(empty_lab, how):
    """One pass a start method over data sets of all tasks: a worker that is spawned costs seconds of imports."""
    from torch.utils.data import ConcatDataset

    sets = ConcatDataset([version_for(empty_lab, task).to_torch() for task in TASKS])
    loader = DataLoader(
        sets, batch_size=5, num_workers=2 if how == "fork" else 1, collate_fn=collate, multiprocessing_context=how
    )
    found = [item for xs, ys in loader for item in zip(xs, ys, strict=True)]
    assert len(found) == len(sets) == 2 * 7 + 5 * 8 + 50 + 33
    assert all(equal(found[i], sets[i]) for i in range(len(sets)))


def test_masks_are_the_pixels_of_their_outlines(empty_lab):
    version = version_for(empty_lab, "segmentation")
    image, target = version.to_torch()[2]
    assert image.dtype == torch.uint8 and target["masks"].shape == (
        1,
        30,
        40,
    )  # the run lengths of the second hold no pixel
    x = 3.5
    inside = target["masks"][0, 3:13, int(x) + 1 : int(x) + 9]
    assert bool((inside == 1).all()) and int(target["masks"].sum()) < 10 * 12 + 20
    assert target["labels"].tolist() == [0]
    ys, xs = np.nonzero(target["masks"][0].numpy())
    assert target["boxes"][0].tolist() == [xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]
    semantic = version.to_torch(semantic=True)[2][1]
    assert torch.equal((semantic == 1).to(torch.uint8), target["masks"][0]) and semantic.max() == 1


def test_run_lengths_decode_to_the_pixels_that_were_encoded_and_follow_a_resize(empty_lab):
    from pycocotools import mask as coco

    pixels = np.zeros((30, 40), np.uint8, order="F")
    pixels[6:20, 10:30] = 1
    counts = coco.encode(pixels)["counts"].decode()
    record = replace(next(iter(everything().records())), masks=(Mask("cat", (), (30, 40, counts)),))
    version = empty_lab.add("x", source([record], "segmentation", ("cat", "dog")), progress=False)
    np.testing.assert_array_equal(version.to_torch()[0][1]["masks"][0].numpy(), pixels)
    half = version.to_torch(size_px=(20, 15))[0][1]
    np.testing.assert_array_equal(half["masks"][0].numpy(), pixels[::2, ::2])
    assert half["boxes"].tolist() == [[5.0, 3.0, 15.0, 10.0]]


def test_keypoints_come_with_the_box_of_their_object_and_follow_a_resize(empty_lab):
    version = version_for(empty_lab, "keypoints")
    first = next(iter(version.ids))
    _, target = version.to_torch(size_px=(80, 60))[0]
    assert target["keypoints"].shape == (1, 3, 3)
    np.testing.assert_allclose(target["keypoints"][0].numpy(), [[3.0, 6.0, 2], [5.0, 9.0, 1], [0, 0, 0]])
    box = version.annotations.of_kind("box")[first][0]
    np.testing.assert_allclose(
        target["boxes"][0].numpy(), [2 * box.x, 2 * box.y, 2 * (box.x + box.w), 2 * (box.y + box.h)]
    )
    lone = replace(
        next(iter(everything().records())),
        boxes=(),
        keypoints=(Keypoints("cat", ((2.0, 3.0, 2), (9.0, 5.0, 1), (0.0, 0.0, 0))),),
    )
    alone = empty_lab.add("lone", source([lone], "keypoints", ("cat",), fingerprint="lone"), progress=False)
    assert alone.to_torch()[0][1]["boxes"].tolist() == [[2.0, 3.0, 9.0, 5.0]]


def test_texts_and_numbers_are_targets_too(empty_lab):
    assert version_for(empty_lab, "captioning").to_torch()[1][1] == ["a cat, no. 1", "zweiter Satz: größer"]
    regression = version_for(empty_lab, "regression")
    assert regression.annotations.target_names == ("age", "mass")
    np.testing.assert_allclose(regression.to_torch()[2][1], [2.1, -2.0], rtol=1e-6)
    lacking = empty_lab.add("lacking", replace(everything(), task="regression", fingerprint="lacking"), progress=False)
    with pytest.raises(MissingLabels, match="1 of 8 samples"):
        lacking.to_torch()


def test_a_class_of_an_object_that_the_model_does_not_know_is_named(empty_lab):
    for task in ("detection", "segmentation", "keypoints"):
        with pytest.raises(BadData, match=r"dog|cat"):
            version_for(empty_lab, task).to_torch(classes=("bird",))[0]


def test_an_item_beyond_the_end_is_an_index_error(empty_lab):
    data = version_for(empty_lab, "none").to_torch()
    assert equal(data[-1], data[7])
    for position in (8, -9):
        with pytest.raises(IndexError):
            data[position]


# -- preparation -----------------------------------------------------------------------------------


def train_test(n=60):
    """Training rows around 0, test rows far away: a preparation that looks at test rows is found out."""
    rng = np.random.default_rng(3)
    records = []
    for i in range(n):
        test = i % 4 == 0
        value = float(rng.normal(100 if test else 0, 3))
        columns = {
            "a": None if i % 9 == 5 else value,
            "b": float(i),
            "colour": "violet" if test else ["red", "green", None][i % 3],
            "on": i % 2 == 0,
        }
        records.append(Record(f"r{i}", b"", 0, 0, "test" if test else "train", label="x", kind="row", columns=columns))
    return source(records, "classification", ("x",), fingerprint="train-test")


@pytest.mark.parametrize(("impute", "scale"), [("mean", "standard"), ("median", "minmax"), (7.5, None), ("mean", None)])
def test_rows_are_prepared_as_scikit_learn_does_it_fitted_on_train_alone(empty_lab, impute, scale):
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, StandardScaler

    whole = empty_lab.add("whole", train_test(), progress=False)
    prepared = whole.prepare("prepared", impute=impute, scale=scale)
    frame = whole.to_pandas()
    train = (frame["role"] == "train").to_numpy()
    imputer = (
        SimpleImputer(strategy=impute)
        if isinstance(impute, str)
        else SimpleImputer(strategy="constant", fill_value=impute)
    )
    scaler = {"standard": StandardScaler(), "minmax": MinMaxScaler(), None: FunctionTransformer()}[scale]
    pipeline = make_pipeline(imputer, scaler)
    numbers = frame[["a", "b", "on"]].astype(float).to_numpy()
    pipeline.fit(numbers[train])
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(
        frame.loc[train & frame["colour"].notna(), ["colour"]]
    )
    expected_numbers, colours = pipeline.transform(numbers), encoder.transform(frame[["colour"]])
    found, names = features(prepared)
    assert names == ["a", "b", "colour=green", "colour=red", "on"]
    np.testing.assert_allclose(found[:, [0, 1, 4]], expected_numbers, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(found[:, [2, 3]], colours)
    assert prepared.facts.preparation["fitted"] == {"version": whole.id, "samples": int(train.sum())}


def test_a_preparation_is_inherited_and_handed_to_test_data_but_never_fitted_on_it(empty_lab):
    empty_lab.add("whole", train_test(), progress=False)
    train, test = empty_lab["whole-train"], empty_lab["whole-test"]
    with pytest.raises(BadInput, match=r"fitted on training data.*like="):
        test.prepare("x", scale="standard")
    ready = train.prepare("ready", impute="mean", scale="standard")
    part = ready.sample("part", 5)
    also = test.prepare("also", like=ready)
    assert part.facts.preparation == also.facts.preparation == ready.facts.preparation
    assert test.facts.preparation == {} and test.key != also.key and also.history.replay() == test.ids
    x = also.to_torch()
    assert float(x.x[:, 0].mean()) > 20  # the test rows are far away in the units of training
    assert train.prepare("ready", impute="mean", scale="standard") == ready
    with pytest.raises(BadInput, match="prepared differently"):
        ready.merge(test, name="y")


def test_pictures_are_resized_and_normalised_on_reading(empty_lab):
    whole = empty_lab.add("all", everything(), progress=False)
    ready = whole.prepare("ready", resize=(20, 15), normalise=True)
    train = [r for r in everything().records() if r.role == "train"]
    pixels = (
        np.concatenate([np.asarray(Image.open(io.BytesIO(r.image)).convert("RGB")).reshape(-1, 3) for r in train]) / 255
    )
    np.testing.assert_allclose(ready.facts.preparation["normalise"]["mean"], pixels.mean(0), rtol=1e-9)
    np.testing.assert_allclose(ready.facts.preparation["normalise"]["std"], pixels.std(0), rtol=1e-9)
    image, target = ready.to_torch()[0]
    plain, plain_target = whole.to_torch()[0]
    assert image.shape == (3, 15, 20) and image.dtype == torch.float32 and plain.dtype == torch.uint8
    np.testing.assert_allclose(target["boxes"], plain_target["boxes"] / 2)
    raw, _ = ready.to_torch(prepared=False)[0]
    assert torch.equal(raw, plain)
    small = whole.to_torch(size_px=(20, 15))[0][0].float() / 255
    mean, std = (
        torch.tensor(ready.facts.preparation["normalise"][k], dtype=torch.float32)[:, None, None]
        for k in ("mean", "std")
    )
    assert torch.allclose(image, (small - mean) / std, atol=1e-5)
    assert ready.prepare("net", normalise="imagenet").facts.preparation["resize"] == [20, 15]


def test_windows_are_scaled_by_their_training_readings(empty_lab):
    sensors = empty_lab.add("sensors", windows(), progress=False)
    ready = sensors.prepare("ready", scale="standard")
    values = windows().series.values
    last = max(i for i, r in enumerate(windows().records()) if r.role == "train")
    seen = values[: last + 8]
    np.testing.assert_allclose(ready.facts.preparation["windows"]["mean"], np.nanmean(seen, axis=(0, 1)), rtol=1e-5)
    x, target = ready.to_torch()[4]
    expected = (values[4:10] - np.nanmean(seen, axis=(0, 1))) / np.nanstd(seen, axis=(0, 1))
    np.testing.assert_allclose(x, np.nan_to_num(expected), rtol=1e-4, atol=1e-5)
    assert target["y"].shape == (2, 3, 2)


@pytest.mark.parametrize(
    ("task", "options", "message"),
    [
        ("none", {}, "nothing to prepare"),
        ("none", {"resize": (0, 5)}, "width, height"),
        ("none", {"resize": 5.5}, "width, height|not iterable"),
        ("none", {"normalise": "mine"}, "imagenet"),
        ("none", {"normalise": {"mean": [0, 0, 0]}}, "'mean' and 'std'"),
        ("none", {"normalise": {"mean": [0, 0, 0], "std": [1, 0, 1]}}, "positive std"),
        ("none", {"impute": "mean"}, "for table rows"),
        ("none", {"scale": "standard"}, "pictures are normalised"),
        ("rows", {"resize": (5, 5)}, "for pictures"),
        ("rows", {"impute": "mode"}, "'mean', 'median' or a number"),
        ("rows", {"scale": "robust"}, "'standard' or 'minmax'"),
        ("rows", {"columns": ["z"]}, "no feature column 'z'"),
        ("forecasting", {"scale": "minmax"}, "'standard'"),
        ("forecasting", {"impute": 0}, "for table rows"),
    ],
)
def test_a_preparation_that_makes_no_sense_makes_no_version(empty_lab, task, options, message):
    version = {"rows": rows, "forecasting": windows}.get(task, everything)()
    made = empty_lab.add("x", version, progress=False)
    before = empty_lab.revision()
    with pytest.raises((BadInput, UnknownName), match=message):
        made.prepare("y", **options)
    assert empty_lab.revision() == before


def test_rows_without_a_preparation_are_numbers_or_say_what_to_do(empty_lab):
    with pytest.raises(BadInput, match=r"'colour'.*holds text; prepare"):
        empty_lab.add("rows", rows(), progress=False).to_torch()
    plain = [replace(r, columns={k: v for k, v in r.columns.items() if k in "ab"}) for r in rows().records()]
    data = empty_lab.add("plain", source(plain, "regression", fingerprint="plain"), progress=False).to_torch()
    assert data.names == ["a", "b"] and bool(torch.isnan(data.x[3, 1])) and data[5][1].tolist() == [11.0]


def test_options_of_a_dataset_that_do_not_fit_what_a_version_holds_are_refused_with_those_that_do(empty_lab):
    cases = [
        (everything(), {"scaling": (0, 1)}, "pictures, which take size_px, .* leave out scaling"),
        (
            rows(),
            {"size_px": (4, 4), "cache": True},
            "table rows, which take classes, labelled; leave out size_px, cache",
        ),
        (windows(), {"labelled": False}, "windows, which take scaling; leave out labelled"),
    ]
    for i, (made, options, message) in enumerate(cases):
        version = empty_lab.add(f"v{i}", made, progress=False)
        with pytest.raises(BadInput, match=message):
            version.to_torch(**options)


def test_a_gap_is_no_value_even_where_one_is_called_so(empty_lab):
    """Texts "None" and "nan" are values like others; a missing cell and one that training did not know are -1."""
    cells = ["None", "nan", None, "red", "nan", None]
    records = [
        Record(f"r{i}", b"", 0, 0, "train", label="x", kind="row", columns={"colour": c, "n": i})
        for i, c in enumerate(cells)
    ]
    records += [Record("t", b"", 0, 0, "test", label="x", kind="row", columns={"colour": "blue", "n": 9})]
    whole = empty_lab.add("gaps", source(records, "classification", ("x",)), progress=False)
    coded, names = features(whole.prepare("coded", one_hot=False))
    assert names == ["colour", "n"] and coded[:, 0].tolist() == [0, 1, -1, 2, 1, -1, -1]
    hot, names = features(whole.prepare("hot"))
    assert names == ["colour=None", "colour=nan", "colour=red", "n"]
    assert hot[:, :3].tolist() == [[k == c for k in range(3)] for c in (0, 1, -1, 2, 1, -1, -1)]


@pytest.mark.parametrize(
    "values, truth",
    [([True, None, False], True), ([None], False), ([], False), ([True, 1], False), ([True, "yes"], False)],
)
def test_truth_values_with_gaps_are_told_from_everything_else(values, truth):
    import pandas as pd

    assert _booleans(pd.Series(values, dtype=object)) is truth


def test_a_column_that_is_constant_is_shifted_and_not_divided_by_nothing(empty_lab):
    records = [Record(f"r{i}", b"", 0, 0, "train", kind="row", columns={"a": 5.0, "b": float(i)}) for i in range(3)]
    whole = empty_lab.add("flat", source(records), progress=False)
    for scale, b in (("minmax", [0, 0.5, 1]), ("standard", [-(1.5**0.5), 0, 1.5**0.5])):
        found, _ = features(whole.prepare(scale, scale=scale))
        np.testing.assert_allclose(found, np.stack([[0, 0, 0], b], axis=1), atol=1e-6)

"""Runtimes: what runs an exported model is chosen by name, kept with the inference version, and asked by all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import veml_lab as veml
from veml_lab.errors import BadData, UnknownName
from veml_lab.serving import runtimes
from veml_lab.serving.predict import predict


def test_a_model_deployed_with_the_reference_says_what_onnx_runtime_says(digits_lab, fresh):
    lab = fresh(digits_lab)
    plain = veml.deploy(lab["first"], name="reference", runtime="onnx-reference", check=4)
    assert plain.configuration["runtime"] == "onnx-reference" and plain.measured["agreement"] == 1
    test = lab["digits-test"]
    slow, quick = predict(plain, test, progress=False), predict(plain, test, runtime="onnxruntime", progress=False)
    assert slow.probabilities is not None and quick.probabilities is not None
    np.testing.assert_allclose(slow.probabilities, quick.probabilities, atol=1e-5)


def test_what_it_is_run_with_is_kept_and_asked_by_parity_predictions_and_bad_cases(digits_lab, fresh, monkeypatch):
    opened = []

    class Heard(runtimes.OnnxRuntime):
        def __init__(self, file):
            super().__init__(file)
            opened.append(file)

    lab = fresh(digits_lab)
    monkeypatch.setitem(runtimes.OURS, "heard", Heard)
    made = veml.deploy(lab["first"], name="heard", runtime="heard", check=4)
    assert len(opened) == 1  # the parity check
    veml.bad_cases(made, lab["digits-test"], progress=False)
    assert len(opened) == 2
    veml.bad_cases(made, lab["digits-test"], runtime="onnxruntime", progress=False)
    assert len(opened) == 2


def test_an_unknown_runtime_is_answered_with_the_nearest_before_anything_is_exported(digits_lab, fresh):
    lab = fresh(digits_lab)
    with pytest.raises(UnknownName, match="known: onnxruntime, onnx-reference"):
        veml.deploy(lab["first"], name="x", runtime="onnxruntim")
    assert "x" not in lab and not list((lab.path / "blobs").glob(".export*"))


@pytest.mark.parametrize("name", runtimes.OURS)
def test_a_file_that_is_no_model_is_said(name, tmp_path):
    (tmp_path / "m.onnx").write_bytes(b"no model at all")
    with pytest.raises(BadData, match=r"m\.onnx is no ONNX model"):
        runtimes.runtime(name)(tmp_path / "m.onnx")


def test_a_transferred_lifecycle_is_deployed_in_the_runtime_of_its_donor(digits_lab, fresh):
    lab = fresh(digits_lab)
    donor = lab["first"]
    veml.deploy(donor, name="reference", runtime="onnx-reference", check=2)
    plan = veml.transfer(donor, lab["bright"], name="there", hyper={"epochs": 1})
    assert plan.deployment["runtime"] in ("onnx-reference", "onnxruntime")
    there = veml.train(replace(plan, deployment={"format": "onnx", "runtime": "onnx-reference"}), progress=False)
    assert veml.deploy(there, name="there too", check=2).configuration["runtime"] == "onnx-reference"

"""A lab with a whole life: real imports and set algebra, and trainings as their versions say that they ran."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from veml_lab.versions import operations

RECIPE = {
    "backend": "torchvision",
    "task": "classification",
    "architecture": "resnet10",
    "backbone": "resnet10",
    "size_px": [16, 16],
    "num_classes": 3,
    "classes": ["0", "1", "2"],
    "parameters": 1000,
    "width": 8,
}


def training(store, name, model, data, test, *, accuracy, init=None, rebuilt=None, lr=0.01, seed=0):
    """A training version, registered as a job registers it."""
    plan = {
        "name": name,
        "model": model.id,
        "data": data.id,
        "validation": test.id,
        "backend": "torchvision",
        "seed": seed,
        "hyper": {"epochs": 2, "lr": lr},
        "init": init.id if init else None,
        "rebuilt_from": rebuilt.id if rebuilt else None,
        "method": "transfer" if init else "scratch",
        "labels": None,
        "deployment": {},
    }
    props = {
        "key": name,
        "plan": plan,
        "summary": {"accuracy": accuracy, "seconds": 2.5},
        "classes": ["0", "1", "2"],
        "metric": "accuracy",
        "checkpoint": f"jobs/{name}/model.safetensors",
        "environment": {"torch": "2.13", "veml_lab": "0.1.0"},
        "reused": 0,
        "fresh": [],
    }
    edges = [(model.id, "instance_of", {}), (data.id, "trained_on", {}), (test.id, "tested_on", {})]
    edges += [(init.id, "fine_tuned_from", {"reused": 3})] if init else []
    edges += [(rebuilt.id, "rebuilt_from", {"operation": "transfer"})] if rebuilt and rebuilt != init else []
    return store.add("training", name, props, edges)


def deployment(store, name, training, test):
    """An inference version, registered as ``deploy`` registers it."""
    props = {
        "training": training.id, "configuration": {"format": "onnx", "opset": 17},
        "measured": {"agreement": 1.0, "onnx_ms": 0.1, "size_mb": 0.3}, "file": f"blobs/{name}.onnx", "sha256": "",
    }  # fmt: skip
    return store.add(
        "inference",
        name,
        props,
        [(training.id, "deployed_as", {"operation": "onnx"}), (test.id, "tested_on", {"operation": "parity"})],
    )


@pytest.fixture(scope="session")
def life(tmp_path_factory, digits, bright_digits) -> SimpleNamespace:
    """digits and bright; zeros cut from digits; first on digits, deployed; its bad cases; second started from it,
    deployed too."""
    import veml_lab as veml
    from veml_lab.versions.model import add_model
    from veml_lab.versions.results import put_result

    lab = veml.open(tmp_path_factory.mktemp("labs") / "life")
    store = lab.store
    lab.add("digits", veml.read_idx(digits), progress=False)
    lab.add("bright", veml.read_idx(bright_digits), progress=False)
    lab["digits-train"].filter("zeros", "label = '0'")
    tiny = add_model(store, "tiny", RECIPE)
    first = training(store, "first", tiny, lab["digits-train"], lab["digits-test"], accuracy=0.9)
    production = deployment(store, "in production", first, lab["digits-test"])
    bad = operations.select(lab["bright-test"], "bad ones", [0, 3], operation="bad cases")
    store.link(production.id, bad.id, "bad_cases_of", {"n": 2})
    mended = lab["bright-train"].merge(bad, name="mended")
    wide = add_model(
        store, "wide", {**RECIPE, "width": 16, "parameters": 4000}, transferred_from=tiny, changed={"width": 16}
    )
    second = training(store, "second", wide, mended, lab["digits-test"], accuracy=0.95, init=first, lr=0.001, seed=1)
    deployment(store, "next", second, lab["digits-test"])
    put_result(store, "drift-1", "drift", {"train": "digits-train", "test": "bright-test"})
    return SimpleNamespace(lab=lab, path=lab.path, store=store, digits=digits)

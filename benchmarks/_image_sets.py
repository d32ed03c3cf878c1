"""The image sets of the tables, imported once into a cache lab and embedded there; a stopped run goes on."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import veml_lab as veml
from veml_lab.embeddings import embed
from veml_lab.formats import read, road_world
from veml_lab.lab import Lab
from veml_lab.versions import operations
from veml_lab.versions.data import DataVersion
from veml_lab.versions.parts import train_part

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
NETWORK = "mobilenet_v2"


def cache_lab(folder: Path, data: Path, *, size_px: int = 224) -> Lab:
    """The lab that keeps imports and embeddings, with the network of the tables."""
    lab = veml.open(folder)
    lab.use_embedder(NETWORK, folders=[data], size_px=size_px)
    return lab


def classification_sets(lab: Lab, data: Path) -> dict[str, DataVersion]:
    """The train parts of MNIST, CIFAR-10 and Fashion-MNIST: 60 000, 50 000 and 60 000 images."""
    paths = {"MNIST": "mnist", "CIFAR10": "cifar10/cifar10_jpeg.tar.xz", "Fashion MNIST": "fashion_mnist"}
    return {name: train_part(_imported(lab, path.split("/")[0], data / path)) for name, path in paths.items()}


def _imported(lab: Lab, name: str, path: Path) -> DataVersion:
    if name in lab:
        version = lab.get(name, "data")
        assert isinstance(version, DataVersion)
        return version
    return lab.add(name, read(path))


def part(version: DataVersion, n: int | None, *, seed: int = 0) -> DataVersion:
    """A random part of n samples; a larger one holds every smaller one, so no image is embedded twice."""
    if n is None or n >= len(version):
        return version
    order = np.random.default_rng(seed).permutation(len(version))
    return operations.select(
        version, f"{version.name}-{n}", np.sort(order[:n]), operation="part", details={"seed": seed}
    )


def embed_in_stages(lab: Lab, data: Path, stages: list[int | None]) -> None:
    """Embed growing parts of all three sets: whenever it is stopped, the last stage makes a table."""
    sets = classification_sets(lab, data)
    for n in stages:
        for name, version in sets.items():
            embed(part(version, n), lab.embedder)
            print(f"embedded {n or len(version)} of {name}", flush=True)


def detection_sets(lab: Lab, data: Path) -> dict[str, DataVersion]:
    """KITTI, CARLA, DAWN in fog, the two parts of the COCO folder, and the indoor set."""
    names = {"KITTI": "kitti", "CARLA": "carla", "DAWN fog": "dawn_fog", "COCO": "coco", "indoor": "indoor_map_demo"}
    sets = {n: _imported(lab, path, data / path / f"{path}.tar.xz") for n, path in names.items()}
    coco = sets.pop("COCO")
    uri = np.array(coco.samples["uri"].to_pylist())
    genuine = np.char.find(uri, "images_orig/") >= 0
    sets["COCO A"] = coco.select("coco-a", np.flatnonzero(genuine), operation="part", of="images_orig")
    sets["COCO B"] = coco.select("coco-b", np.flatnonzero(~genuine), operation="part", of="images")
    return {n: sets[n] for n in ("KITTI", "CARLA", "DAWN fog", "COCO A", "COCO B", "indoor")}


def road_sets(lab: Lab, n: int = 240) -> dict[str, DataVersion]:
    """The three conditions of the drawn road world."""
    conditions = ("foggy-highway", "clear-city", "overcast-suburb")  # the paper's D0821, D1018, D0114
    return {
        c: lab.get(c, "data") if c in lab else lab.add(c, road_world(c, n, seed=i)) for i, c in enumerate(conditions, 1)
    }  # type: ignore[misc]

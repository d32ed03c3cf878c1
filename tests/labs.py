"""What tests make their small labs of: paths, tiny recipes, IDX files. (A module of its own: several folders have a
conftest.)"""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT.parent / "shared" / "data"

TINY = {"architecture": "resnet10", "width": 8, "size_px": [16, 16]}  # trains an epoch of 60 images in a moment
TINY_DETECTOR = {"architecture": "fcos", "backbone": "resnet10", "width": 8, "neck_channels": 32, "size_px": [96, 64]}


def write_digits(
    folder: Path, n_train: int = 60, n_test: int = 20, *, classes: int = 3, seed: int = 0, shade: int = 0
) -> Path:
    """IDX files of 16 x 16 pictures: class c is a bright bar at height 3 + 4 c, on noise, ``shade`` brighter."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    for split, n in (("train", n_train), ("t10k", n_test)):
        labels = (np.arange(n) % classes).astype(np.uint8)
        pixels = rng.integers(0, 60, (n, 16, 16)).astype(np.int64) + shade
        for i, c in enumerate(labels):
            pixels[i, 3 + 4 * c : 6 + 4 * c] += 150
        images = pixels.clip(0, 255).astype(np.uint8).tobytes()
        (folder / f"{split}-images-idx3-ubyte.gz").write_bytes(
            gzip.compress(struct.pack(">IIII", 0x803, n, 16, 16) + images, 1)
        )
        (folder / f"{split}-labels-idx1-ubyte.gz").write_bytes(
            gzip.compress(struct.pack(">II", 0x801, n) + labels.tobytes(), 1)
        )
    return folder

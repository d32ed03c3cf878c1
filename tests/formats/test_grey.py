"""Grey of a coloured picture against Pillow, whose rule MNIST's readers expect."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from veml_lab.formats import read_idx, write
from veml_lab.sources.source import Record, Source


@pytest.mark.parametrize("seed", range(3))
def test_colours_become_the_grey_that_pillow_makes_of_them(tmp_path, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)
    if seed == 2:
        pixels[..., 1:] = pixels[..., :1]  # grey already
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    records = [Record(f"{i}.png", out.getvalue(), 8, 8, role, label="a") for i, role in enumerate(("train", "test"))]
    made = Source("made", "made", "classification", ("a",), lambda: iter(records), 2, f"f{seed}")
    write(made, tmp_path / "out", "idx", lossy=True)
    expected = np.asarray(Image.fromarray(pixels).convert("L"))
    for r in read_idx(tmp_path / "out").records():
        np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(r.image)).convert("L")), expected)
